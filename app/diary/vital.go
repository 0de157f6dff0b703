package diary

import (
	"cmp"
	"encoding/json"
)

// vital is a measurement: the codes of the FHIR vital signs profiles (R4,
// https://hl7.org/fhir/R4/observation-vitalsigns.html) where they have one, else LOINC's
// for how it is measured at home. The first unit is the one that is offered first.
type vital struct {
	code  term
	also  term // the same, said more closely
	title string
	units []unit
}

// term is a code with its name in the code system.
type term struct{ code, display string }

// unit is one a value can be given in: its name among the answers, its UCUM code, what is
// written beside the number, and what would be ordinary in it. A LOINC code is one of a
// unit's dimension, so some units have a code of their own.
type unit struct {
	name, ucum, shown string
	span
	code term
	fast term // of the same after fasting
}

var vitals = map[Kind]vital{
	Pressure: {code: term{"85354-9", "Blood pressure panel with all children optional"}, title: "Blood pressure",
		units: []unit{{"mmHg", "mm[Hg]", "mmHg", span{"60", "260"}, term{}, term{}}}},
	Sugar: {code: term{"41653-7", "Glucose [Mass/volume] in Capillary blood by Glucometer"}, title: "Blood sugar",
		units: []unit{
			{"mg/dL", "mg/dL", "mg/dL", span{"20", "600"}, term{}, term{"41604-0", "Fasting glucose [Mass/volume] in Capillary blood by Glucometer"}},
			{"mmol/L", "mmol/L", "mmol/L", span{"1.1", "33.3"}, term{"14743-9", "Glucose [Moles/volume] in Capillary blood by Glucometer"},
				term{"14770-2", "Fasting glucose [Moles/volume] in Capillary blood by Glucometer"}}}},
	Weight: {code: term{"29463-7", "Body weight"}, title: "Weight",
		units: []unit{{"kg", "kg", "kg", span{"0.5", "300"}, term{}, term{}}, {"lb", "[lb_av]", "lb", span{"1", "660"}, term{}, term{}}}},
	Height: {code: term{"8302-2", "Body height"}, title: "Height",
		units: []unit{{"cm", "cm", "cm", span{"25", "230"}, term{}, term{}}, {"in", "[in_i]", "in", span{"10", "90"}, term{}, term{}}}},
	Temperature: {code: term{"8310-5", "Body temperature"}, title: "Temperature",
		units: []unit{{"F", "[degF]", "°F", span{"86", "110"}, term{}, term{}}, {"C", "Cel", "°C", span{"30", "43"}, term{}, term{}}}},
	Oxygen: {code: term{"2708-6", "Oxygen saturation in Arterial blood"},
		also: term{"59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry"}, title: "Oxygen (SpO2)",
		units: []unit{{"%", "%", "%", span{"50", "100"}, term{}, term{}}}},
	Pulse: {code: term{"8867-4", "Heart rate"}, title: "Pulse",
		units: []unit{{"min", "/min", "/min", span{"25", "230"}, term{}, term{}}}},
	Breathing: {code: term{"9279-1", "Respiratory rate"}, title: "Breaths",
		units: []unit{{"min", "/min", "/min", span{"5", "90"}, term{}, term{}}}},
	PeakFlow: {code: term{"33452-4", "Maximum expiratory gas flow Respiratory system airway by Peak flow meter"}, title: "Peak flow",
		units: []unit{{"L/min", "L/min", "L/min", span{"40", "900"}, term{}, term{}}}},
}

// mealWords stand in the title, where they are seen wherever the value is.
var mealWords = map[string]string{"fasting": "fasting", "before": "before a meal", "after": "after a meal", "random": "random", "bedtime": "at bedtime"}

// mealCodes: HL7 v2 table 0916 for fasting, v3 TimingEvent for the others.
var mealCodes = map[string]object{
	"fasting": coding(fasting, "F", "Patient was fasting prior to the procedure."),
	"before":  coding(timing, "AC", "AC"), "after": coding(timing, "PC", "PC"), "bedtime": coding(timing, "HS", "HS"),
}

