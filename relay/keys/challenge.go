package keys

import (
	"crypto/hmac"
	"encoding/binary"
	"strings"
	"time"

	"potli/relay/shape"
	"potli/relay/wire"
)

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

// Challenge asks for work of so many bits for id.
func (k Keys) Challenge(id string, bits int, expires time.Time) string {
	c := binary.BigEndian.AppendUint64([]byte{workVersion, byte(k.kid), byte(bits)}, uint64(expires.Unix()))
	return b64.EncodeToString(append(c, mac(k.work, c, []byte(id))...))
}

// Worked reports whether answer, a challenge and a counter, is work done for id.
// What was asked is enough, also when more is asked by now: else a slow phone
// could run after the load for ever.
func (r Ring) Worked(answer, id string, now time.Time) bool {
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
