package relay

import (
	"context"
	"errors"
)

var (
	// ErrTaken: the id belongs to somebody else, or to a mailbox that has ended.
	ErrTaken = errors.New("this id is taken")
	// ErrFull: the mailbox has no room for this entry.
	ErrFull = errors.New("the mailbox is full")
	// ErrOther: another entry with this id is there.
	ErrOther = errors.New("another entry has this id")
)

// Mailboxes keep sealed entries in a row until their owner has them.
//
// The numbers of a mailbox are 1, 2, 3 … in the order in which entries became
// durable, without a gap: whoever has read number n and asks for what comes after
// it misses none, ever. A number is never used again while the mailbox lives.
type Mailboxes interface {
	// OpenMailbox makes m, or gives the one of the same owner the terms and note of
	// m: then it returns false, and its end comes no earlier than before. It
	// returns ErrTaken for anybody else, and for what has ended.
	OpenMailbox(ctx context.Context, m Mailbox, now int64) (bool, error)
	// Mailbox returns one that takes entries, or ErrGone.
	Mailbox(ctx context.Context, id string, now int64) (Mailbox, error)
	// OwnedMailbox does for who has the token.
	OwnedMailbox(ctx context.Context, id, token string, now int64) (Mailbox, error)
	// CloseMailbox ends one for good and erases its entries, or returns ErrGone.
	// Repeating it is harmless.
	CloseMailbox(ctx context.Context, id, token string, now int64) error
	// Deposit keeps a body under an id that the sender chose, and returns its
	// number; the same body under the same id has the same number, also after it
	// was acknowledged. Else ErrGone, ErrFull or ErrOther. The limits of a mailbox
	// hold exactly, however many deposit at once.
	Deposit(ctx context.Context, mailbox, entry string, body []byte, now int64) (int64, error)
	// Entries returns those after a number, in order, as many as make a page, with
	// the bodies of the small ones; more says that there are others.
	Entries(ctx context.Context, mailbox string, after, now int64) (list []Entry, more bool, err error)
	// Entry returns one, without its body, or ErrGone.
	Entry(ctx context.Context, mailbox string, seq, now int64) (Entry, error)
	// EntryPart returns the n-th piece of an entry's file, as Files.Part does.
	EntryPart(ctx context.Context, file string, n int) ([]byte, error)
	// Acknowledge erases the bodies of these numbers. Repeating it is harmless, and
	// so are numbers that are not there.
	Acknowledge(ctx context.Context, mailbox string, seqs []int64) error
	// Arrivals returns the highest number of every mailbox in which something was
	// put since then and still is.
	Arrivals(ctx context.Context, since int64) (map[string]int64, error)
}

// Mailbox is one mailbox as the relay keeps it.
type Mailbox struct {
	ID          string // hex SHA-256 of the id's 43 characters
	Token       string // base64url SHA-256 of the owner's token; "" when read
	Created     int64  // unix seconds
	Expires     int64
	MostEntries int64
	MostBytes   int64
	Note        string // what the owner tells senders

	Entries int64 // kept now
	Bytes   int64 // of them
	Highest int64 // number given so far
}

// Holds reports whether n bytes more would go in.
func (m Mailbox) Holds(n int64) bool {
	return m.Entries < m.MostEntries && m.Bytes+n <= m.MostBytes
}

// Entry is one sealed entry of a mailbox.
type Entry struct {
	Seq   int64
	ID    string // the sender's choice
	File  string // names the body
	Size  int64  // of the body, in bytes
	Added int64  // unix seconds
	Body  []byte // of a small one in a list
}