var armCodes = map[string]object{
	"left":  coding(snomed, "368208006", "Left upper arm structure"),
	"right": coding(snomed, "368209003", "Right upper arm structure"),
}

// bodyPosition is of FHIR R4 (https://hl7.org/fhir/R4/extension-observation-bodyposition.html).
const bodyPosition = "http://hl7.org/fhir/StructureDefinition/observation-bodyPosition"

var positionCodes = map[string]object{
	"sitting":  coding(snomed, "33586001", "Sitting position"),
	"standing": coding(snomed, "10904000", "Orthostatic body position"),
	"lying":    coding(snomed, "102538003", "Recumbent body position"),
}

func (v vital) unitNames() []string {
	var names []string
	for _, u := range v.units {
		names = append(names, u.name)
	}
	return names
}

// unit is the one that was chosen.
func (v vital) unit(n Note) unit {
	for _, u := range v.units {
		if u.name == n.Answers[askUnit] {
			return u
		}
	}
	return v.units[0]
}

func (u unit) quantity(value string) object {
	return of("value", json.Number(value), "unit", u.shown, "system", ucum, "code", u.ucum)
}

// vital makes the Observation of a measurement.
func (d *draft) vital() {
	v := vitals[d.Kind]
	u := v.unit(d.Note)
	o := of(
		"resourceType", "Observation", "status", "final",
		"category", []any{concept("", coding(category, "vital-signs", "Vital Signs"))},
		"code", d.measured(v, u), "subject", d.patient, "performer", []any{d.author},
		"effectiveDateTime", d.at(askWhen), "note", d.word(askNote),
	)
	switch d.Kind {
	case Pressure:
		o["component"] = []any{
			of("code", concept("Systolic", coding(loinc, "8480-6", "Systolic blood pressure")), "valueQuantity", u.quantity(d.number("systolic"))),
			of("code", concept("Diastolic", coding(loinc, "8462-4", "Diastolic blood pressure")), "valueQuantity", u.quantity(d.number("diastolic"))),
		}
		d.held(o)
	default:
		o["valueQuantity"] = u.quantity(d.number(askValue))
	}
	if meal := d.word("meal"); meal != "" {
		said := concept(mealWords[meal])
		if c := mealCodes[meal]; c != nil {
			said = concept(mealWords[meal], c)
		}
		o["component"] = []any{of("code", concept("Meal"), "valueCodeableConcept", said)}
	}
	d.add(o)
}

// held says where and how a pressure was measured.
func (d *draft) held(o object) {
	if arm := armCodes[d.word("arm")]; arm != nil {
		o["bodySite"] = concept("", arm)
	}
	if p := positionCodes[d.word("position")]; p != nil {
		o["extension"] = []any{of("url", bodyPosition, "valueCodeableConcept", concept("", p))}
	}
}

// measured is the code of a measurement. The general one stands first, so that all of a
// kind are found together.
func (d *draft) measured(v vital, u unit) object {
	t := cmp.Or(u.code, v.code)
	codes := []object{coding(loinc, t.code, t.display)}
	meal := d.word("meal")
	if v.also.code != "" {
		codes = append(codes, coding(loinc, v.also.code, v.also.display))
	}
	if meal == "fasting" {
		codes = append(codes, coding(loinc, u.fast.code, u.fast.display))
	}
	if meal != "" {
		return concept(v.title+", "+mealWords[meal], codes...)
	}
	return concept(v.title, codes...)
}

// UnitOf is the name of a unit among the answers of a kind by its UCUM code; "" where the
// kind is not measured in it. UCUM codes are told apart by how they are written.
func UnitOf(k Kind, ucum string) string {
	for _, u := range vitals[k].units {
		if u.ucum == ucum {
			return u.name
		}
	}
	return ""
}

// Measures says whether a "system|code" is one that a kind is written under.
func (k Kind) Measures(code string) bool {
	v := vitals[k]
	for _, u := range v.units {
		if u.code.code != "" && code == loinc+"|"+u.code.code {
			return true
		}
	}
	return v.code.code != "" && code == loinc+"|"+v.code.code
}
