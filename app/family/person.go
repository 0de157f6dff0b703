package family

import "slices"

// person is one who is or was a member, by what the valid operations say of them.
type person struct {
	user   string
	events []event // in the line's order
}

// event is one operation that made a person something or told of their devices.
type event struct {
	op   *op
	kind eventKind
	role Role
	from int // of an entry: the first epoch that is theirs
}

type eventKind int

const (
	entered eventKind = iota
	became
	published
)

func (p *person) enter(o *op, r Role, from int) {
	p.events = append(p.events, event{o, entered, r, from})
}
func (p *person) become(o *op, r Role) { p.events = append(p.events, event{o, became, r, 0}) }
func (p *person) publish(o *op)        { p.events = append(p.events, event{op: o, kind: published}) }

// live are the events that o knows of and that no removal it knows of has ended.
func (f *fold) live(p *person, o *op) []event {
	if p == nil {
		return nil
	}
	list := make([]event, 0, len(p.events))
	for _, e := range p.events {
		if f.sees(o, e.op) && !f.ended(p.user, e.op, o) {
			list = append(list, e)
		}
	}
	return list
}

// ended says whether a removal of user that o knows of came after e or at once with it.
func (f *fold) ended(user string, e, o *op) bool {
	return slices.ContainsFunc(f.cuts, func(c cut) bool {
		return c.kind == cutMember && c.role == None && c.user == user && f.sees(o, c.op) && !f.sees(e, c.op)
	})
}

// granted is what o knows a user to be, and for how long: of the last events that
// o knows, several if they came at once, the lowest role, and the first of their
// places in the line.
func (f *fold) granted(user string, o *op) (role Role, since int) {
	live := f.live(f.people[user], o)
	if !slices.ContainsFunc(live, func(e event) bool { return e.kind == entered }) {
		return None, 0
	}
	role, since = Owner, len(f.line)
	for _, e := range live {
		if e.kind == published || f.overtaken(e, live) {
			continue
		}
		role, since = min(role, f.capped(user, e, o)), min(since, e.op.index)
	}
	return role, since
}

// overtaken says whether a later event among live made the person something else.
func (f *fold) overtaken(e event, live []event) bool {
	return slices.ContainsFunc(live, func(later event) bool { return later.kind != published && f.sees(later.op, e.op) })
}

// capped is the role of an event after a transfer to somebody else that o knows of.
func (f *fold) capped(user string, e event, o *op) Role {
	for _, c := range f.cuts {
		if c.kind == cutTransfer && c.user != user && f.sees(o, c.op) && !f.sees(e.op, c.op) {
			return min(e.role, Reader)
		}
	}
	return e.role
}

// roleOf is the role in which what user writes at o counts: what o knows them to
// be, and no more than what was taken away from them meanwhile.
func (f *fold) roleOf(user string, o *op) (role Role, since int) {
	role, since = f.granted(user, o)
	for _, c := range f.cuts {
		switch {
		case role == None || o.at == atEnd || !f.apart(c.op, o):
		case c.kind == cutMember && c.user == user:
			role = min(role, c.role)
		case c.kind == cutTransfer && c.user != user:
			role = min(role, Reader)
		}
	}
	return role, since
}

// from is the first epoch that is to be given to a user: whoever takes the profile
// over gets all of it.
func (f *fold) from(user string, o *op) (n int) {
	for _, e := range f.live(f.people[user], o) {
		switch e.op.act.(type) {
		case *Transfer, *Recover:
			return 1
		}
		n = max(n, e.from)
	}
	return n
}

// publics are the public parts of user that o knows of and that count.
func (f *fold) publics(user string, o *op) (list []*public) {
	for _, e := range f.live(f.people[user], o) {
		if e.op.public != nil && e.op.public.user == user {
			list = append(list, e.op.public)
		}
	}
	return list
}

// told are all public parts of user that o knows of, also from before a removal.
func (f *fold) told(user string, o *op) (list []*public) {
	p := f.people[user]
	if p == nil {
		return nil
	}
	for _, e := range p.events {
		if e.op.public != nil && e.op.public.user == user && f.sees(o, e.op) {
			list = append(list, e.op.public)
		}
	}
	return list
}

// out are the devices that a user has taken out of use, as o knows. It is for good,
// and also where the user was removed since, or at the same time, and let in again.
func (f *fold) out(user string, o *op) (list []Device) {
	for _, p := range f.told(user, o) {
		list = join(list, p.ended)
	}
	return list
}

func join(list, more []Device) []Device {
	for _, d := range more {
		if !contains(list, d) {
			list = append(list, d)
		}
	}
	return list
}

// in are the devices that a user uses, as o knows.
func (f *fold) in(user string, o *op) (list []Device) {
	gone := f.out(user, o)
	for _, p := range f.publics(user, o) {
		for _, d := range p.active {
			if !contains(gone, d) && !contains(list, d) {
				list = append(list, d)
			}
		}
	}
	return list
}

// newest is the public part to seal to: the user's last word, of those that were made
// knowing of all devices that are out, and that have the last of the user's keys. Nil
// when there is none: of two devices that took out another one each, neither part is
// safe, and the person's devices have to make one together first.
func (f *fold) newest(user string, o *op) *public {
	gone, epoch := f.out(user, o), 0
	for _, p := range f.told(user, o) {
		epoch = max(epoch, p.epoch)
	}
	var best *op
	for _, e := range f.live(f.people[user], o) {
		p := e.op.public
		if p == nil || p.user != user || p.epoch < epoch || !p.covers(gone) {
			continue
		}
		if best == nil || f.sees(e.op, best) || f.apart(e.op, best) && p.later(best.public) {
			best = e.op
		}
	}
	if best == nil {
		return nil
	}
	return best.public
}

// deviceOf says whether an operation's device is one that its user uses, as far as
// o knows, and has not gone out of use meanwhile.
func (f *fold) deviceOf(o *op) error {
	d := Device{o.device, o.key}
	listed := contains(f.in(o.user, o), d)
	if _, ok := o.act.(*Devices); ok && !listed {
		listed = f.returns(o, d)
	}
	if !listed || slices.ContainsFunc(f.cuts, func(c cut) bool {
		return c.kind == cutDevice && c.user == o.user && c.device == d && f.apart(c.op, o)
	}) {
		return ErrDevice
	}
	return nil
}

// returns says whether a device that nobody knows is the user's all the same: one
// that came by their recovery kit. It tells of itself, with a public part that the
// user's own keys tie to the last one. A device that went out of use had those keys
// too, so this is void at once with any end of a device.
func (f *fold) returns(o *op, d Device) bool {
	last := f.newest(o.user, o)
	if last == nil || contains(f.out(o.user, o), d) || !o.public.has(d) || !o.public.follows(last) {
		return false
	}
	return !slices.ContainsFunc(f.cuts, func(c cut) bool { return c.kind == cutDevice && c.user == o.user && f.apart(c.op, o) })
}

// seniority is the place of an operation's device in its user's list; who came
// last, and who is not there yet, has the highest.
func (f *fold) seniority(o *op) int {
	n := 0
	for _, p := range f.publics(o.user, o) {
		for _, d := range append(slices.Clone(p.active), p.ended...) {
			if d.ID == o.device && d.Key == o.key {
				return n
			}
			n++
		}
	}
	return n
}
