package ui_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fountain"
	"potli/app/scan"
	"potli/app/ui"
)

// filming is a page that films another screen, with hands on its buttons.
func filming(t *testing.T, d *device, clock func() time.Time) (ui.Filming, func() *element) {
	t.Helper()
	langs := ui.NewLanguages(d)
	if _, err := langs.Use(context.Background(), "en"); err != nil {
		t.Fatal(err)
	}
	page := ui.FilmingFor(world(same), d, langs, clock)
	engine := app.NewTestEngine()
	if err := engine.Load(page); err != nil {
		t.Fatal(err)
	}
	engine.ConsumeAll()
	return page, func() *element {
		engine.ConsumeAll()
		return parse(t, app.HTMLString(page))
	}
}

// sequence are codes that hold something, and how many are needed.
func sequence(t *testing.T) (codes []string, need int) {
	t.Helper()
	var text strings.Builder // that does not get shorter
	for i := range 200 {
		fmt.Fprintf(&text, "%x ", i*i*i*7919)
	}
	parcel, err := fountain.Pack(fountain.FHIR, []byte(`{"resourceType":"Condition","code":{"text":"`+text.String()+`"}}`))
	if err != nil {
		t.Fatal(err)
	}
	sender, err := fountain.New(parcel, 188)
	if err != nil {
		t.Fatal(err)
	}
	for n := range sender.Blocks() {
		codes = append(codes, sender.Frame(n))
	}
	return codes, sender.Blocks()
}

// TestFilmOffers: a light and another camera are offered where there are any, as in any other place that scans; the other
// camera goes on where the first one was.
func TestFilmOffers(t *testing.T) {
	codes, need := sequence(t)
	if need < 3 {
		t.Fatalf("%d codes are no sequence", need)
	}
	d := &device{}
	page, draw := filming(t, d, func() time.Time { return now })
	var lit []bool
	page.See(scan.Camera{})
	if got := draw(); got.id("film-close") == nil || got.id("film-torch") != nil || got.id("film-other") != nil {
		t.Errorf("a plain camera: %q", got.words())
	}
	page.See(scan.Camera{Next: "back-2", Torch: func(on bool) error { lit = append(lit, on); return nil }})
	for _, want := range []string{"Turn the light on", "Turn the light off"} {
		if got := strings.TrimSpace(draw().id("film-torch").words()); got != want {
			t.Errorf("the light's button says %q, want %q", got, want)
		}
		page.Torch()
		draw()
	}
	if !slices.Equal(lit, []bool{true, false}) {
		t.Errorf("the light was asked %v", lit)
	}

	d.codes.show = func(context.Context, func(scan.Camera)) (string, error) {
		return strings.Join(codes[:need-1], "\n"), scan.ErrBusy
	}
	page.Open()
	if got := draw(); got.id("fault") == nil || got.id("film-take") != nil || got.id("film-open") == nil || !strings.Contains(got.words(), fmt.Sprintf("%d of %d parts are read", need-1, need)) {
		t.Errorf("a camera that stopped: %q", got.words())
	}
	d.codes.show = func(context.Context, func(scan.Camera)) (string, error) { return codes[need-1], nil }
	page.See(scan.Camera{Next: "back-2"})
	draw()
	page.Another()
	if got := draw(); got.id("film-take") == nil || got.id("film-phrase") == nil {
		t.Errorf("the last code, by the other camera: %q", got.words())
	}
	if _, asked := d.codes.cameras(); !slices.Equal(asked, []string{"film-video ", "film-video back-2"}) {
		t.Errorf("asked for %q", asked)
	}
}

// TestFilmHelps: it is said what may help when nothing comes, what another code is, and nothing of one that was misread.
func TestFilmHelps(t *testing.T) {
	codes, _ := sequence(t)
	misread := codes[0][:len(codes[0])-3] + "000"
	for name, tt := range map[string]struct {
		sees   string
		waited time.Duration
		want   string
	}{
		"nothing yet":         {"", time.Second, ""},
		"nothing":             {"", 9 * time.Second, "No code is seen yet"},
		"a part just now":     {codes[0], time.Second, ""},
		"no more parts":       {codes[0], 5 * time.Second, "Nothing new for a while"},
		"misread":             {misread, time.Second, ""},
		"of a shop":           {"upi://pay?pa=a@b", time.Second, "This code is for paying"},
		"nothing of ours":     {"hello", time.Second, "Show without network"},
		"a link":              {scannable[scan.Link], time.Second, "This is a link to health records"},
		"ours after anothers": {"hello\n" + codes[0], time.Second, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d, at := &device{}, now
			page, draw := filming(t, d, func() time.Time { return at })
			page.See(scan.Camera{})
			draw()
			for _, code := range strings.Split(tt.sees, "\n") {
				if code != "" {
					page.Reads(code)
				}
				draw()
			}
			at = at.Add(tt.waited)
			page.Help()
			hint := draw().id("film-hint")
			if got := hint.words(); (tt.want == "") != (strings.TrimSpace(got) == "") || !strings.Contains(got, tt.want) {
				t.Errorf("it says %q, want %q", got, tt.want)
			}
		})
	}
}

// TestFilmFails: each failure of a camera is said in words of its own, and the way back is the same button.
func TestFilmFails(t *testing.T) {
	for _, fault := range []error{scan.ErrRefused, scan.ErrNoCamera, scan.ErrBusy, scan.ErrHidden, scan.ErrNoReader} {
		d := &device{}
		page, draw := filming(t, d, func() time.Time { return now })
		d.codes.show = func(context.Context, func(scan.Camera)) (string, error) { return "", fault }
		page.Open()
		got := draw()
		if words := got.words(); strings.Contains(strings.ToLower(words), "type ") || got.id("fault") == nil || got.id("film-open") == nil || got.id("film-close") != nil {
			t.Errorf("%v: %q", fault, got.words())
		}
	}
}
