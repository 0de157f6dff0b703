package v1

import (
	"context"
	"time"

	"potli/relay"
	"potli/relay/wire"
)

const (
	// A ticket may be made until the debounce window of the last use ends.
	lastTicket = int64((wire.TicketLife + wire.DebounceWindow) / time.Second)
	// An upload of 25 MiB that is still going on must not lose its parts.
	orphanAge = int64(10 * time.Minute / time.Second)
	// Uploads that broke off longer ago were seen by an earlier purge.
	orphanPast = int64(2 * time.Hour / time.Second)
)

// Purge implements relay.Keeper.
func (s *Store) Purge(ctx context.Context, now int64) error {
	if _, err := s.exec(ctx, closeSpent, now-lastTicket); err != nil {
		return err
	}
	for _, pair := range []struct {
		first, second string
		args          []any
	}{
		{deleteExpired, forgetExpired, []any{now}},
		{deleteOver, forgetOver, nil},
		{deleteReceipts, deleteEnded, []any{now}},
	} {
		if err := s.until(ctx, pair.first, pair.second, pair.args...); err != nil {
			return err
		}
	}
	since := now - orphanPast
	if !s.swept.Load() {
		since = 0 // the process before may have died in the midst of an upload at any time
	}
	if err := s.purgeOrphans(ctx, now-orphanAge, since); err != nil {
		return err
	}
	s.swept.Store(true)
	if !s.file {
		return nil
	}
	// The log holds copies of pages from before they were zeroed.
	return s.one(ctx, truncateLog, nil, new(int64), new(int64), new(int64))
}

// until repeats two statements in turn until neither finds a row.
func (s *Store) until(ctx context.Context, first, second string, args ...any) error {
	for {
		a, err := s.exec(ctx, first, args...)
		if err != nil {
			return err
		}
		b, err := s.exec(ctx, second, args...)
		if err != nil {
			return err
		}
		if a == 0 && b == 0 {
			return nil
		}
	}
}

func (s *Store) purgeOrphans(ctx context.Context, until, since int64) error {
	for {
		n, err := s.exec(ctx, deleteOrphans, until, since)
		if n == 0 || err != nil {
			return err
		}
	}
}

// Count implements relay.Keeper.
func (s *Store) Count(ctx context.Context, now int64) (relay.Totals, error) {
	var t relay.Totals
	var oldest int64
	if err := s.one(ctx, countLinks, []any{now}, &t.Links, &t.Bytes); err != nil {
		return t, err
	}
	if err := s.one(ctx, oldestFile, []any{now}, &oldest); err != nil {
		return t, err
	}
	t.OldestExpired = now - oldest
	return t, nil
}
