package diary_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"potli/app/diary"
	"potli/app/fhir"
)

var (
	india = time.FixedZone("IST", 19800)
	scene = diary.Scene{
		About: diary.Person{Name: "Asha Sample", BirthDate: "1971-05", Gender: "female"},
		Now:   time.Date(2026, 6, 12, 9, 30, 0, 0, india), Seed: [32]byte{1},
	}
)

func note(k diary.Kind, answers ...string) diary.Note {
	n := diary.Note{Kind: k, Answers: map[string]string{}}
	for i := 0; i < len(answers); i += 2 {
		n.Answers[answers[i]] = answers[i+1]
	}
	return n
}

// samples are one note of each kind, and some more, with the line an index keeps of each.
var samples = []struct {
	note  diary.Note
	kind  fhir.Kind
	title string
	date  string
	said  string // what stands beside the title
	code  string
}{
	{note(diary.Pressure, "systolic", "132", "diastolic", "84", "when", "2026-06-12T08:15", "arm", "left", "position", "sitting", "note", "after tea"),
		fhir.KindVital, "Blood pressure", "2026-06-12T08:15:00+05:30", "132/84 mmHg", "http://loinc.org|85354-9"},
	{note(diary.Sugar, "value", "110", "unit", "mg/dL", "meal", "fasting", "when", "2026-06-12T07:00"),
		fhir.KindVital, "Blood sugar, fasting", "2026-06-12T07:00:00+05:30", "110 mg/dL", "http://loinc.org|41653-7"},
	{note(diary.Sugar, "value", "7,0", "unit", "mmol/L", "meal", "after", "when", "2026-06-12T07:00"),
		fhir.KindVital, "Blood sugar, after a meal", "2026-06-12T07:00:00+05:30", "7.0 mmol/L", "http://loinc.org|14743-9"},
	{note(diary.Sugar, "value", "140", "unit", "mg/dL", "meal", "random", "when", "2026-06-12T07:00"),
		fhir.KindVital, "Blood sugar, random", "2026-06-12T07:00:00+05:30", "140 mg/dL", "http://loinc.org|41653-7"},
	{note(diary.Weight, "value", "६८.५", "unit", "kg", "when", "2026-06-12T07:00"),
		fhir.KindVital, "Weight", "2026-06-12T07:00:00+05:30", "68.5 kg", "http://loinc.org|29463-7"},
	{note(diary.Height, "value", "64", "unit", "in", "when", "2026-06-12T07:00"),
		fhir.KindVital, "Height", "2026-06-12T07:00:00+05:30", "64 in", "http://loinc.org|8302-2"},
	{note(diary.Temperature, "value", "101.4", "unit", "F", "when", "2026-06-12T07:00"),
		fhir.KindVital, "Temperature", "2026-06-12T07:00:00+05:30", "101.4 °F", "http://loinc.org|8310-5"},
	{note(diary.Oxygen, "value", "97", "when", "2026-06-12T07:00"),
		fhir.KindVital, "Oxygen (SpO2)", "2026-06-12T07:00:00+05:30", "97 %", "http://loinc.org|2708-6"},
	{note(diary.Pulse, "value", "72", "when", "2026-06-12T07:00"),
		fhir.KindVital, "Pulse", "2026-06-12T07:00:00+05:30", "72 /min", "http://loinc.org|8867-4"},
	{note(diary.Breathing, "value", "16", "when", "2026-06-12T07:00"),
		fhir.KindVital, "Breaths", "2026-06-12T07:00:00+05:30", "16 /min", "http://loinc.org|9279-1"},
	{note(diary.PeakFlow, "value", "380", "when", "2026-06-12T07:00"),
		fhir.KindVital, "Peak flow", "2026-06-12T07:00:00+05:30", "380 L/min", "http://loinc.org|33452-4"},
	{note(diary.Medicine, "name", "Metformin", "strength", "500 mg", "form", "tablet", "plan", "daytimes", "morning", "1", "night", "1", "food", "after",
		"from", "2026-06-01", "until", "2026-12-31", "reason", "Diabetes (type 2)", "prescriber", "Dr Rao", "note", "with water"),
		fhir.KindMedicine, "Metformin 500 mg tablet", "2026-06-01", "1-0-1, after food", "http://www.whocc.no/atc|A10BA02"},
	{note(diary.Medicine, "name", "पैरासिटामोल", "strength", "650", "form", "tablet", "plan", "hours", "hours", "6", "amount", "1"),
		fhir.KindMedicine, "पैरासिटामोल (Paracetamol) 650 tablet", "2026-06-12", "1 every 6 hours", "http://www.whocc.no/atc|N02BE01"},
	{note(diary.Medicine, "name", "Insulin", "form", "injection", "plan", "daytimes", "morning", "12", "evening", "½", "night", "8"),
		fhir.KindMedicine, "Insulin injection", "2026-06-12", "12-0-0.5-8", "http://www.whocc.no/atc|A10A"},
	{note(diary.Medicine, "name", "Grandmother's kadha", "plan", "needed", "dose", "1"),
		fhir.KindMedicine, "Grandmother's kadha", "2026-06-12", "1 when needed", ""},
	{note(diary.Medicine, "name", "Vitamin D", "form", "capsule", "plan", "weekly", "weekly", "1"),
		fhir.KindMedicine, "Vitamin D capsule", "2026-06-12", "1 once a week", "http://www.whocc.no/atc|A11CC05"},
	{note(diary.Allergy, "name", "Penicillin", "reaction", "Hives", "severity", "severe", "since", "2009"),
		fhir.KindAllergy, "Penicillin", "2009", "Hives", "http://snomed.info/sct|764146007"},
	{note(diary.Allergy, "name", "मूँगफली", "severity", "mild"),
		fhir.KindAllergy, "मूँगफली (Peanut)", "2026-06-12T09:30:00+05:30", "mild reaction", "http://snomed.info/sct|762952008"},
	{note(diary.Condition, "name", "hypertension", "since", "2015-03", "still", "yes"),
		fhir.KindCondition, "hypertension", "2015-03", "", "http://snomed.info/sct|38341003"},
	{note(diary.Condition, "name", "Dengue", "since", "2019", "still", "no", "ended", "2019-10"),
		fhir.KindCondition, "Dengue", "2019", "", "http://snomed.info/sct|38362002"},
	{note(diary.Vaccine, "name", "BCG", "given", "2026-01-02", "doseno", "1", "lot", "037G", "place", "PHC Rampur"),
		fhir.KindImmunization, "BCG", "2026-01-02", "", "http://hl7.org/fhir/sid/cvx|19"},
	{note(diary.Visit, "who", "Dr Rao", "place", "City Clinic", "day", "2026-06-10", "reason", "Fever", "said", "Rest.\nDrink <water> & come back.", "follow", "2026-06-20"),
		fhir.KindVisit, "Visit to Dr Rao", "2026-06-10", "Fever", ""},
	{note(diary.Document, "title", "Discharge from Apollo", "paper", "discharge", "day", "2024-02-03", "body", "Kept for two days.\n\nAll well."),
		fhir.KindDocument, "Discharge from Apollo", "2024-02-03T00:00:00+05:30", "Kept for two days.\n\nAll well.", "http://loinc.org|18842-5"},
}

