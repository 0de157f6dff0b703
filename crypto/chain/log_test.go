package chain_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"potli/crypto/chain"
)

// write adds an entry of device to l, after all that l knows.
func write(t testing.TB, l *chain.Log, device, body string) *chain.Entry {
	t.Helper()
	d := l.Draft(public(device))
	d.User, d.Device, d.Time, d.Kind, d.Body = "user-"+device, device, noon, "k", []byte(body)
	e := sign(t, d, device)
	if in, err := l.Add(e); err != nil || len(in) != 1 {
		t.Fatalf("Add of our own: %d, %v", len(in), err)
	}
	return e
}

// copyOf is what a device looks like that was set back, or copied.
func copyOf(t testing.TB, l *chain.Log) *chain.Log {
	t.Helper()
	c, err := chain.Load(l.Profile(), l.Root(), l.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// history makes some devices write, and now and then tell each other.
func history(t testing.TB, rng *rand.Rand, devices, writes int) []*chain.Entry {
	t.Helper()
	first := root(t, "d0")
	var logs []*chain.Log
	for range devices {
		l := chain.NewLog("asha", first.Hash())
		l.Add(first)
		logs = append(logs, l)
	}
	all := []*chain.Entry{first}
	for i := range writes {
		d := rng.IntN(devices)
		if from := rng.IntN(devices); rng.IntN(3) == 0 {
			for _, e := range logs[from].Entries() {
				logs[d].Add(e)
			}
		}
		if rng.IntN(15) == 0 {
			logs[d] = copyOf(t, logs[d]) // and then two of them might write
			old, err := chain.Load("asha", first.Hash(), prefix(logs[d], rng))
			if err != nil {
				t.Fatal(err)
			}
			logs[d] = old
		}
		all = append(all, write(t, logs[d], fmt.Sprint("d", d), fmt.Sprint(i)))
	}
	return all
}

// prefix is the beginning of a file of entries, as an old backup has it.
func prefix(l *chain.Log, rng *rand.Rand) (b []byte) {
	for _, e := range l.Entries()[:1+rng.IntN(l.Len())] {
		b = append(b, e.Bytes()...)
	}
	return b
}

// answers is all that a Log says of what was admitted.
func answers(l *chain.Log) string {
	var b bytes.Buffer
	for _, e := range l.Order() {
		fmt.Fprintln(&b, e.Hash())
	}
	fmt.Fprintln(&b, l.Heads(), l.Forks(), l.Summary(), l.Missing(), l.Len(), l.Held())
	return b.String()
}

func TestAnyOrderGivesTheSame(t *testing.T) {
	rounds := 60
	if testing.Short() || raced || runtime.GOOS == "js" {
		rounds = 8
	}
	for seed := range uint64(rounds) {
		rng := rand.New(rand.NewPCG(seed, 1))
		all := history(t, rng, 4, 30)
		want := ""
		for range 6 {
			l := chain.NewLog("asha", all[0].Hash())
			admitted := 0
			for _, i := range rng.Perm(len(all)) {
				in, err := l.Add(all[i])
				if err != nil {
					t.Fatal(err)
				}
				admitted += len(in)
				if again, err := l.Add(all[i]); again != nil || err != nil {
					t.Fatalf("added twice: %v, %v", again, err)
				}
			}
			if admitted != len(all) || l.Held() != 0 {
				t.Fatalf("%d of %d admitted, %d held back", admitted, len(all), l.Held())
			}
			got := answers(l)
			if want == "" {
				want = got
			}
			if got != want {
				t.Fatalf("seed %d: another order, other answers:\n%s\n%s", seed, want, got)
			}
			checkOrder(t, l)
		}
	}
}

// checkOrder: each entry stands after its predecessors, and Before agrees with a
// walk along them.
func checkOrder(t *testing.T, l *chain.Log) {
	t.Helper()
	line := l.Order()
	seen := map[chain.Hash]map[chain.Hash]bool{} // all that lies before each
	for _, e := range line {
		past := map[chain.Hash]bool{}
		for _, p := range e.Prev {
			if seen[p] == nil {
				t.Fatal("an entry stands before its predecessor")
			}
			past[p] = true
			for h := range seen[p] {
				past[h] = true
			}
		}
		seen[e.Hash()] = past
	}
	for _, a := range line {
		for _, b := range line {
			if l.Before(a.Hash(), b.Hash()) != seen[b.Hash()][a.Hash()] {
				t.Fatal("Before is wrong")
			}
		}
	}
}

// What arrives later goes in between and never turns two entries round.
func TestTheOrderIsStable(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 2))
		all := history(t, rng, 4, 20)
		l := chain.NewLog("asha", all[0].Hash())
		var before []*chain.Entry
		for _, i := range rng.Perm(len(all)) {
			l.Add(all[i])
			after := l.Order()
			kept := slices.DeleteFunc(slices.Clone(after), func(e *chain.Entry) bool { return !slices.Contains(before, e) })
			if !slices.Equal(kept, before) {
				t.Fatalf("seed %d: two entries changed places", seed)
			}
			before = after
		}
	}
}

