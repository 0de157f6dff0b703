package share_test

import (
	"bytes"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/share"
	"potli/crypto/jose"
)

// paper is a Relay that only knows where links would be.
type paper struct{ share.Relay }

func (paper) URL(id string) string { return "https://relay.example/l/" + id }

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func make1(t *testing.T, o share.Options) (*share.Share, share.Upload) {
	t.Helper()
	s, up, err := share.New(o, "p1", []share.Item{{Record: "r", Title: "x"}}, []byte(`{"resourceType":"Bundle"}`), paper{}, now, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return s, up
}

// KTC-01: exactly U, an expiry within 5 to 15 minutes, no passcode.
func TestKTC01Counter(t *testing.T) {
	s, up := make1(t, share.Counter())
	if up.Flag != "U" || s.Flag != "U" || up.Passcode != "" || s.Passcode != "" {
		t.Errorf("flag %q, passcode %q", up.Flag, up.Passcode)
	}
	if life := up.Life; life < 5*time.Minute || life > 15*time.Minute {
		t.Errorf("lives %v", life)
	}
	if s.Shape != share.ShapeKTC || up.Type != "application/fhir+json" {
		t.Errorf("shape %q, type %q", s.Shape, up.Type)
	}
	l := s.Link()
	if l.Flag != "U" || !l.Expires.Equal(now.Add(up.Life)) || l.URL != "https://relay.example/l/"+s.Ref.ID {
		t.Errorf("link %+v", l)
	}
}

func TestSendLink(t *testing.T) {
	for _, c := range []struct {
		passcode, follow bool
		flag             string
	}{{false, false, ""}, {true, false, "P"}, {false, true, "L"}, {true, true, "LP"}} {
		o := share.SendLink()
		o.Passcode, o.Follow = c.passcode, c.follow
		s, up := make1(t, o)
		if up.Flag != c.flag || (up.Passcode != "") != c.passcode || s.Passcode != up.Passcode {
			t.Errorf("%+v: flag %q, passcode %q", c, up.Flag, up.Passcode)
		}
		if up.Life != 24*time.Hour || up.Uses != 10 {
			t.Errorf("lives %v, %d uses", up.Life, up.Uses)
		}
		if want := map[bool]int{true: share.MaxAttempts, false: -1}[c.passcode]; s.Status.AttemptsLeft != want {
			t.Errorf("attempts %d, want %d", s.Status.AttemptsLeft, want)
		}
	}
}

// SHL-04 and the limits: what contradicts itself is not made.
func TestSHL04Options(t *testing.T) {
	for name, do := range map[string]func(o *share.Options){
		"U with passcode": func(o *share.Options) { o.Passcode = true },
		"U with updates":  func(o *share.Options) { o.Follow = true },
		"no preset":       func(o *share.Options) { o.Preset = "" },
		"no life":         func(o *share.Options) { o.Life = 0 },
		"31 days":         func(o *share.Options) { o.Life = 31 * 24 * time.Hour },
		"no uses":         func(o *share.Options) { o.Uses = 0 },
		"too many uses":   func(o *share.Options) { o.Uses = share.MaxUses + 1 },
		"no shape":        func(o *share.Options) { o.Shape = "" },
	} {
		o := share.Counter()
		do(&o)
		if _, _, err := share.New(o, "p", nil, []byte("{}"), paper{}, now, rand.Reader); !errors.Is(err, share.ErrOptions) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	o := share.Counter()
	o.Label = strings.Repeat("x", 81)
	if _, _, err := share.New(o, "p", nil, []byte("{}"), paper{}, now, rand.Reader); !errors.Is(err, share.ErrBadLink) {
		t.Errorf("long label: got %v", err)
	}
	if _, _, err := share.New(share.Counter(), "p", nil, []byte("{}"), paper{}, now, strings.NewReader("short")); err == nil {
		t.Error("made a link of too little randomness")
	}
}

// SHL-01, SHL-03: 32 random bytes for the url, 32 others for the key, none used twice or for two things.
func TestSHL01Random(t *testing.T) {
	const links = 300
	seen := map[string]bool{}
	for range links {
		s, _ := make1(t, share.Counter())
		for _, v := range []string{s.ID, s.Ref.ID, s.Ref.Token, base64.RawURLEncoding.EncodeToString(s.Key)} {
			if b, err := base64.RawURLEncoding.DecodeString(v); err != nil || len(b) != 32 || len(v) != 43 {
				t.Fatalf("%q is not 32 bytes", v)
			}
			if seen[v] {
				t.Fatal("drawn twice")
			}
			seen[v] = true
		}
	}
}

// RL4: at least six characters without look-alikes, all equally likely.
func TestRL4Passcode(t *testing.T) {
	count := map[rune]int{}
	o := share.SendLink()
	o.Passcode = true
	const codes = 500
	total := 0
	for range codes {
		s, _ := make1(t, o)
		if len(s.Passcode) < 6 {
			t.Fatalf("%d characters", len(s.Passcode))
		}
		for _, c := range s.Passcode {
			count[c]++
			total++
		}
	}
	for _, c := range "01Il2Oo5S8B6bgquvzZ" {
		if count[c] > 0 {
			t.Errorf("%q looks like another", c)
		}
	}
	// Chi-square against the uniform distribution; 19 degrees of freedom, 60 is a chance of 4 in a million.
	want, chi := float64(total)/float64(len(count)), 0.0
	for _, n := range count {
		chi += math.Pow(float64(n)-want, 2) / want
	}
	if len(count) != 20 || chi > 60 {
		t.Errorf("%d letters, chi-square %.1f", len(count), chi)
	}
}

// A source that gives every byte in turn shows a modulo bias without any chance in it.
func TestPasscodeUnbiased(t *testing.T) {
	o := share.SendLink()
	o.Passcode = true
	count := map[rune]int{}
	for b := range 256 {
		// Four draws of 32 bytes come first; then one byte decides the first letter, or is thrown away for the next.
		r := bytes.NewReader(slices.Concat(make([]byte, 128), bytes.Repeat([]byte{byte(b), 0}, 8), make([]byte, 64)))
		s, _, err := share.New(o, "p", nil, []byte("{}"), paper{}, now, r)
		if err != nil {
			t.Fatal(err)
		}
		if b < 240 {
			count[rune(s.Passcode[0])]++
		} else if s.Passcode != strings.Repeat(s.Passcode[:1], 8) || count[rune(s.Passcode[0])] != 12 {
			t.Errorf("byte %d was used", b)
		}
	}
	for c, n := range count {
		if n != 12 {
			t.Errorf("%q comes of %d bytes, want 12", c, n)
		}
	}
}

// SHL-38: what leaves is a JWE of the bundle and spaces; its length says little.
func TestPadded(t *testing.T) {
	lengths := map[int]bool{}
	for n := 4000; n < 4100; n++ {
		bundle := []byte(`{"x":"` + strings.Repeat("a", n-8) + `"}`)
		s, up, err := share.New(share.Counter(), "p", nil, bundle, paper{}, now, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		plain, cty, err := jose.Decrypt(s.Key, up.JWE)
		if err != nil || cty != "application/fhir+json" {
			t.Fatalf("%q, %v", cty, err)
		}
		if !bytes.Equal(bytes.TrimRight(plain, " "), bundle) || !json.Valid(plain) {
			t.Fatal("not the bundle and spaces")
		}
		if over := len(plain) - len(bundle); over*100 > len(bundle)*12 {
			t.Errorf("%d bytes of padding on %d", over, len(bundle))
		}
		lengths[len(plain)] = true
	}
	if len(lengths) > 2 {
		t.Errorf("a hundred lengths became %d", len(lengths))
	}
}

// SHL-14, SHL-39: an update has the link's key and a fresh IV.
func TestSHL14Reseal(t *testing.T) {
	o := share.SendLink()
	o.Follow = true
	s, up := make1(t, o)
	ivs := map[string]bool{strings.Split(up.JWE, ".")[2]: true}
	for i := range 1000 {
		jwe, err := s.Reseal(fmt.Appendf(nil, `{"n":%d}`, i), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		iv := strings.Split(jwe, ".")[2]
		if ivs[iv] {
			t.Fatal("an IV twice under one key")
		}
		ivs[iv] = true
		if plain, _, err := jose.Decrypt(s.Key, jwe); err != nil || !bytes.HasPrefix(plain, fmt.Appendf(nil, `{"n":%d}`, i)) {
			t.Fatalf("%q, %v", plain, err)
		}
	}
	if _, err := s.Reseal(make([]byte, 20<<20), rand.Reader); !errors.Is(err, share.ErrTooBig) {
		t.Errorf("20 MiB: got %v", err)
	}
}

func TestState(t *testing.T) {
	live := func() *share.Share {
		return &share.Share{Passcode: "x", Status: share.Status{Expires: now.Add(time.Minute), UsesLeft: 1, AttemptsLeft: 1}}
	}
	for _, c := range []struct {
		want share.State
		do   func(s *share.Share)
	}{
		{share.StateLive, func(s *share.Share) {}},
		{share.StatePaused, func(s *share.Share) { s.Status.Paused = true }},
		{share.StateUsedUp, func(s *share.Share) { s.Status.UsesLeft = 0; s.Status.Paused = true }},
		{share.StateLocked, func(s *share.Share) { s.Status.AttemptsLeft = 0 }},
		{share.StateLive, func(s *share.Share) { s.Passcode, s.Status.AttemptsLeft = "", 0 }},
		{share.StatePending, func(s *share.Share) { s.Pending = share.PendingRevoke; s.Status.Paused = true }},
		{share.StateExpired, func(s *share.Share) { s.Status.Expires = now }},
		{share.StatePending, func(s *share.Share) { s.Status.Expires = now; s.Pending = share.PendingRevoke }}, // only by this clock
		{share.StateExpired, func(s *share.Share) { s.Ended, s.Pending = true, share.PendingRevoke }},
		{share.StateExpired, func(s *share.Share) { s.Ended = true }},
		{share.StateLive, func(s *share.Share) { s.Status.Expires, s.Skew = now.Add(-5*time.Hour+time.Minute), -5*time.Hour }},
		{share.StateExpired, func(s *share.Share) { s.Status.Expires, s.Skew = now.Add(5*time.Hour), 5*time.Hour }},
		{share.StateRevoked, func(s *share.Share) { s.Revoked = now; s.Status.Expires = now }},
		{share.StateRevoked, func(s *share.Share) { s.Revoked, s.Ended = now, true }},
		{share.StatePending, func(s *share.Share) { s.Revoked, s.Pending = now, share.PendingRevoke }},
	} {
		s := live()
		c.do(s)
		if got := s.State(now); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// KTC-03: an access is read from the ledger; what does not open is counted.
func TestKTC03OpenReceipts(t *testing.T) {
	s, up := make1(t, share.Counter())
	public, err := hpke.MLKEM768X25519().NewPublicKey(up.ReceiptKey)
	if err != nil {
		t.Fatal(err)
	}
	id := sha256.Sum256([]byte(s.Ref.ID))
	info := append([]byte("potli-receipt/1\x00"), id[:]...)
	seal := func(n int, info []byte, plain string) share.SealedReceipt {
		b, err := hpke.Seal(public, hpke.HKDFSHA256(), hpke.AES256GCM(), info, fmt.Appendf(nil, "%-256s", plain))
		if err != nil {
			t.Fatal(err)
		}
		return share.SealedReceipt{N: n, Sealed: b}
	}
	list := []share.SealedReceipt{
		seal(2, info, `{"n":2,"recipient":"City\u202e Clinic\u0007","time":1772600700,"outcome":"passcode"}`),
		seal(1, info, `{"n":1,"recipient":"","time":1772600400,"outcome":"opened"}`),
		seal(3, info, `{"n":1,"recipient":"shown twice","time":1772600400,"outcome":"opened"}`),
		seal(4, []byte("another link"), `{"n":4}`),
		{N: 5, Sealed: []byte("nothing")},
		seal(6, info, `not JSON`),
	}
	if added := s.OpenReceipts(list[:1], 0); added != 1 || s.LastReceipt() != 0 {
		t.Errorf("the second reader's came first: added %d, asks after %d", added, s.LastReceipt())
	}
	for _, again := range []int{1, 0} {
		if added := s.OpenReceipts(list, 3); added != again || s.Dropped != 3+4 {
			t.Errorf("added %d, want %d; dropped %d", added, again, s.Dropped)
		}
	}
	if added := s.OpenReceipts([]share.SealedReceipt{{N: 0}, {N: -1}, {N: share.MaxReceipts + 1}}, 3); added != 0 || s.Dropped != 7 {
		t.Errorf("numbers that are none: added %d, dropped %d", added, s.Dropped)
	}
	want := []share.Open{{N: 1, Time: time.Unix(1772600400, 0).UTC(), Outcome: "opened"},
		{N: 2, Recipient: "City Clinic", Time: time.Unix(1772600700, 0).UTC(), Outcome: "passcode"}}
	if len(s.Opens) != 2 || s.Opens[0] != want[0] || s.Opens[1] != want[1] || s.LastReceipt() != 6 {
		t.Errorf("got %+v", s.Opens)
	}
}

// The ledger is kept as JSON: a share comes back as it was, and still makes its link.
func TestLedgerJSON(t *testing.T) {
	o := share.SendLink()
	o.Passcode, o.Label, o.For = true, "Records", "Dr. Rao"
	s, _ := make1(t, o)
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back share.Share
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	again, _ := json.Marshal(back)
	if !bytes.Equal(b, again) || back.Link().String() != s.Link().String() {
		t.Error("changed on the way")
	}
	if l := s.Link().String(); strings.Contains(l, "Rao") {
		t.Error("the note went into the link")
	}
}

// What the relay says is noted, and what the clocks make of it.
func TestHeard(t *testing.T) {
	const year = 365 * 24 * time.Hour
	in := now.Add(10 * time.Minute)
	for _, c := range []struct {
		name        string
		ahead       time.Duration // this device's clock, of the relay's
		status      share.Status
		state       share.State
		skew, left  time.Duration
		ends, mayBe bool // ends in ten minutes by this device's clock; may still be open
	}{
		{"right", 0, share.Status{Expires: in, UsesLeft: 1}, share.StateLive, 0, 10 * time.Minute, true, true},
		{"in tune", 4 * time.Second, share.Status{Expires: in, UsesLeft: 1}, share.StateLive, 0, 10*time.Minute - 4*time.Second, false, true},
		{"ahead", 5 * time.Hour, share.Status{Expires: in, UsesLeft: 1}, share.StateLive, -5 * time.Hour, 10 * time.Minute, true, true},
		{"behind", -10 * year, share.Status{Expires: in, UsesLeft: 1}, share.StateLive, 10 * year, 10 * time.Minute, true, true},
		{"used up", year, share.Status{Expires: in}, share.StateUsedUp, -year, 10 * time.Minute, true, true},
		{"at the end", -year, share.Status{Expires: now, UsesLeft: 1}, share.StateExpired, year, 0, false, false},
		{"revoked", year, share.Status{Expires: time.Unix(0, 0), UsesLeft: 1}, share.StateRevoked, -year, 0, true, false},
	} {
		here := now.Add(c.ahead)
		s := &share.Share{Ref: share.Ref{Seq: 3}, Status: share.Status{Expires: in}, Pending: share.PendingRevoke}
		if c.state != share.StateRevoked {
			s.Pending = ""
		}
		c.status.Now, c.status.Seq = now, 7
		s.Heard(c.status, here)
		if got := s.State(here); got != c.state || s.Skew != c.skew || s.Remaining(here) != c.left || s.MayOpen() != c.mayBe {
			t.Errorf("%s: %s, skew %s, %s left, may be open %v", c.name, got, s.Skew, s.Remaining(here), s.MayOpen())
		}
		if got := s.Ends().Equal(here.Add(10 * time.Minute)); got != c.ends {
			t.Errorf("%s: ends at %s, and it is %s", c.name, s.Ends(), here)
		}
		if s.Ref.Seq != 7 || !s.Checked.Equal(here) {
			t.Errorf("%s: %+v", c.name, s)
		}
		o := share.Open{Time: now.Truncate(5 * time.Minute)}
		if got, want := s.When(o), here.Add(-now.Sub(o.Time)); got.Sub(want).Abs() > 5*time.Second {
			t.Errorf("%s: opened at %s, want %s", c.name, got, want)
		}
	}
	for pending, want := range map[string]share.State{"": share.StateExpired, share.PendingRevoke: share.StateRevoked} {
		s := &share.Share{Status: share.Status{Expires: in, UsesLeft: 1}, Pending: pending}
		if s.Lost(now); s.State(now) != want || s.MayOpen() || s.Remaining(now) != 0 {
			t.Errorf("lost, %q: %s", pending, s.State(now))
		}
	}
}

// TestJoin: what another device of the person says of a link takes back no revocation.
func TestJoin(t *testing.T) {
	at := now.Add(time.Hour)
	for name, tt := range map[string]struct {
		mine, theirs, want share.Share
	}{
		"asked for here": {
			share.Share{Pending: share.PendingRevoke, Ref: share.Ref{Seq: 4}}, share.Share{Dropped: 2, Ref: share.Ref{Seq: 3}},
			share.Share{Pending: share.PendingRevoke, Dropped: 2, Ref: share.Ref{Seq: 4}},
		},
		"asked for there": {share.Share{}, share.Share{Pending: share.PendingRevoke}, share.Share{Pending: share.PendingRevoke}},
		"done there":      {share.Share{Pending: share.PendingRevoke}, share.Share{Ended: true, Revoked: at}, share.Share{Ended: true, Revoked: at}},
		"done here":       {share.Share{Ended: true, Revoked: at}, share.Share{Pending: share.PendingRevoke}, share.Share{Ended: true, Revoked: at}},
		"neither":         {share.Share{Dropped: 1}, share.Share{Dropped: 3}, share.Share{Dropped: 3}},
	} {
		if got := tt.mine.Join(tt.theirs); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}
