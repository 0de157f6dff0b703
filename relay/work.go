package relay

import (
	"crypto/hmac"
	"encoding/binary"
	"math"
	"net/http"
	"strings"
	"time"

	"potli/relay/shape"
	"potli/relay/wire"
)

// Anybody may make a link, without an account. While few do, nobody pays; when
// many do, or the disk fills, each costs its maker some computing (RL8). That
// stops one machine that fills the store, not a farm of them: behind it stand
// the rate of a network and the size of the store.
//
// A challenge is a statement of ours, and no row anywhere:
//
//	base64url( version 1 | kid 1 | bits 1 | expiry 8 | HMAC-SHA-256 32 )
//
// The MAC is over what stands before it and the id that is to be made. The id, 32
// bytes that the client drew, is its nonce; that an id can be made only once is
// what stands for a list of answers already used.
const (
	workVersion = 1
	workBody    = 1 + 1 + 1 + 8
	workSize    = workBody + 32
)

func (k keys) challengeFor(id string, bits int, expires time.Time) string {
	c := binary.BigEndian.AppendUint64([]byte{workVersion, byte(k.kid), byte(bits)}, uint64(expires.Unix()))
	return b64.EncodeToString(append(c, mac(k.work, c, []byte(id))...))
}

// worked reports whether answer, a challenge and a counter, is work done for id.
// What was asked is enough, also when more is asked by now: else a slow phone
// could run after the load for ever.
func (r keyring) worked(answer, id string, now time.Time) bool {
	challenge, counter, _ := strings.Cut(answer, ".")
	c, ok := shape.Bytes(challenge, workSize)
	if !ok {
		return false
	}
	body, sum := c[:workBody], c[workBody:]
	k, ok := r.lately(body[1], now)
	if !ok || !hmac.Equal(sum, mac(k.work, body, []byte(id))) || body[0] != workVersion {
		return false
	}
	return now.Unix() < int64(binary.BigEndian.Uint64(body[3:])) && wire.WorkDone(challenge, id, counter, int(body[2]))
}

// paid lets a creation of id pass, or asks for work. It is asked before the body
// is read.
func (h *Handler) paid(w http.ResponseWriter, r *http.Request, id string) bool {
	now := h.now()
	bits := workBits(h.load.PerMinute(now)/h.calm, float64(h.counts.add(0))/float64(h.stored))
	if h.calm < 0 || bits == 0 || h.keys.worked(r.Header.Get(wire.WorkHeader), id, now) {
		return true
	}
	work := wire.Work{Challenge: h.keys.challengeFor(id, bits, now.Add(wire.WorkLife)), Bits: bits}
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
