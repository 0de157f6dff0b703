package share_test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"potli/app/conform"
	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
	"potli/app/sheet"
)

// stylus is a pen that remembers what it was to draw.
type stylus struct{ drawn []string }

func (s *stylus) Width(text string, size float64, _ bool) float64 {
	return float64(utf8.RuneCountInString(text)) * size / 2
}

func (s *stylus) Draw(width, height int, _ float64, runs []sheet.Run) ([]byte, error) {
	for _, r := range runs {
		s.drawn = append(s.drawn, r.Text)
	}
	return bytes.Repeat([]byte{255}, width*height), nil
}

// renderingOf takes the document out that claims to show everything.
func renderingOf(t testing.TB, bundle []byte) (doc tree, pdf []byte) {
	t.Helper()
	var root tree
	if err := json.Unmarshal(bundle, &root); err != nil {
		t.Fatal(err)
	}
	for _, e := range anyList(root["entry"]) {
		r := e.(tree)["resource"].(tree)
		if !strings.Contains(fmt.Sprint(r["type"]), "code:60591-5") {
			continue
		}
		if doc != nil {
			t.Error("two documents that show everything")
		}
		doc = r
		a := anyList(r["content"])[0].(tree)["attachment"].(tree)
		b, err := base64.StdEncoding.DecodeString(a["data"].(string))
		if err != nil || a["contentType"] != "application/pdf" {
			t.Fatalf("%v, %v", a["contentType"], err)
		}
		pdf = b
	}
	return doc, pdf
}

var (
	stream = regexp.MustCompile(`(?s)/Length (\d+) >>\nstream\n`)
	shown  = regexp.MustCompile(`\(((?:[^()\\]|\\.)*)\) Tj`)
)

// wordsOf are those that a PDF shows as text.
func wordsOf(t testing.TB, pdf []byte) (all []string) {
	t.Helper()
	for _, m := range stream.FindAllSubmatchIndex(pdf, -1) {
		n, _ := strconv.Atoi(string(pdf[m[2]:m[3]]))
		z, err := zlib.NewReader(bytes.NewReader(pdf[m[1] : m[1]+n]))
		if err != nil {
			continue // the letter that shows nothing
		}
		b, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range shown.FindAllSubmatch(b, -1) {
			text := ""
			for _, c := range regexp.MustCompile(`\\(.)`).ReplaceAll(s[1], []byte("$1")) {
				text += string(letterOf(c))
			}
			all = append(all, strings.Fields(text)...)
		}
	}
	return all
}

// letterOf reads WinAnsiEncoding.
func letterOf(c byte) rune {
	for r, b := range map[rune]byte{'€': 0x80, '…': 0x85, '‘': 0x91, '’': 0x92, '“': 0x93, '”': 0x94, '•': 0x95, '–': 0x96, '—': 0x97, '™': 0x99} {
		if b == c {
			return r
		}
	}
	return rune(c)
}

var hindi = source("hi", patient,
	`{"resourceType":"AllergyIntolerance","id":"a","code":{"text":"मूँगफली"},"patient":{"reference":"urn:uuid:p"},"reaction":[{"manifestation":[{"text":"Swelling of the lips"}],"description":"SYMBOLS (a\\b) ≥ 2"}]}`,
	`{"resourceType":"Observation","id":"o","status":"final","code":{"text":"Haemoglobin"},"subject":{"reference":"urn:uuid:p"},"effectiveDateTime":"2026-01-05T09:30:12+05:30","valueQuantity":{"value":11.20,"unit":"g/dL"}}`)

