package wallet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"potli/app/history"
	"potli/app/vault"
	"potli/crypto/keyring"
	"potli/crypto/pairing"
)

// ShowLink asks for the words again, or for the passkey where they are "", and shows the code that makes another device
// one of this wallet's. When both people have said that the digits match, the
// device is on the user's list and gets every key and who the people are; records
// come by sync. Errors: those of Unlock, ErrPairOffline.
func (w *Wallet) ShowLink(ctx context.Context, words string, long bool) error {
	if err := w.authenticate(ctx, words); err != nil {
		return err
	}
	return w.startShow(ctx, Pairing{Purpose: PairLink, Long: long}, giver{meet: readNewcomer, give: w.giveKeys})
}

func readNewcomer(offer []byte) (name string, err error) {
	n, err := keyring.ParseNewcomer(offer)
	if err != nil {
		return "", pairContent(err)
	}
	return n.Name, nil
}

// pairContent says in the words of a pairing why something cannot be taken.
func pairContent(err error) error {
	if errors.Is(err, keyring.ErrVersion) {
		return ErrPairVersion
	}
	return ErrPairContent
}

// giveKeys puts the device on the list first: should what follows be lost, there is
// a device too many, which can be removed, and never one that nobody knows of.
func (w *Wallet) giveKeys(ctx context.Context, offer []byte) ([]byte, error) {
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	n, err := keyring.ParseNewcomer(offer)
	if err != nil {
		return nil, pairContent(err)
	}
	err = w.changeUser(ctx, v, func(u *keyring.User, d *keyring.Keys) (*keyring.User, error) {
		return u.AddDevice(d, n, w.d.Now())
	})
	if err != nil {
		return nil, err
	}
	// Both devices have to know everybody's history by the same beginning.
	if err := w.foundAll(ctx); err != nil {
		return nil, err
	}
	return linkedOf(ctx, v)
}

// linkedVersion is the document that a linked device is given. It is read within
// minutes, by this release or another.
const linkedVersion = "potli-linked/1"

// linked is that document. What is sealed to the user stays sealed; what is not is
// for this device alone (package pairing).
type linked struct {
	Version string                     `json:"version"`
	User    []byte                     `json:"user"`  // the user file
	Rings   []json.RawMessage          `json:"rings"` // keyring.Ring.Copy of each profile
	Docs    map[string]json.RawMessage `json:"docs"`  // of the wallet, by name: who the people are
}

// Limits of that document.
const (
	maxLinkedRings = 1 << 10
	maxLinkedDocs  = 1 << 10
)

// linkedOf writes down what v gives to another device. Photos come along as far as
// there is room.
func linkedOf(ctx context.Context, v *vault.Vault) ([]byte, error) {
	r := v.Ring()
	l := linked{Version: linkedVersion, Rings: []json.RawMessage{}, Docs: map[string]json.RawMessage{}}
	var err error
	if l.User, err = r.User().Seal(); err != nil {
		return nil, err
	}
	for _, profile := range r.Profiles() {
		ring, err := r.Copy(profile)
		if err != nil {
			return nil, err
		}
		l.Rings = append(l.Rings, ring)
	}
	for _, prefix := range []string{docPeople, docDevices, docKnown, history.Prefix} {
		if err := l.add(ctx, v, prefix); err != nil {
			return nil, err
		}
	}
	b, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	if err := l.add(ctx, v, docPhoto); err != nil {
		return nil, err
	}
	if whole, err := json.Marshal(l); err != nil || len(whole) <= pairing.MaxAnswer {
		return whole, err
	}
	return b, nil
}

// add takes in the documents whose names begin with prefix.
func (l *linked) add(ctx context.Context, v *vault.Vault, prefix string) error {
	docs, err := v.Docs(ctx, prefix)
	for name, body := range docs {
		if l.carries(name) {
			l.Docs[name] = body
		}
	}
	return err
}

// carries says whether a document of that name goes to another device.
func (*linked) carries(name string) bool {
	return name == docPeople || name == docDevices || strings.HasPrefix(name, docPhoto) || strings.HasPrefix(name, docKnown) || history.IsRoot(name)
}

// readLinked reads what linkedOf wrote. Errors: ErrPairContent, ErrPairVersion.
func readLinked(b []byte) (l linked, err error) {
	var head struct{ Version string }
	if json.Unmarshal(b, &head) != nil {
		return linked{}, ErrPairContent
	}
	if head.Version != linkedVersion {
		return linked{}, ErrPairVersion
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return linked{}, ErrPairContent
	}
	if _, err := d.Token(); err != io.EOF || len(l.Rings) > maxLinkedRings || len(l.Docs) > maxLinkedDocs {
		return linked{}, ErrPairContent
	}
	for name := range l.Docs {
		if !l.carries(name) {
			return linked{}, ErrPairContent
		}
	}
	return l, nil
}

// ring puts together what the device opens with what it was given.
func (l *linked) ring(d *keyring.Keys) (*keyring.Ring, error) {
	u, err := keyring.OpenUser(l.User, d.Identity, keyring.Pin{})
	if err != nil {
		return nil, pairContent(err)
	}
	r, err := keyring.NewRing(d.For(u.ID()), u)
	if err != nil {
		return nil, ErrPairContent
	}
	for _, ring := range l.Rings {
		if r, err = r.WithCopy(ring); err != nil {
			return nil, pairContent(err)
		}
	}
	return r, nil
}

// ReadLink makes this browser, which has no wallet yet, a device of the wallet that
// shows the code. device is what it is to be called, words are those that are to
// open it here. Errors: ErrExists, ErrWeak, ErrName, ErrPairCode, ErrPairVersion,
// ErrPairPurpose, ErrPairGone, ErrPairExpired.
func (w *Wallet) ReadLink(ctx context.Context, code, device, words string) error {
	switch phase := w.Snapshot().Phase; {
	case phase != PhaseNew && phase != PhaseCleared:
		return ErrExists
	case !w.enough(words):
		return ErrWeak
	}
	d, n, err := keyring.NewDevice("", strings.TrimSpace(device))
	if err != nil {
		return err
	}
	offer, err := n.Marshal()
	if err != nil {
		return ErrName
	}
	take := func(ctx context.Context, answer []byte) (Pairing, error) {
		return Pairing{Other: n.Name}, w.takeKeys(ctx, d, words, answer)
	}
	return w.startScan(ctx, Pairing{Purpose: PairLink}, code, offer, take)
}

func (w *Wallet) enough(words string) bool {
	_, enough := w.Strength(words)
	return enough
}

// takeKeys makes the wallet of this device, in one commit, and opens it.
func (w *Wallet) takeKeys(ctx context.Context, d *keyring.Keys, words string, answer []byte) error {
	l, err := readLinked(answer)
	if err != nil {
		return err
	}
	r, err := l.ring(d)
	if err != nil {
		return err
	}
	_, end := w.work(JobCreate, "", false)
	defer end()
	unlock, err := w.lockFile(ctx, r.Keys(), words)
	if err != nil {
		return err
	}
	c := vault.Change{Ring: r, Unlock: map[vault.Method][]byte{vault.Words: unlock}, Docs: map[string]vault.Doc{}}
	for name, body := range l.Docs {
		c.Docs[name] = vault.Doc{Body: body}
	}
	v, err := vault.CreateWith(ctx, w.kept(), c)
	if errors.Is(err, vault.ErrExists) {
		return ErrExists
	}
	if err != nil {
		return err
	}
	w.d.Host.SetSentinel("") // of a wallet that the browser has erased, perhaps this very one
	return w.opened(ctx, v, w.d.Host.Persist(ctx))
}
