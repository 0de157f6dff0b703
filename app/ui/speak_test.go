package ui_test

import (
	"context"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui"
)

// reading is the button that reads aloud on a phone with voices; text is what it shows after an act.
func reading(t *testing.T, v voice) (a ui.Aloud, d *device, text func(act func()) string) {
	t.Helper()
	d = &device{voice: v}
	langs := ui.NewLanguages(d)
	if _, err := langs.Use(context.Background(), "en"); err != nil {
		t.Fatal(err)
	}
	a = ui.AloudFor(world(same), d, langs)
	engine := app.NewTestEngine()
	if err := engine.Load(a); err != nil {
		t.Fatal(err)
	}
	engine.ConsumeAll()
	return a, d, func(act func()) string {
		act()
		engine.ConsumeAll()
		return app.HTMLString(a)
	}
}

// TestReadAloud: with a voice of this phone it reads at once, stops on a second press, and leaves nothing running.
func TestReadAloud(t *testing.T) {
	a, d, after := reading(t, voice{here: []string{"en"}})
	if html := after(a.Press); !strings.Contains(html, "Stop reading") || len(d.voice.reads) != 1 || d.voice.reads[0] != "aloud-r1" || d.voice.cloud {
		t.Fatalf("read %q, elsewhere too: %v, shows %s", d.voice.reads, d.voice.cloud, html)
	}
	if html := after(a.Press); !strings.Contains(html, "Read aloud") || d.voice.stopped != 1 {
		t.Errorf("stopped %d times, shows %s", d.voice.stopped, html)
	}
	after(a.Press)
	if html := after(func() { d.voice.done(true) }); strings.Contains(html, "Stop reading") || strings.Contains(html, "notice") {
		t.Errorf("after the end it shows %s", html)
	}
	after(a.Press)
	if html := after(func() { d.voice.done(false) }); !strings.Contains(html, "could not go on reading") {
		t.Errorf("after a failure it shows %s", html)
	}
	after(a.Press)
	before := d.voice.stopped
	if after(a.OnDismount); d.voice.stopped != before+1 {
		t.Error("it goes on reading on a page that was left")
	}
}

// TestReadAloudLate: voices that come when they are asked for are waited for; what ended meanwhile ends nothing later.
func TestReadAloudLate(t *testing.T) {
	a, d, after := reading(t, voice{none: []string{"en"}, late: []string{"en"}})
	if html := after(a.Press); len(d.voice.reads) != 1 || !strings.Contains(html, "Stop reading") {
		t.Fatalf("read %q, shows %s", d.voice.reads, html)
	}
	old := d.voice.done
	after(a.Press)
	after(a.Press)
	if html := after(func() { old(false) }); !strings.Contains(html, "Stop reading") {
		t.Errorf("the end of a reading before ended this one: %s", html)
	}
}

// TestReadAloudKeepsWords: the words leave the phone only when the person has agreed, and never while a voice of the phone
// has the language.
func TestReadAloudKeepsWords(t *testing.T) {
	a, d, after := reading(t, voice{away: []string{"en"}})
	if html := after(a.Press); len(d.voice.reads) != 0 || !strings.Contains(html, "would leave this phone") {
		t.Fatalf("read %q before anybody agreed, shows %s", d.voice.reads, html)
	}
	if html := after(a.No); len(d.voice.reads) != 0 || strings.Contains(html, "would leave this phone") {
		t.Errorf("read %q after a no, shows %s", d.voice.reads, html)
	}
	after(a.Press)
	if after(a.Agree); len(d.voice.reads) != 1 || !d.voice.cloud {
		t.Errorf("read %q, elsewhere too: %v, after a yes", d.voice.reads, d.voice.cloud)
	}
	b, d, after := reading(t, voice{here: []string{"en"}, away: []string{"hi"}})
	if html := after(b.Press); len(d.voice.reads) != 1 || d.voice.cloud || !strings.Contains(html, "Words in हिन्दी are left out") {
		t.Errorf("read %q, elsewhere too: %v, shows %s", d.voice.reads, d.voice.cloud, html)
	}
}

// TestReadAloudMute: a phone without a voice of the language says so, and how to get one.
func TestReadAloudMute(t *testing.T) {
	for name, v := range map[string]voice{"no voice": {none: []string{"en"}}, "of another language": {here: []string{"hi"}, none: []string{"en"}}} {
		a, d, after := reading(t, v)
		if html := after(a.Press); len(d.voice.reads) != 0 || !strings.Contains(html, "no voice for English") || !strings.Contains(html, "text to speech") {
			t.Errorf("%s: read %q, shows %s", name, d.voice.reads, html)
		}
	}
}
