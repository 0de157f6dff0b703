//go:build !race

package wallet_test

// raced says whether the race detector slows everything down.
const raced = false
