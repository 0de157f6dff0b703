package history

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"potli/app/sync"
	"potli/crypto/keyring"
)

// ErrSplit: a device that has this user's keys of before goes on without this one,
// while this one went on without it. Neither can read the other's user file, so the
// two can not be merged: what is on the one comes to the other by a backup alone.
//
//	a file that does not open, in the mailbox of the newest epoch here   ErrRemoved: only devices of the user can write there
//	the same in that of an epoch that has ended here                     ErrSplit: so can whoever was shut out when it ended
var ErrSplit = errors.New("a device was left out that goes on by itself")

// troubles are what is kept of Trouble, by a word each.
var troubles = map[string]error{
	"removed": keyring.ErrRemoved, "split": ErrSplit, "new": keyring.ErrTooNew, "rewritten": keyring.ErrRewritten, "limit": keyring.ErrLimit,
}

// known is the one of them that err is, or that the user document makes no sense.
func known(err error) error {
	for _, t := range troubles {
		if errors.Is(err, t) {
			return t
		}
	}
	return keyring.ErrRewritten
}

// troubleDoc is what is kept of it. It is of one device: a backup brings it to another.
type troubleDoc struct {
	Device string `json:"device"`
	What   string `json:"what"`
}

func troubleText(device string, t error) []byte {
	for word, err := range troubles {
		if err == t {
			b, _ := json.Marshal(troubleDoc{device, word})
			return b
		}
	}
	return nil
}

// Trouble says why the newest user file of another device was not taken, nil when
// all is well: keyring.ErrTooNew, ErrRewritten and ErrLimit have to be told to the
// person, ErrRemoved means that it no longer lists this device, ErrSplit that there
// are two now. It outlives a restart, since a letter is read once.
func (k *Keeper) Trouble(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.recallTrouble(ctx)
	return k.trouble
}

// DropTrouble forgets it: the person has been told. That this device was removed
// stays, since nothing that the person does here changes it.
func (k *Keeper) DropTrouble(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.recallTrouble(ctx)
	if k.trouble == nil || k.trouble == keyring.ErrRemoved {
		return nil
	}
	if err := k.v.PutDocs(ctx, map[string][]byte{docTrouble: nil}); err != nil {
		return err
	}
	k.trouble = nil
	return nil
}

// recallTrouble reads it, once. k.mu must be held.
func (k *Keeper) recallTrouble(ctx context.Context) {
	if k.recalled {
		return
	}
	var d troubleDoc
	b, err := k.v.Doc(ctx, docTrouble)
	if err == nil && json.Unmarshal(b, &d) == nil && d.Device == k.v.Ring().Device() {
		k.trouble = troubles[d.What]
	}
	k.recalled = true
}

// takeUser takes another device's user file where it may take the place of the one
// here, and merges the two where they were made at once.
func (k *Keeper) takeUser(ring *keyring.Ring, p sync.Parcel) *keyring.Ring {
	other, err := keyring.OpenUser(p.User, ring.Keys().Identity, keyring.Pin{})
	if errors.Is(err, keyring.ErrNotForUs) {
		if k.trouble = keyring.ErrRemoved; p.Late {
			k.trouble = ErrSplit
		}
		return ring
	}
	if err != nil {
		return ring
	}
	next, err := ring.WithUser(other, k.now())
	switch {
	case err == nil:
		k.trouble, k.forked = nil, time.Time{}
		return next
	case errors.Is(err, keyring.ErrOlder):
		return ring
	case errors.Is(err, keyring.ErrForked):
		return k.mergeUser(ring, other)
	}
	k.trouble = known(err)
	return ring
}

// mergeUser merges two user documents that were made at once. If both devices did
// so, two others would be made at once: so the one whose id is lowest does, and the
// others after a while.
func (k *Keeper) mergeUser(ring *keyring.Ring, other *keyring.User) *keyring.Ring {
	if k.forked.IsZero() {
		k.forked = k.now()
	}
	for _, d := range slices.Concat(ring.User().Devices(), other.Devices()) {
		if d.Active() && d.ID < ring.Device() && k.now().Sub(k.forked) < mergeAfter {
			return ring
		}
	}
	merged, err := keyring.Merge(ring.Keys(), ring.User(), other, k.now())
	if err == nil {
		var next *keyring.Ring
		if next, err = ring.WithUser(merged, k.now()); err == nil {
			k.trouble, k.forked = nil, time.Time{}
			return next
		}
	}
	k.trouble = known(err)
	return ring
}

// agreed says whether no user file waits to be merged.
func (k *Keeper) agreed() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.forked.IsZero()
}
