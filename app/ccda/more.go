package ccda

import "strings"

// organizer groups results, vital signs or a relative's illnesses.
func (d *document) organizer(n *node, in drawer, level int) []object {
	if n.is(oidEntry+"45", oidCCD+"23") || in == family {
		if o := d.relative(n); o != nil {
			d.common(o, n)
			return []object{o}
		}
		return nil
	}
	if n.is(oidEntry + "26") {
		in = vitals
	}
	if n.is(oidEntry + "1") {
		in = results
	}
	var members []object
	for _, o := range d.related(n, in, level) {
		if o["effectiveDateTime"] == nil && o["effectivePeriod"] == nil && o["resourceType"] == "Observation" {
			d.when(o, "effective", n.at("effectiveTime"))
		}
		if status(n) == "nullified" && o["resourceType"] == "Observation" {
			o["status"] = "entered-in-error"
		}
		members = append(members, o)
	}
	members = pressure(members)
	what := d.concept(n.at("code"))
	if in != results || len(members) < 2 || nameOf(what) == "" || negated(n) {
		return members
	}
	return append([]object{d.report(n, what, members)}, members...)
}

// report gathers the results of one panel.
func (d *document) report(n *node, what object, members []object) object {
	o := d.about("DiagnosticReport", "subject")
	o["code"], o["status"] = what, observationStatus(n)
	d.when(o, "effective", n.at("effectiveTime"))
	if o["effectiveDateTime"] == nil && o["effectivePeriod"] == nil {
		for _, m := range members {
			o.set("effectiveDateTime", m["effectiveDateTime"])
		}
	}
	var refs []object
	for _, m := range members {
		if m["resourceType"] == "Observation" {
			refs = append(refs, reference(d.named(m)))
		}
	}
	o.set("result", refs)
	if s := performer(n); s != "" {
		o["performer"] = []object{{"display": s}}
	}
	d.common(o, n)
	return o
}

// pressure makes one blood pressure of the two numbers of it that were taken at
// one time: apart they are not what a doctor reads.
func pressure(members []object) []object {
	var out []object
	half := map[string]object{} // when → the systolic
	for _, m := range members {
		switch loincOf(m) {
		case "8480-6", "8462-4":
			at, _ := m["effectiveDateTime"].(string)
			first := half[at]
			if first == nil || loincOf(first) == loincOf(m) || m["valueQuantity"] == nil || first["valueQuantity"] == nil || m["status"] != first["status"] {
				half[at] = m
				break
			}
			delete(half, at)
			join(first, m)
			continue
		}
		out = append(out, m)
	}
	return out
}

// join turns the first half into the whole.
func join(first, second object) {
	if loincOf(first) != "8480-6" {
		swapped := object{}
		for k, v := range first {
			swapped[k] = v
		}
		for k := range first {
			delete(first, k)
		}
		for k, v := range second {
			first[k] = v
		}
		second = swapped
	}
	var parts []object
	for _, half := range []object{first, second} {
		p := object{}
		for _, name := range []string{"code", "valueQuantity", "interpretation", "referenceRange"} {
			p.set(name, half[name])
		}
		parts = append(parts, p)
	}
	delete(first, "valueQuantity")
	delete(first, "interpretation")
	delete(first, "referenceRange")
	first["code"] = code(loinc, "85354-9", "Blood pressure")
	first["component"] = parts
}

func loincOf(o object) string {
	c, _ := o["code"].(object)
	list, _ := c["coding"].([]object)
	for _, x := range list {
		if x["system"] == loinc {
			s, _ := x["code"].(string)
			return s
		}
	}
	return ""
}

// substance is a medicine or a vaccine.
func (d *document) substance(n *node, in drawer) object {
	material := n.at("consumable", "manufacturedProduct", "manufacturedMaterial")
	if !material.ok() {
		material = n.at("consumable", "manufacturedProduct", "manufacturedLabeledDrug")
	}
	what := d.concept(material.at("code"))
	if nameOf(what) == "" {
		for _, s := range []string{material.at("name").words(), d.said(n.at("text"))} {
			if s != "" {
				what["text"] = s
				break
			}
		}
	}
	vaccine := coding(material.at("code"))["system"] == "http://hl7.org/fhir/sid/cvx"
	if n.is(oidEntry+"52", oidCCD+"24") && in != medicines || in == immunizations || vaccine {
		return d.immunization(n, what, material)
	}
	return d.medicine(n, what)
}

