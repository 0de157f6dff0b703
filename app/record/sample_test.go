package record_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"potli/app/fhir"
	"potli/app/record"
)

const sampleFamily = "../../web/sample"

type sampleEntry struct {
	File   string      `json:"file"`
	Person fhir.Person `json:"person"`
}

func sampleIndex(t *testing.T) []sampleEntry {
	b, err := os.ReadFile(filepath.Join(sampleFamily, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []sampleEntry
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestSampleFamily: the first thing a visitor sees must come in without a
// question and be whole.
func TestSampleFamily(t *testing.T) {
	kinds := map[fhir.Kind]int{}
	listed := map[string]bool{"index.json": true}
	for _, s := range sampleIndex(t) {
		listed[s.File] = true
		b, err := os.ReadFile(filepath.Join(sampleFamily, s.File))
		if err != nil {
			t.Fatal(err)
		}
		format, err := record.Sniff(b)
		if err != nil {
			t.Fatalf("%s: %v", s.File, err)
		}
		o, err := record.Summarise(format, s.File, b)
		if err != nil {
			t.Fatalf("%s: %v", s.File, err)
		}
		for _, l := range o.Lines {
			kinds[l.Kind]++
			if l.Title == "" {
				t.Errorf("%s: a line of kind %s has no title", s.File, l.Kind)
			}
		}
		if o.Title == "" || record.Differs(o.Subject, s.Person) {
			t.Errorf("%s: %q is about %+v", s.File, o.Title, o.Subject)
		}
		if format == record.FormatFHIR {
			t.Run(s.File, func(t *testing.T) { wholeSample(t, b) })
		}
	}
	files, err := os.ReadDir(sampleFamily)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !listed[f.Name()] {
			t.Errorf("%s is not in index.json", f.Name())
		}
	}
	for _, k := range []fhir.Kind{fhir.KindAllergy, fhir.KindCondition, fhir.KindMedicine, fhir.KindImmunization, fhir.KindResult, fhir.KindVital,
		fhir.KindProcedure, fhir.KindVisit, fhir.KindCarePlan, fhir.KindAppointment, fhir.KindDocument, fhir.KindPhoto} {
		if kinds[k] == 0 {
			t.Errorf("nothing of kind %s", k)
		}
	}
}

func wholeSample(t *testing.T, b []byte) {
	f, err := fhir.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	d := f.Document()
	if !strings.Contains(string(b), "SAMPLE") || d.Subject.BirthDate == "" {
		t.Error("not marked as a sample, or about nobody")
	}
	for _, s := range d.Sections {
		if s.Missing > 0 {
			t.Errorf("section %s names what is not there", s.Title)
		}
	}
	for i, e := range f.Entries {
		var v any
		if err := json.Unmarshal(e.Raw, &v); err != nil {
			t.Fatal(err)
		}
		eachReference(v, func(ref string) {
			if _, ok := f.Resolve(i, ref); !ok {
				t.Errorf("%s: %s leads nowhere", e.Type, ref)
			}
		})
	}
}

func eachReference(v any, f func(string)) {
	switch v := v.(type) {
	case map[string]any:
		if r, ok := v["reference"].(string); ok {
			f(r)
		}
		for _, x := range v {
			eachReference(x, f)
		}
	case []any:
		for _, x := range v {
			eachReference(x, f)
		}
	}
}
