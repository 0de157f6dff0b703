package keyring

import (
	"crypto/ed25519"
	"time"

	"filippo.io/age"
)

// FromLegacy turns the keys of a wallet of an older release, where one identity
// was everything, into a ring. What becomes of the old keys, and why:
//
//   - The identity is kept in the user document as legacy, epoch 0: what it
//     sealed opens for ever. It stays there and is never given to another person:
//     it opens the records of every profile at once, and the old index.
//   - It is also the recovery key, so that the recovery text that the person has
//     on paper stays a valid kit until a new one is made.
//   - For that very reason it can not go on as the device's identity: whoever has
//     the paper would be the device, and it could not be removed. So the device
//     gets keys of its own, to be locked into new unlock files; the old unlock
//     file still opens what it is given, which is now the recovery key.
//   - The old signer goes: a second copy of these keys may lie in a backup. The
//     old device is listed as ended, with its verifier, so that what it signed
//     stays genuine.
//
// The user's epoch 1 and that of each profile are new; what is written from now
// on is sealed to them.
func FromLegacy(old *Keys, profiles []string, name string, now time.Time) (*Ring, error) {
	d, info, err := NewDevice(old.Wallet, name)
	if err != nil {
		return nil, err
	}
	u := &User{id: old.Wallet, seq: 1, by: d.Device, at: stamp(now), legacy: old.Identity}
	if err := u.enter(old.info(oldName), old.Device, old.Signer, u.at); err != nil {
		return nil, err
	}
	if err := u.enter(info, d.Device, d.Signer, u.at); err != nil {
		return nil, err
	}
	u.end(0, d)
	kit, err := publicOf(old.Identity)
	if err != nil {
		return nil, err
	}
	u.setRecovery(d, kit)
	if err := u.begin(); err != nil {
		return nil, err
	}
	if u, err = u.sign(d); err != nil {
		return nil, err
	}
	r, err := NewRing(d, u)
	if err != nil {
		return nil, err
	}
	for _, p := range profiles {
		if r, err = r.AddProfile(p); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// oldName stands for the device of a wallet from before devices had names. It is
// shown nowhere but in a file opened by hand: that device has ended.
const oldName = "before"

// RecoverUser opens the user file with the recovery key and adds this browser
// profile as a new device, with a new epoch: what is written from now on is safe
// from the devices that are removed next. The same key goes on to be the kit
// until SetRecovery makes a new one, which is due at once: this device may do
// that although it is new. Removing others it may after Probation.
//
// Errors: those of OpenUser, ErrNotForUs when kit opens the file but is not the
// recovery key in it, ErrName, ErrLimit.
func RecoverUser(file []byte, kit *age.HybridIdentity, pin Pin, name string, now time.Time) (*User, *Keys, error) {
	u, err := OpenUser(file, kit, pin)
	if err != nil {
		return nil, nil, err
	}
	r := u.recovery()
	signer, err := recoverySigner(kit)
	if err != nil {
		return nil, nil, err
	}
	if r.to == nil || !r.verifier.Equal(signer.Public().(ed25519.PublicKey)) {
		return nil, nil, ErrNotForUs
	}
	d, info, err := NewDevice(u.id, name)
	if err != nil {
		return nil, nil, err
	}
	next, err := u.successor(d, now)
	if err != nil {
		return nil, nil, err
	}
	if err := next.enter(info, byRecovery, signer, r.at); err != nil {
		return nil, nil, err
	}
	if err := next.begin(); err != nil {
		return nil, nil, err
	}
	if next, err = next.sign(d); err != nil {
		return nil, nil, err
	}
	return next, d, nil
}
