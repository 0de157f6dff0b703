package e2e_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"

	"potli/e2e/agecli"
)

// catalogue is the English catalogue: a text, or its plural forms, by key.
func catalogue(t testing.TB) map[string]any {
	t.Helper()
	b, err := os.ReadFile(fixture(t, "web", "messages", "en.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// sentence is a message of the English catalogue.
func sentence(t testing.TB, key string) string {
	t.Helper()
	s, ok := catalogue(t)[key].(string)
	if !ok {
		t.Fatalf("no sentence %q", key)
	}
	return s
}

// rows lists what lies in the wallet's database: names with a digest of each
// value. A database that is not there is not made by looking.
func (p *page) rows() map[string]string {
	p.t.Helper()
	return js[map[string]string](p, `(async () => {
		if (!(await indexedDB.databases()).some(d => d.name === "potli")) return {};
		const done = r => new Promise((y, n) => { r.onsuccess = () => y(r.result); r.onerror = () => n(r.error); });
		const db = await done(indexedDB.open("potli")), out = {};
		for (const name of db.objectStoreNames) {
			const store = db.transaction(name).objectStore(name);
			const [keys, values] = [await done(store.getAllKeys()), await done(store.getAll())];
			for (let i = 0; i < keys.length; i++)
				out[keys[i]] = [...new Uint8Array(await crypto.subtle.digest("SHA-256", values[i]))].map(b => b.toString(16).padStart(2, "0")).join("");
		}
		db.close();
		return out;
	})()`)
}

// records counts the sealed records among rows, restored ones too.
func records(rows map[string]string) (n int) {
	for name := range rows {
		if strings.HasPrefix(name, "rec/") || strings.HasPrefix(name, "side/") {
			n++
		}
	}
	return n
}

// clear deletes the database as the browser does when it wants its space back:
// nobody is asked.
func (p *page) clear() {
	p.t.Helper()
	js[bool](p, `new Promise((y, n) => { const r = indexedDB.deleteDatabase("potli"); r.onsuccess = () => y(true); r.onerror = n; r.onblocked = () => n("blocked"); })`)
}

// bring imports files by the page and says how many are in.
func (p *page) bring(files ...string) int {
	p.t.Helper()
	p.click(`nav a[href="/add"]`)
	p.until("files can be chosen", `!!document.querySelector("#files")`)
	if js[bool](p, `!!document.querySelector("#report-close")`) {
		p.click("#report-close")
		p.gone("#report")
	}
	p.choose("#files", files...)
	return p.brought()
}

func samples(t testing.TB) []string {
	return []string{
		fixture(t, "web", "sample", "meera_consultation.json"), fixture(t, "web", "sample", "sample_eye_report.pdf"),
		fixture(t, "web", "sample", "sample_vaccination_card.jpg"),
	}
}

// What the browser erased is said to be gone; nobody is offered an empty wallet
// as if there had never been one (O1).
func TestTheBrowserErasedTheRecords(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.createWallet("Meera Sample")
	if got := w.bring(samples(t)...); got != 3 {
		t.Fatalf("%d of 3 files are in", got)
	}
	w.clear() // behind an open wallet
	if got := w.bring(fixture(t, "web", "sample", "meera_prescription.json")); got != 0 {
		t.Errorf("%d files came into a storage that is gone", got)
	}
	w.sees(sentence(t, "error.storage"))
	if rows := w.rows(); len(rows) != 0 {
		t.Errorf("an empty wallet was begun: %v", rows)
	}
	for _, path := range []string{"/", "/create", "/add", "/shared"} {
		w.visit(p.App + path)
		w.sees(sentence(t, "cleared.title"))
		w.sees(sentence(t, "cleared.restore"))
	}
	if rows := w.rows(); len(rows) != 0 {
		t.Errorf("an empty wallet was begun: %v", rows)
	}
	w.press(sentence(t, "cleared.fresh"))
	w.sees(sentence(t, "cleared.sure"))
	w.press(sentence(t, "action.back"))
	w.reload()
	w.sees(sentence(t, "cleared.title"))
	w.press(sentence(t, "cleared.fresh"))
	w.press(sentence(t, "cleared.yes"))
	w.there("#try")
}

func TestDeleteAndTakeItBack(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	passphrase := w.createWallet("Meera Sample")
	w.bring(samples(t)...)
	before := w.rows()
	if records(before) != 3 {
		t.Fatalf("%d records are stored, want 3: %v", records(before), before)
	}
	remove := func() (path string) {
		t.Helper()
		w.click(`nav a[href="/"]`)
		w.click("#timeline .kind-photo")
		w.there("#delete")
		path = js[string](w, `location.pathname`)
		w.deleteRecord()
		w.until("it is off the timeline", `!!document.querySelector("#timeline") && !document.querySelector("#timeline .kind-photo")`)
		return path
	}
	remove()
	if records(w.rows()) != 3 {
		t.Error("it left the storage while it could still be taken back")
	}
	w.press(sentence(t, "action.undo"))
	w.gone("#undo")
	w.until("it is back", `!!document.querySelector("#timeline .kind-photo")`)

	path := remove()
	w.gone("#undo")
	eventually(t, "it is gone from the storage", func() bool { return records(w.rows()) == 2 })
	id := strings.TrimPrefix(path, "/record/")
	for name := range w.rows() {
		if strings.Contains(name, id) {
			t.Errorf("%s is still stored", name)
		}
	}
	w.to(path)
	w.sees(sentence(t, "error.no-record"))

	// Somebody who closes the page at once has deleted all the same.
	w.click(`nav a[href="/"]`)
	w.click(`#timeline .group-head`)
	w.deleteRecord()
	w.visit(p.App)
	w.there("#passphrase")
	unlock(w, passphrase)
	w.until("one record is left", `document.querySelectorAll("#timeline .group").length === 1`)
	eventually(t, "the closed page's deletion is done", func() bool { return records(w.rows()) == 1 })
	w.quiet()
}

// pdfOf makes a PDF of about n bytes that does not shrink.
func pdfOf(t testing.TB, n int) string {
	t.Helper()
	noise := make([]byte, n/2)
	rand.Read(noise)
	path := filepath.Join(t.TempDir(), fmt.Sprintf("scan_%d.pdf", n))
	body := "%PDF-1.4\n% " + hex.EncodeToString(noise) + "\nstartxref\n0\n%%EOF\n"
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A full disk is said in words, and what was there stays.
func TestNoSpaceLeft(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.there("#try")
	js[bool](w, `navigator.serviceWorker.ready.then(() => true)`)
	// Set before the first write: Chromium remembers for half a minute how much space there was.
	quota := js[float64](w, `navigator.storage.estimate().then(e => e.usage)`) + 12_000_000
	tell(w, storage.OverrideQuotaForOrigin, storage.OverrideQuotaForOriginParams{Origin: p.App, QuotaSize: &quota})
	passphrase := w.createWallet("Meera Sample")
	if got := w.bring(samples(t)...); got != 3 {
		t.Fatalf("%d of 3 files are in", got)
	}
	before := w.rows()
	large, small := pdfOf(t, 12_000_000), fixture(t, "web", "sample", "meera_prescription.json")
	if got := w.bring(large, small); got != 1 {
		t.Errorf("%d of a large and a small file came in, want the small one", got)
	}
	w.sees(sentence(t, "error.full"))
	after := w.rows()
	for name, digest := range before {
		if strings.HasPrefix(name, "rec/") && after[name] != digest {
			t.Errorf("%s changed when the disk was full", name)
		}
	}
	if records(after) != 4 {
		t.Errorf("%d records, want the 3 of before and the small one", records(after))
	}
	w.reload()
	w.there("#passphrase")
	unlock(w, passphrase)
	w.click(`nav a[href="/"]`)
	w.until("four records are there", `new Set([...document.querySelectorAll("#timeline .group-head")].map(a => a.pathname)).size === 4`)
	w.click("#timeline .kind-photo")
	w.until("the photo is drawn", `[...document.querySelectorAll("main img")].some(i => i.naturalWidth > 0)`)
	tell(w, storage.OverrideQuotaForOrigin, storage.OverrideQuotaForOriginParams{Origin: p.App})
	if got := w.bring(large); got != 1 {
		t.Error("with space again it still does not come in")
	}
	w.quiet()
}

// O2: a page of the wallet opens without any network, wherever it was left.
func TestDeepRoutesOffline(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	b := newBrowser(t)
	w := b.open(t, p.App)
	passphrase := w.createWallet("Meera Sample")
	w.bring(samples(t)...)
	w.click("#report .report-in")
	w.there(".section .view")
	record := js[string](w, `location.pathname`)
	title := js[string](w, `document.querySelector("#title").textContent`)
	js[bool](w, `navigator.serviceWorker.ready.then(() => true)`)
	w.to("/send")
	w.write("#for", "City Clinic")
	w.click("#send-go")
	w.there("#countdown")
	code := js[string](w, `location.pathname`)
	p.stop(t)
	for path, words := range map[string]string{
		record: title, "/shared": "City Clinic", code: "City Clinic", strings.Replace(code, "/code/", "/shared/", 1): "City Clinic",
		"/settings/backup": sentence(t, "backup.title"), "/add": sentence(t, "add.title"), "/show": title, "/no-such-page": title,
	} {
		w.visit(p.App + path)
		w.there("#passphrase")
		w.write("#passphrase", passphrase)
		w.click("#unlock")
		w.gone("#passphrase")
		if at := js[string](w, `location.pathname`); at != path {
			t.Errorf("left at %s, opened at %s", path, at)
		}
		if path == code {
			w.there("#countdown") // a code is drawn from the ledger alone (Q6)
			continue
		}
		if path == "/show" {
			w.there("#preview .tick-row")
			continue
		}
		w.sees(words)
	}
}

// downloads makes the browser save files into a folder without asking.
func (p *page) downloads() string {
	p.t.Helper()
	dir := p.t.TempDir()
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.CallBrowser(ctx, cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
			Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir,
		})
		return err
	}))
	return dir
}

