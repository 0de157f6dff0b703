package e2e_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"potli/app/share"
	"potli/relay/wire"
)

// hostilePayloads is the corpus that the clinic's page is tested with too.
func hostilePayloads(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("viewer", "testdata", "xss.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 200 {
		t.Fatalf("%d payloads, want 200 at least", len(all))
	}
	return all
}

// trapped makes a tab in which whatever a payload would do is a complaint: every
// payload calls alert or sets __xss, in the page or in a frame of its making.
func (b *browser) trapped(t *testing.T) *page {
	t.Helper()
	w := b.open(t, "")
	err := chromedp.Listen(w.ctx, func(ev any) {
		switch ev := ev.(type) {
		case *runtime.EventBindingCalled:
			w.complain("a payload ran: " + ev.Payload)
		case *cdppage.EventJavascriptDialogOpening:
			w.complain("a dialog opened: " + ev.Message)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	w.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, runtime.AddBinding, runtime.AddBindingParams{Name: "ran"}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: `
			for (const name of ["alert", "confirm", "prompt"]) globalThis[name] = () => ran(name);
			Object.defineProperty(globalThis, "__xss", {set: () => ran("__xss")});
		`})
		return err
	}))
	return w
}

// foreign lists every element and attribute on the page that the wallet does not
// make itself. It is an allow-list, so that it also knows payloads of tomorrow.
const foreign = `(() => {
	const tags = /^(body|main|nav|header|aside|section|article|div|h[1-6]|p|span|a|button|ul|ol|li|dl|dt|dd|form|label|input|textarea|select|option|fieldset|legend|details|summary|table|caption|thead|tbody|tfoot|tr|th|td|pre|code|blockquote|mark|b|i|em|strong|u|s|small|sub|sup|br|hr|img|svg|path|rect|progress|meter|iframe)$/;
	const names = /^(class|id|role|tabindex|aria-[a-z]+|href|type|for|name|value|placeholder|autocomplete|autocapitalize|spellcheck|rows|maxlength|min|max|low|high|optimum|open|colspan|rowspan|dir|lang|alt|src|title|sandbox|translate|disabled|checked|selected|multiple|accept|capture|readonly|viewBox|d|focusable|xmlns|width|height|shape-rendering|scope|inputmode|hidden|data-form|data-test)$/;
	const bad = new Set();
	for (const e of document.querySelectorAll("body, body *")) {
		const tag = e.localName;
		if (!tags.test(tag)) bad.add(tag);
		for (const {name, value} of e.attributes) {
			if (!names.test(name)) bad.add(tag + " " + name);
			if (name === "href" && !/^\/(?!\/)/.test(value)) bad.add("href=" + value);
			if (name === "src" && !value.startsWith(tag === "iframe" ? VIEWER + "/frame.html" : "blob:" + location.origin + "/")) bad.add(tag + " src=" + value);
			if (/^(id|name|for)$/.test(name) && value !== "" && !/^[A-Za-z0-9_-]+$/.test(value)) bad.add(name + "=" + value);
			if (e.closest(".narrative") && !/^(class|colspan|rowspan|lang|dir|tabindex)$/.test(name)) bad.add("narrative " + e.outerHTML.slice(0, 80));
		}
	}
	for (const id of ["#main", "#title"]) if (document.querySelectorAll(id).length !== 1) bad.add("clobbered " + id);
	return [...bad];
})()`

// unfolded opens whatever is folded and shows whatever is held back.
func (p *page) unfolded() {
	p.t.Helper()
	for js[bool](p, `(() => {
		for (const d of document.querySelectorAll("details")) d.open = true;
		const more = document.querySelector(".section > .button, #more");
		more?.click();
		return !!more;
	})()`) {
		time.Sleep(30 * time.Millisecond)
	}
}

// harmless looks at everything on the page and lays hands on it, as the events
// of a person would that a payload waits for.
func (p *page) harmless(viewer, where string) {
	p.t.Helper()
	p.unfolded()
	for _, f := range js[[]string](p, strings.ReplaceAll(foreign, "VIEWER", strconv.Quote(viewer))) {
		p.t.Errorf("%s: %.200s came out of a record", where, f)
	}
	js[bool](p, `(() => {
		for (const e of document.querySelectorAll("main, main *"))
			for (const n of ["mouseover", "pointerenter", "pointerrawupdate", "focus", "error", "load", "toggle", "animationstart", "scrollend"])
				e.dispatchEvent(new Event(n));
		return true;
	})()`)
	for _, c := range p.complaints() {
		p.t.Errorf("%s: %s", where, c)
	}
}

