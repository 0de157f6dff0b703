package consent

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"potli/app/strict"
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

// decode reads a stranger's JSON object into v. Members that are not known are
// passed over. Errors: Damaged, TooBig.
func decode(b []byte, v any, known ...string) error {
	switch err := strict.Decode(b, v, known...); {
	case err == nil:
		return nil
	case errors.Is(err, strict.ErrMalformed):
		return fault(Damaged, "")
	}
	return fault(TooBig, "")
}
