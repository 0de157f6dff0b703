package ui_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui"
	"potli/app/wallet"
)

// with opens a component over a device of the test's own.
func with(dev *device, open func(*ui.Env) (app.Composer, map[string]func())) func(*ui.Env) (app.Composer, map[string]func()) {
	return func(e *ui.Env) (app.Composer, map[string]func()) {
		e.D = dev
		return open(e)
	}
}

// The page names what runs, so that it can be compared, and only a person goes back.
func TestReleasePage(t *testing.T) {
	dev := &device{releaser: newReleaser()}
	s := play(t, world(same), with(dev, ui.ReleasePage))
	s.says("0123456789abcdef", "1763860000", "0a1b2c3d", "00112233", "fedcba9876543210", "Look for a newer version")
	s.do("look").says("There is nothing newer")
	dev.offers = "unsigned"
	s.do("look").says("was not signed", "This version stays")
	dev.reloads = 0
	s.do("ask").says("Go back to the version before?", "Mistakes that were put right come back")
	if s.do("stay"); strings.Contains(s.tree().words(), "Go back to the version before?") || dev.reloads > 0 {
		t.Error("the person stayed")
	}
	s.do("ask", "back")
	if dev.reloads != 1 || dev.held.Running.Version != "fedcba9876543210" {
		t.Errorf("%d reloads, running %s", dev.reloads, dev.held.Running.Version)
	}
	dev.offers = "newer"
	s.do("look").says("A new version of Potli is ready")
	if strings.Contains(s.tree().words(), "Look for a newer version") {
		t.Error("looks for what is there already")
	}
	if s.do("use"); dev.reloads != 2 {
		t.Error("the new one is not used")
	}
	none := newReleaser()
	none.none = true
	play(t, world(same), with(&device{releaser: none}, ui.ReleasePage)).says("does not keep Potli")
}

// What is typed is not lost without a word.
func TestUpdateBar(t *testing.T) {
	dev := &device{}
	s := play(t, world(same), with(dev, ui.UpdateBar))
	if s.says("A new version").do("now"); dev.reloads != 1 {
		t.Error("nothing is typed, and it was not used")
	}
	dev.typed = true
	if s.do("now").says("would be lost"); dev.reloads != 1 {
		t.Error("what was typed is gone")
	}
	s.do("later").says("A new version")
	if s.do("now", "anyway"); dev.reloads != 2 {
		t.Error("the person said yes")
	}
}

// T18: a replaced worker locks the wallet at once, and no page is left to be used. What could
// be opened without a question is not called sealed.
func TestT18_AlarmLocks(t *testing.T) {
	quick := []wallet.Way{{Method: wallet.MethodQuick}}
	for _, s := range []wallet.Snapshot{{Phase: wallet.PhaseOpen}, {Phase: wallet.PhaseLocked}, {Phase: wallet.PhaseNew},
		{Phase: wallet.PhaseOpen, Ways: quick}, {Phase: wallet.PhaseLocked, Ways: quick}} {
		phase := s.Phase
		d, dev := world(same), &device{}
		d.snap = &s // without what is under way
		langs := ui.LanguagesOf(dev, catalogues())
		if _, err := langs.Use(t.Context(), "en"); err != nil {
			t.Fatal(err)
		}
		shell := ui.ShellFor(d, dev, langs, func() time.Time { return now }, "/")
		engine := app.NewTestEngine()
		if err := engine.Load(shell); err != nil {
			t.Fatal(err)
		}
		engine.ConsumeAll()
		locks := len(d.asked)
		dev.alarm(strings.Repeat("0a1b2c3d", 8))
		engine.ConsumeAll()
		if got := d.asked[locks:]; !slices.Equal(got, []string{"lock still"}) {
			t.Errorf("%s: asked %q", phase, got)
		}
		html := app.HTMLString(shell)
		words := parse(t, html).words()
		if !strings.Contains(words, "nobody announced it") || !strings.Contains(words, "0a1b2c3d") {
			t.Errorf("%s: it says %q", phase, words)
		}
		if sealed := strings.Contains(words, "still sealed"); sealed == (s.Ways != nil) || sealed == strings.Contains(words, "opened without words") {
			t.Errorf("%s, ways %v: it says %q", phase, s.Ways, words)
		}
		if strings.Contains(words, "was taken away") {
			t.Errorf("%s: says that quick unlock is off, and it is not", phase)
		}
		if strings.Count(html, "<button") > 1 || strings.Contains(html, "<a ") || strings.Contains(html, "<input") {
			t.Errorf("%s: there is something to tap but the way to the words", phase)
		}
		shell.(app.Dismounter).OnDismount()
	}
}
