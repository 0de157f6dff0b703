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

// Removals are the operations that put a device out of a history, or mean to: its
// user is removed, or says that it is out of use. Those that count come first.
func (s *State) Removals(user string, d Device) (valid, void []chain.Hash) {
	for _, o := range s.fold.line {
		r, ok := o.act.(*Remove)
		if ok && r.User == user || o.public != nil && o.public.user == user && contains(o.public.ended, d) {
			if s.fold.void[o] == nil {
				valid = append(valid, o.hash)
			} else {
				void = append(void, o.hash)
			}
		}
	}
	return valid, void
}

// Counts says whether an operation is not void.
func (s *State) Counts(h chain.Hash) bool {
	return !slices.ContainsFunc(s.Void, func(v Void) bool { return v.Entry == h })
}

// StandingOf is Standing for a public part that nobody signed.
func (s *State) StandingOf(p *Public) Standing { return s.standing(p) }
