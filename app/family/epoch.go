package family

import (
	"slices"

	"potli/crypto/chain"
)

// epoch is one key of the profile, made by a valid operation or not: what is sealed
// to it must open for those who may read it, and whoever was given it knows it.
type epoch struct {
	op   *op
	act  *Epoch
	void error
	to   []Whom // who knows it: whom it was made for, and whom it was given
}

func (e *epoch) knows(user string) bool {
	if e.op.user == user {
		return true
	}
	for _, w := range e.to {
		if w.User == user {
			return true
		}
	}
	return false
}

func (f *fold) epoch(h chain.Hash) *epoch {
	for _, e := range f.epochs {
		if e.op.hash == h {
			return e
		}
	}
	return nil
}

// has says whether what was sealed to w opens with what a public part is of: it is
// the same, or its user's keys include that one's. A user who lost a later key, as by
// restoring an old copy, needs what was sealed to it again.
func (f *fold) has(p *public, w Whom) bool {
	doc := f.docs[w.Doc]
	return p == nil || doc != nil && w.User == p.user && (doc.to == p.to || p.follows(doc))
}

// next is the number of the epoch that whoever writes o makes.
func (f *fold) next(o *op) int {
	n := 0
	for _, e := range f.epochs {
		if f.sees(o, e.op) {
			n = max(n, e.act.N)
		}
	}
	return n + 1
}

// learn notes who comes to know a key. It does not matter whether they were
// allowed to: a secret that was told is told.
func (f *fold) learn(o *op, void error) {
	if o.fault != nil {
		return
	}
	switch a := o.act.(type) {
	case *Epoch:
		if a.N == f.next(o) {
			f.epochs = append(f.epochs, &epoch{op: o, act: a, void: void, to: a.To})
		}
	case *Grant:
		for _, h := range a.Epochs {
			// Whoever does not know it themselves can not tell it.
			if e := f.epoch(h); e != nil && f.sees(o, e.op) && e.knows(o.user) {
				e.to = append(e.to[:len(e.to):len(e.to)], a.To)
			}
		}
	}
}

// leaked says whether a key is, or may come to be, known to somebody who is no
// member now, or on a device that is out of use, or to an older key of a member's
// own. What is written from now on needs another.
//
// A key that was made without knowledge of a removal is one: its maker may be who
// was removed, and somebody who does not know of it either may still give the key to
// them. Whoever made a key with that knowledge, and gives it, has the knowledge too.
// What is left is one who gives it all the same.
func (f *fold) leaked(e *epoch) bool {
	return f.unaware(e) || slices.ContainsFunc(e.to, f.stale)
}

// unaware says whether a key was made without knowledge of something that was taken
// away from somebody: membership, a role in which they let others in, a device; or
// of the newer of two keys of a member's own.
func (f *fold) unaware(e *epoch) bool {
	if slices.ContainsFunc(f.cuts, func(c cut) bool { return c.kind != cutDevice && !f.sees(e.op, c.op) }) {
		return true
	}
	return slices.ContainsFunc(f.joined, func(user string) bool {
		gone, known := f.out(user, end), f.out(user, e.op)
		return slices.ContainsFunc(gone, func(d Device) bool { return !contains(known, d) }) || f.changed(user, e.op)
	})
}

// changed says whether a user has changed their own key, and o does not know the one
// that holds.
func (f *fold) changed(user string, o *op) bool {
	now, then := f.newest(user, end), f.newest(user, o)
	switch {
	case then != nil:
		return now == nil || now.to != then.to
	case now == nil:
		return false // nothing was sealed to them, nor is
	}
	return slices.ContainsFunc(f.told(user, end), func(p *public) bool { return p.to != now.to })
}

// stale says whether what was sealed to w opens for more than w's devices now.
func (f *fold) stale(w Whom) bool {
	role, _ := f.granted(w.User, end)
	doc, best := f.docs[w.Doc], f.newest(w.User, end)
	return role == None || doc == nil || doc.user != w.User || !doc.covers(f.out(w.User, end)) || best == nil || doc.to != best.to
}

// withheld says whether a key is not to be given to a member by itself: whoever made
// it had them out, or had a device out that is in use here. They may have been wrong,
// and the removal void; but they wrote for others, and it is not for us to open it.
func (f *fold) withheld(e *epoch, user string) bool {
	p := f.newest(user, end)
	for _, x := range f.line {
		if !f.sees(e.op, x) {
			continue
		}
		if r, ok := x.act.(*Remove); ok && r.User == user && !f.backAfter(x, e.op, user) {
			return true
		}
		if _, ok := x.act.(*Devices); ok && x.user == user && x.public != nil && p != nil && slices.ContainsFunc(x.public.ended, p.has) {
			return true
		}
	}
	return false
}

// backAfter says whether o knows that a user was let in again after a removal.
func (f *fold) backAfter(removal, o *op, user string) bool {
	p := f.people[user]
	return p != nil && slices.ContainsFunc(p.events, func(e event) bool {
		return e.kind == entered && f.sees(e.op, removal) && f.sees(o, e.op)
	})
}

// holds says whether a user was given a key, and still has what opens it.
func (f *fold) holds(e *epoch, user string) bool {
	p := f.newest(user, end)
	return slices.ContainsFunc(e.to, func(w Whom) bool { return w.User == user && f.has(p, w) })
}

// serves says whether a key can be used for what is written now: nobody outside
// knows it, and no member is kept from it.
func (f *fold) serves(e *epoch) bool {
	return !f.leaked(e) && !slices.ContainsFunc(f.joined, func(user string) bool {
		role, _ := f.granted(user, end)
		return role > None && !f.holds(e, user) && f.withheld(e, user)
	})
}

// current is the epoch to seal to: of the highest number that counts, one that
// serves, else the lowest hash.
func (f *fold) current() (best *epoch) {
	for _, e := range f.epochs {
		if e.void != nil || best != nil && e.act.N < best.act.N {
			continue
		}
		if best == nil || e.act.N > best.act.N || f.better(e, best) {
			best = e
		}
	}
	return best
}

func (f *fold) better(a, b *epoch) bool {
	if x, y := f.serves(a), f.serves(b); x != y {
		return x
	}
	return a.op.hash.Compare(b.op.hash) < 0
}
