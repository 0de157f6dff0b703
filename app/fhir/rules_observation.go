package fhir

import (
	"strconv"
	"strings"
)

// A results table is the same for an Observation and for the report that
// gathers several: a row for each value, components and members indented.

// vitalCodes are the LOINC codes of the FHIR vital-signs profiles (R4,
// "observation-vitalsigns"), for documents that leave the category out.
var vitalCodes = set(`85353-1 9279-1 8867-4 2708-6 59408-5 8310-5 8302-2 9843-4 29463-7 39156-5 85354-9 8480-6 8462-4
	8478-0 3141-9 8289-1 8287-5`)

func tuneObservation(b *builder) {
	vital := coded(b.e.get("category"), func(_, c string) bool { return c == "vital-signs" })
	if !vital && !b.e.get("category").ok() {
		vital = coded(b.e.get("code"), func(s, c string) bool { return s == "http://loinc.org" && vitalCodes[c] })
	}
	if vital {
		b.v.Kind = KindVital
	}
	b.v.Results = b.rows(b.e, b.i, false)
	b.flagAlert(b.v.Results)
	b.observationDetail()
	if b.absence(valueOf(b.e)) || b.absence(b.e.get("code")) {
		return
	}
	tuneStatus(b)
}

func valueOf(e element) element {
	v, _ := e.choice("value")
	return v
}

func (b *builder) flagAlert(rows []Result) {
	if b.v.Void {
		return
	}
	for _, r := range rows {
		if strings.HasPrefix(r.Flag, "critical") {
			b.v.Alert = "danger"
		}
	}
}

// observationDetail is the value in the line: a blood pressure as 132/84, a
// single value as it is, several components by name.
func (b *builder) observationDetail() {
	if bp, ok := bloodPressure(b.f.at[b.i]); ok {
		b.detail(bp)
	} else if n := len(b.v.Results); n > 0 {
		first := b.v.Results[0]
		if len(first.Value) > 0 && !first.Indent {
			b.detail(first.Value...)
		} else {
			for i, r := range b.v.Results {
				if i < 4 && r.Indent && len(r.Value) > 0 && r.Value[0].Text != "" {
					b.detail(Value{Type: ValueText, Text: r.Name + " " + joined(r.Value[0])})
				}
			}
		}
		if len(first.Value) == 0 {
			b.detail(first.Note...)
		}
	}
	seen := ""
	for _, r := range b.v.Results {
		if r.Flag != "" && r.Flag != "normal" && r.Flag != seen {
			b.detail(say("flag." + r.Flag))
			seen = r.Flag
		}
	}
}

func bloodPressure(e element) (Value, bool) {
	part := func(loinc string) element {
		for _, c := range e.get("component").items() {
			if coded(c.get("code"), func(_, code string) bool { return code == loinc }) {
				return c.get("valueQuantity")
			}
		}
		return element{}
	}
	sys, dia := part("8480-6"), part("8462-4")
	s, d := sys.get("value").peek(), dia.get("value").peek()
	unit := firstOf(sys.get("unit").peek(), sys.get("code").peek())
	if s == "" || d == "" || unit != firstOf(dia.get("unit").peek(), dia.get("code").peek()) {
		return Value{}, false
	}
	return Value{Type: ValueQuantity, Text: s + "/" + d, Unit: unit}, true
}

// rows are the table of one Observation: counted when it is the one viewed.
func (b *builder) rows(e element, i int, indent bool) []Result {
	row := Result{Name: firstOf(words(e.get("code")), firstCode(e.get("code"))), Code: best(e.get("code")), Entry: i, Indent: indent}
	b.fill(&row, e)
	b.rowStatus(&row, e)
	var parts []Result
	for _, c := range e.get("component").items() {
		p := Result{Code: best(c.get("code")), Entry: i, Indent: true}
		if name := b.concept(c.get("code")); len(name) > 0 {
			p.Name = name[0].Text
			if b.own(e).i == b.e.i && name[0].Code != "" && i == b.i {
				b.field("component", name...)
			}
		}
		b.fill(&p, c)
		parts = append(parts, p)
	}
	if i == b.i && len(row.Value) == 0 && len(row.Note) == 0 && row.Flag == "" && row.Range == "" {
		return parts // a mere group: its name is the title already
	}
	return append([]Result{row}, parts...)
}

// fill reads value, flag, range and the reason for a missing value: the same
// elements in an Observation and in its components.
func (b *builder) fill(r *Result, e element) {
	v, typ := e.choice("value")
	switch {
	case typ == "DateTime" && v.scalar():
		r.Value = one(ValueDate, v.str())
	case v.is(kindString) && typ == "Time":
		r.Value = one(ValueText, v.str())
	default:
		r.Value = b.values(v)
	}
	if reason := e.get("dataAbsentReason"); reason.ok() {
		r.Note = append(r.Note, b.said("absent", reason)...)
	}
	r.Flag = flag(e.get("interpretation"))
	for _, in := range e.get("interpretation").items() {
		r.Note = append(r.Note, b.interpreted(in, r.Flag)...)
	}
	r.Range = b.ranges(e.get("referenceRange"))
}

