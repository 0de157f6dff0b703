package storetest

import (
	"slices"

	"potli/relay"
	"potli/relay/wire"
)

// model is a store as one would write it without a database: a map, and nothing
// at the same time. What it says is what every store must say.
type model struct {
	now   int64
	links map[string]*modelLink
}

type modelLink struct {
	relay.Link // File is "x" while there is one
	content    string
	by         string // the last reader charged
	at         int64  // and when
	sealed     map[int]string
}

const (
	window  = int64(wire.DebounceWindow / 1e9)
	tickets = int64(wire.TicketLife/1e9) + window // after a last use
	keeping = int64(wire.ReceiptKeep / 1e9)
)

func newModel() *model { return &model{now: T0, links: map[string]*modelLink{}} }

func (m *model) create(l relay.Link, content string) bool {
	if m.links[l.ID] != nil {
		return false
	}
	l.File, l.Size, l.Updated, l.Receipts = "x", int64(len(content)), m.now, 0
	m.links[l.ID] = &modelLink{Link: l, content: content, sealed: map[int]string{}}
	return true
}

func (m *model) owned(id, token string) *modelLink {
	if l := m.links[id]; l != nil && l.Token == token {
		return l
	}
	return nil
}

func (m *model) again(l *modelLink, by string) bool { return l.by == by && l.at > m.now-window }

// live returns the link when r is served.
func (m *model) live(r relay.Reader) *modelLink {
	l := m.links[r.ID]
	if l == nil || l.Expires <= m.now || l.Paused || l.AttemptsLeft <= 0 || l.File == "" {
		return nil
	}
	if !r.Ticket && l.UsesLeft <= 0 && !m.again(l, r.By) {
		return nil
	}
	return l
}

func (m *model) charge(r relay.Reader, mac string) (relay.Charged, bool) {
	l := m.live(relay.Reader{ID: r.ID, By: r.By})
	if l == nil {
		return relay.Charged{}, false
	}
	c := relay.Charged{Open: mac == l.PassMAC}
	again := m.again(l, r.By)
	if !c.Open || !again {
		l.Receipts++
		c.Receipt = l.Receipts
	}
	switch {
	case !c.Open:
		l.AttemptsLeft--
	case !again:
		l.UsesLeft--
		l.at = m.now
	}
	if c.Open {
		l.by = r.By
	}
	c.AttemptsLeft, c.UsesLeft = l.AttemptsLeft, l.UsesLeft
	return c, true
}

// claim returns the link that c may change; lasting asks that it has not ended.
func (m *model) claim(c relay.Claim, lasting bool) *modelLink {
	l := m.owned(c.ID, c.Token)
	if l == nil || l.Sequence >= c.Sequence {
		return nil
	}
	if lasting && (l.Expires <= m.now || l.AttemptsLeft <= 0 || l.UsesLeft < 0) {
		return nil
	}
	l.Sequence = c.Sequence
	return l
}

func (m *model) change(c relay.Claim, to relay.Terms) *modelLink {
	l := m.claim(c, true)
	if l == nil {
		return nil
	}
	if to.Paused != nil {
		l.Paused = *to.Paused
	}
	if to.Expires != nil {
		l.Expires, l.Keep = *to.Expires, *to.Expires+keeping
	}
	if to.AddUses > 0 {
		l.UsesLeft = min(l.UsesLeft+to.AddUses, wire.MaxUses)
	}
	return l
}

func (m *model) replace(c relay.Claim, contentType, content string) *modelLink {
	l := m.claim(c, true)
	if l != nil {
		l.content, l.Size, l.ContentType, l.Updated = content, int64(len(content)), contentType, m.now
	}
	return l
}

func (m *model) revoke(c relay.Claim, keep int64) bool {
	l := m.claim(c, false)
	if l == nil {
		return false
	}
	l.Expires, l.Keep = 0, min(l.Keep, keep)
	l.forget()
	return true
}

// forget leaves of a link what its owner needs to read the receipts.
func (l *modelLink) forget() {
	l.File, l.content, l.Size, l.ContentType, l.ReceiptKey, l.Salt, l.PassMAC, l.by = "", "", 0, "", nil, nil, "", ""
	if l.Receipts == 0 {
		l.Keep = 0
	}
}

func (m *model) purge() {
	for id, l := range m.links {
		if l.File != "" && l.UsesLeft == 0 && l.at <= m.now-tickets {
			l.UsesLeft = -1
		}
		if l.File != "" && (l.Expires <= m.now || l.AttemptsLeft <= 0 || l.UsesLeft < 0) {
			l.forget()
		}
		if l.File == "" && l.Keep <= m.now {
			delete(m.links, id)
		}
	}
}

func (m *model) count() (t relay.Totals) {
	for _, l := range m.links {
		switch {
		case l.File != "" && l.Expires > m.now:
			t.Links++
			t.Bytes += l.Size
		case l.File != "" && l.Expires > 0:
			t.OldestExpired = max(t.OldestExpired, m.now-l.Expires)
		}
	}
	return t
}

func (l *modelLink) receipts(after int) (list []relay.Receipt) {
	for n, sealed := range l.sealed {
		if n > after {
			list = append(list, relay.Receipt{N: n, Sealed: []byte(sealed)})
		}
	}
	slices.SortFunc(list, func(a, b relay.Receipt) int { return a.N - b.N })
	return list
}
