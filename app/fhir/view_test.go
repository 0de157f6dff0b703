package fhir_test

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"potli/app/fhir/fhirtest"
)

var update = flag.Bool("update", false, "write the golden files again")

// TestViews reads one resource of each kind, in its good and its awkward
// forms, against testdata/views.golden: what a person reads, in English.
func TestViews(t *testing.T) {
	b, err := os.ReadFile("testdata/views.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name     string          `json:"name"`
		Resource json.RawMessage `json:"resource"`
	}
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	golden := readGolden(t)
	var out strings.Builder
	for _, c := range cases {
		f := mustParse(t, string(c.Resource))
		v := f.View(0)
		got := sayView(v)
		out.WriteString("## " + c.Name + "\n" + got + "\n\n")
		t.Run(c.Name, func(t *testing.T) {
			checkView(t, f, 0, v)
			fhirtest.Lossless(t, c.Resource)
			if want := golden[c.Name]; !*update && got != want {
				t.Errorf("got\n%s\n\nwant\n%s", got, want)
			}
			o := f.Outline()
			if v.Void != (len(o.Lines) == 0) {
				t.Errorf("void %v, %d lines", v.Void, len(o.Lines))
			}
		})
	}
	if *update {
		if err := os.WriteFile("testdata/views.golden", []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if len(golden) != len(cases) {
		t.Errorf("%d golden views, %d cases", len(golden), len(cases))
	}
}

func readGolden(t *testing.T) map[string]string {
	b, err := os.ReadFile("testdata/views.golden")
	if err != nil && !*update {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, part := range strings.Split("\n"+string(b), "\n## ")[1:] {
		name, text, _ := strings.Cut(part, "\n")
		out[name] = strings.TrimRight(text, "\n")
	}
	return out
}
