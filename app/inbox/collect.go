package inbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"potli/app/share"
)

// Box names a mailbox to its owner.
type Box struct{ ID, Token string }

// Standing is how a mailbox stands, by the relay's clock.
type Standing struct {
	Now     time.Time
	Created int64 // tells one mailbox of an id from another
	Entries int64 // letters in it
}

// Mail is the relay as the owner of mailboxes sees it. Nothing it returns is
// trusted. Every call may be repeated. Errors wrap share.ErrOffline (no answer: try
// again later), share.ErrGone (there is no such mailbox any more, or no longer this
// letter), share.ErrBusy, share.ErrRefused.
type Mail interface {
	// Open makes the mailbox with room for as much as a relay takes, or prolongs it;
	// note is what senders are told. nil: it is durable there.
	Open(ctx context.Context, b Box, life time.Duration, note string) (Standing, error)
	Status(ctx context.Context, b Box) (Standing, error)
	// List returns letters with a number above after, in order; more says that there
	// are others.
	List(ctx context.Context, b Box, after int64) (letters []Letter, more bool, err error)
	// Fetch returns the text of a letter that came without it.
	Fetch(ctx context.Context, b Box, l Letter) (string, error)
	// Ack lets the relay erase letters.
	Ack(ctx context.Context, b Box, numbers []int64) error
	// Close ends the mailbox for good, with what is in it.
	Close(ctx context.Context, b Box) error
}

// Store keeps an inbox. When Keep returns nil, the code as it then is and what
// arrived, if anything did, survive a crash, both or neither.
type Store interface {
	Keep(ctx context.Context, d *Drop, a *Arrival) error
}

// Report is what a Collect brought.
type Report struct {
	Arrived []*Item
	Refused int   // letters, by reason in Drop.Refused
	Waits   int64 // letters that stay at the relay
}

// Open makes the mailbox of a new code at the relay, or prolongs it, and notes the
// relay's clock. It lives longer than the code, so that what came in time is not
// lost on a wallet that is seldom opened.
func (d *Drop) Open(ctx context.Context, mail Mail, now func() time.Time) error {
	left := max(d.Expires.Sub(d.True(now())), 0)
	s, err := mail.Open(ctx, d.Box(), left+Late, d.Note())
	if err != nil {
		return err
	}
	d.Heard(s, now())
	return nil
}

// mostSeen is how many letters are looked at in one go, several times what an honest
// relay keeps of one mailbox: one whose list has no end must not hold up a wallet.
const mostSeen = 5000

// Collect takes in what waits under a code, as much as there is room for, and lets
// the relay erase what was decided about. After any error what was kept is kept,
// and the call may be repeated.
func (b *Inbox) Collect(ctx context.Context, mail Mail, d *Drop, store Store, now func() time.Time) (Report, error) {
	var r Report
	s, err := mail.Status(ctx, d.Box())
	if err != nil {
		return r, err
	}
	d.Heard(s, now())
	if s.Entries == 0 && d.Waits == 0 && len(d.Done) == 0 {
		return r, nil // as nearly always
	}
	for after, more, seen := int64(0), true, 0; more && err == nil && seen < mostSeen; {
		var letters []Letter
		if letters, more, err = mail.List(ctx, d.Box(), after); err != nil {
			return r, err
		}
		var full bool
		full, err = b.page(ctx, mail, d, letters, store, now, &r)
		if len(letters) == 0 || full {
			break
		}
		after = letters[len(letters)-1].Number
		seen += len(letters)
	}
	return r, errors.Join(err, b.settle(ctx, mail, d, store, &r))
}

// page goes through letters in their order. full: the next has to wait for a
// decision, and so have all that follow it. What is refused is not kept at once: a
// thousand refusals are one write, before the relay hears of them.
func (b *Inbox) page(ctx context.Context, mail Mail, d *Drop, letters []Letter, store Store, now func() time.Time, r *Report) (full bool, err error) {
	for _, l := range letters {
		if slices.Contains(d.Done, l.Number) {
			continue
		}
		a, err := b.letter(ctx, mail, d, l, d.latest(now()))
		var why *Refusal
		switch {
		case errors.Is(err, ErrLater), errors.Is(err, share.ErrGone):
			continue
		case errors.Is(err, ErrNoRoom):
			return true, nil
		case errors.As(err, &why):
			*d = *d.after(l, nil, why, now())
			r.Refused++
			continue
		case err != nil:
			return false, err
		}
		next := d.after(l, a, nil, now())
		if err := store.Keep(ctx, next, a); err != nil {
			return false, err
		}
		*d = *next
		b.Items = append(b.Items, a.Item)
		r.Arrived = append(r.Arrived, a.Item)
	}
	return false, nil
}

// letter takes one letter, and fetches it only if it may be taken.
func (b *Inbox) letter(ctx context.Context, mail Mail, d *Drop, l Letter, now time.Time) (*Arrival, error) {
	if err := b.admits(d, l, now); err != nil {
		return nil, err
	}
	if l.Sealed == "" {
		sealed, err := mail.Fetch(ctx, d.Box(), l)
		if err != nil {
			return nil, err
		}
		l.Sealed = sealed
	}
	read := b.Read
	if read == nil {
		read = func(_ context.Context, d *Drop, l Letter, now time.Time) (*Arrival, error) { return Read(d, l, now) }
	}
	a, err := read(ctx, d, l, now)
	if err != nil {
		return nil, err
	}
	if err := b.takes(d, a, now); err != nil {
		return nil, err
	}
	return a, nil
}

// settle lets the relay erase what was decided about, once that is written down,
// and asks what is left.
func (b *Inbox) settle(ctx context.Context, mail Mail, d *Drop, store Store, r *Report) error {
	if r.Refused > 0 {
		if err := store.Keep(ctx, d, nil); err != nil {
			return err
		}
	}
	if len(d.Done) > 0 {
		if err := mail.Ack(ctx, d.Box(), d.Done); err != nil {
			return err
		}
	}
	s, err := mail.Status(ctx, d.Box())
	if err != nil {
		return err
	}
	r.Waits = s.Entries
	if len(d.Done) == 0 && d.Waits == s.Entries {
		return nil
	}
	next := *d
	next.Done, next.Waits = nil, s.Entries
	if err := store.Keep(ctx, &next, nil); err != nil {
		return err
	}
	*d = next
	return nil
}
