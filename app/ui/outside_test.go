package ui_test

import (
	"encoding/json"
	"strings"
	"testing"

	"potli/app/ui"
	"potli/app/wallet"
)

// TestHandedIsAsked: what another program gave is listed and waits for a word; a locked wallet says that it waits, and not
// what it is.
func TestHandedIsAsked(t *testing.T) {
	given := []wallet.Handed{{File: wallet.File{Name: "hiv-report.pdf", Size: 2048}, ID: "1", Came: now}}
	page := drawWith(t, world(same), "/add", func(d *device) { d.handed = given })
	if page.id("handed-bring") == nil || page.id("handed-drop") == nil || !strings.Contains(page.words(), "hiv-report.pdf") {
		t.Errorf("nobody is asked: %.300s", page.words())
	}
	page = drawWith(t, &door{snap: &wallet.Snapshot{Phase: wallet.PhaseLocked}}, "/add", func(d *device) { d.handed = given })
	if page.id("handed-waits") == nil || strings.Contains(page.words(), "hiv-report") {
		t.Errorf("the lock screen says %.300s", page.words())
	}
	for _, snap := range []*wallet.Snapshot{world(same).snap, {Phase: wallet.PhaseLocked}} {
		d := world(same)
		d.snap = snap
		if page = drawWith(t, d, "/add", func(*device) {}); page.id("handed") != nil || page.id("handed-waits") != nil {
			t.Error("something waits that nobody gave")
		}
	}
}

// TestBadge: the sign shows how many things wait, nothing of the sample family, and a locked wallet leaves it alone.
func TestBadge(t *testing.T) {
	var dev *device
	drawWith(t, world(same), "/", func(d *device) { dev = d })
	if n := len(dev.badges); n != 1 {
		t.Fatalf("the sign was changed %d times", n)
	}
	d := world(same)
	d.snap.Inbox = &wallet.InboxState{}
	drawWith(t, d, "/", func(d *device) { dev = d })
	if dev.badges[0] != 0 {
		t.Errorf("the sign shows %d", dev.badges[0])
	}
	for _, snap := range []*wallet.Snapshot{{Phase: wallet.PhaseLocked}, {Phase: wallet.PhaseOpen, Demo: true, Inbox: &wallet.InboxState{}}} {
		drawWith(t, &door{snap: snap}, "/about", func(d *device) { dev = d })
		if len(dev.badges) != 0 {
			t.Errorf("%s: the sign was changed to %v", snap.Phase, dev.badges)
		}
	}
}

// TestReadyView: the page without the program has words and the code, and nothing else of the link.
func TestReadyView(t *testing.T) {
	langs := ui.LanguagesOf(&device{}, catalogues())
	view := ui.ReadyView(langs)
	if _, err := view(t.Context(), wallet.ReadyCode{Link: "x", Until: now}); err == nil {
		t.Error("a code without words")
	}
	if _, err := langs.Use(t.Context(), "hi"); err != nil {
		t.Fatal(err)
	}
	b, err := view(t.Context(), wallet.ReadyCode{Link: "https://viewer.example/#shlink:/eyJ", Until: now})
	var v map[string]any
	if err != nil || json.Unmarshal(b, &v) != nil || v["lang"] != "hi" || v["dir"] != "ltr" || v["until"] != float64(now.UnixMilli()) || v["size"].(float64) < 21 {
		t.Errorf("%s: %v", b, err)
	}
	for key, value := range v {
		if value == "" || strings.Contains(string(b), "shlink") {
			t.Errorf("%s is %v", key, value)
		}
	}
}
