package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"potli/app/emergency"
	"potli/app/record"
	"potli/app/share"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// Tabs joins the tabs of one browser profile that have the wallet open. Each has its
// own keys in memory, was unlocked by itself and writes in its turn; together they
// are one wallet: what one writes the others show, and all are locked at once.
type Tabs interface {
	vault.Turns // end, where something has changed, tells TabChanged
	// Lead says whether this tab does what is due by itself: sync, backups into the
	// folder, deletions. It never waits; once true it stays so until the page goes,
	// and then another's Lead is true.
	Lead(ctx context.Context) bool
	// Tell tells the other tabs a word, Listen calls f with each that they tell.
	// A word may be lost.
	Tell(word string)
	Listen(f func(word string))
}

// What tabs tell one another: that there is something to look at, never what.
const (
	TabChanged = "changed" // something was written
	TabLocked  = "locked"  // the person, or the clock, has locked the wallet
	TabErased  = "erased"  // there is no wallet any more
	TabHere    = "here"    // the person did something
	TabShown   = "shown"   // a tab is on the screen
	TabShut    = "shut"    // a tab has locked, and lays nothing open any more
)

// Rests between words, and before looking at what another tab has written: more may
// come.
const (
	tabsHere  = 5 * time.Second
	tabsShown = 15 * time.Second
	tabsSoon  = 200 * time.Millisecond
	// tabsMaking is how long a link that another tab was making is left to it.
	tabsMaking = 2 * time.Minute
)

// tabs is what a wallet remembers of the others.
type tabs struct {
	waiting atomic.Bool // somebody is about to look
	looking sync.Mutex  // one look at a time
	missed  atomic.Bool // this tab was at work: to look when that is done

	// Owned by Wallet.mu.
	taken  int                    // vault.Taken as of what is shown
	shown  time.Time              // when another tab was last on the screen
	told   map[string]time.Time   // when each word was last told
	making map[string]time.Time   // links that another tab makes, since when we know
	trash  map[record.ID]struct{} // taken off the timeline in another tab
	heir   bool                   // what a tab that went has left to do was done
}

// heedTabs begins to hear the other tabs.
func (w *Wallet) heedTabs() {
	if w.d.Tabs != nil {
		w.d.Tabs.Listen(func(word string) { go w.heed(context.Background(), word) })
	}
}

// heed does what a word of another tab asks for.
func (w *Wallet) heed(ctx context.Context, word string) {
	w.mu.Lock()
	open, demo := w.vault != nil, w.demo
	now, woken := w.d.Now(), false
	switch word {
	case TabHere:
		w.touched, w.tabs.shown = now, now
	case TabShown:
		woken = w.unseen()
		w.tabs.shown = now
	}
	w.mu.Unlock()
	if woken {
		w.wakeSync(0)
	}
	switch {
	case demo: // a wallet of its own
	case word == TabChanged, !open:
		w.lookSoon(ctx)
	case word == TabLocked, word == TabErased:
		w.lock()
	case word == TabShut:
		w.postAgain()
	}
}

// tell tells the others a word, at most once in every so long. Nobody hears of the
// sample family.
func (w *Wallet) tell(word string, every time.Duration) {
	w.mu.Lock()
	now := w.d.Now()
	since := now.Sub(w.tabs.told[word])
	quiet := w.d.Tabs == nil || w.demo || since >= 0 && since < every
	if !quiet && every > 0 {
		if w.tabs.told == nil {
			w.tabs.told = map[string]time.Time{}
		}
		w.tabs.told[word] = now
	}
	w.mu.Unlock()
	if !quiet {
		w.d.Tabs.Tell(word)
	}
}

// unseen says whether no tab is on the screen. w.mu must be held.
func (w *Wallet) unseen() bool {
	since := passed(w.d.Now(), w.tabs.shown)
	return !w.hiddenAt.IsZero() && (since < 0 || since > 2*tabsShown)
}

