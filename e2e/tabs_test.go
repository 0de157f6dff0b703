package e2e_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"

	"potli/app/vault"
	"potli/crypto/keyring"
)

// front brings a tab to the front: one behind another draws nothing.
func (p *page) front() *page {
	p.t.Helper()
	tell(p, cdppage.BringToFront, cdp.Empty{})
	return p
}

// sealed lists the names of the objects that lie in the wallet's database.
func (p *page) sealed() []string {
	p.t.Helper()
	return js[[]string](p, `(async () => {
		const done = r => new Promise((y, n) => { r.onsuccess = () => y(r.result); r.onerror = () => n(r.error); });
		const db = await done(indexedDB.open("potli"));
		const names = await done(db.transaction("blobs").objectStore("blobs").getAllKeys());
		db.close();
		return names;
	})()`)
}

// disk is a copy of all that lies in the wallet's database.
func (p *page) disk() vault.Blobs {
	p.t.Helper()
	b := vault.Memory()
	for names := range slices.Chunk(p.sealed(), 100) {
		got := js[map[string]string](p, `(async names => {
			const done = r => new Promise((y, n) => { r.onsuccess = () => y(r.result); r.onerror = () => n(r.error); });
			const db = await done(indexedDB.open("potli")), out = {};
			const store = db.transaction("blobs").objectStore("blobs");
			for (const name of names) out[name] = [await done(store.get(name))];
			db.close();
			for (const name of names) {
				const url = await new Promise(y => { const r = new FileReader(); r.onload = () => y(r.result); r.readAsDataURL(new Blob(out[name])); });
				out[name] = url.slice(url.indexOf(",") + 1);
			}
			return out;
		})(`+quoteAll(names)+`)`)
		batch := vault.Batch{Put: map[string][]byte{}}
		for name, text := range got {
			body, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				p.t.Fatal(err)
			}
			batch.Put[name] = body
		}
		if err := b.Commit(p.t.Context(), batch); err != nil {
			p.t.Fatal(err)
		}
	}
	return b
}

func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = strconv.Quote(n)
	}
	return "[" + strings.Join(quoted, ",") + "]"
}

