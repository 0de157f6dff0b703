package e2e_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp/kb"

	sheets "potli/app/sheet"
)

// photographed is a picture of a sheet that lies askew on a dark table, with a black
// mark at the sheet's upper left.
func photographed(t *testing.T, name string, c sheets.Corners) string {
	t.Helper()
	const w, h = 900, 1200
	m := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			px, py := float64(x)/w, float64(y)/h
			in := true
			for i, a := range c {
				b := c[(i+1)%4]
				in = in && (b.X-a.X)*(py-a.Y)-(b.Y-a.Y)*(px-a.X) >= 0
			}
			v := uint8(50 + (x*7+y*13)%23)
			if in {
				v = uint8(180 + 50*x/w)
			}
			if dx, dy := px-c[0].X-.08, py-c[0].Y-.08; dx*dx+dy*dy < .0009 {
				v = 8
			}
			m.SetGray(x, y, color.Gray{Y: v})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// darkPart says in which quarter of a page's picture its mark is: "0,0" is the upper left.
const darkPart = `(async n => {
	const img = document.querySelectorAll(".paper-picture")[n];
	if (!img) return "none";
	await img.decode();
	const c = document.createElement("canvas");
	c.width = 40; c.height = 40;
	const g = c.getContext("2d");
	g.drawImage(img, 0, 0, 40, 40);
	const d = g.getImageData(2, 2, 36, 36).data;
	let at = "none", dark = 120;
	for (let i = 0; i < d.length; i += 4) if (d[i] < dark) { dark = d[i]; at = Math.floor((i / 4 % 36) / 18) + "," + Math.floor(i / 4 / 36 / 18); }
	return at;
})`

// A paper report is photographed: the sheet is found and made straight, a corner is moved
// by keyboard and by hand, a second page is turned, a page is taken out and taken back,
// and one document with title, date and kind comes of it.
func TestPhotograph(t *testing.T) {
	t.Parallel()
	p := startPotli(t, t.TempDir())
	w := newBrowser(t).open(t, p.App)
	w.createWallet("Asha Devi")
	askew := sheets.Corners{{X: .2, Y: .12}, {X: .85, Y: .2}, {X: .8, Y: .9}, {X: .12, Y: .8}}

	w.to("/add")
	w.click("#photograph-page")
	w.choose("#photo-camera", photographed(t, "one.jpg", askew))
	w.there("#corner-0")
	for i, c := range askew {
		at := js[int](w, `+document.querySelector("#corner-`+strconv.Itoa(i)+`").getAttribute("aria-valuenow")`)
		if want := int(100 * c.X); at < want-3 || at > want+3 {
			t.Errorf("corner %d found at %d %%, want %d", i, at, want)
		}
	}
	judge := func(what, css string, with ...look) {
		for _, l := range append(with, looks[0]) { // and back to where it began
			w.wear(l)
			w.to("/settings")
			w.speak(l.lang)
			w.to("/photograph")
			w.there(css)
			w.accessible(l, what)
		}
	}
	judge("photograph-corners", "#corner-0", append(large, looks[1:]...)...)

	// By keyboard, and by hand.
	before := js[string](w, `document.querySelector("#corner-1").getAttribute("aria-valuetext")`)
	w.tabTo("#corner-1")
	w.key(kb.ArrowLeft)
	w.until("the corner moved", `document.querySelector("#corner-1").getAttribute("aria-valuetext") !== `+strconv.Quote(before))
	js[bool](w, `(() => {
		const svg = document.querySelector("#corners"), r = svg.getBoundingClientRect();
		const to = (type, x, y) => svg.dispatchEvent(new PointerEvent(type, {pointerId: 1, bubbles: true, cancelable: true, clientX: r.left + x * r.width, clientY: r.top + y * r.height}));
		svg.setPointerCapture = () => {};
		to("pointerdown", .8, .88); to("pointermove", .7, .7); to("pointerup", .7, .7); to("pointermove", .1, .1);
		return true;
	})()`)
	w.until("the corner was dragged", `document.querySelector("#corner-2").getAttribute("aria-valuenow") === "70"`)
	w.click("#photo-turn")
	w.click("#photo-use")
	w.there(".paper-picture")
	if at := js[string](w, darkPart+`(0)`); at != "1,0" {
		t.Errorf("turned by a quarter, the mark is at %s", at)
	}

	// Cut again, as it was found the first time: nothing of the picture was lost.
	w.click("[id^=page-again-]")
	w.there("#corner-0")
	w.click("#photo-whole")
	w.click("#photo-use")
	w.until("the page was cut again", darkPart+`(0).then(at => at === "0,0")`)

	// Two more at once; one is left out, and what is no picture says so.
	w.choose("#photo-files", photographed(t, "two.jpg", sheets.Corners{{X: .1, Y: .1}, {X: .9, Y: .1}, {X: .9, Y: .9}, {X: .1, Y: .9}}), photographed(t, "three.jpg", askew))
	w.there("#corner-0")
	w.click("#photo-use")
	w.until("the next one is shown", `document.querySelectorAll(".paper-picture").length === 0 && Math.abs(document.querySelector("#corner-0")?.getAttribute("aria-valuenow") - 20) <= 3`)
	w.click("#photo-leave")
	w.until("two pages", `document.querySelectorAll(".paper-picture").length === 2`)
	broken := filepath.Join(t.TempDir(), "broken.jpg")
	if err := os.WriteFile(broken, []byte("no picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.choose("#photo-files", broken)
	w.sees(sentence(t, "error.sheet-picture"))

	// Out and back; the other order; nothing is lost by a look at another page.
	w.click(".paper-row:last-child .row > .button-icon:last-child")
	w.click("#undo-page")
	w.until("two pages again", `document.querySelectorAll(".paper-picture").length === 2`)
	w.to("/settings")
	w.to("/photograph")
	w.until("two pages still", `document.querySelectorAll(".paper-picture").length === 2`)
	judge("photograph-pages", "#photo-done", looks[1], large[0])

	w.click("#photo-done")
	w.click("#photo-keep")
	w.sees(sentence(t, "error.paper-title"))
	w.write("#photo-title", "Blood test, City Lab")
	w.write("#paper-year", "2024")
	judge("photograph-details", "#photo-title", looks[3])
	w.click("#photo-keep")
	if n := w.brought(); n != 1 {
		t.Fatalf("%d documents came in: %s", n, w.visible())
	}
	w.to(js[string](w, `document.querySelector("#report .report-in").getAttribute("href")`))
	w.sees("Blood test, City Lab")
	w.sees("2024")
	w.quiet()
}
