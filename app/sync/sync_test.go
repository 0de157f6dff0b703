package sync_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/sync"
	"potli/app/sync/synctest"
	"potli/crypto/chain"
)

// world is a lab with an honest relay and devices that are members.
func world(t testing.TB, ids ...string) (*lab, *synctest.Relay, []*device) {
	t.Helper()
	l := newLab(t)
	r := synctest.New(func() time.Time { return l.now })
	first := l.device(ids[0], r)
	first.found()
	for _, id := range ids[1:] {
		first.invite(l.device(id, r))
	}
	l.settle(4, l.devices...)
	l.same(l.devices...)
	return l, r, l.devices
}

// calm fails unless every device says that all is well.
func (l *lab) calm(who ...*device) {
	l.t.Helper()
	for _, d := range who {
		if s := d.round(); !s.UpToDate || len(s.Unread)+len(s.Missing) > 0 || s.NeedsFullResend || s.Twin || len(s.Forked) > 0 || s.Full || s.Later {
			l.t.Errorf("%s: %+v", d.id, s)
		}
	}
}

func text(n int, seed string) []byte { return []byte(strings.Repeat(seed+" ", n/(len(seed)+1)+1)[:n]) }

// TestTwo: what one writes the other has, and the relay keeps nothing longer than
// it must.
func TestTwo(t *testing.T) {
	l := newLab(t)
	r := synctest.New(func() time.Time { return l.now })
	a, b := l.device("a", r), l.device("b", r)
	a.found()
	a.add([]byte("one"), []byte("two"))
	if s := a.round(); !s.UpToDate || r.Calls != 0 {
		t.Errorf("alone: %+v, %d calls", s, r.Calls)
	}
	a.invite(b)
	a.round()
	if s := b.round(); s.UpToDate || !s.New {
		t.Errorf("b knows nothing yet: %+v", s)
	}
	l.settle(2, a, b)
	l.same(a, b)
	b.add([]byte("three"))
	l.settle(2, b, a)
	l.same(a, b)
	l.calm(a, b)
	for _, m := range r.Boxes {
		if len(m.Letters) > 2 {
			t.Errorf("%d letters are left", len(m.Letters))
		}
	}
}

// TestTurn: of two who could answer one does at once. The other says when its turn
// comes, and answers then if the first is gone.
func TestTurn(t *testing.T) {
	l := newLab(t)
	r := synctest.New(func() time.Time { return l.now })
	a, b := l.device("a", r), l.device("b", r)
	a.found()
	a.invite(b)
	all, waited := []*device{a, b}, 0
	for i := range 8 {
		l.settle(6, a, b) // nothing is left at the relay of what came before
		d := l.device(fmt.Sprint("d", i), r)
		a.invite(d)
		l.settle(4, a, b)
		if s := d.round(); !s.New || !s.Due.IsZero() { // asks for everything
			t.Fatalf("who has nothing: %+v", s)
		}
		if s := a.round(); !s.Due.IsZero() {
			waited++
			if d.round(); !s.Due.After(l.now) {
				t.Errorf("it is a's turn since %v, at %v", s.Due, l.now)
			}
			l.now = s.Due
			if s := a.round(); !s.Due.IsZero() {
				t.Errorf("a puts its turn off to %v", s.Due)
			}
		}
		if s := d.round(); s.New {
			t.Errorf("a has not answered %s: %+v", d.id, s)
		}
		all = append(all, d)
		l.settle(4, all...)
		a.remove(d.id) // so that there are always two
		all = all[:2]
	}
	if waited == 0 || waited == 8 {
		t.Errorf("of 8 times a waited %d", waited)
	}
}

// TestQuiet: when nothing happens nothing is sent, but for a sign of life a day.
func TestQuiet(t *testing.T) {
	l, r, all := world(t, "a", "b", "c")
	l.settle(3, all...)
	put := r.Bytes
	for range 10 {
		for _, d := range all {
			d.round()
		}
	}
	if r.Bytes != put {
		t.Errorf("%d bytes were sent without a reason", r.Bytes-put)
	}
	for range 30 {
		l.now = l.now.Add(24 * time.Hour)
		for _, d := range all {
			d.round()
		}
	}
	if got := (r.Bytes - put) / 90; got > 10_000 {
		t.Errorf("%d bytes a day and device", got)
	}
	for _, m := range r.Boxes {
		if len(m.Letters) > 6 {
			t.Errorf("%d letters are left", len(m.Letters))
		}
	}
}

