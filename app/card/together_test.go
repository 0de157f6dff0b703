//go:build !race

package card_test

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"potli/app/card"
	"potli/app/card/cardtest"
)

// It runs with the tests under Node: 30 MB take the race detector too long.

// TestTogether: cards that are each small enough are not read when together they are not.
func TestTogether(t *testing.T) {
	i := newMaker(clinic)
	large := i.payload(nil)
	bundle := large["vc"].(m)["credentialSubject"].(m)["fhirBundle"].(m)
	var note strings.Builder
	for n := range 20_000 { // so that it does not shrink beyond what one card may
		fmt.Fprintf(&note, "%x%s", sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(n))), strings.Repeat("0", 450))
	}
	bundle["note"] = note.String()
	jws := i.Seal(i.Header(), cardtest.Deflate(cardtest.Encode(large)))
	if _, err := card.Read(cardtest.File(jws, jws)); err != nil {
		t.Errorf("two: %v", err)
	}
	if _, err := card.Read(cardtest.File(jws, jws, jws)); !errors.Is(err, card.ErrTooBig) {
		t.Errorf("three: %v", err)
	}
}
