package vault

import (
	"maps"
	"slices"

	"potli/app/fhir"
)

// packOutline writes an outline for a row: how many values its lines hold, then
// its fields in the order of their declaration. The lines of a report repeat most
// of what they say, so strings are refs. An empty outline is an empty string.
//
// What follows the lines came later: what outlines of earlier releases end before.
// It is how many measures the lines have, then for each line code, status, end and
// its measures; and, where there are any, the further words of the document and of
// each line.
func packOutline(o fhir.Outline) string {
	if empty(o) {
		return ""
	}
	values := 0
	for _, l := range o.Lines {
		values += len(l.Detail)
	}
	p := packer{seen: make(map[string]int)}
	p.num(uint64(values))
	p.ref(o.Title, o.Type, o.Date, o.Author, o.Subject.Name, o.Subject.BirthDate, o.Subject.Gender)
	p.num(uint64(len(o.Lines)))
	for i := range o.Lines {
		p.line(&o.Lines[i])
	}
	p.facts(o.Lines)
	p.words(o)
	return string(p.b)
}

// words writes what is there for a search alone.
func (p *packer) words(o fhir.Outline) {
	some := func(l fhir.Line) bool { return l.Words != "" }
	if o.Words == "" && !slices.ContainsFunc(o.Lines, some) {
		return
	}
	p.str(o.Words)
	for i := range o.Lines {
		p.str(o.Lines[i].Words)
	}
}

// facts writes what a line says for machines.
func (p *packer) facts(lines []fhir.Line) {
	measures := 0
	for i := range lines {
		measures += len(lines[i].Measures)
	}
	p.num(uint64(measures))
	for i := range lines {
		l := &lines[i]
		p.ref(l.Code, l.Status, l.End)
		p.num(uint64(len(l.Measures)))
		for j := range l.Measures {
			m := &l.Measures[j]
			p.ref(m.Name, m.Code, m.Unit, m.Low, m.High, m.Flag)
			p.str(m.Value)
		}
	}
}

func empty(o fhir.Outline) bool {
	return o.Title == "" && o.Type == "" && o.Date == "" && o.Author == "" && o.Subject == fhir.Person{} && len(o.Lines) == 0 && o.Words == ""
}

func (p *packer) line(l *fhir.Line) {
	p.int(l.Entry)
	p.ref(string(l.Kind), l.Type, l.Title)
	p.num(uint64(len(l.Detail)))
	for i := range l.Detail {
		p.value(&l.Detail[i])
	}
	p.ref(l.Date, l.Alert)
	p.int(l.Visit)
	p.num(bit(l.Inactive) | bit(l.Negated)<<1)
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func (p *packer) value(v *fhir.Value) {
	p.ref(string(v.Type), v.Text, v.End, v.Unit)
	p.num(uint64(len(v.Messages)))
	for _, m := range v.Messages {
		p.ref(m.Key)
		p.num(uint64(len(m.Args)))
		for _, name := range slices.Sorted(maps.Keys(m.Args)) {
			p.ref(name, m.Args[name])
		}
	}
	p.int(v.Entry)
	p.ref(v.Code)
}

// readOutline reads what packOutline wrote.
func readOutline(s string) fhir.Outline {
	var seen [32]string
	u := unpacker{s: s, seen: seen[:0]}
	return u.outline(&room{}, func() {})
}

// outline reads what packOutline wrote. It is part of a page that was sealed
// by ourselves, so what does not read is a fault of ours: the record then shows
// what it shows without an outline.
func (u *unpacker) outline(in *room, rest func()) fhir.Outline {
	if u.s == "" {
		return fhir.Outline{}
	}
	values := take(&in.values, u.count()) // for all lines: one allocation
	o := fhir.Outline{
		Title: u.ref(), Type: u.ref(), Date: u.ref(), Author: u.ref(),
		Subject: fhir.Person{Name: u.ref(), BirthDate: u.ref(), Gender: u.ref()},
	}
	if n := u.count(); n > 0 {
		o.Lines = take(&in.lines, n)
	}
	for i := range o.Lines {
		if values = u.line(&o.Lines[i], values); u.bad {
			break
		}
		if i%linesAtOnce == linesAtOnce-1 {
			rest()
		}
	}
	if u.s != "" {
		u.facts(o.Lines, in, rest)
	}
	if u.s != "" {
		o.Words = u.str()
		for i := range o.Lines {
			o.Lines[i].Words = u.str()
		}
	}
	if u.bad || u.s != "" {
		return fhir.Outline{}
	}
	return o
}

// facts reads what packer.facts wrote.
func (u *unpacker) facts(lines []fhir.Line, in *room, rest func()) {
	measures := take(&in.measures, u.count())
	for i := range lines {
		if i%linesAtOnce == linesAtOnce-1 {
			rest()
		}
		l := &lines[i]
		l.Code, l.Status, l.End = u.ref(), u.ref(), u.ref()
		n := u.count()
		if n > len(measures) {
			u.fail()
			return
		}
		if n > 0 {
			l.Measures, measures = measures[:n:n], measures[n:]
		}
		for j := range l.Measures {
			m := &l.Measures[j]
			m.Name, m.Code, m.Unit, m.Low, m.High, m.Flag = u.ref(), u.ref(), u.ref(), u.ref(), u.ref(), u.ref()
			m.Value = u.str()
		}
	}
}

// line reads a line, whose values go to the front of values; it returns the rest.
func (u *unpacker) line(l *fhir.Line, values []fhir.Value) []fhir.Value {
	l.Entry, l.Kind, l.Type, l.Title = u.int(), fhir.Kind(u.ref()), u.ref(), u.ref()
	n := u.count()
	if n > len(values) {
		u.fail()
		return nil
	}
	if n > 0 {
		l.Detail, values = values[:n:n], values[n:]
	}
	for i := range l.Detail {
		u.value(&l.Detail[i])
	}
	l.Date, l.Alert, l.Visit = u.ref(), u.ref(), u.int()
	flags := u.num()
	l.Inactive, l.Negated = flags&1 != 0, flags&2 != 0
	return values
}

func (u *unpacker) value(v *fhir.Value) {
	v.Type, v.Text, v.End, v.Unit = fhir.ValueType(u.ref()), u.ref(), u.ref(), u.ref()
	if n := u.count(); n > 0 {
		v.Messages = make([]fhir.Message, n)
	}
	for i := range v.Messages {
		m := &v.Messages[i]
		m.Key = u.ref()
		if n := u.count(); n > 0 {
			m.Args = make(map[string]string, n)
			for range n {
				name := u.ref()
				m.Args[name] = u.ref()
			}
		}
	}
	v.Entry, v.Code = u.int(), u.ref()
}
