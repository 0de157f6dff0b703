package e2e_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
)

// TestFiguresScale measures the wallet with a lifetime of records in one profile, on
// this machine and as if it were a cheap phone, and judges nothing.
func TestFiguresScale(t *testing.T) {
	if os.Getenv("POTLI_BENCH") == "" {
		t.Skip("measured by make bench")
	}
	n := 10_000
	if s, err := strconv.Atoi(os.Getenv("POTLI_SCALE")); err == nil {
		n = s
	}
	var f figures
	t.Cleanup(func() { f.print() })
	w := newBrowser(t).open(t, "")
	w.begins(catchMemory)
	w.visit(startPotli(t, "").App)
	passphrase := w.createWallet("Kamla Sample")
	w.addQuick(passphrase)
	w.lock()
	begun := time.Now()
	resources := w.live(passphrase, n)
	t.Logf("%d documents of %d resources sealed and put down in %v", n, resources, time.Since(begun).Round(time.Second))
	w.anew(w.reload, `document.querySelector("#unlock-quick")`) // without what was made to fill it
	f.add(fmt.Sprintf("%d documents, %d resources: as sealed on disk", n, resources), megabytes(w.weight()), "")
	for _, rate := range []float64{1, 4} {
		w.throttle(rate)
		w.scale(&f, rate)
	}
}

// aim is one of two, by whether the processor is slowed down.
func aim(rate float64, quick, slow string) string {
	if rate > 1 {
		return slow
	}
	return quick
}

func (p *page) throttle(rate float64) {
	p.t.Helper()
	tell(p, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: rate})
}

// catchMemory keeps the program's memory where it can be weighed.
const catchMemory = `(() => {
	const load = WebAssembly.instantiateStreaming;
	WebAssembly.instantiateStreaming = async (...a) => { const r = await load(...a); globalThis.testMemory ??= r.instance.exports.mem; return r; };
})()`

// painted resolves when a condition holds in a frame, and the frame is drawn: how long
// that took from the moment something was done.
const painted = `(act, condition) => new Promise(done => {
	const begun = performance.now();
	act();
	const look = () => condition() ? requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun))) : requestAnimationFrame(look);
	requestAnimationFrame(look);
})`

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

func (p *page) took(act, condition string) time.Duration {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 4*time.Minute)
	defer cancel()
	ms, err := chromedp.Run(ctx, chromedp.Evaluate[float64](`(`+painted+`)(() => {`+act+`}, () => `+condition+`)`, chromedp.EvalAwaitPromise))
	p.must(err)
	return milliseconds(ms)
}

// lock locks the wallet and waits for the page that opens it again.
func (p *page) lock() {
	p.t.Helper()
	p.anew(func() { p.click("#lock") }, `document.querySelector("#passphrase, #unlock-quick")`)
}

// weight is how many bytes lie in the wallet's database.
func (p *page) weight() int {
	p.t.Helper()
	return js[int](p, `(async () => {
		const done = r => new Promise((y, n) => { r.onsuccess = () => y(r.result); r.onerror = () => n(r.error); });
		const db = await done(indexedDB.open("potli"));
		let n = 0;
		await new Promise(y => { const c = db.transaction("blobs").objectStore("blobs").openCursor(); c.onsuccess = () => { const r = c.result; if (!r) return y(); n += r.value.byteLength; r.continue(); }; });
		db.close();
		return n;
	})()`)
}

// scale measures all that a long timeline could make slow. The wallet is locked.
func (p *page) scale(f *figures, rate float64) {
	p.t.Helper()
	with := aim(rate, "", ", CPU / 4")
	p.there("#unlock-quick")
	js[bool](p, watchGaps)
	const shown = `!!document.querySelector("#timeline .group-head")`
	f.took("open: from the tap to a painted timeline"+with, p.took(`document.querySelector("#unlock-quick").click()`, shown), aim(rate, "<= 0.8 s", "<= 2.5 s"))
	f.took("  longest time the page stood still", p.longestGap(), aim(rate, "<= 50 ms", "<= 100 ms"))
	js[bool](p, watchGaps)
	p.there(".summary-parts")
	p.settle()
	f.took("  and until the summary is there", p.longestGap(), aim(rate, "<= 50 ms", "<= 100 ms"))
	f.add("  memory of the program, and of the page's own", p.memory(), "<= 150 MB together")

	p.keystrokes(f, rate, with)
	p.scrolls(f, rate, with)
	p.jumps(f, with)
	p.adds(f, rate, with)
	p.imports(f, rate, with)
	p.lock()
}

