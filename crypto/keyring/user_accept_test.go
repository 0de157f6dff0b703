package keyring_test

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"testing"
	"time"

	"filippo.io/age"

	"potli/crypto/keyring"
)

// A device that was away takes the result of several changes.
func TestAccept(t *testing.T) {
	kit := identity(t)
	p := phones(t, 2, kit)
	now := morning.Add(3 * day)
	u := must(p[0].user.Roll(p[0].d, now))(t)
	u = must(u.RemoveDevice(p[1].d, p[0].d.Device, now))(t)
	u = must(u.SetRecovery(p[1].d, identity(t), now))(t)
	last := must(pass(t, u, p[2].d))(t)
	if err := p[2].user.Accept(last, now); err != nil {
		t.Fatal(err)
	}
	if err := last.Accept(last, now); err != nil {
		t.Errorf("itself: %v", err)
	}
	if err := last.Accept(p[2].user, now); !errors.Is(err, keyring.ErrOlder) {
		t.Errorf("an older one: %v", err)
	}
	other := must(p[2].user.Roll(p[2].d, now))(t)
	if err := last.Accept(other, now); !errors.Is(err, keyring.ErrForked) {
		t.Errorf("one beside it, with a lower number: %v", err)
	}
	if err := last.Accept(phones(t, 0, nil)[0].user, now); !errors.Is(err, keyring.ErrRewritten) {
		t.Errorf("another user's: %v", err)
	}
	r, err := ring(t, p[2].d, p[2].user).WithUser(last, now)
	if err != nil || r.User() != last || r.Identity("", 4) == nil || r.Identity("", 1).String() != ring(t, p[2].d, p[2].user).Identity("", 1).String() {
		t.Errorf("WithUser: %v", err)
	}
}

// liar writes documents that descend from an honest one and are signed as they
// should be, by a device that is on the list.
type liar struct {
	t  testing.TB
	d  *keyring.Keys
	on *keyring.User
}

func (l liar) writes(f func(d deep)) *keyring.User {
	l.t.Helper()
	next := must(l.on.Roll(l.d, morning.Add(2*time.Hour)))(l.t)
	d := takeApart(l.t, must(next.Seal())(l.t), l.d.Identity)
	f(d)
	d.doc["by"] = l.d.Device
	to := l.d.Identity.Recipient()
	u, err := keyring.OpenUser(sealedTo(l.t, d.signed(l.t, l.d), to), l.d.Identity, keyring.Pin{})
	if err != nil {
		l.t.Fatalf("what the liar writes is not even a document: %v", err)
	}
	return u
}

func b64(b []byte) string { return encoding.EncodeToString(b) }

// entry is a device as somebody lists it.
func entry(user, id, name, by string, d *keyring.Keys, added time.Time, sign ed25519.PrivateKey) map[string]any {
	to := d.Identity.Recipient().String()
	key := hash(to)
	m := says("potli-device-added/1", user, id, name, key, b64(d.Verifier()), by, added.Format(time.RFC3339Nano))
	return map[string]any{
		"id": id, "name": name, "recipient": to, "key": key, "verifier": b64(d.Verifier()),
		"added": added, "by": by, "sig": ed25519.Sign(sign, m),
	}
}

