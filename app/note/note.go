// Package note reads text and web pages that somebody wrote about a person's
// health (a doctor's note, a letter, a laboratory's mail) as a FHIR document, so
// that they are shown, found and given on like any other.
//
// A page is reduced to the form and words that app/fhir keeps of a narrative:
// nothing of it runs, loads or leads anywhere. The file itself is kept as it came.
package note

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"html"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"potli/app/charset"
	"potli/app/fhir"
)

// MaxBytes of a note: ten thick books.
const MaxBytes = 4 << 20

// Errors.
var (
	ErrTooBig  = errors.New("a note beyond the limit")
	ErrNotText = errors.New("no text")
)

// Text reads plain text: its first line names it, its lines and columns stay.
func Text(b []byte) ([]byte, error) {
	text, err := decode(b, "")
	if err != nil {
		return nil, err
	}
	body := strings.TrimRightFunc(strings.ReplaceAll(string(text), "\r\n", "\n"), unicode.IsSpace)
	body = strings.TrimLeft(strings.Map(printable, body), "\n")
	return document(titleOf(body), "<pre>"+html.EscapeString(body)+"</pre>", body)
}

// HTML reads a web page: its title names it, else its first heading or line.
func HTML(b []byte) ([]byte, error) {
	text, err := decode(b, declared(b))
	if err != nil {
		return nil, err
	}
	page := string(text)
	nodes := fhir.Narrative(bodyOf(page))
	words := fhir.NarrativeText(nodes)
	title := titleOf(inside(page, "title"))
	if title == "" {
		title = titleOf(fhir.NarrativeText(heading(nodes)))
	}
	if title == "" {
		title = titleOf(words)
	}
	var out strings.Builder
	write(&out, nodes)
	return document(title, out.String(), words)
}

// Words are all that a page says, its head included, as one would read it.
func Words(b []byte) (string, error) {
	text, err := decode(b, declared(b))
	if err != nil {
		return "", err
	}
	return inside(string(text), "title") + "\n" + fhir.NarrativeText(fhir.Narrative(string(text))), nil
}

// Is says whether b is text that a person could have written: of a known
// encoding and without what only machines write.
func Is(b []byte) bool {
	if len(b) > MaxBytes || len(b) == 0 {
		return false
	}
	valid := utf8.Valid(b)
	text, err := charset.UTF8(b, "")
	if err != nil {
		return false
	}
	odd, high := 0, 0
	for _, r := range string(text) {
		switch {
		case r < ' ' && !strings.ContainsRune("\t\n\r\f", r), r == 0x7f, r == utf8.RuneError, r >= 0x80 && r < 0xa0:
			odd++
		case r >= 0x80:
			high++
		}
	}
	// What is no UTF-8 is text where most of it is plain letters, and enough of
	// them to tell.
	return odd == 0 && (valid || bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) || len(b) >= 12 && high <= len(b)/4)
}

func decode(b []byte, declared string) ([]byte, error) {
	if len(b) > MaxBytes {
		return nil, ErrTooBig
	}
	text, err := charset.UTF8(b, declared)
	if err != nil {
		return nil, ErrNotText
	}
	if len(text) > MaxBytes {
		return nil, ErrTooBig
	}
	return text, nil
}

func printable(r rune) rune {
	if r == '\n' || r == '\t' {
		return r
	}
	if r == '\f' {
		return '\n'
	}
	if unicode.IsControl(r) {
		return -1
	}
	return r
}

// titleOf is the first line with a letter or digit in it, cut at about 100 bytes.
func titleOf(text string) string {
	for line := range strings.Lines(text) {
		line = strings.Trim(strings.Join(strings.Fields(line), " "), "#*=-_~| ")
		if !strings.ContainsFunc(line, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			continue
		}
		if len(line) <= 100 {
			return line
		}
		cut := strings.LastIndexByte(line[:100], ' ')
		if cut < 40 {
			cut = 100
		}
		return strings.ToValidUTF8(line[:cut], "") + "…"
	}
	return ""
}

