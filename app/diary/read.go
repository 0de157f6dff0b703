package diary

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"potli/app/fhir"
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
		if Asserted(text(e.Resource, "meta.security.code")) {
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

// text walks down the names of a path, through the first of every list, to a string or
// number. A path is one string since each of many would weigh as code.
//
//go:noinline
func text(v any, path string) string {
	switch v := at(v, path).(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// at walks to whatever stands there. An empty path is the value, or the first of a list.
//
//go:noinline
func at(v any, path string) any {
	for {
		if l, ok := v.([]any); ok {
			if len(l) == 0 {
				return nil
			}
			v = l[0]
			continue
		}
		if path == "" {
			return v
		}
		var name string
		name, path, _ = strings.Cut(path, ".")
		o, _ := v.(object)
		v = o[name]
	}
}

func items(v any) []any {
	l, _ := v.([]any)
	return l
}

// void says whether a resource was entered in error.
func void(r object) bool {
	return text(r, "status") == wrong || text(r, "verificationStatus.coding.code") == wrong
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
			ref, _ := at(e, "").(object)
			switch {
			case !people[name] || text(ref, "reference") == "":
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
		n.set("severity", text(r, "reaction.severity"))
		said := typed(Reactions, at(r, "reaction.manifestation"))
		if c := chosen(r); c == nil && said != n.Answers["severity"]+unnamed || c != nil && c[tagReaction] == "" {
			n.set("reaction", said)
		}
		n.set(askSince, text(r, "onsetDateTime"))
	case "Condition":
		n.Kind = Condition
		n.set(askName, typed(Conditions, r["code"]))
		n.set(askSince, text(r, "onsetDateTime"))
		n.set("ended", text(r, "abatementDateTime"))
		if n.set("still", "yes"); text(r, "clinicalStatus.coding.code") == "resolved" {
			n.set("still", "no")
		}
	case "Immunization":
		n.Kind = Vaccine
		n.set(askName, typed(Vaccines, r["vaccineCode"]))
		n.set("given", text(r, "occurrenceDateTime"))
		n.set("doseno", text(r, "protocolApplied.doseNumberPositiveInt")+text(r, "protocolApplied.doseNumberString"))
		n.set("lot", text(r, "lotNumber"))
		n.set("place", text(r, "location.display"))
	case "Encounter":
		n.Kind = Visit
		n.set("who", text(r, "participant.individual.display"))
		n.set("place", text(r, "serviceProvider.display"))
		n.set("day", text(r, "period.start"))
		n.set("reason", typed(Conditions, r["reasonCode"]))
	case "Appointment":
		n.set("follow", text(r, "requestedPeriod.start"))
	case "DocumentReference":
		n.takeDocument(r)
	}
	if n.Kind != Medicine && r["note"] != nil {
		n.set(askNote, text(r, "note.text"))
	}
}

func (n *Note) takeDocument(r object) {
	body, _ := base64.StdEncoding.DecodeString(text(r, "content.attachment.data"))
	if r["context"] != nil {
		n.set("said", string(body))
		return
	}
	n.Kind = Document
	n.Answers["title"], n.Answers["body"] = text(r, "content.attachment.title"), string(body)
	n.set("day", text(r, "content.attachment.creation"))
	if c := chosen(r); c != nil {
		n.set("paper", c["paper"])
		return
	}
	for name, p := range paperCodes {
		if p.words == text(r, "category.text") {
			n.set("paper", name)
		}
	}
}

// typed is what was typed, as far as it still stands in a concept.
func typed(l List, concept any) string {
	s := text(concept, "text")
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
	code := text(r, "code.coding.code")
	for k, v := range vitals {
		for _, u := range v.units {
			if code != v.code.code && code != u.code.code {
				continue
			}
			value := at(r, "valueQuantity")
			if k == Pressure {
				value = at(r, "component.valueQuantity")
			}
			if n.Kind = k; text(value, "code") == u.ucum && len(v.units) > 1 {
				n.set(askUnit, u.name)
			}
		}
	}
	n.set(askValue, text(r, "valueQuantity.value"))
	for _, c := range items(r["component"]) {
		switch text(c, "code.coding.code") {
		case "8480-6":
			n.set("systolic", text(c, "valueQuantity.value"))
		case "8462-4":
			n.set("diastolic", text(c, "valueQuantity.value"))
		default:
			n.set("meal", key(mealWords, text(c, "valueCodeableConcept.text")))
		}
	}
	if c := chosen(r); c != nil {
		n.set("meal", c["meal"])
	}
	if d, ok := fhir.ParseDate(text(r, "effectiveDateTime")); ok && d.Precision == fhir.Instant {
		n.set(askWhen, d.Time(time.UTC).Format(momentForm)) // in its own zone
	}
	n.set("arm", coded(armCodes, text(r, "bodySite.coding.code")))
	n.set("position", coded(positionCodes, text(r, "extension.valueCodeableConcept.coding.code")))
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
	n.takeName(r["medicationCodeableConcept"], text(r, "dosage.doseAndRate.doseQuantity.code"), c)
	n.set("from", text(r, "effectivePeriod.start"))
	n.set("until", text(r, "effectivePeriod.end"))
	n.set("reason", typed(Conditions, r["reasonCode"]))
	for i, a := range items(r["note"]) {
		by, ok := strings.CutPrefix(text(a, "text"), prescribed)
		if c != nil {
			ok = i == 0 && c[tagPrescriber] != ""
		}
		if ok && n.Answers["prescriber"] == "" {
			n.set("prescriber", by)
		} else {
			n.set(askNote, text(a, "text"))
		}
	}
	if n.set("food", key(foodWords, text(r, "dosage.additionalInstruction.text"))); c != nil {
		n.set("food", c["food"])
	}
	n.set("plan", "daytimes")
	for _, d := range items(r["dosage"]) {
		n.takeDose(d)
	}
}

// takeName takes the name of a medicine apart: its form at the end, as it was chosen or, in a
// note without tags, by the words and what its doses are counted in, and the strength behind what the list knows by the code that stands there.
// What cannot be told apart stays with the name, where it reads the same.
func (n *Note) takeName(medicine any, counted string, c map[string]string) {
	name := text(medicine, "text")
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
	code := text(medicine, "coding.code")
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
	amount := text(d, "doseAndRate.doseQuantity.value")
	switch unit := text(d, "timing.repeat.periodUnit"); {
	case at(d, "asNeededBoolean") == true:
		n.Answers["plan"], n.Answers["dose"] = "needed", amount
	case unit == "h":
		n.Answers["plan"], n.Answers["amount"] = "hours", amount
		n.set("hours", text(d, "timing.repeat.period"))
	case unit == "wk":
		n.Answers["plan"], n.Answers["weekly"] = "weekly", amount
	}
	o, _ := at(d, "timing.repeat").(object)
	for _, when := range items(o["when"]) {
		for _, t := range daytimes {
			if t.when == when {
				n.Answers[t.name] = amount
			}
		}
	}
}
