// Package fhirtest holds what the tests of this project ask of every view that
// app/fhir makes: that nothing of a document is lost on the way to a reader.
// It shares no code with what it judges. Nothing that ships imports it.
package fhirtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"potli/app/fhir"
)

// Lossless fails t for every string and number of b that nobody can read in its
// view, but for what noise lists.
func Lossless(t testing.TB, b []byte) {
	t.Helper()
	f, err := fhir.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	d := f.Document()
	if len(d.Views) != len(f.Entries) {
		t.Fatalf("%d views of %d entries", len(d.Views), len(f.Entries))
	}
	faults := 0
	for i, v := range d.Views {
		said := Everything(t, f, v)
		if v.Type == "Composition" {
			for _, s := range d.Sections {
				said.Add(s.Title, s.Code, s.Empty, fhir.NarrativeText(s.Narrative))
			}
		}
		var r any
		dec := json.NewDecoder(bytes.NewReader(f.Entries[i].Raw))
		dec.UseNumber()
		if err := dec.Decode(&r); err != nil {
			t.Fatal(err)
		}
		leaves(r, nil, func(path []string, parent map[string]any, leaf string) {
			if noise(path, parent, leaf) || said.Has(leaf, path) {
				return
			}
			if faults++; faults < 20 {
				t.Errorf("entry %d %s: %s = %.80q is not shown", i, v.Type, strings.Join(path, "."), leaf)
			}
		})
	}
}

// Leaves calls f for each string and number of a resource with the names that
// lead to it.
func Leaves(resource []byte, f func(path []string, leaf string)) {
	var v any
	dec := json.NewDecoder(bytes.NewReader(resource))
	dec.UseNumber()
	if dec.Decode(&v) == nil {
		leaves(v, nil, func(path []string, _ map[string]any, leaf string) { f(path, leaf) })
	}
}

func leaves(v any, path []string, f func(path []string, parent map[string]any, leaf string)) {
	var walk func(v any, path []string, parent map[string]any)
	walk = func(v any, path []string, parent map[string]any) {
		switch v := v.(type) {
		case map[string]any:
			for k, x := range v {
				walk(x, append(path[:len(path):len(path)], k), v)
			}
		case []any:
			for _, x := range v {
				walk(x, path, parent)
			}
		case string:
			f(path, parent, v)
		case json.Number:
			f(path, parent, v.String())
		}
	}
	walk(v, path, nil)
}

// isType: "Practitioner", or "ObservationVitalsPanel".
func isType(s string) bool {
	for _, typ := range []string{"Patient", "Practitioner", "Organization", "Observation", "Medication", "ChargeItem", "Condition", "DocumentReference",
		"AllergyIntolerance", "FamilyMemberHistory", "ImagingStudy", "Media", "Binary", "CarePlan", "Invoice", "Encounter", "Procedure", "Specimen", "Device", "Appointment", "Immunization", "ServiceRequest", "DiagnosticReport", "Location", "Coverage"} {
		if rest, ok := strings.CutPrefix(s, typ); ok && !strings.ContainsAny(rest, " .,-/") {
			return true
		}
	}
	return false
}

// noise is the whole list of what is not shown: names for machines and where
// names come from.
func noise(path []string, parent map[string]any, leaf string) bool {
	at := func(n int) string {
		if len(path) < n {
			return ""
		}
		return path[len(path)-n]
	}
	name, in := at(1), at(2)
	_, shownReference := parent["display"]
	switch {
	case strings.TrimSpace(strings.Map(visible, leaf)) == "":
		return true
	case name == "id", name == "resourceType", name == "implicitRules":
		return true
	case len(path) >= 2 && path[0] == "meta" && path[1] != "security" && path[1] != "tag":
		return true
	case name == "reference": // resolved to a link, or a dead id beside its words
		return true
	case name == "type" && parent["reference"] != nil && (!shownReference || isType(fmt.Sprint(parent["display"]))):
		return true
	case in == "text" && name == "status", strings.Contains(strings.Join(path, "."), "text.extension"): // where a passage belongs
		return true
	case name == "url" && (in == "extension" || in == "modifierExtension"): // its last step is the label
		return true
	case in == "coding" && (name == "version" || name == "system"):
		return true
	case name == "system" && (in == "identifier" || parent["code"] != nil || parent["value"] != nil):
		return true
	case name == "data" && (parent["contentType"] != nil || parent["sigFormat"] != nil): // read through File.Attachment
		return true
	case name == "value" && (strings.Contains(fmt.Sprint(parent["type"]), "ADN") || leaf == "999900001234"): // shown masked: the number of our own documents, wherever a mutation takes it
		return true
	case (name == "size" || name == "hash") && (parent["contentType"] != nil || parent["url"] != nil): // of an attachment
		return true
	case name == "timeOfDay": // said without its seconds
		return strings.HasSuffix(leaf, ":00")
	case name == "display" && parent["reference"] != nil && isType(leaf): // names the type of what it leads to, not the thing
		return true
	case name == "type" && parent["amount"] != nil && parent["code"] != nil: // the words of the code say it
		return true
	case name == "linkId":
		return true
	case name == "use" && (leaf == "official" || leaf == "usual"):
		return true
	case name == "sequence" && strings.HasPrefix(in, "dosage"):
		return true
	}
	return false
}

