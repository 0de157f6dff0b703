package fhir

import (
	"strconv"
	"strings"
)

// builder makes the View of one entry.
type builder struct {
	f *File
	i int
	e element // the resource, counted
	v View
}

// View makes entry i readable.
func (f *File) View(i int) View { return f.build(i, false).v }

// build makes a view; a brief one is for the outline: a title, a line and what
// decides over it.
func (f *File) build(i int, brief bool) *builder {
	at := f.at[i]
	n := at.node()
	t := &tree{src: f.tree.src, nodes: f.tree.nodes, base: at.i}
	if !brief {
		t.used = make([]bool, n.end-at.i)
	}
	b := &builder{f: f, i: i, e: element{t, at.i}}
	b.v = View{Entry: i, Type: f.Entries[i].Type, ID: f.Entries[i].ID}
	b.e.get("resourceType").use()
	b.e.get("id").use()
	r := ruleFor(b.v.Type)
	b.v.Kind = firstKind(r.kind, KindOther)
	b.common()
	b.title(r)
	b.date(r)
	b.unnamed(r)
	b.tune()
	for i := range b.v.Detail {
		b.v.Detail[i].Text = rounded(b.v.Detail[i])
	}
	if brief {
		return b
	}
	b.v.Code = f.subjectCode(i, at)
	for _, fr := range r.fields {
		b.rule(b.e, fr)
	}
	b.codes()
	b.narrative()
	b.rest()
	return b
}

func firstKind(k ...Kind) Kind {
	for _, k := range k {
		if k != "" {
			return k
		}
	}
	return ""
}

// common reads what every resource may have and what decides how to read the
// rest: whose, at which visit, in error or not.
func (b *builder) common() {
	for _, name := range []string{"status", "verificationStatus", "lifecycleStatus", "docStatus"} {
		switch strings.ToLower(firstCode(b.e.get(name))) {
		case "entered-in-error":
			b.v.Void = true
		case "not-done", "not-taken", "refuted":
			b.v.Negated = true
		}
	}
	if b.e.get("doNotPerform").peek() == "true" {
		b.v.Negated = true
	}
	for _, name := range []string{"status", "clinicalStatus", "lifecycleStatus"} {
		c := strings.ToLower(firstCode(b.e.get(name)))
		if inactiveCodes[c] || done[c] && passes[b.v.Type] {
			b.v.Inactive = true
		}
	}
	if b.v.Type == "Encounter" {
		b.v.Visit = b.i + 1
		return
	}
	for _, ref := range []element{b.e.get("encounter"), b.e.get("context"), b.e.path("context", "encounter")} {
		for _, r := range ref.items() {
			if at, i := b.f.target(b.i, r); at.ok() && i >= 0 && b.f.Entries[i].Type == "Encounter" {
				b.v.Visit = i + 1
			}
		}
	}
}

var inactiveCodes = map[string]bool{
	"inactive": true, "resolved": true, "remission": true, "stopped": true, "cancelled": true,
	"revoked": true, "ended": true, "noshow": true, "rejected": true, "superseded": true, "on-hold": true, "onhold": true,
	"retired": true, "failed": true, "aborted": true, "suspended": true,
}

// What passes when it is done: a finished course of tablets is no current
// medicine, while a finished vaccination still protects.
var (
	done   = set("completed fulfilled finished")
	passes = set("MedicationRequest MedicationStatement CarePlan Goal ServiceRequest Appointment DeviceUseStatement NutritionOrder")
)

// title takes the first name the rule finds. It is counted by the field that
// repeats it with its code.
func (b *builder) title(r rule) {
	b.v.Title = b.f.called(b.f.at[b.i], b.i)
	for _, name := range r.title {
		e := member(b.e, name)
		if e.is(kindString) && e.peek() == b.v.Title {
			e.use() // said by the title itself
		}
	}
}

// unnamed says the bare code in the line of something that has no words: a
// reader can look it up, and sees that there is more than a type.
func (b *builder) unnamed(r rule) {
	if b.v.Title != "" {
		return
	}
	for _, name := range r.title {
		e := member(b.f.at[b.i], name)
		c := e.first().get("coding").first()
		if s := c.get("code").peek(); s != "" && b.v.Type != "Encounter" && b.v.Kind != KindBill && absences[s] == "" {
			b.detail(Value{Type: ValueText, Text: strings.TrimSpace(systemName(c.get("system").peek()) + " " + s), Code: code(c)})
			return
		}
	}
}

