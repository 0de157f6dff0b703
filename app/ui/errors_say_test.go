package ui_test

import (
	"strings"
	"testing"
)

// plainly are errors that say in one sentence what has happened and what would help: there is nothing to add.
var plainly = map[string]bool{
	"error.paper-title": true, "error.contact-names": true, "error.emergency": true, "error.no-carer": true,
	"error.guardian": true, "error.name": true, "error.not-aside": true, "error.not-written": true, "error.prove": true,
	"error.left-out": true, "error.let-in": true, "error.key-nowhere": true, "error.key-none": true, "error.no-pin": true,
	"error.key-unsigned": true,
}

// TestErrorsSayWhatToDo: whoever reads an error learns more than that it went wrong. One sentence alone says either what has
// happened or what helps, so errors have two; those that need no second one are named.
func TestErrorsSayWhatToDo(t *testing.T) {
	for _, o := range catalogues().Offered() {
		if o.Tag != "en" && o.Tag != "hi" {
			continue // translated from these, sentence by sentence
		}
		for key, texts := range read(t, o.Tag) {
			if !strings.HasPrefix(key, "error.") || strings.HasPrefix(key, "error.rule") {
				continue
			}
			sentences := len(strings.FieldsFunc(texts[len(texts)-1], func(r rune) bool { return strings.ContainsRune(".?!।", r) }))
			if alone := sentences < 2; alone != plainly[key] {
				t.Errorf("%s %s has %d sentences: %q", o.Tag, key, sentences, texts[0])
			}
		}
	}
}
