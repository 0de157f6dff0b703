package e2e_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"potli/app/conform"
)

// what chooses one of the papers or files.
func (p *page) takeOut(what string) {
	p.t.Helper()
	p.click(`input[name="what"][value="` + what + `"]`)
	p.until(what+" is chosen, and what there is was read", `!!document.querySelector('.share-go[data-form="`+what+`"] #export-go') && !document.querySelector(".wait")`)
}

// paper goes on to the paper and prints it, as the browser does at Ctrl-P.
func (p *page) paper(what, size string) []byte {
	p.t.Helper()
	p.takeOut(what)
	p.clickUntil("#export-go", "#paper")
	p.pick("#size", size)
	p.there("#paper.print-" + size)
	b, err := chromedp.Run(p.ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
	if err != nil {
		p.t.Fatal(err)
	}
	if os.Getenv("POTLI_SHOTS") != "" {
		if err := os.WriteFile(filepath.Join("shots", "paper-"+what+"-"+size+".pdf"), b, 0o644); err != nil {
			p.t.Fatal(err)
		}
	}
	return b
}

var (
	pdfPage = regexp.MustCompile(`/Type\s*/Page\b`)
	pdfBox  = regexp.MustCompile(`/MediaBox\s*\[\s*0\s+0\s+([0-9.]+)\s+([0-9.]+)\s*\]`)
)

// isPaper looks at a PDF: its size, its pages, that its text can be taken out again; and reads it where there is pdftotext.
func isPaper(t *testing.T, name string, pdf []byte, width, height string, words ...string) {
	t.Helper()
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.Contains(pdf, []byte("/ToUnicode")) {
		t.Errorf("%s is no PDF with text", name)
	}
	pages, boxes := len(pdfPage.FindAll(pdf, -1)), pdfBox.FindAllSubmatch(pdf, -1)
	if pages == 0 || pages > 12 || len(boxes) != pages {
		t.Errorf("%s has %d pages, %d sizes", name, pages, len(boxes))
	}
	for _, b := range boxes {
		whole := func(n []byte) string { s, _, _ := strings.Cut(string(n), "."); return s }
		if whole(b[1]) != width || whole(b[2]) != height {
			t.Errorf("%s is %s × %s points, want %s × %s", name, b[1], b[2], width, height)
		}
	}
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Logf("%s: %d pages; its text is not read: pdftotext is not here", name, pages)
		return
	}
	cmd := exec.Command(tool, "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	text, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for i, page := range strings.Split(strings.TrimSuffix(string(text), "\f"), "\f") {
		if !strings.Contains(page, "Raghunath Sharma") {
			t.Errorf("%s: page %d does not say whose it is", name, i+1)
		}
	}
	for _, w := range words {
		if !strings.Contains(string(text), w) {
			t.Errorf("%s does not say %q", name, w)
		}
	}
}

// onPaper are the things to press that would be on paper.
const onPaper = `[...document.querySelectorAll("button, a, input, select, summary, nav, header.top")].filter(e => e.checkVisibility() && e.getClientRects().length).length`

// A selection goes out on paper and as a file: what it says leaves, what was left out does not, each is asked about, checked
// and noted.
func TestPaperAndFiles(t *testing.T) {
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.createWallet("Raghunath Sharma")
	w.to("/add")
	sample := func(name string) string { return fixture(t, "web", "sample", name) }
	w.choose("#files", sample("raghunath_patient_summary.json"), sample("raghunath_laboratory_report.json"), sample("raghunath_discharge_summary.json"))
	if n := w.brought(); n != 3 {
		t.Fatalf("%d of 3 came in: %s", n, w.visible())
	}
	record := js[string](w, `document.querySelector("#report .report-in").getAttribute("href").split("/").at(-1)`)

	w.to("/shared")
	w.clickUntil("#export-page", `input[name="what"]`)
	w.settled()
	isPaper(t, "vaccines", w.paper("vaccines", "a4"), "594", "841", sentence(t, "export.name.vaccines"))
	w.sees(sentence(t, "print.unofficial"))
	tell(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	if n := js[int](w, onPaper); n != 0 {
		t.Errorf("%d things to press on paper", n)
	}
	if c := js[string](w, `getComputedStyle(document.querySelector("#paper")).backgroundColor + getComputedStyle(document.querySelector("#paper")).color`); c != "rgb(255, 255, 255)rgb(0, 0, 0)" {
		t.Errorf("the paper is %s", c)
	}
	tell(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
	js[bool](w, `(window.print = () => { window.printed = document.title }, true)`)
	w.click("#export-print")
	w.until("it is printed under its own name", `(window.printed ?? "").includes("Vaccinations") && !window.printed.includes("Raghunath")`)
	w.clickUntil("#export-again", "#export-go")
	isPaper(t, "medicines", w.paper("medicines", "letter"), "612", "792", sentence(t, "print.morning"))
	w.clickUntil("#export-again", "#export-go")
	isPaper(t, "summary", w.paper("summary", "a4"), "594", "841", sentence(t, "print.sources"))
	w.wear(looks[0])
	w.accessible(looks[0], "paper")
	w.wholePicture(looks[0], "paper")
	w.clickUntil("#export-again", "#export-go")

	dir := w.downloads()
	for what, pattern := range map[string]string{"ips": "*Patient summary*.json", "ktc": "*Collection*.json", "originals": "*Original*.json", "csv": "*Measure*.csv"} {
		w.takeOut(what)
		w.clickUntil("#export-go", "#export-yes")
		w.sees(sentence(t, "export.sure-text"))
		w.click("#export-yes")
		w.there("#export-saved, #fault")
		if what == "csv" && js[bool](w, `!!document.querySelector("#fault")`) {
			t.Errorf("no measurements: %s", w.visible())
			continue
		}
		b, err := os.ReadFile(saved(t, dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		kinds := map[string]conform.Kind{"ips": conform.IPS, "ktc": conform.KTC, "originals": conform.Plain}
		if k, isBundle := kinds[what]; isBundle {
			if found := conform.Check(k, b); len(found) > 0 {
				t.Errorf("%s: %+v", what, found)
			}
		} else if rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll(); err != nil || len(rows) < 2 {
			t.Errorf("%d rows of numbers, %v", len(rows), err)
		}
	}
	w.wear(large[0])
	w.accessible(large[0], "export")
	w.wholePicture(large[0], "export")
	w.wear(looks[2])
	w.accessible(looks[2], "export")
	w.wholePicture(looks[2], "export")

	// One record, all that it says.
	w.to("/record/" + record)
	w.clickUntil("#export", `input[name="what"][value="full"]:checked`)
	isPaper(t, "record", w.paper("full", "a4"), "594", "841")

	w.to("/shared")
	w.there("#given")
	if n := js[int](w, `document.querySelectorAll("#given .given-row").length`); n != 5 {
		t.Errorf("%d notes of what left, want 5", n)
	}
	w.quiet()
}
