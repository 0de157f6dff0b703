package share

import "potli/app/fhir/tree"

// ktc makes a PatientSharedBundle: "Patient-Shared Health Documents via SMART Health Links" 0.10.2. A collection with
// exactly one Patient, urn:uuid full URLs, no reference that leads outside, no profile claims; a PDF or picture only as a
// DocumentReference with its content inline.
func (d *draft) ktc() object {
	d.documentsOnly()
	return object{"resourceType": "Bundle", "type": "collection", "timestamp": d.timestamp(), "entry": d.entries()}
}

// documentsOnly turns every document into a patient-shared DocumentReference: those that came as one, with what is known of
// them, and PDFs inside other resources, which are taken out of there.
func (d *draft) documentsOnly() {
	var all, extra []member
	for _, m := range d.members {
		if m.resource["resourceType"] == "DocumentReference" && (!isPatientShared(m.resource) || promises(m.resource["type"])) {
			docs := d.resharedAs(m)
			all = append(all, docs...)
			continue
		}
		extra = append(extra, d.takeOut(m)...)
		all = append(all, m)
	}
	d.members = append(all, extra...)
}

func isPatientShared(r object) bool {
	for _, c := range tree.List(r["category"]) {
		if tree.Text(tree.At(c, "coding.system")) == patientShared {
			return true
		}
	}
	return false
}

// resharedAs makes one document of each content of a DocumentReference. The first keeps the full URL, for references to it.
func (d *draft) resharedAs(m member) []member {
	var docs []member
	for _, c := range tree.List(m.resource["content"]) {
		a := tree.Obj(tree.Obj(c)["attachment"])
		if tree.Text(a["data"]) == "" {
			continue
		}
		url := m.url
		if len(docs) > 0 {
			url = d.ids.next()
		}
		att := attachment{typ: tree.Text(a["contentType"]), title: tree.Text(a["title"]), date: tree.Text(a["creation"]), data: tree.Text(a["data"])}
		docs = append(docs, member{url, d.document(att, m.resource), m.kind, m.chosen, m.title})
	}
	return docs
}

// takeOut removes PDFs from a resource (a report's presentedForm) and returns them as documents.
func (d *draft) takeOut(m member) []member {
	var docs []member
	if m.resource["resourceType"] == "DocumentReference" {
		return nil
	}
	for _, k := range sorted(m.resource) {
		var kept []any
		forms, ok := m.resource[k].([]any)
		if !ok {
			continue
		}
		for _, f := range forms {
			a := tree.Obj(f)
			if a == nil || !isAttachment(k, a) || tree.Text(a["contentType"]) != "application/pdf" {
				kept = append(kept, f)
				continue
			}
			att := attachment{typ: "application/pdf", title: tree.Text(a["title"]), date: tree.Text(a["creation"]), data: tree.Text(a["data"])}
			docs = append(docs, member{d.ids.next(), d.document(att, nil), m.kind, m.chosen, m.title})
		}
		if len(kept) == 0 {
			delete(m.resource, k)
		} else {
			m.resource[k] = kept
		}
	}
	return docs
}

// document is a DocumentReference as KTC asks for it; original, if any, lends the words it was described with.
func (d *draft) document(a attachment, original object) object {
	self := object{"reference": d.patient}
	r := object{
		"resourceType": "DocumentReference",
		"meta":         object{"security": []any{object{"system": observationVal, "code": "PATAST"}}},
		"status":       "current",
		"category":     []any{concept(patientShared, "patient-shared")},
		"subject":      self,
		"author":       []any{self},
		"date":         d.timestamp(),
		"content":      []any{object{"attachment": a.element()}},
	}
	if v, ok := original["description"]; ok {
		r["description"] = v
	}
	if v, ok := original["type"]; ok && !promises(v) {
		r["type"] = v
	}
	if a.title != "" && !tree.Has(r, "description") {
		r["description"] = a.title
	}
	return r
}

// promises says whether a type of document has a meaning of its own in KTC that a hospital's document does not have:
// 60591-5 is the rendering of everything in this very Bundle, 51855-5 what the person wrote herself.
func promises(typ any) bool {
	for _, c := range tree.List(tree.Obj(typ)["coding"]) {
		if code := tree.Text(tree.Obj(c)["code"]); code == "60591-5" || code == "51855-5" {
			return true
		}
	}
	return false
}
