package wallet

import (
	"context"
	"testing"
)

// PutDoc keeps a document as a release before this one did.
func (w *Wallet) PutDoc(t testing.TB, name, body string) {
	t.Helper()
	v, err := w.open()
	if err != nil {
		t.Fatal(err)
	}
	if err := v.PutDocs(context.Background(), map[string][]byte{name: []byte(body)}); err != nil {
		t.Fatal(err)
	}
}

// JoinGiven is how a page of notes comes together that exists twice.
var JoinGiven = joinGiven
