package e2e_test

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// recorder is what the browser itself says of a tab's traffic. What it sends by itself to ask whether it may send
// (preflight) is apart.
type recorder struct {
	mu   sync.Mutex // owns what follows
	sent map[network.RequestID]*request
}

type request struct {
	method, url string
	out, in     int
}

func recorded(t testing.TB, p *page) *recorder {
	t.Helper()
	r := &recorder{sent: map[network.RequestID]*request{}}
	if err := chromedp.Listen(p.ctx, r.hear); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *recorder) hear(ev any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		if ev.Type == network.ResourceTypePreflight || ev.Request.Method == "OPTIONS" {
			return
		}
		q := &request{method: ev.Request.Method, url: ev.Request.URL}
		q.out = len(q.method) + len(q.url)
		for _, e := range ev.Request.PostDataEntries {
			q.out += len(e.Bytes)
		}
		r.sent[ev.RequestID] = q
	case *network.EventWebSocketCreated:
		r.sent[ev.RequestID] = &request{method: "GET", url: ev.URL, out: len(ev.URL)}
	case *network.EventDataReceived:
		if q := r.sent[ev.RequestID]; q != nil {
			q.in += int(ev.DataLength)
		}
	case *network.EventWebSocketFrameReceived:
		if q := r.sent[ev.RequestID]; q != nil && ev.Response != nil {
			q.in += len(ev.Response.PayloadData)
		}
	}
}

// to are the requests to an origin so far, and how many bytes went and came.
func (r *recorder) to(origin string) (n, out, in int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, host, _ := strings.Cut(origin, "://")
	for _, q := range r.sent {
		if u, err := url.Parse(q.url); err == nil && u.Host == host {
			n, out, in = n+1, out+q.out, in+q.in
		}
	}
	return n, out, in
}

// String lists them, for when something is wrong.
func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []string
	for id, q := range r.sent {
		all = append(all, fmt.Sprint(id, " ", *q))
	}
	return strings.Join(all, "\n")
}

