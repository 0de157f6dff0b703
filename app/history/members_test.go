package history_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"filippo.io/age"

	"potli/app/family"
	"potli/app/history"
	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/chain"
)

func (d *device) user() string { return d.v.Ring().Wallet() }

func (d *device) state(who record.ProfileID) *family.State {
	d.h.t.Helper()
	s, err := d.k.State(ctx, who)
	d.h.check(err)
	return s
}

// public is what a user shows of themselves.
func (d *device) public() []byte {
	d.h.t.Helper()
	p, err := d.v.Ring().User().Public(d.keys, d.h.now)
	d.h.check(err)
	raw, err := p.Marshal()
	d.h.check(err)
	return raw
}

// parents are a mother who has let a father in, with one record.
func parents(t *testing.T, role family.Role) (h *house, mother, father *device) {
	t.Helper()
	h = newHouse(t)
	mother, father = h.phone("mother"), h.phone("father")
	mother.child(asha)
	mother.add(asha, "of before")
	h.check(mother.k.Found(ctx, asha, family.Fields{"name": "Asha"}))
	mother.invite(father, asha, role, true)
	h.settle(4, asha, mother, father)
	h.same(asha, mother, father)
	return h, mother, father
}

// remove removes as the wallet does.
func (d *device) remove(who record.ProfileID, user string) {
	d.h.t.Helper()
	d.h.check(d.engine.Still(string(who), func() error { return d.k.Remove(ctx, who, user, true) }))
}

// newest is the epoch that a vault seals to.
func (d *device) newest(who record.ProfileID) string {
	_, id, _ := d.v.Ring().Newest(string(who))
	return id.String()
}

// TestT25_RemovedAtOnce: with the removal there is a new epoch, before anything else
// is written, and the removed one hears of the removal and of nothing else.
func TestT25_RemovedAtOnce(t *testing.T) {
	h, mother, father := parents(t, family.Admin)
	before := mother.newest(asha)
	mother.remove(asha, father.user())
	if mother.newest(asha) == before {
		t.Fatal("no new epoch")
	}
	if s := mother.state(asha); s.NeedsRoll() || len(s.Members) != 1 {
		t.Errorf("%d members, needs a roll: %v", len(s.Members), s.NeedsRoll())
	}
	mother.add(asha, "without him")
	h.settle(3, asha, mother, father)
	if s := father.round(asha); !s.Removed {
		t.Errorf("father: %+v", s)
	}
	if got := father.has(asha); !slices.Equal(got, []string{"of before"}) {
		t.Errorf("father has %q", got)
	}
	if by, err := father.k.OutBy(ctx, asha, father.user()); err != nil || by != mother.user() {
		t.Errorf("out by %q, %v", by, err)
	}
}

// TestT26_RemovedMadeTheEpoch: also an epoch that the removed one makes meanwhile is
// used for nothing.
func TestT26_RemovedMadeTheEpoch(t *testing.T) {
	h, mother, father := parents(t, family.Admin)
	h.check(father.k.Roll(ctx, asha))
	h.settle(3, asha, father, mother)
	// The newest is of his making. And he makes another, at once with the removal.
	h.check(father.k.Roll(ctx, asha))
	mother.remove(asha, father.user())
	his := father.everything(asha)
	h.check(mother.k.Keep(ctx, string(asha), his))
	h.check(mother.k.Tidy(ctx, asha))
	s := mother.state(asha)
	e, ok := s.Current()
	if !ok || e.User != mother.user() || slices.ContainsFunc(e.To, func(w family.Whom) bool { return w.User == father.user() }) {
		t.Errorf("the epoch is of %s for %d, serves: %v", e.User, len(e.To), ok)
	}
	for _, id := range allSecrets(father) {
		if id == mother.newest(asha) {
			t.Error("he has what she seals to")
		}
	}
}

func allSecrets(d *device) (list []string) {
	for n := range 20 {
		if id := d.v.Ring().Identity(string(asha), n+1); id != nil {
			list = append(list, id.String())
		}
	}
	return list
}

