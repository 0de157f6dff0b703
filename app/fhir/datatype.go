package fhir

import "strings"

// values reads one value of any FHIR datatype by its shape: faulty documents
// and unknown elements have no other schema. What it returns it has counted as
// shown; what it leaves is shown under its own name by the walker.
func (b *builder) values(e element) []Value {
	switch {
	case e.scalar():
		return b.plain(e)
	case e.is(kindArray):
		var out []Value
		for _, c := range e.children() {
			out = append(out, b.values(c)...)
		}
		return out
	case !e.is(kindObject):
		return nil
	}
	has := func(name string) bool { return e.get(name).ok() }
	str := func(name string) bool { return e.get(name).is(kindString) }
	switch {
	case has("coding"):
		return b.concept(e)
	case has("reference"), str("display") && !has("code") && !has("system") && !has("value"):
		return b.reference(e)
	case has("numerator") || has("denominator"):
		return b.ratio(e)
	case e.get("low").is(kindObject) || e.get("high").is(kindObject):
		return b.span(e)
	case has("origin") && has("data"):
		return b.sampled(e)
	case has("repeat"), has("event") && !has("name"):
		return b.timing(e)
	case e.get("value").is(kindNumber):
		return b.quantity(e)
	case str("value") && (has("system") || has("use") || has("type") || has("assigner")):
		return b.identifier(e)
	case str("family") || has("given") || has("prefix") && has("text"):
		return b.name(e)
	case has("line"), str("city"), str("postalCode"), str("state"), str("country"), str("district"):
		return b.address(e)
	case str("start") || str("end"):
		return b.period(e)
	case attachmentLike(e):
		b.attach(e)
		return nil
	case str("code") && (has("system") || has("display")):
		return b.coding(e)
	case str("text") && (has("time") || has("authorString") || has("authorReference")):
		return b.annotation(e)
	case str("text") && !has("status") && !has("div"):
		return inUse(e, one(ValueText, strings.TrimSpace(e.get("text").str())))
	}
	return nil
}

func one(t ValueType, text string) []Value {
	if text == "" {
		return nil
	}
	return []Value{{Type: t, Text: text}}
}

// plain is a string, number or boolean.
func (b *builder) plain(e element) []Value {
	if e.is(kindBool) {
		text := e.str()
		key := "value.no"
		if text == "true" {
			key = "value.yes"
		}
		return []Value{{Type: ValueMessage, Text: text, Messages: []Message{{Key: key}}}}
	}
	text := e.str()
	if e.is(kindString) && dateLike(text) {
		return one(ValueDate, text)
	}
	return one(ValueText, text)
}

// dateLike: 2024-05, 2024-05-17, 2024-05-17T… A bare year is a number like any
// other unless its element is known to hold a date.
func dateLike(s string) bool {
	if len(s) < 7 || len(s) > 35 {
		return false
	}
	for i, c := range []byte(s) {
		switch {
		case i == 4 || i == 7:
			if c != '-' {
				return false
			}
		case i == 10:
			return c == 'T' && len(s) >= 16
		case c < '0' || c > '9':
			return false
		}
	}
	return len(s) == 7 || len(s) == 10
}

// concept is a CodeableConcept: its text, else the first display, else the
// first code. Further codings stay for the walker.
func (b *builder) concept(e element) []Value {
	e = e.first()
	if e.scalar() {
		return b.plain(e)
	}
	v := Value{Type: ValueText, Text: e.get("text").str()}
	first := element{}
	for _, c := range e.codings() {
		if !first.ok() || first.get("display").peek() == "" && c.get("display").peek() != "" && v.Text == "" {
			first = c
		}
	}
	if first.ok() {
		v.Code = code(first)
		display := first.get("display").peek()
		switch {
		case v.Text == "":
			v.Text = first.get("display").str()
		case display == "" || strings.EqualFold(display, v.Text):
			first.get("display").use()
		}
		if v.Text == "" {
			v.Text = first.get("code").peek()
		}
	}
	if v.Text == "" {
		return nil
	}
	return []Value{v}
}

// words is what a CodeableConcept, Coding or string says, for titles; nothing
// is counted. A code alone is no word.
func words(e element) string {
	e = e.first()
	if e.scalar() {
		return e.peek()
	}
	if s := e.get("text").peek(); s != "" {
		return s
	}
	for _, c := range e.codings() {
		if s := c.get("display").peek(); s != "" {
			return s
		}
	}
	return e.get("display").peek()
}

// code counts and returns "system|code" of a Coding, Quantity or Identifier.
func code(e element) string {
	c, s := e.get("code"), e.get("system")
	if c.peek() == "" {
		return ""
	}
	return s.str() + "|" + c.str()
}

// coded looks for a code of one of the systems that hold suffix, in a
// CodeableConcept or a list of them; nothing is counted.
func coded(e element, match func(system, code string) bool) bool {
	for _, cc := range e.items() {
		for _, c := range cc.codings() {
			if match(c.get("system").peek(), c.get("code").peek()) {
				return true
			}
		}
		if cc.get("code").scalar() && match(cc.get("system").peek(), cc.get("code").peek()) {
			return true
		}
	}
	return false
}

// firstCode is the code of the first coding, or a plain code; nothing counted.
func firstCode(e element) string {
	e = e.first()
	if e.scalar() {
		return e.peek()
	}
	for _, c := range e.codings() {
		if s := c.get("code").peek(); s != "" {
			return s
		}
	}
	return e.get("code").peek()
}

func (b *builder) coding(e element) []Value {
	v := Value{Type: ValueText, Text: e.get("display").str(), Code: code(e)}
	if v.Text == "" {
		v.Text = e.get("code").peek()
	}
	if v.Text == "" {
		return nil
	}
	return []Value{v}
}

