package ui_test

import (
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui"
	"potli/app/wallet"
)

// TestKeyLookup: nobody is asked before the tap, which says whom; then the box of the
// other origin stands where its own button can be tapped, and what came of it is said.
func TestKeyLookup(t *testing.T) {
	found := 0
	d := world(same)
	s := play(t, d, func(e *ui.Env) (app.Composer, map[string]func()) {
		return ui.KeyLookup(e, "ia", "https://clinic.example", func(app.Context) { found++ })
	})
	s.says("Look up the signature at clinic.example")
	if len(d.asked) != 0 || strings.Contains(app.HTMLString(s.page), "<iframe") {
		t.Fatalf("asked %q before the tap", d.asked)
	}
	d.fault = wallet.ErrNotTheirs
	s.do("look").says("not known at that address", "Look up the signature")
	s.asked("look up the key of ia")
	if found != 0 {
		t.Error("found what is not there")
	}
	d.fault = nil
	if s.do("look"); found != 1 || strings.Contains(s.tree().words(), "not known") {
		t.Errorf("found %d times: %s", found, s.tree().words())
	}
}
