package e2e_test

import (
	"bytes"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"potli/app/fhir"
)

// reader is who opens a link in the journeys.
const reader = "Dr Rao, City Clinic"

// TestJourney is the main job from end to end, as a citizen and as a clinic.
// Each step needs the one before, so it is one test.
func TestJourney(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	document := ips(t)
	body, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := fhir.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	outline := parsed.Outline()
	allergy := firstOf(t, outline, fhir.KindAllergy)

	citizen := newBrowser(t)
	w := citizen.open(t, p.App)
	passphrase := w.createWallet(outline.Subject.Name)

	// Bring in: a document, a PDF and a photo.
	w.click(`a[href="/add"]`)
	pdf, photo := fixture(t, "web", "sample", "sample_eye_report.pdf"), fixture(t, "web", "sample", "sample_vaccination_card.jpg")
	w.choose("#files", document, pdf, photo)
	w.there("#report")
	w.until("three files are in", `document.querySelectorAll("#report .report-in").length === 3`)
	w.picture("imported")

	// Read each of them.
	w.click(`#report li:nth-child(1) .report-in`)
	w.sees(allergy)
	w.picture("record")
	w.click(`.back`)
	w.there("#timeline")
	for _, kind := range []string{"kind-document", "kind-photo"} {
		w.there("#timeline ." + kind)
	}
	w.click("#timeline .group-head:has(.kind-photo)")
	w.until("the photo is drawn", `[...document.querySelectorAll("main img")].some(i => i.naturalWidth > 0)`)
	w.click(`.back`)

	// Show at the counter: two taps from there, and the PDF added.
	w.click("#counter")
	w.click("#counter-show")
	w.there("#show-go")
	w.until("the preview names the allergy", `document.querySelector("#preview").textContent.includes(`+quote(allergy)+`)`)
	w.press("More that you can add")
	addPDF(w)
	w.picture("preview")
	w.click("#show-go")
	w.there("#countdown")
	link := decodeQR(t, w)
	if !strings.HasPrefix(link, p.Viewer+"/#shlink:/") {
		t.Fatalf("the code holds %q", link[:min(40, len(link))])
	}

	// The clinic opens it.
	desk := newBrowser(t)
	c := desk.open(t, link)
	c.there("#reader")
	if at := js[string](c, `location.href`); strings.Contains(at, "shlink") {
		t.Error("the key stays in the address bar")
	}
	c.write("#reader", reader)
	c.press("Open the record")
	c.sees(allergy)
	c.picture("clinic")
	c.press("PDF")
	keepsNothing(c)

	// The receipt comes back.
	w.click("#code-close")
	w.click(`a[href="/shared"]`)
	w.click(".ledger-link")
	w.sees(reader)
	w.picture("receipt")

	// Taken back.
	w.click("#revoke")
	w.click("#revoke-yes")
	w.sees("Taken back")
	again := desk.open(t, link)
	again.write("#reader", reader)
	again.press("Open the record")
	again.sees("no longer available")

	// Without any network.
	p.stop(t)
	w.reload()
	w.there("#passphrase")
	unlock(w, passphrase)
	w.click(`nav a[href="/"]`)
	w.press(outline.Title)
	w.sees(allergy)
	w.anew(func() { w.click("#lock") }, `document.querySelector("#passphrase")`)
	w.write("#passphrase", "wrong-words-that-open-nothing-at-all")
	w.click("#unlock")
	w.there(".notice")
	w.sees("not the right words")
	w.empty("#passphrase")
	unlock(w, passphrase)
	w.click(`nav a[href="/"]`)
	w.sees(outline.Title)

	// What was left behind.
	canaries := append([]string{allergy, reader, passphrase, strings.ReplaceAll(passphrase, "-", " ")}, strings.Fields(outline.Subject.Name)...)
	storageHas(t, w, canaries)
	for _, pg := range []*page{w, c, again} {
		pg.sent(t, canaries[:1])
	}
	c.quiet()
	for _, origin := range append(citizen.requested(t), desk.requested(t)...) {
		if !strings.HasPrefix(origin, p.App) && !strings.HasPrefix(origin, p.Relay) && !strings.HasPrefix(origin, p.Viewer) {
			t.Errorf("a request to a third party: %s", origin)
		}
	}
	noneIn(t, "the relay's data", p.Data, canaries)
	noneIn(t, "the citizen's profile", filepath.Join(citizen.dir, "profile"), canaries)
	for _, canary := range canaries {
		if strings.Contains(p.out.String(), canary) {
			t.Errorf("the log holds %q", canary)
		}
	}
}

func firstOf(t *testing.T, o fhir.Outline, kind fhir.Kind) string {
	t.Helper()
	for _, l := range o.Lines {
		if l.Kind == kind && !l.Negated {
			return l.Title
		}
	}
	t.Fatalf("the document has no %s", kind)
	return ""
}

// addPDF ticks the first whole PDF that could be added to a share.
func addPDF(w *page) {
	w.t.Helper()
	w.press("ample eye report")
}

func unlock(w *page, passphrase string) {
	w.t.Helper()
	w.write("#passphrase", passphrase)
	w.click("#unlock")
	w.there("#lock")
}

