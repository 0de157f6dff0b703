package wallet

import (
	"runtime"
	"time"
)

// slice is how long the wallet computes on the thread of the screen before it
// lets the browser draw and listen. A slow phone overruns it by one step.
const slice = 8 * time.Millisecond

// machineTime is the real clock, not Deps.Now: it measures the machine, not the
// day, and nothing but the length of a pause depends on it.
var machineTime = time.Now

// breather divides a long computation.
type breather struct{}

func newBreather() *breather { return &breather{} }

// The browser comes to its turn only when every goroutine waits. So what is known of
// rests is shared by all computations, of which one goes on at a time. Only the program
// in a page uses it, which is one thread.
var (
	turned time.Time // when a computation last went on
	rested time.Time // when one last stopped
)

// rest gives the thread back when the slice is used up. Gosched would not do.
// Elsewhere there are threads enough.
func (b *breather) rest() { b.restAfter(slice, time.Millisecond) }

func (b *breather) restAfter(work, pause time.Duration) {
	if runtime.GOOS != "js" || machineTime().Sub(turned) < work {
		return
	}
	rested = machineTime()
	for mine := rested; ; mine = rested {
		time.Sleep(pause)
		turned = machineTime()
		if rested == mine || turned.Sub(rested) >= pause {
			return
		}
		// Another went on meanwhile, and has only just stopped.
	}
}

// letDraw waits for a page to be drawn that was just told of something. Elsewhere there
// is none.
func letDraw(wait time.Duration) {
	if runtime.GOOS == "js" {
		time.Sleep(wait)
	}
}