func collection(t testing.TB, src ...share.Source) []byte {
	t.Helper()
	out, err := share.Export(share.FormKTC, asha, src, share.ChooseOnly(src, now), words, now, zero())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRender(t *testing.T) {
	before := collection(t, hindi)
	pen := &stylus{}
	out, err := share.RenderFile(before, words, "hi", pen)
	if err != nil {
		t.Fatal(err)
	}
	if found := conform.Check(conform.KTC, out); len(found) > 0 {
		t.Errorf("%+v", found)
	}
	doc, pdf := renderingOf(t, out)
	for _, want := range []string{"status:current", "code:patient-shared", "code:PATAST", "contentType:application/pdf", "date:" + now.UTC().Format("2006-01-02")} {
		if !strings.Contains(fmt.Sprint(doc), want) {
			t.Errorf("the document is not %s", want)
		}
	}
	for _, want := range []string{"Asha", "1980-02-03", "Swelling", `(a\b)`, "Haemoglobin", "11.20", "09:30", "+05:30"} {
		if !slices.Contains(wordsOf(t, pdf), want) {
			t.Errorf("the PDF does not say %q", want)
		}
	}
	if !slices.Contains(pen.drawn, "मूँगफली") || !slices.Contains(pen.drawn, "≥") {
		t.Errorf("drawn: %q", pen.drawn)
	}
	if again, _ := share.RenderFile(before, words, "hi", &stylus{}); !bytes.Equal(again, out) {
		t.Error("the same collection gives other bytes")
	}
}

// TestRenderNames what the pages hold, and only that: one resource more in the collection, and the list falls short.
func TestRenderNames(t *testing.T) {
	out, err := share.RenderFile(collection(t, hindi), words, "hi", &stylus{})
	if err != nil {
		t.Fatal(err)
	}
	var root tree
	if err := json.Unmarshal(out, &root); err != nil {
		t.Fatal(err)
	}
	entries := root["entry"].([]any)
	late := tree{"resourceType": "Condition", "code": tree{"text": "Asthma"}, "subject": tree{"reference": entries[0].(tree)["fullUrl"]}}
	root["entry"] = append(entries, tree{"fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000000", "resource": late})
	if found := conform.CheckTree(conform.KTC, root); len(found) != 1 || found[0].Rule != "KTC-07" {
		t.Errorf("%+v", found)
	}
}

// TestRenderLeavesOut: where there can be no rendering the collection stays what it was, and why is told.
func TestRenderLeavesOut(t *testing.T) {
	small := collection(t, hindi)
	scan := share.Source{Meta: record.Meta{ID: "scan", Format: record.FormatPDF, Added: now}, Body: []byte("%PDF-1.4 …")}
	var many []string
	for i := range 400 {
		many = append(many, fmt.Sprintf(`{"resourceType":"Condition","id":"c%d","code":{"text":"Thing %d"},"subject":{"reference":"urn:uuid:p"},"note":[{"text":"%s"}]}`, i, i, strings.Repeat("word ", 200)))
	}
	long := collection(t, source("long", append(many, patient)...))
	for name, tt := range map[string]struct {
		bundle []byte
		pen    sheet.Pen
		want   error
	}{
		"no pen": {small, nil, sheet.ErrPen}, "too long": {long, &stylus{}, sheet.ErrPages}, "a scan alone": {collection(t, scan), nil, nil},
	} {
		if out, err := share.RenderFile(tt.bundle, words, "en", tt.pen); !errors.Is(err, tt.want) || !bytes.Equal(out, tt.bundle) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := share.Render(small, words, "hi", &stylus{}, 0); !errors.Is(err, sheet.ErrPages) {
		t.Errorf("no pages allowed: %v", err)
	}
	if out, err := share.RenderLink([]byte("{"), words, "en", nil); err == nil || string(out) != "{" {
		t.Errorf("no JSON: %v", err)
	}
}

// TestRenderOnceMore: a collection that came in is given on with a rendering of its own. The old one is not among what is
// offered, for it shows what the person may leave out; a stranger's that lists nothing goes as a document like others.
func TestRenderOnceMore(t *testing.T) {
	out, err := share.RenderFile(collection(t, hindi), words, "hi", &stylus{})
	if err != nil {
		t.Fatal(err)
	}
	bare := regexp.MustCompile(`"context":\{"related":\[[^\]]*\]\},`).ReplaceAll(out, nil)
	if bytes.Equal(bare, out) {
		t.Fatal("no list in it")
	}
	for name, tt := range map[string]struct {
		body []byte
		want int // documents
	}{"ours": {out, 1}, "a stranger's": {bare, 2}} {
		src := []share.Source{{Meta: record.Meta{ID: "r", Format: record.FormatFHIR, Added: now}, Body: tt.body}}
		chosen := slices.DeleteFunc(share.ChooseOnly(src, now), func(it share.Item) bool { return it.Title == "Haemoglobin" })
		b, err := share.Export(share.FormKTC, asha, src, chosen, words, now, zero())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if b, err = share.RenderFile(b, words, "hi", &stylus{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n := strings.Count(string(b), `"DocumentReference"`); n != tt.want {
			t.Errorf("%s: %d documents, want %d", name, n, tt.want)
		}
		if _, pdf := renderingOf(t, b); slices.Contains(wordsOf(t, pdf), "Haemoglobin") {
			t.Errorf("%s: what was left out is on the pages", name)
		}
	}
}

// TestRenderComplete holds the pages of every real document against what a record page would show of it: each word of each
// resource is on them.
func TestRenderComplete(t *testing.T) {
	files := 0
	for _, pattern := range []string{"*/*.json", "ips/connectathon/*.json"} {
		found, _ := filepath.Glob(filepath.Join(sharedData(t), pattern))
		for _, f := range found {
			b, err := os.ReadFile(f)
			if err != nil || len(b) > 300_000 {
				continue
			}
			src := share.Source{Meta: record.Meta{ID: "r", Format: record.FormatFHIR, Added: now}, Body: b}
			bundle, err := share.Export(share.FormKTC, asha, []share.Source{src}, share.ChooseOnly([]share.Source{src}, now), words, now, zero())
			if err != nil {
				continue // nothing to share, as TestRoundTrip asks
			}
			pen := &stylus{}
			out, err := share.Render(bundle, spoken, "en", pen, 1000)
			if err != nil {
				t.Errorf("%s: %v", filepath.Base(f), err)
				continue
			}
			_, pdf := renderingOf(t, out)
			if files++; pdf != nil {
				missing(t, filepath.Base(f), bundle, append(wordsOf(t, pdf), strings.Fields(strings.Join(pen.drawn, " "))...))
			}
		}
	}
	t.Logf("%d documents", files)
	if files < 30 {
		t.Errorf("only %d documents", files)
	}
}

// spoken is a message by its key and what is put into it.
func spoken(m fhir.Message) string {
	said := []string{m.Key}
	for _, name := range sortedKeys(m.Args) {
		said = append(said, m.Args[name])
	}
	return strings.Join(said, " ")
}

// missing tells of words that a record page shows and the pages do not.
func missing(t *testing.T, name string, bundle []byte, pages []string) {
	t.Helper()
	f, err := fhir.Parse(bundle)
	if err != nil {
		t.Fatal(err)
	}
	have := strings.Join(pages, "")
	for i, e := range f.Entries {
		if e.Type == "DocumentReference" {
			continue
		}
		v := f.View(i)
		told := []string{v.Title}
		for _, field := range slices.Concat(v.Fields, v.More) {
			for _, value := range field.Values {
				told = append(told, value.Unit)
				switch value.Type {
				case fhir.ValueDate, fhir.ValuePeriod: // written otherwise
				case fhir.ValueMessage: // said in words of ours
					for _, m := range value.Messages {
						told = append(told, spoken(m))
					}
				default:
					told = append(told, value.Text)
				}
			}
		}
		for _, r := range v.Results {
			told = append(told, r.Name, r.Range)
		}
		for _, s := range told {
			for _, word := range strings.Fields(s) {
				if !strings.Contains(have, word) && len(word) < 30 {
					t.Errorf("%s: the pages lack %q of a %s (%q)", name, word, e.Type, s)
				}
			}
		}
	}
}
