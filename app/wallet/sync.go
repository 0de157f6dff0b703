package wallet

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"potli/app/family"
	"potli/app/history"
	"potli/app/record"
	"potli/app/sync"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// SyncState is how far what is known of one person travels between everybody's
// devices. The page of the person has a sentence for each Kind, the gravest first.
type SyncState struct {
	Kind    SyncKind
	Sending int // items that are to go to the relay
	Coming  int // records and changes that are known of and not here yet
	// From are names of devices that have what is missing, or whose Kind it is.
	From  []string
	Since time.Time // SyncOffline: when the relay was last reached; zero: never
	// Warning is something that happened and is over: the relay had put a mailbox
	// back to an older day. What was lost by it was asked for.
	Warning time.Time
}

// SyncKind is how it stands.
type SyncKind string

const (
	SyncNone      SyncKind = ""          // nobody else has this person
	SyncCurrent   SyncKind = "current"   // everything is here, and everything of ours at the relay
	SyncSending   SyncKind = "sending"   //
	SyncReceiving SyncKind = "receiving" // what is missing is asked for
	SyncFirst     SyncKind = "first"     // nothing has come yet: a device that has it has to be open
	SyncResend    SyncKind = "resend"    // somebody else's device has to be opened to send it again
	SyncOffline   SyncKind = "offline"   //
	SyncFull      SyncKind = "full"      // until others have read what is at the relay
	SyncClosed    SyncKind = "closed"    // somebody who had access has shut the mailbox: a new key is needed
	SyncForked    SyncKind = "forked"    // a device exists twice: it should be removed
	SyncTwin      SyncKind = "twin"      // this very device does
	SyncRemoved   SyncKind = "removed"   // we are no longer let in
	SyncLeft      SyncKind = "left"      // by our own word
	SyncLater     SyncKind = "later"     // somebody has a later release: this one has to be renewed
)

// Rests between two rounds.
const (
	syncSoon   = 500 * time.Millisecond // after something was written here: more may come
	syncApart  = 2 * time.Second        // however much is written, or arrives
	syncShown  = 20 * time.Second
	syncHeard  = 5 * time.Minute // while the relay tells of what arrives
	syncHidden = 5 * time.Minute
	syncLost   = 10 * time.Minute // the longest while the relay can not be reached
)

// syncing is what a wallet that is open syncs with.
type syncing struct {
	v      *vault.Vault
	keeper *history.Keeper
	engine *sync.Engine // nil: there is no relay
	own    sync.Own
	end    context.CancelFunc
	ctx    context.Context
	due    time.Time // owned by Wallet.mu, as what follows
	last   time.Time // when the last round began
	turn   time.Time // owned by Wallet.rounds: when somebody is to be answered, zero: nobody is
	lost   time.Duration
	paused bool
	ears   ears
	clock  atomic.Pointer[family.Clock] // what is believed of the time, as of the last round
}

// newSyncing is for a vault that was opened.
func (w *Wallet) newSyncing(v *vault.Vault) *syncing {
	s := &syncing{v: v, ears: newEars()}
	s.clock.Store(&family.Clock{})
	s.keeper = history.Open(v, w.d.Now, func() family.Clock { return *s.clock.Load() })
	s.ctx, s.end = context.WithCancel(context.Background())
	s.own = s.keeper.Own(ownDocs{w, v})
	if r := v.Ring(); w.d.Mail != nil {
		s.engine = sync.New(sync.Options{Mail: w.d.Mail, Store: s.keeper, Device: r.Device(), Signer: r.Signer(), Now: w.d.Now, Rand: w.d.Rand})
	}
	return s
}

// histories are those of the open vault, or ErrLocked.
func (w *Wallet) histories() (*history.Keeper, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sync == nil {
		return nil, ErrLocked
	}
	return w.sync.keeper, nil
}

// StopSync keeps everything on this device until StartSync.
func (w *Wallet) StopSync() { w.pauseSync(true) }

// StartSync undoes StopSync. A wallet that was opened syncs.
func (w *Wallet) StartSync() { w.pauseSync(false) }

func (w *Wallet) pauseSync(paused bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s := w.sync; s != nil {
		s.paused, s.due, s.lost = paused, w.d.Now(), 0
		s.ears.keep(nil)
	}
}

// wakeSync makes the next round due in so long, if it is not due earlier. What can
// wait at all waits until the last one is a while ago.
func (w *Wallet) wakeSync(in time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sync == nil {
		return
	}
	apart := syncApart
	if in == 0 {
		apart = 0
	}
	w.sync.wake(w.d.Now(), in, apart)
}

