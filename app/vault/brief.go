package vault

import (
	"potli/app/fhir"
	"potli/app/record"
)

// Packed is an outline as a row holds it: short, and read without much ado. A worker
// that has read a long document hands its outline over so.
type Packed string

// Pack packs an outline.
func Pack(o fhir.Outline) Packed { return Packed(packOutline(o)) }

// Brief is Meta as far as a list needs it to stand in order: the outline has its head
// and says how many lines there are, which are left packed. It costs a tenth of Meta.
func (e Entry) Brief() (m record.Meta, lines int) {
	m = *e.r.Meta
	if e.r.outline == "" {
		return m, 0
	}
	var seen [8]string
	u := unpacker{s: e.r.outline, seen: seen[:0]}
	u.count() // values
	o := &m.Outline
	o.Title, o.Type, o.Date, o.Author = u.ref(), u.ref(), u.ref(), u.ref()
	o.Subject.Name, o.Subject.BirthDate, o.Subject.Gender = u.ref(), u.ref(), u.ref()
	if lines = u.count(); u.bad {
		m.Outline = (record.Meta{}).Outline
		return m, 0
	}
	return m, lines
}
