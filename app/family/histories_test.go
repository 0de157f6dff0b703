package family_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"potli/app/family"
	"potli/app/record"
	"potli/crypto/chain"
)

// Random histories of a family, as T25 and T26 want them: caregivers and devices
// come and go, write, make keys, several at once and apart, are set back to an old
// state, come back by their kit, and act on after they were removed. At the end:
//
//   - whoever was removed opens nothing that was written by one who knew of it;
//   - whoever was let in later opens nothing from before, beyond what was given;
//   - an older key of a member's own, as on a kit that was replaced, opens nothing
//     that was written by one who knew of the newer one;
//   - what somebody wrote at once with their removal does not count;
//   - members open everything that is theirs;
//   - all devices say the same.
//
// The same histories run over keys that are numbers, a hundred thousand of them,
// and over age files and signatures, some hundreds.

// secret is a profile key: a number, or an identity.
type secret any

// doc is a user document as one of the user's devices has it.
type doc any

// realm is what keys, documents and signatures are made of.
type realm interface {
	// newUser makes a user with one device.
	newUser(name string) *device
	// addDevice changes by's document, and returns the new device, which has it too.
	addDevice(by *device, now time.Time) (*device, error)
	// endDevice takes one of the user's devices out of use, with a new key.
	endDevice(by, gone *device, now time.Time) error
	// rollUser gives the user a new key.
	rollUser(by *device, now time.Time) error
	// recover makes a device from the kit and a user document; lost ones are out.
	recover(from *device, lost []*device, now time.Time) (*device, error)
	// meet brings d's document up to date with that of another device of the user.
	meet(d, other *device, now time.Time)
	// public is what the others are told of d's document; nil if d is out of use
	// there. And how that stands with them.
	public(d *device, now time.Time) []byte
	standing(st *family.State, d *device) family.Standing
	// lists says whether what a member's things are sealed to has the device in use.
	lists(m family.Member, d *device) bool

	key() secret
	recipient(s secret) chain.Hash
	seal(to []family.Member, secrets ...secret) []byte
	// knows are the recipients of all keys that a device can come by from
	// everything that was ever sealed, if it forgets nothing.
	knows(d *device) map[chain.Hash]bool
	// with is the same with the user's keys as they were in a document.
	with(d *device, old doc) map[chain.Hash]bool
	// tookBack says whether the user's own list has a device in use again that was
	// out: the older of two that put each other out (crypto/keyring). In the
	// history it stays out, but it has the user's keys.
	tookBack(d *device) bool
	// opens is the same with what the device has now.
	opens(d *device) map[chain.Hash]bool

	// out says whether a public part lists a device as out of use.
	out(public []byte, d *device) bool

	begin(d *device, now time.Time) replica
	// sees says whether a was written with knowledge of b, though nobody may have
	// either any more.
	sees(a, b chain.Hash) bool
}

// replica is a history as one device has it.
type replica interface {
	state() *family.State
	write(d *device, a family.Act, now time.Time) (chain.Hash, error)
	pull(from replica)
	clone() replica
}

// device is one browser profile.
type device struct {
	user *user
	id   string
	key  string // of family.Device
	doc  doc
	keys any // of the realm
	replica
	snaps []snap
}

func (d *device) device() family.Device { return family.Device{ID: d.id, Key: d.key} }

type user struct {
	id      string
	devices []*device
}

// snap is what a device goes back to when it is restored.
type snap struct {
	replica replica
	doc     doc
}

// written is a record, and who was out when it was written, by what its writer knew.
type written struct {
	id      record.ID
	epoch   chain.Hash // entry
	key     chain.Hash // recipient
	entry   chain.Hash
	by      *device
	removed []*device // had been in
	outside []*device // had never been
	thefts  []*theft  // of keys that had been replaced
}

// theft is a user's keys as they were before the user made another one.
type theft struct {
	by     *device
	old    doc
	entry  chain.Hash // that told the others
	public []byte
}

