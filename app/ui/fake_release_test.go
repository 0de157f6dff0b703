package ui_test

import (
	"context"
	"errors"
	"strings"
	"time"

	"potli/app/wallet"
)

// releaser is the program as the fake device keeps it.
type releaser struct {
	held    wallet.Releases
	none    bool // the browser keeps nothing
	offers  string
	typed   bool
	reloads int
	alarm   func(was string)
}

func newReleaser() releaser {
	return releaser{held: wallet.Releases{
		Running:  wallet.Release{Version: "0123456789abcdef", Seq: 1763860000, Hash: strings.Repeat("0a1b2c3d", 8), Installed: time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)},
		Next:     wallet.Release{Version: "0123456789abcdef"},
		Previous: &wallet.Release{Version: "fedcba9876543210", Seq: 1763000000, Hash: strings.Repeat("9f8e7d6c", 8)},
		Worker:   strings.Repeat("00112233", 8),
	}}
}

func (d *releaser) Releases(context.Context) (wallet.Releases, error) {
	if d.none {
		return wallet.Releases{}, errors.New("no worker")
	}
	return d.held, nil
}

func (d *releaser) CheckRelease(context.Context) (bool, error) {
	switch d.offers {
	case "newer":
		d.held.Next.Version = "newer"
		return true, nil
	case "unsigned":
		return false, errors.New("not signed")
	}
	return false, nil
}

func (d *releaser) BackRelease(context.Context) error {
	d.held.Running, *d.held.Previous = *d.held.Previous, d.held.Running
	return nil
}

func (d *releaser) Unsaved() bool                          { return d.typed }
func (d *releaser) Reload()                                { d.reloads++ }
func (d *releaser) OnAlarm(f func(string)) (cancel func()) { d.alarm = f; return func() {} }

func (d *door) LockStill() { _ = d.note("lock still") }
