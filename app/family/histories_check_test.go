package family_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"potli/app/family"
	"potli/crypto/chain"
)

// settle brings all that is said to everybody, and lets the devices in use do what
// is due, until nothing is.
func (s *story) settle() {
	for range 12 {
		s.everybodyHearsAll()
		before := s.size()
		for _, d := range s.devices() {
			s.now = s.now.Add(26 * time.Hour)
			if m, ok := d.state().Member(d.user.id); ok && s.inUse(d.state(), d) {
				if m.Role >= family.Admin {
					s.duties(d)
				} else {
					s.publish(d)
				}
			}
			if s.size() != before {
				break // one at a time, or each would do it
			}
		}
		if s.size() == before {
			break
		}
	}
	for _, d := range s.devices() {
		s.devices()[0].pull(d.replica)
	}
	for _, d := range s.devices() {
		d.pull(s.devices()[0].replica)
	}
}

func (s *story) size() int {
	n := 0
	for _, d := range s.devices() {
		n = max(n, d.state().Size())
	}
	return n
}

func (s *story) everybodyHearsAll() {
	list := s.devices()
	for range 2 {
		for _, i := range s.rng.Perm(len(list)) {
			s.hear(list[i], list[s.rng.IntN(len(list))])
		}
		for _, d := range list {
			for _, o := range d.user.devices {
				if o != d && o.replica != nil {
					s.hear(d, o)
				}
			}
			s.hear(list[0], d)
		}
		for _, d := range list[1:] {
			s.hear(d, list[0])
		}
	}
}

// what is wrong with the end of a story, if anything is.
var (
	errDiffer = errors.New("two devices say different things")
	errOpened = errors.New("one who was out opens what was written later")
	errClosed = errors.New("a member does not open what is theirs")
	errStolen = errors.New("a key that was replaced opens what was written later")
	errCounts = errors.New("what one wrote at once with their removal counts")
	errOwner  = errors.New("nobody is an owner")
	errKey    = errors.New("nobody can write: the key that stands is known outside")
)

func (s *story) check() error {
	list := s.devices()
	want := fingerprint(list[0].state())
	for _, d := range list[1:] {
		if fingerprint(d.state()) != want {
			return fmt.Errorf("%w: %s and %s", errDiffer, list[0].id, d.id)
		}
	}
	st := list[0].state()
	if len(st.Members) == 0 || st.Members[0].Role != family.Owner {
		return errOwner
	}
	for _, w := range s.records {
		if err := s.checkRecord(st, w); err != nil {
			return err
		}
	}
	for _, d := range s.all() {
		if err := s.checkDevice(st, d); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) checkRecord(st *family.State, w written) error {
	for _, t := range w.thefts {
		if s.realm.with(t.by, t.old)[w.key] {
			return fmt.Errorf("%w: %s and %s", errStolen, t.by.user.id, w.id)
		}
	}
	if !st.Counts(w.entry) {
		return nil
	}
	for _, r := range s.ends[w.by] {
		if st.Counts(r) && !s.sees(r, w.entry) && !s.letInAfter(w.by, func(add chain.Hash) bool { return s.sees(add, r) && s.sees(w.entry, add) }) {
			return fmt.Errorf("%w: %s and %s", errCounts, w.by.id, w.id)
		}
	}
	return nil
}

func (s *story) checkDevice(st *family.State, d *device) error {
	knows := s.realm.knows(d)
	for _, w := range s.records {
		if knows[w.key] && slices.Contains(w.removed, d) && !s.undone(w, d) && !s.letInAfter(d, func(add chain.Hash) bool { return s.seesRemoval(add, w, d) }) {
			return fmt.Errorf("%w: %s and %s", errOpened, d.id, w.id)
		}
		if knows[w.key] && slices.Contains(w.outside, d) && !s.undone(w, d) && !s.letInAfter(d, func(add chain.Hash) bool { return !s.sees(w.entry, add) || st.Counts(add) }) {
			return fmt.Errorf("%w: %s, who was never in, and %s", errOpened, d.id, w.id)
		}
	}
	m, ok := st.Member(d.user.id)
	if !ok || !s.inUse(st, d) || !s.realm.lists(m, d) {
		return nil
	}
	if s.realm.standing(st, d) != family.Current {
		s.lost++ // set back too far, or its user's devices can not agree
		return nil
	}
	s.checked++
	opens := s.realm.opens(d)
	for _, w := range s.records {
		i := slices.IndexFunc(st.Epochs, func(e family.EpochInfo) bool { return e.Entry == w.epoch })
		if st.Accepts(w.id, chain.Hash{}) == nil && st.Epochs[i].N >= m.From && !slices.Contains(m.Withheld, w.epoch) && !opens[w.key] && s.anybodyGives(st, w) {
			return fmt.Errorf("%w: %s and %s", errClosed, d.id, w.id)
		}
	}
	return nil
}

// letInAfter says whether a device's user was let in by an entry like that.
func (s *story) letInAfter(d *device, like func(add chain.Hash) bool) bool {
	return slices.ContainsFunc(s.added[d.user.id], like)
}

func (s *story) endings(d *device) []chain.Hash { return slices.Concat(s.ends[d], s.outs[d]) }

// seesRemoval says whether an entry that lets in the user of d was written with
// knowledge of what had put d out when w was written: it comes after some removal
// of that user that w came after too.
func (s *story) seesRemoval(add chain.Hash, w written, d *device) bool {
	if s.sees(w.entry, add) {
		return false // w knew of it, and had d out all the same
	}
	return slices.ContainsFunc(s.endings(d), func(r chain.Hash) bool { return s.sees(add, r) && s.sees(w.entry, r) })
}

// undone says whether d had been put out when w was written, and nothing that had
// done it counts any more: who stands above, or the older device, had put out
// whoever did it.
func (s *story) undone(w written, d *device) bool {
	if s.realm.tookBack(d) {
		return true
	}
	st, held, count := s.devices()[0].state(), 0, 0
	for _, r := range s.endings(d) {
		if s.sees(w.entry, r) && !s.letInAfter(d, func(add chain.Hash) bool { return s.sees(add, r) && s.sees(w.entry, add) }) {
			held++
			if st.Counts(r) {
				count++
			}
		}
	}
	return held > 0 && count == 0
}

func (s *story) sees(a, b chain.Hash) bool { return s.realm.sees(a, b) }

// anybodyGives says whether a member who may write can open a record, and so give its key.
func (s *story) anybodyGives(st *family.State, w written) bool {
	return slices.ContainsFunc(s.all(), func(d *device) bool {
		m, ok := st.Member(d.user.id)
		return ok && m.Role >= family.Admin && s.inUse(st, d) && s.realm.opens(d)[w.key]
	})
}

// fingerprint is all that counts of a State, quickly.
func fingerprint(st *family.State) uint64 {
	h := fnv.New64a()
	for _, m := range st.Members {
		fmt.Fprint(h, m.User, m.Role, m.From, m.Doc, m.Devices, m.Lacks)
	}
	for _, e := range st.Epochs {
		fmt.Fprint(h, e.Entry, e.Stands, e.Serves, e.Void, len(e.To))
	}
	for _, r := range st.Records {
		fmt.Fprint(h, r.ID, r.User)
	}
	for _, v := range st.Void {
		fmt.Fprint(h, v.Entry, v.Reason)
	}
	return h.Sum64()
}
