package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"potli/app/diary"
)

// writes answers questions by their names and keeps the note.
func (p *page) writes(kind string, answers ...string) {
	p.t.Helper()
	p.to("/write/" + kind)
	p.there("#write-form")
	for i := 0; i < len(answers); i += 2 {
		if css := "#ask-" + answers[i]; js[bool](p, `document.querySelector(`+quote(css)+`)?.tagName === "SELECT"`) {
			p.pick(css, answers[i+1])
		} else {
			p.write(css, answers[i+1])
		}
	}
	p.click("#write-save")
}

// lines are what the timeline says of self-entered records.
func (p *page) byHand() string {
	p.t.Helper()
	p.to("/")
	p.there("#timeline .group")
	return js[string](p, `[...document.querySelectorAll("#timeline .group")].filter(e => e.querySelector(".chip-quiet")?.textContent === "Self-entered").map(e => e.textContent).join("\n")`)
}

// TestWriteByHand: a blood pressure, a medicine and an allergy are written down. What was
// typed by halves outlives a lock; what was kept is there, is marked, can be corrected,
// and is offered to a clinic.
func TestWriteByHand(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.wear(looks[0])
	passphrase := w.createWallet("Meera Sample")
	unlock := func() {
		t.Helper()
		w.write("#passphrase", passphrase)
		w.click("#unlock")
		w.there("#person")
	}

	w.click("#write")
	w.there("#write-pressure")
	w.accessible(looks[0], "write")
	w.click("#write-pressure")
	w.there("#write-form")
	w.accessible(looks[0], "write-pressure")
	if !strings.Contains(w.visible(), "This is written for Meera Sample.") {
		t.Error("it does not say for whom")
	}
	// Nothing is typed: it says what is needed, and keeps nothing.
	w.click("#write-save")
	w.until("the first question has the focus", `document.activeElement?.id === "ask-systolic"`)
	w.sees("2 answers need another look.")
	// A number that cannot be is asked about, and stays as it was typed.
	w.write("#ask-systolic", "1200")
	w.write("#ask-diastolic", "80")
	w.click("#write-save")
	w.there("#write-sure")
	w.sees("usually lie between 60 and 260")
	w.accessible(looks[0], "write-doubt")
	if got := w.value("#ask-systolic"); got != "1200" {
		t.Errorf("it was corrected to %q", got)
	}
	w.click("#write-again")
	w.empty("#ask-systolic")
	w.write("#ask-systolic", "132")
	w.until("what was typed is sealed", draftSealed)
	// Locked in the middle of it, and the browser closed.
	w.anew(func() { w.click("#lock") }, `document.querySelector("#passphrase")`)
	w.anew(func() { w.reload() }, `document.querySelector("#passphrase")`)
	unlock()
	w.to("/write/pressure")
	w.there("#write-anew")
	if a, b := w.value("#ask-systolic"), w.value("#ask-diastolic"); a != "132" || b != "80" {
		t.Errorf("after the lock: %q, %q", a, b)
	}
	w.click("#write-save")
	w.there("#write-kept")
	w.accessible(looks[0], "write-kept")
	w.click("#write-next")
	w.until("the next begins empty", `document.querySelector("#ask-systolic")?.value === "" && !document.querySelector("#write-anew")`)

	// A form that changes with its answers, on the small phone of somebody who needs large text.
	w.to("/write/medicine")
	w.there("#ask-morning")
	w.wear(large[0])
	w.accessible(large[0], "write-medicine")
	w.wear(looks[0])
	w.writes("medicine", "name", "Metformin", "strength", "500 mg", "form", "tablet", "morning", "1", "noon", "0", "night", "1", "food", "after")
	w.there("#write-kept")
	w.writes("allergy", "name", "पेनिसिलिन", "reaction", "Hives", "severity", "severe")
	w.there("#write-kept")
	w.click("#write-see")
	w.there("#correct")
	w.sees("Self-entered")
	w.accessible(looks[0], "write-record")

	// A slip is put right; what stood there stays, struck out.
	w.click("#correct")
	w.there("#write-form")
	w.until("it has what was written", `document.querySelector("#ask-name")?.value === "पेनिसिलिन" && document.querySelector("#ask-severity")?.value === "severe"`)
	w.pick("#ask-severity", "mild")
	w.click("#write-save")
	w.click("#write-see")
	w.there("#earlier")
	w.sees("Entered by mistake")

	w.anew(func() { w.click("#lock") }, `document.querySelector("#passphrase")`)
	unlock()
	lines := w.byHand()
	for _, want := range []string{"Blood pressure", "132/80", "Metformin 500 mg tablet", "1-0-1, after food", "पेनिसिलिन (Penicillin)"} {
		if !strings.Contains(lines, want) {
			t.Errorf("the timeline lacks %q:\n%s", want, lines)
		}
	}
	if n := strings.Count(lines, "Self-entered"); n != 3 {
		t.Errorf("%d are marked:\n%s", n, lines)
	}
	// What it is called is said in the reader's language.
	w.to("/settings")
	w.speak("hi")
	w.to("/")
	w.there("#timeline .group")
	w.sees("ब्लड प्रेशर (बीपी)")
	w.to("/settings")
	w.speak("en")
	w.to("/show")
	w.there("#preview .tick-row")
	preview := js[string](w, `document.querySelector("#preview").textContent`)
	for _, want := range []string{"132/80", "Metformin 500 mg tablet", "पेनिसिलिन (Penicillin)"} {
		if !strings.Contains(preview, want) {
			t.Errorf("the preview lacks %q:\n%s", want, preview)
		}
	}
	if n := strings.Count(preview, "Self-entered"); n != 3 {
		t.Errorf("%d are marked in the preview:\n%s", n, preview)
	}
	w.quiet()
}

