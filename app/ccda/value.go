package ccda

import (
	"encoding/json"
	"slices"
	"strings"

	"potli/app/fhir"
)

// systems are the names that FHIR has for code systems (terminology.hl7.org,
// "Using Codes", and the C-CDA on FHIR guide).
var systems = map[string]string{
	"2.16.840.1.113883.6.96": "http://snomed.info/sct", "2.16.840.1.113883.6.1": "http://loinc.org",
	"2.16.840.1.113883.6.88": "http://www.nlm.nih.gov/research/umls/rxnorm", "2.16.840.1.113883.6.90": "http://hl7.org/fhir/sid/icd-10-cm",
	"2.16.840.1.113883.6.3": "http://hl7.org/fhir/sid/icd-10", "2.16.840.1.113883.6.103": "http://hl7.org/fhir/sid/icd-9-cm",
	"2.16.840.1.113883.6.104": "http://hl7.org/fhir/sid/icd-9-cm", "2.16.840.1.113883.6.42": "http://hl7.org/fhir/sid/icd-9-cm",
	"2.16.840.1.113883.12.292": "http://hl7.org/fhir/sid/cvx", "2.16.840.1.113883.6.59": "http://hl7.org/fhir/sid/cvx",
	"2.16.840.1.113883.6.12": "http://www.ama-assn.org/go/cpt", "2.16.840.1.113883.6.285": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
	"2.16.840.1.113883.6.69": "http://hl7.org/fhir/sid/ndc", "2.16.840.1.113883.4.9": "http://fdasis.nlm.nih.gov",
	"2.16.840.1.113883.3.26.1.1": "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl", "2.16.840.1.113883.6.73": "http://www.whocc.no/atc",
	"2.16.840.1.113883.6.4": "http://www.cms.gov/Medicare/Coding/ICD10", "2.16.840.1.113883.6.8": ucum,
	"2.16.840.1.113883.5.83": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "2.16.840.1.113883.5.4": actCode,
	"2.16.840.1.113883.5.111": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "2.16.840.1.113883.5.8": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
}

const (
	ucum    = "http://unitsofmeasure.org"
	loinc   = "http://loinc.org"
	snomed  = "http://snomed.info/sct"
	actCode = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
	hl7     = "http://terminology.hl7.org/CodeSystem/"
)

// coding is one code; nil for none.
func coding(n *node) object {
	c := n.attr("code")
	if c == "" || n.null() || strings.ContainsAny(c, "\t\r\n") {
		return nil
	}
	o := object{"code": c}
	if oid := n.attr("codeSystem"); oid != "" {
		if o["system"] = systems[oid]; o["system"] == "" {
			o["system"] = "urn:oid:" + oid
		}
	}
	o.set("display", n.attr("displayName"))
	return o
}

// concept is a CD, CE or CV with its translations. Its words are those that its
// author wrote into it, else those of the code. What a reference into the
// narrative leads to is believed only of a code without words: HL7's own sample
// points from the substance of an allergy to what it does.
func (d *document) concept(n *node) object {
	o := object{}
	all := append([]*node{n}, n.all("translation")...)
	var list []object
	for _, c := range all {
		if one := coding(c); one != nil && !slices.ContainsFunc(list, func(x object) bool { return x["code"] == one["code"] && x["system"] == one["system"] }) {
			list = append(list, one)
		}
	}
	o.set("coding", list)
	text := n.at("originalText").words()
	if len(list) == 0 {
		for _, c := range all {
			if text == "" {
				text = d.said(c.at("originalText"))
			}
		}
	}
	for _, c := range all {
		if text == "" && (len(list) == 0 || list[0]["display"] == nil) {
			text = c.attr("displayName")
		}
	}
	for _, c := range all {
		if text == "" && len(list) > 0 && list[0]["display"] == nil {
			text = d.said(c.at("originalText"))
		}
	}
	o.set("text", text)
	return o
}

