package passkey

import (
	"bytes"
	"context"
	"errors"
	"io"

	"filippo.io/age"
)

// maxFile bounds an unlock file, read or written; a real one has about 600 bytes.
const maxFile = 16 << 10

// Lock returns an unlock file: an age file whose one stanza is the passkey's,
// around keys, which are opaque here. It prompts once. Errors: ErrNoPRF,
// ErrCancelled, ErrElsewhere, those of ctx.
func Lock(ctx context.Context, ask Evaluator, c Credential, keys []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, New(ctx, ask, c))
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(keys); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if out.Len() > maxFile {
		return nil, errors.New("too much for an unlock file")
	}
	return out.Bytes(), nil
}

// Unlock opens an unlock file and returns what is in it. It prompts once, and
// not at all for a file that is not one. Errors: ErrWrongPasskey, ErrDamaged,
// ErrNoPRF, ErrCancelled, ErrElsewhere, those of ctx.
func Unlock(ctx context.Context, ask Evaluator, c Credential, file []byte) ([]byte, error) {
	if len(file) > maxFile {
		return nil, ErrDamaged
	}
	key := &alone{Key: New(ctx, ask, c)}
	r, err := age.Decrypt(bytes.NewReader(file), key)
	switch {
	case key.err != nil:
		return nil, key.err
	case err != nil:
		return nil, ErrDamaged
	}
	keys, err := io.ReadAll(r)
	if err != nil {
		return nil, ErrDamaged
	}
	return keys, nil
}

// alone refuses a file that anything but a passkey opens, and keeps the reason
// why one did not open: age wraps some errors and replaces others.
type alone struct {
	*Key
	err error
}

func (a *alone) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 || stanzas[0].Type != label {
		a.err = ErrDamaged
		return nil, a.err
	}
	fileKey, err := a.Key.Unwrap(stanzas)
	if errors.Is(err, age.ErrIncorrectIdentity) {
		err = ErrWrongPasskey
	}
	a.err = err
	return fileKey, err
}
