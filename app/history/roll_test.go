package history_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"filippo.io/age"

	"potli/app/family"
	"potli/app/vault"
	"potli/crypto/chain"
	"potli/crypto/keyring"
)

// loses is what the wallet does when a device of its user is lost: another key of
// the user's, and one of the person's, of which the history is told afterwards.
func (d *device) loses(number int) {
	d.h.t.Helper()
	d.h.check(d.v.Update(ctx, func(r *keyring.Ring) (vault.Change, error) {
		u, err := r.User().Roll(r.Keys(), d.h.now)
		if err != nil {
			return vault.Change{}, err
		}
		next, err := r.WithUser(u, d.h.now)
		if err != nil {
			return vault.Change{}, err
		}
		next, _, err = next.Roll(string(asha), number)
		return vault.Change{Ring: next}, err
	}))
}

// TestRolledAtOnce: two devices make the next epoch at once, and one hears of the
// other's before it has told of its own. What was sealed to that one meanwhile was
// sealed to a key that nobody else would ever have had: it has to reach the others.
func TestRolledAtOnce(t *testing.T) {
	for name, times := range map[string][2]int{"each once": {1, 1}, "one twice": {2, 1}, "the other twice": {1, 2}} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			mother, father := h.phone("mother"), h.phone("father")
			mother.child(asha)
			h.check(mother.k.Found(ctx, asha, nil))
			mother.invite(father, asha, family.Admin, true)
			h.settle(4, asha, mother, father)

			for range times[0] {
				h.check(father.k.Roll(ctx, asha))
			}
			father.add(asha, "of the father")
			father.round(asha)
			for range times[1] {
				mother.loses(0)
			}
			mother.add(asha, "of the mother")
			if _, err := mother.engine.Round(ctx, string(asha)); err != nil { // a round that was under way
				t.Fatal(err)
			}
			mother.add(asha, "of the mother, later")
			h.settle(6, asha, mother, father)
			h.same(asha, mother, father)
			if got := father.has(asha); !slices.Equal(got, []string{"of the father", "of the mother", "of the mother, later"}) {
				t.Errorf("father has %q", got)
			}
			// Both go on with one key, and what they write reaches the other.
			a, _, _ := mother.v.Ring().Newest(string(asha))
			b, _, _ := father.v.Ring().Newest(string(asha))
			if s, err := mother.k.State(ctx, asha); err != nil || a != b || s.Epochs[len(s.Epochs)-1].N < a {
				t.Errorf("epochs %d and %d, %v", a, b, err)
			}
			mother.add(asha, "next")
			h.settle(3, asha, mother, father)
			h.same(asha, mother, father)
		})
	}
}

// TestRollFollowsTheHistory: a device makes an epoch while the history has one that
// it was not given. Its number is what the history gives; if it is not, as by a
// backup of older keys, what was sealed to it is sealed anew before it is told of.
func TestRollFollowsTheHistory(t *testing.T) {
	for name, follows := range map[string]bool{"follows": true, "counts itself": false} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			mother, father := h.phone("mother"), h.phone("father")
			mother.child(asha)
			h.check(mother.k.Found(ctx, asha, nil))
			mother.invite(father, asha, family.Admin, true)
			h.settle(4, asha, mother, father)
			father.keeps()
			h.settle(2, asha, father, mother)
			number, err := mother.k.NextEpoch(ctx, asha)
			if h.check(err); number != 3 || mother.v.Ring().Identity(string(asha), 2) != nil {
				t.Fatalf("the next is %d", number)
			}
			if !follows {
				number = 0
			}
			mother.loses(number)
			mother.add(asha, "of the mother")
			h.settle(6, asha, mother, father)
			father.add(asha, "of the father")
			mother.add(asha, "of the mother, later")
			h.settle(4, asha, mother, father)
			h.same(asha, mother, father)
			if got := father.has(asha); !slices.Equal(got, []string{"of the father", "of the mother", "of the mother, later"}) {
				t.Errorf("father has %q", got)
			}
			mother.restart()
			h.settle(2, asha, mother, father)
			h.same(asha, mother, father)
		})
	}
}

// keeps makes an epoch that nobody else is given.
func (d *device) keeps() {
	d.h.t.Helper()
	id, err := age.GenerateHybridIdentity()
	d.h.check(err)
	var b bytes.Buffer
	w, err := age.Encrypt(&b, id.Recipient())
	d.h.check(err)
	d.h.check(w.Close())
	n, err := d.k.NextEpoch(ctx, asha)
	d.h.check(err)
	s, err := d.k.State(ctx, asha)
	d.h.check(err)
	me, _ := s.Member(d.v.Ring().Wallet())
	d.h.check(d.k.Write(ctx, asha, &family.Epoch{
		N: n, Recipient: sha256.Sum256([]byte(id.Recipient().String())), Sealed: b.Bytes(), To: []family.Whom{{User: me.User, Doc: me.Doc}},
	}))
}

// TestNextEpochOfNobody: where there is no history it gives no number.
func TestNextEpochOfNobody(t *testing.T) {
	if next, err := newHouse(t).phone("mother").k.NextEpoch(ctx, "nobody"); next != 0 || err != nil {
		t.Errorf("%d, %v", next, err)
	}
}

// TestPlantedByDevice: a device that was stolen has put keys of its own among those of
// its user, under numbers of epochs to come. Once it is out nothing is sealed to them.
func TestPlantedByDevice(t *testing.T) {
	h := newHouse(t)
	phone := h.phone("phone")
	phone.child(asha)
	h.check(phone.k.Found(ctx, asha, nil))
	phone.add(asha, "of before")
	stolen := phone.second("stolen")
	h.settle(4, asha, phone, stolen)
	var planted []string
	h.check(stolen.v.Update(ctx, func(r *keyring.Ring) (vault.Change, error) {
		for _, n := range []int{2, 3, 40} {
			id := must(age.GenerateHybridIdentity())
			planted = append(planted, id.String())
			r = must(r.Learn(string(asha), n, id))
		}
		return vault.Change{Ring: r}, nil
	}))
	h.check(phone.v.Update(ctx, func(r *keyring.Ring) (vault.Change, error) { // as the user's own mailbox brings it
		next, err := r.WithCopy(must(stolen.v.Ring().Copy(string(asha))))
		return vault.Change{Ring: next}, err
	}))
	number := must(phone.k.NextEpoch(ctx, asha))
	h.check(phone.v.Update(ctx, func(r *keyring.Ring) (vault.Change, error) {
		u, err := r.User().RemoveDevice(r.Keys(), stolen.keys.Device, h.now)
		if err != nil {
			return vault.Change{}, err
		}
		next, err := r.WithUser(u, h.now)
		if err != nil {
			return vault.Change{}, err
		}
		next, _, err = next.Roll(string(asha), number)
		return vault.Change{Ring: next}, err
	}))
	for range 8 {
		phone.add(asha, fmt.Sprint("written later ", h.now))
		h.settle(1, asha, phone)
		if slices.Contains(planted, phone.newest(asha)) {
			t.Fatal("the phone seals to a key of the stolen one")
		}
	}
	s := phone.state(asha)
	for _, e := range s.Epochs {
		for _, id := range planted {
			if e.Recipient == chain.Hash(sha256.Sum256([]byte(must(age.ParseHybridIdentity(id)).Recipient().String()))) {
				t.Errorf("a key of the stolen one is epoch %d", e.N)
			}
		}
	}
	if len(s.Epochs) < 2 {
		t.Errorf("%d epochs", len(s.Epochs))
	}
}
