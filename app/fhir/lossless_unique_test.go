package fhir_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"potli/app/fhir"
	"potli/app/fhir/fhirtest"
)

// TestLosslessUnique repeats the check with every word and number replaced by
// one that occurs nowhere else, so that no leaf hides behind the same word
// shown from another place, and with elements that FHIR does not have.
func TestLosslessUnique(t *testing.T) {
	for name, b := range documents(t) {
		if len(b) > 400_000 {
			continue // the same generator as the small one
		}
		t.Run(name, func(t *testing.T) {
			var v any
			dec := json.NewDecoder(bytes.NewReader(b))
			dec.UseNumber()
			if err := dec.Decode(&v); err != nil {
				t.Fatal(err)
			}
			u := &unique{}
			v = u.value(v, nil)
			marked, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			f, err := fhir.Parse(marked)
			if err != nil {
				t.Fatal(err)
			}
			d := f.Document()
			all := &fhirtest.Words{}
			for _, view := range d.Views {
				all.Folded += fhirtest.Everything(t, f, view).Folded
			}
			for _, s := range d.Sections {
				all.Add(s.Title, s.Code, s.Empty)
			}
			faults := 0
			for _, m := range u.marks {
				if !strings.Contains(all.Folded, m.token) {
					if faults++; faults < 15 {
						t.Errorf("%s (%s) is not shown", m.path, m.token)
					}
				}
			}
		})
	}
}

type mark struct{ path, token string }

type unique struct {
	n     int
	marks []mark
}

// kept are leaves that decide how the rest is read, or stand for structure.
var kept = map[string]bool{"resourceType": true, "id": true, "reference": true, "url": true, "system": true, "div": true, "data": true,
	"fullUrl": true, "contentType": true, "implicitRules": true, "version": true, "userSelected": true, "periodUnit": true, "durationUnit": true}

func (u *unique) value(v any, path []string) any {
	switch v := v.(type) {
	case map[string]any:
		return u.object(v, path)
	case []any:
		for i := range v {
			v[i] = u.value(v[i], path)
		}
		return v
	case string:
		if u.skip(path, v) {
			return v
		}
		return u.mark(path, "zq"+strconv.Itoa(u.next())+"k")
	case json.Number:
		if u.skip(path, v.String()) || path[len(path)-1] == "sequence" {
			return v
		}
		return json.Number(u.mark(path, strconv.Itoa(7_000_000+u.next())))
	}
	return v
}

func (u *unique) object(v map[string]any, path []string) any {
	_, isResource := v["resourceType"]
	for k, x := range v {
		if k == "type" && v["reference"] != nil || isResource && k == "type" && v["entry"] != nil {
			continue
		}
		if (k == "value" || k == "code" || k == "system") && v["coding"] == nil && fmt.Sprint(x) == "" {
			continue
		}
		v[k] = u.value(x, append(path[:len(path):len(path)], k))
	}
	if isResource && v["entry"] == nil {
		at := append(path[:len(path):len(path)], "unknownElement")
		v["unknownElement"] = map[string]any{
			"deeper": []any{map[string]any{"word": u.mark(at, "zq"+strconv.Itoa(u.next())+"k")}},
			"number": json.Number(u.mark(at, strconv.Itoa(7_000_000+u.next()))),
		}
		v["modifierExtension"] = []any{map[string]any{"url": "http://example.org/strange", "valueString": u.mark(at, "zq"+strconv.Itoa(u.next())+"k")}}
	}
	return v
}

func (u *unique) next() int { u.n++; return u.n }

func (u *unique) mark(path []string, token string) string {
	u.marks = append(u.marks, mark{strings.Join(path, "."), token})
	return token
}

func (u *unique) skip(path []string, leaf string) bool {
	all := strings.Join(path, ".")
	name := path[len(path)-1]
	return kept[name] || strings.Contains(all, ".meta.") || strings.HasPrefix(all, "meta.") || strings.HasSuffix(all, "text.status") ||
		strings.Contains(all, "text.extension") || !strings.Contains(all, "resource.") && strings.HasPrefix(all, "entry.") || len(path) == 1 && (name == "timestamp" || name == "type" || name == "language") ||
		strings.HasPrefix(all, "identifier.") || strings.HasPrefix(all, "signature") || name == "size" || name == "hash"
}