// quantity is a Quantity of any kind, or Money.
func (b *builder) quantity(e element) []Value {
	v := Value{Type: ValueQuantity, Text: e.get("value").str()}
	if v.Text == "" {
		return nil
	}
	if c := e.get("comparator").str(); c != "" {
		v.Text = c + " " + v.Text
	}
	v.Code = code(e)
	if v.Unit = e.get("unit").str(); v.Unit == "" {
		v.Unit = unitWord(e.get("code").peek())
	}
	if v.Unit == "" {
		v.Unit = e.get("currency").str()
	}
	return []Value{v}
}

// unitWord leaves out UCUM's "1" (no unit) and the braces of its annotations.
func unitWord(code string) string {
	if code == "1" {
		return ""
	}
	if strings.HasPrefix(code, "{") && strings.HasSuffix(code, "}") {
		return code[1 : len(code)-1]
	}
	return code
}

// amount is a quantity in one string: "5 mg".
func (b *builder) amount(e element) string {
	q := b.quantity(e)
	if len(q) == 0 {
		return ""
	}
	if !strings.HasSuffix(q[0].Code, "|"+q[0].Unit) {
		b.codeOnly("amount", q[0], e)
	}
	return joined(q[0])
}

func (b *builder) ratio(e element) []Value {
	num, den := b.quantity(e.get("numerator")), b.quantity(e.get("denominator"))
	switch {
	case len(num) == 0 && len(den) == 0:
		return nil
	case len(den) == 0:
		return num
	case len(num) == 0:
		return []Value{{Type: ValueText, Text: "? / " + joined(den[0])}}
	case den[0].Unit == "" && num[0].Unit == "":
		return []Value{{Type: ValueText, Text: num[0].Text + " : " + den[0].Text, Code: firstOf(num[0].Code, den[0].Code)}} // a titre
	}
	return []Value{{Type: ValueText, Text: joined(num[0]) + " / " + joined(den[0]), Code: firstOf(num[0].Code, den[0].Code)}}
}

func joined(q Value) string { return strings.TrimSpace(q.Text + " " + q.Unit) }

// span is a Range.
func (b *builder) span(e element) []Value {
	low, high := b.quantity(e.get("low")), b.quantity(e.get("high"))
	if len(low) > 0 && len(high) > 0 && low[0].Code != high[0].Code {
		b.codeOnly("range", low[0], e)
	}
	switch {
	case len(low) == 0 && len(high) == 0:
		return nil
	case len(high) == 0:
		return []Value{{Type: ValueQuantity, Text: "≥ " + low[0].Text, Unit: low[0].Unit, Code: low[0].Code}}
	case len(low) == 0:
		return []Value{{Type: ValueQuantity, Text: "≤ " + high[0].Text, Unit: high[0].Unit, Code: high[0].Code}}
	case low[0].Unit != high[0].Unit && low[0].Unit != "":
		return []Value{{Type: ValueText, Text: joined(low[0]) + " – " + joined(high[0]), Code: high[0].Code}}
	}
	return []Value{{Type: ValueQuantity, Text: low[0].Text + " – " + high[0].Text, Unit: high[0].Unit, Code: high[0].Code}}
}

func (b *builder) sampled(e element) []Value {
	return append(one(ValueText, e.get("data").str()), b.quantity(e.get("origin"))...)
}

func (b *builder) period(e element) []Value {
	v := Value{Type: ValuePeriod, Text: e.get("start").str(), End: e.get("end").str()}
	if v.Text == "" && v.End == "" {
		return nil
	}
	return []Value{v}
}

func (b *builder) annotation(e element) []Value {
	out := one(ValueText, e.get("text").str())
	out = append(out, one(ValueText, e.get("authorString").str())...)
	out = append(out, b.reference(e.get("authorReference"))...)
	return append(out, one(ValueDate, e.get("time").str())...)
}

// reference is a Reference: the words it brings, else those of its target. A
// target in the file is a link.
func (b *builder) reference(e element) []Value {
	if e.is(kindArray) {
		return b.values(e)
	}
	if !e.is(kindObject) {
		return b.plain(e)
	}
	at, i := b.f.target(b.i, e)
	v := Value{Type: ValueText, Text: e.get("display").str()}
	if hollow(v.Text, at) {
		v.Text = b.f.called(at, i)
	}
	if at.ok() {
		e.get("reference").use()
		e.get("type").use()
		if i >= 0 {
			v.Type, v.Entry = ValueLink, i
		}
		if v.Text == "" {
			v.Text = firstOf(b.f.called(at, i), humanize(at.get("resourceType").peek()))
		}
	}
	if v.Text == "" {
		id := b.identifier(e.get("identifier"))
		if len(id) == 0 {
			id = one(ValueText, e.get("identifier").get("value").str())
		}
		if len(id) > 0 {
			return id
		}
		r := e.get("reference").str()
		if r == "" {
			return nil
		}
		return []Value{{Type: ValueMessage, Text: r, Messages: []Message{{Key: "value.elsewhere"}}}}
	}
	return []Value{v}
}

// hollow says whether the words of a reference only name the type of what they
// lead to: "Practitioner", "ObservationVitalsPanel". The documents of ABDM's
// own guide say no more.
func hollow(display string, at element) bool {
	typ := at.get("resourceType").peek()
	rest, is := strings.CutPrefix(display, typ)
	return typ != "" && is && !strings.ContainsAny(rest, " .,-/")
}

func firstOf(s ...string) string {
	for _, s := range s {
		if s != "" {
			return s
		}
	}
	return ""
}
