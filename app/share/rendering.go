package share

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"potli/app/conform"
	"potli/app/fhir"
	"potli/app/fhir/tree"
	"potli/app/sheet"
)

// How long the rendering of a collection may be, in pages: of a file, and of a link, which has to be there in seconds over a
// bad network.
const (
	MostPages     = 40
	MostLinkPages = 8
)

// Render adds to a patient-shared collection a PDF in which a person reads every resource of it that is no document by
// itself: a DocumentReference of type LOINC 60591-5, as "Patient-Shared Health Documents via SMART Health Links" 0.10.2 asks
// for. It says nothing that the collection does not say, since it is made of its bytes. What of it was laid on pages is
// listed in context.related; what was not is missing there, and the list is compared before anything leaves (KTC-07).
//
// A picture inside another resource is named and not drawn; it is in the file. pen draws what is not Latin, and may be nil;
// most is how many pages there may be. A collection of documents alone is returned as it is. Errors: sheet.ErrPages,
// sheet.ErrPen, that of the pen, *FaultError.
func Render(bundle []byte, words Words, language string, pen sheet.Pen, most int) ([]byte, error) {
	root, err := tree.Read(bundle)
	if err != nil {
		return nil, fmt.Errorf("rendering a collection: %w", err)
	}
	f, err := fhir.Parse(bundle)
	if err != nil {
		return nil, fmt.Errorf("rendering a collection: %w", err)
	}
	entries := tree.List(root["entry"])
	if len(entries) != len(f.Entries) {
		return nil, errors.New("rendering a collection: not as it was written")
	}
	r := renderer{words: words, language: language, date: tree.Text(root["timestamp"])}
	r.read(f)
	if len(r.views) < 2 { // a document and whose it is: nothing else is to be read
		return bundle, nil
	}
	pdf, at, err := sheet.Write(r.paper(f, most), pen)
	if err != nil {
		return nil, err
	}
	root["entry"] = append(entries, r.entry(bundle, entries, pdf, at))
	if found := conform.CheckTree(conform.KTC, root); len(found) > 0 {
		return nil, &FaultError{Faults: []Fault{{Rule: found[0].Rule, Path: found[0].Path}}}
	}
	return writeJSON(root), nil
}

// renderer writes what is to be read of a collection.
type renderer struct {
	words    Words
	language string
	date     string
	views    []fhir.View // in the order in which they are read
	patient  int         // entry of the one it is about
}

// order in which kinds are read, as on the other papers; what stands behind a record comes last.
var order = []fhir.Kind{fhir.KindPatient, fhir.KindAllergy, fhir.KindCondition, fhir.KindMedicine, fhir.KindImmunization, fhir.KindResult,
	fhir.KindVital, fhir.KindProcedure, fhir.KindVisit, fhir.KindCarePlan, fhir.KindAppointment, fhir.KindDevice, fhir.KindDocument,
	fhir.KindPhoto, fhir.KindBill, fhir.KindOther}

func (r *renderer) read(f *fhir.File) {
	for i, e := range f.Entries {
		if e.Type == "DocumentReference" {
			continue
		}
		v := f.View(i)
		switch {
		case v.Type == "Patient":
			r.patient = i
		case v.Kind == fhir.KindPatient:
			v.Kind = fhir.KindOther
		}
		r.views = append(r.views, v)
	}
	slices.SortStableFunc(r.views, func(a, b fhir.View) int { return slices.Index(order, a.Kind) - slices.Index(order, b.Kind) })
}

func (r *renderer) say(key string, args ...string) string {
	m := fhir.Message{Key: key}
	if len(args) == 2 {
		m.Args = map[string]string{args[0]: args[1]}
	}
	return r.words(m)
}

