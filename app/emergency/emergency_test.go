package emergency_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"potli/app/emergency"
	"potli/app/qr"
)

var made = time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC)

// full is a card with every field on, of a length that people write.
func full() emergency.Card {
	c := emergency.Card{Made: made}
	for id, text := range map[emergency.FieldID]string{
		"name": "Meera Sample", "born": "1988-03-04", "sex": "female", "blood": "B+", "allergies": "Penicillin, peanut", "conditions": "Type 1 diabetes, asthma",
		"medicines": "Insulin glargine, salbutamol inhaler", "implants": "Insulin pump", "contact": "Arjun (husband) 98100 00000", "phone": "98100 00001",
		"doctor": "Dr Rao 022 5550 100", "insurance": "ABC 12345", "directive": "Organ donor", "language": "Hindi, English",
	} {
		c = c.With(emergency.Field{ID: id, On: true, Text: text})
	}
	return c
}

func ExampleCard_Code() {
	c := emergency.Card{Made: made}
	c = c.With(emergency.Field{ID: emergency.Name, On: true, Text: "मीरा शर्मा"})
	c = c.With(emergency.Field{ID: emergency.Allergies, On: true, Text: "मूँगफली", Latin: "Peanut"})
	c = c.With(emergency.Field{ID: emergency.Phone, Text: "98100 00000"}) // not chosen
	fmt.Println(c.Code())
	// Output:
	// EMERGENCY CARD
	// Name: Mira Sharma
	// ALLERGIES: Peanut
	// Made: 2026-11-22
}

// TestCodeIsSmall: every field at once, as people write them, is what an old phone reads (E1, E3).
func TestCodeIsSmall(t *testing.T) {
	text := full().Code()
	code, err := qr.Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes, version %d", len(text), code.Version)
	if code, err := qr.Encode(strings.Repeat("x", emergency.MaxCode)); err != nil || code.Version != 13 {
		t.Errorf("%d bytes are version %d, want 13", emergency.MaxCode, code.Version)
	}
	if lines := strings.Count(text, "\n"); lines != len(emergency.Fields)+1 {
		t.Errorf("%d lines", lines)
	}
}

// TestNoAddress: no phone may take the text for something to open (E2).
func TestNoAddress(t *testing.T) {
	c := full().With(emergency.Field{ID: emergency.Doctor, On: true, Text: "https://evil.example/?q=1\nTEL:1"})
	c = c.With(emergency.Field{ID: emergency.Name, On: true, Text: "javascript:alert(1)\u202e"})
	text := c.Code()
	if strings.Contains(text, "://") || !strings.HasPrefix(text, "EMERGENCY CARD\n") || strings.Contains(text, "\u202e") || strings.Contains(text, "\nTEL") {
		t.Errorf("got %q", text)
	}
}

func TestChecked(t *testing.T) {
	c, err := emergency.Card{Fields: []emergency.Field{{ID: "name", Text: "  Meera \u202e\n Sample "}}}.Checked()
	if err != nil || c.Fields[0].Text != "Meera Sample" {
		t.Errorf("%+v, %v", c, err)
	}
	for name, fields := range map[string][]emergency.Field{
		"unknown": {{ID: "shoe"}}, "twice": {{ID: "name"}, {ID: "name"}}, "long": {{ID: "name", On: true, Text: strings.Repeat("म", 161)}},
		"long in Latin": {{ID: "name", On: true, Latin: strings.Repeat("m", 161)}},
	} {
		if _, err := (emergency.Card{Fields: fields}).Checked(); !errors.Is(err, emergency.ErrField) {
			t.Errorf("%s: %v", name, err)
		}
	}
	long := emergency.Card{Fields: []emergency.Field{{ID: "medicines", Text: strings.Repeat("m", 400)}}}
	if c, err := long.Checked(); err != nil || len(c.Fields) != 1 {
		t.Errorf("a long field that is not chosen: %v", err)
	}
	var field *emergency.FieldError
	long.Fields[0].On = true
	if _, err := long.Checked(); !errors.As(err, &field) || field.Field != emergency.Medicines {
		t.Errorf("which field it is: %v", err)
	}
}

func TestFitted(t *testing.T) {
	more := func(n int) string { return fmt.Sprint("and ", n, " more") }
	long := strings.Repeat("x", 200)
	for name, tt := range map[string]struct {
		items []string
		want  string
	}{
		"none":               {nil, ""},
		"all":                {[]string{"Iron", "Zinc"}, "Iron, Zinc"},
		"as many as fit":     {[]string{strings.Repeat("a", 80), strings.Repeat("b", 64), "cccccccccc", "dddd"}, strings.Repeat("a", 80) + ", " + strings.Repeat("b", 64) + ", and 2 more"},
		"one too long":       {[]string{long}, long[:159] + "…"},
		"the first too long": {[]string{long, "Iron"}, long[:147] + "…, and 1 more"},
	} {
		if got := emergency.Fitted(tt.items, more); got != tt.want || utf8.RuneCountInString(got) > emergency.MaxText {
			t.Errorf("%s: got %q (%d), want %q", name, got, utf8.RuneCountInString(got), tt.want)
		}
	}
}

func TestWith(t *testing.T) {
	c := full()
	off := c.With(emergency.Field{ID: emergency.Blood, Text: "B+"})
	if len(c.Chosen()) != 14 || len(off.Chosen()) != 13 || off.Field(emergency.Blood).Text != "B+" {
		t.Errorf("%d and %d chosen", len(c.Chosen()), len(off.Chosen()))
	}
	if gone := off.With(emergency.Field{ID: emergency.Blood}); len(gone.Fields) != 13 {
		t.Errorf("%d fields are left", len(gone.Fields))
	}
}

// TestStale is E5.
func TestStale(t *testing.T) {
	c := emergency.Card{Facts: []string{"Peanut", "Insulin"}}
	for name, tt := range map[string]struct {
		facts []string
		want  bool
	}{
		"the same":           {[]string{"insulin ", "PEANUT", "Peanut"}, false},
		"a new one":          {[]string{"Insulin", "Peanut", "Latex"}, true},
		"one is gone":        {[]string{"Insulin"}, true},
		"one is another":     {[]string{"Insulin", "Walnut"}, true},
		"nothing is left":    {nil, true},
		"in another spacing": {[]string{"Peanut", " Insulin"}, false},
	} {
		if got := c.Stale(tt.facts); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestLatin(t *testing.T) {
	for text, want := range map[string]string{
		"मीरा": "Mira", "रीता": "Rita", "राम": "Ram", "कमला": "Kamala", "शर्मा": "Sharma", "अंबिका": "Ambika", "ऋषि": "Rishi", "लक्ष्मी": "Lakshmi",
		"मोहन": "Mohan", "चंद्र": "Chandra", "गुप्त": "Gupta", "ज़ाकिर": "Zakir", "९८१०": "9810", "Meera": "Meera", "मीरा Sample": "Mira Sample", "": "", "தமிழ்": "தமிழ்",
		"न": "Na", "हिन्दी।": "Hindi.",
	} {
		if got := emergency.Latin(text); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

// FuzzLatin: any name a person types.
func FuzzLatin(f *testing.F) {
	f.Add("मीरा शर्मा")
	f.Add("्ािी़")
	f.Add("\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := emergency.Latin(s)
		if utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Errorf("%q became %q", s, got)
		}
		if len(got) > 3*len(s)+3 {
			t.Errorf("%d bytes became %d", len(s), len(got))
		}
	})
}
