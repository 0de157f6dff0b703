package fhir

import "strings"

// Origin is what a file says of where it comes from. It is the file's own word: a name in
// it proves nothing, and a signature in it was not checked here.
type Origin struct {
	Authors  []Party     `json:"authors,omitempty"`
	Where    string      `json:"where,omitempty"` // the organisation behind it
	Made     string      `json:"made,omitempty"`  // FHIR date
	Attested []Attest    `json:"attested,omitempty"`
	Source   string      `json:"source,omitempty"` // meta.source: the system it was taken from
	Signed   []Signature `json:"signed,omitempty"` // by Bundle.signature or a Provenance
}

// Party is somebody, or something, that wrote.
type Party struct {
	Name string `json:"name"`
	Type string `json:"type,omitempty"` // FHIR resource type: Practitioner, Organization, Patient, RelatedPerson, Device …
}

// Attest is one who confirms a document (Composition.attester).
type Attest struct {
	Mode string `json:"mode,omitempty"` // personal, professional, legal, official
	Name string `json:"name,omitempty"`
	Date string `json:"date,omitempty"`
}

// Signature is a mark that says who signed and when.
type Signature struct {
	Name string `json:"name,omitempty"`
	Date string `json:"date,omitempty"`
}

// SelfEntered says whether only the person themselves, or somebody of theirs, wrote.
func (o Origin) SelfEntered() bool {
	for _, a := range o.Authors {
		if a.Type != "Patient" && a.Type != "RelatedPerson" && a.Type != "Person" {
			return false
		}
	}
	return len(o.Authors) > 0
}

// Assembled says whether only software wrote: nobody chose what stands in it.
func (o Origin) Assembled() bool {
	for _, a := range o.Authors {
		if a.Type != "Device" {
			return false
		}
	}
	return len(o.Authors) > 0
}

// maxParties bounds those that are named: a file may name a hundred thousand.
const maxParties = 12

// origin reads where the whole comes from.
func (f *File) origin(views []View) Origin {
	root := element{f.tree, 0}
	o := Origin{Source: root.path("meta", "source").peek()}
	i := f.composition()
	if i < 0 {
		i = f.lead(views)
	}
	if i >= 0 {
		f.written(&o, i)
	}
	f.provenances(&o)
	for _, s := range root.get("signature").items() {
		o.sign(f, i, s)
	}
	if o.Made == "" {
		o.Made = f.Timestamp
	}
	return o
}

// lead is the entry that stands for a file without a Composition, -1: none does.
func (f *File) lead(views []View) int {
	if len(views) == 1 {
		return 0
	}
	return f.onlyOne(views)
}

// written reads the author, house and day of entry i.
func (f *File) written(o *Origin, i int) {
	e := f.at[i]
	o.Source = firstOf(o.Source, e.path("meta", "source").peek())
	for _, name := range authorNames {
		ref := e.get(name)
		if actor := ref.first().get("actor"); actor.ok() {
			ref = actor
		}
		if f.parties(o, i, ref); len(o.Authors) > 0 {
			break
		}
	}
	for _, name := range []string{"custodian", "managingOrganization", "serviceProvider"} {
		o.Where = firstOf(o.Where, f.authors(i, e.get(name)))
	}
	if visit := f.compositionVisit(); o.Where == "" && visit > 0 {
		o.Where = f.authors(visit-1, f.at[visit-1].get("serviceProvider"))
	}
	for _, name := range []string{"date", "issued", "recordedDate", "authoredOn", "dateAsserted", "recorded", "authored", "dateTime", "created", "dateWritten"} {
		o.Made = firstOf(o.Made, dateOf(e.get(name)))
	}
	for _, a := range e.get("attester").items() {
		if len(o.Attested) < maxParties {
			o.Attested = append(o.Attested, Attest{Mode: firstCode(a.get("mode")), Name: f.authors(i, a.get("party")), Date: dateOf(a.get("time"))})
		}
	}
}

// parties adds those a reference means, with what they are.
func (f *File) parties(o *Origin, i int, e element) {
	for _, ref := range e.items() {
		name := f.authors(i, ref)
		if name == "" || len(o.Authors) >= maxParties {
			continue
		}
		at, j := f.target(i, ref)
		typ := firstOf(at.get("resourceType").peek(), ref.get("type").peek())
		if typ == "" {
			typ, _, _ = strings.Cut(tail("/"+ref.get("reference").peek()), "/")
		}
		o.Authors = append(o.Authors, Party{Name: name, Type: typ})
		if typ == "PractitionerRole" && at.ok() && o.Where == "" {
			o.Where = f.authors(max(j, i), at.get("organization"))
		}
	}
}

// provenances reads what Provenance resources add: who, where nobody was named, for
// whom, and signatures.
func (f *File) provenances(o *Origin) {
	for i, entry := range f.Entries {
		if entry.Type != "Provenance" {
			continue
		}
		e := f.at[i]
		named := len(o.Authors) > 0
		for _, agent := range e.get("agent").items() {
			if !named {
				f.parties(o, i, agent.get("who"))
			}
			o.Where = firstOf(o.Where, f.authors(i, agent.get("onBehalfOf")))
		}
		o.Made = firstOf(o.Made, dateOf(e.get("recorded")))
		for _, s := range e.get("signature").items() {
			o.sign(f, i, s)
		}
		if len(o.Signed) >= maxParties {
			return
		}
	}
}

func (o *Origin) sign(f *File, i int, s element) {
	if s.is(kindObject) && len(o.Signed) < maxParties {
		o.Signed = append(o.Signed, Signature{Name: f.authors(max(i, 0), s.get("who")), Date: dateOf(s.get("when"))})
	}
}
