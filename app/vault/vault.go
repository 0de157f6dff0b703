// Package vault keeps sealed records. It knows nothing of where bytes lie
// (Blobs) nor of what they mean to a person (record): it seals, commits,
// indexes and opens them, and it is where "nothing is ever lost" is decided.
//
// What lies in Blobs, all of it sealed:
//
//	unlock           this device's keys under a passphrase (keyring)
//	unlock-passkey   the same keys under a passkey, where the person has set one up
//	unlock-quick     the same keys under a key that this browser does not give out
//	user             the user's epochs, to each of their devices and to the recovery kit
//	ring/<random>    the epochs of one profile, to the user
//	spare/<name>     the same bytes as user, unlock or a ring once more: without them nothing opens
//	head             {wallet, keys and pages: name, SHA-256}; replaced by each commit, and what makes it one
//	index/<random>   a page of rows: what is known of each object, with the SHA-256 of its sealed bytes
//	rec/<id>         one record, the original bytes inside; never changed
//	side/<id>        the same, for a record that came by Restore or was sealed anew
//	doc/<random>     one version of a small document; its name is inside
//	reserve          bytes that can be given up when the disk is full
//
// Which key opens what:
//
//	unlock file ──▶ D ──▶ user: U_1…U_e ──▶ head, index, documents of the wallet
//	                                   └──▶ ring: P_1…P_e ──▶ records and documents of a profile
//
// Everything new is sealed to the newest epoch of its profile (keyring.Ring) and
// signed by this device. A row knows the epoch, so opening takes one try. What an
// earlier release sealed is of epoch 0 until Reseal has come to it.
//
// Several programs, the tabs of a browser, may have one vault open (Turns). Each has
// all of it in memory and writes in its turn: it looks at the head first, and where
// that is not the one it knows, takes in what others have committed since, so that
// what it then decides is decided on what there is. A head is taken for a later one
// when its number is higher and its user file follows from the one that is known;
// anything else is a vault that was put back (ErrPutBack) or is another
// (ErrReplaced). A change is therefore never made twice nor merged: of two, the later
// one sees the earlier one's result, as if one person had made both.
//
// Names are random, so they say nothing but how many there are. The head pins
// keys and pages and a page pins every object, so anything changed, swapped or
// put back from an older day is noticed when it is read.
//
// A write is one Batch: new objects, the pages it touches under new names, the
// new head, and the deletion of what they replace. Opening reads head, keys and
// pages and the list of names, never the records. What has no row, because a page was
// lost or a store broke its promise, is opened once and gets its row again;
// what can not be opened is kept and reported by its name alone. Every record
// carries what a row needs in its signed header, so the rows can always be made
// again from the records.
//
// Objects of any release open for ever: see the golden files of
// crypto/envelope and testdata here.
package vault

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"potli/app/fhir"
	"potli/app/record"
	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// Errors of a vault. Those of Blobs (ErrNotFound, ErrFull, ErrGone) and of
// record (ErrDuplicate, ErrDamaged, ErrEmpty, ErrTooBig) come through as well.
var (
	// ErrExists: there is a vault already, and it is never replaced.
	ErrExists = errors.New("there is a vault here already")
	// ErrWrongKey: sealed to other keys than those given.
	ErrWrongKey = errors.New("sealed to the key of another wallet")
	// ErrVersion: written by a later release; nothing was touched.
	ErrVersion = errors.New("written by a later release")
	// ErrPutBack: the user file is older than the head says. Keys of removed
	// devices may be among those that it would seal to, so nothing is.
	ErrPutBack = errors.New("the keys were put back from an older day")
	// ErrOlder: the vault of an earlier release, or one just recovered. Before
	// anything else is written its keys have to be, with an unlock file.
	ErrOlder = errors.New("the keys have to be written first")
	// ErrReplaced: another program has erased what this vault was opened from, or put
	// another vault there, or shut this device out of it.
	ErrReplaced = errors.New("the vault was erased or replaced elsewhere")
	// ErrOnlyWords: a change that would leave no unlock file of words.
	ErrOnlyWords = errors.New("without its words a vault could be lost with a device")
)

// Crypto seals and opens; Inline does it here, the browser in a worker for large
// bodies. It is given the keys of one object and no others.
type Crypto interface {
	Seal(ctx context.Context, s *keyring.Sealer, h envelope.Header, body []byte) ([]byte, error)
	// Open's errors wrap those of keyring.Opener, wherever it runs.
	Open(ctx context.Context, o *keyring.Opener, sealed []byte, want envelope.Expect) (envelope.Header, []byte, error)
}

// Summer is a Crypto that opens elsewhere and makes the hash of what it opens there
// too: of a long index that takes as long as to read it.
type Summer interface {
	// OpenSum is Open. sum is the SHA-256 of sealed, where there is no error.
	OpenSum(ctx context.Context, o *keyring.Opener, sealed []byte, want envelope.Expect) (sum [sha256.Size]byte, body []byte, err error)
}

// Inline is Crypto on the calling goroutine.
type Inline struct{}

// Seal is keyring.Sealer's.
func (Inline) Seal(ctx context.Context, s *keyring.Sealer, h envelope.Header, body []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.Seal(h, body)
}

// Open is keyring.Opener's.
func (Inline) Open(ctx context.Context, o *keyring.Opener, sealed []byte, want envelope.Expect) (envelope.Header, []byte, error) {
	if err := ctx.Err(); err != nil {
		return envelope.Header{}, nil, err
	}
	return o.Open(sealed, want)
}

