package viewer_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

func mustRead(t testing.TB, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// unfold opens everything that is closed, so that all of the file is on the screen.
const unfold = `(document.querySelectorAll('details').forEach((d) => { d.open = true; }),
	document.querySelectorAll('.entries + .button').forEach((b) => b.click()),
	document.querySelectorAll('.name[aria-expanded=false]').forEach((b) => b.click()), '')`

// IPS-10: real documents render, none loses a section or an entry.
func TestRealDocuments(t *testing.T) {
	base := shared(t, ".")
	var files []string
	for _, dir := range []string{"ips", "uscore", "nrces", "synthea"} {
		err := filepath.WalkDir(filepath.Join(base, dir), func(p string, d fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(p, ".json") && !strings.Contains(p, "shl-details") {
				files = append(files, p)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(files) < 40 {
		t.Fatalf("only %d documents", len(files))
	}
	s := newStage(t)
	for _, file := range files {
		name, _ := filepath.Rel(base, file)
		body := mustRead(t, file)
		start := time.Now()
		s.read(s.Host.direct("/l/"+filepath.Base(file), body).String())
		took := time.Since(start)
		s.eval(unfold)
		got := s.eval(`document.querySelector('main').textContent.replace(/\s+/g, ' ')`)
		var r struct {
			ResourceType string
			Entry        []struct{ Resource json.RawMessage }
		}
		if err := json.Unmarshal(body, &r); err != nil {
			t.Fatal(err)
		}
		resources := []json.RawMessage{body}
		if r.ResourceType == "Bundle" {
			resources = nil
			for _, e := range r.Entry {
				resources = append(resources, e.Resource)
			}
		}
		lost := 0
		for i, raw := range resources {
			for _, w := range needles(t, raw) {
				if !strings.Contains(got, w) {
					lost++
					if lost < 4 {
						t.Errorf("%s: entry %d: %.100q is not on the page", name, i, w)
					}
				}
			}
		}
		if strings.Contains(got, "[object") || strings.Contains(got, "undefined") || strings.Contains(got, "NaN") {
			t.Errorf("%s: the page shows a bare value of the program", name)
		}
		t.Logf("%-60s %8d bytes  %v", name, len(body), took.Round(time.Millisecond))
	}
}

// needles are words of a resource that a reader must be able to find: section titles, names of codes, notes.
func needles(t *testing.T, raw json.RawMessage) []string {
	var v map[string]any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	var out []string
	add := func(x any) {
		if s, ok := x.(string); ok && strings.TrimSpace(s) != "" {
			out = append(out, strings.Join(strings.Fields(s), " "))
		}
	}
	sections, _ := v["section"].([]any)
	for _, s := range sections {
		add(s.(map[string]any)["title"])
	}
	for _, k := range []string{"code", "vaccineCode", "medicationCodeableConcept", "type"} {
		c, _ := v[k].(map[string]any)
		add(c["text"])
		codings, _ := c["coding"].([]any)
		for _, x := range codings {
			add(x.(map[string]any)["display"])
			add(x.(map[string]any)["code"])
		}
	}
	for _, k := range []string{"note", "dosage", "dosageInstruction"} {
		xs, _ := v[k].([]any)
		for _, x := range xs {
			add(x.(map[string]any)["text"])
		}
	}
	add(v["id"])
	add(v["valueString"])
	add(v["conclusion"])
	return out
}

func document(parts ...string) []byte {
	return []byte(`{"resourceType":"Bundle","type":"collection","entry":[` + strings.Join(parts, ",") + `]}`)
}

func entry(resource string) string { return `{"resource":` + resource + `}` }

func attached(title, typ string, data []byte) string {
	b, _ := json.Marshal(title)
	return entry(fmt.Sprintf(`{"resourceType":"DocumentReference","status":"current","content":[{"attachment":{"title":%s,"contentType":%q,"data":%q}}]}`, b, typ, base64.StdEncoding.EncodeToString(data)))
}

func picture() image.Image {
	m := image.NewRGBA(image.Rect(0, 0, 60, 40))
	for x := range 60 {
		for y := range 40 {
			m.Set(x, y, color.RGBA{uint8(x * 4), uint8(y * 6), 90, 255})
		}
	}
	return m
}

// smallPDF is a page with words on it.
func smallPDF(words string) []byte {
	var b bytes.Buffer
	var at []int
	put := func(format string, args ...any) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n"+format+"\nendobj\n", append([]any{len(at)}, args...)...)
	}
	b.WriteString("%PDF-1.4\n")
	put("<</Type/Catalog/Pages 2 0 R>>")
	put("<</Type/Pages/Kids[3 0 R]/Count 1>>")
	put("<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>")
	text := "BT /F1 24 Tf 20 100 Td (" + words + ") Tj ET"
	put("<</Length %d>>stream\n%s\nendstream", len(text), text)
	put("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 6\n0000000000 65535 f \n")
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF", xref)
	return b.Bytes()
}

func TestAttachments(t *testing.T) {
	var p, j bytes.Buffer
	if err := png.Encode(&p, picture()); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&j, picture(), nil); err != nil {
		t.Fatal(err)
	}
	bomb := bytes.Clone(p.Bytes())
	copy(bomb[16:24], []byte{0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30}) // says 30,000 × 30,000
	twice := []byte(base64.StdEncoding.EncodeToString(smallPDF("twice")))
	s := newStage(t)
	s.read(s.Host.direct("/l/files", document(
		attached("A scan", "text/html", p.Bytes()), // what it is decides, not what it says
		attached("A photo", "image/jpeg", j.Bytes()),
		attached("A letter", "application/pdf", smallPDF("once")),
		attached("Encoded twice", "application/pdf", twice),
		attached("A note", "text/plain", []byte("Take <b>care</b>")),
		attached("A web page", "text/html", []byte("<h1>Hello</h1><script>alert(1)</script><img src=x onerror=alert(1)>")),
		attached("Vector", "image/svg+xml", []byte("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")),
		attached("A program", "application/pdf", []byte("MZ\x00\x01\x02")),
		attached("A bomb", "image/png", bomb),
		attached("Half", "image/png", p.Bytes()[:40]),
		entry(`{"resourceType":"DocumentReference","status":"current","content":[{"attachment":{"title":"Elsewhere","contentType":"application/pdf","url":"https://far.invalid/x.pdf"}}]}`),
		entry(`{"resourceType":"DocumentReference","status":"current","content":[{"attachment":{"title":"By reference","contentType":"application/pdf","url":"Binary/b1"}}]}`),
		entry(fmt.Sprintf(`{"resourceType":"Binary","id":"b1","contentType":"application/pdf","data":%q}`, base64.StdEncoding.EncodeToString(smallPDF("binary")))),
	)).String())
	// The pictures are redrawn one after another: all have come when none is
	// still being prepared.
	for deadline := time.Now().Add(patience); strings.Contains(s.text(), "Preparing picture"); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a picture is still being prepared")
		}
	}
	box := func(title, what string) string {
		return s.eval(fmt.Sprintf(`(() => { const b = [...document.querySelectorAll('.attachment')].find((e) => e.querySelector('.file').textContent === %q); return %s; })()`, title, what))
	}
	for _, title := range []string{"A scan", "A photo"} {
		if got := box(title, `(async () => { const i = b.querySelector('img'); await i.decode(); return i.src.slice(0, 5) + i.naturalWidth + 'x' + i.naturalHeight + i.alt; })()`); got != "blob:60x40"+title {
			t.Errorf("%s: %s", title, got)
		}
	}
	for _, title := range []string{"A letter", "Encoded twice", "By reference"} {
		if got := box(title, `[...b.querySelectorAll('a')].map((a) => a.href.slice(0, 5) + a.target + a.rel + a.download).join()`); got != "blob:_blanknoopener,blob:"+title+".pdf" {
			t.Errorf("%s: %s", title, got)
		}
	}
	for title, want := range map[string]string{
		"A note": "Take <b>care</b>", "A web page": "Hello", "Vector": "<svg xmlns=", "A program": "A file of a kind that is not shown here: application/pdf, 1 kB.",
		"A bomb": "damaged or too large", "Half": "damaged or too large", "Elsewhere": "not fetched by this page: https://far.invalid/x.pdf",
	} {
		deadline := time.Now().Add(3 * time.Second)
		got := box(title, `b.innerText`)
		for !strings.Contains(got, want) && time.Now().Before(deadline) {
			time.Sleep(50 * time.Millisecond)
			got = box(title, `b.innerText`)
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q in it", title, got, want)
		}
	}
}

// A PDF opens in a tab of its own, under the page's policy, and the browser's viewer shows it.
func TestOpenPDF(t *testing.T) {
	s := newStage(t)
	s.read(s.Host.direct("/l/pdf", document(attached("A letter", "application/pdf", smallPDF("Hello")))).String())
	tabs := chromedp.WaitNewTarget(s.ctx, func(i *target.Info) bool { return strings.HasPrefix(i.URL, "blob:"+s.Viewer+"/") })
	s.run(chromedp.Click(chromedp.CSS(`.attachment a[target=_blank]`)))
	select {
	case id := <-tabs:
		ctx, cancel := chromedp.NewContext(s.ctx, chromedp.WithTargetID(id))
		defer cancel()
		got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.contentType + ' ' + (window.opener === null)`))
		if err != nil {
			t.Fatal(err)
		}
		if got != "application/pdf true" {
			t.Errorf("the tab holds %s", got)
		}
		if dir := os.Getenv("POTLI_SHOTS"); dir != "" {
			time.Sleep(2 * time.Second)
			b, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
			if err != nil {
				t.Fatal(err)
			}
			os.WriteFile(filepath.Join(dir, "open-pdf.png"), b, 0o644)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("no tab opened")
	}
}

// A1–A3, A8: names, landmarks, targets, no sideways scroll at 320 px and twice the text.
func TestAccess(t *testing.T) {
	body := mustRead(t, filepath.Join(shared(t, "ips"), "connectathon/full_ips.json"))
	axe, err := os.ReadFile("../node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Log("axe-core is not installed here; its rules are not checked")
	}
	for _, c := range []struct {
		lang, scheme string
		width        int64
		size         string
	}{{"en", "light", 360, "100%"}, {"en", "dark", 1280, "100%"}, {"hi", "dark", 360, "100%"}, {"en", "light", 320, "200%"}, {"hi", "light", 320, "200%"}} {
		t.Run(fmt.Sprintf("%s-%s-%d-%s", c.lang, c.scheme, c.width, c.size), func(t *testing.T) {
			s := newStage(t, c.lang)
			call(s, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: c.width, Height: 740, DeviceScaleFactor: 1})
			call(s, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: c.scheme}}})
			s.run(chromedp.Navigate(s.Viewer + "/"))
			s.state("start")
			check := func(state string) {
				s.eval(`(() => { const sheet = new CSSStyleSheet(); sheet.replaceSync(':root{font-size:` + c.size + ` !important}'); document.adoptedStyleSheets = [sheet]; return ''; })()`)
				if got := s.eval(`document.documentElement.scrollWidth > innerWidth ? 'scrolls to ' + document.documentElement.scrollWidth : ''`); got != "" {
					t.Errorf("%s: %s", state, got)
				}
				if got := s.eval(`[...document.querySelectorAll('button, a[href], input, textarea, summary')].filter((e) => e.offsetParent && e.getBoundingClientRect().height < 48).map((e) => e.className + ' ' + e.innerText + e.getBoundingClientRect().height).join('; ')`); got != "" {
					t.Errorf("%s: too small to hit: %.300s", state, got)
				}
				if got := s.eval(`String(document.querySelectorAll('h1').length) + document.querySelectorAll('main').length`); got != "11" {
					t.Errorf("%s: h1 and main: %s", state, got)
				}
				if axe == nil {
					return
				}
				s.run(chromedp.Evaluate[chromedp.Void](string(axe)))
				got := s.eval(`axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 120) + ' ' + n.failureSummary).slice(0, 3).join(' | ')).join('\n'))`)
				if got != "" {
					t.Errorf("%s: axe says\n%s", state, got)
				}
			}
			check("start")
			s.visit(s.Host.direct("/l/a", body).String())
			check("ask")
			s.open()
			s.state("open")
			s.eval(unfold)
			check("open")
		})
	}
}