func compose(t *testing.T, n diary.Note, s diary.Scene) []byte {
	t.Helper()
	b, err := diary.Compose(n, s)
	if err != nil {
		t.Fatalf("%v: %v (%v)", n, err, n.Faults())
	}
	return b
}

func TestEveryKindHasALine(t *testing.T) {
	seen := map[diary.Kind]bool{}
	for _, c := range samples {
		seen[c.note.Kind] = true
		f, err := fhir.Parse(compose(t, c.note, scene))
		if err != nil {
			t.Fatal(err)
		}
		o := f.Outline()
		if o.Subject.Name != "Asha Sample" || len(o.Lines) == 0 || o.Title != c.title || o.Date != c.date {
			t.Errorf("%s: outline %q of %q on %q with %d lines", c.note.Kind, o.Title, o.Subject.Name, o.Date, len(o.Lines))
			continue
		}
		l := o.Lines[0]
		said := ""
		for _, v := range l.Detail {
			if v.Text != "" && v.Type != fhir.ValueMessage {
				said = strings.TrimSpace(v.Text + " " + v.Unit)
				break
			}
		}
		if l.Kind != c.kind || l.Title != c.title || l.Date != c.date || said != c.said || l.Code != c.code {
			t.Errorf("%s: line %q %q %q %q %q", c.note.Kind, l.Kind, l.Title, l.Date, said, l.Code)
		}
	}
	for _, k := range diary.Kinds {
		if !seen[k] {
			t.Errorf("no sample of %s", k)
		}
	}
}

