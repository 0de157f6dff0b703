package vault

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"filippo.io/age"

	"potli/app/record"
	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// Method is a way to unlock, by the name its file has in storage. Each file
// wraps the same keys of this device.
type Method string

// Words is the one that is always there: a passkey can be deleted by whoever
// tidies up, and a key of the browser goes with the browser.
const (
	Words   Method = nameUnlock
	Passkey Method = "unlock-passkey"
	Quick   Method = "unlock-quick"
)

var methods = []Method{Words, Passkey, Quick}

// Change is what is done in one commit, or not at all.
type Change struct {
	Ring   *keyring.Ring     // nil: as it is
	Unlock map[Method][]byte // nil bytes remove a way to unlock
	Docs   map[string]Doc    // by name

	// Records are what another device sealed, kept as they are. One that does not
	// verify is no error: it is among the Faults afterwards. Whether its epoch was
	// still open when it was written is for the caller to judge.
	Records map[record.ID][]byte
}

// UnlockFile returns the unlock file of words of the vault in b, or ErrNotFound.
// It lies there twice; where the two differ, one of them was damaged and there is
// no telling which, so other is the second one, else nil.
func UnlockFile(ctx context.Context, b Blobs) (file, other []byte, err error) {
	file, err = get(ctx, b, nameUnlock)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, nil, err
	}
	spare, errSpare := get(ctx, b, prefixSpare+nameUnlock)
	switch {
	case errSpare != nil:
		return file, nil, err
	case err != nil:
		return spare, nil, nil
	case slices.Equal(file, spare):
		return file, nil, nil
	}
	return file, spare, nil
}

// UnlockFiles returns the unlock files of every method that is set up.
func UnlockFiles(ctx context.Context, b Blobs) (map[Method][]byte, error) {
	files := make(map[Method][]byte)
	for _, m := range methods {
		file, err := get(ctx, b, string(m))
		if m == Words && errors.Is(err, ErrNotFound) {
			file, err = get(ctx, b, prefixSpare+nameUnlock)
		}
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		files[m] = file
	}
	return files, nil
}

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

// SetRing commits other keys than before: user and ring files that changed, and
// a head that names them.
func (v *Vault) SetRing(ctx context.Context, r *keyring.Ring) error {
	return v.Apply(ctx, Change{Ring: r})
}

// SetUnlockFile puts the file of a way to unlock, or takes it away where file is
// nil. Error: ErrOnlyWords.
func (v *Vault) SetUnlockFile(ctx context.Context, m Method, file []byte) error {
	return v.Apply(ctx, Change{Unlock: map[Method][]byte{m: file}})
}

// Migrate writes the vault of an earlier release under r, in one commit: unlock
// file, user and ring files, index and head. Records stay as they are, of epoch
// 0, until Reseal. Whatever stops it, the vault is the old one or the new one.
func (v *Vault) Migrate(ctx context.Context, r *keyring.Ring, unlock []byte) error {
	return v.Apply(ctx, Change{Ring: r, Unlock: map[Method][]byte{Words: unlock}})
}

// Apply carries out a change. Documents are sealed to the newest epochs of the
// ring that comes with it. Errors: ErrOnlyWords, ErrOlder, keyring.ErrNoProfile,
// ErrFull, ErrGone.
func (v *Vault) Apply(ctx context.Context, c Change) error {
	return v.Update(ctx, func(*keyring.Ring) (Change, error) { return c, nil })
}

// Update is Apply for a change that depends on the keys as they are: nobody else
// changes them meanwhile. decide must not call the vault's writing methods.
func (v *Vault) Update(ctx context.Context, decide func(*keyring.Ring) (Change, error)) error {
	v.writing.Lock()
	defer v.writing.Unlock()
	if err := v.settle(ctx); err != nil {
		return err
	}
	c, err := decide(v.ring)
	if err != nil {
		return err
	}
	return v.apply(ctx, change{}, c)
}

// apply carries out c beside what is in ch already. v.writing must be held.
func (v *Vault) apply(ctx context.Context, ch change, c Change) error {
	ring := v.ring
	if c.Ring != nil {
		if c.Ring.Wallet() != ring.Wallet() || c.Ring.Device() != ring.Device() {
			return ErrWrongKey
		}
		ring, ch.ring = c.Ring, c.Ring
	}
	if err := ch.unlock(c.Unlock); err != nil {
		return err
	}
	if v.unkept {
		if c.Ring == nil || len(c.Unlock[Words]) == 0 {
			return ErrOlder
		}
		if v.older {
			ch.del = append(ch.del, nameDevice)
		}
	}
	if err := v.putDocs(ctx, &ch, ring, c.Docs); err != nil {
		return err
	}
	if err := v.take(ctx, &ch, ring, c.Records); err != nil {
		return err
	}
	if c.Ring != nil {
		if err := v.trusting(ctx, &ch, ring); err != nil {
			return err
		}
		if err := v.retry(ctx, &ch, ring); err != nil {
			return err
		}
	}
	if ch.empty() {
		v.note(ch.faults)
		return nil
	}
	if err := v.commit(ctx, ch); err != nil {
		return err
	}
	v.heal(slices.Concat(ch.drop, ch.add))
	v.note(ch.faults)
	return nil
}

