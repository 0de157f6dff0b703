package ui_test

import (
	"context"
	"strings"

	"potli/app/wallet"
)

// kitFor is the same kit whenever the tests run.
func kitFor() *wallet.Kit {
	k, err := wallet.NewKit(strings.NewReader(strings.Repeat("seven", 20)))
	if err != nil {
		panic(err)
	}
	return k
}

func (d *door) KeepKit(_ context.Context, k *wallet.Kit, answers []string) (wrong []int, err error) {
	for i, place := range k.Asked() {
		if answers[i] != k.Words()[place-1] {
			wrong = append(wrong, place)
		}
	}
	return wrong, d.note("keep")
}

func (d *door) CheckKit(_ context.Context, _ string, backup []byte) (*wallet.KitCheck, error) {
	if backup == nil {
		return nil, d.note("check")
	}
	return &wallet.KitCheck{Created: now, Records: 3, Missing: 1}, d.note("check with a backup")
}

func (d *door) MakeContacts(_ context.Context, _ string, names []string) (*wallet.Sheets, error) {
	s := &wallet.Sheets{}
	for _, name := range names {
		s.List = append(s.List, wallet.Sheet{Name: name, Others: names[1:], Kit: kitFor()})
	}
	return s, d.note("contacts")
}

func (d *door) TryContacts(context.Context, string, string, []byte) (*wallet.KitCheck, error) {
	return &wallet.KitCheck{Created: now, Records: 3}, d.note("try contacts")
}
