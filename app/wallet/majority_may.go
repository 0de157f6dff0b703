package wallet

import (
	"context"
	"errors"
	"maps"
	"time"

	"potli/app/family"
	"potli/app/history"
	"potli/app/record"
)

// Reasons why nothing is written or shown for a person, though their records are here.
var (
	// ErrOfAge: they are of age, and their records were not handed over.
	ErrOfAge = errors.New("the person is of age, and decides themselves")
	// ErrReader: this user may look, and no more.
	ErrReader = errors.New("these records may only be looked at")
	// ErrPutOff: the day on which somebody comes of age is not put off by whom that
	// is not for, nor when it is near.
	ErrPutOff = errors.New("the day of coming of age is not put off")
	// ErrEarly: the day for it has not come.
	ErrEarly = errors.New("too early")
	// ErrWaiting: what was agreed to be waited for is not over.
	ErrWaiting = errors.New("the waiting is not over")
	// ErrVetoed: an owner has said no.
	ErrVetoed = errors.New("an owner has said no")
)

// familyErrors says in words of the wallet why a history refused.
var familyErrors = map[error]error{
	family.ErrOfAge: ErrOfAge, family.ErrMajority: ErrPutOff, family.ErrEarly: ErrEarly, family.ErrWaiting: ErrWaiting, family.ErrVetoed: ErrVetoed,
	family.ErrRole: ErrMayNot, family.ErrEqual: ErrMayNot, family.ErrNotMember: ErrMayNot, family.ErrRemoved: ErrMayNot, family.ErrDevice: ErrMayNot,
	family.ErrLastOwner: ErrMayNot, family.ErrNoMember: ErrMayNot, family.ErrNotNamed: ErrMayNot, family.ErrSubject: ErrMayNot, family.ErrMember: ErrMayNot,
	history.ErrNone: ErrMayNot,
}

func familyError(err error) error {
	for theirs, ours := range familyErrors {
		if errors.Is(err, theirs) {
			return ours
		}
	}
	return err
}

// history is what is written of a person, nil where there is nothing.
func (w *Wallet) history(ctx context.Context, id record.ProfileID) (*family.State, error) {
	k, err := w.histories()
	if err != nil {
		return nil, err
	}
	st, err := k.State(ctx, id)
	if errors.Is(err, history.ErrNone) {
		return nil, nil
	}
	return st, err
}

// believed is the time to decide by: a clock that is put back makes nobody younger.
func (w *Wallet) believed() time.Time {
	w.ages.Lock()
	defer w.ages.Unlock()
	_, now := w.ages.kept.Clock.Tick(w.d.Now(), time.Time{})
	return now
}

// remembered is what is known of notices and the clock.
func (w *Wallet) remembered() majority {
	w.ages.Lock()
	defer w.ages.Unlock()
	return w.ages.kept
}

// may is how this user stands with a person's records.
type may struct {
	st    *family.State // nil: nobody else knows the person
	me    string
	now   time.Time // that is believed
	ofAge bool      // the person is, and has not taken over
}

func (w *Wallet) may(ctx context.Context, id record.ProfileID) (m may, err error) {
	v, err := w.open()
	if err != nil {
		return m, err
	}
	if m.st, err = w.history(ctx, id); err != nil {
		return m, err
	}
	m.me, m.now = v.WalletID(), w.believed()
	s := w.Snapshot()
	if p, ok := s.person(id); ok && s.Acting(id) && near(p, m.now) {
		c, due := comingOf(p, w.remembered(), m.now, m.me, m.st)
		m.ofAge = due && c.Notice == 0
	}
	return m, nil
}

// write says why nothing may be added, changed or taken away; nil: it may.
func (m may) write() error {
	switch {
	case m.st == nil && !m.ofAge, m.st != nil && !m.ofAge && m.st.RoleAt(m.me, m.now) >= family.Admin:
		return nil
	}
	return m.why()
}

// show says why nothing may be shown or sent to others.
func (m may) show() error {
	switch {
	case m.st == nil && !m.ofAge, m.st != nil && !m.ofAge && m.st.MayShare(m.me, m.now):
		return nil
	}
	return m.why()
}

func (m may) why() error {
	if m.ofAge || subjectOf(m.st) != m.me && m.st.Majority.Known() && !m.now.Before(m.st.Majority.At) {
		return ErrOfAge
	}
	return ErrReader
}

// mayWrite says why nothing of a person may be changed by this user now: what is
// written in spite of it would count for nobody, and be lost without a word. Errors:
// ErrOfAge, ErrReader, ErrLocked.
func (w *Wallet) mayWrite(ctx context.Context, id record.ProfileID) error {
	m, err := w.may(ctx, id)
	if err != nil {
		return err
	}
	return m.write()
}

// mayShow says why nothing of a person may be shown to others by this user now: a new
// link, or more in an old one. What takes something back is always allowed. Errors:
// those of mayWrite.
func (w *Wallet) mayShow(ctx context.Context, id record.ProfileID) error {
	m, err := w.may(ctx, id)
	if err != nil {
		return err
	}
	return m.show()
}

// mayShowAgain is mayShow of whom a link is about.
func (w *Wallet) mayShowAgain(ctx context.Context, link string) error {
	s, err := w.share(link)
	if err != nil {
		return err
	}
	return w.mayShow(ctx, s.Profile)
}

// mayEdit says why what is known of a person may not be changed like that. What
// somebody is to whoever keeps the wallet, and their colour, are everybody's own.
func (w *Wallet) mayEdit(ctx context.Context, old, new Person) error {
	changes, here, law := changesOf(fieldsOf(old), fieldsOf(new)), lawOf(old), lawOf(new)
	if maps.Equal(fieldsOf(old), fieldsOf(new)) && here == law {
		return nil
	}
	m, err := w.may(ctx, old.ID)
	if err != nil || m.st == nil {
		return err // with nobody else to mind, a mistyped birthday can be put right after it too
	}
	if err := m.write(); err != nil {
		return err
	}
	var acts []family.Act
	if len(changes) > 0 {
		acts = append(acts, &family.Details{Fields: changes})
	}
	if here != law {
		acts = append(acts, &law)
	}
	for _, a := range acts {
		if err := m.st.Allowed(m.me, a, w.d.Now()); err != nil {
			return familyError(err)
		}
	}
	return nil
}
