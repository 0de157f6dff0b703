package wallet_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"potli/app/emergency"
	"potli/app/wallet"
)

// board is what lies open on a device.
type board struct {
	mu      sync.Mutex
	body    string
	covered bool
	fails   int  // so many times changing what lies there fails; -1: always
	stuck   bool // it cannot be covered
}

var errBusy = errors.New("the disk is busy")

func (b *board) Put(_ context.Context, body []byte) error { return b.change(string(body)) }

func (b *board) Clear(context.Context) error { return b.change("") }

func (b *board) change(body string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fails != 0 {
		b.fails = max(b.fails-1, -1)
		return errBusy
	}
	b.body, b.covered = body, false
	return nil
}

func (b *board) Cover() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stuck {
		return errBusy
	}
	b.covered = true
	return nil
}

// fault makes the disk busy for so many writes, and as stuck as that.
func (b *board) fault(fails int, stuck bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fails, b.stuck = fails, stuck
}

// has says whether whoever takes the phone reads text.
func (b *board) has(text string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.covered && strings.Contains(b.body, text)
}

// becomes waits until text lies open, or no longer.
func (b *board) becomes(t *testing.T, text string, want bool) {
	t.Helper()
	for range 2_000 {
		if b.has(text) == want {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%q lies open: %v", text, !want)
}

func cardOf(p wallet.Person, open bool) emergency.Card {
	c := emergency.Card{Person: p.ID, Open: open, View: emergency.View{Title: p.Name, Rows: []emergency.Row{{Label: "Blood", Text: "B+"}}}}
	return c.With(emergency.Field{ID: emergency.Name, On: true, Text: p.Name})
}

// TestCardLiesOpen is E4: only what was chosen lies open, only on this device, and it goes by every way there is.
func TestCardLiesOpen(t *testing.T) {
	b := newBench(t)
	open := &board{}
	b.deps.Board = open
	b.restart()
	b.create()
	meera := b.Snapshot().Person()
	arjun, err := b.AddPerson(t.Context(), wallet.Person{Name: "Arjun Sample"})
	if err != nil {
		t.Fatal(err)
	}
	set := func(c emergency.Card) {
		t.Helper()
		if err := b.SetCard(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	set(cardOf(meera, false))
	if open.has("Meera") {
		t.Fatal("a card lies open that nobody wanted to")
	}
	set(cardOf(meera, true))
	set(cardOf(arjun, true))
	if !open.has("Meera") || !open.has("Arjun") || open.has(string(meera.ID)) {
		t.Fatalf("open lies %s", open.body)
	}

	// Hidden, it is gone; unlocked again, it is back.
	if err := b.Hide(arjun.ID); err != nil {
		t.Fatal(err)
	}
	open.becomes(t, "Arjun", false)
	open.becomes(t, "Meera", true)
	b.Lock()
	if !open.has("Meera") || open.has("Arjun") {
		t.Error("locking changed what lies open")
	}
	b.restart()
	b.unlock()
	open.becomes(t, "Arjun", true)

	// One tap, put aside, erased.
	set(cardOf(meera, false))
	if open.has("Meera") {
		t.Error("it still lies open")
	}
	if err := b.SetAside(t.Context(), arjun.ID); err != nil {
		t.Fatal(err)
	}
	open.becomes(t, "Arjun", false)
	if err := b.EraseProfile(t.Context(), arjun.ID); err != nil {
		t.Fatal(err)
	}
	set(cardOf(meera, true))
	if err := b.DropCard(t.Context(), meera.ID); err != nil || open.has("Meera") || len(b.Snapshot().Cards) != 1 && len(b.Snapshot().Cards) != 0 {
		t.Errorf("a card that was dropped: %v, %+v", err, b.Snapshot().Cards)
	}
	set(cardOf(meera, true))
	if err := b.Wipe(t.Context()); err != nil || open.has("Meera") {
		t.Errorf("wiped, and it lies open: %v", err)
	}
}

// TestCardOfABackup: on another device nobody has agreed to anything.
func TestCardOfABackup(t *testing.T) {
	b := newBench(t).create()
	kit := b.onPaper()
	if err := b.SetCard(t.Context(), cardOf(b.Snapshot().Person(), true)); err != nil {
		t.Fatal(err)
	}
	_, backup, err := b.Export(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other, open := newBench(t), &board{}
	other.deps.Board = open
	other.restart()
	if _, err := other.Restore(t.Context(), backup, []string{kit.Code()}, otherWords); err != nil {
		t.Fatal(err)
	}
	c, there := other.Snapshot().Cards[b.Snapshot().Current]
	if !there || c.Open || open.has("Meera") {
		t.Errorf("a restored card is there: %v; open: %v; lies open: %v", there, c.Open, open.has("Meera"))
	}
}

// TestCardFacts is E5: a new allergy makes the card old.
func TestCardFacts(t *testing.T) {
	b := newBench(t).create()
	b.importOne(file("a.json", []byte(allergy)))
	facts, err := b.CardFacts(t.Context())
	if err != nil || len(facts[emergency.Allergies]) != 1 || facts[emergency.Allergies][0] != "Peanut" {
		t.Fatalf("%v, %v", facts, err)
	}
	c := cardOf(b.Snapshot().Person(), false)
	c.Facts = wallet.FlatFacts(facts)
	if err := b.SetCard(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	b.importOne(file("b.json", []byte(strings.NewReplacer("Peanut", "Latex", `"a1"`, `"a2"`).Replace(allergy))))
	facts, err = b.CardFacts(t.Context())
	if kept := b.Snapshot().Cards[c.Person]; err != nil || !kept.Stale(wallet.FlatFacts(facts)) {
		t.Errorf("an old card passes: %v %v %v", kept.Facts, facts, err)
	}
	c.Person = "nobody"
	if err := b.SetCard(t.Context(), c); !errors.Is(err, wallet.ErrNoPerson) {
		t.Errorf("a card for nobody: %v", err)
	}
}

// TestCardOfSomebodyOfAge: who may not show a person's records does not lay their card open; what lay open goes on the day,
// and taking it away is always allowed.
func TestCardOfSomebodyOfAge(t *testing.T) {
	b := newBench(t)
	open := &board{}
	b.deps.Board = open
	b.restart()
	b.create()
	child := b.add(wallet.Person{Name: "Aarav", Kin: wallet.KinChild, BirthDate: "2010-07-01"})
	ctx := t.Context()
	wantErr(t, "before the day", b.SetCard(ctx, cardOf(child, true)), nil)
	if !open.has("Aarav") {
		t.Fatal("it does not lie open")
	}
	b.at(ist(2028, time.July, 1, 0, 0))
	wantErr(t, "laying it open", b.SetCard(ctx, cardOf(child, true)), wallet.ErrOfAge)
	wantErr(t, "printing it", b.MayShowCard(ctx, child.ID), wallet.ErrOfAge)
	b.Lock()
	b.unlock()
	open.becomes(t, "Aarav", false)
	wantErr(t, "taking it away", b.SetCard(ctx, cardOf(child, false)), nil)
	wantErr(t, "dropping it", b.DropCard(ctx, child.ID), nil)
}

// hiding is a wallet with two cards that lie open.
func hiding(t *testing.T) (*bench, *board, wallet.Person) {
	b := newBench(t)
	open := &board{}
	b.deps.Board = open
	b.restart()
	b.create()
	arjun := b.add(wallet.Person{Name: "Arjun Sample"})
	wantErr(t, "a card", b.SetCard(t.Context(), cardOf(b.Snapshot().Person(), true)), nil)
	wantErr(t, "another", b.SetCard(t.Context(), cardOf(arjun, true)), nil)
	if !open.has("Meera") || !open.has("Arjun") {
		t.Fatalf("open lies %s", open.body)
	}
	return b, open, arjun
}

// TestHiddenInSpiteOfABusyDisk: the card of somebody who was hidden is not seen from the first moment on, though taking it
// away fails at first; then the other one lies there again.
func TestHiddenInSpiteOfABusyDisk(t *testing.T) {
	b, open, arjun := hiding(t)
	open.fault(2, false)
	wantErr(t, "hiding", b.Hide(arjun.ID), nil)
	if open.has("Arjun") {
		t.Error("the card is seen")
	}
	open.becomes(t, "Meera", true)
	if open.has("Arjun") {
		t.Error("the card is seen again")
	}
}

// TestHiddenAndLocked: a card that could not be taken away before the wallet was locked is seen neither then, nor after the
// program began anew, until it is unlocked.
func TestHiddenAndLocked(t *testing.T) {
	for name, fails := range map[string]int{"busy until it locks": -1, "busy for a while": 3} {
		t.Run(name, func(t *testing.T) {
			b, open, arjun := hiding(t)
			open.fault(fails, false)
			wantErr(t, "hiding", b.Hide(arjun.ID), nil)
			b.Lock()
			if open.has("Arjun") {
				t.Error("locked, the card is seen")
			}
			b.restart()
			if open.has("Arjun") {
				t.Error("after a new beginning the card is seen")
			}
			open.fault(0, false)
			b.unlock()
			open.becomes(t, "Arjun", true)
			open.becomes(t, "Meera", true)
		})
	}
	t.Run("the disk comes back when it locks", func(t *testing.T) {
		b, open, arjun := hiding(t)
		open.fault(-1, false)
		wantErr(t, "hiding", b.Hide(arjun.ID), nil)
		open.fault(0, false)
		b.Lock()
		open.mu.Lock()
		defer open.mu.Unlock()
		if strings.Contains(open.body, "Arjun") {
			t.Errorf("there lies %s", open.body)
		}
	})
}

// TestHiddenAndNothingWorks: who hides somebody is told when the card lies open still, and they are off the screen.
func TestHiddenAndNothingWorks(t *testing.T) {
	b, open, arjun := hiding(t)
	open.fault(-1, true)
	wantErr(t, "hiding", b.Hide(arjun.ID), wallet.ErrCardOpen)
	if !b.Snapshot().Hidden[arjun.ID] {
		t.Error("they are on the screen")
	}
	open.fault(0, true)
	open.becomes(t, "Arjun", false)
	if !open.has("Meera") {
		t.Error("the other card went too")
	}
}

// TestPresumedIsNotOffered: a condition that a paper names without saying that it still is so is in the summary, and not
// on the card.
func TestPresumedIsNotOffered(t *testing.T) {
	b := newBench(t).create()
	day := b.deps.Now().AddDate(0, -3, 0).Format(time.DateOnly)
	b.importOne(file("a.json", []byte(`{"resourceType":"Condition","code":{"text":"Jaundice"},"recordedDate":"`+day+`"}`)))
	b.importOne(file("b.json", []byte(`{"resourceType":"Condition","code":{"text":"Asthma"},"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"recordedDate":"`+day+`"}`)))
	facts, err := b.CardFacts(t.Context())
	if got := b.glance(); err != nil || !strings.Contains(got, "Jaundice") || strings.Join(facts[emergency.Conditions], ",") != "Asthma" {
		t.Errorf("of %s the card is offered %v, %v", got, facts, err)
	}
}