// says fails for each payload that is not readable on the page: hostile words are
// words. A reader may take control characters out and cut what is too long.
func (p *page) says(where string, payloads []string, most int) {
	p.t.Helper()
	text := plainWords(js[string](p, `document.querySelector("main").textContent`))
	for _, x := range payloads {
		if x = plainWords(x); len(x) > most {
			x = x[:most]
		}
		if !strings.Contains(text, x) {
			p.t.Errorf("%s: %.80q is not readable", where, x)
		}
	}
}

// plainWords leaves out what is not printed.
func plainWords(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || 0x7f <= r && r <= 0xa0 || 0x200b <= r && r <= 0x206f || r == 0xfeff || r == '…' {
			return -1
		}
		return r
	}, s)
}

// to leads to a page of the open wallet, as the browser's history does: a visit
// would load the program anew and find it locked.
func (p *page) to(path string) {
	p.t.Helper()
	js[bool](p, `(() => { history.pushState({}, "", `+quote(path)+`); return dispatchEvent(new PopStateEvent("popstate")); })()`)
	p.until("the page "+path+" is drawn", `new Promise(done => Promise.resolve(globalThis.potliRest).then(() =>
		setTimeout(() => done(!document.querySelector(".wait") && !!document.querySelector("#title")), 60)))`)
}

type named struct{ Name, Type, Body string }

// give puts files into an input under any name: a name on a disk cannot hold
// everything, a name in a message can.
func (p *page) give(css string, files ...named) {
	p.t.Helper()
	if js[bool](p, `!!document.querySelector("#report-close")`) {
		p.click("#report-close")
		p.gone("#report")
	}
	p.there(css)
	list, err := json.Marshal(files)
	if err != nil {
		p.t.Fatal(err)
	}
	js[bool](p, `(() => {
		const all = new DataTransfer(), input = document.querySelector(`+quote(css)+`);
		for (const f of `+string(list)+`) all.items.add(new File([f.Body], f.Name, {type: f.Type}));
		input.files = all.files;
		return input.dispatchEvent(new Event("change", {bubbles: true}));
	})()`)
}

// brought waits for an import and returns how many files are in.
func (p *page) brought() int {
	p.t.Helper()
	p.until("the import ends", `!!document.querySelector("#report") && !document.querySelector("#work")`)
	return js[int](p, `document.querySelectorAll("#report .report-in").length`)
}

const hostileName = `Meera <img src=x onerror="window.__xss=1;alert(1)">`

// T16: the wallet shows hostile words as words. Each payload stands in every
// field of every kind of record, in names of files, people, links and readers.
func TestWalletShowsHostileWordsAsWords(t *testing.T) {
	t.Parallel()
	all := hostilePayloads(t)
	p := startPotli(t, "")
	b := newBrowser(t)
	w := b.trapped(t)
	w.visit(p.App)

	// The traps catch, or this test would say nothing.
	w.sees("Create my wallet")
	js[bool](w, `(() => { alert(1); window.__xss = 1; const e = document.createElement("svg-x"); e.setAttribute("data-x", ""); document.body.append(e); return true; })()`)
	eventually(t, "both traps catch", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.bad) == 2
	})
	if got := js[[]string](w, strings.ReplaceAll(foreign, "VIEWER", `""`)); !slices.Equal(got, []string{"svg-x", "svg-x data-x"}) {
		t.Fatalf("planted an element, found %q", got)
	}
	js[bool](w, `(document.querySelector("svg-x").remove(), true)`)
	w.complaints()

	w.createWallet(hostileName)
	for _, step := range []struct {
		name string
		run  func(*page, *potli, []string)
	}{
		{"records", hostileRecords}, {"file names", hostileFileNames}, {"people", hostilePeople},
		{"timeline", hostileTimeline}, {"shares", hostileShares}, {"links received", hostileLinks},
	} {
		t.Run(step.name, func(t *testing.T) {
			w.t = t
			step.run(w, p, all)
		})
	}
	w.t = t
	for _, path := range []string{"/", "/add", "/settings", "/settings/people", "/settings/words", "/settings/recovery", "/settings/recovery/kit", "/settings/recovery/contacts", "/settings/backup", "/settings/wipe", "/about"} {
		w.to(path)
		w.harmless(p.Viewer, path)
	}
	w.quiet()
	for _, url := range b.requested(t) {
		if !strings.HasPrefix(url, p.App) && !strings.HasPrefix(url, p.Relay) && !strings.HasPrefix(url, p.Viewer) {
			t.Errorf("a request to a third party: %s", url)
		}
	}
}

