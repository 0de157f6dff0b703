// Package share makes SMART Health Links, remembers them, and opens those of others.
//
//	sources ──Choose──▶ items ──the person──▶ chosen ──Compose──▶ Bundle ──New──▶ Share + Upload ──Relay──▶ link, QR
//	  opened records      each marked when        only what      KTC or IPS,      ledger     JWE under
//	                      it is sensitive         was chosen     one selection    entry      a fresh key
//
// What a share holds is decided by the items alone: Compose copies nothing of a record that was not chosen, neither as a
// resource nor inside one (contained resources, display texts, narratives, reasons, metadata). Links are rebuilt from the
// ledger whenever they are shown, never stored as text or picture.
//
// The package knows the relay and a stranger's host only as interfaces and sees no network of its own. Time and
// randomness are parameters. It does not ask, encrypt at rest, or decide who may share: that is the wallet's.
//
// Formats: "SMART Health Cards and Links" 1.0.0 (HL7), "International Patient Summary" 2.0.1 (HL7), "Patient-Shared
// Health Documents via SMART Health Links" 0.10.2 (ktc-spec.github.io), FHIR R4 4.0.1.
package share

import (
	"errors"

	"potli/app/fhir"
	"potli/app/record"
)

// Source is an opened record.
type Source struct {
	Meta record.Meta `json:"meta"`
	Body []byte      `json:"body"`
}

// Item is one thing that can go into a share.
type Item struct {
	Record    record.ID    `json:"record"`
	Entry     int          `json:"entry"` // -1: the whole record (a PDF, a photo)
	Kind      fhir.Kind    `json:"kind"`
	Type      string       `json:"type"`
	Title     string       `json:"title"`
	Detail    []fhir.Value `json:"detail,omitempty"`
	Date      string       `json:"date,omitempty"`
	Inactive  bool         `json:"inactive,omitempty"`
	Negated   bool         `json:"negated,omitempty"`
	Self      bool         `json:"self,omitempty"`      // written in this wallet: no clinic stands behind it
	Sensitive []string     `json:"sensitive,omitempty"` // "hiv", "mental", "reproductive", "substance"
	Suggested bool         `json:"suggested"`           // part of the default summary
	Bytes     int          `json:"bytes"`               // about how much it adds
}

// Shape is how the chosen items are put together.
type Shape string

const (
	ShapeKTC Shape = "ktc" // collection Bundle, "Patient-Shared Health Documents via SMART Health Links"
	ShapeIPS Shape = "ips" // document Bundle, International Patient Summary 2.0.1, with narratives
)

// Person is whom the share is about.
type Person struct {
	Name      string `json:"name"`
	BirthDate string `json:"birthDate,omitempty"`
	Gender    string `json:"gender,omitempty"`
}

// Words says a message in the language the share is written in. Keys lists what is asked of it.
type Words func(fhir.Message) string

var (
	// ErrTooBig: the composed bundle cannot fit a link.
	ErrTooBig = errors.New("too much for one link")
	// ErrNothing: nothing was chosen.
	ErrNothing = errors.New("nothing to share")
)
