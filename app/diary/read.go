package diary

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"potli/app/fhir"
	"potli/app/fhir/tree"
)

// Read makes a note of a Bundle that Compose or Correct made: what stands in it now, not
// what stood there before. The words of lists may come out in their English form. What
// was chosen is read from the tags; of a note without them, from its words.
// Errors: ErrNotOne.
func Read(b []byte) (Note, error) {
	made, err := open(b)
	if err != nil {
		return Note{}, err
	}
	n := Note{Answers: map[string]string{}}
	for _, e := range made {
		if !void(e.resource) {
			n.take(e.resource)
		}
	}
	for name, a := range n.Answers {
		if a == "" {
			delete(n.Answers, name)
		}
	}
	if !n.Kind.Known() || len(n.Faults()) > 0 {
		return Note{}, ErrNotOne
	}
	return n, nil
}

// open returns the entries of a Bundle that somebody said, without whom they are about
// and who said them.
func open(b []byte) ([]entry, error) {
	var bundle struct {
		ResourceType, Type string
		Entry              []struct {
			FullURL  string `json:"fullUrl"`
			Resource object
		}
	}
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.UseNumber() // 7.0 is not 7
	if d.Decode(&bundle) != nil || bundle.ResourceType != "Bundle" || bundle.Type != "collection" {
		return nil, ErrNotOne
	}
	var made []entry
	for _, e := range bundle.Entry {
		if Asserted(tree.Word(e.Resource, "meta.security.code")) {
			made = append(made, entry{e.FullURL, e.Resource})
		}
	}
	if len(made) == 0 {
		return nil, ErrNotOne
	}
	return made, nil
}

// Asserted says whether a code of HL7 v3 ObservationValue marks what a person said
// themselves or somebody said for them, and no clinic.
func Asserted(code string) bool {
	return code == "PATAST" || code == "SDMAST" || code == "PACQAST"
}

// void says whether a resource was entered in error.
func void(r object) bool {
	return tree.Word(r, "status") == wrong || tree.Word(r, "verificationStatus.coding.code") == wrong
}

const wrong = "entered-in-error"

// past are the entries of an earlier Bundle as what they are now: entered in error, about
// the Patient of the new one and by its author. Their own dates stay.
func (d *draft) past(old []entry) []entry {
	for _, e := range old {
		r := e.resource
		switch r["resourceType"] {
		case "AllergyIntolerance": // ait-2: no clinical status beside it
			delete(r, "clinicalStatus")
			r["verificationStatus"] = concept("", coding(verified, wrong, "Entered in Error"))
		case "Condition": // con-5
			delete(r, "clinicalStatus")
			r["verificationStatus"] = concept("", coding(verStatus, wrong, "Entered in Error"))
		default:
			r["status"] = wrong
		}
		d.readdress(r)
	}
	return old
}

// people are the elements of what Compose makes that refer to the Patient or the author.
var people = map[string]bool{"subject": true, "patient": true, "performer": true, "recorder": true, "asserter": true,
	"author": true, "informationSource": true, "actor": true}

func (d *draft) readdress(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			d.readdress(e)
		}
	case object:
		for name, e := range v {
			ref := tree.Obj(tree.First(e))
			switch {
			case !people[name] || tree.Word(ref, "reference") == "":
				d.readdress(e)
			case name == "subject" || name == "patient" || name == "actor":
				v[name] = d.patient
			case name == "informationSource" || name == "recorder" || name == "asserter":
				v[name] = d.author
			default:
				v[name] = []any{d.author}
			}
		}
	}
}

// set is a call rather than an assignment: of these there are many, and each weighs.
//
//go:noinline
func (n *Note) set(name, value string) { n.Answers[name] = value }

