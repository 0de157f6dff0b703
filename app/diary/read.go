package diary

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// Read makes a note of a Bundle that Compose or Correct made: what stands in it now, not
// what stood there before. The words of lists may come out in their English form.
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
		if Asserted(text(e.Resource, "meta", "security", "code")) {
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

// text walks down names, through the first of every list, to a string or number.
func text(v any, path ...string) string {
	v = at(v, path...)
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

func at(v any, path ...string) any {
	for {
		if l, ok := v.([]any); ok {
			if len(l) == 0 {
				return nil
			}
			v = l[0]
			continue
		}
		if len(path) == 0 {
			return v
		}
		o, _ := v.(object)
		v, path = o[path[0]], path[1:]
	}
}

func items(v any) []any {
	l, _ := v.([]any)
	return l
}

// void says whether a resource was entered in error.
func void(r object) bool {
	return text(r, "status") == wrong || text(r, "verificationStatus", "coding", "code") == wrong
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
			ref, _ := at(e).(object)
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

// take reads the answers of one resource.
func (n *Note) take(r object) {
	set := func(name, value string) { n.Answers[name] = value }
	switch r["resourceType"] {
	case "Observation":
		n.takeVital(r)
	case "MedicationStatement":
		n.takeMedicine(r)
	case "AllergyIntolerance":
		n.Kind = Allergy
		set(askName, typed(Allergens, r["code"]))
		set("severity", text(r, "reaction", "severity"))
		if said := typed(Reactions, at(r, "reaction", "manifestation")); said != n.Answers["severity"]+unnamed {
			set("reaction", said)
		}
		set(askSince, text(r, "onsetDateTime"))
	case "Condition":
		n.Kind = Condition
		set(askName, typed(Conditions, r["code"]))
		set(askSince, text(r, "onsetDateTime"))
		set("ended", text(r, "abatementDateTime"))
		if set("still", "yes"); text(r, "clinicalStatus", "coding", "code") == "resolved" {
			set("still", "no")
		}
	case "Immunization":
		n.Kind = Vaccine
		set(askName, typed(Vaccines, r["vaccineCode"]))
		set("given", text(r, "occurrenceDateTime"))
		set("doseno", text(r, "protocolApplied", "doseNumberPositiveInt")+text(r, "protocolApplied", "doseNumberString"))
		set("lot", text(r, "lotNumber"))
		set("place", text(r, "location", "display"))
	case "Encounter":
		n.Kind = Visit
		set("who", text(r, "participant", "individual", "display"))
		set("place", text(r, "serviceProvider", "display"))
		set("day", text(r, "period", "start"))
		set("reason", typed(Conditions, r["reasonCode"]))
	case "Appointment":
		set("follow", text(r, "requestedPeriod", "start"))
	case "DocumentReference":
		n.takeDocument(r)
	}
	if n.Kind != Medicine && r["note"] != nil {
		set(askNote, text(r, "note", "text"))
	}
}

func (n *Note) takeDocument(r object) {
	body, _ := base64.StdEncoding.DecodeString(text(r, "content", "attachment", "data"))
	if r["context"] != nil {
		n.Answers["said"] = string(body)
		return
	}
	n.Kind = Document
	n.Answers["title"], n.Answers["body"] = text(r, "description"), string(body)
	n.Answers["day"] = text(r, "content", "attachment", "creation")
	for name, p := range paperCodes {
		if p.words == text(r, "type", "text") {
			n.Answers["paper"] = name
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
	code := text(r, "code", "coding", "code")
	for k, v := range vitals {
		for _, u := range v.units {
			if code != v.code.code && code != u.code.code {
				continue
			}
			value := at(r, "valueQuantity")
			if k == Pressure {
				value = at(r, "component", "valueQuantity")
			}
			if n.Kind = k; text(value, "code") == u.ucum && len(v.units) > 1 {
				n.Answers[askUnit] = u.name
			}
		}
	}
	n.Answers[askValue] = text(r, "valueQuantity", "value")
	for _, c := range items(r["component"]) {
		switch text(c, "code", "coding", "code") {
		case "8480-6":
			n.Answers["systolic"] = text(c, "valueQuantity", "value")
		case "8462-4":
			n.Answers["diastolic"] = text(c, "valueQuantity", "value")
		default:
			n.Answers["meal"] = key(mealWords, text(c, "valueCodeableConcept", "text"))
		}
	}
	if t, err := time.Parse("2006-01-02T15:04:05Z07:00", text(r, "effectiveDateTime")); err == nil {
		n.Answers[askWhen] = t.Format(momentForm)
	}
	n.Answers["arm"] = coded(armCodes, text(r, "bodySite", "coding", "code"))
	n.Answers["position"] = coded(positionCodes, text(r, "extension", "valueCodeableConcept", "coding", "code"))
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
	set := func(name, value string) { n.Answers[name] = value }
	n.takeName(r["medicationCodeableConcept"], text(r, "dosage", "doseAndRate", "doseQuantity", "code"))
	set("from", text(r, "effectivePeriod", "start"))
	set("until", text(r, "effectivePeriod", "end"))
	set("reason", typed(Conditions, r["reasonCode"]))
	for _, a := range items(r["note"]) {
		if by, ok := strings.CutPrefix(text(a, "text"), prescribed); ok && n.Answers["prescriber"] == "" {
			set("prescriber", by)
		} else {
			set(askNote, text(a, "text"))
		}
	}
	set("food", key(foodWords, text(r, "dosage", "additionalInstruction", "text")))
	set("plan", "daytimes")
	for _, d := range items(r["dosage"]) {
		n.takeDose(d)
	}
}

// takeName takes the name of a medicine apart: its form at the end, by the words it was
// written with and what its doses are counted in, and the strength behind what the list knows by the code that stands there.
// What cannot be told apart stays with the name, where it reads the same.
func (n *Note) takeName(medicine any, counted string) {
	name := text(medicine, "text")
	for form, f := range medicineForms {
		if before, ok := strings.CutSuffix(name, " "+f.words); ok && form != "" && (counted == "" || counted == f.ucum) {
			name, n.Answers["form"] = before, form
			break
		}
	}
	n.Answers[askName] = name
	code := text(medicine, "coding", "code")
	for i := len(name); i > 0; i-- {
		if i < len(name) && name[i] != ' ' {
			continue
		}
		listed := typed(Medicines, object{"text": name[:i]})
		if t, ok := Medicines.find(listed); ok && t.code == code {
			n.Answers[askName], n.Answers["strength"] = listed, strings.TrimSpace(name[i:])
			return
		}
	}
}

func (n *Note) takeDose(d any) {
	amount := text(d, "doseAndRate", "doseQuantity", "value")
	switch unit := text(d, "timing", "repeat", "periodUnit"); {
	case at(d, "asNeededBoolean") == true:
		n.Answers["plan"], n.Answers["dose"] = "needed", amount
	case unit == "h":
		n.Answers["plan"], n.Answers["amount"] = "hours", amount
		n.Answers["hours"] = text(d, "timing", "repeat", "period")
	case unit == "wk":
		n.Answers["plan"], n.Answers["weekly"] = "weekly", amount
	}
	o, _ := at(d, "timing", "repeat").(object)
	for _, when := range items(o["when"]) {
		for _, t := range daytimes {
			if t.when == when {
				n.Answers[t.name] = amount
			}
		}
	}
}
