package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"potli/app/emergency"
	"potli/app/family"
	"potli/app/history"
	"potli/app/record"
	"potli/app/vault"
)

// What is chosen for an emergency card stands in the person's history, beside their name
// and blood group, and so comes to their other devices and to all who care for them:
// whoever picks up any of these phones finds the same. What travels and what does not:
// package emergency, Told.

// cardField begins the names of a card's fields in a history.
const cardField = "card."

// docTold, with a person's id, is what this wallet and the person's history last agreed on
// of the card, as docFields is of the rest.
const docTold = "told/"

type agreedCard struct {
	Said emergency.Told `json:"said"` // what the history says
	Here emergency.Told `json:"here"` // what was made of it here
}

// syncCard brings a person's card and their history in line: what was changed here is
// said, by those who decide for the person; what the history says is taken. A contact, who
// sees nothing yet, is told of no card.
func (w *Wallet) syncCard(ctx context.Context, s *syncing, id record.ProfileID) error {
	w.cards.Lock()
	defer w.cards.Unlock()
	st, err := s.keeper.State(ctx, id)
	if _, ok := w.Snapshot().person(id); errors.Is(err, history.ErrNone) || err == nil && !ok {
		return nil
	}
	if err != nil {
		return err
	}
	role := st.RoleAt(s.v.WalletID(), w.d.Now())
	var last agreedCard
	if err := getJSON(ctx, s.v, docTold+string(id), &last); err != nil || role < family.Reader {
		return err
	}
	here := w.Snapshot().Cards[id].Tell()
	if changes := cardChanges(last.Here, here); len(changes) > 0 && role >= family.Admin {
		if err := s.keeper.Write(ctx, id, &family.Details{Fields: changes}); err != nil && familyError(err) == err {
			return err
		}
		if st, err = s.keeper.State(ctx, id); err != nil {
			return err
		}
	}
	said := toldCard(st.Fields)
	if said.Same(last.Said) && here.Same(last.Here) {
		return nil
	}
	return w.takeCard(ctx, s.v, id, last.Said, said, role >= family.Admin)
}

// cardChanges is what makes one of the other, as a history is told it.
func cardChanges(from, to emergency.Told) family.Fields {
	changes := family.Fields{}
	for name, value := range changesOf(family.Fields(from), family.Fields(to)) {
		changes[cardField+name] = value
	}
	return changes
}

// toldCard is what a history says of a card.
func toldCard(f family.Fields) emergency.Told {
	told := emergency.Told{}
	for name, value := range f {
		if of, ok := strings.CutPrefix(name, cardField); ok {
			told[of] = value
		}
	}
	return told
}

// takeCard makes a card what the history says, and notes that it is agreed. Where
// somebody else decides, there is nothing on it that the history does not say.
func (w *Wallet) takeCard(ctx context.Context, v *vault.Vault, id record.ProfileID, last, said emergency.Told, decides bool) error {
	old, had := w.Snapshot().Cards[id]
	next := old
	next.Person = id
	var gone []string
	for _, f := range emergency.Fields {
		if _, was := last[string(f)]; was || !decides && len(said) > 0 {
			gone = append(gone, string(f))
		}
	}
	next = next.Hear(said, gone)
	has := len(next.Chosen()) > 0 || had && len(last) == 0
	docs := map[string][]byte{}
	var err error
	if changed := has != had || !old.Tell().Same(next.Tell()); changed && has {
		docs[docEmergency+string(id)], err = w.keepable(ctx, v, &next)
	} else if changed {
		docs[docEmergency+string(id)] = nil
	}
	if err != nil {
		return err
	}
	if docs[docTold+string(id)], err = json.Marshal(agreedCard{Said: said, Here: next.Tell()}); err != nil {
		return err
	}
	if err := v.PutDocs(ctx, docs); err != nil || len(docs) == 1 {
		return err
	}
	w.showCards(func(cards map[record.ProfileID]emergency.Card) {
		if cards[id] = next; !has {
			delete(cards, id)
		}
	})
	go w.keepPosting()
	return nil
}

// keepable is a card as it is kept, in the words in which it is shown.
func (w *Wallet) keepable(ctx context.Context, v *vault.Vault, c *emergency.Card) (body []byte, err error) {
	if w.d.CardView != nil {
		if c.View, err = w.d.CardView(ctx, *c); err != nil {
			return nil, err
		}
	}
	kept := keptCard{Card: *c}
	if c.Open {
		kept.Device = v.Ring().Keys().Device
	}
	return json.Marshal(kept)
}

// mayTell says why a card may not say something else: others have the person, and this
// user does not decide. What concerns this device alone is always allowed.
func (w *Wallet) mayTell(ctx context.Context, id record.ProfileID, told emergency.Told) error {
	if told.SameWords(w.Snapshot().Cards[id].Tell()) {
		return nil
	}
	m, err := w.may(ctx, id)
	if err != nil || m.st == nil {
		return err
	}
	return m.write()
}

// closeCard takes a card away that lies open here, and keeps it.
func (w *Wallet) closeCard(ctx context.Context, v *vault.Vault, id record.ProfileID) error {
	c := w.Snapshot().Cards[id]
	if !c.Open {
		return nil
	}
	c.Open = false
	body, err := json.Marshal(keptCard{Card: c})
	if err != nil {
		return err
	}
	if err := v.PutDocs(ctx, map[string][]byte{docEmergency + string(id): body}); err != nil {
		return err
	}
	w.showCards(func(cards map[record.ProfileID]emergency.Card) { cards[id] = c })
	return w.post(ctx)
}
