// Package envelope seals one document into one age file and opens it again.
//
// What lies inside the age file (specs: security, section 6):
//
//	potli-record/1\n
//	{"kind":…,"profile":…,"epoch":…,"id":…,"seq":…,"device":…,"created":…,"type":…,"len":…}\n
//	<body: len bytes, the document untouched>
//	<64 bytes: Ed25519 by the device's key>
//	<zero bytes up to the Padmé size of the whole, never under 4 KiB>
//
// The signature covers
//
//	"potli-record/1" 0x00 || SHA-256(header line without its newline) || SHA-256(body) || SHA-256(recipient string)
//
// age authenticates nobody: whoever knows a recipient can write to it. So the
// writer signs inside the ciphertext, and the recipient is part of what is
// signed, or a reader could seal a signed document again to somebody else.
//
// The file has exactly one stanza, so that its header says nothing about how
// many people may read it, and its size is one of a few hundred.
//
// A file sealed by any release opens for ever: the files in testdata are never
// made anew. The stock age tool opens them too, and the document can be cut out
// by hand: two lines, then len bytes.
package envelope

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
)

const (
	magic   = "potli-record/1\n"
	family  = "potli-record/"      // what every version begins with
	context = "potli-record/1\x00" // of the signature
)

// MaxLine is the longest header line, with its newline.
const MaxLine = 4096

// MinSize is the smallest plaintext: everything below looks the same.
const MinSize = 4096

// Errors of Seal and Open. Only the fact is told, never what was inside.
var (
	// ErrTooLong: the header line would not fit into MaxLine.
	ErrTooLong = errors.New("the header is too long")
	// ErrNotForUs: sealed to another key, or the key's own stanza is damaged;
	// age cannot tell one from the other.
	ErrNotForUs = errors.New("sealed to another key")
	// ErrDamaged: not an age file with one hybrid stanza, or changed, cut short
	// or lengthened since it was written, or not of this format inside.
	ErrDamaged = errors.New("the sealed file is damaged")
	// ErrForged: it opens, but the signature is not by the expected device.
	ErrForged = errors.New("not signed by the expected device")
	// ErrUnknownDevice: the header names a device that nobody told us of, so that
	// the signature could not be looked at. It is an ErrForged.
	ErrUnknownDevice = fmt.Errorf("%w: the device is not known", ErrForged)
	// ErrVersion: written by a later release.
	ErrVersion = errors.New("written in a later version of the format")
	// ErrMismatch: genuine, but another object than the one asked for.
	ErrMismatch = errors.New("another object than the one asked for")
)

// Header is bound to the body and signed, inside the ciphertext.
type Header struct {
	Kind    string `json:"kind"`    // "record", "doc", "index", "head"
	Profile string `json:"profile"` // whose it is; "" for what belongs to the wallet
	Epoch   int    `json:"epoch"`
	ID      string `json:"id"`
	Seq     uint64 `json:"seq"`
	Device  string `json:"device"`
	Created string `json:"created"`        // RFC 3339
	Type    string `json:"type"`           // media type of the body
	Len     int    `json:"len"`            // of the body; filled by Seal
	Meta    string `json:"meta,omitempty"` // small JSON of the caller's; the line stays within 4,096 bytes
}

// Expect is what the caller knows of the file before opening it.
type Expect struct{ Kind, ID string }

