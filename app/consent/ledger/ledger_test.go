package ledger_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/consent"
	"potli/app/consent/ledger"
	"potli/app/record"
	"potli/crypto/jose"
	"potli/crypto/jose/josetest"
)

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

var clinic = consent.Party{Name: "Sample Clinic", Key: "clinic"}

// grant is one with an id made of a number.
func grant(n int, to consent.Party, change ...func(*consent.Grant)) *consent.Grant {
	g := &consent.Grant{ID: fmt.Sprintf("%021dA", n), Request: fmt.Sprintf("request %d", n), Asked: fmt.Sprintf("asked %d", n), Profile: "child", To: to,
		Purpose: consent.Purpose{Code: consent.Care, Text: "To treat a cough"}, Kinds: []consent.Kind{consent.Report},
		Begin: now, Until: now.Add(24 * time.Hour), Repeat: consent.Follow, After: consent.View}
	for _, f := range change {
		f(g)
	}
	return g
}

// entry is an event of a grant, some minutes after now.
func entry(k consent.EventKind, g *consent.Grant, minutes int) ledger.Entry {
	e := ledger.Entry{Event: consent.Event{Kind: k, Consent: g.ID, Asked: g.Asked, At: now.Add(time.Duration(minutes) * time.Minute), By: "mother"}, Party: g.To}
	if k == consent.Granted || k == consent.Narrowed {
		e.Terms = g
	}
	return e
}

func delivered(g *consent.Grant, minutes int, names ...string) ledger.Entry {
	e := entry(consent.Delivered, g, minutes)
	for _, n := range names {
		e.Documents = append(e.Documents, consent.Given{SHA256: consent.Hash([]byte(n)), Bytes: len(n), Type: "text/plain"})
		e.Records = append(e.Records, record.ID(n))
	}
	return e
}

func newLog(t testing.TB, writer string, n int) *ledger.Log {
	t.Helper()
	l, err := ledger.New("child", writer)
	if err != nil {
		t.Fatal(err)
	}
	grow(t, l, n)
	return l
}

func grow(t testing.TB, l *ledger.Log, n int) {
	t.Helper()
	for range n {
		i := l.Size()
		k := []consent.EventKind{consent.Requested, consent.Granted, consent.Delivered, consent.Opened, consent.Revoked}[i%5]
		if err := l.Append(entry(k, grant(i/5, clinic), i)); err != nil {
			t.Fatal(err)
		}
	}
}

