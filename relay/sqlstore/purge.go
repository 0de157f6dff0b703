package sqlstore

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
	// What broke off so long before the last purge was seen by it, however much the
	// clocks of several relays differ.
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
	// The first one looks at all there is: the process before may have died in the
	// midst of an upload at any time. So much later may the next one be, on a machine
	// that slept.
	since := max(0, min(now, s.purged.Load())-orphanPast)
	if err := s.purgeMailboxes(ctx, now, now-since); err != nil {
		return err
	}
	if err := s.repeat(ctx, deleteOrphans, now-orphanAge, since); err != nil {
		return err
	}
	s.purged.Store(now)
	if s.dialect != SQLite {
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
	if err := s.countMailboxes(ctx, now, &t); err != nil {
		return t, err
	}
	for _, text := range []string{countOrphans, countLoose} {
		var bytes int64
		if err := s.one(ctx, text, []any{now - orphanPast}, &bytes); err != nil {
			return t, err
		}
		t.Loose += bytes
	}
	return t, nil
}