func (r *renderer) paper(f *fhir.File, most int) sheet.Paper {
	p := sheet.Paper{Title: r.say("share.rendering"), Language: r.language, Most: most}
	if day, _, _ := strings.Cut(r.date, "T"); day != "" {
		p.Side = r.say("print.made", "date", day)
	}
	if v := r.views[0]; v.Type == "Patient" {
		p.Head = apart(v.Title, fieldText(v, "field.birthDate"))
	}
	kind := fhir.Kind("")
	for _, v := range r.views {
		part := r.part(v)
		if v.Kind != kind {
			kind = v.Kind
			part = append(sheet.Part{{Style: sheet.Heading, Text: r.say("kind." + string(kind))}}, part...)
		}
		p.Parts = append(p.Parts, part)
	}
	return p
}

// fieldText is the text of a known field, "" where there is none.
func fieldText(v fhir.View, label string) string {
	for _, f := range v.Fields {
		if f.Known && f.Label == label && len(f.Values) > 0 {
			return f.Values[0].Text
		}
	}
	return ""
}

// fields are those that the name of a thing and the head of each page do not say: whose it is, what it is called.
func (r *renderer) fields(v fhir.View) (all []fhir.Field) {
	for _, f := range slices.Concat(v.Fields, v.More) {
		if r.values(f.Values) == "" || Repeats(v, f) || v.Type != "Patient" && r.aboutPatient(f) {
			continue
		}
		all = append(all, f)
	}
	return all
}

// Repeats says whether a field says only what a thing is called, which stands over it.
func Repeats(v fhir.View, f fhir.Field) bool {
	return f.Known && slices.Contains([]string{"field.code", "field.medicine", "field.vaccine"}, f.Label) &&
		len(f.Values) == 1 && f.Values[0].Text == v.Title
}

// aboutPatient says whether all that a field does is lead to the one patient.
func (r *renderer) aboutPatient(f fhir.Field) bool {
	return !slices.ContainsFunc(f.Values, func(v fhir.Value) bool { return v.Type != fhir.ValueLink || v.Entry != r.patient })
}

// part is all that is to be read of one resource. The many small things that a measurement carries stand in one paragraph.
func (r *renderer) part(v fhir.View) sheet.Part {
	p := sheet.Part{{Style: sheet.Name, Text: r.name(v)}, {Text: r.line(v)}}
	for _, one := range v.Results {
		if v.Type == "Observation" && len(v.Results) < 2 && len(one.Note) == 0 {
			continue // in its line
		}
		p = append(p, sheet.Line{Label: one.Name, Text: r.result(one)})
	}
	if fields := r.fields(v); v.Type == "Observation" {
		p = append(p, sheet.Line{Style: sheet.Small, Text: r.flowing(fields)})
	} else {
		for _, f := range fields {
			p = append(p, sheet.Line{Label: r.label(f), Text: r.values(f.Values)})
		}
	}
	for _, a := range v.Attachments {
		name := a.Title
		if name == "" {
			name = a.ContentType
		}
		p = append(p, sheet.Line{Text: r.say("print.attached", "name", name)})
	}
	return p
}

// name is what a thing is called: by its own words, else by its type.
func (r *renderer) name(v fhir.View) string {
	if v.Title != "" {
		return v.Title
	}
	if key := "type." + v.Type; r.say(key) != key {
		return r.say(key)
	}
	return v.Type
}

// line says in short what there is to a thing, and first whether it holds at all.
func (r *renderer) line(v fhir.View) string {
	var said []string
	for key, is := range map[string]bool{"state.void": v.Void, "state.negated": v.Negated, "state.inactive": v.Inactive} {
		if is {
			said = append(said, r.say(key))
		}
	}
	slices.Sort(said)
	said = append(said, r.values(v.Detail))
	if len(v.Results) == 1 && v.Type == "Observation" {
		said = append(said, v.Results[0].Range, r.flag(v.Results[0].Flag))
	}
	return apart(append(said, clock(v.Date))...)
}

func (r *renderer) flag(flag string) string {
	if flag == "" || flag == "normal" {
		return ""
	}
	return r.say("flag." + flag)
}

func (r *renderer) result(one fhir.Result) string {
	return apart(r.values(one.Value), one.Range, r.flag(one.Flag), r.values(one.Note))
}

