// Package fhir reads FHIR R4 (4.0.1) JSON the way a person needs to read it.
//
// It keeps every resource as the bytes it arrived as and decodes small views on
// demand, so nothing a stranger wrote is lost or rewritten. It never validates:
// a real document with faults is shown with its faults.
package fhir

import (
	"encoding/json"
	"errors"
)

// Limits of Parse.
const (
	MaxBytes   = 25 << 20
	MaxDepth   = 64
	MaxEntries = 50_000
)

// Errors of Parse.
var (
	ErrNotFHIR = errors.New("not a FHIR resource")
	ErrTooBig  = errors.New("larger than 25 MiB")
	ErrTooDeep = errors.New("nested too deeply")
)

// File is a parsed FHIR JSON document: a Bundle of any type, or one resource.
type File struct {
	BundleType string // "" for a single resource
	Timestamp  string
	Entries    []Entry // in the Bundle's order; a single resource is one entry
}

// Entry is one resource of a File.
type Entry struct {
	FullURL string
	Type    string
	ID      string
	Raw     json.RawMessage // exactly as it arrived
}
