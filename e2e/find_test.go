package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// foundFiles are papers in two languages: a laboratory's, a prescription in Hindi, a
// letter that says something in its text alone.
func foundFiles(t testing.TB) (paths []string) {
	t.Helper()
	for name, body := range map[string]string{
		"lab": `{"resourceType":"Bundle","type":"document","timestamp":"2025-03-04T10:00:00Z","entry":[
			{"resource":{"resourceType":"Composition","id":"c","status":"final","date":"2025-03-04","title":"Blood count","author":[{"display":"City Lab"}],"section":[{"title":"Results","entry":[{"reference":"Observation/h"}]}]}},
			{"resource":{"resourceType":"Observation","id":"h","status":"final","code":{"text":"Haemoglobin"},"effectiveDateTime":"2025-03-04","valueQuantity":{"value":8.1,"unit":"g/dL"},"referenceRange":[{"low":{"value":12},"high":{"value":16}}]}}]}`,
		"parcha": `{"resourceType":"MedicationRequest","status":"active","authoredOn":"2024-05-06","medicationCodeableConcept":{"text":"पैरासिटामोल ५०० मिग्रा"},"requester":{"display":"डॉ. राव"}}`,
		"tablet": `{"resourceType":"MedicationRequest","status":"active","authoredOn":"2023-05-06","medicationCodeableConcept":{"text":"Paracetamol 650 mg"}}`,
		"letter": `{"resourceType":"Communication","status":"completed","sent":"2022-01-02","category":[{"text":"Letter"}],"payload":[{"contentString":"Please keep away from groundnuts, and come again in March."}]}`,
	} {
		path := filepath.Join(t.TempDir(), name+".json")
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// TestFind: what is typed is found in both scripts and with a slip, marked where it stands,
// filtered, kept by Back and, as far as the address may say it, by a reload; the address
// never has a word of it.
func TestFind(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.wear(looks[0])
	passphrase := w.createWallet("Meera Sample")
	w.bring(foundFiles(t)...)
	w.to("/")
	w.there("#timeline .group")
	const titles = `[...document.querySelectorAll("#timeline .group")].map(g => g.textContent).join("|")`
	shows := func(n string, words ...string) {
		t.Helper()
		w.until(n+" are shown", `document.querySelectorAll("#timeline .group").length === `+n)
		for _, s := range words {
			w.until(s+" is among them", titles+`.includes(`+quote(s)+`)`)
		}
	}
	enter := func(s string) {
		t.Helper()
		w.empty("#search")
		w.write("#search", s)
	}
	marks := func(want string) {
		t.Helper()
		w.until("marked is "+want, `[...document.querySelectorAll("#timeline mark")].map(m => m.textContent).join(" ") === `+quote(want))
	}
	shows("4")

	enter("paracetamol")
	shows("2", "पैरासिटामोल", "Paracetamol 650")
	marks("पैरासिटामोल Paracetamol")
	enter("पैरासिटामोल")
	shows("2", "Paracetamol 650")
	enter("हीमोग्लोबिन")
	shows("1", "Haemoglobin")
	enter("hemoglobn")
	shows("1", "Haemoglobin")
	w.sees("Nothing is spelt like that")
	enter("groundnut")
	shows("1", "keep away from")
	marks("groundnuts")
	enter("500")
	shows("1", "पैरासिटामोल")
	w.accessible(looks[0], "found")

	// Nothing found: a way on.
	enter("zzzz")
	w.sees("Nothing found")
	w.there("#instead")

	// A filter and its chip.
	w.empty("#search")
	shows("4")
	w.click("#more-filters summary")
	w.pick("#find-year", "2025")
	shows("1", "Blood count")
	w.until("the address says the year", `location.hash === "#from=2025&to=2025"`)
	w.click("#chosen .option")
	shows("4")
	w.until("the address says nothing", `location.hash === ""`)
	w.click("#find-marked")
	shows("1", "Blood count")
	enter("count")
	shows("1")
	w.until("the address has a number for the words", `/^#marked&q=\d+$/.test(location.hash)`)

	// Into the record, and back both ways.
	w.click("#timeline .group-head")
	w.there(".record .view")
	js[bool](w, `(history.back(), true)`)
	w.until("the words are back", `document.querySelector("#search")?.value === "count"`)
	shows("1", "Blood count")
	w.click("#timeline .group-head")
	w.there(".record .view")
	w.click("a.back")
	w.until("the words are back", `document.querySelector("#search")?.value === "count"`)
	w.there("#chosen .option")

	// A reload locks: filters are back after it, words are gone.
	w.anew(w.reload, `document.querySelector("#passphrase")`)
	w.write("#passphrase", passphrase)
	w.click("#unlock")
	w.there("#chosen .option")
	shows("1", "Blood count")
	if got := js[string](w, `document.querySelector("#search").value + location.hash`); strings.Contains(got, "count") || !strings.Contains(got, "#marked") {
		t.Errorf("after a reload: %s", got)
	}
	for _, word := range []string{"count", "paracetamol", "groundnut"} {
		for _, u := range js[[]string](w, `performance.getEntries().map(e => e.name).concat(location.href)`) {
			if strings.Contains(strings.ReplaceAll(strings.ToLower(u), "counter", ""), word) { // a page and its style are called so
				t.Errorf("an address says %s: %s", word, u)
			}
		}
	}
	w.click("#more-filters summary")
	for _, l := range []look{looks[2], large[0]} {
		w.wear(l)
		w.accessible(l, "filtered")
	}
	w.quiet()
}
