package share

import (
	"slices"
	"strings"

	"potli/app/conform"
	"potli/app/fhir/tree"
)

// needs are the elements that IPS requires of its resources, beside the patient and beside what FHIR itself requires.
var needs = map[string][]string{
	"Condition":           {"code"},
	"AllergyIntolerance":  {"code"},
	"MedicationStatement": {"effective[x]"},
	"Procedure":           {"code", "performed[x]"},
	"DeviceUseStatement":  {"timing[x]"},
	"DiagnosticReport":    {"effective[x]"},
	"Observation":         {"effective[x]", "performer", "category"},
}

// complete fills in what FHIR requires of r and what it does not say, as unknown, never made up.
func complete(r object) {
	typ := tree.Text(r["resourceType"])
	for _, name := range conform.Needed(typ) {
		fill(r, name)
	}
	for _, c := range tree.List(r["contained"]) {
		complete(tree.Obj(c))
	}
}

// completeIPS does the same for what IPS requires.
func completeIPS(r object) {
	for _, name := range needs[tree.Text(r["resourceType"])] {
		fill(r, name)
	}
	// Of a laboratory or an image IPS wants to know why there is no value; of others a reader would see "unknown" for nothing.
	tested := hasCategory(r, "laboratory") || hasCategory(r, "imaging")
	if r["resourceType"] == "Observation" && tested && !tree.Has(r, "value[x]", "dataAbsentReason", "hasMember", "component") {
		r["dataAbsentReason"] = concept(absentReason, "unknown")
	}
}

// withUnknown are types whose status has a code for it; the others say so by an extension in the place of the code.
var withUnknown = map[string]bool{"CarePlan": true, "DiagnosticReport": true, "Observation": true, "Procedure": true,
	"Encounter": true, "ImagingStudy": true, "Media": true, "MedicationAdministration": true, "MedicationDispense": true,
	"MedicationRequest": true, "MedicationStatement": true, "NutritionOrder": true, "RiskAssessment": true,
	"ServiceRequest": true}

// How an element is written where it is not known, by its name: as a concept, as several, as several of anything else, as a
// reference. The others are primitives.
var (
	asConcept  = strings.Fields("code vaccineCode relationship scope description")
	asConcepts = strings.Fields("category")
	asSeveral  = strings.Fields("performer participant content recommendation lensSpecification payor author")
	asElement  = strings.Fields("subject patient beneficiary device prescriber")
)

func fill(r object, name string) {
	stem, choice := strings.CutSuffix(name, "[x]")
	unknown := concept(absentReason, "unknown")
	switch {
	case tree.Has(r, name) || tree.Has(r, "_"+name):
	case stem == "medication" || choice && stem == "code":
		// Not as a code: a reader would show "unknown" in place of the dose that is known.
		r[stem+"CodeableConcept"] = absent()
	case choice:
		r["_"+stem+"DateTime"] = absent()
	case name == "class":
		r[name] = tree.List(unknown["coding"])[0]
	case name == "status" && withUnknown[tree.Text(r["resourceType"])]:
		r[name] = "unknown"
	case slices.Contains(asConcept, name):
		r[name] = unknown
	case slices.Contains(asConcepts, name):
		r[name] = []any{unknown}
	case slices.Contains(asSeveral, name):
		r[name] = []any{absent()}
	case slices.Contains(asElement, name):
		r[name] = absent()
	default:
		r["_"+name] = absent()
	}
}

// when is what may stand in an element that holds a date. A time without its zone, which some systems write, is no FHIR: the
// day that it begins with is. What begins with no day says nothing that a reader could rely on.
func when(name, s string) (string, bool) {
	if conform.IsWhen(name, s) {
		return s, true
	}
	return day(s), conform.IsWhen(name, day(s))
}
