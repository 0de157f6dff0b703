package fhir

import (
	"strings"
	"unicode"
)

// rest puts everything no rule has shown into More.
func (b *builder) rest() {
	for _, c := range b.e.children() {
		key := c.key()
		if key == "modifierExtension" {
			b.modifiers(c)
			continue
		}
		b.walk(c, nil, key)
	}
}

// modifiers may turn the meaning of a resource round (R4 §2.4.1), so they
// stand among the fields and are marked.
func (b *builder) modifiers(e element) {
	more := b.v.More
	b.v.More = nil
	b.walk(e, nil, "modifierExtension")
	b.v.Fields = append(b.v.Fields, b.v.More...)
	if len(b.v.More) > 0 && b.v.Alert == "" {
		b.v.Alert = "caution"
	}
	b.v.More = more
}

// walk shows what has not been shown of e, under the path that leads to it.
func (b *builder) walk(e element, path []string, key string) {
	if e.scalar() && noise(path, key) {
		return
	}
	if e.is(kindArray) {
		for _, c := range e.children() {
			b.walk(c, path, key)
		}
		return
	}
	at := path
	if key != "" {
		at = append(path[:len(path):len(path)], key)
	}
	if e.scalar() {
		switch {
		case e.shown():
		case key == "div":
			b.more(path, one(ValueText, NarrativeText(Narrative(e.str()))))
		default:
			b.more(at, b.plain(e))
		}
		return
	}
	switch {
	case key == "extension" || key == "modifierExtension":
		if len(path) > 0 && path[len(path)-1] == "text" && e.get("url").peek() == narrativeLink {
			return
		}
		b.extension(e, path)
		return
	case resource(e) && len(path) > 0 || key == "contained":
		e.get("resourceType").use()
		e.get("id").use()
		at = append(path[:len(path):len(path)], key, e.get("resourceType").peek())
	case key == "meta":
		for _, tag := range e.get("tag").items() {
			if tag.get("system").peek() == NoteSystem {
				tag.useAll("system", "code")
			}
		}
		for _, part := range []string{"security", "tag"} {
			b.walk(e.get(part), at, part)
		}
		return
	case !e.touched():
		b.more(at, b.values(e))
	}
	for _, c := range e.children() {
		b.walk(c, at, c.key())
	}
}

// noise is what says nothing to a person: names for machines, versions, and
// where a code or reference comes from. The test of losslessness has the same
// list in words of its own.
func noise(path []string, key string) bool {
	switch key {
	case "id", "resourceType", "implicitRules", "userSelected":
		return true
	}
	parent := ""
	if len(path) > 0 {
		parent = path[len(path)-1]
	}
	switch {
	case key == "reference" && parent != "": // its words have been shown
		return true
	case parent == "identifier" && key == "system":
		return true
	case parent == "text" && key == "status":
		return true
	case parent == "coding" && (key == "version" || key == "system"):
		return true
	}
	return false
}

// narrativeLink ties passages of a narrative to entries: names for machines
// alone.
const narrativeLink = "http://hl7.org/fhir/StructureDefinition/narrativeLink"

// extension shows an extension under the last part of its URL.
func (b *builder) extension(e element, path []string) {
	name := e.get("url").peek()
	e.get("url").use()
	if i := strings.LastIndexAny(strings.TrimRight(name, "/"), "/#:"); i >= 0 {
		name = name[i+1:]
	}
	at := append(path[:len(path):len(path)], name)
	for _, c := range e.children() {
		key := c.key()
		switch {
		case key == "extension":
			for _, x := range c.items() {
				b.extension(x, at)
			}
		case name == "data-absent-reason" && c.scalar() && !c.shown():
			b.more(path, b.said("absent", c))
		case strings.HasPrefix(key, "value") && !c.shown():
			if !c.touched() {
				b.more(at, b.values(c))
			}
			for _, m := range c.children() {
				b.walk(m, at, m.key())
			}
		default:
			b.walk(c, at, key)
		}
	}
}

func (b *builder) more(path []string, vals []Value) {
	if len(vals) == 0 {
		return
	}
	label, isKnown := b.label(path)
	if n := len(b.v.More); n > 0 && b.v.More[n-1].Label == label {
		b.v.More[n-1].Values = append(b.v.More[n-1].Values, vals...)
		return
	}
	b.v.More = append(b.v.More, Field{Label: label, Known: isKnown, Values: vals})
}

// label is the path in words. A single element that has a message is named by
// it.
func (b *builder) label(path []string) (string, bool) {
	if plain := outer(path); plain != "" {
		if key := "field." + plain; known()[key] {
			return key, true
		}
	}
	words := make([]string, 0, len(path))
	for i, p := range path {
		if i > 0 && inner[p] {
			continue
		}
		w := humanize(p)
		if w != "" && (len(words) == 0 || words[len(words)-1] != w) {
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		return "field.other", true
	}
	return strings.Join(words, " · "), false
}

// inner are the steps inside a datatype that say nothing more than the element
// itself.
var inner = set("coding display text value code")

// outer is the element's name when the rest of the path lies inside its
// datatype.
func outer(path []string) string {
	if len(path) == 0 {
		return ""
	}
	for _, p := range path[1:] {
		if !inner[p] {
			return ""
		}
	}
	name := stem(strings.TrimPrefix(path[0], "_"))
	switch name {
	case "medication":
		return "medicine"
	case "vaccineCode":
		return "vaccine"
	case "subject", "beneficiary":
		return "patient"
	case "telecom":
		return "contact"
	case "encounter":
		return "visit"
	}
	return name
}

// humanize makes an element's name readable: "valueQuantity" is "Value",
// "us-core-birthsex" is "Us core birthsex", "daysOfWeek" is "Days of week".
func humanize(name string) string {
	name = strings.TrimPrefix(name, "_")
	if name != "" && name[0] >= '0' && name[0] <= '9' { // an object identifier
		return "Extension"
	}
	name = stem(name)
	var out strings.Builder
	prevLower := false
	letters := []rune(name)
	for i, r := range letters {
		lower := unicode.IsLower(r) || unicode.IsDigit(r)
		switch {
		case r == '-' || r == '_' || r == '.':
			r = ' '
		case unicode.IsUpper(r) && prevLower:
			out.WriteByte(' ')
			if i+1 < len(letters) && unicode.IsLower(letters[i+1]) { // not "HRF"
				r = unicode.ToLower(r)
			}
		}
		if i == 0 {
			r = unicode.ToUpper(r)
		}
		prevLower = lower
		out.WriteRune(r)
	}
	return strings.TrimSpace(out.String())
}

// stem takes the type off an element written name[x].
func stem(name string) string {
	for i := 1; i < len(name); i++ {
		if name[i] >= 'A' && name[i] <= 'Z' && choiceNames[name[:i]] && choiceTypes[name[i:]] {
			return name[:i]
		}
	}
	return name
}

// choiceNames are elements written name[x] in R4, by their stem.
var choiceNames = set(`value onset abatement effective performed occurrence deceased multipleBirth medication timing
	asNeeded born age detail scheduled serviced product reported dose rate doseNumber seriesDoses allowed location content
	source subject item entity author used collected minimumVolume additive fastingStatus time diagnosis procedure event
	legallyBinding topic term definition amount chargeItem module bounds target answer instantiates due started
	defaultValue fixed pattern example minValue maxValue substance supportingInfo quantity who onBehalfOf protocolApplied
	indication identified exposureRoute statusReason estimatedAge characteristic name occurred probability when created start`)

// choiceTypes are the datatypes that may follow such a stem.
var choiceTypes = set(`Base64Binary Boolean Canonical Code Date DateTime Decimal Id Instant Integer Markdown Oid
	PositiveInt String Time UnsignedInt Uri Url Uuid Address Age Annotation Attachment CodeableConcept Coding ContactPoint
	Count Distance Duration HumanName Identifier Money Period Quantity Range Ratio Reference SampledData Signature Timing
	ContactDetail Contributor DataRequirement Expression ParameterDefinition RelatedArtifact TriggerDefinition UsageContext
	Dosage Meta`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// NoteSystem is the system of the tags by which a note that was written by hand is read again
// (package diary). They say nothing that does not stand in it in words, so nobody is shown
// them.
const NoteSystem = "urn:uuid:0d3c9a52-7b0e-4f6e-9d53-5b6f2f8c41a7"