func TestAcceptRefuses(t *testing.T) {
	kit := identity(t)
	p := phones(t, 2, kit)
	// The third was linked by a trick, an hour ago. It is on probation.
	gone := must(p[0].user.RemoveDevice(p[0].d, p[1].d.Device, morning.Add(time.Hour)))(t)
	held, evil, owner := gone, p[2].d, p[0].d
	now := morning.Add(3 * time.Hour)
	l := liar{t, evil, held}
	user := held.ID()
	remove := func(d deep, i int, in string, at time.Time) {
		v := d.list("devices", i)
		delete(v, "recipient")
		v["ended"], v["endedBy"] = at, in
		v["endSig"] = ed25519.Sign(evil.Signer, says("potli-device-ended/1", user, v["id"].(string), in, at.Format(time.RFC3339Nano)))
	}
	mine := identity(t)
	// ownKit enters a kit of the liar's own.
	ownKit := func(d deep, at time.Time) {
		verifier := kitSigner(t, mine).Public().(ed25519.PublicKey)
		key := hash(mine.Recipient().String())
		d.doc["recovery"] = append(d.doc["recovery"].([]any), map[string]any{
			"recipient": mine.Recipient().String(), "key": key, "verifier": b64(verifier), "by": evil.Device, "at": at,
			"sig": ed25519.Sign(evil.Signer, says("potli-recovery-set/1", user, key, b64(verifier), evil.Device, at.Format(time.RFC3339Nano))),
		})
	}
	puppet := fresh(t)
	add := func(d deep, v map[string]any) { d.doc["devices"] = append(d.doc["devices"].([]any), v) }
	for _, tt := range []struct {
		name string
		next *keyring.User
		want error
	}{
		{"nothing wrong", l.writes(func(deep) {}), nil},
		{"a removal on the first day", l.writes(func(d deep) { remove(d, 0, evil.Device, morning.Add(2*time.Hour)) }), keyring.ErrTooNew},
		{"a removal dated a week ahead", l.writes(func(d deep) { remove(d, 0, evil.Device, morning.Add(7*day)) }), keyring.ErrTooNew},
		{"a kit of its own on the first day", l.writes(func(d deep) { ownKit(d, morning.Add(2*time.Hour)) }), keyring.ErrTooNew},
		{"a kit of its own, dated a week ahead", l.writes(func(d deep) { ownKit(d, morning.Add(7*day)) }), keyring.ErrTooNew},
		{"a device by a kit of its own", l.writes(func(d deep) {
			ownKit(d, morning.Add(2*time.Hour))
			add(d, entry(user, puppet.Device, "x", "recovery", puppet, morning.Add(2*time.Hour), kitSigner(t, mine)))
		}), keyring.ErrTooNew},
		{"another first device", l.writes(func(d deep) {
			add(d, entry(user, puppet.Device, "x", puppet.Device, puppet, morning, puppet.Signer))
		}), keyring.ErrRewritten},
		{"a removed device back", l.writes(func(d deep) {
			v := d.list("devices", 1)
			delete(v, "ended")
			delete(v, "endedBy")
			delete(v, "endSig")
			v["recipient"] = p[1].d.Identity.Recipient().String()
		}), keyring.ErrRewritten},
		{"a device gone", l.writes(func(d deep) {
			all := d.doc["devices"].([]any)
			d.doc["devices"] = append(all[:1:1], all[2:]...)
		}), keyring.ErrRewritten},
		{"another secret for an epoch", l.writes(func(d deep) { d.list("epochs", 0)["identity"] = mine.String() }), keyring.ErrRewritten},
		{"another signer for an epoch", l.writes(func(d deep) { d.list("epochs", 0)["signer"] = b64(owner.Signer.Seed()) }), keyring.ErrRewritten},
		{"a legacy from nowhere", l.writes(func(d deep) { d.doc["legacy"] = mine.String() }), keyring.ErrRewritten},
		{"no kit any more", l.writes(func(d deep) { d.doc["recovery"] = []any{} }), keyring.ErrRewritten},
		{"not from what is held", l.writes(func(d deep) {
			previous := d.doc["previous"].([]any)
			previous[len(previous)-1] = hash("somewhere else")
		}), keyring.ErrForked},
		{"a removal without an epoch", removalWithoutEpoch(t, held, owner, evil.Device), keyring.ErrRewritten},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := held.Accept(tt.next, now); !errors.Is(err, tt.want) {
				t.Errorf("Accept = %v, want %v", err, tt.want)
			}
			r := ring(t, owner, held)
			if _, err := r.WithUser(tt.next, now); !errors.Is(err, tt.want) {
				t.Errorf("WithUser = %v, want %v", err, tt.want)
			}
		})
	}
	// A kit of its own from before the owner's, so that it does not stand, and a
	// device that came by it.
	newer := must(held.SetRecovery(owner, identity(t), morning.Add(90*time.Minute)))(t)
	behind := liar{t, evil, newer}.writes(func(d deep) {
		ownKit(d, morning.Add(80*time.Minute))
		add(d, entry(user, puppet.Device, "x", "recovery", puppet, morning.Add(81*time.Minute), kitSigner(t, mine)))
	})
	if err := newer.Accept(behind, now); !errors.Is(err, keyring.ErrTooNew) {
		t.Errorf("a device by a kit of its own that does not stand: %v", err)
	}
	// A kit from before it was on the list.
	d := takeApart(t, must(must(held.Roll(evil, now))(t).Seal())(t), evil.Identity)
	ownKit(d, morning.Add(-day))
	if _, err := keyring.OpenUser(sealedTo(t, d.signed(t, evil), evil.Identity.Recipient()), evil.Identity, keyring.Pin{}); !errors.Is(err, keyring.ErrForged) {
		t.Errorf("a kit older than who set it: %v", err)
	}
	// A day later it is a device like any other.
	late := l.writes(func(d deep) { remove(d, 0, evil.Device, morning.Add(25*time.Hour)) })
	if err := held.Accept(late, morning.Add(26*time.Hour)); err != nil {
		t.Errorf("after probation: %v", err)
	}
	// What it said on the first day does not become right by waiting.
	early := l.writes(func(d deep) { remove(d, 0, evil.Device, morning.Add(2*time.Hour)) })
	if err := held.Accept(early, morning.Add(9*day)); !errors.Is(err, keyring.ErrTooNew) {
		t.Errorf("a removal on the first day, seen a week later: %v", err)
	}
	// Nor can it name another's hand: the entry does not verify.
	d = takeApart(t, must(must(held.Roll(evil, now))(t).Seal())(t), evil.Identity)
	remove(d, 0, owner.Device, morning.Add(2*time.Hour))
	if _, err := keyring.OpenUser(sealedTo(t, d.signed(t, evil), evil.Identity.Recipient()), evil.Identity, keyring.Pin{}); !errors.Is(err, keyring.ErrForged) {
		t.Errorf("a removal in another's name: %v", err)
	}
	// Nor bring a device that is older than itself.
	d = takeApart(t, must(must(held.Roll(evil, now))(t).Seal())(t), evil.Identity)
	add(d, entry(user, puppet.Device, "x", evil.Device, puppet, morning.Add(-day), evil.Signer))
	if _, err := keyring.OpenUser(sealedTo(t, d.signed(t, evil), evil.Identity.Recipient()), evil.Identity, keyring.Pin{}); !errors.Is(err, keyring.ErrForged) {
		t.Errorf("a device older than who brought it: %v", err)
	}
}

