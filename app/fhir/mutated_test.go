package fhir_test

import (
	"encoding/json"
	"math/rand/v2"
	"sort"
	"testing"

	"potli/app/fhir"
	"potli/app/fhir/fhirtest"
)

// FuzzMutated reads documents in which elements hold what they never should:
// a list for a word, a Quantity for a name, one resource's elements in
// another. Bytes alone seldom get past the JSON.
func FuzzMutated(f *testing.F) {
	for seed := range uint64(600) {
		f.Add(seed)
	}
	var pool []any
	docs := ours(f)
	names := make([]string, 0, len(docs))
	for name := range docs {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		var v any
		if err := json.Unmarshal(docs[name], &v); err != nil {
			f.Fatal(err)
		}
		if bundle, ok := v.(map[string]any); ok {
			if entries, ok := bundle["entry"].([]any); ok {
				for _, e := range entries {
					pool = append(pool, e.(map[string]any)["resource"])
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		m := &mutator{rand.New(rand.NewPCG(seed, 1)), pool}
		var entries []any
		for range 1 + m.IntN(4) {
			r := m.mutate(m.pick(), 0)
			if o, ok := r.(map[string]any); ok && o["resourceType"] == nil {
				o["resourceType"] = "Basic"
			}
			entries = append(entries, map[string]any{"resource": r})
		}
		b, err := json.Marshal(map[string]any{"resourceType": "Bundle", "type": []string{"document", "collection"}[m.IntN(2)], "entry": entries})
		if err != nil {
			t.Fatal(err)
		}
		file, err := fhir.Parse(b)
		if err == fhir.ErrTooDeep {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		d := file.Document()
		file.Outline()
		for i, v := range d.Views {
			checkView(t, file, i, v)
		}
		fhirtest.Lossless(t, b)
	})
}

type mutator struct {
	*rand.Rand
	pool []any
}

// pick is a resource, or something from inside one.
func (m *mutator) pick() any { return m.pool[m.IntN(len(m.pool))] }

func (m *mutator) part(v any) any {
	for range m.IntN(5) {
		switch x := v.(type) {
		case map[string]any:
			if len(x) > 0 {
				v = x[m.key(x)]
			}
		case []any:
			if len(x) > 0 {
				v = x[m.IntN(len(x))]
			}
		}
	}
	return v
}

func (m *mutator) key(x map[string]any) string {
	keys := make([]string, 0, len(x))
	for k := range x {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys[m.IntN(len(keys))]
}

func (m *mutator) mutate(v any, depth int) any {
	if depth > 0 && m.IntN(25) == 0 {
		switch m.IntN(6) {
		case 0:
			return m.part(m.pick())
		case 1:
			return []any{v, m.part(m.pick())}
		case 2:
			return map[string]any{"value": v, "text": "odd"}
		case 3:
			return []any{nil, true, -1.5e300, "", " ", "\u0000\u202e", []any{}, map[string]any{}}[m.IntN(8)]
		case 4:
			return m.Float64() * 1e6
		default:
			return "<script>" + string(rune(m.IntN(0x3000)))
		}
	}
	switch x := v.(type) {
	case map[string]any:
		out := map[string]any{}
		keys := make([]string, 0, len(x))
		for k := range x {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			out[k] = m.mutate(x[k], depth+1)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = m.mutate(x[i], depth+1)
		}
		return out
	}
	return v
}
