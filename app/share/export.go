package share

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"potli/app/conform"
	"potli/app/fhir"
	"potli/app/record"
)

// Form is how a selection is given on as a file.
type Form string

const (
	FormIPS       Form = "ips"       // International Patient Summary 2.0.1, a document
	FormKTC       Form = "ktc"       // patient-shared collection
	FormOriginals Form = "originals" // the documents as they arrived, in one collection
	FormCSV       Form = "csv"       // the numbers, for a spreadsheet
)

// Forms are all of them.
var Forms = []Form{FormIPS, FormKTC, FormOriginals, FormCSV}

// MaxFile is how large an exported Bundle may be. A browser holds it several times while it is made, and what is larger than
// what comes in (record.MaxBytes) could not be brought back.
const MaxFile = record.MaxBytes

// ErrFileTooBig: what was chosen does not fit one file.
var ErrFileTooBig = errors.New("too much for one file")

func fitsFile(n int) bool { return n <= MaxFile }

// Export puts chosen items into a file. The same rules hold as for Compose, and it is as pure: nothing that was not chosen is
// in it, and what breaks the rules of its form is not returned. Errors: ErrNothing, ErrFileTooBig, *FaultError.
func Export(form Form, who Person, sources []Source, chosen []Item, words Words, now time.Time, rand io.Reader) ([]byte, error) {
	switch form {
	case FormOriginals:
		return originals(who, sources, chosen, now, rand)
	case FormIPS, FormKTC:
		b, err := compose(Shape(form), who, sources, chosen, words, now, rand, fitsFile)
		if errors.Is(err, ErrTooBig) || err == nil && !fitsFile(len(b)) {
			return nil, ErrFileTooBig
		}
		return b, err
	}
	return nil, fmt.Errorf("%w: form", ErrOptions)
}

// Whole lists the records themselves, for giving them on as they arrived, the newest first. One is sensitive if anything in it
// is, also what Choose would not offer: it leaves all the same.
func Whole(sources []Source, now time.Time) []Item {
	rules := newRules()
	items := make([]Item, 0, len(sources))
	for _, s := range sources {
		it := documentItem(s, rules)
		it.Sensitive = union(it.Sensitive, wholeMarks(s, rules))
		it.Type, it.Suggested, it.Bytes = "", true, len(s.Body)
		if it.Kind = fhir.KindDocument; isPicture(s.Meta.Format) {
			it.Kind = fhir.KindPhoto
		}
		if it.Date == "" {
			it.Date = s.Meta.Added.UTC().Format(time.DateOnly)
		}
		items = append(items, it)
	}
	slices.SortStableFunc(items, func(a, b Item) int { return strings.Compare(day(b.Date), day(a.Date)) })
	return items
}

func isPicture(f record.Format) bool { return strings.HasPrefix(string(f), "image/") }

// wholeMarks are the groups that anything in a record belongs to. What cannot be read cannot be judged: like a photo, it is
// not marked, and the page says so.
func wholeMarks(s Source, r *rules) []string {
	o, err := open(s, r)
	if err != nil {
		return nil
	}
	var all mark
	for _, m := range o.marks {
		all |= m
	}
	return all.names()
}

// originals is a collection of the chosen records: FHIR as the bytes that arrived, everything else as a document with its bytes
// inside. A Bundle stays one, so that its references and signatures hold as they did.
func originals(who Person, sources []Source, chosen []Item, now time.Time, rand io.Reader) ([]byte, error) {
	ids, err := newUUIDs(rand)
	if err != nil {
		return nil, fmt.Errorf("putting originals together: %w", err)
	}
	var out bytes.Buffer
	out.WriteString(`{"resourceType":"Bundle","type":"collection","timestamp":"` + now.UTC().Format(time.RFC3339) + `","entry":[`)
	n := 0
	for _, s := range sources {
		if !slices.ContainsFunc(chosen, func(it Item) bool { return it.Record == s.Meta.ID }) {
			continue
		}
		if !fitsFile(out.Len() + len(s.Body)) { // before it is copied
			return nil, ErrFileTooBig
		}
		if n++; n > 1 {
			out.WriteByte(',')
		}
		out.WriteString("\n" + `{"fullUrl":"` + ids.next() + `","resource":`)
		if s.Meta.Format == record.FormatFHIR {
			out.Write(bytes.TrimSpace(bytes.TrimPrefix(s.Body, []byte("\xef\xbb\xbf"))))
		} else {
			out.Write(writeJSON(enclosed(who, s, now)))
		}
		out.WriteByte('}')
		if !fitsFile(out.Len()) {
			return nil, ErrFileTooBig
		}
	}
	out.WriteString("\n]}\n")
	if n == 0 {
		return nil, ErrNothing
	}
	if found := conform.Check(conform.Plain, out.Bytes()); len(found) > 0 {
		e := &FaultError{}
		for _, f := range found {
			e.Faults = append(e.Faults, Fault{Rule: f.Rule, Path: f.Path})
		}
		return nil, e
	}
	return out.Bytes(), nil
}

// enclosed is a record that is no FHIR as a DocumentReference with its exact bytes.
func enclosed(who Person, s Source, now time.Time) object {
	a := attachment{typ: string(s.Meta.Format), title: nameOf(s.Meta), date: s.Meta.Date, data: base64.StdEncoding.EncodeToString(s.Body)}
	r := object{"resourceType": "DocumentReference", "status": "current", "content": []any{object{"attachment": a.element()}},
		"date": now.UTC().Format(time.RFC3339)}
	if who.Name != "" {
		r["subject"] = object{"display": who.Name}
	}
	return r
}
