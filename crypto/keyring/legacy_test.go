package keyring_test

import (
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// A wallet of an older release: sealed to one identity, signed by one key, epoch 0.
func TestFromLegacy(t *testing.T) {
	old := must(keyring.Unlock(must(os.ReadFile(goldenUnlock))(t), goldenPhrase))(t)
	paper := string(must(os.ReadFile(goldenRecovery))(t))
	h := envelope.Header{Kind: "record", Profile: "asha", ID: "r", Device: old.Device}
	before := must(envelope.Seal(h, []byte("r"), old.Identity.Recipient(), old.Signer))(t)

	r := must(keyring.FromLegacy(old, []string{"asha", "aarav"}, "Asha's phone", morning))(t)
	if r.Wallet() != old.Wallet || r.Device() == old.Device || r.Keys().Identity.String() == old.Identity.String() || r.Signer().Equal(old.Signer) {
		t.Error("the wallet is another, or the device is the same")
	}
	if !slices.Equal(r.Profiles(), []string{"aarav", "asha"}) || r.User().Epoch() != 1 || r.User().NeedsRoll() {
		t.Errorf("profiles %v, epoch %d", r.Profiles(), r.User().Epoch())
	}
	for _, p := range []string{"", "asha", "aarav"} {
		if e, id, ok := r.Newest(p); !ok || e != 1 || id.String() == old.Identity.String() {
			t.Errorf("%q seals to epoch %d", p, e)
		}
		if r.Identity(p, 0).String() != old.Identity.String() {
			t.Errorf("%q: the legacy identity is another", p)
		}
		if slices.Contains(r.Epochs(p), 0) {
			t.Errorf("%q lists the legacy identity among its epochs", p)
		}
	}
	d, ok := r.User().Device(old.Device)
	if !ok || d.Active() || !d.Verifier.Equal(old.Verifier()) {
		t.Errorf("the old device: %+v", d)
	}
	// What it sealed opens, by profile, by epoch and without knowing either.
	remote := must(keyring.UnmarshalOpener(must(r.OpenerOfAll().Marshal())(t)))(t)
	for name, o := range map[string]*keyring.Opener{"profile": r.Opener("asha"), "epoch": r.Opener("asha", 0), "all": r.OpenerOfAll(), "in a worker": remote} {
		if _, body, err := o.Open(before, expect("r")); err != nil || string(body) != "r" {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The paper is a kit now: it opens the user file and brings a new device in.
	kit := must(keyring.FromRecovery(paper))(t)
	file := must(r.User().Seal())(t)
	u, phone, err := keyring.RecoverUser(file, kit.Identity, keyring.Pin{}, "new phone", morning.Add(day))
	if err != nil {
		t.Fatal(err)
	}
	again := ring(t, phone, u)
	if _, body, err := again.Opener("asha", 0).Open(before, expect("r")); err != nil || string(body) != "r" {
		t.Errorf("after recovery: %v", err)
	}
	// The old unlock file opens the user file too, and is no device.
	if _, err := keyring.NewRing(old, r.User()); !errors.Is(err, keyring.ErrRemoved) {
		t.Errorf("the old keys as a device: %v", err)
	}
	// A document that is not the last of its kind: epoch 0 by another user's device is refused.
	father := wallet(t)
	trusting := must(r.Trust(father.Device(), father.Keys().Verifier()))(t)
	h.Device = father.Device()
	forged := must(envelope.Seal(h, []byte("r"), old.Identity.Recipient(), father.Signer()))(t)
	if _, _, err := trusting.Opener("asha").Open(forged, expect("r")); !errors.Is(err, envelope.ErrForged) {
		t.Errorf("another user's record of epoch 0: %v", err)
	}
	if _, err := keyring.FromLegacy(old, []string{"a", "a"}, "x", morning); !errors.Is(err, keyring.ErrProfileExists) {
		t.Errorf("a profile twice: %v", err)
	}
	if _, err := keyring.FromLegacy(old, nil, "", morning); !errors.Is(err, keyring.ErrName) {
		t.Errorf("no name: %v", err)
	}
}

func TestRecoverUser(t *testing.T) {
	kit, other := identity(t), identity(t)
	p := phones(t, 1, kit)
	u, now := p[0].user, morning.Add(time.Hour)
	file := must(u.Seal())(t)
	next, d, err := keyring.RecoverUser(file, kit, u.Pin(), "new phone", now)
	if err != nil {
		t.Fatal(err)
	}
	if next.Epoch() != 2 || next.NeedsRoll() || !active(next, d) || d.Wallet != u.ID() || d.Device == p[0].d.Device {
		t.Errorf("epoch %d, wallet %s", next.Epoch(), d.Wallet)
	}
	if by, _ := next.Device(d.Device); by.By != "recovery" || by.First() {
		t.Errorf("the new device came by %q", by.By)
	}
	// The devices that are still there take it.
	for _, other := range p {
		if err := other.user.Accept(must(pass(t, next, other.d))(t), now); err != nil {
			t.Errorf("a device that is still there: %v", err)
		}
	}
	// A new kit at once; removing others, a day later.
	second := must(next.SetRecovery(d, other, now))(t)
	if err := u.Accept(must(pass(t, second, p[0].d))(t), now); err != nil {
		t.Errorf("the new kit, from the old document: %v", err)
	}
	if err := next.Accept(must(pass(t, second, p[0].d))(t), now); err != nil {
		t.Errorf("the new kit: %v", err)
	}
	if _, err := second.RemoveDevice(d, p[0].d.Device, now.Add(time.Hour)); !errors.Is(err, keyring.ErrTooNew) {
		t.Errorf("removing on the first day: %v", err)
	}
	if _, err := second.RemoveDevice(d, p[0].d.Device, now.Add(day)); err != nil {
		t.Errorf("removing after a day: %v", err)
	}
	// The old kit opened its last file.
	later := must(second.Seal())(t)
	if _, _, err := keyring.RecoverUser(later, kit, keyring.Pin{}, "x", now); !errors.Is(err, keyring.ErrNotForUs) {
		t.Errorf("the old kit: %v", err)
	}
	if _, _, err := keyring.RecoverUser(later, other, second.Pin(), "x", now); err != nil {
		t.Errorf("the new kit: %v", err)
	}
	for name, c := range map[string]struct {
		kit  int
		pin  keyring.Pin
		name string
		want error
	}{
		"an older file":     {0, second.Pin(), "x", keyring.ErrOlder},
		"a device's own":    {1, keyring.Pin{}, "x", keyring.ErrNotForUs},
		"a stranger's":      {2, keyring.Pin{}, "x", keyring.ErrNotForUs},
		"without a name":    {0, keyring.Pin{}, "", keyring.ErrName},
		"as it was at once": {0, u.Pin(), "x", nil},
	} {
		key := []*keyring.Keys{{Identity: kit}, p[0].d, {Identity: identity(t)}}[c.kit].Identity
		if _, _, err := keyring.RecoverUser(file, key, c.pin, c.name, now); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// Somebody writes "came by the kit" without having had it.
func TestRecoveryIsProven(t *testing.T) {
	kit := identity(t)
	p := phones(t, 1, kit)
	evil, puppet := p[1].d, fresh(t)
	next := must(p[0].user.Roll(evil, morning.Add(time.Hour)))(t)
	for name, sign := range map[string]keyring.Keys{"its own key": *puppet, "its friend's": *evil} {
		d := takeApart(t, must(next.Seal())(t), evil.Identity)
		v := entry(next.ID(), puppet.Device, "x", "recovery", puppet, morning.Add(time.Hour), sign.Signer)
		d.doc["devices"] = append(d.doc["devices"].([]any), v)
		plain := d.signed(t, evil)
		if _, err := keyring.OpenUser(sealedTo(t, plain, evil.Identity.Recipient()), evil.Identity, keyring.Pin{}); !errors.Is(err, keyring.ErrForged) {
			t.Errorf("signed with %s: %v, want ErrForged", name, err)
		}
	}
	// With the kit in hand it is what it says, dated no earlier than the kit.
	for at, want := range map[time.Duration]error{0: nil, -time.Second: keyring.ErrForged} {
		d := takeApart(t, must(next.Seal())(t), evil.Identity)
		v := entry(next.ID(), puppet.Device, "x", "recovery", puppet, morning.Add(at), kitSigner(t, kit))
		d.doc["devices"] = append(d.doc["devices"].([]any), v)
		plain := d.signed(t, evil)
		if _, err := keyring.OpenUser(sealedTo(t, plain, evil.Identity.Recipient()), evil.Identity, keyring.Pin{}); !errors.Is(err, want) {
			t.Errorf("at %s: %v, want %v", at, err, want)
		}
	}
}
