package ui_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/scan"
	"potli/app/ui"
	"potli/app/wallet"
)

// codes is a camera that sees what a test shows it.
type codes struct {
	mu    sync.Mutex // owns on and asked
	on    int        // cameras that are on
	asked []string   // for which video, and which camera
	show  func(ctx context.Context, on func(scan.Camera)) (string, error)
}

func (c *codes) cameras() (on int, asked []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.on, slices.Clone(c.asked)
}

func (d *device) Scan(ctx context.Context, video, camera string, on func(scan.Camera)) (string, error) {
	c := &d.codes
	c.mu.Lock()
	c.on++
	c.asked = append(c.asked, video+" "+camera)
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.on--
	}()
	return c.show(ctx, on)
}

// owner notes what it is told.
type owner struct{ read []string }

func (o *owner) Read(_ app.Context, text string) { o.read = append(o.read, text) }

// scanning is a box on a page, and the engine that draws it.
func scanning(t *testing.T, d *device, o *owner, want ...scan.Kind) (ui.Scanning, app.TestEngine, func() *element) {
	t.Helper()
	langs := ui.NewLanguages(d)
	if _, err := langs.Use(context.Background(), "en"); err != nil {
		t.Fatal(err)
	}
	box := ui.ScanningFor(d, langs, o, want...)
	engine := app.NewTestEngine()
	if err := engine.Load(box); err != nil {
		t.Fatal(err)
	}
	engine.ConsumeAll()
	return box, engine, func() *element {
		engine.ConsumeAll()
		return parse(t, app.HTMLString(box))
	}
}

// scannable are a code of each kind.
var scannable = map[scan.Kind]string{
	scan.Link: "shlink:/eyJ1cmwiOiJodHRwczovL3JlbGF5LmV4YW1wbGUvYSIsImtleSI6InJ4VGdZbE9hS0pQRnRjRWQwcWNjZU44d0VVNHA5NFNxQXdJV1FlNnVYN1EifQ",
	scan.Pair: "POTLI-PAIR-1:" + strings.Repeat("ABCD", 14), scan.Secret: "AGE-SECRET-KEY-PQ-1QQQ", scan.Card: "shc:/5676", scan.ABHA: "asha@abdm",
	scan.Drop: "https://viewer.example/drop#eyJ2IjoxfQ", scan.Ask: "https://viewer.example/ask#eyJ2IjoxfQ",
	scan.Facility: `{"hipId":"IN1"}`, scan.Pay: "upi://pay?pa=a@b", scan.Web: "https://evil.example/", scan.Other: "hello",
}

// TestScanReads: a code that the page can use goes to it, once; of any other is said what it is, and the page hears nothing.
// The camera is off after both.
func TestScanReads(t *testing.T) {
	for kind, text := range scannable {
		for _, wanted := range []bool{true, false} {
			d, o := &device{}, &owner{}
			want := []scan.Kind{kind}
			if !wanted {
				want = nil
			}
			box, engine, draw := scanning(t, d, o, want...)
			d.codes.show = func(context.Context, func(scan.Camera)) (string, error) { return text, nil }
			box.Open()
			engine.ConsumeAll()
			page := draw()
			if on, asked := d.codes.cameras(); on != 0 || len(asked) != 1 || page.id("scan") == nil || page.id("scan-video") != nil {
				t.Errorf("%s: %d cameras are on, %q asked, or the picture stays", kind, on, asked)
			}
			if wanted && (!slices.Equal(o.read, []string{text}) || page.id("scan-wrong") != nil) {
				t.Errorf("%s: the page heard %q", kind, o.read)
			}
			if !wanted && (len(o.read) != 0 || page.id("scan-wrong") == nil || strings.Contains(page.words(), text)) {
				t.Errorf("%s: the page heard %q, and it shows %q", kind, o.read, page.words())
			}
		}
	}
}

