package relayclient

import (
	"errors"
	"fmt"
	"testing"

	"potli/app/share"
)

// TestStatusOutOfReach: times that no calendar has cannot be written into the ledger, and a number that the relay itself
// would refuse would be the last that a link could ever be changed with. Neither is the relay's.
func TestStatusOutOfReach(t *testing.T) {
	const good = `{"now":%d,"expires":%d,"usesLeft":1,"attemptsLeft":-1,"sequence":%d}`
	for _, tt := range []struct {
		now, expires, sequence int64
		ok                     bool
	}{
		{1_800_000_000, 1_800_000_060, 3, true},
		{1_800_000_000, 0, 1<<53 - 1, true},
		{1_800_000_000, 253_402_300_800, 3, false},
		{1_800_000_000, 1<<63 - 1, 3, false},
		{253_402_300_800, 1_800_000_000, 3, false},
		{1_800_000_000, -1, 3, false},
		{1_800_000_000, 1_800_000_060, 1 << 53, false},
		{1_800_000_000, 1_800_000_060, -1, false},
	} {
		body := fmt.Sprintf(good, tt.now, tt.expires, tt.sequence)
		s, err := readStatus(Response{Status: 200, Body: []byte(body)})
		if ok := err == nil; ok != tt.ok || !ok && !errors.Is(err, share.ErrOffline) {
			t.Errorf("%s: got %v, %v", body, s, err)
		}
	}
}
