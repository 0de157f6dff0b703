package wallet

import (
	"context"
	"slices"
	"time"

	"potli/app/family"
	"potli/app/record"
)

// Whoever comes of age takes their records over into a wallet of their own:
//
//	invite    a caregiver lets the person in, on the person's own phone, and with it
//	          says that this is the person
//	offered   the person says that these are their records
//	accepted  until the day
//	ready     a caregiver hands over; after 30 days the person takes over alone
//	choose    the person says who may go on reading, and makes a new key for those
//	done
//
// What counts is in the person's history (package family). Here it is put in an
// order, one step at a time.

// HandoverStage is how far it has got.
type HandoverStage string

// Stages of a handover, in their order.
const (
	HandoverNone     HandoverStage = ""         // nothing to hand over
	HandoverSoon     HandoverStage = "soon"     // it is too early
	HandoverInvite   HandoverStage = "invite"   // the person is not let in yet
	HandoverAsk      HandoverStage = "ask"      // which of those who read is the person?
	HandoverOffered  HandoverStage = "offered"  // the person has to answer
	HandoverAccepted HandoverStage = "accepted" // the day has to come
	HandoverReady    HandoverStage = "ready"    // the day has come
	HandoverChoose   HandoverStage = "choose"   // the person has to say who stays
	HandoverDone     HandoverStage = "done"
)

// Handover is how handing a person's records over to them stands.
type Handover struct {
	Stage  HandoverStage
	Mine   bool    // this user is the person
	Can    bool    // this user may take the next step, now
	Who    string  // what the person calls themselves; for Mine one who cared for them
	Day    string  // on which they come of age, YYYY-MM-DD; "" where no day counts
	Opens  string  // from when on it can begin
	Alone  string  // from when on the person can take over without anybody's word
	Others []Carer // who reads besides this user
}

// subjectOf is who is, or is said to be, the person; "" for nobody.
func subjectOf(st *family.State) string {
	if st == nil {
		return ""
	}
	if st.Handover.Subject != "" {
		return st.Handover.Subject
	}
	return st.Handover.Offered
}

// handover is how it stands for one person. others are those besides this user, and
// now is what this device's clock says, which is what it would write.
func (m may) handover(p Person, acting bool, others []Carer, now time.Time) Handover {
	h := Handover{Others: others, Mine: subjectOf(m.st) == m.me}
	if !acting && !h.Mine {
		return Handover{}
	}
	opens := m.dates(p, &h)
	switch {
	case m.st != nil && h.Mine || m.st != nil && subjectOf(m.st) != "":
		m.begun(p, &h, now)
	case m.now.Before(opens):
		h.Stage = HandoverSoon
	case len(others) > 0:
		h.Stage, h.Can = HandoverAsk, m.hands()
	default:
		h.Stage, h.Can = HandoverInvite, m.hands()
	}
	return h
}

// dates fills in the days that count, and says from when on it can begin.
func (m may) dates(p Person, h *Handover) (opens time.Time) {
	c, known := birthday(p)
	offset := lawOf(p).Offset
	if m.st != nil {
		by := m.st.Majority
		c.At, offset, known = by.At, by.Offset, by.Known()
	}
	if !known {
		return time.Time{}
	}
	opens = c.At.AddDate(0, 0, -family.NoticeDays)
	h.Day, h.Opens, h.Alone = dayAt(c.At, offset), dayAt(opens, offset), dayAt(c.At.AddDate(0, 0, family.RefuseDays), offset)
	return opens
}

// begun is what follows once somebody is said to be the person.
func (m may) begun(p Person, h *Handover, now time.Time) {
	st, subject := m.st, subjectOf(m.st)
	for _, c := range h.Others {
		if h.Who == "" && c.Name != "" && (h.Mine || c.User == subject) {
			h.Who = c.Name
		}
	}
	switch at := st.Majority; {
	case st.Handover.Transferred && h.Mine && !m.chosen(p):
		h.Stage, h.Can = HandoverChoose, true
	case st.Handover.Transferred:
		h.Stage = HandoverDone
	case !st.Handover.Accepted:
		h.Stage, h.Can = HandoverOffered, h.Mine
	case at.Known() && m.now.Before(at.At):
		h.Stage = HandoverAccepted
	default:
		h.Stage, h.Can = HandoverReady, st.Allowed(m.me, &family.Transfer{User: subject}, now) == nil
	}
}

// chosen says whether the person has made a key of their own.
func (m may) chosen(p Person) bool {
	return p.Kin == KinSelf && slices.ContainsFunc(m.st.Epochs, func(e family.EpochInfo) bool { return e.User == m.me && e.Void == "" })
}

// hands says whether this user is one of those who hand the records over.
func (m may) hands() bool {
	if m.st == nil {
		return true
	}
	me, _ := m.st.Member(m.me)
	return me.Role >= family.Admin
}

// say writes into a person's history, tells the others and shows what has become of
// it. Errors: ErrOfAge, ErrMayNot, ErrEarly and the like, ErrLocked.
func (w *Wallet) say(ctx context.Context, id record.ProfileID, acts ...family.Act) error {
	return w.keepSaid(ctx, func() error {
		k, err := w.histories()
		if err != nil {
			return err
		}
		return k.Write(ctx, id, acts...)
	})
}

