package fhir

import (
	"html"
	"strings"
)

// attributes reads a start tag from its name to behind its ">". Of attributes
// it keeps the few that are looked at.
func attributes(s string) (attrs map[string]string, n int, closed bool) {
	i := 0
	for i < len(s) && !strings.ContainsRune(" \t\r\n/>", rune(s[i])) {
		i++
	}
	for i < len(s) {
		switch c := s[i]; {
		case c == '>':
			return attrs, i + 1, closed
		case c == '/':
			closed = true
			i++
		case c <= ' ':
			i++
		default:
			closed = false
			var name, value string
			name, value, i = attribute(s, i)
			switch name {
			case "alt", "title", "href", "colspan", "rowspan":
				if attrs == nil {
					attrs = map[string]string{}
				}
				if _, twice := attrs[name]; !twice {
					attrs[name] = html.UnescapeString(value)
				}
			}
		}
	}
	return attrs, i, closed
}

func attribute(s string, i int) (name, value string, next int) {
	from := i
	for i < len(s) && s[i] > ' ' && s[i] != '=' && s[i] != '>' && s[i] != '/' {
		i++
	}
	if i == from { // a stray "="
		return "", "", i + 1
	}
	name = strings.ToLower(s[from:i])
	j := i
	for j < len(s) && s[j] <= ' ' {
		j++
	}
	if j >= len(s) || s[j] != '=' {
		return name, "", i
	}
	for j++; j < len(s) && s[j] <= ' '; j++ {
	}
	if j >= len(s) {
		return name, "", j
	}
	if q := s[j]; q == '"' || q == '\'' {
		if end := strings.IndexByte(s[j+1:], q); end >= 0 {
			return name, s[j+1 : j+1+end], j + end + 2
		}
		return name, "", j + 1 // no closing quote: read on as attributes, so that text after ">" survives
	}
	from = j
	for j < len(s) && s[j] > ' ' && s[j] != '>' {
		j++
	}
	return name, s[from:j], j
}

func spanOf(s string) int {
	n := 0
	for _, c := range []byte(strings.TrimSpace(s)) {
		if c < '0' || c > '9' || n > 100 {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	if n > 100 {
		return 100
	}
	if n == 1 {
		return 0
	}
	return n
}

// address is what a link adds to its words: where it leads, when they do not
// say so. Links of generated narratives into specifications add nothing.
func address(href, words string) string {
	href = strings.TrimSpace(clean(href))
	low := strings.ToLower(href)
	shown := ""
	switch {
	case strings.HasPrefix(low, "mailto:"), strings.HasPrefix(low, "tel:"):
		shown = href[strings.IndexByte(href, ':')+1:]
	case strings.HasPrefix(low, "https://"), strings.HasPrefix(low, "http://"):
		shown = href
		for _, known := range []string{"hl7.org", "loinc.org", "snomed", "ihtsdotools", "unitsofmeasure.org", "nlm.nih.gov"} {
			if strings.Contains(low, known) && words != "" {
				return ""
			}
		}
	default:
		return ""
	}
	switch {
	case shown == "" || len(shown) > 300 || strings.Contains(words, strings.TrimSuffix(shown, "/")):
		return ""
	case strings.TrimSpace(words) == "":
		return shown
	}
	return " (" + shown + ")"
}
