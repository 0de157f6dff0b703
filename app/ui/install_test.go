package ui_test

import (
	"strings"
	"testing"

	"potli/app/wallet"
)

// R11: in a tab of Safari on iOS no wallet is made, restored or linked; the sample family can be looked at, and what is
// there opens.
func TestR11_InstallFirst(t *testing.T) {
	title := read(t, "en")["install.title"][0]
	for _, tt := range []struct {
		phase wallet.Phase
		path  string
		tab   bool
		want  bool
	}{
		{wallet.PhaseNew, "/create", true, true},
		{wallet.PhaseNew, "/restore", true, true},
		{wallet.PhaseNew, "/device", true, true},
		{wallet.PhaseCleared, "/restore", true, true},
		{wallet.PhaseCleared, "/device", true, true},
		{wallet.PhaseNew, "/", true, false},
		{wallet.PhaseNew, "/about", true, false},
		{wallet.PhaseCleared, "/", true, false},
		{wallet.PhaseLocked, "/restore", true, false},
		{wallet.PhaseNew, "/create", false, false},
		{wallet.PhaseNew, "/restore", false, false},
		{wallet.PhaseNew, "/device", false, false},
	} {
		page, dev := draw(t, &door{snap: &wallet.Snapshot{Phase: tt.phase}, tab: tt.tab}, "en", tt.path)
		if got := strings.TrimSpace(page.all("h1")[0].words()) == title; got != tt.want {
			t.Errorf("%s %s in a tab %v: h1 %q", tt.phase, tt.path, tt.tab, page.all("h1")[0].words())
		}
		if got := strings.Contains(dev.title, title); got != tt.want {
			t.Errorf("%s %s in a tab %v: title %q", tt.phase, tt.path, tt.tab, dev.title)
		}
		if tt.want && len(page.all("input")) > 0 {
			t.Errorf("%s %s: it asks for something", tt.phase, tt.path)
		}
	}
}
