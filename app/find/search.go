package find

import (
	"bytes"
	"slices"
	"strings"
)

// Rank says how well something was found.
type Rank uint8

const (
	Missing Rank = iota
	Near         // with a slip forgiven
	Sound        // as it is said, in another script
	Exact        // as typed
)

// Hits is where the terms of a query stand. It does not change with the index.
type Hits struct{ exact, sound, any []bits } // of each term; each holds the one before

// bits are places.
type bits []uint64

func (b bits) has(p Place) bool {
	return int(p/64) < len(b) && b[p/64]>>(p%64)&1 != 0
}

// Line says how line i of the document at first was found. A term that stands in
// the head counts for every line.
func (h *Hits) Line(first Place, i int) Rank { return h.rank(first, first+1+Place(i)) }

// Head says how the head alone was found.
func (h *Hits) Head(first Place) Rank { return h.rank(first, first) }

func (h *Hits) rank(head, line Place) Rank {
	r := Exact
	for i := range h.any {
		switch {
		case h.exact[i].has(head) || h.exact[i].has(line):
		case h.sound[i].has(head) || h.sound[i].has(line):
			r = min(r, Sound)
		case h.any[i].has(head) || h.any[i].has(line):
			r = Near
		default:
			return Missing
		}
	}
	return r
}

// Touches says whether each term stands somewhere in a document of so many
// lines: with most documents, the one thing to ask.
func (h *Hits) Touches(first Place, lines int) bool {
	for _, b := range h.any {
		if !b.between(int(first), int(first)+1+lines) {
			return false
		}
	}
	return true
}

// between says whether there is a bit from one place on and before another.
func (b bits) between(from, to int) bool {
	to = min(to, len(b)*64)
	for from < to {
		w := b[from/64] >> (from % 64)
		n := min(64-from%64, to-from)
		if n < 64 {
			w &= 1<<n - 1
		}
		if w != 0 {
			return true
		}
		from += n
	}
	return false
}

// Search finds the places of every term.
func (x *Index) Search(q Query) *Hits {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, o := range []*ordered{&x.sorted, &x.sounds, &x.coarse} {
		o.settle()
	}
	h := &Hits{}
	for i := range q.terms {
		exact, sound, any := x.find(&q.terms[i])
		for _, b := range []bits{exact, sound, any} {
			x.forget(b)
		}
		h.exact, h.sound, h.any = append(h.exact, exact), append(h.sound, sound), append(h.any, any)
	}
	return h
}

func (x *Index) none() bits { return make(bits, (len(x.text.ends)-1+63)/64) }

// forget takes out what was removed.
func (x *Index) forget(b bits) {
	for i, w := range x.gone {
		if i < len(b) {
			b[i] &^= w
		}
	}
}

// find returns where a term stands as typed, as said, and at all.
func (x *Index) find(t *term) (exact, sound, any bits) {
	exact = x.together(t)
	if t.phrase {
		if len(t.words) > 1 {
			x.inOrder(t, exact)
		}
		return exact, exact, exact
	}
	if t.joined != "" {
		x.prefixed(t.joined, exact)
	}
	typed := t.joined
	sound = slices.Clone(exact)
	if len(t.words) == 1 {
		typed = t.words[0]
		x.sounding(t, sound, true)
	}
	any = slices.Clone(sound)
	if len(t.words) == 1 {
		x.sounding(t, any, false)
	}
	if n := slips(typed); n > 0 {
		x.sorted.near(typed, n, unfinished(typed), func(word uint32) {
			if !digits(x.words[word]) {
				x.mark(any, word)
			}
		})
	}
	return exact, sound, any
}

// together is where all words of a term stand, the last one as far as it was typed.
func (x *Index) together(t *term) bits {
	var all bits
	for i, w := range t.words {
		b := x.none()
		if i == len(t.words)-1 && t.open {
			x.prefixed(w, b)
		} else if n, ok := x.known[w]; ok {
			x.mark(b, n)
		}
		if all == nil {
			all = b
			continue
		}
		for j := range all {
			all[j] &= b[j]
		}
	}
	return all
}

// inOrder keeps of places those where the words of a phrase follow one another.
func (x *Index) inOrder(t *term, places bits) {
	phrase := []byte(" " + strings.Join(t.words, " "))
	for i := range places {
		for j := range 64 {
			if places[i]>>j&1 != 0 && !holds(x.text.at(i*64+j), phrase, t.open) {
				places[i] &^= 1 << j
			}
		}
	}
}

// holds says whether a folded text has a phrase, and, unless it is open, ends a
// word with it.
func holds(text, phrase []byte, open bool) bool {
	for {
		i := bytes.Index(text, phrase)
		if i < 0 {
			return false
		}
		text = text[i+len(phrase):]
		if open || len(text) == 0 || text[0] <= ' ' {
			return true
		}
	}
}

// prefixed marks where words stand that begin with s.
func (x *Index) prefixed(s string, b bits) {
	for _, e := range x.sorted.list[x.sorted.from(s):] {
		if !strings.HasPrefix(e.key, s) {
			return
		}
		x.mark(b, e.word)
	}
}

// mark adds the places of a word.
func (x *Index) mark(b bits, word uint32) {
	for _, p := range x.places[word] {
		b[p/64] |= 1 << (p % 64)
	}
}

// sounding marks where words stand that sound like the term: those of other
// scripts, or those of its own, unless that is Latin, in which sounds are too far
// from letters.
func (x *Index) sounding(t *term, b bits, others bool) {
	if len(t.sounds) == 0 {
		return
	}
	own := scriptOf(t.words[0])
	if own == latin && !others {
		return
	}
	try := func(e keyed, coarse bool) {
		if t.alike(e.key, coarse) && (scriptOf(x.words[e.word]) != own) == others {
			x.mark(b, e.word)
		}
	}
	if own == tamil { // whose sounds stand for several of the others
		for _, e := range x.sounds.list {
			try(e, true)
		}
	} else {
		for _, s := range t.sounds {
			for _, e := range x.sounds.list[x.sounds.from(s):] {
				if !strings.HasPrefix(e.key, s) {
					break
				}
				try(e, false)
			}
		}
	}
	for _, e := range x.coarse.list {
		try(e, true)
	}
}
