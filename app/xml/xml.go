// Package xml reads XML of strangers as a stream of starts, ends and text, in a
// memory that does not grow with the document.
//
// It is less than XML 1.0 on purpose. A document type is passed over and means
// nothing: there are no entities beside the five of XML and numbers, so nothing
// is fetched and nothing unfolds; "&other;" stays the text that it is. Prefixes of
// elements are dropped: in the documents that are read here no two vocabularies
// share a name that matters. An attribute with a prefix belongs to a vocabulary
// that is not read, and is passed over; but for xsi:type, which says what an HL7
// value is. What must match is checked: every element is closed, in its order,
// and there is one root.
//
// encoding/xml would do, but brings a tenth of the wallet's size with it and
// reads an Apple Health export at a quarter of the speed (see the benchmark).
package xml

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// Limits of a Reader.
const (
	MaxDepth   = 256     // elements open at once
	MaxTag     = 1 << 20 // bytes of one tag with its attributes
	MaxDoctype = 1 << 20
	maxNames   = 4096 // different names that are remembered
	maxName    = 128  // bytes that are read of one: none that matters is longer
	block      = 64 << 10
)

// Errors of Next, beside *SyntaxError and those of the source.
var (
	ErrTooDeep = errors.New("nested too deeply")
	ErrTooBig  = errors.New("a tag or a document type beyond the limit")
)

// SyntaxError is text that is no XML, or ends early.
type SyntaxError struct{ Offset int64 }

func (e *SyntaxError) Error() string { return "broken XML at byte " + strconv.FormatInt(e.Offset, 10) }

// Kind says what a Token is.
type Kind uint8

// Kinds of tokens.
const (
	Start Kind = 1 + iota
	End
	Text
)

// Attr is one attribute. Value is good until the next call of Next.
type Attr struct {
	Name  string // one without a prefix, or "type" of xsi:type
	Value []byte
}

// Token is one piece of a document. Long text comes in several pieces. Attrs and
// Text are good until the next call of Next.
type Token struct {
	Kind  Kind
	Name  string // of Start and End, without prefix
	Attrs []Attr
	Text  []byte
}

// Attr returns the value of an attribute, "" where there is none. Of two with one
// name the first counts.
func (t *Token) Attr(name string) []byte {
	for i := range t.Attrs {
		if t.Attrs[i].Name == name {
			return t.Attrs[i].Value
		}
	}
	return nil
}

// Reader reads one document in UTF-8.
type Reader struct {
	r     io.Reader
	buf   []byte // buf[pos:] is still to be read
	pos   int
	gone  int64 // bytes before buf
	err   error // of r; io.EOF at its end
	names map[string]string
	xsi   string // another prefix that a document uses for it
	open  []string
	root  bool // there was one
	close bool // the last start closed itself
	tok   Token
}

// NewReader returns a Reader of r, which is read in pieces of 64 KiB.
func NewReader(r io.Reader) *Reader {
	return &Reader{r: r, names: map[string]string{}}
}

// Offset is how many bytes were read.
func (r *Reader) Offset() int64 { return r.gone + int64(r.pos) }

func (r *Reader) fail() error { return &SyntaxError{r.Offset()} }

// more reads a further piece behind buf; false at the end of the source.
func (r *Reader) more() bool {
	if r.err != nil {
		return false
	}
	if r.pos > 0 {
		r.gone += int64(r.pos)
		r.buf = r.buf[:copy(r.buf, r.buf[r.pos:])]
		r.pos = 0
	}
	n := len(r.buf)
	if cap(r.buf)-n < block {
		r.buf = append(make([]byte, 0, 2*cap(r.buf)+block), r.buf...)
	}
	for tries := 0; tries < 100; tries++ {
		m, err := r.r.Read(r.buf[n : n+block])
		r.buf, r.err = r.buf[:n+m], err
		if m > 0 || err != nil {
			return m > 0
		}
	}
	r.err = io.ErrNoProgress
	return false
}