func visible(r rune) rune {
	if unicode.IsControl(r) || r >= 0x202a && r <= 0x202e {
		return -1
	}
	return r
}

// Words are all a person can read in a view.
type Words struct{ Folded string }

// Add adds what can be read.
func (w *Words) Add(s ...string) { w.Folded += fold(strings.Join(s, "\n")) + "\n" }

// fold leaves out what presentation may change: case, white space, the commas
// of an address, the "-" of codes that became words.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r = visible(r); unicode.IsSpace(r) || r == -1 || r == '-' || r == ',' {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// Has says whether a leaf can be read.
func (w *Words) Has(leaf string, path []string) bool {
	if path[len(path)-1] == "div" {
		return w.hasWords(fhir.NarrativeText(fhir.Narrative(leaf))) && w.hasWords(textOf(leaf))
	}
	if strings.Contains(w.Folded, fold(leaf)) {
		return true
	}
	return len(leaf) == 1 || unitWords[leaf] && strings.HasSuffix(strings.ToLower(path[len(path)-1]), "unit") || unitWords[leaf] && path[len(path)-1] == "code"
}

// flagCodes are the interpretation codes a flag stands for.
var flagCodes = map[string]string{"critical-high": "HH", "critical-low": "LL", "critical": "AA"}

// unitWords are units that stand in a message key: dose.per.d.
var unitWords = map[string]bool{"day": true, "days": true, "weeks": true, "s": true, "min": true, "h": true, "d": true, "wk": true, "mo": true, "a": true}

func (w *Words) hasWords(text string) bool {
	for _, word := range strings.Fields(text) {
		if !strings.Contains(w.Folded, fold(word)) {
			return false
		}
	}
	return true
}

// textOf takes tags out in the simplest way there is, as a check on the
// reducer by something that shares no code with it.
func textOf(xhtml string) string {
	var out strings.Builder
	depth := 0
	for _, r := range xhtml {
		switch {
		case r == '<':
			depth++
			out.WriteByte(' ')
		case r == '>' && depth > 0:
			depth--
		case depth == 0:
			out.WriteRune(r)
		}
	}
	return html.UnescapeString(out.String())
}

// Everything is what a person can read in v.
func Everything(t testing.TB, f *fhir.File, v fhir.View) *Words {
	t.Helper()
	w := &Words{}
	w.Add(v.Title, v.Date, fhir.NarrativeText(v.Narrative))
	values := func(vals []fhir.Value) {
		for _, x := range vals {
			w.Add(x.Text, x.End, x.Unit, x.Code, x.Text+" "+x.Unit)
			for _, m := range x.Messages {
				w.Add(m.Key)
				for _, a := range m.Args {
					w.Add(a)
				}
			}
		}
	}
	values(v.Detail)
	for _, fields := range [][]fhir.Field{v.Fields, v.More} {
		for _, x := range fields {
			if len(x.Values) == 0 {
				t.Errorf("field %s is empty", x.Label)
			}
			w.Add(x.Label)
			values(x.Values)
		}
	}
	for _, r := range v.Results {
		w.Add(r.Name, r.Range, r.Flag, flagCodes[r.Flag])
		values(r.Value)
		values(r.Note)
	}
	for _, a := range v.Attachments {
		w.Add(a.ContentType, a.Title, a.URL, strconv.Itoa(a.Size))
		if a.URL == "" {
			if _, data, err := f.Attachment(a); err != nil && !errors.Is(err, fhir.ErrAttachment) || err == nil && len(data) == 0 {
				t.Errorf("attachment %s: %v", a.Path, err)
			}
		}
	}
	return w
}
