package share

import (
	"bytes"
	"encoding/json"
	"strings"
)

// object is a JSON object being worked on. Numbers stay json.Number, so that 1.50 leaves as 1.50: in FHIR the precision
// of a decimal is part of its value.
type object = map[string]any

func readObject(raw []byte) (object, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var o object
	if err := d.Decode(&o); err != nil {
		return nil, err
	}
	return o, nil
}

// writeJSON writes v with sorted members: the same selection always gives the same bytes.
func writeJSON(v any) []byte {
	var b bytes.Buffer
	appendJSON(&b, v)
	return b.Bytes()
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func obj(v any) object {
	o, _ := v.(object)
	return o
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

// first returns the first of several elements that are written as an array, or the one that is not.
func first(v any) any {
	if l, ok := v.([]any); ok {
		if len(l) == 0 {
			return nil
		}
		return l[0]
	}
	return v
}

// at follows member names, through the first element of arrays.
func at(v any, path ...string) any {
	for _, name := range path {
		v = obj(first(v))[name]
	}
	return v
}

// has says whether o has one of the members, or one of the choices of an element that ends in [x]: has(o, "value[x]").
func has(o object, names ...string) bool {
	for _, name := range names {
		stem, choice := strings.CutSuffix(name, "[x]")
		if !choice {
			if _, ok := o[name]; ok {
				return true
			}
			continue
		}
		for k := range o {
			k = strings.TrimPrefix(k, "_")
			if rest, ok := strings.CutPrefix(k, stem); ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' {
				return true
			}
		}
	}
	return false
}

// each calls do for every object of the tree with the name of the member it stands under, parents first.
func each(v any, name string, do func(name string, o object)) {
	switch v := v.(type) {
	case object:
		do(name, v)
		for _, k := range sorted(v) {
			each(v[k], k, do)
		}
	case []any:
		for _, e := range v {
			each(e, name, do)
		}
	}
}

// concept is a CodeableConcept with one code.
func concept(system, code string) object {
	return object{"coding": []any{object{"system": system, "code": code}}}
}
