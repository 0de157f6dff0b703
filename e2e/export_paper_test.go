package e2e_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
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
	pdfWord = regexp.MustCompile(`<word xMin="([0-9.]+)" yMin="[0-9.]+" xMax="([0-9.]+)" yMax="[0-9.]+">(.*?)</word>`)
)

// whose is what every page of paper begins with.
const whose = "Raghunath Sharma, born 14 March 1958"

// isPaper looks at a PDF that the browser printed: its size, its pages, that its text can be taken out again; and reads it
// where there is pdftotext: whose each page is, and that nothing of it lies in the margins.
func isPaper(t *testing.T, name string, pdf []byte, width, height string, most int, words ...string) {
	t.Helper()
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.Contains(pdf, []byte("/ToUnicode")) {
		t.Errorf("%s is no PDF with text", name)
	}
	if n, boxes := len(pdfPage.FindAll(pdf, -1)), pdfBox.FindAllSubmatch(pdf, -1); n == 0 || n > most || len(boxes) != n {
		t.Errorf("%s has %d pages, %d sizes, want %d at most", name, n, len(boxes), most)
	}
	for _, b := range pdfBox.FindAllSubmatch(pdf, -1) {
		whole := func(n []byte) string { s, _, _ := strings.Cut(string(n), "."); return s }
		if whole(b[1]) != width || whole(b[2]) != height {
			t.Errorf("%s is %s × %s points, want %s × %s", name, b[1], b[2], width, height)
		}
	}
	text, ok := poppler(t, pdf, "pdftotext", "-layout", "-", "-")
	if !ok {
		t.Logf("%s: its text is not read: pdftotext (poppler-utils) is not here", name)
		return
	}
	for i, page := range strings.Split(strings.TrimSuffix(text, "\f"), "\f") {
		if !strings.Contains(page, whose) {
			t.Errorf("%s: page %d does not say whose it is", name, i+1)
		}
	}
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not say %q", name, w)
		}
	}
	boxes, _ := poppler(t, pdf, "pdftotext", "-bbox", "-", "-")
	right, _ := strconv.ParseFloat(width, 64)
	const margin = 14 / 25.4 * 72
	for _, m := range pdfWord.FindAllStringSubmatch(boxes, -1) {
		from, _ := strconv.ParseFloat(m[1], 64)
		to, _ := strconv.ParseFloat(m[2], 64)
		if from < margin-1 || to > right-margin+2 {
			t.Errorf("%s: %q reaches from %.0f to %.0f points of %s", name, m[3], from, to, width)
		}
	}
}

// poppler has an independent reader look at a PDF. False: it is not here.
func poppler(t *testing.T, pdf []byte, tool string, args ...string) (string, bool) {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil {
		return "", false
	}
	cmd := exec.Command(path, args...)
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	return string(out), true
}

// cells are the rows of the tables on the paper.
func (p *page) cells() [][]string {
	p.t.Helper()
	return js[[][]string](p, `[...document.querySelectorAll("#paper .print-table tbody tr")].map(r => [...r.children].map(c => c.textContent.trim()))`)
}

// onIt holds the paper against what has to be on it: whose it is, some rows, cell by cell; and what has ended is not among them.
func (p *page) onIt(name string, ended string, rows ...[]string) {
	p.t.Helper()
	if head := js[string](p, `document.querySelector("#paper .print-who").textContent`); head != whose {
		p.t.Errorf("%s is of %q", name, head)
	}
	got := p.cells()
	for _, want := range rows {
		if !slices.ContainsFunc(got, func(row []string) bool { return slices.Equal(row, want) }) {
			p.t.Errorf("%s has no row %q among %q", name, want, got)
		}
	}
	if ended != "" && slices.ContainsFunc(got, func(row []string) bool { return strings.Contains(row[0], ended) }) {
		p.t.Errorf("%s has what has ended, %s", name, ended)
	}
}

// printed dresses the page as the printer has it, in the dark theme, and asks what is cut off or not black on white.
func (p *page) printed(name string) {
	p.t.Helper()
	const a4 = 688 // 182 mm between the margins, in CSS pixels
	tell(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: a4, Height: 900, DeviceScaleFactor: 1})
	tell(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
	if n := js[int](p, onPaper); n != 0 {
		p.t.Errorf("%s: %d things to press on paper", name, n)
	}
	if c := js[string](p, `getComputedStyle(document.querySelector("#paper")).backgroundColor + getComputedStyle(document.querySelector("#paper")).color`); c != "rgb(255, 255, 255)rgb(0, 0, 0)" {
		p.t.Errorf("%s is %s", name, c)
	}
	if cut := js[[]string](p, cutOff); len(cut) > 0 {
		p.t.Errorf("%s: cut off at the edge: %q", name, cut)
	}
	p.wear(looks[0])
	if !js[bool](p, `(e => e.scrollWidth <= e.clientWidth + 1)(document.querySelector("#paper"))`) {
		p.t.Errorf("%s: on a phone more than its tables has to be moved sideways", name)
	}
}

// cutOff are the parts of the paper that reach beyond it, or hold more than they show.
const cutOff = `[...document.querySelectorAll("#paper, #paper *")].filter(e => {
	const box = e.getBoundingClientRect();
	return box.left < -1 || box.right > innerWidth + 1 || getComputedStyle(e).display !== "inline" && e.scrollWidth > e.clientWidth + 1;
}).map(e => e.tagName + "." + e.className + " " + e.textContent.slice(0, 40))`

// onPaper are the things to press that would be on paper.
const onPaper = `[...document.querySelectorAll("button, a, input, select, summary, nav, header.top")].filter(e => e.checkVisibility() && e.getClientRects().length).length`