// perBundle is how many payloads one document carries. A page of twice as many takes
// four times as long to unfold.
const perBundle = 6

func hostileRecords(w *page, p *potli, all []string) {
	var files []named
	for batch := range slices.Chunk(all, perBundle) {
		files = append(files, named{batch[0] + ".json", "application/json", string(hostileBundle(batch))})
	}
	w.to("/add")
	w.give("#files", files...)
	w.brought()
	w.harmless(p.Viewer, "report that asks whose each document is")
	const asked = `document.querySelectorAll("#report .ask").length`
	for left := js[int](w, asked); left > 0; left = js[int](w, asked) {
		w.click("#report .ask .button-plain") // "keep it with"
		w.until("one question less", fmt.Sprintf(`%s < %d`, asked, left))
	}
	w.harmless(p.Viewer, "report")
	pages := js[[]string](w, `[...document.querySelectorAll("#report .report-in")].map(a => a.getAttribute("href"))`)
	if len(pages) != len(files) {
		w.t.Fatalf("%d of %d documents are in", len(pages), len(files))
	}
	for i, batch := range slices.Collect(slices.Chunk(all, perBundle)) {
		w.to(pages[i])
		w.until("every section is drawn", fmt.Sprintf(`document.querySelectorAll(".section").length >= %d`, len(batch)))
		w.harmless(p.Viewer, "record "+strconv.Itoa(i))
		w.says("record "+strconv.Itoa(i), batch, 400)
		if got, want := js[int](w, `document.querySelectorAll("article.view").length`), len(batch)*len(hostileKinds("x", "")); got < want {
			w.t.Errorf("record %d: %d cards, want %d", i, got, want)
		}
	}
	// The words stay words in a frame of the viewer, and in another language.
	w.press("Read the PDF")
	w.there("iframe.pdf")
	w.harmless(p.Viewer, "a PDF that is none")
	w.to("/settings")
	w.press("हिन्दी")
	w.to(pages[0])
	w.harmless(p.Viewer, "record in Hindi")
	w.to("/settings")
	w.press("English")
	w.sees("Settings")
}

// hostileFileNames: PDFs are called by their file, pages by their title, and a refused file is named.
func hostileFileNames(w *page, p *potli, all []string) {
	var good, bad []named
	for i, x := range all {
		good = append(good, named{x + ".pdf", "application/pdf", fmt.Sprintf("%%PDF-1.4\n%% %d\nstartxref\n0\n%%%%EOF\n", i)})
		bad = append(bad, named{x, "text/html", "GIF89a" + x})
		if i%10 == 0 { // a page that somebody saved is a note: its words, and nothing else of it
			good = append(good, named{x + ".html", "text/html", "<!doctype html><html><title>" + x + "</title><body><p>Note " + x + "</p></body></html>"})
		}
	}
	w.to("/add")
	w.give("#files", bad...)
	if got := w.brought(); got != 0 {
		w.t.Errorf("%d pictures that none can draw came in", got)
	}
	w.harmless(p.Viewer, "refused")
	w.says("refused", all, 200)
	w.give("#files", good...)
	if got := w.brought(); got != len(good) {
		w.t.Errorf("%d of %d PDFs and pages are in", got, len(good))
	}
	w.harmless(p.Viewer, "report of PDFs and pages")
	pages := js[[]string](w, `[...document.querySelectorAll("#report .report-in")].map(a => a.getAttribute("href"))`)
	for i := 0; i < len(pages); i += len(pages) / 12 {
		w.to(pages[i])
		w.harmless(p.Viewer, "PDF or page "+strconv.Itoa(i))
	}
}

