//go:build race || js

package pairing_test

// The race detector and wasm make cryptography ten times slower: fewer runs
// there.
const slow = true
