package pairing_test

import (
	"bytes"
	"errors"
	"math"
	mathrand "math/rand/v2"
	"strconv"
	"testing"

	"potli/crypto/pairing"
)

// T24. Somebody has photographed the code and carries every message between the
// two devices. People compare what both show and say yes only when it is the
// same; the attacker wants them to say yes, or the answer, or to put another
// answer in its place.
//
// What the attacker cannot do, the machines are held to in each run. What is left
// is chance: whatever is chosen, it is chosen before the other side's half is
// known, so the digits of the two sides agree in one of pairing.Digits runs.

// scene is an honest pair and an attacker between them.
type scene struct {
	pair
	r     *mathrand.ChaCha8
	grind int  // how many tries the attacker's patience is worth
	tail  int  // of how many digits the attacker wants agreement
	fault bool // a shower that forgets what was committed to
}

// outcome is what came of an attack: what each side shows at the end ("" for
// nothing), and whether the attacker has or wrote an answer.
type outcome struct {
	shower, scanner string
	broke           bool
}

// agrees says whether the last digits that both sides show are the same.
func (o outcome) agrees(tail int) bool {
	return o.shower != "" && o.scanner != "" && o.shower[6-tail:] == o.scanner[6-tail:]
}

// attack is one strategy. When chance is true its digits are a matter of luck;
// otherwise it must come to nothing, always.
type attack struct {
	name   string
	chance bool
	run    func(s *scene) outcome
}

var attacks = []attack{
	{"take both places", true, takeBoth},
	{"take both places, the scanner's side first", true, scannerFirst},
	{"take both places, choosing the challenge last", true, chooseChallenge},
	{"put one's own key into the challenge", true, swapKey},
	{"choose the offer after the challenge", false, chooseOffer},
	{"put one's own recipient into what is revealed", false, swapRecipient},
	{"put one's own commitment in front", false, swapCommitment},
	{"listen, and answer in the shower's place", false, forgeAnswer},
	{"listen, and agree in the scanner's place", false, forgeYes},
	{"say again what was said in this attempt", false, replay},
	{"say what was said in another attempt", false, replayOther},
	{"say things in another order", false, reorder},
	{"turn the code for linking into one for inviting", false, turnPurpose},
}

// own is the attacker's half as a scanner, with a recipient of its own.
func (s *scene) own() (*pairing.Scanner, string) {
	n, commit, err := pairing.NewScanner(s.code, identities()[1], []byte("offer"), start, s.r)
	if err != nil {
		panic(err)
	}
	return n, commit
}

// shows are the digits of a side, or "".
func shows(p interface{ Digits() (string, bool) }) string {
	d, _ := p.Digits()
	return d
}

// end lets people compare and goes on to the answer where they say yes. mine is
// the attacker's half towards the shower, nil where the scanner's own words went
// through.
func (s *scene) end(mine *pairing.Scanner) outcome {
	o := outcome{shower: shows(s.shower), scanner: shows(s.scanner)}
	if !o.agrees(6) || mine == nil {
		return o
	}
	if s.shower.Accept(start) != nil {
		return o
	}
	yes, err := mine.Accept(start)
	if err != nil {
		return o
	}
	if _, err := s.shower.Receive(start, yes); err != nil {
		return o
	}
	answer, err := s.shower.Answer(start, []byte("secret"))
	if err == nil {
		_, err = mine.Receive(start, answer)
	}
	o.broke = err == nil
	return o
}

// victim takes the shower's place towards the scanner, with a given challenge or
// one's own, and returns what the scanner revealed.
func (s *scene) victim(challenge string) (reveal string) {
	reveal, err := s.scanner.Receive(start, challenge)
	if err != nil {
		panic(err)
	}
	return reveal
}

func takeBoth(s *scene) outcome {
	mine, commit := s.own()
	mustLive(s.shower.Receive(start, mustLive(mine.Receive(start, mustLive(s.shower.Receive(start, commit))))))
	other := pairing.Impersonate(s.code, start, s.r)
	s.victim(mustLive(other.Receive(start, s.commit)))
	return s.end(mine)
}

func scannerFirst(s *scene) outcome {
	other := pairing.Impersonate(s.code, start, s.r)
	mustLive(other.Receive(start, s.victim(mustLive(other.Receive(start, s.commit)))))
	mine, commit := s.own()
	mustLive(s.shower.Receive(start, mustLive(mine.Receive(start, mustLive(s.shower.Receive(start, commit))))))
	return s.end(mine)
}

