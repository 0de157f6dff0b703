package wallet

import (
	"context"
	"errors"
	"slices"
	"time"

	"potli/app/consent"
	"potli/app/consent/ledger"
	"potli/app/share"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// That a receiver opened what was given is known in two ways: it confirms a delivery by
// its own signature, or the relay tells that a link was opened. Both stand in the log.

// confirmed keeps a receiver's signature under a receipt. The first under one of a
// delivery says that this was opened, at the time at which it is heard: when is the
// receiver's claim.
func (w *Wallet) confirmed(ctx context.Context, known *logBook, of ledger.Entry, counter string) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	if _, err := v.Doc(ctx, docCounter+of.Receipt); !errors.Is(err, vault.ErrNotFound) {
		return err
	}
	g := known.terms(of.Consent)
	return w.write(ctx, known.person, func(*logBook, *keyring.Ring) (page, error) {
		p := page{docs: map[string][]byte{docCounter + of.Receipt: []byte(counter)}}
		if of.Kind == consent.Delivered {
			p.entries = append(p.entries, entryFor(consent.Opened, g, "", w.believed()))
		}
		return p, nil
	})
}

// opens is how often the log says that something of a consent was opened.
func (b *logBook) opens(id string) (n int) {
	for i := range b.entries {
		if e := &b.entries[i]; e.Kind == consent.Opened && e.Consent == id {
			n++
		}
	}
	return n
}

// noteOpens writes down what the relay told of links that carry a consent.
func (w *Wallet) noteOpens(ctx context.Context, _ *vault.Vault, _ string) (busy bool, err error) {
	if !slices.ContainsFunc(w.ledger(), func(s share.Share) bool { return len(s.Opens) > 0 }) {
		return false, nil
	}
	kept, err := w.keptConsents(ctx)
	if err != nil {
		return true, err
	}
	for id, k := range kept {
		if !k.Link {
			continue
		}
		if err := w.noteOpensOf(ctx, id); err != nil {
			busy = true
		}
	}
	return busy, nil
}

func (w *Wallet) noteOpensOf(ctx context.Context, id string) error {
	s, err := w.share(w.shareOf(ctx, id))
	if err != nil {
		return nil // it is forgotten, or another device's
	}
	known, err := w.bookOf(ctx, id)
	if err != nil || len(newOpens(known, id, s)) == 0 {
		return err
	}
	g := known.terms(id)
	return w.write(ctx, known.person, func(b *logBook, _ *keyring.Ring) (page, error) {
		var p page
		for _, o := range newOpens(b, id, s) {
			e := entryFor(consent.Opened, g, "", earlier(o.Time, w.believed()))
			e.Note = o.Recipient
			p.entries = append(p.entries, e)
		}
		return p, nil
	})
}

// newOpens are the openings of a link that are not in the log.
func newOpens(b *logBook, id string, s share.Share) []share.Open {
	list := slices.DeleteFunc(slices.Clone(s.Opens), func(o share.Open) bool { return o.Outcome != "opened" })
	return list[min(b.opens(id), len(list)):]
}

// earlier is a time by the relay's clock that is not ahead of what is believed here.
func earlier(a, b time.Time) time.Time {
	if a.After(b) {
		return b
	}
	return a
}
