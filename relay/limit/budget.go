package limit

import "sync"

// Budget is a number of bytes of memory, or of places, that can be lent, to one
// network no more than a share: what is lent to somebody who then does nothing is
// lost to all others meanwhile. Make one with NewBudget.
type Budget struct {
	share int64

	mu   sync.Mutex // guards what follows
	left int64
	held map[Network]int64 // none with nothing
}

// NewBudget lends total. No share is smaller than two of the largest pieces.
func NewBudget(total, piece int64) *Budget {
	return &Budget{share: max(total/4, 2*piece), left: total, held: make(map[Network]int64)}
}

// Borrow returns false when there is no room for n more. After true the caller
// must give back.
func (b *Budget) Borrow(who Network, n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < n || b.held[who]+n > b.share {
		return false
	}
	b.left -= n
	b.held[who] += n
	return true
}

// GiveBack returns what was borrowed.
func (b *Budget) GiveBack(who Network, n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left += n
	if b.held[who] -= n; b.held[who] == 0 {
		delete(b.held, who)
	}
}
