package ccda

import (
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"strings"
)

// maxRepeated is how much of the narrative entries may repeat, in bytes.
const maxRepeated = 4 << 20

// document is one that is being read.
type document struct {
	root     *node
	ids      map[string]*node // elements of narratives and entries by their ID
	zone     string           // of the document: "+05:30"
	dated    string
	repeated int
	entries  []object // of the Bundle, behind the Composition
	whose    string   // reference to the patient
	texts    []string // of the sections, for the whole
	full     bool     // no more entries
	sum      uint64   // of the bytes
	made     int      // ids
}

func newDocument(root *node, text []byte) *document {
	d := &document{root: root, ids: map[string]*node{}}
	sum := fnv.New64a()
	sum.Write(text)
	d.sum = sum.Sum64()
	d.index(root)
	if ts := root.at("effectiveTime").attr("value"); strings.ContainsAny(ts, "+-") {
		d.zone = offset(ts[strings.LastIndexAny(ts, "+-"):])
	}
	d.dated = d.moment(root.at("effectiveTime"))
	return d
}

// index notes what has an ID. The first of two counts.
func (d *document) index(n *node) {
	for _, name := range []string{"ID", "id"} {
		if id := n.attr(name); id != "" && d.ids[id] == nil {
			d.ids[id] = n
		}
	}
	for _, k := range n.kids {
		d.index(k)
	}
}

// add puts a resource into the Bundle and returns the reference to it.
func (d *document) add(r object) string {
	if len(d.entries) >= maxEntries {
		d.full = true
		return ""
	}
	url := d.named(r)
	d.entries = append(d.entries, object{"fullUrl": url, "resource": r})
	return url
}

// named gives a resource its id, and returns the reference to it. Ids are
// numbered, behind a sum of the document: two documents share none.
func (d *document) named(r object) string {
	id, ok := r["id"].(string)
	if !ok {
		d.made++
		id = fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012d", d.sum>>32, d.sum>>16&0xffff, d.sum>>4&0xfff, d.sum&0xf, d.made)
		r["id"] = id
	}
	return "urn:uuid:" + id
}

func reference(url string) object {
	if url == "" {
		return nil
	}
	return object{"reference": url}
}

// about makes a resource of the patient. subject is "subject" or "patient".
func (d *document) about(typ, subject string) object {
	return object{"resourceType": typ, subject: reference(d.whose)}
}

// bundle reads everything.
func (d *document) bundle() ([]byte, error) {
	d.whose = d.add(d.patient())
	c := d.about("Composition", "subject")
	c["status"] = "final"
	d.header(c)
	c.set("encounter", reference(d.encompassing()))
	body := d.root.at("component", "structuredBody")
	var sections []object
	for _, k := range body.all("component") {
		if s := d.section(k.at("section"), 0); s != nil {
			sections = append(sections, s)
		}
	}
	c.set("section", sections)
	d.unstructured(d.root.at("component", "nonXMLBody", "text"), c)
	d.whole(c)
	if d.full {
		return nil, ErrTooBig
	}
	out := object{"resourceType": "Bundle", "type": "document",
		"entry": append([]object{{"fullUrl": d.named(c), "resource": c}}, d.entries...)}
	if strings.Contains(d.dated, "T") {
		out["timestamp"] = d.dated
	}
	out.set("identifier", identifier(d.root.at("id")))
	b, err := marshal(out)
	if err == nil && len(b) > MaxBytes {
		err = ErrTooBig
	}
	return b, err
}

// header is who made the document, when, for whom.
func (d *document) header(c object) {
	c.set("identifier", identifier(d.root.at("id")))
	typ := d.concept(d.root.at("code"))
	c.set("type", typ)
	title := d.root.at("title").words()
	if title == "" {
		title = nameOf(typ)
	}
	c.set("title", title)
	c.set("date", d.dated)
	var authors []object
	for _, a := range d.root.all("author") {
		if s := author(a); s != "" {
			authors = append(authors, object{"display": s})
		}
	}
	c.set("author", authors)
	if s := organization(d.root.at("custodian", "assignedCustodian", "representedCustodianOrganization")); s != "" {
		c["custodian"] = object{"display": s}
	}
	var attesters []object
	for _, a := range []struct{ name, mode string }{{"legalAuthenticator", "legal"}, {"authenticator", "professional"}} {
		for _, n := range d.root.all(a.name) {
			who := object{"mode": a.mode}
			who.set("time", d.moment(n.at("time")))
			if s := assigned(n.at("assignedEntity")); s != "" {
				who["party"] = object{"display": s}
				attesters = append(attesters, who)
			}
		}
	}
	c.set("attester", attesters)
	c.set("language", languageOf(d.root.at("languageCode").attr("code")))
}

