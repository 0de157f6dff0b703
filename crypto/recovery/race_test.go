//go:build race || js

package recovery_test

// The race detector and wasm slow cryptography by far.
const short = true
