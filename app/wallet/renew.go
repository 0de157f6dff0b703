package wallet

import (
	"context"
	"slices"

	"potli/app/share"
)

// Renew makes a new link like one that has ended: the same things, as far as
// they are still kept, and the same terms, under a new address and key. The
// ended link stays ended. Returns the id of the new ledger entry.
// Errors: ErrNoShare, ErrNothing, and those of Share.
func (w *Wallet) Renew(ctx context.Context, id string) (string, error) {
	s, err := w.share(id)
	if err != nil {
		return "", err
	}
	who, ok := w.Snapshot().person(s.Profile)
	if !ok {
		return "", ErrNoPerson
	}
	if err := w.mayShow(ctx, s.Profile); err != nil {
		return "", err
	}
	progress, end := w.work(JobPrepare, "", false)
	p := &Preview{Person: who, Options: termsOf(s)}
	err = w.readSources(ctx, p, nil, progress)
	if err == nil {
		p.Items, err = w.choose(ctx, p, false)
	}
	end()
	if err != nil {
		return "", err
	}
	p.Chosen = make([]bool, len(p.Items))
	for i, it := range p.Items {
		p.Chosen[i] = slices.ContainsFunc(s.Items, func(o share.Item) bool {
			return o.Record == it.Record && o.Entry == it.Entry
		})
	}
	return w.Share(ctx, p)
}

// termsOf are the options a share was made with; its life starts again as the
// preset has it.
func termsOf(s share.Share) share.Options {
	o := share.SendLink()
	if s.Preset == share.PresetCounter {
		o = share.Counter()
	}
	o.Shape, o.Label, o.For, o.Uses = s.Shape, s.Label, s.For, s.Uses
	o.Passcode, o.Follow = s.Passcode != "", s.Follow
	return o
}
