//go:build race

package ui_test

// Under the race detector drawing is ten times slower.
const raced = true
