package wallet_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"potli/app/share"
	"potli/app/wallet"
	"potli/crypto/jose"
)

const hiv = `{"resourceType":"Condition","id":"c9","clinicalStatus":{"coding":[{"code":"active"}]},` +
	`"code":{"coding":[{"system":"http://snomed.info/sct","code":"86406008","display":"Human immunodeficiency virus infection"}]},` +
	`"subject":{"reference":"Patient/p"},"recordedDate":"2024-05-01"}`

// canary is what must not leave when the person excluded the group.
const canary = "immunodeficiency"

func (b *bench) share(p *wallet.Preview) share.Share {
	b.t.Helper()
	id, err := b.Share(b.t.Context(), p)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.ledger(id)
}

func (b *bench) ledger(id string) share.Share {
	b.t.Helper()
	for _, s := range b.Snapshot().Shares {
		if s.ID == id {
			return s
		}
	}
	b.t.Fatalf("no ledger entry %s", id)
	return share.Share{}
}

// uploaded decrypts what the relay was given.
func (b *bench) uploaded(s share.Share) string {
	b.t.Helper()
	plain, typ, err := jose.Decrypt(s.Key, b.relay.links[s.Ref.ID].JWE)
	if err != nil || typ != "application/fhir+json" {
		b.t.Fatalf("what was uploaded: %q, %v", typ, err)
	}
	return string(plain)
}

func TestPreviewIsWhatLeaves(t *testing.T) {
	b := newBench(t).create()
	b.importOne(file("a.json", []byte(allergy)))
	b.importOne(file("h.json", []byte(hiv)))
	p, err := b.PrepareCounter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Groups) != 1 || p.Groups[0] != "hiv" {
		t.Fatalf("groups = %v", p.Groups)
	}
	without := p.Exclude("hiv")
	if len(without.Selected()) != len(p.Selected())-1 {
		t.Errorf("excluding left %d of %d", len(without.Selected()), len(p.Selected()))
	}
	s := b.share(without)
	if got := b.uploaded(s); strings.Contains(got, canary) || !strings.Contains(got, "Peanut") {
		t.Errorf("uploaded: %s", got)
	}
	if s.Flag != "U" || s.State(b.clock.now()) != share.StateLive {
		t.Errorf("flag %q, state %s", s.Flag, s.State(b.clock.now()))
	}
	link, ok := b.ShareLink(s.ID)
	if !ok || !strings.HasPrefix(link, "https://viewer.test/#shlink:/") {
		t.Errorf("link = %q", link)
	}
	if got := b.uploaded(b.share(without.Include("hiv"))); !strings.Contains(got, canary) {
		t.Error("including again had no effect")
	}
	nothing := without
	for i := range nothing.Items {
		nothing = nothing.Toggle(i, false)
	}
	if _, err := b.Share(t.Context(), nothing); !errors.Is(err, wallet.ErrNothing) {
		t.Errorf("sharing nothing: %v", err)
	}
}

func TestShareOfflineLeavesNoEntry(t *testing.T) {
	b := newBench(t).create()
	b.importOne(file("a.json", []byte(allergy)))
	p, err := b.PrepareCounter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b.relay.offline = true
	if _, err := b.Share(t.Context(), p); !errors.Is(err, share.ErrOffline) {
		t.Errorf("offline: %v", err)
	}
	if n := len(b.Snapshot().Shares); n != 0 {
		t.Errorf("%d ledger entries of a link that never was", n)
	}
}

func TestManageALink(t *testing.T) {
	b := newBench(t).create()
	b.importOne(file("a.json", []byte(allergy)))
	p, err := b.PrepareLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := b.share(p)
	state := func() share.State { s := b.ledger(s.ID); return s.State(b.clock.now()) }

	if err := b.Pause(t.Context(), s.ID, true); err != nil || state() != share.StatePaused {
		t.Fatalf("pause: %v, %s", err, state())
	}
	if err := b.Pause(t.Context(), s.ID, false); err != nil || state() != share.StateLive {
		t.Fatalf("resume: %v, %s", err, state())
	}
	until := b.ledger(s.ID).Status.Expires
	if err := b.Extend(t.Context(), s.ID, time.Hour); err != nil || !b.ledger(s.ID).Status.Expires.Equal(until.Add(time.Hour)) {
		t.Fatalf("extend: %v, %s", err, b.ledger(s.ID).Status.Expires)
	}
	if err := b.Forget(t.Context(), s.ID); !errors.Is(err, wallet.ErrStillOpen) {
		t.Errorf("forgetting a live link: %v", err)
	}

	b.relay.offline = true
	if err := b.Revoke(t.Context(), s.ID); err != nil || state() != share.StatePending {
		t.Fatalf("revoke offline: %v, %s", err, state())
	}
	b.restart()
	b.unlock()
	if state() != share.StatePending {
		t.Fatalf("after a reload: %s", state())
	}
	b.relay.offline = false
	b.clock.add(11 * time.Second)
	b.Touch()
	b.Retry(t.Context())
	if state() != share.StateRevoked || len(b.relay.links) != 0 {
		t.Errorf("back online: %s, %d links", state(), len(b.relay.links))
	}
	if err := b.Forget(t.Context(), s.ID); err != nil || len(b.Snapshot().Shares) != 0 {
		t.Errorf("forget: %v", err)
	}
}

func TestRevokeAll(t *testing.T) {
	b := newBench(t).create()
	b.importOne(file("a.json", []byte(allergy)))
	for range 3 {
		p, err := b.PrepareCounter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		b.share(p)
	}
	if err := b.RevokeAll(t.Context()); err != nil || len(b.relay.links) != 0 {
		t.Errorf("revoke all: %v, %d links", err, len(b.relay.links))
	}
}

