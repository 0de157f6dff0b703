package sync_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"potli/app/sync"
	"potli/app/sync/synctest"
)

// adversary is a relay that lies to each device as it likes. It has no key.
type adversary struct {
	lab     *lab
	relay   *synctest.Relay   // nil when it is a real one, which nobody but itself can put back
	real    sync.Mail         // that one
	sent    []synctest.Posted // everything that came to it
	rng     *rand.Rand
	evil    bool
	planted map[string]int
	hidden  map[string]bool               // device and letter
	past    map[string][]synctest.Mailbox // states to put mailboxes back to
	apart   map[string]*synctest.Relay    // devices that are shown a world of their own
	bad     map[string]bool               // device and letter: of others, and last shown changed
	own     map[string]bool               // device and id: deposited by it
}

// kinds are the ways to lie.
var kinds = []string{"drop", "hide", "duplicate", "swap", "truncate", "flip", "replay", "other mailbox", "roll back", "split", "no answer", "lost answer", "forget acknowledgement"}

type liar struct {
	*adversary
	device string
}

func newAdversary(l *lab, seed int64, real sync.Mail) *adversary {
	a := &adversary{
		lab: l, real: real, rng: rand.New(rand.NewSource(seed)), planted: map[string]int{}, hidden: map[string]bool{},
		past: map[string][]synctest.Mailbox{}, apart: map[string]*synctest.Relay{}, bad: map[string]bool{}, own: map[string]bool{},
	}
	if real == nil {
		a.relay = synctest.New(func() time.Time { return l.now })
	}
	return a
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
func (l liar) to() sync.Mail {
	switch r := l.apart[l.device]; {
	case l.real != nil:
		return l.real
	case r != nil:
		return r
	}
	return l.relay
}

func (l liar) Open(ctx context.Context, b sync.Box, life time.Duration) (sync.Standing, error) {
	if l.real != nil {
		return l.real.Open(ctx, b, life)
	}
	if m := l.relay.Boxes[b.ID]; m != nil {
		l.past[b.ID] = append(l.past[b.ID], m.Copy())
		if l.lies("roll back", 0.1) {
			old := l.past[b.ID][l.rng.Intn(len(l.past[b.ID]))].Copy()
			l.relay.Boxes[b.ID] = &old
		}
	}
	if l.lies("split", 0.05) {
		l.apart[l.device] = l.relay.Copy()
	}
	return l.to().Open(ctx, b, life)
}

func (l liar) List(ctx context.Context, b sync.Box, after int64) ([]sync.Letter, bool, error) {
	if l.lies("no answer", 0.05) {
		return nil, false, fmt.Errorf("no route to host")
	}
	l.replay(ctx, b)
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

// replay puts a letter in again that was there before.
func (l liar) replay(ctx context.Context, b sync.Box) {
	if len(l.sent) == 0 || !l.lies("replay", 0.1) {
		return
	}
	if old := l.sent[l.rng.Intn(len(l.sent))]; old.Box.ID == b.ID {
		_ = l.to().Deposit(ctx, b, l.id(), old.Sealed)
	}
}

// id is one that a sender could have chosen.
func (a *adversary) id() string {
	b := make([]byte, 16)
	a.rng.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
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
		shown = foreignLetter
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
	l.sent = append(l.sent, synctest.Posted{Box: b, Letter: sync.Letter{ID: id, Sealed: sealed}})
	switch {
	case l.lies("drop", 0.1):
		return nil
	case l.lies("duplicate", 0.1):
		_ = l.to().Deposit(ctx, b, l.id(), sealed)
	case l.lies("lost answer", 0.1):
		_ = l.to().Deposit(ctx, b, id, sealed)
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

// TestT2_HostileRelay: the first runs are done with real letters and records, the
// others for breadth. Whatever a relay does, no device takes in what nobody wrote,
// and as soon as the relay behaves all have the same again, and all of it.
func TestT2_HostileRelay(t *testing.T) {
	runs, sealed := 1000, 50
	if raced || short {
		runs, sealed = 16, 2
	}
	planted, rolled, badly := map[string]int{}, 0, 0
	for seed := range runs {
		l := newLab(t)
		l.plain = seed >= sealed
		a := newAdversary(l, int64(seed), nil)
		rolled += l.endure(a)
		for kind, n := range a.planted {
			planted[kind] += n
		}
		badly += len(a.bad)
		if t.Failed() {
			t.Fatalf("run %d", seed)
		}
	}
	t.Logf("%d runs, planted %v; %d letters were shown changed, and each was noticed; %d times a device noticed that a mailbox was put back", runs, planted, badly, rolled)
	if runs < 1000 {
		return // too few to count
	}
	for _, kind := range kinds {
		if planted[kind] < runs/4 {
			t.Errorf("%s: %d times in %d runs", kind, planted[kind], runs)
		}
	}
	if rolled == 0 {
		t.Error("no mailbox was seen to be put back")
	}
}

// endure plays a story of three devices and a relay that lies, and then does not,
// and says how often a device noticed that a mailbox was put back.
func (l *lab) endure(a *adversary) (rolled int) {
	t := l.t
	t.Helper()
	for _, id := range []string{"a", "b", "c"} {
		l.device(id, liar{a, id})
	}
	first := l.devices[0]
	first.found()
	first.invite(l.devices[1])
	first.invite(l.devices[2])
	l.settle(3, l.devices...)
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
			rolled++
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
	return rolled
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