// said is the text of an element, or of that place in the narrative which its
// reference means.
// A document can point to one place very often: past a measure nothing is
// repeated any more.
func (d *document) said(n *node) string {
	if ref := n.at("reference").attr("value"); ref != "" {
		if at := d.ids[strings.TrimPrefix(ref, "#")]; at != nil && d.repeated < maxRepeated {
			s := at.words()
			d.repeated += len(s)
			return s
		}
	}
	return n.words()
}

// nameOf is what a concept is called; "" for none.
func nameOf(o object) string {
	if s, _ := o["text"].(string); s != "" {
		return s
	}
	list, _ := o["coding"].([]object)
	for _, c := range list {
		if s, _ := c["display"].(string); s != "" {
			return s
		}
	}
	return ""
}

// code is a concept of ours.
func code(system, code, display string) object {
	c := object{"system": system, "code": code}
	c.set("display", display)
	return object{"coding": []object{c}}
}

// date makes a FHIR date or dateTime of a TS, as precise as it is:
// "201208061030+0530" is 2012-08-06T10:30:00+05:30. A time without a zone has
// that of the document, and without one too it is left out: FHIR knows no such
// time (C-CDA on FHIR, "Dates and times").
func (d *document) date(ts string) string {
	s, zone := ts, ""
	if i := strings.IndexAny(ts, "+-"); i > 0 {
		s, zone = ts[:i], ts[i:]
	}
	s, _, _ = strings.Cut(s, ".")
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return ""
		}
	}
	switch {
	case len(s) < 4 || s[:4] == "0000":
		return ""
	case len(s) < 6:
		return s[:4]
	case s[4:6] < "01" || s[4:6] > "12":
		return s[:4]
	case len(s) < 8:
		return s[:4] + "-" + s[4:6]
	}
	day := s[:4] + "-" + s[4:6] + "-" + s[6:8]
	if _, ok := fhir.ParseDate(day); !ok {
		return s[:4] + "-" + s[4:6]
	}
	if zone = offset(zone); zone == "" {
		zone = d.zone
	}
	if len(s) < 12 || zone == "" || s[8:10] > "23" || s[10:12] > "59" {
		return day
	}
	seconds := "00"
	if len(s) >= 14 && s[12:14] <= "59" {
		seconds = s[12:14]
	}
	return day + "T" + s[8:10] + ":" + s[10:12] + ":" + seconds + zone
}

// offset makes "+05:30" of "+0530"; "" where it is none.
func offset(s string) string {
	if len(s) == 3 {
		s += "00"
	}
	if len(s) != 5 || s[1:3] > "14" || s[3:] > "59" || strings.Trim(s[1:], "0123456789") != "" {
		return ""
	}
	return s[:3] + ":" + s[3:]
}

// moment is the value of a TS or IVL_TS: the point, else where it begins, else its middle.
func (d *document) moment(n *node) string {
	for _, at := range []*node{n, n.at("low"), n.at("center"), n.at("high")} {
		if s := d.date(at.attr("value")); s != "" {
			return s
		}
	}
	return ""
}

// period is an IVL_TS; nil for a point, or nothing.
func (d *document) period(n *node) object {
	o := object{}
	o.set("start", d.date(n.at("low").attr("value")))
	o.set("end", d.date(n.at("high").attr("value")))
	if len(o) == 0 {
		return nil
	}
	return o
}

// when sets stem + "Period" or stem + "DateTime".
func (d *document) when(o object, stem string, n *node) {
	if p := d.period(n); p["end"] != nil {
		o.set(stem+"Period", p)
		return
	}
	o.set(stem+"DateTime", d.moment(n))
}

// number is s where it is a JSON number.
func number(s string) json.Number {
	s = strings.TrimPrefix(strings.TrimSpace(s), "+")
	if strings.HasPrefix(s, ".") {
		s = "0" + s
	}
	if strings.HasPrefix(s, "-.") {
		s = "-0" + s[1:]
	}
	s = strings.TrimSuffix(s, ".")
	for len(s) > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9' {
		s = s[1:]
	}
	if s == "" || len(s) > 40 || strings.Trim(s, "0123456789.-") != "" || !json.Valid([]byte(s)) {
		return ""
	}
	return json.Number(s)
}