// hosts are all that were asked.
func (r *recorder) hosts() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := map[string]bool{}
	for _, q := range r.sent {
		if u, err := url.Parse(q.url); err == nil && u.Host != "" {
			all[u.Host] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// account is what the page says has left, by its own words.
type account struct {
	n, lines, out, in int
	hosts             map[string]bool
	reasons           map[string]int
}

var (
	timesOf = regexp.MustCompile(`(?m)^([\d,]+) times?$`)
	sizesOf = regexp.MustCompile(`(?m)^([\d.,]+) (B|bytes?|KB|MB) went out, ([\d.,]+) (B|bytes?|KB|MB) came in\.$`)
	hostOf  = regexp.MustCompile(`(?m), to (\S+)$`)
)

func number(t testing.TB, n, unit string) int {
	f, err := strconv.ParseFloat(strings.ReplaceAll(n, ",", ""), 64)
	if err != nil {
		t.Fatal(err)
	}
	return int(f * map[string]float64{"": 1, "B": 1, "byte": 1, "bytes": 1, "KB": 1e3, "MB": 1e6}[unit])
}

// account reads the page of today's sums.
func (p *page) account() account {
	p.t.Helper()
	p.to("/settings")
	p.to("/settings/left")
	p.there("#left-day")
	day := js[string](p, `document.querySelector("#left-day").options[1]?.value ?? ""`)
	a := account{hosts: map[string]bool{}, reasons: map[string]int{}}
	if day == "" {
		return a
	}
	p.pick("#left-day", day)
	p.until("the sums of the day are there", `document.querySelector("#left-list") && !document.querySelector("#left-more")`)
	for _, line := range js[[]string](p, `[...document.querySelectorAll("#left-list li")].map(li => [...li.querySelectorAll("p")].map(e => e.textContent).join("\n"))`) {
		times, sizes, host := timesOf.FindStringSubmatch(line), sizesOf.FindStringSubmatch(line), hostOf.FindStringSubmatch(line)
		if times == nil || sizes == nil || host == nil {
			p.t.Fatalf("a line that says too little: %q", line)
		}
		why, _, _ := strings.Cut(line, "\n")
		n := number(p.t, times[1], "")
		a.n, a.lines, a.reasons[why], a.hosts[host[1]] = a.n+n, a.lines+1, n, true
		a.out += number(p.t, sizes[1], sizes[2])
		a.in += number(p.t, sizes[3], sizes[4])
	}
	return a
}

// headers is how much of a request the account and the browser may count otherwise: our own headers are in the one, and
// what the browser makes of them in the other.
const headers = 1200

// agrees says where the account and the record differ; "" where they do not.
func (a account) agrees(r *recorder, relay string) string {
	n, out, in := r.to(relay)
	round := a.lines * 500 // sizes are told in whole kilobytes
	_, host, _ := strings.Cut(relay, "://")
	switch {
	case a.n != n:
		return fmt.Sprintf("%d requests in the account, %d were sent: %v, %v", a.n, n, a.reasons, r)
	case len(a.hosts) != 1 || !a.hosts[host]:
		return fmt.Sprintf("the account names %v", a.hosts)
	case a.out < out-round || a.out > out+round+n*headers:
		return fmt.Sprintf("%d bytes out in the account, %d were sent", a.out, out)
	case a.in < in-round || a.in > in+round:
		return fmt.Sprintf("%d bytes in by the account, %d came", a.in, in)
	}
	return ""
}

// accounted waits until the account is what was recorded: some of it may be on its way while it is read.
func (p *page) accounted(r *recorder, relay string) account {
	p.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		a := p.account()
		fault := a.agrees(r, relay)
		if fault == "" {
			return a
		}
		if time.Now().After(deadline) {
			p.t.Fatal(fault)
		}
	}
}

// TestO6_WhatLeftThisPhone: what the page lists is what the browser recorded, over a link that is made, opened and taken
// back, a code to receive, and a second phone; no other host is asked (O3). Then what a shared phone needs (F7).
func TestO6_WhatLeftThisPhone(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, "")
	sent := recorded(t, w)
	w.wear(looks[0])
	w.visit(p.App + "/privacy")
	w.sees(sentence(t, "privacy.relay-2")) // before there is any wallet
	w.to("/")
	passphrase := w.createWallet("Meera Sample")
	w.bring(samples(t)...)
	w.to("/settings/left")
	w.sees(sentence(t, "left.nowhere"))
	if n, _, _ := sent.to(p.Relay); n != 0 {
		t.Errorf("a wallet that shares nothing has asked the relay %d times", n)
	}

	w.to("/send")
	w.write("#for", "City Clinic")
	w.click("#send-go")
	w.there("#countdown")
	link := decodeQR(t, w)
	covered(w)
	w.click("#code-close")
	w.to("/receive")
	w.fill("#link", link)
	w.click("main form button[type=submit]")
	w.there("#recipient")
	w.empty("#recipient")
	w.write("#recipient", "somebody")
	w.click("#receive-open")
	w.until("it is opened", `location.pathname !== "/receive"`)
	w.accounted(sent, p.Relay)
	w.to("/shared")
	w.click(".ledger-link")
	w.click("#revoke")
	w.click("#revoke-yes")
	w.sees("Taken back")
	w.to("/drop")
	w.click("#drop-go")
	w.there("svg.code")
	secondPhone(w, p, passphrase)
	a := w.accounted(sent, p.Relay)
	for deadline := time.Now().Add(20 * time.Second); a.reasons[sentence(t, "left.reason.sync")] == 0 && time.Now().Before(deadline); {
		a = w.accounted(sent, p.Relay)
	}
	for _, why := range []string{"link-make", "link-open", "link-end", "link-look", "drop-make", "pair", "sync", "live"} {
		if a.reasons[sentence(t, "left.reason."+why)] == 0 {
			t.Errorf("nothing is in the account for %q: %v", why, a.reasons)
		}
	}
	t.Logf("%d requests, %d bytes out, %d in: %v", a.n, a.out, a.in, a.reasons)
	for _, host := range sent.hosts() {
		if u := "http://" + host; u != p.App && u != p.Relay && u != p.Viewer {
			t.Errorf("%s was asked", host)
		}
	}
	w.sent(t, []string{"Meera", "City Clinic", passphrase})

	// It outlives the lock, and can be cleared.
	w.anew(func() { w.do(chromedp.KeyEvent("l", chromedp.KeyModifiers(chromedp.ModifierAlt))) }, `document.querySelector("#passphrase")`)
	unlock(w, passphrase)
	w.accounted(sent, p.Relay)
	storageHas(t, w, []string{`"r":"link-make"`, `"r":"drop-make"`})
	if !slices.Contains(w.sealed(), "traffic") {
		t.Error("the account is not in storage")
	}
	inClearLies(t, w)
	dir := w.downloads()
	w.pick("#left-reason", "link-make")
	w.until("one reason is left", `[...document.querySelectorAll("#left-list .given-name")].every(e => e.textContent === `+quote(sentence(t, "left.reason.link-make"))+`)`)
	w.click("#left-save")
	text, err := os.ReadFile(saved(t, dir, "potli-left-*.txt"))
	for _, want := range []string{sentence(t, "left.reason.link-make"), strings.TrimPrefix(p.Relay, "http://"), sentence(t, "left.itself-push")} {
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("the text that is saved does not say %q: %v", want, err)
		}
	}
	if strings.Contains(string(text), sentence(t, "left.reason.drop-make")) {
		t.Error("the text has what was left out on the page")
	}
	w.click("#left-clear")
	w.click("#left-clear-yes")
	w.there("#left-cleared")
	w.quiet()
}

