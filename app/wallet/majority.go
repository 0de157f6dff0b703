package wallet

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"potli/app/family"
	"potli/app/record"
	"potli/app/vault"
)

// Coming says that somebody whose records are kept here comes of age, and that a
// notice of it is due: 90 and 30 days before, and on the day. On the day the
// records are theirs.
type Coming struct {
	Person record.ProfileID
	Notice int       // 90, 30 or 0: the last that is due
	Day    string    // on which they come of age, YYYY-MM-DD
	Days   int       // until then; 0 on the day and after it
	Age    int       // at which they do
	Read   bool      // somebody has said that they read this notice
	At     time.Time // the first moment of the day
}

// docMajority remembers the latest time that was believed, and which notices were
// read: a clock that is put back makes nobody younger.
const docMajority = "majority"

type majority struct {
	Clock family.Clock             `json:"clock"`
	Read  map[record.ProfileID]int `json:"read,omitempty"` // the last notice that was read
	Due   map[record.ProfileID]int `json:"due,omitempty"`  // the last that was due
}

// ages is what the wallet holds of docMajority while it is open.
type ages struct {
	sync.Mutex
	of     *vault.Vault // whose document it is
	kept   majority
	looked time.Time
	round  round // of lookRound
}

// How often the day is looked at, and how far the believed time must have moved
// on to be written down: a write costs a page of the index.
const (
	lookEvery = time.Minute
	noteEvery = 24 * time.Hour
)

// lookAhead publishes whose coming of age is near.
func (w *Wallet) lookAhead(ctx context.Context) {
	v, err := w.open()
	if err != nil {
		return
	}
	w.ages.Lock()
	defer w.ages.Unlock()
	w.ages.looked = w.d.Now()
	m, err := w.ages.read(ctx, v)
	if err != nil {
		return // tried again
	}
	clock, now := m.Clock.Tick(w.d.Now(), time.Time{})
	told := func(id record.ProfileID) *family.State { st, _ := w.history(ctx, id); return st }
	list, due := comings(w.Snapshot().People, m, now, v.WalletID(), told), map[record.ProfileID]int{}
	for _, c := range list {
		due[c.Person] = c.Notice
	}
	if late := clock.Floor.Sub(m.Clock.Floor) >= noteEvery; len(list) > 0 && late || !maps.Equal(due, m.Due) {
		m.Clock, m.Due = clock, due
		if err := w.putAges(ctx, v, m); err != nil {
			return
		}
	}
	if !slices.Equal(list, w.Snapshot().Coming) {
		w.publish(func(s *Snapshot) { s.Coming = list })
	}
}

// lookedLately says whether the day was looked at within lookEvery.
func (w *Wallet) lookedLately() bool {
	w.ages.Lock()
	defer w.ages.Unlock()
	since := w.d.Now().Sub(w.ages.looked)
	return since >= 0 && since < lookEvery
}

// read is what is remembered. The caller holds a.
func (a *ages) read(ctx context.Context, v *vault.Vault) (majority, error) {
	if a.of == v {
		return a.kept, nil
	}
	var m majority
	if err := getJSON(ctx, v, docMajority, &m); err != nil {
		return m, err
	}
	a.of, a.kept = v, m
	return m, nil
}

// putAges writes down what is to be remembered. w.ages must be held.
func (w *Wallet) putAges(ctx context.Context, v *vault.Vault, m majority) error {
	if err := putJSON(ctx, v, docMajority, m); err != nil {
		return err
	}
	w.ages.of, w.ages.kept = v, m
	w.mark(v)
	return nil
}

// comings are the notices that are due at a time. told is what the history of a
// person says, nil for nothing, and me who asks.
func comings(people []Person, m majority, now time.Time, me string, told func(record.ProfileID) *family.State) (list []Coming) {
	for _, p := range people {
		if !p.Aside.IsZero() || !near(p, now) {
			continue
		}
		if c, ok := comingOf(p, m, now, me, told(p.ID)); ok {
			list = append(list, c)
		}
	}
	return list
}

