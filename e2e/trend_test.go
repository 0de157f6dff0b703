package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// observed is one Observation of a laboratory.
func observed(at time.Time, loinc, name string, value float64, unit string, more map[string]any) map[string]any {
	o := map[string]any{
		"resourceType": "Observation", "status": "final", "effectiveDateTime": at.Format("2006-01-02"),
		"code":          map[string]any{"text": name, "coding": []any{map[string]any{"system": "http://loinc.org", "code": loinc}}},
		"valueQuantity": map[string]any{"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
	}
	for k, v := range more {
		o[k] = v
	}
	return map[string]any{"resource": o}
}

func collected(title string, at time.Time, entries ...any) named {
	b, err := json.Marshal(map[string]any{"resourceType": "Bundle", "type": "collection", "timestamp": at.Format(time.RFC3339), "entry": entries})
	if err != nil {
		panic(err)
	}
	return named{title + ".json", "application/json", string(b)}
}

// measuredLife is what laboratories and a watch have measured of one person: sugar by mass and by mole, two values beyond
// their range and one that cannot be converted; blood pressure; a heart rate of every hour.
func measuredLife() []named {
	day := func(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 9, 0, 0, 0, time.UTC) }
	usual := map[string]any{"referenceRange": []any{map[string]any{"low": map[string]any{"value": 70}, "high": map[string]any{"value": 99}}}}
	files := []named{}
	for i, v := range []float64{88, 92, 101, 118, 131, 96, 64, 90} {
		at := day(2018+i, 3, 4)
		files = append(files, collected(fmt.Sprint("sugar-", i), at, observed(at, "2345-7", "Glucose", v, "mg/dL", usual)))
	}
	at := day(2026, 4, 2)
	files = append(files,
		collected("moles", at, observed(at, "14749-6", "Glucose", 5.6, "mmol/L", nil)),
		collected("copy", at, observed(day(2025, 3, 4), "2345-7", "Glucose", 90, "mg/dL", nil)),
		collected("units", at, observed(at, "2345-7", "Glucose", 7, "[iU]/L", nil)))
	part := func(loinc string, v float64) map[string]any {
		return map[string]any{"code": map[string]any{"coding": []any{map[string]any{"system": "http://loinc.org", "code": loinc}}}, "valueQuantity": map[string]any{"value": v, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}}
	}
	var pressures, watch []any
	for i := range 6 {
		o := observed(day(2025, 2*i+1, 5), "85354-9", "Blood pressure", 0, "", map[string]any{"component": []any{part("8480-6", float64(118+4*i)), part("8462-4", float64(76+2*i))}})
		delete(o["resource"].(map[string]any), "valueQuantity")
		pressures = append(pressures, o)
	}
	for i := range 1500 {
		v := float64(62 + i*37%19)
		if i == 700 {
			v = 171
		}
		o := observed(day(2026, 1, 1), "8867-4", "Heart rate", v, "/min", nil)
		o["resource"].(map[string]any)["effectiveDateTime"] = day(2026, 1, 1).Add(time.Duration(i) * time.Hour).Format(time.RFC3339)
		watch = append(watch, o)
	}
	return append(files, collected("pressure", at, pressures...), collected("watch", at, watch...))
}

// said is what the chart says of the place one is at.
func (p *page) said() string { return js[string](p, `document.querySelector("#chart-at").textContent`) }

func (p *page) walk(key, says string) {
	p.t.Helper()
	p.key(key)
	p.until(key+" says "+says, `document.querySelector("#chart-at").textContent.includes(`+quote(says)+`)`)
}

// openChart leads from the first page to a chart, as a person goes.
func (p *page) openChart(name string) {
	p.t.Helper()
	p.to("/trends")
	p.until("the list has "+name, `[...document.querySelectorAll(".trend-row")].some(e => e.querySelector(".trend-name").textContent === `+quote(name)+`)`)
	js[bool](p, `([...document.querySelectorAll(".trend-row")].find(e => e.querySelector(".trend-name").textContent === `+quote(name)+`).click(), true)`)
	p.there("#chart")
	p.settled()
}

