package conform

import (
	"slices"
	"strings"
)

// object is a JSON object.
type object = map[string]any

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

func first(v any) any {
	if l := list(v); len(l) > 0 {
		return l[0]
	}
	return v
}

// has says whether an element is there: a value, or an extension that says why there is none. A name that ends in [x] stands
// for each of its choices.
func has(o object, name string) bool {
	stem, choice := strings.CutSuffix(name, "[x]")
	for k, v := range o {
		if empty(v) {
			continue
		}
		k = strings.TrimPrefix(k, "_")
		if k == name {
			return true
		}
		if rest, ok := strings.CutPrefix(k, stem); choice && ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' {
			return true
		}
	}
	return false
}

// empty: FHIR knows no empty strings, objects or arrays (R4, "JSON Representation").
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case object:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}

// hasCode says whether a CodeableConcept, or one of several, has a code; system "" is any.
func hasCode(concept any, system string, codes ...string) bool {
	all := list(concept)
	if all == nil {
		all = []any{concept}
	}
	for _, c := range all {
		for _, coding := range list(obj(c)["coding"]) {
			coding := obj(coding)
			if (system == "" || text(coding["system"]) == system) && slices.Contains(codes, text(coding["code"])) {
				return true
			}
		}
	}
	return false
}

// each calls do for every object below v with the path that leads there.
func each(v any, path string, do func(path string, o object)) {
	switch v := v.(type) {
	case object:
		do(path, v)
		for k, e := range v {
			switch e.(type) {
			case object, []any:
				each(e, path+"."+k, do)
			}
		}
	case []any:
		for _, e := range v {
			each(e, path, do)
		}
	}
}
