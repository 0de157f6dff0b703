package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"potli/app/vault"
	"potli/crypto/passkey"
	"potli/crypto/quick"
)

// Method is a kind of way to unlock the wallet on this device. Each wraps the
// same keys in an unlock file of its own, and words are always one of them:
// people delete passkeys unaware, and browsers erase keys.
type Method string

const (
	MethodWords   Method = "words"
	MethodPasskey Method = "passkey" // a fingerprint, a face, a hardware key
	MethodQuick   Method = "quick"   // no question at all: see package quick
)

// Way is one way in beside the words.
type Way struct {
	Method Method
	Added  time.Time
}

// Passkeys is what the browser does for a passkey. Both prompts open only while
// a gesture is fresh: nothing is waited for before them.
type Passkeys interface {
	passkey.Evaluator
	// Available says whether one is worth offering; only a prompt tells for certain.
	Available(ctx context.Context) bool
	// Register makes a passkey under a name for the browser's own list. It cannot
	// be told yet whether it unlocks. Errors: ErrNoPasskey, ErrPrompt, those of ctx.
	Register(ctx context.Context, name string) (passkey.Credential, error)
	// Forget takes one that is of no use any more off that list, where that is
	// possible. It does not fail.
	Forget(ctx context.Context, c passkey.Credential)
}

// QuickKeys is where the browser keeps the secret of quick unlock, under a key
// that it never hands out.
type QuickKeys interface {
	// Create keeps secret in place of what was there. When it returns nil it
	// survives a crash. Error: ErrNoQuick.
	Create(ctx context.Context, secret []byte) error
	// Open returns it without asking anybody. Error: quick.ErrNoKey.
	Open(ctx context.Context) ([]byte, error)
	// Forget removes it for good. It is no error that there was none.
	Forget(ctx context.Context) error
}

// Errors of unlocking without words.
var (
	// ErrNoPasskey: this browser, or this kind of passkey, cannot unlock.
	ErrNoPasskey = passkey.ErrNoPRF
	// ErrPrompt: the browser's prompt was closed, or the passkey is gone; browsers
	// do not tell which.
	ErrPrompt = passkey.ErrCancelled
	// ErrOtherSite: the passkey was made under another host name.
	ErrOtherSite = passkey.ErrElsewhere
	// ErrNoQuick: this browser cannot keep a key, or no longer has it.
	ErrNoQuick = quick.ErrNoKey
	// ErrStale: this way opens the wallet no more. The words do.
	ErrStale = errors.New("this way to unlock opens the wallet no more")
	// ErrNoWay: there is no such way.
	ErrNoWay = errors.New("no such way to unlock")
	// ErrLastWay: words are never removed.
	ErrLastWay = errors.New("the words always stay a way in")
	// ErrProve: Prove comes first.
	ErrProve = errors.New("the words are asked for first")
	// ErrAgain: the passkey is made and did not answer yet. The same call once more
	// finishes it, and makes no other.
	ErrAgain = errors.New("the passkey is made: once more to finish")
)

// Unlock files and what is said of them, beside the vault's own "unlock". They
// stay on this device: no backup holds them.
const (
	blobWays    = "unlock-methods"
	blobPasskey = string(vault.Passkey)
	blobQuick   = string(vault.Quick)
)

const waysVersion = "potli-methods/1"

// ways is the object "unlock-methods": plain, since it is read before anything
// is unlocked. It says how this device is unlocked and nothing about records.
type ways struct {
	Version string      `json:"version"`
	Passkey *passkeyWay `json:"passkey,omitempty"`
	Quick   *quickWay   `json:"quick,omitempty"`
}

type passkeyWay struct {
	Identity string    `json:"identity"` // AGE-PLUGIN-FIDO2PRF-1…
	Added    time.Time `json:"added"`

	credential passkey.Credential
	file       []byte
}

type quickWay struct {
	Added time.Time `json:"added"`

	file []byte
}

// unlocking is what the wallet knows of ways in. It is read at the start, so
// that a click can prompt at once.
type unlocking struct {
	ways
	proved  time.Time           // when the words were last given to Prove
	pending *passkey.Credential // made, and nothing is sealed to it yet
}

