package find

import "unicode/utf8"

// The nine scripts of India that Unicode lays out in parallel after ISCII: each
// has 128 places, the same sound at the same place, from U+0900 (Devanagari) on
// Bengali, Gurmukhi, Gujarati, Odia, Tamil, Telugu, Kannada and Malayalam (The
// Unicode Standard, chapter 12). So one table serves all of them.

// script of a word, by its first letter that is not ASCII.
type script uint8

const (
	latin      script = 0 // and digits
	devanagari script = 1
	bengali    script = 2
	gurmukhi   script = 3
	odia       script = 5
	tamil      script = 6
	telugu     script = 7
	malayalam  script = 9
	other      script = 255
)

func scriptOf(word string) script {
	for _, r := range word {
		switch {
		case r < utf8.RuneSelf:
		case r >= 0x0900 && r < 0x0d80:
			return 1 + script((r-0x0900)/128)
		default:
			return other
		}
	}
	return latin
}

// Places in a block.
const (
	anusvara = 0x02
	signE    = 0x47
	signO    = 0x4b
	virama   = 0x4d
	tta      = 0x1f
	rra      = 0x31
)

// nothing: the sign is left out of words; none: it is of no word.
const (
	nothing = 0xff
	none    = 0xfe
)

// places says what a place of a block is written as: long vowels as short ones,
// and those between e and ai, o and au, as one; nukta, virama, visarga and what
// guides recitation left out.
var places = func() (t [128]byte) {
	for i := range t {
		t[i] = byte(i)
	}
	for to, list := range map[byte]string{
		anusvara: "\x01", 0x05: "\x04", 0x07: "\x08", 0x09: "\x0a", 0x0f: "\x0d\x0e\x10", 0x13: "\x11\x12\x14", 0x0b: "\x60",
		0x3f: "\x40", 0x41: "\x42", 0x43: "\x44", signE: "\x45\x46\x48\x4e", signO: "\x49\x4a\x4c\x4f",
		nothing: "\x00\x03\x3a\x3b\x3c\x3d\x4d\x51\x52\x53\x54\x55\x56\x57\x62\x63", none: "\x64\x65\x70",
	} {
		for _, from := range []byte(list) {
			t[from] = to
		}
	}
	return t
}()

// own are the places that one script alone has, or has another way.
var own = map[rune]byte{
	// Devanagari with nukta, and the vowels of Kashmiri and Sindhi
	'\u0958': 0x15, '\u0959': 0x16, '\u095a': 0x17, '\u095b': 0x1c, '\u095c': 0x21, '\u095d': 0x22, '\u095e': 0x2b, '\u095f': 0x2f,
	'\u0970': none, '\u0971': none, '\u0972': 0x05, '\u0973': 0x05, '\u0974': 0x06, '\u0975': 0x13, '\u0976': 0x09, '\u0977': 0x09,
	'\u0978': 0x2f, '\u0979': 0x1c, '\u097a': 0x2f, '\u097b': 0x17, '\u097c': 0x1c, '\u097d': 0x05, '\u097e': 0x21, '\u097f': 0x2c,
	// Bengali and Assamese
	'\u09ce': 0x24, '\u09dc': 0x21, '\u09dd': 0x22, '\u09df': 0x2f, '\u09f0': 0x30, '\u09f1': 0x35,
	// Gurmukhi: with bindi, tippi, addak
	'\u0a59': 0x16, '\u0a5a': 0x17, '\u0a5b': 0x1c, '\u0a5c': 0x21, '\u0a5e': 0x2b, '\u0a70': anusvara, '\u0a71': nothing, '\u0a75': nothing,
	// Odia
	'\u0b5c': 0x21, '\u0b5d': 0x22, '\u0b5f': 0x2f, '\u0b70': none, '\u0b71': 0x35,
	// Telugu
	'\u0c58': 0x1a, '\u0c59': 0x1c, '\u0c5a': rra,
	// Malayalam: letters without a vowel
	'\u0d4e': 0x30, '\u0d54': 0x2e, '\u0d55': 0x2f, '\u0d56': 0x34,
	'\u0d7a': 0x23, '\u0d7b': 0x28, '\u0d7c': 0x30, '\u0d7d': 0x32, '\u0d7e': 0x33, '\u0d7f': 0x15,
}

// appendIndic folds a letter or sign of an Indian script.
func appendIndic(b []byte, s string, r rune, n int) ([]byte, int) {
	block, at := r&^0x7f, byte(r&0x7f)
	if at >= 0x66 && at <= 0x6f {
		return append(b, '0'+at-0x66), n
	}
	to, ok := own[r]
	if !ok {
		to = places[at]
	}
	switch {
	case to == none:
		return b, 0
	case to == nothing:
		return b, n
	}
	size := utf8.RuneLen(block)
	after := func(skip int) byte { // the place that follows, if it is of this script
		if rest := s[n+min(skip*size, len(s)-n):]; rest != "" {
			if next, _ := utf8.DecodeRuneInString(rest); next&^0x7f == block {
				return byte(next & 0x7f)
			}
		}
		return none
	}
	switch next := after(0); {
	case to == signE && (next == 0x3e || next == 0x57): // a vowel typed as its two halves
		to, n = signO, n+size
	case next == virama && homorganic(at, after(1)):
		to = anusvara // हिन्दी is हिंदी
	case at == rra && next == virama && after(1) == rra && (block == 0x0b80 || block == 0x0d00):
		to, n = tta, n+2*size // ற்ற and റ്റ are said with a t
	}
	return utf8.AppendRune(b, block+rune(to)), n
}

// homorganic says whether a nasal before a consonant is one that is also written
// as anusvara.
func homorganic(nasal, before byte) bool {
	switch nasal {
	case 0x19, 0x1e, 0x23, 0x28:
		return before >= 0x15 && before < 0x2a && consonants[before-0x15] != 'N' || before >= 0x2f && before <= 0x39
	case 0x2e:
		return before >= 0x2a && before < 0x2e
	}
	return false
}
