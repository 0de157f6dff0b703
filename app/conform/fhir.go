package conform

import (
	"strings"

	"potli/app/fhir"
	"potli/app/fhir/tree"
)

// isBundle (FHIR-01): a Bundle that says of which type it is, each entry of which holds a resource.
func isBundle(d *document, found func(int, string)) {
	if tree.Text(d.root["resourceType"]) != "Bundle" {
		found(-1, "resourceType")
	}
	if tree.Text(d.root["type"]) == "" {
		found(-1, "Bundle.type")
	}
	if len(d.entries) == 0 {
		found(-1, "Bundle.entry")
	}
	for i, e := range d.entries {
		if e.typ == "" {
			found(i, "Bundle.entry.resource")
		}
	}
}

// fullURLs (FHIR-02): every entry has an absolute fullUrl of its own (bdl-7; "fullUrl SHALL be absolute").
func fullURLs(d *document, found func(int, string)) {
	for i, e := range d.entries {
		if scheme, rest, ok := strings.Cut(e.url, ":"); !ok || scheme == "" || rest == "" || d.byURL[e.url] != i {
			found(i, "Bundle.entry.fullUrl")
		}
	}
}

// references (FHIR-03): each leads to an entry of the Bundle or to something contained, and what is contained is referred to
// (dom-3).
func references(d *document, found func(int, string)) {
	for i, e := range d.entries {
		local := map[string]bool{}
		for _, c := range tree.List(e.resource["contained"]) {
			local["#"+tree.Text(tree.Obj(c)["id"])] = false
		}
		tree.Paths(e.resource, e.typ, func(path string, o object) {
			ref, ok := o["reference"].(string)
			if !ok || path == e.typ { // DetectedIssue has an address of that name
				return
			}
			if _, inside := local[ref]; inside {
				local[ref] = true
			} else if _, there := d.target(i, ref); ref != "#" && !there {
				found(i, path)
			}
		})
		for _, used := range local {
			if !used {
				found(i, e.typ+".contained")
			}
		}
	}
}

// timed are elements that hold a date, dateTime or instant in every resource that has them, beside those whose name ends in
// "Date" or "DateTime".
var timed = map[string]bool{"date": true, "issued": true, "timestamp": true, "authoredOn": true, "authored": true,
	"created": true, "creation": true, "lastUpdated": true, "dateAsserted": true, "whenPrepared": true,
	"whenHandedOver": true, "lastOccurrence": true, "receivedTime": true, "time": true, "dateTime": true, "dateWritten": true, "started": true}

// instants are those of them that FHIR wants to the second.
var instants = map[string]bool{"issued": true, "timestamp": true, "lastUpdated": true}

// IsTimed says whether an element holds a date or a time that begins with one, by its name and that of what it stands in.
func IsTimed(parent, name string) bool {
	if name == "start" || name == "end" {
		return strings.HasSuffix(strings.ToLower(parent), "period")
	}
	return timed[name] || strings.HasSuffix(name, "DateTime") || strings.HasSuffix(name, "Date")
}

// IsWhen says whether s may stand in an element of that name.
func IsWhen(name, s string) bool { return IsDate(s) && (!instants[name] || strings.Contains(s, "T")) }

// dates (FHIR-04): what holds a date holds one that there is, in FHIR's form.
func dates(d *document, found func(int, string)) {
	if s, ok := d.root["timestamp"].(string); ok && !IsWhen("timestamp", s) {
		found(-1, "Bundle.timestamp")
	}
	for i, e := range d.entries {
		tree.Paths(e.resource, e.typ, func(path string, o object) {
			for k, v := range o {
				if s, ok := v.(string); ok && IsTimed(path, k) && !IsWhen(k, s) {
					found(i, path+"."+k)
				}
			}
		})
	}
}

// IsDate says whether s is a FHIR date, dateTime or instant (R4 §2.24.0.1) on a day that there is.
func IsDate(s string) bool {
	d, ok := fhir.ParseDate(s)
	return ok && d.Strict
}