// wake is wakeSync with Wallet.mu held.
func (s *syncing) wake(now time.Time, in, apart time.Duration) {
	at := now.Add(in)
	if next := s.last.Add(apart); next.After(at) && next.Sub(now) <= apart { // else the clock was set back
		at = next
	}
	if at.Before(s.due) {
		s.due = at
	}
}

// beginSync is for a vault that was opened, endSync for one that is closed. w.mu
// must be held. The keeper stays until the last deletion is done: there is never
// more than one of a vault.
func (w *Wallet) beginSync(v *vault.Vault) {
	w.endSync()
	w.sync = w.newSyncing(v)
	w.keeper = w.sync.keeper
}

func (w *Wallet) endSync() {
	if w.sync != nil {
		w.sync.end()
		w.sync = nil
	}
}

// Sync sends and receives what is due. The wiring calls it about once a second,
// apart from Tick and Retry: a round takes as long as the network does.
func (w *Wallet) Sync(ctx context.Context) {
	if !w.rounds.TryLock() {
		return // one is under way
	}
	defer w.rounds.Unlock()
	s := w.dueSync()
	if s == nil || !w.leads(ctx) {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)() // the keys go when the wallet is locked
	w.ages.Lock()
	clock := w.ages.kept.Clock
	w.ages.Unlock()
	s.clock.Store(&clock)
	if shared(s.v.Ring()) {
		// Whoever added somebody begins their history, before another device hears
		// of them: two beginnings would never come together.
		if err := w.foundAll(ctx); err != nil {
			return // tried again
		}
	}
	before := s.v.Seq()
	s.turn = time.Time{}
	failed := w.syncOwn(ctx, s)
	for _, p := range w.Snapshot().People {
		if err := w.syncPerson(ctx, s, p.ID); err != nil {
			failed = err
		}
		if ctx.Err() != nil {
			return
		}
	}
	w.afterSync(s, failed, s.v.Seq() != before)
	w.listen(ctx, s)
}

// dueSync is what to sync with, nil when it is not time.
func (w *Wallet) dueSync() *syncing {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, now := w.sync, w.d.Now()
	switch {
	case s == nil || s.engine == nil || s.paused || w.demo:
		return nil
	case now.Before(s.due) && s.due.Sub(now) <= syncLost: // else the clock was set back
		return nil
	}
	rest := syncShown
	switch {
	case w.unseen():
		rest = syncHidden
	case s.ears.all():
		rest = syncHeard
	}
	s.last, s.due = now, now.Add(w.about(rest))
	return s
}

// afterSync rests longer and longer while the relay can not be reached.
func (w *Wallet) afterSync(s *syncing, failed error, changed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.ears.learn(changed)
	if !errors.Is(failed, sync.ErrOffline) {
		s.lost = 0
		if !s.turn.IsZero() {
			s.wake(w.d.Now(), max(0, s.turn.Sub(w.d.Now())), syncApart)
		}
		return
	}
	s.lost = min(max(2*s.lost, syncShown), syncLost)
	if at := w.d.Now().Add(w.about(s.lost)); at.After(s.due) {
		s.due = at
	}
}

// answers notes when it is this device's turn to answer another one.
func (s *syncing) answers(at time.Time) {
	if !at.IsZero() && (s.turn.IsZero() || at.Before(s.turn)) {
		s.turn = at
	}
}

// syncPerson brings one person's history in line, and sends and receives.
func (w *Wallet) syncPerson(ctx context.Context, s *syncing, id record.ProfileID) error {
	known, err := s.keeper.Has(ctx, id)
	if err != nil {
		return err
	}
	if !known {
		return nil // there is nobody to tell
	}
	before, ring := s.v.Seq(), s.v.Ring()
	err = w.tidyPerson(ctx, s, id)
	var state sync.State
	if err == nil {
		state, err = s.engine.Round(ctx, string(id))
	}
	if err == nil {
		err = w.tidyPerson(ctx, s, id) // what came may have to be answered
	}
	if s.v.Seq() != before {
		w.changed()
		w.setSentinel(s.v)
	}
	if s.v.Ring() != ring {
		w.publishKeys(ctx, s.v)
	}
	if state.Profile != "" {
		w.publishSync(id, w.syncState(s, state))
		s.answers(state.Due)
	}
	if errors.Is(err, vault.ErrFull) || errors.Is(err, vault.ErrGone) {
		return nil // the wallet says so where it matters
	}
	return err
}

