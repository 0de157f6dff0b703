//go:build !js

package wallet_test

import (
	"context"
	"testing"

	"potli/app/consent"
	"potli/app/message"
	"potli/app/record"
	"potli/app/wallet"
)

// between is a worker that lets something happen while it works.
type between struct {
	wallet.Worker
	done func(job string)
}

func (w *between) Run(ctx context.Context, job string, in []byte, p func(int, int)) ([]byte, error) {
	out, err := w.Worker.Run(ctx, job, in, p)
	if w.done != nil {
		w.done(job)
	}
	return out, err
}

// TestConsentNarrowedWhileSealed: what is taken out while a delivery is being sealed does
// not go with it.
func TestConsentNarrowedWhileSealed(t *testing.T) {
	b, h := counter(t)
	w := &between{Worker: b.deps.Worker}
	b.deps.Worker = w
	b.lettered(h)
	b.unlock()
	stays, goes := b.importOne(file("b.pdf", pdf("private", 9))), b.importOne(file("a.json", []byte(allergy)))
	d := h.asks(t, nil)
	p, err := b.PrepareGrant(t.Context(), b.takeAsk(d), b.Snapshot().Current, consent.Choice{})
	if err != nil || len(p.Going) != 2 {
		t.Fatalf("%+v, %v", p, err)
	}
	sealed := 0
	w.done = func(job string) {
		if job != "mail" {
			return
		}
		if sealed++; sealed == 2 { // the answer, and now the delivery
			if err := b.NarrowConsent(t.Context(), p.Terms.ID, consent.Choice{Records: []record.ID{goes}}); err != nil {
				t.Errorf("taking %s out: %v", stays, err)
			}
		}
	}
	if _, err := b.GrantAsk(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	var bodies []string
	for _, m := range d.receives() {
		if m.Type == message.Delivery {
			bodies = append(bodies, d.documents(m)...)
		}
	}
	if sealed < 3 || len(bodies) != 1 || bodies[0] != allergy {
		t.Errorf("sealed %d times, %d documents went: %q", sealed, len(bodies), bodies)
	}
}
