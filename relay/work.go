package relay

import (
	"math"
	"net/http"

	"potli/relay/wire"
)

// Anybody may make a link, without an account. While few do, nobody pays; when
// many do, or the disk fills, each costs its maker some computing (RL8). That
// stops one machine that fills the store, not a farm of them: behind it stand
// the rate of a network and the size of the store.

// paid lets a creation of id pass, or asks for work, or answers who only wanted to
// know. It is asked before the body is read.
func (h *Handler) paid(w http.ResponseWriter, r *http.Request, id string) bool {
	now := h.now()
	bits := workBits(h.load.PerMinute(now)/h.calm, float64(h.counts.add(0))/float64(h.stored))
	done := r.Header.Get(wire.WorkHeader)
	if h.calm < 0 || bits == 0 || h.keys.Worked(done, id, now) {
		if done == wire.AskForWork {
			w.WriteHeader(http.StatusNoContent)
		}
		return done != wire.AskForWork
	}
	work := wire.Work{Challenge: h.keys.Challenge(id, bits, now.Add(wire.WorkLife)), Bits: bits}
	answer(w, http.StatusPreconditionRequired, wire.Problem{Message: "Much is being created: some work, please", Work: &work})
	return false
}

// workBits is how much work a creation costs at a load, 1 being the most that is
// calm, and with a part of the store full. Every doubling of the load costs four
// times the work.
func workBits(load, full float64) int {
	var bits float64
	if load > 1 {
		bits = wire.MinWorkBits + 2*math.Log2(load)
	}
	if full > 0.5 {
		bits = max(bits, wire.MinWorkBits+(2*full-1)*(wire.MaxWorkBits-wire.MinWorkBits))
	}
	return int(min(bits, wire.MaxWorkBits))
}
