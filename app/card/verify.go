package card

import (
	"strconv"
	"strings"
	"time"
)

// State is what a card is worth.
type State string

// The four states of the specification.
const (
	Verified      State = "verified"
	UnknownIssuer State = "unknown-issuer"
	Invalid       State = "invalid"
	Unchecked     State = "unchecked"
)

// Reason says why a card is invalid or unchecked.
type Reason string

// Reasons why a card is invalid.
const (
	Malformed Reason = "malformed" // no JWS, or nothing in it can be read
	TooBig    Reason = "too-big"   // unpacks to more than any card holds
	Header    Reason = "header"    // not signed and packed as health cards are
	Claims    Reason = "claims"    // says too little of itself: issuer, dates, type, content
	BadKey    Reason = "key"       // the issuer's key of that name is none for health cards
	Signature Reason = "signature" // changed after it was signed, or signed by somebody else
	NotYet    Reason = "not-yet"   // valid from a later time
	Expired   Reason = "expired"   // valid until an earlier time
	Revoked   Reason = "revoked"   // its issuer has withdrawn it
)

// Reasons why a card is unchecked.
const (
	NoDirectory   Reason = "directory"   // there is no directory here
	NoIssuer      Reason = "issuer"      // the directory has nothing of this issuer
	NoKey         Reason = "newer-key"   // the directory has other keys of this issuer
	NoRevocations Reason = "revocations" // the issuer withdraws cards, and its list is not here
)

// Result is what a screen needs to say of a card. It holds nothing of what the
// card says.
type Result struct {
	State  State     `json:"state"`
	Reason Reason    `json:"reason,omitempty"` // of Invalid and Unchecked
	Issuer string    `json:"issuer,omitempty"` // as the card names it; proven only by Verified and UnknownIssuer
	Name   string    `json:"name,omitempty"`   // of the issuer, as the directory has it
	From   time.Time `json:"from,omitzero"`    // nbf
	Until  time.Time `json:"until,omitzero"`   // exp
	Listed time.Time `json:"listed,omitzero"`  // how old the directory is
}

// Verify says what a card is worth at a time. d may be nil.
//
// What makes a card invalid whoever signed it is said before what could not be
// found out: an expired card is invalid also where its key is not here. A bad
// signature comes before both: whatever such a card says of itself is not its
// issuer's word.
func (c *Card) Verify(d *Directory, now time.Time) Result {
	r := Result{Issuer: c.issuer}
	if c.from != 0 {
		r.From = moment(c.from)
	}
	if c.until != 0 {
		r.Until = moment(c.until)
	}
	var is *issuer
	if d != nil {
		r.Listed = d.Made
		is = d.issuers[c.issuer]
	}
	r.State, r.Reason = c.judge(is, d != nil, now)
	if is != nil && (r.State == Verified || r.State == UnknownIssuer) {
		r.Name = is.name // anybody can write another's address into a card
	}
	return r
}

func (c *Card) judge(is *issuer, listed bool, now time.Time) (State, Reason) {
	if c.fault != "" {
		return Invalid, c.fault
	}
	var key *issuerKey
	if is != nil {
		key = is.keys[c.jws.Kid]
	}
	switch {
	case key != nil && key.key == nil:
		return Invalid, BadKey
	case key != nil && !c.jws.Verify(key.key):
		return Invalid, Signature
	case now.Before(moment(c.from)):
		return Invalid, NotYet
	case c.until != 0 && !now.Before(moment(c.until)):
		return Invalid, Expired
	case !listed:
		return Unchecked, NoDirectory
	case is == nil:
		return Unchecked, NoIssuer
	case key == nil:
		return Unchecked, NoKey
	}
	if revoked, known := key.revoked(c); revoked {
		return Invalid, Revoked
	} else if !known {
		return Unchecked, NoRevocations
	}
	if !is.listed {
		return UnknownIssuer, ""
	}
	return Verified, ""
}

// revoked asks the lists of a key for a card. It is not known where the key
// promises a newer list than there is; a card without a rid cannot be revoked
// alone, so that there is nothing to ask.
func (k *issuerKey) revoked(c *Card) (revoked, known bool) {
	if c.rid == "" {
		return false, true
	}
	known = k.version == 0
	for _, l := range k.lists {
		known = known || l.Ctr >= k.version
		for _, entry := range l.Rids {
			if hits(entry, c) {
				return true, true
			}
		}
	}
	return false, known
}

// hits says whether one line of a list means the card: "rid" always does,
// "rid.T" does where the card is older than T, in seconds. A T that is no number
// was meant to revoke something, and revokes.
func hits(entry string, c *Card) bool {
	rid, since, dated := strings.Cut(entry, ".")
	if rid != c.rid {
		return false
	}
	t, err := strconv.ParseInt(since, 10, 64)
	return !dated || err != nil || c.from < float64(t)
}