// leads says whether this tab does what is due by itself. Only one that has the
// wallet open asks.
func (w *Wallet) leads(ctx context.Context) bool {
	w.mu.Lock()
	demo := w.demo
	w.mu.Unlock()
	return w.d.Tabs == nil || demo || w.d.Tabs.Lead(ctx)
}

// turn keeps other tabs from writing.
func (w *Wallet) turn(ctx context.Context) (end func(changed bool), err error) {
	if w.d.Tabs == nil {
		return func(bool) {}, nil
	}
	return w.d.Tabs.Turn(ctx)
}

// lookSoon looks at what another tab has written, once for all of its words.
func (w *Wallet) lookSoon(ctx context.Context) {
	if w.tabs.waiting.Swap(true) {
		return
	}
	if w.d.Sleep != nil {
		_ = w.d.Sleep(ctx, tabsSoon)
	}
	w.tabs.looking.Lock()
	defer w.tabs.looking.Unlock()
	w.tabs.waiting.Store(false)
	w.look(ctx)
}

// look shows what is in storage now; while this tab is at work itself, when that is
// done. What can not be read is looked at again with the next word.
func (w *Wallet) look(ctx context.Context) {
	if w.tabs.missed.Store(true); w.Snapshot().Work != nil {
		return
	}
	w.tabs.missed.Store(false)
	v, err := w.open()
	if err != nil {
		w.lookIn(ctx)
		return
	}
	err = v.Refresh(ctx)
	if errors.Is(err, vault.ErrReplaced) || errors.Is(err, vault.ErrPutBack) {
		w.lock() // the start page says what there is
		return
	}
	w.mu.Lock()
	known := w.tabs.taken
	w.mu.Unlock()
	taken := v.Taken()
	if err != nil || taken == known || w.show(ctx, v) != nil {
		return
	}
	w.mu.Lock()
	w.tabs.taken = taken
	w.mu.Unlock()
	w.wakeSync(syncSoon)
}

// lookIn looks at storage while the wallet is not open: another tab may have made,
// restored or erased one, or changed the ways to unlock it.
func (w *Wallet) lookIn(ctx context.Context) {
	s := w.Snapshot()
	if s.Work != nil || s.Phase != PhaseNew && s.Phase != PhaseLocked && s.Phase != PhaseCleared {
		return
	}
	phase, ways := w.storage(ctx), []Way(nil)
	if phase == PhaseLocked {
		ways = w.loadWays(ctx)
	}
	if phase != s.Phase || !slices.Equal(ways, s.Ways) {
		w.publish(func(s *Snapshot) {
			if s.Work == nil && s.Phase != PhaseOpen {
				s.Phase, s.Ways = phase, ways
			}
		})
	}
}

// show publishes what the documents of the vault say now.
func (w *Wallet) show(ctx context.Context, v *vault.Vault) error {
	d, err := readPapers(ctx, v)
	if err != nil {
		return err
	}
	if err := w.showPeople(ctx, v); err != nil {
		return err
	}
	w.mu.Lock()
	w.noteMaking(d.shares)
	w.shares = d.shares
	w.tabs.trash = map[record.ID]struct{}{}
	for _, id := range d.trash {
		if _, ours := w.trash[id]; !ours {
			w.tabs.trash[id] = struct{}{}
		}
	}
	w.mu.Unlock()
	kit, contacts := recoveryState(ctx, v)
	ways, folder := w.loadWays(ctx), w.folderState(ctx, v)
	w.publish(func(s *Snapshot) {
		s.Settings, s.LastOut, s.LastVerified, s.Cards = d.settings, d.out, d.verified, d.cards
		s.Kit, s.Contacts, s.Ways, s.Folder = kit, contacts, ways, folder
		s.Faults, s.Ready = len(v.Faults()), d.ready
	})
	w.publishShares()
	if w.d.Drops != nil {
		if err := w.showInbox(ctx); err != nil {
			return err
		}
	}
	w.changed()
	w.ages.Lock()
	w.ages.of = nil // what is remembered of the notices may have changed
	w.ages.Unlock()
	w.lookAhead(ctx)
	return nil
}

