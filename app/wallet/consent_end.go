package wallet

import (
	"context"
	"errors"
	"slices"
	"strings"

	"potli/app/consent"
	"potli/app/consent/ledger"
	"potli/app/record"
	"potli/app/share"
	"potli/crypto/keyring"
)

// AgreeConsent is the second yes: of the young person themselves, from their own
// wallet, or of somebody who cares for them. For an emergency it is the look at what
// goes, each time. Errors: ErrNoConsent, ErrConsentOver, ErrAgreed, ErrMayNot …
func (w *Wallet) AgreeConsent(ctx context.Context, id string) error {
	b, err := w.bookOf(ctx, id)
	if err != nil {
		return err
	}
	g, v, err := w.running(b, id)
	if err != nil {
		return err
	}
	if g.Purpose.BreaksGlass() && b.standing(id, "").Deliveries == 0 {
		if err := w.mayShow(ctx, b.person); err != nil {
			return err
		}
		w.workConsents(ctx, id)
		return nil
	}
	if g.Person != v {
		if err := w.mayShow(ctx, b.person); err != nil {
			return err
		}
	}
	err = w.write(ctx, b.person, func(b *logBook, r *keyring.Ring) (page, error) {
		st := b.standing(id, "")
		switch {
		case st.State != consent.Live:
			return page{}, ErrConsentOver
		case g.Person == "", slices.Contains(st.Yes, r.Wallet()):
			return page{}, ErrAgreed
		}
		return w.changePage(r, b, consent.Granted, g)
	})
	if err != nil {
		return err
	}
	w.workConsents(ctx, id)
	return nil
}

// running are the newest terms of a consent that has not ended, and who asks.
func (w *Wallet) running(b *logBook, id string) (*consent.Grant, string, error) {
	v, err := w.open()
	if err != nil {
		return nil, "", err
	}
	g := b.terms(id)
	if b.standing(id, "").State != consent.Live || w.passed(g.Until) {
		return nil, "", ErrConsentOver
	}
	return g, v.WalletID(), nil
}

// changePage is a change of a consent by this user, with its receipt.
func (w *Wallet) changePage(r *keyring.Ring, b *logBook, kind consent.EventKind, g *consent.Grant) (page, error) {
	now := w.believed().UTC()
	jws, err := w.signReceipt(r, consent.Receipt{State: kind, Issued: now, Terms: *g, Previous: b.latest(g.ID)})
	if err != nil {
		return page{}, err
	}
	e := entryFor(kind, g, r.Wallet(), now)
	e.Receipt = consent.Hash([]byte(jws))
	return page{entries: []ledger.Entry{e}, docs: map[string][]byte{docReceipt + e.Receipt: []byte(jws)}}, nil
}

// NarrowConsent leaves less of a consent; what was given stays given. A link cannot be
// narrowed: it is taken back, and another made. Errors: ErrNoConsent, ErrConsentOver,
// *consent.Fault, ErrMayNot …
func (w *Wallet) NarrowConsent(ctx context.Context, id string, c consent.Choice) error {
	b, err := w.bookOf(ctx, id)
	if err != nil {
		return err
	}
	if err := w.mayShow(ctx, b.person); err != nil {
		return err
	}
	k, err := w.keptConsent(ctx, id)
	if err != nil && !errors.Is(err, ErrNoConsent) {
		return err
	}
	if k != nil && k.Link {
		return ErrConsentOver
	}
	err = w.write(ctx, b.person, func(b *logBook, r *keyring.Ring) (page, error) {
		g, _, err := w.running(b, id)
		if err != nil {
			return page{}, err
		}
		next, err := g.Narrow(c)
		if err != nil {
			return page{}, err
		}
		p, err := w.changePage(r, b, consent.Narrowed, next)
		if err != nil || k == nil {
			return p, err
		}
		q, err := k.ask()
		if err != nil || q.Reply.IsZero() {
			return p, err
		}
		m := newMailing(mailNarrowed, id, q, g.Profile, p.entries[0].Receipt, nil, w.believed())
		m.Consent = id
		name, body, err := m.doc()
		p.docs[name] = body
		return p, err
	})
	if err != nil {
		return err
	}
	w.workConsents(ctx, "")
	return nil
}

// RevokeConsent ends a consent here and now: from when it returns nil nothing goes any
// more, on this device or on any other that hears of it. The receiver is told as soon
// as the relay can be reached, by a device of whoever granted it. Errors: ErrNoConsent,
// ErrConsentOver.
func (w *Wallet) RevokeConsent(ctx context.Context, id string) error {
	if err := w.revokeOne(ctx, id); err != nil {
		return err
	}
	w.workConsents(ctx, "")
	return nil
}

