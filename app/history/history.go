// Package history keeps, in the vault, the histories that all who care for a
// person write together, and brings them and the rest of the vault in line. It is
// the Store of package sync.
//
//	wallet ── Found, Write, Invite, Join, Tidy ──▶ Keeper ◀── View, Entries, Keep … ── sync
//	                                                 │
//	                  family.History (what it means) ┤ crypto/chain (what was written)
//	                                                 ▼
//	                          vault: one commit for entries, keys and records
//
// What it keeps there, as documents under the user's own key:
//
//	history/<profile>/root      the beginning by which the history is known
//	history/<profile>/000001    entries one after the other, as they came, some 64 KiB of them
//	history/<profile>/refused   records that were named and are not genuine, and why
//	sync/<profile>              the notes of package sync
//	part/<id>/<of>/<at>         of a record that is too large for one frame, until it is whole
//
// What is written into a history and what is in the vault can differ: a program
// ends between the two, a device adds records while it is alone, keys are rolled
// because a phone was lost. Tidy finds the difference and writes what is missing,
// so nothing that changes the vault has to know of histories, but for what takes
// something away from others: Delete and Remove are said before they are done.
//
// A sealed record counts when an operation of somebody who might write names it
// with the hash of its bytes (family.State.Accepts) and when it opens with a key of
// this very person. What was named and is something else is refused for good.
package history

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	stdsync "sync"
	"time"

	"filippo.io/age"

	"potli/app/family"
	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/chain"
	"potli/crypto/keyring"
)

// Errors of a Keeper. Those of family, chain and the vault come through as well.
var (
	// ErrNone: there is no history of this person here.
	ErrNone = errors.New("no history of this person")
	// ErrInvitation: not an invitation, or one of a later release.
	ErrInvitation = errors.New("not an invitation")
	// ErrKnown: this wallet has another history of the person.
	ErrKnown = errors.New("another history of this person is known")
)

const (
	Prefix      = "history/" // of the documents that are a history
	prefixNotes = "sync/"
	prefixPart  = "part/"
	rootVersion = "potli-root/1"
	segment     = 64 << 10
)

// Keeper has the histories of an open vault. Safe for concurrent use.
type Keeper struct {
	v     *vault.Vault
	now   func() time.Time
	clock func() family.Clock

	mu    stdsync.Mutex // held for the whole of a method, but never while the network works
	books map[record.ProfileID]*book
	parts pieces // nil until they are looked for

	trouble  error     // with another device's user file
	recalled bool      // it was read
	forked   time.Time // since when another device has made a user file at once with this one
}

// Open returns the keeper of a vault's histories. clock is what this device
// remembers of the time (family.Clock); nil: nothing.
func Open(v *vault.Vault, now func() time.Time, clock func() family.Clock) *Keeper {
	if clock == nil {
		clock = func() family.Clock { return family.Clock{} }
	}
	return &Keeper{v: v, now: now, clock: clock, books: map[record.ProfileID]*book{}}
}

// book is one history in memory, as it is in the vault.
type book struct {
	profile record.ProfileID
	h       *family.History
	pages   int    // documents with entries
	last    []byte // what is in the last one

	refused map[record.ID]string
	aside   map[record.ID][]byte               // records that no operation names yet
	weight  int                                // of them
	secrets map[chain.Hash]*age.HybridIdentity // epochs that were opened, by the hash of their recipient
	looked  map[chain.Hash]bool                // operations whose secrets were looked for
	user    int                                // the user's epoch when that was
	held    *keyring.Ring                      // whose epochs are among the secrets
	invited int                                // the epoch with which this user was let in last

	tidied   uint64 // Seq of the vault when all was in line
	tidiedAt time.Time
	taken    int // what other tabs had written of it when it was read (vault.TakenOf)
}

// root is the document that a history is known by.
type root struct {
	Version string     `json:"version"`
	Root    chain.Hash `json:"root"`
	Invited int        `json:"invited,omitempty"` // the epoch that was handed over last
}

// book returns the history of a person. Error: ErrNone.
func (k *Keeper) book(ctx context.Context, profile record.ProfileID) (*book, error) {
	old := k.books[profile]
	if old != nil && old.taken == k.taken(profile) {
		return old, nil
	}
	b, err := k.load(ctx, profile, k.v.Docs)
	if err != nil {
		delete(k.books, profile)
		return nil, err
	}
	b.follow(old)
	k.books[profile] = b
	return b, nil
}

// taken grows when another tab has written something of a person's history.
func (k *Keeper) taken(profile record.ProfileID) int {
	return k.v.TakenOf(Prefix + string(profile) + "/")
}

// follow takes over what only memory has of the book as it was before.
func (b *book) follow(old *book) {
	if old != nil {
		b.aside, b.weight = old.aside, old.weight
	}
}

