package fhir

import (
	"strings"
	"unicode/utf8"
)

// tree is a document's nodes with, for the resource being viewed, a note of
// what has been shown.
type tree struct {
	src   []byte
	nodes []node
	base  int32  // first node of the resource viewed
	used  []bool // nodes from base on; nil: nobody keeps count
}

// element is a value of the document. The zero element is what is not there:
// every method answers it with nothing.
type element struct {
	t *tree
	i int32
}

func (e element) ok() bool    { return e.t != nil }
func (e element) node() *node { return &e.t.nodes[e.i] }

func (e element) is(k kind) bool { return e.t != nil && e.node().kind == k }

// scalar is a string, number or boolean.
func (e element) scalar() bool {
	return e.t != nil && e.node().kind >= kindBool && e.node().kind <= kindString
}

func (e element) raw() []byte {
	n := e.node()
	return e.t.src[n.from:n.to]
}

func (e element) key() string {
	n := e.node()
	b := e.t.src[n.keyFrom:n.keyTo]
	for _, c := range b {
		if c == '\\' {
			return unescape(b)
		}
	}
	return string(b)
}

// children are the members of an object, the items of an array, nothing of
// anything else. Slices, not iterators: the loops over them are a third of
// this package, and as iterators they double its weight in the wasm.
func (e element) children() []element { return e.some(maxNodes) }

// some are the first n of the children.
func (e element) some(n int) []element {
	if !e.is(kindObject) && !e.is(kindArray) {
		return nil
	}
	count, end := 0, e.node().end
	for c := e.i + 1; c < end && count < n; c = e.t.nodes[c].end {
		count++
	}
	out := make([]element, 0, count)
	for c := e.i + 1; len(out) < count; c = e.t.nodes[c].end {
		out = append(out, element{e.t, c})
	}
	return out
}

// codings of a CodeableConcept, as many as are looked at for a title or a
// decision: a thousand prescriptions may all ask one medicine, and all its
// codings stand in its own view anyway.
func (e element) codings() []element {
	const enough = 20
	at := e.get("coding")
	if at.is(kindObject) {
		return []element{at}
	}
	return at.some(enough)
}

// get returns the first member of that name.
func (e element) get(name string) element {
	if !e.is(kindObject) {
		return element{}
	}
	n := e.node()
	for c := e.i + 1; c < n.end; c = e.t.nodes[c].end {
		m := &e.t.nodes[c]
		if string(e.t.src[m.keyFrom:m.keyTo]) == name {
			return element{e.t, c}
		}
	}
	return element{}
}

// path steps down through members; an array on the way stands for its first
// item.
func (e element) path(names ...string) element {
	for _, name := range names {
		e = e.first().get(name)
	}
	return e
}

// first is the first item of an array, or the element itself: faulty documents
// leave brackets out.
func (e element) first() element {
	if !e.is(kindArray) {
		return e
	}
	if e.i+1 >= e.node().end {
		return element{}
	}
	return element{e.t, e.i + 1}
}

// items are what an array holds, or the element itself.
func (e element) items() []element {
	switch {
	case !e.ok():
		return nil
	case !e.is(kindArray):
		return []element{e}
	}
	return e.children()
}

// choice finds the member that is name[x]: "value" finds valueQuantity and
// returns "Quantity".
func (e element) choice(name string) (element, string) {
	if !e.is(kindObject) {
		return element{}, ""
	}
	n := e.node()
	for c := e.i + 1; c < n.end; c = e.t.nodes[c].end {
		m := &e.t.nodes[c]
		key := e.t.src[m.keyFrom:m.keyTo]
		if len(key) > len(name) && string(key[:len(name)]) == name && choiceTypes[string(key[len(name):])] {
			return element{e.t, c}, string(key[len(name):])
		}
	}
	return element{}, ""
}

// peek is the text of a scalar for a decision; it does not count as shown.
func (e element) peek() string {
	if !e.scalar() {
		return ""
	}
	b := e.raw()
	if e.node().escaped {
		return clean(unescape(b))
	}
	return clean(string(b))
}

// str is the text of a scalar that will be shown: it is counted.
func (e element) str() string {
	e.use()
	return e.peek()
}

// clean takes broken UTF-8 and invisible control characters out of a text,
// and direction overrides, which can turn one word into another on screen.
func clean(s string) string {
	if !needsCleaning(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if invisible(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

func needsCleaning(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 0x80 {
			return !utf8.ValidString(s) || strings.ContainsFunc(s, invisible)
		} else if invisible(rune(c)) {
			return true
		}
	}
	return false
}

func invisible(r rune) bool {
	return r < 0x20 && r != '\n' && r != '\t' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// use counts a scalar as shown. Of an object or array nothing is counted: what
// stands where a word should stand has not been read.
func (e element) use() {
	if !e.scalar() || e.t.used == nil {
		return
	}
	if at := e.i - e.t.base; at >= 0 && int(at) < len(e.t.used) {
		e.t.used[at] = true
	}
}

// useAll counts members of e as shown.
func (e element) useAll(names ...string) {
	for _, name := range names {
		e.get(name).use()
	}
}

// touched says whether anything under e has been shown already.
func (e element) touched() bool {
	if e.t == nil || e.t.used == nil {
		return false
	}
	for i, end := e.i, e.node().end; i < end; i++ {
		if at := i - e.t.base; at >= 0 && int(at) < len(e.t.used) && e.t.used[at] {
			return true
		}
	}
	return false
}

func (e element) shown() bool {
	if e.t == nil || e.t.used == nil {
		return false
	}
	at := e.i - e.t.base
	return at >= 0 && int(at) < len(e.t.used) && e.t.used[at]
}
