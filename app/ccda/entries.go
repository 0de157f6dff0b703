package ccda

import "strings"

// act is mostly the concern around what matters: an allergy, a problem, a
// diagnosis. Its own state decides over what it holds.
func (d *document) act(n *node, in drawer, level int) []object {
	if planned(n) {
		if o := d.request(n); o != nil {
			d.common(o, n)
			return []object{o}
		}
		return nil
	}
	inner := d.related(n, in, level)
	for _, o := range inner {
		switch typ := o["resourceType"]; {
		case typ != "AllergyIntolerance" && typ != "Condition":
		case status(n) == "nullified":
			delete(o, "clinicalStatus")
			o["verificationStatus"] = verification(o, "entered-in-error")
		case negated(n) && o["verificationStatus"] == nil:
			o["verificationStatus"] = verification(o, "refuted")
		case o["clinicalStatus"] == nil && o["verificationStatus"] == nil:
			o.set("clinicalStatus", clinical(o, concernStatus(n)))
		}
	}
	if len(inner) == 0 && (in == procedures || n.is(oidEntry+"12")) {
		if o := d.procedure(n); o != nil {
			d.common(o, n)
			return []object{o}
		}
	}
	return inner
}

func concernStatus(n *node) string {
	switch status(n) {
	case "completed":
		return "resolved"
	case "aborted", "suspended":
		return "inactive"
	}
	return "active"
}

// clinical and verification are the states of allergies and problems.
//
//go:noinline
func clinical(o object, c string) object {
	if o["resourceType"] == "Condition" {
		return code(hl7+"condition-clinical", c, "")
	}
	return code(hl7+"allergyintolerance-clinical", c, "")
}

//go:noinline
func verification(o object, c string) object {
	if o["resourceType"] == "Condition" {
		return code(hl7+"condition-ver-status", c, "")
	}
	return code(hl7+"allergyintolerance-verification", c, "")
}

// observationLike tells apart what CDA calls an observation.
func (d *document) observationLike(n *node, in drawer, level int) []object {
	var one object
	switch {
	case n.attr("moodCode") == "GOL":
		one = d.goal(n)
	case planned(n):
		one = d.request(n)
	case n.is(allergyOf, oidCCD+"18", oidEntry+"90") || in == allergies && n.at("participant", "participantRole").ok():
		one = d.allergy(n)
	case in == allergies && noneKnown(n):
		one = d.allergy(n)
	case n.is(oidEntry+"4", oidCCD+"28") || in == problems && typeOf(n.at("value")) == "CD":
		one = d.condition(n)
	case in == procedures || n.is(oidEntry+"13"):
		one = d.procedure(n)
	case in == allergies:
	default:
		return d.observation(n, in, level)
	}
	if one == nil {
		return nil
	}
	d.common(one, n)
	return []object{one}
}

// noneKnown: "no known allergies" in one of its forms.
func noneKnown(n *node) bool {
	return negated(n) || absent[n.at("value").attr("code")] || absent[n.at("code").attr("code")]
}

// absent are codes that say there is none (IPS 2.0.1, "Empty Sections & Missing Data").
var absent = map[string]bool{"716186003": true, "160244002": true, "409137002": true, "429625007": true, "428607008": true, "160245001": true}

// allergy is an Allergy – Intolerance Observation.
func (d *document) allergy(n *node) object {
	o := d.about("AllergyIntolerance", "patient")
	agent := n.at("participant", "participantRole", "playingEntity")
	what := d.concept(agent.at("code"))
	if what["coding"] == nil {
		if s := agent.at("name").words(); s != "" {
			what = object{"text": s}
		}
	}
	kind := n.at("value").attr("code")
	switch {
	case absent[kind]:
		what = d.concept(n.at("value"))
	case negated(n) && len(what) == 0:
		what = d.none(kind)
	case negated(n):
		o["verificationStatus"] = verification(o, "refuted")
	case len(what) == 0:
		what = d.concept(n.at("value"))
		if s := d.said(n.at("text")); len(what) == 0 && s != "" {
			what = object{"text": s}
		}
	}
	if len(what) == 0 {
		return nil
	}
	o["code"] = what
	switch status(n) {
	case "nullified":
		o["verificationStatus"] = verification(o, "entered-in-error")
	case "aborted", "cancelled":
		o["clinicalStatus"] = clinical(o, "inactive")
	}
	o.set("type", allergyTypes[kind])
	if c := allergyCategories[kind]; c != "" {
		o["category"] = []string{c}
	}
	d.allergyDetails(o, n)
	if p := d.period(n.at("effectiveTime")); p["end"] != nil && o["clinicalStatus"] == nil && o["verificationStatus"] == nil {
		o["clinicalStatus"] = clinical(o, "resolved")
	}
	o.set("onsetDateTime", d.onset(n.at("effectiveTime")))
	o.set("recordedDate", d.moment(n.at("author", "time")))
	o.set("recorder", writer(n))
	return o
}

// onset is where a period begins; its end alone is no onset.
func (d *document) onset(n *node) string {
	if s := d.date(n.attr("value")); s != "" {
		return s
	}
	return d.date(n.at("low").attr("value"))
}