// tidyPerson brings history, vault and what is known of the person in line.
func (w *Wallet) tidyPerson(ctx context.Context, s *syncing, id record.ProfileID) error {
	err := s.keeper.Tidy(ctx, id)
	if err == nil {
		err = w.syncFields(ctx, s, id)
	}
	if err == nil {
		err = w.syncCard(ctx, s, id)
	}
	if err == nil {
		err = w.syncGround(ctx, s, id)
	}
	if err == nil {
		err = w.syncLaw(ctx, s, id)
	}
	if err == nil {
		err = w.syncWaited(ctx, s, id)
	}
	if err == nil {
		err = w.syncLedger(ctx, s, id)
	}
	return err
}

// shared says whether the user has another device.
func shared(r *keyring.Ring) bool {
	n := 0
	for _, d := range r.User().Devices() {
		if d.Active() && !d.Legacy() {
			n++
		}
	}
	return n > 1
}

// foundHistory begins a person's history with what is known of them.
func (w *Wallet) foundHistory(ctx context.Context, s *syncing, id record.ProfileID) error {
	p, ok := w.Snapshot().person(id)
	if !ok {
		return ErrNoPerson
	}
	return w.found(ctx, s.keeper, p)
}

// found begins the history of a person: of whom this wallet belongs to as by the
// person themselves.
func (w *Wallet) found(ctx context.Context, k *history.Keeper, p Person) error {
	if w.Snapshot().Acting(p.ID) {
		return k.Found(ctx, p.ID, fieldsOf(p))
	}
	return k.FoundSelf(ctx, p.ID, fieldsOf(p))
}

// foundAll begins the histories of everyone who has none: before another device, or
// another caregiver, comes to know them.
func (w *Wallet) foundAll(ctx context.Context) error {
	w.mu.Lock()
	s := w.sync
	w.mu.Unlock()
	if s == nil {
		return ErrLocked
	}
	for _, p := range w.Snapshot().People {
		if err := w.foundHistory(ctx, s, p.ID); err != nil {
			return err
		}
	}
	return nil
}

// syncState puts a state in words of the wallet.
func (w *Wallet) syncState(s *syncing, st sync.State) SyncState {
	out := SyncState{Sending: st.Sending, Coming: st.Receiving, Warning: st.RolledBack}
	from := st.Missing
	switch {
	case st.Removed:
		out.Kind, out.From = w.out(s, record.ProfileID(st.Profile))
	case st.Twin:
		out.Kind = SyncTwin
	case len(st.Forked) > 0:
		out.Kind, from = SyncForked, st.Forked
	case st.Later:
		out.Kind = SyncLater
	case st.Closed:
		out.Kind = SyncClosed
	case !st.Offline.IsZero():
		out.Kind = SyncOffline
		if st.Offline.Unix() > 0 {
			out.Since = st.Offline
		}
	case st.Full:
		out.Kind, from = SyncFull, st.Unread
	case st.New:
		out.Kind = SyncFirst
	case st.NeedsFullResend:
		out.Kind = SyncResend
	case st.Receiving > 0:
		out.Kind = SyncReceiving
	case st.Sending > 0:
		out.Kind = SyncSending
	default:
		out.Kind = SyncCurrent
	}
	if len(from) == 0 {
		return out
	}
	names := w.namesOf(s, record.ProfileID(st.Profile))
	for _, id := range from {
		if name := names[id]; name != "" && !slices.Contains(out.From, name) {
			out.From = append(out.From, name)
		}
	}
	return out
}

// deviceNames are the names of this user's own devices, by id. Those of others are
// not told to us.
func (w *Wallet) deviceNames(s *syncing) map[string]string {
	names := map[string]string{}
	for _, d := range s.v.Ring().User().Devices() {
		names[d.ID] = d.Name
	}
	return names
}

// publishSync shows how a person's sync stands.
func (w *Wallet) publishSync(id record.ProfileID, state SyncState) {
	old, ok := w.Snapshot().Sync[id]
	if ok && old.same(state) {
		return
	}
	w.publish(func(s *Snapshot) {
		all := maps.Clone(s.Sync)
		if all == nil {
			all = map[record.ProfileID]SyncState{}
		}
		all[id] = state
		s.Sync = all
	})
}

func (s SyncState) same(o SyncState) bool {
	return s.Kind == o.Kind && s.Sending == o.Sending && s.Coming == o.Coming && slices.Equal(s.From, o.From) &&
		s.Since.Equal(o.Since) && s.Warning.Equal(o.Warning)
}