// TestAwayForWeeks: within the mailbox's time nothing has to be sent again.
func TestAwayForWeeks(t *testing.T) {
	l, r, all := world(t, "mother", "father")
	mother, father := all[0], all[1]
	for range 25 {
		mother.add(text(3000, "blood count"))
		mother.round()
		l.now = l.now.Add(24 * time.Hour)
	}
	put := r.Bytes
	s := father.round()
	l.same(mother, father)
	if !s.UpToDate || s.NeedsFullResend {
		t.Errorf("%+v", s)
	}
	l.settle(2, mother, father)
	if got := r.Bytes - put; got > 40_000 {
		t.Errorf("%d bytes were sent again", got)
	}
}

// TestAwayForMonths: what the relay has forgotten is asked for, and nothing else
// is sent again.
func TestAwayForMonths(t *testing.T) {
	l, r, all := world(t, "mother", "father", "grandmother")
	mother, father, grandmother := all[0], all[1], all[2]
	big := 0
	for range 10 {
		mother.add(text(3000, "blood count"))
		mother.round()
		grandmother.round()
		l.now = l.now.Add(24 * time.Hour)
	}
	big = r.Bytes
	l.now = l.now.Add(70 * 24 * time.Hour)
	s := father.round()
	l.settle(1, mother, grandmother)
	if s = father.round(); s.UpToDate || !s.NeedsFullResend || s.Receiving == 0 || len(s.Missing) == 0 {
		t.Errorf("father, who lacks everything: %+v", s)
	}
	before := r.Bytes
	l.settle(4, grandmother, mother, father)
	l.same(mother, father, grandmother)
	l.calm(mother, father, grandmother)
	if again := r.Bytes - before; again > big {
		t.Errorf("%d bytes were sent to make up for %d", again, big)
	}
}

// TestEpochs: who was away for long walks from one epoch's mailbox to the next.
func TestEpochs(t *testing.T) {
	for _, months := range []int{0, 2} {
		t.Run(fmt.Sprint(months, " months"), func(t *testing.T) {
			l, _, all := world(t, "mother", "father", "aunt")
			mother, father, aunt := all[0], all[1], all[2]
			for i := range 3 {
				mother.add([]byte(fmt.Sprint("before epoch ", i+2)))
				mother.roll()
				mother.add([]byte(fmt.Sprint("in epoch ", i+2)))
				l.settle(2, mother, aunt)
			}
			l.now = l.now.Add(time.Duration(months) * 30 * 24 * time.Hour)
			father.add([]byte("of father, who knows of nothing"))
			l.settle(14, father, mother, aunt)
			l.same(mother, father, aunt)
			l.calm(mother, father, aunt)
		})
	}
}

// TestTwoEpochsAtOnce: two make an epoch without knowing of each other.
func TestTwoEpochsAtOnce(t *testing.T) {
	l, _, all := world(t, "a", "b", "c")
	all[0].roll()
	all[1].roll()
	all[0].add([]byte("under a's"))
	all[1].add([]byte("under b's"))
	all[0].round()
	all[1].round()
	l.settle(6, all...)
	l.same(all...)
	l.calm(all...)
}

// TestRemoved: a removed device learns that it is out, and nothing that was
// written later, whatever it looks for.
func TestRemoved(t *testing.T) {
	l, r, all := world(t, "mother", "father", "aunt")
	mother, father, aunt := all[0], all[1], all[2]
	mother.remove("father")
	later := mother.add([]byte("after he has gone"))
	last := mother.disk.chain().Heads()
	l.settle(4, mother, aunt)
	l.same(mother, aunt)
	aunt.add([]byte("of the aunt"))
	// The aunt's other device is behind, and is told in the old mailbox.
	l.settle(6, aunt, father, mother)
	if s := father.round(); !s.Removed || s.UpToDate {
		t.Errorf("father: %+v", s)
	}
	for _, h := range last {
		if father.disk.entries[h] != nil {
			t.Error("father has an entry of after his removal")
		}
	}
	for _, id := range later {
		if father.disk.records[id] != nil {
			t.Error("father has a record of after his removal")
		}
	}
	// With everything that he has and everything that the relay has.
	log := mother.disk.chain()
	out := mother.disk.fold().epochs[1].Hash()
	opened := 0
	for _, m := range r.Boxes {
		for _, letter := range m.Letters {
			for _, secret := range father.disk.secrets {
				items, err := sync.OpenLetter(letter.Sealed, secret)
				if err != nil {
					continue
				}
				opened++
				for _, it := range items {
					if it.Kind == "record" {
						t.Error("a record that father can open")
					}
					if e, err := chain.Verify(it.Body); it.Kind == "entry" && (err != nil || e.Hash() != out && !log.Before(e.Hash(), out)) {
						t.Error("an entry of later that father can open")
					}
				}
			}
		}
	}
	if opened == 0 {
		t.Error("nothing was looked at")
	}
	if len(father.disk.secrets) != 1 {
		t.Errorf("father holds %d epochs", len(father.disk.secrets))
	}
}

