package sync_test

import (
	"context"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"potli/app/sync"
)

// adversary is a relay that lies to each device as it likes. It has no key.
type adversary struct {
	*relay
	rng     *rand.Rand
	evil    bool
	planted map[string]int
	hidden  map[string]bool        // device and letter
	changed map[string]string      // device and letter: what it is shown
	past    map[string][]mailbox   // states to put mailboxes back to
	apart   map[string]*relay      // devices that are shown a world of their own
	bad     map[string]bool        // device and letter: of others, and last shown changed
	own     map[string]bool        // device and id: deposited by it
	foreign func() (sealed string) // a letter of another mailbox
}

// sealed is how many runs are done with real letters and records. Breadth is for
// the others.
const sealed = 50

// kinds are the ways to lie.
var kinds = []string{"drop", "hide", "duplicate", "swap", "truncate", "flip", "replay", "other mailbox", "roll back", "split", "no answer", "lost answer", "forget acknowledgement"}

type liar struct {
	*adversary
	device string
}

func newAdversary(l *lab, seed int64) *adversary {
	return &adversary{
		relay: newRelay(func() time.Time { return l.now }), rng: rand.New(rand.NewSource(seed)), planted: map[string]int{}, hidden: map[string]bool{},
		changed: map[string]string{}, past: map[string][]mailbox{}, apart: map[string]*relay{}, bad: map[string]bool{}, own: map[string]bool{},
	}
}

// lies says whether a lie is told now.
func (a *adversary) lies(kind string, p float64) bool {
	if !a.evil || a.rng.Float64() >= p {
		return false
	}
	a.planted[kind]++
	return true
}

// to is the world that a device is shown.
func (l liar) to() *relay {
	if r := l.apart[l.device]; r != nil {
		return r
	}
	return l.relay
}

func (m *mailbox) copy() mailbox {
	c := *m
	c.letters, c.time, c.known = slices.Clone(m.letters), map[int64]int64{}, map[string]bool{}
	for n, t := range m.time {
		c.time[n] = t
	}
	for id := range m.known {
		c.known[id] = true
	}
	return c
}

func (r *relay) copy() *relay {
	c := newRelay(r.now)
	for id, m := range r.boxes {
		box := m.copy()
		c.boxes[id] = &box
	}
	return c
}

func (l liar) Open(ctx context.Context, b sync.Box, life time.Duration) (sync.Standing, error) {
	if m := l.relay.boxes[b.ID]; m != nil {
		l.past[b.ID] = append(l.past[b.ID], m.copy())
		if l.lies("roll back", 0.1) {
			old := l.past[b.ID][l.rng.Intn(len(l.past[b.ID]))].copy()
			l.relay.boxes[b.ID] = &old
		}
	}
	if l.lies("split", 0.05) {
		l.apart[l.device] = l.relay.copy()
	}
	return l.to().Open(ctx, b, life)
}

func (l liar) List(ctx context.Context, b sync.Box, after int64) ([]sync.Letter, bool, error) {
	if l.lies("no answer", 0.05) {
		return nil, false, fmt.Errorf("no route to host")
	}
	l.replay(b)
	list, more, err := l.to().List(ctx, b, after)
	list = slices.DeleteFunc(list, func(letter sync.Letter) bool {
		if l.lies("hide", 0.05) {
			l.hidden[l.device+letter.ID] = true
		}
		return l.hidden[l.device+letter.ID] && l.evil
	})
	if len(list) > 1 && l.lies("swap", 0.1) {
		i, j := l.rng.Intn(len(list)), l.rng.Intn(len(list))
		list[i].ID, list[i].Sealed, list[i].Size, list[j].ID, list[j].Sealed, list[j].Size = list[j].ID, list[j].Sealed, list[j].Size, list[i].ID, list[i].Sealed, list[i].Size
	}
	for i := range list {
		if list[i].Sealed != "" {
			list[i].Sealed = l.show(list[i], list[i].Sealed)
		}
	}
	return list, more, err
}

// replay puts letters in again that were there before.
func (l liar) replay(b sync.Box) {
	m := l.to().boxes[b.ID]
	if m == nil || len(l.all) == 0 || !l.lies("replay", 0.1) {
		return
	}
	old := l.all[l.rng.Intn(len(l.all))]
	if old.box.ID != b.ID {
		return
	}
	old.Letter.ID = fmt.Sprintf("again-%d", l.rng.Int63())
	m.put(old.Letter, l.now())
}

// show is what a device gets to read of a letter.
func (l liar) show(letter sync.Letter, sealed string) string {
	at := l.rng.Intn(len(sealed))
	shown := sealed
	switch {
	case l.lies("flip", 0.03):
		c := byte('A')
		if sealed[at] == 'A' {
			c = 'B'
		}
		shown = sealed[:at] + string(c) + sealed[at+1:]
	case l.lies("truncate", 0.03):
		shown = sealed[:at]
	case l.lies("other mailbox", 0.03):
		shown = l.foreign()
	}
	// What was listed and could not be read is shown again. A device knows its own
	// letters without opening them.
	if key := l.device + " " + letter.ID; shown != sealed && !l.own[l.device+letter.ID] {
		l.bad[key] = true
	} else {
		delete(l.bad, key)
	}
	return shown
}