// take reads the answers of one resource.
func (n *Note) take(r object) {
	switch r["resourceType"] {
	case "Observation":
		n.takeVital(r)
	case "MedicationStatement":
		n.takeMedicine(r)
	case "AllergyIntolerance":
		n.Kind = Allergy
		n.set(askName, typed(Allergens, r["code"]))
		n.set("severity", tree.Word(r, "reaction.severity"))
		said := typed(Reactions, tree.At(r, "reaction.manifestation"))
		if c := chosen(r); c == nil && said != n.Answers["severity"]+unnamed || c != nil && c[tagReaction] == "" {
			n.set("reaction", said)
		}
		n.set(askSince, tree.Word(r, "onsetDateTime"))
	case "Condition":
		n.Kind = Condition
		n.set(askName, typed(Conditions, r["code"]))
		n.set(askSince, tree.Word(r, "onsetDateTime"))
		n.set("ended", tree.Word(r, "abatementDateTime"))
		if n.set("still", "yes"); tree.Word(r, "clinicalStatus.coding.code") == "resolved" {
			n.set("still", "no")
		}
	case "Immunization":
		n.Kind = Vaccine
		n.set(askName, typed(Vaccines, r["vaccineCode"]))
		n.set("given", tree.Word(r, "occurrenceDateTime"))
		n.set("doseno", tree.Word(r, "protocolApplied.doseNumberPositiveInt")+tree.Word(r, "protocolApplied.doseNumberString"))
		n.set("lot", tree.Word(r, "lotNumber"))
		n.set("place", tree.Word(r, "location.display"))
	case "Encounter":
		n.Kind = Visit
		n.set("who", tree.Word(r, "participant.individual.display"))
		n.set("place", tree.Word(r, "serviceProvider.display"))
		n.set("day", tree.Word(r, "period.start"))
		n.set("reason", typed(Conditions, r["reasonCode"]))
	case "Appointment":
		n.set("follow", tree.Word(r, "requestedPeriod.start"))
	case "DocumentReference":
		n.takeDocument(r)
	}
	if n.Kind != Medicine && r["note"] != nil {
		n.set(askNote, tree.Word(r, "note.text"))
	}
}

func (n *Note) takeDocument(r object) {
	body, _ := base64.StdEncoding.DecodeString(tree.Word(r, "content.attachment.data"))
	if r["context"] != nil {
		n.set("said", string(body))
		return
	}
	n.Kind = Document
	n.Answers["title"], n.Answers["body"] = tree.Word(r, "content.attachment.title"), string(body)
	n.set("day", tree.Word(r, "content.attachment.creation"))
	if c := chosen(r); c != nil {
		n.set("paper", c["paper"])
		return
	}
	for name, p := range paperCodes {
		if p.words == tree.Word(r, "category.text") {
			n.set("paper", name)
		}
	}
}

// typed is what was typed, as far as it still stands in a concept.
func typed(l List, concept any) string {
	s := tree.Word(concept, "text")
	if ascii(s) {
		return s
	}
	for _, t := range l.read() {
		if before, ok := strings.CutSuffix(s, " ("+t.name+")"); ok && !ascii(before) {
			if found, _ := l.find(before); found.name == t.name {
				return before
			}
		}
	}
	return s
}

func (n *Note) takeVital(r object) {
	code := tree.Word(r, "code.coding.code")
	for k, v := range vitals {
		for _, u := range v.units {
			if code != v.code.code && code != u.code.code {
				continue
			}
			value := tree.At(r, "valueQuantity")
			if k == Pressure {
				value = tree.At(r, "component.valueQuantity")
			}
			if n.Kind = k; tree.Word(value, "code") == u.ucum && len(v.units) > 1 {
				n.set(askUnit, u.name)
			}
		}
	}
	n.set(askValue, tree.Word(r, "valueQuantity.value"))
	for _, c := range tree.List(r["component"]) {
		switch tree.Word(c, "code.coding.code") {
		case "8480-6":
			n.set("systolic", tree.Word(c, "valueQuantity.value"))
		case "8462-4":
			n.set("diastolic", tree.Word(c, "valueQuantity.value"))
		default:
			n.set("meal", key(mealWords, tree.Word(c, "valueCodeableConcept.text")))
		}
	}
	if c := chosen(r); c != nil {
		n.set("meal", c["meal"])
	}
	if d, ok := fhir.ParseDate(tree.Word(r, "effectiveDateTime")); ok && d.Precision == fhir.Instant {
		n.set(askWhen, d.Time(time.UTC).Format(momentForm)) // in its own zone
	}
	n.set("arm", coded(armCodes, tree.Word(r, "bodySite.coding.code")))
	n.set("position", coded(positionCodes, tree.Word(r, "extension.valueCodeableConcept.coding.code")))
}