// declared is the encoding that a page says it has, where browsers look for it
// (WHATWG HTML, "prescan a byte stream").
func declared(b []byte) string {
	head := strings.ToLower(string(b[:min(len(b), 1024)]))
	_, rest, ok := strings.Cut(head, "charset=")
	if !ok {
		return ""
	}
	rest = strings.TrimLeft(rest, `"' `)
	end := strings.IndexFunc(rest, func(r rune) bool { return !(r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z') })
	if end < 0 {
		return ""
	}
	return rest[:end]
}

// bodyOf leaves the head of a page out: its words are for machines.
func bodyOf(page string) string {
	low := lower(page)
	if i := strings.Index(low, "<body"); i >= 0 {
		if end := strings.IndexByte(low[i:], '>'); end >= 0 {
			return page[i+end+1:]
		}
	}
	if i := strings.Index(low, "</head>"); i >= 0 {
		return page[i+len("</head>"):]
	}
	if i := strings.Index(low, "</title>"); i >= 0 {
		return page[i+len("</title>"):]
	}
	return page
}

// inside is the text of the first element of that name.
func inside(page, name string) string {
	low := lower(page)
	i := strings.Index(low, "<"+name)
	if i < 0 {
		return ""
	}
	from := strings.IndexByte(low[i:], '>')
	end := strings.Index(low[i:], "</"+name)
	if from < 0 || end < from {
		return ""
	}
	return html.UnescapeString(page[i+from+1 : i+end])
}

// lower keeps the length, which strings.ToLower does not.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// heading is the first of a page.
func heading(nodes []fhir.Node) []fhir.Node {
	for _, n := range nodes {
		if len(n.Tag) == 2 && n.Tag[0] == 'h' && n.Tag != "hr" {
			return n.Children
		}
		if found := heading(n.Children); found != nil {
			return found
		}
	}
	return nil
}

// write makes XHTML of what was understood of a page.
func write(out *strings.Builder, nodes []fhir.Node) {
	for _, n := range nodes {
		if n.Tag == "" {
			out.WriteString(html.EscapeString(n.Text))
			continue
		}
		out.WriteString("<" + n.Tag)
		if n.ColSpan > 0 {
			out.WriteString(` colspan="` + strconv.Itoa(n.ColSpan) + `"`)
		}
		if n.RowSpan > 0 {
			out.WriteString(` rowspan="` + strconv.Itoa(n.RowSpan) + `"`)
		}
		if n.Tag == "br" || n.Tag == "hr" {
			out.WriteString("/>")
			continue
		}
		out.WriteString(">")
		write(out, n.Children)
		out.WriteString("</" + n.Tag + ">")
	}
}

// object is a FHIR element; its members are written in the order of their names.
type object map[string]any

// Names of the two resources: a note holds nothing else, and references stay inside.
const (
	composition = "urn:uuid:00000000-0000-4000-8000-0000000000a1"
	reference   = "urn:uuid:00000000-0000-4000-8000-0000000000a2"
)

// document is a Bundle: the text to be read, and to be given on.
func document(title, xhtml, text string) ([]byte, error) {
	if strings.TrimSpace(text) == "" {
		return nil, ErrNotText
	}
	file := object{"resourceType": "DocumentReference", "status": "current", "content": []object{{"attachment": object{
		"contentType": "text/plain; charset=utf-8", "data": base64.StdEncoding.EncodeToString([]byte(text)),
	}}}}
	c := object{"resourceType": "Composition", "status": "final", "section": []object{{
		"text":  object{"status": "additional", "div": `<div xmlns="http://www.w3.org/1999/xhtml">` + xhtml + "</div>"},
		"entry": []object{{"reference": reference}},
	}}}
	if title != "" {
		c["title"], file["description"] = title, title
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(object{"resourceType": "Bundle", "type": "document", "entry": []object{
		{"fullUrl": composition, "resource": c}, {"fullUrl": reference, "resource": file}}})
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}