// draftSealed asks whether the wallet's database was written to since the test last looked
// and has come to rest.
const draftSealed = `(async () => {
	const done = r => new Promise((y, n) => { r.onsuccess = () => y(r.result); r.onerror = () => n(r.error); });
	const db = await done(indexedDB.open("potli"));
	const all = await done(db.transaction("blobs").objectStore("blobs").getAllKeys());
	db.close();
	const now = JSON.stringify(all), rests = globalThis.testKeys === now && performance.now() - globalThis.testSince > 700;
	if (globalThis.testKeys !== now) { globalThis.testKeys = now; globalThis.testSince = performance.now(); }
	return rests;
})()`

// TestPeerAcceptsNotes: what is written by hand is valid FHIR R4 to an independent
// implementation (the npm package fhir), which refuses what is not.
func TestPeerAcceptsNotes(t *testing.T) {
	scene := diary.Scene{About: diary.Person{Name: "A Sample", BirthDate: "1971-05", Gender: "female"}, By: diary.Author{Other: true, Name: "B", Relation: "parent"},
		Now: time.Date(2026, 6, 12, 9, 30, 0, 0, time.FixedZone("IST", 19800)), Seed: [32]byte{1}}
	var bundles []json.RawMessage
	for _, k := range diary.Kinds {
		for _, full := range []bool{false, true} {
			n := answered(k, full)
			b, err := diary.Compose(n, scene)
			if err != nil {
				t.Fatalf("%v: %v", n, err)
			}
			later := scene
			later.Seed = [32]byte{2}
			corrected, err := diary.Correct(n, later, b)
			if err != nil {
				t.Fatal(err)
			}
			bundles = append(bundles, b, corrected)
		}
	}
	broken := bytes.Replace(bundles[0], []byte(`"final"`), []byte(`"finnal"`), 1)
	in := filepath.Join(t.TempDir(), "notes.json")
	body, err := json.Marshal(append(bundles, broken))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(in, body, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("node", filepath.Join("peers", "valid.mjs"), in).Output()
	if err != nil {
		t.Fatal(err)
	}
	var found [][]string
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatal(err)
	}
	for i, faults := range found[:len(bundles)] {
		if len(faults) > 0 {
			t.Errorf("%s\n%s", strings.Join(faults, "\n"), bundles[i])
		}
	}
	if last := fmt.Sprint(found[len(bundles)]); !strings.Contains(last, "Observation.status") {
		t.Errorf("the peer accepts what is not valid: %s", last)
	}
}

// answered is a note with nothing that need not be answered, or with everything.
func answered(k diary.Kind, full bool) diary.Note {
	n := diary.Note{Kind: k, Answers: map[string]string{}}
	for _, q := range diary.Form(k) {
		switch {
		case !q.Must && !full:
		case q.Type == diary.Number:
			n.Answers[q.Name] = "2.5"
		case q.Type == diary.Choice:
			n.Answers[q.Name] = q.Options[len(q.Options)-1]
		case q.Type == diary.Day:
			n.Answers[q.Name] = "2026-05-30"
		case q.Type == diary.Moment:
			n.Answers[q.Name] = "2026-06-12T08:00"
		case q.List != "":
			n.Answers[q.Name] = q.List.Names(true)[0]
		default:
			n.Answers[q.Name] = "some words"
		}
	}
	if full && k == diary.Medicine {
		n.Answers["plan"] = "daytimes"
	}
	return n
}