// TestT25_NotSentYet: what was written before a removal and had not left the device
// goes to where the removed one does not find it; who stays hears all of it.
func TestT25_NotSentYet(t *testing.T) {
	h, mother, father := parents(t, family.Admin)
	aunt := h.phone("aunt")
	mother.invite(aunt, asha, family.Admin, true)
	h.settle(7, asha, mother, aunt, father)
	h.same(asha, mother, father, aunt)

	// She is where there is no network, and writes.
	id := mother.add(asha, "while offline")
	h.check(mother.k.Tidy(ctx, asha))
	h.check(mother.k.Write(ctx, asha, &family.Retitle{ID: id, Title: "what is in it"}))
	h.check(mother.k.Write(ctx, asha, &family.Details{Fields: family.Fields{"blood": "A+"}}))
	mother.remove(asha, father.user())
	mother.restart()
	mother.add(asha, "afterwards")
	h.settle(8, asha, mother, father, aunt)

	if s := father.round(asha); !s.Removed {
		t.Errorf("father: %+v", s)
	}
	if s := father.state(asha); len(s.Records) != 1 || s.Fields["blood"] != "" {
		t.Errorf("father knows of %d records and the blood group %q", len(s.Records), s.Fields["blood"])
	}
	entries, err := father.k.Entries(ctx, string(asha), 0)
	h.check(err)
	for _, e := range entries {
		if slices.Contains(father.k.Brings(e), string(id)) {
			t.Error("father was told of the record")
		}
	}
	h.same(asha, mother, aunt)
	if got := aunt.has(asha); !slices.Equal(got, []string{"afterwards", "of before", "while offline"}) {
		t.Errorf("the aunt has %q", got)
	}
	s := aunt.state(asha)
	if r, ok := s.Record(id); !ok || r.Title != "what is in it" || s.Fields["blood"] != "A+" {
		t.Errorf("the aunt knows of %+v and %q", r, s.Fields)
	}
	for _, d := range []*device{mother, aunt} {
		if st := d.round(asha); len(st.Forked) > 0 || st.Twin || !st.UpToDate {
			t.Errorf("%s: %+v", d.name, st)
		}
	}
}

// TestRemoveKeepsWhatWasSent: what others may have heard is never said anew.
func TestRemoveKeepsWhatWasSent(t *testing.T) {
	h, mother, father := parents(t, family.Admin)
	mother.add(asha, "sent")
	mother.round(asha)
	mother.add(asha, "not sent")
	h.check(mother.k.Tidy(ctx, asha))
	before, err := mother.k.Entries(ctx, string(asha), 0)
	h.check(err)
	mother.remove(asha, father.user())
	after, err := mother.k.Entries(ctx, string(asha), 0)
	h.check(err)
	gone := 0
	for _, e := range before {
		if !slices.ContainsFunc(after, func(o *chain.Entry) bool { return o.Hash() == e.Hash() }) {
			gone++
		}
	}
	if gone != 1 {
		t.Errorf("%d entries were said anew, want the one that was not sent", gone)
	}
	h.settle(3, asha, mother, father)
	if got := father.has(asha); !slices.Equal(got, []string{"of before", "sent"}) {
		t.Errorf("father has %q", got)
	}
}

// TestLeave: who leaves tells the others, and what they added before is not lost.
func TestLeave(t *testing.T) {
	h, mother, father := parents(t, family.Admin)
	father.add(asha, "his last")
	before := mother.newest(asha)
	father.remove(asha, father.user())
	h.settle(4, asha, father, mother)
	if s := mother.state(asha); len(s.Members) != 1 {
		t.Fatalf("%d members", len(s.Members))
	}
	if got := mother.has(asha); !slices.Equal(got, []string{"his last", "of before"}) {
		t.Errorf("mother has %q", got)
	}
	if mother.newest(asha) == before {
		t.Error("no new epoch after he has left")
	}
	if s := father.round(asha); !s.Removed || s.Sending > 0 {
		t.Errorf("father: %+v", s)
	}
	if by, err := father.k.OutBy(ctx, asha, father.user()); err != nil || by != father.user() {
		t.Errorf("out by %q, %v", by, err)
	}
}

// TestRemoveRefused: what nobody may leaves everything as it was.
func TestRemoveRefused(t *testing.T) {
	_, mother, father := parents(t, family.Reader)
	for _, tt := range []struct {
		name string
		by   *device
		user string
		want error
	}{
		{"the last owner leaves", mother, mother.user(), family.ErrLastOwner},
		{"a reader removes an owner", father, mother.user(), family.ErrRole},
		{"a stranger", mother, "nobody", family.ErrNoMember},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := tt.by.newest(asha)
			if err := tt.by.k.Remove(ctx, asha, tt.user, true); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if tt.by.newest(asha) != before || len(tt.by.state(asha).Members) != 2 {
				t.Error("something was changed")
			}
		})
	}
}

// TestInviteAgain: who was out and is let in again is handed the epoch there is, and
// nothing of the time between.
func TestInviteAgain(t *testing.T) {
	h, mother, father := parents(t, family.Reader)
	mother.remove(asha, father.user())
	mother.add(asha, "between")
	h.settle(3, asha, mother, father)
	i, err := mother.k.Invite(ctx, asha, father.public(), family.Reader, false)
	h.check(err)
	if i.Identity != mother.newest(asha) {
		t.Error("he was handed an epoch that was replaced")
	}
	h.check(father.k.Join(ctx, i))
	mother.add(asha, "again")
	h.settle(5, asha, mother, father)
	if got := father.has(asha); !slices.Equal(got, []string{"again", "of before"}) {
		t.Errorf("father has %q", got)
	}
	if s := father.round(asha); !s.UpToDate {
		t.Errorf("father: %+v", s)
	}
}

