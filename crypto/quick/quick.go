// Package quick makes and opens the unlock file of quick unlock: a way in
// without words and without a passkey, for a device that its owner locks.
//
//	WebCrypto key, AES-GCM, not extractable ──▶ secret of an age identity ──▶ unlock file ──▶ keys
//	(kept by the browser, wasm/browser)         (kept beside it, wrapped)     (one hybrid stanza)
//
// What it protects: a copy of the wallet's files alone. Whoever has the unlock
// file and the records, from a storage dump, a synchronised folder or a support
// archive, but not the browser's own key store, has nothing; nor can a script
// that once ran in the page take the key away with it and use it later.
//
// What it does not protect: whoever has the device unlocked has the records, as
// no question is asked. Whoever has the whole browser profile has them too, as
// browsers keep such keys in the profile, in most cases no better locked than by
// the disk's encryption. So it is chosen knowingly, and words can always be had.
//
// The identity is of the hybrid kind, as everywhere else: no file of ours then
// has a stanza that a quantum computer opens, wherever a copy of it went, and the
// program carries one kind of key rather than two. Parameters are constants; a
// file made by any release opens for ever while its key is there.
package quick

import (
	"bytes"
	"errors"
	"io"

	"filippo.io/age"
)

// Errors of this package, and of browsers that keep the secret.
var (
	// ErrNoKey: this browser keeps no key for quick unlock (it was forgotten, or
	// erased with the site's data), or cannot keep one.
	ErrNoKey = errors.New("this browser keeps no key for quick unlock")
	// ErrWrongKey: the file is sealed to another secret.
	ErrWrongKey = errors.New("quick unlock belongs to another key")
	// ErrDamaged: not an unlock file of this kind, or a changed one.
	ErrDamaged = errors.New("the quick unlock file is damaged")
)

// maxFile bounds an unlock file, read or written; a real one has about 2,200 bytes.
const maxFile = 16 << 10

// Lock returns an unlock file around keys, which are opaque here, and the secret
// that opens it: text of under 100 bytes, for the browser to keep.
func Lock(keys []byte) (file, secret []byte, err error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, nil, err
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, id.Recipient())
	if err != nil {
		return nil, nil, err
	}
	if _, err := w.Write(keys); err != nil {
		return nil, nil, err
	}
	if err := w.Close(); err != nil {
		return nil, nil, err
	}
	if out.Len() > maxFile {
		return nil, nil, errors.New("too much for an unlock file")
	}
	return out.Bytes(), []byte(id.String()), nil
}

// Unlock returns what Lock was given. Errors: ErrWrongKey, ErrDamaged.
func Unlock(file, secret []byte) ([]byte, error) {
	id, err := age.ParseHybridIdentity(string(secret))
	if err != nil {
		return nil, ErrWrongKey // age's own error would quote what it read
	}
	if len(file) > maxFile {
		return nil, ErrDamaged
	}
	r, err := age.Decrypt(bytes.NewReader(file), alone{id})
	switch {
	case errors.Is(err, age.ErrIncorrectIdentity):
		return nil, ErrWrongKey
	case err != nil:
		return nil, ErrDamaged
	}
	keys, err := io.ReadAll(r)
	if err != nil {
		return nil, ErrDamaged
	}
	return keys, nil
}

// alone refuses a file that anything but one hybrid identity opens.
type alone struct{ *age.HybridIdentity }

func (a alone) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 || stanzas[0].Type != "mlkem768x25519" {
		return nil, ErrDamaged
	}
	return a.HybridIdentity.Unwrap(stanzas)
}
