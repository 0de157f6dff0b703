package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"potli/app/record"
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
// ring that comes with it, which has to follow from the one there is: use Update
// where others may change it. Errors: ErrOnlyWords, ErrOlder, ErrPutBack,
// keyring.ErrNoProfile, ErrFull, ErrGone.
func (v *Vault) Apply(ctx context.Context, c Change) error {
	return v.Update(ctx, func(*keyring.Ring) (Change, error) { return c, nil })
}

// Update is Apply for a change that depends on what the vault holds: decide is
// called once, in the vault's turn to write, after what other programs have written
// was taken in. Nobody changes anything before its change is committed. It must not
// call the vault's writing methods, and reads documents with Peek.
func (v *Vault) Update(ctx context.Context, decide func(*keyring.Ring) (Change, error)) error {
	end, err := v.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
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
		if err := succeeds(c.Ring, ring); err != nil {
			return err
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
	for name := range c.Docs {
		if strings.HasPrefix(name, prefixOwn) {
			return errors.New("a document's name that only the vault itself uses")
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

// succeeds says whether next can take the place of a ring: nothing that is known
// is missing from it.
func succeeds(next, ring *keyring.Ring) error {
	if next.Wallet() != ring.Wallet() || next.Device() != ring.Device() {
		return ErrWrongKey
	}
	older := next.User().Follows(ring.User().Pin()) != nil
	for _, p := range ring.Profiles() {
		older = older || next.Seq(p) < ring.Seq(p)
	}
	if older {
		return ErrPutBack
	}
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
