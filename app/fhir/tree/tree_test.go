package tree_test

import (
	"fmt"
	"slices"
	"testing"

	"potli/app/fhir/tree"
)

func read(t *testing.T, s string) tree.Object {
	t.Helper()
	o, err := tree.Read([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestWalk(t *testing.T) {
	o := read(t, `{"code":{"coding":[{"system":"s","code":"1"},{"code":"2"}],"text":"x"},"value":1.50,"none":[],"many":["a","b"]}`)
	for path, want := range map[string]string{"code.coding.code": "1", "code.text": "x", "value": "1.50", "none": "", "none.code": "", "many": "a", "code": "", "code.text.deeper": "", "": "", "x.y": ""} {
		if got := tree.Word(o, path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
	if l := tree.List(tree.At(o, "code.coding")); len(l) != 2 {
		t.Errorf("%v", l)
	}
	if tree.Text(o["value"]) != "" || tree.Obj(o["many"]) != nil || tree.List(o["code"]) != nil || tree.First(o["none"]) != nil || tree.First("x") != "x" || tree.First(o["many"]) != "a" {
		t.Error("types are mixed up")
	}
	if _, err := tree.Read([]byte(`[1]`)); err == nil {
		t.Error("an array is read as an object")
	}
}

// TestEmpty: what fills in does not touch what is there and empty; what judges finds it empty.
func TestEmpty(t *testing.T) {
	for _, c := range []struct {
		object, name string
		has, filled  bool
	}{
		{`{"a":"x"}`, "a", true, true}, {`{"a":""}`, "a", true, false}, {`{"a":null}`, "a", true, false}, {`{"a":[]}`, "a", true, false}, {`{"a":{}}`, "a", true, false},
		{`{"a":false}`, "a", true, true}, {`{"a":0}`, "a", true, true}, {`{"b":1}`, "a", false, false}, {`{}`, "a", false, false},
		{`{"_a":{"extension":[{}]}}`, "a", false, true}, // who fills in asks for "_a" by its name
		{`{"valueString":"x"}`, "value[x]", true, true}, {`{"valueString":""}`, "value[x]", true, false}, {`{"_valueString":{"id":"1"}}`, "value[x]", true, true},
		{`{"value":"x"}`, "value[x]", false, false}, {`{"valueset":"x"}`, "value[x]", false, false}, {`{"valueString":"x"}`, "value", false, false},
	} {
		o := read(t, c.object)
		if got := tree.Has(o, c.name); got != c.has {
			t.Errorf("%s has %s: %v", c.object, c.name, got)
		}
		if got := tree.Filled(o, c.name); got != c.filled {
			t.Errorf("%s fills %s: %v", c.object, c.name, got)
		}
	}
	if !tree.Has(read(t, `{"b":1}`), "a", "b") {
		t.Error("one of several")
	}
}

func TestEach(t *testing.T) {
	o := read(t, `{"b":[{"d":{}},{"c":{}}],"a":{"e":[[{"f":1}]]},"g":"x"}`)
	var paths, names []string
	tree.Paths(o, "R", func(path string, o tree.Object) { paths = append(paths, fmt.Sprint(path, len(o))) })
	tree.Each(o, "R", func(name string, o tree.Object) { names = append(names, name) })
	if want := []string{"R3", "R.a1", "R.a.e1", "R.b1", "R.b.d0", "R.b1", "R.b.c0"}; !slices.Equal(paths, want) {
		t.Errorf("got %q, want %q", paths, want)
	}
	if want := []string{"R", "a", "e", "b", "d", "b", "c"}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}

// FuzzWalk: nothing that is JSON makes a walk fail, or find what is filled and not there.
func FuzzWalk(f *testing.F) {
	f.Add([]byte(`{"a":{"b":[{"c":1.50}]}}`), "a.b.c")
	f.Add([]byte(`{"valueString":""}`), "value[x]")
	f.Fuzz(func(t *testing.T, raw []byte, path string) {
		o, err := tree.Read(raw)
		if err != nil {
			return
		}
		tree.Word(o, path)
		tree.Paths(o, "", func(p string, o tree.Object) {
			if tree.Filled(o, path) && !tree.Has(o, path) && !tree.Has(o, "_"+path) {
				t.Errorf("%s: %q is filled and not there", raw, path)
			}
		})
	})
}