// chooseChallenge knows the shower's digits and looks for a challenge that would
// give them to the scanner, if the scanner were to reveal what is guessed.
func chooseChallenge(s *scene) outcome {
	mine, commit := s.own()
	mustLive(s.shower.Receive(start, mustLive(mine.Receive(start, mustLive(s.shower.Receive(start, commit))))))
	want := outcome{shower: shows(s.shower)}
	guess, _ := s.own()
	challenge := make([]byte, 64)
	for range s.grind {
		s.r.Read(challenge)
		if want.scanner = pairing.DigitsOf(s.code, pairing.Body(s.code, "scanner", s.commit), challenge, pairing.Opening(guess)); want.agrees(s.tail) {
			break
		}
	}
	s.victim(pairing.Forge(s.code, "shower", "challenge", challenge, s.r))
	return s.end(mine)
}

func swapKey(s *scene) outcome {
	challenge := pairing.Body(s.code, "shower", mustLive(s.shower.Receive(start, s.commit)))
	mine, _ := s.own()
	copy(challenge[32:], pairing.Opening(mine)[32:64])
	reveal := s.victim(pairing.Forge(s.code, "shower", "challenge", challenge, s.r))
	mustLive(s.shower.Receive(start, reveal))
	return s.end(nil)
}

// chooseOffer is what commit-then-reveal is for: with both halves known, another
// nonce is looked for until the digits fit.
func chooseOffer(s *scene) outcome {
	other := pairing.Impersonate(s.code, start, s.r)
	mustLive(other.Receive(start, s.victim(mustLive(other.Receive(start, s.commit)))))
	mine, commit := s.own()
	said := mustLive(s.shower.Receive(start, commit))
	challenge := pairing.Body(s.code, "shower", said)
	o, opening := outcome{scanner: shows(s.scanner)}, pairing.Opening(mine)
	for range s.grind {
		s.r.Read(opening[:32])
		if o.shower = pairing.DigitsOf(s.code, pairing.Commitment(opening), challenge, opening); o.agrees(s.tail) {
			break
		}
	}
	if s.fault {
		pairing.Forget(s.shower, opening)
	}
	s.shower.Receive(start, pairing.Forge(s.code, "scanner", "reveal", opening, s.r))
	return s.end(nil)
}

func swapRecipient(s *scene) outcome {
	s.victim(mustLive(s.shower.Receive(start, s.commit)))
	opening := pairing.SwapRecipient(pairing.Opening(s.scanner), identities()[1].Recipient())
	s.shower.Receive(start, pairing.Forge(s.code, "scanner", "reveal", opening, s.r))
	return s.end(nil)
}

func swapCommitment(s *scene) outcome {
	_, commit := s.own()
	s.shower.Receive(start, s.victim(mustLive(s.shower.Receive(start, commit))))
	return s.end(nil)
}

// listen lets an honest attempt come to where both people have said yes.
func (s *scene) listen() (said []string, yes string) {
	challenge := mustLive(s.shower.Receive(start, s.commit))
	reveal := s.victim(challenge)
	mustLive(s.shower.Receive(start, reveal))
	if a := shows(s.shower); a == "" || a != shows(s.scanner) {
		panic("an honest pair shows different digits")
	}
	return []string{s.commit, challenge, reveal}, mustLive(s.scanner.Accept(start))
}

func forgeAnswer(s *scene) outcome {
	s.listen()
	// Everything is known but the agreed key.
	body := make([]byte, 400)
	s.r.Read(body)
	_, err := s.scanner.Receive(start, pairing.Forge(s.code, "shower", "answer", body, s.r))
	return outcome{broke: err == nil}
}

func forgeYes(s *scene) outcome {
	s.listen()
	body := make([]byte, 32)
	s.r.Read(body)
	s.shower.Receive(start, pairing.Forge(s.code, "scanner", "yes", body, s.r))
	return outcome{broke: s.shower.Accept(start) == nil || s.shower.Agreed()}
}

func replay(s *scene) outcome {
	said, _ := s.listen()
	again := said[s.r.Uint64()%3]
	_, errA := s.shower.Receive(start, again)
	_, errB := s.scanner.Receive(start, again)
	return outcome{broke: errA == nil || errB == nil}
}

