// Package wallet is the only door the pages know: one method for each thing a person does, and one immutable Snapshot of
// what they may see. It holds the open vault, decides, and calls the outside through small interfaces.
package wallet

import (
	"context"
	"io"
	"time"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
	"potli/app/vault"
)

// Wallet is the whole program without its face. Safe for concurrent use. Methods that take a context may be slow: call
// them from a goroutine; they publish Work while they run and a new Snapshot when they are done.
type Wallet struct{}

// Deps are what the wallet needs of the outside.
type Deps struct {
	Blobs   vault.Blobs
	Host    Host
	Worker  Worker
	Relay   share.Relay
	Fetcher share.Fetcher
	Words   func() share.Words // messages in the language of the moment
	Viewer  string             // URL of the clinic's page, e.g. "http://localhost:8082/"
	Now     func() time.Time
	Rand    io.Reader
	Sample  func(ctx context.Context) ([]File, error) // the synthetic family, fetched when asked for
}

// Host is what only the browser can do for the wallet.
type Host interface {
	// Claim takes the one-writer lock of this browser profile. false: another tab has it. It is held until the page goes.
	Claim(ctx context.Context) (bool, error)
	// Sentinel remembers outside the database that there is a vault, so that erased storage is noticed. "" : none.
	Sentinel() string
	SetSentinel(s string)
	// Persist asks the browser to keep the storage; Storage reports on it.
	Persist(ctx context.Context) Storage
	Storage(ctx context.Context) Storage
	// Drop ends this instance of the program and starts a clean one: keys in memory are gone with it.
	Drop()
}

// Worker runs a named job of RunJob away from the screen. progress may be nil.
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
	// Person, for samples and restores only: whose it is.
	Person *Person
}

// New returns a wallet in PhaseLoading; Start looks at storage.
func New(d Deps) *Wallet { panic("stub") }

// Snapshot returns the newest; Subscribe calls f after each new one, on any goroutine, until cancel.
func (w *Wallet) Snapshot() *Snapshot                         { panic("stub") }
func (w *Wallet) Subscribe(f func(*Snapshot)) (cancel func()) { panic("stub") }

// Start decides the phase.
func (w *Wallet) Start(ctx context.Context) { panic("stub") }

// --- start ---

// Suggest returns six generated words joined with "-".
func (w *Wallet) Suggest() string { panic("stub") }

// Strength judges a passphrase of the person's own: estimated bits, and whether that is enough.
func (w *Wallet) Strength(passphrase string) (bits float64, enough bool) { panic("stub") }

// Create makes a wallet for one first person. Errors: ErrWeak.
func (w *Wallet) Create(ctx context.Context, passphrase string, first Person) error { panic("stub") }

// TryDemo opens a throw-away wallet with the sample family, in memory only until wiped.
func (w *Wallet) TryDemo(ctx context.Context) error { panic("stub") }

// Unlock opens the wallet. Errors: ErrWrongPassphrase; ErrWait (as *WaitError) after repeated failures.
func (w *Wallet) Unlock(ctx context.Context, passphrase string) error { panic("stub") }

// Lock drops the keys: the page starts again at the lock screen.
func (w *Wallet) Lock() { panic("stub") }

// Touch notes that the person did something (auto-lock counts from it).
func (w *Wallet) Touch() { panic("stub") }

// Hidden notes that the page went to the background or came back.
func (w *Wallet) Hidden(hidden bool) { panic("stub") }

// LockIn is how long until auto-lock; 0 when it is off. Under a minute the UI offers to stay open.
func (w *Wallet) LockIn() time.Duration { panic("stub") }

// Wipe erases everything on this device: the demo without a question, a wallet after the UI's confirmation.
func (w *Wallet) Wipe(ctx context.Context) error { panic("stub") }

// --- people, settings ---

func (w *Wallet) Choose(id record.ProfileID)                                  { panic("stub") }
func (w *Wallet) AddPerson(ctx context.Context, p Person) (Person, error)     { panic("stub") }
func (w *Wallet) EditPerson(ctx context.Context, p Person) error              { panic("stub") }
func (w *Wallet) SetSettings(ctx context.Context, s Settings) error           { panic("stub") }
func (w *Wallet) ChangePassphrase(ctx context.Context, old, new string) error { panic("stub") }

// RecoveryText is asked for with the passphrase, again.
func (w *Wallet) RecoveryText(ctx context.Context, passphrase string) (string, error) { panic("stub") }

