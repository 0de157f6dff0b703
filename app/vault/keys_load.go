package vault

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"

	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

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
