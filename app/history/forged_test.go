package history_test

import (
	"crypto/sha256"
	"math/rand"
	"slices"
	"testing"
	"time"

	"potli/app/family"
	"potli/app/record"
	"potli/app/sync"
	"potli/crypto/envelope"
)

// everything is what a device has of a history, as a mailbox would carry it.
func (d *device) everything(who record.ProfileID) (a sync.Arrival) {
	d.h.t.Helper()
	entries, err := d.k.Entries(ctx, string(who), 0)
	d.h.check(err)
	a.Entries = entries
	for _, e := range entries {
		for _, id := range d.k.Brings(e) {
			if sealed, err := d.k.Record(ctx, string(who), id); err == nil {
				a.Records = append(a.Records, sync.Sealed{ID: id, Body: sealed})
			}
		}
	}
	return a
}

// TestT4_RemovedMember: what a removed member writes after all, with keys that are
// right and a date of before, is taken by nobody, whatever comes first.
func TestT4_RemovedMember(t *testing.T) {
	h := newHouse(t)
	mother, father, aunt := h.phone("mother"), h.phone("father"), h.phone("aunt")
	mother.child(asha)
	h.check(mother.k.Found(ctx, asha, nil))
	mother.invite(father, asha, family.Admin, true)
	mother.invite(aunt, asha, family.Reader, true)
	father.round(asha)
	mother.add(asha, "genuine")
	h.settle(4, asha, mother, father, aunt)
	h.check(mother.k.Write(ctx, asha, &family.Remove{User: father.v.Ring().Wallet()}))
	// He goes on as if he had not heard of it.
	h.now = h.now.Add(-time.Hour)
	late := father.add(asha, "late")
	h.check(father.k.Tidy(ctx, asha))
	his := father.everything(asha)
	h.now = h.now.Add(2 * time.Hour)
	h.check(mother.k.Keep(ctx, string(asha), his)) // she knows
	h.check(aunt.k.Keep(ctx, string(asha), his))   // she does not yet
	h.settle(4, asha, mother, aunt)
	for _, d := range []*device{mother, aunt} {
		if got := d.has(asha); slices.Contains(got, "late") {
			t.Errorf("%s has %q", d.name, got)
		}
		s, err := d.k.State(ctx, asha)
		h.check(err)
		if _, ok := s.Record(late); ok {
			t.Errorf("for %s his record counts", d.name)
		}
	}
	h.same(asha, mother, aunt)
}

// TestT4_NotWhatWasNamed: a record with other bytes than were named, one that is
// named and is another person's, and one that nobody named.
func TestT4_NotWhatWasNamed(t *testing.T) {
	h := newHouse(t)
	mother, father := h.phone("mother"), h.phone("father")
	for _, id := range []record.ProfileID{asha, "ravi"} {
		mother.child(id)
		h.check(mother.k.Found(ctx, id, nil))
	}
	mother.invite(father, asha, family.Admin, true)
	mother.invite(father, "ravi", family.Reader, true)
	h.settle(4, asha, mother, father)
	h.settle(4, "ravi", mother, father)
	// He may read for Ravi and write for Asha, and names in her history what is sealed
	// to Ravi's key.
	r := father.v.Ring()
	n, key, _ := r.Newest("ravi")
	seal := func(id, profile string, epoch int) []byte {
		hd := envelope.Header{Kind: "record", Profile: profile, Epoch: epoch, ID: id, Device: r.Device(), Created: "2026-05-01T08:00:00Z", Type: string(record.FormatPDF),
			Meta: `{"sha256":"` + hexOf("%PDF-1.4 smuggled") + `","source":{"how":"file"}}`}
		return must(envelope.Seal(hd, []byte("%PDF-1.4 smuggled"), key.Recipient(), r.Signer()))
	}
	smuggled := seal("smuggled", "ravi", n)
	h.check(father.k.Write(ctx, asha, &family.Records{List: []family.Named{{ID: "smuggled", Sum: sha256.Sum256(smuggled)}, {ID: "other", Sum: sha256.Sum256([]byte("x"))}}}))
	a := father.everything(asha)
	a.Records = append(a.Records, sync.Sealed{ID: "smuggled", Body: smuggled}, sync.Sealed{ID: "other", Body: smuggled}, sync.Sealed{ID: "unnamed", Body: smuggled})
	h.check(mother.k.Keep(ctx, string(asha), a))
	if got := append(mother.has(asha), mother.has("ravi")...); len(got) > 0 {
		t.Errorf("mother has %q", got)
	}
	v, err := mother.k.View(ctx, string(asha))
	h.check(err)
	if len(v.Lacking) != 1 || v.Lacking[0].ID != "other" {
		t.Errorf("asked for: %+v", v.Lacking)
	}
	mother.restart()
	if v, err = mother.k.View(ctx, string(asha)); err != nil || len(v.Lacking) != 1 {
		t.Errorf("after a restart: %+v, %v", v.Lacking, err)
	}
}

// TestAnyOrder: entries and records one by one, in any order and some of them twice,
// come to the same.
func TestAnyOrder(t *testing.T) {
	h := newHouse(t)
	mother, father := h.phone("mother"), h.phone("father")
	mother.child(asha)
	h.check(mother.k.Found(ctx, asha, family.Fields{"name": "Asha"}))
	mother.invite(father, asha, family.Admin, true)
	h.settle(3, asha, mother, father)
	for range 3 {
		mother.add(asha, h.now.String()+"m")
		father.add(asha, h.now.String()+"f")
		h.check(mother.k.Tidy(ctx, asha))
		h.check(father.k.Roll(ctx, asha))
		h.settle(2, asha, father, mother)
	}
	all := mother.everything(asha)
	want := must(mother.k.State(ctx, asha)).Digest()
	for seed := range 4 {
		rng := rand.New(rand.NewSource(int64(seed)))
		aunt := h.phone("aunt")
		h.check(aunt.k.Join(ctx, mother.invitation(asha)))
		var list []sync.Arrival
		for _, e := range all.Entries {
			list = append(list, sync.Arrival{Entries: all.Entries[:0:0]}, sync.Arrival{})
			list[len(list)-2].Entries = append(list[len(list)-2].Entries, e)
		}
		for _, r := range all.Records {
			list = append(list, sync.Arrival{Records: []sync.Sealed{r}})
		}
		rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for _, a := range slices.Concat(list, list[:len(list)/3]) {
			h.check(aunt.k.Keep(ctx, string(asha), a))
		}
		if got := must(aunt.k.State(ctx, asha)).Digest(); got != want {
			t.Errorf("order %d means something else", seed)
		}
	}
}
