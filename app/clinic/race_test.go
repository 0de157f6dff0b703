//go:build race

package clinic_test

// The race detector makes megabytes ten times slower.
const raced = true