// removalWithoutEpoch is what no release writes: a device off the list that knows
// the newest secret.
func removalWithoutEpoch(t testing.TB, u *keyring.User, by *keyring.Keys, id string) *keyring.User {
	t.Helper()
	removed := must(u.RemoveDevice(by, id, morning.Add(2*time.Hour)))(t)
	d := takeApart(t, must(removed.Seal())(t), by.Identity)
	epochs := d.doc["epochs"].([]any)
	d.doc["epochs"] = epochs[:len(epochs)-1]
	return must(keyring.OpenUser(sealedTo(t, d.signed(t, by), by.Identity.Recipient()), by.Identity, keyring.Pin{}))(t)
}

// Whatever the clocks of the person's own devices say, they do not lock each
// other out.
func TestClocks(t *testing.T) {
	d := fresh(t)
	u := must(keyring.NewUser(d, "first", nil, morning.Add(400*day)))(t) // a year ahead
	second, info, err := keyring.NewDevice(u.ID(), "second")
	if err != nil {
		t.Fatal(err)
	}
	two := must(u.AddDevice(d, info, morning))(t)
	if err := u.Accept(must(pass(t, two, second))(t), morning); err != nil {
		t.Fatal(err)
	}
	three := must(two.RemoveDevice(d, second.Device, morning.Add(-day)))(t)
	if err := two.Accept(must(pass(t, three, d))(t), morning); err != nil {
		t.Error(err)
	}
	if _, err := two.SetRecovery(d, identity(t), morning); err != nil {
		t.Errorf("a first kit: %v", err)
	}
}

func TestMergeRefuses(t *testing.T) {
	p := phones(t, 2, nil)
	u := p[0].user
	a := must(u.Roll(p[0].d, morning))(t)
	b := must(u.Roll(p[1].d, morning))(t)
	other := phones(t, 1, nil)
	elsewhere := must(other[0].user.Roll(other[0].d, morning))(t)
	without := must(u.RemoveDevice(p[0].d, p[2].d.Device, morning))(t)
	for i, tt := range []struct {
		by   *keyring.Keys
		a, b *keyring.User
		want error
	}{
		{p[0].d, a, b, nil},
		{p[2].d, a, b, nil},
		{p[0].d, a, a, keyring.ErrRewritten},
		{p[0].d, u, a, keyring.ErrRewritten},
		{p[0].d, a, u, keyring.ErrRewritten},
		{p[0].d, a, elsewhere, keyring.ErrRewritten},
		{fresh(t), a, b, keyring.ErrRemoved},
		{p[2].d, without, b, keyring.ErrRemoved},
	} {
		if _, err := keyring.Merge(tt.by, tt.a, tt.b, morning); !errors.Is(err, tt.want) {
			t.Errorf("%d: %v, want %v", i, err, tt.want)
		}
	}
}