// saved waits for one more file in a folder.
func saved(t testing.TB, dir, pattern string) string {
	t.Helper()
	var found []string
	eventually(t, pattern+" is saved", func() bool {
		found, _ = filepath.Glob(filepath.Join(dir, pattern))
		unfinished, _ := filepath.Glob(filepath.Join(dir, "*.crdownload"))
		return len(found) == 1 && len(unfinished) == 0
	})
	return found[0]
}

// saves presses what saves a file, and again where a picture that was just coming in
// has moved it from under the finger.
func (p *page) saves(css, dir, pattern string) string {
	p.t.Helper()
	for range 3 {
		p.click(css)
		for range 100 {
			if found, _ := filepath.Glob(filepath.Join(dir, pattern)); len(found) > 0 {
				return saved(p.t, dir, pattern)
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	return saved(p.t, dir, pattern)
}

// fill sets a field of several lines, as a paste does.
func (p *page) fill(css, text string) {
	p.t.Helper()
	p.there(css)
	js[bool](p, `(e => { e.value = `+mustJSON(text)+`; return e.dispatchEvent(new Event("input", {bubbles: true})); })(document.querySelector(`+quote(css)+`))`)
}

// Everything comes out as one file that the stock tool opens with the text that
// the wallet shows, and that file makes the wallet again elsewhere.
func TestTheWayOut(t *testing.T) {
	t.Parallel()
	age := agecli.Path(t)
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	passphrase := w.createWallet("Meera Sample")
	files := append(samples(t), pdfOf(t, 300_000))
	if got := w.bring(files...); got != len(files) {
		t.Fatalf("%d of %d files are in", got, len(files))
	}
	dir := w.downloads()

	// The recovery kit, for those alone who know the words.
	w.anew(func() { w.click("#lock") }, `document.querySelector("#passphrase")`)
	unlock(w, passphrase)
	w.to("/settings/recovery/kit")
	w.write("#passphrase", "not these words")
	w.click("#kit-make")
	w.sees(sentence(t, "error.passphrase"))
	w.empty("#passphrase")
	w.write("#passphrase", passphrase)
	w.click("#kit-make")
	recovery := w.kitCode()
	if !strings.Contains(recovery, "AGE-SECRET-KEY-PQ-1") {
		t.Fatal("the kit holds no identity of age")
	}
	w.to("/settings")
	if strings.Contains(js[string](w, `document.documentElement.outerHTML`), "AGE-SECRET-KEY") {
		t.Error("the kit stays on the page")
	}

	// One record as it came.
	w.to("/")
	w.click("#timeline .kind-photo")
	original, err := os.ReadFile(w.saves("#original", dir, "*.jpg"))
	if want, _ := os.ReadFile(files[2]); err != nil || !bytes.Equal(original, want) {
		t.Errorf("the photo is not what came in: %v", err)
	}

	// Everything, opened without Potli.
	w.to("/settings/backup")
	w.click("#export-go")
	backup := saved(t, dir, "potli-*.age")
	w.sees(filepath.Base(backup))
	key := filepath.Join(dir, "recovery.txt")
	if err := os.WriteFile(key, []byte(recovery), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(age, "-d", "-i", key, backup)
	cmd.Stderr = os.Stderr
	opened, err := cmd.Output()
	if err != nil {
		t.Fatalf("age -d -i recovery.txt: %v", err)
	}
	zipped, err := zip.NewReader(bytes.NewReader(opened), int64(len(opened)))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range zipped.File {
		if strings.HasPrefix(f.Name, "records/") {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, fmt.Sprintf("%x", sha256.Sum256(body)))
		}
	}
	slices.Sort(out)
	if want := digests(t, files); !slices.Equal(out, want) {
		t.Errorf("%d originals came out, want the %d that went in, byte for byte", len(out), len(want))
	}

	// What is damaged is refused in words, and changes nothing.
	restored := newBrowser(t).open(t, p.App)
	restored.press(sentence(t, "welcome.restore"))
	restored.fill("#recovery", recovery)
	restored.click("#suggest")
	words := strings.Join(restored.words(), "-")
	whole, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 1
	for name, bad := range map[string][]byte{"flipped.age": flipped, "cut.age": whole[:len(whole)-1000], "empty.age": nil, "photo.age": original} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		restored.choose("#backup-file", path)
		restored.sees(name)
		restored.gone("#fault") // of the one before
		restored.click("#restore-go")
		restored.there("#fault")
		if got := js[string](restored, `document.querySelector("#fault").innerText.trim()`); got == sentence(t, "error.other") || got == "" {
			t.Errorf("%s: the page says only %q", name, got)
		} else {
			t.Logf("%s: %s", name, got)
		}
		if rows := restored.rows(); len(rows) != 0 {
			t.Errorf("%s left something behind: %d rows", name, len(rows))
		}
	}
	restored.fill("#recovery", strings.ToLower(recovery[:len(recovery)/2]))
	restored.choose("#backup-file", backup)
	restored.sees(filepath.Base(backup))
	restored.click("#restore-go")
	restored.sees(sentence(t, "error.kit-mistyped"))

	// And the whole one makes the wallet again.
	restored.fill("#recovery", recovery)
	restored.click("#restore-go")
	restored.there("#counter")
	restored.sees("Meera Sample")
	if got := records(restored.rows()); got != len(files) {
		t.Errorf("%d records are stored, want %d", got, len(files))
	}
	restored.anew(func() { restored.click("#lock") }, `document.querySelector("#passphrase")`)
	unlock(restored, words)
	again := restored.downloads()
	restored.to("/")
	restored.click("#timeline .kind-photo")
	if got, err := os.ReadFile(restored.saves("#original", again, "*.jpg")); err != nil || !bytes.Equal(got, original) {
		t.Errorf("the photo is not the one that went in: %v", err)
	}

	// Brought in once more, nothing is doubled.
	restored.to("/settings/backup")
	restored.choose("#backup-file", backup)
	restored.click("#restore-go")
	restored.sees("0 records were added")
	if got := records(restored.rows()); got != len(files) {
		t.Errorf("%d records after a second restore, want %d", got, len(files))
	}
	restored.quiet()
	w.quiet()
}

// digests are those of files, sorted.
func digests(t testing.TB, files []string) []string {
	t.Helper()
	var list []string
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprintf("%x", sha256.Sum256(b)))
	}
	slices.Sort(list)
	return list
}
