package message

import (
	"errors"
	"slices"
	"strings"

	"potli/app/record"
)

// Document is one file in a message, its bytes untouched.
type Document struct {
	Name string // a label, without folders; may be ""
	Type string // what the sender says it is
	Body []byte
	// Format is what the bytes are; "" when that cannot be told.
	Format record.Format
	// Fault is why the document cannot be kept as it stands: one of package
	// record, or ErrMismatch, ErrKind. The others of the message are good.
	Fault error
}

var (
	// ErrMismatch: the bytes are of another kind than the sender says. What they
	// are is known, and says nothing bad by itself.
	ErrMismatch = errors.New("of another kind than it says")
	// ErrKind: a backup, or a link, and no document.
	ErrKind = errors.New("not a document")
)

// DocumentError says which document cannot be sent.
type DocumentError struct {
	Name string
	Err  error // of package record, or ErrKind
}

func (e *DocumentError) Error() string { return "a document cannot be sent: " + e.Err.Error() }
func (e *DocumentError) Unwrap() error { return e.Err }

// Attach returns the document that a wallet would keep of body. What it is comes
// from the bytes alone. Error: *DocumentError.
func Attach(name string, body []byte) (Document, error) {
	d := look(name, "", body)
	if d.Fault != nil {
		return d, &DocumentError{Name: d.Name, Err: d.Fault}
	}
	d.Type = string(d.Format)
	return d, nil
}

// look holds a document against what it says it is.
func look(name, typ string, body []byte) Document {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	d := Document{Name: line(name, MaxName), Type: mediaType(typ), Body: body}
	d.Format, d.Fault = record.Sniff(body)
	switch {
	case d.Fault != nil:
	case d.Format == record.FormatBackup, d.Format == record.FormatLink:
		d.Fault = ErrKind
	case !d.claim():
		d.Fault = ErrMismatch
	}
	return d
}

// names are those under which formats are known elsewhere too.
var names = map[record.Format][]string{
	record.FormatFHIR: {"application/json", "application/fhir", "application/json+fhir"},
	record.FormatCard: {"application/json"},
	record.FormatCode: {"text/plain"},
	record.FormatJPEG: {"image/jpg", "image/pjpeg"},
	record.FormatCDA:  {"application/xml", "text/xml", "application/hl7-cda+xml"},
	record.FormatHTML: {"application/xhtml+xml"},
}

// claim reports whether the bytes are what the sender says, who may also say
// nothing.
func (d *Document) claim() bool {
	return d.Type == "" || d.Type == "application/octet-stream" || d.Type == string(d.Format) || slices.Contains(names[d.Format], d.Type)
}

// mediaType reduces a content type to its name.
func mediaType(s string) string {
	s, _, _ = strings.Cut(s, ";")
	return line(strings.ToLower(s), maxType)
}
