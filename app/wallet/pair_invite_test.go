package wallet_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"potli/app/family"
	"potli/app/record"
	"potli/app/sync"
	"potli/app/sync/synctest"
	"potli/app/wallet"
)

// parents are two wallets of two people; the first has a child in it.
func parents(t *testing.T) (mother, father *bench, child record.ProfileID) {
	t.Helper()
	mother, father = household(t)
	if err := father.Create(t.Context(), phoneWords, wallet.Person{Name: "Arjun Sample", Kin: wallet.KinSelf}); err != nil {
		t.Fatal(err)
	}
	p, err := mother.AddPerson(t.Context(), wallet.Person{Name: "Aarav Sample", BirthDate: "2020-02-29", Gender: "male", Kin: wallet.KinChild, Blood: "O+"})
	if err != nil {
		t.Fatal(err)
	}
	return mother, father, p.ID
}

// invite brings two wallets to where both show digits.
func invite(t *testing.T, mother, father *bench, i wallet.Invite) {
	t.Helper()
	if err := mother.ShowInvite(t.Context(), words, i, false); err != nil {
		t.Fatal(err)
	}
	if err := father.ReadInvite(t.Context(), mother.stands(wallet.PairCode).Code, " Arjun  Sample "); err != nil {
		t.Fatal(err)
	}
	a, b := mother.stands(wallet.PairCompare), father.stands(wallet.PairCompare)
	if a.Digits != b.Digits || a.Other != "Arjun Sample" || a.Invite.Name != "Aarav Sample" {
		t.Fatalf("got %+v and %+v", a, b)
	}
}

