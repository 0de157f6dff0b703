package e2e_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// placeCanary is what a camera writes into a photo: where it was taken.
const placeCanary = "GPSLatitude 22.5726 Zorbelgar"

// snapshot is a photo as a phone takes it: not square, and with the place in it.
func snapshot(t testing.TB) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 900, 600))
	for y := range 600 {
		for x := range 900 {
			c := color.RGBA{220, 180, 140, 255}
			if dx, dy := x-450, y-260; dx*dx+dy*dy < 170*170 {
				c = color.RGBA{120, 74, 46, 255}
			} else if x < 150 || x >= 750 {
				c = color.RGBA{20, 20, 200, 255} // outside the square
			}
			img.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	exif := "Exif\x00\x00" + placeCanary
	n := len(exif) + 2
	full := slices.Concat(b.Bytes()[:2], []byte{0xff, 0xe1, byte(n >> 8), byte(n)}, []byte(exif), b.Bytes()[2:])
	path := filepath.Join(t.TempDir(), "IMG_20260612_101500.jpg")
	if err := os.WriteFile(path, full, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// addPerson adds somebody on the page of the people and returns the path of their page. They were born in a year, or on
// a day of it (YYYY-MM-DD).
func (p *page) addPerson(name, kin, born string) string {
	p.t.Helper()
	p.to("/settings")
	p.to("/settings/people")
	p.settled()
	before := js[int](p, `document.querySelectorAll(".person").length`)
	p.write("#new-name", name)
	p.pick("#new-kin", kin)
	parts := strings.Split(born, "-")
	p.write("#new-born-year", parts[0])
	if len(parts) == 3 {
		p.pick("#new-born-month", strings.TrimPrefix(parts[1], "0"))
		p.write("#new-born-day", parts[2])
	}
	p.click("#add-person button[type=submit]")
	p.until("they are on the list", fmt.Sprintf(`document.querySelectorAll(".person").length === %d`, before+1))
	return js[string](p, `[...document.querySelectorAll(".person")].find(e => e.textContent.includes(`+quote(name)+`)).getAttribute("href")`)
}

// pick chooses from a list, as its menu does.
func (p *page) pick(css, value string) {
	p.t.Helper()
	p.there(css)
	p.until(css+" offers "+value, `[...document.querySelector(`+quote(css)+`).options].some(o => o.value === `+quote(value)+`)`)
	js[bool](p, `(e => { e.value = `+quote(value)+`; return e.dispatchEvent(new Event("change", {bubbles: true})); })(document.querySelector(`+quote(css)+`))`)
}

// actFor shows somebody's records by the banner.
func (p *page) actFor(name string) {
	p.t.Helper()
	p.clickUntil("#person", ".people-panel")
	js[bool](p, `([...document.querySelectorAll(".people-panel .option")].find(e => e.textContent.includes(`+quote(name)+`)).setAttribute("data-test", "choice"), true)`)
	p.click(`[data-test=choice]`)
	p.gone(".people-panel")
	p.until("the banner names "+name, `document.querySelector(".who-name").textContent === `+quote(name))
}

// heard is how a screen reader reads the heading: what is said of it besides its words.
func (p *page) heard() string {
	p.t.Helper()
	tree, err := chromedp.Call(p.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, n := range tree.Nodes {
		level := slices.ContainsFunc(n.Properties, func(a *accessibility.Property) bool {
			return a.Name == "level" && a.Value != nil && string(a.Value.Value) == "1"
		})
		if !n.Ignored && n.Role != nil && string(n.Role.Value) == `"heading"` && level && n.Description != nil {
			return strings.Trim(string(n.Description.Value), `"`)
		}
	}
	return ""
}

// What is done for a child or a parent, from the first photo to the last record: F1, F3, F4, F7.
func TestActingForSomebody(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	b := newBrowser(t)
	w := b.open(t, p.App)
	w.wear(looks[0])
	passphrase := w.createWallet("Meera Sample")
	if js[bool](w, `!!document.querySelector(".top-acting")`) {
		t.Error("a banner for oneself")
	}

	// A second person: a word about telling them apart (F3).
	page := w.addPerson("Aarav Sample", "child", "2020")
	w.sees("2 people are in this wallet now")
	w.click(`#main .notice a[href^="/settings/people/"]`)
	w.there("#photo-file")
	w.choose("#photo-file", snapshot(t))
	w.until("the photo is drawn, square and small", `(i => !!i && i.naturalWidth === 320 && i.naturalHeight === 320)(document.querySelector(".person-head img"))`)
	w.until("its middle was kept", `(async () => {
		const i = document.querySelector(".person-head img"), c = document.createElement("canvas");
		c.width = c.height = 320;
		const g = c.getContext("2d");
		g.drawImage(i, 0, 0);
		const [r, , blue] = g.getImageData(160, 140, 1, 1).data, [, , edge] = g.getImageData(3, 3, 1, 1).data;
		return Math.abs(r - 120) < 12 && blue < 80 && edge < 170; // brown in the middle, and nothing of the blue rims
	})()`)
	record := onEveryRoute(w, "Aarav Sample")
	leavesByName(w, "Aarav Sample", "Born 2020")
	wrongPouch(w, record)
	hidden(w, passphrase)
	asideAndErased(w, page)

	canaries := []string{placeCanary, "Zorbelgar", "Aarav"}
	storageHas(t, w, canaries)
	w.sent(t, canaries)
	w.quiet()
}

// onEveryRoute (F1): the banner stands on every page, with photo and name, stays in sight, and is read aloud. It returns
// the page of a record.
func onEveryRoute(w *page, name string) (record string) {
	w.t.Helper()
	w.to("/")
	w.actFor(name)
	w.bring(samples(w.t)...)
	for js[bool](w, `!!document.querySelector("#report .ask .button-plain")`) {
		left := js[int](w, `document.querySelectorAll("#report .ask").length`)
		w.click("#report .ask .button-plain")
		w.until("answered", fmt.Sprintf(`document.querySelectorAll("#report .ask").length < %d`, left))
	}
	record = js[string](w, `document.querySelector("#report .report-in").getAttribute("href")`)
	me := js[string](w, `location.origin`)
	for _, path := range []string{
		"/", "/add", "/receive", record, "/record/none", "/show", strings.Replace(record, "/record/", "/show/", 1), "/send", "/shared", "/shared/none",
		"/settings", "/settings/people", "/settings/people/none", "/settings/words", "/settings/recovery", "/settings/recovery/kit", "/settings/recovery/contacts", "/settings/backup", "/settings/wipe", "/about", "/nowhere",
	} {
		w.to(path)
		w.until(path+" has the banner", `(e => !!e && !!e.querySelector("img") && e.querySelector(".who-name").textContent === `+quote(name)+`)(document.querySelector(".top-acting"))`)
		js[bool](w, `(scrollTo(0, document.documentElement.scrollHeight), true)`)
		w.until(path+" shows it at its end too", `document.querySelector(".top-acting").getBoundingClientRect().top >= 0`)
		if heard := w.heard(); heard != "You are acting for "+name+"." {
			w.t.Errorf("%s is read aloud with %q", path, heard)
		}
		if title := js[string](w, `document.title`); strings.Contains(title, "Aarav") {
			w.t.Errorf("%s: the title, which a browser's history keeps, is %q", path, title)
		}
	}
	if js[string](w, `location.origin`) != me {
		w.t.Error("a route led elsewhere")
	}
	return record
}

// leavesByName (F1): name, photo and year of birth stand beside the button, and the button says the name; so does the
// page of the code, which has a way to lock.
func leavesByName(w *page, name, born string) {
	w.t.Helper()
	for path, id := range map[string]string{"/show": "#show-go", "/send": "#send-go"} {
		w.to(path)
		w.there(id)
		if said := js[string](w, `document.querySelector(`+quote(id)+`).textContent`); !strings.Contains(said, "Yes, this is "+name) {
			w.t.Errorf("%s: the button says %q", path, said)
		}
		beside := `document.querySelector(".share-go .whose")`
		if words := js[string](w, beside+`.textContent`); !strings.Contains(words, name) || !strings.Contains(words, born) || !js[bool](w, `!!`+beside+`.querySelector("img")`) {
			w.t.Errorf("%s: beside the button stands %q", path, words)
		}
		together := `(() => { const a = ` + beside + `.getBoundingClientRect(), b = document.querySelector(` + quote(id) + `).getBoundingClientRect(); return Math.round(b.bottom - a.top); })()`
		if high := js[int](w, together); high > 400 {
			w.t.Errorf("%s: name and button are %d px high together", path, high)
		}
	}
	// It is for somebody else: chosen on the same screen.
	w.to("/show")
	w.there("#show-go")
	w.press("It is for somebody else")
	w.press("Meera Sample")
	w.until("the preview is Meera's", `!!document.querySelector(".share-go .whose") && document.querySelector(".share-go .whose").textContent.includes("Meera Sample")`)
	w.press("It is for somebody else")
	w.press("Aarav Sample")
	w.until("the preview is Aarav's", `!!document.querySelector(".share-go .whose") && document.querySelector(".share-go .whose").textContent.includes("Aarav Sample") && !document.querySelector("#show-go").disabled`)
	w.click("#show-go")
	w.there("#countdown")
	w.until("the code is Aarav's", `(e => !!e && e.textContent.includes("Aarav Sample") && !!e.querySelector("img"))(document.querySelector(".code-acting"))`)
	if heard := w.heard(); heard != "You are acting for "+name+"." {
		w.t.Errorf("the code is read aloud with %q", heard)
	}
	w.until("the code can be locked away", `(e => { const b = e.getBoundingClientRect(); return !!document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2).closest("#lock"); })(document.querySelector("#lock"))`)
	w.click("#code-close")
}

// wrongPouch: a record is filed elsewhere, with the link that holds it named first, and taken back.
func wrongPouch(w *page, record string) {
	w.t.Helper()
	w.to("/")
	w.there("#timeline .group-head")
	count := `document.querySelectorAll("#timeline .group").length`
	before := js[int](w, count)
	w.click(`#timeline .group-head[href="` + record + `"]`)
	w.clickUntil("#move", `[id^="move-"].ask`)
	w.until("the link that holds it is named", `!!document.querySelector(".ask .notice") && document.querySelector(".ask .notice").textContent.includes("Shown at the counter")`)
	w.click(".ask .option")
	w.there("#move-yes")
	w.until("nothing is moved by choosing", `document.querySelector("#move-yes").textContent.includes("Meera Sample")`)
	w.click("#move-yes")
	w.there("#undo")
	w.sees("Moved to Meera Sample")
	w.until("it is gone from here", fmt.Sprintf(count+` === %d`, before-1))
	w.click("#undo .button")
	w.until("it is back", fmt.Sprintf(count+` === %d`, before))
	w.gone("#undo")
}

// hidden (F7): one tap, and until the wallet is opened again there is nothing of them.
func hidden(w *page, passphrase string) {
	w.t.Helper()
	record := js[string](w, `document.querySelector("#timeline .group-head").getAttribute("href")`)
	title := js[string](w, `document.querySelector("#timeline .group-head .group-title")?.textContent ?? ""`)
	w.click("#hide")
	w.until("the banner is gone", `!document.querySelector(".top-acting") && document.querySelector(".who-name").textContent === "Meera Sample"`)
	w.there("#hidden")
	for _, path := range []string{"/", "/add", "/shared", "/settings/people", record, "/show", "/about", "/settings/left", "/inbox", "/drop", "/consents", "/consents/log",
		"/trends", "/emergency", "/export", "/settings/devices", "/settings/backup"} {
		w.to(path)
		if path == "/" {
			w.clickUntil("#person", ".people-panel")
		}
		// Texts, names that are only read aloud, what stands in fields, the title of the tab, and the address.
		all := js[string](w, `document.documentElement.outerHTML + document.title + location.href + [...document.querySelectorAll("input, textarea, select")].map(e => e.value).join("\n")`)
		if strings.Contains(all, "Aarav") || path != record && strings.Contains(all, record) || title != "" && strings.Contains(all, title) {
			w.t.Errorf("%s shows who is hidden", path)
		}
	}
	if got := w.bring(fixture(w.t, "web", "sample", "meera_prescription.json")); got != 1 { // or there would be nothing to look in
		w.t.Fatal("a record of who is shown did not come in")
	}
	for _, word := range []string{"Aarav", title} {
		if word == "" {
			continue
		}
		w.to("/")
		w.write("#search", word)
		w.until("it was looked for", `document.querySelector("#search").value !== "" && !document.querySelector("#timeline .wait")`)
		if js[bool](w, `[...document.querySelectorAll("a")].some(a => a.getAttribute("href") === `+quote(record)+`)`) {
			w.t.Errorf("whoever looks for %q finds who is hidden", word)
		}
	}
	w.anew(func() { w.click("#lock") }, `document.querySelector("#passphrase")`)
	unlock(w, passphrase)
	w.actFor("Aarav Sample")
}

// asideAndErased: put aside with an undo, brought back, and erased after two questions, when no link shows anything.
func asideAndErased(w *page, page string) {
	w.t.Helper()
	aside := func() {
		w.to(page)
		w.clickUntil("#aside-go", "#aside-sure")
		w.click("#aside-yes")
		w.there("#undo")
		w.until("they are under another heading", `!!document.querySelector("#aside .person")`)
	}
	aside()
	w.click("#undo .button")
	w.gone("#aside")
	aside()
	w.to(page)
	w.click("#aside-back")
	w.there("#aside-go")
	aside()
	w.to(page)
	erase := func() {
		w.clickUntil("#erase-go", "#erase-next")
		w.click("#erase-next")
		w.click("#erase-yes")
	}
	erase()
	w.sees("can still be opened")
	w.to("/shared")
	w.clickUntil("#revoke-all", "#revoke-all-yes")
	w.click("#revoke-all-yes")
	w.until("all is taken back", `!document.querySelector("#revoke-all")`)
	w.to(page)
	erase()
	w.sees(sentence(w.t, "error.no-person"))
	w.to("/settings/people")
	w.until("one is left", `document.querySelectorAll(".person").length === 1 && !document.querySelector("#aside")`)
}

// TestPeopleAccess is A1 to A4 over the pages of the family: languages, themes, text sizes.
func TestPeopleAccess(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.wear(looks[0])
	w.createWallet("Meera Sample")
	person := w.addPerson("Raghunath Prasad Sample", "parent", "1958")
	w.to(person)
	w.there("#photo-file")
	w.choose("#photo-file", snapshot(t))
	w.there(".person-head img")
	fillPerson(w)
	w.actFor("Raghunath Prasad Sample")
	w.bring(samples(t)...)
	for js[bool](w, `!!document.querySelector("#report .ask .button-plain")`) {
		left := js[int](w, `document.querySelectorAll("#report .ask").length`)
		w.click("#report .ask .button-plain")
		w.until("answered", fmt.Sprintf(`document.querySelectorAll("#report .ask").length < %d`, left))
	}
	other := w.addPerson("Aarav Sample", "child", "2020")
	w.addPerson("Leela Sample", "child", time.Now().AddDate(-18, 0, 20).Format(time.DateOnly)) // of age in 20 days
	for _, l := range append(looks[:len(looks):len(looks)], large...) {
		w.wear(l)
		w.to("/settings")
		w.speak(l.lang)
		familyPages(w, l, person, other)
	}
	w.quiet()
}

// fillPerson writes down all that can be known of somebody, with slips of the pen.
func fillPerson(w *page) {
	w.t.Helper()
	js[bool](w, `(document.querySelectorAll("details").forEach(d => d.open = true), true)`)
	w.write("#abha-number", "91123456789011")
	w.sees("does not add up")
	w.empty("#abha-number")
	w.write("#abha-number", "91123456789015")
	w.write("#abha", "raghu")
	w.pick("#blood", "O-")
	w.pick("#gender", "male")
	w.write("#relation", "my father-in-law")
	w.click("#number-add")
	w.write("#number-0-name", "City Hospital")
	w.write("#number-0-value", "UHID 77/2026")
	w.click("#person-save")
	w.sees("91-1234-5678-9015")
	w.pick("#guardian-as", "child")
	w.pick("#guardian-proof", "power-of-attorney")
	w.write("#guardian-since-year", "2024")
	w.click("#guardian-save")
	w.there("#guardian-facts")
}

func familyPages(w *page, l look, person, other string) {
	w.t.Helper()
	at := func(path, name, ready string) {
		w.t.Helper()
		w.to(path)
		w.there(ready)
		w.arrived(l, name)
		w.accessible(l, name)
	}
	unfold := func() { js[bool](w, `(document.querySelectorAll("details").forEach(d => d.open = true), true)`) }
	at("/", "acting-home", ".coming")
	w.there("#timeline .group")
	w.click("#person")
	w.there(".people-panel")
	w.accessible(l, "acting-panel")
	w.click("#person")
	at("/add", "acting-add", "#report")
	at("/show", "acting-show", "#show-go")
	at("/send", "acting-send", "#send-go")
	if l == looks[0] {
		w.click("#send-go") // one code is enough: each look shows it
		w.there("#countdown")
	}
	code := js[string](w, `location.pathname`)
	if l != looks[0] {
		w.to("/shared")
		w.click(".ledger-link")
		w.there(`a[href^="/code/"]`)
		code = js[string](w, `document.querySelector('a[href^="/code/"]').getAttribute("href")`)
	}
	at(code, "acting-code", "#countdown")
	at("/settings/people", "people", "#add-person")
	at(person, "person", "#guardian-facts")
	unfold()
	w.accessible(l, "person-unfolded")
	w.clickUntil("#aside-go", "#aside-sure")
	w.accessible(l, "person-aside-sure")
	w.to("/")
	w.there("#timeline .group-head")
	w.to(js[string](w, `document.querySelector("#timeline .group-head").getAttribute("href")`))
	w.clickUntil("#move", `[id^="move-"].ask`)
	w.click(".ask .option:last-of-type")
	w.there("#move-yes")
	js[bool](w, `(scrollTo(0, 0), true)`) // what lies under the banner for a moment is no small target
	w.accessible(l, "record-move")
	w.to(other)
	w.clickUntil("#aside-go", "#aside-yes")
	w.click("#aside-yes")
	w.there("#aside .person")
	w.accessible(l, "people-aside")
	at(other, "person-aside", "#aside-back")
	js[bool](w, `(document.querySelector("#erase-go").scrollIntoView({block: "start"}), true)`) // from under what can be undone
	w.clickUntil("#erase-go", "#erase-next")
	w.accessible(l, "erase-ask")
	w.click("#erase-next")
	w.there("#erase-yes")
	w.accessible(l, "erase-sure")
	w.to(other)
	w.click("#aside-back")
	w.there("#aside-go")
}

// TestPeopleWithoutAMouse adds somebody, chooses them and shows their records with the keyboard alone.
func TestPeopleWithoutAMouse(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.wear(looks[0])
	w.createWallet("Meera Sample")
	w.to("/settings/people")
	w.settled()
	w.tabTo("#new-name")
	w.key("Aarav Sample")
	w.tabTo("#new-kin")
	w.key("M") // "My child"
	w.tabTo("#new-born-day")
	w.tabTo("#new-born-year")
	w.key("2020")
	w.key(kb.Enter)
	w.until("two people", `document.querySelectorAll(".person").length === 2`)
	w.until("their kin was chosen", `document.querySelectorAll(".person")[1].textContent.includes("My child")`)
	w.to("/")
	w.settled()
	w.tabTo("#person")
	w.key(kb.Enter)
	w.there(".people-panel")
	w.tabTo(".people-panel .option:nth-of-type(2)")
	w.key(kb.Enter)
	w.until("the banner is there", `!!document.querySelector(".top-acting")`)
	w.arrived(looks[0], "home of another")
	w.tabTo("#hide")
	w.key(kb.Enter)
	w.there("#hidden")
	w.tabTo("#lock")
	w.quiet()
}
