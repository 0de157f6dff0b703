// Package traffic keeps account of what left this phone: why, when, to which host,
// how many bytes went and came, and whether it worked. It knows nothing of what the
// bytes were. No path, id, name or key is ever in it, so that who reads the account
// learns no more than somebody who watched the network.
//
//	who asks            Because(ctx, reason)     once, where a thing is begun
//	who sends           Meter.Begin … Got, End   no reason, no request: ErrNoReason
//	who keeps           Meter.Take ──▶ Book.Add  rows of the newest, sums of each day
//
// It is not for evidence: whoever holds the device and its keys could write it anew.
package traffic

import (
	"context"
	"errors"
	"slices"
)

// Reason is why something is sent.
type Reason string

// The reasons. Each has a sentence in the catalogues, left.reason.<code>.
const (
	LinkMake   Reason = "link-make"   // a link is put at the relay
	LinkChange Reason = "link-change" // it is paused, prolonged, renewed
	LinkEnd    Reason = "link-end"    // it is taken back
	LinkLook   Reason = "link-look"   // who opened it, and how it stands
	LinkOpen   Reason = "link-open"   // somebody's link is opened
	DropMake   Reason = "drop-make"   // a mailbox for a clinic is made, prolonged or ended
	DropLook   Reason = "drop-look"   // whether a clinic has sent something
	Letter     Reason = "letter"      // an answer to a clinic
	Keys       Reason = "keys"        // a clinic's published keys are looked up
	Pair       Reason = "pair"        // two devices find each other
	Sync       Reason = "sync"        // between the devices of a family
	Live       Reason = "live"        // a connection is held open to be told of arrivals
	Notify     Reason = "notify"      // the relay is to send notices, or no longer
)

// Reasons are all of them, in the order in which they are told.
var Reasons = []Reason{LinkMake, LinkChange, LinkEnd, LinkLook, LinkOpen, DropMake, DropLook, Letter, Keys, Pair, Sync, Live, Notify}

// ErrNoReason: somebody forgot to say why. Nothing was sent.
var ErrNoReason = errors.New("a request without a reason is not sent")

type key struct{}

// Because says why what is done under ctx sends something. The first word stands: to
// take a link back is one thing, though it is looked at on the way.
func Because(ctx context.Context, r Reason) context.Context {
	if Why(ctx) != "" {
		return ctx
	}
	return context.WithValue(ctx, key{}, r)
}

// Why is the reason of ctx; "" where nobody gave one that there is.
func Why(ctx context.Context) Reason {
	r, _ := ctx.Value(key{}).(Reason)
	if !slices.Contains(Reasons, r) {
		return ""
	}
	return r
}
