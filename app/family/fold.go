package family

import (
	"slices"
	"time"

	"potli/app/record"
	"potli/crypto/chain"
)

// op is an entry as the fold sees it.
type op struct {
	at     int // its number in the past; atEnd for what comes after everything
	index  int // its place in the line
	hash   chain.Hash
	user   string
	device string
	key    string // of the device, its bytes
	time   time.Time
	act    Act
	public *public // that the operation brings
	fault  error   // it could not be read
}

// atEnd is the place of what is about to be written: it knows everything.
const atEnd = -1

// fold works out what a line of operations means.
//
// Some operations take away what others had done before they knew: removals,
// lower roles, devices that ended, transfers, vetoes. Call them cuts. Whether a
// cut holds depends on its author's role, which other cuts may take away. So they
// are decided one after the other, those of whom nobody can answer first (see
// rank), and after each the whole line is gone through again with the cuts so far. A
// cut that was decided stands. So the line is gone through as often as there are
// cuts, which are few.
type fold struct {
	line []*op
	past *chain.Past
	docs map[chain.Hash]*public // all that were ever published

	cuts    []cut
	decided map[*op]bool
	refused map[*op]error // whose cuts would have left nobody

	// What the last time through the line came to.
	void    map[*op]error
	people  map[string]*person
	joined  []string // users in the order in which they first came
	epochs  []*epoch
	details []*op // those that change the person's fields or the law
	named   []*op // NameContact
	offers  map[chain.Hash]*op
	accepts []*op
	claims  map[chain.Hash]*op
	waited  []*op
	records map[record.ID]*filed
	order   []record.ID
	bonds   map[string]*Guardian
	logged  []*op
}

// cut takes something away from a user from where it stands.
type cut struct {
	op     *op
	kind   cutKind
	user   string // whom; for a transfer, all but this one
	role   Role   // they are at most this
	device Device // that ended
}

type cutKind int

const (
	cutMember cutKind = iota // removed, or less than before
	cutDevice
	cutTransfer
	cutVeto
)

// foldLine is the State of a line of operations, each after its predecessors.
func foldLine(line []*op, past *chain.Past) *State {
	f := &fold{past: past, docs: map[chain.Hash]*public{}, decided: map[*op]bool{}, refused: map[*op]error{}}
	own := make([]op, len(line)) // a State outlives the next fold of the same operations
	for i := range line {
		own[i] = *line[i]
		own[i].index = i
		f.line = append(f.line, &own[i])
		if o := line[i]; o.public != nil {
			f.docs[o.public.hash] = o.public
		}
	}
	f.decide()
	return f.result()
}

// decide goes through the line until no cut is left to be decided. One that would
// leave nobody is not made: the operation is refused, or, where it tells of a lost
// device, that device has no effect from then on only.
func (f *fold) decide() {
	for waiting := f.pass(); len(waiting) > 0; {
		first, n := slices.MinFunc(waiting, f.compare), len(f.cuts)
		for _, c := range waiting {
			if c.op == first.op {
				f.cuts = append(f.cuts, c)
			}
		}
		f.decided[first.op] = true
		if waiting = f.pass(); f.owned() {
			continue
		}
		if first.kind != cutDevice {
			f.refused[first.op] = ErrLastOwner
			delete(f.decided, first.op)
		}
		f.cuts = f.cuts[:n]
		waiting = f.pass()
	}
}

// pass goes through the line once and returns the cuts that are not decided yet.
func (f *fold) pass() (waiting []cut) {
	f.reset()
	for _, o := range f.line {
		cuts, err := f.judge(o)
		switch {
		case f.decided[o]:
			err = nil // decided once, it stands
		case err == nil:
			err = f.refused[o]
		}
		f.learn(o, err)
		if err != nil {
			f.void[o] = err
			continue
		}
		for _, c := range cuts {
			if !f.decided[o] && !f.covered(c) {
				waiting = append(waiting, c)
			}
		}
		if _, ok := o.act.(*Devices); ok || f.decided[o] || len(cuts) == 0 {
			f.apply(o) // new devices do not wait for the end of old ones
		}
	}
	return waiting
}