// joinBoth merges from either side and lets everybody check the result.
func joinBoth(t *testing.T, by *keyring.Keys, a, b *keyring.User, now time.Time, held ...*keyring.User) *keyring.User {
	t.Helper()
	one, two := must(keyring.Merge(by, a, b, now))(t), must(keyring.Merge(by, b, a, now))(t)
	for i, d := range one.Devices() {
		e := two.Devices()[i]
		if d.ID != e.ID || d.Active() != e.Active() || !d.Ended.Equal(e.Ended) || d.EndedBy != e.EndedBy {
			t.Errorf("the lists differ by who asks: %+v, %+v", d, e)
		}
	}
	x, since := one.Recovery()
	if y, same := two.Recovery(); (x == nil) != (y == nil) || x != nil && x.String() != y.String() || !since.Equal(same) {
		t.Error("the kits differ by who asks")
	}
	for _, u := range append(held, a, b) {
		if err := u.Accept(must(pass(t, one, by))(t), now); err != nil {
			t.Errorf("who holds %d does not accept: %v", u.Seq(), err)
		}
	}
	if one.NeedsRoll() || one.Epoch() <= max(a.Epoch(), b.Epoch()) {
		t.Errorf("epoch %d after %d and %d", one.Epoch(), a.Epoch(), b.Epoch())
	}
	return one
}

func active(u *keyring.User, k *keyring.Keys) bool {
	d, ok := u.Device(k.Device)
	return ok && d.Active()
}

