package fhir_test

import (
	"encoding/json"
	"os"
	"sort"
	"strings"
	"testing"

	"potli/app/fhir"
)

// english says views in the English that stands beside the tests, so that
// tables here read as a person would read.
var english = func() map[string]any {
	b, err := os.ReadFile("testdata/messages.en.json")
	if err != nil {
		panic(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		panic(err)
	}
	return m
}()

func sayMessage(m fhir.Message) string {
	text, ok := english[m.Key].(string)
	if forms, plural := english[m.Key].(map[string]any); plural {
		text, ok = forms["other"].(string), true
		if m.Args["n"] == "1" {
			text = forms["one"].(string)
		}
	}
	if !ok {
		return "!" + m.Key
	}
	for k, v := range m.Args {
		text = strings.ReplaceAll(text, "{"+k+"}", v)
	}
	return strings.TrimSpace(text)
}

func sayValue(v fhir.Value) string {
	switch v.Type {
	case fhir.ValueMessage:
		var parts []string
		for _, m := range v.Messages {
			parts = append(parts, sayMessage(m))
		}
		return strings.Join(parts, ", ")
	case fhir.ValuePeriod:
		return v.Text + " to " + v.End
	}
	return strings.TrimSpace(v.Text + " " + v.Unit)
}

func sayAll(vals []fhir.Value) string {
	var parts []string
	for _, v := range vals {
		parts = append(parts, sayValue(v))
	}
	return strings.Join(parts, " · ")
}

func sayLabel(f fhir.Field) string {
	if f.Known {
		return sayMessage(fhir.Message{Key: f.Label})
	}
	return f.Label
}

// sayView is a whole view on a page.
func sayView(v fhir.View) string {
	var out []string
	line := func(s string) { out = append(out, s) }
	head := string(v.Kind) + ": " + v.Title
	for _, flag := range []struct {
		on   bool
		word string
	}{{v.Void, "VOID"}, {v.Negated, "NOT"}, {v.Inactive, "past"}, {v.Alert != "", v.Alert}} {
		if flag.on {
			head += " [" + flag.word + "]"
		}
	}
	line(head)
	if len(v.Detail) > 0 {
		line("= " + sayAll(v.Detail))
	}
	if v.Date != "" {
		line("@ " + v.Date)
	}
	for _, f := range v.Fields {
		line(sayLabel(f) + ": " + sayAll(f.Values))
	}
	for _, r := range v.Results {
		s := "| " + r.Name + " | " + sayAll(r.Value) + " | " + r.Range + " | " + r.Flag
		if r.Indent {
			s = "|" + s
		}
		if len(r.Note) > 0 {
			s += " | " + sayAll(r.Note)
		}
		line(s)
	}
	for _, a := range v.Attachments {
		line("attached: " + a.ContentType + " " + a.Title + a.URL)
	}
	if len(v.Narrative) > 0 {
		line("narrative: " + fhir.NarrativeText(v.Narrative))
	}
	for _, f := range v.More {
		line("+ " + sayLabel(f) + ": " + sayAll(f.Values))
	}
	return strings.Join(out, "\n")
}

// TestKeys: the English knows every key and no other, and says every argument.
func TestKeys(t *testing.T) {
	keys := fhir.Keys()
	if !sort.StringsAreSorted(keys) || len(keys) < 300 {
		t.Fatalf("%d keys, or not in order", len(keys))
	}
	for _, k := range keys {
		if english[k] == nil {
			t.Errorf("%s has no English", k)
		}
	}
	for k := range english {
		if !knownKeys[k] {
			t.Errorf("%s is not among the keys", k)
		}
	}
}

// TestKeysEmitted: every message and label of every document is listed.
func TestKeysEmitted(t *testing.T) {
	for _, b := range documents(t) {
		f, err := fhir.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		for i := range f.Entries {
			checkView(t, f, i, f.View(i))
		}
	}
}
