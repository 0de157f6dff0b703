package ccda

import "strings"

// drawer is what a section is about, as far as it decides how its entries are read.
type drawer uint8

const (
	anything drawer = iota
	allergies
	medicines
	problems
	immunizations
	results
	vitals
	procedures
	encounters
	social
	plans
	family
	goals
	payers
)

// drawers are the LOINC codes of sections (C-CDA R2.1, volume 2, "Section-Level Templates").
var drawers = map[string]drawer{
	"48765-2": allergies,
	"10160-0": medicines, "10183-2": medicines, "42346-7": medicines, "29549-3": medicines, "66149-6": medicines, "75311-1": medicines, "57828-6": medicines,
	"11450-4": problems, "11348-0": problems, "46241-6": problems, "11535-2": problems, "10154-3": problems, "29308-4": problems, "51848-0": problems,
	"11369-6": immunizations,
	"30954-2": results, "18748-4": results, "26436-6": results, "47519-4": procedures, "29554-3": procedures,
	"8716-3": vitals, "46240-8": encounters, "29762-2": social, "18776-5": plans, "10157-6": family, "61146-7": goals, "48768-6": payers,
}

// section is one with all within; nil for one that says nothing.
func (d *document) section(n *node, level int) object {
	if !n.ok() || level > maxNesting {
		return nil
	}
	o := object{}
	about := d.concept(n.at("code"))
	title := n.at("title").words()
	if title == "" {
		title = nameOf(about)
	}
	o.set("title", title)
	o.set("code", about)
	if div := d.narrative(n.at("text")); div != "" {
		o["text"] = object{"status": "additional", "div": div}
		if text := plain(n.at("text")); text != "" {
			d.texts = append(d.texts, strings.TrimSpace(title+"\n"+text))
		}
	}
	if why := n.attr("nullFlavor"); why != "" {
		o["emptyReason"] = code(hl7+"list-empty-reason", emptyReason(why), "")
	} else {
		o.set("entry", d.sectionEntries(n))
	}
	var inner []object
	for _, k := range n.all("component") {
		if s := d.section(k.at("section"), level+1); s != nil {
			inner = append(inner, s)
		}
	}
	o.set("section", inner)
	if len(o) == 0 {
		return nil
	}
	return o
}

func emptyReason(nullFlavor string) string {
	switch nullFlavor {
	case "NASK":
		return "notasked"
	case "MSK":
		return "withheld"
	case "NA":
		return "notstarted"
	}
	return "unavailable"
}

// sectionEntries are the resources of a section.
func (d *document) sectionEntries(n *node) []object {
	in := drawers[n.at("code").attr("code")]
	if n.is(oidCCD + "6") {
		in = plans
	}
	var out []object
	if in == payers {
		return nil // who pays is no part of a health history; the narrative says it
	}
	for _, e := range n.all("entry") {
		for _, k := range e.kids {
			for _, r := range d.statement(k, in, 0) {
				if ref := reference(d.add(r)); ref != nil {
					out = append(out, ref)
				}
			}
		}
	}
	return out
}

// statement reads a clinical statement: the resources it makes, none where it has
// no place in FHIR.
func (d *document) statement(n *node, in drawer, level int) []object {
	if n.name == "" || n.null() || level > maxNesting || d.full {
		return nil
	}
	var one object
	switch n.name {
	case "substanceAdministration":
		one = d.substance(n, in)
	case "observation":
		return d.observationLike(n, in, level)
	case "organizer":
		return d.organizer(n, in, level)
	case "act":
		return d.act(n, in, level)
	case "procedure":
		one = d.procedure(n)
	case "encounter":
		return d.encounter(n, level)
	case "observationMedia":
		one = d.picture(n)
	case "supply":
		one = d.supply(n)
	}
	if one == nil {
		return nil
	}
	d.common(one, n)
	return []object{one}
}

// related are the statements within one, read in the same drawer. Reasons are no
// statements: they belong to what they are the reason of.
func (d *document) related(n *node, in drawer, level int) []object {
	var out []object
	for _, r := range append(n.all("entryRelationship"), n.all("component")...) {
		if t := r.attr("typeCode"); t == "RSON" || t == "REFR" {
			continue
		}
		for _, k := range r.kids {
			out = append(out, d.statement(k, in, level+1)...)
		}
	}
	return out
}

// planned says whether something is meant to happen: any mood but that of an event.
//
//go:noinline
func planned(n *node) bool {
	mood := n.attr("moodCode")
	return mood != "" && mood != "EVN"
}

// negated says whether a statement says that something is not so, or was not done.
//
//go:noinline
func negated(n *node) bool {
	is, _ := boolean(n.attr("negationInd"))
	return is
}

// status is the statusCode.
//
//go:noinline
func status(n *node) string { return n.at("statusCode").attr("code") }

// comments are what somebody added (Comment Activity), as annotations.
func (d *document) comments(n *node) []object {
	var out []object
	for _, r := range n.all("entryRelationship") {
		a := r.at("act")
		if a.at("code").attr("code") != "48767-8" && !a.is(oidEntry+"64", oidCCD+"40") {
			continue
		}
		if s := d.said(a.at("text")); s != "" && len(out) < 20 {
			out = append(out, object{"text": s})
		}
	}
	return out
}

// common sets what many resources have: identifiers and comments.
func (d *document) common(o object, n *node) {
	if o["resourceType"] != "ServiceRequest" || o["identifier"] == nil {
		o.set("identifier", identifiers(n))
	}
	switch o["resourceType"] {
	case "Encounter", "DiagnosticReport", "Appointment":
	case "Goal", "AllergyIntolerance", "Condition", "MedicationStatement", "MedicationRequest", "Immunization", "Procedure", "Observation", "ServiceRequest", "FamilyMemberHistory", "Media", "DeviceUseStatement":
		o.set("note", d.comments(n))
	}
}

// writer names who stands behind a statement: its own author.
func writer(n *node) object {
	if s := author(n.at("author")); s != "" {
		return object{"display": s}
	}
	return nil
}

// performer names who did it.
func performer(n *node) string { return assigned(n.at("performer", "assignedEntity")) }
