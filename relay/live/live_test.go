package live_test

import (
	"fmt"
	"sync"
	"testing"

	"potli/relay/live"
)

func woken(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestHub(t *testing.T) {
	h := live.New(2)
	a, leaveA, _ := h.Listen("x")
	b, leaveB, _ := h.Listen("x")
	other, leaveOther, _ := h.Listen("y")
	if _, _, ok := h.Listen("x"); ok {
		t.Error("a third one waits")
	}
	for i, step := range []struct {
		seq  int64
		want bool
	}{{1, true}, {1, false}, {3, true}, {2, false}, {4, true}} {
		h.Arrived("x", step.seq)
		if woken(a) != step.want || woken(b) != step.want || woken(other) {
			t.Errorf("step %d: not all and only those of x were woken", i)
		}
	}
	h.Arrived("x", 5)
	h.Arrived("x", 6) // nobody has looked yet: once is enough, and nobody is waited for
	if !woken(a) || woken(a) {
		t.Error("woken another number of times than once")
	}
	leaveA()
	leaveB()
	leaveOther()
	if n := h.Boxes(); n != 0 {
		t.Errorf("%d mailboxes are remembered", n)
	}
	h.Arrived("x", 1)
	if woken(a) {
		t.Error("who left is woken")
	}
	c, leave, ok := h.Listen("x")
	if h.Arrived("x", 1); !ok || !woken(c) {
		t.Error("a new one at the same place is not woken")
	}
	leave()
	h.End()
	h.End()
	<-h.Done()
}

// TestHubParallel: nobody sleeps through what arrives after they listen.
func TestHubParallel(t *testing.T) {
	h := live.New(1000)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			box := fmt.Sprint(i % 5)
			for n := range int64(200) {
				c, leave, ok := h.Listen(box)
				if !ok {
					t.Error("no place")
					return
				}
				h.Arrived(box, int64(i)*1000+n+1)
				h.Arrived(box, 1<<40+int64(i)*1000+n)
				leave()
				_ = c
			}
		})
	}
	all.Wait()
	if n := h.Boxes(); n != 0 {
		t.Errorf("%d mailboxes are remembered", n)
	}
}
