package vault

import (
	"strconv"
	"strings"
	"unicode"

	"potli/app/record"
)

// extension is how a record's file name ends in a backup; "" for a format that
// is not kept.
func extension(f record.Format) string {
	switch f {
	case record.FormatFHIR:
		return ".json"
	case record.FormatPDF:
		return ".pdf"
	case record.FormatJPEG:
		return ".jpg"
	case record.FormatPNG:
		return ".png"
	case record.FormatWebP:
		return ".webp"
	case record.FormatCard:
		return ".smart-health-card"
	case record.FormatCode, record.FormatText:
		return ".txt"
	case record.FormatCDA:
		return ".xml"
	case record.FormatHTML:
		return ".html"
	}
	return ""
}

// fileNames gives out names that are new, whatever a file system thinks of case.
type fileNames map[string]bool

// of returns folder + stem + ext, with a number where the name is taken.
func (n fileNames) of(folder, stem, ext string) string {
	for i := 1; ; i++ {
		name := folder + stem
		if i > 1 {
			name += "-" + strconv.Itoa(i)
		}
		name += ext
		if key := strings.ToLower(name); !n[key] {
			n[key] = true
			return name
		}
	}
}

// recordStem is date and title of a record: "2026-05-01-blood-count".
func recordStem(m record.Meta) string {
	date := first(m.Date, m.Outline.Date)
	if len(date) < 4 || slug(date, 10) == "" {
		date = m.Added.UTC().Format("2006-01-02")
	}
	name := first(m.Title, m.Outline.Title, strings.TrimSuffix(m.Source.Name, extension(m.Format)))
	return strings.TrimSuffix(slug(date, 10)+"-"+first(slug(name, 100), "record"), "-")
}

func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// slug keeps letters, marks and digits of any script and turns everything else
// into single hyphens: no separators, dots, controls or directions survive. It
// is cut at n bytes.
func slug(s string, n int) string {
	var b strings.Builder
	gap := false
	for _, r := range s {
		if r == unicode.ReplacementChar || !(unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)) {
			gap = b.Len() > 0
			continue
		}
		need := len(string(r))
		if gap {
			need++
		}
		if b.Len()+need > n {
			break
		}
		if gap {
			b.WriteByte('-')
			gap = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
