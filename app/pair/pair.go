// Package pair runs the pairing of two devices (crypto/pairing) over a mailbox of
// the relay: Show on the device that shows the code, Scan on the one that reads it.
// It carries; what an offer and an answer say is the caller's business, and who
// may pair is decided before.
//
//	Show                                  Scan
//	NewShow  opens the mailbox
//	Code     on the screen ─ ─ ─ ─ ─ ─ ▶  NewScan
//	Meet     digits, offer                Meet     digits
//	Accept   after a look at both         Accept   after a look at both
//	Theirs   the other person said yes
//	Answer   the keys ─────────────────▶  Answer   the keys
//	         returns when they are        Finish   they are stored
//	         stored there
//
// Each call that waits returns when what it waits for is there, when its context
// ends, which ends the attempt, or with the error that ended it: one of
// pairing's, or ErrGone. What the relay loses for a while is sent and asked for
// again; whatever it adds, repeats, changes or reorders ends the attempt.
package pair

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"sync"
	"time"

	"potli/crypto/pairing"
)

// Errors, beside those of package pairing that say how an attempt ended.
var (
	// ErrGone: there is no such mailbox, or no longer: the code is too old, or the
	// other device has ended the attempt.
	ErrGone = errors.New("the other device is no longer there")
	// ErrOffline: the relay cannot be reached, or is busy. Returned only where
	// waiting does not help.
	ErrOffline = errors.New("the relay cannot be reached")
)

// Box is the mailbox of one attempt.
type Box = pairing.Box

// MaxMessage bounds a message, in characters.
const MaxMessage = pairing.MaxMessage

// Mail is the relay's mailboxes. Errors: ErrGone where there is no such mailbox,
// ErrOffline where trying again may help; any other is final.
type Mail interface {
	// Open makes the mailbox, to live for at least life. Repeating it is harmless.
	Open(ctx context.Context, b Box, life time.Duration) error
	// Deposit puts a message in, under an id of 16 random bytes in base64url. nil
	// means that the other side will get it. The same call may be repeated.
	Deposit(ctx context.Context, b Box, id, sealed string) error
	// Wait returns messages with a number above after, in order, one's own too.
	// When there are none it waits for some, for a while; none is no error.
	Wait(ctx context.Context, b Box, after int64) ([]Entry, error)
	// Close ends the mailbox for both. Repeating it is harmless.
	Close(ctx context.Context, b Box) error
}

// Entry is one message in a mailbox.
type Entry struct {
	Seq    int64
	ID     string
	Sealed string
}

// Deps are what an attempt needs of the outside.
type Deps struct {
	Mail  Mail
	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration) error
	Rand  io.Reader
}

// Rests after a failure of the network: the first, doubled each time, and the
// longest. farewellTime is for telling the other side that it is over.
const (
	firstRest    = time.Second
	longestRest  = 8 * time.Second
	farewellTime = 5 * time.Second
)

// machine is what pairing.Shower and pairing.Scanner have in common.
type machine interface {
	Box() Box
	Until() time.Time
	Receive(now time.Time, sealed string) (reply string, err error)
	Check(now time.Time) (last string, err error)
	Decline() (last string)
}

// line is one side's end of the mailbox. Only one call waits at a time; Accept and
// Decline may be called meanwhile.
type line struct {
	Deps
	box   Box
	after int64 // the last number that was read; of whoever waits

	mu  sync.Mutex // owns m and own
	m   machine
	own map[string]bool // ids of what this side said

	out sync.Mutex // one message goes out at a time
}

func newLine(d Deps, m machine) *line {
	return &line{Deps: d, box: m.Box(), m: m, own: map[string]bool{}}
}

// Until is when the attempt ends unless something happens.
func (l *line) Until() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.m.Until()
}

// say sends a message, again and again until it is there or the attempt is over.
func (l *line) say(ctx context.Context, sealed string) error {
	return l.send(ctx, sealed, func(err error) error { return err })
}

// sayLast is say for what the other side closes the mailbox upon: where the relay's
// answer to it was lost, a mailbox that is gone says that it was heard.
func (l *line) sayLast(ctx context.Context, sealed string) error {
	lost := false
	return l.send(ctx, sealed, func(err error) error {
		if lost && errors.Is(err, ErrGone) {
			return nil
		}
		lost = lost || errors.Is(err, ErrOffline)
		return err
	})
}

