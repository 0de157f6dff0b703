package consent_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"potli/app/consent"
)

// TestFigures measures receipts where they are verified, natively or in Node.
func TestFigures(t *testing.T) {
	if os.Getenv("POTLI_BENCH") == "" {
		t.Skip("measured by make bench")
	}
	const receipts = 1000
	var list []string
	size := 0
	for i := range receipts {
		r := receipt()
		r.Previous = consent.Hash(fmt.Append(nil, i))
		list = append(list, sealed(t, r))
		size += len(list[i])
	}
	begun := time.Now()
	for _, jws := range list {
		if _, err := consent.Verify(jws); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("FIGURE %d receipts (%d bytes each) verified: %v", receipts, size/receipts, time.Since(begun).Round(100*time.Microsecond))
}