// ended is the error of a document that ends where it may not.
func (r *Reader) ended() error {
	if r.err != nil && r.err != io.EOF {
		return r.err
	}
	return r.fail()
}

// has says whether the next bytes are s, reading on where needed.
func (r *Reader) has(s string) bool {
	for len(r.buf)-r.pos < len(s) && r.more() {
	}
	return len(r.buf)-r.pos >= len(s) && string(r.buf[r.pos:r.pos+len(s)]) == s
}

// Next returns the next token. The error is io.EOF behind a whole document, a
// *SyntaxError, ErrTooDeep, ErrTooBig, or that of the source.
func (r *Reader) Next() (*Token, error) {
	if r.close {
		r.close = false
		return r.end(), nil
	}
	if r.gone == 0 && r.pos == 0 && r.has("\xef\xbb\xbf") {
		r.pos = 3
	}
	for {
		if r.pos >= len(r.buf) && !r.more() {
			if r.err != io.EOF {
				return nil, r.err
			}
			if len(r.open) > 0 || !r.root {
				return nil, r.fail()
			}
			return nil, io.EOF
		}
		if r.buf[r.pos] != '<' {
			t, err := r.text()
			if t != nil || err != nil {
				return t, err
			}
			continue
		}
		t, err := r.markup()
		if t != nil || err != nil {
			return t, err
		}
	}
}

// text reads up to a "<", or as far as what was read goes. Beside the root there
// may only be space.
func (r *Reader) text() (*Token, error) {
	at, seen := bytes.IndexByte(r.buf[r.pos:], '<'), len(r.buf)-r.pos
	for at < 0 && seen < block && r.more() {
		if at = bytes.IndexByte(r.buf[r.pos+seen:], '<'); at >= 0 {
			at += seen
		}
		seen = len(r.buf) - r.pos
	}
	end := r.pos + at
	if at < 0 {
		end = r.pos + whole(r.buf[r.pos:])
	}
	b := r.buf[r.pos:end]
	if len(r.open) == 0 {
		if len(bytes.TrimLeft(b, " \t\r\n\x00")) > 0 {
			return nil, r.fail()
		}
		r.pos = end
		return nil, nil
	}
	r.pos = end
	r.tok = Token{Kind: Text, Text: unescape(b)}
	return &r.tok, nil
}

// whole is how much of b can be read apart from what follows: it cuts no
// reference and no rune in two, where that can be helped.
func whole(b []byte) int {
	n := len(b)
	if i := bytes.LastIndexByte(b[max(0, n-12):], '&'); i >= 0 {
		if i += max(0, n-12); i > 0 && bytes.IndexByte(b[i:], ';') < 0 {
			return i
		}
	}
	for i := 1; i <= min(3, n-1); i++ {
		if c := b[n-i]; utf8.RuneStart(c) {
			if c >= 0xc0 && !utf8.FullRune(b[n-i:]) {
				return n - i
			}
			break
		}
	}
	return n
}

// markup stands at a "<". A nil token: nothing to be told of.
func (r *Reader) markup() (*Token, error) {
	switch {
	case r.has("<!--"):
		return nil, r.skip(4, "-->")
	case r.has("<![CDATA["):
		return r.cdata()
	case r.has("<?"):
		return nil, r.skip(2, "?>")
	case r.has("<!DOCTYPE"), r.has("<!doctype"):
		if r.root {
			return nil, r.fail()
		}
		return nil, r.doctype()
	case r.has("</"):
		return r.endTag()
	}
	return r.startTag()
}

// skip goes behind end, however far that is.
func (r *Reader) skip(n int, end string) error {
	r.pos += n
	for {
		if i := bytes.Index(r.buf[r.pos:], []byte(end)); i >= 0 {
			r.pos += i + len(end)
			return nil
		}
		r.pos = max(r.pos, len(r.buf)-len(end)+1)
		if !r.more() {
			return r.ended()
		}
	}
}

