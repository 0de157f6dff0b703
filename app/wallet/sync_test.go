package wallet_test

import (
	"context"

	"testing"
	"time"

	"potli/app/record"
	"potli/app/sync"
	"potli/app/sync/synctest"
	"potli/app/wallet"
)

// shelf is what two browser profiles reach histories by. It can be cut off.
type shelf struct {
	*synctest.Relay
	off bool
}

func (s *shelf) Open(ctx context.Context, b sync.Box, life time.Duration) (sync.Standing, error) {
	if s.off {
		return sync.Standing{}, sync.ErrOffline
	}
	return s.Relay.Open(ctx, b, life)
}

func (s *shelf) List(ctx context.Context, b sync.Box, after int64) ([]sync.Letter, bool, error) {
	if s.off {
		return nil, false, sync.ErrOffline
	}
	return s.Relay.List(ctx, b, after)
}

// caregivers are two wallets that care for one child, the one as an admin.
func caregivers(t *testing.T) (mother, father *bench, mail *shelf, child record.ProfileID) {
	t.Helper()
	mother, father, child = parents(t)
	mail = &shelf{Relay: synctest.New(mother.clock.now)}
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
	mother.importOne(file("allergy.json", []byte(allergy)))
	invite(t, mother, father, wallet.Invite{Profile: child, By: "Meera Sample", Role: wallet.RoleAdmin, History: true})
	agree(t, mother, father)
	mother.stands(wallet.PairDone)
	father.stands(wallet.PairDone)
	exchange(6, mother, father)
	return mother, father, mail, child
}

// exchange lets everybody sync for a while.
func exchange(rounds int, all ...*bench) {
	for range rounds {
		for _, b := range all {
			b.Sync(context.Background())
		}
		for _, b := range all {
			b.clock.add(2 * time.Minute)
		}
	}
}

func (b *bench) syncKind(id record.ProfileID) wallet.SyncKind { return b.Snapshot().Sync[id].Kind }

