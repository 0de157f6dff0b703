package family_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"potli/app/family"
)

// What a device told of its log is there for everybody, in the order in which it was
// told, with the key of the device; a contact tells nothing.
func TestLogged(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{"name": "Asha"}})
	w.mother.write(&family.Logged{Lines: []string{"one", "two"}, Checkpoint: "note"})
	w.mother.write(&family.Logged{From: 2, Lines: []string{"three"}})
	w.father.h = w.mother.copy()
	w.father.write(&family.Logged{Lines: []string{"his"}})
	w.mother.h = w.father.copy()
	logs := w.mother.state().Logs
	of := func(p *phone) (list []string) {
		for _, l := range logs {
			if l.Device == p.author().Device && l.User == p.id() && string(l.Key) == string(w.mother.state().Verifier(l.Device)) {
				list = append(list, l.Lines...)
			}
		}
		return list
	}
	if got := of(w.mother); !slices.Equal(got, []string{"one", "two", "three"}) || logs[0].Checkpoint != "note" || logs[1].From != 2 {
		t.Errorf("%+v", logs)
	}
	if got := of(w.father); !slices.Equal(got, []string{"his"}) {
		t.Errorf("%+v", logs)
	}
	w.neighbour.h = w.mother.copy()
	w.neighbour.refused(&family.Logged{Lines: []string{"x"}}, family.ErrRole)
}

func TestLoggedLimits(t *testing.T) {
	for name, a := range map[string]*family.Logged{
		"nothing":       {},
		"an empty line": {Lines: []string{""}},
		"two in one":    {Lines: []string{"a\nb"}},
		"too much":      {Lines: []string{strings.Repeat("a", family.MaxLogged+1)}},
		"before":        {From: -1, Lines: []string{"a"}},
		"a long note":   {Checkpoint: strings.Repeat("a", 8<<10+1)},
		"many":          {Lines: slices.Repeat([]string{"a"}, 1<<10+1)},
	} {
		if _, _, err := family.Encode(a); !errors.Is(err, family.ErrBody) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := family.Encode(&family.Logged{Lines: []string{strings.Repeat("\"", family.MaxLogged)}}); err != nil && !errors.Is(err, family.ErrBody) {
		t.Error(err)
	}
}
