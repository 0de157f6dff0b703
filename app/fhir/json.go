package fhir

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// A document is read once into a flat list of nodes in document order: no
// reflection, no maps, order and number literals kept as written. The nodes
// of a value stand directly behind it, so a resource is a range of the list.

type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindString
	kindObject
	kindArray
)

// node is one JSON value. Offsets are into the source; for a string they leave
// the quotes out.
type node struct {
	keyFrom, keyTo uint32 // member name as written, quotes left out; empty in arrays
	from, to       uint32
	end            int32 // index of the node after this one and all it holds
	kind           kind
	escaped        bool
}

// maxNodes bounds the memory of a hostile file of empty arrays: 24 bytes each.
const maxNodes = 2 << 20

type scanner struct {
	src   []byte
	pos   int
	nodes []node
	deep  int
}

// SyntaxError is JSON that ends early or is none.
type SyntaxError struct{ Offset int }

func (e *SyntaxError) Error() string {
	return "broken JSON at byte " + strconv.Itoa(e.Offset)
}

func (s *scanner) fail() error { return &SyntaxError{s.pos} }

func (s *scanner) space() {
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

// value reads one value and all it holds.
func (s *scanner) value(keyFrom, keyTo int) error {
	s.space()
	if s.pos >= len(s.src) {
		return s.fail()
	}
	if len(s.nodes) >= maxNodes {
		return ErrTooMany
	}
	at := len(s.nodes)
	s.nodes = append(s.nodes, node{keyFrom: uint32(keyFrom), keyTo: uint32(keyTo), from: uint32(s.pos)})
	var err error
	k, esc := kindNull, false
	from, to := s.pos, 0
	switch c := s.src[s.pos]; {
	case c == '{':
		k, err = kindObject, s.object()
		to = s.pos
	case c == '[':
		k, err = kindArray, s.array()
		to = s.pos
	case c == '"':
		k = kindString
		from, to, esc, err = s.text()
	case c == '-' || c >= '0' && c <= '9':
		k, err = kindNumber, s.number()
		to = s.pos
	default:
		k, err = s.word()
		to = s.pos
	}
	if err != nil {
		return err
	}
	n := &s.nodes[at]
	n.from, n.to, n.kind, n.escaped, n.end = uint32(from), uint32(to), k, esc, int32(len(s.nodes))
	return nil
}

func (s *scanner) object() error {
	if s.deep++; s.deep > MaxDepth {
		return ErrTooDeep
	}
	s.pos++
	s.space()
	if s.take('}') {
		s.deep--
		return nil
	}
	for {
		s.space()
		if s.pos >= len(s.src) || s.src[s.pos] != '"' {
			return s.fail()
		}
		from, to, _, err := s.text()
		if err != nil {
			return err
		}
		s.space()
		if !s.take(':') {
			return s.fail()
		}
		if err := s.value(from, to); err != nil {
			return err
		}
		s.space()
		if s.take('}') {
			s.deep--
			return nil
		}
		if !s.take(',') {
			return s.fail()
		}
	}
}

func (s *scanner) array() error {
	if s.deep++; s.deep > MaxDepth {
		return ErrTooDeep
	}
	s.pos++
	s.space()
	if s.take(']') {
		s.deep--
		return nil
	}
	for {
		if err := s.value(0, 0); err != nil {
			return err
		}
		s.space()
		if s.take(']') {
			s.deep--
			return nil
		}
		if !s.take(',') {
			return s.fail()
		}
	}
}

func (s *scanner) take(c byte) bool {
	if s.pos < len(s.src) && s.src[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

// text steps over a string and says where it stands without its quotes.
func (s *scanner) text() (from, to int, escaped bool, err error) {
	s.pos++
	from = s.pos
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == '"':
			s.pos++
			return from, s.pos - 1, escaped, nil
		case c == '\\':
			escaped = true
			if err := s.escape(); err != nil {
				return 0, 0, false, err
			}
		case c < 0x20:
			return 0, 0, false, s.fail()
		default:
			s.pos++
		}
	}
	return 0, 0, false, s.fail()
}

func (s *scanner) escape() error {
	s.pos++
	if s.pos >= len(s.src) {
		return s.fail()
	}
	switch s.src[s.pos] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.pos++
		return nil
	case 'u':
		if _, ok := hex4(s.src, s.pos+1); !ok {
			return s.fail()
		}
		s.pos += 5
		return nil
	}
	return s.fail()
}

func (s *scanner) number() error {
	s.take('-')
	if !s.take('0') && !s.digits() {
		return s.fail()
	}
	if s.take('.') && !s.digits() {
		return s.fail()
	}
	if s.take('e') || s.take('E') {
		if !s.take('+') {
			s.take('-')
		}
		if !s.digits() {
			return s.fail()
		}
	}
	return nil
}

func (s *scanner) digits() bool {
	from := s.pos
	for s.pos < len(s.src) && s.src[s.pos] >= '0' && s.src[s.pos] <= '9' {
		s.pos++
	}
	return s.pos > from
}

func (s *scanner) word() (kind, error) {
	for _, w := range []struct {
		text string
		kind kind
	}{{"true", kindBool}, {"false", kindBool}, {"null", kindNull}} {
		if len(s.src)-s.pos >= len(w.text) && string(s.src[s.pos:s.pos+len(w.text)]) == w.text {
			s.pos += len(w.text)
			return w.kind, nil
		}
	}
	return 0, s.fail()
}

func hex4(b []byte, at int) (rune, bool) {
	if at+4 > len(b) {
		return 0, false
	}
	var r rune
	for _, c := range b[at : at+4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// unescape returns the text of a JSON string; lone surrogates and broken UTF-8
// become U+FFFD, as in encoding/json.
func unescape(b []byte) string {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); {
		if b[i] != '\\' {
			out = append(out, b[i])
			i++
			continue
		}
		i++
		switch c := b[i]; c {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, _ := hex4(b, i+1)
			i += 4
			if utf16.IsSurrogate(r) {
				r2 := rune(-1)
				if i+2 < len(b) && b[i+1] == '\\' && b[i+2] == 'u' {
					r2, _ = hex4(b, i+3)
				}
				if r = utf16.DecodeRune(r, r2); r != utf8.RuneError {
					i += 6
				}
			}
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, c)
		}
		i++
	}
	return string(out)
}
