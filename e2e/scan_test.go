package e2e_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"potli/app/qr"
	"potli/app/scan/scantest"
)

// film is what stands in front of the camera of a browser.
type film struct {
	t    *testing.T
	path string
}

// withCamera starts a browser whose camera shows a film, and which lets every page use it. To begin with there is a table
// without a code on it.
func withCamera(t *testing.T, flags ...chromedp.ExecAllocatorOption) (*browser, *film) {
	t.Helper()
	f := &film{t, filepath.Join(t.TempDir(), "film.y4m")}
	f.shows("")
	return newBrowser(t, append(flags,
		chromedp.Flag("use-fake-ui-for-media-stream", true),
		chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-video-capture", f.path))...), f
}

// shows puts a code in front of the camera: held by a hand that moves, in poor light, by a camera that grains. The browser
// reads the film anew each time the camera is turned on.
func (f *film) shows(text string) {
	f.t.Helper()
	var code qr.Code
	if text != "" {
		var err error
		if code, err = qr.Encode(text); err != nil {
			f.t.Fatal(err)
		}
	}
	f.draws(code, text == "", 640, 480)
}

// showsLong is shows of a dense code, as a desk's screen has it, before a camera of the phones of today.
func (f *film) showsLong(text string) {
	f.t.Helper()
	code, err := qr.EncodeLong(text)
	if err != nil {
		f.t.Fatal(err)
	}
	f.draws(code, false, 1280, 720)
}

func (f *film) draws(code qr.Code, none bool, width, height int) {
	f.t.Helper()
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	fmt.Fprintf(w, "YUV4MPEG2 W%d H%d F10:1 Ip A1:1 C420jpeg\n", width, height)
	colour := bytes.Repeat([]byte{128}, width*height/2)
	for i := range 8 {
		p := scantest.Pose{Fill: 0.9, Turn: 3*float64(i) - 9, Tilt: 2 * float64(i), Ink: 25, Paper: 190, Shadow: 0.25, Blur: i % 2, Grain: 5, Seed: uint64(i)}
		if none {
			p.Fill = 1e-6
		}
		fmt.Fprint(w, "FRAME\n")
		w.Write(scantest.Draw(code, width, height, p).Pix)
		w.Write(colour)
	}
	if err := w.Flush(); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(f.path+".next", b.Bytes(), 0o600); err != nil {
		f.t.Fatal(err)
	}
	if err := os.Rename(f.path+".next", f.path); err != nil {
		f.t.Fatal(err)
	}
}

// watch counts from now on what cameras are turned on, and what goes to the worker that reads. It changes nothing of what
// the page does.
func (p *page) watch() {
	p.t.Helper()
	js[bool](p, `(() => {
		if (globalThis.watched) return true;
		const w = globalThis.watched = {tracks: [], most: 0, sent: [], took: [], drawn: []};
		const devices = navigator.mediaDevices, open = devices.getUserMedia.bind(devices);
		devices.getUserMedia = async (c) => { const s = await open(c); w.wanted = c; w.tracks.push(...s.getTracks()); return s; };
		const post = Worker.prototype.postMessage;
		Worker.prototype.postMessage = function (m, ...rest) {
			if (m?.job === "square") {
				const at = performance.now();
				w.sent.push(at);
				// Of this worker: one that is ended in the middle of a picture answers no more.
				this.testOut = (this.testOut ?? 0) + 1;
				w.most = Math.max(w.most, this.testOut);
				this.addEventListener("message", () => { this.testOut--; w.took.push(performance.now() - at); }, {once: true});
			}
			return post.call(this, m, ...rest);
		};
		const copy = CanvasRenderingContext2D.prototype.getImageData;
		CanvasRenderingContext2D.prototype.getImageData = function (...a) {
			const at = performance.now(), image = copy.apply(this, a);
			w.drawn.push(performance.now() - at);
			return image;
		};
		return true;
	})()`)
}

// dark waits until no camera is on that was turned on since watch.
func (p *page) dark() {
	p.t.Helper()
	p.until("every camera is off", `watched.tracks.length > 0 && watched.tracks.every(t => t.readyState === "ended")`)
}

// looks waits until the camera's picture is on the page and moves.
func (p *page) looks(video string) {
	p.t.Helper()
	p.until("the camera's picture is there", `document.querySelector("`+video+`")?.currentTime > 0`)
}

// value is what stands in a field.
func (p *page) value(css string) string {
	p.t.Helper()
	return js[string](p, `document.querySelector(`+quote(css)+`)?.value ?? ""`)
}

// TestScanPairsDevices: the new device films the screen of the old one. Nothing is typed.
func TestScanPairsDevices(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	old := newBrowser(t).open(t, p.App)
	old.wear(looks[0])
	oldWords := old.createWallet("Meera Sample")

	camera, film := withCamera(t)
	fresh := camera.open(t, p.App)
	fresh.wear(looks[0])
	fresh.beDevice()
	fresh.onboard("blue phone")
	fresh.watch()
	old.showCode(oldWords)
	film.shows(decodeQR(t, old))
	fresh.click("#scan")
	if a, b := old.digits(), fresh.digits(); a != b || len(a) != len("042 917") {
		t.Fatalf("digits %q and %q", a, b)
	}
	fresh.dark()
	old.click("#pair-match")
	old.there(".pair-compare .wait")
	fresh.click("#pair-match")
	fresh.there("#person")
	fresh.sees("Meera Sample")
	if got := js[string](fresh, `JSON.stringify(watched.wanted.video.facingMode) + watched.wanted.audio`); got != `{"ideal":"environment"}false` {
		t.Errorf("the camera that was asked for: %s", got)
	}
	old.quiet()
	fresh.quiet()
}

// TestScanInvite: the father films the mother's screen, and both see the same six digits.
func TestScanInvite(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	mother := newBrowser(t).open(t, p.App)
	mother.wear(looks[0])
	passphrase := mother.createWallet("Meera Sample")
	camera, film := withCamera(t)
	father := camera.open(t, p.App)
	father.wear(looks[0])
	father.createWallet("Arjun Sample")
	child := mother.addPerson("Aarav Sample", "child", "2020")

	mother.to(strings.Replace(child, "/settings/people/", "/invite/", 1))
	mother.there("#invite-by")
	mother.settled()
	mother.click("#invite-role-0")
	mother.click("#invite-past-0")
	mother.write("#passphrase", passphrase)
	mother.click("#pair-long") // ten minutes, for a slow machine
	father.to("/join")
	father.there("#join-name")
	father.settled()
	father.watch()
	mother.click("#pair-show")
	mother.there("#pair-typed")
	js[bool](mother, `(document.querySelector("svg.code").scrollIntoView({block: "center"}), true)`)
	film.shows(decodeQR(t, mother))
	father.click("#scan")
	if a, b := mother.digits(), father.digits(); a != b {
		t.Fatalf("digits %q and %q", a, b)
	}
	father.dark()
	mother.sees("Arjun Sample")
	mother.click("#pair-match")
	father.click("#pair-match")
	mother.there("#pair-done")
	father.there("#pair-done")
	mother.quiet()
	father.quiet()
}

// TestScanKit: the kit is proved by scanning the paper. Then the phone is lost, and the paper is scanned on a browser that
// has never seen the wallet.
func TestScanKit(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	printer, paper := withCamera(t)
	w := printer.open(t, p.App)
	w.wear(looks[0])
	w.createWallet("Meera Sample")
	w.bring(allergyFile(t, "Peanut"))
	dir := w.downloads()
	w.to("/settings/recovery/kit")
	w.click("#kit-make")
	code := w.kitCode()
	w.clickUntil("#kit-paper", "#kit-proved")
	w.settled()
	paper.shows(code)
	w.watch()
	w.press(sentence(t, "kit.prove-code"))
	w.click("#kit-scan")
	w.until("the paper is read", `document.querySelector("#kit-whole").value === `+quote(code))
	w.dark()
	w.click("#kit-proved")
	w.click("#kit-backup")
	backup := saved(t, dir, "potli-2*.age")
	w.quiet()

	camera, film := withCamera(t)
	fresh := camera.open(t, p.App)
	fresh.wear(looks[0])
	fresh.clickUntil(`a[href="/restore"]`, "#backup-file")
	fresh.watch()
	fresh.choose("#backup-file", backup)
	fresh.click("#suggest")

	film.shows("POTLI-PAIR-1:" + strings.Repeat("ABCD2345", 7))
	fresh.click("#recovery-scan")
	fresh.there("#recovery-scan-wrong")
	fresh.sees(sentence(t, "scan.is-pair"))
	if fresh.value("#recovery") != "" {
		t.Error("a code of another kind was filled in")
	}
	film.shows(code)
	fresh.click("#recovery-scan")
	fresh.until("the kit is read", `document.querySelector("#recovery").value === `+quote(code))
	fresh.dark()
	fresh.click("#restore-go")
	fresh.there("#counter")
	fresh.sees("Meera Sample")
	fresh.sees("Peanut")
	fresh.quiet()
}

// TestScanRefused: no permission, and no camera. Both are said, and typing goes on as before.
func TestScanRefused(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	for name, c := range map[string]struct {
		flags []chromedp.ExecAllocatorOption
		key   string
	}{
		"refused": {[]chromedp.ExecAllocatorOption{chromedp.Flag("deny-permission-prompts", true), chromedp.Flag("use-fake-device-for-media-stream", true)}, "error.camera-refused"},
		"none":    {[]chromedp.ExecAllocatorOption{chromedp.Flag("use-fake-ui-for-media-stream", true)}, "error.camera-none"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newBrowser(t, c.flags...).open(t, p.App)
			w.wear(looks[0])
			w.beDevice()
			w.settled()
			w.click("#scan")
			w.there("#scan-fault")
			if said := js[string](w, `document.querySelector("#scan-fault").innerText.trim()`); said != sentence(t, c.key) {
				t.Errorf("it says %q", said)
			}
			w.until("the focus is back", `document.activeElement?.id === "scan"`)
			w.accessible(looks[0], "scan-"+name)
			w.write("#pair-code", "POTLI-PAIR-1:ABCD")
			w.quiet()
		})
	}
}

// TestScanCodes: what a code is decides where it leads, and no code leads out of the wallet. The camera is off whenever
// nobody looks.
func TestScanCodes(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	camera, film := withCamera(t)
	w := camera.open(t, p.App)
	w.wear(looks[0])
	passphrase := w.createWallet("Meera Sample")
	asked := func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return slices.Contains(w.got, p.App+"/web/scanner.wasm")
	}

	// On, and off again, each way there is.
	w.watch()
	w.to("/scan")
	if asked() {
		t.Error("the reader is loaded before anybody scans")
	}
	w.click("#scan")
	w.looks("#scan-video")
	w.until("pictures are read", `watched.took.length > 3`)
	if !asked() {
		t.Error("nobody asked for the reader")
	}
	w.click("#scan-close")
	w.dark()
	w.there("#scan")
	for how, act := range map[string]func(){
		"left": func() { w.to("/add") },
		"hidden": func() {
			js[bool](w, `(() => {
				Object.defineProperty(document, "visibilityState", {configurable: true, get: () => "hidden"});
				document.dispatchEvent(new Event("visibilitychange"));
				delete document.visibilityState;
				return document.dispatchEvent(new Event("visibilitychange"));
			})()`)
			w.there("#scan-fault")
			w.sees(sentence(t, "error.camera-hidden"))
		},
		"another wants it": func() {
			js[bool](w, `watched.tracks.at(-1).dispatchEvent(new Event("ended"))`)
			w.there("#scan-fault")
			w.sees(sentence(t, "error.camera-busy"))
		},
	} {
		w.to("/scan")
		w.click("#scan")
		w.looks("#scan-video")
		act()
		w.dark()
		t.Logf("%s: the camera went off", how)
	}

	// Codes for which there is no use here.
	for text, key := range map[string]string{
		"https://evil.example/login?next=potli":                         "scan.is-web",
		"upi://pay?pa=shop@bank&am=500":                                 "scan.is-pay",
		`{"hidn":"12-3456-7890-1237","phr":"asha.example@sbx"}`:         "scan.is-abha",
		"https://phrsbx.abdm.gov.in/share-profile?hip-id=IN1&counter=1": "scan.is-facility",
		"javascript:alert(document.domain)":                             "scan.is-other",
	} {
		film.shows(text)
		w.to("/add") // what was said of the last one goes with the page
		w.to("/scan")
		w.click("#scan")
		w.there("#scan-wrong")
		if said := js[string](w, `document.querySelector("#scan-wrong").innerText.trim()`); said != sentence(t, key) {
			t.Errorf("%.30s: it says %q", text, said)
		}
		w.dark()
		if at := js[string](w, `location.href`); at != p.App+"/scan" {
			t.Errorf("%.30s leads to %s", text, at)
		}
	}

	// A link leads to the page that asks first, a pairing code to the page that has a button for it.
	link := "https://evil.example/v#shlink:/eyJ1cmwiOiJodHRwczovL2V2aWwuZXhhbXBsZS9tL2EiLCJrZXkiOiJyeFRnWWxPYUtKUEZ0Y0VkMHFjY2VOOHdFVTRwOTRTcUF3SVdRZTZ1WDdRIiwiZmxhZyI6IlUifQ"
	film.shows(link)
	w.to("/scan")
	w.click("#scan")
	w.there("#receive-open")
	w.sees("evil.example")
	w.dark()
	w.to("/receive")
	pair := "POTLI-PAIR-1:" + strings.Repeat("ABCD2345", 7)
	film.shows(pair)
	w.to("/scan")
	w.click("#scan")
	w.until("the code is where it can be used", `document.querySelector("#pair-code")?.value === `+quote(pair))
	if js[bool](w, `!!document.querySelector("#pair-digits, #pair-failed, #fault")`) {
		t.Error("a code began a pairing by itself")
	}
	if n := js[int](w, `watched.most`); n != 1 {
		t.Errorf("%d pictures were with the worker at once", n)
	}

	// Locked, the camera is off, and so is the page.
	film.shows("")
	w.to("/scan")
	w.click("#scan")
	w.looks("#scan-video")
	js[bool](w, `(globalThis.lastTrack = watched.tracks.at(-1), true)`)
	w.click("#lock")
	w.until("the camera is off", `!globalThis.lastTrack || lastTrack.readyState === "ended"`)
	unlock(w, passphrase)
	w.quiet()
	for _, address := range camera.requested(t) {
		if !strings.HasPrefix(address, p.App) && !strings.HasPrefix(address, strings.Replace(p.Relay, "http", "ws", 1)) && !strings.HasPrefix(address, p.Relay) {
			t.Errorf("a code made the wallet ask %s", address)
		}
	}
}

