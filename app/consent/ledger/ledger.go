// Package ledger keeps what happened to one person's consents in a chain of hashes,
// as one device wrote it, so that nobody can take out or change an entry that
// another device has seen.
//
//	e_0 = H("potli-log/1" ‖ profile)
//	e_n = H(e_n-1 ‖ H(entry n))
//
//	mother's phone   1 ─ 2 ─ … ─ 16 ─ … ─ 32          father's phone
//	                             │         │
//	                     checkpoint  checkpoint ─────▶ keeps them: a witness
//	                                                   another hash at 16: a fork
//	                                                   a log of 20: cut short
//
// Each device writes a log of its own for each person; Merge reads them as one. A
// device can rewrite its past until somebody has seen it: that is what checkpoints
// (signed notes, C2SP), receipts and the receivers' countersignatures are for.
//
// A log is text: a line "potli-log/1", a line {"profile","writer"}, and a line of
// JSON for each entry. What is hashed are the bytes of the line, which are never
// written again. Logs and checkpoints of any release can be read for ever.
package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"potli/app/consent"
	"potli/app/record"
)

const magic = "potli-log/1"

// Limits of a log.
const (
	MaxLog     = 64 << 20
	MaxLine    = 128 << 10
	MaxEntries = 100_000
	maxWriter  = 64
)

// Errors of logs and checkpoints.
var (
	// ErrDamaged: not a log or a checkpoint, or cut short inside a line.
	ErrDamaged = errors.New("not a log of consents, or a damaged one")
	// ErrVersion: of a later release.
	ErrVersion = errors.New("a log of a later version")
	// ErrTooBig: beyond a limit.
	ErrTooBig = errors.New("larger than a log may be")
	// ErrForged: a checkpoint that its writer's key did not sign.
	ErrForged = errors.New("the checkpoint is not signed by its writer")
	// ErrOther: a checkpoint of another log.
	ErrOther = errors.New("a checkpoint of another log")
)

// Hash is one of the chain.
type Hash [sha256.Size]byte

func (h Hash) String() string { return base64.RawURLEncoding.EncodeToString(h[:]) }

// Entry is one thing that happened, and with whom.
type Entry struct {
	consent.Event
	Party     consent.Party   `json:"party"`
	Documents []consent.Given `json:"documents,omitempty"` // of Delivered
	Receipt   string          `json:"receipt,omitempty"`   // hash of its JWS
	Note      string          `json:"note,omitempty"`
}

// Log is what one device wrote of one person. The zero Log is none: see New, Open.
// It belongs to one goroutine.
type Log struct {
	Profile record.ProfileID
	Writer  string // letters, digits, "-", "_": the device

	lines   [][]byte
	entries []Entry
	heads   []Hash // e_0 … e_n
}

type head struct {
	Profile record.ProfileID `json:"profile"`
	Writer  string           `json:"writer"`
}

// New is a log without entries. Error: ErrDamaged, for a writer that cannot stand in
// a checkpoint.
func New(profile record.ProfileID, writer string) (*Log, error) {
	odd := func(r rune) bool {
		return !(r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	}
	if profile == "" || writer == "" || len(writer) > maxWriter || strings.ContainsFunc(writer, odd) {
		return nil, ErrDamaged
	}
	first := Hash(sha256.Sum256([]byte(magic + string(profile))))
	return &Log{Profile: profile, Writer: writer, heads: []Hash{first}}, nil
}

// Size is how many entries there are.
func (l *Log) Size() int { return len(l.entries) }

// Head is the hash after the first n entries.
func (l *Log) Head(n int) Hash { return l.heads[n] }

// Entries are all, the oldest first. They are shared: treat them as read-only.
func (l *Log) Entries() []Entry { return l.entries }

// Append writes an entry. Errors: ErrTooBig; ErrDamaged for one that happened at no
// time or is of no kind.
func (l *Log) Append(e Entry) error {
	if e.Kind == "" || e.At.IsZero() {
		return ErrDamaged
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return l.add(line)
}

func (l *Log) add(line []byte) error {
	if len(line) > MaxLine || len(l.entries) == MaxEntries {
		return ErrTooBig
	}
	var e Entry
	if !utf8.Valid(line) || json.Unmarshal(line, &e) != nil || e.Kind == "" || e.At.IsZero() {
		return ErrDamaged
	}
	sum := sha256.Sum256(line)
	before := l.heads[len(l.heads)-1]
	l.heads = append(l.heads, sha256.Sum256(append(before[:], sum[:]...)))
	l.lines, l.entries = append(l.lines, line), append(l.entries, e)
	return nil
}

// Marshal writes the log. Open reads it.
func (l *Log) Marshal() []byte {
	first, err := json.Marshal(head{l.Profile, l.Writer})
	if err != nil {
		panic("ledger: two texts that cannot be written")
	}
	var b bytes.Buffer
	b.WriteString(magic + "\n")
	for _, line := range slices.Concat([][]byte{first}, l.lines) {
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// Open reads a log and makes its chain anew. That it is the log that was written is
// known only against checkpoints: see Witness. An entry of a kind that is not known
// yet is kept as it is. Errors: ErrDamaged, ErrVersion, ErrTooBig.
func Open(b []byte) (*Log, error) {
	if len(b) > MaxLog {
		return nil, ErrTooBig
	}
	version, rest, _ := bytes.Cut(b, []byte("\n"))
	if string(version) != magic {
		if bytes.HasPrefix(version, []byte("potli-log/")) {
			return nil, ErrVersion
		}
		return nil, ErrDamaged
	}
	first, rest, ok := bytes.Cut(rest, []byte("\n"))
	var h head
	if !ok || len(first) > MaxLine || json.Unmarshal(first, &h) != nil {
		return nil, ErrDamaged
	}
	l, err := New(h.Profile, h.Writer)
	if err != nil {
		return nil, err
	}
	for len(rest) > 0 {
		var line []byte
		if line, rest, ok = bytes.Cut(rest, []byte("\n")); !ok {
			return nil, ErrDamaged
		}
		if err := l.add(line); err != nil {
			return nil, err
		}
	}
	return l, nil
}
