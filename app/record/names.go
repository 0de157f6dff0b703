package record

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"potli/app/fhir"
)

// Summarise says what the index keeps of b. A picture or a PDF is known by its
// file name alone: its date is not guessed.
func Summarise(f Format, name string, b []byte) (fhir.Outline, error) {
	if f.FHIR() {
		return outline(f, name, b)
	}
	switch f {
	case FormatPDF:
		return single(fhir.KindDocument, f, name), nil
	case FormatJPEG, FormatPNG, FormatWebP:
		return single(fhir.KindPhoto, f, name), nil
	}
	return fhir.Outline{}, &UnknownError{}
}

func single(k fhir.Kind, f Format, name string) fhir.Outline {
	title := Title(name)
	return fhir.Outline{Title: title, Type: string(f), Lines: []fhir.Line{{Kind: k, Title: title}}}
}

// Title makes words of a file name: "lab_report-2024.pdf" is "lab report 2024". Names that cameras and scanners give say
// nothing and become "".
func Title(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	if i := strings.LastIndexByte(name, '.'); i > 0 && len(name)-i <= 6 {
		name = name[:i]
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case r == '_' || r == '+':
			return ' '
		case !unicode.IsPrint(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	name = strings.Join(strings.Fields(name), " ")
	if machine(name) {
		return ""
	}
	return short(name, 120)
}

// machine names: IMG 20240512 101500, DSC01234, Scan0001, image, WhatsApp Image …, a UUID.
func machine(name string) bool {
	letters := strings.TrimFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) })
	switch letters {
	case "", "img", "dsc", "dscn", "pxl", "scan", "image", "photo", "vid", "mvimg", "screenshot", "untitled", "document", "download", "file", "camscanner", "doc", "whatsapp image":
		return true
	}
	if strings.HasPrefix(letters, "whatsapp image") {
		return true
	}
	hex := 0
	for _, r := range name {
		if strings.ContainsRune("0123456789abcdefABCDEF-", r) {
			hex++
		}
	}
	return len(name) >= 32 && hex == len(name)
}

func short(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.TrimSpace(strings.ToValidUTF8(s[:n], "")) + "…"
}

// Ext is the ending of a file of that format, with its dot.
func Ext(f Format) string {
	switch f {
	case FormatFHIR:
		return ".json"
	case FormatPDF:
		return ".pdf"
	case FormatJPEG:
		return ".jpg"
	case FormatPNG:
		return ".png"
	case FormatWebP:
		return ".webp"
	case FormatCard:
		return ".smart-health-card"
	case FormatCode, FormatText:
		return ".txt"
	case FormatCDA:
		return ".xml"
	case FormatHTML:
		return ".html"
	case FormatBackup:
		return ".age"
	}
	return ".bin"
}

// FileName is a name under which a record can be saved anywhere: its title and
// date in letters every file system takes, with the ending of its format.
func FileName(m Meta) string {
	title := m.Title
	for _, other := range []string{m.Outline.Title, Title(m.Source.Name)} {
		if title == "" {
			title = other
		}
	}
	date := m.Date
	if date == "" {
		date = m.Outline.Date
	}
	name := Safe(title)
	if date = Safe(fhir.DayPart(date)); date != "" {
		if name != "" {
			name = " " + name
		}
		name = date + name
	}
	if name == "" {
		name = "record"
	}
	return name + Ext(m.Format)
}

// Safe leaves letters, digits, marks and a few signs of a name; it never
// begins with a dot or a dash and never is a name that Windows keeps for
// devices.
func Safe(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), r == '-', r == '_', r == '.', r == '(', r == ')', r == ',':
			return r
		case unicode.IsSpace(r), unicode.IsPunct(r), unicode.IsSymbol(r):
			return ' '
		}
		return -1
	}, strings.ToValidUTF8(name, ""))
	name = strings.Join(strings.Fields(name), " ")
	name = strings.Trim(name, " .-")
	if len(name) > 80 {
		name = strings.Trim(strings.ToValidUTF8(name[:80], ""), " .-")
	}
	switch stem, _, _ := strings.Cut(strings.ToUpper(name), "."); stem {
	case "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
		"LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9":
		name = "_" + name
	}
	return name
}

// Tidy leaves one space between words, and drops what is not to be seen or turns
// the direction of writing: a name must not read as another.
func Tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
