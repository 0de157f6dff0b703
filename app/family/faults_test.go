package family_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A test that cannot fail shows nothing: what goes wrong outside of the fold must be
// noticed in few histories.
func TestHistoriesNotice(t *testing.T) {
	for _, tt := range []struct {
		name   string
		faults faults
		want   error
	}{
		{"a removal without a new key", faults{keepKey: true}, errOpened},
		{"the order of arrival", faults{arrival: true}, errDiffer},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var c tally
			for seed := range uint64(3000) {
				if err := symbolic(seed+1, tt.faults, &c); err != nil {
					if errors.Is(err, tt.want) {
						t.Logf("history %d: %v", seed+1, err)
						return
					}
				}
			}
			t.Error("nothing noticed")
		})
	}
}

// mutants are faults in the rules, each a change of one line: what the histories
// would let through, they do not check.
type mutant struct{ name, file, old, new string }

var mutants = []mutant{
	{"addition beats removal", "person.go", "c.user == user && f.sees(o, c.op) && !f.sees(e, c.op)", "c.user == user && f.sees(o, c.op) && f.sees(c.op, e)"},
	{"what a removed member writes counts", "person.go", "case c.kind == cutMember && c.user == user:", "case c.kind == cutMember && c.user == user && false:"},
	{"what a lost device writes counts", "person.go", "if !listed || slices.ContainsFunc(f.cuts", "if !listed || false && slices.ContainsFunc(f.cuts"},
	{"a lost device comes back as a new one", "person.go", "return !slices.ContainsFunc(f.cuts, func(c cut) bool { return c.kind == cutDevice && c.user == o.user", "return !slices.ContainsFunc(f.cuts, func(c cut) bool { return false && c.kind == cutDevice && c.user == o.user"},
	{"a key made by a removed device stays", "epoch.go", "role == None || !contains(f.in(e.op.user, end), maker)", "false && !contains(f.in(e.op.user, end), maker)"},
	{"a key stays that a removed member was given", "epoch.go", "return slices.ContainsFunc(e.to, f.stale)", "return false"},
	{"a key made without knowledge of a removal stays", "epoch.go", "\tif f.unaware(e) {\n\t\treturn true\n\t}\n", ""},
	{"sealed to a list that has a lost device", "person.go", "p.user == user && p.covers(gone) &&", "p.user == user &&"},
	{"the last owner leaves", "fold.go", "waiting = f.pass(); !f.owned()", "waiting = f.pass(); false && !f.owned()"},
	{"nobody is given what is theirs", "state.go", "if e.act.N >= m.From &&", "if e.act.N > m.From &&"},
	{"cuts are decided as they come", "fold.go", "slices.MinFunc(waiting, f.compare), len(f.cuts)", "waiting[len(waiting)-1], len(f.cuts)"},
	{"an owner removes one who is it for longer", "judge.go", "(theirs < Owner || since < later)", "true"},
	{"an old list brings a lost device back", "judge.go", "!o.public.covers(f.lost(a.User, o))", "false"},
}

// Each mutant of the package must fail the histories. It is built with the changed
// file laid over, so nothing in the tree is touched.
func TestHistoriesKillMutants(t *testing.T) {
	if raced || testing.Short() || runtime.GOOS == "js" {
		t.Skip("builds the package many times over; runs natively without the race detector")
	}
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			if out, err := m.run(t); err == nil {
				t.Errorf("lives on:\n%s", out)
			} else if !strings.Contains(out, "history ") {
				t.Errorf("not killed by a history: %v\n%s", err, out)
			}
		})
	}
}

// run returns what the histories say of a mutant.
func (m mutant) run(t *testing.T) (string, error) {
	t.Helper()
	b, err := os.ReadFile(m.file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(b), m.old) != 1 {
		t.Fatalf("%s has not one %q", m.file, m.old)
	}
	dir, here := t.TempDir(), must(os.Getwd())
	changed := filepath.Join(dir, m.file)
	laid := must(json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(here, m.file): changed}}))
	for name, b := range map[string][]byte{changed: []byte(strings.Replace(string(b), m.old, m.new, 1)), filepath.Join(dir, "overlay.json"): laid} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command("go", "test", "-overlay", filepath.Join(dir, "overlay.json"), "-run", "^TestHistories$", ".", "-histories", "40000").CombinedOutput()
	return string(out), err
}
