package consent

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a stranger's JSON may be like.
const (
	maxDepth  = 8
	maxValues = 4000
)

// canonical writes a value as RFC 8785 does, for what we write: members in the
// order of their names (of ASCII letters), no space, whole numbers, texts escaped
// only where JSON asks for it. What is signed are these bytes.
func canonical(v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(plain))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return nil, err
	}
	return appendValue(nil, tree), nil
}

func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		b = append(b, '{')
		for i, name := range names {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendValue(append(appendText(b, name), ':'), v[name])
		}
		return append(b, '}')
	case []any:
		b = append(b, '[')
		for i, e := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendValue(b, e)
		}
		return append(b, ']')
	case string:
		return appendText(b, v)
	case json.Number:
		return append(b, v...)
	case bool:
		if v {
			return append(b, "true"...)
		}
		return append(b, "false"...)
	}
	return append(b, "null"...)
}

// appendText escapes as RFC 8785 section 3.2.2.2 does; the encoder of the standard
// library escapes U+2028, "<" and more beside.
func appendText(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\b':
			b = append(b, `\b`...)
		case c == '\f':
			b = append(b, `\f`...)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// decode reads a stranger's JSON object into v. No name may come twice in an
// object, nor be one that the decoder of the standard library takes for another
// because they differ in case only: nobody may read something else out of what is
// signed. Members that are not known are passed over. Errors: Damaged, TooBig.
func decode(b []byte, v any, known ...string) error {
	if !utf8.Valid(b) || !bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte("{")) {
		return fault(Damaged, "")
	}
	w := walker{d: json.NewDecoder(bytes.NewReader(b)), known: known}
	if err := w.value(0); err != nil {
		return err
	}
	if _, err := w.d.Token(); err != io.EOF {
		return fault(Damaged, "")
	}
	if json.Unmarshal(b, v) != nil {
		return fault(Damaged, "")
	}
	return nil
}

type walker struct {
	d     *json.Decoder
	known []string
	seen  int
}

func (w *walker) value(depth int) error {
	if w.seen++; w.seen > maxValues || depth > maxDepth {
		return fault(TooBig, "")
	}
	token, err := w.d.Token()
	if err != nil {
		return fault(Damaged, "")
	}
	open, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	names := map[string]bool{}
	for w.d.More() {
		if open == '{' {
			if err := w.name(names); err != nil {
				return err
			}
		}
		if err := w.value(depth + 1); err != nil {
			return err
		}
	}
	if _, err := w.d.Token(); err != nil {
		return fault(Damaged, "")
	}
	return nil
}

func (w *walker) name(names map[string]bool) error {
	token, err := w.d.Token()
	name, ok := token.(string)
	if err != nil || !ok || names[name] {
		return fault(Damaged, "")
	}
	names[name] = true
	for _, k := range w.known {
		if name != k && strings.EqualFold(name, k) {
			return fault(Damaged, "")
		}
	}
	return nil
}

// paragraphs drops from a text what is not to be seen, and leaves its lines.
func paragraphs(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case r == '\r', r == '\u2028', r == '\u2029':
			return '\n'
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\ufeff', r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s))
}