// TestScanOffline: after the first load the reader is there without any network, and codes are read at a pace that spares
// the battery.
func TestScanOffline(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	camera, film := withCamera(t)
	w := camera.open(t, p.App)
	w.wear(looks[0])
	passphrase := w.createWallet("Meera Sample")
	w.until("the release is kept", `navigator.serviceWorker.ready.then(async () => {
		for (const name of await caches.keys()) if (name.startsWith("rel-") && await (await caches.open(name)).match("/web/scanner.wasm")) return !!(await (await caches.open("potli-state")).match("/state.json"));
		return false;
	})`)
	p.stop(t)
	w.anew(func() { w.reload() }, `document.querySelector("#passphrase")`)
	unlock(w, passphrase)
	w.watch()
	w.to("/scan")
	w.click("#scan")
	w.looks("#scan-video")
	w.until("pictures are read", `watched.took.length > 30`)
	pace := js[float64](w, `(s => (s.length - 1) * 1000 / (s.at(-1) - s[0]))(watched.sent)`)
	mean := func(list string) float64 {
		return js[float64](w, `(l => l.reduce((a, b) => a + b, 0) / l.length)(`+list+`.slice(3))`)
	}
	t.Logf("%.1f pictures a second; %.1f ms each in the worker and on the way, of them %.1f ms of the page's time to copy",
		pace, mean("watched.took"), mean("watched.drawn"))
	if pace > 15 {
		t.Errorf("%.1f pictures a second, want 15 at the most", pace)
	}
	w.click("#scan-close")
	film.shows("shlink:/eyJ1cmwiOiJodHRwczovL2V2aWwuZXhhbXBsZS9tL2EiLCJrZXkiOiJyeFRnWWxPYUtKUEZ0Y0VkMHFjY2VOOHdFVTRwOTRTcUF3SVdRZTZ1WDdRIn0")
	w.click("#scan")
	w.there("#receive-open")
	w.dark()
}

