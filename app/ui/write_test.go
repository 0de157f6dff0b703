package ui_test

import (
	"strings"
	"testing"

	"potli/app/diary"
	"potli/app/fhir"
	"potli/app/wallet"
)

// TestFormsHaveWords: every question that is asked, every answer that is offered, and
// everything that can be wrong with one is said in every language.
func TestFormsHaveWords(t *testing.T) {
	en := read(t, "en")
	want := func(key string) {
		t.Helper()
		if en[key] == nil {
			t.Errorf("no message for %s", key)
		}
	}
	used := map[string]bool{}
	for _, k := range diary.Kinds {
		want("diary.kind." + string(k))
		for _, q := range diary.Form(k) {
			key := "diary.ask." + string(k) + "." + q.Name
			if en[key] == nil {
				key = "diary.ask." + q.Name
			}
			want(key)
			used[key] = true
			for _, family := range []string{"diary.hint." + string(k) + ".", "diary.hint."} {
				used[family+q.Name] = true
			}
			for _, o := range q.Options {
				if o != "" && q.Name != "unit" {
					want("diary.pick." + q.Name + "." + o)
					used["diary.pick."+q.Name+"."+o] = true
				}
			}
		}
	}
	for _, code := range strings.Fields("missing number day moment choice long") {
		want("diary.fault." + code)
	}
	for _, code := range strings.Fields("future past before-birth order swapped nothing") {
		want("diary.doubt." + code)
	}
	want("diary.pick.none")
	for key := range en {
		asks := strings.HasPrefix(key, "diary.ask.") || strings.HasPrefix(key, "diary.hint.") || strings.HasPrefix(key, "diary.pick.") && key != "diary.pick.none"
		if asks && !used[key] {
			t.Errorf("nobody asks %s", key)
		}
	}
}

// TestRangeJudgesTyping: what is asked about a number is how it is typed. Its limits catch
// slips of a finger, and say nothing of what is healthy.
func TestRangeJudgesTyping(t *testing.T) {
	for tag, never := range map[string]string{"en": "people", "hi": "ज़्यादातर"} {
		said := strings.Join(read(t, tag)["write.doubt-range"], " ")
		if said == "" || strings.Contains(said, never) {
			t.Errorf("%s: %q", tag, said)
		}
	}
}

// TestReadersCannotWrite: whoever may only look is told so, and offered no form.
func TestReadersCannotWrite(t *testing.T) {
	d := world(same)
	for _, path := range []string{"/write", "/write/pressure", "/correct/r1"} {
		page, _ := draw(t, d, "en", path)
		if page.id("write-pressure") == nil && page.id("write-form") == nil {
			t.Errorf("%s: nothing to write", path)
		}
	}
	d.fault = wallet.ErrReader
	for _, path := range []string{"/write", "/write/pressure", "/correct/r1"} {
		page, _ := draw(t, d, "en", path)
		if page.id("write-pressure") != nil || page.id("write-form") != nil {
			t.Errorf("%s: a form for who may only look", path)
		}
		if !strings.Contains(page.words(), "only") {
			t.Errorf("%s: %s", path, page.words())
		}
	}
}

// TestLastUnit: the unit is the one that was written last, by the records themselves.
func TestLastUnit(t *testing.T) {
	for unit, want := range map[string]string{"mmol/L": "mmol/L", "mg/dL": "mg/dL", "": "mg/dL"} {
		d := world(same)
		l := fhir.Line{Kind: fhir.KindVital, Measures: []fhir.Measure{{Code: "http://loinc.org|14743-9", Value: "7", Unit: unit}}}
		d.timeline = wallet.Timeline{Groups: []wallet.Group{{Record: "r1", Lines: []fhir.Line{l}}}}
		page, _ := draw(t, d, "en", "/write/sugar")
		chosen := ""
		page.id("ask-unit").walk(func(e *element) {
			if on, ok := e.attrs["selected"]; ok && on != "false" {
				chosen = e.attrs["value"]
			}
		})
		if chosen != want {
			t.Errorf("after %q: %q is offered, want %q", unit, chosen, want)
		}
	}
}