// values are what a field says, times as a person reads them.
func (r *renderer) values(list []fhir.Value) string {
	var all []string
	for _, v := range list {
		var said []string
		for _, m := range v.Messages {
			said = append(said, r.words(m))
		}
		switch v.Type {
		case fhir.ValueMessage:
			v.Text = listed(said, r.words)
		case fhir.ValueDate:
			v.Text = clock(v.Text)
		case fhir.ValuePeriod:
			v.Text = strings.TrimSpace(clock(v.Text) + " – " + clock(v.End))
		case fhir.ValueQuantity:
			v.Text = strings.TrimSpace(v.Text + " " + v.Unit)
		}
		if v.Text != "" {
			all = append(all, v.Text)
		}
	}
	return listed(all, r.words)
}

// clock is a FHIR time to the minute, with its zone apart: 2026-10-13 07:50 +05:30. A date stays as it is.
func clock(s string) string {
	const minute = len("2026-10-13T07:50")
	if len(s) < minute || s[10] != 'T' {
		return s
	}
	zone := ""
	if i := strings.IndexAny(s[minute:], "Z+-"); i >= 0 {
		zone = " " + strings.Replace(s[minute+i:], "Z", "UTC", 1)
	}
	return s[:10] + " " + s[11:minute] + zone
}

func (r *renderer) label(f fhir.Field) string {
	if f.Known {
		return r.say(f.Label)
	}
	return f.Label
}

func (r *renderer) flowing(fields []fhir.Field) string {
	var said []string
	for _, f := range fields {
		said = append(said, r.label(f)+": "+r.values(f.Values))
	}
	return apart(said...)
}

// apart are several short texts in a row; the same twice is said once.
func apart(texts ...string) string {
	var said []string
	for _, s := range texts {
		if s != "" && !slices.Contains(said, s) {
			said = append(said, s)
		}
	}
	return strings.Join(said, " · ")
}

// entry is the document among the entries. Its address comes from the collection, so that the same one gives the same bytes.
func (r *renderer) entry(bundle []byte, entries []any, pdf []byte, at []int) object {
	ids := uuids{seed: sha256.Sum256(bundle)}
	var related []any
	url := func(i int) string { return tree.Text(tree.Obj(entries[i])["fullUrl"]) }
	for i, v := range r.views {
		if at[i] > 0 {
			related = append(related, object{"reference": url(v.Entry)})
		}
	}
	d := draft{patient: url(r.patient)}
	a := attachment{typ: "application/pdf", title: r.say("share.rendering"), date: r.date, data: base64.StdEncoding.EncodeToString(pdf)}
	doc := d.document(a, nil)
	doc["date"], doc["type"], doc["context"] = r.date, concept(loinc, "60591-5"), object{"related": related}
	return object{"fullUrl": ids.next(), "resource": doc}
}

// isRendering says whether a document that came in only shows what stands beside it, by its own list. It is not given on: what
// it shows is offered entry by entry, and a page cannot leave out what the person does.
func isRendering(r object) bool {
	listed := tree.List(tree.Obj(r["context"])["related"])
	return isPatientShared(r) && promises(r["type"]) && len(listed) > 0
}

// RenderLink is Render for what a link holds, RenderFile for what a file does. Where there can be no rendering they return the
// collection as it is, and why.
func RenderLink(bundle []byte, words Words, language string, pen sheet.Pen) ([]byte, error) {
	return rendered(bundle, words, language, pen, MostLinkPages, fits)
}

func RenderFile(bundle []byte, words Words, language string, pen sheet.Pen) ([]byte, error) {
	return rendered(bundle, words, language, pen, MostPages, fitsFile)
}

func rendered(bundle []byte, words Words, language string, pen sheet.Pen, most int, room func(int) bool) ([]byte, error) {
	out, err := Render(bundle, words, language, pen, most)
	if err == nil && !room(len(out)) {
		err = sheet.ErrPages
	}
	if err != nil {
		return bundle, err
	}
	return out, nil
}
