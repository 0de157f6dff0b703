package fhir

import "strings"

// identifier is an Identifier or a ContactPoint.
func (b *builder) identifier(e element) []Value {
	value := e.get("value")
	text := value.str()
	if text == "" {
		return nil
	}
	if aadhaar(e) {
		return inUse(e, one(ValueText, masked(text)))
	}
	v := Value{Type: ValueText, Text: text}
	if means := contactKeys(e); len(means) > 0 {
		return []Value{{Type: ValueMessage, Text: text, Messages: append([]Message{message("value.text", "text", text)}, means...)}}
	}
	if typ := b.concept(e.get("type")); len(typ) > 0 {
		v.Text, v.Code = typ[0].Text+": "+text, typ[0].Code
	}
	if s := e.get("system").peek(); strings.Contains(s, ":") && v.Code == "" {
		v.Code = e.get("system").str() + "|" + text
	}
	return inUse(e, []Value{v})
}

// contactKeys say how a ContactPoint is used: phone, work.
func contactKeys(e element) []Message {
	var m []Message
	if s := e.get("system"); known()["contact."+s.peek()] {
		m = append(m, Message{Key: "contact." + s.str()})
		if u := e.get("use"); known()["use."+u.peek()] {
			m = append(m, Message{Key: "use." + u.str()})
		}
	}
	return m
}

// inUse adds what a name or address is used for, where that is not the
// ordinary thing.
func inUse(e element, vals []Value) []Value {
	u := e.get("use")
	switch s := u.peek(); {
	case s == "official" || s == "usual":
		u.use()
	case known()["use."+s] && len(vals) > 0:
		u.use()
		return []Value{{Type: ValueMessage, Text: vals[0].Text, Code: vals[0].Code, Messages: []Message{message("value.text", "text", vals[0].Text), {Key: "use." + s}}}}
	}
	return vals
}

// aadhaar says whether an Identifier is India's national number, which is
// masked wherever it is shown (NRCES identifier type ADN).
func aadhaar(e element) bool {
	return coded(e.get("type"), func(_, c string) bool { return c == "ADN" }) ||
		strings.Contains(strings.ToLower(e.get("system").peek()), "uidai") ||
		strings.Contains(strings.ToLower(e.get("system").peek()), "aadhaar")
}

func masked(s string) string {
	if len(s) <= 4 {
		return "XXXX"
	}
	return "XXXX XXXX " + s[len(s)-4:]
}

// humanName is a HumanName in one line. use tells how its parts are read:
// element.str counts them as shown, element.peek does not.
func humanName(e element, read func(element) string) string {
	if e.scalar() {
		return read(e)
	}
	if s := strings.Join(strings.Fields(read(e.get("text"))), " "); s != "" {
		return s
	}
	var parts []string
	for _, part := range []string{"prefix", "given", "family", "suffix"} {
		for _, p := range e.get(part).items() {
			if s := strings.Join(strings.Fields(read(p)), " "); s != "" {
				parts = append(parts, s)
			}
		}
	}
	return strings.Join(parts, " ")
}

func (b *builder) name(e element) []Value {
	v := one(ValueText, humanName(e, element.str))
	if len(v) == 0 {
		return nil
	}
	for _, part := range []string{"prefix", "given", "family", "suffix"} {
		for _, p := range e.get(part).items() {
			if strings.Contains(v[0].Text, strings.Join(strings.Fields(p.peek()), " ")) {
				p.use()
			}
		}
	}
	return inUse(e, v)
}

func (b *builder) address(e element) []Value {
	if s := e.get("text").peek(); s != "" {
		v := one(ValueText, strings.ReplaceAll(e.get("text").str(), "\n", ", "))
		for _, c := range e.children() {
			for _, p := range c.items() {
				if p.scalar() && strings.Contains(s, p.peek()) {
					p.use()
				}
			}
		}
		return inUse(e, v)
	}
	var parts []string
	for _, part := range []string{"line", "city", "district", "state", "postalCode", "country"} {
		for _, p := range e.get(part).items() {
			if s := p.str(); s != "" {
				parts = append(parts, s)
			}
		}
	}
	return inUse(e, one(ValueText, strings.Join(parts, ", ")))
}
