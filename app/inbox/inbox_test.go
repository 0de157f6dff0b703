package inbox_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"potli/app/inbox"
	"potli/app/message"
	"potli/app/message/messagetest"
	"potli/crypto/jose/josetest"
)

var (
	ctx = context.Background()
	t0  = time.Date(2026, 3, 4, 10, 30, 0, 0, time.UTC) // at the relay
)

var terms = inbox.Terms{Profile: "asha", Name: "Asha S.", Relay: "https://relay.example", Life: time.Hour, Most: 5, Bytes: 1 << 20}

func newDrop(t testing.TB, edit func(*inbox.Terms)) *inbox.Drop {
	t.Helper()
	terms := terms
	if edit != nil {
		edit(&terms)
	}
	d, err := inbox.NewDrop(terms, t0, nil)
	if err != nil {
		t.Fatal(err)
	}
	d.Heard(inbox.Standing{Now: t0, Created: 1}, t0)
	return d
}

// post writes a message for a drop.
func post(t testing.TB, d *inbox.Drop, documents ...[]byte) *message.Message {
	t.Helper()
	m, err := message.New(message.Documents, d.ID, message.Sender{Name: "Sample Clinic"}, t0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range documents {
		m.Documents = append(m.Documents, message.Document{Name: fmt.Sprintf("report %d.pdf", i), Type: "application/pdf", Body: b})
	}
	return m
}

// report is a PDF that no other is the same as.
func report(seed string, n int) []byte {
	b := []byte("%PDF-1.4\n%" + seed + "\n" + strings.Repeat(" ", n) + "startxref\n0\n%%EOF\n")
	return b
}

// seal does what a sender does who has read the code of d.
func seal(t testing.TB, d *inbox.Drop, packed []byte) string {
	t.Helper()
	c := d.Code()
	var sealed string
	var err error
	if c.Key != nil {
		sealed, err = message.SealKey(packed, c.Key, nil)
	} else {
		to, failed := age.ParseHybridRecipient(d.Note())
		if failed != nil || inbox.Fingerprint(to.String()) != c.To {
			t.Fatal("the recipient is not that of the code", failed)
		}
		sealed, err = message.SealTo(packed, to)
	}
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func letter(n int64, sealed string) inbox.Letter {
	return inbox.Letter{Number: n, Time: t0.Add(time.Minute), Size: int64(len(sealed)), Sealed: sealed}
}

// full returns an inbox with as many undecided items of d as there may be, in a
// code that has room for n documents more.
func full(d *inbox.Drop, now time.Time) *inbox.Inbox {
	b := &inbox.Inbox{}
	for i := range inbox.MaxWaiting {
		b.Items = append(b.Items, &inbox.Item{ID: fmt.Sprint(i), Drop: d.ID, Came: now})
	}
	return b
}

// Every combination of what can be wrong with a letter, in both forms of a code:
// what is taken is right in every respect, and what is refused is refused for the
// first thing that is wrong. The clock of the wallet is wrong by years.
func TestTake(t *testing.T) {
	now := t0.AddDate(-9, 0, 0)
	type letterCase struct{ to, kind, size, signature string }
	var cases []letterCase
	for _, to := range []string{"", "wrong"} {
		for _, kind := range []string{"", "answer"} {
			for _, size := range []string{"", "many", "big"} {
				for _, signature := range []string{"", "good", "forged"} {
					cases = append(cases, letterCase{to, kind, size, signature})
				}
			}
		}
	}
	for _, system := range []bool{false, true} {
		for _, c := range cases {
			d := newDrop(t, func(t *inbox.Terms) { t.System, t.Bytes = system, 4000 })
			m := post(t, d, messagetest.PDF)
			if c.to != "" {
				m.To = message.Address(newDrop(t, nil).ID)
			}
			if c.kind != "" {
				m.Type, m.Re = message.Answer, m.ID
			}
			switch c.size {
			case "many":
				m = withDocuments(m, slices.Repeat([][]byte{messagetest.PDF}, 6))
			case "big":
				m = withDocuments(m, [][]byte{report("big", 5000)})
			}
			var packed []byte
			switch c.signature {
			case "":
				packed = messagetest.Pack(t, m, nil)
			case "good":
				packed = messagetest.Pack(t, m, josetest.EdDSA("clinic"))
			case "forged":
				packed = bytes.Clone(message.Trim(messagetest.Pack(t, m, josetest.EdDSA("clinic"))))
				last := bytes.LastIndexByte(packed, '.')
				packed = append(packed[:last+1], strings.Repeat("A", 86)...)
			}
			sealed := seal(t, d, packed)
			other := newDrop(t, func(t *inbox.Terms) { t.System = system })
			for _, text := range []struct{ name, sealed string }{{"", sealed}, {"unreadable", seal(t, other, packed)}, {"malformed", "e30.." + sealed[:20]}} {
				for _, state := range []string{"", "late", "revoked"} {
					for _, replay := range []bool{false, true} {
						for _, crowded := range []bool{false, true} {
							d, b, l := *d, &inbox.Inbox{}, letter(1, text.sealed)
							if crowded {
								d.Most = 100
								b = full(&d, now)
							}
							if replay {
								d.Taken = []string{m.ID}
							}
							switch state {
							case "late":
								l.Time = d.Expires.Add(time.Second)
							case "revoked":
								d.Revoke(now)
							}
							var want error
							switch { // in the order in which a letter is looked at
							case state == "revoked":
								want = &inbox.Refusal{Reason: inbox.Ended}
							case state == "late":
								want = &inbox.Refusal{Reason: inbox.TooLate}
							case crowded:
								want = inbox.ErrNoRoom
							case text.name != "":
								want = &inbox.Refusal{Reason: inbox.Reason(text.name)}
							case c.signature == "forged":
								want = &inbox.Refusal{Reason: inbox.Forged}
							case c.to != "":
								want = &inbox.Refusal{Reason: inbox.Astray}
							case replay:
								want = &inbox.Refusal{Reason: inbox.Replayed}
							case c.kind != "":
								want = &inbox.Refusal{Reason: inbox.Unwanted}
							case c.size == "many":
								want = &inbox.Refusal{Reason: inbox.TooMany}
							case c.size == "big":
								want = &inbox.Refusal{Reason: inbox.TooBig}
							}
							before, _ := json.Marshal(d)
							a, err := b.Take(&d, l, now)
							if after, _ := json.Marshal(d); !bytes.Equal(before, after) {
								t.Fatalf("the drop changed: %s", after)
							}
							if fmt.Sprint(err) != fmt.Sprint(want) || (a == nil) != (want != nil) {
								t.Fatalf("system %t, %+v, %q, %q, replay %t, crowded %t: %v, want %v", system, c, text.name, state, replay, crowded, err, want)
							}
							if a != nil {
								checkArrival(t, a, m, c.signature)
							}
						}
					}
				}
			}
		}
	}
}

func withDocuments(m *message.Message, list [][]byte) *message.Message {
	m.Documents = nil
	for _, b := range list {
		m.Documents = append(m.Documents, message.Document{Type: "application/pdf", Body: b})
	}
	return m
}

func checkArrival(t testing.TB, a *inbox.Arrival, m *message.Message, signature string) {
	t.Helper()
	back, err := message.Parse(a.Body)
	if err != nil || back.ID != m.ID || a.Item.ID != m.ID || (a.Item.Signer != "") != (signature == "good") || len(a.Item.Documents) != len(m.Documents) {
		t.Fatalf("%+v, %v", a.Item, err)
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(m.Documents[0].Body))
	if f := a.Item.Documents[0]; f.SHA256 != sum || f.Format != "application/pdf" || f.Size != int64(len(m.Documents[0].Body)) || !f.Keepable() {
		t.Fatalf("%+v", f)
	}
}

// What is left of a code counts what was accepted for good, and what waits until
// it is declined.
func TestRoom(t *testing.T) {
	d, b := newDrop(t, nil), &inbox.Inbox{}
	take := func(documents ...[]byte) error {
		a, err := b.Take(d, letter(1, seal(t, d, messagetest.Pack(t, post(t, d, documents...), nil))), t0)
		if err == nil {
			d.Taken = append(d.Taken, a.Item.ID)
			b.Items = append(b.Items, a.Item)
		}
		return err
	}
	for _, n := range []int{2, 2} {
		if err := take(slices.Repeat([][]byte{messagetest.PDF}, n)...); err != nil {
			t.Fatal(err)
		}
	}
	if err := take(messagetest.PDF, messagetest.PDF); !errors.Is(err, inbox.ErrNoRoom) {
		t.Errorf("six of five, of which four wait: %v", err)
	}
	if err := b.Items[0].Accept(t0); err != nil {
		t.Fatal(err)
	}
	if err := b.Items[1].Decline(t0); err != nil {
		t.Fatal(err)
	}
	if err := take(messagetest.PDF, messagetest.PDF); err != nil {
		t.Errorf("what was declined takes no room: %v", err)
	}
	b.Items[2].Accept(t0)
	var why *inbox.Refusal
	if err := take(messagetest.PDF, messagetest.PDF); !errors.As(err, &why) || why.Reason != inbox.TooMany {
		t.Errorf("six of five: %v", err)
	}
	if err := take(messagetest.PDF); err != nil {
		t.Errorf("five of five: %v", err)
	}
	d.Bytes = 3 * int64(len(messagetest.PDF))
	if err := take(report("x", 10)); !errors.As(err, &why) || why.Reason != inbox.TooBig {
		t.Errorf("beyond the bytes: %v", err)
	}
}

// A message of tomorrow stays at the relay; a document in it that cannot be kept
// is named, beside the good ones.
func TestFaults(t *testing.T) {
	d, b := newDrop(t, nil), &inbox.Inbox{}
	later := bytes.Replace(messagetest.Pack(t, post(t, d, messagetest.PDF), nil), []byte("message/1"), []byte("message/9"), 1)
	if _, err := b.Take(d, letter(1, seal(t, d, later)), t0); !errors.Is(err, inbox.ErrLater) {
		t.Errorf("a later version: %v", err)
	}
	m := post(t, d, messagetest.PDF, []byte("MZ\x90\x00 program"), messagetest.PDF[:20], nil)
	m.Documents[0].Type = "image/png"
	m.Text = "hello"
	a, err := b.Take(d, letter(1, seal(t, d, messagetest.Pack(t, m, nil))), t0)
	if err != nil {
		t.Fatal(err)
	}
	var faults []inbox.Fault
	for _, f := range a.Item.Documents {
		faults = append(faults, f.Fault)
	}
	if want := []inbox.Fault{inbox.FaultMismatch, inbox.FaultUnknown, inbox.FaultDamaged, inbox.FaultEmpty}; !slices.Equal(faults, want) || !a.Item.Note {
		t.Errorf("%v, want %v", faults, want)
	}
	if f := a.Item.Documents; !f[0].Keepable() || f[1].Keepable() || f[2].Keepable() {
		t.Errorf("%+v", f)
	}
}

// Who decides what, when, over every state and moment.
func TestDecide(t *testing.T) {
	accept, decline := (*inbox.Item).Accept, (*inbox.Item).Decline
	day := 24 * time.Hour
	for _, c := range []struct {
		first func(*inbox.Item, time.Time) error // on the first day
		then  func(*inbox.Item, time.Time) error
		after time.Duration
		want  error
		state inbox.State
	}{
		{nil, accept, day, nil, inbox.Accepted},
		{nil, decline, day, nil, inbox.Declined},
		{nil, accept, 30 * day, inbox.ErrOver, inbox.Expired},
		{nil, decline, 30 * day, inbox.ErrOver, inbox.Expired},
		{accept, accept, day, inbox.ErrDecided, inbox.Accepted},
		{accept, decline, day, inbox.ErrDecided, inbox.Accepted},
		{accept, decline, 90 * day, inbox.ErrDecided, inbox.Accepted},
		{decline, decline, day, inbox.ErrDecided, inbox.Declined},
		{decline, accept, day, nil, inbox.Accepted},
		{decline, accept, 7 * day, inbox.ErrOver, inbox.Declined},
	} {
		it := &inbox.Item{ID: "a", Came: t0}
		if it.State(t0) != inbox.Waiting || it.Ends() != t0.Add(inbox.Undecided) {
			t.Errorf("new: %s, until %s", it.State(t0), it.Ends())
		}
		if c.first != nil {
			if err := c.first(it, t0); err != nil {
				t.Fatal(err)
			}
		}
		now := t0.Add(c.after)
		if err := c.then(it, now); !errors.Is(err, c.want) || it.State(now) != c.state {
			t.Errorf("%+v: %v, %s", c, err, it.State(now))
		}
	}
}

func TestSweep(t *testing.T) {
	day := 24 * time.Hour
	b := &inbox.Inbox{Items: []*inbox.Item{
		{ID: "waiting", Came: t0}, {ID: "declined", Came: t0, Verdict: inbox.Declined, Decided: t0}, {ID: "accepted", Came: t0, Verdict: inbox.Accepted, Decided: t0},
	}}
	for _, c := range []struct {
		after  time.Duration
		bodies string
		left   int
	}{{0, "[]", 3}, {7 * day, "[declined]", 3}, {30 * day, "[waiting declined]", 3}, {37 * day, "[waiting declined]", 2}, {60 * day, "[waiting]", 1}, {900 * day, "[]", 1}} {
		if got := fmt.Sprint(b.Sweep(t0.Add(c.after))); got != c.bodies || len(b.Items) != c.left {
			t.Errorf("after %s: %s, %d left", c.after, got, len(b.Items))
		}
	}
}

func TestSame(t *testing.T) {
	d, b := newDrop(t, nil), &inbox.Inbox{}
	for _, docs := range [][][]byte{{report("a", 1), report("b", 1)}, {report("b", 1), report("c", 1), report("c", 1)}} {
		a, err := b.Take(d, letter(1, seal(t, d, messagetest.Pack(t, post(t, d, docs...), nil))), t0)
		if err != nil {
			t.Fatal(err)
		}
		b.Items = append(b.Items, a.Item)
	}
	inWallet := b.Items[0].Documents[0].SHA256
	has := func(s string) bool { return s == inWallet }
	var got []inbox.Same
	for _, it := range b.Items {
		for i := range it.Documents {
			got = append(got, b.Same(it, i, has, t0))
		}
	}
	if want := []inbox.Same{"wallet", "", "inbox", "", "inbox"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	b.Items[0].Decline(t0)
	if same := b.Same(b.Items[1], 0, has, t0); same != "" {
		t.Errorf("of what was declined: %q", same)
	}
}

// Who has a name and not the key is never shown as who has both.
func TestTrust(t *testing.T) {
	pins := []inbox.Pin{{Thumbprint: "k1", Name: "City Clinic, Pune", How: inbox.HowScanned}}
	for _, c := range []struct {
		name, signer string
		want         inbox.Trust
		pin          bool
	}{
		{"City Clinic, Pune", "k1", inbox.TrustKnown, true},
		{"Renamed", "k1", inbox.TrustKnown, true},
		{"City Clinic, Pune", "k2", inbox.TrustPosing, true},
		{"CITY  clinic pune.", "", inbox.TrustPosing, true},
		{"Other", "k2", inbox.TrustNew, false},
		{"Other", "", inbox.TrustUnsigned, false},
		{"", "", inbox.TrustUnsigned, false},
	} {
		it := &inbox.Item{Signer: c.signer, From: message.Sender{Name: c.name}}
		if got, pin := it.Trust(pins); got != c.want || (pin != nil) != c.pin {
			t.Errorf("%q by %q: %s, %v", c.name, c.signer, got, pin)
		}
	}
}
