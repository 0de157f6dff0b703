package wallet_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"potli/app/record"
	"potli/app/wallet"
)

func ist(y int, m time.Month, d, hour, minute int) time.Time {
	return time.Date(y, m, d, hour, minute, 0, 0, time.FixedZone("IST", 330*60))
}

// set puts the clock of this browser to a time.
func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
}

// at opens the wallet at a time, as on a day in between.
func (b *bench) at(t time.Time) *bench {
	b.t.Helper()
	b.clock.set(t)
	b.restart()
	return b.unlock()
}

// notice is what is due for somebody, and whether it was read; -1 for nothing.
func (b *bench) notice(id record.ProfileID) (days int, read bool) {
	b.t.Helper()
	if c, ok := b.Snapshot().ComingOf(id); ok {
		return c.Notice, c.Read
	}
	return -1, false
}

// TestComingOfAge (F2, T27): notices 90 and 30 days before the 18th birthday and on it, from its first moment in India;
// the leap day included.
func TestComingOfAge(t *testing.T) {
	b := newBench(t).create()
	b.clock.set(ist(2026, time.June, 12, 10, 0))
	child := b.add(wallet.Person{Name: "Aarav", Kin: wallet.KinChild, BirthDate: "2010-07-01"})
	leap := b.add(wallet.Person{Name: "Leela", Kin: wallet.KinOther, BirthDate: "2012-02-29"})
	silent := []wallet.Person{
		b.add(wallet.Person{Name: "a parent", Kin: wallet.KinParent, BirthDate: "2010-07-01"}),
		b.add(wallet.Person{Name: "a year alone", Kin: wallet.KinChild, BirthDate: "2010"}),
		b.add(wallet.Person{Name: "a month alone", Kin: wallet.KinChild, BirthDate: "2010-07"}),
		b.add(wallet.Person{Name: "of age when added", Kin: wallet.KinOther, BirthDate: "2008-06-11"}),
	}
	for _, tt := range []struct {
		at   time.Time
		who  record.ProfileID
		want int
		left int
	}{
		{ist(2026, time.June, 12, 10, 0), child.ID, -1, 0},
		{ist(2028, time.April, 1, 23, 59), child.ID, -1, 0},
		{ist(2028, time.April, 2, 0, 0), child.ID, 90, 90},
		{ist(2028, time.May, 31, 23, 59), child.ID, 90, 31},
		{ist(2028, time.June, 1, 0, 0), child.ID, 30, 30},
		{ist(2028, time.June, 30, 23, 59), child.ID, 30, 1},
		{ist(2028, time.July, 1, 0, 0), child.ID, 0, 0},
		{ist(2030, time.February, 28, 23, 59), leap.ID, 30, 1}, // 2030 has no 29 February: it is 1 March
		{ist(2030, time.March, 1, 0, 0), leap.ID, 0, 0},
		{ist(2031, time.June, 1, 0, 0), child.ID, 0, 0},
	} {
		b.at(tt.at)
		if got, _ := b.notice(tt.who); got != tt.want {
			t.Errorf("%s: notice %d, want %d", tt.at, got, tt.want)
		}
		if c, ok := b.Snapshot().ComingOf(tt.who); ok && (c.Days != tt.left || c.Age != 18) {
			t.Errorf("%s: %d days are left, want %d", tt.at, c.Days, tt.left)
		}
		for _, p := range silent {
			if got, _ := b.notice(p.ID); got >= 0 {
				t.Errorf("%s: a notice for %s", tt.at, p.Name)
			}
		}
	}
}

// TestNoticeWhileOpen: the day comes while the wallet lies open on the table.
func TestNoticeWhileOpen(t *testing.T) {
	b := newBench(t).create()
	child := b.add(wallet.Person{Name: "Aarav", Kin: wallet.KinChild, BirthDate: "2010-07-01"})
	if err := b.SetSettings(t.Context(), wallet.Settings{}); err != nil { // never locks itself
		t.Fatal(err)
	}
	b.clock.set(ist(2028, time.June, 30, 23, 59))
	b.Tick(t.Context())
	if got, _ := b.notice(child.ID); got != 30 {
		t.Fatalf("the evening before: %d", got)
	}
	b.clock.add(2 * time.Minute)
	b.Tick(t.Context())
	if got, _ := b.notice(child.ID); got != 0 {
		t.Errorf("after midnight: %d", got)
	}
}