func languageOf(s string) string {
	if len(s) > 20 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
		return ""
	}
	return s
}

// identifier is an II.
func identifier(n *node) object {
	root, ext := n.attr("root"), n.attr("extension")
	switch {
	case n.null() || root == "" && ext == "":
		return nil
	case ext == "":
		return object{"system": "urn:ietf:rfc:3986", "value": urn(root)}
	case root == "":
		return object{"value": ext}
	}
	return object{"system": urn(root), "value": ext}
}

func urn(root string) string {
	if len(root) == 36 && strings.Count(root, "-") == 4 {
		return "urn:uuid:" + strings.ToLower(root)
	}
	return "urn:oid:" + root
}

func identifiers(n *node) []object {
	var out []object
	for _, id := range n.all("id") {
		if i := identifier(id); i != nil && len(out) < 20 {
			out = append(out, i)
		}
	}
	return out
}

// author is who wrote: a person and where, or a program.
func author(n *node) string {
	a := n.at("assignedAuthor")
	if s := assigned(a); s != "" {
		return s
	}
	device := a.at("assignedAuthoringDevice")
	if s := device.at("softwareName").words(); s != "" {
		return s
	}
	return device.at("manufacturerModelName").words()
}

// assigned names a person with their organization.
func assigned(n *node) string {
	who, where := personName(n.at("assignedPerson").at("name")), organization(n.at("representedOrganization"))
	if who != "" && where != "" {
		return who + ", " + where
	}
	return who + where
}

func organization(n *node) string { return n.at("name").words() }

// personName is a name as its owner would say it.
func personName(n *node) string {
	var parts []string
	for _, part := range []string{"prefix", "given", "family", "suffix"} {
		for _, k := range n.all(part) {
			if w := k.words(); w != "" && !k.null() {
				parts = append(parts, w)
			}
		}
	}
	if len(parts) == 0 {
		return n.words()
	}
	return strings.Join(parts, " ")
}

// patient is who the document is about.
func (d *document) patient() object {
	role := d.root.at("recordTarget", "patientRole")
	p, o := role.at("patient"), object{"resourceType": "Patient"}
	o.set("identifier", identifiers(role))
	var names []object
	for _, n := range p.all("name") {
		name := object{}
		name.set("text", personName(n))
		name.set("family", n.at("family").words())
		var given []string
		for _, g := range n.all("given") {
			if w := g.words(); w != "" {
				given = append(given, w)
			}
		}
		if given != nil {
			name["given"] = given
		}
		if len(name) > 0 && !n.null() {
			names = append(names, name)
		}
	}
	o.set("name", names)
	o.set("gender", map[string]string{"M": "male", "F": "female", "UN": "other"}[p.at("administrativeGenderCode").attr("code")])
	if born := d.date(p.at("birthTime").attr("value")); born != "" {
		o["birthDate"], _, _ = strings.Cut(born, "T")
	}
	o.set("maritalStatus", d.concept(p.at("maritalStatusCode")))
	o.set("address", addresses(role))
	o.set("telecom", telecoms(role))
	var contacts []object
	for _, g := range p.all("guardian") {
		contact := object{}
		contact.set("relationship", list(d.concept(g.at("code"))))
		if s := personName(g.at("guardianPerson", "name")); s != "" {
			contact["name"] = object{"text": s}
		}
		contact.set("telecom", telecoms(g))
		contacts = append(contacts, contact)
	}
	o.set("contact", contacts)
	return o
}

func addresses(n *node) []object {
	var out []object
	for _, a := range n.all("addr") {
		o := object{}
		var lines []string
		for _, l := range a.all("streetAddressLine") {
			if w := l.words(); w != "" {
				lines = append(lines, w)
			}
		}
		if lines != nil {
			o["line"] = lines
		}
		for name, from := range map[string]string{"city": "city", "state": "state", "postalCode": "postalCode", "country": "country"} {
			o.set(name, a.at(from).words())
		}
		if len(o) == 0 {
			o.set("text", a.words())
		}
		if len(o) > 0 && !a.null() {
			out = append(out, o)
		}
	}
	return out
}

