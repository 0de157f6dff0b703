//go:build !race

package jose_test

const raced = false
