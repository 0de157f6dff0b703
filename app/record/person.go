package record

import (
	"strings"
	"unicode"

	"potli/app/fhir"
)

// Differs says whether a and b are surely two people, for the question "this
// seems to be about somebody else". What one of them leaves out decides
// nothing; case, accents, titles, order and initials of a name do not either.
func Differs(a, b fhir.Person) bool {
	if datesDiffer(a.BirthDate, b.BirthDate) {
		return true
	}
	if a.Gender != "" && b.Gender != "" && a.Gender != b.Gender && decided(a.Gender) && decided(b.Gender) && !sameName(a.Name, b.Name) {
		return true
	}
	return a.Name != "" && b.Name != "" && !sameName(a.Name, b.Name)
}

func decided(gender string) bool { return gender == "male" || gender == "female" }

// datesDiffer compares as far as both are known: 1991 does not differ from
// 1991-03-02. NRCES documents often carry the year alone, and 1 January where
// only the year was known.
func datesDiffer(a, b string) bool {
	n := min(len(a), len(b), 10)
	if n < 4 {
		return false
	}
	if a[:4] == b[:4] && (strings.HasSuffix(a, "-01-01") || strings.HasSuffix(b, "-01-01")) {
		return false
	}
	return a[:n] != b[:n]
}

// sameName: every word of the shorter name is a word of the longer one, or the
// initial of one. A name in another script than the other decides nothing.
func sameName(a, b string) bool {
	x, y := nameWords(a), nameWords(b)
	if len(x) == 0 || len(y) == 0 {
		return true
	}
	if script(x[0]) != script(y[0]) {
		return true
	}
	if len(x) > len(y) {
		x, y = y, x
	}
	used := make([]bool, len(y))
	whole := false
	for _, w := range x {
		found := false
		for i, v := range y {
			if !used[i] && (w == v || initial(w, v)) {
				used[i], found = true, true
				whole = whole || w == v
				break
			}
		}
		if !found {
			return false
		}
	}
	return whole
}

// initial: one of the two is the first letter of the other.
func initial(a, b string) bool {
	x, y := []rune(a), []rune(b)
	return (len(x) == 1 || len(y) == 1) && x[0] == y[0]
}

var titles = map[string]bool{
	"mr": true, "mrs": true, "ms": true, "miss": true, "dr": true, "prof": true, "shri": true, "sri": true, "smt": true, "kumari": true,
	"master": true, "baby": true, "jr": true, "sr": true, "md": true, "mister": true, "herr": true, "frau": true, "sample": true, "kum": true,
}

func nameWords(s string) []string {
	words := strings.FieldsFunc(fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
	kept := words[:0:0]
	for _, w := range words {
		if !titles[w] {
			kept = append(kept, w)
		}
	}
	if len(kept) == 0 {
		return words
	}
	return kept
}

// fold takes case and the accents of Latin letters away. Marks of other scripts
// stay: in Devanagari they are vowels.
func fold(s string) string {
	var out strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 0x300 && r <= 0x36f: // combining accent
		case r < 0x80:
			out.WriteRune(r)
		default:
			if plain, ok := accents[r]; ok {
				out.WriteString(plain)
			} else {
				out.WriteRune(r)
			}
		}
	}
	return out.String()
}

var accents = foldTable(`aàáâãäåāăą cçćĉċč dďđð eèéêëēĕėęě gĝğġģ hĥħ iìíîïĩīĭįı jĵ kķ lĺļľŀł nñńņňŉ oòóôõöøōŏő rŕŗř sśŝşšș
	tţťŧț uùúûüũūŭůűų wŵ yýÿŷ zźżž`)

func foldTable(s string) map[rune]string {
	t := map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'þ': "th"}
	for _, group := range strings.Fields(s) {
		letters := []rune(group)
		for _, r := range letters[1:] {
			t[r] = string(letters[0])
		}
	}
	return t
}

func script(word string) *unicode.RangeTable {
	for _, r := range word {
		for _, t := range []*unicode.RangeTable{unicode.Latin, unicode.Devanagari, unicode.Arabic, unicode.Han, unicode.Cyrillic, unicode.Bengali,
			unicode.Tamil, unicode.Telugu, unicode.Gujarati, unicode.Kannada, unicode.Malayalam, unicode.Gurmukhi, unicode.Oriya} {
			if unicode.Is(t, r) {
				return t
			}
		}
	}
	return nil
}