// --- bring in ---

// Import brings files in for the current person, one after the other; a bad one is refused by name, the others come in.
// Snapshot.Import has the report. A pasted link is not imported here: see Receive. Cancel stops between files.
func (w *Wallet) Import(ctx context.Context, files []File) *ImportReport { panic("stub") }
func (w *Wallet) Cancel()                                                { panic("stub") }
func (w *Wallet) DismissImport()                                         { panic("stub") }

// Link reads a SMART Health Link out of pasted text. Errors: share.ErrNoLink …
func (w *Wallet) Link(text string) (share.Link, error) { panic("stub") }

// Receive opens a stranger's link and keeps what it holds as records of the current person.
// Errors: *share.PasscodeError, share.ErrGone, share.ErrOffline, share.ErrCancelled …
func (w *Wallet) Receive(ctx context.Context, l share.Link, recipient, passcode string) (*ImportReport, error) {
	panic("stub")
}

// --- read ---

// Timeline is quick enough for every key stroke.
func (w *Wallet) Timeline(q Query) Timeline { panic("stub") }

// Record returns what is known of a record without opening it.
func (w *Wallet) Record(id record.ID) (record.Meta, bool) { panic("stub") }

// Document opens a FHIR record and makes it readable.
func (w *Wallet) Document(ctx context.Context, id record.ID) (*fhir.Document, error) { panic("stub") }

// Original returns the exact bytes, a file name and a media type.
func (w *Wallet) Original(ctx context.Context, id record.ID) (name, typ string, b []byte, err error) {
	panic("stub")
}

// Attachment returns the bytes of a document inside a record.
func (w *Wallet) Attachment(ctx context.Context, id record.ID, a fhir.Attachment) (name, typ string, b []byte, err error) {
	panic("stub")
}

// Delete takes a record off the timeline now and out of storage after UndoFor, unless Undelete comes first.
func (w *Wallet) Delete(id record.ID) { panic("stub") }
func (w *Wallet) Undelete()           { panic("stub") }

// UndoFor is how long a deletion can be taken back.
const UndoFor = 10 * time.Second

// --- take out ---

// Export returns everything as one .age file and its name.
func (w *Wallet) Export(ctx context.Context) (name string, b []byte, err error) { panic("stub") }

// Restore reads a backup. In an open wallet recovery may be "" if the backup is its own. In PhaseNew or PhaseCleared it makes
// a wallet from recovery text and backup under a new passphrase.
// Errors: keyring.ErrBadRecovery, vault.ErrWrongKey (as wallet.ErrOtherWallet), record.ErrDamaged.
func (w *Wallet) Restore(ctx context.Context, file []byte, recovery, passphrase string) (added int, err error) {
	panic("stub")
}

// --- share ---

// PrepareCounter and PrepareLink list what would be shared: the person's summary, or only the given records.
func (w *Wallet) PrepareCounter(ctx context.Context, only ...record.ID) (*Preview, error) {
	panic("stub")
}
func (w *Wallet) PrepareLink(ctx context.Context, only ...record.ID) (*Preview, error) { panic("stub") }

// Exclude unchooses a sensitive group, Include chooses it again; both return a changed copy.
func (p *Preview) Exclude(group string) *Preview         { panic("stub") }
func (p *Preview) Include(group string) *Preview         { panic("stub") }
func (p *Preview) Toggle(item int, chosen bool) *Preview { panic("stub") }

// Share makes the link and returns the id of its ledger entry. Errors: share.ErrOffline, share.ErrTooBig, ErrNothing …
func (w *Wallet) Share(ctx context.Context, p *Preview) (string, error) { panic("stub") }

// ShareLink returns what a QR of the share holds: the viewer-prefixed link.
func (w *Wallet) ShareLink(id string) (string, bool) { panic("stub") }

func (w *Wallet) Pause(ctx context.Context, id string, paused bool) error       { panic("stub") }
func (w *Wallet) Extend(ctx context.Context, id string, by time.Duration) error { panic("stub") }
func (w *Wallet) Revoke(ctx context.Context, id string) error                   { panic("stub") } // offline: pending, done on return
func (w *Wallet) RevokeAll(ctx context.Context) error                           { panic("stub") }
func (w *Wallet) Refresh(ctx context.Context, ids ...string) error              { panic("stub") } // status and receipts; none: all live
func (w *Wallet) Forget(ctx context.Context, id string) error                   { panic("stub") } // an ended share off the list
