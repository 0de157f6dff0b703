package wallet

import (
	"context"
	"encoding/json"
	"errors"

	"potli/app/family"
	"potli/app/history"
	"potli/app/record"
)

// Carer is one who may see somebody's records, as the person's history has it.
type Carer struct {
	User string
	Me   bool
	Name string // as they called themselves when the keys were compared; "": not known
	Role string // RoleOwner, RoleAdmin, RoleReader or RoleContact
	As   Bond   // on what ground; "": not said
	// Roles are what this user may make them instead.
	Roles []string
	// Stays is why this user may not take them out, or leave where it is them: nil
	// when they may, else ErrLastOwner, ErrSubject or ErrMayNot.
	Stays error
}

// What a carer may do, besides RoleAdmin and RoleReader.
const (
	RoleOwner   = "owner"   // decides everything
	RoleContact = "contact" // sees nothing, until the owners are gone
)

// Carers lists who may see a person's records, owners first. None: nobody but
// whoever has this device. On the day the person comes of age, those who cared for
// them are readers.
func (w *Wallet) Carers(ctx context.Context, id record.ProfileID) ([]Carer, error) {
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	k, err := w.histories()
	if err != nil {
		return nil, err
	}
	s, err := k.State(ctx, id)
	if errors.Is(err, history.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	names, err := w.knownNames(ctx)
	if err != nil {
		return nil, err
	}
	var list []Carer
	for _, m := range s.Members {
		c := Carer{User: m.User, Me: m.User == v.WalletID(), Name: names[m.User], Role: s.RoleAt(m.User, w.d.Now()).String()}
		c.Roles, c.Stays = w.mayChange(s, v.WalletID(), m)
		if m.Guardian != nil {
			c.As = Bond(m.Guardian.As)
		}
		list = append(list, c)
	}
	return list, nil
}

// docGround, with a person's id, is the guardianship that this wallet and the
// person's history last agreed on: what differs from it was changed here, or on
// another device of one's own.
const docGround = "ground/"

// syncGround tells the others who care for a person on what ground one does, and
// takes over what was noted on another device. A note that was taken away here
// stays with the others: what was shown to them was shown.
func (w *Wallet) syncGround(ctx context.Context, s *syncing, id record.ProfileID) error {
	st, err := s.keeper.State(ctx, id)
	p, ok := w.Snapshot().person(id)
	if errors.Is(err, history.ErrNone) || err == nil && !ok {
		return nil
	}
	if err != nil {
		return err
	}
	var last, said family.Guardian
	if err := getJSON(ctx, s.v, docGround+string(id), &last); err != nil {
		return err
	}
	me := s.v.WalletID()
	m, member := st.Member(me)
	if m.Guardian != nil {
		said = *m.Guardian
	}
	here := groundOf(me, p.Guardian)
	switch {
	case !member || here == said:
		return nil
	case here != last && here != (family.Guardian{}):
		if st.RoleAt(me, w.d.Now()) < family.Admin {
			return nil // a reader's note is their own
		}
		if err := s.keeper.Write(ctx, id, &here); err != nil {
			return err
		}
		return putJSON(ctx, s.v, docGround+string(id), here)
	case said != last:
		return w.takeGround(ctx, id, said)
	}
	return nil
}

// groundOf is a guardianship as a history has it.
func groundOf(user string, g *Guardianship) family.Guardian {
	if g == nil {
		return family.Guardian{}
	}
	return family.Guardian{User: user, As: string(g.As), Proof: string(g.Proof), Record: g.Record, Sum: g.SHA256, Since: g.Since}
}

// takeGround keeps what was noted on another device.
func (w *Wallet) takeGround(ctx context.Context, id record.ProfileID, said family.Guardian) error {
	body, err := json.Marshal(said)
	if err != nil {
		return err
	}
	return w.changePerson(ctx, id, map[string][]byte{docGround + string(id): body}, func(p *Person) error {
		p.Guardian = &Guardianship{
			As: Bond(said.As), Proof: Proof(said.Proof), Record: said.Record, SHA256: said.Sum, Since: said.Since, Noted: w.d.Now().UTC(),
		}
		return nil
	})
}
