package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"potli/crypto/jose"
)

// A checkpoint is written after this many entries, or when there is a new one and
// the last checkpoint is older than this.
const (
	Every = 16
	Daily = 24 * time.Hour
)

// maxNote bounds a checkpoint, maxSignatures the lines below it.
const (
	maxNote       = 8 << 10
	maxSignatures = 16
)

// Checkpoint says how long a log was and what its hash was then. As text it is a
// signed note as transparency logs have (C2SP signed-note and tlog-checkpoint; the
// hash is of our chain and no Merkle tree's):
//
//	potli-log/1/<e_0>/<writer>
//	<size>
//	<hash, base64>
//	at <unix seconds>
//
//	— <writer> <base64 of 4 bytes of the key's id and 64 of its signature>
type Checkpoint struct {
	Origin string
	Size   int
	Hash   Hash
	At     time.Time
	Note   string // as it was signed
}

func (l *Log) origin() string { return magic + "/" + l.heads[0].String() + "/" + l.Writer }

// Checkpoint signs the log as it is, by the device's key.
func (l *Log) Checkpoint(by *jose.Signer, at time.Time) (*Checkpoint, error) {
	n := l.Size()
	c := &Checkpoint{Origin: l.origin(), Size: n, Hash: l.heads[n], At: at.UTC().Truncate(time.Second)}
	text := c.Origin + "\n" + strconv.Itoa(n) + "\n" + base64.StdEncoding.EncodeToString(c.Hash[:]) + "\nat " + strconv.FormatInt(c.At.Unix(), 10) + "\n"
	note, err := sign(text, l.Writer, by)
	if err != nil {
		return nil, err
	}
	c.Note = note
	_, err = ParseCheckpoint(note, by.Public())
	return c, err
}

// Due says whether a checkpoint is to be written: last is the newest there is, nil
// for none.
func (l *Log) Due(last *Checkpoint, now time.Time) bool {
	if last == nil {
		return l.Size() > 0
	}
	return l.Size() >= last.Size+Every || l.Size() > last.Size && !now.Before(last.At.Add(Daily))
}

// ParseCheckpoint reads a checkpoint and verifies that key, which is its writer's,
// signed it. Errors: ErrDamaged, ErrTooBig, ErrForged, ErrVersion.
func ParseCheckpoint(note string, key jose.Key) (*Checkpoint, error) {
	if len(note) > maxNote {
		return nil, ErrTooBig
	}
	if strings.HasPrefix(note, "potli-log/") && !strings.HasPrefix(note, magic+"/") {
		return nil, ErrVersion
	}
	text, _, ok := strings.Cut(note, "\n\n")
	lines := strings.Split(text, "\n")
	if !ok || len(lines) != 4 {
		return nil, ErrDamaged
	}
	c := &Checkpoint{Origin: lines[0], Note: note}
	part := strings.Split(c.Origin, "/")
	at, isAt := strings.CutPrefix(lines[3], "at ")
	if len(part) != 4 || !strings.HasPrefix(c.Origin, magic+"/") || !isAt || !c.numbers(lines[1], lines[2], at) {
		return nil, ErrDamaged
	}
	if err := verify(note, part[3], key); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Checkpoint) numbers(size, hash, at string) bool {
	n, ok1 := number(size)
	seconds, ok2 := number(at)
	sum, err := base64.StdEncoding.Strict().DecodeString(hash)
	if !ok1 || !ok2 || n > MaxEntries || err != nil || len(sum) != len(c.Hash) {
		return false
	}
	copy(c.Hash[:], sum)
	c.Size, c.At = int(n), time.Unix(seconds, 0).UTC()
	return true
}

// number is a whole one, written in its one way.
func number(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= 0 && strconv.FormatInt(n, 10) == s
}

// keyID is that of a key of Ed25519 in a signed note.
func keyID(name string, key jose.Key) []byte {
	sum := sha256.Sum256(append([]byte(name+"\n\x01"), key.Ed25519()...))
	return sum[:4]
}

// sign makes a signed note of a text that ends its last line.
func sign(text, name string, by *jose.Signer) (string, error) {
	if by.Public().Alg() != "EdDSA" {
		return "", jose.ErrUnusable
	}
	signature, err := by.Raw([]byte(text))
	if err != nil {
		return "", err
	}
	return text + "\n— " + name + " " + base64.StdEncoding.EncodeToString(append(keyID(name, by.Public()), signature...)) + "\n", nil
}

// verify finds the signature of a name and a key below a note. Those of others are
// passed over, as anybody may add theirs.
func verify(note, name string, key jose.Key) error {
	odd := func(r rune) bool { return r != '\n' && unicode.IsControl(r) }
	if !utf8.ValidString(note) || strings.ContainsFunc(note, odd) || key.Alg() != "EdDSA" {
		return ErrDamaged
	}
	at := strings.LastIndex(note, "\n\n")
	if at < 0 || !strings.HasSuffix(note, "\n") || at+2 == len(note) || strings.Contains(note[:at], "\n\n") {
		return ErrDamaged
	}
	text, lines := note[:at+1], strings.Split(strings.TrimSuffix(note[at+2:], "\n"), "\n")
	if len(lines) > maxSignatures {
		return ErrTooBig
	}
	for _, line := range lines {
		rest, ok := strings.CutPrefix(line, "— ")
		by, encoded, ok2 := strings.Cut(rest, " ")
		b, err := base64.StdEncoding.Strict().DecodeString(encoded)
		if !ok || !ok2 || err != nil || len(b) < 5 || by == "" {
			return ErrDamaged
		}
		if by == name && bytes.Equal(b[:4], keyID(name, key)) {
			if !key.VerifyRaw([]byte(text), b[4:]) {
				return ErrForged
			}
			return nil
		}
	}
	return ErrForged
}
