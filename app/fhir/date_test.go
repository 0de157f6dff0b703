package fhir_test

import (
	"testing"
	"time"

	"potli/app/fhir"
)

func TestParseDate(t *testing.T) {
	india := time.FixedZone("IST", 19800)
	for s, want := range map[string]struct {
		precision fhir.Precision
		first     string // moment, in UTC; read in India
		strict    bool
	}{
		"2026":                          {fhir.Year, "2025-12-31T18:30:00Z", true},
		"2026-06":                       {fhir.Month, "2026-05-31T18:30:00Z", true},
		"2026-06-12":                    {fhir.Day, "2026-06-11T18:30:00Z", true},
		"2024-02-29":                    {fhir.Day, "2024-02-28T18:30:00Z", true},
		"2026-06-12T14:05:09Z":          {fhir.Instant, "2026-06-12T14:05:09Z", true},
		"2026-06-12T14:05:09+05:30":     {fhir.Instant, "2026-06-12T08:35:09Z", true},
		"2026-06-12T14:05:09-08:00":     {fhir.Instant, "2026-06-12T22:05:09Z", true},
		"2026-06-12T14:05:09.123+05:30": {fhir.Instant, "2026-06-12T08:35:09Z", true},
		"2016-12-31T23:59:60Z":          {fhir.Instant, "2017-01-01T00:00:00Z", true},
		"2026-06-12T00:00:00+14:00":     {fhir.Instant, "2026-06-11T10:00:00Z", true},
		"2026-06-12T14:05:09":           {fhir.Instant, "2026-06-12T08:35:09Z", false},
		"2026-06-12T14:05":              {fhir.Instant, "2026-06-12T08:35:00Z", false},
		"2026-06-12T14:05Z":             {fhir.Instant, "2026-06-12T14:05:00Z", false},
		"2026-06-12T14:05:09+0530":      {fhir.Instant, "2026-06-12T08:35:09Z", false},
		"2026-06-12T14:05:09+05":        {fhir.Instant, "2026-06-12T09:05:09Z", false},
		"2026-06-12T14:05:09.5":         {fhir.Instant, "2026-06-12T08:35:09Z", false},
	} {
		d, ok := fhir.ParseDate(s)
		if !ok || d.Precision != want.precision || d.Strict != want.strict {
			t.Errorf("%s: %+v, %v", s, d, ok)
			continue
		}
		if got := d.Time(india).UTC().Format(time.RFC3339); got != want.first {
			t.Errorf("%s begins at %s, want %s", s, got, want.first)
		}
		if _, ok := fhir.ParseDay(s); ok != (want.precision < fhir.Instant) {
			t.Errorf("%s is a day: %v", s, ok)
		}
	}
	for _, s := range []string{"", "26", "20260612", "0000", "0000-01-01", "2026-", "2026-6", "2026-00", "2026-13", "2026-06-00", "2026-06-31", "2025-02-29", "1900-02-29", "2026-06-1", "2026/06/12",
		"2026-06-12T", "2026T10:00:00Z", "2026-06T10:00:00Z", "2026-06-12 10:00", "2026-06-12T24:00:00Z", "2026-06-12T10:60:00Z", "2026-06-12T10:00:61Z", "2026-06-12T10", "2026-06-12T10:00:0Z",
		"2026-06-12T10:00:00.Z", "2026-06-12T10:00.5Z", "2026-06-12T10:00:00+14:01", "2026-06-12T10:00:00+05:60", "2026-06-12T10:00:00+5:30", "2026-06-12T10:00:00ZZ", "2026-06-12T10:00:00Z+05:30",
		"2026-06-12t10:00:00z", " 2026", "２０２６", "-026", "+026", "2026-06-12T10:00:00." + "00000000000000000000000000000000000Z"} {
		if d, ok := fhir.ParseDate(s); ok {
			t.Errorf("%q is read as %+v", s, d)
		}
	}
}

func TestDates(t *testing.T) {
	for _, c := range []struct {
		s      string
		months int
		want   string
	}{{"2026", 6, "2025"}, {"2026-02", 3, "2025-11"}, {"2026-05-31", 3, "2026-03-03"}, {"2026-06-12T23:00:00-11:00", 1, "2026-05-12"}} {
		d, _ := fhir.ParseDate(c.s)
		if got := d.MonthsBefore(c.months); got != c.want {
			t.Errorf("%d months before %s: got %s, want %s", c.months, c.s, got, c.want)
		}
	}
	for date, past := range map[string]bool{"2026": false, "2025": true, "2026-05": true, "2026-06": false, "2026-06-11": true, "2026-06-12": false, "2026-06-11T23:59:59Z": true, "": false} {
		if got := fhir.Past(date, "2026-06-12"); got != past {
			t.Errorf("%q is past: %v", date, got)
		}
	}
	for s, midnight := range map[string]bool{"2026-06-12": false, "2026-06-12T00:00:00Z": true, "2026-06-12T00:00:01Z": false} {
		if d, _ := fhir.ParseDate(s); d.Midnight() != midnight {
			t.Errorf("%s is midnight: %v", s, !midnight)
		}
	}
}

// FuzzParseDate: what is read is a moment that there is, and what time.RFC3339 reads is the same
// moment.
func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026", "2026-06", "2026-06-12", "2026-06-12T14:05:09.123+05:30", "2026-06-12T14:05", "2026-02-30", "2026-06-12T14:05:09+0530", "9999-12-31T23:59:60-14:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := fhir.ParseDate(s)
		if !ok {
			return
		}
		at := d.Time(time.UTC)
		if d.Second < 60 && (at.Year() != d.Year || d.Precision >= fhir.Month && int(at.Month()) != d.Month || d.Precision >= fhir.Day && at.Day() != d.Day || at.Hour() != d.Hour || at.Minute() != d.Minute) {
			t.Errorf("%q is %+v at %v", s, d, at)
		}
		if want, err := time.Parse(time.RFC3339, s); err == nil && want.Unix() != at.Unix() {
			t.Errorf("%q is %v, want %v", s, at, want)
		}
		if d.Strict && d.Precision == fhir.Instant && d.Second < 60 {
			if _, err := time.Parse(time.RFC3339, s); err != nil {
				t.Errorf("%q is called FHIR: %v", s, err)
			}
		}
	})
}