func (w *Wallet) revokeOne(ctx context.Context, id string) error {
	b, err := w.bookOf(ctx, id)
	if err != nil {
		return err
	}
	k, err := w.keptConsent(ctx, id)
	if err != nil && !errors.Is(err, ErrNoConsent) {
		return err
	}
	return w.write(ctx, b.person, func(b *logBook, r *keyring.Ring) (page, error) {
		if b.standing(id, "").State.Over() {
			return page{}, ErrConsentOver
		}
		g := b.terms(id)
		p := page{entries: []ledger.Entry{entryFor(consent.Revoked, g, r.Wallet(), w.believed())}, docs: map[string][]byte{}}
		q := &consent.Request{ID: g.Request}
		if k != nil {
			if q, err = k.ask(); err != nil {
				q = &consent.Request{ID: g.Request} // of a later release: ended all the same
			}
		}
		return w.endPage(r, b, q, g, p)
	})
}

// RevokeParty ends all that a provider may still be given, of everybody who is shown.
// All of it is written down before the first is told. Error: ErrNoConsent, where there
// was nothing.
func (w *Wallet) RevokeParty(ctx context.Context, party consent.Party) error {
	var ids []string
	for _, p := range w.Snapshot().Shown() {
		b, err := w.logBook(ctx, p.ID)
		if err != nil {
			return err
		}
		for _, g := range ledger.RevokeAll(b.entries, party, w.believed()) {
			ids = append(ids, g.ID)
		}
	}
	if len(ids) == 0 {
		return ErrNoConsent
	}
	var errs []error
	for _, id := range ids {
		if err := w.revokeOne(ctx, id); err != nil && !errors.Is(err, ErrConsentOver) {
			errs = append(errs, err)
		}
	}
	w.workConsents(ctx, "")
	return errors.Join(errs...)
}

// deliverLink makes the link that carries what was granted to somebody without a
// mailbox. Nobody has it before it is shown, so that it may exist before the log says
// that it was given.
func (w *Wallet) deliverLink(ctx context.Context, k *keptConsent, q *consent.Request, b *logBook, g *consent.Grant) error {
	going, held, err := w.going(ctx, b, g, true, true)
	if err != nil || len(going) == 0 || held > 0 {
		return err
	}
	person, _ := w.Snapshot().person(k.Person)
	p := &Preview{Person: person, Options: share.SendLink()}
	p.Options.For = q.From.Name
	p.Options.Life = min(max(g.Until.Sub(w.believed()), share.MinLife), share.MaxLife)
	var only []record.ID
	for _, d := range going {
		only = append(only, d.row.ID)
	}
	if err := w.readSources(ctx, p, only, func(int, int) {}); err != nil {
		return err
	}
	if p.Items, err = w.choose(ctx, p, true); err != nil {
		return err
	}
	p.Chosen = slices.Repeat([]bool{true}, len(p.Items))
	if len(p.Items) == 0 {
		return nil
	}
	id, err := w.Share(ctx, p)
	if err != nil {
		return err
	}
	if err := w.noteLink(ctx, q, g, going, id); err != nil {
		return errors.Join(err, w.Revoke(context.WithoutCancel(ctx), id))
	}
	return nil
}

// noteLink writes down what a link gives, if it still may.
func (w *Wallet) noteLink(ctx context.Context, q *consent.Request, g *consent.Grant, going []described, link string) error {
	now := w.believed().UTC()
	return w.write(ctx, g.Profile, func(b *logBook, r *keyring.Ring) (page, error) {
		e := entryFor(consent.Delivered, g, r.Wallet(), now)
		for _, d := range going {
			if ok, _ := consent.Yields(g, b.events(), d.Record, consent.Occasion{Now: now, ByHand: true}); !ok {
				return page{}, ErrConsentOver
			}
			e.Records, e.Documents = append(e.Records, d.row.ID), append(e.Documents, d.given())
		}
		jws, err := w.signReceipt(r, consent.Receipt{State: consent.Delivered, Issued: now, Terms: *g, Notice: q.Notice, Documents: e.Documents,
			Previous: b.latest(g.ID), Link: consent.Hash([]byte(link))})
		if err != nil {
			return page{}, err
		}
		e.Receipt = consent.Hash([]byte(jws))
		return page{entries: []ledger.Entry{e}, docs: map[string][]byte{docReceipt + e.Receipt: []byte(jws)}}, nil
	})
}

// shareOf is the link that carries a consent, "" while there is none: the receipt of
// what was given names it by its hash.
func (w *Wallet) shareOf(ctx context.Context, id string) string {
	v, err := w.open()
	if err != nil {
		return ""
	}
	b, err := w.bookOf(ctx, id)
	if err != nil {
		return ""
	}
	for _, e := range b.of(id) {
		if e.Kind != consent.Delivered || e.Receipt == "" {
			continue
		}
		jws, err := v.Doc(ctx, docReceipt+e.Receipt)
		if err != nil {
			continue
		}
		r, err := consent.Verify(strings.TrimSpace(string(jws)))
		if err != nil {
			continue
		}
		for _, s := range w.ledger() {
			if consent.Hash([]byte(s.ID)) == r.Link {
				return s.ID
			}
		}
	}
	return ""
}
