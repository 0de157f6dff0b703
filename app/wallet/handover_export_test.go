package wallet

import (
	"context"
	"testing"
)

// Look looks at what is due, as Tick does.
func (w *Wallet) Look(t testing.TB) {
	t.Helper()
	w.lookAhead(context.Background())
	w.lookRound(context.Background())
}

// What the tests see of the law.
var LawOf = lawOf
