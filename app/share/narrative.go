package share

import (
	"slices"
	"strings"

	"potli/app/fhir"
)

// narrative writes what a person reads of a section, as XHTML (FHIR R4 §2.4): a table with one row for each fact and one
// for each result of a report. It is made from the views of the resources that are in the share, so that it says nothing
// they do not.
func narrative(views []fhir.View, words Words) string {
	var b strings.Builder
	b.WriteString(`<div xmlns="http://www.w3.org/1999/xhtml">`)
	if len(views) == 0 {
		b.WriteString("<p>" + escape(words(fhir.Message{Key: "share.none"})) + "</p></div>")
		return b.String()
	}
	b.WriteString("<table><thead><tr>")
	for _, key := range []string{"share.column.what", "share.column.detail", "share.column.date"} {
		b.WriteString("<th>" + escape(words(fhir.Message{Key: key})) + "</th>")
	}
	b.WriteString("</tr></thead><tbody>")
	for _, v := range views {
		for _, r := range rows(v, words) {
			b.WriteString("<tr>")
			for _, cell := range r {
				b.WriteString("<td>" + escape(cell) + "</td>")
			}
			b.WriteString("</tr>")
		}
	}
	b.WriteString("</tbody></table></div>")
	return b.String()
}

// rows are what, details, date; the results of a report or the components of a measurement follow below it.
func rows(v fhir.View, words Words) [][3]string {
	title, detail := v.Title, joined(v.Detail, words)
	if title == "" {
		title, detail = detail, "" // "no known allergies" is said by the detail
	}
	if title == "" {
		title = words(fhir.Message{Key: "share.untitled"})
	}
	all := [][3]string{{title, detail, v.Date}}
	if len(v.Results) < 2 && v.Type == "Observation" {
		return all // its value is the detail
	}
	for _, r := range v.Results {
		if r.Entry >= 0 && r.Entry != v.Entry {
			continue // a resource of its own: it has its row
		}
		value := joined(append(slices.Clone(r.Value), r.Note...), words)
		if r.Range != "" {
			value += " (" + r.Range + ")"
		}
		if r.Flag != "" && r.Flag != "normal" {
			value += " " + words(fhir.Message{Key: "flag." + r.Flag})
		}
		all = append(all, [3]string{"– " + r.Name, strings.TrimSpace(value), ""})
	}
	return all
}

func joined(values []fhir.Value, words Words) string {
	var parts []string
	for _, v := range values {
		if s := said(v, words); s != "" {
			parts = append(parts, s)
		}
	}
	return listed(parts, words)
}

// listed puts one thing after the other, with the comma of the reader's language.
func listed(items []string, words Words) (all string) {
	for i, next := range items {
		if i == 0 {
			all = next
		} else {
			all = words(fhir.Message{Key: "list.middle", Args: map[string]string{"first": all, "next": next}})
		}
	}
	return all
}

// said writes a value. Dates stay as FHIR writes them: year first is read the same everywhere.
func said(v fhir.Value, words Words) string {
	switch v.Type {
	case fhir.ValuePeriod:
		return strings.TrimSpace(v.Text + " – " + v.End)
	case fhir.ValueQuantity:
		return strings.TrimSpace(v.Text + " " + v.Unit)
	case fhir.ValueMessage:
		var parts []string
		for _, m := range v.Messages {
			parts = append(parts, words(m))
		}
		return strings.Join(parts, " ")
	}
	return v.Text
}

// escape makes text of any origin safe as XHTML content. Characters that XML 1.0 forbids are dropped, or the whole
// document could not be read.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&#34;")
		case r < 0x20 && r != '\t' && r != '\n' && r != '\r', r == 0xFFFE, r == 0xFFFF:
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Keys lists every message key that Compose asks Words for, beside those that fhir.Keys lists.
func Keys() []string {
	keys := []string{"share.title", "share.none", "share.untitled", "share.column.what", "share.column.detail", "share.column.date", "share.rendering", "list.middle"}
	for _, s := range sections {
		keys = append(keys, s.title)
	}
	return keys
}
