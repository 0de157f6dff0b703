package family

import "slices"

// The person comes of age, and gets a wallet of their own:
//
//	−90 days  notice; from now on the caregivers may Offer, and the person, who is
//	          let in as a reader on their own device, may Accept. From then on they
//	          can not be removed.
//	−30 days  notice
//	 the day  caregivers read, and write no more; nobody shares in the person's
//	          name and nobody is let in but the person, as a reader of everything.
//	          Only the handover is still theirs to do: Offer, and Transfer once it
//	          was accepted.
//	Transfer  the person is the owner, all others are readers. They remove whom they
//	          choose to, and make the next epoch for those that stay.
//	+30 days  if no caregiver signs: the person signs Transfer themselves.
//
// If the caregivers do not even offer, nothing in this history helps, since nobody
// else can say who the person is: they begin a history of their own, and get their
// records from those who wrote them.

// offered is the offer that an acceptance answers, if o knows of it.
func (f *fold) offered(a *Accept, o *op) *Offer {
	offer := f.offers[a.Offer]
	if offer == nil || !f.sees(o, offer) {
		return nil
	}
	return offer.act.(*Offer)
}

// judgeLate is what a caregiver may still do after the day, before the records are
// handed over: let the person in, who may have got a wallet of their own only now, and
// give them the keys. Nobody can say who of those let in is the person but they
// themselves; so once one has accepted nobody else comes.
func (f *fold) judgeLate(o *op, role Role) error {
	switch a := o.act.(type) {
	case *Add:
		if a.Role == Reader && a.From == 1 && !slices.ContainsFunc(f.accepts, func(a *op) bool { return f.sees(o, a) }) {
			return f.judgeAdd(o, a, role)
		}
	case *Grant:
		return f.judgeGrant(o, a)
	}
	return ErrOfAge
}

func (f *fold) judgeOffer(o *op, a *Offer, role Role) error {
	if role < Admin {
		return f.lacks(o, Admin)
	}
	if theirs, _ := f.granted(a.User, o); theirs < Reader || a.User == o.user {
		return ErrNoMember
	}
	if m := f.majority(o); m.Known() && o.time.Before(m.At.Add(-NoticeDays*day)) {
		return ErrEarly
	}
	return nil
}

func (f *fold) judgeAccept(o *op, a *Accept) error {
	if offer := f.offered(a, o); offer == nil || offer.User != o.user {
		return ErrNotNamed
	}
	return nil
}

// accepted says whether o knows that user has accepted.
func (f *fold) accepted(user string, o *op) bool {
	for _, a := range f.accepts {
		if a.user == user && f.sees(o, a) {
			return true
		}
	}
	return false
}

// protected says whether a member is the person themselves, who can not be put out
// of their own records any more.
func (f *fold) protected(user string, o *op) bool {
	return f.accepted(user, o) && f.majority(o).Known() && !f.transferred(o)
}

// judgeTransfer: by a caregiver from the day on; by the person themselves when the
// caregivers let the time pass. Where the date means nothing, as for a grown person
// who recovered, only the caregivers can.
func (f *fold) judgeTransfer(o *op, a *Transfer, role Role) ([]cut, error) {
	m, wait := f.majority(o), 0
	switch own := a.User == o.user; {
	case own && (!m.Known() || f.transferred(o)):
		return nil, ErrRole
	case own:
		wait = RefuseDays
	case role < Admin:
		return nil, f.lacks(o, Admin)
	}
	if !f.accepted(a.User, o) {
		return nil, ErrNotNamed
	}
	if m.Known() && o.time.Before(m.At.AddDate(0, 0, wait)) {
		return nil, ErrEarly
	}
	return []cut{{op: o, kind: cutTransfer, user: a.User}}, nil
}