func replayOther(s *scene) outcome {
	p := pair{}
	p.shower = pairing.Impersonate(s.code, start, s.r) // the same code in another attempt: the worst that can be
	p.scanner, p.commit = s.own()
	challenge := mustLive(p.shower.Receive(start, p.commit))
	reveal := mustLive(p.scanner.Receive(start, challenge))
	mustLive(p.shower.Receive(start, reveal))
	yes := mustLive(p.scanner.Accept(start))
	mustLive(p.shower.Receive(start, yes))
	if p.shower.Accept(start) != nil {
		panic("an honest pair cannot agree")
	}
	answer := mustLive(p.shower.Answer(start, []byte("other")))

	s.listen()
	_, errA := s.shower.Receive(start, yes)
	_, errB := s.scanner.Receive(start, answer)
	return outcome{broke: errA == nil || errB == nil}
}

func reorder(s *scene) outcome {
	reveal := pairing.Forge(s.code, "scanner", "reveal", pairing.Opening(s.scanner), s.r)
	if _, err := s.shower.Receive(start, reveal); err == nil {
		return outcome{broke: true}
	}
	if _, err := s.shower.Receive(start, s.commit); err == nil {
		return outcome{broke: true}
	}
	_, err := s.scanner.Receive(start, pairing.Forge(s.code, "shower", "answer", nil, s.r))
	return outcome{broke: err == nil}
}

func turnPurpose(s *scene) outcome {
	turned := s.code
	turned.Purpose = pairing.Invite
	_, commit, err := pairing.NewScanner(turned, identities()[1], nil, start, s.r)
	if err != nil {
		panic(err)
	}
	_, err = s.shower.Receive(start, commit)
	return outcome{broke: err == nil}
}

// mustLive is for steps that no attack of the strategy shows in.
func mustLive(reply string, err error) string {
	if err != nil {
		panic(err)
	}
	return reply
}

// simulate runs an attack on a fresh pair.
func simulate(t *testing.T, a attack, r *mathrand.ChaCha8, grind, tail int, fault bool) outcome {
	return a.run(&scene{pair: newPair(t, r), r: r, grind: grind, tail: tail, fault: fault})
}

