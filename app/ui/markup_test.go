package ui_test

import (
	"html"
	"strconv"
	"strings"
	"testing"
)

// element is one element of go-app's printed tree. Attributes are printed with strconv.Quote, texts HTML-escaped; both
// are read back to what the browser's DOM would be given.
type element struct {
	tag      string
	attrs    map[string]string
	text     string // of a text node
	children []*element
}

var void = map[string]bool{"br": true, "hr": true, "img": true, "input": true, "meta": true, "link": true}

// parse reads what app.HTMLString prints.
func parse(t *testing.T, s string) *element {
	t.Helper()
	root := &element{}
	stack := []*element{root}
	for s != "" {
		top := stack[len(stack)-1]
		switch {
		case strings.HasPrefix(s, "</"):
			name, rest, _ := strings.Cut(s[2:], ">")
			if top.tag != name {
				t.Fatalf("</%s> closes <%s>", name, top.tag)
			}
			stack, s = stack[:len(stack)-1], rest
		case s[0] == '<':
			var e *element
			e, s = open(t, s)
			top.children = append(top.children, e)
			if !void[e.tag] {
				stack = append(stack, e)
			}
		default:
			i := strings.IndexByte(s, '<')
			if i < 0 {
				i = len(s)
			}
			if text := strings.TrimSpace(s[:i]); text != "" {
				top.children = append(top.children, &element{text: html.UnescapeString(text)})
			}
			s = s[i:]
		}
	}
	if len(stack) != 1 {
		t.Fatalf("<%s> is not closed", stack[len(stack)-1].tag)
	}
	return root
}

// open reads a start tag.
func open(t *testing.T, s string) (*element, string) {
	t.Helper()
	i := strings.IndexAny(s, " >")
	e := &element{tag: s[1:i], attrs: map[string]string{}}
	for s = s[i:]; ; {
		s = strings.TrimLeft(s, " ")
		if s[0] == '>' {
			return e, s[1:]
		}
		i := strings.IndexAny(s, "= >")
		name := s[:i]
		e.attrs[name] = ""
		if s = s[i:]; s[0] == '=' {
			quoted, err := strconv.QuotedPrefix(s[1:])
			if err != nil {
				t.Fatalf("attribute %s: %v", name, err)
			}
			e.attrs[name], _ = strconv.Unquote(quoted)
			s = s[1+len(quoted):]
		}
	}
}

// walk visits e and everything in it.
func (e *element) walk(f func(*element)) {
	f(e)
	for _, c := range e.children {
		c.walk(f)
	}
}

// all returns the elements of a tag.
func (e *element) all(tag string) (out []*element) {
	e.walk(func(x *element) {
		if x.tag == tag {
			out = append(out, x)
		}
	})
	return out
}

// id returns the element with an id, nil if there is none.
func (e *element) id(id string) (found *element) {
	e.walk(func(x *element) {
		if x.attrs["id"] == id {
			found = x
		}
	})
	return found
}

// words is what can be read in e, aloud too.
func (e *element) words() string {
	var b strings.Builder
	e.walk(func(x *element) {
		for _, s := range []string{x.text, x.attrs["aria-label"], x.attrs["alt"], x.attrs["title"], x.attrs["placeholder"]} {
			if s != "" {
				b.WriteString(s + "\n")
			}
		}
	})
	return b.String()
}

// shape is e without its texts: tags and the names of attributes, in order.
func (e *element) shape() string {
	var b strings.Builder
	e.walk(func(x *element) {
		if x.tag != "" {
			b.WriteString("<" + x.tag + ">")
		}
	})
	return b.String()
}