// Seal returns an age file with one stanza, to recipient. h.Len is set to the
// length of body. The body is not copied, only encrypted.
func Seal(h Header, body []byte, recipient *age.HybridRecipient, signer ed25519.PrivateKey) ([]byte, error) {
	h.Len = len(body)
	line, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if len(line)+1 > MaxLine {
		return nil, ErrTooLong
	}
	sig := ed25519.Sign(signer, message(line, body, recipient))

	used := len(magic) + len(line) + 1 + len(body) + len(sig)
	size := Size(used)
	var out bytes.Buffer
	out.Grow(size + overhead(size))
	w, err := age.Encrypt(&out, recipient)
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	for _, part := range [][]byte{[]byte(magic), line, {'\n'}, body, sig, make([]byte, size-used)} {
		if _, err := w.Write(part); err != nil {
			return nil, fmt.Errorf("sealing: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	return out.Bytes(), nil
}

// overhead is a little more than what age adds to a plaintext of n bytes: a
// header of about 1,630 bytes, and 16 bytes for each chunk of 64 KiB.
func overhead(n int) int { return 2048 + 16*(n>>16+1) }

// message is what is signed.
func message(line, body []byte, recipient *age.HybridRecipient) []byte {
	l, b, r := sha256.Sum256(line), sha256.Sum256(body), sha256.Sum256([]byte(recipient.String()))
	m := make([]byte, 0, len(context)+3*sha256.Size)
	m = append(m, context...)
	m = append(m, l[:]...)
	m = append(m, b[:]...)
	return append(m, r[:]...)
}

// Open returns the header and the body. Everything is checked: one stanza, the
// version, the exact length, zeros only after the signature, the signature by
// signer over this identity's own recipient, and Kind and ID as expected.
//
// Errors: ErrNotForUs, ErrDamaged, ErrForged, ErrVersion, ErrMismatch.
func Open(sealed []byte, identity *age.HybridIdentity, signer ed25519.PublicKey, expect Expect) (Header, []byte, error) {
	return OpenBy(sealed, identity, func(string) ed25519.PublicKey { return signer }, expect)
}

// OpenBy is Open for objects of several writers: verifier returns the key of the
// device that the header names, nil for an unknown one (ErrUnknownDevice). The name is
// only a claim until then; it is signed, so nobody else's key fits it.
func OpenBy(sealed []byte, identity *age.HybridIdentity, verifier func(device string) ed25519.PublicKey, expect Expect) (Header, []byte, error) {
	plain, err := decrypt(sealed, identity)
	if err != nil {
		return Header{}, nil, err
	}
	h, line, body, sig, err := split(plain)
	if err != nil {
		return Header{}, nil, err
	}
	signer := verifier(h.Device)
	if signer == nil {
		return Header{}, nil, ErrUnknownDevice
	}
	if len(signer) != ed25519.PublicKeySize || !ed25519.Verify(signer, message(line, body, identity.Recipient()), sig) {
		return Header{}, nil, ErrForged
	}
	if h.Kind != expect.Kind || h.ID != expect.ID {
		return Header{}, nil, ErrMismatch
	}
	return h, body, nil
}

// lone lets an identity see the stanzas only when there is exactly one.
type lone struct{ *age.HybridIdentity }

var errStanzas = errors.New("not exactly one stanza")

func (l lone) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 {
		return nil, errStanzas
	}
	return l.HybridIdentity.Unwrap(stanzas)
}

func decrypt(sealed []byte, identity *age.HybridIdentity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), lone{identity})
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, ErrNotForUs
	}
	if err != nil {
		return nil, ErrDamaged
	}
	// The plaintext is always shorter than the file: one allocation, no growth.
	plain := make([]byte, len(sealed))
	n, err := io.ReadFull(r, plain)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, ErrDamaged
	}
	return plain[:n:n], nil
}

// split takes the plaintext apart and checks its shape, not its signature.
func split(plain []byte) (h Header, line, body, sig []byte, err error) {
	if !bytes.HasPrefix(plain, []byte(magic)) {
		if bytes.HasPrefix(plain, []byte(family)) {
			return h, nil, nil, nil, ErrVersion
		}
		return h, nil, nil, nil, ErrDamaged
	}
	rest := plain[len(magic):]
	end := bytes.IndexByte(rest[:min(len(rest), MaxLine)], '\n')
	if end < 0 {
		return h, nil, nil, nil, ErrDamaged
	}
	line, rest = rest[:end], rest[end+1:]
	if h, err = parse(line); err != nil {
		return h, nil, nil, nil, err
	}
	if h.Len < 0 || h.Len > len(rest)-ed25519.SignatureSize {
		return h, nil, nil, nil, ErrDamaged
	}
	body, rest = rest[:h.Len:h.Len], rest[h.Len:]
	sig, rest = rest[:ed25519.SignatureSize], rest[ed25519.SignatureSize:]
	if Size(len(plain)-len(rest)) != len(plain) || !zero(rest) {
		return h, nil, nil, nil, ErrDamaged
	}
	return h, line, body, sig, nil
}

func parse(line []byte) (Header, error) {
	var h Header
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&h); err != nil {
		return Header{}, ErrDamaged
	}
	if _, err := d.Token(); err != io.EOF {
		return Header{}, ErrDamaged
	}
	return h, nil
}

func zero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