func TestALinkThatFollows(t *testing.T) {
	b := newBench(t).create()
	b.importOne(file("a.json", []byte(allergy)))
	p, err := b.PrepareLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o := p.Options
	o.Follow = true
	s := b.share(p.WithOptions(o))
	if !strings.Contains(s.Flag, "L") {
		t.Fatalf("flag = %q", s.Flag)
	}
	first := b.relay.links[s.Ref.ID].JWE
	b.clock.add(time.Minute)
	b.importOne(file("b.json", []byte(strings.Replace(strings.Replace(allergy, "Peanut", "Latex", 1), `"a1"`, `"a2"`, 1))))
	if got := b.uploaded(b.ledger(s.ID)); !strings.Contains(got, "Latex") || !strings.Contains(got, "Peanut") {
		t.Errorf("a new record did not follow: %s", got)
	}
	if b.relay.links[s.Ref.ID].JWE == first {
		t.Error("the link was not sealed again")
	}
	b.importOne(file("h.json", []byte(hiv)))
	if got := b.uploaded(b.ledger(s.ID)); strings.Contains(got, canary) {
		t.Error("something sensitive followed without having been seen")
	}
}

// A newer document told again what the person had taken out, and the link
// brought it to the clinic.
func TestWhatWasTakenOutDoesNotFollow(t *testing.T) {
	b := newBench(t).create()
	b.importOne(file("a.json", []byte(allergy)))
	latex := strings.Replace(strings.Replace(allergy, "Peanut", "Latex", 1), `"a1"`, `"a2"`, 1)
	b.importOne(file("b.json", []byte(latex)))
	p, err := b.PrepareLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, it := range p.Items {
		if strings.Contains(it.Title, "Latex") {
			p = p.Toggle(i, false)
		}
	}
	o := p.Options
	o.Follow = true
	s := b.share(p.WithOptions(o))
	if got := b.uploaded(s); strings.Contains(got, "Latex") || !strings.Contains(got, "Peanut") {
		t.Fatalf("uploaded: %s", got)
	}
	b.clock.add(time.Minute)
	b.importOne(file("c.json", []byte(strings.Replace(latex, `"a2"`, `"a3"`, 1))))
	b.importOne(file("d.json", []byte(strings.Replace(strings.Replace(allergy, "Peanut", "Milk", 1), `"a1"`, `"a4"`, 1))))
	got := b.uploaded(b.ledger(s.ID))
	if strings.Contains(got, "Latex") {
		t.Error("what was taken out came back with a newer document")
	}
	if !strings.Contains(got, "Milk") {
		t.Errorf("what is new did not follow: %s", got)
	}
}

// The page dies while a link is being made: afterwards either there is a link
// and the ledger knows it, or there is neither.
func TestCreateThatWasCutOff(t *testing.T) {
	for _, reached := range []bool{false, true} {
		b := newBench(t).create()
		b.importOne(file("a.json", []byte(allergy)))
		p, err := b.PrepareCounter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		b.relay.crash = func() bool { return reached }
		func() {
			defer func() { _ = recover() }()
			_, _ = b.Share(t.Context(), p)
			t.Error("the page did not die")
		}()
		b.relay.crash = nil
		b.restart()
		b.unlock()
		b.clock.add(11 * time.Second)
		b.Touch()
		b.Retry(t.Context())
		shares := b.Snapshot().Shares
		if reached && (len(shares) != 1 || shares[0].Pending != "" || shares[0].State(b.clock.now()) != share.StateLive) {
			t.Errorf("the relay has a link the ledger does not show: %+v", shares)
		}
		if !reached && len(shares) != 0 {
			t.Errorf("the ledger shows a link that never was: %+v", shares)
		}
	}
}

func TestOnlySomeRecords(t *testing.T) {
	b := newBench(t).create()
	b.importOne(file("a.json", []byte(allergy)))
	id := b.importOne(file("h.json", []byte(hiv)))
	p, err := b.PrepareLink(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range p.Items {
		if it.Record != id {
			t.Errorf("an item of a record that was not asked for: %s", it.Title)
		}
	}
	if len(p.Selected()) == 0 {
		t.Error("what was asked for is not chosen")
	}
}

func TestRenewAnEndedLink(t *testing.T) {
	b := newBench(t).create()
	b.importOne(file("a.json", []byte(allergy)))
	b.importOne(file("h.json", []byte(hiv)))
	p, err := b.PrepareLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o := p.Options
	o.Passcode, o.Label = true, "For the visit"
	old := b.share(p.Exclude("hiv").WithOptions(o))
	b.clock.add(old.Status.Expires.Sub(b.clock.now()))
	b.Touch()
	id, err := b.Renew(t.Context(), old.ID)
	if err != nil {
		t.Fatal(err)
	}
	s, now := b.ledger(id), b.clock.now()
	if s.State(now) != share.StateLive || s.URL == old.URL || string(s.Key) == string(old.Key) || s.Passcode == old.Passcode {
		t.Errorf("not a new link: %s, %v", s.State(now), s.URL == old.URL)
	}
	if s.Label != old.Label || s.Flag != old.Flag || s.Shape != old.Shape {
		t.Errorf("other terms: %+v", s)
	}
	if got := b.uploaded(s); strings.Contains(got, canary) || !strings.Contains(got, "Peanut") {
		t.Errorf("other things: %s", got)
	}
	if _, err := b.Renew(t.Context(), "nothing"); !errors.Is(err, wallet.ErrNoShare) {
		t.Errorf("renewing nothing: %v", err)
	}
}
