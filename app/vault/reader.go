package vault

import (
	"potli/app/fhir"
	"potli/app/record"
)

// Reader reads one record of the index after the other into the same memory. A list of
// thousands is gone through without leaving a hundred thousand lines to be collected,
// which on the thread of the screen takes longer than to read them.
type Reader struct {
	// Rest is called now and then within a long record. nil: never.
	Rest func()

	seen []string
	room room
}

// Meta is Entry.Meta. The lines of its outline and what they point to are good until
// the next call; its strings are good for ever.
func (r *Reader) Meta(e Entry) record.Meta {
	rest := r.Rest
	if rest == nil {
		rest = func() {}
	}
	m := *e.r.Meta
	u := unpacker{s: e.r.outline, seen: r.seen[:0]}
	m.Outline = u.outline(&r.room, rest)
	r.seen = u.seen
	return m
}

// MetaSlowly is Meta for the thread of the screen: rest is called now and then within a
// long record.
func (e Entry) MetaSlowly(rest func()) record.Meta {
	return (&Reader{Rest: rest}).Meta(e)
}

// linesAtOnce is how many lines are read between two rests.
const linesAtOnce = 256

// room is what the parts of an outline are read into.
type room struct {
	lines    []fhir.Line
	values   []fhir.Value
	measures []fhir.Measure
}

// take returns n empty things, in the room of those before where it is enough.
func take[T any](in *[]T, n int) []T {
	if n > cap(*in) {
		*in = make([]T, n)
		return *in
	}
	things := (*in)[:n]
	clear(things)
	return things
}
