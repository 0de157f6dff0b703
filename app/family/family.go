// Package family decides who may do what with one person's records, from the
// history that all who care for them write together (crypto/chain). It is pure:
// the same entries give the same State, on every device and in every order of
// arrival, and nothing here has a clock, a disk or a network.
//
//	entries ──Open, Add──▶ History ──State──▶ who is a member, as what, since when
//	                          ▲               which keys there are, who knows them, what is due
//	                          │               the person, their records' titles, their 18th birthday
//	                        Write ◀── what a member wants to do, refused with a reason
//
// An operation that its author was not allowed to do is in the history like any
// other and has no effect, for everybody alike; State.Void names it and says why.
//
// # Who may do what
//
//	                                        owner  admin  reader  contact
//	details, records, guardianship, epoch,    ✓      ✓
//	  grant, majority, offer, transfer
//	let in, change or remove a reader         ✓      ✓
//	the same with an admin or an owner        ✓
//	tell of own devices, leave                ✓      ✓      ✓       ✓
//	say that the waiting is over              ✓      ✓      ✓
//	veto a claim                              ✓
//	claim, recover                                  whoever an owner named for it
//
// Nobody removes an equal, but for owners: one who is an owner for longer removes
// one who is it for a shorter time. So a removal is never answered by a removal,
// and the history can not be made to say that both won or that neither did. The
// last owner can be neither removed nor demoted, and does not leave.
//
// # What happens at once
//
// Two people who are apart write things that do not know of each other. Whoever
// was removed can also pretend to have been apart, for ever. So:
//
//   - Removal beats addition. Someone who is let in and removed at once is out.
//   - What a removed member or device wrote is void, unless whoever removed them
//     had seen it; also what it claims to have been written earlier. What a demoted
//     member wrote counts as written in the lower role.
//   - Of two roles given at once the lower one holds.
//   - Two epochs of one number: the one that nobody outside knows stands, else the
//     one of the lower hash; the other one opens what was sealed to it.
//   - Whatever is taken away from somebody, a new key is made that knows of it: one
//     made without that knowledge may still be given to whoever should not have it.
//   - A key that was made by one who had somebody out is not given to them by
//     itself, even when the removal turns out to be void.
//   - Of two devices of one person that removed each other the one stays which was
//     there longer, as in the person's own list (crypto/keyring). A device that is
//     out is so for good: where its owner's list has it back, they add it anew.
//
// # Whose clock
//
// Times in the history are claims. Only two things hang on them, both with the
// claim of whoever is held by it: a caregiver's operation that itself says it is
// from after the 18th birthday is void, and a transfer must say so. Every device
// keeps to the date by its own clock before it writes (Clock). Waiting after a
// claim is not measured by the claimant's clock but by that of another member's
// device, which says when it has waited. And an owner who puts the 18th birthday off
// says that the first notice is not due yet; everybody sees that they did.
//
// What a release wrote means the same for ever: see testdata. An operation of a later
// release is named, has no effect, and stops this one from writing (State.Later).
package family

import (
	"errors"

	"potli/crypto/chain"
)

// Role is what a member may do.
type Role int

// Roles, the greater the more it may. A contact sees nothing until they recover:
// they are given the keys, and the app gives them nothing to open.
const (
	None Role = iota
	Contact
	Reader
	Admin
	Owner
)

var roleNames = [...]string{"none", "contact", "reader", "admin", "owner"}

// String is the role as it stands in the history.
func (r Role) String() string {
	if r < None || r > Owner {
		return "none"
	}
	return roleNames[r]
}

// MarshalText writes a role as String does.
func (r Role) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads a role that somebody can have. Error: ErrBody.
func (r *Role) UnmarshalText(text []byte) error {
	for i := Contact; i <= Owner; i++ {
		if roleNames[i] == string(text) {
			*r = i
			return nil
		}
	}
	return ErrBody
}