// A selection goes out on paper and as a file: what it says leaves, what was left out does not, each is asked about, checked
// and noted.
func TestPaperAndFiles(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.createWallet("Meera Sharma")
	w.addPerson("Raghunath Sharma", "parent", "1958-03-14")
	w.to("/")
	w.actFor("Raghunath Sharma")
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
	isPaper(t, "vaccines", w.paper("vaccines", "a4"), "594", "841", 1, sentence(t, "export.name.vaccines"), "SAMPLE-CV2")
	w.sees(sentence(t, "print.unofficial"))
	w.onIt("the list of vaccinations", "",
		[]string{"Covishield (COVID-19)", "18 March 2021", "dose 1 of 2", "SAMPLE-CV1", "Sample Hospital, Pune", "1"},
		[]string{"Covishield (COVID-19)", "12 June 2021", "dose 2 of 2", "SAMPLE-CV2", "Sample Hospital, Pune", "1"},
		[]string{"Influenza vaccine", "30 September 2025", "", "SAMPLE-FL25", "Sample Hospital, Pune", "1"})
	w.printed("the list of vaccinations")
	js[bool](w, `(window.print = () => { window.printed = document.title }, true)`)
	w.click("#export-print")
	w.until("it is printed under its own name", `(window.printed ?? "").includes("Vaccinations") && !window.printed.includes("Raghunath")`)
	w.clickUntil("#export-again", "#export-go")

	// What is taken when, as it was prescribed: what names no time of day has none, and what was stopped is not on the list.
	isPaper(t, "medicines", w.paper("medicines", "letter"), "612", "792", 1, sentence(t, "print.morning"), "Atorvastatin")
	w.onIt("the list of medicines", "Glibenclamide",
		[]string{"Amlodipine 5 mg tablet", "1 tablet", "", "", "", "1 tablet, once a day, in the morning, By mouth", "August 2014", "1"},
		[]string{"Atorvastatin 10 mg tablet", "", "", "", "1 tablet", "1 tablet, once a day, before going to sleep, By mouth", "February 2018", "1"},
		[]string{"Metformin 500 mg tablet", "", "", "", "", "1 tablet, 2 times a day, with a meal, By mouth", "May 2011", "1"})
	w.printed("the list of medicines")
	w.clickUntil("#export-again", "#export-go")
	isPaper(t, "summary", w.paper("summary", "a4"), "594", "841", 2, sentence(t, "print.sources"))
	w.onIt("the summary", "Glibenclamide",
		[]string{"Penicillin", "high risk, Anaphylaxis", "June 1994", "1"},
		[]string{"Metformin 500 mg tablet", "1 tablet, 2 times a day, with a meal, By mouth", "May 2011", "1"},
		[]string{"HbA1c", "7.1\u00a0%, High · 4.0 – 5.6 %", "13 October 2026", "2"})
	w.printed("the summary")
	w.wear(looks[0])
	w.accessible(looks[0], "paper")
	w.wholePicture(looks[0], "paper")
	w.clickUntil("#export-again", "#export-go")

	dir := w.downloads()
	for _, form := range [][2]string{{"ips", "*Patient summary*.json"}, {"ktc", "*Collection*.json"}, {"originals", "*Original*.json"}, {"csv", "*Measure*.csv"}} {
		what, pattern := form[0], form[1]
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
			if k == conform.KTC {
				isRendering(t, "the collection", b, 5, 6_000, "Penicillin", "Fainted within minutes of an injection.", "1 tablet, 2 times a day, with a meal", "SAMPLE-CV2", "Sample Diagnostics, Pune")
			}
		} else if rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll(); err != nil || len(rows) < 2 {
			t.Errorf("%d rows of numbers, %v", len(rows), err)
		}
	}
	for _, l := range []look{large[0], looks[2]} {
		w.wear(l)
		js[bool](w, `(scrollTo(0, 0), true)`) // a box that lies half under the bar below is no smaller for it
		w.accessible(l, "export")
		w.wholePicture(l, "export")
	}

	// One record, all that it says: what was stopped too, and that it was.
	w.to("/record/" + record)
	w.clickUntil("#export", `input[name="what"][value="full"]:checked`)
	w.wear(looks[0])
	isPaper(t, "record", w.paper("full", "a4"), "594", "841", 6, "Fainted within minutes of an injection.")
	w.printed("the record")
	if s := js[string](w, `[...document.querySelectorAll("#paper .print-fact")].find(e => e.textContent.includes("Glibenclamide"))?.textContent ?? ""`); !strings.Contains(s, sentence(t, "state.inactive")) {
		t.Errorf("of what was stopped it says %q", s)
	}

	// In another script the browser draws the letters.
	w.to("/settings")
	w.speak("hi")
	w.to("/add")
	w.give("#files", named{"पर्ची.json", "application/json", hindiRecord})
	if n := w.brought(); n != 1 {
		t.Fatalf("%d of 1 came in: %s", n, w.visible())
	}
	w.to("/shared")
	w.clickUntil("#export-page", `input[name="what"]`)
	w.takeOut("ktc")
	w.clickUntil("#export-go", "#export-yes")
	w.click("#export-yes")
	w.there("#export-saved")
	b, err := os.ReadFile(saved(t, dir, "*संग्रह*.json"))
	if err != nil {
		t.Fatal(err)
	}
	isRendering(t, "the collection in Hindi", b, 5, 60_000, "मेटफॉर्मिन", "डॉ. कृष्णमूर्ति श्रीवास्तव", "रक्त में शर्करा की जाँच", "साँस फूलना", "Penicillin")

	w.to("/shared")
	w.there("#given")
	if n := js[int](w, `document.querySelectorAll("#given .given-row").length`); n != 6 {
		t.Errorf("%d notes of what left, want 6", n)
	}
	w.quiet()
}
