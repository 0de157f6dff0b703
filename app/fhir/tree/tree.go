// Package tree walks FHIR's JSON as encoding/json has it, for those who write it, change it or
// judge it. Whoever shows a document reads it with package fhir, which loses no byte of it.
//
// Nothing here fails: what is not there, or is of another type, is the zero value. Where an
// empty element counts and where it does not is told apart by name: Has and Filled.
package tree

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Object is a JSON object. Numbers are json.Number, so that 1.50 leaves as 1.50: in FHIR the
// precision of a decimal is part of its value.
type Object = map[string]any

// Read reads the one object at the beginning of raw. Errors: those of encoding/json.
func Read(raw []byte) (Object, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var o Object
	if err := d.Decode(&o); err != nil {
		return nil, err
	}
	return o, nil
}

// Text is a string; a number is none.
func Text(v any) string {
	s, _ := v.(string)
	return s
}

// Obj is an object, or nil.
func Obj(v any) Object {
	o, _ := v.(Object)
	return o
}

// List is an array, or nil.
func List(v any) []any {
	l, _ := v.([]any)
	return l
}

// First is the first of several elements that are written as an array, or the one that is not.
func First(v any) any {
	l, several := v.([]any)
	switch {
	case !several:
		return v
	case len(l) == 0:
		return nil
	}
	return l[0]
}

// At walks down the names of a path, "code.coding.system", through the first of every array,
// to whatever stands there: an array too. A path is one string since each of many would weigh
// as code.
//
//go:noinline
func At(v any, path string) any {
	for path != "" {
		var name string
		name, path, _ = strings.Cut(path, ".")
		v = Obj(First(v))[name]
	}
	return v
}

// Word is the string, or the number as it is written, that stands at a path; of several the
// first.
//
//go:noinline
func Word(v any, path string) string {
	switch v := First(At(v, path)).(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// Has says whether o has one of the members, be it empty; or one of the choices of an element
// that ends in [x], or an extension in its place: Has(o, "value[x]"). It is for who fills in
// what is missing, and must not touch what is there.
func Has(o Object, names ...string) bool {
	for _, name := range names {
		if _, ok := o[name]; ok {
			return true
		}
		if !strings.HasSuffix(name, "[x]") {
			continue
		}
		for k := range o {
			if chosen(strings.TrimPrefix(k, "_"), name) {
				return true
			}
		}
	}
	return false
}

// Filled says whether an element says something: a value, or an extension that says why there
// is none; of an element that ends in [x] any of its choices. It is for who judges: FHIR knows
// no empty strings, objects or arrays (R4, "JSON Representation").
func Filled(o Object, name string) bool {
	for k, v := range o {
		k = strings.TrimPrefix(k, "_")
		if (k == name || chosen(k, name)) && !Empty(v) {
			return true
		}
	}
	return false
}

// chosen says whether a member is a choice of an element that ends in [x].
func chosen(member, name string) bool {
	stem, choice := strings.CutSuffix(name, "[x]")
	rest, ok := strings.CutPrefix(member, stem)
	return choice && ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z'
}

// Empty says whether a value says nothing.
func Empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case Object:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}

// Each calls do for every object of the tree with the name of the member it stands under:
// parents first, members by name.
func Each(v any, name string, do func(name string, o Object)) {
	walk(v, name, func(_, member string) string { return member }, do)
}

// Paths is Each with the path that leads to an object.
func Paths(v any, path string, do func(path string, o Object)) {
	walk(v, path, func(path, member string) string { return path + "." + member }, do)
}

func walk(v any, at string, below func(at, member string) string, do func(at string, o Object)) {
	switch v := v.(type) {
	case Object:
		do(at, v)
		for _, k := range slices.Sorted(maps.Keys(v)) {
			switch v[k].(type) {
			case Object, []any:
				walk(v[k], below(at, k), below, do)
			}
		}
	case []any:
		for _, e := range v {
			walk(e, at, below, do)
		}
	}
}