func (l liar) Fetch(ctx context.Context, b sync.Box, letter sync.Letter) (string, error) {
	if l.lies("no answer", 0.05) {
		return "", fmt.Errorf("reset by peer")
	}
	text, err := l.to().Fetch(ctx, b, letter)
	if err == nil {
		text = l.show(letter, text)
	}
	return text, err
}

func (l liar) Deposit(ctx context.Context, b sync.Box, id, sealed string) error {
	l.own[l.device+id] = true
	switch {
	case l.lies("drop", 0.1):
		return nil
	case l.lies("duplicate", 0.1):
		l.to().Deposit(ctx, b, fmt.Sprintf("twice-%d", l.rng.Int63()), sealed)
	case l.lies("lost answer", 0.1):
		l.to().Deposit(ctx, b, id, sealed)
		return fmt.Errorf("timeout")
	}
	return l.to().Deposit(ctx, b, id, sealed)
}

func (l liar) Ack(ctx context.Context, b sync.Box, numbers []int64) error {
	if l.lies("forget acknowledgement", 0.2) {
		return nil
	}
	return l.to().Ack(ctx, b, numbers)
}

// TestT2_HostileRelay: whatever a relay does, no device takes in what nobody wrote,
// and as soon as the relay behaves all have the same again, and all of it.
func TestT2_HostileRelay(t *testing.T) {
	runs := 1000
	if raced || short {
		runs = 40
	}
	planted, rolled, badly := map[string]int{}, 0, 0
	for seed := range runs {
		a := hostile(t, int64(seed), &rolled)
		for kind, n := range a.planted {
			planted[kind] += n
		}
		badly += len(a.bad)
		if t.Failed() {
			t.Fatalf("run %d", seed)
		}
	}
	t.Logf("%d runs, planted %v; %d letters were shown changed, and each was noticed; %d times a device noticed that a mailbox was put back", runs, planted, badly, rolled)
	for _, kind := range kinds {
		if planted[kind] < runs/4 {
			t.Errorf("%s: %d times in %d runs", kind, planted[kind], runs)
		}
	}
	if rolled == 0 {
		t.Error("no mailbox was seen to be put back")
	}
}

func hostile(t *testing.T, seed int64, rolled *int) *adversary {
	t.Helper()
	l := newLab(t)
	l.plain = seed >= sealed
	a := newAdversary(l, seed)
	for _, id := range []string{"a", "b", "c"} {
		l.device(id, liar{a, id})
	}
	first := l.devices[0]
	first.found()
	first.invite(l.devices[1])
	first.invite(l.devices[2])
	l.settle(3, l.devices...)
	a.foreign = func() string { return foreignLetter }
	a.evil = true
	wrote := map[string]string{}
	for range 14 {
		d := l.devices[a.rng.Intn(3)]
		switch n := a.rng.Intn(10); {
		case n < 4:
			for _, id := range d.add(text(a.rng.Intn(3000)+1, fmt.Sprint("record ", len(wrote)))) {
				wrote[id] = digest(d.disk.records[id])
			}
		case n == 4:
			d.roll()
		case n == 5:
			l.now = l.now.Add(time.Duration(a.rng.Intn(50)) * time.Hour)
		case n == 6:
			d.start()
		}
		for _, d := range l.devices {
			if a.rng.Intn(2) == 0 {
				d.engine.Round(ctx, profile) // which may well fail
			}
		}
	}
	for _, d := range l.devices {
		if s, _ := d.engine.Round(ctx, profile); !s.RolledBack.IsZero() {
			*rolled++
		}
	}
	a.evil = false
	clear(a.apart)
	for range 40 {
		l.settle(1, l.devices...)
		l.now = l.now.Add(10 * time.Hour)
		if l.done() {
			break
		}
	}
	l.same(l.devices...)
	for _, d := range l.devices {
		if s := d.round(); !s.UpToDate || len(s.Unread)+len(s.Missing)+len(s.Forked) > 0 || s.Twin {
			t.Errorf("%s: %+v", d.id, s)
		}
		shown := 0
		for key := range a.bad {
			if strings.HasPrefix(key, d.id+" ") {
				shown++
			}
		}
		if s := d.round(); s.Damaged < shown {
			t.Errorf("%s was shown %d changed letters, and noticed %d", d.id, shown, s.Damaged)
		}
		for id, b := range d.disk.records {
			if wrote[id] != digest(b) {
				t.Errorf("%s took in a record that nobody wrote", d.id)
			}
		}
		if len(d.disk.records) != len(wrote) {
			t.Errorf("%s has %d records of %d", d.id, len(d.disk.records), len(wrote))
		}
	}
	return a
}

// done says whether all devices hold the same and say that all is well.
func (l *lab) done() bool {
	for _, d := range l.devices {
		if s := d.round(); !s.UpToDate || len(s.Unread)+len(s.Missing) > 0 || d.all() != l.devices[0].all() {
			return false
		}
	}
	return true
}

// foreignLetter is a letter to an epoch of somebody else.
var foreignLetter = must(sync.Seal([]sync.Item{{Kind: "entry", Body: []byte("x")}}, must(age.GenerateHybridIdentity()).Recipient()))
