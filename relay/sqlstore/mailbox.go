package sqlstore

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"potli/relay"
	"potli/relay/wire"
)

const (
	entryLife = int64(wire.EntryLife / time.Second)
	// No statement is on its way for so long.
	underWay = int64(30)
)

// OpenMailbox implements relay.Mailboxes.
func (s *Store) OpenMailbox(ctx context.Context, m relay.Mailbox, now int64) (bool, error) {
	made, err := s.exec(ctx, insertMailbox, m.ID, m.Token, now, m.Expires, m.MostEntries, m.MostBytes, m.Note)
	if made == 1 || err != nil {
		return made == 1, err
	}
	changed, err := s.exec(ctx, changeMailbox, m.ID, now, m.Token, m.Expires, m.MostEntries, m.MostBytes, m.Note)
	if err == nil && changed == 0 {
		err = relay.ErrTaken
	}
	return false, err
}

// Mailbox implements relay.Mailboxes.
func (s *Store) Mailbox(ctx context.Context, id string, now int64) (relay.Mailbox, error) {
	return s.mailbox(ctx, selectMailbox, id, now)
}

// OwnedMailbox implements relay.Mailboxes.
func (s *Store) OwnedMailbox(ctx context.Context, id, token string, now int64) (relay.Mailbox, error) {
	return s.mailbox(ctx, selectOwnMailbox, id, now, token)
}

func (s *Store) mailbox(ctx context.Context, text string, args ...any) (m relay.Mailbox, err error) {
	err = s.one(ctx, text, args, &m.ID, &m.Created, &m.Expires, &m.MostEntries, &m.MostBytes, &m.Note, &m.Entries, &m.Bytes, &m.Highest)
	return m, err
}

// CloseMailbox implements relay.Mailboxes. What is left of the rows is the
// purge's.
func (s *Store) CloseMailbox(ctx context.Context, id, token string, now int64) error {
	n, err := s.exec(ctx, closeMailbox, id, now, token)
	if err == nil && n == 0 {
		err = relay.ErrGone
	}
	if err != nil {
		return err
	}
	return s.repeat(ctx, eraseMailbox, id)
}

// Deposit implements relay.Mailboxes: the body first, then the row that makes it an
// entry. When no row was written, what stood in the way is looked up: it may
// be this very entry, brought twice, or another one that was faster.
func (s *Store) Deposit(ctx context.Context, mailbox, entry string, body []byte, now int64) (int64, error) {
	file, size, written := nameEntry(mailbox, entry, body), int64(len(body)), false
	for {
		if seq, err := s.deposited(ctx, mailbox, entry, file); !errors.Is(err, relay.ErrGone) {
			return seq, err
		}
		m, err := s.Mailbox(ctx, mailbox, now)
		if err == nil && !m.Holds(size) {
			err = relay.ErrFull
		}
		if err == nil && !written {
			err, written = s.writeBody(ctx, file, body, now), true
		}
		if err != nil {
			return 0, err
		}
		var seq int64
		err = s.one(ctx, deposit, []any{mailbox, now, entry, file, size}, &seq)
		if !errors.Is(err, relay.ErrGone) {
			return seq, err
		}
	}
}

// deposited returns the number of an entry that is, or was, in the mailbox.
func (s *Store) deposited(ctx context.Context, mailbox, entry, file string) (seq int64, err error) {
	var had string
	err = s.one(ctx, selectDeposited, []any{mailbox, entry}, &seq, &had)
	if err == nil && had != file {
		return 0, relay.ErrOther
	}
	return seq, err
}

// nameEntry names the body of an entry by all that it is: the same name is the
// same entry.
func nameEntry(mailbox, entry string, body []byte) string {
	sum := sha256.New()
	sum.Write([]byte(mailbox + "/" + entry + "/"))
	sum.Write(body)
	return hex.EncodeToString(sum.Sum(nil))
}

// writeBody writes a body in pieces.
func (s *Store) writeBody(ctx context.Context, file string, body []byte, now int64) error {
	n := int64(0)
	for part := range slices.Chunk(body, relay.PartSize) {
		if _, err := s.exec(ctx, insertBody, file, n, now, part); err != nil {
			return err
		}
		n++
	}
	return nil
}

