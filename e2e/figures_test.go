package e2e_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"potli/app/fhir"
	"potli/app/share"
	"potli/crypto/jose"
	"potli/crypto/receipt"
	"potli/relay/loadtest"
	"potli/relay/storetest/postgres"
	"potli/relay/wire"
)

// figure is one line of what `make bench` prints.
type figure struct{ what, got, aim string }

type figures []figure

func (f *figures) add(what, got, aim string) { *f = append(*f, figure{what, got, aim}) }

func (f *figures) took(what string, d time.Duration, aim string) {
	f.add(what, d.Round(10*time.Millisecond).String(), aim)
}

func (f figures) print() {
	fmt.Printf("\n%-68s %-22s %s\n", "figure", "measured", "aim")
	for _, l := range f {
		fmt.Printf("%-68s %-64s %s\n", l.what, l.got, l.aim)
	}
	fmt.Println()
}

// TestFigures measures and judges nothing: times depend on the machine, and a
// test that fails on a busy one teaches people to look away. It prints the table.
func TestFigures(t *testing.T) {
	if os.Getenv("POTLI_BENCH") == "" {
		t.Skip("measured by make bench")
	}
	var f figures
	t.Cleanup(func() { f.print() })
	t.Run("sizes", func(t *testing.T) { sizes(t, &f) })
	t.Run("clinic", func(t *testing.T) { clinic(t, &f) })
	t.Run("start", func(t *testing.T) { starts(t, &f) })
	t.Run("wallet", func(t *testing.T) { work(t, &f) })
	t.Run("vault", func(t *testing.T) { vaults(t, &f) })
	t.Run("relay", func(t *testing.T) { load(t, &f) })
}

// --- sizes ---

func sizes(t *testing.T, f *figures) {
	app, viewer := os.DirFS(filepath.Join(built(t), "app")), os.DirFS(filepath.Join(built(t), "viewer"))
	all := read(t, app)
	for _, p := range []struct{ prefix, name, aim string }{{"web/app-", "to start", "<= 2.00 MB"}, {"web/rest-", "its rest", ""}} {
		br, gz := 0, 0
		for _, name := range part(all, p.prefix) {
			br, gz = br+size(t, app, name+".br"), gz+size(t, app, name+".gz")
		}
		f.add("wallet, wasm, "+p.name+", brotli", megabytes(br), p.aim)
		f.add("wallet, wasm, "+p.name+", gzip", megabytes(gz), "")
	}
	f.add("reader of codes, wasm, brotli", megabytes(size(t, app, "web/scanner.wasm.br")), "<= 1.00 MB")
	first := 0
	err := fs.WalkDir(app, ".", func(p string, d fs.DirEntry, err error) error {
		if ext := filepath.Ext(p); ext == ".css" || slices.Contains([]string{"index.html", "boot.js", "shell.js", "alarm.js", "rest.js", "store.js", "wasm_exec.js"}, p) {
			first += sent(t, app, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	f.add("wallet, page, styles and scripts before the wasm, brotli", kilobytes(first), "<= 60 KB")
	whole := 0
	err = fs.WalkDir(viewer, ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(p) != ".br" && filepath.Ext(p) != ".gz" {
			whole += sent(t, viewer, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	f.add("clinic's page, every file, brotli", kilobytes(whole), "<= 40 KB")
}

func size(t *testing.T, fsys fs.FS, name string) int {
	t.Helper()
	info, err := fs.Stat(fsys, name)
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Size())
}

// sent is what travels of a file.
func sent(t *testing.T, fsys fs.FS, name string) int {
	t.Helper()
	if _, err := fs.Stat(fsys, name+".br"); err == nil {
		return size(t, fsys, name+".br")
	}
	return size(t, fsys, name)
}

func megabytes(n int) string { return strconv.FormatFloat(float64(n)/1e6, 'f', 2, 64) + " MB" }
func kilobytes(n int) string { return strconv.FormatFloat(float64(n)/1e3, 'f', 1, 64) + " KB" }

// --- a slow phone on a slow network ---

const slow = ", slow 4G and CPU / 4"

// slowly makes a tab as slow as a cheap phone on 1.6 Mb/s with 150 ms.
func (p *page) slowly() {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 4}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Latency: 150, DownloadThroughput: 1.6e6 / 8, UploadThroughput: 750e3 / 8}},
		})
		return err
	}))
}

