package worker_test

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"potli/relay/loadtest"
	"potli/relay/storetest"
	"potli/relay/wire"
)

// TestFigures measures the relay in workerd as the native ones are measured, and
// judges nothing.
func TestFigures(t *testing.T) {
	if os.Getenv("POTLI_BENCH") == "" {
		t.Skip("measured by make bench")
	}
	s := start(t, program(t), "CALM=-1")
	report, err := loadtest.Target{
		Name: "Workers, in workerd", Base: s.Base, Processes: []int{s.cmd.Process.Pid}, Self: os.Getpid(), Now: time.Now,
		Links: 100_000, Clients: 32, Threads: 1, Each: 5 * time.Second, More: 200_000,
	}.Run()
	fmt.Printf("\n%s\n", report)
	if err != nil {
		t.Error(err)
	}
}

// TestFiguresProgram measures one Go program: how long it takes to start, and what
// it keeps of 40,000 requests when nobody replaces it.
func TestFiguresProgram(t *testing.T) {
	if os.Getenv("POTLI_BENCH") == "" {
		t.Skip("measured by make bench")
	}
	dir := testProgram(t)
	began := time.Now()
	s := start(t, dir, "SHARDS=16")
	fmt.Printf("\nWorkers, in workerd: %v from the start of the process to its first answer\n", time.Since(began).Round(time.Millisecond))
	c := s.client()
	var first, second []time.Duration
	for i := range shards {
		o := &storetest.Owned{Client: c}
		for n := 0; ; n++ {
			if o.ID = storetest.ID(fmt.Sprint("cold ", i, n)); shardOf(o.ID) == i {
				break
			}
		}
		for _, took := range []*[]time.Duration{&first, &second} {
			began := time.Now()
			c.Get(t, o.ID, "a")
			*took = append(*took, time.Since(began))
		}
	}
	slices.Sort(first)
	slices.Sort(second)
	fmt.Printf("  first request of a shard %v (median), the second %v\n", first[shards/2].Round(100*time.Microsecond), second[shards/2].Round(100*time.Microsecond))
	s.test(0, "limit&name=requests&value=1000000")
	o := inShard(t, c, 0, "many", "U", func(w *wire.Create) { w.Uses = wire.MaxUses })
	for round := range 5 {
		st := s.state(0)
		fmt.Printf("  after %6d requests: %.1f MB of WebAssembly, %d values of JavaScript held\n", st.Requests, float64(st.Memory)/1e6, st.Held)
		if round == 4 {
			break
		}
		many(t, 16, 10_000, func(i int) (storetest.Answer, error) {
			if i%2 == 0 {
				return c.Try("GET", wire.LinkPath+o.ID+"?recipient=a", nil, nil)
			}
			return c.Try("POST", wire.LinkPath+o.ID, wire.ManifestRequest{Recipient: "a"}, nil)
		})
	}
}