// Entries implements relay.Mailboxes.
func (s *Store) Entries(ctx context.Context, mailbox string, after, now int64) ([]relay.Entry, bool, error) {
	var list []relay.Entry
	var last int64
	args := []any{mailbox, after, now - entryLife, int64(wire.InlineEntry), int64(wire.EntriesPage), int64(wire.EntriesAtOnce)}
	err := s.each(ctx, selectEntries, args, func(rows *sql.Rows) error {
		var e relay.Entry
		err := rows.Scan(&e.Seq, &e.ID, &e.File, &e.Size, &e.Added, &e.Body, &last)
		list = append(list, e)
		return err
	})
	if err != nil || len(list) == 0 {
		return nil, false, err
	}
	return list, list[len(list)-1].Seq < last, nil
}

// Entry implements relay.Mailboxes.
func (s *Store) Entry(ctx context.Context, mailbox string, seq, now int64) (e relay.Entry, err error) {
	err = s.one(ctx, selectEntry, []any{mailbox, seq, now - entryLife}, &e.Seq, &e.ID, &e.File, &e.Size, &e.Added)
	return e, err
}

// EntryPart implements relay.Mailboxes.
func (s *Store) EntryPart(ctx context.Context, file string, n int) (body []byte, err error) {
	err = s.one(ctx, selectBody, []any{file, int64(n)}, &body)
	return body, err
}

// Acknowledge implements relay.Mailboxes. Owners mostly name numbers in a row,
// which are one statement.
func (s *Store) Acknowledge(ctx context.Context, mailbox string, seqs []int64) error {
	seqs = slices.Compact(slices.Sorted(slices.Values(seqs)))
	for len(seqs) > 0 {
		n := 1
		for n < len(seqs) && seqs[n] == seqs[0]+int64(n) {
			n++
		}
		if _, err := s.exec(ctx, acknowledge, mailbox, seqs[0], seqs[n-1]); err != nil {
			return err
		}
		if err := s.repeat(ctx, eraseAcknowledged, mailbox, seqs[0], seqs[n-1]); err != nil {
			return err
		}
		seqs = seqs[n:]
	}
	return nil
}

// Arrivals implements relay.Mailboxes.
func (s *Store) Arrivals(ctx context.Context, since int64) (map[string]int64, error) {
	highest := make(map[string]int64)
	err := s.each(ctx, selectArrivals, []any{since}, func(rows *sql.Rows) error {
		var mailbox string
		var seq int64
		err := rows.Scan(&mailbox, &seq)
		highest[mailbox] = seq
		return err
	})
	return highest, err
}

// purgeMailboxes is Purge's part for mailboxes. What was to be done longer than
// past seconds ago was done by an earlier one.
func (s *Store) purgeMailboxes(ctx context.Context, now, past int64) error {
	if _, err := s.exec(ctx, endMailboxes, now); err != nil {
		return err
	}
	if err := s.until(ctx, emptyBodies, deleteEntries); err != nil {
		return err
	}
	if _, err := s.exec(ctx, deletePushes); err != nil {
		return err
	}
	if _, err := s.exec(ctx, emptyMailboxes, now-underWay); err != nil {
		return err
	}
	if _, err := s.exec(ctx, deleteMailboxes, now); err != nil {
		return err
	}
	old := now - entryLife
	if err := s.until(ctx, staleBodies, forgetEntries, old); err != nil {
		return err
	}
	if err := s.repeat(ctx, deleteLeft, old, old-past); err != nil {
		return err
	}
	return s.repeat(ctx, deleteLoose, now-orphanAge, now-past)
}

// countMailboxes adds to t what mailboxes hold.
func (s *Store) countMailboxes(ctx context.Context, now int64, t *relay.Totals) error {
	var bytes, oldest int64
	if err := s.one(ctx, countMailboxes, []any{now}, &t.Mailboxes); err != nil {
		return err
	}
	if err := s.one(ctx, countEntries, nil, &bytes); err != nil {
		return err
	}
	if err := s.one(ctx, oldestMailbox, []any{now}, &oldest); err != nil {
		return err
	}
	t.Bytes += bytes
	t.OldestExpired = max(t.OldestExpired, now-oldest)
	return nil
}

// repeat runs a statement until it finds no row.
func (s *Store) repeat(ctx context.Context, text string, args ...any) error {
	for {
		if n, err := s.exec(ctx, text, args...); n == 0 || err != nil {
			return err
		}
	}
}
