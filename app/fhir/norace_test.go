//go:build !race

package fhir_test

const raced = false