// TestNumbers: what charts are drawn from.
func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		note diary.Note
		want string
	}{
		{samples[0].note, "[Systolic 132 mm[Hg]] [Diastolic 84 mm[Hg]]"},
		{samples[2].note, "[Blood sugar, after a meal 7.0 mmol/L]"},
		{samples[6].note, "[Temperature 101.4 [degF]]"},
	} {
		f, err := fhir.Parse(compose(t, c.note, scene))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range f.Outline().Lines[0].Measures {
			got = append(got, fmt.Sprintf("[%s %s %s]", m.Name, m.Value, m.Unit))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("got %s, want %s", s, c.want)
		}
	}
}

// TestRead: a note that is read and written again says the same, to the byte.
func TestRead(t *testing.T) {
	for _, c := range samples {
		again(t, c.note)
	}
}

func again(t *testing.T, n diary.Note) {
	t.Helper()
	first := compose(t, n, scene)
	read, err := diary.Read(first)
	if err != nil {
		t.Fatalf("%v: %v\n%s", n, err, first)
	}
	if got := compose(t, read, scene); !bytes.Equal(got, first) {
		t.Errorf("%v\nread as %v\n%s\n%s", n, read, first, got)
	}
	if read.Kind != n.Kind {
		t.Errorf("%s read as %s", n.Kind, read.Kind)
	}
}

// dice are made of a number, so that a failure can be seen again.
type dice uint64

func (d *dice) roll(n int) int {
	*d ^= *d << 13
	*d ^= *d >> 7
	*d ^= *d << 17
	return int(uint64(*d) % uint64(n))
}

func (d *dice) pick(all ...string) string { return all[d.roll(len(all))] }

// random answers a form as anybody might.
func random(d *dice, k diary.Kind) diary.Note {
	n := note(k)
	for _, q := range diary.Form(k) {
		if !q.Must && d.roll(2) == 0 {
			continue
		}
		var a string
		switch q.Type {
		case diary.Number:
			a = d.pick("1", "2.5", "120", "0.50", "½", "१२", "98,6", "7000", "0")
		case diary.Choice:
			a = d.pick(q.Options...)
		case diary.Day:
			a = d.pick("2026", "2025-11", "2024-02-29", "2026-06-12", "2031-01-01")
		case diary.Moment:
			a = d.pick("2026-06-12T09:00", "2020-02-29T23:59")
		default:
			words := []string{"एक दिन", "Dr Rao", "a \"b\" <c> & d", "500 mg", "tablet", "(x)", "Prescribed by: me", "ß", "x\u2028y"}
			if q.List != "" {
				words = append(words, q.List.Names(true)...)
				words = append(words, q.List.Names(true)...)
			}
			if a = d.pick(words...); d.roll(4) == 0 {
				a += " " + d.pick(words...)
			}
		}
		n.Answers[q.Name] = a
	}
	return n
}

// TestWhateverIsTyped: whatever is typed makes FHIR that parses, is about the person, is
// marked, stands in an index, and can be corrected.
func TestWhateverIsTyped(t *testing.T) {
	rounds := 60
	if testing.Short() || runtime.GOOS == "js" { // each is ten times as slow there
		rounds = 8
	}
	d := dice(20260612)
	for i := range rounds * len(diary.Kinds) {
		n := random(&d, diary.Kinds[i%len(diary.Kinds)])
		if f := n.Faults(); len(f) > 0 {
			t.Fatalf("%v: %v", n, f)
		}
		again(t, n)
		b := compose(t, n, scene)
		f, err := fhir.Parse(b)
		if err != nil {
			t.Fatalf("%v: %v", n, err)
		}
		o := f.Outline()
		if len(o.Lines) == 0 || o.Title == "" || o.Date == "" || o.Subject.Name == "" {
			t.Errorf("%v: %+v", n, o)
		}
		structure(t, b)
		if t.Failed() {
			return
		}
	}
}

