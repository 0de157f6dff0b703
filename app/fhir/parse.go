// Package fhir reads FHIR R4 (4.0.1) JSON the way a person needs to read it.
//
// It keeps every resource as the bytes it arrived as and decodes small views on
// demand, so nothing a stranger wrote is lost or rewritten. It never validates:
// a real document with faults is shown with its faults.
//
// What a rule knows stands in a View's title, detail and fields; every string
// and number no rule knew stands in View.More as a labelled field. Phrases of
// ours are message keys (see Keys); words of the record are never translated.
package fhir

import (
	"bytes"
	"encoding/json"
	"errors"
	"sync"
)

// Limits of Parse.
const (
	MaxBytes   = 25 << 20
	MaxDepth   = 64
	MaxEntries = 50_000
)

// Errors of Parse, beside *SyntaxError.
var (
	ErrNotFHIR = errors.New("not a FHIR resource")
	ErrTooBig  = errors.New("larger than 25 MiB")
	ErrTooDeep = errors.New("nested too deeply")
	ErrTooMany = errors.New("too many entries or elements")
)

// File is a parsed FHIR JSON document: a Bundle of any type, or one resource.
// It may be read by several goroutines at once.
type File struct {
	BundleType string // "" for a single resource
	Timestamp  string
	Entries    []Entry // in the Bundle's order; a single resource is one entry

	tree *tree
	at   []element // resource of each entry
	refs references

	memo   sync.Mutex // holds what follows, worked out when first asked for
	inside map[int]map[string]element
	names  map[int32]string
}

// Entry is one resource of a File.
type Entry struct {
	FullURL string
	Type    string
	ID      string
	Raw     json.RawMessage // exactly as it arrived
}

// Parse reads a Bundle or a resource. A Bundle inside a Bundle is unfolded in
// its place; an entry without a resource (the receipt of a transaction, a
// deletion in a history) is not an Entry. b is kept, not copied: it must not
// be changed afterwards. Errors: ErrNotFHIR, ErrTooBig, ErrTooDeep, ErrTooMany,
// *SyntaxError.
func Parse(b []byte) (*File, error) {
	if len(b) > MaxBytes {
		return nil, ErrTooBig
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	s := &scanner{src: b, nodes: make([]node, 0, len(b)/32+16)}
	if err := s.value(0, 0); err != nil {
		return nil, err
	}
	if s.space(); s.pos != len(b) {
		return nil, s.fail()
	}
	t := &tree{src: b, nodes: s.nodes}
	root := element{t, 0}
	if !resource(root) {
		return nil, ErrNotFHIR
	}
	f := &File{tree: t}
	if root.get("resourceType").peek() != "Bundle" {
		f.add("", root)
	} else {
		f.BundleType, f.Timestamp = root.get("type").peek(), root.get("timestamp").peek()
		if err := f.unfold(root); err != nil {
			return nil, err
		}
	}
	f.refs = f.index()
	return f, nil
}

// resource says whether e looks like one: FHIR's resource names are words with
// a capital.
func resource(e element) bool {
	typ := e.get("resourceType")
	if !typ.is(kindString) {
		return false
	}
	name := typ.raw()
	if len(name) == 0 || len(name) > 64 || name[0] < 'A' || name[0] > 'Z' {
		return false
	}
	for _, c := range name {
		if c < 'A' || c > 'z' || c > 'Z' && c < 'a' {
			return false
		}
	}
	return true
}

func (f *File) unfold(bundle element) error {
	for _, e := range bundle.get("entry").items() {
		r := e.get("resource")
		if !resource(r) {
			continue
		}
		if r.get("resourceType").peek() == "Bundle" {
			if err := f.unfold(r); err != nil {
				return err
			}
			continue
		}
		if len(f.Entries) >= MaxEntries {
			return ErrTooMany
		}
		f.add(e.get("fullUrl").peek(), r)
	}
	return nil
}

func (f *File) add(url string, r element) {
	f.at = append(f.at, r)
	f.Entries = append(f.Entries, Entry{
		FullURL: url,
		Type:    r.get("resourceType").peek(),
		ID:      r.get("id").peek(),
		Raw:     json.RawMessage(r.raw()),
	})
}
