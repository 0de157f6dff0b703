//go:build race

package decode_test

// The race detector makes one thread that reads pictures ten times slower.
const raced = true