// cdata is text as it stands.
func (r *Reader) cdata() (*Token, error) {
	if len(r.open) == 0 {
		return nil, r.fail()
	}
	from := 9
	for {
		if i := bytes.Index(r.buf[r.pos+from:], []byte("]]>")); i >= 0 {
			b := r.buf[r.pos+9 : r.pos+from+i]
			r.pos += from + i + 3
			r.tok = Token{Kind: Text, Text: b}
			return &r.tok, nil
		}
		if len(r.buf)-r.pos > 64*MaxTag {
			return nil, ErrTooBig
		}
		from = max(9, len(r.buf)-r.pos-2)
		if !r.more() {
			return nil, r.ended()
		}
	}
}

// doctype passes over a document type with all it declares. Quotes count inside
// of declarations alone: Apple's has some that never close, in comments.
func (r *Reader) doctype() error {
	depth, quote, in := 0, byte(0), false
	for i := 0; ; i++ {
		if i > MaxDoctype {
			return ErrTooBig
		}
		if r.pos+i >= len(r.buf) && !r.more() { // more keeps what stands from pos on
			return r.ended()
		}
		c := r.buf[r.pos+i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && (depth > 1 || !in):
			quote = c
		case c == '<':
			depth++
			if depth > 1 && r.comment(i) {
				n, err := r.past(i+4, "-->")
				if err != nil {
					return err
				}
				i, depth = n-1, depth-1
			}
		case c == '>':
			if depth--; depth == 0 && !in {
				r.pos += i + 1
				return nil
			}
		case c == '[' && depth == 1:
			in = true
		case c == ']' && depth == 1:
			in = false
		}
		if depth < 0 || depth > 2 {
			return r.fail()
		}
	}
}

// comment says whether one begins i bytes on.
func (r *Reader) comment(i int) bool {
	for len(r.buf)-r.pos < i+4 && r.more() {
	}
	return bytes.HasPrefix(r.buf[min(len(r.buf), r.pos+i):], []byte("<!--"))
}

// past is the offset behind end, looked for from i bytes on.
func (r *Reader) past(i int, end string) (int, error) {
	for {
		if r.pos+i <= len(r.buf) {
			if n := bytes.Index(r.buf[r.pos+i:], []byte(end)); n >= 0 {
				return i + n + len(end), nil
			}
		}
		if len(r.buf)-r.pos > MaxDoctype {
			return 0, ErrTooBig
		}
		if !r.more() {
			return 0, r.ended()
		}
	}
}

// tag returns a tag between its brackets, quotes regarded.
func (r *Reader) tag() ([]byte, error) {
	quote := byte(0)
	for i := 1; ; i++ {
		if r.pos+i >= len(r.buf) && !r.more() {
			return nil, r.ended()
		}
		if i > MaxTag {
			return nil, ErrTooBig
		}
		switch c := r.buf[r.pos+i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '<':
			return nil, r.fail()
		case c == '>':
			b := r.buf[r.pos+1 : r.pos+i]
			r.pos += i + 1
			return b, nil
		}
	}
}

func (r *Reader) endTag() (*Token, error) {
	b, err := r.tag()
	if err != nil {
		return nil, err
	}
	name, _, rest := r.name(b[1:])
	if name == "" || len(bytes.TrimLeft(rest, " \t\r\n")) > 0 || len(r.open) == 0 || r.open[len(r.open)-1] != name {
		return nil, r.fail()
	}
	return r.end(), nil
}

func (r *Reader) end() *Token {
	r.tok = Token{Kind: End, Name: r.open[len(r.open)-1]}
	r.open = r.open[:len(r.open)-1]
	return &r.tok
}