func (l *line) send(ctx context.Context, sealed string, judge func(error) error) error {
	if sealed == "" {
		return nil
	}
	l.out.Lock()
	defer l.out.Unlock()
	id, err := l.newID()
	if err != nil {
		return l.quit(ctx, err)
	}
	return l.retry(ctx, func(ctx context.Context) error { return judge(l.Mail.Deposit(ctx, l.box, id, sealed)) })
}

// newID names a message of this side's.
func (l *line) newID() (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(l.Rand, b[:]); err != nil {
		return "", err
	}
	id := base64.RawURLEncoding.EncodeToString(b[:])
	l.mu.Lock()
	defer l.mu.Unlock()
	l.own[id] = true
	return id, nil
}

// retry repeats f while the relay cannot be reached and there is time left.
func (l *line) retry(ctx context.Context, f func(context.Context) error) error {
	for rest := firstRest; ; rest = min(2*rest, longestRest) {
		err := f(ctx)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return l.quit(ctx, ctx.Err())
		case !errors.Is(err, ErrOffline):
			return l.quit(ctx, err)
		}
		if err := l.check(ctx); err != nil {
			return err
		}
		if err := l.Sleep(ctx, rest); err != nil {
			return l.quit(ctx, err)
		}
	}
}

// check fails when the attempt is over or has just run out of time.
func (l *line) check(ctx context.Context) error {
	l.mu.Lock()
	last, err := l.m.Check(l.Now())
	l.mu.Unlock()
	l.part(ctx, last)
	return err
}

// quit ends the attempt from this side; the error is the one that the attempt had
// ended with before, or why.
func (l *line) quit(ctx context.Context, why error) error {
	l.mu.Lock()
	last, err := l.m.Check(l.Now())
	if last == "" {
		last = l.m.Decline()
	}
	l.mu.Unlock()
	l.part(ctx, last)
	if err != nil {
		return err
	}
	return why
}

// part tells the other side that it is over, once and without insisting: it finds
// out by itself when its time is over.
func (l *line) part(ctx context.Context, last string) {
	if last == "" {
		return
	}
	id, err := l.newID()
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewellTime)
	defer cancel()
	_ = l.Mail.Deposit(ctx, l.box, id, last)
}

// hear takes messages until there is what is waited for.
func (l *line) hear(ctx context.Context, there func() bool) error {
	for {
		l.mu.Lock()
		enough := there()
		l.mu.Unlock()
		if enough {
			return nil
		}
		if err := l.check(ctx); err != nil {
			return err
		}
		list, err := l.wait(ctx)
		if err != nil {
			return err
		}
		for _, e := range list {
			if err := l.take(ctx, e); err != nil {
				return err
			}
			l.mu.Lock()
			enough := there()
			l.mu.Unlock()
			if enough {
				return nil
			}
		}
	}
}

// wait asks for what is new, no longer than the attempt has time.
func (l *line) wait(ctx context.Context) (list []Entry, err error) {
	err = l.retry(ctx, func(whole context.Context) error {
		ctx, cancel := context.WithTimeout(whole, max(0, l.Until().Sub(l.Now())))
		defer cancel()
		list, err = l.Mail.Wait(ctx, l.box, l.after)
		if ctx.Err() != nil && whole.Err() == nil {
			return nil // out of time: the machine says so
		}
		return err
	})
	return list, err
}

// take gives one message to the machine and sends what it replies.
func (l *line) take(ctx context.Context, e Entry) error {
	if e.Seq <= l.after {
		return l.quit(ctx, pairing.ErrTampered) // a number that does not grow would be read for ever
	}
	l.after = e.Seq
	l.mu.Lock()
	own := l.own[e.ID]
	l.mu.Unlock()
	if own {
		return nil
	}
	if err := l.check(ctx); err != nil {
		return err // over before this came; what was said last may not have been read yet
	}
	l.mu.Lock()
	reply, err := l.m.Receive(l.Now(), e.Sealed)
	l.mu.Unlock()
	if err == nil {
		return l.say(ctx, reply)
	}
	l.part(ctx, reply)
	if reply == "" {
		_ = l.close(ctx) // the other side has ended it: nobody needs the mailbox any more
	}
	return err
}

func (l *line) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewellTime)
	defer cancel()
	return l.Mail.Close(ctx, l.box)
}

// Decline ends the attempt: a person said that the digits differ, or left. The
// other side is told if it can be reached.
func (l *line) Decline(ctx context.Context) {
	l.mu.Lock()
	last := l.m.Decline()
	l.mu.Unlock()
	l.part(ctx, last)
}
