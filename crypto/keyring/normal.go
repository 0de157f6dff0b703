package keyring

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// One word can be written in several ways that look alike and are, by Unicode,
// the same: é is one character or e and an accent, ढ़ is one character or ढ and a
// dot below, and it is the keyboard that decides which. A passphrase that was
// set on one telephone must open on another, so it is brought to Normalization
// Form C (Unicode Standard Annex 15) first: what most keyboards write, and what
// a person types for the stock age tool.
//
// golang.org/x/text/unicode/norm does the same with tables for four forms, and
// weighs several times as much in the download; here it is the oracle of the
// tests. This is text processing, not cryptography, and what it gets wrong can
// lock nobody out: Unlock also tries the words as they were typed.

// normalFile holds the canonical decompositions and combining classes. It is
// never made anew: Unicode promises that those of a character that exists do not
// change, and a character that came later is left as it is.
//
//go:embed normal.txt
var normalFile string

// normal is the content of normalFile.
type normal struct {
	parts map[rune][]rune  // of a character, one step
	whole map[[2]rune]rune // of two characters
	class map[rune]uint8   // combining class, where it is not 0
}

var normals = sync.OnceValue(func() *normal {
	n := &normal{parts: make(map[rune][]rune, 2100), whole: make(map[[2]rune]rune, 1000), class: make(map[rune]uint8, 950)}
	for line := range strings.Lines(normalFile) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			n.read(line)
		}
	}
	return n
})

// read takes in one line of normalFile.
func (n *normal) read(line string) {
	kind, fields := line[0], strings.Fields(line[1:])
	r := make([]rune, len(fields))
	for i, f := range fields {
		v, err := strconv.ParseUint(f, 16, 32)
		if err != nil {
			panic("keyring: normal.txt is damaged") // it is part of the program
		}
		r[i] = rune(v)
	}
	switch kind {
	case '=': // a character and its two parts, to which it comes together again
		n.whole[[2]rune{r[1], r[2]}] = r[0]
		n.parts[r[0]] = r[1:]
	case '>': // a character and its parts, in which it stays
		n.parts[r[0]] = r[1:]
	case 'c': // the first and the last of some characters, and their class
		for c := r[0]; c <= r[1]; c++ {
			n.class[c] = uint8(r[2])
		}
	}
}

// Hangul syllables are computed: section 3.12 of the Unicode Standard.
const (
	hangulL, hangulV, hangulT = 0x1100, 0x1161, 0x11A7
	countL, countV, countT    = 19, 21, 28
	hangul, countS            = 0xAC00, countL * countV * countT
)

// nfc returns s in Normalization Form C.
func nfc(s string) string {
	// Nothing below the first combining mark changes.
	if !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x300 }) {
		return s
	}
	n := normals()
	var list []rune
	for _, r := range s {
		list = n.take(list, r)
	}
	n.order(list)
	return string(n.compose(list))
}

// take appends the parts of a character to a list.
func (n *normal) take(list []rune, r rune) []rune {
	if i := r - hangul; i >= 0 && i < countS {
		list = append(list, hangulL+i/(countV*countT), hangulV+i%(countV*countT)/countT)
		if i%countT > 0 {
			list = append(list, hangulT+i%countT)
		}
		return list
	}
	parts, ok := n.parts[r]
	if !ok {
		return append(list, r)
	}
	for _, p := range parts {
		list = n.take(list, p)
	}
	return list
}

// order brings marks that follow one another into the order of their classes.
func (n *normal) order(list []rune) {
	for i := 0; i < len(list); i++ {
		j := i
		for j < len(list) && n.class[list[j]] > 0 {
			j++
		}
		slices.SortStableFunc(list[i:j], func(a, b rune) int { return int(n.class[a]) - int(n.class[b]) })
		i = j
	}
}

// compose joins characters with those after them, unless something stands
// between that keeps them apart.
func (n *normal) compose(list []rune) []rune {
	out := list[:0]
	starter := -1 // index in out of the last one that can be joined to
	last := -1    // class of what was kept since: -1 for nothing
	for _, r := range list {
		class := int(n.class[r])
		if starter >= 0 && last < class {
			if whole := n.join(out[starter], r); whole != 0 {
				out[starter] = whole
				continue
			}
		}
		if class == 0 {
			starter, last = len(out), -1
		} else {
			last = class
		}
		out = append(out, r)
	}
	return out
}

// join returns the character that two make, or 0.
func (n *normal) join(a, b rune) rune {
	if l, v := a-hangulL, b-hangulV; l >= 0 && l < countL && v >= 0 && v < countV {
		return hangul + (l*countV+v)*countT
	}
	if s, t := a-hangul, b-hangulT; s >= 0 && s < countS && s%countT == 0 && t > 0 && t < countT {
		return a + t
	}
	return n.whole[[2]rune{a, b}]
}