// structure is our own rules of a note: every reference resolves inside, everything said
// is marked and about the Patient, nothing is empty, and nothing leads outside.
func structure(t *testing.T, b []byte) {
	t.Helper()
	var bundle struct {
		Entry []struct {
			FullURL  string `json:"fullUrl"`
			Resource map[string]any
		}
	}
	if err := json.Unmarshal(b, &bundle); err != nil {
		t.Fatal(err)
	}
	urls := map[string]string{}
	for _, e := range bundle.Entry {
		if urls[e.FullURL] != "" {
			t.Errorf("%s stands there twice", e.FullURL)
		}
		urls[e.FullURL] = e.Resource["resourceType"].(string)
	}
	if kinds := slices.Collect(maps.Values(urls)); slices.Index(kinds, "Patient") < 0 {
		t.Error("no Patient")
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			if len(v) == 0 {
				t.Errorf("an empty list in %s", b)
			}
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			if len(v) == 0 {
				t.Errorf("an empty element in %s", b)
			}
			if ref, ok := v["reference"].(string); ok && urls[ref] == "" {
				t.Errorf("%s leads nowhere", ref)
			}
			for _, e := range v {
				walk(e)
			}
		case string:
			if v == "" {
				t.Errorf("an empty text in %s", b)
			}
		}
	}
	for _, e := range bundle.Entry {
		walk(e.Resource)
		if typ := urls[e.FullURL]; typ != "Patient" && typ != "RelatedPerson" {
			if meta, _ := json.Marshal(e.Resource["meta"]); !bytes.Contains(meta, []byte("AST")) {
				t.Errorf("%s is not marked: %s", typ, meta)
			}
		}
	}
}

// TestWhoSaidIt: the label, the author, and the relation say who typed.
func TestWhoSaidIt(t *testing.T) {
	for _, c := range []struct {
		by     diary.Author
		label  string
		author string
	}{
		{diary.Author{}, "PATAST", "Asha Sample"},
		{diary.Author{Other: true, Guardian: true, Name: "Meera", Relation: "parent"}, "SDMAST", "Meera"},
		{diary.Author{Other: true, Name: "Ravi"}, "PACQAST", "Ravi"},
	} {
		s := scene
		s.By = c.by
		for _, n := range []diary.Note{samples[0].note, samples[11].note, samples[16].note, samples[18].note} {
			b := compose(t, n, s)
			structure(t, b)
			f, err := fhir.Parse(b)
			if err != nil {
				t.Fatal(err)
			}
			if o := f.Outline(); o.Author != c.author || o.Subject.Name != "Asha Sample" {
				t.Errorf("%s by %q about %q", n.Kind, o.Author, o.Subject.Name)
			}
			if !bytes.Contains(b, []byte(`"code":"`+c.label+`"`)) || !diary.Asserted(c.label) {
				t.Errorf("%s: no %s", n.Kind, c.label)
			}
		}
	}
	if diary.Asserted("CLINAST") || diary.Asserted("") {
		t.Error("a clinician is no patient")
	}
}