// story is one history.
type story struct {
	rng     *rand.Rand
	realm   realm
	now     time.Time
	users   []*user
	secrets map[chain.Hash]secret // by recipient
	made    map[chain.Hash]chain.Hash
	records []written
	added   map[string][]chain.Hash  // entries that let a user in
	ends    map[*device][]chain.Hash // that put a device out, or mean to
	outs    map[*device][]chain.Hash // that say that it was out
	thefts  []*theft
	log     []func(...any)
	faults  faults

	checked, lost int // devices that open what they should, and those that can not
}

// faults are what the test must notice.
type faults struct {
	keepKey bool // a removal is not followed by a new key
	arrival bool // operations count in the order in which they arrived
}

func tell(rng *rand.Rand, r realm, steps int, f faults, log ...func(...any)) *story {
	s := &story{rng: rng, realm: r, now: noon, faults: f, log: log}
	s.init()
	for i := range 2 + rng.IntN(3) {
		d := r.newUser(fmt.Sprint("u", i))
		s.users = append(s.users, d.user)
	}
	first := s.users[0].devices[0]
	first.replica = r.begin(first, s.now)
	s.duties(first)
	for range steps {
		s.step()
	}
	s.settle()
	return s
}

func (s *story) init() {
	s.secrets, s.made, s.added = map[chain.Hash]secret{}, map[chain.Hash]chain.Hash{}, map[string][]chain.Hash{}
	s.ends, s.outs = map[*device][]chain.Hash{}, map[*device][]chain.Hash{}
}

func (s *story) say(format string, args ...any) {
	for _, log := range s.log {
		log(fmt.Sprintf(format, args...))
	}
}

func pick[T any](s *story, list []T) (t T, ok bool) {
	if len(list) == 0 {
		return t, false
	}
	return list[s.rng.IntN(len(list))], true
}

// devices are those that have the history.
func (s *story) devices() (list []*device) {
	for _, u := range s.users {
		for _, d := range u.devices {
			if d.replica != nil {
				list = append(list, d)
			}
		}
	}
	return list
}

// step lets one device do one thing, by what it knows.
func (s *story) step() {
	s.now = s.now.Add(26 * time.Hour)
	d, _ := pick(s, s.devices())
	st := d.state()
	me, member := st.Member(d.user.id)
	if len(d.snaps) < 4 && s.rng.IntN(3) == 0 {
		d.snaps = append(d.snaps, snap{d.clone(), d.doc})
	}
	switch s.rng.IntN(16) {
	case 0, 1, 2:
		s.letIn(d, st)
	case 3, 4:
		if m, ok := pick(s, st.Members); ok && m.User != d.user.id {
			s.write(d, &family.Remove{User: m.User})
		}
	case 5:
		if m, ok := pick(s, st.Members); ok {
			s.write(d, &family.SetRole{User: m.User, Role: s.role()})
		}
	case 6:
		if member {
			s.moreDevices(d)
		}
	case 7:
		if member {
			s.fewerDevices(d)
		}
	case 8, 9, 10:
		s.record(d)
	case 11:
		if me.Role >= family.Admin {
			s.roll(d)
		}
	case 12:
		s.rare(d, me, member)
	default:
		s.sync(d)
	}
}

func (s *story) rare(d *device, me family.Member, member bool) {
	switch s.rng.IntN(6) {
	case 0:
		if old := d.doc; member && s.realm.rollUser(d, s.now) == nil {
			s.thefts = append(s.thefts, &theft{by: d, old: old, public: s.realm.public(d, s.now)})
			s.publish(d)
		}
	case 1:
		if member {
			s.write(d, &family.Remove{User: d.user.id})
		}
	case 2:
		s.byKit(d)
	default:
		s.restore(d)
	}
}

func (s *story) role() family.Role { return family.Reader + family.Role(s.rng.IntN(3)) }

// write tries; whoever may not, does not.
func (s *story) write(d *device, a family.Act) (chain.Hash, error) {
	h, err := d.write(d, a, s.now)
	if err != nil {
		return h, err
	}
	s.say("%s: %s %+v", d.id, a.Kind(), brief(a))
	switch a := a.(type) {
	case *family.Add:
		s.added[a.User] = append(s.added[a.User], h)
		for _, o := range s.all() { // let in, with a device that was out before
			if o.user.id == a.User && s.realm.out(a.Public, o) {
				s.outs[o] = append(s.outs[o], h)
			}
		}
	case *family.Devices:
		for _, t := range s.thefts {
			if t.entry.IsZero() && bytes.Equal(t.public, a.Public) {
				t.entry = h
			}
		}
		s.end(h, func(o *device) bool { return o.user == d.user && s.realm.out(a.Public, o) })
	case *family.Remove:
		s.end(h, func(o *device) bool { return o.user.id == a.User })
	}
	return h, nil
}

