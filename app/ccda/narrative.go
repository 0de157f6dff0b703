package ccda

import (
	"html"
	"strconv"
	"strings"
)

// CDA has a markup of its own for narratives (CDA R2, 4.3.5). It is written as
// the XHTML of FHIR here, which app/fhir reduces to what may be shown: nothing of
// what is made here is ever given to a browser as it is.

// tags of CDA that have one in XHTML; the others are passed over, not their words.
var tags = map[string]string{
	"paragraph": "p", "item": "li", "table": "table", "thead": "thead", "tbody": "tbody", "tfoot": "tfoot", "tr": "tr", "td": "td", "th": "th",
	"sub": "sub", "sup": "sup", "br": "br",
}

// styles of content that carry meaning.
var styles = map[string]string{"bold": "b", "italics": "i", "underline": "u", "emphasis": "i"}

// narrator writes one narrative.
type narrator struct {
	d     *document
	out   strings.Builder
	notes []*node // footnotes, to be told at the end
}

// narrative is the text of a section as XHTML; "" where there is none.
func (d *document) narrative(text *node) string {
	if !text.ok() {
		return ""
	}
	n := narrator{d: d}
	n.children(text)
	for i := 0; i < len(n.notes); i++ { // one may name another
		n.out.WriteString("<p>[" + strconv.Itoa(i+1) + "] ")
		n.children(n.notes[i])
		n.out.WriteString("</p>")
	}
	if strings.TrimSpace(n.out.String()) == "" {
		return ""
	}
	return `<div xmlns="http://www.w3.org/1999/xhtml">` + n.out.String() + "</div>"
}

func (n *narrator) children(e *node) {
	for _, k := range e.kids {
		n.node(k)
	}
}

func (n *narrator) node(e *node) {
	switch {
	case e.name == "":
		n.out.WriteString(html.EscapeString(e.text))
	case e.struck():
	case e.name == "br":
		n.out.WriteString("<br/>")
	case e.name == "content":
		n.content(e)
	case e.name == "list":
		n.list(e)
	case e.name == "caption":
		n.caption(e, "b")
	case e.name == "table":
		n.table(e)
	case e.name == "td" || e.name == "th":
		n.cell(e)
	case e.name == "linkHtml":
		n.out.WriteString(`<a href="` + html.EscapeString(e.attr("href")) + `">`)
		n.children(e)
		n.out.WriteString("</a>")
	case e.name == "footnote":
		n.footnote(e)
	case e.name == "footnoteRef":
		if at := n.d.ids[e.attr("IDREF")]; at != nil && at.name == "footnote" {
			n.footnote(at)
		}
	case e.name == "renderMultiMedia":
		n.media(e)
	case tags[e.name] != "":
		n.wrap(tags[e.name], e)
	default:
		n.children(e)
	}
}

func (n *narrator) wrap(tag string, e *node) {
	n.out.WriteString("<" + tag + ">")
	n.children(e)
	n.out.WriteString("</" + tag + ">")
}

func (n *narrator) content(e *node) {
	for _, s := range strings.Fields(strings.ToLower(e.attr("styleCode"))) {
		if tag := styles[s]; tag != "" {
			n.wrap(tag, e)
			return
		}
	}
	n.wrap("span", e)
}

// list stands under its caption.
func (n *narrator) list(e *node) {
	tag := "ul"
	if e.attr("listType") == "ordered" {
		tag = "ol"
	}
	if c := e.at("caption"); c.ok() {
		n.caption(c, "p")
	}
	n.out.WriteString("<" + tag + ">")
	for _, k := range e.kids {
		if k.name == "item" {
			n.wrap("li", k)
		}
	}
	n.out.WriteString("</" + tag + ">")
}

func (n *narrator) caption(e *node, tag string) {
	if e.words() != "" {
		n.wrap(tag, e)
		n.out.WriteByte(' ')
	}
}

func (n *narrator) table(e *node) {
	n.out.WriteString("<table>")
	for _, k := range e.kids {
		switch k.name {
		case "caption":
			n.caption(k, "caption")
		case "col", "colgroup":
		default:
			n.node(k)
		}
	}
	n.out.WriteString("</table>")
}

func (n *narrator) cell(e *node) {
	n.out.WriteString("<" + e.name)
	for _, a := range []string{"colspan", "rowspan"} {
		if v := e.attr(a); v != "" {
			n.out.WriteString(" " + a + `="` + html.EscapeString(v) + `"`)
		}
	}
	n.out.WriteString(">")
	n.children(e)
	n.out.WriteString("</" + e.name + ">")
}

// footnote leaves its number in the text.
func (n *narrator) footnote(e *node) {
	at := len(n.notes)
	for i, known := range n.notes {
		if known == e {
			at = i
		}
	}
	if at == len(n.notes) {
		n.notes = append(n.notes, e)
	}
	n.out.WriteString("<sup>[" + strconv.Itoa(at+1) + "]</sup>")
}

// media names a picture in its place; the picture itself is an entry.
func (n *narrator) media(e *node) {
	name := e.at("caption").words()
	for _, id := range strings.Fields(e.attr("referencedObject")) {
		if at := n.d.ids[id]; at != nil && name == "" {
			name = at.at("value").attr("mediaType")
		}
	}
	if name != "" {
		n.out.WriteString(" [" + html.EscapeString(name) + "] ")
	}
}

// plain is a narrative as lines of text: a line for each block, cells apart.
func plain(e *node) string {
	var b strings.Builder
	write(&b, e)
	var kept []string
	for _, l := range strings.Split(b.String(), "\n") {
		if l = strings.Trim(strings.Join(strings.Fields(l), " "), " |"); l != "" {
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "\n")
}

func write(b *strings.Builder, e *node) {
	switch {
	case e.name == "":
		b.WriteString(strings.Map(func(r rune) rune {
			if r == '\n' || r == '\r' {
				return ' '
			}
			return r
		}, e.text))
		return
	case e.struck():
		return
	}
	switch e.name {
	case "paragraph", "list", "item", "tr", "table", "caption", "br", "footnote":
		b.WriteByte('\n')
	}
	for _, k := range e.kids {
		write(b, k)
	}
	switch e.name {
	case "td", "th":
		b.WriteString(" | ")
	case "paragraph", "item", "tr", "table", "caption":
		b.WriteByte('\n')
	}
}
