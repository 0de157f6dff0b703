package sqlstore

import (
	"context"
	"crypto/rand"
	"errors"
	"math/big"
	"strconv"

	"potli/relay"
)

// An old copy of the database, put back, would serve links that have been
// revoked since, and give back passcode attempts that have been spent. The
// database cannot know that it is old: somebody outside must remember how far it
// had come. So it counts ticks, and its keeper writes down the last one in a
// witness beside the key, after the database has it. A database that is behind
// its witness is an old copy.
//
// A tick is a unix time that only grows, so that several relays over one
// database, each with a witness, agree on it.
//
// The limits, which no database can lift by itself: what was decided between the
// last tick (each minute, at start and at a clean end) and a crash is not seen,
// so that a copy made in that minute passes; a witness that is put back together
// with the database vouches for it; and where there is no witness, as in a
// Durable Object, whose operator can wind it back, there is nobody to ask.

// A witness is of one database. Which one that is says a number drawn when it is
// first asked for, which its copies have too: another database that was used in
// between, with the same key, vouches for nothing and accuses nobody.

// Name returns the number of the database.
func (s *Store) Name(ctx context.Context) (name int64, err error) {
	drawn, err := rand.Int(rand.Reader, big.NewInt(1<<53-1)) // what every engine holds exactly
	if err != nil {
		return 0, err
	}
	if _, err := s.exec(ctx, insertName, 1+drawn.Int64()); err != nil {
		return 0, err
	}
	err = s.one(ctx, selectName, nil, &name)
	return name, err
}

// ErrOldCopy is returned by Tick when the database has been put back.
var ErrOldCopy = errors.New("the database is an old copy")

// Tick moves the database's tick on, to now at least, and returns it. seen is the
// last one that the caller has written down, 0 when there is none. When the
// database is behind that, nothing changes and the error is ErrOldCopy.
func (s *Store) Tick(ctx context.Context, seen, now int64) (tick int64, err error) {
	err = s.one(ctx, nextTick, []any{seen, now}, &tick)
	if errors.Is(err, relay.ErrGone) {
		err = ErrOldCopy
	}
	return tick, err
}

// Distrust makes an old copy harmless: links with a passcode are locked, because
// the attempts spent since are not known; all others are paused until their
// owner, who alone knows what was revoked, resumes them. It returns how many.
// Mailboxes go on with far higher numbers, or who has read further than the copy
// knows would not see what comes next. Repeating it is harmless; the caller ticks
// when it has succeeded.
func (s *Store) Distrust(ctx context.Context, now int64) (locked, paused int64, err error) {
	if locked, err = s.exec(ctx, lockAll); err != nil {
		return locked, 0, err
	}
	if paused, err = s.exec(ctx, pauseAll); err != nil {
		return locked, paused, err
	}
	_, err = s.exec(ctx, skipNumbers, now, "restored "+strconv.FormatInt(now, 10)+" ")
	return locked, paused, err
}
