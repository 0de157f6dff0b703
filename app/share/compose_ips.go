package share

import (
	"fmt"

	"potli/app/fhir"
	"potli/app/fhir/tree"
)

// section is one of the sections of IPS 2.0.1, or one of ours after them for what the guide has no place for.
type section struct {
	title    string // message key
	code     string // LOINC
	required bool
	takes    func(typ string, m member) bool
}

func types(names ...string) func(string, member) bool {
	return func(typ string, _ member) bool {
		for _, n := range names {
			if n == typ {
				return true
			}
		}
		return false
	}
}

// sections in the order of the guide. A resource goes into the first that takes it; viewers choke on one in a wrong place.
var sections = []section{
	{"share.section.problems", "11450-4", true, func(typ string, m member) bool { return typ == "Condition" && !past(m.resource) }},
	{"share.section.allergies", "48765-2", true, types("AllergyIntolerance")},
	{"share.section.medicines", "10160-0", true, types("MedicationStatement", "MedicationRequest", "MedicationAdministration", "MedicationDispense")},
	{"share.section.immunizations", "11369-6", false, types("Immunization")},
	{"share.section.vitals", "8716-3", false, func(typ string, m member) bool {
		return typ == "Observation" && (m.kind == fhir.KindVital || hasCategory(m.resource, "vital-signs"))
	}},
	{"share.section.pregnancy", "10162-6", false, func(typ string, m member) bool {
		return typ == "Observation" && pregnancyCodes[tree.Text(tree.At(m.resource, "code.coding.code"))]
	}},
	{"share.section.social", "29762-2", false, func(typ string, m member) bool {
		return typ == "Observation" && hasCategory(m.resource, "social-history")
	}},
	{"share.section.results", "30954-2", false, types("Observation", "DiagnosticReport")},
	{"share.section.procedures", "47519-4", false, types("Procedure")},
	{"share.section.devices", "46264-8", false, types("DeviceUseStatement")},
	{"share.section.past", "11348-0", false, types("Condition")},
	{"share.section.functional", "47420-5", false, types("ClinicalImpression")},
	{"share.section.plan", "18776-5", false, types("CarePlan", "ImmunizationRecommendation")},
	{"share.section.alerts", "104605-1", false, types("Flag")},
	{"share.section.directives", "42348-3", false, types("Consent")},
	// Not of the guide: a document may have more sections than it names (Composition.section is open).
	{"share.section.visits", "46240-8", false, types("Encounter")},
	{"share.section.other", "11503-0", false, func(string, member) bool { return true }},
}

// pregnancyCodes are the LOINC codes of IPS 2.0.1's pregnancy observations: status, expected date of delivery, outcomes.
var pregnancyCodes = map[string]bool{"82810-3": true, "11778-8": true, "11779-6": true, "11780-4": true, "11636-8": true,
	"11637-6": true, "11638-4": true, "11639-2": true, "11640-0": true, "11612-9": true, "11613-7": true, "11614-5": true,
	"33065-4": true, "57062-2": true}

func past(r object) bool {
	switch tree.Text(tree.At(r, "clinicalStatus.coding.code")) {
	case "inactive", "remission", "resolved":
		return true
	}
	return false
}

func hasCategory(r object, code string) bool {
	for _, c := range tree.List(r["category"]) {
		for _, coding := range tree.List(tree.Obj(c)["coding"]) {
			if tree.Text(tree.Obj(coding)["code"]) == code {
				return true
			}
		}
	}
	return false
}

// ips makes an International Patient Summary 2.0.1: a document whose first entry is the Composition, with the narrative of
// each section written from the very resources that are in it. The author is the wallet, since software put it together;
// the person who looked it over attests.
func (d *draft) ips(words Words) (object, error) {
	for i := range d.members {
		completeIPS(d.members[i].resource)
	}
	composition, device := d.ids.next(), d.ids.next()
	entries := d.entries()
	entries = append(entries, object{"fullUrl": device, "resource": object{"resourceType": "Device",
		"deviceName": []any{object{"name": "Potli", "type": "user-friendly-name"}}}})
	file, err := fhir.Parse(writeJSON(object{"resourceType": "Bundle", "type": "collection", "entry": entries}))
	if err != nil {
		return nil, fmt.Errorf("reading what was composed: %w", err)
	}
	c := object{
		"resourceType": "Composition", "status": "final", "type": concept(loinc, "60591-5"),
		"subject": object{"reference": d.patient}, "date": d.timestamp(),
		"author":   []any{object{"reference": device}},
		"attester": []any{object{"mode": "personal", "time": d.timestamp(), "party": object{"reference": d.patient}}},
		"title":    words(fhir.Message{Key: "share.title"}),
		"section":  d.sections(file, words),
	}
	first := []any{object{"fullUrl": composition, "resource": c}}
	return object{
		"resourceType": "Bundle", "type": "document", "timestamp": d.timestamp(),
		"identifier": object{"system": "urn:ietf:rfc:3986", "value": d.ids.next()},
		"entry":      append(first, entries...),
	}, nil
}

// sections places each chosen member in one section. file has the Patient at 0 and member i at i+1.
func (d *draft) sections(file *fhir.File, words Words) []any {
	placed := make([][]int, len(sections))
	for i, m := range d.members {
		if !m.chosen {
			continue
		}
		for n, s := range sections {
			if s.takes(tree.Text(m.resource["resourceType"]), m) {
				placed[n] = append(placed[n], i)
				break
			}
		}
	}
	var all []any
	for n, s := range sections {
		if len(placed[n]) == 0 && !s.required {
			continue
		}
		title := words(fhir.Message{Key: s.title})
		out := object{"title": title, "code": concept(loinc, s.code)}
		var views []fhir.View
		var refs []any
		for _, i := range placed[n] {
			refs = append(refs, object{"reference": d.members[i].url})
			views = append(views, file.View(i+1))
		}
		if len(refs) > 0 {
			out["entry"] = refs
		} else {
			// Not "there is none" and not "withheld": why nothing is here, a reader must not be able to tell.
			out["emptyReason"] = concept(emptyReason, "unavailable")
		}
		out["text"] = object{"status": "generated", "div": narrative(views, words)}
		all = append(all, out)
	}
	return all
}
