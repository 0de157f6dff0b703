package record

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"potli/app/ccda"
	"potli/app/charset"
	"potli/app/fhir"
	"potli/app/note"
)

// UnknownError is ErrUnknown with what the file looks like, so that a person
// can be told what to do instead: "xml", "fhirxml", "zip", "docx", "doc", "heic",
// "gif", "tiff", "svg", "dicom", "exe", "utf16", "rtf", "gzip", "video", "pair"
// (the code of two devices), "secret" (a recovery kit or a contact's sheet), ""
// (no idea).
type UnknownError struct{ Looks string }

func (e *UnknownError) Error() string {
	if e.Looks == "" {
		return ErrUnknown.Error()
	}
	return ErrUnknown.Error() + " (looks like " + e.Looks + ")"
}

func (e *UnknownError) Unwrap() error { return ErrUnknown }

// Sniff decides by content alone what b is and whether it is whole. Errors:
// ErrEmpty, ErrTooBig, ErrUnknown (as *UnknownError), ErrDamaged, ErrNotFHIR,
// ErrTooDeep.
func Sniff(b []byte) (Format, error) {
	if len(b) == 0 {
		return "", ErrEmpty
	}
	if len(b) > MaxBytes {
		return "", ErrTooBig
	}
	switch {
	case bytes.HasPrefix(b, []byte("age-encryption.org/v1\n")), bytes.HasPrefix(b, []byte("-----BEGIN AGE ENCRYPTED FILE-----")):
		return FormatBackup, nil
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return FormatJPEG, jpeg(b)
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return FormatPNG, png(b)
	case len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		return FormatWebP, webp(b)
	case pdfAt(b) >= 0:
		return FormatPDF, pdf(b)
	}
	switch looks := binary(b); looks {
	case "":
		return text(b)
	case "utf16":
		return wide(b)
	default:
		return "", &UnknownError{looks}
	}
}

// wide decides what text in UTF-16 is, of that which comes in it: clinical
// documents, pages and notes of Windows.
func wide(b []byte) (Format, error) {
	t, err := charset.UTF8(b, "")
	if err != nil || len(t) == 0 || t[0] == '{' || t[0] == '[' {
		return "", &UnknownError{"utf16"}
	}
	f, err := text(t)
	switch f {
	case FormatText, FormatHTML:
		if len(b) > note.MaxBytes {
			return "", ErrTooBig
		}
	case FormatCDA:
	case "":
		return "", err
	default: // their readers take UTF-8
		return "", &UnknownError{"utf16"}
	}
	return f, err
}

// pdfAt finds "%PDF-" where readers accept it: within the first 1024 bytes
// (ISO 32000-1, Annex H), but only behind what could not be another format.
func pdfAt(b []byte) int {
	i := bytes.Index(b[:min(len(b), 1024)], []byte("%PDF-"))
	if i > 0 && !blank(b[:i]) {
		return -1
	}
	return i
}

func blank(b []byte) bool {
	return len(bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), " \t\r\n\x00")) == 0
}

// pdf asks for an end: an interrupted download has none.
func pdf(b []byte) error {
	tail := b[max(0, len(b)-2048):]
	if !bytes.Contains(tail, []byte("%%EOF")) || !bytes.Contains(b, []byte("startxref")) {
		return ErrDamaged
	}
	return nil
}

// maxPixels keeps a picture of a few bytes from unfolding into gigabytes.
const maxPixels = 100 << 20

// sized refuses pictures without a size, or of a size no device could show.
func sized(w, h int) error {
	if w <= 0 || h <= 0 || w > maxPixels/h {
		return ErrDamaged
	}
	return nil
}

func be32(b []byte) int { return int(b[0])<<24 | int(b[1])<<16 | int(b[2])<<8 | int(b[3]) }
func be16(b []byte) int { return int(b[0])<<8 | int(b[1]) }

// png walks the chunks from IHDR to IEND. The decoders of the standard library
// would say the same of the header (a test compares), but weigh more than all
// of this package.
func png(b []byte) error {
	if len(b) < 33 || string(b[12:16]) != "IHDR" || be32(b[8:]) != 13 {
		return ErrDamaged
	}
	data := false
	for p := 8; p+12 <= len(b); {
		n := be32(b[p:])
		if n > len(b)-p-12 {
			return ErrDamaged
		}
		switch string(b[p+4 : p+8]) {
		case "IDAT":
			data = true
		case "IEND":
			if !data {
				return ErrDamaged
			}
			return sized(be32(b[16:]), be32(b[20:]))
		}
		p += 12 + n
	}
	return ErrDamaged
}

