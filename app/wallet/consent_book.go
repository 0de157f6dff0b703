package wallet

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"potli/app/consent"
	"potli/app/consent/ledger"
	"potli/app/inbox"
	"potli/app/record"
)

// Consents says how it stands with a person's consents. Errors: ErrNoPerson, ErrLocked.
func (w *Wallet) Consents(ctx context.Context, who record.ProfileID) (*ConsentBook, error) {
	if w.Snapshot().concealed(who) {
		return nil, ErrNoPerson
	}
	b, err := w.logBook(ctx, who)
	if err != nil {
		return nil, err
	}
	out := &ConsentBook{Person: who, Holdings: ledger.Today(b.entries, w.believed()), Findings: slices.Clone(b.findings)}
	if err := w.nameFindings(ctx, out.Findings); err != nil {
		return nil, err
	}
	more, err := w.besides(ctx)
	if err != nil {
		return nil, err
	}
	for _, id := range b.ids() {
		out.All = append(out.All, *w.info(ctx, b, id, more))
	}
	slices.SortStableFunc(out.All, func(x, y ConsentInfo) int { return y.Since.Compare(x.Since) })
	for i := len(b.entries) - 1; i >= 0; i-- {
		if e := &b.entries[i]; e.Consent == "" && (e.Kind == consent.Refused || e.Kind == consent.Ended) {
			out.Missed = append(out.Missed, MissedAsk{Party: e.Party, Asked: e.Asked, At: e.At, Lapsed: e.Kind == consent.Ended})
		}
	}
	return out, nil
}

// Consent says how one consent stands. Errors: ErrNoConsent, ErrLocked.
func (w *Wallet) Consent(ctx context.Context, id string) (*ConsentInfo, error) {
	b, err := w.bookOf(ctx, id)
	if err != nil {
		return nil, err
	}
	more, err := w.besides(ctx)
	if err != nil {
		return nil, err
	}
	return w.info(ctx, b, id, more), nil
}

