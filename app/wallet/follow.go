package wallet

import (
	"context"
	"slices"
	"time"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
)

// follow composes the links with "follow new records" again, with what is new.
// What the person had taken out stays out, and nothing of a sensitive group is
// added without having been seen in a preview.
func (w *Wallet) follow(ctx context.Context) {
	for _, s := range w.links() {
		if s.Follow && s.State(w.d.Now()) == share.StateLive {
			_ = w.followOne(ctx, s.ID) // tried again at the next import; the link keeps its old content
		}
	}
}

func (w *Wallet) followOne(ctx context.Context, id string) error {
	s, err := w.share(id)
	if err != nil {
		return err
	}
	snap := w.Snapshot()
	who, ok := snap.person(s.Profile)
	if !ok {
		return ErrNoPerson
	}
	if err := w.mayShow(ctx, who.ID); err != nil {
		return err
	}
	p := &Preview{Person: who, Options: share.Options{Shape: s.Shape}}
	if err := w.readSources(ctx, p, nil, func(int, int) {}); err != nil {
		return err
	}
	items, err := w.choose(ctx, p, false)
	if err != nil {
		return err
	}
	chosen, news := followed(s, items, p.metas)
	if !news {
		return nil
	}
	return w.change(ctx, id, func(s *share.Share) (share.Status, error) {
		made, err := w.compose(ctx, p, chosen, s)
		if err != nil {
			return share.Status{}, err
		}
		status, err := w.d.Relay.Replace(ctx, s.Ref, made.Upload.Type, made.Upload.JWE)
		if err == nil {
			s.Items = chosen
		}
		return status, err
	})
}

// followed picks what a following link holds now: what it held, and what came
// in since it was made, is suggested, is in no sensitive group and is not what
// the person had taken out, told again by a newer document.
func followed(s share.Share, items []share.Item, metas []record.Meta) (chosen []share.Item, news bool) {
	added := map[record.ID]time.Time{}
	for _, m := range metas {
		added[m.ID] = m.Added
	}
	held := func(it share.Item) bool {
		return slices.ContainsFunc(s.Items, func(o share.Item) bool { return o.Record == it.Record && o.Entry == it.Entry })
	}
	left := func(it share.Item) bool {
		return slices.ContainsFunc(s.Left, func(o share.Item) bool { return share.SameFact(o, it) })
	}
	for _, it := range items {
		switch {
		case held(it):
			chosen = append(chosen, it)
		case left(it):
		case it.Suggested && len(it.Sensitive) == 0 && it.Kind != fhir.KindPatient && added[it.Record].After(s.Created):
			chosen, news = append(chosen, it), true
		}
	}
	return chosen, news
}
