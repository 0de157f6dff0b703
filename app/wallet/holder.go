package wallet

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"time"

	"potli/app/family"
	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/chain"
)

// Who decides for a person can die, or lose their mind. For that day an owner names
// one of those who read, and for how many days everybody else can object:
//
//	claim    the one who was named says that it has happened; every device shows it
//	veto     an owner says no, whenever that is: it is undone
//	waited   the devices of others, who are not owners, have waited for so many days
//	recover  the one who was named decides from now on
//
// Every device waits by its own clock, from when it saw the claim itself.

// HolderDays are how long one can let others object.
var HolderDays = []int{7, 30, 90}

// Holder is who takes a person's records over when the owners are gone, and how that
// stands.
type Holder struct {
	Owner  bool      // this user decides for the person, and names others
	Named  []Trusted // who may
	Others []Carer   // who reads besides this user, and can be named
	Claim  *Claim    // somebody says that it has happened; nil: nobody does
}

// Trusted is one who was named.
type Trusted struct {
	User string
	Me   bool
	Name string // as they called themselves; "": not known
	Days int
}

// ClaimStage is how far a claim has got.
type ClaimStage string

// Stages of a claim.
const (
	ClaimWaiting   ClaimStage = "waiting" // others can object
	ClaimReady     ClaimStage = "ready"   // nobody has: the claimant can take over
	ClaimVetoed    ClaimStage = "vetoed"
	ClaimRecovered ClaimStage = "recovered"
)

// Claim says that the owners are gone.
type Claim struct {
	Stage ClaimStage
	Mine  bool   // this user says so
	Who   string // what the claimant calls themselves
	Veto  bool   // this user can say no
	Until string // the day on which this device has waited, YYYY-MM-DD
	entry chain.Hash
}

// holder is how it stands for one person. seen is when this device saw which claim.
func (m may) holder(others []Carer, seen map[chain.Hash]time.Time, now time.Time) Holder {
	if m.st == nil {
		return Holder{}
	}
	h := Holder{Owner: m.st.RoleAt(m.me, m.now) == family.Owner, Others: others}
	for _, member := range m.st.Members {
		if member.Contact > 0 {
			h.Named = append(h.Named, Trusted{User: member.User, Me: member.User == m.me, Name: nameIn(others, member.User), Days: member.Contact})
		}
	}
	if n := len(m.st.Claims); n > 0 {
		h.Claim = m.claim(m.st.Claims[n-1], others, seen, now)
	}
	return h
}

func (m may) claim(c family.ClaimInfo, others []Carer, seen map[chain.Hash]time.Time, now time.Time) *Claim {
	out := &Claim{Stage: ClaimWaiting, Mine: c.User == m.me, Who: nameIn(others, c.User), entry: c.Entry}
	out.Veto = !c.Vetoed && m.st.Allowed(m.me, &family.Veto{Claim: c.Entry}, now) == nil
	if at, ok := seen[c.Entry]; ok {
		out.Until = at.AddDate(0, 0, c.Days).Format(time.DateOnly)
	}
	switch {
	case c.Vetoed:
		out.Stage = ClaimVetoed
	case c.Recovered:
		out.Stage = ClaimRecovered
	case m.st.Allowed(c.User, &family.Recover{Claim: c.Entry}, now) == nil:
		out.Stage = ClaimReady
	}
	return out
}

func nameIn(others []Carer, user string) string {
	for _, c := range others {
		if c.User == user {
			return c.Name
		}
	}
	return ""
}

// NameHolder names a member who may take over when the owners are gone, and gives them
// every key; 0 days take it back. Errors: ErrMayNot, ErrOfAge, ErrLocked.
func (w *Wallet) NameHolder(ctx context.Context, id record.ProfileID, user string, days int) error {
	if err := w.mayDecide(ctx, id); err != nil {
		return err
	}
	return w.keepSaid(ctx, func() error {
		k, err := w.histories()
		if err != nil {
			return err
		}
		return k.Entrust(ctx, id, user, days)
	})
}

// ClaimRecords says that the owners are gone. Every device is told. Errors: ErrMayNot.
func (w *Wallet) ClaimRecords(ctx context.Context, id record.ProfileID) error {
	return w.say(ctx, id, &family.Claim{})
}

// VetoClaim says no to the last claim. Errors: ErrMayNot.
func (w *Wallet) VetoClaim(ctx context.Context, id record.ProfileID) error {
	return w.sayOfClaim(ctx, id, func(h chain.Hash) family.Act { return &family.Veto{Claim: h} })
}

// RecoverRecords makes who claimed an owner. Errors: ErrWaiting, ErrVetoed, ErrMayNot.
func (w *Wallet) RecoverRecords(ctx context.Context, id record.ProfileID) error {
	return w.sayOfClaim(ctx, id, func(h chain.Hash) family.Act { return &family.Recover{Claim: h} })
}