// bookOf is the book that has a consent. Error: ErrNoConsent.
func (w *Wallet) bookOf(ctx context.Context, id string) (*logBook, error) {
	for _, p := range w.Snapshot().Shown() {
		b, err := w.logBook(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		if b.terms(id) != nil {
			return b, nil
		}
	}
	return nil, ErrNoConsent
}

// ids are the consents of a book, in the order in which they were granted.
func (b *logBook) ids() (list []string) {
	for i := range b.entries {
		if e := &b.entries[i]; e.Terms != nil && e.Consent == e.Terms.ID && !slices.Contains(list, e.Consent) {
			list = append(list, e.Consent)
		}
	}
	return list
}

// beside is what is kept beside the logs.
type beside struct {
	kept     map[string]*keptConsent
	mailings map[string]*mailing
	counter  map[string]string // by receipt
	receipt  map[string]string // by hash
}

func (w *Wallet) besides(ctx context.Context) (m beside, err error) {
	if m.kept, err = w.keptConsents(ctx); err != nil {
		return m, err
	}
	if m.mailings, err = readMailings(ctx, w.docs); err != nil {
		return m, err
	}
	if m.counter, err = w.texts(ctx, docCounter); err != nil {
		return m, err
	}
	m.receipt, err = w.texts(ctx, docReceipt)
	return m, err
}

// texts are documents by what follows a prefix.
func (w *Wallet) texts(ctx context.Context, prefix string) (map[string]string, error) {
	docs, err := w.docs(ctx, prefix)
	list := make(map[string]string, len(docs))
	for name, body := range docs {
		list[strings.TrimPrefix(name, prefix)] = string(body)
	}
	return list, err
}

// info is one consent as it is shown.
func (w *Wallet) info(ctx context.Context, b *logBook, id string, m beside) *ConsentInfo {
	g, st := b.terms(id), b.standing(id, "")
	now := w.believed()
	c := &ConsentInfo{ID: id, Person: b.person, Terms: g, State: st.State, Deliveries: st.Deliveries}
	c.Over = !now.Before(g.Until) || !st.Latest.Before(g.Until) && !st.State.Over()
	for i := range b.entries {
		e := &b.entries[i]
		if e.Consent != id {
			continue
		}
		switch e.Kind {
		case consent.Granted:
			if c.Since.IsZero() {
				c.Since = e.At
			}
		case consent.Delivered:
			c.Delivered = e.At
		case consent.Revoked:
			if c.Ended.IsZero() {
				c.Ended = e.At
			}
		}
		c.receipt(e, m)
	}
	kept := m.kept[id]
	if c.Elsewhere = kept == nil; kept != nil {
		if q, err := kept.ask(); err == nil {
			c.Notice = q.Notice
			if q.Reply.Relay != w.d.RelayOrigin {
				c.Relay = q.Reply.Relay
			}
		}
		if kept.Link {
			c.Link = w.shareOf(ctx, id)
		}
	}
	c.Untold = st.State == consent.WasRevoked && !st.Told
	for _, l := range m.mailings {
		if l.Consent == id {
			c.Unsent++
			c.Untold = c.Untold || l.Kind == mailNarrowed
		}
	}
	w.waits(ctx, c, st)
	return c
}

func (c *ConsentInfo) receipt(e *ledger.Entry, m beside) {
	if e.Receipt == "" {
		return
	}
	r := ReceiptInfo{ID: e.Receipt, State: e.Kind, At: e.At, Documents: len(e.Documents)}
	if counter := m.counter[e.Receipt]; counter != "" {
		if signed, err := consent.CheckCountersigned(m.receipt[e.Receipt], counter); err == nil {
			r.Countersigned = true
			if c.Countersigned.IsZero() || signed.At.Before(c.Countersigned) {
				c.Countersigned = signed.At
			}
		}
	}
	c.Receipts = append(c.Receipts, r)
}

// waits fills in whose yes a consent waits for, and what went wrong with it.
func (w *Wallet) waits(ctx context.Context, c *ConsentInfo, st consent.Standing) {
	w.consents.mu.Lock()
	c.Trouble = w.consents.fault[c.ID]
	held, looked := w.consents.held[c.ID]
	w.consents.mu.Unlock()
	g := c.Terms
	if st.State != consent.Live || c.Over {
		return
	}
	v, err := w.open()
	if err != nil {
		return
	}
	me := v.WalletID()
	another := slices.ContainsFunc(st.Yes, func(by string) bool { return by != g.Person })
	switch {
	case g.Purpose.BreaksGlass() && st.Deliveries == 0:
		c.Waits, c.Mine = WaitsHand, !c.Elsewhere
	case g.Person == "" || looked && held == 0:
	case !slices.Contains(st.Yes, g.Person):
		c.Waits, c.Alone = WaitsPerson, g.Person == string(g.Profile)
		c.Mine = me == g.Person
	case !another:
		c.Waits = WaitsAnother
		c.Mine = me != g.Person && w.mayShow(ctx, c.Person) == nil
	}
}

// Whose yes a consent waits for.
const (
	WaitsPerson  = "person"  // the young person's own, from their own wallet
	WaitsAnother = "another" // of somebody who cares for them
	WaitsHand    = "hand"    // an emergency: somebody has to look at what goes, and say so again
)

// ConsentLog lists what happened, the newest first. Errors: ErrNoPerson, ErrLocked.
func (w *Wallet) ConsentLog(ctx context.Context, who record.ProfileID, q ledger.Query) ([]ledger.Entry, error) {
	if w.Snapshot().concealed(who) {
		return nil, ErrNoPerson
	}
	b, err := w.logBook(ctx, who)
	if err != nil {
		return nil, err
	}
	return ledger.Search(b.entries, q), nil
}

// nameFindings says whose devices they are.
func (w *Wallet) nameFindings(ctx context.Context, list []DeviceFinding) error {
	if len(list) == 0 {
		return nil
	}
	names, err := w.knownNames(ctx)
	if err != nil {
		return err
	}
	devices, err := w.Devices(ctx)
	if err != nil {
		return err
	}
	for i := range list {
		f := &list[i]
		f.Name = names[f.User]
		for _, d := range devices {
			if d.ID == f.Writer {
				f.Name = d.Name
			}
		}
	}
	return nil
}

// publishConsents puts the figures into the snapshot.
func (w *Wallet) publishConsents(ctx context.Context) {
	counts, err := w.countConsents(ctx)
	if err != nil {
		return // tried again with the next change
	}
	c := &w.consents
	c.mu.Lock()
	c.seq++
	counts.Seq = c.seq
	c.mu.Unlock()
	w.publish(func(s *Snapshot) {
		if counts.Asking = 0; s.Inbox != nil {
			for _, it := range s.Inbox.Items {
				if it.Asks && it.State == inbox.Waiting {
					counts.Asking++
				}
			}
		}
		if s.Phase == PhaseOpen {
			s.Consents = counts
		}
	})
}

func (w *Wallet) countConsents(ctx context.Context) (n ConsentCounts, err error) {
	m, err := w.besides(ctx)
	if err != nil {
		return n, err
	}
	for _, l := range m.mailings {
		if !w.Snapshot().concealed(l.Person) {
			n.Unsent++
		}
	}
	for _, p := range w.Snapshot().Shown() {
		b, err := w.logBook(ctx, p.ID)
		if err != nil {
			return n, err
		}
		n.Trouble += len(b.findings)
		for _, id := range b.ids() {
			switch c := w.info(ctx, b, id, m); {
			case c.Untold:
				n.Untold++
			case c.State == consent.Live && !c.Over:
				n.Live++
				if c.Mine {
					n.Waiting++
				}
			}
		}
	}
	return n, nil
}

// readMailings are what is written down and not at the relay yet.
func readMailings(ctx context.Context, read func(context.Context, string) (map[string][]byte, error)) (map[string]*mailing, error) {
	docs, err := read(ctx, docMailing)
	if err != nil {
		return nil, err
	}
	list := map[string]*mailing{}
	for name, body := range docs {
		l := &mailing{}
		if json.Unmarshal(body, l) == nil && docMailing+l.ID == name {
			list[l.ID] = l
		}
	}
	return list, nil
}

// inOrder are letters in the order in which they were written.
func inOrder(mailings map[string]*mailing) []*mailing {
	return slices.SortedFunc(maps.Values(mailings), func(a, b *mailing) int {
		if a.At != b.At {
			return int(a.At - b.At)
		}
		return strings.Compare(a.order(), b.order())
	})
}

// passed says whether a moment is over by the time that is believed.
func (w *Wallet) passed(t time.Time) bool { return !w.believed().Before(t) }
