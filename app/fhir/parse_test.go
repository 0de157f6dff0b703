package fhir_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"potli/app/fhir"
)

func mustParse(t testing.TB, s string) *fhir.File {
	t.Helper()
	f, err := fhir.Parse([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestParse(t *testing.T) {
	syntax := &fhir.SyntaxError{}
	for name, c := range map[string]struct {
		in   string
		want int // entries
		err  error
	}{
		"resource":               {`{"resourceType":"Patient"}`, 1, nil},
		"byte order mark":        {"\xef\xbb\xbf{\"resourceType\":\"Patient\"}", 1, nil},
		"space around":           {" \r\n{\"resourceType\":\"Patient\"}\t\n", 1, nil},
		"type last":              {`{"id":"a","resourceType":"Patient"}`, 1, nil},
		"empty bundle":           {`{"resourceType":"Bundle","type":"collection"}`, 0, nil},
		"bundle":                 {`{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Patient"}},{"resource":{"resourceType":"Condition"}}]}`, 2, nil},
		"entry without resource": {`{"resourceType":"Bundle","type":"history","entry":[{"request":{"method":"DELETE","url":"Patient/1"}},{"resource":{"resourceType":"Patient"}}]}`, 1, nil},
		"null resource":          {`{"resourceType":"Bundle","entry":[{"resource":null},{"resource":{"name":"x"}},null,5]}`, 0, nil},
		"entry no list":          {`{"resourceType":"Bundle","entry":{"resource":{"resourceType":"Patient"}}}`, 1, nil},
		"bundle in bundle":       {`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Bundle","type":"document","entry":[{"resource":{"resourceType":"Patient"}}]}},{"resource":{"resourceType":"Condition"}}]}`, 2, nil},
		"unknown type":           {`{"resourceType":"Wonder"}`, 1, nil},
		"no type":                {`{"a":1}`, 0, fhir.ErrNotFHIR},
		"type not text":          {`{"resourceType":5}`, 0, fhir.ErrNotFHIR},
		"type lower case":        {`{"resourceType":"patient"}`, 0, fhir.ErrNotFHIR},
		"type markup":            {`{"resourceType":"<b>"}`, 0, fhir.ErrNotFHIR},
		"array":                  {`[{"resourceType":"Patient"}]`, 0, fhir.ErrNotFHIR},
		"text":                   {`"Patient"`, 0, fhir.ErrNotFHIR},
		"nothing":                {``, 0, syntax},
		"cut":                    {`{"resourceType":"Patient","name":[{"te`, 0, syntax},
		"two values":             {`{"resourceType":"Patient"}{}`, 0, syntax},
		"comment":                {`{"resourceType":"Patient"} // x`, 0, syntax},
		"trailing comma":         {`{"resourceType":"Patient",}`, 0, syntax},
		"raw line break":         {"{\"resourceType\":\"Patient\",\"a\":\"x\ny\"}", 0, syntax},
		"bad escape":             {`{"resourceType":"Patient","a":"\x41"}`, 0, syntax},
		"bad number":             {`{"resourceType":"Patient","a":01}`, 0, syntax},
		"deep":                   {`{"resourceType":"Patient","a":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `}`, 0, fhir.ErrTooDeep},
		"deep and cut":           {strings.Repeat("[", 1_000_000), 0, fhir.ErrTooDeep},
		"too many elements":      {`{"resourceType":"Patient","a":[` + strings.Repeat("0,", 3_000_000) + `0]}`, 0, fhir.ErrTooMany},
		"too many entries":       {`{"resourceType":"Bundle","entry":[` + strings.Repeat(`{"resource":{"resourceType":"Patient"}},`, 60_000) + `{}]}`, 0, fhir.ErrTooMany},
		"too big":                {strings.Repeat(" ", fhir.MaxBytes+1), 0, fhir.ErrTooBig},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := fhir.Parse([]byte(c.in))
			if c.err == error(syntax) {
				var got *fhir.SyntaxError
				if !errors.As(err, &got) || got.Offset > len(c.in) {
					t.Fatalf("got %v", err)
				}
				return
			}
			if !errors.Is(err, c.err) {
				t.Fatalf("got %v, want %v", err, c.err)
			}
			if err == nil && len(f.Entries) != c.want {
				t.Fatalf("%d entries, want %d", len(f.Entries), c.want)
			}
		})
	}
}

// TestRaw: an entry is kept as the very bytes that came.
func TestRaw(t *testing.T) {
	inner := "{ \"id\" : \"a\\u0041\",\n\t\"resourceType\":\"Observation\", \"valueQuantity\": {\"value\": 1.50e0 } }"
	f := mustParse(t, `{"resourceType":"Bundle","type":"collection","timestamp":"2024-01-01T00:00:00Z","entry":[ {"fullUrl":"urn:uuid:1","resource": `+inner+` } ]}`)
	e := f.Entries[0]
	if string(e.Raw) != inner || e.ID != "aA" || e.Type != "Observation" || e.FullURL != "urn:uuid:1" || f.BundleType != "collection" || f.Timestamp == "" {
		t.Errorf("%+v", e)
	}
	if v := f.View(0); v.Results[0].Value[0].Text != "1.50e0" {
		t.Errorf("the number was rewritten: %+v", v.Results)
	}
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		`\u00e9\n\t\"\\\/`: "é\n\t\"\\/",
		`\ud83d\ude00`:     "😀",
		`\ud83d x`:         "\uFFFD x",
		`\ude00\ud83d`:     "\uFFFD\uFFFD",
		"caf\xe9":          "caf\uFFFD",
		`a\u202eb\u0000c`:  "abc",
		`नमस्ते`:           "नमस्ते",
	} {
		f := mustParse(t, `{"resourceType":"Condition","code":{"text":"`+in+`"}}`)
		if got := f.View(0).Title; got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func TestResolve(t *testing.T) {
	f := mustParse(t, `{"resourceType":"Bundle","type":"searchset","entry":[
	 {"fullUrl":"urn:uuid:AAAAAAAA-0000-4000-8000-000000000001","resource":{"resourceType":"Patient","id":"p1"}},
	 {"fullUrl":"https://a.example/fhir/Observation/o1","resource":{"resourceType":"Observation","id":"o1","contained":[{"resourceType":"Specimen","id":"s"}]}},
	 {"fullUrl":"https://b.example/fhir/Observation/o1","resource":{"resourceType":"Observation","id":"o1"}},
	 {"fullUrl":"Encounter/e1","resource":{"resourceType":"Encounter","id":"e1"}},
	 {"resource":{"resourceType":"Condition","id":"BBBBBBBB-0000-4000-8000-000000000002"}},
	 {"fullUrl":"https://b.example/fhir/Condition/c","resource":{"resourceType":"Condition","id":"c"}},
	 {"resource":{"resourceType":"Procedure"}}]}`)
	for _, c := range []struct {
		from int
		ref  string
		want int // -1: nothing
	}{
		{1, "urn:uuid:AAAAAAAA-0000-4000-8000-000000000001", 0},
		{1, "Patient/p1", 0},
		{1, "Patient/p1/_history/3", 0},
		{1, "Observation/o1", 1},
		{2, "https://b.example/fhir/Observation/o1", 2},
		{2, "https://a.example/fhir/Observation/o1/_history/2", 1},
		{2, "https://c.example/fhir/Observation/o1", -1},
		{1, "Encounter/e1", 3},
		{1, "https://anywhere.example/Encounter/e1", 3},
		{1, "urn:uuid:bbbbbbbb-0000-4000-8000-000000000002", 4},
		{1, "Problem/BBBBBBBB-0000-4000-8000-000000000002", 4},
		{1, "bbbbbbbb-0000-4000-8000-000000000002", 4},
		{5, "Condition/c", 5},
		{1, "#s", -1},
		{1, "", -1},
		{1, "Patient/", -1},
		{1, "Patient/p2", -1},
		{1, "p1", -1},
		{-1, "Patient/p1", 0},
		{99, "Patient/p1", 0},
	} {
		got, ok := f.Resolve(c.from, c.ref)
		if !ok {
			got = -1
		}
		if got != c.want {
			t.Errorf("%d %s: got %d, want %d", c.from, c.ref, got, c.want)
		}
	}
	if raw, ok := f.Contained(1, "#s"); !ok || string(raw) != `{"resourceType":"Specimen","id":"s"}` {
		t.Errorf("contained: %s %v", raw, ok)
	}
	for _, ref := range []string{"#x", "s", "#", ""} {
		if _, ok := f.Contained(1, ref); ok {
			t.Errorf("contained %q is there", ref)
		}
	}
	if _, ok := f.Contained(7, "#s"); ok {
		t.Error("an entry beyond the end")
	}
}

// TestHostile: documents made to be slow. Four times as much of each may take
// about four times as long, never sixteen times.
func TestHostile(t *testing.T) {
	if raced {
		t.Skip("by the clock, and in one thread: natively and without the race detector")
	}
	const small, large = 10_000, 40_000
	for name, make := range hostile {
		t.Run(name, func(t *testing.T) {
			var ratio float64
			for range 4 { // a busy machine is given another chance
				a, b := timed(t, make(small)), timed(t, make(large))
				if ratio = float64(b) / float64(a); b < 300*time.Millisecond || ratio < 9 {
					return
				}
			}
			t.Errorf("four times the size takes %.0f times as long", ratio)
		})
	}
}

func timed(t *testing.T, doc string) time.Duration {
	start := time.Now()
	f, err := fhir.Parse([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	f.Document()
	f.Outline()
	return time.Since(start)
}

// many writes format n times with the numbers from 0, between commas.
func many(n int, format string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func inNarrative(s string) func(n int) string {
	return func(n int) string {
		return `{"resourceType":"Basic","text":{"div":` + quote("<div>"+strings.Repeat(s, n)) + `}}`
	}
}

// hostile makes documents of n pieces.
var hostile = map[string]func(n int) string{
	"unclosed scripts":  inNarrative("<script>"),
	"closed scripts":    inNarrative("<script></script>"),
	"unclosed comments": inNarrative("<!--"),
	"unclosed elements": inNarrative("<div>"),
	"stray ends":        inNarrative("<b></p>"),
	"unknown elements":  inNarrative("a<x>b</y>"),
	"links":             inNarrative("<a href='https://x.example'>"),
	"open quotes":       inNarrative(`<p a="`),
	"ends without end":  inNarrative("</a"),
	"entities":          inNarrative("&amp;&#;&"),
	"contained references": func(n int) string {
		return `{"resourceType":"Basic","contained":[` + many(n, `{"resourceType":"Device","id":"d%d"}`) + `],"thing":[` + many(n, `{"reference":"#d%d"}`) + `]}`
	},
	"many names": func(n int) string {
		return `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","id":"p","name":[` + many(n, `{"text":"n%d","use":"old"}`) + `]}},{"resource":{"resourceType":"Basic","x":[` + many(n, `{"reference":"Patient/p","display%d":"x"}`) + `]}}]}`
	},
	"one result for ever": func(n int) string {
		return `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Observation","id":"o","code":{"text":"x"},"hasMember":[` + many(n, `{"reference":"Observation/o","n":%d}`) + `],"component":[` + many(n, `{"code":{"text":"c%d"}}`) + `]}},{"resource":{"resourceType":"DiagnosticReport","result":[` + many(n, `{"reference":"Observation/o","n":%d}`) + `]}}]}`
	},
	"ring of medicines": func(n int) string {
		return `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Medication","id":"m","code":{"reference":"Medication/m"}}},{"resource":{"resourceType":"MedicationRequest","id":"q","medicationReference":{"reference":"Medication/m"}}}]}`
	},
	"ring of reports": func(n int) string {
		return `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Observation","id":"a","hasMember":[{"reference":"Observation/b"}]}},{"resource":{"resourceType":"Observation","id":"b","hasMember":[{"reference":"Observation/a"}]}}]}`
	},
	"many codings": func(n int) string {
		return `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Medication","id":"m","code":{"coding":[` + many(n, `{"code":"%d"}`) + `]}}},` + many(n, `{"resource":{"resourceType":"MedicationRequest","id":"q%d","medicationReference":{"reference":"Medication/m"}}}`) + `]}`
	},
	"many sections": func(n int) string {
		return `{"resourceType":"Composition","section":[` + many(n, `{"title":"s%d"}`) + `]}`
	},
	"nested sections": func(n int) string {
		return `{"resourceType":"Composition"` + strings.Repeat(`,"section":{"title":"s"`, 60) + strings.Repeat("}", 61)
	},
	"nested extensions": func(n int) string {
		return `{"resourceType":"Basic"` + strings.Repeat(`,"extension":{"url":"x"`, 60) + strings.Repeat("}", 61)
	},
	"lines of a bill": func(n int) string {
		return `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"ChargeItem","id":"c","productReference":{"reference":"Medication/m"}}},{"resource":{"resourceType":"Medication","id":"m","ingredient":[` + many(n, `{"itemReference":{"display":"i%d"}}`) + `]}},{"resource":{"resourceType":"Invoice","lineItem":[` + many(n, `{"sequence":%d,"chargeItemReference":{"reference":"ChargeItem/c","display":"ChargeItem"},"priceComponent":[{"type":"base","amount":{"value":1}}]}`) + `]}}]}`
	},
	"mixtures": func(n int) string {
		return `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Medication","id":"m","ingredient":[` + many(n, `{"itemReference":{"reference":"#x%d"}}`) + `]}},` + many(n, `{"resource":{"resourceType":"MedicationRequest","id":"q%d","medicationReference":{"reference":"Medication/m"}}}`) + `]}`
	},
	"parts of a claim": func(n int) string {
		return `{"resourceType":"Claim","item":[` + many(n, `{"sequence":%d,"detail":[{"subDetail":[{"net":{"value":1}},{"net":{"value":2}}]}]}`) + `]}`
	},
	"reasons of a plan": func(n int) string {
		return `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Condition","id":"c","code":{"text":"x"}}},{"resource":{"resourceType":"CarePlan","addresses":[` + many(n, `{"reference":"Condition/c","n":%d}`) + `],"careTeam":[` + many(n, `{"reference":"#t","n":%d}`) + `]}}]}`
	},
	"lenses": func(n int) string {
		return `{"resourceType":"VisionPrescription","lensSpecification":[` + many(n, `{"eye":"right","sphere":%d}`) + `]}`
	},
	"attachments": func(n int) string {
		return `{"resourceType":"DocumentReference","content":[` + many(n, `{"attachment":{"url":"Binary/%d"}}`) + `]}`
	},
	"duplicate members": func(n int) string {
		return `{"resourceType":"Basic",` + strings.TrimSuffix(strings.Repeat(`"a":"x",`, n), ",") + `}`
	},
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func FuzzParse(f *testing.F) {
	for _, b := range ours(f) {
		if len(b) < 20_000 {
			f.Add(b)
		}
	}
	for _, s := range []string{`{"resourceType":"Bundle","type":"document","entry":[{"resource":{"resourceType":"Composition","section":[{"entry":[{"reference":"#x"}]}]}}]}`,
		`{"resourceType":"Observation","valueSampledData":{"origin":{"value":1},"data":"1 2 E"}}`, `{"resourceType":"Patient","name":"x","contact":5,"telecom":{"value":1}}`,
		`{"resourceType":"MedicationRequest","medicationReference":{"reference":"#m"},"contained":[{"resourceType":"Medication","id":"m"}]}`, `{"resourceType":"Binary","data":"\u0000="}`,
		`{"resourceType":"Invoice","lineItem":{"priceComponent":[[{"amount":5}],{"type":"base","code":{"text":"x"},"amount":{"value":"1"}}]},"totalGross":[{"value":1}]}`,
		`{"resourceType":"Claim","item":[{"detail":{"subDetail":[[{"net":{"value":1}}]]}},"x",null],"total":{"value":1}}`,
		`{"resourceType":"NutritionOrder","oralDiet":[{"type":"x"}],"enteralFormula":"y","supplement":{"quantity":[]}}`,
		`{"resourceType":"VisionPrescription","lensSpecification":{"eye":["right"],"sphere":{"value":1},"prism":[{"base":"up"}]}}`,
		`{"resourceType":"Consent","provision":{"type":"deny","provision":{"provision":{"type":"permit"}}}}`,
		`{"resourceType":"Specimen","collection":[{"collectedPeriod":{"start":"2024-01"}}],"accessionIdentifier":"x"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := fhir.Parse(b)
		valid := json.Valid([]byte(strings.TrimPrefix(string(b), "\xef\xbb\xbf")))
		if _, broken := err.(*fhir.SyntaxError); broken && valid || err == nil && !valid {
			t.Fatalf("the standard library says %v, we say %v", valid, err)
		}
		if err != nil {
			return
		}
		d := file.Document()
		o := file.Outline()
		for i, v := range d.Views {
			checkView(t, file, i, v)
		}
		for _, s := range d.Sections {
			checkNodes(t, s.Narrative)
			for _, e := range s.Entries {
				if e < 0 || e >= len(file.Entries) {
					t.Fatalf("section names entry %d", e)
				}
			}
		}
		for _, l := range o.Lines {
			if l.Entry < 0 || l.Entry >= len(file.Entries) || l.Visit < 0 || l.Visit > len(file.Entries) {
				t.Fatalf("line %+v", l)
			}
		}
	})
}

// checkView holds what every view of anything must keep.
func checkView(t *testing.T, f *fhir.File, i int, v fhir.View) {
	t.Helper()
	if v.Entry != i || v.Kind == "" || v.Type != f.Entries[i].Type {
		t.Fatalf("view %d: %+v", i, v)
	}
	checkNodes(t, v.Narrative)
	values := func(vals []fhir.Value) {
		for _, x := range vals {
			if x.Type == fhir.ValueLink && (x.Entry < 0 || x.Entry >= len(f.Entries)) {
				t.Fatalf("a link to entry %d", x.Entry)
			}
			if (x.Type == fhir.ValueMessage) != (len(x.Messages) > 0) {
				t.Fatalf("messages of %+v", x)
			}
			for _, m := range x.Messages {
				if !knownKeys[m.Key] {
					t.Fatalf("key %q is not listed", m.Key)
				}
			}
		}
	}
	values(v.Detail)
	for _, x := range append(v.Fields, v.More...) {
		if x.Known && !knownKeys[x.Label] || x.Label == "" || len(x.Values) == 0 {
			t.Fatalf("field %+v", x)
		}
		values(x.Values)
	}
	for _, r := range v.Results {
		values(r.Value)
		values(r.Note)
		if r.Flag != "" && !knownKeys["flag."+r.Flag] {
			t.Fatalf("flag %q", r.Flag)
		}
	}
	for _, a := range v.Attachments {
		if _, data, err := f.Attachment(a); err == nil && len(data) == 0 {
			t.Fatal("an empty attachment without an error")
		}
	}
}

var knownKeys = func() map[string]bool {
	m := map[string]bool{}
	for _, k := range fhir.Keys() {
		m[k] = true
	}
	return m
}()