// Reasons why an operation has no effect, or is not written.
var (
	// ErrBody: not an operation, or beyond its limits.
	ErrBody = errors.New("not an operation of a family")
	// ErrLater: an operation of a later release.
	ErrLater = errors.New("an operation of a later release")
	// ErrNotMember: not a member at that point.
	ErrNotMember = errors.New("not a member")
	// ErrRemoved: removed, at once with the operation.
	ErrRemoved = errors.New("removed at the same time")
	// ErrDevice: the device is not in the member's own signed list.
	ErrDevice = errors.New("not a device of that member")
	// ErrRole: the role does not allow it.
	ErrRole = errors.New("not allowed in this role")
	// ErrEqual: the other one's role is not below.
	ErrEqual = errors.New("the other one's role is not below")
	// ErrLastOwner: nobody would be left to decide.
	ErrLastOwner = errors.New("the last owner stays")
	// ErrOfAge: the person is of age, and decides themselves.
	ErrOfAge = errors.New("the person is of age")
	// ErrNoMember: the one it is about is not a member.
	ErrNoMember = errors.New("the one it is about is not a member")
	// ErrMember: the one who is let in is a member already.
	ErrMember = errors.New("a member already")
	// ErrNumber: not the next epoch.
	ErrNumber = errors.New("not the next epoch")
	// ErrEpoch: no such epoch, or not one that the author knows.
	ErrEpoch = errors.New("not an epoch that the author knows")
	// ErrRecord: no such record, or it was added before.
	ErrRecord = errors.New("not a record of this history")
	// ErrMajority: the 18th birthday is moved to a later day by one who may not, or
	// too late.
	ErrMajority = errors.New("the date of majority is not put off like that")
	// ErrEarly: the day has not come.
	ErrEarly = errors.New("too early")
	// ErrNotNamed: no offer or claim was made, or not to or by them.
	ErrNotNamed = errors.New("not the one who was named")
	// ErrVetoed: an owner said no.
	ErrVetoed = errors.New("an owner said no")
	// ErrWaiting: nobody has said that the waiting is over.
	ErrWaiting = errors.New("the waiting is not over")
	// ErrSubject: the person themselves can not be removed any more.
	ErrSubject = errors.New("the person themselves stays")
	// ErrRoot: a second beginning.
	ErrRoot = errors.New("not the beginning")
	// ErrOlder: a public part from before the user took a device out of use.
	ErrOlder = errors.New("an older public part than the one that is known")
	// ErrPublic: the public part is another user's, or follows from nothing known.
	ErrPublic = errors.New("not the public part of that user")
)

// History is a log with what it means. It belongs to one goroutine at a time.
type History struct {
	log   *chain.Log
	ops   map[chain.Hash]*op // of the entries that were looked at
	state *State             // nil when something came since
}

// Open reads what a log means. The log belongs to the History afterwards.
func Open(l *chain.Log) *History { return &History{log: l, ops: map[chain.Hash]*op{}} }

// Fold is what a log means, for who needs it once.
func Fold(l *chain.Log) *State { return Open(l).State() }

// Log is the log. Entries are added through Add.
func (h *History) Log() *chain.Log { return h.log }

// Add takes an entry, as Log.Add does.
func (h *History) Add(e *chain.Entry) ([]*chain.Entry, error) {
	in, err := h.log.Add(e)
	if len(in) > 0 {
		h.state = nil
	}
	return in, err
}

// State is what the history means now. It never changes and may be shared.
func (h *History) State() *State {
	if h.state == nil {
		var line []*op
		entries := h.log.Entries()
		for _, i := range h.log.Line() {
			line = append(line, h.read(entries[i], i))
		}
		h.state = foldLine(line, h.log.Past())
		h.state.Profile = h.log.Profile()
		h.state.Forks = h.log.Forks()
		h.state.Heads = h.log.Heads()
	}
	return h.state
}

// read takes an entry's operation apart, once.
func (h *History) read(e *chain.Entry, at int) *op {
	if o, ok := h.ops[e.Hash()]; ok {
		return o
	}
	o := &op{at: at, hash: e.Hash(), user: e.User, device: e.Device, key: string(e.Key), time: e.Time}
	o.act, o.fault = Decode(Kind(e.Kind), e.Body)
	if o.fault == nil {
		o.public, o.fault = publicOf(o.act)
	}
	h.ops[e.Hash()] = o
	return o
}
