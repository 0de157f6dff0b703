package wallet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"potli/app/traffic"
	"potli/app/vault"
	"potli/crypto/envelope"
)

// What left this phone (O6) is kept in storage beside the vault, sealed like its
// documents: it is of this device alone, so it is in no backup and goes to no other
// device, and what is written of it is no change of the vault.
//
//	traffic          the newest rows, and the sums of the last weeks
//	traffic/2026-08  the sums of a month before
//
// Whoever holds storage and keys could write it anew: it is for the person, and no
// evidence. Several tabs write it in turns, each adding its own.
const (
	blobTraffic  = "traffic"
	kindTraffic  = "traffic"
	trafficEvery = 10 * time.Second // requests wait for so long, to be sealed once
	trafficBytes = 5 * time.Minute  // and bytes of a connection that is held open
	// trafficPatience is how long Tick, which also locks the wallet, waits for the account
	// to be written.
	trafficPatience = time.Second
)

// Left is what left this phone.
type Left struct {
	traffic.Book
	Months []string // before those of the book: "2026-08", the oldest first
	Lost   bool     // what was kept before could not be read, and the account began anew
}

// left is what the wallet remembers of the account between two writings. Who has the
// turn owns it; to wait for that ends with a context, since nobody who locks the wallet
// may be kept by a disk, or by another tab, that does not answer.
type left struct {
	turn   chan struct{} // holds one while somebody has it
	sealed []byte        // as it lay in storage
	book   *traffic.Book
	lost   bool
}

func (l *left) take(ctx context.Context) error {
	select {
	case l.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *left) give() { <-l.turn }

// read opens the account, unless it is the one that is known. left must be held.
func (l *left) read(ctx context.Context, w *Wallet, v *vault.Vault) error {
	if w.inMemory() {
		if l.book == nil {
			l.book = &traffic.Book{}
		}
		return nil
	}
	sealed, err := w.d.Blobs.Get(ctx, blobTraffic)
	switch {
	case errors.Is(err, vault.ErrNotFound):
		l.book, l.sealed = &traffic.Book{}, nil
		return nil
	case err != nil:
		return err
	case l.book != nil && bytes.Equal(sealed, l.sealed):
		return nil
	}
	l.sealed = sealed
	body, err := openBeside(v, blobTraffic, sealed)
	if err == nil {
		l.book, err = traffic.Parse(body)
	}
	if err != nil { // damaged, or of a wallet that was here before
		l.book, l.lost = &traffic.Book{}, true
	}
	return nil
}

// sealBeside and openBeside are for what lies beside the vault under a name.
func sealBeside(v *vault.Vault, name string, body []byte, now time.Time) ([]byte, error) {
	s, err := v.Ring().Sealer("")
	if err != nil {
		return nil, err
	}
	return s.Seal(envelope.Header{Kind: kindTraffic, ID: name, Type: "application/json", Created: now.UTC().Format(time.RFC3339)}, body)
}

func openBeside(v *vault.Vault, name string, sealed []byte) ([]byte, error) {
	_, body, err := v.Ring().Opener("").Open(sealed, envelope.Expect{Kind: kindTraffic, ID: name})
	return body, err
}

// inMemory says whether nothing of this wallet is stored.
func (w *Wallet) inMemory() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.demo
}

// noteTraffic writes down what was counted, where that has waited for long enough.
func (w *Wallet) noteTraffic(ctx context.Context, v *vault.Vault) error {
	request, any := w.d.Traffic.Waiting()
	now := w.d.Now()
	over := func(since time.Time, wait time.Duration) bool {
		waited := now.Sub(since)
		return !since.IsZero() && (waited < 0 || waited >= wait)
	}
	if !over(request, trafficEvery) && !over(any, trafficBytes) {
		return nil
	}
	soon, cancel := context.WithTimeout(ctx, trafficPatience)
	defer cancel()
	return w.keepTraffic(soon, v)
}

// keepTraffic writes down what was counted now. What could not be written is counted
// on.
func (w *Wallet) keepTraffic(ctx context.Context, v *vault.Vault) error {
	if err := w.left.take(ctx); err != nil {
		return err
	}
	defer w.left.give()
	rows := w.d.Traffic.Take()
	if len(rows) == 0 {
		return nil
	}
	err := w.addTraffic(ctx, v, rows)
	if err != nil {
		w.d.Traffic.Back(rows)
		w.left.book = nil // rows may be in it
	}
	return err
}

