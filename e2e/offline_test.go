package e2e_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"

	"potli/app/qr"
	"potli/app/scan/scantest"
)

// modules reads a code back from the path that draws it: "M4 4h7v1h-7z…".
func modules(t *testing.T, path string, size int) qr.Code {
	t.Helper()
	side := size - 2*qr.Quiet
	c := qr.Code{Modules: make([][]bool, side)}
	for y := range c.Modules {
		c.Modules[y] = make([]bool, side)
	}
	for _, run := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-\d+z`).FindAllStringSubmatch(path, -1) {
		x, _ := strconv.Atoi(run[1])
		y, _ := strconv.Atoi(run[2])
		n, _ := strconv.Atoi(run[3])
		for i := range n {
			c.Modules[y-qr.Quiet][x-qr.Quiet+i] = true
		}
	}
	return c
}

// plays puts a sequence of codes in front of the camera, each for so many pictures of ten a second, in a hand that moves.
func (f *film) plays(codes []qr.Code, pictures int) {
	f.t.Helper()
	const width, height = 640, 480
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	fmt.Fprintf(w, "YUV4MPEG2 W%d H%d F10:1 Ip A1:1 C420jpeg\n", width, height)
	colour := bytes.Repeat([]byte{128}, width*height/2)
	for i, code := range codes {
		p := scantest.Pose{Fill: 0.94, Turn: float64(i%5) - 2, Tilt: float64(i % 4), Ink: 25, Paper: 200, Shadow: 0.15, Grain: 4, Seed: uint64(i)}
		drawn := scantest.Draw(code, width, height, p).Pix
		for range pictures {
			fmt.Fprint(w, "FRAME\n")
			w.Write(drawn)
			w.Write(colour)
		}
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

// filmed lets the sequence run and returns the codes that were on the screen, in their order.
func (p *page) filmed(t *testing.T, n int) (codes []qr.Code) {
	t.Helper()
	js[bool](p, `(() => {
		globalThis.film = [];
		const take = () => { const d = document.querySelector("#hand-film .code-ink")?.getAttribute("d"); if (d && film.at(-1) !== d) film.push(d); };
		take();
		new MutationObserver(take).observe(document.body, {subtree: true, childList: true, attributes: true, attributeFilter: ["d"]});
		return true;
	})()`)
	p.click("#hand-run")
	p.until("enough codes were shown", fmt.Sprintf(`film.length >= %d`, n))
	p.click("#hand-run")
	size := js[int](p, `document.querySelector("#hand-film svg.code").viewBox.baseVal.width`)
	for _, path := range js[[]string](p, `film`) {
		codes = append(codes, modules(t, path, size))
	}
	return codes
}

// chartFile is a summary as people have one: illnesses, medicines, and a page of results.
func chartFile(t testing.TB) string {
	t.Helper()
	var entries []string
	add := func(format string, args ...any) {
		entries = append(entries, `{"fullUrl":"urn:uuid:00000000-0000-4000-8000-`+fmt.Sprintf("%012d", len(entries))+`","resource":`+fmt.Sprintf(format, args...)+`}`)
	}
	for _, name := range []string{"Asthma", "Raised blood pressure", "Underactive thyroid"} {
		add(`{"resourceType":"Condition","clinicalStatus":{"coding":[{"code":"active"}]},"code":{"text":%q},"subject":{"reference":"Patient/p"},"recordedDate":"2019-04-02"}`, name)
	}
	for _, name := range []string{"Salbutamol inhaler, two puffs", "Amlodipine 5 mg", "Levothyroxine 75 micrograms"} {
		add(`{"resourceType":"MedicationStatement","status":"active","medicationCodeableConcept":{"text":%q},"subject":{"reference":"Patient/p"},"effectiveDateTime":"2026-01-05"}`, name)
	}
	for i, name := range []string{"Haemoglobin", "White cells", "Platelets", "Sodium", "Potassium", "Creatinine", "Urea", "Bilirubin", "TSH", "Fasting sugar", "HbA1c", "Cholesterol"} {
		add(`{"resourceType":"Observation","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],`+
			`"code":{"text":%q},"subject":{"reference":"Patient/p"},"effectiveDateTime":"2026-05-%02dT08:00:00Z","valueQuantity":{"value":%d.%d,"unit":"mmol/L"}}`, name, i+1, 3*i+4, i)
	}
	path := filepath.Join(t.TempDir(), "chart.json")
	if err := os.WriteFile(path, []byte(`{"resourceType":"Bundle","type":"collection","entry":[`+strings.Join(entries, ",")+`]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func text(p *page, css string) string {
	p.t.Helper()
	return js[string](p, `document.querySelector(`+quote(css)+`).innerText.trim()`)
}

// deskSpeaks chooses a language on the clinic's page.
func deskSpeaks(clinic *page, tag string) {
	clinic.t.Helper()
	js[bool](clinic, `(() => { const box = document.querySelector("#languages select"); box.value = "`+tag+`"; return box.dispatchEvent(new Event("change")); })()`)
	clinic.until("the clinic's page speaks "+tag, `document.documentElement.lang === "`+tag+`"`)
}

// TestHandWithoutNetwork: everything is switched off. The clinic's page, which was kept on its computer, opens the one code
// of a summary, and films the sequence of a larger one, of which three codes in ten are missed. So does a relative's wallet.
func TestHandWithoutNetwork(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.wear(looks[0])
	w.createWallet("Meera Sample")
	w.bring(allergyFile(t, "Peanut"), chartFile(t))

	room, film := withCamera(t)
	clinic := room.open(t, p.Viewer)
	clinic.wear(looks[0])
	keepsNothing(clinic) // as long as nobody asks for it
	clinic.click("#ready-keep")
	clinic.there("#ready-forget")
	deskSpeaks(clinic, "hi") // whose words are kept with the page from now on
	deskSpeaks(clinic, "en")
	father := room.open(t, p.App)
	father.wear(looks[0])
	father.createWallet("Arjun Sample")
	asked := len(w.sentAll())
	p.stop(t)

	// One code holds the essentials.
	w.to("/hand")
	w.accessible(looks[0], "hand")
	w.click("#hand-brief")
	w.gone("#hand-brief")
	w.click("#hand-go")
	w.there("#hand-one")
	w.until("the heading has the focus", `document.activeElement?.id === "title"`)
	link, phrase := decodeQR(t, w), text(w, "#hand-phrase")
	w.accessible(looks[0], "hand-one")
	if !strings.HasPrefix(link, p.Viewer+"/#potli-hand-1:") || len(phrase) != len("042 917") {
		t.Fatalf("the code holds %q, the digits are %q", link, phrase)
	}
	clinic.visit("about:blank")
	clinic.visit(link)
	clinic.there("#hand-open")
	if before := text(clinic, "main"); !strings.Contains(before, phrase) || strings.Contains(before, "Peanut") || strings.Contains(before, "Meera") {
		t.Errorf("before anything is opened the clinic sees %q, and not only the digits %q", before, phrase)
	}
	clinic.click("#hand-open")
	clinic.there("#clear")
	clinic.sees("Peanut")
	clinic.sees("Meera Sample")
	if got := text(clinic, "#phrase"); got != phrase {
		t.Errorf("the clinic sees the digits %q, the phone %q", got, phrase)
	}
	if at := js[string](clinic, `location.href`); at != p.Viewer+"/" {
		t.Errorf("the record stays in the address: %.60s", at)
	}
	clinic.axe()
	for _, v := range js[[]string](clinic, barriers) {
		t.Errorf("the clinic's page: %s", v)
	}
	clinic.picture("clinic-handed")
	deskSpeaks(clinic, "hi")
	clinic.sees("एलर्जी")
	deskSpeaks(clinic, "en")

	// A sequence holds the whole summary. Three in ten are missed, and no more are needed than a quarter on top.
	w.click("#hand-other")
	w.there("#hand-film")
	phrase = text(w, "#hand-phrase")
	need, _ := strconv.Atoi(regexp.MustCompile(`at least (\d+)`).FindStringSubmatch(text(w, "#hand-film"))[1])
	if need < 4 {
		t.Fatalf("%d codes are no sequence", need)
	}
	w.picture("hand-film")
	var seen []qr.Code
	for i, code := range w.filmed(t, need*7/4+2) {
		if i%10 == 1 || i%10 == 4 || i%10 == 7 {
			continue
		}
		if seen = append(seen, code); len(seen) == (need*5+3)/4 {
			break
		}
	}
	t.Logf("%d blocks; the film has %d codes", need, len(seen))
	film.plays(seen, 3)
	clinic.click("#clear")
	clinic.visit("about:blank")
	clinic.visit(p.Viewer + "/")
	clinic.click("#film")
	clinic.until("a part is read", `document.querySelector("#film-progress")?.value > 0`)
	clinic.picture("clinic-film")
	clinic.there("#phrase")
	if got := text(clinic, "#phrase"); got != phrase {
		t.Errorf("the clinic sees the digits %q, the phone %q", got, phrase)
	}
	clinic.sees("Peanut")
	clinic.picture("clinic-filmed")

	father.to("/film")
	father.accessible(looks[0], "film")
	father.click("#film-open")
	father.there("#film-take")
	if got := text(father, "#film-phrase"); got != phrase {
		t.Errorf("the relative sees the digits %q, the phone %q", got, phrase)
	}
	father.click("#film-take")
	father.until("it is asked whose it is, or kept", `!!document.querySelector("#report")`)

	// The ledger has both, and nobody was told anything.
	w.to("/shared")
	w.sees(sentence(t, "state.shown"))
	if n := js[int](w, `document.querySelectorAll(".ledger-row").length`); n != 1 {
		t.Errorf("the ledger has %d entries", n)
	}
	for _, out := range w.sentAll()[asked:] {
		if strings.Contains(out, "Peanut") {
			t.Error("something was sent")
		}
	}
}

// sentAll are the bodies of all requests of the tab.
func (p *page) sentAll() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.out...)
}

// TestEmergencyCard: chosen field by field, read by any reader of codes, printed at the size of a bank card, found without
// unlocking and without the program, old when an allergy comes in, and gone in one tap.
func TestEmergencyCard(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	b := newBrowser(t)
	w := b.open(t, p.App)
	w.wear(looks[0])
	passphrase := w.createWallet("मीरा नमूना")
	w.bring(allergyFile(t, "Peanut"))
	w.to("/emergency")
	w.until("the records are read", `document.querySelector("label[for=emergency-allergies-on]").innerText.includes("Peanut")`)
	for _, field := range []string{"name", "allergies", "contact"} {
		w.click("#emergency-" + field + "-on")
		w.there("#emergency-" + field)
	}
	w.write("#emergency-contact", "Arjun 98100 00000")
	for field, text := range map[string]string{"blood": "B+", "conditions": "Type 1 diabetes, asthma", "medicines": "Insulin glargine, salbutamol inhaler", "implants": "Insulin pump",
		"doctor": "Dr Rao 022 5550 100", "insurance": "ABC 12345", "directive": "Organ donor"} {
		w.click("#emergency-" + field + "-on")
		w.there("#emergency-" + field)
		w.write("#emergency-"+field, text)
		w.until("the code says it too", `document.querySelector("#emergency-words").innerText.includes(`+quote(text)+`)`)
	}
	w.until("the words are there", `document.querySelector("#emergency-words").innerText.includes("Arjun 98100 00000")`)
	words := text(w, "#emergency-words")
	for _, want := range []string{"Name: Mira Namuna", "ALLERGIES: Peanut", "Call: Arjun 98100 00000"} {
		if !strings.Contains(words, want) {
			t.Errorf("the code says %q, want %q in it", words, want)
		}
	}
	if strings.Contains(words, "://") || strings.Contains(words, "Own phone") || len(words) > 331 {
		t.Errorf("the code says %q", words)
	}
	// One field too many for the code: it is named, and put right.
	w.click("#emergency-language-on")
	w.there("#emergency-language")
	w.write("#emergency-language", strings.Repeat("Konkani ", 12))
	w.there("#emergency-left")
	w.sees("The code has no room for: Languages spoken")
	w.empty("#emergency-language")
	w.write("#emergency-language", "Hindi")
	w.gone("#emergency-left")
	w.click("#emergency-language-on")
	w.until("the code is short again", `!document.querySelector("#emergency-words").innerText.includes("Hindi")`)
	w.pick("#emergency-lang", "hi")
	w.pick("#emergency-second", "en")
	w.accessible(looks[0], "emergency")
	w.click("#emergency-open")
	w.click("#emergency-keep")
	w.there("#emergency-kept")

	// In Hindi, in the dark and in large letters.
	for _, l := range []look{looks[3], large[1]} {
		w.wear(l)
		w.to("/settings")
		w.speak(l.lang)
		for path, name := range map[string]string{"/emergency": "emergency", "/emergency/print": "emergency-print", "/hand": "hand", "/film": "film"} {
			w.to(path)
			w.accessible(l, name)
		}
	}
	w.wear(looks[0])
	w.to("/settings")
	w.speak("en")
	w.to("/emergency")

	// On paper: two sides of ID-1, nothing cut off; the code is what it says.
	w.click("#emergency-print")
	w.there("#cards .id1")
	w.accessible(looks[0], "emergency-print")
	js[bool](w, `(document.querySelector(".id1 svg.code").scrollIntoView({block: "center"}), true)`)
	if got := decodeQR(t, w); got != words {
		t.Errorf("zbarimg reads %q, the words are %q", got, words)
	}
	tell(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	tell(w, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 794, Height: 1123, DeviceScaleFactor: 1})
	for _, side := range js[[]string](w, `[...document.querySelectorAll(".id1-side")].map(e => {
		const r = e.getBoundingClientRect(), mm = n => (n / 96 * 25.4).toFixed(1);
		return mm(r.width) + " x " + mm(r.height) + (e.scrollHeight > e.clientHeight + 1 ? " cut" : "");
	})`) {
		if side != "85.6 x 54.0" {
			t.Errorf("a side is %s mm, want 85.6 x 54.0", side)
		}
	}
	w.picture("emergency-paper")
	tell(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
	w.wear(looks[0])

	// Without network, without the program, without unlocking.
	w.keeps()
	p.kill()
	helper := b.open(t, p.App+"/emergency.html")
	helper.wear(looks[0])
	helper.sees("मीरा नमूना")
	helper.sees("Arjun 98100 00000")
	helper.sees("एलर्जी")
	helper.sees("Allergies")
	helper.sees("Name: Mira Namuna") // for whoever reads no Hindi
	helper.axe()
	for _, v := range js[[]string](helper, barriers) {
		t.Errorf("the card without unlocking: %s", v)
	}
	js[bool](helper, `(document.querySelector("svg").scrollIntoView({block: "center"}), true)`)
	if got := decodeQR(t, helper); got != words {
		t.Errorf("without unlocking zbarimg reads %q", got)
	}
	helper.picture("emergency-open")
	for _, asked := range helper.got {
		if strings.HasSuffix(asked, ".wasm") {
			t.Errorf("it loads %s", asked)
		}
	}
	helper.quiet()

	// Locked, the way there is one tap.
	w.click("#lock")
	w.there("#unlock-emergency")
	unlock(w, passphrase)

	// An allergy comes in (E5), and is taken over.
	w.to("/add")
	w.bring(allergyFile(t, "Latex"))
	w.to("/")
	w.there("#emergency-due")
	// What has to go from it is not shown, though it lies there still.
	js[bool](helper, `(localStorage.setItem("potli-emergency-cover", "1"), true)`)
	helper.reload()
	helper.until("it is covered", `!document.querySelector("#none").hidden && !document.querySelector("svg")`)
	w.to("/emergency")
	w.there("#emergency-old")
	w.click("#emergency-renew")
	w.until("it is taken over", `document.querySelector("#emergency-words").innerText.includes("Latex")`)
	w.click("#emergency-keep")
	w.gone("#emergency-old")
	helper.reload()
	helper.sees("Latex")
	w.click("#emergency-drop")
	w.click("#emergency-drop-yes")
	w.gone("#emergency-print")
	helper.reload()
	helper.until("nothing is shown any more", `!document.querySelector("#none").hidden && !document.querySelector("svg")`)
	w.quiet()
}