// hostilePeople: a document says whose it is; the wallet asks, adds, lists and
// switches between the people, and deletes with their documents' titles.
func hostilePeople(w *page, p *potli, all []string) {
	var names []string
	for i := 0; i < len(all) && len(names) < 12; i += 25 {
		names = append(names, "Aarav Verma "+all[i])
	}
	var files []named
	for i, name := range names {
		patient, err := json.Marshal(map[string]any{
			"resourceType": "Patient", "id": strconv.Itoa(i), "birthDate": fmt.Sprintf("19%d-02-03", 30+i), "name": []any{map[string]any{"text": name}},
		})
		if err != nil {
			w.t.Fatal(err)
		}
		files = append(files, named{name + ".json", "", string(patient)})
	}
	w.to("/add")
	w.give("#files", files...)
	w.brought()
	if got := js[int](w, `document.querySelectorAll("#report .ask").length`); got != len(names) {
		w.t.Fatalf("asked %d times whose a document is, want %d", got, len(names))
	}
	w.harmless(p.Viewer, "questions")
	w.says("questions", names, 80)
	for range names {
		w.press("to the family")
		left := js[int](w, `document.querySelectorAll("#report .ask").length`)
		w.until("one question less", fmt.Sprintf(`document.querySelectorAll("#report .ask").length < %d`, max(left, 1)))
	}
	w.to("/settings/people")
	w.harmless(p.Viewer, "people")
	w.says("people", names, 80)
	w.to(js[string](w, `document.querySelectorAll(".person")[1].getAttribute("href")`))
	w.harmless(p.Viewer, "somebody's page")
	w.click("#person")
	w.there(".people-panel")
	w.harmless(p.Viewer, "people's panel")
	w.click(".people-panel .option:last-of-type")
	w.gone(".people-panel")
	w.harmless(p.Viewer, "another person's timeline")
	w.click("#timeline .group-head")
	w.deleteRecord()
	w.harmless(p.Viewer, "undo")
	w.click("#person")
	w.click(".people-panel .option:first-of-type")
	w.gone(".people-panel")
}

func hostileTimeline(w *page, p *potli, all []string) {
	w.to("/")
	w.harmless(p.Viewer, "timeline")
	w.says("timeline", all[:1], 60)
	for i := 0; i < len(all); i += 30 {
		w.empty("#search")
		js[bool](w, `(e => { e.value = `+mustJSON(all[i])+`; return e.dispatchEvent(new Event("input", {bubbles: true})); })(document.querySelector("#search"))`)
		w.harmless(p.Viewer, "search for "+all[i])
	}
	w.empty("#search")
	for i := range js[int](w, `document.querySelectorAll(".filters .option").length`) {
		w.click(fmt.Sprintf(".filters .option:nth-of-type(%d)", i+1))
		w.harmless(p.Viewer, "filter "+strconv.Itoa(i))
	}
	w.click(".filters .option:nth-of-type(1)")
}

// hostileShares: the preview, the code, and a ledger with a hostile note, label
// and as many hostile readers as the relay keeps.
func hostileShares(w *page, p *potli, all []string) {
	var short []string
	for _, x := range all {
		if len(x) <= 80 && strings.Contains(x, "alert") {
			short = append(short, x)
		}
	}
	w.to("/show")
	w.there("#show-go")
	w.harmless(p.Viewer, "preview")
	w.says("preview", all[:40], 150)
	// Fewer items: the rest of the corpus would make a link of many megabytes.
	w.to("/send")
	w.there("#send-go")
	w.write("#for", short[0])
	w.write("#label", short[1])
	js[bool](w, `(e => { e.value = "200"; return e.dispatchEvent(new Event("change", {bubbles: true})); })(document.querySelector("#uses"))`)
	w.harmless(p.Viewer, "link to send")
	w.click("#send-go")
	w.there("#countdown")
	w.harmless(p.Viewer, "code")
	link, err := share.Parse(codeLink(w))
	if err != nil {
		w.t.Fatal(err)
	}
	readers := short[:min(len(short), wire.MaxReceipts-2)]
	for _, x := range readers {
		manifest(w.t, p, link.URL, x)
	}
	w.to("/shared")
	w.harmless(p.Viewer, "ledger")
	w.says("ledger", short[:1], 80)
	w.click(".ledger-link")
	w.until("the receipts are in", fmt.Sprintf(`document.querySelectorAll("#opens .open").length >= %d`, len(readers)))
	w.harmless(p.Viewer, "share")
	w.says("share", append(readers, short[:2]...), 80)
	w.press("Show the code")
	w.there("#opens")
	w.harmless(p.Viewer, "code with receipts")
	w.click("#code-close")
}

