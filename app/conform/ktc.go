package conform

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"potli/app/fhir/tree"
)

const (
	patientShared  = "https://cms.gov/fhir/CodeSystem/patient-shared-category"
	observationVal = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
)

// Link is what can be told of a link before it is given to anybody.
type Link struct {
	URL      string
	Flag     string
	Expires  time.Time // zero: never
	Passcode bool
	Receipts bool // each opening is noted for the person to read
}

// LinkRules are the ids of the rules that CheckLink asks.
var LinkRules = []string{"KTC-01", "KTC-02", "KTC-03"}

// CheckLink holds the link of a KTC share against its rules. What only the server can keep (no authentication, a note of each
// opening) is asked as far as the link decides it: the rest is tested at the relay.
func CheckLink(l Link) (faults []Fault) {
	if l.Flag != "U" || l.Expires.IsZero() || l.Passcode {
		faults = append(faults, Fault{Rule: "KTC-01"})
	}
	if scheme, rest, ok := strings.Cut(l.URL, "://"); !ok || scheme == "" || strings.ContainsAny(rest, "@?#") {
		faults = append(faults, Fault{Rule: "KTC-02"})
	}
	if !l.Receipts {
		faults = append(faults, Fault{Rule: "KTC-03"})
	}
	return faults
}

// ktcCollection (KTC-04): a collection with a timestamp, at least two entries, exactly one of them a Patient, no Composition.
func ktcCollection(d *document, found func(int, string)) {
	if tree.Text(d.root["type"]) != "collection" {
		found(-1, "Bundle.type")
	}
	if tree.Text(d.root["timestamp"]) == "" {
		found(-1, "Bundle.timestamp")
	}
	if len(d.entries) < 2 {
		found(-1, "Bundle.entry")
	}
	patients := 0
	for i, e := range d.entries {
		switch e.typ {
		case "Patient":
			patients++
			if !tree.Filled(e.resource, "name") || !tree.Filled(e.resource, "birthDate") {
				found(i, "Patient.name")
			}
		case "Composition":
			found(i, "Composition")
		}
	}
	if patients != 1 {
		found(-1, "Patient")
	}
}

// ktcClosed (KTC-05): full URLs are urn:uuid, none twice. That references stay inside is FHIR-03.
func ktcClosed(d *document, found func(int, string)) {
	for i, e := range d.entries {
		if !isUUID(e.url) || d.byURL[e.url] != i {
			found(i, "Bundle.entry.fullUrl")
		}
		tree.Paths(e.resource, e.typ, func(path string, o object) {
			if ref := tree.Text(o["reference"]); strings.Contains(ref, "://") && path != e.typ {
				found(i, path)
			}
		})
	}
}

// isUUID knows urn:uuid: with 32 hexadecimal digits, 8-4-4-4-12.
func isUUID(url string) bool {
	s, ok := strings.CutPrefix(url, "urn:uuid:")
	if !ok || len(s) != 36 {
		return false
	}
	for i, c := range s {
		if hyphen := i == 8 || i == 13 || i == 18 || i == 23; hyphen != (c == '-') || !hyphen && !strings.ContainsRune("0123456789abcdef", c) {
			return false
		}
	}
	return true
}

// ktcDocuments (KTC-06): a PDF only as a DocumentReference that says that the patient shares it, with its content inline. An
// attachment is never an address.
func ktcDocuments(d *document, found func(int, string)) {
	for i, e := range d.entries {
		if e.typ == "DocumentReference" {
			d.ktcDocument(i, found)
		}
		tree.Paths(e.resource, e.typ, func(path string, o object) {
			if tree.Text(o["contentType"]) == "" {
				return
			}
			if _, address := o["url"]; address || e.typ != "DocumentReference" && tree.Text(o["contentType"]) == "application/pdf" {
				found(i, path)
			}
		})
	}
}

func (d *document) ktcDocument(i int, found func(int, string)) {
	r := d.entries[i].resource
	for name, ok := range map[string]bool{
		"status":        tree.Text(r["status"]) == "current",
		"category":      hasCode(r["category"], patientShared, "patient-shared"),
		"subject":       d.typeAt(i, r["subject"]) == "Patient",
		"author":        d.typeAt(i, tree.First(r["author"])) == "Patient",
		"date":          tree.Text(r["date"]) != "",
		"content":       len(tree.List(r["content"])) > 0,
		"meta.security": slices.ContainsFunc(tree.List(tree.Obj(r["meta"])["security"]), isPATAST),
	} {
		if !ok {
			found(i, "DocumentReference."+name)
		}
	}
	for _, c := range tree.List(r["content"]) {
		a := tree.Obj(tree.Obj(c)["attachment"])
		data, err := base64.StdEncoding.DecodeString(tree.Text(a["data"]))
		if err != nil || len(data) == 0 || tree.Text(a["contentType"]) == "" {
			found(i, "DocumentReference.content.attachment")
		}
	}
}

func isPATAST(coding any) bool {
	c := tree.Obj(coding)
	return tree.Text(c["system"]) == observationVal && tree.Text(c["code"]) == "PATAST"
}

// ktcRendering (KTC-07): a document of type 60591-5 is a PDF that renders every resource of the Bundle that is no document
// by itself. What a PDF shows cannot be asked of its bytes, so whoever makes one lists in context.related what was laid on
// its pages, and the list is compared with the Bundle.
//
// The guide asks for the rendering and for no list. A stranger's document without one may be complete all the same: nothing
// that arrives is refused by this rule, but nobody can vouch for it, so it does not leave under that type again.
func ktcRendering(d *document, found func(int, string)) {
	for i, e := range d.entries {
		if e.typ != "DocumentReference" || !hasCode(e.resource["type"], loinc, summary) {
			continue
		}
		if !isPDF(e.resource) {
			found(i, "DocumentReference.content.attachment")
		}
		covered := map[string]bool{}
		for _, r := range tree.List(tree.Obj(e.resource["context"])["related"]) {
			covered[tree.Text(tree.Obj(r)["reference"])] = true
		}
		for _, other := range d.entries {
			if other.typ != "DocumentReference" && !covered[other.url] {
				found(i, "DocumentReference.type")
				break
			}
		}
	}
}

// isPDF says whether a document is one PDF.
func isPDF(r object) bool {
	content := tree.List(r["content"])
	if len(content) != 1 {
		return false
	}
	a := tree.Obj(tree.Obj(content[0])["attachment"])
	head := base64.StdEncoding.EncodeToString([]byte("%PDF-1"))
	return tree.Text(a["contentType"]) == "application/pdf" && strings.HasPrefix(tree.Text(a["data"]), head)
}

// ktcProfiles (KTC-08): no resource claims a profile, which no reader of such a Bundle may depend on.
func ktcProfiles(d *document, found func(int, string)) {
	for i, e := range d.entries {
		if _, claims := tree.Obj(e.resource["meta"])["profile"]; claims {
			found(i, e.typ+".meta.profile")
		}
	}
}
