// Package inbox is what providers send to a person: the code under which they may,
// and what came, held apart from the records until the person says yes or no.
//
//	wallet                                     relay                       provider
//	  │ NewDrop: a mailbox, and either a one-time key for browsers               │
//	  │ or a one-time hybrid age identity for systems                            │
//	  ├─ Mail.Open ──────────────────────────────▶│                              │
//	  ├─ Drop.Code: a link, shown as a QR code ─────────────────────────────────▶│
//	  │                                           │◀── a message, sealed ────────┤
//	  │◀─ Inbox.Collect: list, fetch, open, Take ─┤                              │
//	  │   an Item, or a Refusal, which is counted │                              │
//	  ├─ Ack, once it is kept ───────────────────▶│ erased                       │
//	  │ Accept, or Decline                        │                              │
//	  ├─ Mail.Close ─────────────────────────────▶│ nothing more gets in         │
//
// What is promised. Nothing is a record before the person accepts it. What is
// refused is counted by reason and never shown as a document. A person never has
// more than MaxWaiting undecided items of one code: what comes beyond stays at the
// relay, counted, and is fetched when there is room again, so that a flood neither
// buries a person nor costs the one letter that mattered. Nothing is erased at the
// relay before Store.Keep has said that it is safe here.
//
// The clocks of phones are wrong, so the relay's clock alone decides whether a
// letter came in time: its own word for when it arrived, against the end of the
// code by the same clock. A letter that came in time is taken however late the
// wallet asks for it.
//
// Everything here is data and decisions: no network, no clock, no storage.
package inbox

import (
	"context"
	"slices"
	"strings"
	"time"

	"potli/app/message"
	"potli/app/record"
)

// Limits.
const (
	MinLife    = 5 * time.Minute
	MaxLife    = 30 * 24 * time.Hour
	MaxMost    = 100                 // documents of one code
	MaxBytes   = 100 << 20           // of them together
	MaxWaiting = 20                  // undecided items of one code
	Undecided  = 30 * 24 * time.Hour // how long an item waits for the person
	Undo       = 7 * 24 * time.Hour  // how long what was declined may be fetched back
	Row        = 30 * 24 * time.Hour // how long a line tells of what is no longer there
	// Late is how much longer than its code a mailbox lives: what came on the last
	// day waits there for a wallet that is not opened every day.
	Late = 30 * 24 * time.Hour
)

// Inbox is all codes and all items of a wallet, or of one person. It is JSON-able.
type Inbox struct {
	Drops []*Drop `json:"drops,omitempty"`
	Items []*Item `json:"items,omitempty"` // in the order in which they came
	// Read is who opens letters, away from the screen; nil: Read.
	Read func(ctx context.Context, d *Drop, l Letter, now time.Time) (*Arrival, error) `json:"-"`
}

// Drop returns the code of a mailbox, or nil.
func (b *Inbox) Drop(id string) *Drop {
	return find(b.Drops, func(d *Drop) bool { return d.ID == id })
}

// Item returns the item of a message, or nil.
func (b *Inbox) Item(id string) *Item {
	return find(b.Items, func(it *Item) bool { return it.ID == id })
}

func find[T any](list []*T, is func(*T) bool) *T {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i]
	}
	return nil
}

// Waiting are the items that want a decision, the oldest first.
func (b *Inbox) Waiting(now time.Time) []*Item {
	var list []*Item
	for _, it := range b.Items {
		if it.State(now) == Waiting {
			list = append(list, it)
		}
	}
	return list
}

// use is what of a code's room is taken, for good or until a decision.
type use struct {
	items, documents int
	bytes            int64
}

func (u *use) add(it *Item) {
	u.items++
	u.documents += it.weight()
	u.bytes += it.Size()
}

func (b *Inbox) used(d *Drop, now time.Time) (waiting, accepted use) {
	for _, it := range b.Items {
		switch {
		case it.Drop != d.ID:
		case it.State(now) == Waiting:
			waiting.add(it)
		case it.State(now) == Accepted:
			accepted.add(it)
		}
	}
	return waiting, accepted
}

// Same says where the bytes of a document are already.
type Same string

const (
	SameNowhere Same = ""
	SameWallet  Same = "wallet" // among the records
	SameInbox   Same = "inbox"  // came before, in this message or another, and was not declined
)

// Same looks for the bytes of a document of an item elsewhere. has says whether
// the wallet has a document of that SHA-256, in hex.
func (b *Inbox) Same(it *Item, document int, has func(sha256 string) bool, now time.Time) Same {
	sum := it.Documents[document].SHA256
	if has(sum) {
		return SameWallet
	}
	for _, other := range b.Items {
		if state := other.State(now); other != it && (state == Declined || state == Expired) {
			continue
		}
		for i, d := range other.Documents {
			if other == it && i == document {
				return SameNowhere // the first of them is no copy
			}
			if d.SHA256 == sum {
				return SameInbox
			}
		}
	}
	return SameNowhere
}

// Sweep says of which items the body is to be erased, and forgets the lines of
// those that have been gone for long. now has to be a clock that the relay agrees
// with (Drop.True): what a phone erases that believes in another year does not
// come back.
func (b *Inbox) Sweep(now time.Time) (bodies []string) {
	b.Items = slices.DeleteFunc(b.Items, func(it *Item) bool {
		ends := it.Ends()
		if ends.IsZero() || now.Before(ends) {
			return false
		}
		bodies = append(bodies, it.ID)
		return !now.Before(ends.Add(Row))
	})
	return bodies
}

// Pin is a key of a provider that the person has met.
type Pin struct {
	Thumbprint string    `json:"thumbprint"`
	Name       string    `json:"name"`
	How        How       `json:"how"`
	Since      time.Time `json:"since"`
}

// How a key became known.
type How string

const (
	HowScanned   How = "scanned"   // from a code at the counter
	HowDirectory How = "directory" // published at the provider's own origin
	HowLink      How = "link"      // by a link, which anybody could have sent
)

// Trust is what is known of who sent an item.
type Trust string

const (
	TrustKnown    Trust = "known"    // signed by a key that is pinned
	TrustNew      Trust = "new"      // signed by a key that nobody has met
	TrustUnsigned Trust = "unsigned" // anybody with the code may have sent it
	// TrustPosing: it bears the name of a provider who is pinned, and not that
	// one's signature. Either the key was changed, or somebody poses as them.
	TrustPosing Trust = "posing"
)

// Trust holds an item against the keys that are pinned; the Pin is the one that
// signed it, or whose name it bears, or nil.
func (it *Item) Trust(pins []Pin) (Trust, *Pin) {
	for i := range pins {
		if it.Signer != "" && pins[i].Thumbprint == it.Signer {
			return TrustKnown, &pins[i]
		}
	}
	for i := range pins {
		if name := plainName(it.From.Name); name != "" && name == plainName(pins[i].Name) {
			return TrustPosing, &pins[i]
		}
	}
	if it.Signer != "" {
		return TrustNew, nil
	}
	return TrustUnsigned, nil
}

// plainName is a name without what the eye passes over.
func plainName(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if strings.ContainsRune(" .,-–—_'’\"()&/|:;\u200b\u200c\u200d", r) {
			return -1
		}
		return r
	}, record.Tidy(s)))
}

// For a wallet; a provider's own mailbox takes what persons send.
var (
	ForPerson   = []message.Type{message.Documents, message.Request, message.Receipt}
	ForProvider = []message.Type{message.Answer, message.Delivery, message.Receipt, message.Revoked}
)
