package family

import (
	"maps"
	"time"

	"potli/crypto/chain"
)

// Clock is what a device remembers of the time, per wallet, sealed like everything
// else. The zero Clock has seen nothing. It never changes; its methods return the
// next.
type Clock struct {
	// Floor is the latest time that was believed: a clock that is put back does not
	// make anybody younger.
	Floor time.Time `json:"floor"`
	// Claims is when this device first saw each claim.
	Claims map[chain.Hash]time.Time `json:"claims,omitempty"`
}

// apart is how far two clocks may differ before one of them is wrong.
const apart = 48 * time.Hour

// Tick is what to call on every start, and when the relay was heard: now is what
// this device's clock says, elsewhere what another one does, zero for none. It
// returns the time to decide by, which is never before the Floor.
//
// A clock that runs ahead would make a child of age for good. So a second clock
// that contradicts holds the Floor down; and the relay's, whom else we believe
// nothing, gains nothing by being late but a few more days for a caregiver who is
// one of the family anyhow.
func (c Clock) Tick(now, elsewhere time.Time) (Clock, time.Time) {
	if !elsewhere.IsZero() && now.After(elsewhere.Add(apart)) {
		now = elsewhere
	}
	if !elsewhere.IsZero() && c.Floor.After(elsewhere.Add(apart)) {
		c.Floor = now
	}
	if now.After(c.Floor) {
		c.Floor = now
	}
	return c, c.Floor
}

// See notes the claims of a state that were not seen before.
func (c Clock) See(s *State, now time.Time) Clock {
	next := maps.Clone(c.Claims)
	for _, claim := range s.Claims {
		if _, known := next[claim.Entry]; !known {
			if next == nil {
				next = map[chain.Hash]time.Time{}
			}
			next[claim.Entry] = now
		}
	}
	c.Claims = next
	return c
}

// Over says whether this device has waited for a claim as long as it had to. A
// member's device then writes Waited.
func (c Clock) Over(claim ClaimInfo, now time.Time) bool {
	seen, ok := c.Claims[claim.Entry]
	return ok && !claim.Vetoed && !now.Before(seen.AddDate(0, 0, claim.Days))
}
