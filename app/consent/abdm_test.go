package consent_test

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"potli/app/consent"
)

// testdata/abdm-artefact-v3.json is the consentDetail of an artefact as the exchange's
// documentation has it.
func abdmExample(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/abdm-artefact-v3.json")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestABDM(t *testing.T) {
	q, a, err := consent.ParseABDM(abdmExample(t))
	if err != nil {
		t.Fatal(err)
	}
	if q.Purpose != (consent.Purpose{Code: consent.Care, Text: "Care Management"}) || !slices.Equal(q.Kinds, []consent.Kind{consent.Consultation}) ||
		q.Dates != (consent.Dates{From: "2026-06-03", To: "2026-06-04"}) || q.Repeat != consent.Once || q.After != consent.View ||
		!q.Until.Equal(time.Date(2036, 6, 4, 20, 24, 59, 0, time.UTC)) || a.Patient != "asha.example@sbx" || a.Holder != "HIP_1" || a.By.Type != "SELF" {
		t.Errorf("%+v, %+v", q, a)
	}

	// What we write has the members of the example, of the same types, and reads as what
	// was granted.
	g := &consent.Grant{ID: "id", Purpose: q.Purpose, Kinds: []consent.Kind{consent.Report, consent.Prescription, "allergy"}, Dates: q.Dates,
		Begin: now, Until: now.Add(240 * time.Hour), Repeat: consent.Follow, After: consent.Keep}
	b, err := consent.ABDMArtefact(g, *a)
	if err != nil {
		t.Fatal(err)
	}
	var ours, theirs map[string]any
	if json.Unmarshal(b, &ours) != nil || json.Unmarshal(abdmExample(t), &theirs) != nil {
		t.Fatalf("%s", b)
	}
	alike(t, "", ours, theirs)
	again, beside, err := consent.ParseABDM(b)
	if err != nil || !slices.Equal(again.Kinds, []consent.Kind{consent.Report, consent.Prescription}) || again.Dates != g.Dates || !again.Until.Equal(g.Until) ||
		again.Repeat != g.Repeat || again.After != g.After || again.Purpose != g.Purpose || !reflect.DeepEqual(beside, a) {
		t.Errorf("%+v, %+v, %v", again, beside, err)
	}
	g.Repeat, g.After = consent.Once, consent.View
	if b, err = consent.ABDMArtefact(g, *a); err != nil {
		t.Fatal(err)
	}
	if again, _, err = consent.ParseABDM(b); err != nil || again.Repeat != consent.Once || again.After != consent.View {
		t.Errorf("%+v, %v", again, err)
	}
}

// alike fails unless two values have the same members of the same types, all the way.
func alike(t *testing.T, at string, a, b any) {
	t.Helper()
	x, ok := a.(map[string]any)
	y, too := b.(map[string]any)
	if ok != too || reflect.TypeOf(a) != reflect.TypeOf(b) {
		t.Errorf("%s: %T and %T", at, a, b)
		return
	}
	if !ok {
		return
	}
	if !slices.Equal(slices.Sorted(maps.Keys(x)), slices.Sorted(maps.Keys(y))) {
		t.Errorf("%s: %v and %v", at, slices.Sorted(maps.Keys(x)), slices.Sorted(maps.Keys(y)))
	}
	for name := range x {
		alike(t, at+"/"+name, x[name], y[name])
	}
}

// What an artefact cannot say is not said wider.
func TestABDMRefuses(t *testing.T) {
	good := consent.Grant{Kinds: []consent.Kind{consent.Report}, Dates: consent.Dates{From: "2026-01-01", To: "2026-02-01"}, Begin: now, Until: now.Add(time.Hour)}
	for name, c := range map[string]struct {
		change func(*consent.Grant)
		want   *consent.Fault
	}{
		"entries alone":   {func(g *consent.Grant) { g.Kinds = []consent.Kind{"allergy"} }, &consent.Fault{Code: consent.Unknown, Field: "kinds"}},
		"single records":  {func(g *consent.Grant) { g.Records = append(g.Records, "r1") }, &consent.Fault{Code: consent.TooBig, Field: "records"}},
		"without an end":  {func(g *consent.Grant) { g.Dates.To = "" }, &consent.Fault{Code: consent.TooBig, Field: "dates"}},
		"without a start": {func(g *consent.Grant) { g.Dates.From = "" }, &consent.Fault{Code: consent.TooBig, Field: "dates"}},
	} {
		g := good
		c.change(&g)
		if _, err := consent.ABDMArtefact(&g, consent.ABDM{}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(map[string]any){
		"another purpose": func(m map[string]any) { m["purpose"] = map[string]any{"code": "MARKETING"} },
		"another kind":    func(m map[string]any) { m["hiTypes"] = []any{"Everything"} },
		"no kinds":        func(m map[string]any) { m["hiTypes"] = []any{} },
		"another mode":    func(m map[string]any) { m["permission"].(map[string]any)["accessMode"] = "STREAM" },
		"no end":          func(m map[string]any) { delete(m["permission"].(map[string]any), "dataEraseAt") },
		"back in time": func(m map[string]any) {
			m["permission"].(map[string]any)["dateRange"] = map[string]any{"from": "2026-02-01T00:00:00.000Z", "to": "2026-01-01T00:00:00.000Z"}
		},
	} {
		var m map[string]any
		if err := json.Unmarshal(abdmExample(t), &m); err != nil {
			t.Fatal(err)
		}
		change(m)
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if q, _, err := consent.ParseABDM(b); err == nil || q != nil {
			t.Errorf("%s: %+v, %v", name, q, err)
		}
	}
}

func FuzzParseABDM(f *testing.F) {
	f.Add(abdmExample(f))
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		q, a, err := consent.ParseABDM(b)
		if err != nil || q.Until.Year() > 9999 {
			return
		}
		g := &consent.Grant{Purpose: q.Purpose, Kinds: q.Kinds, Dates: q.Dates, Begin: q.Until.Add(-time.Hour), Until: q.Until, Repeat: q.Repeat, After: q.After}
		out, err := consent.ABDMArtefact(g, *a)
		if err != nil {
			t.Fatalf("read, and not written: %v", err)
		}
		if again, _, err := consent.ParseABDM(out); err != nil || !slices.Equal(again.Kinds, q.Kinds) || again.Repeat != q.Repeat || again.After != q.After {
			t.Errorf("%s and back: %+v, %v", b, again, err)
		}
	})
}
