//go:build !race && !js

package recovery_test

const short = false
