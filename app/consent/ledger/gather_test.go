package ledger_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/consent"
	"potli/app/consent/ledger"
	"potli/crypto/jose/josetest"
)

// said is what a device tells of a log from an entry on, with a checkpoint.
func said(t *testing.T, l *ledger.Log, from int) ledger.Said {
	t.Helper()
	return ledger.Said{From: from, Lines: l.Lines(from), Checkpoint: checkpoint(t, l, now).Note}
}

func gathered(t *testing.T, list ...ledger.Said) *ledger.Gathered {
	t.Helper()
	g, err := ledger.Gather("child", "phone", josetest.EdDSA("device").Public(), list)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestGather(t *testing.T) {
	l := newLog(t, "phone", 4)
	first := said(t, l, 0)
	grow(t, l, 5)
	second := said(t, l, 4)
	g := gathered(t, first, second, said(t, l, 2))
	if g.Verdict.Finding != ledger.Whole || g.Verdict.Agreed != 9 || len(g.Seen) != 3 || g.Log.Head(9) != l.Head(9) || g.Against != nil {
		t.Errorf("%+v", g)
	}

	// A line that was told is changed afterwards.
	lines := slices.Clone(second.Lines)
	lines[1] = strings.Replace(lines[1], "Sample", "Simple", 1)
	changed, err := ledger.Open([]byte("potli-log/1\n" + `{"profile":"child","writer":"phone"}` + "\n" + strings.Join(append(slices.Clone(first.Lines), lines...), "\n") + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	g = gathered(t, first, second, said(t, changed, 4))
	if v := g.Verdict; v.Finding != ledger.Forked || v.Size != 9 || v.Agreed != 9 || len(v.Proof) != 2 || len(g.Against) != 1 || g.Log.Head(9) != l.Head(9) {
		t.Errorf("changed: %+v", v)
	}
	// Without any checkpoint: two signed entries of the family's history say two things.
	g = gathered(t, ledger.Said{Lines: l.Lines(0)}, ledger.Said{From: 4, Lines: lines})
	if v := g.Verdict; v.Finding != ledger.Forked || v.Size != 6 {
		t.Errorf("changed, without checkpoints: %+v", v)
	}
	// Somewhere something is left out.
	g = gathered(t, first, ledger.Said{From: 6, Lines: l.Lines(6)})
	if v := g.Verdict; v.Finding != ledger.Truncated || v.Size != 9 || g.Log.Size() != 4 || len(g.Against) != 3 {
		t.Errorf("a gap: %+v", v)
	}
	// A checkpoint of more than was told.
	g = gathered(t, ledger.Said{Lines: l.Lines(0)[:5], Checkpoint: second.Checkpoint})
	if v := g.Verdict; v.Finding != ledger.Truncated || v.Size != 9 {
		t.Errorf("less than was signed: %+v", v)
	}
	// Another's checkpoint is none.
	other := newLog(t, "laptop", 9)
	if g = gathered(t, said(t, other, 0)); len(g.Seen) != 0 || g.Verdict.Finding != ledger.Whole {
		t.Errorf("another's: %+v", g.Verdict)
	}
	if _, err := ledger.Gather("child", "not a writer", josetest.EdDSA("device").Public(), nil); err == nil {
		t.Error("a writer that is none")
	}
}

func TestRejoin(t *testing.T) {
	whole := newLog(t, "phone", 7)
	back := newLog(t, "phone", 3)
	if n := back.Rejoin(whole); n != 4 || back.Head(7) != whole.Head(7) {
		t.Errorf("%d", n)
	}
	other := newLog(t, "phone", 2)
	if err := other.Append(entry(consent.Refused, grant(9, clinic), 1)); err != nil {
		t.Fatal(err)
	}
	if n := other.Rejoin(whole); n != 0 || other.Size() != 3 {
		t.Errorf("another past: %d", n)
	}
	if n := newLog(t, "laptop", 2).Rejoin(whole); n != 0 {
		t.Errorf("another device: %d", n)
	}
}

// Whatever devices tell: what is gathered is a log, and it never shrinks.
func FuzzGather(f *testing.F) {
	l, err := ledger.New("child", "phone")
	if err != nil {
		f.Fatal(err)
	}
	grow(f, l, 3)
	c, err := l.Checkpoint(josetest.EdDSA("device"), now.Add(time.Hour))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(0, strings.Join(l.Lines(0), "\n"), c.Note, 2, strings.Join(l.Lines(2), "\n"), "")
	f.Add(0, "{}", "", 1<<40, "x", c.Note)
	f.Fuzz(func(t *testing.T, from1 int, lines1, note1 string, from2 int, lines2, note2 string) {
		one := ledger.Said{From: from1 & 0xffff, Lines: strings.Split(lines1, "\n"), Checkpoint: note1}
		two := ledger.Said{From: from2 & 0xffff, Lines: strings.Split(lines2, "\n"), Checkpoint: note2}
		a, err := ledger.Gather("child", "phone", josetest.EdDSA("device").Public(), []ledger.Said{one})
		if err != nil {
			t.Fatal(err)
		}
		b, err := ledger.Gather("child", "phone", josetest.EdDSA("device").Public(), []ledger.Said{one, two})
		if err != nil {
			t.Fatal(err)
		}
		if b.Log.Size() < a.Log.Size() || b.Log.Head(a.Log.Size()) != a.Log.Head(a.Log.Size()) {
			t.Error("what was told first has changed")
		}
		if _, err := ledger.Open(b.Log.Marshal()); err != nil {
			t.Error(err)
		}
	})
}
