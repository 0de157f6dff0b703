package limit

import (
	"math"
	"sync"
	"time"
)

// Load is about how often something happened in the last minute, over all
// networks. Each time counts less and less as it gets older. The zero Load is
// ready.
type Load struct {
	mu sync.Mutex // guards what follows
	n  float64
	at time.Time
}

// Count notes that it happened once.
func (l *Load) Count(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.age(now)
	l.n++
}

// PerMinute is how often.
func (l *Load) PerMinute(now time.Time) float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.age(now)
	return l.n
}

// age is called with l.mu held.
func (l *Load) age(now time.Time) {
	if d := now.Sub(l.at); d > 0 { // a clock may be set back
		l.n *= math.Exp(-d.Minutes())
	}
	l.at = now
}