func agree(t *testing.T, mother, father *bench) {
	t.Helper()
	for _, b := range []*bench{father, mother} {
		if err := b.AcceptPairing(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// carry brings all that one has of a history to the other, as sync does.
func carry(t *testing.T, from, to *bench, profile record.ProfileID) {
	t.Helper()
	k, ctx := from.Histories(t), t.Context()
	if err := k.Tidy(ctx, profile); err != nil {
		t.Fatal(err)
	}
	entries, err := k.Entries(ctx, string(profile), 0)
	if err != nil {
		t.Fatal(err)
	}
	a := sync.Arrival{Entries: entries}
	for _, e := range entries {
		for _, id := range k.Brings(e) {
			sealed, err := k.Record(ctx, string(profile), id)
			if err != nil {
				t.Fatal(err)
			}
			a.Records = append(a.Records, sync.Sealed{ID: id, Body: sealed})
		}
	}
	if err := to.Histories(t).Keep(ctx, string(profile), a); err != nil {
		t.Fatal(err)
	}
}

// Inviting a caregiver, from the words to records that open in the other wallet.
func TestInvite(t *testing.T) {
	for _, tt := range []struct {
		role    string
		want    family.Role
		history bool
	}{{wallet.RoleReader, family.Reader, false}, {wallet.RoleAdmin, family.Admin, true}} {
		t.Run(tt.role, func(t *testing.T) {
			mother, father, child := parents(t)
			mother.Choose(child)
			old := mother.importOne(file("allergy.json", []byte(allergy)))
			invite(t, mother, father, wallet.Invite{Profile: child, By: " Meera Sample", Role: tt.role, History: tt.history})
			agree(t, mother, father)
			if p := mother.stands(wallet.PairDone); p.Other != "Arjun Sample" || !p.Given {
				t.Errorf("got %+v", p)
			}
			if p := father.stands(wallet.PairDone); p.Other != "Meera Sample" || p.Invite.Name != "Aarav Sample" || p.Invite.Role != tt.role || p.Invite.History != tt.history {
				t.Errorf("got %+v", p)
			}

			// The child is in the father's wallet, as somebody else, and nobody else is.
			people := father.Snapshot().People
			if len(people) != 2 {
				t.Fatalf("people: %+v", people)
			}
			if p := people[1]; p.ID != child || p.Name != "Aarav Sample" || p.BirthDate != "2020-02-29" || p.Kin != wallet.KinOther || p.Blood != "" {
				t.Errorf("got %+v", p)
			}

			// He is a member, and opens what is his to open.
			s, err := mother.Histories(t).State(t.Context(), child)
			if err != nil {
				t.Fatal(err)
			}
			known, err := mother.Known(t.Context())
			if err != nil || len(known) != 1 || known[0].Name != "Arjun Sample" || len(known[0].Words) != 6 {
				t.Fatalf("known: %+v, %v", known, err)
			}
			if m, ok := s.Member(known[0].User); !ok || m.Role != tt.want {
				t.Errorf("member: %+v", m)
			}
			hers, err := father.Known(t.Context())
			if err != nil || len(hers) != 1 || hers[0].Name != "Meera Sample" {
				t.Fatalf("known: %+v, %v", hers, err)
			}
			carry(t, mother, father, child)
			if _, ok := father.Record(old); ok != tt.history {
				t.Errorf("a record from before is there: %v, want %v", ok, tt.history)
			}
		})
	}
}

// Whoever holds an open phone still needs the words; and what cannot be invited to.
func TestInviteRefuses(t *testing.T) {
	mother, father, child := parents(t)
	show := func(words string, i wallet.Invite) error { return mother.ShowInvite(t.Context(), words, i, false) }
	reader := wallet.Invite{Profile: child, By: "Meera", Role: wallet.RoleReader}
	for name, tt := range map[string]struct{ got, want error }{
		"wrong words": {show("wrong-words-here-now-and-then", reader), wallet.ErrWrongPassphrase},
		"nobody":      {show(words, wallet.Invite{Profile: "none", By: "Meera", Role: wallet.RoleReader}), wallet.ErrNoPerson},
		"no role":     {show(words, wallet.Invite{Profile: child, By: "Meera"}), wallet.ErrPairContent},
		"an owner":    {show(words, wallet.Invite{Profile: child, By: "Meera", Role: "owner"}), wallet.ErrPairContent},
		"nobody asks": {show(words, wallet.Invite{Profile: child, Role: wallet.RoleReader}), wallet.ErrName},
		"no name":     {father.ReadInvite(t.Context(), "x", " "), wallet.ErrName},
		"no code":     {father.ReadInvite(t.Context(), "x", "Arjun"), wallet.ErrPairCode},
	} {
		if !errors.Is(tt.got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, tt.got, tt.want)
		}
	}
	if mother.Snapshot().Pairing != nil || father.Snapshot().Pairing != nil {
		t.Error("something began")
	}
	// A code for inviting links nothing, and one for linking invites nobody.
	if err := show(words, reader); err != nil {
		t.Fatal(err)
	}
	_, fresh := household(t)
	if err := fresh.ReadLink(t.Context(), mother.stands(wallet.PairCode).Code, "x", phoneWords); !errors.Is(err, wallet.ErrPairPurpose) {
		t.Errorf("linking by an invitation: %v", err)
	}
	if err := mother.ShowLink(t.Context(), words, false); err != nil {
		t.Fatal(err)
	}
	if err := father.ReadInvite(t.Context(), mother.stands(wallet.PairCode).Code, "Arjun"); !errors.Is(err, wallet.ErrPairPurpose) {
		t.Errorf("joining by a code for linking: %v", err)
	}
}

// Nobody is let in whom somebody said no to.
func TestInviteDeclined(t *testing.T) {
	mother, father, child := parents(t)
	invite(t, mother, father, wallet.Invite{Profile: child, By: "Meera", Role: wallet.RoleAdmin, History: true})
	if err := father.AcceptPairing(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := mother.DeclinePairing(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, b := range []*bench{mother, father} {
		if p := b.stands(wallet.PairFailed); !errors.Is(p.Err, wallet.ErrPairDeclined) || p.Given {
			t.Errorf("got %+v", p)
		}
		if known, err := b.Known(t.Context()); err != nil || len(known) != 0 {
			t.Errorf("known: %+v, %v", known, err)
		}
	}
	if len(father.Snapshot().People) != 1 {
		t.Error("the child is there")
	}
}

// Who may only look lets nobody in; an admin lets others look; and nobody is let in
// twice.
func TestInviteByRole(t *testing.T) {
	mother, father, mail, child := caregivers(t)
	_, aunt := household(t)
	aunt.deps.Pair, aunt.deps.Mail = mother.deps.Pair, mail
	aunt.restart()
	if err := aunt.Create(t.Context(), phoneWords, wallet.Person{Name: "Usha Sample", Kin: wallet.KinSelf}); err != nil {
		t.Fatal(err)
	}
	show := func(b *bench, w, role string) error {
		return b.ShowInvite(t.Context(), w, wallet.Invite{Profile: child, By: "x", Role: role}, false)
	}
	if err := show(father, phoneWords, wallet.RoleAdmin); !errors.Is(err, wallet.ErrMayNot) {
		t.Errorf("an admin lets in another: %v", err)
	}
	if err := show(father, phoneWords, wallet.RoleReader); err != nil {
		t.Fatal(err)
	}
	if err := aunt.ReadInvite(t.Context(), father.stands(wallet.PairCode).Code, "Usha"); err != nil {
		t.Fatal(err)
	}
	aunt.stands(wallet.PairCompare)
	father.stands(wallet.PairCompare)
	agree(t, father, aunt)
	father.stands(wallet.PairDone)
	aunt.stands(wallet.PairDone)
	exchange(6, father, aunt, mother)
	if err := show(aunt, phoneWords, wallet.RoleReader); !errors.Is(err, wallet.ErrMayNot) {
		t.Errorf("a reader lets somebody in: %v", err)
	}
	if err := show(mother, words, wallet.RoleReader); err != nil {
		t.Fatal(err)
	}
	if err := aunt.ReadInvite(t.Context(), mother.stands(wallet.PairCode).Code, "Usha"); err != nil {
		t.Fatal(err)
	}
	if p := mother.stands(wallet.PairFailed); !errors.Is(p.Err, wallet.ErrLetIn) || p.Given {
		t.Errorf("let in twice: %+v", p)
	}
}

// One's own other device is linked, not invited.
func TestInviteOneself(t *testing.T) {
	old, fresh := household(t)
	meet(t, old, fresh)
	agree(t, old, fresh)
	old.stands(wallet.PairDone)
	fresh.stands(wallet.PairDone)
	if err := old.ShowInvite(t.Context(), words, wallet.Invite{Profile: old.Snapshot().Current, By: "Meera", Role: wallet.RoleReader}, false); err != nil {
		t.Fatal(err)
	}
	if err := fresh.ReadInvite(t.Context(), old.stands(wallet.PairCode).Code, "Meera"); err != nil {
		t.Fatal(err)
	}
	if p := old.stands(wallet.PairFailed); !errors.Is(p.Err, wallet.ErrPairSelf) {
		t.Errorf("got %v", p.Err)
	}
	if p := fresh.stands(wallet.PairFailed); !errors.Is(p.Err, wallet.ErrPairDeclined) {
		t.Errorf("got %v", p.Err)
	}
}

// What the other side says is not believed further than it goes.
func TestInvitationRefuses(t *testing.T) {
	for name, b := range map[string]string{
		"nothing": ``, "not JSON": `hello`, "no keys": `{"version":"potli-joiner/1","name":"x","public":""}`,
		"more": `{"version":"potli-joiner/1","more":1}`, "two": `{"version":"potli-joiner/1"}{}`,
	} {
		if err := wallet.CheckJoiner([]byte(b)); !errors.Is(err, wallet.ErrPairContent) {
			t.Errorf("joiner, %s: %v", name, err)
		}
	}
	if err := wallet.CheckJoiner([]byte(`{"version":"potli-joiner/2"}`)); !errors.Is(err, wallet.ErrPairVersion) {
		t.Errorf("a later joiner: %v", err)
	}
	if _, err := wallet.CheckInvited([]byte(`{"version":"potli-invited/2"}`), newClock().now()); !errors.Is(err, wallet.ErrPairVersion) {
		t.Errorf("a later invitation: %v", err)
	}
	good := map[string]any{
		"version": "potli-invited/1", "name": "Meera", "public": []byte("x"), "role": "reader", "history": false,
		"person": map[string]any{"id": "p", "name": "Aarav"}, "invitation": map[string]any{"version": "potli-invitation/1", "profile": "p"},
	}
	for name, change := range map[string]func(m map[string]any){
		"keys that are none":   func(map[string]any) {},
		"no role":              func(m map[string]any) { m["role"] = "owner" },
		"another person":       func(m map[string]any) { m["person"] = map[string]any{"id": "q", "name": "Aarav"} },
		"nobody":               func(m map[string]any) { m["person"] = map[string]any{"id": "p"} },
		"a birthday to come":   func(m map[string]any) { m["person"] = map[string]any{"id": "p", "name": "A", "birthDate": "2999"} },
		"an unknown member":    func(m map[string]any) { m["more"] = 1 },
		"a person with more":   func(m map[string]any) { m["person"] = map[string]any{"id": "p", "name": "A", "more": 1} },
		"no invitation at all": func(m map[string]any) { delete(m, "invitation") },
	} {
		m := maps.Clone(good)
		change(m)
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := wallet.CheckInvited(b, newClock().now()); !errors.Is(err, wallet.ErrPairContent) {
			t.Errorf("invitation, %s: %v", name, err)
		}
	}
}

func FuzzInvitation(f *testing.F) {
	f.Add([]byte(`{"version":"potli-joiner/1","name":"x","public":"eA=="}`))
	f.Add([]byte(`{"version":"potli-invited/1","name":"x","public":"eA==","person":{"id":"p","name":"A"},"role":"reader","history":true,"invitation":{"profile":"p"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := wallet.CheckInvited(b, newClock().now())
		for _, err := range []error{err, wallet.CheckJoiner(b)} {
			if !slices.ContainsFunc([]error{nil, wallet.ErrPairContent, wallet.ErrPairVersion}, func(e error) bool { return errors.Is(err, e) }) {
				t.Errorf("error %v", err)
			}
		}
	})
}

// From now on is from now on: what was there before never comes, what is written
// afterwards does, by sync.
func TestInviteFromNowOn(t *testing.T) {
	mother, father, child := parents(t)
	mail := &shelf{Relay: synctest.New(mother.clock.now)}
	for _, b := range []*bench{mother, father} {
		b.deps.Mail = mail
		b.Wallet.Lock()
		b.restart()
	}
	mother.unlock()
	if err := father.Unlock(t.Context(), phoneWords); err != nil {
		t.Fatal(err)
	}
	mother.Choose(child)
	before := mother.importOne(file("allergy.json", []byte(allergy)))
	invite(t, mother, father, wallet.Invite{Profile: child, By: "Meera Sample", Role: wallet.RoleReader})
	agree(t, mother, father)
	mother.stands(wallet.PairDone)
	father.stands(wallet.PairDone)
	after := mother.importOne(file("other.json", []byte(strings.Replace(allergy, "Peanut", "Milk", 1))))
	exchange(6, mother, father)
	if _, ok := father.Record(after); !ok {
		t.Errorf("what is written from now on did not come: %+v", father.Snapshot().Sync[child])
	}
	if _, ok := father.Record(before); ok {
		t.Error("what was there before came")
	}
	father.Choose(child)
	if n := father.Snapshot().Records; n != 1 {
		t.Errorf("father sees %d records", n)
	}
	for name, b := range map[string]*bench{"mother": mother, "father": father} {
		if k := b.syncKind(child); k != wallet.SyncCurrent {
			t.Errorf("%s: %q", name, k)
		}
	}
}
