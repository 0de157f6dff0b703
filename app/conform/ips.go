package conform

import (
	"slices"
	"strings"

	"potli/app/fhir/tree"
)

const (
	loinc   = "http://loinc.org"
	summary = "60591-5" // Patient summary Document
)

// ipsDocument (IPS-01): a document with identifier and timestamp; entries carry nothing of a search or a transaction.
func ipsDocument(d *document, found func(int, string)) {
	if tree.Text(d.root["type"]) != "document" {
		found(-1, "Bundle.type")
	}
	id := tree.Obj(d.root["identifier"])
	if tree.Text(id["system"]) == "" || tree.Text(id["value"]) == "" {
		found(-1, "Bundle.identifier")
	}
	if tree.Text(d.root["timestamp"]) == "" {
		found(-1, "Bundle.timestamp")
	}
	for i, e := range d.entries {
		for _, name := range []string{"search", "request", "response"} {
			if _, there := e.all[name]; there {
				found(i, "Bundle.entry."+name)
			}
		}
		if e.url == "" {
			found(i, "Bundle.entry.fullUrl")
		}
	}
}

// ipsComposition (IPS-02): the first entry is the only Composition, and there is a Patient.
func ipsComposition(d *document, found func(int, string)) {
	compositions, patients := 0, 0
	for _, e := range d.entries {
		switch e.typ {
		case "Composition":
			compositions++
		case "Patient":
			patients++
		}
	}
	if compositions != 1 || d.entries[0].typ != "Composition" {
		found(-1, "Composition")
	}
	if patients == 0 {
		found(-1, "Patient")
	}
}

// composition is the head of the document and its entry, nil if there is none.
func (d *document) composition() (object, int) {
	for i, e := range d.entries {
		if e.typ == "Composition" {
			return e.resource, i
		}
	}
	return nil, 0
}

// sections are those of the Composition.
func (d *document) sections() (all []object, from int) {
	c, from := d.composition()
	for _, s := range tree.List(c["section"]) {
		all = append(all, tree.Obj(s))
	}
	return all, from
}

// ipsHead (IPS-03): the Composition is a patient summary, about a patient, by somebody, with date, title and status.
func ipsHead(d *document, found func(int, string)) {
	c, i := d.composition()
	if c == nil {
		found(-1, "Composition")
		return
	}
	for _, name := range []string{"status", "date", "title"} {
		if tree.Text(c[name]) == "" {
			found(-1, "Composition."+name)
		}
	}
	if !hasCode(c["type"], loinc, summary) {
		found(-1, "Composition.type")
	}
	if d.typeAt(i, c["subject"]) != "Patient" {
		found(-1, "Composition.subject")
	}
	if len(tree.List(c["author"])) == 0 || d.typeAt(i, tree.First(c["author"])) == "" {
		found(-1, "Composition.author")
	}
}

// requiredSections are problems, allergies and intolerances, medication summary.
var requiredSections = []string{"11450-4", "48765-2", "10160-0"}

// ipsRequiredSections (IPS-04): each required section is there, once.
func ipsRequiredSections(d *document, found func(int, string)) {
	all, _ := d.sections()
	for _, code := range requiredSections {
		n := 0
		for _, s := range all {
			if hasCode(s["code"], loinc, code) {
				n++
			}
		}
		if n != 1 {
			found(-1, "Composition.section:"+code)
		}
	}
}

// ipsFilled (IPS-05): a required section has entries, or says why it has none.
func ipsFilled(d *document, found func(int, string)) {
	all, _ := d.sections()
	for _, s := range all {
		if hasCode(s["code"], loinc, requiredSections...) && tree.Empty(s["entry"]) && tree.Empty(s["emptyReason"]) {
			found(-1, "Composition.section.entry")
		}
	}
}

// taken are the types that a section of the guide takes; DocumentReference goes into each.
var taken = map[string]string{
	"11450-4": "Condition", "48765-2": "AllergyIntolerance", "11369-6": "Immunization", "30954-2": "Observation DiagnosticReport",
	"10160-0": "MedicationStatement MedicationRequest MedicationAdministration MedicationDispense", "47519-4": "Procedure",
	"46264-8": "DeviceUseStatement", "42348-3": "Consent", "104605-1": "Flag", "47420-5": "Condition ClinicalImpression",
	"11348-0": "Condition", "10162-6": "Observation", "18776-5": "CarePlan ImmunizationRecommendation", "29762-2": "Observation", "8716-3": "Observation",
}