// keepTrafficNow is keepTraffic of a wallet that may be locked: then the next unlock
// writes it down, or the next that is opened.
func (w *Wallet) keepTrafficNow() {
	if v, err := w.open(); err == nil {
		_ = w.keepTraffic(context.Background(), v)
	}
}

// addTraffic adds rows to the account in storage. left must be held.
func (w *Wallet) addTraffic(ctx context.Context, v *vault.Vault, rows []traffic.Row) error {
	end, err := w.turn(ctx)
	if err != nil {
		return err
	}
	defer end(false)
	if err := w.left.read(ctx, w, v); err != nil {
		return err
	}
	now := w.d.Now()
	w.left.book.Add(rows, now)
	if w.inMemory() {
		return nil
	}
	batch := vault.Batch{Put: map[string][]byte{}}
	for month, sums := range w.left.book.Older(now) {
		if err := w.putMonth(ctx, v, batch, month, sums); err != nil {
			return err
		}
	}
	body, err := w.left.book.Marshal()
	if err != nil {
		return err
	}
	sealed, err := sealBeside(v, blobTraffic, body, now)
	if err != nil {
		return err
	}
	batch.Put[blobTraffic] = sealed
	if err := w.d.Blobs.Commit(ctx, batch); err != nil {
		return err
	}
	w.left.sealed = sealed
	return nil
}

// putMonth enters the sums of an old month into a batch, with those that are kept of
// it already: a clock may have gone back to it.
func (w *Wallet) putMonth(ctx context.Context, v *vault.Vault, batch vault.Batch, month string, sums []traffic.Sum) error {
	before, err := w.month(ctx, v, month)
	if err != nil && !errors.Is(err, vault.ErrNotFound) && !errors.Is(err, traffic.ErrBook) {
		return err
	}
	body, err := json.Marshal(slices.Concat(before, sums))
	if err != nil {
		return err
	}
	name := blobTraffic + "/" + month
	batch.Put[name], err = sealBeside(v, name, body, w.d.Now())
	return err
}

func (w *Wallet) month(ctx context.Context, v *vault.Vault, month string) ([]traffic.Sum, error) {
	name := blobTraffic + "/" + month
	sealed, err := w.d.Blobs.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	body, err := openBeside(v, name, sealed)
	if err != nil {
		return nil, errors.Join(traffic.ErrBook, err)
	}
	return traffic.ParseMonth(body)
}

// Left returns what left this phone, to this moment. Errors: ErrLocked.
func (w *Wallet) Left(ctx context.Context) (*Left, error) {
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	if err := w.keepTraffic(ctx, v); err != nil {
		return nil, err
	}
	if err := w.left.take(ctx); err != nil {
		return nil, err
	}
	defer w.left.give()
	if err := w.left.read(ctx, w, v); err != nil {
		return nil, err
	}
	b := w.left.book
	out := &Left{Book: traffic.Book{Rows: slices.Clone(b.Rows), Days: slices.Clone(b.Days), Since: b.Since}, Lost: w.left.lost}
	if !w.inMemory() {
		out.Months, err = w.trafficMonths(ctx)
	}
	return out, err
}

func (w *Wallet) trafficMonths(ctx context.Context) ([]string, error) {
	names, err := w.d.Blobs.List(ctx, blobTraffic+"/")
	for i, n := range names {
		names[i] = strings.TrimPrefix(n, blobTraffic+"/")
	}
	slices.Sort(names)
	return names, err
}

// LeftMonth returns the sums of one of Left's Months. Errors: ErrLocked,
// traffic.ErrBook, vault.ErrNotFound.
func (w *Wallet) LeftMonth(ctx context.Context, month string) ([]traffic.Sum, error) {
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	return w.month(ctx, v, month)
}

// ClearLeft forgets what left this phone. Errors: ErrLocked.
func (w *Wallet) ClearLeft(ctx context.Context) error {
	if _, err := w.open(); err != nil {
		return err
	}
	if err := w.left.take(ctx); err != nil {
		return err
	}
	defer w.left.give()
	end, err := w.turn(ctx)
	if err != nil {
		return err
	}
	defer end(false)
	w.d.Traffic.Take()
	w.left.book, w.left.sealed, w.left.lost = nil, nil, false
	if w.inMemory() {
		return nil
	}
	names, err := w.d.Blobs.List(ctx, blobTraffic+"/")
	if err != nil {
		return err
	}
	return w.d.Blobs.Commit(ctx, vault.Batch{Delete: append(names, blobTraffic)})
}