// TestScanFails: each failure is said in words of its own, and the way back is the same button.
func TestScanFails(t *testing.T) {
	said := map[string]bool{}
	for _, fault := range []error{scan.ErrRefused, scan.ErrNoCamera, scan.ErrBusy, scan.ErrHidden, scan.ErrNoReader} {
		d, o := &device{}, &owner{}
		box, engine, draw := scanning(t, d, o, scan.Link)
		d.codes.show = func(context.Context, func(scan.Camera)) (string, error) { return "", fault }
		box.Open()
		engine.ConsumeAll()
		page := draw()
		notice := page.id("scan-fault")
		if notice == nil || page.id("scan") == nil || len(o.read) != 0 {
			t.Fatalf("%v: not said: %q", fault, page.words())
		}
		if words := notice.words(); said[words] || ui.ErrorKey(fault) == "error.other" {
			t.Errorf("%v is said with %q", fault, words)
		} else {
			said[words] = true
		}
		d.codes.show = func(context.Context, func(scan.Camera)) (string, error) { return scannable[scan.Link], nil }
		box.Open()
		engine.ConsumeAll()
		if draw().id("scan-fault") != nil || len(o.read) != 1 {
			t.Errorf("%v: the next try did not pass", fault)
		}
	}
}

// TestScanStops: the camera goes off when the person says so and when the page is left, and what an older camera read is not
// heard.
func TestScanStops(t *testing.T) {
	for name, act := range map[string]func(ui.Scanning){"closed": ui.Scanning.Close, "left": ui.Scanning.Leave} {
		d, o := &device{}, &owner{}
		box, engine, draw := scanning(t, d, o, scan.Link)
		shown := make(chan struct{})
		d.codes.show = func(ctx context.Context, on func(scan.Camera)) (string, error) {
			close(shown)
			<-ctx.Done()
			return scannable[scan.Link], nil // read in the same moment
		}
		box.Open()
		drawn := make(chan struct{})
		go func() { defer close(drawn); engine.ConsumeAll() }()
		<-shown
		act(box)
		select {
		case <-drawn:
		case <-time.After(time.Minute):
			t.Fatalf("%s: the camera stays on", name)
		}
		if on, _ := d.codes.cameras(); on != 0 || len(o.read) != 0 {
			t.Errorf("%s: %d cameras on, the page heard %q", name, on, o.read)
		}
		if page := draw(); page.id("scan-fault") != nil || page.id("scan-video") != nil {
			t.Errorf("%s: it shows %q", name, page.words())
		}
	}
}

// TestScanOffers: a light and another camera are offered where there are any, and a light that does not come is not told as on.
func TestScanOffers(t *testing.T) {
	d, o := &device{}, &owner{}
	box, engine, draw := scanning(t, d, o, scan.Link)
	var lit []bool
	var fails error
	torch := func(on bool) error { lit = append(lit, on); return fails }

	box.See(scan.Camera{})
	if page := draw(); page.id("scan-close") == nil || page.id("scan-torch") != nil || page.id("scan-other") != nil {
		t.Errorf("a plain camera: %q", page.words())
	}
	box.See(scan.Camera{Next: "back-2", Torch: torch})
	for _, want := range []string{"Turn the light on", "Turn the light off", "Turn the light on"} {
		if got := strings.TrimSpace(draw().id("scan-torch").words()); got != want {
			t.Errorf("the light's button says %q, want %q", got, want)
		}
		box.Torch()
		engine.ConsumeAll()
	}
	box.Torch() // off
	engine.ConsumeAll()
	fails = errors.New("no light")
	box.Torch()
	engine.ConsumeAll()
	if got := strings.TrimSpace(draw().id("scan-torch").words()); got != "Turn the light on" || !slices.Equal(lit, []bool{true, false, true, false, true}) {
		t.Errorf("after a light that did not come: %q, asked %v", got, lit)
	}

	d.codes.show = func(context.Context, func(scan.Camera)) (string, error) { return scannable[scan.Link], nil }
	box.Another()
	engine.ConsumeAll()
	if _, asked := d.codes.cameras(); len(o.read) != 1 || !slices.Equal(asked, []string{"scan-video back-2"}) {
		t.Errorf("the other camera: asked %q, read %q", asked, o.read)
	}
}

