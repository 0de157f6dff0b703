package family

import (
	"slices"
	"time"

	"potli/crypto/chain"
)

// Op is an operation that was read already, for tests that have neither keys nor bytes.
type Op = op

// Public is a public part of a user that nobody signed.
type Public = public

// NewPublic makes one. follows says whether the user's keys tie it to an older one.
func NewPublic(user string, hash chain.Hash, to string, epoch int, seq uint64, active, ended []Device, follows func(old *Public) bool) *Public {
	return &public{user: user, hash: hash, to: to, epoch: epoch, seq: seq, active: active, ended: ended, follows: follows}
}

// Hash names a public part.
func (p *Public) Hash() chain.Hash { return p.hash }

// NewOp makes an operation that stands at a place of a past.
func NewOp(at int, hash chain.Hash, user, device string, a Act, p *Public, now time.Time) *Op {
	return &op{at: at, hash: hash, user: user, device: device, key: device, act: a, public: p, time: now}
}

// FoldLine is the State of operations in a line.
func FoldLine(line []*Op, past *chain.Past) *State { return foldLine(line, past) }

// Judge says whether an operation could be written.
func (s *State) Judge(user, device string, a Act, p *Public, now time.Time) error {
	return s.allowed(&op{at: atEnd, user: user, device: device, key: device, act: a, public: p, time: now})
}

// Size is how many operations a State was made of.
func (s *State) Size() int { return len(s.fold.line) }

// Counts says whether an operation is known and not void.
func (s *State) Counts(h chain.Hash) bool {
	i := slices.IndexFunc(s.fold.line, func(o *op) bool { return o.hash == h })
	return i >= 0 && s.fold.void[s.fold.line[i]] == nil
}

// StandingOf is Standing for a public part that nobody signed.
func (s *State) StandingOf(p *Public) Standing { return s.standing(p) }

// Clone is a History that goes on by itself from where h is. What was verified and
// read is not verified and read again.
func (h *History) Clone() *History {
	l := chain.NewLog(h.log.Profile(), h.log.Root())
	c := Open(l)
	for i, e := range h.log.Entries() {
		if _, err := l.Add(e); err != nil {
			panic(err)
		}
		o := *h.read(e, i)
		c.ops[e.Hash()] = &o
	}
	return c
}