// interpreted is what an interpretation says beyond the flag: nothing when its
// words only name the flag that is shown.
func (b *builder) interpreted(e element, shown string) []Value {
	code := firstCode(e)
	if code == "" {
		code = strings.ToUpper(e.get("text").peek())
	}
	if flagCodes[code] == "" || flagCodes[code] != shown {
		return b.said("flag", e)
	}
	said := plainWord(flagCodes[code])
	name := plainWord(words(e))
	if name == "" || name == plainWord(code) || strings.Contains(said, name) || strings.Contains(name, said) {
		e.get("text").use()
		for _, c := range e.codings() {
			if flagCodes[c.get("code").peek()] == flagCodes[code] {
				c.useAll("system", "code", "display")
			}
		}
		return nil
	}
	return b.said("flag", e)
}

// rowStatus says beside a value that it is not yet, or no longer, to be relied
// on.
func (b *builder) rowStatus(r *Result, e element) {
	switch s := e.get("status").peek(); s {
	case "entered-in-error", "cancelled", "preliminary", "registered", "unknown":
		if r.Entry != b.i {
			r.Note = append(r.Note, Value{Type: ValueMessage, Text: s, Messages: []Message{{Key: "status." + s}}})
		}
	}
}

// flagCodes are those of HL7 v3 ObservationInterpretation that a reader acts
// on.
var flagCodes = map[string]string{
	"L": "low", "LX": "low", "<": "low", "H": "high", "HX": "high", ">": "high", "LL": "critical-low", "LU": "low", "HH": "critical-high",
	"HU": "high", "A": "abnormal", "AA": "critical", "N": "normal",
}

var flagRank = map[string]int{"normal": 1, "abnormal": 2, "low": 3, "high": 3, "critical": 4, "critical-low": 5, "critical-high": 5}

// flag is the gravest of the interpretations.
func flag(e element) string {
	worst := ""
	note := func(c string) {
		if f := flagCodes[c]; flagRank[f] > flagRank[worst] {
			worst = f
		}
	}
	for _, in := range e.items() {
		for _, c := range in.codings() {
			note(c.get("code").peek())
		}
		if in.get("coding").first().ok() {
			continue
		}
		note(strings.ToUpper(in.get("text").peek()))
	}
	return worst
}

// ranges are the reference ranges as the laboratory gave them.
func (b *builder) ranges(e element) string {
	var out []string
	for _, r := range e.items() {
		s := strings.TrimSpace(r.get("text").str())
		for _, end := range []string{"low", "high"} { // said by the text already
			if n := r.get(end).get("value").peek(); n != "" && strings.Contains(s, n) {
				r.get(end).useAll("value")
				if c := r.get(end).get("code").peek(); c == r.get(end).get("unit").peek() || strings.Contains(s, c) {
					r.get(end).useAll("code", "system", "unit")
				}
			}
		}
		if s == "" {
			low, high := r.get("low"), r.get("high")
			if v := b.span(r); len(v) > 0 && (low.ok() || high.ok()) {
				s = joined(v[0])
				if !strings.HasSuffix(v[0].Code, "|"+v[0].Unit) {
					b.codeOnly("range", v[0], r)
				}
			}
		}
		if s == "" {
			continue
		}
		for _, who := range r.get("appliesTo").items() {
			if v := b.concept(who); len(v) > 0 {
				s += " (" + v[0].Text + ")"
				b.codeOnly("range", v[0], r)
			}
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

// maxRows of one report: more than any laboratory prints, and an end to a
// report that names itself a hundred thousand times.
const maxRows = 2000

func tuneReport(b *builder) {
	missing := 0
	for _, ref := range b.e.get("result").items() {
		at, i := b.f.target(b.i, ref)
		ref.useAll("reference", "display", "type")
		name := ref.get("display").peek()
		if hollow(name, at) {
			name = ""
		}
		switch {
		case len(b.v.Results) >= maxRows:
			missing++
		case at.ok():
			b.v.Results = append(b.v.Results, b.reported(at, i, name)...)
		case name != "":
			b.v.Results = append(b.v.Results, Result{Name: name, Entry: -1})
		default:
			missing++
		}
	}
	if missing > 0 {
		b.field("missing", say("report.missing", "n", strconv.Itoa(missing)))
	}
	b.flagAlert(b.v.Results)
	if c := b.e.get("conclusion").peek(); c != "" {
		b.detail(Value{Type: ValueText, Text: c})
	} else if n := len(b.v.Results); n > 0 {
		b.detail(say("report.results", "n", strconv.Itoa(n)))
	}
	tuneStatus(b)
	for _, m := range b.e.get("media").items() {
		b.field("images", append(b.values(m.get("link")), b.values(m.get("comment"))...)...)
	}
	for _, form := range b.e.get("presentedForm").items() {
		b.attach(form)
	}
}

// reported are the rows of an Observation in a report, with its members. The
// name the report gave stands beside the Observation's own where they differ.
func (b *builder) reported(at element, i int, name string) []Result {
	rows := b.rows(at, i, false)
	if len(rows) == 0 {
		return nil
	}
	if name != "" && rows[0].Name == "" {
		rows[0].Name = name
	} else if name != "" && !strings.Contains(name, rows[0].Name) && !strings.Contains(rows[0].Name, name) {
		rows[0].Note = append(rows[0].Note, Value{Type: ValueText, Text: name})
	} else if len(name) > len(rows[0].Name) {
		rows[0].Name = name
	}
	for _, ref := range at.get("hasMember").items() {
		if m, j := b.f.target(max(i, 0), ref); m.ok() && j != i && j != b.i && len(rows) < maxRows {
			for _, r := range b.rows(m, j, true) {
				r.Indent = true
				rows = append(rows, r)
			}
		}
	}
	return rows
}
