package diary

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// object is a JSON object; json.Marshal sorts its names, so the same note is the same bytes.
type object = map[string]any

// of makes an object of names and values by turns. It is a function and not a literal
// because a literal of a map is code for each of its entries: a hundred kilobytes in all.
//
//go:noinline
func of(pairs ...any) object {
	o := make(object, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		o[pairs[i].(string)] = pairs[i+1]
	}
	return o
}

// Code systems.
const (
	loinc     = "http://loinc.org"
	snomed    = "http://snomed.info/sct"
	ucum      = "http://unitsofmeasure.org"
	atc       = "http://www.whocc.no/atc"
	cvx       = "http://hl7.org/fhir/sid/cvx"
	obsValue  = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
	actCode   = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
	roleCode  = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
	timing    = "http://terminology.hl7.org/CodeSystem/v3-TimingEvent"
	fasting   = "http://terminology.hl7.org/CodeSystem/v2-0916"
	category  = "http://terminology.hl7.org/CodeSystem/observation-category"
	clinical  = "http://terminology.hl7.org/CodeSystem/condition-clinical"
	problem   = "http://terminology.hl7.org/CodeSystem/condition-category"
	allergic  = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
	verified  = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
	verStatus = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
)

// Compose makes a collection Bundle of a note: what was noted first, in one or a few
// resources, then who it is about and who typed it. The same arguments give the same
// bytes. Errors: ErrFaulty.
func Compose(n Note, s Scene) ([]byte, error) {
	if !n.Kind.Known() || len(n.Faults()) > 0 {
		return nil, ErrFaulty
	}
	d := newDraft(n, s)
	d.note()
	return d.bundle(nil)
}

// Correct is Compose for a note that takes the place of another, whose Bundle is before:
// what that says stays in the new one, marked as entered in error. Errors: ErrFaulty,
// ErrNotOne.
func Correct(n Note, s Scene, before []byte) ([]byte, error) {
	old, err := open(before)
	switch {
	case err != nil:
		return nil, err
	case !n.Kind.Known() || len(n.Faults()) > 0:
		return nil, ErrFaulty
	}
	d := newDraft(n, s)
	d.note()
	return d.bundle(d.past(old))
}

// draft is a note on its way to a Bundle.
type draft struct {
	Note
	scene   Scene
	count   byte   // of the names drawn from the seed
	patient object // references
	author  object
	made    []entry
}

type entry struct {
	url      string
	resource object
}

func newDraft(n Note, s Scene) *draft {
	d := &draft{Note: n, scene: s}
	d.patient = of("reference", d.name())
	if d.author = d.patient; s.By.Other {
		d.author = of("reference", d.name())
	}
	return d
}

