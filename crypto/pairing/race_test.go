//go:build race || js

package pairing_test

import "runtime"

// The race detector and wasm make cryptography ten times slower: fewer runs
// there.
const slow, wasm = true, runtime.GOOS == "js"