// jpeg walks the segments to the first scan, so that a thumbnail inside Exif is
// never taken for the picture, and asks for an end of image behind it. Phones
// append data of their own, so it need not be the last thing.
func jpeg(b []byte) error {
	w, h := 0, 0
	for p := 2; p+4 <= len(b); {
		if b[p] != 0xff {
			return ErrDamaged
		}
		m := b[p+1]
		if m == 0xff { // a fill byte
			p++
			continue
		}
		if m == 0x01 || m >= 0xd0 && m <= 0xd7 {
			p += 2
			continue
		}
		n := be16(b[p+2:])
		if n < 2 || p+2+n > len(b) {
			return ErrDamaged
		}
		switch {
		case m == 0xda:
			if !bytes.Contains(b[p+2+n:], []byte("\xff\xd9")) {
				return ErrDamaged
			}
			return sized(w, h)
		case m >= 0xc0 && m <= 0xcf && m != 0xc4 && m != 0xc8 && m != 0xcc:
			if n < 8 {
				return ErrDamaged
			}
			h, w = be16(b[p+5:]), be16(b[p+7:])
		}
		p += 2 + n
	}
	return ErrDamaged
}

// webp reads the RIFF and the first chunk's header (WebP Container
// Specification): the standard library has no decoder.
func webp(b []byte) error {
	if len(b) < 30 {
		return ErrDamaged
	}
	size := int64(b[4]) | int64(b[5])<<8 | int64(b[6])<<16 | int64(b[7])<<24
	if size+8 > int64(len(b))+1 {
		return ErrDamaged
	}
	w, h := 0, 0
	switch string(b[12:16]) {
	case "VP8 ":
		if string(b[23:26]) != "\x9d\x01\x2a" {
			return ErrDamaged
		}
		w, h = (int(b[26])|int(b[27])<<8)&0x3fff, (int(b[28])|int(b[29])<<8)&0x3fff
	case "VP8L":
		if b[20] != 0x2f {
			return ErrDamaged
		}
		bits := int(b[21]) | int(b[22])<<8 | int(b[23])<<16 | int(b[24])<<24
		w, h = bits&0x3fff+1, bits>>14&0x3fff+1
	case "VP8X":
		w, h = 1+(int(b[24])|int(b[25])<<8|int(b[26])<<16), 1+(int(b[27])|int(b[28])<<8|int(b[29])<<16)
	default:
		return ErrDamaged
	}
	return sized(w, h)
}

// binary names formats that are refused, by their first bytes.
func binary(b []byte) string {
	has := func(at int, s string) bool { return len(b) >= at+len(s) && string(b[at:at+len(s)]) == s }
	switch {
	case has(0, "\xff\xfe"), has(0, "\xfe\xff"), utf16Like(b):
		return "utf16"
	case has(0, "PK\x03\x04"):
		if bytes.Contains(b[:min(len(b), 4096)], []byte("word/")) || bytes.Contains(b[:min(len(b), 4096)], []byte("[Content_Types].xml")) {
			return "docx"
		}
		return "zip"
	case has(0, "\x1f\x8b"):
		return "gzip"
	case has(0, "GIF8"):
		return "gif"
	case has(0, "II*\x00"), has(0, "MM\x00*"):
		return "tiff"
	case has(4, "ftyphei"), has(4, "ftyphev"), has(4, "ftypmif1"), has(4, "ftypavif"):
		return "heic"
	case has(4, "ftyp"):
		return "video"
	case has(128, "DICM"):
		return "dicom"
	case has(0, "MZ"), has(0, "\x7fELF"):
		return "exe"
	case has(0, "{\\rtf"):
		return "rtf"
	case has(0, "\xd0\xcf\x11\xe0"):
		return "doc"
	}
	return ""
}

// utf16Like: text of ASCII letters in UTF-16 without a mark has every second
// byte zero.
func utf16Like(b []byte) bool {
	if len(b) < 4 {
		return false
	}
	return b[0] == 0 && (b[1] == '{' || b[1] == '<') || b[1] == 0 && (b[0] == '{' || b[0] == '<')
}

