package history

import (
	"context"
	"slices"

	"potli/app/family"
	"potli/app/record"
)

// Entrust names a member who may take a person's records over when the owners are
// gone, after so many days, and gives them every key there is: when the owners are
// gone nobody is left to do it. 0 days take it back; keys that were given stay given.
// Errors: ErrNone, those of family.
func (k *Keeper) Entrust(ctx context.Context, profile record.ProfileID, user string, days int) error {
	return k.decide(ctx, profile, func(t *turn) error {
		if _, err := t.write(&family.NameContact{User: user, Days: days}); err != nil {
			return err
		}
		if days > 0 {
			if err := t.giveAll(user); err != nil {
				return err
			}
		}
		return t.tidy(k)
	})
}

// giveAll gives a member all epochs that they do not have.
func (t *turn) giveAll(user string) error {
	s := t.b.h.State()
	m, ok := s.Member(user)
	if !ok || m.Public == nil {
		return nil // their devices have to agree first; they are given what they lack then
	}
	g := family.Gift{To: m}
	for _, e := range s.Epochs {
		if e.Void == "" && !slices.ContainsFunc(e.To, func(w family.Whom) bool { return w.User == user }) {
			g.Epochs = append(g.Epochs, e.Entry)
		}
	}
	return t.give(g)
}

// HandOver makes a member, who has said that they are the person, the owner. Whoever
// signs it gives them every key before: afterwards all others are readers, and nobody
// could. Errors: ErrNone, those of family.
func (k *Keeper) HandOver(ctx context.Context, profile record.ProfileID, user string) error {
	return k.decide(ctx, profile, func(t *turn) error {
		if user != t.by.User {
			if err := t.giveAll(user); err != nil {
				return err
			}
		}
		if _, err := t.write(&family.Transfer{User: user}); err != nil {
			return err
		}
		return t.tidy(k)
	})
}
