package sync_test

import (
	"testing"
	"time"
)

// TestTwo: what one writes the other has, and the relay keeps nothing longer than
// it must.
func TestTwo(t *testing.T) {
	l := newLab(t)
	r := newRelay(func() time.Time { return l.now })
	a, b := l.device("a", r), l.device("b", r)
	a.found()
	a.add([]byte("one"), []byte("two"))
	if s := a.round(); !s.UpToDate || r.calls != 0 {
		t.Errorf("alone: %+v, %d calls", s, r.calls)
	}
	a.invite(b)
	a.round()
	s := b.round()
	if s.UpToDate || !s.NeedsFullResend {
		t.Errorf("b knows nothing yet: %+v", s)
	}
	l.settle(2, a, b)
	l.same(a, b)
	b.add([]byte("three"))
	l.settle(2, b, a)
	l.same(a, b)
	for _, d := range l.devices {
		if s := d.round(); !s.UpToDate || len(s.Unread)+len(s.Missing) > 0 {
			t.Errorf("%s: %+v", d.id, s)
		}
	}
	for _, m := range r.boxes {
		if len(m.letters) > 2 {
			t.Errorf("%d letters are left", len(m.letters))
		}
	}
}
