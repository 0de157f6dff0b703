package keyring

import (
	"bytes"
	"crypto/ed25519"
	"maps"
	"slices"

	"filippo.io/age"
)

// Follows says whether the document is what pin remembers, or descends from it.
// Errors: ErrOlder, ErrForked.
func (u *User) Follows(pin Pin) error { return u.follows(pin) }

// Identities are what opens everything that was ever sealed to a profile, or to
// the user for "": every epoch, the newest first, and the legacy identity.
func (r *Ring) Identities(profile string) []*age.HybridIdentity {
	var list []*age.HybridIdentity
	for _, e := range slices.Backward(r.epochs(profile)) {
		list = append(list, e.id)
	}
	if r.user.legacy != nil {
		list = append(list, r.user.legacy)
	}
	return list
}

// Narrow returns an Opener with only the key that fits a sealed object, by its
// header: what may go to a worker with an object of which nothing is known. It
// costs the same tries that Open would. Where none fits, Open will say so.
func (o *Opener) Narrow(sealed []byte) *Opener {
	n := *o
	n.keys = nil
	tries := make([]age.Identity, len(o.keys))
	for i, k := range o.keys {
		tries[i] = try{k, &n.keys}
	}
	if len(tries) > 0 {
		_, _ = age.Decrypt(bytes.NewReader(sealed), tries...)
	}
	return &n
}

// try notes that its key fits.
type try struct {
	key  openerKey
	fits *[]openerKey
}

func (t try) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	b, err := t.key.id.Unwrap(stanzas)
	if err == nil {
		*t.fits = []openerKey{t.key}
	}
	return b, err
}

// Trusted are the devices of other users that the ring was told of, by id.
func (r *Ring) Trusted() map[string]ed25519.PublicKey { return maps.Clone(r.trusted) }

// Recovered says whether the device came by the recovery key.
func (d Device) Recovered() bool { return d.By == byRecovery }

// Legacy says whether the entry stands for a wallet's device from before there
// were devices, which a person does not know of.
func (d Device) Legacy() bool { return d.Name == oldName && d.First() && d.Ended.Equal(d.Added) }