func systemName(url string) string {
	switch url {
	case "http://snomed.info/sct":
		return "SNOMED CT"
	case "http://loinc.org":
		return "LOINC"
	case "http://www.nlm.nih.gov/research/umls/rxnorm":
		return "RxNorm"
	case "http://hl7.org/fhir/sid/cvx":
		return "CVX"
	case "http://www.whocc.no/atc":
		return "ATC"
	case "http://hl7.org/fhir/sid/icd-10", "http://hl7.org/fhir/sid/icd-10-cm":
		return "ICD-10"
	}
	return ""
}

// rounded is a number for the line: 72.3482910001 is read as 72.35 there, and
// stands in full among the results.
func rounded(v Value) string {
	if v.Type != ValueQuantity {
		return v.Text
	}
	parts := strings.Split(v.Text, "/")
	for i, p := range parts {
		if at := strings.IndexByte(p, '.'); at >= 0 && len(p)-at > 5 {
			if n, err := strconv.ParseFloat(p, 64); err == nil && (n >= 0.01 || n <= -0.01) {
				parts[i] = strconv.FormatFloat(n, 'f', 2, 64)
			}
		}
	}
	return strings.Join(parts, "/")
}

func (b *builder) date(r rule) {
	for _, name := range r.date {
		if d := dateOf(lead(b.e, name)); d != "" {
			b.v.Date = d
			return
		}
	}
}

// dateOf reads a date, a period's start (or end) or a Timing's first event.
func dateOf(e element) string {
	if e.is(kindString) {
		if s := e.peek(); dateLike(s) || len(s) == 4 && allDigits(s) {
			return s
		}
		return ""
	}
	if !e.is(kindObject) {
		return ""
	}
	return firstOf(dateOf(e.get("start")), dateOf(e.get("end")), dateOf(e.get("event").first()), dateOf(e.get("period")))
}

func allDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// rule makes the fields of an element, of any repetition and choice of type.
func (b *builder) rule(e element, fr fieldRule) {
	if fr.parts == nil {
		b.field(fr.label, b.read(e, fr)...)
		return
	}
	for _, item := range at(e, fr.name) {
		if fr.apart {
			for _, part := range fr.parts {
				b.rule(item, part)
			}
			continue
		}
		b.field(fr.label, b.group(item, fr.parts)...)
	}
}

// group reads the parts of one item of a list.
func (b *builder) group(item element, parts []fieldRule) []Value {
	var vals []Value
	for _, part := range parts {
		vals = append(vals, b.read(item, part)...)
	}
	return vals
}

// read makes values of an element.
func (b *builder) read(e element, fr fieldRule) []Value {
	if !strings.Contains(fr.name, ".") {
		if m := member(e, fr.name); !m.is(kindArray) {
			return b.readOne(m, fr)
		}
	}
	var vals []Value
	for _, item := range at(e, fr.name) {
		vals = append(vals, b.readOne(item, fr)...)
	}
	return vals
}

func (b *builder) readOne(item element, fr fieldRule) []Value {
	switch {
	case !item.ok(), item.shown():
		return nil
	case fr.parts != nil:
		return b.group(item, fr.parts)
	case fr.name == "deceased" && item.peek() == "false":
		return nil // said below, not at the top of a living person's page
	case fr.codes == "price":
		return b.price(item)
	case fr.codes != "":
		return b.said(fr.codes, item)
	case fr.dates && item.is(kindString):
		return one(ValueDate, item.str())
	case strings.HasSuffix(fr.name, "dentifier") && item.is(kindObject):
		return b.identifier(item)
	}
	return b.values(item)
}

// member is the member of that name, or the one that is name[x].
func member(e element, name string) element {
	if m := e.get(name); m.ok() || !choiceNames[name] {
		return m
	}
	m, _ := e.choice(name)
	return m
}

// lead is the first thing that a path leads to.
func lead(e element, path string) element {
	for {
		name, rest, deeper := strings.Cut(path, ".")
		e = member(e, name).first()
		if !deeper || !e.ok() {
			return e
		}
		path = rest
	}
}

// at is all that a path leads to: "collection.collected".
func at(e element, path string) []element {
	name, rest, deeper := strings.Cut(path, ".")
	items := member(e, name).items()
	if !deeper {
		return items
	}
	var out []element
	for _, item := range items {
		out = append(out, at(item, rest)...)
	}
	return out
}

func (b *builder) field(label string, vals ...Value) {
	if len(vals) > 0 {
		b.v.Fields = append(b.v.Fields, Field{Label: "field." + label, Known: true, Values: vals})
	}
}

// said is a code for which there is a message ("status.active"), with the
// words of the record where they say something else.
func (b *builder) said(prefix string, e element) []Value {
	e = e.first()
	if e.scalar() {
		text := e.str()
		if key := keyFor(prefix, text); key != "" {
			return []Value{{Type: ValueMessage, Text: text, Messages: []Message{{Key: key}}}}
		}
		return one(ValueText, text)
	}
	vals := b.concept(e)
	if e.get("code").scalar() {
		vals = b.coding(e)
	}
	if len(vals) == 0 {
		return b.values(e)
	}
	v := vals[0]
	_, c, _ := strings.Cut(v.Code, "|")
	key := keyFor(prefix, c)
	if key == "" {
		return vals
	}
	m := Value{Type: ValueMessage, Text: v.Text, Code: v.Code, Messages: []Message{{Key: key}}}
	display := firstOf(e.get("display").peek(), e.get("coding").first().get("display").peek())
	if plainWord(v.Text) == plainWord(c) || strings.EqualFold(v.Text, display) {
		return []Value{m}
	}
	m.Text = c
	return []Value{m, {Type: ValueText, Text: v.Text}}
}

// keyFor is the message for a code; "Active" is taken for "active".
func keyFor(prefix, code string) string {
	for _, c := range []string{code, strings.ToLower(code)} {
		if key := prefix + "." + c; known()[key] {
			return key
		}
	}
	return ""
}

// plainWord compares "In Progress" with "in-progress".
func plainWord(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' || r == '_' {
			return -1
		}
		return r
	}, strings.ToLower(s))
}

func message(key string, args ...string) Message {
	m := Message{Key: key}
	for i := 0; i+1 < len(args); i += 2 {
		if m.Args == nil {
			m.Args = map[string]string{}
		}
		m.Args[args[i]] = args[i+1]
	}
	return m
}

func say(key string, args ...string) Value {
	return Value{Type: ValueMessage, Messages: []Message{message(key, args...)}}
}

func (b *builder) detail(vals ...Value) { b.v.Detail = append(b.v.Detail, vals...) }

// codes repeats the title with its code as a field, so that a person can look
// it up, and counts it.
func (b *builder) codes() {
	var out []Field
	for _, name := range ruleFor(b.v.Type).title {
		e := member(b.e, name)
		if !e.ok() || e.shown() || e.touched() {
			continue
		}
		var vals []Value
		for _, item := range e.items() {
			vals = append(vals, b.values(item)...)
		}
		if len(vals) == 1 && vals[0].Code == "" && vals[0].Text == b.v.Title && vals[0].Type == ValueText {
			continue
		}
		if len(vals) > 0 {
			out = append(out, Field{Label: "field." + titleLabel(name), Known: true, Values: vals})
		}
	}
	b.v.Fields = append(out, b.v.Fields...)
}

func titleLabel(name string) string {
	switch name {
	case "medication":
		return "medicine"
	case "vaccineCode":
		return "vaccine"
	case "serviceType":
		return "service"
	case "appointmentType", "scope":
		return "type"
	case "reasonCode":
		return "reason"
	case "topic":
		return "about"
	case "name", "type", "category", "description", "class", "modality", "relationship", "device", "location":
		return name
	}
	return "code"
}

func (b *builder) narrative() {
	text := b.e.get("text")
	if !text.is(kindObject) {
		return
	}
	div := text.get("div")
	b.v.Narrative = Narrative(div.str())
	text.get("status").use()
}