// TestT24_ManInTheMiddle: 10,000 attacks on random pairs. By chance the six
// digits agree in one of a million, so that 10,000 attacks succeed 0.01 times;
// two successes would come once in 20,000 such tests, and fail this one. The last
// two digits agree in one of a hundred: there the count must be neither more nor
// less than chance, by five standard deviations, or the attackers were none. The
// runs are the same every time: what fails once can be looked at.
func TestT24_ManInTheMiddle(t *testing.T) {
	runs := 10_000
	if testing.Short() || slow { // make runs this test again, as it is
		runs = 1000
	}
	r := mathrand.NewChaCha8([32]byte{24})
	lucky, six, two := 0, 0, 0
	for i := range runs {
		a := attacks[i%len(attacks)]
		o := simulate(t, a, r, 20, 2, false)
		switch {
		case !a.chance && (o.broke || o.agrees(6)):
			t.Errorf("run %d, %s: %+v", i, a.name, o)
		case a.chance && (o.shower == "" || o.scanner == ""):
			t.Errorf("run %d, %s: did not come to the digits", i, a.name)
		case a.chance:
			lucky++
			six += count(o.agrees(6))
			two += count(o.agrees(2))
		}
	}
	if six > 1 {
		t.Errorf("%d of %d attacks succeeded: chance gives %.3f", six, runs, float64(lucky)/pairing.Digits)
	}
	mean := float64(lucky) / 100
	if off := math.Abs(float64(two) - mean); off > 5*math.Sqrt(mean*0.99) {
		t.Errorf("two digits agreed %d times, chance gives %.0f", two, mean)
	}
	t.Logf("%d attacks, %d of them on the digits: six agreed %d times, two %d times (chance: %.4f and %.1f)",
		runs, lucky, six, two, float64(lucky)/pairing.Digits, mean)
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestT24_SimulationFindsTheFault: without the commitment the same attacker makes
// digits agree at will. Three of them here, which take a thousand tries; six
// would take a million, about as long as a person looks at a screen.
func TestT24_SimulationFindsTheFault(t *testing.T) {
	const tail, tries = 3, 20_000 // without success once in five hundred million
	r := mathrand.NewChaCha8([32]byte{25})
	runs := 20
	if slow {
		runs = 4
	}
	a := attack{"choose the offer after the challenge", false, chooseOffer}
	agreed := 0
	for range runs {
		agreed += count(simulate(t, a, r, tries, tail, true).agrees(tail))
	}
	if agreed != runs {
		t.Errorf("a shower without commitments was fooled %d of %d times", agreed, runs)
	}
	for range runs {
		if o := simulate(t, a, r, 10, tail, false); o.shower != "" {
			t.Error("a shower with commitments was fooled")
		}
	}
}

// Whatever a stranger writes, who has the code or not: nothing panics, and only
// the right thing brings an attempt forward.
func FuzzReceive(f *testing.F) {
	for _, s := range []struct{ from, step string }{{"scanner", "commit"}, {"shower", "challenge"}, {"scanner", "reveal"}, {"scanner", "yes"}, {"shower", "answer"}, {"scanner", "done"}, {"scanner", "end"}, {"shower", "end"}} {
		f.Add(pairing.Plain(s.from, s.step, make([]byte, 32)), byte(0))
		f.Add(pairing.Plain(s.from, s.step, make([]byte, 64)), byte(1))
		f.Add(pairing.Plain(s.from, s.step, []byte("declined")), byte(2))
	}
	p := newPair(f, mathrand.NewChaCha8([32]byte{1}))
	f.Add(pairing.Plain("scanner", "reveal", pairing.Opening(p.scanner)), byte(1))
	f.Add([]byte("potli-pair/1 scanner commit 32\n"), byte(0))
	f.Add([]byte("potli-pair/2 x"), byte(1))
	f.Fuzz(func(t *testing.T, plain []byte, at byte) {
		r := mathrand.NewChaCha8([32]byte{at})
		p := newPair(t, r)
		if at%3 > 0 {
			challenge := must(p.shower.Receive(start, p.commit))
			if at%3 > 1 {
				must(p.shower.Receive(start, must(p.scanner.Receive(start, challenge))))
			}
		}
		before := shows(p.shower)
		_, err := p.shower.Receive(start, pairing.ForgePlain(p.code, "scanner", plain, r))
		commit := bytes.HasPrefix(plain, []byte("potli-pair/1 scanner commit 32\n"))
		if err == nil && !(commit && at%3 == 0) && !(at%3 == 1 && bytes.Contains(plain, pairing.Opening(p.scanner))) {
			t.Errorf("the shower took it, at %d", at%3)
		}
		if err != nil && (p.shower.Agreed() || p.shower.Accept(start) == nil) {
			t.Errorf("alive after %v with %s", err, strconv.Quote(before))
		}
		_, err = p.scanner.Receive(start, pairing.ForgePlain(p.code, "shower", plain, r))
		if err == nil && !bytes.HasPrefix(plain, []byte("potli-pair/1 shower challenge 64\n")) {
			t.Error("the scanner took it")
		}
		for _, known := range []error{nil, pairing.ErrTampered, pairing.ErrVersion, pairing.ErrDeclined, pairing.ErrExpired, pairing.ErrUsed} {
			if errors.Is(err, known) {
				return
			}
		}
		t.Errorf("error %v", err)
	})
}

func FuzzMessage(f *testing.F) {
	f.Add(pairing.Plain("scanner", "commit", make([]byte, 32)))
	f.Add(pairing.Plain("shower", "answer", make([]byte, 9000)))
	f.Add([]byte("potli-pair/1 scanner commit +2\nab"))
	f.Fuzz(func(t *testing.T, plain []byte) {
		again, err := pairing.Unmarshal(plain)
		if err == nil && !bytes.Equal(again, plain) {
			t.Error("written again it is another")
		}
	})
}

func FuzzOpening(f *testing.F) {
	f.Add(pairing.Opening(newPair(f, mathrand.NewChaCha8([32]byte{1})).scanner))
	f.Add(make([]byte, 66))
	f.Fuzz(func(t *testing.T, b []byte) {
		again, err := pairing.UnmarshalOpening(b)
		if err == nil && !bytes.Equal(again, b) {
			t.Error("written again it is another")
		}
	})
}
