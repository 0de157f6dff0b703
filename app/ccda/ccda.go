// Package ccda reads clinical documents of HL7 CDA Release 2 (C-CDA: Continuity
// of Care Document, discharge summary, progress note and the others, and their
// forerunners CCD and C32) as a person needs to read them.
//
//	ClinicalDocument XML ──▶ FHIR R4 document Bundle ──▶ app/fhir, and all who read it
//	(kept, and handed out,   (made anew each time it
//	 byte for byte)           is read, never kept)
//
// What a document says stands in its narrative; the entries behind it repeat a
// part of it in codes. So every section is kept with its whole narrative, and
// those entries that have a place in FHIR become resources: allergies, medicines,
// problems, results, vital signs, immunizations, procedures, visits, social
// history, family history, plans and goals. The mapping follows the
// "C-CDA on FHIR" guide of HL7 where that decides. What is not mapped is still in
// the narrative.
//
// What an entry takes back is never told as a fact: a negated finding becomes
// "not done", "not taken", "refuted" or "no known …" where FHIR has a word for
// it, and is left to the narrative where it has none; what was nullified is
// entered in error; text struck out by a revision is left out.
//
// The reader believes structure more than templates: documents in the field name
// the wrong ones, or none.
package ccda

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"potli/app/charset"
	"potli/app/xml"
)

// MediaType of the documents.
const MediaType = "application/cda+xml"

// Limits of FHIR.
const (
	MaxBytes   = 25 << 20
	maxEntries = 40_000 // resources made of one document
	maxNesting = 12     // statements within statements
)

// maxNodes is how many elements and pieces of text a document may have.
var maxNodes = 600_000

// Errors of FHIR.
var (
	ErrNotCDA  = errors.New("no clinical document")
	ErrDamaged = errors.New("a damaged clinical document")
	ErrTooBig  = errors.New("a clinical document beyond the limit")
	ErrTooDeep = errors.New("a clinical document nested too deeply")
)

// Is says whether b looks like a clinical document: its first element is
// ClinicalDocument, in whatever encoding.
func Is(b []byte) bool {
	head, err := decode(b[:min(len(b), 16<<10)&^1])
	if err != nil || !bytes.Contains(head, []byte("ClinicalDocument")) {
		return false
	}
	r := xml.NewReader(bytes.NewReader(head))
	t, err := r.Next()
	return err == nil && t.Kind == xml.Start && t.Name == "ClinicalDocument"
}

// decode makes UTF-8 of a document by what its XML declaration says.
func decode(b []byte) ([]byte, error) {
	declared := ""
	if head := b[:min(len(b), 200)]; bytes.Contains(head, []byte("<?xml")) {
		_, rest, _ := strings.Cut(string(head), "encoding=")
		if len(rest) > 1 {
			declared, _, _ = strings.Cut(rest[1:], rest[:1])
		}
	}
	return charset.UTF8(b, declared)
}

// FHIR returns the document as a FHIR R4 Bundle of type document: Composition
// first, then Patient, visit, what its entries say, and the text of the document
// as one DocumentReference. It is the same for the same bytes. Errors: ErrNotCDA,
// ErrDamaged, ErrTooBig, ErrTooDeep.
func FHIR(b []byte) ([]byte, error) {
	if len(b) > MaxBytes {
		return nil, ErrTooBig
	}
	text, err := decode(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	root, err := parse(text)
	if err != nil {
		return nil, err
	}
	if root.name != "ClinicalDocument" {
		return nil, ErrNotCDA
	}
	d := newDocument(root, text)
	return d.bundle()
}

// object is a FHIR element. Its members are written in the order of their names,
// so that the same document always makes the same bytes.
type object map[string]any

// set puts a member that says something. It and the small functions that are called
// everywhere are not copied into each place: that would weigh as much again as the
// whole package.
//
//go:noinline
func (o object) set(name string, v any) {
	switch x := v.(type) {
	case nil:
		return
	case string:
		if x == "" {
			return
		}
	case object:
		if len(x) == 0 {
			return
		}
	case []object:
		if len(x) == 0 {
			return
		}
	}
	o[name] = v
}

// list is one object as a list, nil for one that says nothing.
//
//go:noinline
func list(o object) []object {
	if len(o) == 0 {
		return nil
	}
	return []object{o}
}

// marshal writes JSON as it is meant to be read: "<" as it is.
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