// load reads the history of a person. Error: ErrNone.
func (k *Keeper) load(ctx context.Context, profile record.ProfileID, read func(context.Context, string) (map[string][]byte, error)) (*book, error) {
	taken := k.taken(profile)
	docs, err := read(ctx, Prefix+string(profile)+"/")
	if err != nil {
		return nil, fmt.Errorf("reading a history: %w", err)
	}
	var r root
	name := func(what string) string { return Prefix + string(profile) + "/" + what }
	if body := docs[name("root")]; body == nil || json.Unmarshal(body, &r) != nil || r.Version != rootVersion {
		return nil, ErrNone
	}
	b := newBook(profile, r.Root)
	b.invited, b.taken = r.Invited, taken
	for b.pages = 0; docs[page(profile, b.pages+1)] != nil; b.pages++ {
		b.last = docs[page(profile, b.pages+1)]
		if err := b.read(b.last); err != nil {
			return nil, fmt.Errorf("reading a history: %w", err)
		}
	}
	if body := docs[name("refused")]; body != nil {
		_ = json.Unmarshal(body, &b.refused) // unreadable: they are asked for, and refused again
	}
	return b, nil
}

func newBook(profile record.ProfileID, root chain.Hash) *book {
	return &book{
		profile: profile, h: family.Open(chain.NewLog(string(profile), root)), refused: map[record.ID]string{},
		aside: map[record.ID][]byte{}, secrets: map[chain.Hash]*age.HybridIdentity{}, looked: map[chain.Hash]bool{},
	}
}

func page(profile record.ProfileID, n int) string {
	return fmt.Sprintf("%s%s/%06d", Prefix, profile, n)
}

// read takes in the entries of a page. What the log does not take it would not
// have taken when it came.
func (b *book) read(entries []byte) error {
	for len(entries) > 0 {
		e, rest, err := chain.Next(entries)
		if err != nil {
			return err
		}
		_, _ = b.h.Add(e)
		entries = rest
	}
	return nil
}

// State is what a person's history means. Error: ErrNone.
func (k *Keeper) State(ctx context.Context, profile record.ProfileID) (*family.State, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	b, err := k.book(ctx, profile)
	if err != nil {
		return nil, err
	}
	if b.h.Log().Len() == 0 {
		return nil, ErrNone
	}
	return b.h.State(), nil
}

// turn is one change of a history, and of what goes with it.
type turn struct {
	b       *book
	ring    *keyring.Ring
	docs    map[string]vault.Doc
	records map[record.ID][]byte
	by      family.Author
	now     time.Time
}

// change carries out a change in one commit, of the history as it is in the vault: when
// another tab has written in it since b was read, b is read again first. When it fails,
// memory is what is in the vault again.
func (k *Keeper) change(ctx context.Context, b *book, do func(*turn) error) error {
	k.books[b.profile] = b
	err := k.v.Update(ctx, func(r *keyring.Ring) (vault.Change, error) {
		if err := k.renewed(ctx, b); err != nil {
			return vault.Change{}, err
		}
		t := &turn{
			b: b, ring: r, docs: map[string]vault.Doc{}, records: map[record.ID][]byte{}, now: k.now(),
			by: family.Author{User: r.Wallet(), Device: r.Device(), Signer: r.Signer()},
		}
		if err := do(t); err != nil {
			return vault.Change{}, err
		}
		c := vault.Change{Docs: t.docs, Records: t.records}
		if t.ring != r {
			c.Ring = t.ring
		}
		return c, nil
	})
	if err != nil {
		delete(k.books, b.profile)
	}
	return err
}

// renewed makes b what the vault says, where another tab has written. It is the vault's
// turn to write.
func (k *Keeper) renewed(ctx context.Context, b *book) error {
	taken := k.taken(b.profile)
	if b.taken == taken {
		return nil
	}
	fresh, err := k.load(ctx, b.profile, k.v.PeekAll)
	switch {
	case errors.Is(err, ErrNone): // it is just being made, or was erased
		b.taken = taken
		return nil
	case err != nil:
		return err
	}
	fresh.follow(b)
	*b = *fresh
	return nil
}

// put enters a document of the history.
func (t *turn) put(name string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	t.docs[Prefix+string(t.b.profile)+"/"+name] = vault.Doc{Body: body}
	return nil
}

// keep enters an entry that the log has taken.
func (t *turn) keep(e *chain.Entry) {
	b := t.b
	if b.pages == 0 || len(b.last)+len(e.Bytes()) > segment {
		b.pages, b.last = b.pages+1, nil
	}
	b.last = slices.Concat(b.last, e.Bytes())
	t.docs[page(b.profile, b.pages)] = vault.Doc{Body: b.last}
}

// write signs an operation and enters it. Errors: those of family.History.Write.
func (t *turn) write(a family.Act) (*chain.Entry, error) {
	e, err := t.b.h.Write(t.by, a, t.now)
	if err != nil {
		return nil, err
	}
	t.keep(e)
	return e, nil
}

// Write says something in a person's history: what a member wants to do. What would
// have no effect is not written, for the reasons of package family. ErrNone.
func (k *Keeper) Write(ctx context.Context, profile record.ProfileID, acts ...family.Act) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	b, err := k.book(ctx, profile)
	if err != nil {
		return err
	}
	return k.change(ctx, b, func(t *turn) error {
		for _, a := range acts {
			if _, err := t.write(a); err != nil {
				return err
			}
		}
		return t.tidy(k)
	})
}
