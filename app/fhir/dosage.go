package fhir

import (
	"strconv"
	"strings"
)

// tuneMedicine says what is taken and how: the words of the prescriber first,
// the structured dose beside them.
func tuneMedicine(b *builder) {
	med, _ := b.e.choice("medication")
	absent := b.absence(b.medicineCode(med))
	if at := b.f.contained(b.i, med.get("reference").peek()); at.ok() {
		b.inside(b.own(at))
	}
	for _, name := range []string{"dosageInstruction", "dosage"} {
		n := 0
		for _, d := range b.e.get(name).items() {
			if n++; d.get("sequence").peek() == strconv.Itoa(n) {
				d.get("sequence").use()
			}
			b.dosage(d)
		}
	}
	if len(b.v.Fields) == 0 { // "Tab PCM 500 mg BD" is all that many papers say
		plan := inWords(b.v.Title)
		b.field("schedule", plan...)
		b.detail(plan...)
	}
	if b.v.Negated && b.e.get("doNotPerform").peek() == "true" {
		b.detail(say("medicine.donot"))
	}
	if !absent {
		tuneStatus(b)
	}
	disp := b.e.get("dispenseRequest")
	b.field("quantity", b.values(disp.get("quantity"))...)
	b.field("duration", b.values(disp.get("expectedSupplyDuration"))...)
	if n := disp.get("numberOfRepeatsAllowed").str(); n != "" {
		b.field("refills", Value{Type: ValueText, Text: n})
	}
	b.field("validity", b.values(disp.get("validityPeriod"))...)
	b.field("pharmacy", b.values(disp.get("performer"))...)
	sub := b.e.get("substitution")
	if allowed, _ := sub.choice("allowed"); allowed.ok() {
		b.field("substitution", b.values(allowed)...)
	}
}

func (b *builder) medicineCode(med element) element {
	if med.get("reference").ok() {
		at, _ := b.f.target(b.i, med)
		return at.get("code")
	}
	return med
}

func tuneMedication(b *builder) {
	b.inside(b.e)
	b.detail(one(ValueText, words(b.e.get("form")))...)
}

// inside says what a Medication is made of: its own view, and the view of the
// prescription that carries it with it.
func (b *builder) inside(med element) {
	for _, fr := range medicationParts {
		b.rule(med, fr)
	}
}

var medicationParts = readFields("form ingredient(item strength) amount batch[lotNumber=lot expirationDate=expires] manufacturer")

// dosage is one Dosage: a field, and the first also in the line.
func (b *builder) dosage(d element) {
	words := one(ValueText, strings.TrimSpace(d.get("text").str()))
	plan := b.doseInWords(d)
	first := len(b.v.Detail) == 0
	switch {
	case len(words) > 0:
		b.field("dose", words...)
		if first {
			b.detail(words...)
		}
		if len(plan) == 0 {
			if plan = inWords(words[0].Text); first {
				b.detail(plan...)
			}
		}
		b.field("schedule", plan...)
	case len(plan) > 0:
		b.field("dose", plan...)
		if first {
			b.detail(plan...)
		}
	}
	b.field("instructions", b.values(d.get("patientInstruction"))...)
	for _, a := range d.get("additionalInstruction").items() {
		b.field("instructions", b.concept(a)...)
	}
}

// doseInWords turns a structured Dosage into phrases, joined by the reader:
// "1 tablet · 2 times a day · after meals · for 10 days · as needed". Dates stand as values
// of their own.
func (b *builder) doseInWords(d element) []Value {
	var m []Message
	for _, dr := range d.get("doseAndRate").items() {
		m = append(m, b.doseAmount(dr)...)
	}
	m = append(m, b.doseAmount(d)...) // before R4 the amount stood in the Dosage itself
	schedule, dates := b.schedule(d.get("timing"))
	m = append(m, schedule...)
	need, _ := d.choice("asNeeded")
	switch {
	case need.is(kindBool):
		if need.str() == "true" {
			m = append(m, message("dose.asneeded"))
		}
	case need.ok():
		for _, v := range b.values(need) {
			m = append(m, message("dose.asneededfor", "text", v.Text))
			b.codeOnly("reason", v, d)
		}
	}
	for _, name := range []string{"route", "site", "method"} {
		for _, v := range b.concept(d.get(name)) {
			m = append(m, message("value.text", "text", v.Text))
			b.codeOnly(name, v, d)
		}
	}
	if limit := d.get("maxDosePerPeriod"); limit.ok() {
		if v := b.ratio(limit); len(v) > 0 {
			m = append(m, message("dose.max", "text", joined(v[0])))
			b.codeOnly("amount", v[0], limit)
		}
	}
	for _, name := range []string{"maxDosePerAdministration", "maxDosePerLifetime"} {
		if s := b.amount(d.get(name)); s != "" {
			m = append(m, message("dose.max", "text", s))
		}
	}
	if len(m) == 0 {
		return dates
	}
	return append([]Value{{Type: ValueMessage, Messages: m}}, dates...)
}

