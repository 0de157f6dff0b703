package wallet

import (
	"context"
	"errors"

	"potli/app/family"
	"potli/app/history"
	"potli/app/record"
)

// Reasons, besides ErrMayNot, why a carer stays what they are.
var (
	// ErrLastOwner: nobody would be left to decide. Another has to be an owner first.
	ErrLastOwner = errors.New("the last one who decides stays")
	// ErrSubject: it is the person themselves.
	ErrSubject = errors.New("the person themselves stays")
	// ErrNoCarer: nobody who cares for this person.
	ErrNoCarer = errors.New("nobody who cares for this person")
)

// carerRoles are those that somebody can be given, the lowest first.
var carerRoles = []family.Role{family.Reader, family.Admin, family.Owner}

// mayChange says what a user may make of a member, and why they may not take them out.
func (w *Wallet) mayChange(s *family.State, user string, m family.Member) (roles []string, stays error) {
	for _, r := range carerRoles {
		if m.Role != family.Contact && s.Allowed(user, &family.SetRole{User: m.User, Role: r}, w.d.Now()) == nil {
			roles = append(roles, r.String())
		}
	}
	return roles, carerError(s.Allowed(user, &family.Remove{User: m.User}, w.d.Now()))
}

// carerError says in the words of the wallet why a history refused.
func carerError(err error) error {
	switch {
	case errors.Is(err, family.ErrLastOwner):
		return ErrLastOwner
	case errors.Is(err, family.ErrSubject):
		return ErrSubject
	case errors.Is(err, family.ErrNoMember), errors.Is(err, history.ErrNone):
		return ErrNoCarer
	case errors.Is(err, family.ErrMember): // what they are already
		return ErrLetIn
	}
	return inviteError(err)
}

// SetCarerRole changes what somebody may do for a person: RoleReader, RoleAdmin or
// RoleOwner. One can lower oneself. Errors: ErrMayNot, ErrLastOwner, ErrSubject,
// ErrNoCarer, ErrLetIn for what they are already.
func (w *Wallet) SetCarerRole(ctx context.Context, id record.ProfileID, user, role string) error {
	var r family.Role
	if r.UnmarshalText([]byte(role)) != nil || r == family.Contact {
		return ErrMayNot
	}
	if err := w.mayDecide(ctx, id); err != nil {
		return err
	}
	return w.changeCarers(ctx, id, func(k *history.Keeper) error {
		return k.Write(ctx, id, &family.SetRole{User: user, Role: r})
	})
}

// mayDecide keeps whoever cared for somebody who is of age from deciding who does: a
// clock that is put back helps nobody, also where the history would not know. Error:
// ErrOfAge.
func (w *Wallet) mayDecide(ctx context.Context, id record.ProfileID) error {
	if err := w.mayWrite(ctx, id); errors.Is(err, ErrOfAge) {
		return err
	}
	return nil // the history says why not
}

// RemoveCarer takes somebody out. What they have opened they keep; for what is written
// from now on there is a new key at once, of which they get none. For oneself it is to
// leave: what is here stays here. Errors: ErrMayNot, ErrLastOwner, ErrSubject, ErrNoCarer.
func (w *Wallet) RemoveCarer(ctx context.Context, id record.ProfileID, user string) error {
	v, err := w.open()
	if err == nil && user != v.WalletID() {
		err = w.mayDecide(ctx, id)
	}
	if err != nil {
		return err
	}
	leads := w.leads(ctx)
	return w.changeCarers(ctx, id, func(k *history.Keeper) error { return k.Remove(ctx, id, user, leads) })
}

// Leave is RemoveCarer for oneself.
func (w *Wallet) Leave(ctx context.Context, id record.ProfileID) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	return w.RemoveCarer(ctx, id, v.WalletID())
}

// changeCarers changes something between two rounds of sync, and sends it at once.
func (w *Wallet) changeCarers(ctx context.Context, id record.ProfileID, change func(*history.Keeper) error) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	k, err := w.histories()
	if err != nil {
		return err
	}
	if err := w.still(id, func() error { return change(k) }); err != nil {
		return carerError(err)
	}
	w.changed()
	w.setSentinel(v)
	w.publishKeys(ctx, v)
	w.wakeSync(0)
	return nil
}