func (w *Wallet) sayOfClaim(ctx context.Context, id record.ProfileID, what func(chain.Hash) family.Act) error {
	st, err := w.history(ctx, id)
	switch {
	case err != nil:
		return err
	case st == nil || len(st.Claims) == 0:
		return ErrMayNot
	}
	return w.say(ctx, id, what(st.Claims[len(st.Claims)-1].Entry))
}

// syncWaited says that this device has waited for a claim as long as was agreed, where
// it is another member's: an owner whose device is in use is not gone, and the claimant
// does not wait for themselves.
func (w *Wallet) syncWaited(ctx context.Context, s *syncing, id record.ProfileID) error {
	m, err := w.may(ctx, id)
	if err != nil || m.st == nil {
		return err
	}
	me, _ := m.st.Member(m.me)
	clock := w.remembered().Clock
	for _, c := range m.st.Claims {
		own := me.Role < family.Reader || me.Role >= family.Owner || c.User == m.me
		if own || c.Waited || c.Recovered || !clock.Over(c, m.now) {
			continue
		}
		if err := s.keeper.Write(ctx, id, &family.Waited{Claim: c.Entry}); err != nil && familyError(err) == err {
			return err
		}
	}
	return nil
}

// round is what lookRound was last asked about.
type round struct {
	of  *vault.Vault
	seq uint64
	at  time.Time
}

// lookedRound says whether nothing can have changed since lookRound.
func (w *Wallet) lookedRound(v *vault.Vault) bool {
	w.ages.Lock()
	defer w.ages.Unlock()
	since := w.d.Now().Sub(w.ages.round.at)
	return w.ages.round.of == v && w.ages.round.seq == v.Seq() && since >= 0 && since < lookEvery
}

// lookRound publishes how handovers stand, and who says that owners are gone. It notes
// when this device saw which claim.
func (w *Wallet) lookRound(ctx context.Context) {
	v, err := w.open()
	if err != nil {
		return
	}
	seq, names := v.Seq(), map[string]string{}
	known, err := w.Known(ctx)
	if err != nil {
		return // tried again
	}
	for _, k := range known {
		names[k.User] = k.Name
	}
	s := w.Snapshot()
	handovers, holders := map[record.ProfileID]Handover{}, map[record.ProfileID]Holder{}
	for _, p := range s.People {
		m, err := w.may(ctx, p.ID)
		if err != nil || w.seeClaims(ctx, v, m) != nil {
			return
		}
		others := m.others(names)
		if h := m.handover(p, s.Acting(p.ID), others, w.d.Now()); h.Stage != HandoverNone {
			handovers[p.ID] = h
		}
		if m.st != nil {
			holders[p.ID] = m.holder(others, w.remembered().Clock.Claims, w.d.Now())
		}
	}
	w.ages.Lock()
	w.ages.round = round{v, seq, w.d.Now()}
	w.ages.Unlock()
	if !reflect.DeepEqual(handovers, s.Handovers) || !reflect.DeepEqual(holders, s.Holders) {
		w.publish(func(s *Snapshot) { s.Handovers, s.Holders = handovers, holders })
	}
}

// others are those who read besides this user.
func (m may) others(names map[string]string) (list []Carer) {
	if m.st == nil {
		return nil
	}
	for _, member := range m.st.Members {
		if member.User == m.me || member.Role < family.Reader {
			continue
		}
		c := Carer{User: member.User, Name: names[member.User], Role: m.st.RoleAt(member.User, m.now).String()}
		if member.Guardian != nil {
			c.As = Bond(member.Guardian.As)
		}
		list = append(list, c)
	}
	return list
}

// seeClaims notes claims that this device had not seen.
func (w *Wallet) seeClaims(ctx context.Context, v *vault.Vault, m may) error {
	if m.st == nil || len(m.st.Claims) == 0 {
		return nil
	}
	w.ages.Lock()
	defer w.ages.Unlock()
	kept, err := w.ages.read(ctx, v)
	if err != nil {
		return err
	}
	clock := kept.Clock.See(m.st, m.now)
	if maps.EqualFunc(clock.Claims, kept.Clock.Claims, time.Time.Equal) {
		return nil
	}
	kept.Clock = clock
	return w.putAges(ctx, v, kept)
}

// HandoverOf is how handing over a person's records stands.
func (s *Snapshot) HandoverOf(id record.ProfileID) Handover {
	if s.concealed(id) {
		return Handover{}
	}
	return s.Handovers[id]
}

// HolderOf is who takes a person's records over one day.
func (s *Snapshot) HolderOf(id record.ProfileID) Holder {
	if s.concealed(id) {
		return Holder{}
	}
	return s.Holders[id]
}

// Claimed are the people of whom somebody says that the owners are gone, and nobody
// has said no; but for one who has taken over already: that only concerns whoever can
// undo it.
func (s *Snapshot) Claimed() []Person {
	return slices.DeleteFunc(s.Shown(), func(p Person) bool {
		c := s.Holders[p.ID].Claim
		return c == nil || c.Stage == ClaimVetoed || c.Stage == ClaimRecovered && !c.Veto
	})
}
