// Package chain is the history of one person's records: signed entries, each of
// which names the ones it was written after, so that devices which were apart can
// put together what they have and arrive at the same.
//
//	mother's phone  1 ──▶ 2 ──▶ 3 ───────▶ 5
//	                      └──▶ 4 ──────────┘      4: father's phone, offline
//
// One entry, byte for byte as it is signed, kept and sent:
//
//	potli-chain/1\n
//	{"profile":…,"user":…,"device":…,"key":…,"n":…,"prev":[…],"time":…,"kind":…,"len":…}\n
//	<body: len bytes>
//	<64 bytes: Ed25519 by key over all of the above>
//
// Nothing is ever written again from what was read: an entry is its bytes, and its
// name is their SHA-256. One entry after the other is a file of entries.
//
// This package says who signed what and after what, and nothing more. Whether a
// key belongs to a device, whether its owner was allowed to do that, and what
// follows is decided by package family. The time is what the writer claims.
//
// Entries of any release can be read for ever: the files in testdata are never
// made anew.
package chain

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	magic  = "potli-chain/1\n"
	family = "potli-chain/" // what every version begins with
)

// Limits of one entry. An epoch for twenty people is a body of about 50 KB.
const (
	MaxLine = 8 << 10   // the header line, with its newline
	MaxBody = 256 << 10 // the body
	MaxPrev = 64        // entries named as coming before
	MaxName = 64        // profile, user, device; a kind has half of it
	MaxSize = len(magic) + MaxLine + MaxBody + ed25519.SignatureSize
)

// layout of Time: UTC, to the millisecond.
const layout = "2006-01-02T15:04:05.000Z"

// Errors of entries. None says what was inside.
var (
	// ErrDamaged: not an entry, or cut short, or written otherwise than we write.
	ErrDamaged = errors.New("not an entry of a chain")
	// ErrForged: the signature is not by the key that the entry names.
	ErrForged = errors.New("the entry is not signed by its key")
	// ErrVersion: written by a later release.
	ErrVersion = errors.New("an entry of a later version")
	// ErrLimit: a part of the entry is longer than allowed, or is missing.
	ErrLimit = errors.New("the entry is beyond the limits of a chain")
)

// Hash names an entry: SHA-256 of its bytes.
type Hash [sha256.Size]byte

// IsZero says whether h names nothing.
func (h Hash) IsZero() bool { return h == Hash{} }

// Compare orders hashes by their bytes.
func (h Hash) Compare(other Hash) int { return bytes.Compare(h[:], other[:]) }

// String is unpadded base64url.
func (h Hash) String() string { return base64.RawURLEncoding.EncodeToString(h[:]) }

// MarshalText writes h as String does.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText wrote, and nothing else. Error: ErrDamaged.
func (h *Hash) UnmarshalText(text []byte) error {
	b, err := base64.RawURLEncoding.Strict().DecodeString(string(text))
	if err != nil || len(b) != len(h) {
		return ErrDamaged
	}
	copy(h[:], b)
	return nil
}

// ParseHash reads what String wrote. Error: ErrDamaged.
func ParseHash(s string) (h Hash, err error) {
	err = h.UnmarshalText([]byte(s))
	return h, err
}

// Draft is what an entry says, before it is signed.
type Draft struct {
	Profile string    // whose history
	User    string    // the member who acts
	Device  string    // the device they act on
	N       uint64    // counts this device's entries in this history, from 1
	Prev    []Hash    // the newest entries that the writer knows; none for the first of all
	Time    time.Time // what the writer's clock says; to the millisecond
	Kind    string    // what the body is
	Body    []byte
}

// Entry is a signed Draft. It is made by Sign and Verify alone, so its signature is
// right. It is shared: treat every field as read-only.
type Entry struct {
	Draft
	Key ed25519.PublicKey // who signed; two entries are by one device if their keys are the same

	raw  []byte
	hash Hash
}

// Hash names the entry.
func (e *Entry) Hash() Hash { return e.hash }

// Bytes are the entry as it is kept and sent. Not to be changed.
func (e *Entry) Bytes() []byte { return e.raw }

// header is the line, in the order in which it is written.
type header struct {
	Profile string `json:"profile"`
	User    string `json:"user"`
	Device  string `json:"device"`
	Key     string `json:"key"` // base64url
	N       uint64 `json:"n"`
	Prev    []Hash `json:"prev"` // ascending, each once
	Time    string `json:"time"`
	Kind    string `json:"kind"`
	Len     int    `json:"len"`
}

