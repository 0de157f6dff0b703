package diary

import (
	"strings"

	"potli/app/fhir"
	"potli/app/fhir/tree"
)

// What was chosen from a few possibilities, and FHIR has no code for, stands in a note in
// English words, for whoever reads it anywhere. So that it is read again by no words, the
// first resource of a note has tags (R4, Meta.tag) of fhir.NoteSystem: "kind=medicine",
// which every note has, and "food=before". Notes of the first release have none.

// worded are the choices that stand in tags.
var worded = []string{"meal", "form", "food", "paper"}

// Tags of what is not a choice, but has words of ours around it or in its place.
const (
	tagKind       = "kind"
	tagPrescriber = "prescriber" // the first note is who prescribed it
	tagReaction   = "reaction"   // none is named
)

func (d *draft) tags() []any {
	all := []any{coding(fhir.NoteSystem, tagKind+"="+string(d.Kind), "")}
	tag := func(name, value string) { all = append(all, coding(fhir.NoteSystem, name+"="+value, "")) }
	for _, name := range worded {
		if v := d.word(name); v != "" {
			tag(name, v)
		}
	}
	if d.word("prescriber") != "" {
		tag(tagPrescriber, "first")
	}
	if d.Kind == Allergy && d.word("reaction") == "" {
		tag(tagReaction, "none")
	}
	return all
}

// chosen is what stands in the tags of a resource; nil: there are none. A choice that is not
// known here makes a note that cannot be read, rather than one with a choice less.
func chosen(r object) map[string]string {
	var all map[string]string
	meta, _ := r["meta"].(object)
	for _, tag := range tree.List(meta["tag"]) {
		if tree.Word(tag, "system") != fhir.NoteSystem {
			continue
		}
		if all == nil {
			all = map[string]string{}
		}
		name, value, _ := strings.Cut(tree.Word(tag, "code"), "=")
		all[name] = value
	}
	if all[tagKind] == "" {
		return nil
	}
	return all
}
