package wallet_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/record"
	"potli/app/sync/synctest"
	"potli/app/wallet"
)

// home is a family: a mother who owns a child's records, a father who is an admin,
// and the child, with a wallet of their own. The child is born on a leap day, and is
// of age on 1 March 2038.
type home struct {
	mother, father, aarav *bench
	all                   []*bench
	child                 record.ProfileID
	before                record.ID // a record from before anybody was let in
}

// newHome has everybody's clock at a time, and the father let in.
func newHome(t *testing.T, at time.Time) *home {
	t.Helper()
	h := &home{}
	h.mother, h.father, h.child = parents(t)
	_, h.aarav = household(t)
	h.aarav.deps.Pair = h.mother.deps.Pair
	h.aarav.restart()
	if err := h.aarav.Create(t.Context(), phoneWords, wallet.Person{Name: "Aarav", Kin: wallet.KinSelf, BirthDate: "2020-02-29"}); err != nil {
		t.Fatal(err)
	}
	h.all = []*bench{h.mother, h.father, h.aarav}
	mail := &shelf{Relay: synctest.New(h.mother.clock.now)}
	for _, b := range h.all {
		b.deps.Mail = mail
		b.Wallet.Lock()
		b.restart()
	}
	h.at(at.Add(-time.Hour))
	h.mother.unlock()
	for _, b := range h.all[1:] {
		if err := b.Unlock(t.Context(), phoneWords); err != nil {
			t.Fatal(err)
		}
	}
	h.mother.Choose(h.child)
	h.before = h.mother.importOne(file("allergy.json", []byte(allergy)))
	invite(t, h.mother, h.father, wallet.Invite{Profile: h.child, By: "Meera Sample", Role: wallet.RoleAdmin, History: true})
	agree(t, h.mother, h.father)
	h.mother.stands(wallet.PairDone)
	h.father.stands(wallet.PairDone)
	exchange(6, h.mother, h.father)
	h.at(at)
	return h
}

// at sets every clock.
func (h *home) at(at time.Time) {
	for _, b := range h.all {
		b.clock.set(at)
	}
}

// settle lets everybody sync, and look.
func (h *home) settle(t *testing.T) {
	t.Helper()
	exchange(6, h.all...)
	for _, b := range h.all {
		b.Look(t)
	}
}

// letIn lets the child in as the person themselves, on their own device.
func (h *home) letIn(t *testing.T) {
	t.Helper()
	i := wallet.Invite{Profile: h.child, By: "Meera Sample", Role: wallet.RoleReader, History: true, Subject: true}
	if err := h.mother.ShowInvite(t.Context(), words, i, false); err != nil {
		t.Fatal(err)
	}
	if err := h.aarav.ReadInvite(t.Context(), h.mother.stands(wallet.PairCode).Code, "Aarav"); err != nil {
		t.Fatal(err)
	}
	h.mother.stands(wallet.PairCompare)
	h.aarav.stands(wallet.PairCompare)
	agree(t, h.mother, h.aarav)
	h.mother.stands(wallet.PairDone)
	h.aarav.stands(wallet.PairDone)
	h.settle(t)
}

func (h *home) accept(t *testing.T) {
	t.Helper()
	if err := h.aarav.AcceptRecords(t.Context(), h.child); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
}

// stage fails unless the handover stands there, and returns it.
func (b *bench) stage(id record.ProfileID, want wallet.HandoverStage, can bool) wallet.Handover {
	b.t.Helper()
	b.Look(b.t)
	got := b.Snapshot().HandoverOf(id)
	if got.Stage != want || got.Can != can {
		b.t.Fatalf("it stands at %+v, want %q %v", got, want, can)
	}
	return got
}

