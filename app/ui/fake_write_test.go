package ui_test

import (
	"context"

	"potli/app/diary"
	"potli/app/record"
	"potli/app/wallet"
)

func (d *door) MayWrite(context.Context, record.ProfileID) error { return d.fault }

func (d *door) Write(_ context.Context, who record.ProfileID, n diary.Note) (record.ID, error) {
	return "r1", d.note("write " + string(n.Kind) + " for " + string(who))
}

func (d *door) Written(context.Context, record.ID) (diary.Note, error) {
	return diary.Note{Kind: diary.Weight, Answers: map[string]string{"value": "68", "unit": "kg", "when": "2026-06-12T08:00"}}, d.fault
}

func (d *door) Correct(_ context.Context, id record.ID, n diary.Note) (record.ID, error) {
	return "r1", d.note("correct " + string(id) + " to " + n.Answers["value"])
}

func (d *door) Draft(_ context.Context, like wallet.Draft) (wallet.Draft, bool, error) {
	return like, false, d.fault
}

func (d *door) KeepDraft(context.Context, wallet.Draft) error { return nil }
