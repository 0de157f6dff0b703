package wallet_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"potli/app/applehealth"
	"potli/app/applehealth/healthtest"
	"potli/app/record"
	"potli/app/wallet"
)

// inParts is a file that is never read as a whole.
func inParts(t *testing.T, name string, body []byte) wallet.File {
	return wallet.File{
		Name: name, Size: int64(len(body)), How: "file",
		Read: func(context.Context) ([]byte, error) {
			t.Error("read as a whole")
			return nil, io.ErrUnexpectedEOF
		},
		At: func(ctx context.Context, b []byte, off int64) (int, error) {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
			return copy(b, body[min(off, int64(len(body))):]), nil
		},
	}
}

const asthma = `{"resourceType":"Condition","code":{"text":"Asthma"},"subject":{"display":"Meera Sample"}}`

// healthFile is an export about somebody born on that day.
func healthFile(born string, more ...string) []byte {
	return healthtest.Zip(map[string]string{
		"apple_health_export/export.xml":                        healthtest.XML(born, append(healthtest.Lines(), more...)...),
		"apple_health_export/clinical-records/Condition-1.json": asthma,
		"apple_health_export/clinical-records/broken.json":      `{"resourceType":`,
	})
}

func (b *bench) look(f wallet.File) *wallet.Health {
	b.t.Helper()
	r := b.Import(b.t.Context(), []wallet.File{f})
	h := b.Snapshot().Health
	if !errors.Is(r.Files[0].Err, wallet.ErrHealth) || h == nil {
		b.t.Fatalf("report = %+v, health = %+v", r.Files[0], h)
	}
	return h
}

// TestHealthExport: what is chosen comes in, once; the archive is read in parts.
func TestHealthExport(t *testing.T) {
	b := newBench(t).create()
	h := b.look(inParts(t, "export.zip", healthFile("")))
	if h.Clinical != 2 || h.Document || h.Other || h.Broken || len(h.Vitals) != 11 || h.Vitals[0].Kind != string(applehealth.BloodPressure) {
		t.Errorf("%+v", h)
	}
	who := b.Snapshot().Current
	choice := wallet.HealthChoice{Person: who, Clinical: true, Vitals: []wallet.HealthTake{{"pulse", "2024", "Pulse 2024"}, {"weight", "2024", "Weight 2024"}}}
	r := b.TakeHealth(t.Context(), choice)
	if *r.Health != (wallet.HealthReport{Added: 3, Failed: 1}) || len(r.Files) != 1 || r.Files[0].Name != "broken.json" || !errors.Is(r.Files[0].Err, record.ErrDamaged) {
		t.Errorf("%+v, %+v", r.Health, r.Files)
	}
	if s := b.Snapshot(); s.Health != nil || s.Records != 3 || s.Work != nil {
		t.Errorf("afterwards: %+v, %d records, %+v", s.Health, s.Records, s.Work)
	}
	titles := ""
	for _, g := range b.Timeline(wallet.Query{}).Groups {
		titles += g.Title + "|"
		if _, err := b.Document(t.Context(), g.Record); err != nil {
			t.Error(err)
		}
	}
	for _, want := range []string{"Pulse 2024|", "Weight 2024|"} {
		if !strings.Contains(titles, want) {
			t.Errorf("no %s in %s", want, titles)
		}
	}
	b.look(inParts(t, "export.zip", healthFile("")))
	if r := b.TakeHealth(t.Context(), choice); *r.Health != (wallet.HealthReport{Known: 3, Failed: 1}) || b.Snapshot().Records != 3 {
		t.Errorf("again: %+v, %d records", r.Health, b.Snapshot().Records)
	}
	b.look(inParts(t, "export.zip", healthFile("", healthtest.Record("BodyMass", "2024-06-12 07:00:00 +0530", "kg", "61"))))
	if r := b.TakeHealth(t.Context(), choice); *r.Health != (wallet.HealthReport{Added: 1, Known: 2, Failed: 1}) {
		t.Errorf("later: %+v", r.Health)
	}
}

// TestHealthExportOfSomebodyElse is asked about, and goes to whom it is given.
func TestHealthExportOfSomebodyElse(t *testing.T) {
	b := newBench(t).create()
	me := b.Snapshot().Person()
	me.BirthDate = "1990-01-01"
	if err := b.EditPerson(t.Context(), me); err != nil {
		t.Fatal(err)
	}
	if h := b.look(inParts(t, "export.zip", healthFile("1952-03-04"))); !h.Other || h.Subject.BirthDate != "1952-03-04" {
		t.Errorf("%+v", h)
	}
	other, err := b.AddPerson(t.Context(), wallet.Person{Name: "Amma", BirthDate: "1952-03-04"})
	if err != nil {
		t.Fatal(err)
	}
	b.TakeHealth(t.Context(), wallet.HealthChoice{Person: other.ID, Vitals: []wallet.HealthTake{{"weight", "2024", "Weight 2024"}}})
	if n := b.CountRecords(other.ID); n != 1 {
		t.Errorf("%d records", n)
	}
	b.look(inParts(t, "export.zip", healthFile("")))
	b.DropHealth()
	if b.Snapshot().Health != nil || b.TakeHealth(t.Context(), wallet.HealthChoice{}) != nil {
		t.Error("it was dropped and is here")
	}
}

