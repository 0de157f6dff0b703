package fhir

import (
	"slices"
	"strings"
)

// Document makes the whole file readable.
func (f *File) Document() *Document {
	d := &Document{Type: f.BundleType}
	for i := range f.at {
		d.Views = append(d.Views, f.View(i))
	}
	h := f.head(d.Views)
	d.Title, d.Type, d.Date, d.Author, d.Subject = h.Title, h.Type, h.Date, h.Author, h.Subject
	d.Origin = f.origin(d.Views)
	d.Sections = f.sections(d.Views)
	return d
}

// Outline says in a few words what the file holds, for an index. What was
// entered in error is not in it: an index has no room to say so.
func (f *File) Outline() Outline {
	views := make([]View, len(f.at))
	for i := range f.at {
		views[i] = f.build(i, true).v
	}
	o := f.head(views)
	visit := f.compositionVisit()
	for _, aside := range []bool{false, true} {
		for i, v := range views {
			if v.Void || v.Type == "Composition" || ruleFor(v.Type).aside != aside {
				continue
			}
			l := f.line(i, v)
			if l.Visit == 0 {
				l.Visit = visit
			}
			o.Lines = append(o.Lines, l)
		}
		if len(o.Lines) > 0 {
			break // only a file with nothing clinical lists what is left
		}
	}
	f.addProse(&o)
	return o
}

// composition is the first Composition of a document Bundle, or the one
// resource there is.
func (f *File) composition() int {
	if f.BundleType != "document" && len(f.at) != 1 {
		return -1
	}
	for i := range f.Entries {
		if f.Entries[i].Type == "Composition" {
			return i
		}
	}
	return -1
}

func (f *File) compositionVisit() int {
	c := f.composition()
	if c < 0 {
		return 0
	}
	if at, i := f.target(c, f.at[c].get("encounter")); at.ok() && i >= 0 && f.Entries[i].Type == "Encounter" {
		return i + 1
	}
	return 0
}

// head is what stands over the whole.
func (f *File) head(views []View) Outline {
	o := Outline{Type: f.BundleType, Subject: f.subject()}
	c := f.composition()
	switch {
	case c >= 0:
		e := f.at[c]
		o.Title = views[c].Title
		o.Date = firstOf(dateOf(e.get("date")), f.Timestamp)
		o.Author = f.authors(c, e.get("author"))
	case len(views) == 1:
		o.Title, o.Date = views[0].Title, views[0].Date
		o.Author = f.authorOf(0)
	default:
		o.Date = firstOf(f.Timestamp, newest(views))
		if only := f.onlyOne(views); only >= 0 {
			o.Title, o.Date, o.Author = views[only].Title, firstOf(views[only].Date, o.Date), f.authorOf(only)
		}
	}
	if o.Type == "" && len(f.Entries) > 0 {
		o.Type = f.Entries[0].Type
	}
	return o
}

// onlyOne is the entry that names a Bundle without a Composition: its one
// clinical entry, its one visit, or the one report among its results. What was
// entered in error names nothing that has something right beside it.
func (f *File) onlyOne(views []View) int {
	count := map[string]int{}
	last := map[string]int{}
	note := func(what string, i int) {
		count[what]++
		last[what] = i
	}
	right := slices.ContainsFunc(views, func(v View) bool { return !v.Void && !ruleFor(v.Type).aside })
	for i, v := range views {
		if ruleFor(v.Type).aside || v.Void && right {
			continue
		}
		note("", i)
		note(v.Type, i)
		if !ofReport[v.Type] {
			note("else", i)
		}
	}
	switch {
	case count[""] == 1:
		return last[""]
	case count["Encounter"] == 1:
		return last["Encounter"]
	case count["DiagnosticReport"] == 1 && count["else"] == 0 && count["Encounter"] == 0:
		return last["DiagnosticReport"]
	}
	return -1
}

// ofReport are what comes with a report.
var ofReport = set("DiagnosticReport Observation ServiceRequest ImagingStudy Media Binary DocumentReference")

// newest is the date of the last thing that has happened, plans left out. FHIR
// dates sort as text up to their time zones, which is close enough here.
func newest(views []View) string {
	last := ""
	for _, v := range views {
		switch {
		case v.Void, ruleFor(v.Type).aside, v.Kind == KindAppointment, v.Kind == KindCarePlan, v.Kind == KindOther:
		case v.Date > last:
			last = v.Date
		}
	}
	return last
}

