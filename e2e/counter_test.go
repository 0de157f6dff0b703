package e2e_test

import (
	"strings"
	"testing"
)

// TestCounter: the code that still works is on the counter's page at once; it can be shown without unlocking, without
// network and without the program, and nothing stays of it when it ends. What other programs give waits for a word of
// the person, through the share sheet and through the launch queue.
func TestCounter(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	b := newBrowser(t)
	w := b.open(t, "")
	// A system's launch queue, which a browser without windows does not fill.
	w.begins(`Object.defineProperty(globalThis, "launchQueue", {configurable: true, value: {setConsumer(f) { globalThis.testLaunch = f; }}});`)
	w.visit(p.App)
	w.wear(looks[0])
	passphrase := w.createWallet("Meera Sample")
	w.bring(allergyFile(t, "Peanut"))

	// Two taps from the counter to a new code; one tap from the first page to it, from then on.
	w.to("/")
	w.click("#counter")
	w.there("#counter-show")
	w.accessible(looks[0], "counter-none")
	w.click("#counter-show")
	w.click("#show-go")
	w.there("#countdown")
	link := decodeQR(t, w)
	w.click("#ready")
	w.there("#ready-page")
	w.accessible(looks[0], "counter-ready-switch")
	w.to("/counter")
	w.there("#counter-mine svg")
	if got := decodeQR(t, w); got != link {
		t.Errorf("the counter shows %q, the link is %q", got, link)
	}
	for _, l := range []look{looks[0], looks[3], large[1]} {
		w.wear(l)
		w.to("/settings")
		w.speak(l.lang)
		w.to("/counter")
		w.accessible(l, "counter")
		w.to("/install")
		w.accessible(l, "install")
	}
	w.wear(looks[0])
	w.to("/settings")
	w.speak("en")

	// No network: the page of the code needs none, and no program; nobody's name is on it.
	w.keeps()
	p.kill()
	w.to("/counter")
	if got := decodeQR(t, w); got != link {
		t.Errorf("without network the counter shows %q", got)
	}
	readyWithoutUnlocking(t, b, p, link)
	w.relock()
	w.there("#unlock-ready")

	givenByOthers(t, b, w, p, passphrase)
	launchedFromOutside(t, w)
	w.quiet()
}

// readyWithoutUnlocking looks at the code as whoever takes the phone does, up to its end.
func readyWithoutUnlocking(t *testing.T, b *browser, p *potli, link string) {
	t.Helper()
	helper := b.open(t, "")
	helper.begins(`{ const real = setTimeout; globalThis.setTimeout = (f, ms, ...a) => real(f, ms === 60000 ? globalThis.testHides ?? 60000 : ms, ...a); }`)
	helper.visit(p.App + "/ready.html")
	helper.wear(looks[0])
	helper.there("#code svg")
	if got := decodeQR(t, helper); got != link {
		t.Errorf("without unlocking the code holds %q, want %q", got, link)
	}
	if lies := js[string](helper, ready); lies == "" || strings.Contains(lies, "Meera") || strings.Contains(lies, "Peanut") {
		t.Errorf("open lies %q", lies)
	}
	helper.axe()
	for _, v := range js[[]string](helper, barriers) {
		t.Errorf("the code without unlocking: %s", v)
	}
	for _, asked := range helper.got {
		if strings.HasSuffix(asked, ".wasm") || !strings.HasPrefix(asked, p.App) {
			t.Errorf("it loads %s", asked)
		}
	}

	// It hides itself; a tap brings it back, and another keeps it.
	js[bool](helper, `(globalThis.testHides = 50, true)`)
	helper.click("#keep")
	helper.click("#keep")
	helper.there("#again")
	helper.until("the code is hidden", `!document.querySelector("#code svg")`)
	js[bool](helper, `(globalThis.testHides = 60000, true)`)
	helper.click("#again")
	helper.there("#code svg")
	helper.click("#keep")
	helper.until("it is kept", `document.querySelector("#keep").checked`)

	// Over: it says so, and nothing is left of it.
	helper.later(2 * 3600e9)
	helper.reload()
	helper.there("#over")
	helper.until("nothing lies there", ready+`.then(text => text === "")`)
	helper.quiet()
}

