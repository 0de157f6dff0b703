package wallet

import (
	"context"
	"maps"
	"slices"
	"testing"

	"potli/app/record"
	"potli/crypto/keyring"
)

// What the tests see of the formats that last.
var (
	OpenPhoto = openPhoto
	PackPhoto = packPhoto
	BareJPEG  = bareJPEG
)

// SetPeople replaces the family by what another release left.
func (w *Wallet) SetPeople(t testing.TB, people []Person) {
	if err := w.changePeople(context.Background(), nil, func([]Person) ([]Person, error) { return firstSelf(people), nil }); err != nil {
		t.Fatal(err)
	}
}

// TidyPerson brings a person and their history in line, as a round of sync does.
func (w *Wallet) TidyPerson(t testing.TB, id record.ProfileID) {
	t.Helper()
	w.mu.Lock()
	s := w.sync
	w.mu.Unlock()
	if err := w.tidyPerson(context.Background(), s, id); err != nil {
		t.Fatal(err)
	}
}

// Docs names the documents that begin with prefix.
func (w *Wallet) Docs(t testing.TB, prefix string) []string {
	t.Helper()
	v, err := w.open()
	if err != nil {
		t.Fatal(err)
	}
	docs, err := v.Docs(context.Background(), prefix)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(docs))
}

// RollKeys makes new keys for the wallet and everyone in it, as when a device is shut out.
func (w *Wallet) RollKeys(t testing.TB) error {
	v, err := w.open()
	if err != nil {
		t.Fatal(err)
	}
	return w.changeUser(context.Background(), v, func(u *keyring.User, d *keyring.Keys) (*keyring.User, error) {
		return u.Roll(d, w.d.Now())
	})
}
