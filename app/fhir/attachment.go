package fhir

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
)

// Errors of File.Attachment.
var (
	ErrNoAttachment = errors.New("no document inside")
	ErrAttachment   = errors.New("the document inside is damaged")
)

// attachmentLike: an Attachment, a Binary or a Signature with its picture.
func attachmentLike(e element) bool {
	return e.get("data").is(kindString) && !e.get("origin").ok() ||
		e.get("contentType").ok() && (e.get("url").ok() || e.get("title").ok() || e.get("size").ok() || e.get("hash").ok())
}

const maxAttachments = 1000

// attach notes a document in the view. A URL that means a Binary of this file
// is followed; any other is said, never fetched.
func (b *builder) attach(e element) {
	if len(b.v.Attachments) >= maxAttachments {
		return // the walker shows what they say of themselves
	}
	a, ok := b.f.attachment(b.i, e, b.i)
	if !ok {
		return
	}
	for _, part := range []string{"contentType", "data", "title", "url", "size", "hash", "sigFormat"} {
		e.get(part).use()
	}
	if e.get("url").ok() && a.URL == "" {
		e.get("url").use()
	}
	b.v.Attachments = append(b.v.Attachments, a)
}

func (f *File) attachment(entry int, e element, from int) (Attachment, bool) {
	a := Attachment{
		Entry: entry, Path: f.pathTo(entry, e), ContentType: strings.TrimSpace(firstOf(e.get("contentType").peek(), e.get("sigFormat").peek())),
		Title: firstOf(e.get("title").peek(), e.get("filename").peek()), URL: e.get("url").peek(),
	}
	if data := e.get("data"); data.is(kindString) && len(data.raw()) > 0 {
		a.Size = decodedSize(data)
		a.URL = ""
		return a, true
	}
	if at, i := f.binary(from, a.URL); at.ok() {
		inner := Attachment{Entry: i, ContentType: firstOf(a.ContentType, at.get("contentType").peek()), Title: a.Title, Size: decodedSize(at.get("data"))}
		inner.Path = f.pathTo(i, at)
		return inner, true
	}
	return a, a.URL != "" // a name and a type alone are no document: they are shown as words
}

// binary finds the Binary that a URL means, in the file or contained.
func (f *File) binary(from int, url string) (element, int) {
	if url == "" {
		return element{}, 0
	}
	at, i := element{}, from
	if strings.HasPrefix(url, "#") {
		at = f.contained(from, url)
	} else if j, ok := f.Resolve(from, url); ok {
		at, i = f.at[j], j
	}
	if at.get("data").is(kindString) {
		return at, i
	}
	return element{}, 0
}

// pathTo names an element inside its entry: "content[0].attachment".
func (f *File) pathTo(entry int, e element) string {
	var steps []string
	at := f.at[entry]
	for at.i != e.i {
		n, down := 0, element{}
		for _, c := range at.children() {
			if e.i >= c.i && e.i < c.node().end {
				down = c
				break
			}
			n++
		}
		switch {
		case !down.ok():
			return ""
		case at.is(kindArray):
			steps[len(steps)-1] += "[" + strconv.Itoa(n) + "]"
		default:
			steps = append(steps, down.key())
		}
		at = down
	}
	return strings.Join(steps, ".")
}

// find goes the way pathTo wrote down.
func find(e element, path string) element {
	if path == "" {
		return e
	}
	for _, step := range strings.Split(path, ".") {
		name, rest, _ := strings.Cut(step, "[")
		e = e.get(name)
		for rest != "" {
			var index string
			index, rest, _ = strings.Cut(rest, "]")
			rest = strings.TrimPrefix(rest, "[")
			n, err := strconv.Atoi(index)
			if err != nil {
				return element{}
			}
			e = e.item(n)
		}
	}
	return e
}

func (e element) item(n int) element {
	if !e.is(kindArray) {
		return element{}
	}
	for _, c := range e.children() {
		if n == 0 {
			return c
		}
		n--
	}
	return element{}
}

// decodedSize counts without decoding.
func decodedSize(b64 element) int {
	b := b64.raw()
	if b64.node().escaped { // line breaks, "\/"
		b = []byte(unescape(b))
	}
	n := 0
	for _, c := range b {
		if c > ' ' && c != '=' {
			n++
		}
	}
	return n * 3 / 4
}

// Attachment reads the bytes of a document inside a resource. The type is what
// the bytes say where they say it (PDF and pictures), else what the record
// says. Base64 with line breaks, in the URL alphabet or encoded twice (seen in
// the field) is read. Errors: ErrNoAttachment (nothing inline: a.URL says where
// it would be), ErrAttachment.
func (f *File) Attachment(a Attachment) (contentType string, data []byte, err error) {
	if a.Entry < 0 || a.Entry >= len(f.at) {
		return "", nil, ErrNoAttachment
	}
	e := find(f.at[a.Entry], a.Path)
	if d := e.get("data"); d.is(kindString) {
		if data, err = decode64([]byte(d.peek())); err != nil {
			return "", nil, err
		}
	}
	if len(data) == 0 {
		return "", nil, ErrNoAttachment
	}
	if magic(data) == "" {
		if twice, err := decode64(data); err == nil && magic(twice) != "" {
			data = twice
		}
	}
	return firstOf(magic(data), a.ContentType, e.get("contentType").peek(), "application/octet-stream"), data, nil
}

func decode64(b []byte) ([]byte, error) {
	tidy := make([]byte, 0, len(b))
	for _, c := range b {
		switch {
		case c <= ' ' || c == '=':
		case c == '-':
			tidy = append(tidy, '+')
		case c == '_':
			tidy = append(tidy, '/')
		default:
			tidy = append(tidy, c)
		}
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(tidy)))
	n, err := base64.RawStdEncoding.Decode(out, tidy)
	if err != nil {
		return nil, ErrAttachment
	}
	return out[:n], nil
}

// magic is the type of the few formats that are shown or handed on as such.
func magic(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("%PDF-")):
		return "application/pdf"
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return "image/jpeg"
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png"
	case len(b) > 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		return "image/webp"
	case bytes.HasPrefix(b, []byte("GIF8")):
		return "image/gif"
	}
	return ""
}
