// Package record says what a record is: one document as it arrived, byte for
// byte, with what the index needs to know of it. What a file is is decided by
// its content; its name is only a label.
package record

import (
	"errors"
	"time"

	"potli/app/fhir"
)

// ID names a record for ever: 32 random bytes in base64url.
type ID string

// ProfileID names a person of the family.
type ProfileID string

// Format is what the bytes are.
type Format string

const (
	FormatFHIR   Format = "application/fhir+json"
	FormatPDF    Format = "application/pdf"
	FormatJPEG   Format = "image/jpeg"
	FormatPNG    Format = "image/png"
	FormatWebP   Format = "image/webp"
	FormatCard   Format = "application/smart-health-card" // the file of SMART Health Cards
	FormatCode   Format = "text/x-shc"                    // text with the codes (shc:/) or the deep link of health cards
	FormatCDA    Format = "application/cda+xml"           // a clinical document in XML: C-CDA, CCD, C32
	FormatText   Format = "text/plain"                    // a note
	FormatHTML   Format = "text/html"                     // a page, shown as the text that it is
	FormatBackup Format = "application/age"               // a Potli backup; never kept as a record
	FormatLink   Format = "shlink"                        // text that holds a shlink:/; never kept as a record
)

// Card says whether the bytes hold SMART Health Cards: a signature around FHIR.
func (f Format) Card() bool { return f == FormatCard || f == FormatCode }

// FHIR says whether the function FHIR makes FHIR of the bytes: of all but a PDF
// and pictures.
func (f Format) FHIR() bool {
	switch f {
	case FormatFHIR, FormatCDA, FormatText, FormatHTML:
		return true
	}
	return f.Card()
}

// MaxBytes is the largest file that comes in.
const MaxBytes = 25 << 20

// Reasons for refusing a file. The UI has a sentence for each.
var (
	ErrEmpty     = errors.New("the file is empty")
	ErrTooBig    = errors.New("the file is larger than 25 MiB")
	ErrUnknown   = errors.New("not a kind of file that is kept here")
	ErrDamaged   = errors.New("the file is damaged")
	ErrNotFHIR   = errors.New("JSON, but not a FHIR resource")
	ErrTooDeep   = errors.New("nested too deeply")
	ErrDuplicate = errors.New("already here")
)

// Source says how a record came in.
type Source struct {
	How  string `json:"how"`            // "file", "paste", "camera", "link", "sample", "backup", "share", "drop"
	Name string `json:"name,omitempty"` // file name as given
	Host string `json:"host,omitempty"` // for a link: the host it came from; see FromDrop
	Link string `json:"link,omitempty"` // for a link: SHA-256 of the link, hex; see FromDrop
}

// Meta is what the wallet knows of a record without opening it; it is sealed.
type Meta struct {
	ID      ID           `json:"id"`
	Profile ProfileID    `json:"profile"`
	Format  Format       `json:"format"`
	Size    int          `json:"size"`
	SHA256  string       `json:"sha256"` // of the original bytes, hex: finds the same document twice
	Added   time.Time    `json:"added"`
	Source  Source       `json:"source"`
	Title   string       `json:"title,omitempty"` // the person's own title; "" = Outline.Title, else file name
	Date    string       `json:"date,omitempty"`  // FHIR date; "" = Outline.Date, else Added
	Outline fhir.Outline `json:"outline"`
}
