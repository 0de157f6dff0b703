package fhir

import (
	"html"
	"strings"
)

// Limits of Narrative. Past them text is still kept, form is not.
const (
	maxNarrativeDepth = 40
	maxNarrativeNodes = 20_000
)

// shape says what becomes of an element of the allow-list.
type shape uint8

const (
	inline shape = 1 + iota
	block
	void
)

// allowed elements; h1–h6 stand two levels lower under the page's headings.
var allowed = map[string]shape{
	"p": block, "div": block, "span": inline, "b": inline, "strong": inline, "i": inline, "em": inline, "u": inline, "br": void, "hr": void,
	"ul": block, "ol": block, "li": block, "dl": block, "dt": block, "dd": block, "table": block, "caption": block, "thead": block, "tbody": block,
	"tfoot": block, "tr": block, "td": block, "th": block, "h3": block, "h4": block, "h5": block, "h6": block, "sub": inline, "sup": inline,
	"pre": block, "code": inline, "blockquote": block,
}

var lowered = map[string]string{"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6", "h6": "h6"}

// swallowed elements are for machines: gone with all they hold.
var swallowed = set("script style")

// Narrative reduces XHTML from a stranger to a tree of allowed elements and
// text. Scripts, styles, comments, attributes (but colspan and rowspan) and
// addresses do not survive; text always does. It reads broken XHTML as a
// browser would read it: there is no error that could hide text.
func Narrative(xhtml string) []Node {
	if xhtml == "" {
		return nil
	}
	r := &reducer{src: xhtml}
	r.open = []frame{{}}
	r.run()
	for len(r.open) > 1 {
		r.close()
	}
	r.open[0].flush()
	return tidy(r.open[0].node.Children)
}

// frame is an open element. Text gathers in buf, so that a million small
// pieces cost no more than one large.
type frame struct {
	tag  string // as written, lower case; "" is the root
	node Node
	buf  []byte
	href string // of an "a", which is no element of ours: its children go to its parent
}

func (f *frame) flush() {
	if len(f.buf) > 0 {
		f.node.Children = append(f.node.Children, Node{Text: string(f.buf)})
		f.buf = f.buf[:0]
	}
}

func (f *frame) add(n Node) {
	if n.Tag == "" {
		f.buf = append(f.buf, n.Text...)
		return
	}
	f.flush()
	f.node.Children = append(f.node.Children, n)
}

type reducer struct {
	src     string
	pos     int
	open    []frame // never more than maxNarrativeDepth
	nodes   int
	pre     int
	endless map[string]bool // what was looked for and does not come any more
}

func (r *reducer) top() *frame { return &r.open[len(r.open)-1] }

func (r *reducer) run() {
	for r.pos < len(r.src) {
		lt := strings.IndexByte(r.src[r.pos:], '<')
		if lt < 0 {
			r.text(html.UnescapeString(r.src[r.pos:]))
			return
		}
		r.text(html.UnescapeString(r.src[r.pos : r.pos+lt]))
		r.pos += lt
		r.markup()
	}
}

// markup stands at a "<".
func (r *reducer) markup() {
	rest := r.src[r.pos:]
	switch {
	case strings.HasPrefix(rest, "<!--"):
		r.skip(rest[4:], "-->", 4)
	case strings.HasPrefix(rest, "<![CDATA["):
		if end := strings.Index(rest, "]]>"); end >= 0 {
			r.text(rest[9:end])
			r.pos += end + 3
		} else {
			r.text(rest[9:])
			r.pos = len(r.src)
		}
	case strings.HasPrefix(rest, "<!"), strings.HasPrefix(rest, "<?"):
		r.skip(rest[2:], ">", 2)
	case len(rest) > 2 && rest[1] == '/' && letter(rest[2]):
		name := tagName(rest[2:])
		end := strings.IndexByte(rest, '>')
		if end < 0 {
			end = len(rest) - 1
		}
		r.pos += end + 1
		r.end(name)
	case len(rest) > 1 && letter(rest[1]):
		r.start(rest)
	default: // "<" as text, "a < b"
		r.text("<")
		r.pos++
	}
}

// skip goes behind end; a comment that never ends is shown as text, lest it
// hide what follows.
func (r *reducer) skip(rest, end string, n int) {
	if r.endless[end] {
		r.pos += n
		return
	}
	if i := strings.Index(rest, end); i >= 0 {
		r.pos += n + i + len(end)
		return
	}
	r.never(end)
	r.pos += n
}