// covered says whether a device is out already by a cut that was decided and that
// this one knows of: every later list of devices says so again.
func (f *fold) covered(c cut) bool {
	return c.kind == cutDevice && slices.ContainsFunc(f.cuts, func(old cut) bool {
		return old.kind == cutDevice && old.user == c.user && old.device == c.device && f.sees(c.op, old.op)
	})
}

func (f *fold) reset() {
	f.void = map[*op]error{}
	f.people, f.joined = map[string]*person{}, nil
	f.epochs, f.details, f.named, f.accepts, f.waited = nil, nil, nil, nil, nil
	f.offers, f.claims = map[chain.Hash]*op{}, map[chain.Hash]*op{}
	f.records, f.order, f.bonds = map[record.ID]*filed{}, nil, map[string]*Guardian{}
	f.logged = nil
}

// compare says which cut is decided first: the one whose author stands above the
// other's. A veto is above all, since it can only undo a recovery; then the transfer
// that the person signs, which nobody can prevent by removing them; then owners, who
// are owners for longer first; then admins; then the rest, who act on themselves.
// Of one member, devices come before what was done on them, and of two devices
// the one that is longer on the list.
func (f *fold) compare(a, b cut) int {
	x, y := f.rank(a), f.rank(b)
	return slices.Compare(x[:], y[:])
}

func (f *fold) rank(c cut) [5]int {
	role, since := f.roleOf(c.op.user, c.op)
	tier := 5 - int(role)
	switch {
	case c.kind == cutVeto:
		tier = -2
	case c.kind == cutTransfer && c.user == c.op.user:
		tier = -1
	}
	if role != Owner {
		since = 0
	}
	if c.kind != cutDevice {
		return [5]int{tier, since, 1, 0, c.op.index}
	}
	return [5]int{tier, since, 0, f.seniority(c.op), c.op.index}
}

// owned says whether somebody is an owner in the end.
func (f *fold) owned() bool {
	return slices.ContainsFunc(f.joined, func(u string) bool { r, _ := f.roleOf(u, end); return r == Owner })
}

// end stands for whoever knows everything.
var end = &op{at: atEnd}

// sees says whether o was written after other.
func (f *fold) sees(o, other *op) bool {
	return other != o && other.at != atEnd && (o.at == atEnd || f.past.Before(other.at, o.at))
}

// apart says whether neither of two knew of the other.
func (f *fold) apart(a, b *op) bool {
	return a != b && !f.sees(a, b) && !f.sees(b, a)
}

// apply notes what a valid operation changed.
func (f *fold) apply(o *op) {
	switch a := o.act.(type) {
	case *Found:
		f.person(o.user).enter(o, Owner, 1)
		f.details = append(f.details, o)
	case *Add:
		f.person(a.User).enter(o, a.Role, a.From)
	case *SetRole:
		f.person(a.User).become(o, a.Role)
	case *Devices:
		f.person(o.user).publish(o)
	case *Transfer:
		f.person(a.User).become(o, Owner)
	case *Recover:
		f.person(o.user).become(o, Owner)
	case *Details, *SetMajority:
		f.details = append(f.details, o)
	case *NameContact:
		f.named = append(f.named, o)
	case *Offer:
		f.offers[o.hash] = o
	case *Accept:
		f.accepts = append(f.accepts, o)
	case *Claim:
		f.claims[o.hash] = o
	case *Waited:
		f.waited = append(f.waited, o)
	case *Guardian:
		f.bonds[a.User] = a
	case *Logged:
		f.logged = append(f.logged, o)
	default:
		f.file(o)
	}
}

func (f *fold) person(user string) *person {
	p, ok := f.people[user]
	if !ok {
		p = &person{user: user}
		f.people[user] = p
		f.joined = append(f.joined, user)
	}
	return p
}
