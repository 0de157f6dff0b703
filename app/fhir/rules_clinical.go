package fhir

import (
	"strconv"
	"strings"
)

// tuneStatus says a status worth saying in the line: whatever is not the
// ordinary end of things.
func tuneStatus(b *builder) {
	for _, name := range []string{"status", "lifecycleStatus", "clinicalStatus"} {
		c := firstCode(b.e.get(name))
		switch c {
		case "", "final", "completed", "active", "current", "finished", "available", "entered-in-error":
			continue
		}
		if key := "status." + c; known()[key] {
			b.detail(Value{Type: ValueMessage, Text: c, Messages: []Message{{Key: key}}})
		}
		return
	}
}

func tunePerson(b *builder) {
	n := b.own(bestName(b.f.at[b.i]))
	if n.ok() {
		b.name(n)
	}
	for _, other := range b.e.get("name").items() {
		if !other.touched() {
			b.field("otherName", b.name(other)...)
		}
	}
}

// own is the counted twin of an element of this entry.
func (b *builder) own(e element) element {
	if !e.ok() {
		return e
	}
	return element{b.e.t, e.i}
}

func tunePatient(b *builder) {
	tunePerson(b)
	if d := b.e.get("birthDate").peek(); d != "" {
		b.detail(Value{Type: ValueDate, Text: d})
	}
	if g := b.e.get("gender").peek(); known()["gender."+g] {
		b.detail(Value{Type: ValueMessage, Text: g, Messages: []Message{{Key: "gender." + g}}})
	}
	for _, lang := range b.e.get("communication").items() {
		b.field("language", b.concept(lang.get("language"))...)
	}
}

// --- absence ---

// absences are codes that say there is nothing, or nothing known, of a kind:
// SNOMED CT as IPS 2.0.1 "Empty Sections & Missing Data" lists them and as US
// Core and NRCES use them, and the code system IPS 1.x had for it.
var absences = map[string]string{
	"716186003": "known.none.allergy", "160244002": "known.none.allergy", "409137002": "known.none.drugallergy",
	"429625007": "known.none.foodallergy", "428607008": "known.none.allergy",
	"160245001": "known.none.condition", "787481004": "known.none.medicine", "1234391009": "known.none.medicine", "787480003": "known.none.procedure",
	"787482006": "known.none.immunization", "787483001": "known.none.device", "1287211007": "known.noinformation",
	"no-known-allergies": "known.none.allergy", "no-known-medication-allergies": "known.none.drugallergy",
	"no-known-food-allergies": "known.none.foodallergy", "no-known-environmental-allergies": "known.none.allergy",
	"no-known-problems": "known.none.condition", "no-known-medications": "known.none.medicine", "no-known-procedures": "known.none.procedure",
	"no-known-immunizations": "known.none.immunization", "no-known-devices": "known.none.device",
	"no-allergy-info": "known.noinformation", "no-problem-info": "known.noinformation", "no-medication-info": "known.noinformation",
	"no-procedure-info": "known.noinformation", "no-immunization-info": "known.noinformation", "no-device-info": "known.noinformation",
}

// absence marks a resource whose code says that there is none.
func (b *builder) absence(e element) bool {
	for _, c := range e.codings() {
		s := c.get("system").peek()
		if s != "http://snomed.info/sct" && !strings.Contains(s, "absent-unknown") {
			continue
		}
		if key := absences[c.get("code").peek()]; key != "" {
			b.v.Negated = true
			b.detail(say(key))
			return true
		}
	}
	return false
}

func tuneAllergy(b *builder) {
	absent := b.absence(b.e.get("code"))
	severe := false
	var said []string
	for _, r := range b.e.get("reaction").items() {
		for _, m := range r.get("manifestation").items() {
			if w := words(m); w != "" {
				said = append(said, w)
			}
		}
		severe = severe || r.get("severity").peek() == "severe"
	}
	high := b.e.get("criticality").peek() == "high"
	if (high || severe) && !absent && !b.v.Void && !b.v.Inactive && !b.v.Negated {
		b.v.Alert = "danger"
	}
	if high && !absent && !b.v.Void && !b.v.Negated {
		b.detail(Value{Type: ValueMessage, Text: "high", Messages: []Message{{Key: "criticality.high"}}})
	}
	if len(said) > 0 {
		b.detail(Value{Type: ValueText, Text: strings.Join(said, ", ")})
	}
	if !absent {
		tuneStatus(b)
		b.doubt()
	}
	for _, r := range b.e.get("reaction").items() {
		for _, m := range r.get("manifestation").items() {
			b.field("reaction", b.concept(m)...)
		}
		b.field("severity", b.said("severity", r.get("severity"))...)
		b.field("description", b.values(r.get("description"))...)
		b.field("substance", b.concept(r.get("substance"))...)
		b.field("reactionOnset", b.values(r.get("onset"))...)
		b.field("route", b.concept(r.get("exposureRoute"))...)
	}
}

func tuneCondition(b *builder) {
	if b.absence(b.e.get("code")) {
		return
	}
	if c := firstCode(b.e.get("severity")); known()["severity."+severityName(c)] {
		b.detail(Value{Type: ValueMessage, Text: words(b.e.get("severity")), Messages: []Message{{Key: "severity." + severityName(c)}}})
	}
	tuneStatus(b)
	b.doubt()
}

// doubt says in the line that something is not certain, or was ruled out.
func (b *builder) doubt() {
	switch c := firstCode(b.e.get("verificationStatus")); c {
	case "provisional", "differential", "unconfirmed", "refuted":
		b.detail(Value{Type: ValueMessage, Text: c, Messages: []Message{{Key: "status." + c}}})
	}
}

