package sync

import (
	"context"
	"crypto/ed25519"
	"errors"

	"filippo.io/age"

	"potli/crypto/chain"
)

// ErrNone: the Store does not have what was asked for.
var ErrNone = errors.New("not here")

// Store is what this device keeps, and what it knows of who may write. It checks
// everything that arrives. An entry is admitted once all its predecessors are
// (chain.Log); until then it is held back. A record counts once the chain names
// it, its writer was allowed to write it at that point, its epoch was open, and it
// opens. Whatever else comes is kept apart with a reason, and is never shown.
//
// When a method that changes something returns nil, the change survives a crash;
// when it returns an error, nothing was changed, or all of it.
type Store interface {
	// View says how a profile stands. It is asked again after every Keep.
	View(ctx context.Context, profile string) (View, error)
	// Entries returns the admitted entries in the order in which they were
	// admitted, without the first n. The first of all is the root.
	Entries(ctx context.Context, profile string, n int) ([]*chain.Entry, error)
	// Brings names the records that an entry brings in. They go where it goes.
	Brings(e *chain.Entry) []string
	// Record returns a record as it was sealed, or ErrNone: it is not here, was
	// deleted, or must not be passed on.
	Record(ctx context.Context, profile, id string) ([]byte, error)
	// Notes returns what was last kept as Arrival.Notes, nil when nothing was.
	Notes(ctx context.Context, profile string) ([]byte, error)
	// Keep puts away what arrived, all of it in one step. What is here already
	// changes nothing. An item that is refused is no error.
	Keep(ctx context.Context, profile string, a Arrival) error
}

// Arrival is what a part of a mailbox held.
type Arrival struct {
	Entries []*chain.Entry
	Records []Sealed
	// Parts of records that are too large for one frame, each of PartSize bytes but
	// the last. The record has arrived with the last missing part.
	Parts []Part
	// Notes are the engine's own.
	Notes []byte
}

// Sealed is a record as its writer sealed it.
type Sealed struct {
	ID   string
	Body []byte
}

// Part is a piece of a sealed record.
type Part struct {
	ID   string
	At   int // where it begins, a multiple of PartSize
	Of   int // bytes of the whole record, sealed
	Body []byte
}

// PartSize is how much of a record a frame carries. 8 KB/s, the slowest network
// that is of use, take a minute and a half for it.
const PartSize = 512 << 10

// View is how a profile stands on this device.
type View struct {
	// Root is what the history begins with; zero while nothing is known of it.
	Root chain.Hash
	// Removed is whether this device was one that reads the profile, and is no
	// longer. One that the chain does not name yet is none.
	Removed bool
	// Left is whether it is so by this user's own word. That is still told.
	Left bool
	// Epochs are those whose identity is here, the newest last. Of two that were made
	// at once the one that does not stand comes before the other: who was let in with
	// it looks there.
	Epochs []Epoch
	// Readers are the active devices of all members, this one too.
	Readers []Reader
	// Lacking are the records that the chain names, that this device may open, and
	// that are not here.
	Lacking []Piece
	// Missing are the entries that others, held back, wait for.
	Missing []chain.Hash
}

// Epoch is one of a profile.
type Epoch struct {
	Number   int
	Identity *age.HybridIdentity
	// Announced is the entry that made it; zero for the first of the profile.
	Announced chain.Hash
	// Given are entries that give it to somebody for whom it was not made. They may
	// find no mailbox but an earlier one.
	Given []chain.Hash
}

// Reader is a device that reads the profile's mailboxes.
type Reader struct {
	Device   string
	User     string
	Verifier ed25519.PublicKey
	Since    int // the epoch at which it became one
}

// Piece is a record, or those parts of it, that is not here.
type Piece struct {
	ID    string `json:"id"`
	Parts []int  `json:"parts,omitempty"` // where they begin; none: all of it
}