func telecoms(n *node) []object {
	var out []object
	for _, t := range n.all("telecom") {
		system, value, ok := strings.Cut(t.attr("value"), ":")
		if !ok {
			system, value = "", t.attr("value")
		}
		if value == "" || t.null() {
			continue
		}
		o := object{"value": strings.TrimPrefix(value, "//")}
		o.set("system", map[string]string{"tel": "phone", "mailto": "email", "fax": "fax", "http": "url", "https": "url"}[strings.ToLower(system)])
		if o["system"] == "url" {
			o["value"] = t.attr("value")
		}
		out = append(out, o)
	}
	return out
}

// encompassing is the visit that the document is of.
func (d *document) encompassing() string {
	e := d.root.at("componentOf", "encompassingEncounter")
	if !e.ok() {
		return ""
	}
	o := d.about("Encounter", "subject")
	o["status"] = "finished"
	o.set("identifier", identifiers(e))
	d.encounterCode(o, e.at("code"))
	o.set("period", d.span(e.at("effectiveTime")))
	if s := d.concept(e.at("dischargeDispositionCode")); len(s) > 0 {
		o["hospitalization"] = object{"dischargeDisposition": s}
	}
	var who []object
	for _, n := range append(e.all("responsibleParty"), e.all("encounterParticipant")...) {
		if s := assigned(n.at("assignedEntity")); s != "" {
			who = append(who, object{"individual": object{"display": s}})
		}
	}
	o.set("participant", who)
	where := e.at("location", "healthCareFacility")
	if s := where.at("location", "name").words(); s != "" {
		o["location"] = []object{{"location": object{"display": s}}}
	}
	if s := organization(where.at("serviceProviderOrganization")); s != "" {
		o["serviceProvider"] = object{"display": s}
	}
	return d.add(o)
}

// span is a period, of a point too.
func (d *document) span(n *node) object {
	if p := d.period(n); p != nil {
		return p
	}
	o := object{}
	o.set("start", d.moment(n))
	return o
}

// encounterCode is a class where the code is one of them, else a type.
func (d *document) encounterCode(o object, n *node) {
	c := coding(n)
	if c["system"] == actCode {
		o["class"] = c
		return
	}
	o["class"] = object{"system": actCode, "code": "AMB"}
	for _, t := range n.all("translation") {
		if c := coding(t); c["system"] == actCode {
			o["class"] = c
		}
	}
	o.set("type", list(d.concept(n)))
}

// unstructured is a document that is only a file: a PDF, a picture, text.
func (d *document) unstructured(text *node, c object) {
	if !text.ok() {
		return
	}
	a := object{}
	a.set("contentType", text.attr("mediaType"))
	title, _ := c["title"].(string)
	a.set("title", title)
	switch {
	case text.attr("representation") == "B64":
		a.set("data", base64Of(text))
	case text.at("reference").ok():
		a.set("url", text.at("reference").attr("value"))
	default:
		var b strings.Builder
		for _, k := range text.kids {
			b.WriteString(k.text)
		}
		a.set("data", base64.StdEncoding.EncodeToString([]byte(b.String())))
		if a["contentType"] == nil {
			a["contentType"] = "text/plain"
		}
	}
	d.reference(c, a)
}

// base64Of is the content of an element as FHIR wants it: without line breaks.
func base64Of(n *node) string {
	var b strings.Builder
	for _, k := range n.kids {
		b.WriteString(k.text)
	}
	return strings.Join(strings.Fields(b.String()), "")
}

// whole is the text of all sections as one document: what a person gives on who
// gives on the document.
func (d *document) whole(c object) {
	if len(d.texts) == 0 {
		return
	}
	title, _ := c["title"].(string)
	text := strings.Join(d.texts, "\n\n")
	a := object{"contentType": "text/plain", "data": base64.StdEncoding.EncodeToString([]byte(text))}
	a.set("title", title)
	d.reference(c, a)
}

func (d *document) reference(c, attachment object) {
	o := d.about("DocumentReference", "subject")
	o["status"] = "current"
	o.set("description", c["title"])
	attachment.set("creation", d.dated)
	if authors, ok := c["author"].([]object); ok {
		o.set("author", authors)
	}
	o["content"] = []object{{"attachment": attachment}}
	d.add(o)
}
