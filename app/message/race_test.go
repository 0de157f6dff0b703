//go:build race

package message_test

// The race detector makes megabytes ten times slower.
const raced = true
