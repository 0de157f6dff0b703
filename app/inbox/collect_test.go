package inbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"potli/app/inbox"
	"potli/app/message"
	"potli/app/message/messagetest"
	"potli/app/share"
	"potli/crypto/jose/josetest"
)

// mail is a relay with one mailbox.
type mail struct {
	created int64
	life    time.Duration
	note    string
	letters []inbox.Letter
	texts   map[int64]string
	fetched int
	closed  bool
	lose    int // so many answers of Ack
}

func (m *mail) Open(_ context.Context, _ inbox.Box, life time.Duration, note string) (inbox.Standing, error) {
	m.life, m.note, m.created = life, note, 7
	return m.standing(), nil
}

func (m *mail) standing() inbox.Standing {
	return inbox.Standing{Now: t0, Created: m.created, Entries: int64(len(m.letters))}
}

func (m *mail) Status(context.Context, inbox.Box) (inbox.Standing, error) {
	if m.closed {
		return inbox.Standing{}, share.ErrGone
	}
	return m.standing(), nil
}

func (m *mail) List(_ context.Context, _ inbox.Box, after int64) (list []inbox.Letter, more bool, err error) {
	for _, l := range m.letters {
		if l.Number <= after {
			continue
		}
		if len(list) == 200 {
			return list, true, nil
		}
		if l.Size <= 64<<10 {
			l.Sealed = m.texts[l.Number]
		}
		list = append(list, l)
	}
	return list, false, nil
}

func (m *mail) Fetch(_ context.Context, _ inbox.Box, l inbox.Letter) (string, error) {
	m.fetched++
	return m.texts[l.Number], nil
}

func (m *mail) Ack(_ context.Context, _ inbox.Box, numbers []int64) error {
	m.letters = slices.DeleteFunc(m.letters, func(l inbox.Letter) bool { return slices.Contains(numbers, l.Number) })
	if m.lose--; m.lose >= 0 {
		return share.ErrOffline
	}
	return nil
}

func (m *mail) Close(context.Context, inbox.Box) error { m.closed = true; return nil }

func (m *mail) put(sealed string) {
	if m.texts == nil {
		m.texts = map[int64]string{}
	}
	n := int64(len(m.texts) + 1)
	m.texts[n] = sealed
	m.letters = append(m.letters, inbox.Letter{Number: n, Time: t0.Add(time.Minute), Size: int64(len(sealed))})
}

// disk is a store that can be read again after a crash.
type disk struct {
	drop   []byte
	items  [][]byte
	bodies map[string][]byte
	fail   int // the call that fails, from 1
	calls  int
}

var errDisk = errors.New("the disk is full")

func (s *disk) Keep(_ context.Context, d *inbox.Drop, a *inbox.Arrival) error {
	if s.calls++; s.calls == s.fail {
		return errDisk
	}
	s.drop, _ = json.Marshal(d)
	if a != nil {
		b, _ := json.Marshal(a.Item)
		s.items = append(s.items, b)
		if s.bodies == nil {
			s.bodies = map[string][]byte{}
		}
		s.bodies[a.Item.ID] = a.Body
	}
	return nil
}

// restart is the inbox as it is after a crash.
func (s *disk) restart(t testing.TB, d *inbox.Drop) (*inbox.Inbox, *inbox.Drop) {
	t.Helper()
	b, back := &inbox.Inbox{}, *d
	if s.drop != nil {
		back = inbox.Drop{}
		if err := json.Unmarshal(s.drop, &back); err != nil {
			t.Fatal(err)
		}
	}
	for _, raw := range s.items {
		var it inbox.Item
		if err := json.Unmarshal(raw, &it); err != nil {
			t.Fatal(err)
		}
		b.Items = append(b.Items, &it)
	}
	b.Drops = []*inbox.Drop{&back}
	return b, &back
}

func clock() time.Time { return t0.Add(2 * time.Hour) } // after the code has expired

