package record

import (
	"bytes"
	"errors"
	"image"
	_ "image/jpeg" // decoders for the check of a picture's header
	_ "image/png"
	"strings"
	"unicode/utf8"

	"potli/app/fhir"
)

// UnknownError is ErrUnknown with what the file looks like, so that a person
// can be told what to do instead: "html", "xml", "cda", "zip", "docx", "heic",
// "gif", "tiff", "svg", "dicom", "exe", "utf16", "text", "json", "rtf", "shc",
// "gzip", "video", "" (no idea).
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
		return FormatJPEG, picture(b, "jpeg")
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return FormatPNG, picture(b, "png")
	case len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		return FormatWebP, webp(b)
	case pdfAt(b) >= 0:
		return FormatPDF, pdf(b)
	}
	if looks := binary(b); looks != "" {
		return "", &UnknownError{looks}
	}
	return text(b)
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

// picture checks header and end of a JPEG or PNG without decoding it.
func picture(b []byte, want string) error {
	c, format, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil || format != want || c.Width <= 0 || c.Height <= 0 || c.Width > maxPixels/c.Height {
		return ErrDamaged
	}
	if want == "png" && !pngWhole(b) || want == "jpeg" && !jpegWhole(b) {
		return ErrDamaged
	}
	return nil
}

// pngWhole walks the chunks to IEND.
func pngWhole(b []byte) bool {
	for p := 8; p+12 <= len(b); {
		n := int(b[p])<<24 | int(b[p+1])<<16 | int(b[p+2])<<8 | int(b[p+3])
		typ := string(b[p+4 : p+8])
		if n < 0 || n > len(b)-p-12 {
			return false
		}
		if typ == "IEND" {
			return true
		}
		p += 12 + n
	}
	return false
}

// jpegWhole looks for the end-of-image marker behind the first scan. Phones
// append their own data after it, so it need not be the last.
func jpegWhole(b []byte) bool {
	sos := bytes.Index(b, []byte("\xff\xda"))
	return sos > 0 && bytes.Contains(b[sos:], []byte("\xff\xd9"))
}

// webp reads the RIFF and the first chunk's header (WebP Container
// Specification): the standard library has no decoder.
func webp(b []byte) error {
	if len(b) < 30 {
		return ErrDamaged
	}
	size := int(b[4]) | int(b[5])<<8 | int(b[6])<<16 | int(b[7])<<24
	if size < 0 || size+8 > len(b)+1 {
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
	if w == 0 || h == 0 || w > maxPixels/h {
		return ErrDamaged
	}
	return nil
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
	return b[0] == 0 && b[1] == '{' || b[0] == '{' && b[1] == 0 || b[0] == '<' && b[1] == 0
}

// text decides among the formats of letters.
func text(b []byte) (Format, error) {
	t := bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case len(t) == 0:
		return "", ErrEmpty
	case t[0] == '{' || t[0] == '[':
		return json(t)
	case bytes.HasPrefix(t, []byte("-----BEGIN AGE ENCRYPTED FILE-----")):
		return FormatBackup, nil
	case t[0] == '<':
		return "", &UnknownError{markup(t)}
	case bytes.Contains(t, []byte("shlink:/")) && len(t) < 64<<10 && utf8.Valid(t):
		return FormatLink, nil
	case bytes.HasPrefix(t, []byte("shc:/")):
		return "", &UnknownError{"shc"}
	case utf8.Valid(t) && bytes.IndexByte(t, 0) < 0:
		return "", &UnknownError{"text"}
	}
	return "", &UnknownError{}
}

// markup tells apart what begins with "<".
func markup(t []byte) string {
	low := strings.ToLower(string(t[:min(len(t), 4096)]))
	switch {
	case strings.Contains(low, "<clinicaldocument"):
		return "cda"
	case strings.Contains(low, "http://hl7.org/fhir"):
		return "fhirxml"
	case strings.Contains(low, "<svg"):
		return "svg"
	case strings.HasPrefix(low, "<!doctype html"), strings.Contains(low, "<html"), strings.Contains(low, "<body"), strings.Contains(low, "<script"):
		return "html"
	}
	return "xml"
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
		return "", &UnknownError{"shc"}
	}
	if bytes.Contains(t, []byte("shlink:/")) && len(t) < 64<<10 {
		return FormatLink, nil
	}
	return "", ErrNotFHIR
}