func TestMerge(t *testing.T) {
	p := phones(t, 3, nil)
	u, now := p[0].user, morning.Add(3*day)
	first, second, third, fourth := p[0].d, p[1].d, p[2].d, p[3].d
	newcomer := func(name string) (*keyring.Keys, keyring.Newcomer) {
		k, info, err := keyring.NewDevice(u.ID(), name)
		if err != nil {
			t.Fatal(err)
		}
		return k, info
	}
	t.Run("two rolls: what was sealed to either opens", func(t *testing.T) {
		a, b := must(u.Roll(first, now))(t), must(u.Roll(second, now))(t)
		m := joinBoth(t, first, a, b, now, u)
		r := ring(t, first, m)
		for id, sealed := range map[string][]byte{"a": sealTo(t, ring(t, first, a), "", "a"), "b": sealTo(t, ring(t, second, b), "", "b")} {
			if !opens(r, "", id, sealed) {
				t.Errorf("%s does not open", id)
			}
		}
		if m.Epoch() != 3 {
			t.Errorf("epoch %d", m.Epoch())
		}
	})
	t.Run("removal beats addition", func(t *testing.T) {
		phone, info := newcomer("by the third")
		further, more := newcomer("by that one")
		a := must(u.RemoveDevice(first, third.Device, now))(t)
		b := must(u.AddDevice(third, info, now))(t)
		b = must(b.AddDevice(phone, more, now))(t)
		m := joinBoth(t, first, a, b, now, u)
		if active(m, third) || active(m, phone) || active(m, further) || !active(m, second) {
			t.Error("what a removed device let in is in")
		}
	})
	t.Run("what it let in before stays", func(t *testing.T) {
		phone, info := newcomer("by the third")
		base := must(u.AddDevice(third, info, now))(t)
		a := must(base.RemoveDevice(first, third.Device, now))(t)
		b := must(base.Roll(second, now))(t)
		if m := joinBoth(t, first, a, b, now, base); active(m, third) || !active(m, phone) {
			t.Error("who stays is another")
		}
	})
	t.Run("an addition elsewhere stays", func(t *testing.T) {
		phone, info := newcomer("by the second")
		a := must(u.RemoveDevice(first, third.Device, now))(t)
		b := must(u.AddDevice(second, info, now))(t)
		m := joinBoth(t, first, a, b, now, u)
		if active(m, third) || !active(m, phone) {
			t.Error("who stays is another")
		}
		if _, err := pass(t, m, third); !errors.Is(err, keyring.ErrNotForUs) {
			t.Errorf("the removed device: %v", err)
		}
	})
	t.Run("of two that removed each other the longer one stays", func(t *testing.T) {
		a := must(u.RemoveDevice(second, third.Device, now))(t)
		b := must(u.RemoveDevice(third, second.Device, now))(t)
		m := joinBoth(t, first, a, b, now, u)
		if !active(m, second) || active(m, third) {
			t.Error("the newer one stayed")
		}
		if _, err := keyring.Merge(third, a, b, now); !errors.Is(err, keyring.ErrRemoved) {
			t.Errorf("the newer one merges: %v", err)
		}
	})
	t.Run("removed on both sides", func(t *testing.T) {
		a := must(u.RemoveDevice(first, fourth.Device, now.Add(time.Minute)))(t)
		b := must(u.RemoveDevice(second, fourth.Device, now))(t)
		m := joinBoth(t, first, a, b, now, u)
		if d, _ := m.Device(fourth.Device); d.EndedBy != second.Device {
			t.Errorf("ended by %s", d.EndedBy)
		}
	})
	t.Run("a kit by who was removed does not hold", func(t *testing.T) {
		good, bad := identity(t), identity(t)
		base := must(u.SetRecovery(first, good, now))(t)
		a := must(base.RemoveDevice(first, third.Device, now))(t)
		b := must(base.SetRecovery(third, bad, now.Add(time.Hour)))(t)
		if to, _ := joinBoth(t, first, a, b, now, base).Recovery(); to.String() != good.Recipient().String() {
			t.Error("the kit of the removed device holds")
		}
	})
	t.Run("who was removed can not say that it had left", func(t *testing.T) {
		good, bad := identity(t), identity(t)
		base := must(u.SetRecovery(first, good, now))(t)
		a := must(base.RemoveDevice(first, third.Device, now.Add(2*time.Hour)))(t)
		b := must(base.SetRecovery(third, bad, now.Add(time.Hour)))(t)
		b = must(b.RemoveDevice(third, third.Device, now.Add(time.Hour)))(t)
		m := joinBoth(t, first, a, b, now.Add(3*time.Hour), base)
		if to, _ := m.Recovery(); to.String() != good.Recipient().String() {
			t.Error("the kit of the removed device holds")
		}
	})
	t.Run("the later kit holds", func(t *testing.T) {
		one, two := identity(t), identity(t)
		a, b := must(u.SetRecovery(first, one, now.Add(time.Hour)))(t), must(u.SetRecovery(second, two, now))(t)
		m := joinBoth(t, third, a, b, now, u)
		if to, _ := m.Recovery(); to.String() != one.Recipient().String() {
			t.Error("the earlier kit holds")
		}
		if _, err := keyring.OpenUser(must(m.Seal())(t), two, keyring.Pin{}); !errors.Is(err, keyring.ErrNotForUs) {
			t.Errorf("the kit that lost: %v", err)
		}
	})
	t.Run("a newcomer can not remove by merging", func(t *testing.T) {
		base := phones(t, 1, nil)
		_, info := newcomer("x")
		young, his := newcomer("young")
		start := must(base[0].user.AddDevice(base[0].d, his, now))(t)
		info.ID = fmt.Sprint("x", info.ID)
		a := must(start.RemoveDevice(base[0].d, base[1].d.Device, now))(t)
		b := must(start.AddDevice(base[1].d, info, now))(t)
		if _, err := keyring.Merge(young.For(start.ID()), a, b, now); !errors.Is(err, keyring.ErrTooNew) {
			t.Errorf("Merge = %v, want ErrTooNew", err)
		}
	})
}

func opens(r *keyring.Ring, profile, id string, sealed []byte) bool {
	_, body, err := r.Opener(profile).Open(sealed, expect(id))
	return err == nil && string(body) == id
}

func kitSigner(t testing.TB, kit *age.HybridIdentity) ed25519.PrivateKey {
	t.Helper()
	return ed25519.NewKeyFromSeed(must(hkdfOf(kit.String(), "potli-recovery-signer/1"))(t))
}
