package family

// The owners are dead, or can not act any more:
//
//	NameContact  an owner names a member, who is given the keys of every epoch, and
//	             how many days the others have to object
//	Claim        the contact says that it has happened; every device tells its owner
//	Veto         any owner's device says no. It counts whenever it comes, also after
//	             everything below, and then undoes it
//	Waited       another member's device has seen the claim, and waited for so many
//	             days, by its own clock
//	Recover      the contact is an owner
//
// A claim carries a time, which the claimant can choose. So no device measures by
// it; it is another member who says that the time has passed, and who measured from
// when their own device saw the claim. Only where there is nobody else but the
// silent owners the claimant's word counts, for what it is worth: an owner who is
// alive after all undoes it, and is above whoever recovered in any case.

// contact is the last word on a user's being a contact, as o knows it: for how many
// days they have to wait; 0 when they are none.
func (f *fold) contact(user string, o *op) (days int) {
	for _, n := range f.named {
		a := n.act.(*NameContact)
		if a.User != user || !f.sees(o, n) || f.ended(user, n, o) || f.vetoed(user, n, o) {
			continue
		}
		days = a.Days
	}
	return days
}

// vetoed says whether o knows of a veto against user that is not older than n.
func (f *fold) vetoed(user string, n, o *op) bool {
	for _, c := range f.cuts {
		if c.kind == cutVeto && c.user == user && f.sees(o, c.op) && !f.sees(n, c.op) {
			return true
		}
	}
	return false
}

func (f *fold) judgeClaim(o *op) error {
	if f.contact(o.user, o) == 0 {
		return ErrNotNamed
	}
	return nil
}

func (f *fold) judgeWaited(o *op, a *Waited, role Role) error {
	claim := f.claims[a.Claim]
	switch {
	case role < Reader:
		return ErrRole
	case claim == nil || !f.sees(o, claim) || claim.user == o.user:
		return ErrNotNamed
	}
	return nil
}

// judgeVeto: by who was an owner when the claim was made. Whoever recovered, and
// whom they made an owner, can not be made to undo it.
func (f *fold) judgeVeto(o *op, a *Veto, role Role) ([]cut, error) {
	claim := f.claims[a.Claim]
	if claim == nil || !f.sees(o, claim) {
		return nil, ErrNotNamed
	}
	if then, _ := f.granted(o.user, claim); role < Owner || then < Owner {
		return nil, ErrRole
	}
	return []cut{{op: o, kind: cutVeto, user: claim.user}}, nil
}

// judgeContact: to take it back is a veto of whatever was claimed meanwhile.
func (f *fold) judgeContact(o *op, a *NameContact, role Role) ([]cut, error) {
	if role < Owner {
		return nil, f.lacks(o, Owner)
	}
	if err := f.member(a.User, o); err != nil || a.Days > 0 {
		return nil, err
	}
	return []cut{{op: o, kind: cutVeto, user: a.User}}, nil
}

func (f *fold) judgeRecover(o *op, a *Recover, role Role) error {
	claim := f.claims[a.Claim]
	switch {
	case claim == nil || !f.sees(o, claim) || claim.user != o.user:
		return ErrNotNamed
	case role == Owner:
		return ErrMember
	case f.struck(claim):
		return ErrVetoed
	case f.contact(o.user, o) == 0:
		return ErrNotNamed
	}
	return f.waitedFor(o, claim)
}

// struck says whether an owner said no to a claim, or to whoever made it, whenever
// that was, unless the claim was made in spite of it.
func (f *fold) struck(claim *op) bool {
	for _, c := range f.cuts {
		if c.kind != cutVeto || c.user != claim.user || f.sees(claim, c.op) {
			continue
		}
		if then, _ := f.granted(c.op.user, claim); then == Owner {
			return true
		}
	}
	return false
}

// waitedFor asks for the word of another member, if there is one but the owners.
func (f *fold) waitedFor(o, claim *op) error {
	for _, w := range f.waited {
		if w.act.(*Waited).Claim == claim.hash && f.sees(o, w) {
			return nil
		}
	}
	for _, user := range f.joined {
		if role, _ := f.granted(user, o); user != o.user && role > Contact && role < Owner {
			return ErrWaiting
		}
	}
	if o.time.Before(claim.time.AddDate(0, 0, f.contact(o.user, o))) {
		return ErrWaiting
	}
	return nil
}
