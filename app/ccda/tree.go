package ccda

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"potli/app/xml"
)

// node is an element, or text where name is "".
type node struct {
	name  string
	attrs []attr
	kids  []*node
	text  string
}

type attr struct{ name, value string }

// empty stands for an element that is not there, so that a path can be asked for
// without looking at every step.
var empty = &node{}

// parse reads a document as a tree.
func parse(b []byte) (*node, error) {
	r := xml.NewReader(bytes.NewReader(b))
	var open []*node
	root, n := empty, 0
	for {
		t, err := r.Next()
		if err == io.EOF {
			return root, nil
		}
		if err != nil {
			return nil, damaged(err)
		}
		if n++; n > maxNodes {
			return nil, ErrTooBig
		}
		switch t.Kind {
		case xml.Start:
			e := &node{name: t.Name}
			for _, a := range t.Attrs {
				e.attrs = append(e.attrs, attr{a.Name, string(a.Value)})
			}
			if len(open) == 0 {
				root = e
			} else {
				up := open[len(open)-1]
				up.kids = append(up.kids, e)
			}
			open = append(open, e)
		case xml.End:
			open = open[:len(open)-1]
		case xml.Text:
			up := open[len(open)-1]
			up.kids = append(up.kids, &node{text: strings.ToValidUTF8(string(t.Text), "�")})
		}
	}
}

func damaged(err error) error {
	switch {
	case errors.Is(err, xml.ErrTooDeep):
		return ErrTooDeep
	case errors.Is(err, xml.ErrTooBig):
		return ErrTooBig
	}
	return errors.Join(ErrDamaged, err)
}

func (n *node) ok() bool { return n != empty && n.name != "" }

// attr is the value of an attribute.
//
//go:noinline
func (n *node) attr(name string) string {
	for _, a := range n.attrs {
		if a.name == name {
			return strings.TrimSpace(a.value)
		}
	}
	return ""
}

// null says whether the element only says why it says nothing.
func (n *node) null() bool { return n.attr("nullFlavor") != "" }

// all are the children of that name.
//
//go:noinline
func (n *node) all(name string) []*node {
	var out []*node
	for _, k := range n.kids {
		if k.name == name {
			out = append(out, k)
		}
	}
	return out
}

// at is the first element on a path of names.
//
//go:noinline
func (n *node) at(path ...string) *node {
	for _, name := range path {
		next := empty
		for _, k := range n.kids {
			if k.name == name {
				next = k
				break
			}
		}
		n = next
	}
	return n
}

// maxWords is the longest text that is taken out of its place.
const maxWords = 4000

// words are the text inside, with single spaces, cut where it is very long.
func (n *node) words() string {
	var b strings.Builder
	n.write(&b)
	s := strings.Join(strings.Fields(b.String()), " ")
	if len(s) <= maxWords/2 {
		return strings.ToValidUTF8(s, "")
	}
	return strings.ToValidUTF8(s[:maxWords/2], "") + "…"
}

func (n *node) write(b *strings.Builder) {
	if n.struck() || b.Len() > maxWords {
		return
	}
	b.WriteString(n.text[:min(len(n.text), maxWords)])
	for _, k := range n.kids {
		k.write(b)
	}
	switch n.name {
	case "paragraph", "item", "td", "th", "br", "tr", "caption", "given", "family", "prefix", "suffix", "streetAddressLine", "city":
		b.WriteByte(' ')
	}
}

// struck says whether a revision took the text away.
func (n *node) struck() bool { return n.name == "content" && n.attr("revised") == "delete" }

// is says whether a template of that root is claimed, of whatever version.
//
//go:noinline
func (n *node) is(roots ...string) bool {
	for _, t := range n.all("templateId") {
		for _, r := range roots {
			if t.attr("root") == r {
				return true
			}
		}
	}
	return false
}

// Roots of templates: C-CDA, and the CCD before it.
const (
	oidEntry  = "2.16.840.1.113883.10.20.22.4."
	oidCCD    = "2.16.840.1.113883.10.20.1."
	allergyOf = oidEntry + "7"
)