// end notes that an entry puts devices out.
func (s *story) end(h chain.Hash, which func(o *device) bool) {
	for _, o := range s.all() {
		if which(o) {
			s.ends[o] = append(s.ends[o], h)
		}
	}
}

func brief(a family.Act) any {
	switch a := a.(type) {
	case *family.Add:
		return fmt.Sprint(a.User, " ", a.Role, " from ", a.From)
	case *family.Epoch:
		return fmt.Sprint(a.N, " to ", len(a.To))
	case *family.Grant:
		return fmt.Sprint(len(a.Epochs), " to ", a.To.User)
	case *family.Devices, *family.Records:
		return ""
	}
	return a
}

// letIn lets one in who is not in, and gives them what is theirs.
func (s *story) letIn(d *device, st *family.State) {
	u, _ := pick(s, s.users)
	if _, in := st.Member(u.id); in {
		return
	}
	other, _ := pick(s, u.devices)
	from := 1
	if e, ok := st.Current(); ok && s.rng.IntN(2) == 0 {
		from = e.N
	}
	pub := s.realm.public(other, s.now)
	if pub == nil {
		return // that device is out of use
	}
	if _, err := s.write(d, &family.Add{User: u.id, Role: s.role(), Public: pub, From: from}); err != nil {
		if errors.Is(err, family.ErrOlder) {
			_ = s.realm.rollUser(other, s.now) // it was set back; perhaps the next time
		}
		return
	}
	s.duties(d)
	if other.replica == nil {
		other.replica = d.clone()
	} else {
		other.pull(d.replica)
	}
}

// publish tells the others of a change of d's document. A device that was set back
// may have lost a later key of its user's, and makes another; one that is out here
// and in its user's own list is taken out again.
func (s *story) publish(d *device) {
	for range 9 {
		m, member := d.state().Member(d.user.id)
		pub := s.realm.public(d, s.now)
		if !member || pub == nil {
			return
		}
		switch s.realm.standing(d.state(), d) {
		case family.Current:
			return
		case family.Untold:
			s.write(d, &family.Devices{Public: pub})
			return
		case family.Behind:
			if s.anotherHas(d) || s.realm.rollUser(d, s.now) != nil {
				return
			}
		case family.Unsafe:
			s.follow(d, m)
		case family.Lost:
			return
		}
	}
}

// follow takes out of d's document what is out in the history.
func (s *story) follow(d *device, m family.Member) {
	for _, o := range d.user.devices {
		if o != d && slices.Contains(m.Out, o.device()) {
			_ = s.realm.endDevice(d, o, s.now) // an error: it is out there too
		}
	}
}

// anotherHas says whether another device of d's user has the document that the
// others know: then d waits until they meet.
func (s *story) anotherHas(d *device) bool {
	return slices.ContainsFunc(d.user.devices, func(o *device) bool {
		return o != d && s.realm.public(o, s.now) != nil && s.realm.standing(d.state(), o) == family.Current
	})
}

func (s *story) moreDevices(d *device) {
	if len(d.user.devices) > 3 {
		return
	}
	n, err := s.realm.addDevice(d, s.now)
	if err != nil {
		return
	}
	s.say("%s: adds device %s", d.id, n.id)
	s.publish(d)
	n.replica = d.clone()
}

func (s *story) fewerDevices(d *device) {
	gone, _ := pick(s, d.user.devices)
	if gone == d || s.realm.endDevice(d, gone, s.now) != nil {
		return
	}
	s.say("%s: takes %s out of use", d.id, gone.id)
	s.publish(d)
}

