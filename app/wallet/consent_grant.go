package wallet

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"slices"
	"time"

	"potli/app/consent"
	"potli/app/family"
	"potli/app/inbox"
	"potli/app/record"
	"potli/crypto/keyring"
)

// adolescence is the age from which a young person's own yes is asked for besides that
// of whoever cares for them, where a record is sensitive: from twelve on Indian law
// lets them agree themselves to what is done for their own good (Bharatiya Nyaya
// Sanhita 2023, section 27, as section 89 of the Penal Code before it).
const adolescence = 12

// PrepareGrant says exactly what would be given to whoever asks, now, if the person
// says yes to that choice. Errors: ErrNoAsk, ErrAnswered, *consent.Fault, ErrNoPerson,
// and those of showing records to others (ErrOfAge, ErrReader).
func (w *Wallet) PrepareGrant(ctx context.Context, item string, who record.ProfileID, c consent.Choice) (*GrantPreview, error) {
	k, q, err := w.askItem(ctx, item)
	if err != nil {
		return nil, err
	}
	if k.State(w.inboxTime()) == inbox.Accepted {
		return nil, ErrAnswered
	}
	if w.Snapshot().concealed(who) {
		return nil, ErrNoPerson
	}
	if err := w.mayShow(ctx, who); err != nil {
		return nil, err
	}
	id, err := consent.NewID(rand.Reader)
	if err != nil {
		return nil, err
	}
	return w.preview(ctx, &GrantPreview{Item: item, Request: q, choice: c}, who, id)
}

// preview fills in what would go and what stays.
func (w *Wallet) preview(ctx context.Context, p *GrantPreview, who record.ProfileID, id string) (*GrantPreview, error) {
	progress, end := w.work(JobPrepare, "", false)
	defer end()
	p.Person = who
	person, _ := w.Snapshot().person(who)
	all, err := w.describeAll(ctx, who, func(record.ID) bool { return true }, progress)
	if err != nil {
		return nil, err
	}
	second, alone, err := w.secondYes(ctx, person)
	if err != nil {
		return nil, err
	}
	if p.ByLink = p.Request.Reply.IsZero() || w.d.Letters == nil; p.ByLink {
		p.choice.Repeat = consent.Once // a link shows what was there when it was made
	}
	if p.Terms, err = p.Request.Allow(id, who, p.choice, second, w.believed()); err != nil {
		return nil, err
	}
	p.sort(all, w.believed())
	if !p.Two && p.Terms.Repeat != consent.Follow {
		p.Terms.Person = "" // nothing that goes is sensitive, and nothing follows
	}
	p.Alone = p.Two && alone
	if p.Terms.Repeat != consent.Follow && p.Terms.Records == nil {
		err = p.only()
	}
	return p, err
}

// sort says of each record whether it goes.
func (p *GrantPreview) sort(all []described, now time.Time) {
	if now.Before(p.Terms.Begin) {
		now = p.Terms.Begin
	}
	// The yes that the person is about to say, and nobody else's.
	yes := []consent.Event{{Kind: consent.Granted, Consent: p.Terms.ID, Asked: p.Terms.Asked, At: now, By: "\x00somebody", Terms: p.Terms}}
	for _, d := range all {
		_, why := consent.Yields(p.Terms, yes, d.Record, consent.Occasion{Now: now, ByHand: true})
		switch {
		case d.Unread:
			why = StaysUnread
		case why == "":
			why = d.fits(p.ByLink)
		}
		switch {
		case why == "" && len(p.Going) == consent.MaxRecords:
			p.Staying = append(p.Staying, Staying{d.row, StaysTooMany})
		case why == "":
			p.Going, p.Bytes = append(p.Going, d.row), p.Bytes+d.row.Bytes
		default:
			p.Two = p.Two || why == consent.NeedsTwo
			p.Staying = append(p.Staying, Staying{d.row, why})
		}
	}
}

// only narrows the terms to what is there now, which is what once means: what comes
// tomorrow, before the network is back, was not shown.
func (p *GrantPreview) only() (err error) {
	ids := make([]record.ID, 0, len(p.Going))
	for _, r := range p.Going {
		ids = append(ids, r.ID)
	}
	for _, s := range p.Staying {
		if s.Why == consent.NeedsTwo && len(ids) < consent.MaxRecords {
			ids = append(ids, s.ID)
		}
	}
	if len(ids) > 0 {
		p.Terms, err = p.Terms.Narrow(consent.Choice{Records: ids})
	}
	return err
}

