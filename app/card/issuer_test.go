package card_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"
	"time"

	"potli/app/card"
	"potli/app/card/cardtest"
)

// now is when the tests look at cards; sample cards are a day old then.
var now = time.Date(2026, 6, 12, 9, 0, 0, 0, time.UTC)

// maker is an issuer of the tests' own, whose clock stands at now.
type maker struct{ *cardtest.Issuer }

func newMaker(iss string) *maker { return &maker{cardtest.New(iss)} }

func (i *maker) payload(set m) m   { return i.Payload(now, set) }
func (i *maker) card(set m) string { return i.Card(now, set) }

type m = cardtest.Object

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func directory(t testing.TB, info ...m) *card.Directory {
	t.Helper()
	d, err := card.ParseDirectory(cardtest.Directory(info...))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// one reads a carrier that holds one card.
func one(t testing.TB, b []byte) *card.Card {
	t.Helper()
	cards, err := card.Read(b)
	if err != nil || len(cards) != 1 {
		t.Fatalf("%d cards, %v", len(cards), err)
	}
	return cards[0]
}

// shared finds the project's folder of real documents.
func shared(t testing.TB, name string) []byte {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Skip("no file system here")
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if b, err := os.ReadFile(filepath.Join(dir, "../shared/data", name)); err == nil {
			return b
		}
	}
	t.Skipf("the real document %s is not on this machine", name)
	return nil
}
