package message

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// What a stranger's JSON may be like. A message has eleven members and four levels.
const (
	maxDepth   = 16
	maxMembers = 64
	maxLabel   = 64 // bytes of a member's name as it is written
)

// valid reports whether b is JSON in UTF-8, which the decoder of the standard
// library does not ask for.
func valid(b []byte) bool { return utf8.Valid(b) && json.Valid(b) }

// members splits a valid JSON object. The decoder of the standard library takes
// "TO" for "to" and the last of two of a name, where another reader takes the
// first: of a signed message nobody may read another one.
func members(b []byte) (map[string][]byte, error) {
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

// elements splits a valid JSON array of at most n elements.
func elements(b []byte, n int) (list [][]byte, err error) {
	err = split(b, '[', func(_, value []byte) error {
		if len(list) == n {
			return ErrTooBig
		}
		list = append(list, value)
		return nil
	})
	return list, err
}

// split tells f of each value of an object or an array, which is valid JSON.
func split(b []byte, open byte, f func(name, value []byte) error) error {
	b = bytes.TrimSpace(b)
	if len(b) < 2 || b[0] != open {
		return malformed("not an object or a list where one belongs")
	}
	for b = space(b[1:]); b[0] != '}' && b[0] != ']'; b = space(b) {
		var name []byte
		if open == '{' {
			n := quoted(b)
			name, b = b[:n], space(space(b[n:])[1:]) // the colon
		}
		n, err := length(b)
		if err != nil {
			return err
		}
		if err := f(name, b[:n]); err != nil {
			return err
		}
		if b = space(b[n:]); b[0] == ',' {
			b = space(b[1:])
		}
	}
	return nil
}

func space(b []byte) []byte { return bytes.TrimLeft(b, " \t\r\n") }

// length is that of the value which valid JSON begins with.
func length(b []byte) (int, error) {
	depth := 0
	for i := 0; i < len(b); {
		switch c := b[i]; c {
		case '"':
			i += quoted(b[i:])
		case '{', '[':
			if depth++; depth > maxDepth {
				return 0, malformed("nested too deeply")
			}
			i++
			continue
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\t', '\r', '\n':
			i++
			continue
		default:
			i += len(b[i:]) - len(bytes.TrimLeft(b[i:], "+-.0123456789Eaeflnrstu"))
		}
		if depth == 0 {
			return i, nil
		}
	}
	return 0, malformed("cut short") // not in valid JSON
}

// quoted is the length of the string which valid JSON begins with. Documents are
// strings of megabytes without a backslash.
func quoted(b []byte) int {
	for i := 1; ; {
		n := bytes.IndexByte(b[i:], '"')
		back := bytes.IndexByte(b[i:i+n], '\\')
		if back < 0 {
			return i + n + 1
		}
		i += back + 2
	}
}

// text is a JSON string of at most n bytes; "" where there is no value.
func text(b []byte, n int) (s string, err error) {
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

// bare is the inside of a JSON string without any escape.
func bare(b []byte) ([]byte, bool) {
	if len(b) < 2 || b[0] != '"' || bytes.IndexByte(b, '\\') >= 0 {
		return nil, false
	}
	return b[1 : len(b)-1], true
}