// never remembers that what follows has no such end: looking again at every
// start would take for ever.
func (r *reducer) never(end string) {
	if r.endless == nil {
		r.endless = map[string]bool{}
	}
	r.endless[end] = true
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func tagName(s string) string {
	i := 0
	for i < len(s) && (letter(s[i]) || s[i] >= '0' && s[i] <= '9' || s[i] == ':' || s[i] == '-') {
		i++
	}
	name := strings.ToLower(s[:i])
	return name[strings.LastIndexByte(name, ':')+1:]
}

// start reads a start tag with its attributes.
func (r *reducer) start(rest string) {
	name := tagName(rest[1:])
	attrs, n, closed := attributes(rest[1:])
	r.pos += 1 + n
	if swallowed[name] {
		if !closed {
			r.swallow(name)
		}
		return
	}
	tag := name
	if h := lowered[name]; h != "" {
		tag = h
	}
	kind := allowed[tag]
	switch {
	case name == "img":
		r.text(firstOf(attrs["alt"], attrs["title"]))
		return
	case kind == void:
		if r.nodes++; r.nodes <= maxNarrativeNodes {
			r.top().add(Node{Tag: tag})
		} else {
			r.text(" ")
		}
		return
	case kind == 0 && name != "a":
		return // its words are read as if the tag were not there
	}
	r.imply(name)
	if len(r.open) > maxNarrativeDepth || r.nodes > maxNarrativeNodes {
		r.text(" ")
		return
	}
	f := frame{tag: name, node: Node{Tag: tag}}
	if name == "td" || name == "th" {
		f.node.ColSpan, f.node.RowSpan = spanOf(attrs["colspan"]), spanOf(attrs["rowspan"])
	}
	if name == "a" {
		f.href = attrs["href"]
	}
	if name == "pre" {
		r.pre++
	}
	r.nodes++
	r.open = append(r.open, f)
	if closed {
		r.close()
	}
}

// swallow drops what stands up to the end tag; without one nothing is dropped.
func (r *reducer) swallow(name string) {
	if r.endless[name] {
		return
	}
	for at := r.pos; ; at += 2 {
		i := strings.Index(r.src[at:], "</")
		if i < 0 {
			r.never(name)
			return
		}
		if at += i; len(r.src) >= at+2+len(name) && strings.EqualFold(r.src[at+2:at+2+len(name)], name) {
			r.pos = at
			break
		}
	}
	if j := strings.IndexByte(r.src[r.pos:], '>'); j >= 0 {
		r.pos += j + 1
	} else {
		r.pos = len(r.src)
	}
}

// implied end tags of HTML: a list item ends the one before it.
var implied = map[string][]string{
	"li": {"li"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"}, "tr": {"tr", "td", "th"}, "td": {"td", "th"}, "th": {"td", "th"},
	"tbody": {"thead", "tbody", "tr", "td", "th"}, "thead": {"tbody", "tr"}, "tfoot": {"tbody", "tr", "td", "th"},
	"p": {"p"}, "div": {"p"}, "ul": {"p"}, "ol": {"p"}, "table": {"p"},
}

func (r *reducer) imply(name string) {
	for {
		top := r.open[len(r.open)-1].tag
		found := false
		for _, t := range implied[name] {
			found = found || t == top
		}
		if !found || top == "" {
			return
		}
		r.close()
	}
}

// end closes the nearest element of that name; a stray end tag is nothing.
func (r *reducer) end(name string) {
	for i := len(r.open) - 1; i > 0; i-- {
		if r.open[i].tag == name {
			for len(r.open) > i {
				r.close()
			}
			return
		}
		if r.open[i].tag == "table" && name != "table" { // never out of a cell into the page
			return
		}
	}
}

func (r *reducer) close() {
	f := r.top()
	f.flush()
	node, tag, href := f.node, f.tag, f.href
	r.open = r.open[:len(r.open)-1]
	if tag == "pre" {
		r.pre--
	}
	up := r.top()
	if tag != "a" {
		up.add(node)
		return
	}
	for _, n := range node.Children {
		up.add(n)
	}
	if href != "" {
		up.add(Node{Text: address(href, NarrativeText(node.Children))})
	}
}

func (r *reducer) text(s string) {
	s = clean(s)
	if r.pre == 0 {
		s = collapse(s)
	}
	if s != "" {
		r.nodes++
		r.top().add(Node{Text: s})
	}
}

// collapse makes one space of any run of them, as a browser shows it.
func collapse(s string) string {
	var out strings.Builder
	space := false
	for _, c := range s {
		if c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' {
			space = true
			continue
		}
		if space {
			out.WriteByte(' ')
			space = false
		}
		out.WriteRune(c)
	}
	if space {
		out.WriteByte(' ')
	}
	return out.String()
}

// tidy drops space between blocks and elements with nothing in them.
func tidy(nodes []Node) []Node {
	var out []Node
	for i, n := range nodes {
		if n.Tag == "" {
			if strings.TrimSpace(n.Text) == "" && (i == 0 || i == len(nodes)-1 || !runs(nodes[i-1]) || !runs(nodes[i+1])) {
				continue
			}
			out = append(out, n)
			continue
		}
		if n.Tag != "pre" {
			n.Children = tidy(n.Children)
		}
		if len(n.Children) == 0 && allowed[n.Tag] != void && n.Tag != "td" && n.Tag != "th" {
			continue
		}
		out = append(out, n)
	}
	return out
}

// runs says whether n stands in a line with its neighbours.
func runs(n Node) bool { return n.Tag == "" || allowed[n.Tag] == inline }

// NarrativeText is the text of a narrative: a line for each block, a tab
// between cells.
func NarrativeText(nodes []Node) string {
	var out strings.Builder
	plainText(&out, nodes)
	lines := strings.Split(out.String(), "\n")
	kept := lines[:0]
	for _, l := range lines {
		if l = strings.Trim(l, " \t"); l != "" {
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "\n")
}

func plainText(out *strings.Builder, nodes []Node) {
	for _, n := range nodes {
		switch {
		case n.Tag == "":
			out.WriteString(n.Text)
		case n.Tag == "td" || n.Tag == "th":
			plainText(out, n.Children)
			out.WriteByte('\t')
		case allowed[n.Tag] == inline:
			plainText(out, n.Children)
		default:
			out.WriteByte('\n')
			plainText(out, n.Children)
			out.WriteByte('\n')
		}
	}
}