// near says whether a person may be about to come of age, or may have come of age
// while they were here: for nobody else their history is looked into, which takes a
// moment. It is said generously, since a history can have another law.
func near(p Person, now time.Time) bool {
	const years = 6
	c, ok := birthday(p)
	return ok && !now.Before(c.At.AddDate(-years, 0, 0)) && p.Since.Before(c.At.AddDate(years, 0, 0))
}

// birthday is when a person comes of age by what is known of them here. Who this
// wallet belongs to does not, and nobody's day is guessed from a year.
func birthday(p Person) (Coming, bool) {
	law := lawOf(p)
	year, month, day, ok := family.ComesOfAge(p.BirthDate, law.Age)
	if !ok || p.Kin == KinSelf || p.Kin == KinParent {
		return Coming{}, false
	}
	at := time.Date(year, month, day, 0, -law.Offset, 0, 0, time.UTC)
	return Coming{Person: p.ID, Age: law.Age, At: at, Day: dayAt(at, law.Offset)}, true
}

func dayAt(at time.Time, offset int) string {
	return at.Add(time.Duration(offset) * time.Minute).Format(time.DateOnly)
}

// comingOf is the notice that is due for a person. What the history says of the day
// counts for everybody alike; none is due once the records are handed over, and for
// whom they are offered to.
func comingOf(p Person, m majority, now time.Time, me string, st *family.State) (Coming, bool) {
	c, ok := birthday(p)
	if !ok || st != nil && (st.Handover.Transferred || subjectOf(st) == me) {
		return Coming{}, false
	}
	if st != nil && !st.Majority.At.IsZero() {
		by := st.Majority
		c.At, c.Age, c.Day = by.At, by.Age, dayAt(by.At, by.Offset)
	}
	if c, ok = c.noticed(now); !ok {
		return Coming{}, false
	}
	// Who was of age when they were added gets no notice; earlier releases did
	// not write down when that was, and then it must have been due before.
	_, known := m.Due[p.ID]
	if since := p.Since; since.IsZero() && c.Notice == 0 && !known || !since.Before(c.At) {
		return Coming{}, false
	}
	read, some := m.Read[p.ID]
	c.Read = some && read <= c.Notice
	return c, true
}

// noticed says which notice is due at a time, if any.
func (c Coming) noticed(now time.Time) (Coming, bool) {
	if left := c.At.Sub(now); left > 0 {
		c.Days = int((left + 24*time.Hour - 1) / (24 * time.Hour))
	}
	for _, days := range []int{0, 30, family.NoticeDays} {
		if !now.Before(c.At.AddDate(0, 0, -days)) {
			c.Notice = days
			return c, true
		}
	}
	return Coming{}, false
}

// ReadNotice notes that the notice of somebody's coming of age was read: it comes
// up again when the next one is due. Errors: ErrNoPerson when none is.
func (w *Wallet) ReadNotice(ctx context.Context, id record.ProfileID) error {
	c, ok := w.Snapshot().ComingOf(id)
	if !ok {
		return ErrNoPerson
	}
	if err := w.noteRead(ctx, c); err != nil {
		return err
	}
	w.lookAhead(ctx)
	return nil
}

func (w *Wallet) noteRead(ctx context.Context, c Coming) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	w.ages.Lock()
	defer w.ages.Unlock()
	m, err := w.ages.read(ctx, v)
	if err != nil {
		return err
	}
	read := maps.Clone(m.Read)
	if read == nil {
		read = map[record.ProfileID]int{}
	}
	read[c.Person] = c.Notice
	m.Read = read
	return w.putAges(ctx, v, m)
}

// ComingOf is the notice for a person, where one is due and they are not hidden.
func (s *Snapshot) ComingOf(id record.ProfileID) (Coming, bool) {
	for _, c := range s.Coming {
		if c.Person == id && !s.concealed(id) {
			return c, true
		}
	}
	return Coming{}, false
}

// Unread are the notices that nobody has read yet, of people who are shown.
func (s *Snapshot) Unread() (list []Coming) {
	for _, c := range s.Coming {
		if !c.Read && !s.concealed(c.Person) {
			list = append(list, c)
		}
	}
	return list
}
