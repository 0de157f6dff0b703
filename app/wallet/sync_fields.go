package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"potli/app/family"
	"potli/app/history"
	"potli/app/record"
	"potli/app/vault"
)

// docFields, with a person's id, is what this wallet and the person's history last
// agreed on: what differs from it was changed here, or by somebody else.
const docFields = "fields/"

// agreed is that document.
type agreed struct {
	Said family.Fields `json:"said"` // what the history says
	Here family.Fields `json:"here"` // what was made of it here
}

// What is known of a person, as it stands in their history. What somebody is to
// whoever keeps the wallet, a colour, a picture, stay with each.
const (
	fieldName   = "name"
	fieldGender = "gender"
	fieldBlood  = "blood"
	fieldABHA   = "abhaAddress"
	fieldNumber = "abhaNumber"

	// fieldThemselves is the user who is the person, said by who lets them in before it
	// is time to hand over. It is not among the details that are shown.
	fieldThemselves = "themselves"
)

// fieldsOf is what a person's history is told.
func fieldsOf(p Person) family.Fields {
	f := family.Fields{}
	for name, value := range map[string]string{
		fieldName: p.Name, fieldGender: p.Gender, fieldBlood: p.Blood, fieldABHA: p.ABHA, fieldNumber: p.ABHANumber,
	} {
		if value != "" {
			f[name] = value
		}
	}
	if p.hasBirthday() {
		f[family.FieldBirth] = p.BirthDate
	}
	return f
}

// with returns p as a history has it.
func (p Person) with(f family.Fields) Person {
	for name, value := range map[string]*string{
		fieldName: &p.Name, fieldGender: &p.Gender, fieldBlood: &p.Blood, fieldABHA: &p.ABHA, fieldNumber: &p.ABHANumber, family.FieldBirth: &p.BirthDate,
	} {
		if v, ok := f[name]; ok || name != family.FieldBirth && name != fieldName {
			*value = v
		}
	}
	return p
}

// syncFields brings a person and their history in line. What was changed here is
// said; of what was changed by somebody else only what is fit to be kept is taken.
func (w *Wallet) syncFields(ctx context.Context, s *syncing, id record.ProfileID) error {
	st, err := s.keeper.State(ctx, id)
	p, ok := w.Snapshot().person(id)
	if errors.Is(err, history.ErrNone) || err == nil && !ok {
		return nil
	}
	if err != nil {
		return err
	}
	var last agreed
	if err := getJSON(ctx, s.v, docFields+string(id), &last); err != nil {
		return err
	}
	here := fieldsOf(p)
	if changes := changesOf(last.Here, here); last.Here != nil && len(changes) > 0 && st.RoleAt(s.v.WalletID(), w.d.Now()) >= family.Admin {
		// What the history refuses is not kept here either: it was allowed when it was typed.
		if err := s.keeper.Write(ctx, id, &family.Details{Fields: changes}); err != nil && familyError(err) == err {
			return err
		}
		if st, err = s.keeper.State(ctx, id); err != nil {
			return err
		}
	}
	if maps.Equal(last.Said, st.Fields) && maps.Equal(last.Here, here) {
		return nil
	}
	return w.takeFields(ctx, id, st.Fields)
}

// changesOf is what makes one of the other; "" takes a field away.
func changesOf(from, to family.Fields) family.Fields {
	changes := family.Fields{}
	for name, value := range to {
		if from[name] != value {
			changes[name] = value
		}
	}
	for name := range from {
		if _, still := to[name]; !still {
			changes[name] = ""
		}
	}
	return changes
}

// takeFields makes a person what their history says, and notes that it is agreed.
func (w *Wallet) takeFields(ctx context.Context, id record.ProfileID, f family.Fields) error {
	p, ok := w.Snapshot().person(id)
	if !ok {
		return nil
	}
	next, err := p.with(f).checked(w.d.Now())
	if err != nil {
		next = p
	}
	body, err := json.Marshal(agreed{Said: f, Here: fieldsOf(next)})
	if err != nil {
		return err
	}
	return w.changePerson(ctx, id, map[string][]byte{docFields + string(id): body}, func(old *Person) error {
		*old = old.with(fieldsOf(next))
		return nil
	})
}

// removeRecords takes records out of storage, and says so where somebody else has
// them too. What was typed to correct one goes with it.
func (w *Wallet) removeRecords(ctx context.Context, v *vault.Vault, ids []record.ID) error {
	k := w.keeperOf(v)
	of := map[record.ProfileID][]record.ID{}
	for _, id := range ids {
		if m, ok := v.Meta(id); ok {
			of[m.Profile] = append(of[m.Profile], id)
		}
	}
	for _, who := range slices.Sorted(maps.Keys(of)) {
		if err := k.Delete(ctx, who, of[who]...); err != nil {
			return err
		}
	}
	if err := v.Remove(ctx, ids...); err != nil { // those of which the index knows no more
		return err
	}
	return forgetDrafts(ctx, v, func(d Draft) bool { return slices.Contains(ids, d.Record) })
}
