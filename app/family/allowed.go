package family

import (
	"crypto/ed25519"
	"time"

	"potli/crypto/chain"
)

// Allowed says whether a user may do something now, with all that is known here:
// nil, or the reason that would make it void. It is for the user on any device;
// Write asks for the device too.
func (s *State) Allowed(user string, a Act, now time.Time) error {
	return s.allowed(draft(user, "", "", a, now))
}

// draft is an operation that knows everything, read as it would be by others.
func draft(user, device, key string, a Act, now time.Time) *op {
	o := &op{at: atEnd, user: user, device: device, key: key, time: now, act: a, fault: ErrBody}
	if a.fits() {
		o.public, o.fault = publicOf(a)
	}
	return o
}

func (s *State) allowed(o *op) error {
	o.index = len(s.fold.line)
	cuts, err := s.fold.judge(o)
	if err != nil {
		return err
	}
	if len(cuts) == 1 && cuts[0].kind == cutMember && s.onlyOwner(cuts[0].user) {
		return ErrLastOwner
	}
	return nil
}

func (s *State) onlyOwner(user string) bool {
	for _, m := range s.Members {
		if m.Role == Owner && m.User != user {
			return false
		}
	}
	m, ok := s.Member(user)
	return ok && m.Role == Owner
}

// Author is who writes: a member, on one of their devices.
type Author struct {
	User   string
	Device string
	Signer ed25519.PrivateKey
}

// Begin signs the first entry of a history, and with it names the profile's root.
func Begin(profile string, by Author, a *Found, now time.Time) (*History, *chain.Entry, error) {
	e, err := sign(chain.Draft{Profile: profile, N: 1}, by, a, now)
	if err != nil {
		return nil, nil, err
	}
	h := Open(chain.NewLog(profile, e.Hash()))
	if _, err := h.Add(e); err != nil {
		return nil, nil, err
	}
	for _, v := range h.State().Void {
		return nil, nil, v.Why
	}
	return h, e, nil
}

// Write signs an operation and adds it. What would be void is not written. Errors:
// the reasons of this package, ErrLater when the history is of a later release, and
// those of chain.
func (h *History) Write(by Author, a Act, now time.Time) (*chain.Entry, error) {
	s := h.State()
	if s.Later() {
		return nil, ErrLater
	}
	key := by.Signer.Public().(ed25519.PublicKey)
	if err := s.allowed(draft(by.User, by.Device, string(key), a, now)); err != nil {
		return nil, err
	}
	e, err := sign(h.log.Draft(key), by, a, now)
	if err != nil {
		return nil, err
	}
	if _, err := h.Add(e); err != nil {
		return nil, err
	}
	return e, nil
}

func sign(d chain.Draft, by Author, a Act, now time.Time) (*chain.Entry, error) {
	kind, body, err := Encode(a)
	if err != nil {
		return nil, err
	}
	d.User, d.Device, d.Time, d.Kind, d.Body = by.User, by.Device, now, string(kind), body
	return chain.Sign(d, by.Signer)
}