// ipsSections (IPS-06): every section has title, code and text, no section in it, and entries of a type that it takes.
func ipsSections(d *document, found func(int, string)) {
	all, from := d.sections()
	for _, s := range all {
		if tree.Text(s["title"]) == "" {
			found(-1, "Composition.section.title")
		}
		if len(tree.List(tree.Obj(s["code"])["coding"])) == 0 {
			found(-1, "Composition.section.code")
		}
		if t := tree.Obj(s["text"]); tree.Text(t["div"]) == "" || tree.Text(t["status"]) == "" {
			found(-1, "Composition.section.text")
		}
		if _, nested := s["section"]; nested {
			found(-1, "Composition.section.section")
		}
		types := takenBy(s)
		for _, e := range tree.List(s["entry"]) {
			if typ := d.typeAt(from, e); typ == "" || len(types) > 0 && !slices.Contains(types, typ) {
				found(-1, "Composition.section.entry")
			}
		}
	}
}

// takenBy lists the types that a section takes; none: all.
func takenBy(s object) (types []string) {
	for code, names := range taken {
		if hasCode(s["code"], loinc, code) {
			types = append(strings.Fields(names), "DocumentReference")
		}
	}
	return types
}

// ipsPatient (IPS-07): the patient has a name, and a date of birth or the reason why there is none.
func ipsPatient(d *document, found func(int, string)) {
	for i, e := range d.entries {
		if e.typ != "Patient" {
			continue
		}
		named := false
		for _, n := range tree.List(e.resource["name"]) {
			n := tree.Obj(n)
			named = named || tree.Filled(n, "text") || tree.Filled(n, "family") || tree.Filled(n, "given") || tree.Filled(n, "extension")
		}
		if !named {
			found(i, "Patient.name")
		}
		if !tree.Filled(e.resource, "birthDate") {
			found(i, "Patient.birthDate")
		}
	}
}

// minimums are what IPS 2.0.1 asks of its resources beyond FHIR.
var minimums = map[string]string{
	"Condition":           "code subject",
	"AllergyIntolerance":  "code patient",
	"MedicationStatement": "medication[x] subject effective[x]",
	"MedicationRequest":   "medication[x] subject",
	"Immunization":        "vaccineCode occurrence[x] patient",
	"Procedure":           "code performed[x] subject",
	"DeviceUseStatement":  "subject timing[x]",
	"DiagnosticReport":    "subject effective[x]",
}

// ipsMinimums (IPS-08): the minimums of the resources, whose patient is in the document.
func ipsMinimums(d *document, found func(int, string)) {
	for i, e := range d.entries {
		needs := minimums[e.typ]
		if e.typ == "Observation" && hasCode(e.resource["category"], "", "laboratory", "imaging") {
			needs = "category subject effective[x] performer"
			if !tree.Filled(e.resource, "value[x]") && !tree.Filled(e.resource, "dataAbsentReason") && !tree.Filled(e.resource, "hasMember") && !tree.Filled(e.resource, "component") {
				found(i, "Observation.value[x]")
			}
		}
		for _, name := range strings.Fields(needs) {
			if !tree.Filled(e.resource, name) {
				found(i, e.typ+"."+name)
			} else if (name == "subject" || name == "patient") && d.typeAt(i, e.resource[name]) == "" {
				found(i, e.typ+"."+name)
			}
		}
	}
}

// ipsAbsent (IPS-09): the code system of IPS 1.x for what is absent or unknown is gone, and not written any more.
func ipsAbsent(d *document, found func(int, string)) {
	for i, e := range d.entries {
		tree.Paths(e.resource, e.typ, func(path string, o object) {
			if strings.Contains(strings.ToLower(tree.Text(o["system"])), "absent-unknown") {
				found(i, path)
			}
		})
	}
}