// settle waits until the page has had nothing to do for a while.
func (p *page) settle() {
	p.t.Helper()
	js[bool](p, `new Promise(done => {
		let calm = 0, last = performance.now();
		const look = () => { const now = performance.now(); calm = now - last < 40 ? calm + 1 : 0; last = now; calm > 60 ? done(true) : setTimeout(look, 16); };
		look();
	})`)
}

func (p *page) memory() string {
	p.t.Helper()
	tell(p, heapprofiler.CollectGarbage, cdp.Empty{}) // or it is what was ever read that nobody has looked at since
	wasm := js[int](p, `globalThis.testMemory?.buffer.byteLength ?? 0`)
	p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, performance.Enable, performance.EnableParams{})
		return err
	}))
	heap := 0.0
	p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		got, err := cdp.Call(ctx, target, performance.GetMetrics, cdp.Empty{})
		for _, m := range got.Metrics {
			if m.Name == "JSHeapUsedSize" {
				heap = m.Value
			}
		}
		return err
	}))
	return fmt.Sprintf("%s + %s", megabytes(wasm), megabytes(int(heap)))
}

// keystrokes types a word letter by letter, and takes the slowest letter.
func (p *page) keystrokes(f *figures, rate float64, with string) {
	p.t.Helper()
	var slowest, sum time.Duration
	count := 0
	for _, word := range []string{"metformin", "हीमो", "thyroid 2011", "creatinin"} {
		for i := range []rune(word) {
			typed := string([]rune(word)[:i+1])
			took := p.took(`
				const s = document.querySelector("#search");
				globalThis.testSaid = false;
				globalThis.testWatch ??= new MutationObserver(() => globalThis.testSaid = true);
				testWatch.observe(document.querySelector("main"), {subtree: true, childList: true, characterData: true, attributes: true});
				s.value = `+strconv.Quote(typed)+`;
				s.dispatchEvent(new Event("input", {bubbles: true}));
				globalThis.testLate = false;
				setTimeout(() => globalThis.testLate = true, 3000);
			`, `(testSaid || testLate)`)
			if js[bool](p, `testSaid`) { // a letter may change nothing
				slowest, sum, count = max(slowest, took), sum+took, count+1
			}
		}
	}
	p.took(`const s = document.querySelector("#search"); s.value = ""; s.dispatchEvent(new Event("input", {bubbles: true}));`, `true`)
	p.settle()
	f.add("keystroke to results, typing four searches: mean, slowest"+with, fmt.Sprint((sum/time.Duration(count)).Round(time.Millisecond), ", ", slowest.Round(time.Millisecond)), aim(rate, "<= 50 ms", "<= 150 ms"))
}

// scrolls goes through the list by 50 px a frame, and once by 400.
func (p *page) scrolls(f *figures, rate float64, with string) {
	p.t.Helper()
	for _, step := range []int{50, 400} {
		got := js[[]float64](p, `new Promise(done => {
			scrollTo(0, 0);
			const times = [];
			const frame = t => { times.push(t); scrollBy(0, `+strconv.Itoa(step)+`); times.length < 300 ? requestAnimationFrame(frame) : done([
				1000 * (times.length - 1) / (times.at(-1) - times[0]), Math.max(...times.slice(1).map((t, i) => t - times[i])), times.slice(1).filter((t, i) => t - times[i] > 34).length,
			]); };
			requestAnimationFrame(frame);
		})`)
		f.add(fmt.Sprintf("scrolling by %d px a frame: frames a second, longest frame, late ones of 300%s", step, with),
			fmt.Sprintf("%.0f, %.0f ms, %.0f", got[0], got[1], got[2]), ">= 50 fps")
	}
	p.do(chromedp.Func(func(context.Context, *chromedp.Target) error { return nil }))
}