// codeOnly keeps the code of a concept that went into a phrase.
// Nothing is kept of another resource, whose values stand in a results table.
func (b *builder) codeOnly(label string, v Value, of element) {
	if v.Code != "" && of.t.used != nil {
		b.v.More = append(b.v.More, Field{Label: "field." + label, Known: true, Values: []Value{v}})
	}
}

// doseOf is dose[x] of a Dosage, or the plain dose of an administration.
func doseOf(dr element) (element, string) {
	if e, typ := dr.choice("dose"); e.ok() {
		return e, typ
	}
	return dr.get("dose"), ""
}

func (b *builder) doseAmount(dr element) []Message {
	var m []Message
	if e, typ := doseOf(dr); typ == "Range" {
		if v := b.span(e); len(v) > 0 {
			m = append(m, message("dose.amount", "n", v[0].Text, "unit", v[0].Unit))
			b.codeOnly("dose", v[0], dr)
		}
	} else if v := b.quantity(e); len(v) > 0 {
		m = append(m, message("dose.amount", "n", v[0].Text, "unit", v[0].Unit))
		b.codeOnly("dose", v[0], dr)
	}
	if e, typ := dr.choice("rate"); e.ok() {
		var v []Value
		switch typ {
		case "Ratio":
			v = b.ratio(e)
		case "Range":
			v = b.span(e)
		default:
			v = b.quantity(e)
		}
		if len(v) > 0 {
			m = append(m, message("dose.rate", "text", joined(v[0])))
			b.codeOnly("rate", v[0], dr)
		}
	}
	return m
}

// timing is a Timing that stands by itself.
func (b *builder) timing(e element) []Value {
	m, dates := b.schedule(e)
	if len(m) == 0 {
		return dates
	}
	return append([]Value{{Type: ValueMessage, Messages: m}}, dates...)
}

// timeUnits are the UCUM units of time that FHIR allows.
var timeUnits = set("s min h d wk mo a")

// schedule reads a Timing (R4 §2.1.28.8). What it cannot say it leaves to the
// walker.
func (b *builder) schedule(t element) ([]Message, []Value) {
	var m []Message
	var dates []Value
	for _, ev := range t.get("event").items() {
		dates = append(dates, one(ValueDate, ev.str())...)
	}
	r := t.get("repeat")
	m = append(m, frequency(r)...)
	if !r.get("frequency").ok() && !r.get("period").ok() {
		m = append(m, b.timingCode(t.get("code"))...)
	}
	for _, day := range r.get("dayOfWeek").items() {
		m = append(m, keyed("day.", "value.text", day)...)
	}
	for _, at := range r.get("timeOfDay").items() {
		m = append(m, message("dose.at", "time", strings.TrimSuffix(at.str(), ":00")))
	}
	if off := r.get("offset").str(); off != "" {
		m = append(m, message("dose.offset", "n", off))
	}
	for _, w := range r.get("when").items() {
		m = append(m, keyed("when.", "value.text", w)...)
	}
	if n := r.get("count"); n.ok() {
		if max := r.get("countMax").str(); max != "" {
			m = append(m, message("dose.counts", "n", n.str(), "max", max))
		} else {
			m = append(m, message("dose.count", "n", n.str()))
		}
	}
	m = append(m, spell(r, "duration", "dose.over")...)
	bound, dated := b.bounds(r)
	return append(m, bound...), append(dates, dated...)
}

