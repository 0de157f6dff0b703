package wallet_test

import (
	"context"
	"testing"

	"potli/app/emergency"
	"potli/app/record"
	"potli/app/wallet"
)

// worded puts a card in words as a browser does, in so many words.
func worded(_ context.Context, c emergency.Card) (v emergency.View, err error) {
	for _, f := range c.Chosen() {
		v.Rows = append(v.Rows, emergency.Row{Label: string(f.ID), Text: f.Text})
	}
	return v, nil
}

// carded gives both a board, and words for cards.
func carded(t *testing.T, all ...*bench) (boards []*board) {
	t.Helper()
	for _, b := range all {
		boards = append(boards, &board{})
		b.deps.Board, b.deps.CardView = boards[len(boards)-1], worded
		b.Wallet.Lock()
		b.restart()
		if b.Unlock(t.Context(), words) != nil {
			wantErr(t, "unlocking", b.Unlock(t.Context(), phoneWords), nil)
		}
	}
	exchange(2, all...)
	return boards
}

func (b *bench) setCard(c emergency.Card) {
	b.t.Helper()
	wantErr(b.t, "a card", b.SetCard(b.t.Context(), c), nil)
}

func (b *bench) says(id record.ProfileID, field emergency.FieldID) string {
	return b.Snapshot().Cards[id].Field(field).Text
}

// TestTwoDevices: what two devices of one wallet tell each other of cards, and of what left on each.
func TestTwoDevices(t *testing.T) {
	phone, tablet, mail := devices(t)
	boards := carded(t, phone, tablet)
	t.Run("a card travels", func(t *testing.T) { cardTravels(t, phone, tablet, boards) })
	t.Run("cards at once", func(t *testing.T) { cardAtOnce(t, phone, tablet, mail) })
	t.Run("what left", func(t *testing.T) { givenEverywhere(t, phone, tablet) })
}

// cardTravels: a card comes to the person's other device, with every change of it and the end of it. That it lies open
// is each device's own, and what lies open is what the card says now.
func cardTravels(t *testing.T, phone, tablet *bench, boards []*board) {
	me := phone.Snapshot().Current
	c := emergency.Card{Person: me, Open: true, Langs: []string{"hi", "en"}, Made: phone.clock.now()}
	c = c.With(emergency.Field{ID: emergency.Allergies, On: true, Text: "मूँगफली", Latin: "Peanut"}).With(emergency.Field{ID: emergency.Doctor, Text: "not chosen"})
	phone.setCard(c)
	exchange(3, phone, tablet)
	got := tablet.Snapshot().Cards[me]
	if !got.Tell().Same(c.Tell()) || got.Open || got.Field(emergency.Doctor).Text != "" || boards[1].has("मूँगफली") || !boards[0].has("मूँगफली") {
		t.Fatalf("the tablet has %+v, open lies %q", got, boards[1].body)
	}

	got.Open = true
	tablet.setCard(got)
	c = c.With(emergency.Field{ID: emergency.Allergies, On: true, Text: "लेटेक्स"}).With(emergency.Field{ID: emergency.Blood, On: true, Text: "B+"})
	phone.setCard(c)
	exchange(3, phone, tablet)
	boards[1].becomes(t, "लेटेक्स", true)
	if boards[1].has("मूँगफली") || !boards[1].has("B+") {
		t.Errorf("open lies %q", boards[1].body)
	}
	seq := phone.Snapshot().Seq
	exchange(3, phone, tablet)
	if phone.Snapshot().Seq > seq+20 {
		t.Error("it never comes to rest")
	}

	wantErr(t, "dropping it", tablet.DropCard(t.Context(), me), nil)
	exchange(3, phone, tablet)
	if _, has := phone.Snapshot().Cards[me]; has {
		t.Error("the phone still has the card")
	}
	boards[0].becomes(t, "लेटेक्स", false)
}

// cardAtOnce: two devices that each have a card of before, or change it at once, come to the same.
func cardAtOnce(t *testing.T, phone, tablet *bench, mail *shelf) {
	me := phone.Snapshot().Current
	mail.off = true
	phone.setCard(cardOf(phone.Snapshot().Person(), false).With(emergency.Field{ID: emergency.Blood, On: true, Text: "A+"}))
	tablet.setCard(cardOf(tablet.Snapshot().Person(), false).With(emergency.Field{ID: emergency.Phone, On: true, Text: "98100 00000"}))
	exchange(2, phone, tablet)
	mail.off = false
	phone.Offline(false)
	tablet.Offline(false)
	exchange(6, phone, tablet)
	a, b := phone.Snapshot().Cards[me], tablet.Snapshot().Cards[me]
	if !a.Tell().Same(b.Tell()) || phone.says(me, emergency.Blood) != "A+" || phone.says(me, emergency.Phone) != "98100 00000" {
		t.Errorf("got  %q\nand  %q", a.Tell(), b.Tell())
	}
}

// TestCardOfCaregivers: who decides for a child changes the card for everybody; who only reads has it, and is told that
// somebody else decides.
func TestCardOfCaregivers(t *testing.T) {
	mother, father, _, child := caregivers(t)
	boards := carded(t, mother, father)
	father.Choose(child)
	mother.setCard(cardOf(mother.person(child), true).With(emergency.Field{ID: emergency.Blood, On: true, Text: "O+"}))
	exchange(4, mother, father)
	his := father.Snapshot().Cards[child]
	if father.says(child, emergency.Blood) != "O+" || his.Open || boards[1].has("O+") {
		t.Fatalf("father has %+v", his)
	}
	his.Made = father.clock.now()
	father.setCard(his.With(emergency.Field{ID: emergency.Contact, On: true, Text: "Meera 98100 00000"}))
	exchange(4, father, mother)
	if mother.says(child, emergency.Contact) != "Meera 98100 00000" {
		t.Errorf("mother has %+v", mother.Snapshot().Cards[child])
	}
	boards[0].becomes(t, "Meera 98100 00000", true)

	list, err := mother.Carers(t.Context(), child)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if !c.Me {
			wantErr(t, "making him a reader", mother.SetCarerRole(t.Context(), child, c.User, wallet.RoleReader), nil)
		}
	}
	exchange(4, mother, father)
	his = father.Snapshot().Cards[child]
	wantErr(t, "a reader's change", father.SetCard(t.Context(), his.With(emergency.Field{ID: emergency.Blood, On: true, Text: "AB+"})), wallet.ErrReader)
	wantErr(t, "a reader's end of it", father.DropCard(t.Context(), child), wallet.ErrReader)
	mother.setCard(mother.Snapshot().Cards[child].With(emergency.Field{ID: emergency.Blood, On: true, Text: "O-"}))
	exchange(4, mother, father)
	if father.says(child, emergency.Blood) != "O-" {
		t.Errorf("a reader has %+v", father.Snapshot().Cards[child])
	}
}