// secondYes is who has to say yes too before anything sensitive goes: the young person
// themselves. Where they have no wallet of their own that cares for these records, it
// is somebody who does not exist: one who has the telephone in their hand can press
// two buttons, so that nothing sensitive goes until they have.
func (w *Wallet) secondYes(ctx context.Context, p Person) (second string, alone bool, err error) {
	now := w.believed()
	y, m, d, ok := family.ComesOfAge(p.BirthDate, adolescence)
	if !ok || now.Before(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)) {
		return "", false, nil
	}
	y, m, d, _ = family.ComesOfAge(p.BirthDate, lawOf(p).Age)
	if !now.Before(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)) {
		return "", false, nil
	}
	st, err := w.history(ctx, p.ID)
	if err != nil {
		return "", false, err
	}
	switch {
	case st == nil && !w.Snapshot().Acting(p.ID), st != nil && (st.Handover.Transferred || !st.Majority.Known()):
		return "", false, nil // it is theirs alone
	}
	if st != nil {
		subject := cmp.Or(subjectOf(st), st.Fields[fieldThemselves])
		if m, ok := st.Member(subject); ok && m.Role >= family.Reader {
			return subject, false, nil
		}
	}
	return string(p.ID), true, nil
}

// GrantAsk says yes to exactly what was shown. It is written down before anything is
// sent; without the network it goes later (Snapshot.Consents.Unsent). Errors:
// ErrChanged, where other records would go than were shown; ErrNothing, where none
// would now nor later, and ErrHeavy where that is for their size; and those of
// PrepareGrant.
func (w *Wallet) GrantAsk(ctx context.Context, p *GrantPreview) (consentID string, err error) {
	again, err := w.PrepareGrant(ctx, p.Item, p.Person, p.choice)
	if err != nil {
		return "", err
	}
	if !slices.Equal(rowIDs(again.Going), rowIDs(p.Going)) {
		return "", ErrChanged
	}
	if len(p.Going) == 0 && !p.Two && p.Terms.Repeat != consent.Follow {
		if slices.ContainsFunc(p.Staying, func(s Staying) bool { return s.Why == StaysTooBig }) {
			return "", ErrHeavy
		}
		return "", ErrNothing
	}
	k, _, err := w.askItem(ctx, p.Item)
	if err != nil {
		return "", err
	}
	if err := w.writeGrant(ctx, p, k.Came); err != nil {
		return "", err
	}
	v, err := w.open()
	if err != nil {
		return "", err
	}
	if err := w.decideAsk(ctx, v, p.Item, p.Person, (*inbox.Item).Accept); err != nil {
		return "", err
	}
	w.workConsents(ctx, p.Terms.ID)
	return p.Terms.ID, nil
}

func rowIDs(rows []Row) []record.ID {
	ids := make([]record.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	slices.Sort(ids)
	return ids
}

// writeGrant writes the yes down, with its receipt and the answer that is to be sent.
func (w *Wallet) writeGrant(ctx context.Context, p *GrantPreview, came time.Time) error {
	q, g := p.Request, p.Terms
	return w.write(ctx, g.Profile, func(b *logBook, r *keyring.Ring) (page, error) {
		now := w.believed().UTC()
		for i := range b.entries {
			if e := &b.entries[i]; e.Asked == g.Asked && e.Kind == consent.Granted {
				return page{}, ErrAnswered // in another tab
			}
		}
		jws, err := w.signReceipt(r, consent.Receipt{State: consent.Granted, Issued: now, Terms: *g, Notice: q.Notice})
		if err != nil {
			return page{}, err
		}
		e := entryFor(consent.Granted, g, r.Wallet(), now)
		e.Receipt = consent.Hash([]byte(jws))
		out := page{entries: append(b.requested(q, came), e), docs: map[string][]byte{docReceipt + e.Receipt: []byte(jws)}}
		out.docs[docConsent+g.ID], err = json.Marshal(keptConsent{ID: g.ID, Person: g.Profile, Request: q.Text, At: now, Link: p.ByLink})
		if err != nil || p.ByLink {
			return out, err
		}
		m := newMailing(mailGranted, g.ID, q, g.Profile, e.Receipt, nil, now)
		m.Consent = g.ID
		name, body, err := m.doc()
		out.docs[name] = body
		return out, err
	})
}