// TestFull: a mailbox with little room passes on whatever there is, bit by bit,
// while somebody reads; and until then it says so.
func TestFull(t *testing.T) {
	l, r, all := world(t, "mother", "father", "grandfather")
	mother, father, grandfather := all[0], all[1], all[2]
	r.Room, r.Letters = 2_000_000, 6
	var bodies [][]byte
	for i := range 60 {
		bodies = append(bodies, text(60_000, fmt.Sprint("record ", i)))
	}
	mother.add(bodies...)
	for i := range 2 {
		s, err := mother.engine.Round(ctx, profile)
		if !errors.Is(err, sync.ErrFull) || !s.Full || s.Sending == 0 || !s.Offline.IsZero() {
			t.Fatalf("round %d: %+v, %v", i, s, err)
		}
	}
	// The grandfather is silent, and after a week nobody waits for him.
	step := func() {
		for _, d := range []*device{father, mother} {
			if _, err := d.engine.Round(ctx, profile); err != nil && !errors.Is(err, sync.ErrFull) {
				t.Fatal(err)
			}
		}
	}
	for range 5 {
		step()
	}
	if mother.all() == father.all() {
		t.Fatal("it was not full")
	}
	l.now = l.now.Add(8 * 24 * time.Hour)
	for range 60 {
		step()
		l.now = l.now.Add(20 * time.Minute)
	}
	l.same(mother, father)
	r.Room, r.Letters = 100<<20, 1000
	l.settle(6, grandfather, mother, father)
	l.same(mother, father, grandfather)
	l.calm(mother, father, grandfather)
}

// TestLargeRecord goes in parts; a part that was lost is sent again, and no other.
func TestLargeRecord(t *testing.T) {
	l, r, all := world(t, "a", "b")
	a, b := all[0], all[1]
	body := make([]byte, 3<<20)
	rand.Read(body)
	a.add(body)
	a.round()
	var box *synctest.Mailbox
	for _, m := range r.Boxes {
		box = m
	}
	lost := slices.IndexFunc(box.Letters, func(l sync.Letter) bool { return l.Size > 500_000 })
	box.Letters = slices.Delete(box.Letters, lost+1, lost+2)
	b.round()
	l.now = l.now.Add(20 * time.Minute)
	put := r.Bytes
	l.settle(3, b, a)
	l.same(a, b)
	l.calm(a, b)
	if again := r.Bytes - put; again < sync.PartSize || again > 2*sync.PartSize {
		t.Errorf("%d bytes for a part that was lost", again)
	}
}

// TestLostLetters: of many letters each in turn is lost, at once or when nobody
// looks, and what is sent again is what was in it.
func TestLostLetters(t *testing.T) {
	for lost := range 8 {
		if (raced || short) && lost%4 != 0 {
			continue
		}
		l, r, all := world(t, "a", "b", "c")
		a := all[0]
		for i := range 8 {
			a.add(text(8000, fmt.Sprint("record ", i)))
			a.round()
		}
		for _, m := range r.Boxes {
			size := func(l sync.Letter) bool { return l.Size > 10_000 }
			at := slices.IndexFunc(m.Letters, size) + lost
			m.Letters = slices.Delete(m.Letters, at, at+1)
		}
		put := r.Bytes
		l.settle(8, all[1], all[2], a)
		l.same(all...)
		l.calm(all...)
		if again := r.Bytes - put; again > 140_000 {
			t.Errorf("letter %d: %d bytes were sent", lost, again)
		}
	}
}

// TestOldCopy: a device that was set back to an older day, with its keys, is
// noticed by itself and by the others, and loses nothing.
func TestOldCopy(t *testing.T) {
	l, _, all := world(t, "a", "b")
	a, b := all[0], all[1]
	old := a.disk.copy()
	a.add([]byte("one"))
	a.round()
	b.round()
	a.disk = old
	a.start()
	a.add([]byte("another one"))
	l.settle(6, a, b)
	l.same(a, b)
	for _, d := range all {
		if s := d.round(); !slices.Contains(s.Forked, "a") || s.Twin != (d == a) {
			t.Errorf("%s: %+v", d.id, s)
		}
	}
	if n := len(a.disk.fold().keeps); n != 2 {
		t.Errorf("%d records", n)
	}
}