// Sign makes an entry of d. Prev is put in order; the body is copied.
// Error: ErrLimit.
func Sign(d Draft, signer ed25519.PrivateKey) (*Entry, error) {
	d.Prev = slices.SortedFunc(slices.Values(d.Prev), Hash.Compare)
	d.Prev = slices.Compact(d.Prev)
	d.Time = d.Time.UTC().Truncate(time.Millisecond)
	key := signer.Public().(ed25519.PublicKey)
	h := header{
		Profile: d.Profile, User: d.User, Device: d.Device, Key: base64.RawURLEncoding.EncodeToString(key),
		N: d.N, Prev: d.Prev, Time: d.Time.Format(layout), Kind: d.Kind, Len: len(d.Body),
	}
	if h.Prev == nil {
		h.Prev = []Hash{}
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	line, err := json.Marshal(h)
	if err != nil || len(line)+1 > MaxLine {
		return nil, ErrLimit
	}
	raw := make([]byte, 0, len(magic)+len(line)+1+len(d.Body)+ed25519.SignatureSize)
	raw = append(append(append(raw, magic...), line...), '\n')
	raw = append(raw, d.Body...)
	d.Body = raw[len(raw)-len(d.Body) : len(raw) : len(raw)]
	raw = append(raw, ed25519.Sign(signer, raw)...)
	return &Entry{Draft: d, Key: key, raw: raw, hash: sha256.Sum256(raw)}, nil
}

// Verify reads one entry and checks everything that needs no other entry: its
// shape, its limits and its signature. b belongs to the entry afterwards.
// Errors: ErrDamaged, ErrVersion, ErrLimit, ErrForged.
func Verify(b []byte) (*Entry, error) {
	e, n, err := read(b)
	if err != nil {
		return nil, err
	}
	if n != len(b) {
		return nil, ErrDamaged
	}
	return e, nil
}

// Next reads and verifies the first of several entries that stand one after the
// other, and returns the rest. Errors: those of Verify.
func Next(b []byte) (e *Entry, rest []byte, err error) {
	e, n, err := read(b)
	if err != nil {
		return nil, nil, err
	}
	return e, b[n:], nil
}

func read(b []byte) (*Entry, int, error) {
	if !bytes.HasPrefix(b, []byte(magic)) {
		if bytes.HasPrefix(b, []byte(family)) {
			return nil, 0, ErrVersion
		}
		return nil, 0, ErrDamaged
	}
	rest := b[len(magic):]
	end := bytes.IndexByte(rest[:min(len(rest), MaxLine)], '\n')
	if end < 0 {
		return nil, 0, ErrDamaged
	}
	h, key, err := parse(rest[:end])
	if err != nil {
		return nil, 0, err
	}
	start := len(magic) + end + 1
	signed := start + h.Len
	size := signed + ed25519.SignatureSize
	if size > len(b) {
		return nil, 0, ErrDamaged
	}
	raw := b[:size:size]
	if !ed25519.Verify(key, raw[:signed], raw[signed:]) {
		return nil, 0, ErrForged
	}
	at, _ := time.Parse(layout, h.Time) // checked by parse
	d := Draft{Profile: h.Profile, User: h.User, Device: h.Device, N: h.N, Prev: h.Prev, Time: at, Kind: h.Kind, Body: raw[start:signed:signed]}
	return &Entry{Draft: d, Key: key, raw: raw, hash: sha256.Sum256(raw)}, size, nil
}

// parse takes a header line only as we write it: another spelling of the same
// would be another entry that says the same.
func parse(line []byte) (h header, key ed25519.PublicKey, err error) {
	if err := json.Unmarshal(line, &h); err != nil {
		return h, nil, ErrDamaged
	}
	if err := h.check(); err != nil {
		return h, nil, err
	}
	key, err = base64.RawURLEncoding.DecodeString(h.Key)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return h, nil, ErrDamaged
	}
	at, err := time.Parse(layout, h.Time)
	if err != nil || at.Format(layout) != h.Time {
		return h, nil, ErrDamaged
	}
	if again, err := json.Marshal(h); err != nil || !bytes.Equal(again, line) {
		return h, nil, ErrDamaged
	}
	return h, key, nil
}

// check keeps to the limits and to names that JSON writes in one way only.
func (h header) check() error {
	for _, name := range []string{h.Profile, h.User, h.Device, h.Kind} {
		if name == "" || len(name) > MaxName || !plain(name) {
			return fmt.Errorf("%w: a name", ErrLimit)
		}
	}
	switch {
	case len(h.Kind) > MaxName/2:
		return fmt.Errorf("%w: the kind", ErrLimit)
	case len(h.Time) != len(layout):
		return fmt.Errorf("%w: the time", ErrLimit)
	case h.Len < 0 || h.Len > MaxBody:
		return fmt.Errorf("%w: the body", ErrLimit)
	case h.N == 0:
		return fmt.Errorf("%w: the counter", ErrLimit)
	case len(h.Prev) > MaxPrev:
		return fmt.Errorf("%w: the entries before", ErrLimit)
	case len(h.Prev) == 0 && h.N != 1:
		return fmt.Errorf("%w: nothing before, and yet not a device's first", ErrLimit)
	}
	for i := 1; i < len(h.Prev); i++ {
		if h.Prev[i-1].Compare(h.Prev[i]) >= 0 {
			return fmt.Errorf("%w: the entries before are out of order", ErrLimit)
		}
	}
	return nil
}

func plain(name string) bool {
	for _, c := range []byte(name) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.', c == ':':
		default:
			return false
		}
	}
	return true
}
