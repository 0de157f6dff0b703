package ui_test

import (
	"strings"
	"testing"
)

// O6: the page says of each line why, when, where to, how much, and what did not work; and what it cannot count.
func TestWhatLeftIsTold(t *testing.T) {
	page, _ := draw(t, world(same), "en", "/settings/left")
	words := page.words()
	for _, want := range []string{
		"A link or a code was made", "relay.example", "2 times", "went out", "A link was opened", "clinic.example",
		"1 time there was no answer.", "A connection that was open went on.", "began anew", "What the browser sends by itself",
	} {
		if !strings.Contains(words, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, id := range []string{"left-reason", "left-day", "left-save", "left-clear"} {
		if page.id(id) == nil {
			t.Errorf("the page has no %s", id)
		}
	}
}

// checkFields: what is typed goes to no service that checks spelling, and no browser offers it again (Chrome's enhanced spell
// check sends what stands in a field; what a form remembers shows up on a shared phone). It returns how many fields there are.
func checkFields(t *testing.T, page *element) (fields int) {
	t.Helper()
	page.walk(func(e *element) {
		typed := e.tag == "textarea" || e.tag == "input" && strings.Contains(" text search password tel email number ", " "+e.attrs["type"]+" ")
		if !typed {
			return
		}
		fields++
		if e.attrs["spellcheck"] != "false" && e.attrs["name"] != "username" {
			t.Errorf("what is typed into %s %s may be sent to check its spelling", e.tag, e.attrs["id"])
		}
		switch e.attrs["autocomplete"] {
		case "off", "current-password", "new-password", "username": // the person's own password manager
		default:
			t.Errorf("%s %s is remembered: %q", e.tag, e.attrs["id"], e.attrs["autocomplete"])
		}
	})
	return fields
}

// TestFieldsAreNotSentNorRemembered: TestPages asks it of every page; here it is asked of some that have fields.
func TestFieldsAreNotSentNorRemembered(t *testing.T) {
	for _, path := range []string{"/", "/write/visit", "/settings/words", "/settings/people", "/send", "/receive"} {
		if page, _ := draw(t, world(same), "en", path); checkFields(t, page) == 0 {
			t.Errorf("%s has no fields that were found", path)
		}
	}
}

// The veil is for an open wallet, unless the person does not want it.
func TestVeil(t *testing.T) {
	d := world(same)
	if _, dev := draw(t, d, "en", "/"); !dev.veil {
		t.Error("an open wallet is not covered in the background")
	}
	d.snap.Settings.NoVeil = true
	if _, dev := draw(t, d, "en", "/"); dev.veil {
		t.Error("it is covered though the person does not want it")
	}
}
