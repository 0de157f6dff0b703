package note_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"potli/app/fhir"
	"potli/app/note"
)

func document(t testing.TB, b []byte, err error) *fhir.Document {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	f, err := fhir.Parse(b)
	if err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return f.Document()
}

func TestText(t *testing.T) {
	for name, c := range map[string]struct{ in, title, text string }{
		"plain":        {"Visit of 3 May\r\n\r\nPulse 72, BP 120/80.\r\n", "Visit of 3 May", "Visit of 3 May\n\nPulse 72, BP 120/80."},
		"decorated":    {"\n=====\n*** Visit ***\n", "Visit", "=====\n*** Visit ***"},
		"columns":      {"A     B\n1\t2", "A B", "A     B\n1\t2"},
		"markup":       {"a < b & <script>alert(1)</script>", "a < b & <script>alert(1)</script>", "a < b & <script>alert(1)</script>"},
		"windows-1252": {"Temp\xe9rature 38 \xb0C", "Température 38 °C", "Température 38 °C"},
		"utf-16":       {"\xff\xfeH\x00i\x00", "Hi", "Hi"},
		"hindi":        {"रक्तचाप १२०/८०", "रक्तचाप १२०/८०", "रक्तचाप १२०/८०"},
		"long line":    {strings.Repeat("word ", 60), strings.TrimSpace(strings.Repeat("word ", 20)) + "…", strings.TrimSpace(strings.Repeat("word ", 60))},
	} {
		t.Run(name, func(t *testing.T) {
			if !note.Is([]byte(c.in)) {
				t.Error("not taken for text")
			}
			b, err := note.Text([]byte(c.in))
			d := document(t, b, err)
			if d.Title != c.title {
				t.Errorf("title %q", d.Title)
			}
			n := d.Sections[0].Narrative
			if len(n) != 1 || n[0].Tag != "div" && n[0].Tag != "pre" {
				t.Fatalf("narrative %+v", n)
			}
			for n[0].Tag != "" {
				n = n[0].Children
			}
			if n[0].Text != c.text {
				t.Errorf("got  %q\nwant %q", n[0].Text, c.text)
			}
			if given := attached(t, b); given != c.text {
				t.Errorf("given on: %q", given)
			}
		})
	}
}

func attached(t *testing.T, b []byte) string {
	t.Helper()
	f, err := fhir.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	_, data, err := f.Attachment(f.View(1).Attachments[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestHTML(t *testing.T) {
	for name, c := range map[string]struct{ in, title, text string }{
		"page":       {"<!DOCTYPE html><html><head><title>Report &amp; advice</title><style>p{}</style></head><body onload=x()><p>Pulse <b>72</b></p><script>alert(1)</script></body></html>", "Report & advice", "Pulse 72"},
		"no title":   {"<html><body><p>x</p><h1>Blood <i>count</i></h1><p>y</p></body></html>", "Blood count", "x\nBlood count\ny"},
		"no heading": {"<div>First line</div><div>second</div>", "First line", "First line\nsecond"},
		"meta":       {"<html><head><meta http-equiv=Content-Type content='text/html; charset=windows-1252'></head><body>Temp\xe9rature \x93ok\x94</body></html>", "Température “ok”", "Température “ok”"},
		"meta short": {"<meta charset=\"iso-8859-1\"><body>\xe9t\xe9", "été", "été"},
		"handlers":   {`<body><img src=x onerror=alert(1) alt="heart"><a href="javascript:alert(1)">press</a><iframe src="https://x.example"></iframe>`, "heartpress", "heartpress"},
		"table":      {"<table><tr><td colspan=2>a<td>b</table>", "a b", "a\tb"},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := note.HTML([]byte(c.in))
			d := document(t, b, err)
			if d.Title != c.title {
				t.Errorf("title %q", d.Title)
			}
			if got := fhir.NarrativeText(d.Sections[0].Narrative); got != c.text {
				t.Errorf("got  %q\nwant %q", got, c.text)
			}
			for _, never := range []string{"<script", "alert", "onerror", "onload", "javascript", "iframe", "<img", "<a "} {
				if strings.Contains(string(b), never) {
					t.Errorf("%q survives: %s", never, b)
				}
			}
		})
	}
}

func TestIs(t *testing.T) {
	for name, in := range map[string]string{"nothing": "", "zeros": "a\x00b", "controls": "a\x01b", "binary": "\x89\xfe\xe3\xd1\xc0\xf1\xe2", "long": strings.Repeat("a", note.MaxBytes+1)} {
		if note.Is([]byte(in)) {
			t.Errorf("%s is taken for text", name)
		}
	}
}

func TestRefuse(t *testing.T) {
	if _, err := note.Text([]byte(strings.Repeat("a", note.MaxBytes+1))); !errors.Is(err, note.ErrTooBig) {
		t.Errorf("long: %v", err)
	}
	if _, err := note.HTML([]byte("<html><script>x</script></html>")); !errors.Is(err, note.ErrNotText) {
		t.Errorf("no words: %v", err)
	}
}

// FuzzNote: whatever is read is FHIR that can be read, with every word in it.
func FuzzNote(f *testing.F) {
	f.Add([]byte("Visit\n\nPulse 72"), false)
	f.Add([]byte("<html><body><h1>Visit</h1><p>Pulse 72<br>x</p></body></html>"), true)
	f.Add([]byte("<table><td colspan=3><pre>\n a</pre>"), true)
	f.Fuzz(func(t *testing.T, b []byte, page bool) {
		read := note.Text
		if page {
			read = note.HTML
		}
		note.Is(b)
		out, err := read(b)
		if err != nil {
			return
		}
		if !json.Valid(out) {
			t.Fatal("no JSON")
		}
		d := document(t, out, nil)
		if page {
			data := attached(t, out)
			if got := fhir.NarrativeText(d.Sections[0].Narrative); strings.Join(strings.Fields(got), "") != strings.Join(strings.Fields(data), "") {
				t.Errorf("shown %q, given on %q", got, data)
			}
		}
	})
}