func TestHeldBack(t *testing.T) {
	first := root(t, "a")
	l := chain.NewLog("asha", first.Hash())
	l.Add(first)
	second, third := write(t, l, "a", "2"), write(t, l, "b", "3")
	fourth := write(t, l, "a", "4")

	o := chain.NewLog("asha", first.Hash())
	for _, e := range []*chain.Entry{fourth, third, first} {
		o.Add(e)
	}
	if got := o.Missing(); len(got) != 1 || got[0] != second.Hash() {
		t.Errorf("Missing = %v, want the second", got)
	}
	if o.Len() != 1 || o.Held() != 2 || !o.Has(fourth.Hash()) || o.Get(fourth.Hash()) != nil {
		t.Errorf("%d admitted, %d held back", o.Len(), o.Held())
	}
	in, err := o.Add(second)
	if err != nil || !slices.Equal(in, []*chain.Entry{second, third, fourth}) {
		t.Errorf("the missing one admitted %d, %v", len(in), err)
	}
	if o.Missing() != nil || answers(o) != answers(l) {
		t.Error("two logs of the same entries differ")
	}
}

func TestAddRefuses(t *testing.T) {
	first := root(t, "a")
	l := chain.NewLog("asha", first.Hash())
	l.Add(first)
	second := write(t, l, "a", "2")
	entry := func(change func(d *chain.Draft)) *chain.Entry {
		d := chain.Draft{Profile: "asha", User: "u", Device: "a", N: 3, Prev: []chain.Hash{second.Hash()}, Time: noon, Kind: "k"}
		change(&d)
		return sign(t, d, "a")
	}
	skipped := entry(func(d *chain.Draft) { d.N = 4 })
	for _, tt := range []struct {
		name string
		e    *chain.Entry
		want error
	}{
		{"another's history", entry(func(d *chain.Draft) { d.Profile = "ravi" }), chain.ErrProfile},
		{"another beginning", root(t, "b"), chain.ErrRoot},
		{"a number left out", skipped, chain.ErrCounter},
		{"a number again", entry(func(d *chain.Draft) { d.N = 2 }), chain.ErrCounter},
		{"after one that was refused", entry(func(d *chain.Draft) { d.N, d.Prev = 5, []chain.Hash{skipped.Hash()} }), chain.ErrAfterBad},
		{"a right one", entry(func(d *chain.Draft) {}), nil},
	} {
		in, err := l.Add(tt.e)
		if !errors.Is(err, tt.want) || (err == nil) != (len(in) == 1) {
			t.Errorf("%s: %d, %v; want %v", tt.name, len(in), err, tt.want)
		}
	}
	if l.Missing() != nil || l.Held() != 0 {
		t.Error("something is waited for that was refused")
	}
}

// Whether a bad entry comes before or after what is built on it, neither is admitted and neither is asked for for ever.
func TestBuiltOnABadOne(t *testing.T) {
	first := root(t, "a")
	bad := sign(t, chain.Draft{Profile: "asha", User: "u", Device: "a", N: 7, Prev: []chain.Hash{first.Hash()}, Time: noon, Kind: "k"}, "a")
	next := sign(t, chain.Draft{Profile: "asha", User: "u", Device: "a", N: 8, Prev: []chain.Hash{bad.Hash()}, Time: noon, Kind: "k"}, "a")
	last := sign(t, chain.Draft{Profile: "asha", User: "u", Device: "a", N: 9, Prev: []chain.Hash{next.Hash()}, Time: noon, Kind: "k"}, "a")
	for _, order := range [][]*chain.Entry{{first, bad, next, last}, {last, next, bad, first}, {last, bad, first, next}, {next, first, last, bad}} {
		l := chain.NewLog("asha", first.Hash())
		for _, e := range order {
			l.Add(e)
		}
		if l.Len() != 1 || l.Held() != 0 || len(l.Missing()) != 0 {
			t.Errorf("%d admitted, %d held back, %d missing; want the first alone", l.Len(), l.Held(), len(l.Missing()))
		}
	}
}