func (d *document) immunization(n *node, what object, material *node) object {
	if len(what) == 0 {
		return nil
	}
	if planned(n) {
		o := d.about("ServiceRequest", "subject")
		o["status"], o["intent"], o["code"] = "active", "plan", what
		o.set("occurrenceDateTime", d.moment(n.at("effectiveTime")))
		return o
	}
	o := d.about("Immunization", "patient")
	o["vaccineCode"] = what
	switch {
	case status(n) == "nullified":
		o["status"] = "entered-in-error"
	case negated(n), status(n) == "aborted", status(n) == "cancelled":
		o["status"] = "not-done"
	default:
		o["status"] = "completed"
	}
	if s := d.moment(n.at("effectiveTime")); s != "" {
		o["occurrenceDateTime"] = s
	} else {
		o["occurrenceString"] = "unknown"
	}
	o.set("lotNumber", material.at("lotNumberText").words())
	if s := organization(n.at("consumable", "manufacturedProduct", "manufacturerOrganization")); s != "" {
		o["manufacturer"] = object{"display": s}
	}
	o.set("route", d.concept(n.at("routeCode")))
	o.set("site", d.concept(n.at("approachSiteCode")))
	o.set("doseQuantity", quantity(n.at("doseQuantity"), ""))
	if s := performer(n); s != "" {
		o["performer"] = []object{{"actor": object{"display": s}}}
	}
	for _, r := range n.all("entryRelationship") {
		k := r.at("observation")
		if k.is(oidEntry+"53") || negated(n) && r.attr("typeCode") == "RSON" {
			o.set("statusReason", d.concept(k.at("code")))
		}
	}
	if dose := number(n.at("repeatNumber").attr("value")); dose != "" && o["status"] == "completed" && !strings.ContainsAny(string(dose), ".-") && dose != "0" {
		o["protocolApplied"] = []object{{"doseNumberPositiveInt": dose}}
	}
	return o
}

// medicine is a Medication Activity: what is taken is a statement, what is meant
// to be taken a request.
func (d *document) medicine(n *node, what object) object {
	typ := "MedicationStatement"
	if planned(n) {
		typ = "MedicationRequest"
	}
	o := d.about(typ, "subject")
	if len(what) == 0 {
		if !negated(n) {
			return nil
		}
		what = code(snomed, "787481004", "No known medications")
	}
	o["medicationCodeableConcept"] = what
	taken := d.taken(n)
	o["status"] = d.medicineStatus(n, taken)
	if typ == "MedicationRequest" {
		o["intent"] = map[bool]string{true: "order", false: "plan"}[n.attr("moodCode") == "RQO"]
		if negated(n) {
			o["doNotPerform"] = true
		}
		o.set("authoredOn", d.moment(n.at("author", "time")))
		o.set("requester", writer(n))
	} else {
		if taken != nil {
			o["effectivePeriod"] = taken
		} else if s := d.point(n); s != "" {
			o["effectiveDateTime"] = s
		}
		o.set("informationSource", writer(n))
	}
	o.set("reasonCode", d.reasons(n))
	name := "dosage"
	if typ == "MedicationRequest" {
		name = "dosageInstruction"
	}
	o.set(name, list(d.dosage(n, nameOf(what))))
	return o
}

// reasons are the indications of a medicine, a procedure or a visit.
func (d *document) reasons(n *node) []object {
	var why []object
	for _, r := range n.all("entryRelationship") {
		if k := r.at("observation"); (r.attr("typeCode") == "RSON" || k.is(oidEntry+"19")) && !negated(k) {
			why = append(why, list(d.concept(k.at("value")))...)
		}
	}
	return why
}

// taken is the period of the first time that is one.
func (d *document) taken(n *node) object {
	for _, t := range n.all("effectiveTime") {
		if k := typeOf(t); k == "IVL_TS" || k == "IVL_PQ" || t.at("low").ok() || t.at("high").ok() {
			if p := d.period(t); p != nil {
				return p
			}
		}
	}
	return nil
}

// point is a time that is none.
func (d *document) point(n *node) string {
	for _, t := range n.all("effectiveTime") {
		if s := d.date(t.attr("value")); s != "" {
			return s
		}
	}
	return ""
}

// medicineStatus: "completed" without an end says only that somebody completed
// an entry. A medicine that may still be taken must not look like one of the past.
func (d *document) medicineStatus(n *node, taken object) string {
	end, _ := taken["end"].(string)
	over := end != "" && d.dated != "" && end[:min(len(end), 10)] < d.dated[:min(len(d.dated), 10)]
	request := planned(n)
	switch s := status(n); {
	case s == "nullified":
		return "entered-in-error"
	case negated(n) && !request:
		return "not-taken"
	case s == "aborted", s == "cancelled":
		return "stopped"
	case s == "suspended", s == "held":
		return "on-hold"
	case over:
		return "completed"
	case s == "completed" && end == "", s == "" && !request:
		return "unknown"
	}
	return "active"
}

