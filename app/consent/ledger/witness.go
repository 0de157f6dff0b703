package ledger

import "strings"

// Finding is what a witness finds.
type Finding string

const (
	Whole     Finding = "whole"     // as it was seen
	Forked    Finding = "forked"    // another past than was seen: rewritten, or one for each who asked
	Truncated Finding = "truncated" // shorter than it was seen
)

// Verdict is what a witness can say of a log.
type Verdict struct {
	Finding Finding
	// Writer is the device whose log it is.
	Writer string
	// Agreed is up to how many entries log and checkpoints say the same.
	Agreed int
	// Size is where they part: of the first checkpoint that contradicts, or of the
	// longest that was seen of a log that is shorter now.
	Size int
	// Proof are the signed notes that anybody can verify. For a fork they are two
	// where the log came with checkpoints of its own.
	Proof []string
}

// Witness holds a log against the checkpoints of it that were seen: by this device
// and, as they hand each other what they saw, by those of the others. Checkpoints of
// other logs are passed over. What is forked is called so even where it is also
// shorter.
func Witness(l *Log, seen []*Checkpoint) Verdict {
	v := Verdict{Finding: Whole, Writer: l.Writer}
	for _, c := range seen {
		if c.Origin == l.origin() && c.Size <= l.Size() && c.Hash == l.heads[c.Size] {
			v.Agreed = max(v.Agreed, c.Size)
		}
	}
	for _, c := range seen {
		if c.Origin != l.origin() {
			continue
		}
		switch short := c.Size > l.Size(); {
		case !short && c.Hash != l.heads[c.Size]:
			if v.Finding != Forked || c.Size < v.Size {
				v.Finding, v.Size, v.Proof = Forked, c.Size, []string{c.Note}
			}
		case short && v.Finding != Forked && c.Size > v.Size:
			v.Finding, v.Size, v.Proof = Truncated, c.Size, []string{c.Note}
		}
	}
	return v
}

// Compare holds two checkpoints of one log against each other, without the log: one
// size and two hashes are a fork that its writer signed with its own hand. Error:
// ErrOther, for checkpoints of two logs.
func Compare(a, b *Checkpoint) (Verdict, error) {
	if a.Origin != b.Origin {
		return Verdict{}, ErrOther
	}
	v := Verdict{Finding: Whole, Writer: a.Origin[strings.LastIndexByte(a.Origin, '/')+1:]}
	if a.Size == b.Size && a.Hash != b.Hash {
		v.Finding, v.Size, v.Proof = Forked, a.Size, []string{a.Note, b.Note}
	} else if a.Size == b.Size {
		v.Agreed = a.Size
	}
	return v, nil
}
