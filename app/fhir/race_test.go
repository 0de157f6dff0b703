//go:build race

package fhir_test

// The race detector makes one thread that reads ten times slower, and its times say nothing.
const raced = true
