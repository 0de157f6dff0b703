package keyring

import (
	"bytes"
	"slices"
	"time"
)

// Accept checks that next, from another device of the user, may take the place
// of u. Beyond descending from it, it must not contradict it:
//
//   - no secret and no device that u knows has changed, and none is missing;
//   - nobody who was removed is back, and nobody claims to be the first device;
//   - a removal, and another recovery key, brought a new epoch;
//   - who made them was not on probation, by what u knows and by the clock here.
//
// The last is what keeps a device that was linked by a trick from locking the
// others out at once: it can lie about its own clock, but neither about theirs
// nor in their name.
//
// Errors: ErrOlder, ErrForked (see Merge), ErrTooNew, ErrRewritten. On
// ErrTooNew and ErrRewritten the person must be told: it does not happen by
// accident.
func (u *User) Accept(next *User, now time.Time) error {
	switch {
	case next.id != u.id:
		return ErrRewritten
	case next.hash() == u.hash():
		return nil
	case u.descends(next.hash()):
		return ErrOlder
	case !next.descends(u.hash()):
		return ErrForked
	}
	if !u.epochsIn(next) || !u.devicesIn(next) || !u.recoveriesIn(next) {
		return ErrRewritten
	}
	if err := u.newcomers(next, now); err != nil {
		return err
	}
	return u.removals(next, now)
}

// epochsIn says whether all of u's secrets are in next, under the same numbers.
func (u *User) epochsIn(next *User) bool {
	for _, e := range u.epochs {
		if !slices.ContainsFunc(next.epochs, func(o userEpoch) bool {
			return o.n == e.n && sameSecret(o.id, e.id) && o.signer.Equal(e.signer)
		}) {
			return false
		}
	}
	if u.legacy == nil || next.legacy == nil {
		return u.legacy == next.legacy
	}
	return sameSecret(u.legacy, next.legacy)
}

// devicesIn says whether all of u's devices are in next as they were, but that
// some may have ended, and that one is back which was removed by a younger
// device that it removed itself (see Merge).
func (u *User) devicesIn(next *User) bool {
	for _, d := range u.devices {
		n, ok := next.Device(d.ID)
		if !ok || !bytes.Equal(n.added(next.id), d.added(u.id)) || n.Active() && !d.Active() && !next.answered(d) {
			return false
		}
	}
	return true
}

// answered says whether the removal of d can have been in vain.
func (u *User) answered(d Device) bool {
	remover, ok := u.Device(d.EndedBy)
	return ok && !remover.Active() && older(d, remover)
}

// recoveriesIn says whether next remembers all recovery keys that u knows.
func (u *User) recoveriesIn(next *User) bool {
	return !slices.ContainsFunc(u.recoveries, func(r recovery) bool { return !slices.ContainsFunc(next.recoveries, r.same) })
}

// newcomers checks the devices of next that u does not know: none may say that
// the wallet began on it, and one that came by a recovery key must have come by
// one that was not made for the purpose. All else about them is signed by
// who let them in, which parsing has checked.
func (u *User) newcomers(next *User, now time.Time) error {
	for _, d := range next.devices {
		switch {
		case u.index(d.ID) >= 0:
		case d.First():
			return ErrRewritten
		case d.By == byRecovery && !slices.ContainsFunc(next.recoveries, func(r recovery) bool {
			return r.letIn(u.id, d) && u.concedes(next, r, now)
		}):
			return ErrTooNew
		}
	}
	return nil
}

// concedes says whether a recovery key of next is none, one that u knows, or was
// set by a device that could do that.
func (u *User) concedes(next *User, r recovery, now time.Time) bool {
	by, _ := next.Device(r.by)
	return r.at.IsZero() || slices.ContainsFunc(u.recoveries, r.same) || by.By == byRecovery || next.ripe(r.by, r.at, now)
}

// removals checks what next takes away from u.
func (u *User) removals(next *User, now time.Time) error {
	took := false
	for _, d := range u.devices {
		n, _ := next.Device(d.ID)
		if !d.Active() || n.Active() {
			continue
		}
		if took = true; n.EndedBy != n.ID && !next.ripe(n.EndedBy, n.Ended, now) {
			return ErrTooNew
		}
	}
	old, r := u.recovery(), next.recovery()
	if !u.concedes(next, r, now) {
		return ErrTooNew
	}
	if old.to != nil && old.key != r.key {
		took = true
	}
	if took && next.Epoch() == u.Epoch() {
		return ErrRewritten
	}
	return nil
}

// skew is how far the clocks of two devices of one person may differ.
const skew = 10 * time.Minute

// ripe says whether a device was past its probation when it acted. What lies in
// our future counts as now.
func (u *User) ripe(id string, acted, now time.Time) bool {
	d, ok := u.Device(id)
	if acted.After(now.Add(skew)) {
		acted = now
	}
	return ok && (d.First() || acted.Sub(d.Added) >= Probation)
}