// TestCorrect: what was wrong stays, marked so, and only what is right is read, counted
// and shown.
func TestCorrect(t *testing.T) {
	for _, c := range samples {
		wrong := compose(t, c.note, scene)
		later := scene
		later.Now, later.Seed = scene.Now.Add(time.Hour), [32]byte{2}
		right, err := diary.Correct(c.note, later, wrong)
		if err != nil {
			t.Fatal(err)
		}
		later.Seed = [32]byte{3}
		if right, err = diary.Correct(c.note, later, right); err != nil {
			t.Fatal(err)
		}
		structure(t, right)
		before, err := fhir.Parse(wrong)
		if err != nil {
			t.Fatal(err)
		}
		f, err := fhir.Parse(right)
		if err != nil {
			t.Fatal(err)
		}
		o, was := f.Outline(), before.Outline()
		if len(o.Lines) != len(was.Lines) || o.Title != was.Title {
			t.Errorf("%s: %q with %d lines, was %q with %d", c.note.Kind, o.Title, len(o.Lines), was.Title, len(was.Lines))
		}
		void := 0
		for _, v := range f.Document().Views {
			if v.Void {
				void++
			}
		}
		if void != 2*len(was.Lines) {
			t.Errorf("%s: %d of earlier versions", c.note.Kind, void)
		}
		read, err := diary.Read(right)
		if err != nil || read.Kind != c.note.Kind {
			t.Errorf("%s: %v %v", c.note.Kind, read, err)
		}
	}
	if _, err := diary.Correct(samples[0].note, scene, []byte(`{"resourceType":"Bundle","type":"collection"}`)); err != diary.ErrNotOne {
		t.Error(err)
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		note diary.Note
		want string
	}{
		{note(diary.Pressure), "[{systolic missing} {diastolic missing} {when missing}]"},
		{note(diary.Pressure, "systolic", "a lot", "diastolic", "84/2", "when", "today"), "[{systolic number} {diastolic number} {when moment}]"},
		{note(diary.Weight, "value", "-3", "unit", "stone", "when", "2026-06-12T08:00"), "[{value number} {unit choice}]"},
		{note(diary.Weight, "value", "1e9", "when", "2026-06-12T08:00", "unit", "kg"), "[{value number}]"},
		{note(diary.Allergy, "name", " ", "since", "2026-13"), "[{name missing} {since day}]"},
		{note(diary.Allergy, "name", strings.Repeat("x", 400)), "[{name long}]"},
		{note(diary.Medicine, "name", "A", "plan", "daytimes", "hours", "never asked"), "[]"},
		{note(diary.Medicine, "name", "A", "plan", "hours"), "[{hours missing}]"},
		{note(diary.Visit, "who", "A", "day", "2026-02-30"), "[{day day}]"},
	} {
		if got := fmt.Sprint(c.note.Faults()); got != c.want {
			t.Errorf("%v: got %s, want %s", c.note, got, c.want)
		}
		if _, err := diary.Compose(c.note, scene); (err == nil) != (c.want == "[]") {
			t.Errorf("%v: %v", c.note, err)
		}
	}
	if _, err := diary.Compose(note("horoscope"), scene); err != diary.ErrFaulty {
		t.Error(err)
	}
}

func TestDoubts(t *testing.T) {
	for _, c := range []struct {
		note diary.Note
		want string
	}{
		{note(diary.Pressure, "systolic", "1200", "diastolic", "80", "when", "2026-06-12T09:00"), "[{systolic range 60 260}]"},
		{note(diary.Pressure, "systolic", "80", "diastolic", "120", "when", "2026-06-12T09:00"), "[{diastolic swapped  }]"},
		{note(diary.Pressure, "systolic", "120", "diastolic", "80", "when", "2026-06-12T09:31"), "[{when future  }]"},
		{note(diary.Pressure, "systolic", "120", "diastolic", "80", "when", "2026-06-12T09:30"), "[]"},
		{note(diary.Pressure, "systolic", "120", "diastolic", "80", "when", "1970-06-12T09:30"), "[{when before-birth  }]"},
		{note(diary.Weight, "value", "7000", "unit", "kg", "when", "2026-06-12T09:00"), "[{value range 0.5 300}]"},
		{note(diary.Weight, "value", "400", "unit", "lb", "when", "2026-06-12T09:00"), "[]"},
		{note(diary.Temperature, "value", "38.5", "unit", "F", "when", "2026-06-12T09:00"), "[{value range 86 110}]"},
		{note(diary.Sugar, "value", "110", "unit", "mmol/L", "when", "2026-06-12T09:00"), "[{value range 1.1 33.3}]"},
		{note(diary.Allergy, "name", "x", "since", "2027"), "[{since future  }]"},
		{note(diary.Allergy, "name", "x", "since", "2026"), "[]"},
		{note(diary.Allergy, "name", "x", "since", "1971"), "[]"},
		{note(diary.Allergy, "name", "x", "since", "1971-04-30"), "[{since before-birth  }]"},
		{note(diary.Medicine, "name", "x", "plan", "daytimes", "morning", "40", "from", "2026-06", "until", "2026-05"), "[{morning range 0 10} {until order  }]"},
		{note(diary.Medicine, "name", "x", "plan", "daytimes", "morning", "40", "form", "injection"), "[]"},
		{note(diary.Medicine, "name", "x", "plan", "daytimes"), "[{morning nothing  }]"},
		{note(diary.Medicine, "name", "x", "plan", "needed"), "[]"},
		{note(diary.Visit, "who", "x", "day", "2026-06-12", "follow", "2026-06-30"), "[]"},
		{note(diary.Visit, "who", "x", "day", "2026-06-12", "follow", "2025-06-30"), "[{follow past  }]"},
	} {
		if got := fmt.Sprint(c.note.Doubts(scene.Now, scene.About.BirthDate)); got != c.want {
			t.Errorf("%v: got %s, want %s", c.note, got, c.want)
		}
	}
}