// TestScanPage: a code leads to the page that asks what to do with it; what the wallet has no use for leads nowhere.
func TestScanPage(t *testing.T) {
	for kind, text := range scannable {
		d := &device{}
		langs := ui.NewLanguages(d)
		if _, err := langs.Use(context.Background(), "en"); err != nil {
			t.Fatal(err)
		}
		w := world(same)
		page, to, carried := ui.ScanPage(w, d, langs, now)
		engine := app.NewTestEngine()
		if err := engine.Load(page); err != nil {
			t.Fatal(err)
		}
		engine.ConsumeAll()
		page.Read(app.Context{}, text)
		engine.ConsumeAll()
		want := map[scan.Kind]string{scan.Link: "/receive", scan.Pair: "/join", scan.Card: "/add", scan.Ask: "/ask/ask1"}[kind]
		if to() != want || (carried() != "") != (kind == scan.Link || kind == scan.Pair) {
			t.Errorf("%s leads to %q with %q, want %q", kind, to(), carried(), want)
		}
		if kind == scan.Ask {
			if len(w.asked) != 1 || !strings.HasPrefix(w.asked[0], "take ask ") {
				t.Errorf("a question: the wallet was asked %q", w.asked)
			}
		} else if kind == scan.Card {
			if !slices.Equal(w.asked, []string{"import"}) {
				t.Errorf("a card: the wallet was asked %q", w.asked)
			}
		} else if len(w.asked) != 0 {
			t.Errorf("%s: the wallet was asked %q before the person was", kind, w.asked)
		}
		engine.ConsumeAll()
	}
}

// TestScanIsOffered: wherever a code is asked for, by the camera and beside it by typing.
func TestScanIsOffered(t *testing.T) {
	fresh := &door{snap: &wallet.Snapshot{Phase: wallet.PhaseNew}}
	locked := &door{snap: &wallet.Snapshot{Phase: wallet.PhaseLocked}}
	for path, at := range map[string]struct {
		d             *door
		button, typed string
	}{
		"/scan":              {world(same), "scan", "scan-text"},
		"/receive":           {world(same), "scan", "link"},
		"/join":              {world(same), "scan", "pair-code"},
		"/settings/recovery": {world(same), "kit-text-scan", "kit-text"},
		"/device":            {fresh, "scan", "pair-code"},
		"/restore":           {fresh, "recovery-scan", "recovery"},
		"/restore?":          {locked, "recovery-scan", "recovery"},
	} {
		page, _ := draw(t, at.d, "en", strings.TrimSuffix(path, "?"))
		if button, typed := page.id(at.button), page.id(at.typed); button == nil || typed == nil {
			t.Errorf("%s: button %v, field %v", path, button != nil, typed != nil)
		}
	}
	for _, path := range []string{"/", "/add"} {
		d := world(same)
		if path == "/" {
			d.snap.Records = 0
		}
		if page, _ := draw(t, d, "en", path); page.id("scan-page") == nil {
			t.Errorf("%s leads nowhere to scan", path)
		}
	}
}

// TestScanIsSafe holds what is shown while the camera is on against the rules of all pages.
func TestScanIsSafe(t *testing.T) {
	box, _, draw := scanning(t, &device{}, &owner{})
	box.See(scan.Camera{Next: "b", Torch: func(bool) error { return nil }})
	page := draw()
	checkWords(t, page)
	checkControls(t, page)
	checkSafety(t, page)
	if video := page.id("scan-video"); video == nil || video.attrs["aria-label"] == "" {
		t.Error("the picture has no name")
	}
}
