package vault

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"filippo.io/age"

	"potli/app/record"
	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// User opens the user file of the vault in b, with the identity of a device or
// of a recovery kit. Errors: ErrNotFound (no vault, or one of a release before
// there were epochs), ErrWrongKey, ErrVersion, record.ErrDamaged.
func User(ctx context.Context, b Blobs, id *age.HybridIdentity) (*keyring.User, error) {
	u, _, _, err := userOf(ctx, b, id)
	if err != nil {
		return nil, fmt.Errorf("opening the user file: %w", err)
	}
	return u, nil
}

// userOf opens either copy of the user file, the newer where both open; whole
// says that they are the same.
func userOf(ctx context.Context, b Blobs, id *age.HybridIdentity) (u *keyring.User, file []byte, whole bool, err error) {
	files, err := userFiles(ctx, b)
	if err != nil {
		return nil, nil, false, err
	}
	if whole = len(files) == 2 && slices.Equal(files[0], files[1]); whole {
		files = files[:1]
	}
	for _, f := range files {
		other, fault := keyring.OpenUser(f, id, keyring.Pin{})
		switch {
		case fault != nil && err == nil:
			err = userFault(fault)
		case fault == nil && (u == nil || other.Seq() > u.Seq()):
			u, file = other, f
		}
	}
	if u == nil {
		return nil, nil, false, err
	}
	return u, file, whole, nil
}

// userFiles reads the copies of the user file. Error: ErrNotFound for none.
func userFiles(ctx context.Context, b Blobs) (files [][]byte, err error) {
	for _, name := range []string{nameUser, prefixSpare + nameUser} {
		file, err := get(ctx, b, name)
		if err == nil {
			files = append(files, file)
		} else if !errors.Is(err, ErrNotFound) {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, ErrNotFound
	}
	return files, nil
}

// userFault says in the vault's words what is wrong with a user file.
func userFault(err error) error {
	switch {
	case errors.Is(err, keyring.ErrNotForUs):
		return ErrWrongKey
	case errors.Is(err, keyring.ErrVersion):
		return ErrVersion
	}
	return record.ErrDamaged
}

// Ring returns what a device's keys open of the vault in b, without profiles:
// Open adds those. Errors: those of User, and keyring.ErrRemoved.
func Ring(ctx context.Context, b Blobs, d *keyring.Keys) (*keyring.Ring, error) {
	u, err := User(ctx, b, d.Identity)
	if err != nil {
		return nil, err
	}
	return keyring.NewRing(d, u)
}

// Ring returns the keys that the vault works with.
func (v *Vault) Ring() *keyring.Ring {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.ring
}

// Recover opens the vault in b for a new device, with the recovery kit: the ring
// has the device and a new epoch, and nothing is written yet. Apply the ring, as
// it is or changed, with an unlock file, before anything else.
// Errors: those of User and Open.
func Recover(ctx context.Context, o Options, kit *age.HybridIdentity, device string, p Progress) (*Vault, error) {
	o = o.filled()
	_, file, _, err := userOf(ctx, o.Blobs, kit)
	if err != nil {
		return nil, fmt.Errorf("opening the user file: %w", err)
	}
	u, d, err := keyring.RecoverUser(file, kit, keyring.Pin{}, device, o.Now())
	if err != nil {
		return nil, fmt.Errorf("opening the user file: %w", userFault(err))
	}
	r, err := keyring.NewRing(d, u)
	if err != nil {
		return nil, err
	}
	v := &Vault{o: o, ring: r, now: newState(), unkept: true}
	if err := v.first(ctx, p); err != nil {
		return nil, err
	}
	return v, nil
}

// Older says whether the vault was left by a release before there were epochs.
// It can be read; before it is written it has to be migrated.
func (v *Vault) Older() bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.older
}

// KeysLost says whether a ring is there that does not open. A backup, or another
// device, may still have it.
func (v *Vault) KeysLost() bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return slices.ContainsFunc(v.now.keys, func(p pin) bool { return p.body == [sha256.Size]byte{} })
}

// sealKeys puts the user file and the rings that differ from what lies in
// storage, and returns what the head says of them. A nil ring: nothing changed.
func (v *Vault) sealKeys(ctx context.Context, ring *keyring.Ring, seq uint64, b *Batch) (keyring.Pin, []pin, error) {
	if ring == nil {
		return v.now.user, v.now.keys, nil
	}
	user := ring.User().Pin()
	if user != v.now.user {
		sealed, err := ring.User().Seal()
		if err != nil {
			return user, nil, fmt.Errorf("sealing the user file: %w", err)
		}
		b.Put[nameUser], b.Put[prefixSpare+nameUser] = sealed, sealed
	}
	epoch, _, _ := ring.Newest("")
	var pins []pin
	for _, profile := range ring.Profiles() {
		body, err := ring.Copy(profile)
		if err != nil {
			return user, nil, err
		}
		i := slices.IndexFunc(v.now.keys, func(p pin) bool { return p.Profile == profile })
		if i >= 0 && v.now.keys[i].Epoch == epoch && v.now.keys[i].body == sha256.Sum256(body) {
			pins = append(pins, v.now.keys[i])
			continue
		}
		p, err := v.sealRing(ctx, ring, profile, body, seq, b)
		if err != nil {
			return user, nil, err
		}
		pins = append(pins, p)
	}
	for _, old := range v.now.keys {
		switch {
		case slices.ContainsFunc(pins, func(p pin) bool { return p.Name == old.Name }):
		case slices.Contains(ring.Profiles(), old.Profile):
			b.Delete = append(b.Delete, old.Name, prefixSpare+old.Name)
		default: // it did not open, and may again
			pins = append(pins, old)
		}
	}
	return user, pins, nil
}

// sealRing seals the user's own copy of a profile's epochs.
func (v *Vault) sealRing(ctx context.Context, ring *keyring.Ring, profile string, body []byte, seq uint64, b *Batch) (pin, error) {
	id, err := v.newID()
	if err != nil {
		return pin{}, err
	}
	h := envelope.Header{Kind: "ring", ID: id, Seq: seq, Type: "application/json"}
	sealed, epoch, err := v.seal(ctx, ring, "", h, body)
	if err != nil {
		return pin{}, fmt.Errorf("sealing a ring: %w", err)
	}
	name := prefixRing + id
	b.Put[name], b.Put[prefixSpare+name] = sealed, sealed
	return pin{Name: name, Profile: profile, Epoch: epoch, SHA256: digest(sealed), body: sha256.Sum256(body)}, nil
}

// ringFile returns the sealed bytes of a ring. Error: record.ErrDamaged when
// neither copy is what was written.
func (v *Vault) ringFile(ctx context.Context, p pin) ([]byte, error) {
	for _, name := range []string{p.Name, prefixSpare + p.Name} {
		sealed, err := get(ctx, v.o.Blobs, name)
		if err == nil && digest(sealed) == p.SHA256 {
			return sealed, nil
		}
		if err != nil && !errors.Is(err, ErrNotFound) {
			return nil, err
		}
	}
	return nil, record.ErrDamaged
}