// quantity is a PQ, with a comparator where one is given; nil for none.
func quantity(n *node, comparator string) object {
	v := number(n.attr("value"))
	if v == "" || n.null() {
		return nil
	}
	o := object{"value": v}
	o.set("comparator", comparator)
	unit := n.attr("unit")
	o.set("unit", unit)
	if unit != "" && unit != "1" && isUCUM(unit) {
		o["system"], o["code"] = ucum, unit
	}
	if unit == "1" {
		delete(o, "unit")
	}
	return o
}

// isUCUM leaves out what surely is no code of UCUM: people write "mm Hg" there.
func isUCUM(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return !strings.EqualFold(s, "mmhg") && !strings.EqualFold(s, "bpm") && !strings.EqualFold(s, "lbs") && !strings.EqualFold(s, "inches")
}

// value sets value[x] of an observation.
func (d *document) value(o object, n *node) {
	switch typeOf(n) {
	case "PQ":
		if q := quantity(n, ""); q != nil {
			o["valueQuantity"] = q
			return
		}
		if t := n.at("translation"); t.ok() {
			o.set("valueString", strings.TrimSpace(t.attr("value")+" "+d.said(t.at("originalText"))))
		}
	case "INT", "REAL":
		if v := number(n.attr("value")); v != "" && !n.null() {
			o["valueQuantity"] = object{"value": v}
		}
	case "IVL_PQ", "IVL_INT", "IVL_REAL":
		d.interval(o, n)
	case "CD", "CE", "CV", "CO", "CS":
		o.set("valueCodeableConcept", d.concept(n))
	case "BL":
		if is, said := boolean(n.attr("value")); said {
			o["valueBoolean"] = is
		}
	case "TS":
		o.set("valueDateTime", d.date(n.attr("value")))
	case "IVL_TS":
		o.set("valuePeriod", d.period(n))
	case "RTO", "RTO_PQ_PQ":
		num, den := quantity(n.at("numerator"), ""), quantity(n.at("denominator"), "")
		if num != nil && den != nil {
			o["valueRatio"] = object{"numerator": num, "denominator": den}
		}
	default:
		o.set("valueString", d.said(n))
	}
	if len(o) == 0 || !hasValue(o) {
		o.set("valueString", d.said(n))
	}
}

func hasValue(o object) bool {
	for k := range o {
		if strings.HasPrefix(k, "value") {
			return true
		}
	}
	return false
}

// typeOf is the xsi:type of a value, or what its attributes show it to be.
func typeOf(n *node) string {
	t := n.attr("type")
	t = t[strings.LastIndexByte(t, ':')+1:]
	switch {
	case t != "":
		return t
	case n.attr("code") != "":
		return "CD"
	case n.attr("unit") != "":
		return "PQ"
	case n.at("low").ok(), n.at("high").ok():
		return "IVL_PQ"
	case n.attr("value") != "":
		return "REAL"
	}
	return "ST"
}

// interval is a range, or a number with a comparator where it is open: "< 5".
func (d *document) interval(o object, n *node) {
	low, high := n.at("low"), n.at("high")
	l, h := quantity(low, ""), quantity(high, "")
	switch {
	case l != nil && h != nil:
		o["valueRange"] = object{"low": l, "high": h}
	case l != nil:
		l["comparator"] = map[bool]string{true: ">=", false: ">"}[inclusive(low)]
		o["valueQuantity"] = l
	case h != nil:
		h["comparator"] = map[bool]string{true: "<=", false: "<"}[inclusive(high)]
		o["valueQuantity"] = h
	default:
		if q := quantity(n.at("center"), ""); q != nil {
			o["valueQuantity"] = q
		}
	}
}

// inclusive says whether an end belongs to its interval, as it does where nothing is said
// (HL7 v3 IVXB).
func inclusive(end *node) bool {
	is, said := boolean(end.attr("inclusive"))
	return is || !said
}

// boolean reads an xs:boolean, which is a word or a digit (XML Schema 2, 3.2.2). Without
// either, nothing is said.
func boolean(s string) (is, said bool) {
	is = s == "true" || s == "1"
	return is, is || s == "false" || s == "0"
}