func checkpoint(t testing.TB, l *ledger.Log, at time.Time) *ledger.Checkpoint {
	t.Helper()
	c, err := l.Checkpoint(josetest.EdDSA("device"), at)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The chain, computed apart from the package and from the text that it writes.
func TestChain(t *testing.T) {
	l := newLog(t, "phone", 7)
	lines := strings.Split(strings.TrimSuffix(string(l.Marshal()), "\n"), "\n")
	if len(lines) != 9 || lines[0] != "potli-log/1" || lines[1] != `{"profile":"child","writer":"phone"}` {
		t.Fatalf("%q", lines[:2])
	}
	e := sha256.Sum256([]byte("potli-log/1child"))
	for i, line := range lines[2:] {
		if ledger.Hash(e) != l.Head(i) {
			t.Fatalf("e_%d is another", i)
		}
		sum := sha256.Sum256([]byte(line))
		e = sha256.Sum256(append(e[:], sum[:]...))
	}
	if ledger.Hash(e) != l.Head(7) {
		t.Error("the last is another")
	}
	again, err := ledger.Open(l.Marshal())
	if err != nil || again.Head(7) != l.Head(7) || !bytes.Equal(again.Marshal(), l.Marshal()) || again.Size() != 7 {
		t.Errorf("%v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	good := string(newLog(t, "phone", 3).Marshal())
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"empty":                 {"", ledger.ErrDamaged},
		"another file":          {"potli-chain/1\n{}\n", ledger.ErrDamaged},
		"a later version":       {strings.Replace(good, "log/1", "log/2", 1), ledger.ErrVersion},
		"no head":               {"potli-log/1\n", ledger.ErrDamaged},
		"a head of nobody":      {"potli-log/1\n{}\n", ledger.ErrDamaged},
		"a writer with spaces":  {strings.Replace(good, `"phone"`, `"my phone"`, 1), ledger.ErrDamaged},
		"cut inside a line":     {good[:len(good)-5], ledger.ErrDamaged},
		"without its last line": {good[:len(good)-1], ledger.ErrDamaged},
		"an empty line":         {good + "\n", ledger.ErrDamaged},
		"an entry of no kind":   {good + "{}\n", ledger.ErrDamaged},
		"an entry of no time":   {good + `{"kind":"granted"}` + "\n", ledger.ErrDamaged},
		"a line without end":    {good + strings.Repeat(" ", ledger.MaxLine+1) + "\n", ledger.ErrTooBig},
		"not UTF-8":             {strings.Replace(good, "Sample", "\xff", 1), ledger.ErrDamaged},
	} {
		if l, err := ledger.Open([]byte(c.text)); !errors.Is(err, c.want) || l != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// What a later release writes into a log of this version stays as it is.
	later := good + `{"kind":"pondered","at":"2026-01-01T00:00:00Z","more":[1, 2]}` + "\n"
	if l, err := ledger.Open([]byte(later)); err != nil || string(l.Marshal()) != later || l.Size() != 4 {
		t.Errorf("%v", err)
	}
	l := newLog(t, "phone", 0)
	if err := l.Append(ledger.Entry{}); !errors.Is(err, ledger.ErrDamaged) || l.Size() != 0 {
		t.Errorf("an entry of nothing: %v", err)
	}
}

// The example of golang.org/x/mod/sumdb/note.
func TestNoteOfAnother(t *testing.T) {
	const note = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
		"— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
	b, err := base64.StdEncoding.DecodeString("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
	if err != nil {
		t.Fatal(err)
	}
	key, err := jose.Ed25519Key(b[1:])
	if err != nil {
		t.Fatal(err)
	}
	if err := ledger.VerifyNote(note, "PeterNeumann", key); err != nil {
		t.Error(err)
	}
	if err := ledger.VerifyNote(strings.Replace(note, "answer", "Answer", 1), "PeterNeumann", key); !errors.Is(err, ledger.ErrForged) {
		t.Errorf("changed: %v", err)
	}
}

func TestCheckpoint(t *testing.T) {
	l, key := newLog(t, "phone", 16), josetest.EdDSA("device").Public()
	c := checkpoint(t, l, now)
	got, err := ledger.ParseCheckpoint(c.Note, key)
	if err != nil || *got != *c || got.Size != 16 || got.Hash != l.Head(16) || !got.At.Equal(now) {
		t.Fatalf("%+v, %v", got, err)
	}
	other := "— somebody " + base64.StdEncoding.EncodeToString(make([]byte, 68)) + "\n"
	if _, err := ledger.ParseCheckpoint(c.Note+other, key); err != nil {
		t.Errorf("with another's signature below it: %v", err)
	}
	for i := range len(c.Note) {
		b := []byte(c.Note)
		b[i] ^= 1
		if _, err := ledger.ParseCheckpoint(string(b), key); err == nil {
			t.Fatalf("byte %d of the checkpoint does not count: %q", i, b)
		}
	}
	text, _, _ := strings.Cut(c.Note, "\n\n")
	for name, c := range map[string]struct {
		note string
		key  jose.Key
		want error
	}{
		"by another key":       {c.Note, josetest.EdDSA("other").Public(), ledger.ErrForged},
		"no key":               {c.Note, jose.Key{}, ledger.ErrDamaged},
		"no signature":         {text + "\n", key, ledger.ErrDamaged},
		"an empty signature":   {text + "\n\n", key, ledger.ErrDamaged},
		"another's signature":  {text + "\n\n" + other, key, ledger.ErrForged},
		"a second text":        {text + "\n\n" + c.Note, key, ledger.ErrDamaged},
		"slashes":              {"potli-log/1/\n///\n\n", key, ledger.ErrDamaged},
		"a number with a zero": {strings.Replace(c.Note, "\n16\n", "\n016\n", 1), key, ledger.ErrDamaged},
		"of a later version":   {strings.Replace(c.Note, "log/1", "log/2", 1), key, ledger.ErrVersion},
		"without end":          {c.Note + strings.Repeat(other, 100), key, ledger.ErrTooBig},
		"empty":                {"", key, ledger.ErrDamaged},
	} {
		if got, err := ledger.ParseCheckpoint(c.note, c.key); !errors.Is(err, c.want) || got != nil {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestDue(t *testing.T) {
	l := newLog(t, "phone", 0)
	if l.Due(nil, now) {
		t.Error("due for nothing")
	}
	grow(t, l, 1)
	if !l.Due(nil, now) {
		t.Error("not due for the first")
	}
	c := checkpoint(t, l, now)
	for _, step := range []struct {
		more  int
		after time.Duration
		want  bool
	}{{0, 48 * time.Hour, false}, {1, 0, false}, {0, 24*time.Hour - 1, false}, {0, 24 * time.Hour, true}, {14, 0, false}, {1, 0, true}} {
		grow(t, l, step.more)
		if got := l.Due(c, now.Add(step.after)); got != step.want {
			t.Errorf("with %d entries after %s: %v", l.Size()-1, step.after, got)
		}
	}
}

// Father's wallet has seen checkpoints of mother's log.
func TestWitness(t *testing.T) {
	l := newLog(t, "phone", 16)
	at16 := checkpoint(t, l, now)
	short, err := ledger.Open(l.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	grow(t, l, 16)
	at32 := checkpoint(t, l, now)
	grow(t, l, 3)
	seen := []*ledger.Checkpoint{at32, checkpoint(t, newLog(t, "tablet", 20), now), at16}

	// Another past: entry 20 was left out, and as many written after it.
	forked := newLog(t, "phone", 19)
	if err := forked.Append(entry(consent.Granted, grant(99, clinic), 20)); err != nil {
		t.Fatal(err)
	}
	tiny := newLog(t, "phone", 0)
	if err := tiny.Append(entry(consent.Granted, grant(99, clinic), 20)); err != nil {
		t.Fatal(err)
	}
	long := newLog(t, "phone", 0)
	if err := long.Append(entry(consent.Granted, grant(99, clinic), 20)); err != nil {
		t.Fatal(err)
	}
	grow(t, long, 50)
	grow(t, forked, 20)
	for name, c := range map[string]struct {
		log          *ledger.Log
		finding      ledger.Finding
		agreed, size int
		proof        string
	}{
		"whole":                      {l, ledger.Whole, 32, 0, ""},
		"forked after the first":     {forked, ledger.Forked, 16, 32, at32.Note},
		"forked from the beginning":  {long, ledger.Forked, 0, 16, at16.Note},
		"cut short":                  {short, ledger.Truncated, 16, 32, at32.Note},
		"shorter than any, and else": {tiny, ledger.Truncated, 0, 32, at32.Note},
		"empty":                      {newLog(t, "phone", 0), ledger.Truncated, 0, 32, at32.Note},
		"another's":                  {newLog(t, "laptop", 40), ledger.Whole, 0, 0, ""},
	} {
		v := ledger.Witness(c.log, seen)
		turned := slices.Clone(seen)
		if slices.Reverse(turned); !reflect.DeepEqual(ledger.Witness(c.log, turned), v) {
			t.Errorf("%s: another verdict by what was seen first", name)
		}
		if v.Finding != c.finding || v.Agreed != c.agreed || v.Size != c.size || strings.Join(v.Proof, "") != c.proof || v.Writer != c.log.Writer {
			t.Errorf("%s: %+v", name, v)
		}
	}
	if v := ledger.Witness(l, nil); v.Finding != ledger.Whole {
		t.Errorf("nothing seen: %+v", v)
	}
}

func TestCompare(t *testing.T) {
	a := newLog(t, "phone", 16)
	b := newLog(t, "phone", 15)
	if err := b.Append(entry(consent.Granted, grant(99, clinic), 20)); err != nil {
		t.Fatal(err)
	}
	ca, cb := checkpoint(t, a, now), checkpoint(t, b, now)
	v, err := ledger.Compare(ca, cb)
	if err != nil || v.Finding != ledger.Forked || v.Size != 16 || v.Writer != "phone" || len(v.Proof) != 2 {
		t.Errorf("%+v, %v", v, err)
	}
	for _, note := range v.Proof { // which anybody can verify
		if _, err := ledger.ParseCheckpoint(note, josetest.EdDSA("device").Public()); err != nil {
			t.Error(err)
		}
	}
	if v, err := ledger.Compare(ca, checkpoint(t, a, now.Add(time.Hour))); err != nil || v.Finding != ledger.Whole || v.Agreed != 16 {
		t.Errorf("the same: %+v, %v", v, err)
	}
	if v, err := ledger.Compare(ca, checkpoint(t, newLog(t, "phone", 17), now)); err != nil || v.Finding != ledger.Whole || v.Agreed != 0 || v.Proof != nil {
		t.Errorf("of two lengths, which alone says nothing: %+v, %v", v, err)
	}
	if _, err := ledger.Compare(ca, checkpoint(t, newLog(t, "tablet", 16), now)); !errors.Is(err, ledger.ErrOther) {
		t.Errorf("of two logs: %v", err)
	}
}

// What a release wrote opens for ever. These files are never made anew.
func TestGolden(t *testing.T) {
	b, err := os.ReadFile("testdata/log-1.txt")
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(b)
	if err != nil {
		t.Fatal(err)
	}
	note, err := os.ReadFile("testdata/checkpoint-1.txt")
	if err != nil {
		t.Fatal(err)
	}
	c, err := ledger.ParseCheckpoint(string(note), josetest.EdDSA("device").Public())
	if err != nil {
		t.Fatal(err)
	}
	if v := ledger.Witness(l, []*ledger.Checkpoint{c}); v.Finding != ledger.Whole || v.Agreed != 20 || l.Size() != 20 {
		t.Errorf("%+v", v)
	}
	if got := checkpoint(t, newLog(t, "phone", 20), now); got.Note != string(note) {
		t.Errorf("written otherwise than before:\n%s", got.Note)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(newLog(f, "phone", 6).Marshal())
	f.Add([]byte("potli-log/1\n{\"profile\":\"p\",\"writer\":\"w\"}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := ledger.Open(b)
		if (l == nil) != (err != nil) {
			t.Fatal(err)
		}
		if err != nil {
			return
		}
		again, err := ledger.Open(l.Marshal())
		if err != nil || again.Head(again.Size()) != l.Head(l.Size()) {
			t.Fatal("a log is another when it is written", err)
		}
		ledger.Today(l.Entries(), now)
	})
}

func FuzzParseCheckpoint(f *testing.F) {
	c := checkpoint(f, newLog(f, "phone", 6), now)
	f.Add(c.Note)
	f.Add("potli-log/1/a/b\n0\nAAAA\nat 1\n\n— b AAAA\n")
	f.Fuzz(func(t *testing.T, note string) {
		got, err := ledger.ParseCheckpoint(note, josetest.EdDSA("device").Public())
		if (got == nil) != (err != nil) {
			t.Fatal(err)
		}
		if err == nil && (got.Origin != c.Origin || got.Hash != c.Hash || got.Size != c.Size) {
			t.Fatal("a checkpoint that nobody signed")
		}
	})
}

func BenchmarkOpen10000(b *testing.B) {
	text := newLog(b, "phone", 10_000).Marshal()
	c, err := ledger.Open(text)
	if err != nil {
		b.Fatal(err)
	}
	seen := checkpoint(b, c, now)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		l, err := ledger.Open(text)
		if err != nil {
			b.Fatal(err)
		}
		last, err := ledger.ParseCheckpoint(seen.Note, josetest.EdDSA("device").Public())
		if err != nil || ledger.Witness(l, []*ledger.Checkpoint{last}).Finding != ledger.Whole {
			b.Fatal(err)
		}
	}
}

func BenchmarkToday10000(b *testing.B) {
	l := newLog(b, "phone", 10_000)
	for b.Loop() {
		ledger.Today(l.Entries(), now)
	}
}