// TestInviteAtOnceWithRoll: somebody is let in while another of one's own phones, or
// another caregiver, makes a new epoch. Whichever holds: they have what the others have.
func TestInviteAtOnceWithRoll(t *testing.T) {
	for _, history := range []bool{false, true} {
		for turn := range 2 { // which epoch holds is by chance
			h, mother, aunt := parents(t, family.Owner)
			father := h.phone("father")
			h.check(aunt.k.Roll(ctx, asha))
			i, err := mother.k.Invite(ctx, asha, father.public(), family.Admin, history)
			h.check(err)
			h.check(father.k.Join(ctx, i))
			order := []*device{mother, aunt, father}
			if turn%2 == 1 {
				order = []*device{aunt, father, mother}
			}
			aunt.add(asha, "of the aunt")
			mother.add(asha, "of the mother")
			h.settle(6, asha, order...)
			mother.add(asha, "late")
			h.settle(3, asha, order...)
			if got := father.has(asha); !slices.Contains(got, "late") {
				t.Errorf("history %v, turn %d: father has %q", history, turn, got)
			}
			if a, b := father.newest(asha), mother.newest(asha); a != b {
				t.Errorf("history %v, turn %d: father was left out of the epoch", history, turn)
			}
		}
	}
}

// TestInviteAndRollInOneProgram: in one wallet both are one after the other.
func TestInviteAndRollInOneProgram(t *testing.T) {
	h := newHouse(t)
	mother := h.phone("mother")
	mother.child(asha)
	h.check(mother.k.Found(ctx, asha, nil))
	done := make(chan error)
	go func() {
		for range 5 {
			if err := mother.k.Roll(ctx, asha); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	var given []history.Invitation
	var let []*device
	for range 3 {
		d := h.phone("other")
		i, err := mother.k.Invite(ctx, asha, d.public(), family.Reader, false)
		h.check(err)
		given, let = append(given, i), append(let, d)
	}
	h.check(<-done)
	s := mother.state(asha)
	for n, d := range let {
		m, ok := s.Member(d.user())
		if !ok || len(m.Lacks) > 0 || m.From != given[n].Epoch {
			t.Errorf("%d: a member %v, from %d, handed %d, lacks %d", n, ok, m.From, given[n].Epoch, len(m.Lacks))
		}
	}
}

// TestPlantedKey: a key that somebody who may invite has made for a later epoch never
// becomes one, neither after they are taken out nor when it is due by its number.
func TestPlantedKey(t *testing.T) {
	for _, ahead := range []int{1, 2, 3, 40} {
		h, mother, father := parents(t, family.Admin)
		i := father.invitation(asha)
		planted := must(age.GenerateHybridIdentity())
		i.Epoch, i.Identity = i.Epoch+ahead, planted.String()
		if err := mother.k.Join(ctx, i); err != nil {
			t.Logf("%d ahead: %v", ahead, err)
		}
		mother.remove(asha, father.user())
		for range 6 {
			h.settle(1, asha, mother, father)
			mother.add(asha, fmt.Sprint("written later ", h.now))
			h.check(mother.k.Tidy(ctx, asha))
		}
		if mother.newest(asha) == planted.String() {
			t.Errorf("%d ahead: she seals to his key", ahead)
		}
		for _, e := range mother.state(asha).Epochs {
			if e.Recipient == chain.Hash(sha256.Sum256([]byte(planted.Recipient().String()))) {
				t.Errorf("%d ahead: his key is epoch %d", ahead, e.N)
			}
		}
		for _, e := range mother.v.Entries() {
			if _, n, ok := mother.v.Sum(e.ID()); ok && e.Profile() == asha {
				if id := mother.v.Ring().Identity(string(asha), n); id != nil && id.String() == planted.String() {
					t.Errorf("%d ahead: a record is sealed to his key", ahead)
				}
			}
		}
	}
}

// TestRemoveOverDamage: what a disk has damaged keeps nobody in.
func TestRemoveOverDamage(t *testing.T) {
	h, mother, father := parents(t, family.Admin)
	mother.round(asha)
	for _, name := range must(mother.blobs.List(ctx, "doc/")) {
		body := must(mother.blobs.Get(ctx, name))
		body[len(body)/2] ^= 1
		h.check(mother.blobs.Commit(ctx, vault.Batch{Put: map[string][]byte{name: body}}))
	}
	done := make(chan error, 1)
	go func() { done <- mother.k.Remove(ctx, asha, father.user(), false) }()
	select {
	case err := <-done:
		t.Log(err)
	case <-time.After(time.Minute):
		t.Fatal("it never ends, and nobody else can write")
	}
}