func (f *File) authors(i int, e element) string {
	var names []string
	for _, a := range e.items() {
		at, j := f.target(i, a)
		name := a.get("display").peek()
		if (name == "" || hollow(name, at)) && at.ok() {
			name = f.called(at, j)
		}
		if name = strings.Join(strings.Fields(name), " "); name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// authorNames are where single resources say who stands behind them, the surest first.
var authorNames = []string{"author", "requester", "recorder", "resultsInterpreter", "performer", "informationSource", "serviceProvider", "custodian"}

// authorOf is who stands behind a single resource, as far as it says.
func (f *File) authorOf(i int) string {
	e := f.at[i]
	for _, name := range authorNames {
		ref := e.get(name)
		if actor := ref.first().get("actor"); actor.ok() {
			ref = actor
		}
		if s := f.authors(i, ref); s != "" {
			return s
		}
	}
	return ""
}

// subject is who the file is about: the Composition's subject, else the first
// Patient, else the name a resource gives its subject.
func (f *File) subject() Person {
	if c := f.composition(); c >= 0 {
		if at, _ := f.target(c, f.at[c].get("subject")); at.get("resourceType").peek() == "Patient" {
			return person(at)
		}
	}
	for i, e := range f.Entries {
		if e.Type == "Patient" {
			return person(f.at[i])
		}
	}
	for i, e := range f.at {
		for _, name := range []string{"subject", "patient", "beneficiary"} {
			ref := e.get(name).first()
			if at := f.contained(i, ref.get("reference").peek()); at.get("resourceType").peek() == "Patient" {
				return person(at)
			}
			if s := ref.get("display").peek(); s != "" && s != "Patient" {
				return Person{Name: s}
			}
		}
	}
	return Person{}
}

func person(e element) Person {
	return Person{Name: humanName(bestName(e), element.peek), BirthDate: e.get("birthDate").peek(), Gender: e.get("gender").peek()}
}

// kinds in the order in which they are shown.
var kinds = []Kind{KindPatient, KindAllergy, KindCondition, KindMedicine, KindImmunization, KindResult, KindVital,
	KindProcedure, KindVisit, KindCarePlan, KindAppointment, KindDevice, KindDocument, KindPhoto, KindBill, KindOther}

// sections are those of the Composition, in its order, nested ones behind their
// parent; what no section names follows by kind.
func (f *File) sections(views []View) []Section {
	var out []Section
	placed := make([]bool, len(views))
	within := reports(views)
	if c := f.composition(); c >= 0 {
		out = f.composed(c, f.at[c], 0, within)
	}
	for _, s := range out {
		for _, i := range s.Entries {
			placed[i] = true
		}
	}
	for i, r := range within { // what no section names has its place with its report
		if r >= 0 && !placed[i] {
			views[r].Parts = append(views[r].Parts, i)
			placed[i] = true
		}
	}
	for _, k := range kinds {
		s := Section{Kind: k}
		for i, v := range views {
			if v.Kind == k && !placed[i] {
				s.Entries = append(s.Entries, i)
			}
		}
		if len(s.Entries) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// reports says of each entry which report shows it among its results, -1: none. Of several
// the first does.
func reports(views []View) []int {
	within := make([]int, len(views))
	for i := range within {
		within[i] = -1
	}
	for i, v := range views {
		if v.Type != "DiagnosticReport" {
			continue
		}
		for _, r := range v.Results {
			if r.Entry >= 0 && r.Entry != i && within[r.Entry] < 0 && views[r.Entry].Type == "Observation" {
				within[r.Entry] = i
			}
		}
	}
	return within
}

// apart leaves out of a section what one of its reports shows.
func apart(entries, within []int) []int {
	here := make(map[int]bool, len(entries))
	for _, i := range entries {
		here[i] = true
	}
	return slices.DeleteFunc(entries, func(i int) bool { return within[i] >= 0 && here[within[i]] })
}

func (f *File) composed(c int, e element, level int, within []int) []Section {
	var out []Section
	for _, s := range e.get("section").items() {
		sec := Section{Title: sectionTitle(s), Level: level, Narrative: Narrative(s.get("text").get("div").peek())}
		if first := s.get("code").get("coding").first(); first.ok() {
			sec.Code = code(first)
		}
		if r := s.get("emptyReason"); r.ok() {
			sec.Empty = firstOf(firstCode(r), words(r))
		}
		for _, ref := range s.get("entry").items() {
			if at, i := f.target(c, ref); at.ok() && i >= 0 {
				sec.Entries = append(sec.Entries, i)
			} else {
				sec.Missing++
			}
		}
		sec.Entries = apart(sec.Entries, within)
		if sec.Title == "" {
			sec.Kind = KindOther
			if len(sec.Entries) > 0 {
				sec.Kind = firstKind(ruleFor(f.Entries[sec.Entries[0]].Type).kind, KindOther)
			}
		}
		out = append(out, sec)
		out = append(out, f.composed(c, s, level+1, within)...)
	}
	return out
}
