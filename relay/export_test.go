package relay

import (
	"maps"
	"slices"
	"time"
)

// For tests of what only handlers call.

var (
	WorkBits   = workBits
	PadReceipt = padReceipt
)

// MaxUpload is the largest body of the control plane.
const MaxUpload = maxUpload

// Routes lists every path with its methods.
func Routes() map[string][]string {
	all := make(map[string][]string)
	for _, rt := range routes {
		all[rt.pattern] = slices.Sorted(maps.Keys(rt.methods))
	}
	return all
}

// Planes says of every path for whom it is.
func Planes() map[string]string {
	all := make(map[string]string)
	for _, rt := range routes {
		all[rt.pattern] = map[plane]string{planeData: "data", planeControl: "control", planeCounts: "counts"}[rt.plane]
	}
	return all
}

// Ticket and ReadTicket work under the keys of a secret.
func Ticket(secret [32]byte, link, file string, expires time.Time) string {
	k, err := derive(secret)
	if err != nil {
		panic(err)
	}
	return k.ticketFor(link, file, expires)
}

func ReadTicket(secret [32]byte, ticket string, now time.Time) (link, file string, ok bool) {
	k, err := newKeyring(secret, nil, now)
	if err != nil {
		panic(err)
	}
	return k.readTicket(ticket, now)
}

// PassMAC is what a link without passcode is stored with.
func PassMAC(secret [32]byte, id string) string { return PassMACOf(secret, id, nil) }

// PassMACOf is what a link is stored with whose passcode has this scrypt hash.
func PassMACOf(secret [32]byte, id string, scrypted []byte) string {
	k, err := derive(secret)
	if err != nil {
		panic(err)
	}
	return k.passMAC(id, scrypted)
}
