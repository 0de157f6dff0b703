package sqlstore

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"strconv"
	"time"

	"potli/relay"
	"potli/relay/wire"
)

const debounce = int64(wire.DebounceWindow / time.Second)

// Live implements relay.Counters.
func (s *Store) Live(ctx context.Context, r relay.Reader) (relay.Link, error) {
	var l relay.Link
	var again int64
	var err error
	if r.Ticket {
		l, err = s.link(ctx, selectHeld, r.ID, r.Now)
	} else {
		l, err = s.scan(ctx, selectLive, []any{r.ID, r.Now, r.By, r.Now - debounce}, &again)
	}
	if err == nil && l.File == "" { // erased, and then a clock was set back
		return relay.Link{}, relay.ErrGone
	}
	l.Again = again == 1
	return l, err
}

// Charge implements relay.Counters in one statement.
func (s *Store) Charge(ctx context.Context, r relay.Reader, passMAC string) (relay.Charged, error) {
	var c relay.Charged
	var open int
	args := []any{r.ID, r.Now, r.By, r.Now - debounce, passMAC, rand.Text()}
	err := s.one(ctx, charge, args, &c.AttemptsLeft, &c.UsesLeft, &open, &c.Receipt)
	c.Open = open == 1
	return c, err
}

// Create implements relay.Links: parts first, then the row that makes them a
// link.
func (s *Store) Create(ctx context.Context, l relay.Link, file []byte, now int64) (bool, error) {
	var owner string
	switch err := s.one(ctx, selectTaken, []any{l.ID}, &owner); {
	case err == nil:
		return false, nil
	case !errors.Is(err, relay.ErrGone):
		return false, err
	}
	name, err := s.insertParts(ctx, l.ID, l.Sequence, file, now)
	if err != nil {
		return false, err
	}
	n, err := s.exec(ctx, insertLink, l.ID, l.Flag, integer(l.Strict), l.Expires, l.Keep, integer(l.Paused), int64(l.UsesLeft),
		int64(l.AttemptsLeft), blob(l.Salt), l.PassMAC, l.Token, l.Sequence, blob(l.ReceiptKey), int64(0),
		name, int64(len(file)), l.ContentType, now, int64(l.Kid))
	return n == 1, err
}

// Owned implements relay.Links.
func (s *Store) Owned(ctx context.Context, id, token string) (relay.Link, error) {
	return s.link(ctx, selectOwned, id, token)
}

// Change implements relay.Links.
func (s *Store) Change(ctx context.Context, c relay.Claim, to relay.Terms) (relay.Link, error) {
	var setPaused, paused, setExpires bool
	var expires, keep int64
	if to.Paused != nil {
		setPaused, paused = true, *to.Paused
	}
	if to.Expires != nil {
		setExpires, expires, keep = true, *to.Expires, *to.Expires+int64(wire.ReceiptKeep/time.Second)
	}
	return s.link(ctx, change, c.ID, c.Token, c.Sequence, c.Now, integer(setPaused), integer(paused),
		integer(setExpires), expires, keep, int64(to.AddUses), int64(wire.MaxUses))
}

// Replace implements relay.Links. The old parts go after the row has let go of
// them; a reader in the midst of them is cut off and asks again.
func (s *Store) Replace(ctx context.Context, c relay.Claim, contentType string, file []byte) (relay.Link, error) {
	old, err := s.Owned(ctx, c.ID, c.Token)
	if err != nil {
		return relay.Link{}, err
	}
	if old.Sequence >= c.Sequence { // informs only, and saves the writing
		return relay.Link{}, relay.ErrGone
	}
	name, err := s.insertParts(ctx, c.ID, c.Sequence, file, c.Now)
	if err != nil {
		return relay.Link{}, err
	}
	l, err := s.link(ctx, replace, c.ID, c.Token, c.Sequence, c.Now, name, int64(len(file)), contentType)
	if err != nil {
		return relay.Link{}, err // the purge takes the parts
	}
	if old.File != name {
		_, err = s.exec(ctx, deleteParts, old.File)
	}
	return l, err
}

// Revoke implements relay.Links.
func (s *Store) Revoke(ctx context.Context, c relay.Claim, keep int64) error {
	var file string
	if err := s.one(ctx, revoke, []any{c.ID, c.Token, c.Sequence, keep}, &file); err != nil {
		return err
	}
	return s.Erase(ctx, relay.Link{ID: c.ID, File: file})
}

// link runs a statement that yields columns.
func (s *Store) link(ctx context.Context, text string, args ...any) (relay.Link, error) {
	return s.scan(ctx, text, args)
}

// scan is link with more values behind the columns.
func (s *Store) scan(ctx context.Context, text string, args []any, more ...any) (relay.Link, error) {
	var l relay.Link
	var strict, paused int64
	err := s.one(ctx, text, args, append([]any{&l.ID, &l.Flag, &strict, &l.Expires, &l.Keep, &paused, &l.UsesLeft, &l.AttemptsLeft,
		&l.Salt, &l.PassMAC, &l.Token, &l.Sequence, &l.ReceiptKey, &l.Receipts, &l.File, &l.Size, &l.ContentType, &l.Updated, &l.Kid}, more...)...)
	l.Strict, l.Paused = strict == 1, paused == 1
	if l.Expires <= none {
		l.Expires = 0
	}
	if l.PassMAC == zeros {
		l.PassMAC = ""
	}
	if string(l.ReceiptKey) == zerosKey {
		l.ReceiptKey = l.ReceiptKey[:0]
	}
	return l, err
}

// insertParts writes file in pieces under the name it returns. The name is made
// of link, change and content: a repeat of the same upload is the same rows, and
// two uploads never mix.
func (s *Store) insertParts(ctx context.Context, id string, sequence int64, file []byte, now int64) (string, error) {
	sum := sha256.New()
	sum.Write([]byte(id + "." + strconv.FormatInt(sequence, 10) + "."))
	sum.Write(file)
	name := hex.EncodeToString(sum.Sum(nil))
	for n := int64(0); len(file) > 0; n++ {
		size := min(len(file), relay.PartSize)
		if _, err := s.exec(ctx, insertPart, name, n, id, now, file[:size]); err != nil {
			return "", err
		}
		file = file[size:]
	}
	return name, nil
}

// Part implements relay.Files.
func (s *Store) Part(ctx context.Context, file string, n int) ([]byte, error) {
	var body []byte
	err := s.one(ctx, selectPart, []any{file, int64(n)}, &body)
	return body, err
}

// Erase implements relay.Files.
func (s *Store) Erase(ctx context.Context, l relay.Link) error {
	if _, err := s.exec(ctx, deleteParts, l.File); err != nil {
		return err
	}
	_, err := s.exec(ctx, erase, l.ID, l.File)
	return err
}

// AddReceipt implements relay.Receipts.
func (s *Store) AddReceipt(ctx context.Context, id string, n int, sealed []byte) error {
	_, err := s.exec(ctx, insertReceipt, id, int64(n), sealed)
	return err
}

// ReceiptsAfter implements relay.Receipts.
func (s *Store) ReceiptsAfter(ctx context.Context, id string, n int) ([]relay.Receipt, error) {
	var list []relay.Receipt
	err := s.each(ctx, selectReceipts, []any{id, int64(n)}, func(rows *sql.Rows) error {
		var r relay.Receipt
		err := rows.Scan(&r.N, &r.Sealed)
		list = append(list, r)
		return err
	})
	return list, err
}

func integer(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// blob keeps NULL out: a driver writes it for a nil slice.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