// inClearMay lists by name all that may lie on a device unsealed, and what it may say. What is not here and is found fails:
// whoever keeps something new beside the vault has to say here what it tells to somebody who takes the phone.
var inClearMay = map[string]*regexp.Regexp{
	"local potli.language":        regexp.MustCompile(`^[a-z]{2,3}$`),
	"local potli.sentinel":        regexp.MustCompile(`^\{"vault":"[\w-]+","seq":\d+\}$`), // a random name and how often was written
	"local potli.install-offered": regexp.MustCompile(`^1$`),
	"local potli.card":            regexp.MustCompile(`^1?$`),
	"local potli-emergency-cover": regexp.MustCompile(`^1$`), // what lies open is not to be shown
	"local potli-ready-cover":     regexp.MustCompile(`^1$`),
	"cookie vault":                regexp.MustCompile(`^1$`),
	"blob failures":               regexp.MustCompile(``), // how often wrong words were tried
	"blob unlock-methods":         regexp.MustCompile(``), // which ways to unlock there are, and since when
	"blob reserve":                regexp.MustCompile(``), // room to be given up
	// Databases, by name: what is in the first is looked at; in the others lies what the person lets show without
	// unlocking, keys that the browser does not give out, and a folder that was picked.
	"database potli": regexp.MustCompile(``), "database potli-emergency": regexp.MustCompile(``), "database potli-ready": regexp.MustCompile(``),
	"database potli-quick": regexp.MustCompile(``), "database potli-folder": regexp.MustCompile(``),
}

// inClearLies fails for what lies on the device unsealed and is not known to.
func inClearLies(t *testing.T, w *page) {
	t.Helper()
	found := js[map[string]string](w, `(async () => {
		const out = {}, done = r => new Promise((y, n) => { r.onsuccess = () => y(r.result); r.onerror = () => n(r.error); });
		for (const [k, v] of Object.entries({...localStorage})) out["local " + k] = v;
		for (const [k, v] of Object.entries({...sessionStorage})) out["session " + k] = v;
		for (const c of document.cookie.split("; ").filter(Boolean)) out["cookie " + c.split("=")[0]] = c.split("=")[1];
		for (const {name} of await indexedDB.databases()) out["database " + name] = "";
		const db = await done(indexedDB.open("potli")), store = db.transaction("blobs").objectStore("blobs");
		const [keys, values] = [await done(store.getAllKeys()), await done(store.getAll())];
		db.close();
		for (let i = 0; i < keys.length; i++) {
			const text = new TextDecoder("latin1").decode(values[i]);
			if (!text.startsWith("age-encryption.org/v1\n")) out["blob " + keys[i]] = text;
		}
		for (const name of await caches.keys()) for (const r of await (await caches.open(name)).keys())
			if (new URL(r.url).origin !== location.origin) out["cached " + r.url] = "";
		return out;
	})()`)
	for _, what := range slices.Sorted(maps.Keys(found)) {
		if may := inClearMay[what]; may == nil || !may.MatchString(found[what]) {
			t.Errorf("in clear on the device: %s, which says %.100q", what, found[what])
		}
	}
	if _, ok := found["local potli.sentinel"]; !ok {
		t.Errorf("nothing was found: %v", found)
	}
}

// covered: in the background nothing of a page can be read, from the very event on; on paper it stands as it is; and at the
// front everything is there again.
func covered(w *page) {
	w.t.Helper()
	w.sees("Meera Sample")
	hides := `(Object.defineProperty(document, "visibilityState", {configurable: true, get: () => "hidden"}),
		document.dispatchEvent(new Event("visibilitychange")), document.body.innerText.trim())`
	if left := js[string](w, hides); left != "" {
		w.t.Errorf("in the background the page still shows %.200q", left)
	}
	if js[bool](w, `[...document.querySelectorAll("svg.code")].some(e => e.checkVisibility({visibilityProperty: true}))`) {
		w.t.Error("in the background the code can be seen")
	}
	tell(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	if js[string](w, `document.body.innerText.trim()`) == "" {
		w.t.Error("what is printed while the page is hidden is empty")
	}
	w.wear(looks[0])
	w.show(true)
	w.sees("Meera Sample")
}

// secondPhone links another phone to the wallet.
func secondPhone(old *page, p *potli, passphrase string) {
	old.t.Helper()
	fresh := newBrowser(old.t).open(old.t, p.App)
	fresh.there("#try")
	fresh.beDevice()
	fresh.onboard("blue phone")
	fresh.write("#pair-code", old.showCode(passphrase))
	fresh.click("#pair-connect")
	fresh.digits()
	old.click("#pair-match")
	old.there(".pair-compare .wait")
	fresh.click("#pair-match")
	fresh.there("#person")
	old.there("#pair-done")
}