func since(begun time.Time, wait func()) time.Duration { wait(); return time.Since(begun) }

// creation is the request that puts one file on the relay, as the wallet makes
// it, with the link's id and key.
func creation(t *testing.T, app, at, flag string, file []byte) (r *http.Request, id string, key []byte) {
	t.Helper()
	token := b64(random())
	id, key = b64(random()), random()
	body, err := jose.Encrypt(key, wire.ContentTypeFHIR, file, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, public, err := receipt.Generate()
	if err != nil {
		t.Fatal(err)
	}
	hashed := sha256.Sum256([]byte(token))
	create, err := json.Marshal(wire.Create{
		Token: b64(hashed[:]), Flag: flag, Life: 3600, Uses: wire.MaxUses,
		ReceiptKey: b64(public), File: wire.File{ContentType: wire.ContentTypeFHIR, JWE: body},
	})
	if err != nil {
		t.Fatal(err)
	}
	if r, err = http.NewRequest(http.MethodPut, at+wire.ControlPath+id, bytes.NewReader(create)); err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("If-None-Match", "*")
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", app)
	return r, id, key
}

// shared puts one file on the running relay and returns the link.
func shared(t *testing.T, p *potli, file []byte) string {
	t.Helper()
	r, id, key := creation(t, p.App, p.Relay, "U", file)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusCreated {
		t.Fatalf("the relay answered %d %s", resp.StatusCode, text)
	}
	return p.Viewer + "/#" + share.Link{URL: p.Relay + wire.LinkPath + id, Key: key, Flag: "U"}.String()
}

func random() []byte {
	b := make([]byte, 32)
	rand.Read(b)
	return b
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func clinic(t *testing.T, f *figures) {
	p := startPotli(t, "")
	file, err := os.ReadFile(ips(t))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := fhir.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	allergy := firstOf(t, parsed.Outline(), fhir.KindAllergy)
	c := newBrowser(t).open(t, "")
	c.slowly()
	link := shared(t, p, file)
	begun := time.Now()
	go chromedp.Do(c.ctx, chromedp.Navigate(link))
	asked := since(begun, func() { c.until("the page asks who reads", `document.querySelector("#reader") !== null`) })
	f.took("clinic's page, cold, until it asks who reads"+slow, asked, "")
	c.write("#reader", reader)
	begun = time.Now()
	c.press("Open the record")
	opened := since(begun, func() { c.sees(allergy) })
	f.took("clinic's page, from the tap to the record ("+kilobytes(len(file))+")"+slow, opened, "")
	f.took("clinic's page, cold, both together", asked+opened, "<= 3 s")
}

// --- the wallet ---

func starts(t *testing.T, f *figures) {
	p := startPotli(t, "")
	w := newBrowser(t).open(t, "")
	w.slowly()
	begun := time.Now()
	go chromedp.Do(w.ctx, chromedp.Navigate(p.App))
	f.took("wallet, first visit, until words and progress"+slow, since(begun, func() { w.until("the shell speaks", `!!document.querySelector("#shell p")`) }), "")
	f.took("wallet, first visit, until it can be used"+slow, since(begun, func() { w.sees("Create my wallet") }), "")

	js[bool](w, `navigator.serviceWorker.ready.then(() => true)`)
	p.stop(t)
	f.took("wallet, later visit, offline, until it can be used, CPU / 4", since(time.Now(), func() {
		w.anew(func() { go chromedp.Do(w.ctx, chromedp.Reload()) }, `document.body.innerText.includes("Create my wallet")`)
	}), "<= 2.5 s")
}

// watchGaps measures the longest time the page's thread stood still.
const watchGaps = `(() => {
	globalThis.longestGap = 0;
	let last = performance.now();
	clearInterval(globalThis.gapTimer);
	globalThis.gapTimer = setInterval(() => {
		const now = performance.now();
		globalThis.longestGap = Math.max(globalThis.longestGap, now - last);
		last = now;
	}, 4);
	return true;
})()`

func (p *page) longestGap() time.Duration {
	return time.Duration(js[float64](p, `globalThis.longestGap`) * float64(time.Millisecond))
}

func work(t *testing.T, f *figures) {
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	passphrase := w.createWallet("Meera Sample")
	large := filepath.Join(t.TempDir(), "large.json")
	bundle := largeBundle()
	if err := os.WriteFile(large, bundle, 0o600); err != nil {
		t.Fatal(err)
	}
	w.click(`a[href="/add"]`)
	w.there("#files")
	js[bool](w, watchGaps)
	begun := time.Now()
	w.choose("#files", large)
	f.took("import of a bundle of "+megabytes(len(bundle)), since(begun, func() { w.there("#report .report-in") }), "")
	f.took("  longest time the page stood still", w.longestGap(), "<= 50 ms")

	w.anew(func() { w.click("#lock") }, `document.querySelector("#passphrase")`)
	w.write("#passphrase", passphrase)
	if typed := js[string](w, `document.querySelector("#passphrase").value`); typed != passphrase {
		t.Fatalf("typed %q, the field holds %q", passphrase, typed)
	}
	js[bool](w, watchGaps)
	begun = time.Now()
	w.click("#unlock")
	f.took("unlock by passphrase (scrypt, logN 17)", since(begun, func() { w.there("#counter") }), "")
	f.took("  longest time the page stood still", w.longestGap(), "<= 50 ms")
}

// largeBundle is 1.5 MB of synthetic laboratory results.
func largeBundle() []byte {
	var b bytes.Buffer
	b.WriteString(`{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","id":"p","name":[{"text":"Meera Sample"}],"birthDate":"1984-05-06"}}`)
	for i := 0; b.Len() < 1_500_000; i++ {
		fmt.Fprintf(&b, `,{"fullUrl":"urn:uuid:00000000-0000-4000-8000-%012d","resource":{"resourceType":"Observation","id":"o%d","status":"final",`+
			`"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],`+
			`"code":{"coding":[{"system":"http://loinc.org","code":"718-7","display":"Hemoglobin [Mass/volume] in Blood"}],"text":"Hemoglobin"},`+
			`"subject":{"reference":"Patient/p"},"effectiveDateTime":"20%02d-%02d-%02d","valueQuantity":{"value":%d.%d,"unit":"g/dL","system":"http://unitsofmeasure.org","code":"g/dL"}}}`,
			i, i, 10+i%16, 1+i%12, 1+i%28, 9+i%7, i%10)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

// --- the relay ---

// load measures the real binary over every store it knows, with 100,000 live
// links. Readers come from many networks, as through a proxy, so that the rate
// limit, which stays on for them, does not measure itself.
func load(t *testing.T, f *figures) {
	t.Run("SQLite", func(t *testing.T) {
		f.relay(t, "SQLite", startPotli(t, "", "-proxy", "-rate", "300/0"))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		server := postgres.Start(t)
		f.relay(t, "PostgreSQL", startPotli(t, "", "-proxy", "-rate", "300/0", "-store", server.Database(t)), server.PID())
	})
}

// aims are those of one process with its own file, on two processors.
var aims = map[string]string{
	loadtest.GetAgain: ">= 10,000/s", loadtest.GetNew: ">= 3,000/s", loadtest.PostAgain: ">= 5,000/s",
}

// relay adds the figures of a relay, for which other processes may be working.
func (f *figures) relay(t *testing.T, engine string, p *potli, also ...int) {
	report, err := loadtest.Target{
		Name: engine, Base: p.Relay, Processes: append([]int{p.cmd.Process.Pid}, also...), Self: os.Getpid(), Now: time.Now,
		Links: 100_000, Clients: 32, Each: 10 * time.Second, More: 200_000,
	}.Run()
	if err != nil {
		t.Error(err)
	}
	aim := func(text string) string {
		if engine == "SQLite" {
			return text
		}
		return ""
	}
	for _, row := range report.Rows {
		f.add(engine+": "+row.What, row.String(), aim(aims[row.What]))
		f.add("  bound by", row.Bound(), "")
	}
	f.add(engine+": memory of the relay at rest", megabytes(int(report.AtRest)), "")
	f.add(engine+": memory of the relay with 100,000 live links", megabytes(int(report.Filled)), aim("<= 120 MB"))
	f.add(engine+": growth of it over the many requests", megabytes(int(report.Grown)), "")
	f.add(engine+": the most it ever was (passcodes take 16 MiB each)", megabytes(int(report.Peak)), "")
}