func key(words map[string]string, word string) string {
	for k, w := range words {
		if w == word {
			return k
		}
	}
	return ""
}

func coded(codes map[string]object, code string) string {
	for k, c := range codes {
		if c["code"] == code {
			return k
		}
	}
	return ""
}

func (n *Note) takeMedicine(r object) {
	n.Kind = Medicine
	c := chosen(r)
	n.takeName(r["medicationCodeableConcept"], tree.Word(r, "dosage.doseAndRate.doseQuantity.code"), c)
	n.set("from", tree.Word(r, "effectivePeriod.start"))
	n.set("until", tree.Word(r, "effectivePeriod.end"))
	n.set("reason", typed(Conditions, r["reasonCode"]))
	for i, a := range tree.List(r["note"]) {
		by, ok := strings.CutPrefix(tree.Word(a, "text"), prescribed)
		if c != nil {
			ok = i == 0 && c[tagPrescriber] != ""
		}
		if ok && n.Answers["prescriber"] == "" {
			n.set("prescriber", by)
		} else {
			n.set(askNote, tree.Word(a, "text"))
		}
	}
	if n.set("food", key(foodWords, tree.Word(r, "dosage.additionalInstruction.text"))); c != nil {
		n.set("food", c["food"])
	}
	n.set("plan", "daytimes")
	for _, d := range tree.List(r["dosage"]) {
		n.takeDose(d)
	}
}

// takeName takes the name of a medicine apart: its form at the end, as it was chosen or, in a
// note without tags, by the words and what its doses are counted in, and the strength behind what the list knows by the code that stands there.
// What cannot be told apart stays with the name, where it reads the same.
func (n *Note) takeName(medicine any, counted string, c map[string]string) {
	name := tree.Word(medicine, "text")
	if form := c["form"]; form != "" {
		name, n.Answers["form"] = strings.TrimSuffix(name, " "+medicineForms[form].words), form
	}
	for form, f := range medicineForms {
		if before, ok := strings.CutSuffix(name, " "+f.words); ok && c == nil && form != "" && (counted == "" || counted == f.ucum) {
			name, n.Answers["form"] = before, form
			break
		}
	}
	n.set(askName, name)
	code := tree.Word(medicine, "coding.code")
	for i := len(name); i > 0; i-- {
		if i < len(name) && name[i] != ' ' {
			continue
		}
		listed := typed(Medicines, of("text", name[:i]))
		if t, ok := Medicines.find(listed); ok && t.code == code {
			n.Answers[askName], n.Answers["strength"] = listed, strings.TrimSpace(name[i:])
			return
		}
	}
}

func (n *Note) takeDose(d any) {
	amount := tree.Word(d, "doseAndRate.doseQuantity.value")
	switch unit := tree.Word(d, "timing.repeat.periodUnit"); {
	case tree.At(d, "asNeededBoolean") == true:
		n.Answers["plan"], n.Answers["dose"] = "needed", amount
	case unit == "h":
		n.Answers["plan"], n.Answers["amount"] = "hours", amount
		n.set("hours", tree.Word(d, "timing.repeat.period"))
	case unit == "wk":
		n.Answers["plan"], n.Answers["weekly"] = "weekly", amount
	}
	o := tree.Obj(tree.At(d, "timing.repeat"))
	for _, when := range tree.List(o["when"]) {
		for _, t := range daytimes {
			if t.when == when {
				n.Answers[t.name] = amount
			}
		}
	}
}
