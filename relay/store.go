package relay

import (
	"context"
	"errors"
)

// PartSize is the largest piece of a file that one row may hold. Some engines
// stop at 2 MB a row and do not say so in a local test, so the limit is ours.
const PartSize = 1_000_000

// ErrGone is the one answer to everything that is not served: no such link,
// expired, paused, revoked, used up, locked, another token, a sequence that did
// not grow. Callers cannot tell these apart, and must not.
var ErrGone = errors.New("no longer available")

// Store is all the relay remembers. It is given hashes and sealed bytes only.
//
// Every method may be called from many goroutines, and from several processes
// over one database. When a method that writes returns nil, what it wrote
// survives a crash of process and machine. When it returns an error other than
// ErrGone, the write may or may not have happened: whatever decides (attempts,
// uses) may have been spent, and is not given back. Errors hold no ids, texts
// or addresses.
type Store interface {
	Counters
	Links
	Files
	Receipts
	Mailboxes
	Pushes
	Keeper
}

// Counters decide who is served. This part must be strongly consistent: each
// call is one atomic step, seen at once by every other.
type Counters interface {
	// Live returns a link that would be served now, or ErrGone. It spends nothing.
	// It also says whether r has opened a moment ago: a Charge with the right MAC
	// in its place would have found the same and changed nothing, so that such a
	// reading is that opening.
	Live(ctx context.Context, r Reader) (Link, error)
	// Charge is one opening with a passcode's MAC: it spends an attempt when the
	// MAC is wrong, else a use, unless the same reader opened a moment ago. It
	// returns ErrGone when the link is not live for r.
	Charge(ctx context.Context, r Reader, passMAC string) (Charged, error)
}

// Links are made and changed by their owner.
type Links interface {
	// Create stores l and its file, and returns false, changing nothing, when the
	// id is taken. Repeating it is harmless.
	Create(ctx context.Context, l Link, file []byte, now int64) (bool, error)
	// Owned returns the link of this id and token hash, ended or not, or ErrGone.
	Owned(ctx context.Context, id, token string) (Link, error)
	// Change, Replace and Revoke take a Claim whose Sequence is above all before,
	// else ErrGone. Change and Replace need a link that has not ended.
	Change(ctx context.Context, c Claim, to Terms) (Link, error)
	Replace(ctx context.Context, c Claim, contentType string, file []byte) (Link, error)
	// Revoke ends a link for good and erases its file. A link that had ended
	// already is fine. The receipts stay until keep for the owner to read.
	Revoke(ctx context.Context, c Claim, keep int64) error
}

// Files hold ciphertext, in parts.
type Files interface {
	// Part returns the n-th piece of a file, counted from 0, or ErrGone. All
	// pieces but the last are PartSize long.
	Part(ctx context.Context, file string, n int) ([]byte, error)
	// Erase removes the file of a link that is locked. Repeating it is harmless,
	// and Purge does it again.
	Erase(ctx context.Context, l Link) error
}

// Receipts are the access receipts of a link, sealed before they get here.
type Receipts interface {
	// AddReceipt keeps receipt n; a second one with that number changes nothing.
	AddReceipt(ctx context.Context, id string, n int, sealed []byte) error
	// ReceiptsAfter returns those with a number above n, in order.
	ReceiptsAfter(ctx context.Context, id string, n int) ([]Receipt, error)
}

// Keeper forgets.
type Keeper interface {
	// Purge erases the files of links that have ended, then links of which
	// nothing is left to tell, then uploads that never became a link. It only
	// cleans up: what it has not yet erased is not served either.
	Purge(ctx context.Context, now int64) error
	// Takedown ends a link without its owner's word, as Revoke does with it. The
	// id stays taken for wire.MaxLife. ErrGone: there is no such link. Repeating it
	// is harmless.
	Takedown(ctx context.Context, id string, now int64) error
	// Count returns totals, for health and metrics.
	Count(ctx context.Context, now int64) (Totals, error)
}

// Link is one link as the relay keeps it.
type Link struct {
	ID           string // hex SHA-256 of the id's 43 characters
	Flag         string // "", L, P, U, LP, LU
	Strict       bool   // refuse a reader who does not say who asks
	Expires      int64  // unix seconds; 0 once revoked
	Keep         int64  // unix seconds until which receipts outlive the link
	Paused       bool
	UsesLeft     int
	AttemptsLeft int    // of a link without passcode: 1, never spent
	Salt         []byte // of the passcode's scrypt; empty without passcode
	PassMAC      string // never leaves the relay's tables
	Kid          int    // which of the relay's keys made PassMAC
	Token        string // base64url SHA-256 of the owner's token
	Sequence     int64
	ReceiptKey   []byte // HPKE public key
	Receipts     int    // receipts numbered so far; more than are kept, once they are many
	File         string // names the parts; "" once they are erased
	Size         int64  // of the file, in bytes
	ContentType  string
	Updated      int64 // unix seconds of the last file
	Again        bool  // only from Live: this reader opened a moment ago
}

// Reader is somebody who asks at a moment.
type Reader struct {
	ID  string // of the link, as Link.ID
	Now int64  // unix seconds
	By  string // MAC over link and recipient
	// Ticket: this reader holds a ticket from an opening already charged, so that
	// the uses left do not matter. All else does.
	Ticket bool
}

// Charged is what an opening came to.
type Charged struct {
	Open         bool // the MAC was right
	AttemptsLeft int
	UsesLeft     int
	// Receipt is the number of the receipt that this opening must write, 0 when
	// it was a repeat that counted nothing.
	Receipt int
}

// Claim is an owner's request to change a link.
type Claim struct {
	ID       string
	Token    string // base64url SHA-256, as Link.Token
	Sequence int64
	Now      int64 // unix seconds
}

// Terms are what an owner may change; nil stays.
type Terms struct {
	Paused  *bool
	Expires *int64
	AddUses int
}

// Receipt is one sealed access receipt.
type Receipt struct {
	N      int
	Sealed []byte
}

// Totals are counts over everything, of no link in particular.
type Totals struct {
	Links     int64 // live, paused ones included
	Mailboxes int64 // that take entries
	Bytes     int64 // of ciphertext kept
	Loose     int64 // bytes of uploads that broke off, or are still going on
	// OldestExpired is for how many seconds the oldest file has been kept past
	// the end of its link or mailbox. It stays under two minutes when the purge works.
	OldestExpired int64
}
