//go:build !race

package family_test

const raced = false
