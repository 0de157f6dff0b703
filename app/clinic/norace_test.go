//go:build !race

package clinic_test

const raced = false