// decodeQR reads the code off a picture of the screen, as a camera would.
func decodeQR(t *testing.T, w *page) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "code.png")
	if err := os.WriteFile(path, w.picture("code"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", path).Output()
	if err != nil {
		t.Fatalf("zbarimg finds no code on the screen: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// keepsNothing checks that the clinic's page left nothing in its browser.
func keepsNothing(c *page) {
	c.t.Helper()
	left := js[string](c, `(async () => JSON.stringify({
		local: localStorage.length, session: sessionStorage.length, cookie: document.cookie,
		databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
		workers: (await navigator.serviceWorker.getRegistrations()).length,
	}))()`)
	if want := `{"local":0,"session":0,"cookie":"","databases":0,"caches":0,"workers":0}`; left != want {
		c.t.Errorf("the clinic's page keeps %s", left)
	}
}

// storageHas fails for each canary that lies readable in the page's storage.
func storageHas(t *testing.T, w *page, canaries []string) {
	t.Helper()
	all := js[string](w, `(async () => {
		const text = async b => { // all that can be read of a value, however deep it lies
			if (b instanceof Blob) b = await b.arrayBuffer();
			if (b instanceof ArrayBuffer || ArrayBuffer.isView(b)) return new TextDecoder("latin1").decode(b);
			if (b === null || typeof b !== "object") return String(b);
			return (await Promise.all(Object.entries(b).map(async ([k, v]) => k + "\n" + await text(v)))).join("\n");
		};
		let out = JSON.stringify({...localStorage}) + JSON.stringify({...sessionStorage}) + document.cookie;
		for (const {name} of await indexedDB.databases()) {
			const db = await new Promise((y, n) => { const r = indexedDB.open(name); r.onsuccess = () => y(r.result); r.onerror = n; });
			for (const s of db.objectStoreNames) {
				const store = db.transaction(s).objectStore(s);
				for (const what of ["getAll", "getAllKeys"]) {
					const rows = await new Promise(y => { const r = store[what](); r.onsuccess = () => y(r.result); });
					for (const row of rows) out += await text(row);
				}
			}
			db.close();
		}
		for (const name of await caches.keys()) {
			const cache = await caches.open(name);
			for (const req of await cache.keys()) {
				out += req.url;
				if (!/\.(wasm|br|gz)$|sample/.test(req.url)) out += await text(await (await cache.match(req)).arrayBuffer());
			}
		}
		return out;
	})()`)
	if len(all) < 10_000 {
		t.Fatalf("only %d bytes of storage were found to look at", len(all))
	}
	for _, c := range canaries {
		if strings.Contains(all, c) {
			t.Errorf("the page's storage holds %q", c)
		}
	}
}

// inClear says whether s has the word c. What is sealed travels as megabytes of base64, in which a word of four letters
// stands by chance now and then; there a short one does not count.
func inClear(s, c string) bool {
	letters := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("+/-_", r))
	}
	for at := 0; ; at++ {
		i := strings.Index(s[at:], c)
		if i < 0 {
			return false
		}
		at += i
		before, after := strings.LastIndexFunc(s[:at], letters)+1, strings.IndexFunc(s[at+len(c):], letters)
		if after < 0 {
			after = len(s) - at - len(c)
		}
		if len(c) > 6 || at-before+after < 200 {
			return true
		}
	}
}

func TestInClear(t *testing.T) {
	sealed := strings.Repeat("Zx3_-9", 100)
	for s, want := range map[string]bool{
		`{"name":"Milk"}`: true, "an allergy to Milk": true, "Milk": true, `{"sealed":"` + sealed + `","x":"Milk"}`: true,
		sealed + "Milk" + sealed: false, `{"sealed":"` + sealed + "Milk" + sealed + `"}`: false, sealed: false,
	} {
		if got := inClear(s, "Milk"); got != want {
			t.Errorf("%.40s… has it: %v, want %v", s, got, want)
		}
	}
	if !inClear(sealed+"AGE-SECRET-KEY"+sealed, "AGE-SECRET-KEY") {
		t.Error("a long word in what is sealed is no chance")
	}
}

// sent fails if a canary left the page in clear, in an address or a body, or anything that a quantum computer could open.
func (p *page) sent(t *testing.T, canaries []string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range slices.Concat(canaries, classical) {
		for _, s := range append(p.got, p.out...) {
			if inClear(s, c) || inClear(s, url.QueryEscape(c)) {
				t.Errorf("%q left the page in clear", c)
			}
		}
	}
}

// noneIn searches every file below a folder.
func noneIn(t *testing.T, what, folder string, canaries []string) {
	t.Helper()
	read := 0
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		read += len(b)
		for _, c := range slices.Concat(canaries, classical) {
			if inClear(string(b), c) || bytes.Contains(b, utf16(c)) {
				rel, _ := filepath.Rel(folder, path)
				t.Errorf("%s: %s holds %q", what, rel, c)
			}
		}
		return nil
	})
	if err != nil || read == 0 {
		t.Fatalf("looking through %s: %d bytes, %v", what, read, err)
	}
}

func utf16(s string) []byte {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r), byte(r>>8))
	}
	return b
}

func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }
