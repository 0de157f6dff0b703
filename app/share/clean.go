package share

import (
	"slices"
	"strings"

	"potli/app/conform"
	"potli/app/fhir/tree"
)

// clean returns a copy of an entry that states nothing but itself. Everything is dropped through which a fact that was not
// chosen could leave: narratives, contained resources, references and their display texts, metadata, foreign extensions,
// addresses, and texts that name what was held back.
func (d *draft) clean(o *opened, entry int) object {
	c := &cleaner{draft: d, from: o, entry: entry, typ: o.typ(entry), used: map[string]bool{}}
	r := c.resource(o.trees[entry], c.typ)
	if contained := c.contained(o.trees[entry]); len(contained) > 0 {
		r["contained"] = contained
	}
	if m := patientMember(c.typ); m != "" && (tree.Has(o.trees[entry], m) || !supportingType(c.typ)) {
		r[m] = object{"reference": d.patient}
	}
	d.secrets.scrub(r, o.marks[entry])
	return r
}

func supportingType(typ string) bool {
	_, ok := supporting[typ]
	return ok
}

// cleaner works on one entry.
type cleaner struct {
	*draft
	from  *opened
	entry int
	typ   string
	used  map[string]bool // ids of contained resources that are referred to
}

// never are members of a resource that do not leave. Its id is the hospital's; meta tells of its systems.
var never = map[string]bool{
	"id": true, "meta": true, "text": true, "contained": true, "implicitRules": true, "instantiatesUri": true,
	"instantiatesCanonical": true, "instantiates": true, "signature": true,
}

// resource copies the members of a resource that may leave.
func (c *cleaner) resource(t object, typ string) object {
	r := object{}
	allowed := supporting[typ]
	for k, v := range t {
		if never[k] || allowed != nil && k != "resourceType" && !slices.Contains(allowed, k) {
			continue
		}
		if v, ok := c.member(v, typ, k); ok {
			r[k] = v
		}
	}
	if labels, ok := c.value(tree.Obj(t["meta"])["security"], "security"); ok && labels != nil {
		r["meta"] = object{"security": labels}
	}
	return r
}

// member copies a member of what stands under parent; false: nothing of it is left. Dates are mended here, where it is known
// what they stand in.
func (c *cleaner) member(v any, parent, name string) (any, bool) {
	if s, ok := v.(string); ok && conform.IsTimed(parent, name) {
		return when(name, s)
	}
	return c.value(v, name)
}

// value copies an element; false: nothing of it is left.
func (c *cleaner) value(v any, name string) (any, bool) {
	switch v := v.(type) {
	case []any:
		kept := make([]any, 0, len(v))
		for _, e := range v {
			if e, ok := c.value(e, name); ok {
				kept = append(kept, e)
			}
		}
		return kept, len(kept) > 0
	case object:
		return c.element(v, name)
	case string:
		return v, v != "" // FHIR knows no empty text
	case nil:
		return nil, strings.HasPrefix(name, "_") // a null holds a place in an array of extensions of primitives
	}
	return v, true
}

func (c *cleaner) element(v object, name string) (any, bool) {
	switch {
	case name == "extension" && !keepExtension(v):
		return nil, false
	case isReference(v, name):
		ref := c.reference(v, name)
		return ref, ref != nil
	case isAttachment(name, v):
		return c.attachment(v)
	case isUnknown1x(tree.Text(v["system"])):
		return object{"system": snomed, "code": unknown1x[tree.Text(v["code"])]}, unknown1x[tree.Text(v["code"])] != ""
	}
	kept := object{}
	for k, e := range v {
		e, ok := c.member(e, name, k)
		if ok {
			kept[k] = e
		} else if essential[k] && isReference(tree.Obj(tree.First(v[k])), k) {
			// "Who" without the who is not a performer, a participant, a member any more.
			return nil, false
		}
	}
	return kept, len(kept) > 0
}

// essential are references without which the element that holds them says nothing, or something else.
var essential = map[string]bool{"actor": true, "individual": true, "member": true, "item": true, "itemReference": true,
	"condition": true, "reference": true, "entity": true}

// keepExtension keeps those that FHIR itself defines (and their parts, whose names are no addresses), unless they point
// somewhere. Others could say anything, and may be ignored by definition; modifierExtension may not, and is kept.
func keepExtension(v object) bool {
	url := tree.Text(v["url"])
	return (strings.HasPrefix(url, standardExt) || !strings.Contains(url, ":")) && !tree.Has(v, "valueReference", "valueAttachment")
}

// isReference knows a Reference by its members. A Coding without code looks like one that has a display only, so those
// count where the element's name is a reference's.
func isReference(o object, name string) bool {
	// No other type of FHIR has a text of that name, so that members which do not belong there cannot hide one.
	if _, ok := o["reference"].(string); ok {
		return true
	}
	for k := range o {
		switch k {
		case "_reference", "type", "identifier", "display", "_display", "id", "extension":
		default:
			return false
		}
	}
	_, logical := o["identifier"].(object)
	_, display := o["display"].(string)
	return logical || display && (actors[name] || facts[name] || strings.HasSuffix(name, "Reference") || patients[name])
}

var patients = map[string]bool{"subject": true, "patient": true, "beneficiary": true}

// actors are elements that say who, where or with what. Their display text may stay when there is no more to it.
var actors = map[string]bool{
	"performer": true, "actor": true, "individual": true, "recorder": true, "asserter": true, "requester": true, "author": true,
	"authorReference": true, "practitioner": true, "organization": true, "custodian": true, "manufacturer": true,
	"location": true, "serviceProvider": true, "managingOrganization": true, "informationSource": true, "authenticator": true,
	"resultsInterpreter": true, "provider": true, "attester": true, "party": true, "member": true, "insurer": true,
	"payor": true, "device": true, "specimen": true, "onBehalfOf": true, "supervisor": true, "verifier": true,
	// of what a medicine is made: without it there is no medicine
	"medicationReference": true, "itemReference": true, "substance": true,
}

// facts are elements that point to something else about the person.
var facts = map[string]bool{
	"encounter": true, "context": true, "result": true, "hasMember": true, "derivedFrom": true, "basedOn": true,
	"partOf": true, "addresses": true, "condition": true, "supportingInformation": true, "supportingInfo": true,
	"focus": true, "evidence": true, "detail": true, "goal": true, "problem": true, "priorPrescription": true,
	"eventHistory": true, "complicationDetail": true, "report": true, "imagingStudy": true, "activity": true,
	"outcomeReference": true, "item": true, "related": true, "replaces": true, "appointment": true, "episodeOfCare": true,
	"referral": true, "insurance": true, "coverage": true, "investigation": true, "suspectEntity": true, "data": true,
	"relevantHistory": true, "detectedIssue": true, "careTeam": true, "account": true,
}

// reference returns what a reference may become: one that resolves in the Bundle, the name of somebody, or nil. What a medicine
// is called by its prescriber stays with it: the medicine is what was chosen.
func (c *cleaner) reference(ref object, name string) any {
	kept := c.resolved(ref, name)
	if o := tree.Obj(kept); name == "medicationReference" && tree.Has(o, "reference") && tree.Text(ref["display"]) != "" {
		o["display"] = ref["display"]
	}
	return kept
}

func (c *cleaner) resolved(ref object, name string) any {
	target := tree.Text(ref["reference"])
	if id, ok := strings.CutPrefix(target, "#"); ok {
		return c.local(id)
	}
	n, found := -1, false
	if target != "" {
		n, found = c.from.file.Resolve(c.entry, target)
	}
	if !found {
		return c.stray(ref, name, target)
	}
	p := place{c.from.source.Meta.ID, n}
	url, in := c.urls[p]
	switch typ := c.from.typ(n); {
	case typ == "Patient":
		if n != c.from.main {
			return nil // another person
		}
		return object{"reference": c.patient}
	case in:
		return object{"reference": url}
	case c.from.offered(n) && c.typ != "DeviceUseStatement":
		return nil // a device of the person's is a fact of its own, and this one was not chosen
	case supportingType(typ) && !facts[name]:
		return object{"reference": c.bring(p)}
	}
	return nil
}

// local is a reference to a contained resource.
func (c *cleaner) local(id string) any {
	for _, t := range tree.List(c.from.trees[c.entry]["contained"]) {
		if t := tree.Obj(t); id != "" && tree.Text(t["id"]) == id && c.keepContained(t) {
			c.used[id] = true
			return object{"reference": "#" + id}
		}
	}
	return nil
}

// stray is a reference that leads out of the file. Only the name of somebody, or of what a medicine is made of, may stay.
func (c *cleaner) stray(ref object, name, target string) any {
	typ, _, _ := strings.Cut(tail(target), "/")
	if t := tree.Text(ref["type"]); t != "" {
		typ = t
	}
	switch {
	case patients[name]:
		return object{"reference": c.patient}
	case typ == "Patient", typ == "RelatedPerson":
		return nil
	case actors[name] && tree.Text(ref["display"]) != "" && (supportingType(typ) || !strings.Contains(target, "/") || typ == ""):
		return object{"display": ref["display"]}
	}
	return nil
}

// keepContained says which contained resources may stay: what a fact is made of, who, where; and the measurements of a
// report, which are the report.
func (c *cleaner) keepContained(t object) bool {
	typ := tree.Text(t["resourceType"])
	return supportingType(typ) || typ == "Observation" && (c.typ == "DiagnosticReport" || c.typ == "Observation")
}

// contained returns those contained resources that something still refers to, also from one another.
func (c *cleaner) contained(t object) []any {
	done := map[string]object{}
	for {
		fresh := false
		for _, e := range tree.List(t["contained"]) {
			e := tree.Obj(e)
			id := tree.Text(e["id"])
			if id == "" || !c.used[id] || done[id] != nil {
				continue
			}
			r := c.resource(e, tree.Text(e["resourceType"]))
			r["id"] = id
			if m := patientMember(tree.Text(r["resourceType"])); tree.Has(r, m) {
				r[m] = object{"reference": c.patient}
			}
			done[id], fresh = r, true
		}
		if !fresh {
			break
		}
	}
	var all []any
	for _, id := range sorted(done) {
		all = append(all, done[id])
	}
	return all
}

// attachment returns an Attachment with its content inline, never an address.
func (c *cleaner) attachment(a object) (any, bool) {
	full, ok := c.from.attachment(c.entry, a)
	if !ok {
		return nil, false
	}
	return full.element(), true
}

func (a attachment) element() object {
	e := object{"contentType": a.typ, "data": a.data}
	if a.title != "" {
		e["title"] = a.title
	}
	if conform.IsDate(a.date) {
		e["creation"] = a.date
	}
	return e
}

// nameless gives a resource that has neither code nor text the name it was shown under.
func nameless(r object, title string) {
	if title == "" {
		return
	}
	for typ, member := range map[string]string{"Condition": "code", "AllergyIntolerance": "code", "Procedure": "code",
		"Immunization": "vaccineCode", "Observation": "code", "DiagnosticReport": "code"} {
		if r["resourceType"] == typ && !tree.Has(r, member) {
			r[member] = object{"text": title}
		}
	}
}