// dosage is how a medicine is taken: in words where the document has any, and in
// numbers.
func (d *document) dosage(n *node, name string) object {
	o := object{}
	for _, r := range n.all("entryRelationship") {
		k := r.at("substanceAdministration")
		if k.is(oidEntry+"147") || k.at("code").attr("code") == "76662-6" {
			o.set("text", d.said(k.at("text")))
		}
		if k = r.at("act"); k.is(oidEntry+"20", oidCCD+"49") && o["patientInstruction"] == nil {
			o.set("patientInstruction", d.said(k.at("text")))
		}
	}
	repeat := object{}
	for _, t := range n.all("effectiveTime") {
		d.timing(repeat, t)
	}
	if len(repeat) > 0 {
		o["timing"] = object{"repeat": repeat}
	}
	dose := object{}
	if q := quantity(n.at("doseQuantity"), ""); q != nil {
		dose["doseQuantity"] = q
	} else if l, h := quantity(n.at("doseQuantity", "low"), ""), quantity(n.at("doseQuantity", "high"), ""); l != nil && h != nil {
		dose["doseRange"] = object{"low": l, "high": h}
	}
	dose.set("rateQuantity", quantity(n.at("rateQuantity"), ""))
	o.set("doseAndRate", list(dose))
	o.set("route", d.concept(n.at("routeCode")))
	o.set("site", d.concept(n.at("approachSiteCode")))
	if c := n.at("precondition", "criterion", "value"); coding(c) != nil {
		o["asNeededCodeableConcept"] = d.concept(c)
	}
	if s := d.said(n.at("text")); o["text"] == nil && o["timing"] == nil && s != name && s != "" {
		o["text"] = s
	}
	return o
}

// timing is one effectiveTime of a medicine: how often (PIVL_TS), or at what
// event of the day (EIVL_TS).
func (d *document) timing(repeat object, t *node) {
	switch typeOf(t) {
	case "PIVL_TS":
		p := t.at("period")
		every, most := number(p.attr("value")), object(nil)
		unit := p.attr("unit")
		if every == "" {
			every, unit = number(p.at("low").attr("value")), p.at("low").attr("unit")
			most = quantity(p.at("high"), "")
		}
		if !strings.Contains(" s min h d wk mo a ", " "+unit+" ") || every == "" || strings.HasPrefix(string(every), "-") {
			return
		}
		repeat["frequency"], repeat["period"], repeat["periodUnit"] = 1, every, unit
		if most != nil && most["unit"] == unit {
			repeat["periodMax"] = most["value"]
		}
	case "EIVL_TS":
		when := t.at("event").attr("code")
		if strings.Contains(" HS WAKE C CM CD CV AC ACM ACD ACV PC PCM PCD PCV ", " "+when+" ") {
			list, _ := repeat["when"].([]string)
			repeat["when"] = append(list, when)
		}
	}
}

// procedure was done, or was not.
func (d *document) procedure(n *node) object {
	if planned(n) {
		return d.request(n)
	}
	o := d.about("Procedure", "subject")
	what := d.concept(n.at("code"))
	if s := d.said(n.at("text")); nameOf(what) == "" && s != "" {
		what["text"] = s
	}
	if len(what) == 0 {
		return nil
	}
	o["code"] = what
	switch {
	case status(n) == "nullified":
		o["status"] = "entered-in-error"
	case negated(n), status(n) == "cancelled":
		o["status"] = "not-done"
	case status(n) == "aborted":
		o["status"] = "stopped"
	case status(n) == "active":
		o["status"] = "in-progress"
	default:
		o["status"] = "completed"
	}
	d.when(o, "performed", n.at("effectiveTime"))
	o.set("bodySite", list(d.concept(n.at("targetSiteCode"))))
	if s := performer(n); s != "" {
		o["performer"] = []object{{"actor": object{"display": s}}}
	}
	o.set("reasonCode", d.reasons(n))
	if where := n.at("participant", "participantRole"); where.attr("classCode") == "SDLOC" {
		if s := where.at("playingEntity", "name").words(); s != "" {
			o["location"] = object{"display": s}
		}
	}
	return o
}