// TestNoticeIsRead: it is put away until the next one is due, and that is remembered.
func TestNoticeIsRead(t *testing.T) {
	b := newBench(t).create()
	ctx := t.Context()
	child := b.add(wallet.Person{Name: "Aarav", Kin: wallet.KinChild, BirthDate: "2010-07-01"})
	if err := b.ReadNotice(ctx, child.ID); !errors.Is(err, wallet.ErrNoPerson) {
		t.Errorf("reading what is not due: %v", err)
	}
	for _, tt := range []struct {
		at     time.Time
		notice int
		read   bool // before it is read now
	}{
		{ist(2028, time.April, 10, 9, 0), 90, false}, {ist(2028, time.May, 10, 9, 0), 90, true},
		{ist(2028, time.June, 10, 9, 0), 30, false}, {ist(2028, time.June, 20, 9, 0), 30, true},
		{ist(2028, time.July, 2, 9, 0), 0, false}, {ist(2028, time.August, 2, 9, 0), 0, true},
	} {
		b.at(tt.at)
		if days, read := b.notice(child.ID); days != tt.notice || read != tt.read {
			t.Errorf("%s: notice %d, read %v", tt.at, days, read)
		}
		if unread := len(b.Snapshot().Unread()); (unread == 0) != tt.read {
			t.Errorf("%s: %d unread", tt.at, unread)
		}
		if err := b.ReadNotice(ctx, child.ID); err != nil {
			t.Fatal(err)
		}
		if len(b.Snapshot().Unread()) != 0 {
			t.Errorf("%s: read, and still there", tt.at)
		}
	}
}

// TestClockPutBack (T27): a clock that is put back makes nobody younger, also after a reload.
func TestClockPutBack(t *testing.T) {
	b := newBench(t).create()
	child := b.add(wallet.Person{Name: "Aarav", Kin: wallet.KinChild, BirthDate: "2010-07-01"})
	b.at(ist(2028, time.July, 1, 0, 0))
	b.at(ist(2026, time.June, 12, 9, 0))
	if got, _ := b.notice(child.ID); got != 0 {
		t.Errorf("notice %d after the clock was put back", got)
	}
}

// TestNoticeForWhomAnEarlierReleaseAdded: of whom it is not known since when they are here, only who was seen coming.
func TestNoticeForWhomAnEarlierReleaseAdded(t *testing.T) {
	var old []wallet.Person
	if err := json.Unmarshal([]byte(`[{"id":"self","name":"Meera","colour":0},{"id":"boy","name":"Aarav","birthDate":"2010-07-01","colour":1},
		{"id":"aunt","name":"Sita","birthDate":"1958-03-14","colour":2}]`), &old); err != nil {
		t.Fatal(err)
	}
	b := newBench(t).create()
	b.SetPeople(t, old)
	b.at(ist(2028, time.June, 15, 9, 0))
	if got, _ := b.notice("boy"); got != 30 {
		t.Errorf("before the day: %d", got)
	}
	b.at(ist(2028, time.July, 1, 9, 0))
	if got, _ := b.notice("boy"); got != 0 {
		t.Errorf("on the day: %d", got)
	}
	if got, _ := b.notice("aunt"); got >= 0 {
		t.Errorf("a notice for somebody of 70: %d", got)
	}
	if !reflect.DeepEqual(b.Snapshot().People, old) {
		t.Error("opening changed the people")
	}
}

// TestNoNoticeOfTheHidden: a notice names somebody.
func TestNoNoticeOfTheHidden(t *testing.T) {
	b := newBench(t).create()
	child := b.add(wallet.Person{Name: "Aarav", Kin: wallet.KinChild, BirthDate: "2010-07-01"})
	b.at(ist(2028, time.July, 1, 9, 0))
	if err := b.Hide(child.ID); err != nil {
		t.Fatal(err)
	}
	if _, ok := b.Snapshot().ComingOf(child.ID); ok || len(b.Snapshot().Unread()) != 0 {
		t.Error("a notice of somebody who is hidden")
	}
}
