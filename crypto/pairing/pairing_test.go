package pairing_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math"
	mathrand "math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"potli/crypto/pairing"
)

var start = time.Date(2026, 5, 1, 9, 30, 0, 0, time.UTC)

// identities are made once: attempts do not share anything else.
var identities = sync.OnceValue(func() (ids [8]*age.HybridIdentity) {
	for i := range ids {
		ids[i], _ = age.GenerateHybridIdentity()
	}
	return ids
})

// pair are two devices and what the scanner said first.
type pair struct {
	shower  *pairing.Shower
	scanner *pairing.Scanner
	commit  string
	code    pairing.Code
}

func newPair(t testing.TB, r io.Reader) pair {
	t.Helper()
	s, err := pairing.NewShower(pairing.Link, pairing.Life, start, r)
	if err != nil {
		t.Fatal(err)
	}
	code, err := pairing.ParseCode(s.Code().Text())
	if err != nil {
		t.Fatal(err)
	}
	n, commit, err := pairing.NewScanner(code, identities()[0], []byte("offer"), start, r)
	if err != nil {
		t.Fatal(err)
	}
	return pair{s, n, commit, code}
}

// compared takes a pair to where both show digits.
func compared(t testing.TB, r io.Reader) (pair, [3]string) {
	t.Helper()
	p := newPair(t, r)
	challenge := must(p.shower.Receive(start, p.commit))
	reveal := must(p.scanner.Receive(start, challenge))
	if reply := must(p.shower.Receive(start, reveal)); reply != "" {
		t.Fatal("a reply to what was revealed")
	}
	return p, [3]string{p.commit, challenge, reveal}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestPairing(t *testing.T) {
	for _, size := range []int{0, 1, 5000, pairing.MaxAnswer} {
		p, _ := compared(t, rand.Reader)
		a, okA := p.shower.Digits()
		b, okB := p.scanner.Digits()
		if !okA || !okB || a != b || len(a) != 6 || strings.Trim(a, "0123456789") != "" {
			t.Fatalf("digits %q and %q", a, b)
		}
		if offer, ok := p.shower.Offer(); !ok || string(offer) != "offer" {
			t.Errorf("offer %q", offer)
		}
		if p.shower.Box() != p.scanner.Box() || p.shower.Box() != p.code.Box() {
			t.Error("they do not meet")
		}
		yes := must(p.scanner.Accept(start))
		if reply, err := p.shower.Receive(start, yes); err != nil || reply != "" || p.shower.Agreed() {
			t.Fatalf("after one yes: %q, %v, %v", reply, err, p.shower.Agreed())
		}
		if err := p.shower.Accept(start); err != nil || !p.shower.Agreed() {
			t.Fatalf("after both: %v, %v", err, p.shower.Agreed())
		}
		payload := make([]byte, size)
		rand.Read(payload)
		answer := must(p.shower.Answer(start, payload))
		if len(answer) > pairing.MaxMessage {
			t.Errorf("an answer of %d characters", len(answer))
		}
		if reply, err := p.scanner.Receive(start, answer); err != nil || reply != "" {
			t.Fatalf("answer: %q, %v", reply, err)
		}
		if got, ok := p.scanner.Payload(); !ok || !bytes.Equal(got, payload) {
			t.Errorf("%d bytes came, want %d", len(got), size)
		}
		if p.shower.Done() {
			t.Error("done before it was said")
		}
		done := must(p.scanner.Finish(start))
		if reply, err := p.shower.Receive(start, done); err != nil || reply != "" || !p.shower.Done() {
			t.Fatalf("done: %q, %v", reply, err)
		}
		if _, err := p.scanner.Receive(start, answer); !errors.Is(err, pairing.ErrUsed) {
			t.Errorf("after the end: %v", err)
		}
		if _, err := p.shower.Receive(start, p.commit); !errors.Is(err, pairing.ErrUsed) || !p.shower.Done() {
			t.Errorf("after the end: %v", err)
		}
		if got, ok := p.scanner.Payload(); !ok || len(got) != size {
			t.Error("what was given is gone")
		}
	}
}

// Nothing happens before its turn, and nothing breaks when it is asked for.
func TestNotYet(t *testing.T) {
	p := newPair(t, rand.Reader)
	for i, err := range []error{
		p.shower.Accept(start), second(p.shower.Answer(start, nil)), second(p.scanner.Accept(start)), second(p.scanner.Finish(start)),
	} {
		if !errors.Is(err, pairing.ErrNotYet) {
			t.Errorf("%d: %v", i, err)
		}
	}
	p, _ = compared(t, rand.Reader)
	if err := p.shower.Accept(start); err != nil {
		t.Fatal(err)
	}
	if _, err := p.shower.Answer(start, nil); !errors.Is(err, pairing.ErrNotYet) {
		t.Errorf("an answer that one side agreed to: %v", err)
	}
	yes := must(p.scanner.Accept(start))
	if _, err := p.scanner.Accept(start); !errors.Is(err, pairing.ErrUsed) {
		t.Errorf("yes twice: %v", err)
	}
	must(p.shower.Receive(start, yes))
	if _, err := p.shower.Answer(start, make([]byte, pairing.MaxAnswer+1)); !errors.Is(err, pairing.ErrTooLong) {
		t.Errorf("too long: %v", err)
	}
	must(p.shower.Answer(start, nil))
	if _, err := p.shower.Answer(start, nil); !errors.Is(err, pairing.ErrUsed) {
		t.Errorf("a second answer: %v", err)
	}
	if _, _, err := pairing.NewScanner(p.code, identities()[0], make([]byte, pairing.MaxOffer+1), start, rand.Reader); !errors.Is(err, pairing.ErrTooLong) {
		t.Errorf("a long offer: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

// A minute for the code, a minute for what devices say, ten for people.
func TestExpires(t *testing.T) {
	at := func(d time.Duration) time.Time { return start.Add(d) }
	t.Run("code", func(t *testing.T) {
		p := newPair(t, rand.Reader)
		if _, err := p.shower.Check(at(pairing.Life - 1)); err != nil {
			t.Error(err)
		}
		last, err := p.shower.Receive(at(pairing.Life), p.commit)
		if !errors.Is(err, pairing.ErrExpired) {
			t.Error(err)
		}
		if _, err := p.scanner.Receive(start, last); !errors.Is(err, pairing.ErrExpired) {
			t.Errorf("the other side is told %v", err)
		}
		if _, err := p.shower.Receive(start, p.commit); !errors.Is(err, pairing.ErrExpired) {
			t.Errorf("it came back to life: %v", err)
		}
	})
	t.Run("code that is typed", func(t *testing.T) {
		s := must(pairing.NewShower(pairing.Link, 100*time.Hour, start, rand.Reader))
		if got := s.Until(); got != at(pairing.TypedLife) {
			t.Errorf("lives until %v", got)
		}
	})
	t.Run("challenge", func(t *testing.T) {
		p := newPair(t, rand.Reader)
		challenge := must(p.shower.Receive(start, p.commit))
		if _, err := p.scanner.Receive(at(pairing.Patience), challenge); !errors.Is(err, pairing.ErrExpired) {
			t.Error(err)
		}
	})
	t.Run("reveal", func(t *testing.T) {
		p := newPair(t, rand.Reader)
		reveal := must(p.scanner.Receive(start, must(p.shower.Receive(at(pairing.Life-1), p.commit))))
		if _, err := p.shower.Receive(at(pairing.Life+pairing.Patience-1), reveal); !errors.Is(err, pairing.ErrExpired) {
			t.Error(err)
		}
	})
	t.Run("people", func(t *testing.T) {
		p, _ := compared(t, rand.Reader)
		if err := p.shower.Accept(at(pairing.Limit - 1)); err != nil {
			t.Error(err)
		}
		if last, err := p.shower.Check(at(pairing.Limit)); !errors.Is(err, pairing.ErrExpired) || last == "" {
			t.Error(err)
		}
		if _, err := p.scanner.Accept(at(pairing.Limit)); !errors.Is(err, pairing.ErrExpired) {
			t.Error(err)
		}
	})
	t.Run("clock set back", func(t *testing.T) {
		p := newPair(t, rand.Reader)
		if _, err := p.shower.Receive(at(-time.Second), p.commit); !errors.Is(err, pairing.ErrExpired) {
			t.Error(err)
		}
	})
}

func TestDecline(t *testing.T) {
	p, _ := compared(t, rand.Reader)
	if _, err := p.scanner.Receive(start, p.shower.Decline()); !errors.Is(err, pairing.ErrDeclined) {
		t.Errorf("the scanner is told %v", err)
	}
	if last, err := p.scanner.Check(start); last != "" || !errors.Is(err, pairing.ErrDeclined) {
		t.Errorf("an end was answered: %q, %v", last, err)
	}
	if _, ok := p.scanner.Digits(); ok {
		t.Error("the digits are still there")
	}
	if p.shower.Decline() != "" {
		t.Error("declined twice")
	}
	// Also before there is anything to compare.
	p = newPair(t, rand.Reader)
	if _, err := p.shower.Receive(start, p.scanner.Decline()); !errors.Is(err, pairing.ErrDeclined) {
		t.Errorf("the shower is told %v", err)
	}
	// And by the side that had agreed already.
	p, _ = compared(t, rand.Reader)
	must(p.shower.Receive(start, must(p.scanner.Accept(start))))
	if err := p.shower.Accept(start); err != nil {
		t.Fatal(err)
	}
	if _, err := p.shower.Receive(start, p.scanner.Decline()); !errors.Is(err, pairing.ErrDeclined) {
		t.Errorf("the shower is told %v", err)
	}
	if p.shower.Agreed() {
		t.Error("agreed with somebody who declined")
	}
}

// Two devices that read one code: nobody can say which is the right one.
func TestTwoScanners(t *testing.T) {
	p := newPair(t, rand.Reader)
	other, commit, err := pairing.NewScanner(p.code, identities()[1], nil, start, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	challenge := must(p.shower.Receive(start, p.commit))
	last, err := p.shower.Receive(start, commit)
	if !errors.Is(err, pairing.ErrUsed) {
		t.Errorf("the shower: %v", err)
	}
	if _, err := p.scanner.Receive(start, commit); !errors.Is(err, pairing.ErrUsed) {
		t.Errorf("who came first: %v", err)
	}
	if _, err := other.Receive(start, last); !errors.Is(err, pairing.ErrUsed) {
		t.Errorf("who came second is told %v", err)
	}
	third, _, err := pairing.NewScanner(p.code, identities()[1], nil, start, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := third.Receive(start, p.commit); !errors.Is(err, pairing.ErrUsed) {
		t.Errorf("who comes later: %v", err)
	}
	if _, err := p.shower.Receive(start, challenge); !errors.Is(err, pairing.ErrUsed) {
		t.Errorf("the shower later: %v", err)
	}
}

// A code for one purpose meets no code for another.
func TestPurposeIsBound(t *testing.T) {
	secret := [32]byte{1, 2, 3}
	link, invite := pairing.CodeOf(pairing.Link, secret), pairing.CodeOf(pairing.Invite, secret)
	if link.Box() == invite.Box() {
		t.Error("they meet")
	}
	s := pairing.Impersonate(link, start, rand.Reader)
	_, commit, err := pairing.NewScanner(invite, identities()[0], nil, start, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Receive(start, commit); !errors.Is(err, pairing.ErrTampered) {
		t.Errorf("got %v", err)
	}
	if pairing.DigitsOf(link, nil, nil, nil) == pairing.DigitsOf(invite, nil, nil, nil) {
		t.Error("the digits do not know the purpose")
	}
}

// Whatever is not the next message ends the attempt, whoever can write it.
func TestUnexpected(t *testing.T) {
	r := rand.Reader
	forge := func(p pair, from, step string, body []byte) string { return pairing.Forge(p.code, from, step, body, r) }
	flip := func(s string, i int) string {
		b := []byte(s)
		i = (i + len(b)) % len(b)
		b[i] = map[bool]byte{true: 'B', false: 'A'}[b[i] == 'A']
		return string(b)
	}
	for name, tt := range map[string]struct {
		give func(p pair, said [3]string) string
		to   string // "shower" or "scanner", both where digits are shown
		want error
	}{
		"nothing":            {func(pair, [3]string) string { return "" }, "shower", pairing.ErrTampered},
		"not a JWE":          {func(pair, [3]string) string { return "hello" }, "scanner", pairing.ErrTampered},
		"too long":           {func(pair, [3]string) string { return strings.Repeat("A", pairing.MaxMessage+1) }, "shower", pairing.ErrTampered},
		"own words":          {func(_ pair, said [3]string) string { return said[1] }, "shower", pairing.ErrTampered},
		"own words, scanner": {func(_ pair, said [3]string) string { return said[0] }, "scanner", pairing.ErrTampered},
		"a reveal again":     {func(_ pair, said [3]string) string { return said[2] }, "shower", pairing.ErrTampered},
		"a commit again":     {func(_ pair, said [3]string) string { return said[0] }, "shower", pairing.ErrTampered},
		"another commit":     {func(p pair, _ [3]string) string { return forge(p, "scanner", "commit", make([]byte, 32)) }, "shower", pairing.ErrUsed},
		"a challenge again":  {func(_ pair, said [3]string) string { return said[1] }, "scanner", pairing.ErrTampered},
		"a forged yes":       {func(p pair, _ [3]string) string { return forge(p, "scanner", "yes", make([]byte, 32)) }, "shower", pairing.ErrTampered},
		"an empty yes":       {func(p pair, _ [3]string) string { return forge(p, "scanner", "yes", nil) }, "shower", pairing.ErrTampered},
		"done too early":     {func(p pair, _ [3]string) string { return forge(p, "scanner", "done", make([]byte, 32)) }, "shower", pairing.ErrTampered},
		"an answer unasked":  {func(p pair, _ [3]string) string { return forge(p, "shower", "answer", make([]byte, 500)) }, "scanner", pairing.ErrTampered},
		"an unknown step":    {func(p pair, _ [3]string) string { return forge(p, "scanner", "hello", nil) }, "shower", pairing.ErrTampered},
		"an unknown side": {func(p pair, _ [3]string) string {
			return pairing.ForgePlain(p.code, "scanner", pairing.Plain("relay", "yes", nil), r)
		}, "shower", pairing.ErrTampered},
		"the other's step": {func(p pair, _ [3]string) string { return forge(p, "scanner", "answer", nil) }, "shower", pairing.ErrTampered},
		"a later version": {func(p pair, _ [3]string) string {
			return pairing.ForgePlain(p.code, "scanner", []byte("potli-pair/2 x"), r)
		}, "shower", pairing.ErrVersion},
		"a strange end":       {func(p pair, _ [3]string) string { return forge(p, "scanner", "end", []byte("hello")) }, "shower", pairing.ErrTampered},
		"an end that is told": {func(p pair, _ [3]string) string { return forge(p, "scanner", "end", []byte("expired")) }, "shower", pairing.ErrExpired},
		"an end of one's own": {func(p pair, _ [3]string) string {
			return pairing.ForgePlain(p.code, "scanner", pairing.Plain("shower", "end", []byte("declined")), r)
		}, "shower", pairing.ErrTampered},
		"flipped header":        {func(_ pair, said [3]string) string { return flip(said[2], 5) }, "shower", pairing.ErrTampered},
		"flipped body":          {func(_ pair, said [3]string) string { return flip(said[2], 2000) }, "shower", pairing.ErrTampered},
		"flipped tag":           {func(_ pair, said [3]string) string { return flip(said[2], -10) }, "shower", pairing.ErrTampered},
		"sealed for the other":  {func(p pair, _ [3]string) string { return forge(p, "shower", "end", []byte("declined")) }, "shower", pairing.ErrTampered},
		"another pair's reveal": {func(pair, [3]string) string { _, said := compared(t, r); return said[2] }, "shower", pairing.ErrTampered},
	} {
		t.Run(name, func(t *testing.T) {
			p, said := compared(t, r)
			give := tt.give(p, said)
			var last string
			var err error
			if tt.to == "shower" {
				last, err = p.shower.Receive(start, give)
			} else {
				last, err = p.scanner.Receive(start, give)
			}
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			// It is over for good, and nothing that was asked for later happens.
			if tt.to == "shower" {
				if err := p.shower.Accept(start); !errors.Is(err, tt.want) {
					t.Errorf("later: %v", err)
				}
				if _, ok := p.shower.Offer(); ok {
					t.Error("the offer is still there")
				}
				return
			}
			if _, err := p.scanner.Accept(start); !errors.Is(err, tt.want) {
				t.Errorf("later: %v", err)
			}
			if _, err := p.shower.Receive(start, last); !errors.Is(err, tt.want) {
				t.Errorf("the other side is told %v", err)
			}
		})
	}
}

// What a scanner may reveal, and what it had better not.
func TestReveal(t *testing.T) {
	r := rand.Reader
	for name, change := range map[string]func([]byte) []byte{
		"one byte of the nonce": func(b []byte) []byte { b[0] ^= 1; return b },
		"one byte of the offer": func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"another recipient":     func(b []byte) []byte { return pairing.SwapRecipient(b, identities()[1].Recipient()) },
		"cut short":             func(b []byte) []byte { return b[:len(b)-1] },
		"empty":                 func([]byte) []byte { return nil },
	} {
		p := newPair(t, r)
		must(p.shower.Receive(start, p.commit))
		reveal := pairing.Forge(p.code, "scanner", "reveal", change(pairing.Opening(p.scanner)), r)
		if _, err := p.shower.Receive(start, reveal); !errors.Is(err, pairing.ErrTampered) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Committed to, and still nothing that can be worked with.
	for name, change := range map[string]func([]byte) []byte{
		"no key":             func(b []byte) []byte { return b[:40] },
		"a key of low order": func(b []byte) []byte { clear(b[32:64]); return b },
		"no recipient":       func(b []byte) []byte { return append(b[:64], 0, 0) },
		"a long recipient":   func(b []byte) []byte { b[64], b[65] = 0xff, 0xff; return b },
		"another kind of recipient": func(b []byte) []byte {
			id, _ := age.GenerateX25519Identity()
			s := id.Recipient().String()
			return append(append(b[:64], 0, byte(len(s))), s...)
		},
		"a long offer": func(b []byte) []byte { return append(b, make([]byte, pairing.MaxOffer)...) },
	} {
		p := newPair(t, r)
		opening := change(pairing.Opening(p.scanner))
		s := pairing.Impersonate(p.code, start, r)
		must(s.Receive(start, pairing.Forge(p.code, "scanner", "commit", pairing.Commitment(opening), r)))
		if _, err := s.Receive(start, pairing.Forge(p.code, "scanner", "reveal", opening, r)); !errors.Is(err, pairing.ErrTampered) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, challenge := range map[string][]byte{"short": make([]byte, 63), "long": make([]byte, 65), "of low order": make([]byte, 64)} {
		p := newPair(t, r)
		if _, err := p.scanner.Receive(start, pairing.Forge(p.code, "shower", "challenge", challenge, r)); !errors.Is(err, pairing.ErrTampered) {
			t.Errorf("a challenge that is %s: %v", name, err)
		}
	}
}

// The digits are drawn evenly: over 100,000 transcripts each of the ten digits
// comes as often as it should at every place, by chi square (nine degrees of
// freedom: 40 is passed by chance once in 100,000 times).
func TestDigitsAreEven(t *testing.T) {
	const n = 100_000
	r := mathrand.NewChaCha8([32]byte{7})
	var count [6][10]float64
	transcript := make([]byte, 32)
	for range n {
		r.Read(transcript)
		for place, digit := range pairing.DigitsOfTranscript(transcript) {
			count[place][digit-'0']++
		}
	}
	for place, seen := range count {
		chi := 0.0
		for _, c := range seen {
			chi += math.Pow(c-n/10, 2) / (n / 10)
		}
		if chi > 40 {
			t.Errorf("place %d: chi square %.1f", place, chi)
		}
	}
}

// Messages tell nothing by their size: all but a long answer are alike, and what
// one person tells another of their keys is no longer than what a device tells.
func TestSizes(t *testing.T) {
	p, said := compared(t, rand.Reader)
	long, _, err := pairing.NewScanner(p.code, identities()[0], make([]byte, 6000), start, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	reveal := must(long.Receive(start, pairing.Forge(p.code, "shower", "challenge", pairing.Body(p.code, "shower", said[1]), rand.Reader)))
	yes := must(p.scanner.Accept(start))
	must(p.shower.Receive(start, yes))
	if err := p.shower.Accept(start); err != nil {
		t.Fatal(err)
	}
	answer := must(p.shower.Answer(start, make([]byte, 6000)))
	for i, m := range append(said[:], reveal, yes, answer, p.scanner.Decline()) {
		if len(m) != len(yes) {
			t.Errorf("message %d has %d characters, another %d", i, len(m), len(yes))
		}
	}
}

// No secret gets into a log.
func TestFormat(t *testing.T) {
	p, _ := compared(t, rand.Reader)
	secret := strings.TrimPrefix(p.code.Text(), pairing.Prefix)
	digits, _ := p.shower.Digits()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		for _, v := range []any{p.code, &p.code, p.code.Box(), p.shower, p.scanner, *p.shower, *p.scanner, []pairing.Code{p.code}} {
			out := fmt.Sprintf(verb, v)
			if len(out) > 60 || strings.Contains(out, secret) || strings.Contains(out, digits) || strings.Contains(out, p.code.Box().Token) {
				t.Errorf("%s shows %q", verb, out)
			}
		}
	}
}

// noRandomness fails after n bytes.
type noRandomness struct{ n int }

func (r *noRandomness) Read(b []byte) (int, error) {
	if r.n -= len(b); r.n < 0 {
		return 0, errors.New("no more")
	}
	return rand.Read(b)
}

// Without randomness there is an error, and never a key that somebody knows.
func TestNoRandomness(t *testing.T) {
	if _, err := pairing.NewShower(pairing.Link, pairing.Life, start, &noRandomness{31}); err == nil {
		t.Error("a code of 31 bytes")
	}
	code := newPair(t, rand.Reader).code
	for n := range 32 + 32 + 12 {
		if _, _, err := pairing.NewScanner(code, identities()[0], nil, start, &noRandomness{n}); err == nil {
			t.Errorf("a scanner of %d bytes", n)
		}
	}
	for _, n := range []int{32, 64, 96, 100} {
		s, err := pairing.NewShower(pairing.Link, pairing.Life, start, &noRandomness{n})
		if err != nil {
			t.Fatal(err)
		}
		_, commit, err := pairing.NewScanner(s.Code(), identities()[0], nil, start, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if reply, err := s.Receive(start, commit); err == nil || reply != "" {
			t.Errorf("a challenge of %d bytes", n-32)
		}
	}
}
