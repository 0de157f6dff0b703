package ui_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui"
	"potli/app/wallet"
)

// thirteen is the list of the languages with all of them complete.
func thirteen() []ui.Language {
	out := []ui.Language{
		{Tag: "en", Name: "English", English: "English", Checked: true},
		{Tag: "hi", Name: "हिन्दी", English: "Hindi", Font: "noto-sans-devanagari"},
	}
	for _, tag := range []string{"bn", "mr", "te", "ta", "gu", "kn", "ml", "pa", "or", "as"} {
		out = append(out, ui.Language{Tag: tag, Name: "name of " + tag, English: "English " + tag, Font: "noto-sans-x"})
	}
	return append(out, ui.Language{Tag: "ur", Name: "اردو", English: "Urdu", Font: "noto-sans-arabic"})
}

// drawIn is draw in a release that speaks other languages, on a device that was prepared.
func drawIn(t *testing.T, d *door, tag, path string, all []ui.Language, prepare ...func(*device)) (*element, *device) {
	t.Helper()
	dev := &device{tab: d.tab}
	for _, f := range prepare {
		f(dev)
	}
	langs := ui.LanguagesOf(dev, catalogues())
	if all != nil {
		langs.Offer(all)
	}
	if _, err := langs.Use(context.Background(), tag); err != nil {
		t.Fatal(err)
	}
	shell := ui.ShellFor(d, dev, langs, func() time.Time { return now }, path)
	engine := app.NewTestEngine()
	if err := engine.Load(shell); err != nil {
		t.Fatal(err)
	}
	engine.ConsumeAll()
	t.Cleanup(func() { shell.(app.Dismounter).OnDismount() })
	return parse(t, app.HTMLString(shell)), dev
}

// ofClass are the elements with a class.
func ofClass(page *element, class string) (out []*element) {
	page.walk(func(e *element) {
		if slices.Contains(strings.Fields(e.attrs["class"]), class) {
			out = append(out, e)
		}
	})
	return out
}

// TestLanguagesOffered: each in its own script with its language named, the one in use marked, and at the door all of them
// folded away behind it.
func TestLanguagesOffered(t *testing.T) {
	for path, phase := range map[string]wallet.Phase{"/": wallet.PhaseLocked, "/settings": wallet.PhaseOpen} {
		d := world(same)
		d.snap.Phase = phase
		page, _ := drawIn(t, d, "hi", path, thirteen())
		list := ofClass(page, "languages")[0]
		options := ofClass(list, "option")
		if len(options) != 13 {
			t.Fatalf("%s: %d languages", path, len(options))
		}
		for i, l := range thirteen() {
			o := options[i]
			pressed, there := o.attrs["aria-pressed"]
			if o.attrs["lang"] != l.Tag || !strings.Contains(o.words(), l.Name) || (there && pressed != "false") != (l.Tag == "hi") {
				t.Errorf("%s: %v %q, want %s", path, o.attrs, o.words(), l.Tag)
			}
		}
		if folded := len(ofClass(page, "language-fold")) == 1; folded != (phase == wallet.PhaseLocked) {
			t.Errorf("%s: folded is %v", path, folded)
		}
		if said := page.id("language-checked"); phase == wallet.PhaseOpen && (said == nil || !strings.Contains(said.words(), "नहीं जाँचे")) {
			t.Errorf("%s does not say that nobody has checked its words", path)
		}
	}
}

// TestLanguageOfAnotherScript: where the device draws boxes, the English name stands beside.
func TestLanguageOfAnotherScript(t *testing.T) {
	page, _ := drawIn(t, world(same), "en", "/settings", thirteen(), func(dev *device) { dev.without = "اردو" })
	for _, o := range ofClass(ofClass(page, "languages")[0], "option") {
		if got, want := strings.Contains(o.words(), "Urdu"), o.attrs["lang"] == "ur"; got != want {
			t.Errorf("%q", o.words())
		}
	}
}

// TestUse: letters are fetched where the device has none, once; what cannot be fetched changes nothing.
func TestUse(t *testing.T) {
	dev := &device{}
	l := ui.LanguagesOf(dev, catalogues())
	ctx := context.Background()
	use := func(tag string, want error) {
		t.Helper()
		if _, err := l.Use(ctx, tag); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", tag, err, want)
		}
	}
	use("en", nil)
	if l.Beside("en") != nil {
		t.Error("English is checked, and stands in two")
	}
	use("fr", ui.ErrLanguage) // is not offered
	use("../x", ui.ErrLanguage)
	dev.without, dev.broken = "हिन्दी", errors.New("no network")
	use("hi", dev.broken)
	if l.Current().Tag() != "en" || dev.lang != "en" {
		t.Errorf("without letters the page speaks %s", l.Current().Tag())
	}
	dev.broken = nil
	use("hi", nil)
	use("en", nil)
	use("hi", nil)
	if l.Current().Tag() != "hi" || dev.lang != "hi" || !slices.Equal(dev.fonts, []string{"noto-sans-devanagari", "noto-sans-devanagari"}) {
		t.Errorf("speaks %s, asked for %v", l.Current().Tag(), dev.fonts)
	}
	if beside := l.Beside("hi"); beside == nil || beside.Tag() != "en" {
		t.Error("unchecked words stand alone")
	}
	if err := l.Keep(ctx, "hi"); err != nil || !slices.Contains(dev.stays, "/web/messages/hi.json") || !slices.Contains(dev.stays, "/web/fonts/noto-sans-devanagari.woff2") {
		t.Errorf("%v, kept %v", err, dev.stays)
	}
}

// TestBoth: what is agreed to stands in English too where nobody has checked the words, with English dates.
func TestBoth(t *testing.T) {
	for tag, want := range map[string][]string{"en": {"12 June 2026"}, "hi": {"12 जून 2026", "12 June 2026"}} {
		d := world(same)
		e := env(t, d, tag)
		page := parse(t, app.HTMLString(e.Both(func(e *ui.Env) string { return e.L.Date("2026-06-12") })))
		var got []string
		for _, p := range page.all("p") {
			got = append(got, strings.TrimSpace(p.words()))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}