// codeLink reads the link off the page of a code: printed words are on the page.
func codeLink(w *page) string {
	w.t.Helper()
	return js[string](w, `document.querySelector(".print-link").textContent`)
}

// manifest opens a link as a reader of that name.
func manifest(t testing.TB, p *potli, url, recipient string) {
	t.Helper()
	body := mustJSON(map[string]any{"recipient": recipient, "embeddedLengthMax": 0})
	resp, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("the relay answered %s to a reader", resp.Status)
	}
}

// hostileLinks: the label and the host of a stranger's link, pasted on any page,
// and what a record says of the link it came by.
func hostileLinks(w *page, p *potli, all []string) {
	file := mustJSON(map[string]any{"resourceType": "Condition", "id": "from-a-link", "code": map[string]any{"text": "by link"}})
	link, err := share.Parse(shared(w.t.(*testing.T), p, []byte(file)))
	if err != nil {
		w.t.Fatal(err)
	}
	var texts, labels []string
	for _, x := range all {
		l := link
		l.Label = string([]rune(x)[:min(40, len([]rune(x)))])
		texts, labels = append(texts, l.String()), append(labels, plainWords(l.Label))
	}
	w.to("/settings") // where nothing takes a paste for itself
	for i, text := range texts {
		w.paste("look: " + text)
		w.until("the label is readable: "+labels[i], `(document.querySelector(".receive .card")?.textContent ?? "").replace(/[\0-\x20\x7f-\xa0\u200b-\u206f\ufeff\u2026]/g, "").includes(`+mustJSON(labels[i])+`)`)
	}
	w.harmless(p.Viewer, "receive")
	w.write("#recipient", "Meera")
	w.click("#receive-open")
	w.there(".letter-preview .view")
	w.harmless(p.Viewer, "arrived")
	w.click("#item-keep")
	w.brought()
	w.harmless(p.Viewer, "received")
	w.click("#report .report-in")
	w.sees("by link")
	w.harmless(p.Viewer, "record that came by a link")

	for i := 0; i < len(all); i += 10 {
		for _, url := range []string{"https://" + all[i] + "/l/x", "https://a.example/" + all[i], all[i]} {
			l := base64.RawURLEncoding.EncodeToString([]byte(mustJSON(map[string]any{
				"url": url, "key": base64.RawURLEncoding.EncodeToString(link.Key), "flag": "U", "label": all[i],
			})))
			w.to("/receive")
			w.paste("shlink:/" + l)
			w.harmless(p.Viewer, "a link to "+url)
		}
	}
}

// paste gives text to the page, not to a field of it.
func (p *page) paste(text string) {
	p.t.Helper()
	js[bool](p, `(() => {
		const data = new DataTransfer();
		data.setData("text/plain", `+mustJSON(text)+`);
		return document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true}));
	})()`)
}

func mustJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// hostileBundle is a document with one section for each payload, and in it one
// resource of each kind that says nothing else.
func hostileBundle(payloads []string) []byte {
	type m = map[string]any
	const subject = "urn:uuid:eeeeeeee-0000-4000-8000-000000000000" // one person, or nothing could be shared
	entries, sections, names := []any{}, []any{}, []any{}
	for _, x := range payloads {
		refs := []any{}
		names = append(names, m{"text": x, "family": x, "given": []any{x}, "prefix": []any{x}})
		visit := fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012d", len(entries))
		for _, r := range hostileKinds(x, visit) {
			r["subject"], r["patient"] = m{"reference": subject, "display": x}, m{"reference": subject, "display": x}
			url := fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012d", len(entries))
			entries = append(entries, m{"fullUrl": url, "resource": r})
			refs = append(refs, m{"reference": url, "display": x})
		}
		sections = append(sections, m{
			"title": x, "entry": refs, "text": hostileText(x), "code": hostileConcept(x), "emptyReason": hostileConcept(x),
		})
	}
	x := payloads[0]
	entries = append(entries, m{"fullUrl": subject, "resource": m{"resourceType": "Patient", "id": "p", "name": names, "birthDate": x, "gender": x, "text": hostileText(x)}})
	composition := m{
		"resourceType": "Composition", "subject": m{"reference": subject, "display": x}, "status": "final", "title": x, "date": "2024-05-06", "type": hostileConcept(x), "text": hostileText(x),
		"author": []any{m{"display": x}}, "custodian": m{"display": x}, "attester": []any{m{"mode": x, "party": m{"display": x}}}, "section": sections,
	}
	b, err := json.Marshal(m{"resourceType": "Bundle", "type": "document", "identifier": m{"system": x, "value": x}, "timestamp": "2024-05-06T07:08:09Z",
		"entry": append([]any{m{"fullUrl": "urn:uuid:ffffffff-0000-4000-8000-000000000000", "resource": composition}}, entries...)})
	if err != nil {
		panic(err)
	}
	return b
}

func hostileText(x string) map[string]any {
	return map[string]any{"status": "generated", "div": `<div xmlns="http://www.w3.org/1999/xhtml">` + x + `</div>`}
}

func hostileConcept(x string) map[string]any {
	return map[string]any{"text": x, "coding": []any{map[string]any{"system": x, "code": x, "display": x}}}
}