func (r *Reader) startTag() (*Token, error) {
	b, err := r.tag()
	if err != nil {
		return nil, err
	}
	if r.root && len(r.open) == 0 {
		return nil, r.fail()
	}
	if len(r.open) >= MaxDepth {
		return nil, ErrTooDeep
	}
	attrs := r.tok.Attrs[:0]
	var types []Attr // by prefix, which may be declared behind them
	r.tok = Token{Kind: Start}
	if n := len(b); n > 0 && b[n-1] == '/' {
		r.close, b = true, b[:n-1]
	}
	name, _, rest := r.name(b)
	if name == "" {
		return nil, r.fail()
	}
	for {
		if rest = bytes.TrimLeft(rest, " \t\r\n"); len(rest) == 0 {
			break
		}
		var a Attr
		var prefix []byte
		if a.Name, prefix, rest = r.name(rest); a.Name == "" {
			return nil, r.fail()
		}
		rest = bytes.TrimLeft(rest, " \t\r\n")
		if len(rest) < 2 || rest[0] != '=' {
			return nil, r.fail()
		}
		rest = bytes.TrimLeft(rest[1:], " \t\r\n")
		if len(rest) < 2 || rest[0] != '"' && rest[0] != '\'' {
			return nil, r.fail()
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return nil, r.fail()
		}
		a.Value, rest = unescape(rest[1:1+end]), rest[end+2:]
		switch {
		case len(prefix) == 0:
			attrs = append(attrs, a)
		case string(prefix) == "xmlns:" && string(a.Value) == instance && len(a.Name) < maxName:
			r.xsi = a.Name
		case a.Name == "type":
			types = append(types, Attr{string(prefix[:len(prefix)-1]), a.Value})
		}
	}
	for _, t := range types {
		if t.Name == "xsi" || t.Name == r.xsi {
			attrs = append(attrs, Attr{"type", t.Value})
			break
		}
	}
	r.tok.Name, r.tok.Attrs, r.root = name, attrs, true
	r.open = append(r.open, name)
	return &r.tok, nil
}

// instance is the namespace that is mostly called xsi.
const instance = "http://www.w3.org/2001/XMLSchema-instance"

// name reads a name: what is behind its prefix, the prefix with its colon, and the
// rest of b. Names come again and again: each is kept once. One that is too long
// to be known is cut, and not kept.
func (r *Reader) name(b []byte) (name string, prefix, rest []byte) {
	n, from := 0, 0
	for n < len(b) && b[n] > ' ' && b[n] != '=' && b[n] != '/' && b[n] != '"' && b[n] != '\'' && b[n] != '&' {
		if n++; b[n-1] == ':' {
			from = n
		}
	}
	raw := b[from:n]
	if len(raw) > maxName {
		return string(raw[:maxName]), b[:from], b[n:]
	}
	s, ok := r.names[string(raw)]
	if !ok {
		s = string(raw)
		if len(r.names) < maxNames {
			r.names[s] = s
		}
	}
	return s, b[:from], b[n:]
}

// unescape resolves references in place. What is none stays as it is.
func unescape(b []byte) []byte {
	at := bytes.IndexByte(b, '&')
	if at < 0 {
		return b
	}
	out := b[:at]
	for at < len(b) {
		c := b[at]
		if c != '&' {
			out = append(out, c)
			at++
			continue
		}
		end := bytes.IndexByte(b[at:min(len(b), at+12)], ';')
		if end < 0 {
			out = append(out, c)
			at++
			continue
		}
		if r := reference(b[at+1 : at+end]); r >= 0 {
			out = utf8.AppendRune(out, r)
		} else {
			out = append(out, b[at:at+end+1]...)
		}
		at += end + 1
	}
	return out
}

// reference is the rune that a name or number stands for, -1: none.
func reference(b []byte) rune {
	switch string(b) {
	case "lt":
		return '<'
	case "gt":
		return '>'
	case "amp":
		return '&'
	case "quot":
		return '"'
	case "apos":
		return '\''
	}
	if len(b) < 2 || b[0] != '#' {
		return -1
	}
	digits, base := string(b[1:]), 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n == 0 || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) || n < ' ' && n != '\t' && n != '\n' && n != '\r' {
		return -1
	}
	return rune(n)
}