// byKit makes a device from the recovery kit; perhaps the others are lost.
func (s *story) byKit(d *device) {
	if len(d.user.devices) > 4 {
		return
	}
	var lost []*device
	for _, o := range d.user.devices {
		if s.rng.IntN(2) == 0 {
			lost = append(lost, o)
		}
	}
	n, err := s.realm.recover(d, lost, s.now)
	if err != nil {
		return
	}
	s.say("%s by the kit, %d out of use", n.id, len(lost))
	n.replica = d.clone()
	s.publish(n)
}

// restore sets a device back; what it writes then it may have said otherwise.
func (s *story) restore(d *device) {
	if old, ok := pick(s, d.snaps); ok {
		s.say("%s: set back", d.id)
		d.replica, d.doc = old.replica.clone(), old.doc
	}
}

// sync lets d hear from another device.
func (s *story) sync(d *device) {
	if o, _ := pick(s, s.devices()); o != d {
		s.say("%s hears from %s", d.id, o.id)
		s.hear(d, o)
	}
}

func (s *story) hear(d, o *device) {
	d.pull(o.replica)
	if d.user == o.user {
		s.realm.meet(d, o, s.now)
		s.publish(d)
	}
}

func (s *story) roll(d *device) {
	n, to := d.state().NextEpoch()
	if len(to) == 0 {
		return
	}
	k := s.realm.key()
	e := &family.Epoch{N: n, Recipient: s.realm.recipient(k), Sealed: s.realm.seal(to, k)}
	for _, m := range to {
		e.To = append(e.To, family.Whom{User: m.User, Doc: m.Doc})
	}
	if h, err := s.write(d, e); err == nil {
		s.secrets[e.Recipient], s.made[h] = k, e.Recipient
	}
}

// duties are what an admin's device does by itself.
func (s *story) duties(d *device) {
	s.publish(d)
	if d.state().NeedsRoll() && !s.faults.keepKey {
		s.roll(d)
	} else if _, any := d.state().Current(); !any && len(d.state().Epochs) == 0 {
		s.roll(d)
	}
	for _, g := range d.state().Gifts(d.user.id, family.Clock{}, s.now) {
		s.give(d, g)
	}
}

// give seals what the device can really open.
func (s *story) give(d *device, g family.Gift) {
	knows := s.realm.opens(d)
	var epochs []chain.Hash
	var keys []secret
	for _, h := range g.Epochs {
		if r := s.made[h]; knows[r] {
			epochs, keys = append(epochs, h), append(keys, s.secrets[r])
		}
	}
	if len(epochs) > 0 {
		s.write(d, &family.Grant{To: family.Whom{User: g.To.User, Doc: g.To.Doc}, Epochs: epochs, Sealed: s.realm.seal([]family.Member{g.To}, keys...)})
	}
}

// record writes a record, after what is due.
func (s *story) record(d *device) {
	if m, ok := d.state().Member(d.user.id); !ok || m.Role < family.Admin {
		return
	}
	s.duties(d)
	st := d.state()
	e, ok := st.Current()
	if !ok && !s.faults.keepKey || e.N == 0 || !s.realm.opens(d)[e.Recipient] {
		return
	}
	w := written{id: record.ID(fmt.Sprint("r", len(s.records))), epoch: e.Entry, key: e.Recipient}
	var err error
	if w.entry, err = s.write(d, &family.Records{List: []family.Named{{ID: w.id}}}); err != nil {
		return
	}
	for _, o := range s.all() {
		m, member := st.Member(o.user.id)
		switch {
		case member && !slices.Contains(m.Out, o.device()): // in use, or theirs to tell of
		case st.Verifier(o.id) != nil:
			w.removed = append(w.removed, o)
		default:
			w.outside = append(w.outside, o)
		}
	}
	w.by = d
	for _, t := range s.thefts {
		if !t.entry.IsZero() && s.sees(w.entry, t.entry) && st.Counts(t.entry) {
			w.thefts = append(w.thefts, t)
		}
	}
	s.records = append(s.records, w)
}

// all devices there are.
func (s *story) all() (list []*device) {
	for _, u := range s.users {
		list = append(list, u.devices...)
	}
	return list
}

// inUse says whether a device is one that a member uses.
func (s *story) inUse(st *family.State, d *device) bool {
	m, ok := st.Member(d.user.id)
	return ok && slices.Contains(m.Devices, d.device())
}

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