func TestDecimal(t *testing.T) {
	for in, want := range map[string]string{
		"120": "120", " 98.6 ": "98.6", "98,6": "98.6", "7.0": "7.0", "०.५": "0.5", "१२०": "120", "½": "0.5", "1½": "1.5", "1/2": "0.5", ".5": "0.5",
		"007": "7", "0": "0", "00": "0", "": "", "1.": "", "-1": "", "1e3": "", "1/3": "", "1 000": "", "1,000.5": "", "NaN": "", "12345678901": "", "1.2345678": "",
		"1½½": "",
	} {
		got, ok := diary.Decimal(in)
		if got != want || ok != (want != "") {
			t.Errorf("Decimal(%q) = %q, %v", in, got, ok)
		}
		if ok {
			if _, err := strconv.ParseFloat(got, 64); err != nil || !json.Valid([]byte(got)) {
				t.Errorf("%q is no number", got)
			}
		}
	}
}

// TestLists: names are found again, whatever script they were chosen in, and no code stands
// for two things.
func TestLists(t *testing.T) {
	for _, l := range []diary.List{diary.Allergens, diary.Reactions, diary.Conditions, diary.Vaccines, diary.Medicines} {
		names := l.Names(true)
		if len(names) < 20 || len(l.Names(false)) >= len(names) {
			t.Errorf("%s: %d names", l, len(names))
		}
		seen := map[string]bool{}
		for _, n := range names {
			if seen[n] || strings.TrimSpace(n) != n || n == "" {
				t.Errorf("%s: %q", l, n)
			}
			seen[n] = true
		}
	}
	for _, n := range []string{"bp", "HYPERTENSION", "High  blood pressure", "हाई ब्लड प्रेशर"} {
		if b := compose(t, note(diary.Condition, "name", n, "still", "yes"), scene); !bytes.Contains(b, []byte("38341003")) {
			t.Errorf("%q has no code", n)
		}
	}
}