// TestRestored: a device that comes from a backup is a new device, with counters
// of its own; the history and the records of the old one stay.
func TestRestored(t *testing.T) {
	l, r, all := world(t, "a", "b")
	a, b := all[0], all[1]
	a.add([]byte("one"))
	l.settle(2, a, b)
	old := a.disk.copy()
	a.add([]byte("two"))
	l.settle(2, a, b)
	again := l.device("a-restored", r)
	again.disk = old
	again.start()
	// Its user's other device, or another member, lets it in.
	b.write(op{Add: again.who()})
	l.devices = []*device{b, again}
	l.settle(6, b, again)
	again.add([]byte("three"))
	l.settle(4, again, b, a)
	l.same(a, b, again)
	if s := b.round(); len(s.Forked) > 0 || len(b.disk.fold().keeps) != 3 {
		t.Errorf("%+v", s)
	}
}

// copy is everything on disk, as it is now.
func (k *disk) copy() *disk {
	c := newDisk()
	for h, e := range k.entries {
		c.entries[h] = e
	}
	c.came = slices.Clone(k.came)
	for id, b := range k.records {
		c.records[id] = b
	}
	for id, why := range k.apart {
		c.apart[id] = why
	}
	for id, b := range k.aside {
		c.aside[id] = b
	}
	for h, s := range k.secrets {
		c.secrets[h] = s
	}
	for id, p := range k.parts {
		c.parts[id] = map[int][]byte{}
		for at, b := range p {
			c.parts[id][at] = b
		}
	}
	c.notes = bytes.Clone(k.notes)
	return c
}

// TestOffline says since when, sends later, and takes no error for another.
func TestOffline(t *testing.T) {
	l, r, all := world(t, "a", "b")
	a, b := all[0], all[1]
	since := l.now.Add(-20 * time.Minute)
	a.mail = broken{}
	a.start()
	a.add([]byte("one"))
	l.now = l.now.Add(time.Hour)
	s, err := a.engine.Round(ctx, profile)
	// After a restart it is known to the hour.
	if !errors.Is(err, sync.ErrOffline) || s.Offline.After(since) || since.Sub(s.Offline) > time.Hour || s.Sending != 2 || s.UpToDate {
		t.Errorf("%+v, %v; want offline since %s", s, err, since)
	}
	a.mail = r
	a.start()
	l.settle(3, a, b)
	l.same(a, b)
	l.calm(a, b)
}

// broken is a relay that does not answer.
type broken struct{ sync.Mail }

func (broken) Open(_ context.Context, _ sync.Box, _ time.Duration) (sync.Standing, error) {
	return sync.Standing{}, errors.New("no such host")
}

// TestClosed: somebody who knows a mailbox closes it. The next one takes its place,
// and what was in it is sent again; until there is none any more, and it is said.
func TestClosed(t *testing.T) {
	l, r, all := world(t, "a", "b", "c")
	for n := range 8 {
		all[0].add(text(2000, fmt.Sprint("record ", n)))
		all[0].round()
		for _, m := range r.Boxes {
			m.Closed = true
		}
		for _, d := range all {
			d.start()
		}
		if n == 7 {
			break
		}
		l.settle(6, all[1], all[2], all[0])
		l.same(all...)
		l.calm(all...)
	}
	for _, d := range all {
		if s, err := d.engine.Round(ctx, profile); !errors.Is(err, sync.ErrClosed) || !s.Closed || s.UpToDate {
			t.Errorf("%s: %+v, %v", d.id, s, err)
		}
	}
}

// TestClockSetBack: a clock that was years ahead and is right again keeps nobody
// from asking, answering and speaking.
func TestClockSetBack(t *testing.T) {
	l, r, all := world(t, "a", "b", "c")
	l.now = l.now.Add(5 * 365 * 24 * time.Hour)
	all[0].add(text(2000, "from the future"))
	l.settle(3, all...)
	l.now = l.now.Add(-5 * 365 * 24 * time.Hour)
	all[1].add(text(2000, "one"))
	all[1].round()
	for _, m := range r.Boxes {
		m.Letters = nil
	}
	l.settle(8, all[2], all[0], all[1])
	l.same(all...)
}
