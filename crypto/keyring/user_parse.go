package keyring

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"slices"

	"filippo.io/age"
)

// errShape stands for everything that is wrong inside a document. It never says
// what was read: that may be a secret.
var errShape = errors.New("not as it should be")

// user reads the document into a User and checks its shape: what no honest
// release writes is refused, so that the code after it can rely on it.
func (d *userDoc) user() (*User, error) {
	u := &User{id: d.User, seq: d.Seq, by: d.By, at: d.At, previous: d.Previous}
	if !validID(d.User) || d.Seq == 0 || !d.history() {
		return nil, errShape
	}
	var err error
	if u.epochs, err = d.epochs(); err != nil {
		return nil, err
	}
	if u.devices, err = d.devices(); err != nil {
		return nil, err
	}
	if d.Legacy != "" {
		if u.legacy, err = age.ParseHybridIdentity(d.Legacy); err != nil {
			return nil, errShape
		}
	}
	u.recoveries, err = d.recoveries()
	return u, err
}

// history checks the hashes of the predecessors: after a merge there are more
// of them than seq counts, never fewer, and none twice.
func (d *userDoc) history() bool {
	seen := make(map[string]bool, len(d.Previous))
	for _, h := range d.Previous {
		if len(h) != base64.RawURLEncoding.EncodedLen(32) || seen[h] {
			return false
		}
		seen[h] = true
	}
	return len(d.Previous) <= maxChanges && uint64(len(d.Previous)) >= d.Seq-1 && (d.Seq > 1 || len(d.Previous) == 0)
}

func (d *userDoc) epochs() ([]userEpoch, error) {
	if len(d.Epochs) > maxEpochs {
		return nil, errShape
	}
	list := make([]userEpoch, len(d.Epochs))
	keys := make([]epochKey, len(d.Epochs))
	for i, e := range d.Epochs {
		id, err := age.ParseHybridIdentity(e.Identity)
		if err != nil {
			return nil, errShape
		}
		signer, err := parseSigner(e.Signer)
		if err != nil || !validID(e.By) {
			return nil, errShape
		}
		keys[i] = epochKey{e.N, id, e.Displaced}
		list[i] = userEpoch{epochKey: keys[i], signer: signer, by: e.By, at: e.At}
	}
	if !inOrder(keys) || !keys[len(keys)-1].stands() || keys[0].n != 1 {
		return nil, errShape
	}
	return list, nil
}

func (e epochKey) stands() bool { return !e.displaced }

// inOrder says whether epochs are as they are kept: at least one, ascending, at
// most one that stands under a number, and first there.
func inOrder(list []epochKey) bool {
	for i, e := range list {
		if e.n < 1 || e.n > maxEpoch || i > 0 && (list[i-1].compare(e) > 0 || list[i-1].n == e.n && e.stands()) {
			return false
		}
	}
	return len(list) > 0
}

func (d *userDoc) devices() ([]Device, error) {
	if len(d.Devices) == 0 || len(d.Devices) > maxDevices {
		return nil, errShape
	}
	list := make([]Device, len(d.Devices))
	for i, v := range d.Devices {
		dev, err := v.device()
		if err != nil || slices.ContainsFunc(list[:i], func(o Device) bool { return o.ID == dev.ID }) {
			return nil, errShape
		}
		list[i] = dev
	}
	return list, nil
}

func (v *deviceDoc) device() (Device, error) {
	verifier, err := parseVerifier(v.Verifier)
	if err != nil || !validID(v.ID) || v.ID == byRecovery || !validID(v.By) || !validName(v.Name) {
		return Device{}, errShape
	}
	dev := Device{
		ID: v.ID, Name: v.Name, Verifier: verifier, Added: v.Added, By: v.By, Ended: v.Ended, EndedBy: v.EndedBy,
		key: v.Key, sig: v.Sig, endSig: v.EndSig,
	}
	if !dev.Active() {
		if v.Recipient != "" || !validID(v.EndedBy) {
			return Device{}, errShape
		}
		return dev, nil
	}
	if v.EndedBy != "" || v.EndSig != nil {
		return Device{}, errShape
	}
	dev.Recipient, err = parseRecipient(v.Recipient, v.Key)
	return dev, err
}

func (d *userDoc) recoveries() ([]recovery, error) {
	if len(d.Recovery) > maxRecoveries {
		return nil, errShape
	}
	list := make([]recovery, len(d.Recovery))
	for i, r := range d.Recovery {
		var err error
		if list[i], err = r.recovery(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (r recoveryDoc) recovery() (recovery, error) {
	out := recovery{key: r.Key, by: r.By, at: r.At, sig: r.Sig}
	if r.Key == "" && r.Verifier == "" && r.Recipient == "" {
		return out, nil
	}
	var err error
	if out.verifier, err = parseVerifier(r.Verifier); err != nil {
		return recovery{}, err
	}
	out.to, err = parseRecipient(r.Recipient, r.Key)
	return out, err
}

// parseRecipient reads a recipient and holds it against its hash, the part of
// it that is signed.
func parseRecipient(s, key string) (*age.HybridRecipient, error) {
	to, err := age.ParseHybridRecipient(s)
	if err != nil || hashOf([]byte(to.String())) != key {
		return nil, errShape
	}
	return to, nil
}

func parseSigner(s string) (ed25519.PrivateKey, error) {
	seed, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, errShape
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

func parseVerifier(s string) (ed25519.PublicKey, error) {
	key, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, errShape
	}
	return key, nil
}