// jumps goes to a month of long ago.
func (p *page) jumps(f *figures, with string) {
	p.t.Helper()
	p.pick("#jump-year", "1999")
	p.pick("#jump-month", "6")
	f.took("jump to a month of long ago"+with, p.took(`document.querySelector("#jump-go").click()`, `document.activeElement?.id.startsWith("month-1999")`), "")
	js[bool](p, `(scrollTo(0, 0), true)`)
	p.settle()
}

// adds brings one small record in.
func (p *page) adds(f *figures, rate float64, with string) {
	p.t.Helper()
	_, body := lifetime(int(rate)*13, 20_000)
	one := filepath.Join(p.t.(*testing.T).TempDir(), "one.json")
	p.must(os.WriteFile(one, body, 0o600))
	p.click(`nav a[href="/add"]`)
	p.there("#files")
	js[bool](p, `(document.querySelector("#files").addEventListener("change", () => globalThis.testBegun = performance.now(), {capture: true, once: true}), `+watchGaps+`)`)
	js[bool](p, `(globalThis.testTook = new Promise(done => { const look = () => document.querySelector("#report .report-in") ? requestAnimationFrame(() => setTimeout(() => done(performance.now() - testBegun))) : setTimeout(look, 1); look(); }), true)`)
	p.choose("#files", one)
	f.took("add one record: from the choice to the word that it is in"+with, milliseconds(js[float64](p, `testTook`)), "<= 150 ms")
	p.settle()
	f.took("  longest time the page stood still, and after it", p.longestGap(), "")
	p.clickUntil("#report-close", "#files")
}

// imports brings a bundle of ten thousand resources in.
func (p *page) imports(f *figures, rate float64, with string) {
	p.t.Helper()
	large := filepath.Join(p.t.(*testing.T).TempDir(), "large.json")
	bundle := wideBundle(int(rate))
	p.must(os.WriteFile(large, bundle, 0o600))
	p.there("#files")
	js[bool](p, watchGaps)
	begun := time.Now()
	p.choose("#files", large)
	p.there("#report .report-in")
	f.took("import of a bundle of "+megabytes(len(bundle))+", 10,000 resources"+with, time.Since(begun), "")
	p.settle()
	f.took("  longest time the page stood still", p.longestGap(), aim(rate, "<= 50 ms", "<= 100 ms"))
	record := js[string](p, `document.querySelector("#report a[href^='/record/']").getAttribute("href")`)
	js[bool](p, watchGaps)
	begun = time.Now()
	p.click(`#report a[href="` + record + `"]`)
	p.there(".section .view")
	f.took("its page, of 10,000 resources"+with, time.Since(begun), "")
	p.settle()
	f.took("  longest time the page stood still", p.longestGap(), "")
	p.deleteRecord()
	p.to("/")
	p.there("#timeline .group-head")
}

// wideBundle is 5 MB of ten thousand results.
func wideBundle(salt int) []byte {
	b := []byte(`{"resourceType":"Bundle","type":"collection","entry":[`)
	for i := range 10_000 {
		if i > 0 {
			b = append(b, ',')
		}
		a := analytes[i%len(analytes)]
		b = fmt.Appendf(b, `{"fullUrl":"urn:uuid:00000000-0000-4000-8000-%012d","resource":{"resourceType":"Observation","id":"o%d-%d","status":"final",`+
			`"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],`+
			`"code":{"coding":[{"system":"http://loinc.org","code":%q}],"text":%q},"effectiveDateTime":"20%02d-%02d-%02d",`+
			`"valueQuantity":{"value":%d.%d,"unit":%q,"system":"http://unitsofmeasure.org","code":%q}}}`,
			i, i, salt, a.loinc, a.name, 10+i%16, 1+i%12, 1+i%28, 9+i%7, i%10, a.unit, a.unit)
	}
	return append(b, `]}`...)
}
