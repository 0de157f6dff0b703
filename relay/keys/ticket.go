package keys

import (
	"crypto/hmac"
	"encoding/binary"
	"encoding/hex"
	"time"

	"potli/relay/shape"
)

// A ticket is the last part of a manifest's "location": it stands for one file
// of one link until a moment, without a row anywhere (RL18).
//
//	base64url( version 1 | kid 1 | expiry 8 | link hash 32 | file hash 32 | HMAC-SHA-256 32 )
const (
	ticketVersion = 2
	ticketSize    = 1 + 1 + 8 + 32 + 32 + 32
)

// Ticket stands for a file of a link, both by their hex hashes.
func (k Keys) Ticket(link, file string, expires time.Time) string {
	t := make([]byte, 0, ticketSize)
	t = append(t, ticketVersion, byte(k.kid))
	t = binary.BigEndian.AppendUint64(t, uint64(expires.Unix()))
	t, _ = hex.AppendDecode(t, []byte(link)) // our own hex
	t, _ = hex.AppendDecode(t, []byte(file))
	return b64.EncodeToString(append(t, mac(k.ticket, t)...))
}

// ReadTicket returns the link and file a ticket stands for, if it is ours and
// has not run out. Nothing is looked up before.
func (r Ring) ReadTicket(s string, now time.Time) (link, file string, ok bool) {
	t, ok := shape.Bytes(s, ticketSize)
	if !ok {
		return "", "", false
	}
	body, sum := t[:ticketSize-32], t[ticketSize-32:]
	k, ok := r.lately(body[1], now)
	if !ok || !hmac.Equal(sum, mac(k.ticket, body)) || body[0] != ticketVersion {
		return "", "", false
	}
	if expires := int64(binary.BigEndian.Uint64(body[2:])); now.Unix() >= expires {
		return "", "", false
	}
	return hex.EncodeToString(body[10:42]), hex.EncodeToString(body[42:74]), true
}