func wantErr(t testing.TB, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) || want == nil && got != nil {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// writes tries every way of the wallet to change or show something of a person, and
// wants the same answer of each.
func (b *bench) writes(id record.ProfileID, record record.ID, want error) {
	b.t.Helper()
	ctx := b.t.Context()
	b.Choose(id)
	b.DismissImport()
	report := b.Import(ctx, []wallet.File{file("new.json", []byte(strings.Replace(allergy, "Peanut", "Sesame", 1)))})
	wantErr(b.t, "adding", report.Files[0].Err, want)
	b.DismissImport()
	p := b.person(id)
	p.Blood = "B+"
	wantErr(b.t, "changing", b.EditPerson(ctx, p), want)
	wantErr(b.t, "deleting", b.Delete(ctx, record), want)
	_, err := b.Move(ctx, record, b.Snapshot().People[0].ID)
	wantErr(b.t, "moving", err, want)
	_, err = b.Write(ctx, id, penicillin(""))
	wantErr(b.t, "writing", err, want)
	wantErr(b.t, "asking whether to write", b.MayWrite(ctx, id), want)
	for _, prepare := range []func() (*wallet.Preview, error){
		func() (*wallet.Preview, error) { return b.PrepareCounter(ctx) }, func() (*wallet.Preview, error) { return b.PrepareLink(ctx) },
	} {
		_, err := prepare()
		wantErr(b.t, "showing", err, want)
	}
}

// TestF2_Handover (T27): from the first notice to a wallet of the person's own, on the very minutes, with three devices.
func TestF2_HandoverOfALeapling(t *testing.T) {
	h := newHome(t, ist(2037, time.November, 30, 23, 59))
	ctx := t.Context()
	if s := h.mother.stage(h.child, wallet.HandoverSoon, false); s.Day != "2038-03-01" || s.Opens != "2037-12-01" || s.Alone != "2038-03-31" {
		t.Errorf("the days: %+v", s)
	}
	wantErr(t, "too early", h.mother.OfferRecords(ctx, h.child, h.mother.Snapshot().HandoverOf(h.child).Others[0].User), wallet.ErrEarly)
	h.at(ist(2037, time.December, 1, 0, 0))
	h.mother.stage(h.child, wallet.HandoverAsk, true)
	h.letIn(t)
	h.mother.stage(h.child, wallet.HandoverOffered, false)
	if s := h.aarav.stage(h.child, wallet.HandoverOffered, true); !s.Mine || s.Who != "Meera Sample" {
		t.Errorf("in the person's own wallet: %+v", s)
	}
	wantErr(t, "nobody else accepts", h.father.AcceptRecords(ctx, h.child), wallet.ErrMayNot)
	h.accept(t)
	if s := h.mother.stage(h.child, wallet.HandoverAccepted, false); s.Who != "Aarav" {
		t.Errorf("who it is: %+v", s)
	}
	h.aarav.writes(h.child, h.before, wallet.ErrReader)

	h.at(ist(2038, time.February, 28, 23, 59))
	wantErr(t, "before the day", h.father.HandOver(ctx, h.child), wallet.ErrEarly)
	h.father.Choose(h.child)
	if _, err := h.father.PrepareCounter(ctx); err != nil {
		t.Errorf("showing a minute before: %v", err)
	}
	// What is added in the last minute is handed over with the rest, though it was not sent yet.
	h.father.DismissImport()
	last := h.father.importOne(file("last.json", []byte(strings.Replace(allergy, "Peanut", "Dust", 1))))
	h.at(ist(2038, time.March, 1, 0, 0))
	for _, b := range []*bench{h.mother, h.father} {
		b.Look(t)
		b.writes(h.child, h.before, wallet.ErrOfAge)
		if days, _ := b.notice(h.child); days != 0 {
			t.Errorf("notice %d on the day", days)
		}
	}
	// A clock that is put back makes nobody younger, and the invitation is one to share.
	h.father.clock.set(ist(2038, time.February, 1, 0, 0))
	h.father.writes(h.child, h.before, wallet.ErrOfAge)
	wantErr(t, "another caregiver", h.father.ShowInvite(ctx, phoneWords, wallet.Invite{Profile: h.child, By: "Arjun", Role: wallet.RoleReader}, false), wallet.ErrOfAge)
	carers, err := h.father.Carers(ctx, h.child)
	if err != nil || len(carers) != 3 {
		t.Fatalf("%+v, %v", carers, err)
	}
	for _, c := range carers {
		if !c.Me {
			wantErr(t, "who decides", h.father.SetCarerRole(ctx, h.child, c.User, wallet.RoleOwner), wallet.ErrOfAge)
			wantErr(t, "who takes over", h.father.NameHolder(ctx, h.child, c.User, wallet.HolderDays[0]), wallet.ErrOfAge)
			wantErr(t, "who goes", h.father.RemoveCarer(ctx, h.child, c.User), wallet.ErrOfAge)
		}
	}
	h.at(ist(2038, time.March, 1, 0, 0))
	h.aarav.Choose(h.child)
	if _, err := h.aarav.PrepareCounter(ctx); err != nil {
		t.Errorf("the person shows their own records: %v", err)
	}

	h.aarav.stage(h.child, wallet.HandoverReady, false) // not alone, yet
	wantErr(t, "alone, on the day", h.aarav.HandOver(ctx, h.child), wallet.ErrEarly)
	h.father.stage(h.child, wallet.HandoverReady, true)
	if err := h.father.HandOver(ctx, h.child); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	h.mother.stage(h.child, wallet.HandoverDone, false)
	if days, _ := h.mother.notice(h.child); days >= 0 {
		t.Error("a notice after it was handed over")
	}
	s := h.aarav.stage(h.child, wallet.HandoverChoose, true)
	if _, ok := h.aarav.Record(last); !ok {
		t.Error("what was added in the last minute did not come")
	}
	if len(s.Others) != 2 {
		t.Fatalf("who reads: %+v", s.Others)
	}
	h.keepFather(t, s)
}

// keepFather is what follows: the father stays, the mother does not.
func (h *home) keepFather(t *testing.T, s wallet.Handover) {
	t.Helper()
	ctx := t.Context()
	father := s.Others[slices.IndexFunc(s.Others, func(c wallet.Carer) bool { return c.Name != "Meera Sample" })].User
	wantErr(t, "who stays is not the caregivers' to say", h.mother.KeepReaders(ctx, h.child, nil), wallet.ErrMayNot)
	if err := h.aarav.KeepReaders(ctx, h.child, []string{father}); err != nil {
		t.Fatal(err)
	}
	if self, _ := h.aarav.Snapshot().Self(); self.ID != h.child || len(h.aarav.Snapshot().Shown()) != 1 || h.aarav.Snapshot().Current != h.child {
		t.Errorf("whose wallet it is: %+v", h.aarav.Snapshot().People)
	}
	h.aarav.stage(h.child, wallet.HandoverDone, false)
	if _, ok := h.aarav.Record(h.before); !ok {
		t.Error("what was there before did not come")
	}
	id := h.aarav.importOne(file("own.json", []byte(strings.Replace(allergy, "Peanut", "Wool", 1))))
	h.settle(t)
	h.settle(t)
	if _, ok := h.father.Record(id); !ok {
		t.Errorf("who stays does not read what is new: %+v", h.father.Snapshot().Sync[h.child])
	}
	if _, ok := h.mother.Record(id); ok {
		t.Error("who was taken out reads what is new")
	}
	if _, ok := h.mother.Record(h.before); !ok {
		t.Error("what she had opened is gone: nobody was told that it would be")
	}
	h.father.writes(h.child, h.before, wallet.ErrOfAge)
}

// TestT27_TakingOverAlone: the caregivers do not hand over; 30 days later the person does.
func TestT27_TakingOverAlone(t *testing.T) {
	h := newHome(t, ist(2037, time.December, 24, 10, 0))
	ctx := t.Context()
	h.letIn(t)
	h.accept(t)
	h.at(ist(2038, time.March, 30, 23, 59))
	h.aarav.stage(h.child, wallet.HandoverReady, false)
	wantErr(t, "a minute early", h.aarav.HandOver(ctx, h.child), wallet.ErrEarly)
	h.at(ist(2038, time.March, 31, 0, 0))
	h.aarav.stage(h.child, wallet.HandoverReady, true)
	if err := h.aarav.HandOver(ctx, h.child); err != nil {
		t.Fatal(err)
	}
	if err := h.aarav.KeepReaders(ctx, h.child, nil); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	if k := h.mother.Snapshot().Sync[h.child].Kind; k != wallet.SyncRemoved {
		t.Errorf("the mother's wallet says %q", k)
	}
}

// TestF2_InTheLastMinute: what is reported as added is handed over with the rest, though the day begins as it is reported.
func TestF2_InTheLastMinute(t *testing.T) {
	h := newHome(t, ist(2037, time.December, 1, 9, 0))
	h.letIn(t)
	h.accept(t)
	h.at(ist(2038, time.February, 28, 23, 59))
	h.mother.Choose(h.child)
	h.mother.DismissImport()
	h.mother.Subscribe(func(s *wallet.Snapshot) {
		if s.Import != nil {
			h.at(ist(2038, time.March, 1, 0, 0))
		}
	})
	last := h.mother.importOne(file("last.json", []byte(strings.Replace(allergy, "Peanut", "Dust", 1))))
	h.mother.stage(h.child, wallet.HandoverReady, true)
	if err := h.mother.HandOver(t.Context(), h.child); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	if _, ok := h.aarav.Record(last); !ok {
		t.Error("what was added in the last minute did not come")
	}
}

// TestF2_OnTheDayItself: nobody had read the notices. The person is let in on the day, and is given everything.
func TestF2_OnTheDayItself(t *testing.T) {
	h := newHome(t, ist(2037, time.June, 1, 10, 0))
	h.at(ist(2038, time.March, 1, 9, 0))
	h.mother.stage(h.child, wallet.HandoverAsk, true)
	h.letIn(t)
	h.accept(t)
	if err := h.mother.HandOver(t.Context(), h.child); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	h.keepFather(t, h.aarav.stage(h.child, wallet.HandoverChoose, true))
}

// TestT27_AloneWithAChild: a caregiver whom nobody helps, and who is told the same on the day.
func TestT27_AloneWithAChild(t *testing.T) {
	b := newBench(t).create()
	child := b.add(wallet.Person{Name: "Aarav", Kin: wallet.KinChild, BirthDate: "2010-07-01"})
	b.Choose(child.ID)
	id := b.importOne(file("allergy.json", []byte(allergy)))
	ctx := t.Context()
	if _, err := b.PrepareCounter(ctx); err != nil {
		t.Fatal(err)
	}
	b.at(ist(2028, time.July, 1, 0, 0))
	b.Choose(child.ID)
	report := b.Import(ctx, []wallet.File{file("new.json", []byte(strings.Replace(allergy, "Peanut", "Sesame", 1)))})
	wantErr(t, "adding", report.Files[0].Err, wallet.ErrOfAge)
	wantErr(t, "deleting", b.Delete(ctx, id), wallet.ErrOfAge)
	_, err := b.PrepareLink(ctx)
	wantErr(t, "showing", err, wallet.ErrOfAge)
	b.stage(child.ID, wallet.HandoverInvite, true)
	p := b.person(child.ID) // a birthday that was mistyped
	p.BirthDate = "2012-07-01"
	wantErr(t, "putting it right", b.EditPerson(ctx, p), nil)
	wantErr(t, "deleting", b.Delete(ctx, id), nil)
}

// TestF2_OwnWalletOfAMinor: whoever keeps their own records at 17 loses nothing on the day, though another device of theirs
// has a history of it.
func TestF2_OwnWalletOfAMinor(t *testing.T) {
	phone, tablet := household(t)
	me := phone.Snapshot().People[0]
	me.BirthDate = "2010-07-01"
	if err := phone.EditPerson(t.Context(), me); err != nil {
		t.Fatal(err)
	}
	meet(t, phone, tablet)
	agree(t, phone, tablet)
	tablet.stands(wallet.PairDone)
	phone.stands(wallet.PairDone)
	st, err := phone.Histories(t).State(t.Context(), me.ID)
	if err != nil || !st.Self() || st.Majority.Known() {
		t.Fatalf("the history takes the person for one who is cared for: %v", err)
	}
	phone.clock.set(ist(2028, time.July, 1, 0, 0))
	phone.Touch()
	phone.Look(t)
	phone.importOne(file("allergy.json", []byte(allergy)))
	if _, ok := phone.Snapshot().Handovers[me.ID]; ok {
		t.Error("one's own records are to be handed over")
	}
}