// proofLasts is how long ways can be added after the words were given.
const proofLasts = 5 * time.Minute

// RemoveMethod takes a way in away; the others stay. Errors: ErrLastWay for words,
// ErrNoWay, ErrLocked, those of storage.
func (w *Wallet) RemoveMethod(ctx context.Context, m Method) error {
	if _, err := w.open(); err != nil {
		return err
	}
	switch m {
	case MethodPasskey:
		old, err := w.setWays(ctx, vault.Batch{Delete: []string{blobPasskey}}, func(s *ways) { s.Passkey = nil })
		if err == nil && old.Passkey != nil && w.d.Passkeys != nil {
			w.d.Passkeys.Forget(ctx, old.Passkey.credential)
		}
		return err
	case MethodQuick:
		if err := w.dropQuick(ctx); err != nil {
			return err
		}
		return w.forgetQuick(ctx)
	case MethodWords:
		return ErrLastWay
	}
	return ErrNoWay
}

func (w *Wallet) dropQuick(ctx context.Context) error {
	_, err := w.setWays(ctx, vault.Batch{Delete: []string{blobQuick}}, func(s *ways) { s.Quick = nil })
	return err
}

func (w *Wallet) forgetQuick(ctx context.Context) error {
	if w.d.QuickKeys == nil {
		return nil
	}
	return w.d.QuickKeys.Forget(ctx)
}

// forgetWays is for when the wallet is erased: what lies outside its storage goes
// as well.
func (w *Wallet) forgetWays(ctx context.Context) error {
	w.mu.Lock()
	old := w.unlocking
	w.unlocking = unlocking{}
	w.mu.Unlock()
	if old.Passkey != nil && w.d.Passkeys != nil {
		w.d.Passkeys.Forget(ctx, old.Passkey.credential)
	}
	return w.forgetQuick(ctx)
}

// setWays changes what is said of the ways in, in one commit with their files,
// and publishes it. It returns what there was.
func (w *Wallet) setWays(ctx context.Context, b vault.Batch, change func(*ways)) (old ways, err error) {
	w.changing.Lock()
	defer w.changing.Unlock()
	w.mu.Lock()
	old = w.unlocking.ways
	w.mu.Unlock()
	next := old
	next.Version = waysVersion
	change(&next)
	said, err := json.Marshal(next)
	if err != nil {
		return old, err
	}
	if b.Put == nil {
		b.Put = map[string][]byte{}
	}
	b.Put[blobWays] = said
	if err := w.d.Blobs.Commit(ctx, b); err != nil {
		return old, err
	}
	w.mu.Lock()
	w.unlocking.ways = next
	w.mu.Unlock()
	w.publish(func(s *Snapshot) { s.Ways = next.list() })
	return old, nil
}

// loadWays reads what can unlock the wallet in storage: at the start, and again
// when it has opened, since a rescue takes ways away. What cannot be read is as if
// it were not there: the words remain. A proof given before counts no more.
func (w *Wallet) loadWays(ctx context.Context) []Way {
	var s ways
	said, err := w.d.Blobs.Get(ctx, blobWays)
	if err != nil || json.Unmarshal(said, &s) != nil || s.Version != waysVersion {
		s = ways{}
	}
	if s.Passkey != nil && !w.loadPasskey(ctx, s.Passkey) {
		s.Passkey = nil
	}
	if s.Quick != nil {
		if s.Quick.file, err = w.d.Blobs.Get(ctx, blobQuick); err != nil {
			s.Quick = nil
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unlocking = unlocking{ways: s}
	return s.list()
}

func (w *Wallet) loadPasskey(ctx context.Context, p *passkeyWay) bool {
	c, err := passkey.Parse(p.Identity)
	if err != nil {
		return false
	}
	file, err := w.d.Blobs.Get(ctx, blobPasskey)
	p.credential, p.file = c, file
	return err == nil
}

// list is for the pages, the way that asks least first.
func (s ways) list() (list []Way) {
	if s.Quick != nil {
		list = append(list, Way{MethodQuick, s.Quick.Added})
	}
	if s.Passkey != nil {
		list = append(list, Way{MethodPasskey, s.Passkey.Added})
	}
	return list
}