// TestTrends: a chart is found, read by eye, by ear and by keys, told in another unit, printed, and leads to the documents.
func TestTrends(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.wear(looks[0])
	w.createWallet("Meera Sample")
	w.to("/add")
	files := measuredLife()
	w.give("#files", files...)
	if n := w.brought(); n != len(files) {
		t.Fatalf("%d of %d files are in: %s", n, len(files), w.visible())
	}
	w.to("/")
	w.there(".part-turn")
	js[bool](w, `(document.querySelectorAll(".part-turn").forEach(e => e.click()), true)`)
	w.there(".sum-fact .chart-link")
	w.accessible(looks[0], "trend-home")
	w.click("#charts")
	w.there(".trend-row")
	for _, want := range []string{"Blood pressure", "138/86", "Heart rate", "Glucose"} {
		w.sees(want)
	}
	for _, l := range []look{looks[0], looks[3], large[0], large[1]} {
		w.wear(l)
		w.to("/settings")
		w.speak(l.lang)
		w.to("/trends")
		w.there(".trend-row")
		w.accessible(l, "trends")
		w.openChart("Glucose")
		w.accessible(l, "trend-sugar")
		w.openChart(map[string]string{"en": "Blood pressure", "hi": "ब्लड प्रेशर"}[l.lang])
		w.accessible(l, "trend-pressure")
	}
	w.wear(looks[0])
	w.to("/settings")
	w.speak("en")

	t.Run("keys", w.in(walksChart))
	t.Run("units", w.in(changesUnit))
	t.Run("many", w.in(chartsMany))
	t.Run("fingers", w.in(pinches))
	t.Run("paper", w.in(printsChart))
	t.Run("documents", w.in(leadsToChart))
	w.quiet()
}

// in runs a part of a test with the page of the whole.
func (p *page) in(part func(*page)) func(*testing.T) {
	return func(t *testing.T) {
		whole := p.t
		p.t = t
		defer func() { p.t = whole }()
		part(p)
	}
}

func walksChart(w *page) {
	w.openChart("Glucose")
	if url := js[string](w, `location.pathname + location.search`); url != "/trends/chart" {
		w.t.Errorf("the address is %s", url)
	}
	w.tabTo("#chart")
	w.walk(kb.Home, "4 March 2018: 88")
	w.walk(kb.ArrowRight, "4 March 2019: 92")
	w.walk(kb.ArrowRight, "4 March 2020: 101")
	if got := w.said(); !strings.Contains(got, "High") || !strings.Contains(got, "Result 3 of 9") {
		w.t.Errorf("a high value is said as %q", got)
	}
	w.walk(kb.ArrowLeft, "4 March 2019")
	w.walk(kb.End, "2 April 2026: 101")
	// Nine results: one is told by two documents, another has a unit that cannot be converted.
	if n := js[int](w, `document.querySelectorAll(".trend-table tbody tr").length`); n != 9 {
		w.t.Errorf("the table has %d rows", n)
	}
	w.sees("7\u00a0IU/L")
	w.sees("In the document: 5.6\u00a0mmol/L")
	before := js[string](w, `document.querySelector(".chart-ends").textContent`)
	w.key("+")
	w.until("plus shows less time", `document.querySelector(".chart-ends").textContent !== `+quote(before))
	w.key("-")
	w.until("minus shows all again", `document.querySelector(".chart-ends").textContent === `+quote(before))
	w.click(`.trend-choices .option`)
	w.until("one year is shown", `document.querySelectorAll(".chart-plot .chart-sign").length < 6`)
	js[bool](w, `(document.querySelector("#chart").focus(), true)`)
	w.walk(kb.Home, "4 March 2018") // the window goes along
	w.key(kb.Enter)
	w.there(".record")
	w.sees("Glucose")
}

func changesUnit(w *page) {
	w.openChart("Glucose")
	w.press("mmol/L")
	w.sees("4.88\u00a0mmol/L")
	w.sees("In the document: 88\u00a0mg/dL")
	w.to("/trends")
	w.openChart("Glucose")
	w.sees("4.88\u00a0mmol/L")
	w.press("mg/dL")
	w.sees("In the document: 5.6\u00a0mmol/L")
}

// chartsMany: of many points those are drawn that are seen, the peak among them.
func chartsMany(w *page) {
	w.openChart("Heart rate")
	if n := js[int](w, `document.querySelectorAll("#chart *").length`); n > 400 {
		w.t.Errorf("a chart of 1500 points has %d elements", n)
	}
	if n := js[int](w, `document.querySelectorAll(".trend-table tr").length`); n != 31 {
		w.t.Errorf("the table has %d rows at first", n)
	}
	lowest := `Math.min(...document.querySelector(".chart-curve").getAttribute("d").match(/ \d+\.\d/g).map(Number))`
	if y := js[float64](w, lowest); y > 300 {
		w.t.Errorf("the peak is at %v of 1000", y)
	}
}

