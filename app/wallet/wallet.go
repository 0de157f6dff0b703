// Package wallet is the only door the pages know: one method for each thing a
// person does, and one immutable Snapshot of what they may see.
//
// The story it tells. Somebody opens the page: Start looks at storage and
// decides the Phase. They make a wallet (Create) or unlock theirs (Unlock); one
// of an earlier release is given the keys of today on the way. From then on the
// keys are in memory until Lock, which ends the program. They
// bring files in (Import), read them (Timeline, Document, Original),
// show them at a counter or send a link (Prepare…, Share), see who opened it
// (Refresh), take it back (Revoke), show a code under which a clinic sends
// (MakeDrop), look at what came (Letter) and make records of it or not (AcceptItem),
// and take everything with them (Export, VerifyBackup, Restore). They keep a recovery
// kit for the day the words or the phone are lost (MakeKit, CheckKit, Rescue), give two
// trusted people the means to stand in for it together (MakeContacts), and shut lost
// devices out (RemoveDevice). Whatever is slow is done by Jobs in a worker, never on
// the screen's thread; whatever is decided is decided here.
//
// The wallet may be open in several tabs of one browser, which take turns at writing
// and are one wallet to the person: see Tabs.
//
// The wallet reaches the outside only through the small interfaces in Deps, so
// the same code runs in the browser, in tests and under Node.
package wallet

