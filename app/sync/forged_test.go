package sync_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"testing"
	"time"

	"potli/app/sync"
	"potli/crypto/chain"
	"potli/crypto/envelope"
)

// TestT4_Forged: somebody who holds the epoch's secret, as a caregiver who was
// removed does, writes frames of their own: entries, records and reports of
// another's, all but the signature right. Nothing comes of it.
func TestT4_Forged(t *testing.T) {
	l, r, all := world(t, "a", "b")
	a, b := all[0], all[1]
	_, forger, _ := ed25519.GenerateKey(rand.Reader)
	epoch := a.disk.fold().epochs[0]
	secret := a.disk.secrets[epoch.Hash()]
	box := sync.BoxOf(profile, secret)
	id := a.add([]byte("the genuine one"))[0]
	genuine := a.disk.records[id]
	before := a.all()

	// A record that was announced, with other content.
	h := envelope.Header{Kind: "record", Profile: profile, Epoch: 1, ID: id, Device: "a"}
	other := must(envelope.Seal(h, []byte("another one"), secret.Recipient(), forger))
	// An entry in a's name, one after another beginning, and one that does not verify.
	d := a.disk.chain().Draft(forger.Public().(ed25519.PublicKey))
	d.User, d.Device, d.Time, d.Kind, d.Body = "user-a", "a", l.now, "lab", must(json.Marshal(op{Remove: "b"}))
	inName := must(chain.Sign(d, forger))
	root := must(chain.Sign(chain.Draft{Profile: profile, N: 1, User: "user-a", Device: "a", Time: l.now, Kind: "lab", Body: d.Body}, forger))
	broken := append([]byte(nil), inName.Bytes()...)
	broken[len(broken)-1] ^= 1
	elsewhere := must(chain.Sign(chain.Draft{Profile: "other", N: 1, User: "u", Device: "a", Time: l.now, Kind: "lab"}, forger))
	// A report in a's name that says that a has gone far, and lacks everything.
	said := &sync.Report{Profile: profile, Device: "a", N: 1 << 40, Seen: map[string]int64{sync.Short(box): 1 << 50}}
	report := must(sync.Sign(said, forger))

	letter := must(sync.Seal([]sync.Item{
		{Kind: "record", ID: id, Body: other},
		{Kind: "record", ID: "../../unlock", Body: []byte("x")},
		{Kind: "entry", Body: inName.Bytes()}, {Kind: "entry", Body: root.Bytes()}, {Kind: "entry", Body: broken}, {Kind: "entry", Body: elsewhere.Bytes()},
		{Kind: "entry", Body: []byte("potli-chain/2\n")},
		{Kind: "part", ID: id, At: 7, Of: 1 << 30, Body: []byte("x")},
		{Kind: "report", Body: report}, {Kind: "report", Body: []byte("x")},
		{Kind: "something later", Body: []byte("x")},
	}, secret.Recipient()))
	if err := r.Deposit(ctx, box, "forged", letter); err != nil {
		t.Fatal(err)
	}
	s := b.round()
	if s.Damaged != 3 || !s.Later {
		t.Errorf("%+v", s)
	}
	a.round()
	l.settle(5, all...)
	if b.disk.fold().members["b"] == nil || digest(b.disk.records[id]) != digest(genuine) || b.disk.records["../../unlock"] != nil {
		t.Error("something forged was believed")
	}
	for _, d := range all {
		f := d.disk.fold()
		if len(f.members) != 2 || len(f.keeps) != 1 {
			t.Errorf("%s believes %d members, %d records", d.id, len(f.members), len(f.keeps))
		}
		for _, e := range []*chain.Entry{root, elsewhere} {
			if d.disk.chain().Get(e.Hash()) != nil {
				t.Errorf("%s has an entry of nobody's in its history", d.id)
			}
		}
		if s := d.round(); !s.UpToDate || s.Twin || len(s.Forked) > 0 {
			t.Errorf("%s: %+v", d.id, s)
		}
	}
	_ = before
	// The forged report took nothing away: b's newest are heard.
	b.add([]byte("later"))
	l.settle(3, b, a)
	l.same(a, b)
	l.now = l.now.Add(time.Hour)
}

// TestReplayedReport: an old report of a device's own is no news, whoever brings it.
func TestReplayedReport(t *testing.T) {
	l, r, all := world(t, "a", "b")
	a, b := all[0], all[1]
	old := r.All
	a.add([]byte("one"))
	l.settle(2, a, b)
	before := r.Bytes
	for i, p := range old {
		if err := r.Deposit(ctx, p.Box, string(rune('a'+i))+"-again", p.Sealed); err != nil {
			t.Fatal(err)
		}
	}
	l.settle(3, a, b)
	l.same(a, b)
	l.calm(a, b)
	if again := r.Bytes - before - len(old)*8000; again > 60_000 {
		t.Errorf("%d bytes were sent because of what was old", again)
	}
}