// pinches spreads two fingers, and they show less time.
func pinches(w *page) {
	w.openChart("Glucose")
	js[bool](w, `(document.querySelector(".chart-field").scrollIntoView({block: "center"}), true)`)
	box := js[struct{ X, Y, Width, Height float64 }](w, `(() => { const r = document.querySelector(".chart-field").getBoundingClientRect(); return {X: r.x, Y: r.y, Width: r.width, Height: r.height}; })()`)
	before := js[string](w, `document.querySelector(".chart-ends").textContent`)
	fingers := func(kind input.DispatchTouchEventType, apart float64) {
		var at []*input.TouchPoint
		for i, x := range []float64{-apart, apart} {
			if kind != "touchEnd" {
				at = append(at, &input.TouchPoint{X: box.X + box.Width/2 + x, Y: box.Y + box.Height/2, ID: new(float64(i))})
			}
		}
		tell(w, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: at})
	}
	fingers("touchStart", 20)
	fingers("touchMove", 40)
	fingers("touchMove", 80)
	fingers("touchEnd", 0)
	w.until("the pinch shows less time", `document.querySelector(".chart-ends").textContent !== `+quote(before))
	w.click("#chart-out")
	w.click("#chart-out")
	js[bool](w, fmt.Sprintf(`(document.querySelector(".chart-field").dispatchEvent(new MouseEvent("click", {bubbles: true, clientX: %f, clientY: %f})), true)`, box.X+2, box.Y+20))
	w.until("a touch reads the nearest result", `document.querySelector("#chart-at").textContent.includes("4 March 2018")`)
}

// printsChart: on paper stand title, person, range and dates, black on white, without buttons.
func printsChart(w *page) {
	w.openChart("Glucose")
	dark := emulation.SetEmulatedMediaParams{Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}
	tell(w, emulation.SetEmulatedMedia, dark)
	text := w.visible()
	for _, want := range []string{"Glucose", "Meera Sample", "4 March 2018", "2 April 2026", "70 – 99", "Usual range", "High", "Low"} {
		if !strings.Contains(text, want) {
			w.t.Errorf("paper does not say %q: %s", want, text)
		}
	}
	for css, want := range map[string]string{".chart-curve": "rgb(0, 0, 0)", ".chart-grid": "rgb(181, 168, 152)"} {
		if got := js[string](w, `getComputedStyle(document.querySelector(`+quote(css)+`)).stroke`); got != want {
			w.t.Errorf("%s is %s on paper", css, got)
		}
	}
	for _, css := range []string{".trend-sources a", ".trend-table .chip", ".trend-table h2"} {
		if got := js[string](w, `getComputedStyle(document.querySelector(`+quote(css)+`)).color`); got != "rgb(0, 0, 0)" {
			w.t.Errorf("%s is %s on paper", css, got)
		}
	}
	for _, css := range []string{".trend-tools", ".trend-choices", ".nav", ".top"} {
		if js[bool](w, `document.querySelector(`+quote(css)+`)?.checkVisibility() ?? false`) {
			w.t.Errorf("%s is on paper", css)
		}
	}
	pdf, err := chromedp.Run(w.ctx, chromedp.PrintToPDF())
	if err != nil {
		w.t.Fatal(err)
	}
	if n := len(regexp.MustCompile(`/Type\s*/Page[^s]`).FindAll(pdf, -1)); n < 1 || n > 2 {
		w.t.Errorf("the chart is printed on %d pages", n)
	}
	if os.Getenv("POTLI_SHOTS") != "" {
		if err := os.WriteFile(filepath.Join("shots", "trend.pdf"), pdf, 0o644); err != nil {
			w.t.Fatal(err)
		}
		tell(w, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 680, Height: 1400, DeviceScaleFactor: 1})
		w.picture("trend-print")
	}
	w.wear(looks[0])
	tell(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
}

// leadsToChart: from a number in a document to its chart, and back to the document by the table.
func leadsToChart(w *page) {
	w.openChart("Glucose")
	js[bool](w, `(document.querySelector(".trend-table tbody tr:last-child a").click(), true)`)
	w.there(".record")
	w.there("a.chart-link")
	w.accessible(looks[0], "trend-record")
	js[bool](w, `(document.querySelector("a.chart-link").click(), true)`)
	w.there("#chart")
	w.sees("All results")
	if got := js[string](w, `document.querySelector("#title").textContent`); got != "Glucose" {
		w.t.Errorf("the chart is of %q", got)
	}
}