import (
	"context"
	"io"
	"sync"
	"time"

	"potli/app/emergency"
	"potli/app/history"
	"potli/app/pair"
	"potli/app/record"
	"potli/app/share"
	mailbox "potli/app/sync"
	"potli/app/traffic"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// Wallet is the whole program without its face. Safe for concurrent use.
// Methods that take a context may be slow: call them from a goroutine; they
// publish Work while they run and a new Snapshot when they are done.
type Wallet struct {
	d Deps

	pub  sync.Mutex // owns snap and subs
	snap *Snapshot
	subs map[int]func(*Snapshot)
	next int

	mu        sync.Mutex // owns everything below
	vault     *vault.Vault
	keys      *keyring.Keys // this device's, which unlock files wrap; the vault has all others
	demo      bool
	lists     map[record.ProfileID]*list // prepared timelines; the map is replaced, never changed
	searched  searched
	trash     map[record.ID]time.Time // taken off the timeline, not yet out of storage
	shares    map[string]share.Share
	holds     map[string]*sync.Mutex // one change of each share at a time
	held      []heldFile             // files that wait for an answer (wrong person)
	health    *healthOpen            // an Apple Health export that waits for a choice
	cancel    context.CancelFunc     // of the import that is running
	pairing   *ceremony              // with another device; nil: none
	touched   time.Time
	made      time.Time // when Create made it, in this run
	hiddenAt  time.Time // zero: the page is shown
	retried   time.Time // when what waits for the network was last tried
	saved     time.Time // when a backup into the folder was last tried by itself
	unlocking unlocking
	resealed  *keyring.Ring // under which nothing of an older epoch is left

	posted  posted  // on the Board
	readied readied // on the Board for codes
	left    left    // what left this phone, as it was written last
	inbox   mailroom

	consents consents
	tabs     tabs
	sync     *syncing // with others' devices, while the vault is open
	keeper   *history.Keeper

	summed    gathered
	charted   charted
	ages      ages       // who comes of age
	rounds    sync.Mutex // one round of sync at a time
	family    sync.Mutex // one change of the people at a time
	cards     sync.Mutex // one change of emergency cards at a time
	importing sync.Mutex // one import at a time
	saving    sync.Mutex // one backup into the folder at a time
	changing  sync.Mutex // one change of the ways to unlock at a time
	preparing sync.Mutex // one timeline at a time; held while it is published
}

// Deps are what the wallet needs of the outside.
type Deps struct {
	Blobs   vault.Blobs
	Host    Host
	Tabs    Tabs // nil: this is the only one
	Worker  Worker
	Relay   share.Relay
	Fetcher share.Fetcher
	Pair    pair.Mail    // where two devices meet
	Mail    mailbox.Mail // where histories travel; nil: they stay here
	Drops   Drops        // where what providers send arrives; nil: nowhere
	// RelayOrigin is the origin of that relay, as codes name it: "https://relay.example".
	RelayOrigin string
	Letters     Letters   // how answers go to strangers' mailboxes; nil: not at all
	Push        Push      // nil: nobody is told while the page is closed
	Directory   Directory // nil: nobody is looked up
	// Sleep waits for d, or returns the error of ctx.
	Sleep func(ctx context.Context, d time.Duration) error
	// Passkeys and QuickKeys unlock without words; nil where the browser cannot.
	Passkeys  Passkeys
	QuickKeys QuickKeys
	Folder    Folder     // for backups; nil where the browser has none
	Board     Board      // for emergency cards without unlocking; nil: there is none
	Ready     ReadyBoard // for a code without unlocking; nil: there is none
	// ReadyView is such a code as the page without the program shows it: JSON, with until in
	// milliseconds, in the language of the moment.
	ReadyView func(ctx context.Context, c ReadyCode) ([]byte, error)
	// CardView puts an emergency card in the words of its languages; nil: it is kept as it
	// comes.
	CardView func(ctx context.Context, c emergency.Card) (emergency.View, error)
	// Language is what Jobs.Words turns into the words of a share: opaque here.
	Language func() []byte
	Viewer   string // URL of the clinic's page, e.g. "http://localhost:8082/"
	Device   string // what this device is called at first, e.g. "Chrome, Android"; "" says nothing
	Now      func() time.Time
	Rand     io.Reader
	// Traffic counts what leaves; nil: nothing is.
	Traffic *traffic.Meter
	// Issuers fetches the directory of issuers of health cards, a file of the
	// release; nil: there is none.
	Issuers func(ctx context.Context) ([]byte, error)
	// Sample fetches the synthetic family when it is asked for.
	Sample func(ctx context.Context) ([]File, error)
}

// Host is what only the browser can do for the wallet.
type Host interface {
	// Claim says whether this browser can keep a wallet that several tabs have open.
	// false: a tab of an earlier release has it, which would write without taking
	// turns. An error means that this browser cannot keep a wallet at all.
	Claim(ctx context.Context) (bool, error)
	// Sentinel remembers outside the database that there is a vault, so that
	// erased storage is noticed. "" : none. It is not sealed and says nothing.
	Sentinel() string
	SetSentinel(s string)
	// Persist asks the browser to keep the storage; Storage reports on it.
	Persist(ctx context.Context) Storage
	Storage(ctx context.Context) Storage
	// Drop ends this instance of the program and starts a clean one: keys in
	// memory are gone with it.
	Drop()
}

// Worker runs a job of Jobs away from the screen. progress may be nil. Errors
// of the job keep their identity (errors.Is) across the boundary.
type Worker interface {
	Run(ctx context.Context, job string, in []byte, progress func(done, total int)) ([]byte, error)
	// Stop ends idle workers and frees their memory.
	Stop()
}

// File is something a person brings in. Bytes are read only when its turn comes.
type File struct {
	Name string
	Size int64
	How  string // record.Source.How
	Read func(ctx context.Context) ([]byte, error)
	// At reads a part of it, for files that memory cannot hold: fewer bytes than
	// asked for only at its end. nil: it is read as a whole.
	At func(ctx context.Context, b []byte, off int64) (int, error)
	// Person, for samples only: whose it is.
	Person *Person

	source *record.Source // for what came by a link, or in a letter
	to     *Person        // whose it is to be, if it does not say otherwise; nil: the current one's
	item   string         // of the inbox, which it came in
}

// Handed is a file that another program, or anybody's page, gave to this one. It waits
// for a word of the person.
type Handed struct {
	File
	ID   string // among those that wait
	Came time.Time
}

// New returns a wallet in PhaseLoading; Start looks at storage.
func New(d Deps) *Wallet {
	w := &Wallet{
		d:      d,
		snap:   &Snapshot{Phase: PhaseLoading, Settings: defaultSettings()},
		subs:   map[int]func(*Snapshot){},
		lists:  map[record.ProfileID]*list{},
		trash:  map[record.ID]time.Time{},
		shares: map[string]share.Share{},
		holds:  map[string]*sync.Mutex{},
		left:   left{turn: make(chan struct{}, 1)},
	}
	if d.Board != nil {
		w.watchBoard()
	}
	if d.Ready != nil {
		w.watchReady()
	}
	return w
}

// Snapshot returns the newest.
func (w *Wallet) Snapshot() *Snapshot {
	w.pub.Lock()
	defer w.pub.Unlock()
	return w.snap
}

// Subscribe calls f after each new snapshot, on any goroutine, until cancel.
func (w *Wallet) Subscribe(f func(*Snapshot)) (cancel func()) {
	w.pub.Lock()
	defer w.pub.Unlock()
	id := w.next
	w.next++
	w.subs[id] = f
	return func() {
		w.pub.Lock()
		defer w.pub.Unlock()
		delete(w.subs, id)
	}
}

// publish changes a copy of the snapshot and tells everyone. change must not
// call back into the wallet's publishing methods.
func (w *Wallet) publish(change func(*Snapshot)) {
	w.pub.Lock()
	s := *w.snap
	change(&s)
	s.Seq++
	w.snap = &s
	subs := make([]func(*Snapshot), 0, len(w.subs))
	for _, f := range w.subs {
		subs = append(subs, f)
	}
	w.pub.Unlock()
	for _, f := range subs {
		f(&s)
	}
}

// work publishes that something longer than a moment goes on; the returned
// functions report progress and the end of it.
func (w *Wallet) work(job Job, name string, cancel bool) (progress func(done, total int), end func()) {
	w.publish(func(s *Snapshot) { s.Work = &Work{Job: job, Name: name, Cancel: cancel} })
	progress = func(done, total int) {
		w.publish(func(s *Snapshot) {
			s.Work = &Work{Job: job, Name: name, Cancel: cancel, Done: done, Total: total}
		})
	}
	end = func() {
		w.publish(func(s *Snapshot) { s.Work = nil })
		if w.tabs.missed.Swap(false) {
			go w.lookSoon(context.Background())
		}
	}
	return progress, end
}

// open returns the open vault, or ErrLocked.
func (w *Wallet) open() (*vault.Vault, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.vault == nil {
		return nil, ErrLocked
	}
	return w.vault, nil
}
