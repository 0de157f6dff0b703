package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
)

// nodes draws a narrative that was reduced to an allow-list. It knows its own list again: a tag that is not on it is
// drawn as its text only, so that no reader of FHIR can widen what reaches the page. heading is the tag for every heading
// in it, one below that of where it stands: authors leave ranks out, and a page must not (axe's heading-order).
func nodes(heading string, list []fhir.Node) []app.UI {
	out := make([]app.UI, 0, len(list))
	for _, n := range list {
		out = append(out, node(heading, n)...)
	}
	return out
}

// plain are the elements without attributes.
var plain = map[string]string{
	"p": "p", "div": "div", "span": "span", "b": "b", "strong": "strong", "i": "i", "em": "em", "u": "u", "s": "s",
	"small": "small", "sub": "sub", "sup": "sup", "big": "span", "tt": "code", "code": "code", "pre": "pre",
	"blockquote": "blockquote", "q": "q", "cite": "cite", "abbr": "span", "ul": "ul", "ol": "ol", "li": "li",
	"dl": "dl", "dt": "dt", "dd": "dd",
	"caption": "caption", "thead": "thead", "tbody": "tbody", "tfoot": "tfoot", "tr": "tr", "a": "span",
}

func node(heading string, n fhir.Node) []app.UI {
	switch n.Tag {
	case "":
		return []app.UI{app.Text(n.Text)}
	case "br":
		return []app.UI{app.Br()}
	case "hr":
		return []app.UI{app.Hr()}
	case "h1", "h2", "h3", "h4", "h5", "h6":
		return []app.UI{app.Elem(heading).Body(nodes(heading, n.Children)...)}
	case "table":
		// The arrow keys scroll it once it has the focus.
		return []app.UI{app.Div().Class("table-scroll").TabIndex(0).Body(
			app.Table().Class("narrative-table").Body(nodes(heading, n.Children)...))}
	case "td":
		return []app.UI{app.Td().ColSpan(span(n.ColSpan)).Rowspan(span(n.RowSpan)).Body(nodes(heading, n.Children)...)}
	case "th":
		return []app.UI{app.Th().ColSpan(span(n.ColSpan)).Rowspan(span(n.RowSpan)).Body(nodes(heading, n.Children)...)}
	}
	if tag, ok := plain[n.Tag]; ok {
		return []app.UI{app.Elem(tag).Body(nodes(heading, n.Children)...)}
	}
	return nodes(heading, n.Children)
}

// span keeps a cell from claiming more columns than any table of a record has.
func span(n int) int { return min(max(n, 1), 100) }