// keyed is a message for a code, or the code itself.
func keyed(prefix, fallback string, e element) []Message {
	c := e.str()
	if c == "" {
		return nil
	}
	if known()[prefix+c] {
		return []Message{{Key: prefix + c}}
	}
	return []Message{message(fallback, "text", c)}
}

// frequency is "2 times a day", "every 6 hours", "3 times in 2 weeks".
func frequency(r element) []Message {
	unit := r.get("periodUnit").peek()
	if !r.get("period").ok() || !timeUnits[unit] {
		if !r.get("period").ok() && r.get("frequency").ok() {
			return []Message{message("dose.times", "n", r.get("frequency").str())}
		}
		return nil
	}
	r.get("periodUnit").use()
	n, most := r.get("frequency").str(), r.get("frequencyMax").str()
	p, longest := r.get("period").str(), r.get("periodMax").str()
	if n == "" {
		n = "1"
	}
	switch {
	case longest != "" && n == "1" && most == "":
		return []Message{message("dose.everyto."+unit, "n", p, "max", longest)}
	case longest != "":
		p += "–" + longest
		fallthrough
	case p != "1" && !(n == "1" && most == ""):
		if most != "" {
			n += "–" + most
		}
		return []Message{message("dose.in."+unit, "n", p, "times", n)}
	case p != "1":
		return []Message{message("dose.every."+unit, "n", p)}
	case most != "":
		return []Message{message("dose.perto."+unit, "n", n, "max", most)}
	}
	return []Message{message("dose.per."+unit, "n", n)}
}

// timingCode is a Timing.code: its words, or the sentence of its abbreviation
// (HL7 v3 GTSAbbreviation).
func (b *builder) timingCode(e element) []Message {
	c := firstCode(e)
	if known()["gts."+c] && (e.get("text").peek() == "" || strings.EqualFold(e.get("text").peek(), c)) {
		if v := b.concept(e); len(v) > 0 {
			b.codeOnly("schedule", v[0], e)
		}
		return []Message{{Key: "gts." + c}}
	}
	v := b.concept(e)
	if len(v) == 0 {
		return nil
	}
	b.codeOnly("schedule", v[0], e)
	return []Message{message("value.text", "text", v[0].Text)}
}

// spell is a length of time under name, nameMax and nameUnit.
func spell(r element, name, key string) []Message {
	unit := r.get(name + "Unit").peek()
	if !r.get(name).ok() || !timeUnits[unit] {
		return nil
	}
	r.get(name + "Unit").use()
	n := r.get(name).str()
	if max := r.get(name + "Max").str(); max != "" {
		n += "–" + max
	}
	return []Message{message(key+"."+unit, "n", n)}
}

// timeUnit is the UCUM unit of a Duration, if its code and its word agree.
func timeUnit(e element) string {
	code, word := e.get("code").peek(), timeWords[strings.ToLower(e.get("unit").peek())]
	switch {
	case code == "":
		return word
	case e.get("unit").peek() != "" && word != code, !timeUnits[code]:
		return ""
	}
	return code
}

// timeWords are the words seen for UCUM's units of time.
var timeWords = map[string]string{
	"s": "s", "sec": "s", "second": "s", "seconds": "s", "min": "min", "mins": "min", "minute": "min", "minutes": "min",
	"h": "h", "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "d": "d", "day": "d", "days": "d", "wk": "wk", "week": "wk", "weeks": "wk",
	"mo": "mo", "month": "mo", "months": "mo", "a": "a", "yr": "a", "yrs": "a", "year": "a", "years": "a",
}

// bounds are how long a medicine is taken.
func (b *builder) bounds(r element) ([]Message, []Value) {
	e, typ := r.choice("bounds")
	switch typ {
	case "Period":
		return nil, b.period(e)
	case "Duration":
		if unit := timeUnit(e); unit != "" && e.get("comparator").peek() == "" {
			n := e.get("value").str()
			e.get("code").use()
			e.get("system").use()
			e.get("unit").use()
			return []Message{message("dose.for."+unit, "n", n)}, nil
		}
		if s := b.amount(e); s != "" {
			return []Message{message("dose.for", "text", s)}, nil
		}
	case "Range":
		if v := b.span(e); len(v) > 0 {
			b.codeOnly("duration", v[0], e)
			return []Message{message("dose.for", "text", joined(v[0]))}, nil
		}
	}
	return nil, nil
}
