package vault

import "testing"

// SideBatch makes the side store's commits small for the length of a test.
func SideBatch(t testing.TB, n int) {
	was := sideBatch
	sideBatch = n
	t.Cleanup(func() { sideBatch = was })
}
