package keyring

import (
	"bytes"
	"cmp"
	"slices"
	"time"
)

// Merge joins two documents that two devices made of the same one at once
// (ErrForked), and begins an epoch, since each side may have removed a device
// that the other side's epoch was still given to. Whoever merges, and in
// whatever order, the lists come out the same:
//
//   - the document with the lower hash stands: its epochs keep their numbers,
//     the other's are displaced, so that what was sealed to them opens;
//   - a removal on either side holds, and takes with it the devices that the
//     removed one let in on the other side. Removal beats addition;
//   - of two devices that removed each other, the one that is longer on the list
//     stays: who was linked by a trick can not win by answering a removal;
//   - the later recovery key holds, unless the other side removed its maker.
//
// Errors: ErrRemoved when by does not come out as an active device, ErrTooNew
// when it would have to remove one and may not yet, ErrRewritten when the two
// are not of one user and one past, ErrLimit.
func Merge(by *Keys, a, b *User, now time.Time) (*User, error) {
	if !related(a, b) {
		return nil, ErrRewritten
	}
	stands, other := a, b
	if b.hash() < a.hash() {
		stands, other = b, a
	}
	next, err := stands.successor(by, now)
	if err != nil {
		return nil, err
	}
	next.seq = max(a.seq, b.seq) + 1
	for _, h := range append(slices.Clone(other.previous), other.hash()) {
		if !next.descends(h) {
			next.previous = append(next.previous, h)
		}
	}
	next.mergeEpochs(other)
	if next.devices, err = mergeDevices(stands, other); err != nil {
		return nil, err
	}
	if err := next.endOrphans(by, stands, other); err != nil {
		return nil, err
	}
	next.mergeRecoveries(stands, other)
	if len(next.previous) > maxChanges || len(next.devices) > maxDevices || next.active() > maxActive || len(next.recoveries) > maxRecoveries {
		return nil, ErrLimit
	}
	if !next.lists(by) {
		return nil, ErrRemoved
	}
	if err := next.begin(); err != nil {
		return nil, err
	}
	return next.sign(by)
}

// related says whether two documents parted from one, and neither from the other.
func related(a, b *User) bool {
	if a.id != b.id || a.hash() == b.hash() || a.descends(b.hash()) || b.descends(a.hash()) {
		return false
	}
	return slices.ContainsFunc(a.previous, b.descends)
}

// mergeEpochs adds the epochs that only the other side has.
func (u *User) mergeEpochs(other *User) {
	for _, e := range other.epochs {
		i := slices.IndexFunc(u.epochs, func(o userEpoch) bool { return o.n == e.n && sameSecret(o.id, e.id) })
		if i >= 0 {
			u.epochs[i].displaced = u.epochs[i].displaced || e.displaced
			continue
		}
		e.displaced = true
		u.epochs = append(u.epochs, e)
	}
	slices.SortStableFunc(u.epochs, func(a, b userEpoch) int { return a.compare(b.epochKey) })
}

// mergeDevices joins the lists of two sides.
func mergeDevices(a, b *User) ([]Device, error) {
	var list []Device
	for _, d := range a.devices {
		o, both := b.Device(d.ID)
		if both && !bytes.Equal(o.added(b.id), d.added(a.id)) {
			return nil, ErrRewritten
		}
		if both {
			d = joined(d, o, a, b)
		}
		list = append(list, d)
	}
	for _, d := range b.devices {
		if a.index(d.ID) < 0 {
			list = append(list, d)
		}
	}
	// By when they came, the same from either side.
	slices.SortStableFunc(list, func(x, y Device) int { return x.Added.Compare(y.Added) })
	return list, nil
}

// joined is what becomes of a device that is d on side a and o on side b.
func joined(d, o Device, a, b *User) Device {
	switch {
	case d.Active() && o.Active():
		return d
	case !d.Active() && !o.Active():
		if d.compareEnds(o) > 0 {
			return o
		}
		return d
	case d.Active() && holds(o, a), o.Active() && !holds(d, b):
		return o
	}
	return d
}

// compareEnds sorts two ends of one device: being removed before leaving, or a
// removed device could say that it had left; then the earlier.
func (d Device) compareEnds(o Device) int {
	if left := d.EndedBy == d.ID; left != (o.EndedBy == o.ID) {
		if left {
			return 1
		}
		return -1
	}
	return cmp.Or(d.Ended.Compare(o.Ended), cmp.Compare(d.EndedBy, o.EndedBy))
}

// holds says whether the removal of d holds against what the other side did: it
// does not where d removed its remover there and is the older of the two.
func holds(d Device, other *User) bool {
	remover, ok := other.Device(d.EndedBy)
	return d.EndedBy == d.ID || !ok || remover.Active() || remover.EndedBy != d.ID || older(remover, d)
}

// older says which of two devices is longer on the list.
func older(a, b Device) bool {
	if c := a.Added.Compare(b.Added); c != 0 {
		return c < 0
	}
	return a.ID < b.ID
}

// endOrphans takes the devices out of use that came, on one side, through one
// that the other side removed.
func (u *User) endOrphans(by *Keys, a, b *User) error {
	for i, d := range u.devices {
		inA, inB := a.index(d.ID) >= 0, b.index(d.ID) >= 0
		if inA && inB || !d.Active() || !u.orphaned(d, a, b) {
			continue
		}
		if u.fresh(by.Device) {
			return ErrTooNew
		}
		u.end(i, by)
	}
	return nil
}

// orphaned follows a device that one side does not know to the one that both know
// and through whom it came.
func (u *User) orphaned(d Device, a, b *User) bool {
	for range maxDevices { // a ring of sponsors can not be, and must not hang us
		i := u.index(d.By)
		if i < 0 || d.First() {
			return false
		}
		d = u.devices[i]
		if a.index(d.ID) >= 0 && b.index(d.ID) >= 0 {
			break
		}
	}
	x, _ := a.Device(d.ID)
	y, _ := b.Device(d.ID)
	// It added on the one side while it was removed on the other, and that held.
	return x.Active() != y.Active() && !d.Active()
}

// mergeRecoveries joins the two histories of recovery keys. Which of them stands
// follows from the entries and the devices.
func (u *User) mergeRecoveries(a, b *User) {
	u.recoveries = slices.Clone(a.recoveries)
	for _, r := range b.recoveries {
		if !slices.ContainsFunc(u.recoveries, r.same) {
			u.recoveries = append(u.recoveries, r)
		}
	}
	slices.SortFunc(u.recoveries, recovery.compare)
}
