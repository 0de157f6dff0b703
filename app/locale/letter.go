package locale

import "unicode"

// FirstLetter is what a reader takes for the first letter of a word: with its vowel sign, and in Indic scripts with the
// consonants that a virama joins to it, since "र" alone is not how "रीता" begins, nor "श्" how "श्रीराम" does. These are
// extended grapheme clusters (https://unicode.org/reports/tr29), with rule GB9c for Gurmukhi and Kannada too, whose
// joined letters look no less like one.
func FirstLetter(word string) string {
	var before rune // the last that was neither a joiner nor a sign at another letter
	joined := false // something asks for the next letter
	for i, r := range word {
		switch {
		case i == 0:
		case r == zeroWidthNonJoiner: // the virama is to be seen
			joined = false
			continue
		case r == zeroWidthJoiner:
			joined = joined || !unicode.IsLetter(before)
			continue
		case unicode.IsMark(r):
			if joins(r) {
				joined = true
			} else if unicode.Is(unicode.Mc, r) {
				joined = false // a vowel has been said
			}
			continue
		case !joined || !sameScript(before, r):
			return word[:i]
		}
		before, joined = r, false
	}
	return word
}

const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
	indic              = 0x0900 // the scripts of India, 128 code points each, in the order of ISCII
	indicEnd           = 0x0d80
)

// joins says whether r is a virama that makes the next consonant part of the letter. Tamil's is not: it is a dot that is
// seen, and the next letter begins anew.
func joins(r rune) bool {
	return r >= indic && r < indicEnd && r%0x80 == 0x4d && r != tamilVirama
}

const tamilVirama = 0x0bcd

// sameScript says whether a virama after before can reach r. What is no Indic letter, as a sign of emoji, is joined by
// whatever asks for it.
func sameScript(before, r rune) bool {
	if before < indic || before >= indicEnd {
		return true
	}
	return before/0x80 == r/0x80 && unicode.IsLetter(r)
}
