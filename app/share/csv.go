package share

import (
	"slices"
	"strings"
	"unicode"

	"potli/app/fhir"
	"potli/app/record"
)

// csvHead are the columns. They are the same in every language: a spreadsheet's formulas and other programs go by them.
var csvHead = []string{"date", "name", "code", "value", "comparator", "unit", "low", "high", "flag", "source"}

// CSV lists what was measured and found among the chosen items, a row for each number and for each result in words
// ("Positive", a blood group), the way RFC 4180 has it: lines end in CR LF, commas part the cells.
// metas are those of the records, with their lines. mark puts a byte order mark first: Excel takes the file for UTF-8 only
// then, and other programs show it as three odd letters. Numbers stand as they were written, words in
// the document's own language and as far as the index has them. Errors: ErrNothing where there is neither.
func CSV(metas []record.Meta, chosen []Item, mark bool) ([]byte, error) {
	type place struct {
		record record.ID
		entry  int
	}
	in := map[place]bool{}
	for _, it := range chosen {
		in[place{it.Record, it.Entry}] = true
	}
	var b strings.Builder
	if mark {
		b.WriteString("\ufeff")
	}
	writeRow(&b, csvHead)
	empty := b.Len()
	for _, m := range metas {
		source := nameOf(m)
		for _, l := range m.Outline.Lines {
			if in[place{m.ID, l.Entry}] {
				for _, row := range resultRows(l) {
					writeRow(&b, append(row, source))
				}
			}
		}
	}
	if b.Len() == empty {
		return nil, ErrNothing
	}
	return []byte(b.String()), nil
}

// nameOf is what a record is called where a person reads it.
func nameOf(m record.Meta) string {
	for _, s := range []string{m.Title, m.Outline.Title, m.Source.Name} {
		if s != "" {
			return s
		}
	}
	return ""
}

// resultRows are the rows of a line, without their source.
func resultRows(l fhir.Line) (rows [][]string) {
	for _, m := range l.Measures {
		rows = append(rows, measureRow(l, m))
	}
	if words := wordsRow(l); words != nil {
		rows = append(rows, words)
	}
	return rows
}

// inWords are the values of a line that are no number of it: all where it has none, else the parts that stand beside its
// numbers, as "Protein ++" beside a pH.
func inWords(l fhir.Line) (all []fhir.Value) {
	for _, v := range l.Found() {
		number := slices.ContainsFunc(l.Measures, func(m fhir.Measure) bool {
			return v.Type == fhir.ValueQuantity || v.Text == m.Value || strings.HasPrefix(v.Text, m.Name+" "+m.Value)
		})
		if !number {
			all = append(all, v)
		}
	}
	return all
}

// wordsRow is a result that is no number; nil: the line is none, or says that there is none.
func wordsRow(l fhir.Line) []string {
	if l.Kind != fhir.KindResult && l.Kind != fhir.KindVital || l.Negated {
		return nil
	}
	var words []string
	unit := ""
	found := inWords(l)
	for _, v := range found {
		if len(found) == 1 {
			unit = v.Unit
		} else if v.Unit != "" {
			v.Text += " " + v.Unit
		}
		words = append(words, v.Text)
	}
	value, comparator := strings.Join(words, ", "), ""
	if value == "" {
		return nil
	}
	if n, ok := fhir.ReadNumber(value); ok { // "<5", written as words
		if _, sign, point := n.Point(); point && sign != 0 {
			comparator, value = fhir.CutComparator(value)
		}
	}
	return []string{l.Date, l.Title, l.Code, value, comparator, unit, "", "", l.Standing()}
}

func measureRow(l fhir.Line, m fhir.Measure) []string {
	name := m.Name
	if name == "" {
		name = l.Title
	} else if l.Title != "" && l.Title != name && len(l.Measures) > 1 {
		name = l.Title + ": " + name
	}
	comparator, number := fhir.CutComparator(m.Value)
	return []string{l.Date, name, m.Code, number, comparator, m.Unit, m.Low, m.High, m.Flag}
}

func writeRow(b *strings.Builder, cells []string) {
	for i, c := range cells {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(cell(c))
	}
	b.WriteString("\r\n")
}

// cell writes one value. A spreadsheet takes what begins with =, +, -, @ or a tab for a formula and runs it, with the rights of
// whoever opened the file ("CSV Injection", OWASP): such text gets an apostrophe before it, which spreadsheets know as "this is
// text". Numbers keep their sign. Where a country parts cells by ; a spreadsheet may do so within a cell too, and a line end in
// quotes may end the row: what would then begin a cell gets its apostrophe there.
func cell(s string) string {
	whole := risky(s)
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
	parts := strings.Split(s, ";")
	for i := range parts {
		if i > 0 && formula(parts[i]) {
			parts[i] = "'" + parts[i]
		}
	}
	s = strings.Join(parts, ";")
	if whole {
		s = "'" + s
	}
	if strings.ContainsAny(s, ",;\"'") || strings.TrimSpace(s) != s {
		s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

func risky(s string) bool {
	if isNumber(s) {
		return false
	}
	if strings.ContainsAny(s[:min(len(s), 1)], "\t\r\n") {
		return true
	}
	return formula(s)
}

// formula says whether text begins as one. Some programs pass over blanks before they look; others read the wide forms as the
// narrow ones. A quotation mark may be taken for that of a cell.
func formula(s string) bool {
	first := strings.TrimLeft(s, " \t\r\n\"\u00a0\u200b\ufeff")
	for _, bad := range []string{"=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"} {
		if strings.HasPrefix(first, bad) {
			return true
		}
	}
	return false
}

// isNumber knows a decimal as FHIR writes it (R4 §2.24.0.1).
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	mantissa, exponent, some := strings.Cut(strings.ToLower(s), "e")
	if some && !isDigits(strings.TrimLeft(exponent, "+-")) {
		return false
	}
	whole, part, dotted := strings.Cut(mantissa, ".")
	return isDigits(whole) && (!dotted || isDigits(part))
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
