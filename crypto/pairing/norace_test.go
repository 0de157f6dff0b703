//go:build !race && !js

package pairing_test

const slow = false
