package conform

import (
	"slices"

	"potli/app/fhir/tree"
)

// object is a JSON object.
type object = tree.Object

// hasCode says whether a CodeableConcept, or one of several, has a code; system "" is any.
func hasCode(concept any, system string, codes ...string) bool {
	all := tree.List(concept)
	if all == nil {
		all = []any{concept}
	}
	for _, c := range all {
		for _, coding := range tree.List(tree.Obj(c)["coding"]) {
			coding := tree.Obj(coding)
			if (system == "" || tree.Text(coding["system"]) == system) && slices.Contains(codes, tree.Text(coding["code"])) {
				return true
			}
		}
	}
	return false
}