// ready is what lies open for whoever looks, "" for nothing.
const ready = `new Promise(done => {
	const opening = indexedDB.open("potli-ready");
	opening.onupgradeneeded = () => opening.transaction.abort();
	opening.onerror = () => done("");
	opening.onsuccess = () => {
		const asked = opening.result.transaction("keys").objectStore("keys").get("cards");
		asked.onsuccess = () => { opening.result.close(); done(asked.result ?? ""); };
	};
})`

// givenByOthers posts the form of a share sheet from a page that is none of ours. The wallet is locked, and says that something
// waits; unlocked, it asks.
func givenByOthers(t *testing.T, b *browser, w *page, p *potli, passphrase string) {
	t.Helper()
	give := func(name, body, text string) *page {
		other := b.open(t, "")
		js[bool](other, `(() => {
			const form = document.createElement("form"), input = document.createElement("input"), words = document.createElement("input"), all = new DataTransfer();
			Object.assign(form, {method: "POST", enctype: "multipart/form-data", action: `+quote(p.App+"/share-target")+`});
			Object.assign(input, {type: "file", name: "files"});
			Object.assign(words, {type: "hidden", name: "text", value: `+quote(text)+`});
			if (`+quote(name)+`) { all.items.add(new File([`+quote(body)+`], `+quote(name)+`, {type: "application/json"})); input.files = all.files; }
			form.append(input, words);
			document.body.append(form);
			setTimeout(() => form.submit());
			return true;
		})()`)
		return other
	}
	latex := `{"resourceType":"AllergyIntolerance","id":"l","clinicalStatus":{"coding":[{"code":"active"}]},"code":{"text":"Latex"},"patient":{"reference":"Patient/p"}}`
	first := give("ट परिणाम.json", latex, "")
	first.until("it leads to the page that takes things in", `location.pathname + location.hash === "/add#shared"`)
	first.there("#handed-waits")
	nothing := give("", "", "")
	nothing.until("nothing is no gift", `location.hash === "#not-shared"`)
	link := give("", "", "see https://viewer.example/#shlink:/eyJ1cmwiOiJ4In0 there")
	link.until("a link goes where links go, and not into the address", `location.pathname === "/take" || location.pathname === "/receive"`)

	w.visit(p.App + "/add")
	w.there("#handed-waits")
	unlock(w, passphrase)
	w.there("#handed")
	w.sees("ट परिणाम.json")
	forged := give("forged.json", strings.ReplaceAll(latex, "Latex", "Penicillin"), "")
	forged.until("it waits too", `location.hash === "#shared"`)
	w.to("/")
	w.to("/add")
	w.sees("forged.json")
	w.accessible(looks[0], "handed")
	w.click("li:has(#handed-" + js[string](w, `[...document.querySelectorAll("#handed .tick-row")].findIndex((row) => row.textContent.includes("forged")).toString()`) + ") label")
	late := give("late.json", strings.ReplaceAll(latex, "Latex", "Walnut"), "")
	late.until("it waits too", `location.hash === "#shared"`)
	w.click("#handed-bring")
	w.until("the chosen one went in", `document.querySelector("#handed") && !document.querySelector("#handed").textContent.includes("ट")`)
	w.sees("forged.json")
	w.sees("late.json")
	w.click("#handed-drop")
	w.gone("#handed")
	w.to("/")
	w.sees("Latex")
	if words := w.visible(); strings.Contains(words, "Penicillin") || strings.Contains(words, "Walnut") {
		t.Errorf("what was not chosen went in:\n%s", words)
	}
	if js[bool](w, `caches.open("potli-handed").then((cache) => cache.keys()).then((keys) => keys.length > 0)`) {
		t.Error("what was taken in still lies unsealed")
	}
}