// TestHealthRecordsOfSomebodyElse: a record that names another than the chosen person is left out and counted. Where
// the person was asked about the whole export, that is the answer for all that names the same.
func TestHealthRecordsOfSomebodyElse(t *testing.T) {
	file := func(names ...string) []byte {
		files := map[string]string{"apple_health_export/export.xml": healthtest.XML("", healthtest.Lines()...),
			"apple_health_export/export_cda.xml": `<ClinicalDocument><recordTarget><patientRole><patient><name><given>Vikram</given><family>Example</family></name></patient></patientRole></recordTarget><title>Health Data Export</title></ClinicalDocument>`}
		for i, name := range names {
			files[fmt.Sprintf("apple_health_export/clinical-records/Condition-%d.json", i)] = strings.Replace(asthma, "Meera Sample", name, 1)
		}
		return healthtest.Zip(files)
	}
	for name, c := range map[string]struct {
		names []string
		other bool
		want  wallet.HealthReport
	}{
		"one of three":       {[]string{"Meera Sample", "Vikram Example", "Meera S. Sample"}, false, wallet.HealthReport{Added: 2, Others: 2}},
		"asked and answered": {[]string{"Vikram Example", "Asha Other"}, true, wallet.HealthReport{Added: 2, Others: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t).create()
			if h := b.look(inParts(t, "export.zip", file(c.names...))); h.Other != c.other {
				t.Fatalf("%+v", h)
			}
			r := b.TakeHealth(t.Context(), wallet.HealthChoice{Person: b.Snapshot().Current, Clinical: true, Document: true})
			if *r.Health != c.want || b.Snapshot().Records != c.want.Added {
				t.Errorf("%+v, %+v, %d records", r.Health, r.Files, b.Snapshot().Records)
			}
		})
	}
}

// TestHealthExportBad: other archives, damaged ones and unreadable ones are refused by name, and cancelling ends it.
func TestHealthExportBad(t *testing.T) {
	b := newBench(t).create()
	whole := healthFile("")
	gone := errors.New("the file was moved")
	docx := healthtest.Zip(map[string]string{"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>"})
	office := inParts(t, "letter.docx", docx)
	office.Read = func(context.Context) ([]byte, error) { return docx, nil }
	moved := inParts(t, "moved.zip", whole)
	moved.At = func(_ context.Context, p []byte, off int64) (int, error) {
		if off == 0 && len(p) == 4 {
			return copy(p, whole), nil
		}
		return 0, gone
	}
	huge := inParts(t, "other.zip", docx)
	huge.Size = 3 << 30
	r := b.Import(t.Context(), []wallet.File{office, inParts(t, "cut.zip", whole[:len(whole)-200]), moved, huge})
	var unknown *record.UnknownError
	if !errors.As(r.Files[0].Err, &unknown) || unknown.Looks != "docx" {
		t.Errorf("an office document: %v", r.Files[0].Err)
	}
	for i, want := range map[int]error{1: record.ErrDamaged, 2: gone, 3: record.ErrDamaged} {
		if !errors.Is(r.Files[i].Err, want) {
			t.Errorf("%s: %v, want %v", r.Files[i].Name, r.Files[i].Err, want)
		}
	}
	f := inParts(t, "export.zip", whole)
	at := f.At
	f.At = func(ctx context.Context, p []byte, off int64) (int, error) {
		b.Cancel()
		return at(ctx, p, off)
	}
	if r := b.Import(t.Context(), []wallet.File{f}); !errors.Is(r.Files[0].Err, context.Canceled) || b.Snapshot().Health != nil {
		t.Errorf("cancelled: %v", r.Files[0].Err)
	}
}

// TestOtherFormats: clinical documents in XML, text and pages come in, are read, and go out byte for byte.
func TestOtherFormats(t *testing.T) {
	b := newBench(t).create()
	cda, err := os.ReadFile("../ccda/testdata/discharge.xml")
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{"discharge.xml": string(cda), "note.txt": "Visit of 3 May\n\nPulse 72.", "page.html": "<html><title>Report</title><body onload=alert(1)><p>Pulse 72</p></body></html>"} {
		f := file(name, []byte(body))
		r := b.Import(t.Context(), []wallet.File{f})
		if r.Files[0].Waiting {
			if err := b.Settle(t.Context(), 0, b.Snapshot().Current); err != nil {
				t.Fatal(err)
			}
			r = b.Snapshot().Import
		}
		if r.Files[0].Err != nil {
			t.Fatalf("%s: %v", name, r.Files[0].Err)
		}
		id := r.Files[0].ID
		_, _, got, err := b.Original(t.Context(), id)
		if err != nil || string(got) != body {
			t.Errorf("%s: %v, %q", name, err, got)
		}
		d, err := b.Document(t.Context(), id)
		if err != nil || len(d.Sections) == 0 || d.Title == "" {
			t.Errorf("%s: %v, %+v", name, err, d)
		}
		p, err := b.PrepareCounter(t.Context(), id)
		if err != nil || len(p.Items) == 0 {
			t.Errorf("%s cannot be given on: %v", name, err)
		}
	}
}