// note adds faults.
func (v *Vault) note(faults []Fault) {
	for _, f := range faults {
		v.fault(f.Name, f.Reason)
	}
}

// unlock enters unlock files.
func (c *change) unlock(files map[Method][]byte) error {
	for m, file := range files {
		switch {
		case !slices.Contains(methods, m):
			return fmt.Errorf("no way to unlock: %q", string(m))
		case m == Words && len(file) == 0:
			return ErrOnlyWords
		case len(file) == 0:
			c.del = append(c.del, string(m))
		case m == Words:
			c.set(prefixSpare+nameUnlock, file)
			fallthrough
		default:
			c.set(string(m), file)
		}
	}
	return nil
}

// set enters an object without a row.
func (c *change) set(name string, body []byte) {
	if c.put == nil {
		c.put = make(map[string][]byte)
	}
	c.put[name] = body
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

// user takes the user file of storage in. It may be newer than what the vault was
// given: a commit of ours of which no answer came. After a recovery the keys are
// those of a new device, and come from that very file.
func (l *loading) user(ctx context.Context) error {
	u, _, whole, err := userOf(ctx, l.v.o.Blobs, l.ring.Keys().Identity)
	switch {
	case errors.Is(err, ErrNotFound):
		l.older = true
		return nil
	case errors.Is(err, ErrWrongKey) && l.v.unkept && !l.v.older:
		return nil
	case err != nil:
		return err
	}
	l.v.unkept = false
	if u.Pin() != l.ring.User().Pin() {
		if l.ring, err = l.ring.WithUser(u, l.v.o.Now()); err != nil {
			return err
		}
	}
	if l.s.user = u.Pin(); !whole {
		l.s.user = keyring.Pin{} // so that both copies are written again
		l.mend = true
	}
	return nil
}

// rings takes in the profiles' epochs. Those that the head does not name are
// taken where there is no head.
func (l *loading) rings(ctx context.Context, pins []pin) error {
	if l.older {
		return nil
	}
	if !l.intact {
		var err error
		if pins, err = l.unpinned(ctx); err != nil {
			return err
		}
	}
	for _, p := range pins {
		body, whole, err := l.ringBody(ctx, &p)
		if err != nil {
			return err
		}
		if body == nil {
			l.s.keys = append(l.s.keys, p) // as long as it is named, nothing takes it away
			continue
		}
		next, err := l.ring.WithCopy(body)
		if errors.Is(err, keyring.ErrVersion) {
			return ErrVersion
		}
		if err != nil {
			l.fault(p.Name, ReasonDamaged)
			l.s.keys = append(l.s.keys, p)
			continue
		}
		l.ring = next
		if !l.intact || !whole { // sealed anew, under another name
			l.mend = true
			l.litter = append(l.litter, p.Name, prefixSpare+p.Name)
			continue
		}
		p.body = sha256.Sum256(body)
		l.s.keys = append(l.s.keys, p)
	}
	return nil
}

// unpinned are all rings in storage.
func (l *loading) unpinned(ctx context.Context) ([]pin, error) {
	names, err := list(ctx, l.v.o.Blobs, prefixRing)
	if err != nil {
		return nil, err
	}
	spares, err := list(ctx, l.v.o.Blobs, prefixSpare+prefixRing)
	if err != nil {
		return nil, err
	}
	for _, name := range spares {
		names = append(names, strings.TrimPrefix(name, prefixSpare))
	}
	slices.Sort(names)
	var pins []pin
	for _, name := range slices.Compact(names) {
		pins = append(pins, pin{Name: name})
	}
	return pins, nil
}

// ringBody opens either copy of a ring; whole says that both are there and the
// same. One that does not open is a fault, and body is nil.
func (l *loading) ringBody(ctx context.Context, p *pin) (body []byte, whole bool, err error) {
	reason := ReasonMissing
	var copies []string
	for _, name := range []string{p.Name, prefixSpare + p.Name} {
		sealed, err := get(ctx, l.v.o.Blobs, name)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, false, err
		}
		sum := digest(sealed)
		if copies = append(copies, sum); body != nil {
			break
		}
		if p.SHA256 != "" && sum != p.SHA256 {
			reason = ReasonDamaged
			continue
		}
		x := envelope.Expect{Kind: "ring", ID: strings.TrimPrefix(p.Name, prefixRing)}
		if _, body, err = l.v.o.Crypto.Open(ctx, l.ring.Opener(""), sealed, x); err != nil {
			if reason, err = reasonOf(err); err != nil {
				return nil, false, err
			}
		}
	}
	switch {
	case body != nil:
		return body, len(copies) == 2 && copies[0] == copies[1], nil
	case l.foreign && reason == ReasonForeign:
		return nil, false, ErrPutBack // neither the head nor the rings are to be opened
	}
	l.fault(p.Name, reason)
	return nil, false, nil
}
