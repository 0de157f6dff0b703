package ui_test

import (
	"strings"
	"testing"
)

// TestHandSaysWhatStays: before anything is shown, the page says that a phone's own camera leaves the one code in a history.
func TestHandSaysWhatStays(t *testing.T) {
	for tag, want := range map[string]string{
		"en": "keeps it in that phone’s browser history",
		"hi": "ब्राउज़र के इतिहास में",
	} {
		d := world(same)
		d.snap.Settings.Language = tag
		page, _ := draw(t, d, tag, "/hand")
		if page.id("hand-go") == nil || !strings.Contains(page.words(), want) {
			t.Errorf("%s: before it is shown the page says %q, without %q", tag, page.words(), want)
		}
	}
}
