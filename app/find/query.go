package find

import (
	"strings"
	"unicode/utf8"
)

// Query is what a person typed. The zero Query asks for nothing.
type Query struct{ terms []term }

// term is one thing that has to be there.
type term struct {
	words  []string // folded; several stand together
	joined string   // or this one word
	phrase bool     // in quotation marks: nothing forgiven
	open   bool     // the last word may go on
	sounds []string // of a single word
}

// What is longer was not typed.
const (
	maxQuery = 256
	maxTerms = 8
)

// Parse reads what was typed: words, all of them needed, and phrases in quotation
// marks, of which the last may still be open.
func Parse(s string) Query {
	if len(s) > maxQuery {
		s = strings.ToValidUTF8(s[:maxQuery], "")
	}
	var q Query
	for quoted := false; s != "" && len(q.terms) < maxTerms; quoted = !quoted {
		part, rest, closed := cutQuote(s)
		if s = rest; quoted {
			q.phrase(part, !closed)
		} else {
			q.plain(part)
		}
	}
	return q
}

// cutQuote splits at the next quotation mark.
func cutQuote(s string) (before, after string, found bool) {
	if i := strings.IndexAny(s, "\"“”„«»"); i >= 0 {
		_, n := utf8.DecodeRuneInString(s[i:])
		return s[:i], s[i+n:], true
	}
	return s, "", false
}

func (q *Query) phrase(s string, open bool) {
	t := term{phrase: true, open: open}
	each(s, func(r run) {
		for _, w := range r.words {
			t.words = append(t.words, w.text)
		}
	}, func() {})
	if len(t.words) > 0 {
		q.terms = append(q.terms, t)
	}
}

func (q *Query) plain(s string) {
	each(s, func(r run) {
		if len(q.terms) == maxTerms {
			return
		}
		t := term{joined: r.joined, open: true}
		for _, w := range r.words {
			t.words = append(t.words, w.text)
		}
		if len(t.words) == 1 {
			t.sounds = sounds(t.words[0])
		}
		q.terms = append(q.terms, t)
	}, func() {})
}

// Empty says that nothing is asked for.
func (q Query) Empty() bool { return len(q.terms) == 0 }

// slips is how many slips of typing are forgiven in a word: none in what has
// digits, one from four letters on, two from eight on.
func slips(word string) int {
	if digits(word) {
		return 0
	}
	switch n := utf8.RuneCountInString(word); {
	case n >= 8:
		return 2
	case n >= 4:
		return 1
	}
	return 0
}

// digits says whether a word is a number, a code or part of one.
func digits(word string) bool { return strings.ContainsAny(word, "0123456789") }

// unfinished says whether slips are also forgiven in the beginning of a longer
// word: of a short one they would leave nothing that could not be meant.
func unfinished(word string) bool { return utf8.RuneCountInString(word) >= 6 }

// alike says whether one of the term's sounds is that of a word, or its
// beginning; it has to be long enough to mean something. coarse: as far as the
// Tamil script tells sounds apart.
func (t *term) alike(sound string, coarse bool) bool {
	for _, s := range t.sounds {
		rest, begins := strings.CutPrefix(sound, s)
		if coarse {
			s = coarsen(s)
			rest, begins = cutCoarse(sound, s)
		}
		if begins && (rest == "" || len(s) >= 3) {
			return true
		}
	}
	return false
}