// name draws a random UUID (RFC 9562, version 4) from the seed.
func (d *draft) name() string {
	d.count++
	sum := sha256.Sum256(append(d.scene.Seed[:], d.count))
	b := sum[:16]
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return "urn:uuid:" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// add puts a resource in and returns a reference to it. What has no value is left out.
func (d *draft) add(r object) object {
	meta := of("security", []any{d.asserted()}, "lastUpdated", d.now())
	if len(d.made) == 0 {
		meta["tag"] = d.tags()
	}
	r["meta"] = meta
	if t, ok := r["note"].(string); ok {
		delete(r, "note")
		if t != "" {
			r["note"] = []any{of("text", t)}
		}
	}
	for k, v := range r {
		if v == nil || v == "" {
			delete(r, k)
		}
	}
	d.made = append(d.made, entry{d.name(), r})
	return of("reference", d.made[len(d.made)-1].url)
}

// asserted says who stands behind a note, as HL7 v3 ObservationValue has it ("integrity
// provenance asserted by"): the person, who decides for them, or somebody near them.
func (d *draft) asserted() object {
	switch {
	case !d.scene.By.Other:
		return coding(obsValue, "PATAST", "patient asserted")
	case d.scene.By.Guardian:
		return coding(obsValue, "SDMAST", "substitute decision maker asserted")
	}
	return coding(obsValue, "PACQAST", "patient acquaintance asserted")
}

// now is an instant, in the zone of the person.
func (d *draft) now() string { return d.scene.Now.Format("2006-01-02T15:04:05Z07:00") }

// bundle closes the draft. Earlier versions follow what takes their place.
func (d *draft) bundle(past []entry) ([]byte, error) {
	all := append(d.made, past...)
	all = append(all, entry{d.patient["reference"].(string), d.makePatient()})
	if d.scene.By.Other {
		all = append(all, entry{d.author["reference"].(string), d.makeAuthor()})
	}
	entries := make([]any, len(all))
	for i, e := range all {
		entries[i] = of("fullUrl", e.url, "resource", e.resource)
	}
	b, err := json.Marshal(of("resourceType", "Bundle", "type", "collection", "timestamp", d.now(), "entry", entries))
	if err != nil {
		return nil, fmt.Errorf("writing a note: %w", err)
	}
	return b, nil
}

func (d *draft) makePatient() object {
	p, about := of("resourceType", "Patient"), d.scene.About
	if about.Name != "" {
		p["name"] = []any{of("text", about.Name)}
	}
	if isDay(about.BirthDate) {
		p["birthDate"] = about.BirthDate
	}
	switch about.Gender {
	case "male", "female", "other", "unknown":
		p["gender"] = about.Gender
	}
	return p
}

func (d *draft) makeAuthor() object {
	r, by := of("resourceType", "RelatedPerson", "patient", d.patient), d.scene.By
	if by.Name != "" {
		r["name"] = []any{of("text", by.Name)}
	}
	switch by.Relation {
	case "parent":
		r["relationship"] = []any{concept("", coding(roleCode, "PRN", "parent"))}
	case "child":
		r["relationship"] = []any{concept("", coding(roleCode, "CHILD", "child"))}
	}
	return r
}

// note makes the resources of the kind.
func (d *draft) note() {
	switch d.Kind {
	case Medicine:
		d.medicine()
	case Allergy:
		d.allergy()
	case Condition:
		d.condition()
	case Vaccine:
		d.vaccine()
	case Visit:
		d.visit()
	case Document:
		d.document()
	default:
		d.vital()
	}
}

// word is an answer to what is asked, "" where it is not asked or not answered.
func (n Note) word(name string) string {
	for _, q := range Form(n.Kind) {
		if q.Name == name && q.Asked(n) {
			return strings.TrimSpace(n.Answers[name])
		}
	}
	return ""
}

// number is an answer as a decimal, "" where there is none.
func (n Note) number(name string) string {
	v, _ := Decimal(n.word(name))
	return v
}

// at is a Moment as a dateTime, in the zone of the scene.
func (d *draft) at(name string) string {
	t, err := time.ParseInLocation(momentForm, d.word(name), d.scene.Now.Location())
	if err != nil {
		return ""
	}
	return t.Format("2006-01-02T15:04:05Z07:00")
}

//go:noinline
func coding(system, code, display string) object {
	c := of("system", system, "code", code)
	if display != "" {
		c["display"] = display
	}
	return c
}

// concept is words with the codes that say the same.
func concept(text string, codings ...object) object {
	c := object{}
	if text != "" {
		c["text"] = text
	}
	if len(codings) > 0 {
		all := make([]any, len(codings))
		for i, o := range codings {
			all[i] = o
		}
		c["coding"] = all
	}
	return c
}

// listed is what was typed, with the code of a list where it has one. What was chosen in
// another script keeps the English name behind it, since a doctor elsewhere has to read it.
func listed(l List, typed string) object {
	t, ok := l.find(typed)
	if !ok {
		return concept(typed)
	}
	if !ascii(typed) && ascii(t.name) {
		typed += " (" + t.name + ")"
	}
	if t.code == "" {
		return concept(typed)
	}
	return concept(typed, coding(l.system(), t.code, t.display))
}

func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 0x24f }) < 0
}

// span of days as a Period, nil where neither end is known.
func period(from, until string) any {
	p := object{}
	if from != "" {
		p["start"] = from
	}
	if until != "" {
		p["end"] = until
	}
	if len(p) == 0 {
		return nil
	}
	return p
}