// hostileKinds is one resource of each kind; the first is the visit.
func hostileKinds(x, visit string) []map[string]any {
	type m = map[string]any
	c, text := hostileConcept(x), hostileText(x)
	code := m{"coding": []any{m{"system": x, "code": x}}}
	data := base64.StdEncoding.EncodeToString([]byte(x))
	file := func(typ, head string) m {
		return m{"title": x, "contentType": typ, "data": base64.StdEncoding.EncodeToString([]byte(head + x))}
	}
	q := m{"value": 1.5, "unit": x, "code": x, "system": x}
	odd := m{"value": x, "unit": x, "comparator": x}
	who := m{"display": x, "reference": x, "identifier": m{"value": x, "system": x}}
	id := []any{m{"type": c, "value": x, "system": x}}
	note := []any{m{"text": x, "authorString": x, "time": x}}
	at := "2024-03-05"
	in := m{"reference": visit}
	return []m{
		{"resourceType": "Encounter", "status": x, "class": m{"code": x, "display": x}, "type": []any{c}, "serviceProvider": who, "reasonCode": []any{c},
			"period": m{"start": at, "end": x}, "participant": []any{m{"individual": who}}, "location": []any{m{"location": who}}, "text": text},
		{"resourceType": "RelatedPerson", "id": x, "language": x, "text": text, "identifier": id, "name": []any{m{"text": x, "family": x, "given": []any{x}, "prefix": []any{x}}},
			"birthDate": x, "gender": x, "address": []any{m{"text": x, "line": []any{x}, "city": x, "country": x}},
			"telecom": []any{m{"value": x, "use": x, "system": x}}, "contact": []any{m{"name": m{"text": x}, "relationship": []any{c}}},
			"photo": []any{file("image/png", "\x89PNG\r\n\x1a\n")}, "communication": []any{m{"language": c}}},
		{"resourceType": "AllergyIntolerance", "text": text, "code": c, "clinicalStatus": code, "verificationStatus": code, "category": []any{x}, "type": x,
			"criticality": "high", "reaction": []any{m{"substance": c, "manifestation": []any{c}, "severity": x, "description": x}}, "note": note, "onsetString": x, "encounter": in},
		{"resourceType": "Condition", "text": text, "code": c, "severity": c, "bodySite": []any{c}, "stage": []any{m{"summary": c}}, "onsetString": x,
			"abatementString": x, "note": note, "encounter": in, "recordedDate": at},
		{"resourceType": "MedicationRequest", "status": x, "intent": x, "medicationCodeableConcept": c, "authoredOn": at, "note": note, "encounter": in, "requester": who,
			"dosageInstruction": []any{m{"text": x, "patientInstruction": x, "additionalInstruction": []any{c}}, m{"route": c, "site": c, "method": c,
				"timing":      m{"code": c, "repeat": m{"frequency": 2, "period": 1, "periodUnit": x, "when": []any{x}, "dayOfWeek": []any{x}, "timeOfDay": []any{x}}},
				"doseAndRate": []any{m{"type": c, "doseQuantity": q}}, "asNeededCodeableConcept": c}}, "dispenseRequest": m{"quantity": q}},
		{"resourceType": "MedicationStatement", "status": "active", "medicationReference": who, "dosage": []any{m{"text": x}}, "effectiveDateTime": at, "informationSource": who},
		{"resourceType": "Immunization", "status": "not-done", "vaccineCode": c, "lotNumber": x, "occurrenceString": x, "manufacturer": who, "site": c, "note": note,
			"protocolApplied": []any{m{"doseNumberString": x, "series": x, "targetDisease": []any{c}}}, "statusReason": c},
		{"resourceType": "Observation", "status": "final", "code": c, "valueQuantity": q, "interpretation": []any{c, code}, "effectiveDateTime": at, "note": note, "method": c,
			"referenceRange": []any{m{"text": x}, m{"low": q, "high": odd, "appliesTo": []any{c}}}, "category": []any{m{"coding": []any{m{"code": "laboratory"}}}},
			"component": []any{m{"code": c, "valueString": x}, m{"code": c, "dataAbsentReason": code}, m{"code": c, "valueCodeableConcept": c}}, "performer": []any{who}},
		{"resourceType": "DiagnosticReport", "status": "final", "code": c, "conclusion": x, "conclusionCode": []any{c}, "result": []any{who}, "performer": []any{who}, "identifier": id,
			"presentedForm": []any{file("application/pdf", "%PDF-1.4\n"), file("text/html", "<html><body>"), file("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'>"),
				m{"title": x, "contentType": x, "data": data}, m{"title": x, "contentType": "application/pdf", "url": x}, m{"title": x, "url": "https://a.example/" + x}}},
		{"resourceType": "Procedure", "status": "completed", "code": c, "outcome": c, "performedString": x, "bodySite": []any{c}, "complication": []any{c}, "note": note},
		{"resourceType": "CarePlan", "status": "active", "title": x, "description": x, "text": text, "category": []any{c}, "goal": []any{who},
			"activity": []any{m{"detail": m{"description": x, "status": x, "code": c, "scheduledString": x}}}, "note": note},
		{"resourceType": "DocumentReference", "status": "current", "description": x, "type": c, "author": []any{who}, "securityLabel": []any{c},
			"content": []any{m{"attachment": file("image/jpeg", "\xff\xd8\xff\xe0")}, m{"attachment": file("application/pdf", "%PDF-1.7\n"), "format": m{"display": x}}}},
		{"resourceType": "FamilyMemberHistory", "status": x, "name": x, "relationship": c, "condition": []any{m{"code": c, "onsetString": x, "note": note}}},
		{"resourceType": "Appointment", "status": "booked", "description": x, "comment": x, "start": "2024-03-06T09:00:00Z", "participant": []any{m{"actor": who, "type": []any{c}}}},
		{"resourceType": "Flag", "status": "active", "code": c, "author": who, "identifier": id},
		{"resourceType": "Device", "deviceName": []any{m{"name": x, "type": x}}, "serialNumber": x, "manufacturer": x, "note": note},
		{"resourceType": "Questionnaire" + letters(x), "text": text, "_text": x, "item": []any{m{"text": x, x: x}},
			"extension":         []any{m{"url": x, "valueString": x}, m{"url": "https://e.example/" + x, "extension": []any{m{"url": x, "valueCodeableConcept": c}}}},
			"modifierExtension": []any{m{"url": x, "valueUri": x}}, "contained": []any{m{"resourceType": "Basic", "id": x, "code": c}}},
	}
}

// letters makes a type nobody knows out of a payload.
func letters(x string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return -1
	}, x[:min(len(x), 40)])
}
