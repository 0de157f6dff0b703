//go:build !js

package sync_test

const short = false
