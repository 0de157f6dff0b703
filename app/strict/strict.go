// Package strict reads a stranger's JSON so that nobody can read something else out
// of it. The decoder of the standard library takes "TO" for "to", the last of two
// members of one name where another reader takes the first, and text that is not
// UTF-8. Of what is signed there must be one reading.
//
// Members and Elements take a text apart without copying it, for messages with
// documents of megabytes in them; Decode fills a struct, for what is small. A member
// that the reader does not name is passed over, so that later releases may add some.
package strict

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// What a stranger's JSON may be like.
const (
	maxDepth   = 16 // of what Members and Elements take
	maxMembers = 64
	maxLabel   = 64 // bytes of a member's name as it is written
	maxLevels  = 8  // of what Decode takes
	maxValues  = 4000
)

// Errors. What is wrapped around ErrMalformed says what is wrong, never what stands
// there.
var (
	ErrMalformed = errors.New("not the JSON that belongs here")
	ErrTooBig    = errors.New("more than belongs here")
	ErrTooDeep   = errors.New("nested too deeply")
)

type malformed string

func (m malformed) Error() string { return ErrMalformed.Error() + ": " + string(m) }
func (malformed) Unwrap() error   { return ErrMalformed }

// Valid reports whether b is JSON in UTF-8, which the decoder of the standard
// library does not ask for. The functions below that say so want it known.
func Valid(b []byte) bool { return utf8.Valid(b) && json.Valid(b) }

// Members splits a Valid object of at most 64 members. Errors: ErrMalformed,
// ErrTooDeep.
func Members(b []byte) (map[string][]byte, error) {
	m := map[string][]byte{}
	err := split(b, '{', func(name, value []byte) error {
		var key string
		if len(name) > maxLabel || len(m) == maxMembers || json.Unmarshal(name, &key) != nil {
			return malformed("its members")
		}
		if _, twice := m[key]; twice {
			return malformed("a member comes twice")
		}
		m[key] = value
		return nil
	})
	return m, err
}

// Elements splits a Valid array of at most n elements. Errors: ErrMalformed,
// ErrTooBig, ErrTooDeep.
func Elements(b []byte, n int) (list [][]byte, err error) {
	err = split(b, '[', func(_, value []byte) error {
		if len(list) == n {
			return ErrTooBig
		}
		list = append(list, value)
		return nil
	})
	return list, err
}

// Text is a JSON string of at most n bytes, of Valid JSON; "" where there is no
// value. Errors: ErrMalformed, ErrTooBig.
func Text(b []byte, n int) (s string, err error) {
	switch {
	case b == nil:
		return "", nil
	case b[0] != '"':
		return "", malformed("not a text where one belongs")
	case len(b) > 6*n+2: // each byte may be written as six
		return "", ErrTooBig
	case json.Unmarshal(b, &s) != nil:
		return "", malformed("a text")
	case len(s) > n:
		return "", ErrTooBig
	}
	return s, nil
}

// Bare is the inside of a JSON string without any escape.
func Bare(b []byte) ([]byte, bool) {
	if len(b) < 2 || b[0] != '"' || bytes.IndexByte(b, '\\') >= 0 {
		return nil, false
	}
	return b[1 : len(b)-1], true
}

// Decode reads an object of at most eight levels and 4,000 values into v. No name
// may come twice in an object, nor may one differ from a known one in case only.
// Errors: ErrMalformed, ErrTooBig, ErrTooDeep.
func Decode(b []byte, v any, known ...string) error {
	if !Valid(b) || !bytes.HasPrefix(space(b), []byte("{")) {
		return malformed("not an object")
	}
	w := walker{known: known}
	if err := w.value(bytes.TrimSpace(b), 0); err != nil {
		return err
	}
	if json.Unmarshal(b, v) != nil {
		return malformed("of another type than it should be")
	}
	return nil
}

type walker struct {
	known []string
	seen  int
}

func (w *walker) value(b []byte, depth int) error {
	if w.seen++; w.seen > maxValues {
		return ErrTooBig
	}
	if depth > maxLevels {
		return ErrTooDeep
	}
	if b[0] != '{' && b[0] != '[' {
		return nil
	}
	names := map[string]bool{}
	return split(b, b[0], func(name, value []byte) error {
		if name != nil {
			if err := w.name(name, names); err != nil {
				return err
			}
		}
		return w.value(value, depth+1)
	})
}

func (w *walker) name(raw []byte, names map[string]bool) error {
	var name string
	if json.Unmarshal(raw, &name) != nil || names[name] {
		return malformed("a member comes twice")
	}
	names[name] = true
	if slices.ContainsFunc(w.known, func(k string) bool { return name != k && strings.EqualFold(name, k) }) {
		return malformed("a member in other letters")
	}
	return nil
}
