package history

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"filippo.io/age"

	"potli/app/family"
	"potli/crypto/chain"
	"potli/crypto/keyring"
)

// An epoch reaches members inside an operation, as one age file to the newest
// recipients of each: the plaintext is a file of identities, a line each, that the
// stock age tool takes with -i.

// sealSecrets returns such a file.
func sealSecrets(secrets []*age.HybridIdentity, to []family.Member) ([]byte, error) {
	var recipients []age.Recipient
	for _, m := range to {
		if m.Public != nil {
			recipients = append(recipients, m.Public.Recipient)
		}
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, recipients...)
	if err != nil {
		return nil, err
	}
	for _, s := range secrets {
		if _, err := io.WriteString(w, s.String()+"\n"); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// openSecrets returns what is in one, none when it is not for these keys.
func openSecrets(sealed []byte, with []age.Identity) (secrets []*age.HybridIdentity) {
	if len(with) == 0 {
		return nil
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), with...)
	if err != nil {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(r, int64(len(sealed))))
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		id, err := age.ParseHybridIdentity(strings.TrimSpace(line))
		if err != nil {
			return nil
		}
		secrets = append(secrets, id)
	}
	return secrets
}

// hashOf is what an operation calls an epoch by.
func hashOf(id *age.HybridIdentity) chain.Hash { return sha256.Sum256([]byte(id.Recipient().String())) }

// own are the user's own keys, with which others seal to them: also those that lost
// against another, when two devices made one at once. Others sealed to them meanwhile.
func own(r *keyring.Ring) (ids []age.Identity) {
	for _, id := range r.Identities("") {
		ids = append(ids, id)
	}
	return ids
}

// held is a secret of the ring.
type held struct {
	n  int
	id *age.HybridIdentity
}

// allOf are all secrets that the ring holds of a profile, displaced ones too. The
// copy is the one place where the ring tells of those.
func allOf(r *keyring.Ring, profile string) (list []held) {
	b, err := r.Copy(profile)
	if err != nil {
		return nil
	}
	var d struct {
		Epochs []struct {
			N        int    `json:"n"`
			Identity string `json:"identity"`
		} `json:"epochs"`
	}
	if json.Unmarshal(b, &d) != nil {
		return nil
	}
	for _, e := range d.Epochs {
		if id, err := age.ParseHybridIdentity(e.Identity); err == nil {
			list = append(list, held{e.N, id})
		}
	}
	return list
}

// learn brings the ring in line with the history: epochs that were sealed to this
// user, which of them stand, and whose devices there are.
func (t *turn) learn() error {
	b, s := t.b, t.b.h.State()
	if n := t.ring.User().Epoch(); n != b.user { // what did not open may now
		b.user = n
		clear(b.looked)
	}
	for _, e := range b.h.Log().Entries() {
		if !b.looked[e.Hash()] {
			b.looked[e.Hash()] = true
			b.open(e, t.ring)
		}
	}
	for _, h := range allOf(t.ring, string(b.profile)) {
		b.secrets[hashOf(h.id)] = h.id
	}
	for _, ep := range s.Epochs {
		id := b.secrets[ep.Recipient]
		if id == nil {
			continue
		}
		var next *keyring.Ring
		var err error
		if ep.Stands && ep.Void == "" {
			next, err = t.ring.Settle(string(b.profile), ep.N, id)
		} else {
			next, err = t.ring.Displace(string(b.profile), ep.N, id)
		}
		if errors.Is(err, keyring.ErrEpoch) {
			continue // it is in its place, or nobody can put it there
		}
		if err != nil {
			return err
		}
		t.ring = next
	}
	return t.trust(s)
}

// open looks for secrets in an operation.
func (b *book) open(e *chain.Entry, r *keyring.Ring) {
	a, err := family.Decode(family.Kind(e.Kind), e.Body)
	if err != nil {
		return
	}
	var sealed []byte
	switch a := a.(type) {
	case *family.Epoch:
		if slices.ContainsFunc(a.To, func(w family.Whom) bool { return w.User == r.Wallet() }) {
			sealed = a.Sealed
		}
	case *family.Grant:
		if a.To.User == r.Wallet() {
			sealed = a.Sealed
		}
	}
	if sealed == nil {
		return
	}
	for _, id := range openSecrets(sealed, own(r)) {
		b.secrets[hashOf(id)] = id
	}
}

// trust tells the ring of the devices of everybody who is or was a member, so that
// what they signed can be read.
func (t *turn) trust(s *family.State) error {
	void := map[chain.Hash]bool{}
	for _, v := range s.Void {
		void[v.Entry] = true
	}
	for _, e := range t.b.h.Log().Entries() {
		if void[e.Hash()] {
			continue
		}
		var raw []byte
		switch a, _ := family.Decode(family.Kind(e.Kind), e.Body); a := a.(type) {
		case *family.Found:
			raw = a.Public
		case *family.Add:
			raw = a.Public
		case *family.Devices:
			raw = a.Public
		default:
			continue
		}
		public, err := keyring.ParsePublic(raw)
		if err != nil || public.ID == t.ring.Wallet() {
			continue
		}
		for _, d := range public.Devices {
			next, err := t.ring.Trust(d.ID, d.Verifier)
			if errors.Is(err, keyring.ErrDevice) {
				continue // somebody gave their device the name of another's: it is not believed
			}
			if err != nil {
				return err
			}
			t.ring = next
		}
	}
	return nil
}