// none is "no known allergy" of a kind.
func (d *document) none(kind string) object {
	switch allergyCategories[kind] {
	case "medication":
		return code(snomed, "409137002", "No known drug allergy")
	case "food":
		return code(snomed, "429625007", "No known food allergy")
	}
	return code(snomed, "716186003", "No known allergy")
}

// SNOMED CT codes of value set "Allergy and Intolerance Type" (2.16.840.1.113883.3.88.12.3221.6.2).
var (
	allergyTypes = map[string]string{"419199007": "allergy", "416098002": "allergy", "414285001": "allergy",
		"59037007": "intolerance", "235719002": "intolerance"}
	allergyCategories = map[string]string{"416098002": "medication", "419511003": "medication", "59037007": "medication",
		"414285001": "food", "418471000": "food", "235719002": "food"}
)

// allergyDetails are reactions with their severity, criticality and state.
func (d *document) allergyDetails(o object, n *node) {
	var reactions []object
	severity := ""
	for _, r := range n.all("entryRelationship") {
		k := r.at("observation")
		switch {
		case !k.ok() || negated(k) || status(k) == "nullified":
		case k.is(oidEntry+"145") || k.at("code").attr("code") == "82606-5":
			o.set("criticality", map[string]string{"CRITH": "high", "CRITL": "low", "CRITU": "unable-to-assess"}[k.at("value").attr("code")])
		case k.is(oidEntry+"8") || k.at("code").attr("code") == "SEV":
			severity = severityOf(k)
		case k.is(oidEntry+"28", oidCCD+"39") || k.at("code").attr("code") == "33999-4":
			if c := stateOf(k); c != "" && o["verificationStatus"] == nil {
				o["clinicalStatus"] = clinical(o, c)
			}
		case r.attr("typeCode") == "MFST" || k.is(oidEntry+"9", oidCCD+"54"):
			if m := d.reaction(k); m != nil {
				reactions = append(reactions, m)
			}
		}
	}
	if severity != "" && len(reactions) == 1 && reactions[0]["severity"] == nil {
		reactions[0]["severity"] = severity
	}
	o.set("reaction", reactions)
}

// reaction is what the allergy does.
func (d *document) reaction(n *node) object {
	m := d.concept(n.at("value"))
	if s := d.said(n.at("text")); len(m) == 0 && s != "" {
		m = object{"text": s}
	}
	if len(m) == 0 {
		return nil
	}
	o := object{"manifestation": []object{m}}
	o.set("onset", d.onset(n.at("effectiveTime")))
	for _, r := range n.all("entryRelationship") {
		if k := r.at("observation"); k.is(oidEntry+"8") || k.at("code").attr("code") == "SEV" {
			o.set("severity", severityOf(k))
		}
	}
	return o
}

func severityOf(n *node) string {
	switch n.at("value").attr("code") {
	case "255604002":
		return "mild"
	case "6736007", "371923003":
		return "moderate"
	case "24484000", "371924009", "399166001":
		return "severe"
	}
	return ""
}

// stateOf is a status observation's value as FHIR has it.
func stateOf(n *node) string {
	switch n.at("value").attr("code") {
	case "55561003":
		return "active"
	case "73425007":
		return "inactive"
	case "413322009":
		return "resolved"
	case "277022003":
		return "remission"
	case "255227004":
		return "recurrence"
	}
	return ""
}

// condition is a Problem Observation.
func (d *document) condition(n *node) object {
	o := d.about("Condition", "subject")
	what := d.concept(n.at("value"))
	if s := d.said(n.at("text")); nameOf(what) == "" && s != "" {
		what["text"] = s
	}
	if negated(n) && (len(what) == 0 || n.at("value").attr("code") == "55607006") {
		what = code(snomed, "160245001", "No current problems or disability")
	} else if negated(n) {
		o["verificationStatus"] = verification(o, "refuted")
	}
	if len(what) == 0 {
		return nil
	}
	o["code"] = what
	when := n.at("effectiveTime")
	o.set("onsetDateTime", d.onset(when))
	o.set("abatementDateTime", d.date(when.at("high").attr("value")))
	if status(n) == "nullified" {
		o["verificationStatus"] = verification(o, "entered-in-error")
	}
	if o["verificationStatus"] == nil {
		if when.at("high").ok() && !absent[n.at("value").attr("code")] {
			o["clinicalStatus"] = clinical(o, "resolved") // also where only the day is not known
		}
		for _, r := range n.all("entryRelationship") {
			if k := r.at("observation"); k.is(oidEntry+"6", oidCCD+"50") || k.at("code").attr("code") == "33999-4" {
				if c := stateOf(k); c != "" {
					o["clinicalStatus"] = clinical(o, c)
				}
			}
		}
	}
	for _, r := range n.all("entryRelationship") {
		if k := r.at("observation"); k.is(oidEntry+"8") || k.at("code").attr("code") == "SEV" {
			o.set("severity", d.concept(k.at("value")))
		}
	}
	o.set("recordedDate", d.moment(n.at("author", "time")))
	o.set("recorder", writer(n))
	return o
}

