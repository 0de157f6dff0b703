package ui_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui"
)

// TestHandOver: a backup goes to another program with the second click; whoever closes the sheet has changed nothing, and
// what a browser will not give out is said.
func TestHandOver(t *testing.T) {
	given, closed := func() (bool, error) { return true, nil }, func() (bool, error) { return false, nil }
	refused := func() (bool, error) { return false, errors.New("browser: NotAllowedError") }
	for _, tt := range []struct {
		name  string
		hand  func() (bool, error)
		asked []string
		after string // the button there is then
		says  string
	}{
		{"given", given, []string{"pack", "handed over"}, "hand", "Only then it counts"},
		{"closed again", closed, []string{"pack"}, "hand-go", "The backup is ready"},
		{"refused", refused, []string{"pack"}, "hand", "does not give out such a file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, dev := world(same), &device{hand: tt.hand}
			langs := ui.NewLanguages(dev)
			if _, err := langs.Use(context.Background(), "en"); err != nil {
				t.Fatal(err)
			}
			c := ui.NewHanding(d, dev, langs, d.snap)
			engine := app.NewTestEngine()
			if err := engine.Load(c.Compo()); err != nil {
				t.Fatal(err)
			}
			engine.ConsumeAll()
			c.Make()
			engine.ConsumeAll()
			if page := parse(t, app.HTMLString(c.Compo())); page.id("hand-go") == nil || page.id("hand") != nil {
				t.Fatal("there is nothing to give")
			}
			c.Go()
			engine.ConsumeAll()
			page := parse(t, app.HTMLString(c.Compo()))
			if !slices.Equal(d.asked, tt.asked) || page.id(tt.after) == nil || !strings.Contains(page.words(), tt.says) {
				t.Errorf("asked %v; the page says %q", d.asked, page.words())
			}
		})
	}
}
