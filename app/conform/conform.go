// Package conform holds what may leave against the rules it claims to keep.
//
// Each rule is a function with an id: IPS-01 … IPS-09 of the International Patient Summary 2.0.1 (hl7.fhir.uv.ips), KTC-01 …
// KTC-08 of "Patient-Shared Health Documents via SMART Health Links" 0.10.2 (ktc-spec.github.io), FHIR-01 … FHIR-05 of what
// FHIR R4 asks of any Bundle. The rules read what was written and share no code with what writes it, so that a mistake of
// the one is no mistake of the other.
//
// It is no validator: profiles, value sets and invariants beyond these rules are not looked at. A document that passes is
// one that deployed readers open; one that fails is never called by the name it claims.
package conform

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"potli/app/fhir/tree"
)

// Kind is what a document claims to be.
type Kind string

const (
	Plain Kind = "fhir" // a Bundle of documents as they arrived: what is inside them is not ours to judge
	IPS   Kind = "ips"
	KTC   Kind = "ktc"
)

// Fault is one place where a rule is broken. It names elements, never what stands in them.
type Fault struct {
	Rule string `json:"rule"`
	URL  string `json:"url,omitempty"`  // fullUrl of the entry; "": the document itself
	Path string `json:"path,omitempty"` // "Condition.code"
}

// Rule is one of the rules.
type Rule struct {
	ID    string
	Kinds []Kind // that it is asked of
	find  finder
}

// finder calls found for each place where the rule is broken; entry -1 is the document itself.
type finder func(d *document, found func(entry int, path string))

var (
	composed = []Kind{IPS, KTC}
	every    = []Kind{Plain, IPS, KTC}
)

// Rules lists all rules in the order in which they are asked: those that the others lean on first.
var Rules = []Rule{
	{"FHIR-01", every, isBundle},
	{"FHIR-02", every, fullURLs},
	{"FHIR-03", composed, references},
	{"FHIR-04", composed, dates},
	{"FHIR-05", composed, required},
	{"IPS-01", []Kind{IPS}, ipsDocument},
	{"IPS-02", []Kind{IPS}, ipsComposition},
	{"IPS-03", []Kind{IPS}, ipsHead},
	{"IPS-04", []Kind{IPS}, ipsRequiredSections},
	{"IPS-05", []Kind{IPS}, ipsFilled},
	{"IPS-06", []Kind{IPS}, ipsSections},
	{"IPS-07", []Kind{IPS}, ipsPatient},
	{"IPS-08", []Kind{IPS}, ipsMinimums},
	{"IPS-09", []Kind{IPS}, ipsAbsent},
	{"KTC-04", []Kind{KTC}, ktcCollection},
	{"KTC-05", []Kind{KTC}, ktcClosed},
	{"KTC-06", []Kind{KTC}, ktcDocuments},
	{"KTC-07", []Kind{KTC}, ktcRendering},
	{"KTC-08", []Kind{KTC}, ktcProfiles},
}

// Check holds a Bundle against every rule of a kind. None: it is what it claims to be.
func Check(k Kind, b []byte) []Fault {
	if k == Plain {
		return checkFrame(b)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var root object
	if err := d.Decode(&root); err != nil {
		return []Fault{{Rule: "FHIR-01"}}
	}
	return CheckTree(k, root)
}

// checkFrame reads no further than the rules of a Plain Bundle ask: originals can be large, and a tree of them many times that.
func checkFrame(b []byte) []Fault {
	var frame struct {
		ResourceType, Type string
		Entry              []struct {
			FullURL  string
			Resource struct{ ResourceType string }
		}
	}
	if err := json.Unmarshal(b, &frame); err != nil {
		return []Fault{{Rule: "FHIR-01"}}
	}
	root := object{"resourceType": frame.ResourceType, "type": frame.Type}
	var entries []any
	for _, e := range frame.Entry {
		entries = append(entries, object{"fullUrl": e.FullURL, "resource": object{"resourceType": e.Resource.ResourceType}})
	}
	root["entry"] = entries
	return CheckTree(Plain, root)
}

// CheckTree is Check of a Bundle that is not written yet: objects are map[string]any, arrays []any, numbers json.Number.
func CheckTree(k Kind, root map[string]any) (faults []Fault) {
	d := read(root)
	for _, r := range Rules {
		if !slices.Contains(r.Kinds, k) {
			continue
		}
		faults = append(faults, ask(d, r)...)
	}
	return faults
}

// ask lists where one rule is broken, in the order of the entries.
func ask(d *document, r Rule) (faults []Fault) {
	type place struct {
		entry int
		path  string
	}
	var places []place
	r.find(d, func(entry int, path string) { places = append(places, place{entry, path}) })
	slices.SortFunc(places, func(a, b place) int { return cmp.Or(cmp.Compare(a.entry, b.entry), cmp.Compare(a.path, b.path)) })
	for _, p := range slices.Compact(places) {
		f := Fault{Rule: r.ID, Path: p.path}
		if p.entry >= 0 {
			f.URL = d.entries[p.entry].url
		}
		faults = append(faults, f)
	}
	return faults
}

// entry is one of a Bundle.
type entry struct {
	all      object
	url      string
	resource object
	typ      string
}

// document is a Bundle made ready to be asked.
type document struct {
	root    object
	entries []entry
	byURL   map[string]int // of the first entry with it
}

func read(root object) *document {
	d := &document{root: root, byURL: map[string]int{}}
	for i, e := range tree.List(root["entry"]) {
		e := tree.Obj(e)
		r := tree.Obj(e["resource"])
		one := entry{all: e, url: tree.Text(e["fullUrl"]), resource: r, typ: tree.Text(r["resourceType"])}
		d.entries = append(d.entries, one)
		if _, twice := d.byURL[one.url]; !twice {
			d.byURL[one.url] = i
		}
	}
	return d
}

// target finds the entry that a reference of entry from leads to. One that is relative continues the address of the entry it
// stands in (R4, "Resolving references in Bundles").
func (d *document) target(from int, ref string) (int, bool) {
	if i, ok := d.byURL[ref]; ok && ref != "" {
		return i, true
	}
	own := d.entries[from]
	base, ok := strings.CutSuffix(own.url, own.typ+"/"+tree.Text(own.resource["id"]))
	if !ok || !strings.HasPrefix(base, "http") {
		return 0, false
	}
	i, ok := d.byURL[base+ref]
	return i, ok
}

// typeAt is the type of what a reference of an entry leads to inside the Bundle; "" if nowhere.
func (d *document) typeAt(from int, reference any) string {
	if i, ok := d.target(from, tree.Text(tree.Obj(reference)["reference"])); ok {
		return d.entries[i].typ
	}
	return ""
}
