package locale_test

import (
	"os"
	"testing"
	"time"

	"potli/app/fhir"
	"potli/app/locale"
)

func load(t testing.TB, tag string) *locale.Locale {
	t.Helper()
	b, err := os.ReadFile("../../web/messages/" + tag + ".json")
	if err != nil {
		t.Fatal(err)
	}
	l, err := locale.Load(tag, b, nil)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// present says whether a language has a catalogue yet.
func present(tag string) bool {
	_, err := os.Stat("../../web/messages/" + tag + ".json")
	return err == nil
}

func small(t testing.TB, tag, catalogue string) *locale.Locale {
	t.Helper()
	l, err := locale.Load(tag, []byte(catalogue), nil)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// From CLDR 48.2, plurals.xml: en "i = 1 and v = 0"; hi bn gu kn "i = 0 or n = 1"; pa "n = 0..1"; ta mr "n = 1".
func TestPlurals(t *testing.T) {
	tests := []struct{ tag, one, other string }{
		{"en", "1", "0 2 10 11 21 1.0 0.5 1.5"},
		{"en-IN", "1", "0 2"},
		{"hi", "0 1 0.0 0.5 1.0", "2 1.5 10 100"},
		{"bn", "0 1 0.5", "2 1.1"},
		{"pa", "0 1", "2 1.5"},
		{"ta", "1", "0 2 0.5"},
		{"mr", "1", "0 2"},
		{"ur", "1", "0 1.0 2"},
	}
	for _, tt := range tests {
		l := small(t, tt.tag, `{"k": {"one": "ONE", "other": "OTHER"}}`)
		for want, numbers := range map[string]string{"ONE": tt.one, "OTHER": tt.other} {
			for _, n := range fields(numbers) {
				if got := l.T("k", "n", n); got != want {
					t.Errorf("%s: %s is %s, want %s", tt.tag, n, got, want)
				}
			}
		}
	}
}

func fields(s string) (out []string) {
	for start, i := 0, 0; i <= len(s); i++ {
		if i == len(s) || s[i] == ' ' {
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return out
}

func TestFill(t *testing.T) {
	l := small(t, "en", `{"k": "{a} and {b}", "open": "a { b", "n": "{n} things"}`)
	tests := []struct {
		name, key string
		args      []string
		want      string
	}{
		{"both", "k", []string{"a", "x", "b", "y"}, "x and y"},
		{"missing argument", "k", []string{"a", "x"}, "x and "},
		{"braces in an argument stay", "k", []string{"a", "{b}", "b", "y"}, "{b} and y"},
		{"odd arguments", "k", []string{"a"}, " and "},
		{"a brace that is no argument", "open", nil, "a { b"},
		{"a number is grouped", "n", []string{"n", "12345"}, "12,345 things"},
		{"a range is not", "n", []string{"n", "2–3"}, "2–3 things"},
		{"nobody knows it", "nobody.knows", nil, "nobody.knows"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := l.T(tt.key, tt.args...); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFallback(t *testing.T) {
	en := small(t, "en", `{"a": "A", "b": "B"}`)
	hi, err := locale.Load("hi", []byte(`{"a": "अ"}`), en)
	if err != nil {
		t.Fatal(err)
	}
	if got := hi.T("a") + hi.T("b"); got != "अB" || !hi.Has("b") || hi.Has("c") {
		t.Errorf("got %q", got)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, catalogue := range []string{``, `[]`, `{"a": 1}`, `{"a": {"one": "x"}}`, `{"a": {"one": "x", "few": "y", "other": "z"}}`} {
		if _, err := locale.Load("en", []byte(catalogue), nil); err == nil {
			t.Errorf("%s: loaded", catalogue)
		}
	}
}

func TestMarshal(t *testing.T) {
	l, err := locale.Unmarshal(load(t, "hi").Marshal())
	if err != nil {
		t.Fatal(err)
	}
	if l.Tag() != "hi" || l.T("month.6") != "जून" {
		t.Errorf("got %s, %s", l.Tag(), l.T("month.6"))
	}
	if _, err := locale.Unmarshal([]byte("hi")); err == nil {
		t.Error("a language without catalogue was read")
	}
}

func TestDate(t *testing.T) {
	en, hi := load(t, "en"), load(t, "hi")
	tests := []struct{ in, en, hi string }{
		{"2026-06-12", "12 June 2026", "12 जून 2026"},
		{"2026-06", "June 2026", "जून 2026"},
		{"2026", "2026", "2026"},
		{"2026-06-12T14:05:00+05:30", "12 June 2026", "12 जून 2026"},
		{"2026-06-12T14:05:00.123Z", "12 June 2026", "12 जून 2026"},
		{"2024-02-29", "29 February 2024", "29 फ़रवरी 2024"},
		{"", "", ""},
		{"2023-02-29", "2023-02-29", "2023-02-29"},
		{"2026-13-01", "2026-13-01", "2026-13-01"},
		{"2026-00", "2026-00", "2026-00"},
		{"12/06/2026", "12/06/2026", "12/06/2026"},
		{"26-06-12", "26-06-12", "26-06-12"},
		{"2026-06T10:00", "2026-06T10:00", "2026-06T10:00"},
		{"2026-06-12T25:00:00Z", "2026-06-12T25:00:00Z", "2026-06-12T25:00:00Z"},
		{"<b>2026</b>", "<b>2026</b>", "<b>2026</b>"},
	}
	for _, tt := range tests {
		if got := en.Date(tt.in); got != tt.en {
			t.Errorf("en %q: got %q, want %q", tt.in, got, tt.en)
		}
		if got := hi.Date(tt.in); got != tt.hi {
			t.Errorf("hi %q: got %q, want %q", tt.in, got, tt.hi)
		}
	}
}

func TestMoment(t *testing.T) {
	en := load(t, "en")
	for in, want := range map[string]string{
		"2026-06-12T14:05:00+05:30": "12 June 2026, 2:05 pm", // as on the paper, not in the reader's zone
		"2026-06-12T00:30:00Z":      "12 June 2026, 12:30 am",
		"2026-06-12T12:00:00Z":      "12 June 2026, 12:00 pm",
		"2026-06-12T00:00:00Z":      "12 June 2026", // how systems write "no time known"
		"2026-06-12":                "12 June 2026",
		"2026":                      "2026",
	} {
		if got := en.Moment(in); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
	if got := en.Month("2026-06-12") + "|" + en.Month("2026") + "|" + en.Month("x"); got != "June 2026|2026|" {
		t.Errorf("months: %q", got)
	}
}

func TestOwnTime(t *testing.T) {
	defer func(l *time.Location) { time.Local = l }(time.Local)
	time.Local = time.FixedZone("IST", 5*3600+1800)
	at := time.Date(2026, 6, 12, 20, 35, 0, 0, time.UTC)
	en, hi := load(t, "en"), load(t, "hi")
	if got := en.DateTime(at) + "|" + en.Day(at) + "|" + en.Clock(at); got != "13 June 2026, 2:05 am|13 June 2026|2:05 am" {
		t.Errorf("en: %q", got)
	}
	if got := hi.DateTime(at); got != "13 जून 2026, 2:05 am" {
		t.Errorf("hi: %q", got)
	}
}

func TestNumbers(t *testing.T) {
	en, hi := load(t, "en"), load(t, "hi")
	for n, want := range map[int][2]string{
		0: {"0", "0"}, 999: {"999", "999"}, 1000: {"1,000", "1,000"}, 1234567: {"1,234,567", "12,34,567"},
		100000: {"100,000", "1,00,000"}, -45678: {"-45,678", "-45,678"},
	} {
		if got := [2]string{en.Number(n), hi.Number(n)}; got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int]string{
		0: "0 bytes", 1: "1 byte", 999: "999 bytes", 1500: "2 KB", 2_400_000: "2.4 MB", 26_214_400: "26 MB", 3_200_000_000: "3.2 GB",
	} {
		if got := en.Bytes(n); got != want {
			t.Errorf("%d bytes: got %q, want %q", n, got, want)
		}
	}
}

func TestDuration(t *testing.T) {
	en, hi := load(t, "en"), load(t, "hi")
	for d, want := range map[time.Duration][2]string{
		0:                              {"0 seconds", "0 सेकंड"},
		time.Second:                    {"1 second", "1 सेकंड"},
		10 * time.Minute:               {"10 minutes", "10 मिनट"},
		9*time.Minute + 59*time.Second: {"9 minutes 59 seconds", "9 मिनट 59 सेकंड"},
		time.Hour:                      {"1 hour", "1 घंटा"},
		90 * time.Minute:               {"1 hour 30 minutes", "1 घंटा 30 मिनट"},
		30 * 24 * time.Hour:            {"30 days", "30 दिन"},
		-time.Minute:                   {"0 seconds", "0 सेकंड"},
	} {
		if got := [2]string{en.Duration(d), hi.Duration(d)}; got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

func TestValue(t *testing.T) {
	en, hi := load(t, "en"), load(t, "hi")
	dose := fhir.Value{Type: fhir.ValueMessage, Messages: []fhir.Message{
		{Key: "dose.amount", Args: map[string]string{"n": "1", "unit": "tablet"}},
		{Key: "dose.per.d", Args: map[string]string{"n": "2"}},
		{Key: "when.PC"},
		{Key: "dose.for.d", Args: map[string]string{"n": "5"}},
	}}
	tests := []struct {
		name   string
		v      fhir.Value
		en, hi string
	}{
		{"text", fhir.Value{Type: fhir.ValueText, Text: "as <b>written</b>"}, "as <b>written</b>", "as <b>written</b>"},
		{"date", fhir.Value{Type: fhir.ValueDate, Text: "2026-06"}, "June 2026", "जून 2026"},
		{"period", fhir.Value{Type: fhir.ValuePeriod, Text: "2025", End: "2026"}, "2025 to 2026", "2025 से 2026 तक"},
		{"open period", fhir.Value{Type: fhir.ValuePeriod, Text: "2025"}, "since 2025", "2025 से"},
		{"ended", fhir.Value{Type: fhir.ValuePeriod, End: "2025"}, "until 2025", "2025 तक"},
		{"a day", fhir.Value{Type: fhir.ValuePeriod, Text: "2025-03-04", End: "2025-03-04"}, "4 March 2025", "4 मार्च 2025"},
		{"no period", fhir.Value{Type: fhir.ValuePeriod}, "", ""},
		{"quantity", fhir.Value{Type: fhir.ValueQuantity, Text: "12.5", Unit: "g/dL"}, "12.5\u00a0g/dL", "12.5\u00a0g/dL"},
		{"no unit", fhir.Value{Type: fhir.ValueQuantity, Text: "7"}, "7", "7"},
		{"dose", dose, "1 tablet, 2 times a day, after a meal, for 5 days", "1 tablet, दिन में 2 बार, भोजन के बाद, 5 दिन तक"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := en.Value(tt.v); got != tt.en {
				t.Errorf("en: got %q, want %q", got, tt.en)
			}
			if got := hi.Value(tt.v); got != tt.hi {
				t.Errorf("hi: got %q, want %q", got, tt.hi)
			}
		})
	}
	ur := load(t, "ur")
	for text, want := range map[string]string{"": "", "12.5": "12.5", "118/76": "\u2068118/76\u2069"} {
		if got := ur.Value(fhir.Value{Type: fhir.ValueQuantity, Text: text}); got != want {
			t.Errorf("ur: got %q, want %q", got, want)
		}
	}
	if got, want := ur.Value(fhir.Value{Type: fhir.ValueQuantity, Text: "118/76", Unit: "mmHg"}), "\u2068118/76\u00a0mmHg\u2069"; got != want {
		t.Errorf("ur: got %q, want %q", got, want)
	}
	if got := en.Values([]fhir.Value{{Text: "a"}, {}, {Text: "b"}}); got != "a, b" {
		t.Errorf("values: %q", got)
	}
}

func TestMessage(t *testing.T) {
	l := small(t, "en", `{"every": "every {n} {unit}", "unit.day": {"one": "day", "other": "days"}}`)
	for want, args := range map[string]map[string]string{
		"every 2 days":    {"n": "2", "unit": "@unit.day"},
		"every 1 day":     {"n": "1", "unit": "@unit.day"},
		"every 2 @home":   {"n": "2", "unit": "@home"}, // text of a record may begin with @
		"every 2 unit.wk": {"n": "2", "unit": "unit.wk"},
	} {
		if got := l.Message(fhir.Message{Key: "every", Args: args}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestLabel(t *testing.T) {
	en := load(t, "en")
	if got := en.Label(fhir.Field{Label: "field.dose", Known: true}); got != "Dose" {
		t.Errorf("known: %q", got)
	}
	if got := en.Label(fhir.Field{Label: "field.dose"}); got != "field.dose" {
		t.Errorf("an element that is called like a key: %q", got)
	}
}

func TestDir(t *testing.T) {
	for tag, want := range map[string]string{"en": "ltr", "hi-IN": "ltr", "ur": "rtl", "ur-IN": "rtl"} {
		if got := small(t, tag, `{}`).Dir(); got != want {
			t.Errorf("%s: %s", tag, got)
		}
	}
}

// FuzzDate: whatever stands in a record, Date says it or returns it, and never panics.
func FuzzDate(f *testing.F) {
	for _, s := range []string{"2026-06-12", "2026", "2026-06-12T14:05:00Z", "-", "T", "9999-99-99T99:99", "२०२६"} {
		f.Add(s)
	}
	l := load(f, "en")
	f.Fuzz(func(t *testing.T, s string) {
		if s != "" && l.Date(s) == "" {
			t.Errorf("%q is lost", s)
		}
		l.Moment(s)
		l.Month(s)
	})
}