// observation is a result, a vital sign or a finding, with those within it.
func (d *document) observation(n *node, in drawer, level int) []object {
	inner := d.nested(n, in, level)
	o := d.about("Observation", "subject")
	what := d.concept(n.at("code"))
	if n.at("code").attr("code") == "ASSERTION" || len(what) == 0 {
		if what = d.concept(n.at("value")); len(what) == 0 {
			return inner
		}
	} else {
		d.value(o, n.at("value"))
	}
	if negated(n) {
		return inner // the finding is absent: FHIR has no word that every reader would heed
	}
	o["code"] = what
	o["status"] = observationStatus(n)
	if !hasValue(o) {
		if why := n.at("value").attr("nullFlavor"); why != "" {
			o["dataAbsentReason"] = code(hl7+"data-absent-reason", absentReason(why), "")
		} else if s := d.said(n.at("text")); s != "" && s != nameOf(what) {
			o["valueString"] = s
		}
	}
	if !hasValue(o) && o["dataAbsentReason"] == nil && len(inner) > 0 {
		return inner
	}
	d.when(o, "effective", n.at("effectiveTime"))
	o.set("category", category(n, in))
	var flags []object
	for _, i := range n.all("interpretationCode") {
		flags = append(flags, list(d.concept(i))...)
	}
	o.set("interpretation", flags)
	o.set("referenceRange", d.ranges(n))
	o.set("method", d.concept(n.at("methodCode")))
	o.set("bodySite", d.concept(n.at("targetSiteCode")))
	if s := performer(n); s != "" {
		o["performer"] = []object{{"display": s}}
	} else if w := writer(n); w != nil {
		o["performer"] = []object{w}
	}
	d.common(o, n)
	return append([]object{o}, inner...)
}

// nested are the findings within an observation that are facts of their own:
// severity and status belong to it and say nothing alone.
func (d *document) nested(n *node, in drawer, level int) []object {
	var out []object
	for _, r := range n.all("entryRelationship") {
		if t := r.attr("typeCode"); t != "COMP" && t != "SPRT" {
			continue
		}
		out = append(out, d.statement(r.at("observation"), in, level+1)...)
	}
	return out
}

func absentReason(nullFlavor string) string {
	switch nullFlavor {
	case "ASKU":
		return "asked-unknown"
	case "NASK":
		return "not-asked"
	case "MSK":
		return "masked"
	case "NA":
		return "not-applicable"
	case "NAV":
		return "temp-unknown"
	}
	return "unknown"
}

func observationStatus(n *node) string {
	switch status(n) {
	case "active", "held", "suspended":
		return "preliminary"
	case "aborted", "cancelled":
		return "cancelled"
	case "nullified":
		return "entered-in-error"
	}
	return "final"
}

func category(n *node, in drawer) []object {
	name := map[drawer]string{results: "laboratory", vitals: "vital-signs", social: "social-history"}[in]
	switch {
	case n.is(oidEntry + "27"):
		name = "vital-signs"
	case n.is(oidEntry+"38", oidEntry+"78", oidEntry+"85"):
		name = "social-history"
	}
	if name == "" {
		return nil
	}
	return list(code(hl7+"observation-category", name, ""))
}

// ranges are the reference ranges.
func (d *document) ranges(n *node) []object {
	var out []object
	for _, r := range n.all("referenceRange") {
		from := r.at("observationRange")
		o := object{}
		v := from.at("value")
		o.set("low", quantity(v.at("low"), ""))
		o.set("high", quantity(v.at("high"), ""))
		if s := d.said(from.at("text")); s != "" {
			o["text"] = s
		} else if len(o) == 0 {
			o.set("text", strings.TrimSpace(v.words()))
		}
		o.set("type", d.concept(from.at("interpretationCode")))
		if len(o) > 0 && (o["text"] != nil || o["low"] != nil || o["high"] != nil) {
			out = append(out, o)
		}
	}
	return out
}

// goal is a Goal Observation.
func (d *document) goal(n *node) object {
	o := d.about("Goal", "subject")
	what := d.concept(n.at("code"))
	if s := d.said(n.at("text")); s != "" {
		what = object{"text": s}
	} else if v := d.concept(n.at("value")); nameOf(v) != "" {
		what = v
	}
	if nameOf(what) == "" && what["coding"] == nil || negated(n) {
		return nil
	}
	o["description"] = what
	o["lifecycleStatus"] = map[string]string{"completed": "completed", "aborted": "cancelled", "cancelled": "cancelled", "nullified": "entered-in-error"}[status(n)]
	if o["lifecycleStatus"] == "" {
		o["lifecycleStatus"] = "active"
	}
	if day := d.onset(n.at("effectiveTime")); len(day) >= 10 {
		o["startDate"] = day[:10]
	}
	target := object{}
	if q := quantity(n.at("value"), ""); q != nil {
		target["measure"], target["detailQuantity"] = d.concept(n.at("code")), q
	}
	if due := d.date(n.at("effectiveTime", "high").attr("value")); len(due) >= 10 {
		target["dueDate"] = due[:10]
	}
	o.set("target", list(target))
	return o
}
