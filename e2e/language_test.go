package e2e_test

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Languages that nobody speaks show what a translation would break, before there is one (https://unicode.org/reports/tr35/,
// pseudo-locales): en-XA is English with accents, 40 % longer and in brackets, ar-XB is English from right to left. They are
// made here and never ship.

// invented is a language made of the English catalogue.
type invented struct {
	tag, name, font string
	say             func(text string) string
}

var pseudo = []invented{
	{tag: "en-XA", name: "[Éñĝļîšĥ]", say: longer},
	{tag: "ar-XB", name: "\u202ehsilgnE\u202c", say: mirrored},
}

var brace = regexp.MustCompile(`\{[\w-]+\}`)

// between changes what stands between the arguments of a text.
func between(text string, change func(string) string) string {
	var out strings.Builder
	for at := brace.FindStringIndex(text); at != nil; at = brace.FindStringIndex(text) {
		out.WriteString(change(text[:at[0]]) + text[at[0]:at[1]])
		text = text[at[1]:]
	}
	return out.String() + change(text)
}

var accented = strings.NewReplacer("a", "å", "c", "ç", "e", "é", "g", "ĝ", "h", "ĥ", "i", "î", "l", "ļ", "n", "ñ", "o", "ö", "s", "š", "u", "û", "y", "ý",
	"A", "Å", "C", "Ç", "E", "É", "I", "Î", "O", "Ö", "S", "Š", "U", "Û")

// longer adds the 40 % in words of the text's own length, so that it breaks where a translation could.
func longer(text string) string {
	more := ""
	words := regexp.MustCompile(`\pL+`).FindAllString(brace.ReplaceAllString(text, ""), -1)
	if len(words) == 0 {
		return text // a pattern
	}
	for i := 0; len(more)*5 < len(text)*2; i++ {
		more += " " + words[i%len(words)]
	}
	return "[" + between(text, accented.Replace) + accented.Replace(more) + "]"
}

// mirrored has each word run the other way, between marks that say so.
func mirrored(text string) string {
	return between(text, func(s string) string {
		return regexp.MustCompile(`[\pL\pN'’]+`).ReplaceAllString(s, "\u202e$0\u202c")
	})
}

// spelt writes a text in 26 letters of a script, as they come.
func spelt(letters string) func(string) string {
	list := []rune(letters)
	return func(text string) string {
		return between(text, func(s string) string {
			return strings.Map(func(r rune) rune {
				if r |= 0x20; r >= 'a' && r <= 'z' {
					return list[int(r-'a')%len(list)]
				}
				return r
			}, s)
		})
	}
}

// catalogueOf is web/messages/en.json in an invented language.
func catalogueOf(t testing.TB, l invented) []byte {
	t.Helper()
	all := catalogue(t)
	for key, v := range all {
		switch v := v.(type) {
		case string:
			all[key] = l.say(v)
		case map[string]any:
			for form, text := range v {
				v[form] = l.say(text.(string))
			}
		}
	}
	out, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// listWith is web/messages/languages.json with invented languages at its end, or in the place of those that have their tag.
func listWith(t testing.TB, more []invented) []byte {
	t.Helper()
	b, err := os.ReadFile(fixture(t, "web", "messages", "languages.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatal(err)
	}
	for _, l := range more {
		list = slices.DeleteFunc(list, func(o map[string]any) bool { return o["tag"] == l.tag })
		list = append(list, map[string]any{"tag": l.tag, "name": l.name, "english": l.tag, "font": l.font, "checked": true, "complete": true})
	}
	out, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// invent makes the site speak invented languages in one tab, by answering in its place. The service worker, which would take
// no file that is not signed, is passed over. Files that are in broken fail, as without network.
func (p *page) invent(more []invented, broken ...string) {
	p.t.Helper()
	files := map[string][]byte{"/web/messages/languages.json": listWith(p.t, more)}
	for _, l := range more {
		files["/web/messages/"+l.tag+".json"] = catalogueOf(p.t, l)
		for _, folder := range []string{"plain", "learn"} { // texts to read: they break where they like
			b, err := os.ReadFile(fixture(p.t, "web", folder, "en.json"))
			if err != nil {
				p.t.Fatal(err)
			}
			files["/web/"+folder+"/"+l.tag+".json"] = b
		}
	}
	err := chromedp.Listen(p.ctx, func(ev any) {
		asked, ok := ev.(*fetch.EventRequestPaused)
		if !ok {
			return
		}
		name := asked.Request.URL[strings.Index(asked.Request.URL, "/web/"):]
		go func() {
			if slices.Contains(broken, name) {
				_, _ = chromedp.Call(p.ctx, fetch.FailRequest, fetch.FailRequestParams{RequestID: asked.RequestID, ErrorReason: network.ErrorReasonInternetDisconnected})
				return
			}
			body := files[name]
			if body == nil {
				_, _ = chromedp.Call(p.ctx, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: asked.RequestID})
				return
			}
			_, _ = chromedp.Call(p.ctx, fetch.FulfillRequest, fetch.FulfillRequestParams{RequestID: asked.RequestID, ResponseCode: 200, Body: body,
				ResponseHeaders: []*fetch.HeaderEntry{{Name: "Content-Type", Value: "application/json"}}})
		}()
	})
	if err != nil {
		p.t.Fatal(err)
	}
	tell(p, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true})
	tell(p, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*/web/messages/*.json"}, {URLPattern: "*/web/plain/*.json"}, {URLPattern: "*/web/learn/*.json"}}})
}

// clipped lists words that are cut off below or at the side where they stand.
const clipped = `[...document.querySelectorAll("main *, nav *, header *")].filter(e => {
	if (e.closest(".part-first")) return false; // the first line of what opens below it
	if (e.closest(".away, svg, pre, textarea, [hidden], .wait-dots, video, iframe") || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) return false;
	const s = getComputedStyle(e);
	if (s.display === "inline" || s.display === "contents" || e.clientWidth < 2) return false;
	return s.overflowY !== "visible" && e.scrollHeight > e.clientHeight + 1 || s.overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1;
}).map(e => e.outerHTML.slice(0, 120))`

// TestInvented: texts that are 40 % longer, and a page from right to left, fit on a small phone everywhere (L3).
func TestInvented(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, "")
	w.invent(pseudo)
	w.wear(looks[0])
	w.visit(p.App)
	w.there("#try")
	w.fits(look{name: "language-folded", theme: "light", width: 320, text: 16}, "welcome")
	w.click("#try")
	w.there("#timeline .group")
	record := js[string](w, `document.querySelector("#timeline a[href^='/record/']").getAttribute("href")`)
	places := []string{"/", "/counter", "/show", "/add", record, "/shared", "/send", "/export", "/emergency", "/trends", "/inbox", "/consents", "/write", "/write/medicine",
		"/settings", "/settings/people", "/settings/recovery", "/settings/ways", "/settings/words", "/settings/backup", "/settings/devices", "/settings/left", "/settings/storage",
		"/install", "/about", "/privacy", "/drop", "/settings/wipe"}
	for _, l := range pseudo {
		w.to("/settings")
		w.speak(l.tag)
		if got, want := js[string](w, `document.documentElement.dir`), map[string]string{"en-XA": "ltr", "ar-XB": "rtl"}[l.tag]; got != want {
			t.Errorf("%s goes %s", l.tag, got)
		}
		for _, width := range []int64{320, 360} {
			at := look{name: "invented-" + l.tag, lang: l.tag, theme: "light", width: width, text: 16}
			w.wear(at)
			for _, place := range places {
				if width == 360 && !slices.Contains(places[:6], place) {
					continue // what fits on the smaller one fits here
				}
				w.to(place)
				w.fits(at, strings.ReplaceAll(strings.Trim(place, "/"), "/", "-"))
			}
		}
	}
	w.quiet()
}

// fits says what of a page is cut off or sticks out, and keeps a picture.
func (p *page) fits(l look, name string) {
	p.t.Helper()
	p.wear(l)
	for what, question := range map[string]string{"sticks out": sideways, "is cut": cut, "is clipped": clipped} {
		for _, v := range js[[]string](p, question) {
			p.t.Errorf("%s %d px, %s: %s: %s", l.name, l.width, name, what, v)
		}
	}
	if l.width == 320 {
		p.wholePicture(l, name)
	}
}

// onlyLatin is a system without letters of any Indian script.
func onlyLatin(t testing.TB) chromedp.ExecAllocatorOption {
	t.Helper()
	dir := t.TempDir()
	for _, font := range []string{"/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf",
		"/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf", "/usr/share/fonts/truetype/liberation2/LiberationSans-Regular.ttf"} {
		if b, err := os.ReadFile(font); err == nil {
			if err := os.WriteFile(filepath.Join(dir, path.Base(font)), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	config := filepath.Join(dir, "fonts.conf")
	text := `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>` + dir + `</dir><cachedir>` + dir + `/cache</cachedir></fontconfig>`
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return chromedp.Env("FONTCONFIG_FILE=" + config)
}

// boxes counts the letters of a text that are drawn as the box for what no font has, of all, in the font of the heading.
const boxes = `(text => {
	const pen = document.createElement("canvas").getContext("2d");
	pen.font = getComputedStyle(document.querySelector("#title")).font.replace(/^.*?px(\/\S+)?/, "100px");
	const none = pen.measureText("\u0378").width, letters = [...new Set(text)].filter(c => /\p{L}/u.test(c));
	return [letters.filter(c => pen.measureText(c).width === none).length, letters.length];
})`

// TestLetters: where the system has no letters for a language, they come with it, and those alone (L2). What cannot be
// fetched is said in words, and nothing changes.
func TestLetters(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t, onlyLatin(t)).open(t, "")
	w.invent([]invented{
		{"ta", "தமிழ்", "noto-sans-tamil", spelt("அஆஇஈஉஊஎஏஐகஙசஞடணதநபமயரலவழளற")},
		{"or", "ଓଡ଼ିଆ", "noto-sans-oriya", spelt("ଅଆଇଈଉଏଓକଖଗଘଚଛଜଝଟଠଡଢଣତଥଦଧନପ")},
		{"te", "తెలుగు", "noto-sans-telugu", spelt("అఆఇ")},
		{"ml", "മലയാളം", "no-such-font", spelt("അആഇ")},
	}, "/web/messages/te.json")
	w.visit(p.App)
	w.there("#try")
	w.click("#try")
	w.there("#timeline .group")
	w.to("/settings")
	if got := js[string](w, `document.querySelector(".languages [lang=ta]").innerText.trim()`); got != "தமிழ் · ta" {
		t.Errorf("a language without letters is called %q", got)
	}
	for missing, name := range map[string]string{"te": "తెలుగు", "ml": "മലയാളം"} {
		w.click(`.languages [lang=` + missing + `]`)
		w.sees(name + " could not be fetched. Nothing was changed.")
		if js[string](w, `document.documentElement.lang`) != "en" || !js[bool](w, `document.querySelector("#title").textContent === "Settings"`) {
			t.Errorf("%s could not be fetched, and the page changed: %.200s", missing, w.visible())
		}
	}
	w.complaints() // the console names what was not there
	for _, tag := range []string{"ta", "or"} {
		if got := js[[]int](w, boxes+`("`+map[string]string{"ta": "தமிழ", "or": "ଓଡିଆ"}[tag]+`")`); got[0] != got[1] {
			t.Fatalf("the system has letters for %s: %v", tag, got)
		}
		w.speak(tag)
		w.until("the heading is in "+tag, `!/[A-Za-z]/.test(document.querySelector("#title").textContent)`)
		js[bool](w, `document.fonts.ready.then(() => true)`)
		if got := js[[]int](w, boxes+`(document.querySelector("main").innerText.replace(/[^\p{Script=`+map[string]string{"ta": "Tamil", "or": "Oriya"}[tag]+`}]/gu, ""))`); got[0] != 0 || got[1] < 20 {
			t.Errorf("%s: %d of %d letters are boxes", tag, got[0], got[1])
		}
		w.fits(look{name: "letters-" + tag, theme: "light", width: 320, text: 16}, "settings")
	}
	var fetched []string
	w.mu.Lock()
	for _, url := range w.got {
		if strings.Contains(url, "/web/fonts/") {
			fetched = append(fetched, path.Base(url))
		}
	}
	w.mu.Unlock()
	slices.Sort(fetched)
	if want := []string{"no-such-font.woff2", "noto-sans-oriya.woff2", "noto-sans-tamil.woff2"}; !slices.Equal(slices.Compact(fetched), want) {
		t.Errorf("fetched %v, want %v", fetched, want)
	}
	w.quiet()
}

// TestLanguageStays: the language that was chosen is spoken without network too, from the first words on.
func TestLanguageStays(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.there("#try")
	w.speak("hi")
	w.until("the words are kept", `Promise.all(["/web/messages/hi.json", "/web/messages/start/hi.json", "/web/plain/hi.json", "/web/messages/languages.json"].map(f => caches.match(f))).then(all => all.every(r => r?.ok))`)
	w.keeps()
	p.kill()
	w.anew(w.reload, `document.documentElement.lang === "hi" && !!document.querySelector("#try")`)
	if js[string](w, `document.documentElement.dir`) != "ltr" {
		t.Error("the direction is lost")
	}
}
