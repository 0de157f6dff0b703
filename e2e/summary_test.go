package e2e_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// glanceFiles are two documents about one person that disagree: a discharge of this year
// with a report in it, and an older note of another clinic.
func glanceFiles(t testing.TB) []string {
	t.Helper()
	entry := func(resources ...string) string {
		return `{"resourceType":"Bundle","type":"document","timestamp":"2026-05-04T10:00:00Z","entry":[{"resource":` + strings.Join(resources, `},{"resource":`) + `}]}`
	}
	files := map[string]string{
		"discharge": entry(`{"resourceType":"Composition","id":"c","status":"final","date":"2026-05-04","title":"Discharge summary","type":{"text":"Discharge summary"},"author":[{"display":"Dr. Devi Example"}],
			"custodian":{"display":"Example Hospital"},"section":[
			{"title":"Allergies","code":{"coding":[{"system":"http://loinc.org","code":"48765-2"}]},"entry":[{"reference":"AllergyIntolerance/a"}]},
			{"title":"Medications","entry":[{"reference":"MedicationRequest/m"},{"reference":"MedicationRequest/w"}]},
			{"title":"Investigations","entry":[{"reference":"DiagnosticReport/r"},{"reference":"Observation/h"},{"reference":"Observation/k"}]}]}`,
			`{"resourceType":"AllergyIntolerance","id":"a","clinicalStatus":{"coding":[{"code":"active"}]},"criticality":"high","code":{"text":"Penicillin"},"recordedDate":"2026-05-04"}`,
			`{"resourceType":"MedicationRequest","id":"m","status":"active","authoredOn":"2026-05-04","medicationCodeableConcept":{"text":"Tab Iron 100 mg"},"dosageInstruction":[{"text":"1-0-1 after food"}]}`,
			`{"resourceType":"MedicationRequest","id":"w","status":"active","authoredOn":"2026-05-04","medicationCodeableConcept":{"text":"Warfarin 2 mg"}}`,
			`{"resourceType":"DiagnosticReport","id":"r","status":"final","code":{"text":"Blood count"},"effectiveDateTime":"2026-05-03","result":[{"reference":"Observation/h"},{"reference":"Observation/k"}]}`,
			`{"resourceType":"Observation","id":"h","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"718-7"}],"text":"Haemoglobin"},"effectiveDateTime":"2026-05-03","valueQuantity":{"value":8.1,"unit":"g/dL"},"referenceRange":[{"low":{"value":12}}]}`,
			`{"resourceType":"Observation","id":"k","status":"final","code":{"text":"Potassium"},"effectiveDateTime":"2026-05-03","valueQuantity":{"value":4.1,"unit":"mmol/L"}}`),
		"note": entry(`{"resourceType":"Composition","id":"c","status":"final","date":"2024-02-01","title":"Clinic note","author":[{"display":"Dr. Other"}],
			"section":[{"title":"All","entry":[{"reference":"AllergyIntolerance/n"},{"reference":"MedicationRequest/w"}]}]}`,
			`{"resourceType":"AllergyIntolerance","id":"n","code":{"coding":[{"system":"http://snomed.info/sct","code":"716186003"}]}}`,
			`{"resourceType":"MedicationRequest","id":"w","status":"stopped","authoredOn":"2024-02-01","medicationCodeableConcept":{"text":"Warfarin 2 mg"}}`),
	}
	var paths []string
	for _, name := range []string{"discharge", "note"} {
		path := filepath.Join(t.TempDir(), name+".json")
		if err := os.WriteFile(path, []byte(files[name]), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// TestSummaryPage: what is dangerous is seen first; a disagreement is named and both words
// can be reached; a line leads to its entry; what a thing is opens by the keyboard, also
// with no network.
func TestSummaryPage(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.wear(looks[0])
	w.createWallet("Meera Sample")
	w.bring(glanceFiles(t)...)
	w.to("/")
	w.there("#summary-allergy .sum-fact")
	if got := js[string](w, `document.querySelector("#summary").textContent`); !strings.Contains(got, "Documents disagree: one says “No known allergies”") || !strings.Contains(got, "1 out of range") {
		t.Errorf("at a glance: %s", got)
	}
	if got := js[string](w, `[...document.querySelectorAll(".part-turn")].map(e => e.getAttribute("aria-expanded")).join(" ")`); got != "true false false" {
		t.Errorf("expanded: %s", got)
	}

	// Both words on a medicine.
	w.click("#summary-medicine-turn")
	w.there("#summary-medicine .sum-fact")
	w.sees("1 in the morning, 1 at night, after a meal")
	w.sees("Documents disagree. The newest word is shown")
	w.click("#summary-medicine .sum-more")
	w.there("#summary-medicine .source")
	if got := js[string](w, `[...document.querySelectorAll("#summary-medicine .source-says")].map(e => e.textContent).join(" ")`); got != "says: it is so says: it is over" {
		t.Errorf("the sources say %s", got)
	}
	w.sees("Dr. Other")

	// What is this? By the keyboard, with the network gone.
	w.click("#summary-result-turn")
	w.there("#summary-result .explain-ask")
	w.until("the explanations are kept for offline", `Promise.all(["terms", "en"].map(n => caches.match("/web/plain/" + n + ".json"))).then(all => all.every(a => a?.ok))`)
	js[bool](w, `(document.querySelector("#summary-result .sum-link").focus(), true)`)
	w.tabTo("#summary-result .explain-ask")
	if got := js[string](w, `document.activeElement.getAttribute("aria-label")`); got != "What is Haemoglobin?" {
		t.Fatalf("the focus is on %q", got)
	}
	w.key(kb.Enter)
	w.until("the explanation is open", `document.activeElement.getAttribute("aria-expanded") === "true"`)
	w.sees("the part of red blood cells that carries oxygen")

	glanceLooks(w)

	// A line leads to its entry, inside the report that has it.
	w.to("/")
	w.there("#summary-result-turn")
	w.clickUntil("#summary-result-turn", "#summary-result .sum-link")
	href := js[string](w, `document.querySelector("#summary-result .sum-link").getAttribute("href")`)
	_, entry, _ := strings.Cut(href, "#")
	w.click("#summary-result .sum-link")
	w.until("the entry has the focus", `document.activeElement?.id === `+strconv.Quote(entry))
	if got := js[int](w, `[...document.querySelectorAll(".view-title")].filter(e => e.textContent === "Haemoglobin").length`); got != 1 {
		t.Errorf("the value stands %d times by itself", got)
	}
	w.quiet()
}

// glanceLooks judges the page in every look, with its parts open, and the record it leads
// to with all that is folded open.
func glanceLooks(w *page) {
	w.t.Helper()
	for _, l := range append(looks[:len(looks):len(looks)], large...) {
		w.wear(l)
		w.to("/settings")
		w.speak(l.lang)
		w.to("/")
		w.there("#summary-medicine-turn")
		for _, part := range []string{"medicine", "result"} {
			w.clickUntil("#summary-"+part+"-turn", "#summary-"+part+" .explain-ask")
			w.click("#summary-" + part + " .explain-ask")
		}
		w.there("#summary-result .explain-says:not([hidden])")
		w.accessible(l, "summary-open")
		w.click("#summary-allergy .sum-link")
		w.there("#origin")
		w.there(".explain-ask")
		js[bool](w, `(document.querySelectorAll("details").forEach(d => d.open = true), document.querySelectorAll(".explain-ask").forEach(b => b.click()), true)`)
		w.accessible(l, "record-explained")
	}
	w.wear(looks[0])
	w.to("/settings")
	w.speak("en")
}
