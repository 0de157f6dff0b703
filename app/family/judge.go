package family

import "slices"

// judge says whether an operation counts, by what its author knew and by the cuts
// that are decided, and what it takes away from whom.
func (f *fold) judge(o *op) ([]cut, error) {
	if o.fault != nil {
		return nil, o.fault
	}
	if a, ok := o.act.(*Found); ok {
		return nil, f.judgeFound(o, a)
	}
	if e, ok := o.act.(*Epoch); ok && e.N != f.next(o) {
		return nil, ErrNumber
	}
	role, _ := f.roleOf(o.user, o)
	known, _ := f.granted(o.user, o)
	_, own := o.act.(*Devices)
	switch {
	case known == None:
		return nil, ErrNotMember
	case role == None && !own: // that a device is lost holds, whatever else they are
		return nil, ErrRemoved
	}
	if o.device != "" || o.at != atEnd { // Allowed asks for a user, on whatever device
		if err := f.deviceOf(o); err != nil {
			return nil, err
		}
	}
	return f.judgeAct(o, role)
}

func (f *fold) judgeFound(o *op, a *Found) error {
	switch {
	case o.index != 0 || o.at == atEnd:
		return ErrRoot
	case o.public.user != o.user:
		return ErrPublic
	case !o.public.has(Device{o.device, o.key}):
		return ErrDevice
	}
	return nil
}

// judgeAct decides by the role. What anybody may do of their own comes first, then
// what is decided by the role alone, even after the 18th birthday, and then the
// daily things, which are the caregivers' until then.
func (f *fold) judgeAct(o *op, role Role) ([]cut, error) {
	switch a := o.act.(type) {
	case *Devices:
		return f.judgeDevices(o)
	case *Remove:
		if a.User == o.user {
			return []cut{{op: o, user: o.user}}, nil
		}
	case *Accept:
		return nil, f.judgeAccept(o, a)
	case *Claim:
		return nil, f.judgeClaim(o)
	case *Waited:
		return nil, f.judgeWaited(o, a, role)
	case *Veto:
		return f.judgeVeto(o, a, role)
	case *Recover:
		return nil, f.judgeRecover(o, a, role)
	case *Offer:
		return nil, f.judgeOffer(o, a, role)
	case *Transfer:
		return f.judgeTransfer(o, a, role)
	case *Logged:
		if role < Reader {
			return nil, f.lacks(o, Reader)
		}
		return nil, nil
	}
	if role < Admin {
		return nil, f.lacks(o, Admin)
	}
	if f.ofAge(o) {
		return nil, f.judgeLate(o, role)
	}
	return f.judgeDaily(o, role)
}

// lacks says why a role is too low: it was lowered at the same time, or was never
// higher.
func (f *fold) lacks(o *op, need Role) error {
	if known, _ := f.granted(o.user, o); known >= need {
		return ErrRemoved
	}
	return ErrRole
}

func (f *fold) judgeDaily(o *op, role Role) ([]cut, error) {
	switch a := o.act.(type) {
	case *Add:
		return nil, f.judgeAdd(o, a, role)
	case *SetRole:
		return f.judgeRole(o, a, role)
	case *Remove:
		return f.judgeRemove(o, a)
	case *Details:
		return nil, f.judgeDetails(o, role)
	case *SetMajority:
		return nil, f.judgeMajority(o, role)
	case *Grant:
		return nil, f.judgeGrant(o, a)
	case *Guardian:
		return nil, f.member(a.User, o)
	case *NameContact:
		return f.judgeContact(o, a, role)
	case *Epoch:
		return nil, nil // its number was looked at before
	}
	return nil, f.judgeRecord(o)
}

func (f *fold) member(user string, o *op) error {
	if role, _ := f.granted(user, o); role == None {
		return ErrNoMember
	}
	return nil
}

// judgeAdd does not take somebody back by a public part from before the last one
// that is known, or from before they lost a device.
func (f *fold) judgeAdd(o *op, a *Add, role Role) error {
	if known, _ := f.granted(a.User, o); known > None {
		return ErrMember
	}
	if !o.public.covers(f.out(a.User, o)) || slices.ContainsFunc(f.told(a.User, o), o.public.older) {
		return ErrOlder
	}
	if role < Owner && a.Role >= Admin {
		return ErrRole
	}
	return nil
}

// above says whether the author of o stands above a member, as far as o knows.
func (f *fold) above(o *op, user string) error {
	mine, since := f.roleOf(o.user, o)
	theirs, later := f.granted(user, o)
	switch {
	case theirs == None:
		return ErrNoMember
	case mine == Owner && (theirs < Owner || since < later), mine == Admin && theirs < Admin:
		return nil
	}
	return ErrEqual
}

func (f *fold) judgeRemove(o *op, a *Remove) ([]cut, error) {
	if err := f.above(o, a.User); err != nil {
		return nil, err
	}
	if f.protected(a.User, o) {
		return nil, ErrSubject
	}
	return []cut{{op: o, user: a.User}}, nil
}

func (f *fold) judgeRole(o *op, a *SetRole, role Role) ([]cut, error) {
	known, _ := f.granted(a.User, o)
	if a.User != o.user || a.Role > known {
		if err := f.above(o, a.User); err != nil {
			return nil, err
		}
	}
	switch {
	case a.Role == known:
		return nil, ErrMember
	case role < Owner && a.Role >= Admin && a.User != o.user:
		return nil, ErrRole
	case a.Role > known:
		return nil, nil
	case a.User != o.user && f.protected(a.User, o):
		return nil, ErrSubject
	}
	return []cut{{op: o, user: a.User, role: a.Role}}, nil
}

// judgeDevices takes from each device that is out what it writes from then on, also
// from one that o does not know to have been in. A device that was set back, and has an older document than the others
// know, has to make newer ones first: its user's later key is lost.
func (f *fold) judgeDevices(o *op) (cuts []cut, err error) {
	switch {
	case o.public.user != o.user:
		return nil, ErrPublic
	case len(o.public.active) == 0:
		return nil, ErrDevice
	case slices.ContainsFunc(f.told(o.user, o), o.public.older):
		return nil, ErrOlder
	}
	for _, d := range o.public.ended {
		cuts = append(cuts, cut{op: o, kind: cutDevice, user: o.user, device: d})
	}
	return cuts, nil
}

// judgeGrant lets only known epochs be given, and only to a public part of theirs.
func (f *fold) judgeGrant(o *op, a *Grant) error {
	if err := f.member(a.To.User, o); err != nil {
		return err
	}
	if !slices.ContainsFunc(f.publics(a.To.User, o), func(p *public) bool { return p.hash == a.To.Doc }) {
		return ErrPublic
	}
	for _, h := range a.Epochs {
		if e := f.epoch(h); e == nil || !f.sees(o, e.op) || !e.knows(o.user) {
			return ErrEpoch
		}
	}
	return nil
}
