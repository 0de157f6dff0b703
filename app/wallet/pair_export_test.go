package wallet

import (
	"testing"
	"time"

	"potli/app/history"
)

// CheckLinked reads what a linked device is given.
func CheckLinked(b []byte) error { _, err := readLinked(b); return err }

// CheckJoiner reads what who joins says; CheckInvited what they are given.
func CheckJoiner(b []byte) error { _, _, err := readJoiner(b); return err }

func CheckInvited(b []byte, now time.Time) (Person, error) {
	i, _, err := readInvited(b, now)
	return i.Person, err
}

// Histories are those of an open wallet.
func (w *Wallet) Histories(t testing.TB) *history.Keeper {
	k, err := w.histories()
	if err != nil {
		t.Fatal(err)
	}
	return k
}