// showPeople publishes who there is. No change of this tab comes in between.
func (w *Wallet) showPeople(ctx context.Context, v *vault.Vault) error {
	w.family.Lock()
	defer w.family.Unlock()
	var people []Person
	if err := getJSON(ctx, v, docPeople, &people); err != nil {
		return err
	}
	w.publish(func(s *Snapshot) {
		if s.People = people; s.concealed(s.Current) {
			s.Current = firstShown(s.Shown())
		}
	})
	return nil
}

// noteMaking notes links that another tab has begun to make: the relay may not have
// them yet, and that is no reason to forget them. w.mu must be held.
func (w *Wallet) noteMaking(shares map[string]share.Share) {
	making := map[string]time.Time{}
	for id, s := range shares {
		if _, known := w.shares[id]; s.Pending != pendingCreate || known && w.tabs.making[id].IsZero() {
			continue
		}
		if making[id] = w.tabs.making[id]; making[id].IsZero() {
			making[id] = w.d.Now()
		}
	}
	w.tabs.making = making
}

// madeElsewhere says whether another tab is making a link.
func (w *Wallet) madeElsewhere(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	since := w.d.Now().Sub(w.tabs.making[id])
	return since >= 0 && since < tabsMaking
}

// papers are the documents that the snapshot is made of, but for the people.
type papers struct {
	settings      Settings
	shares        map[string]share.Share
	out, verified time.Time
	cards         map[record.ProfileID]emergency.Card
	trash         []record.ID
	ready         string // the link that may lie open
}

func readPapers(ctx context.Context, v *vault.Vault) (p papers, err error) {
	p.settings = defaultSettings()
	if err = getJSON(ctx, v, docSettings, &p.settings); err != nil {
		return p, err
	}
	if p.shares, err = loadShares(ctx, v); err != nil {
		return p, err
	}
	if p.cards, err = loadCards(ctx, v); err != nil {
		return p, err
	}
	if p.out, p.verified, err = lastOut(ctx, v); err != nil {
		return p, err
	}
	p.ready = loadReady(ctx, v)
	return p, getJSON(ctx, v, docTrash, &p.trash)
}

// inherit finishes the deletions of a tab that went before it could.
func (w *Wallet) inherit(ctx context.Context, v *vault.Vault) {
	w.mu.Lock()
	done := w.tabs.heir
	w.tabs.heir = true
	w.mu.Unlock()
	if !done && w.emptyTrash(ctx, v) != nil {
		w.mu.Lock()
		w.tabs.heir = false
		w.mu.Unlock()
	}
}

// putTrash writes down what is to be deleted: what is there already, by this tab and
// by others, with some more and without others.
func (w *Wallet) putTrash(ctx context.Context, v *vault.Vault, more, less []record.ID) error {
	return changeDoc(ctx, v, docTrash, func(ids []record.ID) []record.ID {
		ids = slices.DeleteFunc(ids, func(id record.ID) bool { return slices.Contains(less, id) })
		for _, id := range more {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
		return ids
	})
}

// changeDoc changes a document that holds a list, as it is in storage; one that is
// empty goes.
func changeDoc[T any](ctx context.Context, v *vault.Vault, name string, change func([]T) []T) error {
	return v.Update(ctx, func(*keyring.Ring) (vault.Change, error) {
		var list []T
		if err := peekJSON(ctx, v, name, &list); err != nil {
			return vault.Change{}, err
		}
		doc := vault.Doc{}
		if list = change(list); len(list) > 0 {
			body, err := json.Marshal(list)
			if err != nil {
				return vault.Change{}, err
			}
			doc.Body = body
		}
		return vault.Change{Docs: map[string]vault.Doc{name: doc}}, nil
	})
}

// peekJSON is getJSON for what decides a change of the vault.
func peekJSON(ctx context.Context, v *vault.Vault, name string, into any) error {
	b, err := v.Peek(ctx, name)
	if errors.Is(err, vault.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}
