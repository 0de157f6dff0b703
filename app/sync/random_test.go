package sync_test

import (
	"fmt"
	"math/rand"
	"potli/app/sync/synctest"
	"testing"
	"time"
)

// TestAnyOrder: three to five devices write, make epochs and take turns at random,
// some of them away for long. Then all hold the same, byte for byte, and everything
// that anybody has written.
func TestAnyOrder(t *testing.T) {
	runs := 60
	if raced || short {
		runs = 3
	}
	for seed := range runs {
		rng := rand.New(rand.NewSource(int64(seed)))
		l := newLab(t)
		r := synctest.New(func() time.Time { return l.now })
		first := l.device("a", r)
		first.found()
		for _, id := range []string{"b", "c", "d", "e"}[:2+rng.Intn(3)] {
			first.invite(l.device(id, r))
		}
		l.settle(3, l.devices...)
		wrote := 0
		for range 20 + rng.Intn(20) {
			d := l.devices[rng.Intn(len(l.devices))]
			switch n := rng.Intn(20); {
			case d.disk.chain() == nil, n < 9:
				d.round()
			case n < 15:
				d.add(text(rng.Intn(9000)+1, fmt.Sprint("record ", wrote)))
				wrote++
			case n < 17:
				d.roll()
			case n < 19:
				l.now = l.now.Add(time.Duration(rng.Intn(100)) * time.Hour)
			default:
				d.start()
			}
		}
		for range 12 {
			rng.Shuffle(len(l.devices), func(i, j int) { l.devices[i], l.devices[j] = l.devices[j], l.devices[i] })
			l.settle(1, l.devices...)
		}
		l.same(l.devices...)
		l.calm(l.devices...)
		if got := len(first.disk.fold().keeps); got != wrote {
			t.Errorf("run %d: %d records of %d", seed, got, wrote)
		}
		if t.Failed() {
			t.Fatalf("run %d", seed)
		}
	}
}
