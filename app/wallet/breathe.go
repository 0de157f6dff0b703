package wallet

import (
	"runtime"
	"time"
)

// slice is how long the wallet computes on the thread of the screen before it
// lets the browser draw and listen. A slow phone overruns it by one step.
const slice = 12 * time.Millisecond

// machineTime is the real clock, not Deps.Now: it measures the machine, not the
// day, and nothing but the length of a pause depends on it.
var machineTime = time.Now

// breather divides a long computation.
type breather struct{ since time.Time }

func newBreather() *breather { return &breather{since: machineTime()} }

// rest gives the thread back when the slice is used up. Gosched would not do:
// the browser comes to its turn only when every goroutine waits. Elsewhere there
// are threads enough.
func (b *breather) rest() { b.restAfter(slice, time.Millisecond) }

func (b *breather) restAfter(work, pause time.Duration) {
	if runtime.GOOS != "js" || machineTime().Sub(b.since) < work {
		return
	}
	time.Sleep(pause)
	b.since = machineTime()
}