// Nothing is lost and nothing comes twice, wherever it stops: at any write, or
// when the relay's answer does not come.
func TestCollectSurvives(t *testing.T) {
	first := newDrop(t, nil)
	first.Begun = 0
	var want, sealed []string
	for i, size := range []int{10, 100_000, 10} {
		m := post(t, first, report(fmt.Sprint(i), size))
		want = append(want, m.ID)
		sealed = append(sealed, seal(t, first, messagetest.Pack(t, m, nil)), "e30..garbage")
		if i == 0 {
			sealed = append(sealed, seal(t, first, messagetest.Pack(t, m, nil))) // a replay
		}
	}
	for fail := range 8 {
		for _, lose := range []int{0, 1} {
			copied := *first
			d, box, store := &copied, &mail{lose: lose}, &disk{fail: fail}
			if err := d.Open(ctx, box, func() time.Time { return t0 }); err != nil {
				t.Fatal(err)
			}
			for _, text := range sealed {
				box.put(text)
			}
			b := &inbox.Inbox{}
			for try := 0; ; try++ {
				r, err := b.Collect(ctx, box, d, store, clock)
				if err == nil {
					if r.Waits != 0 {
						t.Errorf("%d wait", r.Waits)
					}
					break
				}
				if try > 3 {
					t.Fatal(err)
				}
				b, d = store.restart(t, d)
			}
			var got []string
			for _, it := range b.Items {
				got = append(got, it.ID)
				if m, err := message.Parse(store.bodies[it.ID]); err != nil || m.ID != it.ID {
					t.Errorf("the body of an item: %v", err)
				}
			}
			if !slices.Equal(got, want) || d.Refused[inbox.Malformed] != 3 || d.Refused[inbox.Replayed] != 1 || len(box.letters) != 0 {
				t.Errorf("write %d fails, %d answers lost: %v, want %v; refused %v", fail, lose, got, want, d.Refused)
			}
		}
	}
}

// A thousand drops in a minute, of which the last is the one that matters: never
// more than twenty at a time, the rest counted, none lost.
func TestFlood(t *testing.T) {
	d := newDrop(t, func(t *inbox.Terms) { t.Most = 100 })
	box, store, b := &mail{}, &disk{}, &inbox.Inbox{}
	if err := d.Open(ctx, box, func() time.Time { return t0 }); err != nil {
		t.Fatal(err)
	}
	for i := range 999 {
		m := post(t, d)
		m.Text = fmt.Sprint("buy now ", i)
		box.put(seal(t, d, messagetest.Pack(t, m, nil)))
	}
	matters := post(t, d, report("the one", 100_000))
	box.put(seal(t, d, messagetest.Pack(t, matters, josetest.EdDSA("clinic"))))
	seen := 0
	for round := 0; b.Item(matters.ID) == nil; round++ {
		r, err := b.Collect(ctx, box, d, store, clock)
		if err != nil || round > 60 {
			t.Fatal(round, err)
		}
		waiting := b.Waiting(clock())
		if seen += len(r.Arrived); len(waiting) > inbox.MaxWaiting || r.Refused != 0 || int64(seen)+r.Waits != 1000 || d.Waits != r.Waits {
			t.Fatalf("round %d: %d wait here, %d there, %d refused", round, len(waiting), r.Waits, r.Refused)
		}
		if b.Item(matters.ID) == nil && box.fetched > 0 {
			t.Fatal("fetched what there was no room for")
		}
		for _, it := range waiting {
			if it.ID != matters.ID {
				it.Decline(clock())
			}
		}
	}
	if err := b.Item(matters.ID).Accept(clock()); err != nil {
		t.Error(err)
	}
}

// A mailbox that the relay made anew counts from one again; what was done in the
// former one says nothing of it.
func TestAnotherMailbox(t *testing.T) {
	d := newDrop(t, nil)
	box, store, b := &mail{}, &disk{}, &inbox.Inbox{}
	d.Begun, d.Done = 3, []int64{1}
	box.created = 7
	box.put(seal(t, d, messagetest.Pack(t, post(t, d, messagetest.PDF), nil)))
	if r, err := b.Collect(ctx, box, d, store, clock); err != nil || len(r.Arrived) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

// endless is a relay whose list of letters has no end.
type endless struct{ mail }

func (m *endless) List(_ context.Context, _ inbox.Box, after int64) ([]inbox.Letter, bool, error) {
	list := make([]inbox.Letter, 500)
	for i := range list {
		list[i] = inbox.Letter{Number: after + int64(i) + 1, Time: t0, Size: 9, Sealed: "no letter"}
	}
	return list, true, nil
}

// A relay that lists letters without end holds up nobody, and what it lists is counted.
func TestCollectEnds(t *testing.T) {
	d := newDrop(t, nil)
	m := &endless{mail{letters: make([]inbox.Letter, 1)}}
	if err := d.Open(t.Context(), m, clock); err != nil {
		t.Fatal(err)
	}
	r, err := (&inbox.Inbox{}).Collect(t.Context(), m, d, &disk{}, clock)
	if err != nil || r.Refused == 0 || r.Refused > 10_000 || len(d.Done) != 0 {
		t.Errorf("%+v, %v, %d numbers kept", r, err, len(d.Done))
	}
}
