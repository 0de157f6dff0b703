package pairing_test

import (
	"encoding/json"
	"flag"
	mathrand "math/rand/v2"
	"os"
	"testing"

	"filippo.io/age"

	"potli/crypto/pairing"
)

var generate = flag.Bool("generate", false, "make golden files that do not exist yet; existing ones are never written again")

const goldenFile = "testdata/pairing.json"

// golden is a whole attempt. The keys in it protect nothing.
type golden struct {
	Code     string    `json:"code"`
	Typed    string    `json:"typed"`
	Box      [2]string `json:"box"`
	Identity string    `json:"identity"`
	Offer    string    `json:"offer"`
	Said     []string  `json:"said"` // commit, challenge, reveal, yes, answer, done
	Digits   string    `json:"digits"`
	Payload  string    `json:"payload"`
}

// play runs an attempt from fixed randomness. answer takes the place of the
// shower's, which age seals anew each time; nil: the shower's own.
func play(t *testing.T, identity string, answer *string) golden {
	t.Helper()
	id, err := age.ParseHybridIdentity(identity)
	if err != nil {
		t.Fatal(err)
	}
	g := golden{Identity: identity, Offer: "who I am", Payload: "what I give"}
	s := must(pairing.NewShower(pairing.Invite, pairing.Life, start, mathrand.NewChaCha8([32]byte{1})))
	code := s.Code()
	g.Code, g.Typed, g.Box = code.Text(), code.Typed(), [2]string{code.Box().ID, code.Box().Token}
	n, commit, err := pairing.NewScanner(code, id, []byte(g.Offer), start, mathrand.NewChaCha8([32]byte{2}))
	if err != nil {
		t.Fatal(err)
	}
	challenge := must(s.Receive(start, commit))
	reveal := must(n.Receive(start, challenge))
	must(s.Receive(start, reveal))
	yes := must(n.Accept(start))
	must(s.Receive(start, yes))
	if err := s.Accept(start); err != nil {
		t.Fatal(err)
	}
	own := must(s.Answer(start, []byte(g.Payload)))
	if answer == nil {
		answer = &own
	}
	must(n.Receive(start, *answer))
	payload, _ := n.Payload()
	g.Payload, g.Digits = string(payload), shows(n)
	g.Said = []string{commit, challenge, reveal, yes, *answer, must(n.Finish(start))}
	return g
}

// What one release says, every other understands and would have said itself.
func TestGolden(t *testing.T) {
	if _, err := os.Stat(goldenFile); *generate && os.IsNotExist(err) {
		id, err := age.GenerateHybridIdentity()
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.MarshalIndent(play(t, id.String(), nil), "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(goldenFile, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	var want golden
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	got := play(t, want.Identity, &want.Said[4])
	for i := range want.Said {
		if got.Said[i] != want.Said[i] {
			t.Errorf("message %d is another", i)
		}
	}
	if got.Code != want.Code || got.Typed != want.Typed || got.Box != want.Box || got.Digits != want.Digits || got.Payload != want.Payload {
		t.Errorf("got %q, digits %s, payload %q", got.Code, got.Digits, got.Payload)
	}
}