func tuneProcedure(b *builder) {
	b.absence(b.e.get("code"))
	tuneStatus(b)
}

// tuneAnswers shows each question with its answers; the questions are the
// record's own words.
func tuneAnswers(b *builder) {
	var walk func(e element, depth int)
	walk = func(e element, depth int) {
		for _, item := range e.get("item").items() {
			label := item.get("text").str()
			if label == "" {
				label = item.get("linkId").peek()
			}
			item.get("linkId").use()
			var vals []Value
			for _, a := range item.get("answer").items() {
				v, _ := a.choice("value")
				vals = append(vals, b.values(v)...)
				walk(a, depth+1)
			}
			if len(vals) == 0 && label != "" {
				vals = one(ValueText, "—")
			}
			if len(vals) > 0 {
				b.v.Fields = append(b.v.Fields, Field{Label: firstOf(label, "—"), Values: vals})
			}
			walk(item, depth+1)
		}
	}
	walk(b.e, 0)
}

// severityName turns the SNOMED CT codes of the condition-severity value set
// into words.
func severityName(c string) string {
	switch c {
	case "24484000":
		return "severe"
	case "6736007":
		return "moderate"
	case "255604002":
		return "mild"
	}
	return c
}

func tuneEncounter(b *builder) {
	if c := b.e.get("class").first().get("code").peek(); known()["visit."+c] {
		b.detail(Value{Type: ValueMessage, Text: c, Messages: []Message{{Key: "visit." + c}}})
	}
	for _, r := range b.e.get("reasonCode").items() {
		b.detail(one(ValueText, words(r))...)
	}
	tuneStatus(b)
}

func tuneCarePlan(b *builder) {
	for _, why := range b.e.get("addresses").some(maxValues) {
		at, i := b.f.target(b.i, why)
		name := why.get("display").peek()
		if (name == "" || hollow(name, at)) && at.ok() {
			name = b.f.called(at, i)
		}
		if name != b.v.Title {
			b.detail(one(ValueText, name)...)
		}
	}
	tuneStatus(b)
	for _, a := range b.e.get("activity").items() {
		d := a.get("detail")
		var vals []Value
		vals = append(vals, b.concept(d.get("code"))...)
		vals = append(vals, b.values(d.get("description"))...)
		vals = append(vals, b.said("status", d.get("status"))...)
		if n := d.get("doNotPerform"); n.peek() == "true" {
			n.use()
			vals = append(vals, say("plan.donot"))
		}
		when, _ := d.choice("scheduled")
		vals = append(vals, b.values(when)...)
		for _, part := range carePlanActivity {
			vals = append(vals, b.read(a, part)...)
		}
		b.field("activity", vals...)
	}
}

// carePlanActivity is what an activity says beside what is done and when.
var carePlanActivity = readFields(`detail.product detail.quantity detail.dailyAmount detail.performer detail.location detail.goal
	detail.reasonCode detail.reasonReference detail.statusReason reference outcomeCodeableConcept outcomeReference progress`)

func tuneAppointment(b *builder) {
	if s := b.e.get("status").peek(); known()["status."+s] {
		b.detail(Value{Type: ValueMessage, Text: s, Messages: []Message{{Key: "status." + s}}})
	}
	for _, p := range b.e.get("participant").items() {
		vals := b.values(p.get("actor"))
		if len(vals) > 0 && b.f.isPatient(b.i, p.get("actor")) {
			p.get("required").use()
		}
		vals = append(vals, b.said("status", p.get("status"))...)
		b.field("participant", vals...)
	}
}

func (f *File) isPatient(from int, ref element) bool {
	at, _ := f.target(from, ref)
	return at.get("resourceType").peek() == "Patient"
}

func tuneGoal(b *builder) {
	tuneStatus(b)
	for _, t := range b.e.get("target").items() {
		d, _ := t.choice("detail")
		vals := append(b.values(t.get("measure")), b.values(d)...)
		due, _ := t.choice("due")
		b.field("target", append(vals, b.values(due)...)...)
		if len(vals) > 0 {
			b.detail(vals[len(vals)-1])
		}
	}
}

func tuneFamily(b *builder) {
	for _, c := range b.e.get("condition").items() {
		vals := b.concept(c.get("code"))
		if len(vals) > 0 {
			b.detail(Value{Type: ValueText, Text: vals[0].Text})
		}
		onset, _ := c.choice("onset")
		vals = append(vals, b.values(onset)...)
		vals = append(vals, b.values(c.get("outcome"))...)
		vals = append(vals, b.values(c.get("note"))...)
		b.field("condition", vals...)
	}
}

func tuneFlag(b *builder) {
	if !b.v.Inactive && !b.v.Void {
		b.v.Alert = "caution"
	}
	tuneStatus(b)
}

func tuneDevice(b *builder) {
	for _, n := range b.e.get("deviceName").items() {
		if n.get("name").peek() == b.v.Title {
			n.get("name").use()
		} else {
			b.field("name", b.values(n.get("name"))...)
		}
	}
	b.field("type", b.values(b.e.get("type"))...)
	tuneStatus(b)
}

var imagingSeries = readFields("description modality bodySite laterality started performer(function actor)")

func tuneImaging(b *builder) {
	n := 0
	for _, s := range b.e.get("series").items() {
		n++
		b.field("series", b.group(s, imagingSeries)...)
	}
	if n > 0 {
		b.detail(say("imaging.series", "n", strconv.Itoa(n)))
	}
	tuneStatus(b)
}
