package worker_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"potli/relay/loadtest"
)

// TestFigures measures the relay in workerd as the native ones are measured, and
// judges nothing. It makes fewer links: more than so many in a minute are asked
// for proof of work.
func TestFigures(t *testing.T) {
	if os.Getenv("POTLI_BENCH") == "" {
		t.Skip("measured by make bench")
	}
	s := start(t, program(t))
	report, err := loadtest.Target{
		Name: "Workers, in workerd", Base: s.Base, Processes: []int{s.cmd.Process.Pid}, Self: os.Getpid(), Now: time.Now,
		Links: 2_000, Clients: 32, Each: 5 * time.Second, More: 4_000,
	}.Run()
	fmt.Printf("\n%s\n", report)
	if err != nil {
		t.Error(err)
	}
}