func TestForks(t *testing.T) {
	first := root(t, "a")
	l := chain.NewLog("asha", first.Hash())
	l.Add(first)
	write(t, l, "b", "before")
	old := copyOf(t, l)
	one := write(t, l, "b", "this")
	other := write(t, old, "b", "that")
	more := write(t, old, "b", "and more")
	if l.Forks() != nil || old.Forks() != nil {
		t.Error("neither alone is a fork")
	}
	for _, e := range []*chain.Entry{more, other} {
		if _, err := l.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	old.Add(one)
	for _, l := range []*chain.Log{l, old} {
		f := l.Forks()
		if len(f) != 1 || f[0].Device != "b" || f[0].User != "user-b" || f[0].N != 2 || !f[0].Key.Equal(public("b")) || len(f[0].Entries) != 2 {
			t.Fatalf("Forks = %+v", f)
		}
	}
	// It goes on after both.
	if e := write(t, l, "b", "after"); e.N != 4 {
		t.Errorf("N = %d after 2, 2 and 3", e.N)
	}
}

func TestTooManyHeldBack(t *testing.T) {
	if testing.Short() || raced || runtime.GOOS == "js" {
		t.Skip("signs thousands of entries")
	}
	first := root(t, "a")
	l := chain.NewLog("asha", first.Hash())
	var err error
	for i := 0; i <= chain.MaxHeld && err == nil; i++ {
		d := chain.Draft{Profile: "asha", User: "u", Device: "a", N: uint64(i + 9), Prev: many(1), Time: noon, Kind: "k"}
		_, err = l.Add(sign(t, d, "a"))
	}
	if !errors.Is(err, chain.ErrFull) || l.Held() != chain.MaxHeld {
		t.Errorf("%v after %d", err, l.Held())
	}
	if in, err := l.Add(first); err != nil || len(in) != 1 {
		t.Errorf("what is not held back must still come in: %v", err)
	}
}

// With more heads than an entry can name, two entries join them all.
func TestManyHeads(t *testing.T) {
	first := root(t, "a")
	l := chain.NewLog("asha", first.Hash())
	l.Add(first)
	for i := range 70 {
		e := sign(t, chain.Draft{Profile: "asha", User: "u", Device: "d", N: 1, Prev: []chain.Hash{first.Hash()}, Time: noon, Kind: "k"}, fmt.Sprint(i))
		if _, err := l.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	write(t, l, "0", "join")
	write(t, l, "0", "join")
	if n := len(l.Heads()); n != 1 {
		t.Errorf("%d heads", n)
	}
}

// A file that was cut short while it was written has everything but its last entry.
func TestLoadOfACutFile(t *testing.T) {
	all := history(t, rand.New(rand.NewPCG(7, 7)), 2, 5)
	l := chain.NewLog("asha", all[0].Hash())
	for _, e := range all {
		l.Add(e)
	}
	whole := l.Marshal()
	last := l.Entries()[l.Len()-1].Bytes()
	for _, cut := range []int{1, ed25519Size, len(last) - 1} {
		got, err := chain.Load("asha", all[0].Hash(), whole[:len(whole)-cut])
		if !errors.Is(err, chain.ErrDamaged) || got.Len() != l.Len()-1 {
			t.Errorf("%d bytes cut off: %d entries, %v", cut, got.Len(), err)
		}
	}
	if got, err := chain.Load("asha", all[0].Hash(), whole); err != nil || answers(got) != answers(l) {
		t.Errorf("Load: %v", err)
	}
}

const ed25519Size = 64

func BenchmarkVerify(b *testing.B) {
	raw := root(b, "a").Bytes()
	for b.Loop() {
		if _, err := chain.Verify(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAdd1000(b *testing.B) {
	all := history(b, rand.New(rand.NewPCG(1, 1)), 5, 1000)
	for b.Loop() {
		l := chain.NewLog("asha", all[0].Hash())
		for _, e := range all {
			l.Add(e)
		}
		if len(l.Order()) != len(all) {
			b.Fatal("incomplete")
		}
	}
}
