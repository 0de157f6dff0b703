package share

import (
	"context"
	"errors"
	"time"
)

// Ref names a link towards the relay: capability and owner's token, both 32 random bytes in base64url.
type Ref struct {
	ID    string `json:"id"`
	Token string `json:"token"`
	// Seq is the number of the request. The caller raises it, and writes that down, before each Replace, Change and
	// Revoke; a repeat of a call whose answer was lost carries the same number.
	Seq int64 `json:"seq"`
}

// Upload is everything the relay needs to serve a link.
type Upload struct {
	Flag       string
	Life       time.Duration // from when the relay has it, by the relay's clock
	Uses       int
	Passcode   string // "" or the generated passcode; only its verifier leaves
	ReceiptKey []byte
	JWE        string
	Type       string
}

// Status is what the relay says of a link. Its times are by the relay's clock.
type Status struct {
	// Now is when the relay answered. It is not kept: Share.Skew is what comes of it.
	Now          time.Time `json:"-"`
	Expires      time.Time `json:"expires"` // not after 1970: it was revoked
	Paused       bool      `json:"paused"`
	UsesLeft     int       `json:"usesLeft"`
	AttemptsLeft int       `json:"attemptsLeft"` // -1: no passcode
	Receipts     int       `json:"receipts"`
	Seq          int64     `json:"seq,omitempty"` // highest sequence the relay accepted
}

// SealedReceipt is one access receipt as the relay keeps it.
type SealedReceipt struct {
	N      int
	Sealed []byte
}

// Relay serves links. Every call may be repeated: the same call with the same Ref twice does no harm, also when the first
// answer was lost. Errors wrap ErrOffline (no answer: try again later), ErrGone (the relay knows no such link any more),
// ErrBusy (try again after a while; as *BusyError when the relay said how long), ErrTooBig, ErrRefused. When Create,
// Replace, Change or Revoke return nil, the relay has it on disk and every later reader sees it.
type Relay interface {
	// URL is where the link of id is served: the url of its payload.
	URL(id string) string
	Create(ctx context.Context, r Ref, u Upload) (Status, error)
	Replace(ctx context.Context, r Ref, typ, jwe string) (Status, error)
	Change(ctx context.Context, r Ref, c Change) (Status, error)
	Status(ctx context.Context, r Ref) (Status, error)
	// Receipts returns those after the given number, and how many were not kept because there were too many.
	Receipts(ctx context.Context, r Ref, after int) (list []SealedReceipt, dropped int, err error)
	// Revoke ends the link for every reader. A link the relay no longer knows counts as revoked.
	Revoke(ctx context.Context, r Ref) error
}

// Change of a link; nil stays.
type Change struct {
	Paused  *bool
	Life    *time.Duration // from when the relay has it, by the relay's clock
	AddUses *int
}

var (
	ErrOffline = errors.New("the relay cannot be reached")
	ErrGone    = errors.New("no longer available")
	ErrBusy    = errors.New("the relay is busy")
	ErrRefused = errors.New("the relay refused")
)

// BusyError is ErrBusy with the wait the host asked for (Retry-After); 0: it did not say.
type BusyError struct{ Wait time.Duration }

func (e *BusyError) Error() string        { return ErrBusy.Error() }
func (e *BusyError) Is(target error) bool { return target == ErrBusy }
