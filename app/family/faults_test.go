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

// A test that cannot fail shows nothing: what goes wrong outside of the fold is
// noticed within few histories.
func TestT25_HistoriesNotice(t *testing.T) {
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

// mutants are faults in the rules, each a change of one place: what no test notices,
// no test checks.
type mutant struct{ name, file, old, new string }

var mutants = []mutant{
	{"addition beats removal", "person.go", "c.user == user && f.sees(o, c.op) && !f.sees(e, c.op)", "c.user == user && f.sees(o, c.op) && f.sees(c.op, e)"},
	{"what a removed member writes counts", "person.go", "case c.kind == cutMember && c.user == user:", "case c.kind == cutMember && c.user == user && o.index < 0:"},
	{"what a lost device writes counts", "person.go", "c.user == o.user && c.device == d && f.apart(c.op, o)", "false"},
	{"a device counts that came and went unseen", "judge.go", "for _, d := range o.public.ended {\n", "for _, d := range o.public.ended {\n\t\tif !contains(f.in(o.user, o), d) {\n\t\t\tcontinue\n\t\t}\n"},
	{"a lost device comes back as a new one", "person.go", "c.user == o.user && f.apart(c.op, o) })", "false })"},
	{"whoever knows a member's name is one", "person.go", "|| !o.public.follows(last)", ""},
	{"sealed to a list that has a lost device", "person.go", "|| !p.covers(gone) {", "|| len(gone) < 0 {"},
	{"a key stays that a removed member was given", "epoch.go", "f.unaware(e) || slices.ContainsFunc(e.to, f.stale)", "f.unaware(e)"},
	{"sealed to an older key of one who came back", "person.go", "p.epoch < epoch ||", ""},
	{"a key made without knowledge of a removal stays", "epoch.go", "f.unaware(e) || slices.ContainsFunc(e.to, f.stale)", "slices.ContainsFunc(e.to, f.stale)"},
	{"a key made without knowledge of a lost device stays", "epoch.go", "!contains(known, d) }) || f.changed(user, e.op)", "!contains(known, d) && false }) || f.changed(user, e.op)"},
	{"a key stays that an older key of a member's opens", "epoch.go", "return now == nil || now.to != then.to", "return now == nil"},
	{"a key made by one who had them out is given", "epoch.go", "if r, ok := x.act.(*Remove); ok && r.User == user && !f.backAfter(x, e.op, user) {", "if false {"},
	{"the higher hash stands", "epoch.go", "return a.op.hash.Compare(b.op.hash) < 0", "return a.op.hash.Compare(b.op.hash) > 0"},
	{"the last owner leaves", "fold.go", "waiting = f.pass(); f.owned()", "waiting = f.pass(); true"},
	{"the end of a device leaves nobody", "fold.go", "if first.kind != cutDevice {", "if true {"},
	{"cuts are decided as they come", "fold.go", "slices.MinFunc(waiting, f.compare), len(f.cuts)", "waiting[len(waiting)-1], len(f.cuts)"},
	{"the younger device wins", "person.go", "return n\n\t\t\t}\n\t\t\tn++", "return n\n\t\t\t}\n\t\t\tn--"},
	{"nobody is given what is theirs", "state.go", "case e.act.N < m.From || f.holds(e, user):", "case e.act.N <= m.From || f.holds(e, user):"},
	{"history is given to one who was let in from now on", "person.go", "n = max(n, e.from)", "n = 1"},
	{"an owner removes one who is it for longer", "judge.go", "since < later", "since <= later || since > later"},
	{"an old list brings a lost device back", "judge.go", "|| slices.ContainsFunc(f.told(a.User, o), o.public.older)", ""},
	{"a veto that comes late is too late", "recovery.go", "c.user != claim.user || f.sees(claim, c.op)", "c.user != claim.user || !f.apart(claim, c.op)"},
	{"the claimant says when the waiting is over", "recovery.go", "return ErrWaiting\n\t\t}\n\t}\n", "continue\n\t\t}\n\t}\n"},
	{"the day is put off by anybody", "majority.go", "role == Owner && o.time.Before", "o.time.Before"},
	{"caregivers write on after the day", "judge.go", "if f.ofAge(o) {", "if f.ofAge(o) && false {"},
	{"a caregiver lets one in after the day who is more than a reader", "handover.go", "a.Role == Reader && a.From == 1 &&", "a.From == 1 &&"},
	{"others are let in after the person has accepted", "handover.go", "return f.sees(o, a) }) {\n\t\t\treturn f.judgeAdd", "return false }) {\n\t\t\treturn f.judgeAdd"},
	{"one who was removed hands over", "fold.go", "c.kind == cutTransfer && c.user == c.op.user:", "c.kind == cutTransfer:"},
	{"the person's own transfer can be prevented", "fold.go", "c.kind == cutTransfer && c.user == c.op.user:", "false:"},
	{"the person is removed before the day", "handover.go", "return f.accepted(user, o) &&", "return false && f.accepted(user, o) &&"},
}

// Each mutant must fail a test. It is built with the changed file laid over, so
// nothing in the tree is touched.
func TestMutantsDie(t *testing.T) {
	if raced || testing.Short() || runtime.GOOS == "js" {
		t.Skip("builds the package many times over: natively, without the race detector, is enough")
	}
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			if out, err := m.run(t); err == nil {
				t.Errorf("lives on:\n%s", out)
			} else if !strings.Contains(out, "--- FAIL") {
				t.Errorf("not killed by a test: %v\n%s", err, out)
			}
		})
	}
}

// run returns what the tests say of a mutant.
func (m mutant) run(t *testing.T) (string, error) {
	t.Helper()
	b, err := os.ReadFile(m.file)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(b), m.old); n != 1 {
		t.Fatalf("%s has %q %d times", m.file, m.old, n)
	}
	dir, here := t.TempDir(), must(os.Getwd())
	changed, overlay := filepath.Join(dir, m.file), filepath.Join(dir, "overlay.json")
	laid := must(json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(here, m.file): changed}}))
	for name, b := range map[string][]byte{changed: []byte(strings.Replace(string(b), m.old, m.new, 1)), overlay: laid} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command("go", "test", "-overlay", overlay, "-short", "-failfast", "-vet=off", ".").CombinedOutput()
	return string(out), err
}
