package fhir_test

import (
	"strings"
	"testing"

	"potli/app/fhir"
)

// What people wrote in sentences is in the outline, for a search; who it is about,
// and what the line says already, is not.
func TestOutlineWords(t *testing.T) {
	const document = `{"resourceType":"Bundle","type":"document","entry":[
		{"resource":{"resourceType":"Composition","title":"Discharge","subject":{"display":"Meera Rao"},"section":[
			{"title":"Advice","text":{"div":"<div><p>Walk <b>daily</b></p><p>No salt</p></div>"}}]}},
		{"resource":{"resourceType":"Observation","code":{"text":"Haemoglobin"},"subject":{"display":"Meera Rao"},"valueString":"low",
			"note":[{"text":"Repeat after iron"}],"identifier":[{"type":{"text":"Secret number"}}],"text":{"div":"<div>Haemoglobin was low</div>"}}},
		{"resource":{"resourceType":"Communication","payload":[{"contentString":"Please bring the old X-ray"}]}},
		{"resource":{"resourceType":"AllergyIntolerance","code":{"text":"Peanut"}}}]}`
	f, err := fhir.Parse([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	o := f.Outline()
	all := o.Words
	for _, l := range o.Lines {
		all += "\n" + l.Type + ": " + l.Words
	}
	for _, want := range []string{"Walk daily", "No salt", "Advice", "Repeat after iron", "bring the old X-ray", "Haemoglobin was low"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in %q", want, all)
		}
	}
	for _, no := range []string{"Meera", "Secret", "<", "247472004", "\n\n"} {
		if strings.Contains(all, no) {
			t.Errorf("%q is in %q", no, all)
		}
	}
}

// However long a file is, the index keeps a few kilobytes of it.
func TestOutlineWordsBounded(t *testing.T) {
	long := strings.Repeat("पानी पिएँ ", 4000)
	note := `{"resource":{"resourceType":"Observation","code":{"text":"x"},"note":[{"text":"` + long + `"},{"text":"second"}]}}`
	f, err := fhir.Parse([]byte(`{"resourceType":"Bundle","type":"collection","entry":[` + note + strings.Repeat(","+note, 30) + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	o := f.Outline()
	o.Note(long)
	o.Note("more")
	n := len(o.Words)
	for _, l := range o.Lines {
		if len(l.Words) > 512 || strings.ContainsRune(l.Words, '\uFFFD') {
			t.Errorf("%d bytes: %q", len(l.Words), l.Words)
		}
		n += len(l.Words)
	}
	if n > 8192 || n < 4096 || len(o.Words) > 2048 {
		t.Errorf("%d bytes, %d of the document", n, len(o.Words))
	}
}
