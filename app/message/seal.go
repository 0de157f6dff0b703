package message

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"

	"potli/crypto/jose"
)

// SealKey seals a packed message under the one-time key of a drop code, which a
// browser can do: compact JWE, alg dir, enc A256GCM. random is for the IV; nil:
// crypto/rand.
func SealKey(packed, key []byte, random io.Reader) (string, error) {
	return jose.Encrypt(key, ContentType, packed, random)
}

// SealTo seals a packed message to the one-time recipient of a drop code: an age
// file in base64url. The stock age tool writes and opens such a file.
func SealTo(packed []byte, to *age.HybridRecipient) (string, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err != nil {
		return "", fmt.Errorf("sealing a message: %w", err)
	}
	if _, err := w.Write(packed); err != nil {
		return "", fmt.Errorf("sealing a message: %w", err)
	}
	if err := w.Close(); err != nil {
		return "", fmt.Errorf("sealing a message: %w", err)
	}
	return b64.EncodeToString(out.Bytes()), nil
}

// maxSealed is what a sealed message of MaxPlain takes, and room for a header.
const maxSealed = MaxPlain/3*4 + 64<<10

// OpenKey opens what SealKey sealed. Errors: ErrSealed, ErrMalformed, ErrTooBig.
func OpenKey(sealed string, key []byte) ([]byte, error) {
	if len(sealed) > maxSealed {
		return nil, ErrTooBig
	}
	plain, cty, err := jose.Decrypt(key, sealed)
	switch {
	case errors.Is(err, jose.ErrDecrypt), errors.Is(err, jose.ErrKey):
		return nil, ErrSealed
	case errors.Is(err, jose.ErrTooBig):
		return nil, ErrTooBig
	case err != nil, cty != ContentType:
		return nil, malformed("not sealed as messages are")
	case len(plain) > MaxPlain:
		return nil, ErrTooBig
	}
	return plain, nil
}

// OpenAge opens what SealTo sealed. Errors: ErrSealed, ErrMalformed, ErrTooBig.
func OpenAge(sealed string, identity *age.HybridIdentity) ([]byte, error) {
	if len(sealed) > maxSealed {
		return nil, ErrTooBig
	}
	file, err := decode([]byte(sealed))
	if err != nil || strings.ContainsAny(sealed, "\r\n") {
		return nil, malformed("not sealed as messages are")
	}
	r, err := age.Decrypt(bytes.NewReader(file), identity)
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none):
		return nil, ErrSealed
	case err != nil:
		return nil, malformed("not sealed as messages are")
	}
	// The plaintext is always shorter than the file: one allocation, no growth.
	plain := make([]byte, len(file))
	n, err := io.ReadFull(r, plain)
	switch {
	case err != io.ErrUnexpectedEOF && err != io.EOF:
		return nil, ErrSealed // changed or cut short
	case n > MaxPlain:
		return nil, ErrTooBig
	}
	return plain[:n:n], nil
}