// launchedFromOutside opens the running program again, as the system does: with a file, and with a place.
func launchedFromOutside(t *testing.T, w *page) {
	t.Helper()
	js[bool](w, `(testLaunch({files: [{getFile: async () => new File(["{}"], "visit.smart-health-card")}], targetURL: ""}), true)`)
	w.there("#handed")
	w.sees("visit.smart-health-card")
	w.click("#handed-drop")
	w.gone("#handed")
	js[bool](w, `(testLaunch({files: [], targetURL: location.origin + "/ready.html"}), true)`)
	w.until("an open wallet stays open", `location.pathname === "/counter"`)
	js[bool](w, `(testLaunch({files: [], targetURL: "https://elsewhere.example/scan"}), true)`)
	js[bool](w, `(testLaunch({files: [], targetURL: location.origin + "/scan"}), true)`)
	w.until("it goes where the shortcut leads", `location.pathname === "/scan"`)
	w.there("#lock")
}

// TestWithoutNetwork: every page that reads, the search, codes, bringing in and taking back work with the network off. What
// the relay has to be told counts at once, waits through a lock and a new start, and goes in its order.
func TestWithoutNetwork(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.wear(looks[0])
	passphrase := w.createWallet("Meera Sample")
	w.bring(allergyFile(t, "Peanut"), chartFile(t))
	var links []string
	for range 3 {
		w.to("/send")
		w.click("#send-go")
		w.there("#countdown")
		links = append(links, strings.TrimPrefix(w.tellLink(), "/code/"))
	}
	w.keeps()
	w.cutOff(true)

	for _, path := range []string{"/", "/add", "/counter", "/show", "/send", "/hand", "/film", "/scan", "/export", "/emergency", "/trends", "/write", "/photograph", "/shared", "/shared/" + links[0],
		"/inbox", "/consents", "/consents/log", "/settings", "/settings/people", "/settings/backup", "/settings/devices", "/about"} {
		w.to(path)
		if js[bool](w, `!!document.querySelector(".notice-danger")`) {
			t.Errorf("%s without network: %.300s", path, w.visible())
		}
	}
	w.to("/")
	w.write("#search", "Peanut")
	w.until("the search finds it", `document.querySelectorAll("#timeline .group").length === 1`)
	w.empty("#search")
	w.openChart("HbA1c")
	w.to("/code/" + links[1])
	if code := decodeQR(t, w); !strings.Contains(code, "shlink:/") {
		t.Errorf("the code holds %q", code)
	}
	w.to("/")
	if got := w.bring(allergyFile(t, "Latex")); got != 1 {
		t.Errorf("%d files came in", got)
	}
	w.click("#report-close")
	w.gone("#report")
	w.choose("#camera", fixture(t, "web", "sample", "sample_vaccination_card.jpg"))
	if got := w.brought(); got != 1 {
		t.Errorf("%d photographs came in", got)
	}
	w.writes("allergy", "name", "Dust")
	w.to("/")
	w.sees("Dust")

	// Extended, taken back, paused: in that order.
	w.to("/shared/" + links[0])
	w.click("#extend")
	w.there("#extend-by")
	js[bool](w, `(document.querySelector("#extend-by .option").click(), true)`)
	w.there("#waits")
	w.to("/shared/" + links[1])
	w.click("#revoke")
	w.click("#revoke-yes")
	w.sees(sentence(t, "state.text.pending-revoke"))
	w.to("/shared/" + links[2])
	w.click("#pause")
	w.there("#waits")
	w.there("#resume")
	waits := func() []string {
		w.to("/shared")
		w.there("#waiting")
		return js[[]string](w, `[...document.querySelectorAll("#waiting li")].map(e => e.innerText)`)
	}
	inOrder := func(when string) {
		t.Helper()
		got := waits()
		if len(got) != 3 || !strings.HasPrefix(got[0], "To work longer") || !strings.HasPrefix(got[1], "Taken back") || !strings.HasPrefix(got[2], "Paused") {
			t.Errorf("%s waits %q", when, got)
		}
	}
	inOrder("at once")
	w.accessible(looks[0], "waiting")
	w.relock()
	unlock(w, passphrase)
	w.cutOff(true) // the page is another one
	inOrder("after a lock")

	from := len(w.got)
	w.cutOff(false)
	w.until("the browser says that there is a network", `navigator.onLine`)
	w.to("/shared")
	w.gone("#waiting")
	w.to("/shared/" + links[1])
	w.sees(sentence(t, "state.text.revoked"))
	w.to("/shared/" + links[2])
	w.there("#resume")
	w.gone("#waits")
	if len(w.got) == from {
		t.Error("the relay was told nothing")
	}
}
