package share_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
)

var updateBrief = flag.Bool("update-brief", false, "write testdata/brief.json anew")

const briefOfMeera = "2026-11-22\thi\n" +
	"p\tMeera Sample\t1988-03-04\tfemale\n" +
	"a\tPeanut\tsevere\t2019\n" +
	"c\tAsthma\t\t2015-06\n" +
	"m\tSalbutamol inhaler\ttwo puffs as needed\t2024-01-02T10:00:00Z\n" +
	"v\tTetanus vaccine\t\t\n"

func echo(m fhir.Message) string {
	if m.Key == "list.middle" {
		return m.Args["first"] + ", " + m.Args["next"]
	}
	return m.Key
}

// TestBriefGolden: what a release wrote, every later one reads, to the same bytes. The clinic's page has the same brief in
// its own tests.
func TestBriefGolden(t *testing.T) {
	got, err := share.ReadBrief([]byte(briefOfMeera), echo)
	if err != nil {
		t.Fatal(err)
	}
	if *updateBrief {
		if err := os.WriteFile("testdata/brief.json", append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/brief.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(append(got, '\n'), want) {
		t.Errorf("got %s", got)
	}
	if format, err := record.Sniff(got); err != nil || !format.FHIR() {
		t.Errorf("the wallet takes it for %s, %v", format, err)
	}
}

// TestBriefRoundTrip: what was chosen is chosen again from what was read.
func TestBriefRoundTrip(t *testing.T) {
	src := []share.Source{source("r", patient,
		coded("Immunization", "i1", "vaccineCode", "2", "Tetanus\tvaccine", `"status":"completed"`, `"occurrenceDateTime":"1999"`),
		coded("MedicationStatement", "m1", "medicationCodeableConcept", "4", "Metformin", `"status":"active"`, `"dosage":[{"text":"1-0-1"}]`),
		coded("Condition", "c1", "code", "7", "Asthma", clinical("active")),
		coded("AllergyIntolerance", "a1", "code", "11", "Penicillin allergy", clinical("active")),
	)}
	items := share.Choose(src, now)
	brief, ok := share.Brief(share.Person{Name: "Meera Sample", BirthDate: "1988"}, items, "en", echo, now)
	if !ok {
		t.Fatal("it does not fit")
	}
	urdu, _ := share.Brief(share.Person{Name: "Meera Sample", BirthDate: "1988"}, items, "ur", func(m fhir.Message) string {
		return strings.ReplaceAll(echo(m), ", ", "، ")
	}, now)
	if bytes.Contains(brief, []byte("، ")) || !bytes.Contains(urdu, []byte("، ")) {
		t.Error("the comma is not that of the language")
	}
	body, err := share.ReadBrief(brief, echo)
	if err != nil {
		t.Fatal(err)
	}
	var again []share.Item
	for _, it := range share.Choose([]share.Source{{Meta: record.Meta{ID: "x", Format: record.FormatFHIR}, Body: body}}, now) {
		again = append(again, it)
	}
	if got, want := summary(again), strings.ReplaceAll(summary(items), "\t", " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, it := range again {
		if it.Title == "Metformin" && (len(it.Detail) == 0 || !strings.Contains(it.Detail[0].Text, "1-0-1")) {
			t.Errorf("the dose is lost: %+v", it.Detail)
		}
	}
}

// TestBriefRefuses: what needs more than a line, and what is no brief.
func TestBriefRefuses(t *testing.T) {
	good := share.Item{Entry: 1, Kind: fhir.KindAllergy, Title: "Peanut"}
	for name, it := range map[string]share.Item{
		"a file": {Entry: -1, Kind: fhir.KindAllergy, Title: "x"}, "none known": {Entry: 1, Kind: fhir.KindAllergy, Title: "x", Negated: true},
		"over": {Entry: 1, Kind: fhir.KindCondition, Title: "x", Inactive: true}, "a result": {Entry: 1, Kind: fhir.KindResult, Title: "x"},
		"nameless": {Entry: 1, Kind: fhir.KindMedicine},
	} {
		if b, ok := share.Brief(share.Person{Name: "M"}, []share.Item{good, it}, "en", echo, now); ok {
			t.Errorf("%s: %q", name, b)
		}
	}
	for name, b := range map[string]string{
		"nothing": "", "no date": "x\ten\np\tM\na\tPeanut\n", "nobody": "2026-11-22\ten\na\tPeanut\n", "no lines": "2026-11-22\ten\np\tM\n", "not UTF-8": "2026-11-22\ten\np\t\xff\n",
		"only lines of a later release": "2026-11-22\ten\np\tM\nz\tsomething\n", "too many": "2026-11-22\ten\np\tM\n" + strings.Repeat("a\tPeanut\n", 61),
	} {
		if _, err := share.ReadBrief([]byte(b), echo); !errors.Is(err, share.ErrBrief) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzBrief: whoever drew the code wrote it.
func FuzzBrief(f *testing.F) {
	f.Add([]byte(briefOfMeera))
	f.Add([]byte("2026\t\np\tM\nq\t\t\t\t\t\t\nv\t\u202e\x00a\t\t9999-99-99\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		body, err := share.ReadBrief(b, echo)
		if err != nil {
			return
		}
		if _, err := fhir.Parse(body); err != nil {
			t.Fatalf("%q became %s: %v", b, body, err)
		}
	})
}
