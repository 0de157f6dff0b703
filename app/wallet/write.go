package wallet

import (
	"context"
	"errors"
	"io"
	"slices"

	"potli/app/diary"
	"potli/app/record"
)

// HowHand is how a record came in that was written in this wallet. Nothing that comes
// from elsewhere has it, whatever it says of itself.
const HowHand = "hand"

// ErrNotWritten: the record was not written by hand, so there is nothing to correct in it.
var ErrNotWritten = errors.New("the record was not written by hand")

// MayWrite says why nothing may be written for a person; nil: it may. Errors: ErrOfAge,
// ErrReader, ErrLocked.
func (w *Wallet) MayWrite(ctx context.Context, who record.ProfileID) error {
	return w.mayWrite(ctx, who)
}

// Write keeps what somebody wrote by hand as a record of who it is about. Errors: those of
// MayWrite, diary.ErrFaulty, ErrNoPerson, vault.ErrFull.
func (w *Wallet) Write(ctx context.Context, who record.ProfileID, n diary.Note) (record.ID, error) {
	scene, err := w.scene(who)
	if err != nil {
		return "", err
	}
	body, err := diary.Compose(n, scene)
	if err != nil {
		return "", err
	}
	id, err := w.keepWritten(ctx, who, body)
	if err != nil {
		return "", err
	}
	w.wrote(ctx, who)
	return id, nil
}

// Correct puts a note in the place of one that was written before, which stays inside it,
// marked as entered in error. The record gets a new id. What was there goes only after the
// new one is kept: whatever stops it, nothing that was written is lost. Links that show the
// old one go on showing it, as after a deletion.
// Errors: ErrNoRecord, ErrNotWritten, those of Write. With an id beside the error the note is
// kept, and the one before it is still there too.
func (w *Wallet) Correct(ctx context.Context, id record.ID, n diary.Note) (record.ID, error) {
	before, m, err := w.written(ctx, id)
	if err != nil {
		return "", err
	}
	if err := w.mayWrite(ctx, m.Profile); err != nil {
		return "", err
	}
	scene, err := w.scene(m.Profile)
	if err != nil {
		return "", err
	}
	body, err := diary.Correct(n, scene, before)
	if err != nil {
		return "", err
	}
	fresh, err := w.keepWritten(ctx, m.Profile, body)
	if err != nil {
		return "", err
	}
	v, err := w.open()
	if err == nil {
		err = w.removeRecords(ctx, v, []record.ID{id})
	}
	if err == nil {
		w.mark(v)
	}
	w.wrote(ctx, m.Profile)
	return fresh, err
}

// Written returns what stands in a record that was written by hand, to be corrected.
// Errors: ErrNoRecord, ErrNotWritten.
func (w *Wallet) Written(ctx context.Context, id record.ID) (diary.Note, error) {
	body, _, err := w.written(ctx, id)
	if err != nil {
		return diary.Note{}, err
	}
	n, err := diary.Read(body)
	if err != nil {
		return n, ErrNotWritten
	}
	return n, nil
}

func (w *Wallet) written(ctx context.Context, id record.ID) ([]byte, record.Meta, error) {
	body, m, err := w.original(ctx, id)
	if err == nil && m.Source.How != HowHand {
		err = ErrNotWritten
	}
	return body, m, err
}

func (w *Wallet) keepWritten(ctx context.Context, who record.ProfileID, body []byte) (record.ID, error) {
	sum, err := w.summarise(ctx, "", body)
	if err != nil {
		return "", err
	}
	return w.keep(ctx, who, record.Source{How: HowHand}, body, sum)
}

// wrote draws the timeline anew and tells others, as after an import.
func (w *Wallet) wrote(ctx context.Context, who record.ProfileID) {
	w.writeIn(ctx, who)
	w.changed()
	w.follow(ctx)
}

// scene is who is written about, and who writes.
func (w *Wallet) scene(who record.ProfileID) (diary.Scene, error) {
	s := w.Snapshot()
	p, ok := s.person(who)
	if !ok || s.concealed(who) {
		return diary.Scene{}, ErrNoPerson
	}
	scene := diary.Scene{About: diary.Person{Name: p.Name, BirthDate: p.BirthDate, Gender: p.Gender}, Now: w.d.Now()}
	if s.Acting(who) {
		self, _ := s.Self()
		scene.By = diary.Author{Other: true, Guardian: decides(p), Name: self.Name, Relation: relations[p.Kin]}
	}
	_, err := io.ReadFull(w.d.Rand, scene.Seed[:])
	return scene, err
}

// decides says whether whoever keeps this wallet decides for somebody, as they said.
func decides(p Person) bool {
	if p.Guardian != nil {
		return slices.Contains([]Bond{BondMother, BondFather, BondGuardian}, p.Guardian.As)
	}
	return p.Kin == KinChild
}

// relations are what whoever keeps this wallet is to somebody of their kin.
var relations = map[Kin]string{KinChild: "parent", KinParent: "child"}
