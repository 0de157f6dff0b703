package wallet

import (
	"context"
	"slices"

	"potli/app/diary"
	"potli/app/record"
	"potli/app/vault"
)

// Draft is a note that was not finished: for whom, and which record it corrects ("" none).
type Draft struct {
	Person record.ProfileID `json:"person"`
	Record record.ID        `json:"record,omitempty"`
	Note   diary.Note       `json:"note"`
}

// docDrafts holds the drafts of this device, sealed like everything else: what is typed
// outlives a lock, a reload and a crash, and is never in storage as it was typed.
const docDrafts = "drafts"

// maxDrafts of all people; the one that was touched longest ago goes.
const maxDrafts = 20

// same says whether d and e are about the same thing.
func (d Draft) same(e Draft) bool {
	return d.Person == e.Person && d.Record == e.Record && d.Note.Kind == e.Note.Kind
}

// KeepDraft seals what was typed so far, in the place of what was typed before. A note
// that is empty takes the draft away.
func (w *Wallet) KeepDraft(ctx context.Context, d Draft) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	return changeDoc(ctx, v, docDrafts, func(all []Draft) []Draft {
		all = slices.DeleteFunc(all, func(e Draft) bool {
			_, known := w.Snapshot().person(e.Person)
			return d.same(e) || !known // erased since
		})
		if d.Note.Empty() {
			return all
		}
		return append(all, d)[max(0, len(all)+1-maxDrafts):]
	})
}

// forgetDrafts takes away those that go with whom or what they are about. Where there are
// none nothing is written.
func forgetDrafts(ctx context.Context, v *vault.Vault, gone func(Draft) bool) error {
	var all []Draft
	if err := getJSON(ctx, v, docDrafts, &all); err != nil {
		return err
	}
	if !slices.ContainsFunc(all, gone) {
		return nil
	}
	return changeDoc(ctx, v, docDrafts, func(all []Draft) []Draft { return slices.DeleteFunc(all, gone) })
}

// Draft returns what was typed of a note that was not finished, false where there is none.
func (w *Wallet) Draft(ctx context.Context, like Draft) (Draft, bool, error) {
	v, err := w.open()
	if err != nil {
		return like, false, err
	}
	var all []Draft
	if err := getJSON(ctx, v, docDrafts, &all); err != nil {
		return like, false, err
	}
	if i := slices.IndexFunc(all, like.same); i >= 0 {
		return all[i], true, nil
	}
	return like, false, nil
}
