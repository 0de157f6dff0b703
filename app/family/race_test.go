//go:build race

package family_test

// The race detector makes cryptography ten times slower: fewer runs there, all
// of them without it.
const raced = true
