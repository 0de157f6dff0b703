package find

import "strings"

// Span is a part of a text, in bytes.
type Span struct{ From, To int }

// Spans says which words of a text a query found: whole words, since half a
// syllable of an Indian script can not be drawn.
func (q Query) Spans(s string) []Span {
	if q.Empty() || s == "" {
		return nil
	}
	var list []Span
	add := func(from, to int) {
		if n := len(list); n > 0 && list[n-1].To >= from {
			list[n-1].To = max(list[n-1].To, to)
			return
		}
		list = append(list, Span{from, to})
	}
	each(s, func(r run) {
		if r.joined != "" && q.hits(r.joined) || r.second != "" && q.hits(r.second) {
			add(r.from, r.to)
			return
		}
		for _, w := range r.words {
			if q.hits(w.text) {
				add(w.from, w.to)
			}
		}
	}, func() {})
	return list
}

func (q Query) hits(word string) bool {
	for i := range q.terms {
		if q.terms[i].hits(word) {
			return true
		}
	}
	return false
}

// hits says whether a word is one that the term asks for.
func (t *term) hits(word string) bool {
	for i, w := range t.words {
		if w == word || i == len(t.words)-1 && t.open && strings.HasPrefix(word, w) {
			return true
		}
	}
	if t.phrase {
		return false
	}
	typed := t.joined
	if len(t.words) == 1 {
		typed = t.words[0]
	}
	if typed == "" {
		return false
	}
	return strings.HasPrefix(word, typed) || t.soundsLike(word) || misspelt(typed, word, unfinished(typed))
}

// soundsLike is what Index.sounding looks up.
func (t *term) soundsLike(word string) bool {
	if len(t.sounds) == 0 {
		return false
	}
	own, its := scriptOf(t.words[0]), scriptOf(word)
	if own == latin && its == latin {
		return false
	}
	for _, s := range sounds(word) {
		if t.alike(s, own == tamil || its == tamil) {
			return true
		}
	}
	return false
}
