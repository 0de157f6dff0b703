package record_test

import (
	"strings"
	"testing"

	"potli/app/fhir"
	"potli/app/record"
)

func TestTitle(t *testing.T) {
	for in, want := range map[string]string{
		"lab_report-March.pdf":                     "lab report-March",
		`C:\Users\me\Blood test.PDF`:               "Blood test",
		"/sdcard/DCIM/IMG_20240512_101500.jpg":     "",
		"WhatsApp Image 2024-05-12 at 10.15.jpeg":  "",
		"DSC01234.JPG":                             "",
		"scan0001.pdf":                             "",
		"3f2504e0-4f89-11d3-9a0c-0305e82c3301.pdf": "",
		"नुस्खा मीरा.pdf":                          "नुस्खा मीरा",
		"x\u202efdp.exe.pdf":                       "xfdp.exe",
		"":                                         "",
		".pdf":                                     ".pdf",
		"Discharge summary v1.2":                   "Discharge summary v1",
		strings.Repeat("long ", 60) + ".pdf":       strings.TrimSpace(strings.Repeat("long ", 24)) + "…",
	} {
		if got := record.Title(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestFileName(t *testing.T) {
	for _, c := range []struct {
		m    record.Meta
		want string
	}{
		{record.Meta{Format: record.FormatPDF}, "record.pdf"},
		{record.Meta{Format: record.FormatPDF, Source: record.Source{Name: "lab_report.pdf"}}, "lab report.pdf"},
		{record.Meta{Format: record.FormatFHIR, Outline: fhir.Outline{Title: "Patient Summary", Date: "2024-03-05T10:00:00Z"}}, "2024-03-05 Patient Summary.json"},
		{record.Meta{Format: record.FormatJPEG, Title: "../../etc/passwd"}, "etc passwd.jpg"},
		{record.Meta{Format: record.FormatPNG, Title: "con"}, "_con.png"},
		{record.Meta{Format: record.FormatWebP, Title: "a:b*c?d\"e<f>|g\x00h"}, "a b c d e f gh.webp"},
		{record.Meta{Format: record.FormatPDF, Title: "एक्स-रे", Date: "2024"}, "2024 एक्स-रे.pdf"},
		{record.Meta{Format: record.FormatPDF, Title: "...", Date: "../x"}, "x.pdf"},
	} {
		if got := record.FileName(c.m); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestSummarise(t *testing.T) {
	o, err := record.Summarise(record.FormatJPEG, "Vaccination card.jpg", nil)
	if err != nil || o.Title != "Vaccination card" || len(o.Lines) != 1 || o.Lines[0].Kind != fhir.KindPhoto || o.Date != "" {
		t.Errorf("photo: %+v, %v", o, err)
	}
	o, err = record.Summarise(record.FormatPDF, "IMG_1.pdf", nil)
	if err != nil || o.Title != "" || o.Lines[0].Kind != fhir.KindDocument {
		t.Errorf("PDF: %+v, %v", o, err)
	}
	o, err = record.Summarise(record.FormatFHIR, "x.json", []byte(`{"resourceType":"Condition","code":{"text":"Gout"},"subject":{"display":"A. Person"},"recordedDate":"2024-01-02"}`))
	if err != nil || o.Title != "Gout" || o.Date != "2024-01-02" || o.Subject.Name != "A. Person" {
		t.Errorf("FHIR: %+v, %v", o, err)
	}
	if _, err = record.Summarise(record.FormatLink, "", nil); err == nil {
		t.Error("a link is no record")
	}
}

func TestDiffers(t *testing.T) {
	p := func(name, born, gender string) fhir.Person {
		return fhir.Person{Name: name, BirthDate: born, Gender: gender}
	}
	for name, c := range map[string]struct {
		a, b fhir.Person
		want bool
	}{
		"the same":                {p("Meera Sharma", "1991-05-02", "female"), p("Meera Sharma", "1991-05-02", "female"), false},
		"nothing known":           {p("", "", ""), p("Meera Sharma", "1991-05-02", "female"), false},
		"case, order, title":      {p("SHARMA, Meera", "", ""), p("Mrs. Meera Sharma", "", ""), false},
		"accents":                 {p("José Núñez", "", ""), p("Jose Nunez", "", ""), false},
		"combining accents":       {p("Jose\u0301", "", ""), p("José", "", ""), false},
		"middle name left out":    {p("Meera Rajesh Sharma", "", ""), p("Meera Sharma", "", ""), false},
		"initial":                 {p("R. Sharma", "", ""), p("Raghunath Sharma", "", ""), false},
		"another first name":      {p("Aarav Sharma", "", ""), p("Meera Sharma", "", ""), true},
		"only initials":           {p("M S", "", ""), p("Meera Sharma", "", ""), true},
		"another birth date":      {p("Meera Sharma", "1991-05-02", ""), p("Meera Sharma", "1991-05-03", ""), true},
		"year alone":              {p("Meera Sharma", "1991", ""), p("Meera Sharma", "1991-05-03", ""), false},
		"another year":            {p("Meera Sharma", "1990", ""), p("Meera Sharma", "1991-05-03", ""), true},
		"year written as January": {p("Meera Sharma", "1991-01-01", ""), p("Meera Sharma", "1991-05-03", ""), false},
		"another script":          {p("मीरा शर्मा", "1991-05-02", ""), p("Meera Sharma", "1991-05-02", ""), false},
		"another script and date": {p("मीरा शर्मा", "1991-05-02", ""), p("Meera Sharma", "1951-05-02", ""), true},
		"other Devanagari name":   {p("मीरा शर्मा", "", ""), p("मोरे शर्मा", "", ""), true},
		"gender alone":            {p("Sharma", "", "male"), p("Sharma", "", "female"), false},
		"no name, other gender":   {p("", "", "male"), p("Meera Sharma", "", "female"), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := record.Differs(c.a, c.b); got != c.want {
				t.Errorf("got %v", got)
			}
			if got := record.Differs(c.b, c.a); got != c.want {
				t.Errorf("turned round: got %v", got)
			}
		})
	}
}
