package ui_test

import (
	"strings"
	"testing"

	"potli/app/diary"
)

// TestOwnTitles: every title that a note by hand is given has its words in both languages, and in English they are those
// that stand in the note.
func TestOwnTitles(t *testing.T) {
	en, hi := read(t, "en"), read(t, "hi")
	said := func(words map[string][]string, title diary.Title) string {
		what := strings.ReplaceAll(words["diary.title."+title.Code][0], "{who}", title.Who)
		if title.Meal == "" {
			return what
		}
		return strings.NewReplacer("{what}", what, "{meal}", words["diary.meal."+title.Meal][0]).Replace(words["diary.title.at-meal"][0])
	}
	for _, title := range []string{"Blood pressure", "Blood sugar", "Blood sugar, fasting", "Blood sugar, before a meal", "Blood sugar, after a meal", "Blood sugar, random", "Blood sugar, at bedtime",
		"Weight", "Height", "Temperature", "Oxygen (SpO2)", "Pulse", "Breaths", "Peak flow", "Visit to Dr Rao", "Follow-up: Dr Rao", "What was said"} {
		at, ok := diary.TitleOf(title)
		if !ok {
			t.Errorf("%q is no title of ours", title)
			continue
		}
		if got := said(en, at); got != title {
			t.Errorf("%q is said as %q", title, got)
		}
		if got := said(hi, at); got == title || strings.Contains(got, "{") {
			t.Errorf("%q is said in Hindi as %q", title, got)
		}
	}
}

// TestOwnTitlesOnPages: a note that was written by hand is called so wherever its name stands.
func TestOwnTitlesOnPages(t *testing.T) {
	for tag, want := range map[string]string{"en": "Blood sugar, fasting", "hi": "ब्लड शुगर, खाली पेट"} {
		d := world(same)
		m := d.metas["r1"]
		m.Outline.Title = "Blood sugar, fasting"
		d.metas["r1"] = m
		d.timeline.Groups[0].Title = "Blood sugar, fasting"
		for _, path := range []string{"/", "/record/r1"} {
			if page, _ := draw(t, d, tag, path); !strings.Contains(page.words(), want) {
				t.Errorf("%s, %s: %q is not there", tag, path, want)
			}
		}
	}
}
