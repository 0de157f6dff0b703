package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
	"potli/app/sheet"
)

// PrepareExport lists what can be taken out as a file or on paper: of the person who is shown, or of the given records alone.
// whole: the records themselves, for giving them on as they arrived. Errors: those of PrepareLink.
func (w *Wallet) PrepareExport(ctx context.Context, whole bool, only ...record.ID) (*Preview, error) {
	return w.fill(ctx, &Preview{Options: share.SendLink(), whole: whole}, only)
}

// Range narrows a Preview down to what the person wants to take out.
type Range struct {
	All   bool        // everything; else the summary, as a share suggests it
	Kinds []fhir.Kind // of these kinds; none: of all
	Since string      // a day, YYYY-MM-DD; what has no date is in all the same. "": of all times
}

// Narrow returns a copy that chooses just what is in range. A sensitive group that was left out stays out.
func (p *Preview) Narrow(r Range) *Preview {
	c := p.clone()
	var out []string
	for _, g := range p.Groups {
		if p.Without(g) {
			out = append(out, g)
		}
	}
	for i, it := range c.Items {
		c.Chosen[i] = r.holds(it) && !slices.ContainsFunc(it.Sensitive, func(g string) bool { return slices.Contains(out, g) })
	}
	return c
}

// Without says whether nothing of a sensitive group is chosen, though there is something.
func (p *Preview) Without(group string) bool {
	some := false
	for i, it := range p.Items {
		if slices.Contains(it.Sensitive, group) {
			if some = true; p.Chosen[i] {
				return false
			}
		}
	}
	return some
}

func (r Range) holds(it share.Item) bool {
	if !r.All && !it.Suggested || len(r.Kinds) > 0 && !slices.Contains(r.Kinds, it.Kind) {
		return false
	}
	return it.Date == "" || day(it.Date) >= r.Since[:min(len(r.Since), len(it.Date))]
}

// Order says how a selection is to be taken out.
type Order struct {
	Form  share.Form
	Title string // what the file is to be called, without date and ending
	Mark  bool   // of a CSV: for Excel
}

// Taken is a file that was taken out.
type Taken struct {
	Name, Type string
	Body       []byte
	Unread     Unread
}

// Unread says why a collection has no pages for a person to read, "" where it has them or needs none.
type Unread string

const (
	UnreadPages Unread = "pages" // they would be more than share.MostPages
	UnreadPen   Unread = "pen"   // this browser cannot make them
)

// TakeOut makes a file of what is chosen, and notes that it left. It is checked before: what breaks the rules of what it would
// be called is not returned. Errors: ErrNothing, share.ErrFileTooBig, *share.FaultError.
func (w *Wallet) TakeOut(ctx context.Context, p *Preview, o Order) (t Taken, err error) {
	chosen := p.Selected()
	if len(chosen) == 0 {
		return Taken{}, ErrNothing
	}
	if err := w.mayShow(ctx, p.Person.ID); err != nil {
		return Taken{}, err
	}
	_, end := w.work(JobExport, "", false)
	defer end()
	if o.Form == share.FormCSV {
		t.Type = "text/csv"
		t.Body, err = share.CSV(w.lined(p), chosen, o.Mark)
	} else {
		t, err = w.exportFile(ctx, p, chosen, o.Form)
	}
	if err != nil {
		return Taken{}, err
	}
	t.Name = record.FileName(record.Meta{Title: o.Title, Date: w.today(), Format: record.Format(t.Type)})
	if o.Form == share.FormCSV {
		t.Name = strings.TrimSuffix(t.Name, record.Ext("")) + ".csv"
	}
	return t, w.noteGiven(ctx, p, string(o.Form), t.Name)
}

func (w *Wallet) today() string { return w.d.Now().Format("2006-01-02") }

// lined are the records of a preview with their lines, which prepare left in the index.
func (w *Wallet) lined(p *Preview) (metas []record.Meta) {
	for _, m := range p.metas {
		if m, ok := w.Record(m.ID); ok {
			metas = append(metas, m)
		}
	}
	return metas
}

// A Pen writes what is not Latin on the pages of a collection, run by run.
type (
	Pen = sheet.Pen
	Run = sheet.Run
)

// exportArgs go to the worker with the records that something is chosen of.
type exportArgs struct {
	Form     share.Form
	Person   share.Person
	Chosen   []share.Item
	Metas    []record.Meta
	Language []byte
	Tag      string // of the language
}

// packed is a job's input: the chosen items, and the records that they are of.
func (w *Wallet) packed(p *Preview, chosen []share.Item, form share.Form) ([]byte, error) {
	a := exportArgs{Form: form, Chosen: chosen, Language: w.d.Language(), Tag: w.Snapshot().Settings.Language,
		Person: share.Person{Name: p.Person.Name, BirthDate: p.Person.BirthDate, Gender: p.Person.Gender}}
	var bodies [][]byte
	for i, m := range p.metas {
		if slices.ContainsFunc(chosen, func(it share.Item) bool { return it.Record == m.ID }) {
			a.Metas = append(a.Metas, m)
			bodies = append(bodies, p.bodies[i])
		}
	}
	return pack(a, bodies...)
}

func (w *Wallet) exportFile(ctx context.Context, p *Preview, chosen []share.Item, form share.Form) (Taken, error) {
	in, err := w.packed(p, chosen, form)
	if err != nil {
		return Taken{}, err
	}
	out, err := w.d.Worker.Run(ctx, jobExport, in, nil)
	if err != nil {
		return Taken{}, err
	}
	t := Taken{Type: string(record.FormatFHIR)}
	blobs, err := unpackN(out, &t.Unread, 1)
	if err != nil {
		return Taken{}, err
	}
	t.Body = blobs[0]
	return t, nil
}

func (j Jobs) export(in []byte) ([]byte, error) {
	var a exportArgs
	blobs, err := unpack(in, &a)
	if err != nil || len(blobs) != len(a.Metas) {
		return nil, errFrame
	}
	words, err := j.Words(a.Language)
	if err != nil {
		return nil, err
	}
	b, err := share.Export(a.Form, a.Person, sources(a.Metas, blobs), a.Chosen, words, j.Now(), j.Rand)
	if err != nil {
		return nil, err
	}
	var unread Unread
	if a.Form == share.FormKTC {
		b, err = share.RenderFile(b, words, a.Tag, j.Pen)
		unread = unreadFor(err)
	}
	return pack(unread, b)
}

// unreadFor says what is to be told of why there are no pages.
func unreadFor(err error) Unread {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, sheet.ErrPages):
		return UnreadPages
	}
	return UnreadPen
}

// Facts reads what is chosen in full, for paper. Errors: ErrNothing.
func (w *Wallet) Facts(ctx context.Context, p *Preview) ([]share.Fact, error) {
	chosen := p.Selected()
	if len(chosen) == 0 {
		return nil, ErrNothing
	}
	if err := w.mayShow(ctx, p.Person.ID); err != nil {
		return nil, err
	}
	in, err := w.packed(p, chosen, "")
	if err != nil {
		return nil, err
	}
	out, err := w.d.Worker.Run(ctx, jobFacts, in, nil)
	if err != nil {
		return nil, err
	}
	var facts []share.Fact
	return facts, unmarshal(out, &facts)
}

func (j Jobs) facts(in []byte) ([]byte, error) {
	var a exportArgs
	blobs, err := unpack(in, &a)
	if err != nil || len(blobs) != len(a.Metas) {
		return nil, errFrame
	}
	return json.Marshal(share.Facts(sources(a.Metas, blobs), a.Chosen))
}