func (w *Wallet) keepSaid(ctx context.Context, write func() error) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	if err := write(); err != nil {
		return familyError(err)
	}
	w.mark(v)
	w.wakeSync(0)
	w.lookAhead(ctx)
	w.lookRound(ctx)
	return nil
}

// OfferRecords says which of those who read is the person themselves. Errors:
// ErrEarly, ErrMayNot, ErrLocked.
func (w *Wallet) OfferRecords(ctx context.Context, id record.ProfileID, user string) error {
	return w.say(ctx, id, &family.Offer{User: user})
}

// AcceptRecords says that these are this user's own records. From then on nobody can
// put them out any more. Errors: ErrMayNot where nobody offered them.
func (w *Wallet) AcceptRecords(ctx context.Context, id record.ProfileID) error {
	st, err := w.history(ctx, id)
	switch {
	case err != nil:
		return err
	case st == nil || st.Handover.Offered == "":
		return ErrMayNot
	}
	return w.say(ctx, id, &family.Accept{Offer: st.Handover.Offer})
}

// HandOver makes the person the owner of their records, and everybody else a reader:
// by a caregiver from the day on, by the person alone 30 days later. Errors: ErrEarly,
// ErrMayNot, ErrLocked.
func (w *Wallet) HandOver(ctx context.Context, id record.ProfileID) error {
	st, err := w.history(ctx, id)
	switch {
	case err != nil:
		return err
	case st == nil:
		return ErrMayNot
	}
	return w.keepSaid(ctx, func() error {
		k, err := w.histories()
		if err != nil {
			return err
		}
		return k.HandOver(ctx, id, subjectOf(st))
	})
}

// KeepReaders is the first thing that the person decides: who of the others may go on
// reading. Everybody else is taken out, and what is written from then on is sealed to
// a new key that only those who stay are given. This wallet is the person's from then
// on; who it belonged to before, where that is a page without a record, is put aside.
// Errors: ErrMayNot, ErrLocked.
func (w *Wallet) KeepReaders(ctx context.Context, id record.ProfileID, users []string) error {
	m, err := w.may(ctx, id)
	switch {
	case err != nil:
		return err
	case m.st == nil || !m.st.Handover.Transferred || subjectOf(m.st) != m.me:
		return ErrMayNot
	}
	// Whoever is taken out finds nothing new any more: what they are to know goes first.
	w.wakeSync(0)
	w.Sync(ctx)
	err = w.keepSaid(ctx, func() error { return w.keepReaders(ctx, id, m, users) })
	if err != nil {
		return err
	}
	if err := w.becomeSelf(ctx, id); err != nil {
		return err
	}
	w.Choose(id)
	w.lookRound(ctx)
	return nil
}

func (w *Wallet) keepReaders(ctx context.Context, id record.ProfileID, m may, users []string) error {
	k, err := w.histories()
	if err != nil {
		return err
	}
	var gone []string
	for _, other := range m.st.Members {
		if other.User != m.me && !slices.Contains(users, other.User) {
			gone = append(gone, other.User)
		}
	}
	if len(gone) == 0 {
		return k.Roll(ctx, id)
	}
	leads := w.leads(ctx)
	return w.still(id, func() error {
		for _, user := range gone {
			if err := k.Remove(ctx, id, user, leads); err != nil { // which makes a new key
				return err
			}
		}
		return nil
	})
}

// writeIn writes what was added for a person into their history at once. A round of sync
// would do it too, but not any more if the day on which the person comes of age begins
// in between: what was added before it is to be handed over with the rest. So it is done
// before anything is reported as added, and also for what came before somebody stopped.
func (w *Wallet) writeIn(ctx context.Context, id record.ProfileID) {
	if k, err := w.histories(); err == nil {
		_ = k.Tidy(context.WithoutCancel(ctx), id) // tried again with the next round; without a history there is nobody to tell
	}
}

// still runs do while nothing of a person is on its way to others.
func (w *Wallet) still(id record.ProfileID, do func() error) error {
	w.mu.Lock()
	s := w.sync
	w.mu.Unlock()
	if s == nil || s.engine == nil {
		return do()
	}
	return s.engine.Still(string(id), do)
}

// becomeSelf makes a person the one whom this wallet belongs to.
func (w *Wallet) becomeSelf(ctx context.Context, id record.ProfileID) error {
	before, known := w.Snapshot().Self()
	spare := known && before.ID != id && w.CountRecords(before.ID) == 0
	now := w.d.Now()
	return w.changePeople(ctx, nil, func(people []Person) ([]Person, error) {
		i := slices.IndexFunc(people, func(p Person) bool { return p.ID == id })
		if i < 0 {
			return nil, ErrNoPerson
		}
		for j := range people {
			if spare && people[j].ID == before.ID {
				people[j].Aside = now
			}
		}
		people[i].Kin = KinSelf
		return oneSelf(people, people[i]), nil
	})
}
