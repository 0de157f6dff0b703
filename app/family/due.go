package family

import (
	"errors"
	"slices"
	"time"

	"potli/app/record"
	"potli/crypto/chain"
)

// Reasons why a sealed record that arrived is put aside.
var (
	// ErrUnnamed: no operation names it, yet.
	ErrUnnamed = errors.New("a record that nobody has named")
	// ErrOther: another one is named under its id.
	ErrOther = errors.New("not the record that was named")
)

// Accepts says whether a sealed record is one of the family's: a member who may
// write has named it, by its id and the SHA-256 of its sealed bytes. Errors:
// ErrUnnamed (its entry may still come), ErrOther, or why the operation that names
// it is void.
func (s *State) Accepts(id record.ID, sum chain.Hash) error {
	if r := s.fold.records[id]; r != nil {
		if r.Sum != sum {
			return ErrOther
		}
		return nil
	}
	for o, why := range s.fold.void {
		if a, ok := o.act.(*Records); ok && slices.Contains(a.List, Named{id, sum}) {
			return why
		}
	}
	return ErrUnnamed
}

// Current is the epoch to seal to. False when there is none, or when somebody knows
// it who should not: then Roll first.
func (s *State) Current() (EpochInfo, bool) {
	e := s.fold.current()
	if e == nil {
		return EpochInfo{}, false
	}
	i := slices.IndexFunc(s.Epochs, func(i EpochInfo) bool { return i.Entry == e.op.hash })
	return s.Epochs[i], s.Epochs[i].Serves
}

// NeedsRoll says that a new epoch is due, before anything else is sealed: the newest
// one was made by, or is known to, somebody who was removed, a device that is out
// of use, or an older key of a member's own; or it was made by one who had a member
// out, or who did not know of somebody's lower role, and so of whom that one may have
// let in meanwhile.
func (s *State) NeedsRoll() bool {
	_, ok := s.Current()
	return !ok
}

// NextEpoch is what an Epoch has to say but for its key: the number, and for whom.
// Members whose devices must agree first are left out, and get a Grant later.
func (s *State) NextEpoch() (n int, to []Member) {
	for _, m := range s.Members {
		if !m.Doc.IsZero() {
			to = append(to, m)
		}
	}
	return s.fold.next(end), to
}

// Gift is what one member can give another: epochs that are theirs and that they
// were not given, because they were let in, or their devices agreed, meanwhile.
type Gift struct {
	To     Member
	Epochs []chain.Hash
}

// Gifts are the grants that a user who may write should make. Whoever recovered is
// left out until this device has waited itself (see Clock).
func (s *State) Gifts(user string, c Clock, now time.Time) (list []Gift) {
	for _, m := range s.Members {
		if m.Doc.IsZero() || !s.hasWaited(m.User, c, now) {
			continue
		}
		g := Gift{To: m}
		for _, h := range m.Lacks {
			if s.fold.epoch(h).knows(user) {
				g.Epochs = append(g.Epochs, h)
			}
		}
		if len(g.Epochs) > 0 {
			list = append(list, g)
		}
	}
	return list
}

// hasWaited says whether nothing speaks against giving keys to a user: they did not
// recover, or this device has seen their claim for as many days as were agreed.
func (s *State) hasWaited(user string, c Clock, now time.Time) bool {
	return !slices.ContainsFunc(s.Claims, func(claim ClaimInfo) bool {
		return claim.User == user && claim.Recovered && !c.Over(claim, now)
	})
}

// RoleAt is what a user may do at a time that this device believes (see Clock): on
// the day the person comes of age, caregivers become readers.
func (s *State) RoleAt(user string, now time.Time) Role {
	role, _ := s.fold.granted(user, end)
	if role > Reader && s.ofAge(now) {
		return Reader
	}
	return role
}

func (s *State) ofAge(now time.Time) bool {
	return s.Majority.Known() && !now.Before(s.Majority.At) && !s.Handover.Transferred
}

// MayShare says whether a user may show the records to others: whoever may write,
// and the person themselves once they are of age.
func (s *State) MayShare(user string, now time.Time) bool {
	role, _ := s.fold.granted(user, end)
	return s.RoleAt(user, now) >= Admin || role >= Reader && s.ofAge(now) && s.Handover.Accepted && user == s.Handover.Subject
}

// Notice is which notice of the coming of age is due: 90, 30 or 0 days. The wallet
// remembers which it has shown.
func (s *State) Notice(now time.Time) (days int, due bool) {
	if !s.Majority.Known() || s.Handover.Transferred {
		return 0, false
	}
	for _, days := range []int{0, 30, NoticeDays} {
		if !now.Before(s.Majority.At.AddDate(0, 0, -days)) {
			return days, true
		}
	}
	return 0, false
}
