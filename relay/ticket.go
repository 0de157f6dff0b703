package relay

import (
	"crypto/hmac"
	"encoding/binary"
	"encoding/hex"
	"time"
)

// A ticket is the last part of a manifest's "location": it stands for one file
// of one link until a moment, without a row anywhere (RL18).
//
//	base64url( version 1 | expiry 8 | link hash 32 | file hash 32 | HMAC-SHA-256 32 )
const (
	ticketVersion = 1
	ticketSize    = 1 + 8 + 32 + 32 + 32
)

func (k keys) ticketFor(link, file string, expires time.Time) string {
	t := make([]byte, 0, ticketSize)
	t = append(t, ticketVersion)
	t = binary.BigEndian.AppendUint64(t, uint64(expires.Unix()))
	t, _ = hex.AppendDecode(t, []byte(link)) // our own hex
	t, _ = hex.AppendDecode(t, []byte(file))
	return b64.EncodeToString(append(t, mac(k.ticket, t)...))
}

// readTicket returns the link and file a ticket stands for, if it is ours and
// has not run out. Nothing is looked up before.
func (k keys) readTicket(s string, now time.Time) (link, file string, ok bool) {
	if !isBase64Of(s, ticketSize) {
		return "", "", false
	}
	t, err := b64.DecodeString(s)
	if err != nil {
		return "", "", false
	}
	body, sum := t[:ticketSize-32], t[ticketSize-32:]
	if !hmac.Equal(sum, mac(k.ticket, body)) || body[0] != ticketVersion {
		return "", "", false
	}
	if expires := int64(binary.BigEndian.Uint64(body[1:])); now.Unix() >= expires {
		return "", "", false
	}
	return hex.EncodeToString(body[9:41]), hex.EncodeToString(body[41:73]), true
}