// TestScanByBrowser: where the browser reads codes itself, our reader is not even loaded; where its reader fails, ours steps
// in. Chromium on Linux has none, so one is put in its place: what it answers is ours, what the wallet does with it is real.
func TestScanByBrowser(t *testing.T) {
	t.Parallel()
	const text = "upi://pay?pa=shop@bank"
	p := startPotli(t, "")
	for name, c := range map[string]struct {
		detect string
		loaded bool
	}{
		"reads": {`[{rawValue: ` + quote(text) + `}]`, false},
		"fails": {`(() => { throw new DOMException("no service", "NotSupportedError"); })()`, true},
	} {
		t.Run(name, func(t *testing.T) {
			camera, film := withCamera(t)
			film.shows(text)
			w := camera.open(t, p.App)
			w.wear(looks[0])
			w.beDevice()
			w.settled()
			js[bool](w, `(globalThis.BarcodeDetector = class {
				static async getSupportedFormats() { return ["qr_code"]; }
				async detect(picture) { if (!(picture instanceof HTMLCanvasElement)) throw new TypeError("no picture"); return `+c.detect+`; }
			}, true)`)
			w.click("#scan")
			w.there("#scan-wrong")
			w.sees(sentence(t, "scan.is-pay"))
			w.mu.Lock()
			loaded := slices.Contains(w.got, p.App+"/web/scanner.wasm")
			w.mu.Unlock()
			if loaded != c.loaded {
				t.Errorf("our reader is loaded: %v", loaded)
			}
			w.quiet()
		})
	}
}