// TestSync is a child's record with two caregivers: both add, both see the same, and
// what one of them takes away is gone for both.
func TestSync(t *testing.T) {
	mother, father, mail, child := caregivers(t)
	father.Choose(child)
	if n := father.Snapshot().Records; n != 1 {
		t.Fatalf("father sees %d records, %+v", n, father.Snapshot().Sync)
	}
	if p := father.Snapshot().Person(); p.Blood != "O+" || p.Kin != wallet.KinOther {
		t.Errorf("father knows of the child: %+v", p)
	}
	// He adds while she is offline.
	mail.off = true
	id := father.importOne(file("scan.pdf", []byte("%PDF-1.4\n%of the father\nstartxref\n0\n%%EOF\n")))
	exchange(2, mother, father)
	if k := father.syncKind(child); k != wallet.SyncOffline {
		t.Errorf("cut off: %q", k)
	}
	mail.off = false
	father.Offline(false)
	mother.Offline(false)
	exchange(3, father, mother)
	if n := mother.Snapshot().Records; n != 2 {
		t.Fatalf("mother sees %d records, %+v", n, mother.Snapshot().Sync)
	}
	for _, b := range []*bench{mother, father} {
		if s := b.Snapshot().Sync[child]; s.Kind != wallet.SyncCurrent || s.Sending+s.Coming > 0 {
			t.Errorf("%+v", s)
		}
	}
	if _, _, body, err := mother.Original(t.Context(), id); err != nil || string(body) != "%PDF-1.4\n%of the father\nstartxref\n0\n%%EOF\n" {
		t.Errorf("got %q, %v", body, err)
	}
	// A detail that he learns, and a record that she deletes.
	p := father.Snapshot().Person()
	p.ABHANumber = ""
	p.Blood = "A+"
	if err := father.EditPerson(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if err := mother.Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	mother.clock.add(wallet.UndoFor + time.Second)
	mother.Touch()
	mother.Tick(t.Context())
	exchange(4, father, mother)
	if p := mother.Snapshot().Person(); p.Blood != "A+" || p.Kin != wallet.KinChild {
		t.Errorf("mother knows of the child: %+v", p)
	}
	if n := father.Snapshot().Records; n != 1 {
		t.Errorf("father sees %d records", n)
	}
	// After a restart everything is as it was, and nothing is asked for again.
	put := mail.Bytes
	father.Wallet.Lock()
	father.restart()
	if err := father.Unlock(t.Context(), phoneWords); err != nil {
		t.Fatal(err)
	}
	father.Choose(child)
	exchange(3, father, mother)
	if father.Snapshot().Records != 1 || mail.Bytes-put > 20_000 {
		t.Errorf("%d records, %d bytes were sent", father.Snapshot().Records, mail.Bytes-put)
	}
}

// TestSyncStops: what is stopped stays here until it is started.
func TestSyncStops(t *testing.T) {
	mother, father, mail, child := caregivers(t)
	mother.StopSync()
	mother.importOne(file("scan.pdf", []byte("%PDF-1.4\n%one\nstartxref\n0\n%%EOF\n")))
	put := mail.Calls
	exchange(3, mother)
	if mail.Calls != put {
		t.Error("it went on")
	}
	mother.StartSync()
	exchange(3, mother, father)
	father.Choose(child)
	if n := father.Snapshot().Records; n != 2 {
		t.Errorf("father sees %d records", n)
	}
	mother.Wallet.Lock()
	mother.Sync(t.Context()) // has nothing to do
	if len(mother.Snapshot().Sync) > 0 {
		t.Error("a locked wallet shows how things stand")
	}
}

// TestSyncAlone: whoever has nobody asks the relay for nothing.
func TestSyncAlone(t *testing.T) {
	b := newBench(t)
	mail := &shelf{Relay: synctest.New(b.clock.now)}
	b.deps.Mail = mail
	b.restart()
	b.create()
	b.importOne(file("scan.pdf", []byte("%PDF-1.4\n%one\nstartxref\n0\n%%EOF\n")))
	exchange(3, b)
	if mail.Calls > 0 || len(b.Snapshot().Sync) > 0 {
		t.Errorf("%d calls, %+v", mail.Calls, b.Snapshot().Sync)
	}
}

// TestSyncRests: while the relay can not be reached it is asked more and more seldom.
func TestSyncRests(t *testing.T) {
	mother, _, mail, _ := caregivers(t)
	mail.off = true
	asked := 0
	for range 3600 {
		before := mother.Snapshot().Seq
		mother.Sync(t.Context())
		if mother.Snapshot().Seq != before {
			asked++
		}
		mother.clock.add(time.Second)
	}
	if asked > 20 {
		t.Errorf("asked %d times in an hour", asked)
	}
}

// TestSyncOwnDevices: two devices of one person have the same people, records and
// links; and a device that is shut out learns that and nothing else.
func TestSyncOwnDevices(t *testing.T) {
	phone, tablet := household(t)
	mail := &shelf{Relay: synctest.New(phone.clock.now)}
	for _, b := range []*bench{phone, tablet} {
		b.deps.Mail = mail
	}
	phone.Wallet.Lock()
	phone.restart()
	phone.unlock()
	tablet.restart()
	me := phone.Snapshot().Current
	phone.importOne(file("scan.pdf", []byte("%PDF-1.4\n%one\nstartxref\n0\n%%EOF\n")))
	meet(t, phone, tablet)
	agree(t, phone, tablet)
	tablet.stands(wallet.PairDone)
	phone.stands(wallet.PairDone)
	exchange(4, phone, tablet)
	if s := tablet.Snapshot(); s.Records != 1 || s.Sync[me].Kind != wallet.SyncCurrent {
		t.Fatalf("the tablet has %d records, %+v", s.Records, s.Sync)
	}
	// Somebody is added on each at once, and a record for one of them.
	ravi, err := tablet.AddPerson(t.Context(), wallet.Person{Name: "Ravi Sample", Kin: wallet.KinParent})
	if err != nil {
		t.Fatal(err)
	}
	tablet.Choose(ravi.ID)
	tablet.importOne(file("allergy.json", []byte(allergy)))
	tablet.DismissImport()
	if _, err := phone.AddPerson(t.Context(), wallet.Person{Name: "Tara Sample", Kin: wallet.KinChild}); err != nil {
		t.Fatal(err)
	}
	exchange(6, tablet, phone)
	for _, b := range []*bench{phone, tablet} {
		if s := b.Snapshot(); len(s.People) != 3 {
			t.Errorf("%d people", len(s.People))
		}
		b.Choose(ravi.ID)
		if n := b.Snapshot().Records; n != 1 {
			t.Errorf("%d records of Ravi, %+v", n, b.Snapshot().Sync)
		}
	}
	// The tablet is lost.
	for _, b := range []*bench{phone, tablet} {
		b.clock.add(25 * time.Hour)
		b.Touch()
	}
	list, err := phone.Devices(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	if err := phone.RemoveDevice(t.Context(), words, list[1].ID); err != nil {
		t.Fatal(err)
	}
	phone.importOne(file("late.pdf", []byte("%PDF-1.4\n%late\nstartxref\n0\n%%EOF\n")))
	exchange(4, phone, tablet)
	if s := tablet.Snapshot(); s.Trouble != wallet.DeviceShutOut || s.Records != 1 {
		t.Errorf("the tablet: %q, %d records", s.Trouble, s.Records)
	}
	if s := phone.Snapshot(); s.Trouble != "" || s.Records != 2 {
		t.Errorf("the phone: %q, %d records", s.Trouble, s.Records)
	}
}

// TestSyncErased: whom one device has erased does not come back by the other.
func TestSyncErased(t *testing.T) {
	phone, tablet := household(t)
	mail := &shelf{Relay: synctest.New(phone.clock.now)}
	for _, b := range []*bench{phone, tablet} {
		b.deps.Mail = mail
	}
	phone.Wallet.Lock()
	phone.restart()
	phone.unlock()
	tablet.restart()
	tara, err := phone.AddPerson(t.Context(), wallet.Person{Name: "Tara Sample", Kin: wallet.KinChild})
	if err != nil {
		t.Fatal(err)
	}
	phone.Choose(tara.ID)
	phone.importOne(file("allergy.json", []byte(allergy)))
	phone.DismissImport()
	meet(t, phone, tablet)
	agree(t, phone, tablet)
	tablet.stands(wallet.PairDone)
	phone.stands(wallet.PairDone)
	exchange(4, phone, tablet)
	if n := tablet.CountRecords(tara.ID); n != 1 {
		t.Fatalf("the tablet has %d records", n)
	}
	if err := tablet.SetAside(t.Context(), tara.ID); err != nil {
		t.Fatal(err)
	}
	if err := tablet.EraseProfile(t.Context(), tara.ID); err != nil {
		t.Fatal(err)
	}
	exchange(4, tablet, phone)
	for _, b := range []*bench{phone, tablet} {
		if n := len(b.Snapshot().People); n != 1 || b.CountRecords(tara.ID) != 0 {
			t.Errorf("%d people, %d records", n, b.CountRecords(tara.ID))
		}
	}
}
