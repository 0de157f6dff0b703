package wallet

import (
	"context"
	"testing"
)

// What the tests see of the formats that last.
var (
	OpenPhoto = openPhoto
	PackPhoto = packPhoto
	BareJPEG  = bareJPEG
)

// SetPeople replaces the family by what another release left.
func (w *Wallet) SetPeople(t testing.TB, people []Person) {
	if err := w.setPeople(context.Background(), people); err != nil {
		t.Fatal(err)
	}
}