// TestScanAccess is A1 to A4 with the camera on, and with everything that a good one offers.
func TestScanAccess(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	camera, film := withCamera(t)
	film.shows("")
	w := camera.open(t, p.App)
	w.wear(looks[0])
	w.createWallet("Meera Sample")
	js[bool](w, `(() => {
		const devices = navigator.mediaDevices, list = devices.enumerateDevices.bind(devices);
		devices.enumerateDevices = async () => [...await list(), {kind: "videoinput", deviceId: "other", label: ""}];
		return true;
	})()`)
	w.hasLight()
	for _, l := range slices.Concat(looks, large) {
		w.wear(l)
		w.to("/settings")
		w.speak(l.lang)
		w.to("/scan")
		w.arrived(l, "scan")
		w.accessible(l, "scan")
		w.click("#scan")
		w.looks("#scan-video")
		w.until("the focus is on the way out", `document.activeElement?.id === "scan-close"`)
		w.there("#scan-torch")
		w.there("#scan-other")
		w.accessible(l, "scan-on")
		w.click("#scan-torch")
		w.until("there is light", `globalThis.light === true`)
		w.click("#scan-torch")
		w.until("it is dark again", `globalThis.light === false`)
		w.click("#scan-close")
		if l == looks[3] {
			w.filmAccess(l)
		}
	}
	w.quiet()

	clinic := camera.open(t, p.Viewer)
	clinic.wear(looks[0])
	clinic.hasLight()
	clinic.watch()
	clinic.click("#film")
	clinic.looks("#film-video")
	clinic.there("#film-light:not([hidden])")
	clinic.axe()
	for _, v := range js[[]string](clinic, barriers) {
		t.Errorf("the clinic's page, filming: %s", v)
	}
	clinic.click("#film-light")
	clinic.until("there is light", `globalThis.light === true && document.querySelector("#film-light").textContent.includes("off")`)
	clinic.click("#film-light")
	clinic.until("it is dark again", `globalThis.light === false`)
	clinic.picture("clinic-light")
	clinic.unanswered()
	clinic.click("#film-stop")
	clinic.dark()
	clinic.there("#film")
	clinic.quiet()
}