// openDisk opens a copy of the database as the wallet would.
func openDisk(t testing.TB, b vault.Blobs, passphrase string) *vault.Vault {
	t.Helper()
	file, _, err := vault.UnlockFile(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := keyring.Unlock(file, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	r, err := vault.Ring(t.Context(), b, keys)
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.Context(), vault.Options{Blobs: b}, r, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// notes makes n documents that can be told from one another, and says what is in each.
func notes(t testing.TB, who string, n int) (files, bodies []string) {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		body := fmt.Sprintf(`{"resourceType":"AllergyIntolerance","id":"%s-%d","code":{"text":"%s number %d"},"patient":{"reference":"Patient/p"},"recordedDate":"2024-03-01"}`, who, i, who, i)
		path := filepath.Join(dir, fmt.Sprintf("%s_%04d.json", who, i))
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		files, bodies = append(files, path), append(bodies, body)
	}
	return files, bodies
}

// T30: two tabs of one profile write a thousand records each at the same time. None is
// missing, in either tab, in storage, or after a reload; and all of it verifies.
func TestT30_TwoTabs(t *testing.T) {
	t.Parallel()
	const each = 1000
	p := startPotli(t, "")
	b := newBrowser(t)
	first := b.open(t, p.App)
	passphrase := first.createWallet("Meera Sample")
	second := b.open(t, p.App)
	unlock(second, passphrase)
	filesA, want := notes(t, "first", each)
	filesB, more := notes(t, "second", each)
	want = append(want, more...)
	second.click(`nav a[href="/add"]`)
	second.there("#files")
	first.front().click(`nav a[href="/add"]`)
	first.there("#files")
	begin := time.Now()
	second.choose("#files", filesB...)
	first.choose("#files", filesA...)
	mixed, last := false, 0
	for deadline := time.Now().Add(12 * time.Minute); last < 2*each; time.Sleep(time.Second) {
		n := 0
		for _, name := range first.sealed() {
			if strings.HasPrefix(name, "rec/") {
				n++
			}
		}
		mixed = mixed || n > 100 && n < 2*each-100 && first.working() && second.working()
		if last = n; time.Now().After(deadline) {
			t.Fatalf("%d of %d records after %v", last, 2*each, time.Since(begin))
		}
	}
	t.Logf("FIGURE two tabs write %d records each at the same time: %v", each, time.Since(begin).Round(time.Second))
	if !mixed {
		t.Error("the two never wrote at the same time")
	}
	for _, tab := range []*page{first, second} {
		if got := tab.front().brought(); got != each {
			t.Errorf("%d of %d files are said to have come in", got, each)
		}
	}
	holds(t, first.disk(), passphrase, want)
	for _, tab := range []*page{first, second} {
		tab.quiet()
		tab.front().reload()
		tab.there("#passphrase")
		unlock(tab, passphrase)
	}
	for tab, word := range map[*page]string{first: "second number 999", second: "first number 999"} {
		tab.front().to("/")
		tab.write("#search", word)
		tab.sees(word)
	}
	holds(t, second.disk(), passphrase, want)
	first.quiet()
	second.quiet()
}

// working says whether an import goes on.
func (p *page) working() bool { p.t.Helper(); return js[bool](p, `!!document.querySelector("#work")`) }

// holds fails unless a copy of the database holds exactly the documents wanted, and
// nothing is known against it.
func holds(t *testing.T, b vault.Blobs, passphrase string, want []string) {
	t.Helper()
	v := openDisk(t, b, passphrase)
	if v.Rebuilt() || len(v.Faults()) > 0 {
		t.Errorf("rebuilt %v, faults %v", v.Rebuilt(), v.Faults())
	}
	got := map[string]bool{}
	for _, e := range v.Entries() {
		body, _, err := v.Original(t.Context(), e.ID())
		if err != nil {
			t.Error(err)
		}
		got[string(body)] = true
	}
	missing := 0
	for _, body := range want {
		if !got[body] {
			missing++
		}
	}
	if len(v.Entries()) != len(want) || missing > 0 {
		t.Errorf("%d records, want %d; %d are missing", len(v.Entries()), len(want), missing)
	}
	rows := 0
	for _, prefix := range []string{"rec/", "side/"} {
		names, err := b.List(t.Context(), prefix)
		if err != nil {
			t.Fatal(err)
		}
		rows += len(names)
	}
	if rows != len(want) {
		t.Errorf("%d sealed records, want %d", rows, len(want))
	}
}

// What is done in one tab is seen in the other; locked in one is locked in both; erased
// in one is gone in both, and nothing of it comes back.
func TestTabsAreOneWallet(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	b := newBrowser(t)
	first, second := b.open(t, p.App), b.open(t, p.App)
	second.there("#try")
	passphrase := first.front().createWallet("Meera Sample")
	second.front().there("#passphrase") // it was the welcome page
	unlock(second, passphrase)
	if got := first.front().bring(samples(t)...); got != 3 {
		t.Fatalf("%d of 3 files are in", got)
	}
	second.front().click(`nav a[href="/"]`)
	second.until("what came in in one tab is shown in the other", `new Set([...document.querySelectorAll("#timeline .group-head")].map(a => a.pathname)).size === 3`)
	if got := second.bring(fixture(t, "web", "sample", "meera_prescription.json")); got != 1 {
		t.Fatal("the other tab can not write")
	}
	first.front().click(`nav a[href="/"]`)
	first.until("and the reverse", `new Set([...document.querySelectorAll("#timeline .group-head")].map(a => a.pathname)).size === 4`)
	first.anew(func() { first.click("#lock") }, `document.querySelector("#passphrase")`)
	second.front().there("#passphrase")
	first.quiet()
	second.quiet()
	unlock(second, passphrase)
	unlock(first.front(), passphrase)
	first.click(`nav a[href="/"]`)
	first.until("all is there", `new Set([...document.querySelectorAll("#timeline .group-head")].map(a => a.pathname)).size === 4`)
	first.to("/settings/wipe")
	first.write("#wipe-word", sentence(t, "wipe.word"))
	first.anew(func() { first.click("#wipe-go") }, `document.querySelector("#try")`)
	second.front().there("#try")
	if rows := second.rows(); len(rows) != 0 {
		t.Errorf("left behind: %q", slices.Collect(maps.Keys(rows)))
	}
	second.quiet()
}

// A tab that was closed without a word keeps nobody from writing, and another does
// what it would have done.
func TestTabGoes(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	b := newBrowser(t)
	first := b.open(t, p.App)
	passphrase := first.createWallet("Meera Sample")
	second := b.open(t, p.App)
	unlock(second, passphrase)
	held := func(name string) int {
		return js[int](second, `navigator.locks.query().then(s => s.held.filter(l => l.name === `+strconv.Quote(name)+`).length)`)
	}
	eventually(t, "two tabs that take turns, and one that leads", func() bool { return held("vault-open") == 2 && held("vault-background") == 1 })
	first.do(chromedp.Navigate("about:blank"))
	eventually(t, "the other one leads", func() bool { return held("vault-open") == 1 && held("vault-background") == 1 })
	if got := second.front().bring(samples(t)...); got != 3 {
		t.Errorf("%d of 3 files are in", got)
	}
	second.quiet()
}

// A page of an earlier release keeps the lock for as long as it is open: beside it
// nothing is opened, as nothing would be safe (R6).
func TestBesideAnEarlierRelease(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	b := newBrowser(t)
	old := b.open(t, p.App+"/config.json")
	js[bool](old, `new Promise(y => navigator.locks.request("vault-write", () => { y(true); return new Promise(() => {}); }))`)
	w := b.open(t, p.App)
	w.sees(sentence(t, "elsewhere.text"))
	for _, path := range []string{"/create", "/restore", "/settings/wipe", "/add"} {
		w.visit(p.App + path)
		w.sees(sentence(t, "elsewhere.text"))
	}
	if rows := w.rows(); len(rows) != 0 {
		t.Errorf("something was written: %v", rows)
	}
	old.do(chromedp.Navigate("about:blank")) // closed
	w.front().press(sentence(t, "elsewhere.again"))
	w.there("#try")
	w.quiet()
}

// R6: somebody else wants to delete or upgrade the database. The wallet gives way at
// once, and finds its records again where they are still there.
func TestVersionChange(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	b := newBrowser(t)
	w := b.open(t, p.App)
	passphrase := w.createWallet("Meera Sample")
	// An upgrade that is undone: connections are closed for it all the same.
	got := js[string](w, `new Promise(y => {
		const r = indexedDB.open("potli", 7);
		r.onblocked = () => y("blocked");
		r.onupgradeneeded = () => r.transaction.abort();
		r.onerror = () => y("given way");
		r.onsuccess = () => y("upgraded");
	})`)
	if got != "given way" {
		t.Fatalf("another page wants the database: %s", got)
	}
	if got := w.bring(samples(t)...); got != 3 {
		t.Errorf("%d of 3 files are in afterwards", got)
	}
	w.reload()
	w.there("#passphrase")
	unlock(w, passphrase)
	w.click(`nav a[href="/"]`)
	w.until("three records are there", `new Set([...document.querySelectorAll("#timeline .group-head")].map(a => a.pathname)).size === 3`)
	// A later release has upgraded it: nothing is written, and that is said.
	js[bool](w, `new Promise((y, n) => { const r = indexedDB.open("potli", 8); r.onsuccess = () => { r.result.close(); y(true); }; r.onerror = n; r.onblocked = () => n("blocked"); })`)
	if got := w.bring(fixture(t, "web", "sample", "meera_prescription.json")); got != 0 {
		t.Errorf("%d files came into the database of a later release", got)
	}
	w.sees(sentence(t, "error.storage"))
	w.complaints() // the browser says of a refused version what it likes
}

// T31: the disk fills to the brim: everything that was said to be in is in, nothing is
// half written, and the vault verifies.
func TestT31_FullDisk(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	b := newBrowser(t)
	w := b.open(t, p.App)
	w.there("#try")
	js[bool](w, `navigator.serviceWorker.ready.then(() => true)`)
	quota := js[float64](w, `navigator.storage.estimate().then(e => e.usage)`) + 12_000_000
	tell(w, storage.OverrideQuotaForOrigin, storage.OverrideQuotaForOriginParams{Origin: p.App, QuotaSize: &quota})
	passphrase := w.createWallet("Meera Sample")
	other := b.open(t, p.App)
	unlock(other, passphrase)
	in := 0
	for i, size := range []int{8_000_000, 2_000_000, 200_000} {
		tab := []*page{w, other}[i%2].front() // both are on one disk
		for refused := false; !refused; {
			got := tab.bring(pdfOf(t, size))
			in, refused = in+got, got == 0
			if in > 200 {
				t.Fatal("the disk does not fill")
			}
		}
		tab.sees(sentence(t, "error.full"))
	}
	v := openDisk(t, w.disk(), passphrase)
	if len(v.Entries()) != in || len(v.Faults()) > 0 || v.Rebuilt() {
		t.Errorf("%d records, want %d; faults %v, rebuilt %v", len(v.Entries()), in, v.Faults(), v.Rebuilt())
	}
	tell(w, storage.OverrideQuotaForOrigin, storage.OverrideQuotaForOriginParams{Origin: p.App})
	if got := w.front().bring(samples(t)...); got != 3 {
		t.Errorf("with space again %d of 3 files are in", got)
	}
	w.quiet()
	other.quiet()
}
