package ui_test

import (
	"context"
	"slices"
	"testing"

	"potli/app/wallet"
)

// outside is a system that gave what it was told to give.
type outside struct {
	installed bool
	badges    []int
	handed    []wallet.Handed
}

func (o *outside) Installed() bool                        { return o.installed }
func (o *outside) Badge(n int)                            { o.badges = append(o.badges, n) }
func (o *outside) Handed(context.Context) []wallet.Handed { return slices.Clone(o.handed) }
func (o *outside) DropHanded(_ context.Context, ids []string) error {
	o.handed = slices.DeleteFunc(o.handed, func(h wallet.Handed) bool { return slices.Contains(ids, h.ID) })
	return nil
}
func (o *outside) DropAllHanded(context.Context) error   { o.handed = nil; return nil }
func (o *outside) Visit(string)                          {}
func (o *outside) OnLaunch(func(string)) (cancel func()) { return func() {} }

func (d *door) SetReady(_ context.Context, _ string, on bool) error {
	if on {
		return d.note("ready")
	}
	return d.note("not ready")
}

// Waiting is one of each kind, if anything waits at all.
func (d *door) Waiting(context.Context) (list []wallet.Waiting, err error) {
	if len(d.snap.Shares) == 0 {
		return nil, nil
	}
	for i, what := range []wallet.WaitKind{wallet.WaitRevoke, wallet.WaitPause, wallet.WaitResume, wallet.WaitExtend, wallet.WaitDrop, wallet.WaitGranted, wallet.WaitRefused, wallet.WaitDelivery, wallet.WaitNarrowed, wallet.WaitEnded} {
		w := wallet.Waiting{What: what, At: now}
		if i < 4 {
			w.Share = d.snap.Shares[0].ID
		}
		list = append(list, w)
	}
	return list, nil
}

// drawWith draws a page in English on a device that was made ready.
func drawWith(t *testing.T, d *door, path string, make func(*device)) *element {
	t.Helper()
	page, _ := drawIn(t, d, "en", path, nil, make)
	return page
}