// unanswered waits until a picture has gone to the worker that reads, to which no answer comes.
func (p *page) unanswered() {
	p.t.Helper()
	js[bool](p, `(() => {
		const post = Worker.prototype.postMessage;
		Worker.prototype.postMessage = function (m, ...rest) {
			if (m?.job !== "square") return post.call(this, m, ...rest);
			globalThis.swallowed = true;
		};
		return true;
	})()`)
	p.until("a picture waits for its answer", `globalThis.swallowed === true`)
}

// hasLight gives every camera that is turned on from now on a light, which shows as globalThis.light.
func (p *page) hasLight() {
	p.t.Helper()
	js[bool](p, `(() => {
		const can = MediaStreamTrack.prototype.getCapabilities;
		MediaStreamTrack.prototype.getCapabilities = function () { return {...can.call(this), torch: true}; };
		MediaStreamTrack.prototype.applyConstraints = async function (c) { globalThis.light = c.advanced[0].torch; };
		return true;
	})()`)
}

// filmAccess is the same on the page that films another screen; and each reason why a camera does not come has its words.
func (p *page) filmAccess(l look) {
	p.t.Helper()
	p.to("/film")
	p.click("#film-open")
	p.looks("#film-video")
	p.until("the focus is on the way out", `document.activeElement?.id === "film-close"`)
	p.there("#film-other")
	p.click("#film-torch")
	p.until("there is light", `globalThis.light === true`)
	p.until("it is said what may help", `document.querySelector("#film-hint")?.innerText.trim() !== ""`)
	p.accessible(l, "film-on")
	p.click("#film-close")
	p.there("#film-open")
	last := ""
	for _, fault := range []string{"NotAllowedError", "NotFoundError", "NotReadableError"} {
		js[bool](p, `(navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", `+quote(fault)+`); }, true)`)
		p.click("#film-open")
		p.until(fault+" is said in words of its own", `!["", `+quote(last)+`].includes(document.querySelector("#fault")?.innerText.trim() ?? "")`)
		last = text(p, "#fault")
		p.there("#film-open")
		p.accessible(l, "film-"+fault)
	}
	js[bool](p, `delete navigator.mediaDevices.getUserMedia`)
}
