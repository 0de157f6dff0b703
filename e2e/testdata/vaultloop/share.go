//go:build js

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"potli/app/history"
	"potli/app/relayclient"
	"potli/app/sync"
	"potli/wasm/browser"
)

// meet makes ready what brings the person's history here.
func (l *loop) meet() {
	r := l.vault.Ring()
	l.keeper = history.Open(l.vault, time.Now, nil)
	l.engine = sync.New(sync.Options{
		Mail: relayclient.New(l.start.Relay, browser.Network{}, rand.Reader).Mail(), Store: l.keeper,
		Device: r.Device(), Signer: r.Signer(), Now: time.Now, Rand: rand.Reader,
	})
}

// shared reads the history too, which verifies every entry of it.
func (l *loop) shared(ctx context.Context, r report) (report, error) {
	ring := l.vault.Ring()
	public, err := ring.User().Public(ring.Keys(), time.Now())
	if err != nil {
		return r, err
	}
	if r.Public, err = public.Marshal(); err != nil {
		return r, err
	}
	known, err := l.keeper.Has(ctx, "p")
	if err == nil && known {
		_, err = l.keeper.Entries(ctx, "p", 0)
	}
	return r, err
}

// round sends and receives. A device that was killed and came back is one device,
// and has said nothing twice.
func (l *loop) round(ctx context.Context) (report, error) {
	if err := l.keeper.Tidy(ctx, "p"); err != nil {
		return report{}, err
	}
	st, err := l.engine.Round(ctx, "p")
	if err != nil {
		return report{}, err
	}
	if st.Twin || len(st.Forked) > 0 || st.Damaged > 0 || st.Removed {
		return report{}, fmt.Errorf("the history is not as it was: %+v", st)
	}
	if err := l.keeper.Tidy(ctx, "p"); err != nil {
		return report{}, err
	}
	r, err := l.held(ctx)
	if err == nil && r.Faults > 0 {
		err = errors.New("a record that came is damaged")
	}
	return r, err
}