// maxCard is the longest text with codes of health cards: a card of the most
// that one code can hold has 2,400 bytes.
const maxCard = 1 << 20

// text decides among the formats of letters.
func text(b []byte) (Format, error) {
	t := bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case len(t) == 0:
		return "", ErrEmpty
	case t[0] == '[' && len(t) > 1 && t[1] >= 'A' && t[1] <= 'Z': // "[Draft] Dear doctor": no JSON begins so
		return letters(b)
	case t[0] == '{' || t[0] == '[':
		return json(t)
	case bytes.HasPrefix(t, []byte("-----BEGIN AGE ENCRYPTED FILE-----")):
		return FormatBackup, nil
	case t[0] == '<':
		return markup(b, t)
	case bytes.Contains(t, []byte("shlink:/")) && len(t) < 64<<10 && utf8.Valid(t):
		return FormatLink, nil
	case len(t) < maxCard && (bytes.Contains(bytes.ToLower(t), []byte("shc:/")) || bytes.Contains(t, []byte("/SMARTHealthCard/#"))) && utf8.Valid(t):
		return FormatCode, nil
	}
	return letters(b)
}

// letters tells a note from what must never be one: codes and keys of this
// wallet, which a person is told to use where they belong.
func letters(b []byte) (Format, error) {
	upper := bytes.ToUpper(b[:min(len(b), 64<<10)])
	if err := guarded(upper); err != nil {
		return "", err
	}
	switch {
	case bytes.Contains(upper, []byte("SHC:/")), bytes.Contains(upper, []byte("SHLINK:/")): // longer than any of them is
		return "", &UnknownError{}
	case note.Is(b):
		_, err := FHIR(FormatText, b)
		return FormatText, err
	case len(b) > note.MaxBytes && note.Is(b[:1<<10]):
		return "", ErrTooBig
	}
	return "", &UnknownError{}
}

// guarded refuses what holds a code or a key of this wallet, in capitals.
func guarded(upper []byte) error {
	switch {
	case bytes.Contains(upper, []byte("POTLI-PAIR-")):
		return &UnknownError{"pair"}
	case bytes.Contains(upper, []byte("AGE-SECRET-KEY-")):
		return &UnknownError{"secret"}
	}
	return nil
}

// page is one that says nothing which must never be a record: neither as it is
// written nor as it is read.
func page(b []byte) (Format, error) {
	if _, err := FHIR(FormatHTML, b); err != nil {
		return FormatHTML, err
	}
	words, err := note.Words(b)
	if err != nil {
		return FormatHTML, refusal(err)
	}
	for _, said := range [][]byte{b, []byte(words)} {
		if err := guarded(bytes.ToUpper(said)); err != nil {
			return "", err
		}
	}
	return FormatHTML, nil
}

// markup tells apart what begins with "<". A clinical document must be whole.
func markup(b, t []byte) (Format, error) {
	low := strings.ToLower(string(t[:min(len(t), 4096)]))
	switch {
	case ccda.Is(b):
		_, err := FHIR(FormatCDA, b)
		return FormatCDA, err
	case strings.Contains(low, "http://hl7.org/fhir"):
		return "", &UnknownError{"fhirxml"}
	case strings.Contains(low, "<svg") && !strings.Contains(low, "<html"):
		return "", &UnknownError{"svg"}
	case strings.HasPrefix(low, "<!doctype html"), strings.Contains(low, "<html"), strings.Contains(low, "<body"), strings.Contains(low, "<script"):
		return page(b)
	}
	return "", &UnknownError{"xml"}
}

func json(t []byte) (Format, error) {
	_, err := fhir.Parse(t)
	var syntax *fhir.SyntaxError
	switch {
	case err == nil:
		return FormatFHIR, nil
	case errors.Is(err, fhir.ErrTooDeep):
		return "", ErrTooDeep
	case errors.Is(err, fhir.ErrTooBig), errors.Is(err, fhir.ErrTooMany):
		return "", ErrTooBig
	case errors.As(err, &syntax):
		return "", ErrDamaged
	}
	if bytes.Contains(t[:min(len(t), 4096)], []byte(`"verifiableCredential"`)) {
		return FormatCard, nil
	}
	if bytes.Contains(t, []byte("shlink:/")) && len(t) < 64<<10 {
		return FormatLink, nil
	}
	return "", ErrNotFHIR
}
