package wallet

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"potli/app/history"
	"potli/app/record"
	"potli/app/share"
	"potli/app/vault"
)

// Reasons why somebody is not put aside or erased.
var (
	ErrLastPerson = errors.New("the last person who is shown")
	ErrNotAside   = errors.New("put the person aside first")
	ErrOpenLinks  = errors.New("links of this person can still be opened")
	ErrCares      = errors.New("others care for this person with this user: leave first")
	ErrNotTold    = errors.New("the others were not told yet")
)

// SetAside takes somebody off every list; their records, links and photo are
// kept. It can be taken back at once (Undo) and later (BringBack).
// Errors: ErrNoPerson, ErrLastPerson.
func (w *Wallet) SetAside(ctx context.Context, id record.ProfileID) error {
	now := w.d.Now()
	next, err := w.leave(id)
	if err != nil {
		return err
	}
	if err := w.changePerson(ctx, id, nil, func(p *Person) error { p.Aside = now; return nil }); err != nil {
		return err
	}
	w.Choose(next)
	p, _ := w.Snapshot().person(id)
	w.offerUndo(&Undo{What: UndoAside, Person: id, Title: p.Name})
	return nil
}

// leave says whose records are shown when those of id no longer are.
func (w *Wallet) leave(id record.ProfileID) (next record.ProfileID, err error) {
	s := w.Snapshot()
	if _, ok := s.person(id); !ok {
		return "", ErrNoPerson
	}
	others := slices.DeleteFunc(s.Shown(), func(p Person) bool { return p.ID == id })
	switch {
	case len(others) == 0:
		return "", ErrLastPerson
	case s.Current != id:
		return s.Current, nil
	}
	return firstShown(others), nil
}

// BringBack undoes SetAside.
func (w *Wallet) BringBack(ctx context.Context, id record.ProfileID) error {
	err := w.changePerson(ctx, id, nil, func(p *Person) error { p.Aside = time.Time{}; return nil })
	if u := w.Snapshot().Undo; err == nil && u != nil && u.What == UndoAside && u.Person == id {
		w.clearUndo(u)
	}
	return err
}

// EraseProfile erases somebody who was put aside, with every record of theirs,
// for good. Links that could still be opened must be taken back first: nobody
// would see any more that they are there. Where others have the records too, they
// must know that this user no longer cares for the person: else they would go on
// sending, and see a carer who is none.
// Errors: ErrNoPerson, ErrNotAside, ErrOpenLinks, ErrCares, ErrNotTold.
func (w *Wallet) EraseProfile(ctx context.Context, id record.ProfileID) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	p, ok := w.Snapshot().person(id)
	switch {
	case !ok:
		return ErrNoPerson
	case p.Aside.IsZero():
		return ErrNotAside
	}
	if slices.ContainsFunc(w.ledger(), func(s share.Share) bool { return s.Profile == id && w.mayOpen(s) }) {
		return ErrOpenLinks
	}
	k, err := w.histories()
	if err != nil {
		return err
	}
	if err := w.othersCare(ctx, k, v.WalletID(), id); err != nil {
		return err
	}
	return w.erase(ctx, v, id)
}

// erase erases somebody, with everything that is theirs.
func (w *Wallet) erase(ctx context.Context, v *vault.Vault, id record.ProfileID) error {
	docs := map[string][]byte{docPhoto + string(id): nil, docEmergency + string(id): nil}
	var links []string
	for _, s := range w.ledger() {
		if s.Profile == id {
			docs[docShares+s.ID] = nil
			links = append(links, s.ID)
		}
	}
	if err := w.alsoOf(ctx, v, id, docs); err != nil {
		return err
	}
	if err := w.dropsOf(ctx, v, id); err != nil {
		return err
	}
	if err := forgetDrafts(ctx, v, func(d Draft) bool { return d.Person == id }); err != nil {
		return err
	}
	// The records first: whoever dies in between is still on the list, and can
	// be erased again. Others who have them too keep theirs.
	if err := v.Remove(ctx, w.idsOf(id)...); err != nil {
		return err
	}
	if err := w.changePeople(ctx, docs, func(people []Person) ([]Person, error) {
		return slices.DeleteFunc(people, func(p Person) bool { return p.ID == id }), nil
	}); err != nil {
		return err
	}
	if k, err := w.histories(); err == nil {
		k.Forget(id)
	}
	w.forgetLinks(links)
	return nil
}

// notesOfSync begins the names of the documents in which package history keeps how
// far each person's sync is.
const notesOfSync = "sync/"

// alsoOf adds what is noted of a person besides to the documents to be erased:
// their history, and how far it had got.
func (w *Wallet) alsoOf(ctx context.Context, v *vault.Vault, id record.ProfileID, docs map[string][]byte) error {
	for _, name := range []string{docFields, docTold, docGround, notesOfSync} {
		docs[name+string(id)] = nil
	}
	pages, err := v.Docs(ctx, history.Prefix+string(id)+"/")
	for name := range pages {
		docs[name] = nil
	}
	if err != nil {
		return err
	}
	if err := w.consentsOf(ctx, v, id, docs); err != nil {
		return err
	}
	return forgetGiven(ctx, v, id, docs)
}

// idsOf lists every record of a person.
func (w *Wallet) idsOf(id record.ProfileID) (ids []record.ID) {
	for _, e := range w.records(id) {
		ids = append(ids, e.ID())
	}
	return ids
}

// mayOpen says whether a link could still be opened, by the relay's last word.
func (w *Wallet) mayOpen(s share.Share) bool {
	switch s.State(w.d.Now()) {
	case share.StateUsedUp, share.StateLocked:
		return false
	}
	return s.MayOpen()
}

func (w *Wallet) forgetLinks(ids []string) {
	w.mu.Lock()
	for _, id := range ids {
		delete(w.shares, id)
	}
	w.mu.Unlock()
	w.publishShares()
}

// CountRecords is how many records of a person there are.
func (w *Wallet) CountRecords(id record.ProfileID) int { return len(w.records(id)) }

// Hide takes everything of a person off the screen until the wallet is unlocked
// again: for the moment in which somebody else takes the phone. Nothing is
// written down of it, but that what lies open is covered until their card has gone.
// Errors: ErrNoPerson, ErrLastPerson; ErrCardOpen: they are hidden, and their card lies
// open still.
func (w *Wallet) Hide(id record.ProfileID) error {
	next, err := w.leave(id)
	if err != nil {
		return err
	}
	w.tell(TabLocked, 0) // they would show the person, and lay the card open again
	covered := errors.Join(w.coverCard(id), w.coverReadyOf(id))
	w.DismissImport() // it names people, and documents
	w.publish(func(s *Snapshot) {
		hidden := map[record.ProfileID]bool{id: true}
		maps.Copy(hidden, s.Hidden)
		s.Hidden = hidden
		if s.Current == id { // at once, though the other's list takes a moment
			s.Current, s.Records = next, 0
		}
		s.Undo = nil // it names somebody, or a document of theirs
	})
	w.publishShares()
	w.reshow(context.Background())
	w.Choose(next)
	if covered != nil && w.post(context.Background()) != nil {
		return ErrCardOpen
	}
	return nil
}
