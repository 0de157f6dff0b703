// Package charset turns text of any of the encodings that documents arrive in
// into UTF-8: UTF-8 itself, UTF-16 with or without a mark, and Windows-1252,
// which is also what pages mean that say ISO-8859-1 (WHATWG Encoding, "Names and
// labels").
package charset

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrUnknown: an encoding that is not read here.
var ErrUnknown = errors.New("text of an unknown encoding")

// UTF8 returns b as UTF-8, without a byte order mark. declared is what the
// document says of itself, "" where it says nothing; a mark, and zeros where
// UTF-16 has them, are believed before it. b itself is returned where it is UTF-8
// already. What is declared as UTF-8 and is not is read as Windows-1252: people
// save old text in new editors.
func UTF8(b []byte, declared string) ([]byte, error) {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		b, declared = b[3:], "utf-8"
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return wide(b[2:], 1), nil
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return wide(b[2:], 0), nil
	case len(b) >= 4 && b[0] != 0 && b[1] == 0 && b[2] != 0 && b[3] == 0:
		return wide(b, 1), nil
	case len(b) >= 4 && b[0] == 0 && b[1] != 0 && b[2] == 0 && b[3] != 0:
		return wide(b, 0), nil
	}
	switch strings.ToLower(strings.TrimSpace(declared)) {
	case "", "utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf-16le", "utf-16be": // of UTF-16 it would have zeros
		if utf8.Valid(b) {
			return b, nil
		}
		return narrow(b), nil
	case "iso-8859-1", "latin1", "latin-1", "windows-1252", "cp1252", "iso-8859-15":
		return narrow(b), nil
	}
	if utf8.Valid(b) {
		return b, nil // whatever it says
	}
	return nil, ErrUnknown
}

// wide reads UTF-16, the high byte of each unit at hi.
func wide(b []byte, hi int) []byte {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i+hi])<<8 | uint16(b[2*i+1-hi])
	}
	return []byte(string(utf16.Decode(units)))
}

// high are the characters of Windows-1252 from 0x80 to 0x9f; those that it does
// not have stay what they are in ISO-8859-1.
var high = [32]rune{
	'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8d, 'Ž', 0x8f,
	0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9d, 'ž', 'Ÿ',
}

func narrow(b []byte) []byte {
	out := make([]byte, 0, len(b)+len(b)/8)
	for _, c := range b {
		switch {
		case c < 0x80:
			out = append(out, c)
		case c < 0xa0:
			out = utf8.AppendRune(out, high[c-0x80])
		default:
			out = utf8.AppendRune(out, rune(c))
		}
	}
	return out
}