// request is what is planned: an appointment, a visit, a test, an operation.
func (d *document) request(n *node) object {
	what := d.concept(n.at("code"))
	if s := d.said(n.at("text")); nameOf(what) == "" && s != "" {
		what["text"] = s
	}
	if n.is(oidEntry+"20", oidCCD+"49") { // an instruction is its words
		what = object{}
		what.set("text", d.said(n.at("text")))
	}
	if len(what) == 0 || status(n) == "nullified" {
		return nil
	}
	when := d.moment(n.at("effectiveTime"))
	if n.name == "encounter" && n.attr("moodCode") == "APT" {
		o := object{"resourceType": "Appointment", "status": "booked", "serviceType": []object{what},
			"participant": []object{{"actor": reference(d.whose), "status": "accepted"}}}
		if status(n) == "cancelled" || status(n) == "aborted" || negated(n) {
			o["status"] = "cancelled"
		}
		o.set("start", when)
		return o
	}
	o := d.about("ServiceRequest", "subject")
	o["code"], o["status"] = what, "active"
	o["intent"] = map[bool]string{true: "order", false: "plan"}[n.attr("moodCode") == "RQO"]
	switch {
	case status(n) == "cancelled", status(n) == "aborted":
		o["status"] = "revoked"
	case status(n) == "completed":
		o["status"] = "completed"
	case status(n) == "held", status(n) == "suspended":
		o["status"] = "on-hold"
	}
	if negated(n) {
		o["doNotPerform"] = true
	}
	o.set("occurrenceDateTime", when)
	o.set("authoredOn", d.moment(n.at("author", "time")))
	o.set("requester", writer(n))
	return o
}

// encounter is a visit with its diagnoses.
func (d *document) encounter(n *node, level int) []object {
	inner := d.related(n, problems, level)
	if planned(n) {
		if o := d.request(n); o != nil {
			d.common(o, n)
			return append([]object{o}, inner...)
		}
		return inner
	}
	if negated(n) {
		return inner
	}
	o := d.about("Encounter", "subject")
	o["status"] = map[string]string{"active": "in-progress", "aborted": "cancelled", "cancelled": "cancelled", "nullified": "entered-in-error"}[status(n)]
	if o["status"] == "" {
		o["status"] = "finished"
	}
	d.encounterCode(o, n.at("code"))
	o.set("period", d.span(n.at("effectiveTime")))
	var who []object
	for _, p := range n.all("performer") {
		if s := assigned(p.at("assignedEntity")); s != "" {
			who = append(who, object{"individual": object{"display": s}})
		}
	}
	o.set("participant", who)
	o.set("reasonCode", d.reasons(n))
	for _, p := range n.all("participant") {
		if where := p.at("participantRole"); where.attr("classCode") == "SDLOC" {
			if s := where.at("playingEntity", "name").words(); s != "" {
				o["location"] = []object{{"location": object{"display": s}}}
			}
		}
	}
	d.common(o, n)
	return append([]object{o}, inner...)
}

// relative is a Family History Organizer: one person's illnesses.
func (d *document) relative(n *node) object {
	who := n.at("subject", "relatedSubject")
	o := d.about("FamilyMemberHistory", "patient")
	o["status"] = "completed"
	o["relationship"] = d.concept(who.at("code"))
	if len(o["relationship"].(object)) == 0 {
		return nil
	}
	if s := personName(who.at("subject", "name")); s != "" {
		o["name"] = s
	}
	o.set("bornDate", dayOnly(d.date(who.at("subject", "birthTime").attr("value"))))
	if dead, _ := boolean(who.at("subject", "deceasedInd").attr("value")); dead {
		o["deceasedBoolean"] = true
	}
	var ill []object
	for _, c := range n.all("component") {
		k := c.at("observation")
		if what := d.concept(k.at("value")); len(what) > 0 && !negated(k) && status(k) != "nullified" {
			one := object{"code": what}
			for _, r := range k.all("entryRelationship") {
				age := r.at("observation")
				if age.at("code").attr("code") == "445518008" || age.is(oidEntry+"31") {
					if q := quantity(age.at("value"), ""); q != nil {
						one["onsetAge"] = q
					}
				}
			}
			ill = append(ill, one)
		}
	}
	if len(ill) == 0 {
		return nil
	}
	o["condition"] = ill
	return o
}

func dayOnly(s string) string {
	s, _, _ = strings.Cut(s, "T")
	return s
}

// picture is one that the narrative shows.
func (d *document) picture(n *node) object {
	v := n.at("value")
	if v.attr("representation") != "B64" {
		return nil
	}
	a := object{"data": base64Of(v)}
	a.set("contentType", v.attr("mediaType"))
	o := d.about("Media", "subject")
	o["status"], o["content"] = "completed", a
	d.when(o, "created", n.at("effectiveTime"))
	return o
}

// supply is a device that was given or is used.
func (d *document) supply(n *node) object {
	device := n.at("participant", "participantRole", "playingDevice")
	what := d.concept(device.at("code"))
	if s := device.at("manufacturerModelName").words(); nameOf(what) == "" && s != "" {
		what["text"] = s
	}
	if nameOf(what) == "" || planned(n) || negated(n) || status(n) == "nullified" {
		return nil
	}
	o := d.about("DeviceUseStatement", "subject")
	o["status"] = "active"
	o["device"] = object{"display": nameOf(what)}
	if p := d.period(n.at("effectiveTime")); p != nil {
		o["timingPeriod"] = p
	} else {
		o.set("timingDateTime", d.moment(n.at("effectiveTime")))
	}
	return o
}