// Options of a Vault.
type Options struct {
	Blobs  Blobs
	Crypto Crypto           // nil: Inline
	Now    func() time.Time // nil: time.Now
	Rand   io.Reader        // nil: crypto/rand

	// Outline reads what an index keeps out of a record; name is the file name
	// it came with. It is asked when rows are made again, on Restore, and by Add
	// for a Meta without one. nil: outlines stay empty.
	Outline func(f record.Format, name string, body []byte) (fhir.Outline, error)
	// Turns keeps other programs that have the same Blobs open from writing at the
	// same time. nil: there are no others.
	Turns Turns
	// Edition changes when Outline has learned something: Open then asks it
	// again about every record.
	Edition int
	// Reserve is how many bytes to keep in hand for the day the disk is full: they
	// are given up so that one last small write succeeds. 0: none.
	Reserve int
}

func (o Options) filled() Options {
	if o.Crypto == nil {
		o.Crypto = Inline{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	return o
}

// Vault is an open vault. Safe for concurrent use; writes are one at a time.
type Vault struct {
	o Options

	writing sync.Mutex // held for the whole of a write
	owed    []string   // owned by writing: objects that the next commit deletes
	unkept  bool       // owned by writing: the keys are not in storage, and have to come with the first write
	unsure  bool       // owned by writing: the last commit failed in a way that may have succeeded
	reserve bool       // owned by writing: there is a reserve to give up
	mend    bool       // owned by writing: the next commit writes the keys again
	wrote   bool       // owned by writing: something was committed in this turn

	// mu guards what follows. Only the holder of writing changes it, so a writer
	// reads without mu. Never held while storage or Crypto work.
	mu      sync.RWMutex
	ring    *keyring.Ring
	now     *state
	faults  []Fault
	rebuilt bool
	older   bool           // of an earlier release, and not migrated yet
	taken   int            // how often what others wrote was taken in
	whole   int            // taken when all was read anew
	theirs  map[string]int // taken when others last changed a document, by name, since then
}

// Fault is an object that is kept but not shown.
type Fault struct{ Name, Reason string }

// Progress is told how far a long operation is: done of total. It may be nil.
// It is called often enough for a caller on a single thread to yield in it.
type Progress func(done, total int)

func (p Progress) tell(done, total int) {
	if p != nil {
		p(done, total)
	}
}

// Exists says whether there is a vault in b (its unlock file), without opening anything.
func Exists(ctx context.Context, b Blobs) (bool, error) {
	_, err := get(ctx, b, nameUnlock)
	if errors.Is(err, ErrNotFound) {
		_, err = get(ctx, b, prefixSpare+nameUnlock)
	}
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Create writes an empty vault: unlock file, keys and head in one commit. It refuses
// to replace one, or to build on records that lie there (ErrExists).
func Create(ctx context.Context, o Options, r *keyring.Ring, unlock []byte) (*Vault, error) {
	return CreateWith(ctx, o, Change{Ring: r, Unlock: map[Method][]byte{Words: unlock}})
}

// CreateWith is Create with documents, or more than one way to unlock.
func CreateWith(ctx context.Context, o Options, c Change) (*Vault, error) {
	v, end, err := fresh(ctx, o, c.Ring)
	if err != nil {
		return nil, err
	}
	defer end()
	if err := v.apply(ctx, change{}, c); err != nil {
		return nil, fmt.Errorf("creating: %w", err)
	}
	v.keepReserve(ctx)
	return v, nil
}

// fresh is a vault that is not in storage yet, in its turn to write.
func fresh(ctx context.Context, o Options, r *keyring.Ring) (v *Vault, end func(), err error) {
	v = &Vault{o: o.filled(), ring: r, now: newState(), unkept: true, theirs: make(map[string]int)}
	v.now.edition = o.Edition
	if end, err = v.turn(ctx); err != nil {
		return nil, nil, err
	}
	if err := v.vacant(ctx); err != nil {
		end()
		return nil, nil, err
	}
	return v, end, nil
}

// vacant is ErrExists where there is a vault already. What a first restore has left
// that did not come to its end is cleared away.
func (v *Vault) vacant(ctx context.Context) error {
	if err := vacant(ctx, v.o.Blobs, nameUnlock, nameHead, nameUser, prefixRecord); err != nil {
		return err
	}
	if err := clearStaged(ctx, v.o.Blobs); err != nil {
		return fmt.Errorf("looking at storage: %w", err)
	}
	return vacant(ctx, v.o.Blobs, prefixSide)
}

// vacant is ErrExists where anything lies under one of the prefixes.
func vacant(ctx context.Context, b Blobs, prefixes ...string) error {
	for _, prefix := range prefixes {
		names, err := list(ctx, b, prefix)
		if err != nil {
			return fmt.Errorf("looking at storage: %w", err)
		}
		if len(names) > 0 {
			return ErrExists
		}
	}
	return nil
}

// WalletID names the wallet. With Seq it is what a sentinel outside the
// database remembers: a vault whose Seq is lower than remembered was put back
// from an older day.
func (v *Vault) WalletID() string { return v.Ring().Wallet() }

// Seq grows with every commit.
func (v *Vault) Seq() uint64 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.now.seq
}

// Rebuilt says whether head or pages were lost, so that the index was made again
// from the objects. Its Seq then goes on from the highest that is still there.
func (v *Vault) Rebuilt() bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.rebuilt
}

// Faults lists what could not be verified: quarantined, never silent. Open finds
// what is missing or can not get its row again; a record that turns out damaged
// when it is read is added then.
func (v *Vault) Faults() []Fault {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return append([]Fault(nil), v.faults...)
}

func (v *Vault) fault(name, reason string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, f := range v.faults {
		if f.Name == name {
			return
		}
	}
	v.faults = append(v.faults, Fault{Name: name, Reason: reason})
}