// TestListCodes: a name that families use gains no diagnosis that nobody gave, and a
// vaccine none of its kinds that nobody named.
func TestListCodes(t *testing.T) {
	for _, c := range []struct {
		kind       diary.Kind
		name, want string // "": words alone
	}{
		{diary.Condition, "sugar", "73211009"},
		{diary.Condition, "type 2 diabetes", "44054006"},
		{diary.Condition, "thyroid", ""},
		{diary.Condition, "hypothyroidism", "40930008"},
		{diary.Condition, "paralysis", ""},
		{diary.Condition, "लकवा", ""},
		{diary.Condition, "Stroke", "230690007"},
		{diary.Condition, "Acidity", ""},
		{diary.Condition, "एसिडिटी", ""},
		{diary.Condition, "GERD", "235595009"},
		{diary.Condition, "Knee arthritis", ""},
		{diary.Condition, "Osteoarthritis of knee", "239873007"},
		{diary.Condition, "PCOS", "237055002"},
		{diary.Condition, "हार्ट फ़ेलियर (दिल कमज़ोर)", "84114007"},
		{diary.Condition, "हार्ट फेल", "84114007"}, // as it was offered before
		{diary.Vaccine, "measles", "05"},
		{diary.Vaccine, "MR", "04"},
		{diary.Vaccine, "measles rubella", "04"},
		{diary.Vaccine, "polio", "89"},
		{diary.Vaccine, "polio drops", "178"},
		{diary.Vaccine, "pneumococcal", "109"},
		{diary.Vaccine, "PCV", "152"},
		{diary.Vaccine, "Hepatitis B", "45"},
	} {
		n := note(c.kind, "name", c.name, "still", "yes", "given", "2020-01-01")
		if got := codeOf(t, compose(t, n, scene), "code", "vaccineCode"); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	for name, want := range map[string]string{"Swelling": "", "सूजन": "", "Angioedema": "41291007"} {
		b := compose(t, note(diary.Allergy, "name", "Cat", "reaction", name), scene)
		if got := bytes.Contains(b, []byte("41291007")); got != (want != "") {
			t.Errorf("%s: coded %v", name, got)
		}
	}
}

// codeOf is the code that the first resource has under one of these names.
func codeOf(t *testing.T, bundle []byte, names ...string) string {
	t.Helper()
	var b struct {
		Entry []struct{ Resource map[string]json.RawMessage }
	}
	if err := json.Unmarshal(bundle, &b); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if raw, ok := b.Entry[0].Resource[name]; ok {
			var c struct{ Coding []struct{ Code string } }
			if err := json.Unmarshal(raw, &c); err != nil {
				t.Fatal(err)
			}
			if len(c.Coding) > 0 {
				return c.Coding[0].Code
			}
		}
	}
	return ""
}

func FuzzRead(f *testing.F) {
	for _, c := range samples {
		b, err := diary.Compose(c.note, scene)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		later := scene
		later.Seed = [32]byte{2}
		if b, err = diary.Correct(c.note, later, b); err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := diary.Read(b)
		if err != nil {
			return
		}
		made, err := diary.Correct(n, scene, b)
		if err != nil {
			t.Fatalf("%v: %v", n, err)
		}
		if _, err := diary.Read(made); err != nil {
			t.Fatalf("%v: %v", n, err)
		}
	})
}

var generate = flag.Bool("generate", false, "make the golden file if it does not exist yet; an existing one is never written again")

// golden is what the first release wrote, and the answers it was made of.
type golden struct {
	Answers diary.Note
	Bundle  json.RawMessage
}

// TestGolden: what any release wrote can be read, and corrected, by every later one. The first
// wrote no tags.
func TestGolden(t *testing.T) {
	for _, file := range []string{"testdata/notes-1.json", "testdata/notes-2.json"} {
		if _, err := os.Stat(file); err != nil && *generate {
			writeGolden(t, file)
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var all []golden
		if err := json.Unmarshal(b, &all); err != nil || len(all) < len(diary.Kinds) {
			t.Fatalf("%d notes, %v", len(all), err)
		}
		for _, g := range all {
			n, err := diary.Read(g.Bundle)
			if err != nil || n.Kind != g.Answers.Kind || !maps.Equal(n.Answers, g.Answers.Answers) {
				t.Errorf("%s: got %v, want %v (%v)", g.Answers.Kind, n.Answers, g.Answers.Answers, err)
			}
			made, err := diary.Correct(n, scene, g.Bundle)
			if err != nil {
				t.Fatalf("%s cannot be corrected: %v", g.Answers.Kind, err)
			}
			if again, err := diary.Read(made); err != nil || !maps.Equal(again.Answers, n.Answers) {
				t.Errorf("%s: corrected it is %v (%v)", g.Answers.Kind, again, err)
			}
		}
	}
}

func writeGolden(t *testing.T, file string) {
	t.Helper()
	var all []golden
	for _, c := range samples {
		b := compose(t, c.note, scene)
		n, err := diary.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, golden{n, b})
	}
	b, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
