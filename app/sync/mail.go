package sync

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Errors of Mail.
var (
	// ErrOffline: no answer, or one that is not the relay's. Try again later.
	ErrOffline = errors.New("the relay cannot be reached")
	// ErrGone: the relay has no such mailbox, or no longer has this letter.
	ErrGone = errors.New("the mailbox is gone")
	// ErrClosed: the mailbox was closed by somebody who holds the epoch. Its id
	// stays taken; a new epoch has a new one.
	ErrClosed = errors.New("the mailbox was closed")
	// ErrFull: no room until others have read what is there.
	ErrFull = errors.New("the mailbox is full")
	// ErrKnown: a letter with this id was deposited before.
	ErrKnown = errors.New("a letter with this id was deposited before")
	// ErrRefused: the relay will never take this.
	ErrRefused = errors.New("the relay refused")
)

// Mail is the relay as an owner of mailboxes sees it. Nothing it returns is
// trusted. Every method may be repeated. Errors wrap those above where they fit;
// any other is taken for ErrOffline.
type Mail interface {
	// Open makes the mailbox for so long, or prolongs it. ErrClosed.
	Open(ctx context.Context, b Box, life time.Duration) (Standing, error)
	// List returns letters with a number above after, in order; more says that
	// there are others. ErrGone.
	List(ctx context.Context, b Box, after int64) (letters []Letter, more bool, err error)
	// Fetch returns the text of a letter that came without it. ErrGone.
	Fetch(ctx context.Context, b Box, l Letter) (string, error)
	// Deposit puts a letter in, under an id of 16 random bytes in base64url. nil:
	// it is durable there. ErrKnown, ErrFull, ErrGone, ErrRefused.
	Deposit(ctx context.Context, b Box, id, sealed string) error
	// Ack lets the relay erase letters. ErrGone.
	Ack(ctx context.Context, b Box, numbers []int64) error
}

// ErrNoLive: this relay tells nobody of arrivals, or nobody here can be told.
var ErrNoLive = errors.New("the relay tells of no arrivals")

// Live is what a Mail may offer besides: it tells when something arrives, so that
// nobody has to ask again and again. What it tells is a hint: it brings nothing, and
// a relay that keeps silent or cries wolf changes no more than when a Round is.
type Live interface {
	// Hear calls arrived with the highest number of b, once at the start and
	// whenever it grows; math.MaxInt64 where it is not known. It returns when it
	// hears no longer: ErrNoLive for good, anything else for now.
	Hear(ctx context.Context, b Box, arrived func(highest int64)) error
}

// named is a Mail all of whose errors are named: whatever is none of them is an
// answer that did not come.
type named struct{ Mail }

func name(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil || isMail(err) || errors.Is(err, ErrKnown) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrOffline, err)
}

func (m named) Open(ctx context.Context, b Box, life time.Duration) (Standing, error) {
	st, err := m.Mail.Open(ctx, b, life)
	return st, name(ctx, err)
}

func (m named) List(ctx context.Context, b Box, after int64) ([]Letter, bool, error) {
	list, more, err := m.Mail.List(ctx, b, after)
	return list, more, name(ctx, err)
}

func (m named) Fetch(ctx context.Context, b Box, l Letter) (string, error) {
	text, err := m.Mail.Fetch(ctx, b, l)
	return text, name(ctx, err)
}

func (m named) Deposit(ctx context.Context, b Box, id, sealed string) error {
	return name(ctx, m.Mail.Deposit(ctx, b, id, sealed))
}

func (m named) Ack(ctx context.Context, b Box, numbers []int64) error {
	return name(ctx, m.Mail.Ack(ctx, b, numbers))
}

// Standing is how a mailbox stands. All times are the relay's, unix seconds.
type Standing struct {
	Now     int64
	Created int64 // another Created is another mailbox, which began again at 1
	Expires int64
	Highest int64 // number given so far
}

// Letter is one frame as the relay keeps it.
type Letter struct {
	Number int64
	ID     string // the sender's choice
	Size   int64
	Sealed string // age file in base64url; "" for a large one, which Fetch returns
}

// Limits of a mailbox and of what is put into it.
const (
	boxLife    = 90 * 24 * time.Hour // the relay's most; each Open begins it anew
	letterLife = 30 * 24 * time.Hour // of a letter at the relay
	maxLetter  = 25 << 20            // characters
)
