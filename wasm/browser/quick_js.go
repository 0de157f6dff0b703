//go:build js

package browser

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"syscall/js"

	"potli/app/wallet"
	"potli/crypto/quick"
)

// QuickKeys keeps one secret for quick unlock, wrapped by a WebCrypto key that
// the browser never hands out (AES-GCM of 256 bits, not extractable). Key and
// wrapped secret lie in an IndexedDB database of their own, apart from the
// wallet's, so that no copy of the wallet's files contains them. What that
// protects and what not is written in package quick.
type QuickKeys struct{ cupboard }

var _ wallet.QuickKeys = (*QuickKeys)(nil)

// NewQuickKeys returns the database of that name; it exists once Create was called.
func NewQuickKeys(name string) *QuickKeys { return &QuickKeys{cupboard{name}} }

const (
	quickSlot = "quick" // the only key of the store
	quickAAD  = "potli-quick/1"
)

// Create makes a new key, wraps secret and keeps both in place of what was there.
// When it returns nil they survive a crash and were read back. Error: ErrNoKey,
// where the browser cannot keep such a key (some cannot in private windows).
func (q *QuickKeys) Create(ctx context.Context, secret []byte) error {
	entry, err := wrapped(ctx, secret)
	if err != nil {
		return noKey(ctx, err)
	}
	_, err = q.transact(ctx, "readwrite", true, func(s js.Value) (js.Value, error) {
		return call(s, "put", entry, quickSlot)
	})
	if err != nil {
		return noKey(ctx, err)
	}
	kept, err := q.Open(ctx)
	defer clear(kept)
	if err == nil && !bytes.Equal(kept, secret) {
		err = quick.ErrNoKey
	}
	if err != nil {
		q.Forget(ctx)
		return noKey(ctx, err)
	}
	return nil
}

// wrapped makes a key and returns what is stored: it, and secret under it.
func wrapped(ctx context.Context, secret []byte) (entry js.Value, err error) {
	const extractable = false
	cipher := global("crypto", "subtle")
	key, err := promised(ctx, cipher, "generateKey", object("name", "AES-GCM", "length", 256), extractable, []any{"encrypt", "decrypt"})
	if err != nil {
		return entry, err
	}
	plain, err := toJS(secret)
	if err != nil {
		return entry, err
	}
	defer wipe(plain)
	iv := random(12) // one encryption a key
	sealed, err := promised(ctx, cipher, "encrypt", sealing(iv), key, plain)
	if err != nil {
		return entry, err
	}
	return object("key", key, "iv", iv, "sealed", sealed), nil
}

// sealing are the parameters of the one encryption, and of its decryption.
func sealing(iv js.Value) js.Value {
	return object("name", "AES-GCM", "iv", iv, "additionalData", bytesJS([]byte(quickAAD)))
}

// wipe overwrites an array of the browser's.
func wipe(a js.Value) { call(a, "fill", 0) }

// Open returns the secret. Nothing is asked of the person. Errors: ErrNoKey
// where there is none; ErrDamaged where what is there does not open.
func (q *QuickKeys) Open(ctx context.Context) ([]byte, error) {
	entry, err := q.transact(ctx, "readonly", false, func(s js.Value) (js.Value, error) {
		return call(s, "get", quickSlot)
	})
	if err != nil {
		return nil, noKey(ctx, err)
	}
	if entry.Type() != js.TypeObject {
		return nil, quick.ErrNoKey
	}
	plain, err := promised(ctx, global("crypto", "subtle"), "decrypt", sealing(get(entry, "iv")), get(entry, "key"), get(entry, "sealed"))
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, quick.ErrDamaged
	}
	view, err := construct("Uint8Array", plain)
	if err != nil {
		return nil, quick.ErrDamaged
	}
	defer wipe(view)
	return fromJS(view)
}

// Forget removes key and secret: the unlock file opens never again. It is no
// error that there were none. An error means that they may still be there.
func (q *QuickKeys) Forget(ctx context.Context) error {
	return q.empty(ctx)
}

// noKey is the error of a browser that cannot.
func noKey(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, quick.ErrNoKey), errors.Is(err, quick.ErrDamaged):
		return err
	}
	return fmt.Errorf("%w: %w", quick.ErrNoKey, err)
}
