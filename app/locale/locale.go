// Package locale says messages in a person's language. Catalogues are JSON files under web/messages, given in by the
// caller: nothing of them is compiled in.
//
// It is not for parsing what people type, and it does not translate what a record says: text of a record stays as its
// author wrote it, only the words around it change.
package locale

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"potli/app/fhir"
)

// Locale is one language with its catalogue and a fallback. It is never changed after Load, so safe for concurrent use.
type Locale struct {
	tag      string
	source   []byte
	messages map[string]message
	fallback *Locale
	plural   func(operands) string
	group    func(digits string) string
}

// message is one text in its plural forms; a text without plurals has only other.
type message struct{ One, Other string }

// UnmarshalJSON accepts "text" and {"one": "text", "other": "text"}.
func (m *message) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &m.Other)
	}
	var forms map[string]string
	if err := json.Unmarshal(b, &forms); err != nil {
		return err
	}
	for form := range forms {
		if form != "one" && form != "other" {
			return fmt.Errorf("plural form %q", form)
		}
	}
	m.One, m.Other = forms["one"], forms["other"]
	if m.One == "" || m.Other == "" {
		return errors.New("both plural forms are needed")
	}
	return nil
}

// Load reads a catalogue {"key": "text {arg}" | {"one": …, "other": …}}; fallback may be nil.
func Load(tag string, catalogue []byte, fallback *Locale) (*Locale, error) {
	l := &Locale{tag: tag, source: catalogue, fallback: fallback, plural: pluralOf(tag), group: groupOf(tag)}
	if err := json.Unmarshal(catalogue, &l.messages); err != nil {
		return nil, fmt.Errorf("reading catalogue %s: %w", tag, err)
	}
	return l, nil
}

// Marshal writes a language for another thread of the program; Unmarshal reads it there. The fallback stays behind.
func (l *Locale) Marshal() []byte { return append([]byte(l.tag+"\x00"), l.source...) }

// Unmarshal reads what Marshal wrote.
func Unmarshal(b []byte) (*Locale, error) {
	tag, catalogue, ok := bytes.Cut(b, []byte{0})
	if !ok {
		return nil, errors.New("no language")
	}
	return Load(string(tag), catalogue, nil)
}

// Tag is the BCP 47 tag, Dir "ltr" or "rtl".
func (l *Locale) Tag() string { return l.tag }

// Dir is the direction of the script.
func (l *Locale) Dir() string {
	switch primary(l.tag) {
	case "ur", "ar", "fa", "ks", "sd":
		return "rtl"
	}
	return "ltr"
}

// primary is the language without region and script.
func primary(tag string) string {
	p, _, _ := strings.Cut(tag, "-")
	return p
}

// T says key with args given in pairs: T("import.done", "n", "3"). "n" chooses the plural form and is written as people
// write numbers. A key nobody knows is returned as it is, so that a missing text is seen and never hides the rest.
func (l *Locale) T(key string, args ...string) string {
	m, ok := l.find(key)
	if !ok {
		return key
	}
	return l.fill(l.choose(m, argument(args, "n")), args)
}

// Has says whether the catalogue (or its fallback) knows key.
func (l *Locale) Has(key string) bool {
	_, ok := l.find(key)
	return ok
}

func (l *Locale) find(key string) (message, bool) {
	for ; l != nil; l = l.fallback {
		if m, ok := l.messages[key]; ok {
			return m, true
		}
	}
	return message{}, false
}

// choose picks the plural form for n; what is no number is spoken of as many.
func (l *Locale) choose(m message, n string) string {
	if m.One == "" {
		return m.Other
	}
	if o, ok := operandsOf(n); ok && l.plural(o) == "one" {
		return m.One
	}
	return m.Other
}

// fill puts args into the braces of text, once: braces inside an argument stay what they are.
func (l *Locale) fill(text string, args []string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			b.WriteString("{" + rest)
			return b.String()
		}
		b.WriteString(l.written(name, argument(args, name)))
		text = after
	}
}

// written is an argument as it stands in a sentence.
func (l *Locale) written(name, value string) string {
	if name == "n" && digits(value) {
		return l.group(value)
	}
	return value
}

func argument(args []string, name string) string {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return args[i+1]
		}
	}
	return ""
}

// Message says a fhir.Message; arguments that are themselves keys ("@unit.day") are said first, in the plural form of
// the message's own "n".
func (l *Locale) Message(m fhir.Message) string {
	args := make([]string, 0, 2*len(m.Args))
	for name, value := range m.Args {
		if key, ok := strings.CutPrefix(value, "@"); ok && l.Has(key) {
			value = l.T(key, "n", m.Args["n"])
		}
		args = append(args, name, value)
	}
	return l.T(m.Key, args...)
}

// Value says a value of a record.
func (l *Locale) Value(v fhir.Value) string {
	switch v.Type {
	case fhir.ValueDate:
		return l.Moment(v.Text)
	case fhir.ValuePeriod:
		return l.period(v.Text, v.End)
	case fhir.ValueQuantity:
		return l.Measure(strings.TrimSpace(v.Text + "\u00a0" + v.Unit))
	case fhir.ValueMessage:
		said := make([]string, len(v.Messages))
		for i, m := range v.Messages {
			said[i] = l.Message(m)
		}
		return l.Comma(said)
	}
	return v.Text
}

// Measure keeps a number with its unit, or a range, in the order in which it is read off a device
// or a laboratory's paper: among letters that run from right to left, 118/76 mmHg would be drawn
// as mmHg 118/76, and 70 – 110 as 110 – 70 (UAX #9, isolates).
func (l *Locale) Measure(s string) string {
	if l.Dir() == "ltr" || strings.Trim(s, "0123456789.,") == "" {
		return s
	}
	return "\u2068" + s + "\u2069"
}

// Values says several values, one after the other.
func (l *Locale) Values(list []fhir.Value) string {
	said := make([]string, 0, len(list))
	for _, v := range list {
		if s := l.Value(v); s != "" {
			said = append(said, s)
		}
	}
	return l.Comma(said)
}

// Label says the label of a field.
func (l *Locale) Label(f fhir.Field) string {
	if f.Known {
		return l.T(f.Label)
	}
	return f.Label
}

func (l *Locale) period(start, end string) string {
	switch {
	case start == "" && end == "":
		return ""
	case end == "":
		return l.T("period.since", "start", l.Moment(start))
	case start == "":
		return l.T("period.until", "end", l.Moment(end))
	case start == end:
		return l.Moment(start)
	}
	return l.T("period.both", "start", l.Moment(start), "end", l.Moment(end))
}
