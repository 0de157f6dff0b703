package family

import (
	"slices"

	"potli/crypto/keyring"
)

// Standing is how a member's own public part stands with the others.
type Standing int

const (
	// Current: it is what the others seal to. Nothing is to be done.
	Current Standing = iota
	// Untold: the others do not know it yet. Write Devices.
	Untold
	// Behind: the others know a later one. The user document (crypto/keyring) that
	// it was taken from is on another device, or in a backup; where it is in neither,
	// this device was set back, and a later key of the user's is lost: roll the
	// user's own key until it is Untold. What was sealed to the lost one is given
	// again by who can (see Gifts).
	Behind
	// Lost: like Behind, and set back so far that it does not know a device that is
	// out since. Its list can not say that this one is out, so nothing that it makes
	// is sealed to; without the later document the user begins anew, as another one.
	Lost
	// Unsafe: the user's own list has a device in use that is out here (Member.Out).
	// Take it out again; until then nothing is sealed to this member.
	Unsafe
)

// Standing says how the public part of a member, as their device has it now, stands
// with the others.
func (s *State) Standing(p *keyring.UserPublic) Standing {
	raw, err := p.Marshal()
	if err != nil {
		return Unsafe
	}
	own, err := readPublic(raw)
	if err != nil {
		return Unsafe
	}
	return s.standing(own)
}

func (s *State) standing(own *public) Standing {
	last, out := s.fold.newest(own.user, end), s.fold.out(own.user, end)
	told := slices.ContainsFunc(s.fold.publics(own.user, end), own.same)
	switch {
	case last != nil && own.same(last):
		return Current
	case slices.ContainsFunc(out, own.has):
		return Unsafe
	case !own.covers(out):
		return Lost
	case told || slices.ContainsFunc(s.fold.told(own.user, end), own.older):
		return Behind
	}
	return Untold
}

// same says whether two public parts are of the same document; each device signs
// its own.
func (p *public) same(o *public) bool {
	return p.user == o.user && p.seq == o.seq && p.epoch == o.epoch && p.to == o.to && slices.Equal(p.active, o.active) && slices.Equal(p.ended, o.ended)
}
