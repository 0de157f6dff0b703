package family_test

import (
	"flag"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// inParallel runs seeds on all processors until one fails.
func inParallel(t *testing.T, n int, one func(seed uint64) error) {
	t.Helper()
	var next atomic.Uint64
	var wg sync.WaitGroup
	var mu sync.Mutex
	failed := map[uint64]error{}
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for seed := next.Add(1); seed <= uint64(n); seed = next.Add(1) {
				if err := one(seed); err != nil {
					mu.Lock()
					failed[seed] = err
					mu.Unlock()
					next.Store(uint64(n))
				}
			}
		})
	}
	wg.Wait()
	for _, seed := range slices.Sorted(maps.Keys(failed)) {
		t.Errorf("history %d: %v", seed, failed[seed])
	}
}

// tally is what many histories came to.
type tally struct {
	writes, records, void, checked, lost atomic.Int64
}

func (c *tally) add(s *story) {
	st := s.devices()[0].state()
	c.writes.Add(int64(st.Size()))
	c.records.Add(int64(len(s.records)))
	c.void.Add(int64(len(st.Void)))
	c.checked.Add(int64(s.checked))
	c.lost.Add(int64(s.lost))
}

// sane says whether the histories had in them what they are for.
func (c *tally) sane(t *testing.T, n int) {
	t.Helper()
	t.Logf("%d histories: %d operations, %d of them void, %d records; %d devices open what is theirs, %d were set back too far",
		n, c.writes.Load(), c.void.Load(), c.records.Load(), c.checked.Load(), c.lost.Load())
	if c.records.Load() < int64(n)/2 || c.void.Load() < int64(n)/20 || c.lost.Load()*20 > c.checked.Load() {
		t.Error("these histories show too little")
	}
}

func symbolic(seed uint64, f faults, c *tally) error {
	rng := rand.New(rand.NewPCG(seed, 25))
	y := newSymbols(rng)
	y.arrival = f.arrival
	s := tell(rng, y, *longer+6+int(seed%14), f)
	err := s.check()
	c.add(s)
	return err
}

var (
	histories = flag.Int("histories", 100_000, "how many histories with keys that are numbers")
	longer    = flag.Int("longer", 0, "by how many steps they are longer")
)

func TestT25_Histories(t *testing.T) {
	n := *histories
	if raced || testing.Short() || runtime.GOOS == "js" {
		n = min(n, 400)
	}
	var c tally
	inParallel(t, n, func(seed uint64) error { return symbolic(seed, faults{}, &c) })
	c.sane(t, n)
}

var history = flag.Uint64("history", 0, "print what happens in this history, as TestT25_Histories names it")

func TestOneHistory(t *testing.T) {
	if *history == 0 {
		return
	}
	rng := rand.New(rand.NewPCG(*history, 25))
	s := tell(rng, newSymbols(rng), *longer+6+int(*history%14), faults{}, t.Log)
	t.Log(s.check())
	y := s.realm.(*symbols)
	t.Log(len(y.ops), "operations,", len(y.docs), "documents,", len(y.states), "states,", len(s.all()), "devices")
	st := s.devices()[0].state()
	for _, v := range st.Void {
		t.Log(v.User, v.Device, v.Kind, v.Why)
	}
	for _, m := range st.Members {
		t.Log(m.User, m.Role, m.From, m.Devices)
	}
}
