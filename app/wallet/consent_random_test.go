//go:build !js

package wallet_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/consent"
	"potli/app/message"
	"potli/app/relayclient"
)

// TestConsentRandom lives many short lives of a consent: records are added, terms
// narrowed, ended, run out, the network goes and comes, answers are lost, the program
// ends and begins. Whatever arrives was allowed at that moment by a model that knows
// nothing of logs: by all terms ever agreed, before their end, after no end.
func TestConsentRandom(t *testing.T) {
	lives := 6
	if raced {
		lives = 1
	}
	b, h := counter(t)
	n, kinds := 0, map[string]consent.Kind{}
	for life := range lives {
		r := rand.New(rand.NewPCG(7, uint64(life)))
		m := &model{bench: b, h: h, r: r, n: &n, kind: kinds}
		m.begin()
		for range 12 {
			m.step()
		}
		m.end()
	}
}

// model is what should be, said in the plainest way.
type model struct {
	*bench
	h     *cable
	r     *rand.Rand
	n     *int
	kind  map[string]consent.Kind // of all bodies that were ever added
	there []string                // those that were there when it was granted
	d     *desk
	id    string
	until time.Time
	kinds []consent.Kind
	over  bool
	had   []string // bodies that arrived
	log   []string
}

var kindBodies = map[consent.Kind]string{"allergy": allergy, "condition": hiv}

func (m *model) begin() {
	m.add()
	m.until = m.h.clock.now().Add(6 * time.Hour)
	m.d = m.h.asks(m.t, func(q *consent.Request) {
		q.Until, q.Kinds = m.until, []consent.Kind{"allergy", "condition"}
		if m.r.IntN(3) == 0 {
			q.Repeat = consent.Once
		}
	})
	m.kinds, m.there = m.d.q.Kinds, slices.Collect(maps.Keys(m.kind))
	m.id, _ = m.grant(m.takeAsk(m.d), consent.Choice{})
	m.arrived()
}

// add brings a record of a random kind, unlike any other.
func (m *model) add() {
	*m.n++
	kind := []consent.Kind{"allergy", "condition"}[m.r.IntN(2)]
	body := strings.Replace(kindBodies[kind], `"id":"`, fmt.Sprintf(`"id":"n%d`, *m.n), 1)
	m.importOne(file("r.json", []byte(body)))
	m.kind[body] = kind
}

func (m *model) step() {
	ctx := m.t.Context()
	what := m.r.IntN(9)
	m.log = append(m.log, fmt.Sprint(what))
	switch what {
	case 0, 1:
		m.add()
	case 2:
		by := time.Duration(m.r.IntN(120)) * time.Minute
		m.clock.add(by)
		m.h.clock.add(by)
	case 3:
		m.h.away(m.r.IntN(2) == 0)
	case 4:
		if m.NarrowConsent(ctx, m.id, consent.Choice{Kinds: []consent.Kind{"allergy"}}) == nil {
			m.kinds = []consent.Kind{"allergy"}
		}
	case 5:
		if m.r.IntN(3) == 0 && m.RevokeConsent(ctx, m.id) == nil {
			m.over = true
		}
	case 6:
		m.h.mu.Lock()
		if m.h.lose = nil; m.r.IntN(2) == 0 {
			m.h.lose = func(q relayclient.Request) bool { return q.Method == "POST" }
		}
		m.h.mu.Unlock()
	case 7:
		m.Wallet.Lock()
		m.restart()
		m.unlock()
	}
	m.works()
	m.arrived()
}

// arrived holds what came to the desk since the last time against the model.
func (m *model) arrived() {
	m.t.Helper()
	for _, letter := range m.d.receives() {
		switch letter.Type {
		case message.Delivery:
			if m.over || !m.clock.now().Before(m.until) {
				m.t.Errorf("after the end: %v", m.log)
			}
			for _, body := range m.d.documents(letter) {
				if !slices.Contains(m.kinds, m.kind[body]) {
					m.t.Errorf("%s, which was not granted: %v", m.kind[body], m.log)
				}
				if slices.Contains(m.had, body) {
					m.t.Errorf("twice: %v", m.log)
				}
				if m.d.q.Repeat == consent.Once && !slices.Contains(m.there, body) {
					m.t.Errorf("once, and another: %v", m.log)
				}
				m.had = append(m.had, body)
			}
		case message.Revoked:
			if !m.over {
				m.t.Errorf("told of an end that was none: %v", m.log)
			}
		}
	}
}

// end brings the network back: all that may go has come, and after the end nothing does.
func (m *model) end() {
	m.t.Helper()
	m.h.away(false)
	m.h.mu.Lock()
	m.h.lose = nil
	m.h.mu.Unlock()
	m.Offline(false)
	m.works()
	m.works()
	m.arrived()
	if !m.over && m.clock.now().Before(m.until) && m.d.q.Repeat == consent.Follow {
		for body := range m.kind {
			if slices.Contains(m.kinds, m.kind[body]) && !slices.Contains(m.had, body) {
				m.t.Errorf("%s did not come: %v, %+v", m.kind[body], m.log, m.consent(m.id))
			}
		}
	}
	if c := m.consent(m.id); c.Unsent != 0 || c.Untold {
		m.t.Errorf("something is left: %v, %+v", m.log, c)
	}
	if !m.over {
		if err := m.RevokeConsent(m.t.Context(), m.id); err != nil {
			m.t.Errorf("%v: %v", err, m.log)
		}
		m.over = true
	}
	m.add()
	m.works()
	m.arrived()
}
