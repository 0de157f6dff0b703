package wallet_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"potli/app/sync/synctest"
	"potli/app/wallet"
	"potli/crypto/passkey/passkeytest"
)

// devices is two devices of one person, which sync.
func devices(t *testing.T) (phone, tablet *bench, mail *shelf) {
	t.Helper()
	phone, tablet = household(t)
	mail = &shelf{Relay: synctest.New(phone.clock.now)}
	for _, b := range []*bench{phone, tablet} {
		b.deps.Mail = mail
	}
	phone.Wallet.Lock()
	phone.restart()
	phone.unlock()
	tablet.restart()
	join(t, phone, tablet)
	exchange(4, phone, tablet)
	return phone, tablet, mail
}

// join links one device to another, of which phoneWords are the words unless it is the
// first.
func join(t *testing.T, old, fresh *bench) {
	t.Helper()
	meet(t, old, fresh)
	agree(t, old, fresh)
	fresh.stands(wallet.PairDone)
	old.stands(wallet.PairDone)
}

// linkThird links a laptop to the second device.
func linkThird(t *testing.T, tablet, laptop *bench) {
	t.Helper()
	if err := tablet.ShowLink(t.Context(), phoneWords, false); err != nil {
		t.Fatal(err)
	}
	laptop.clock.add(tablet.clock.now().Sub(laptop.clock.now()))
	if err := laptop.ReadLink(t.Context(), tablet.stands(wallet.PairCode).Code, "laptop", phoneWords); err != nil {
		t.Fatal(err)
	}
	tablet.stands(wallet.PairCompare)
	laptop.stands(wallet.PairCompare)
	agree(t, tablet, laptop)
	laptop.stands(wallet.PairDone)
	tablet.stands(wallet.PairDone)
}

// idOf is the id of a device by its place in the list.
func (b *bench) idOf(place int) string {
	b.t.Helper()
	list, err := b.Devices(b.t.Context())
	if err != nil || len(list) <= place {
		b.t.Fatalf("%+v, %v", list, err)
	}
	return list[place].ID
}

// TestNewcomers: every device is told of one that it did not add itself, until the
// person has answered there; the answer of another device does not count.
func TestNewcomers(t *testing.T) {
	phone, tablet, mail := devices(t)
	phone.importOne(file("allergy.json", []byte(allergy)))
	exchange(3, phone, tablet)
	for name, b := range map[string]*bench{"phone": phone, "tablet": tablet} {
		if list := b.Snapshot().Newcomers; len(list) > 0 {
			t.Fatalf("the %s asks about %+v", name, list)
		}
	}
	if err := phone.SetDeviceName(t.Context(), phone.idOf(1), "kitchen tablet"); err != nil {
		t.Fatal(err)
	}
	laptop := newBench(t)
	laptop.deps.Pair, laptop.deps.Sleep, laptop.deps.Mail = tablet.deps.Pair, tablet.deps.Sleep, mail
	laptop.restart()
	linkThird(t, tablet, laptop)
	exchange(12, tablet, laptop, phone)
	if n := laptop.Snapshot().Records; n != 1 {
		t.Errorf("the laptop has %d records, %+v", n, laptop.Snapshot().Sync)
	}
	list := phone.Snapshot().Newcomers
	if len(list) != 1 || list[0].Name != "laptop" || list[0].By != "kitchen tablet" || list[0].This || list[0].Added.IsZero() {
		t.Fatalf("the phone asks about %+v", list)
	}
	for name, b := range map[string]*bench{"tablet": tablet, "laptop": laptop} {
		if list := b.Snapshot().Newcomers; len(list) > 0 {
			t.Errorf("the %s asks about %+v", name, list)
		}
	}
	// It stays until it is answered here.
	if err := laptop.ConfirmDevice(t.Context(), list[0].ID); err != nil {
		t.Fatal(err)
	}
	exchange(3, laptop, tablet, phone)
	phone.Wallet.Lock()
	phone.restart()
	phone.unlock()
	if list := phone.Snapshot().Newcomers; len(list) != 1 {
		t.Fatalf("after a restart the phone asks about %+v", list)
	}
	if err := phone.ConfirmDevice(t.Context(), "nobody"); !errors.Is(err, wallet.ErrNoDevice) {
		t.Errorf("of nobody: %v", err)
	}
	if err := phone.ConfirmDevice(t.Context(), list[0].ID); err != nil {
		t.Fatal(err)
	}
	phone.Wallet.Lock()
	phone.restart()
	phone.unlock()
	if list := phone.Snapshot().Newcomers; len(list) > 0 {
		t.Errorf("it was answered, and the phone asks about %+v", list)
	}
}

// TestNewcomerRemoved: the other answer. The new one can not answer in kind.
func TestNewcomerRemoved(t *testing.T) {
	phone, tablet, mail := devices(t)
	if err := tablet.RemoveDevice(t.Context(), phoneWords, tablet.idOf(0)); !errors.Is(err, wallet.ErrTooNew) {
		t.Fatalf("a device of today removes another: %v", err)
	}
	if err := phone.RemoveDevice(t.Context(), words, phone.idOf(1)); err != nil {
		t.Fatal(err)
	}
	exchange(3, phone, tablet)
	if s := tablet.Snapshot(); s.Trouble != wallet.DeviceShutOut {
		t.Errorf("the tablet: %q", s.Trouble)
	}
	// It is told after a restart too, and can not put it away.
	tablet.Wallet.Lock()
	tablet.restart()
	if err := tablet.Unlock(t.Context(), phoneWords); err != nil {
		t.Fatal(err)
	}
	if err := tablet.ReadTrouble(t.Context()); err != nil {
		t.Fatal(err)
	}
	exchange(3, tablet, phone)
	if s := tablet.Snapshot(); s.Trouble != wallet.DeviceShutOut {
		t.Errorf("after a restart: %q", s.Trouble)
	}
	put := mail.Bytes
	if exchange(5, tablet, phone); mail.Bytes != put {
		t.Errorf("they go on to write to each other: %d bytes", mail.Bytes-put)
	}
}

// TestAuthenticateByPasskey: where the wallet has a passkey it stands for the words
// before a device comes or goes; quick unlock never does.
func TestAuthenticateByPasskey(t *testing.T) {
	phone, _, _ := devices(t)
	ctx := t.Context()
	if err := phone.ShowLink(ctx, "", false); !errors.Is(err, wallet.ErrProve) {
		t.Errorf("without any way: %v", err)
	}
	keys, quick := passkeytest.New(t.Name()), &quickKeys{}
	keys.Site = "wallet.test"
	phone.deps.Passkeys, phone.deps.QuickKeys = keys, quick
	phone.Wallet.Lock()
	phone.restart()
	phone.unlock()
	if err := phone.Prove(ctx, words); err != nil {
		t.Fatal(err)
	}
	if err := phone.AddQuick(ctx); err != nil {
		t.Fatal(err)
	}
	if err := phone.RemoveDevice(ctx, "", phone.idOf(1)); !errors.Is(err, wallet.ErrProve) {
		t.Errorf("with quick unlock: %v", err)
	}
	if err := phone.AddPasskey(ctx, "Meera"); err != nil {
		t.Fatal(err)
	}
	if err := phone.ShowLink(ctx, "", false); err != nil {
		t.Errorf("a code, by the passkey: %v", err)
	}
	phone.DropPairing()
	file := phone.blob("unlock-passkey")
	if err := phone.RemoveDevice(ctx, "", phone.idOf(1)); err != nil {
		t.Errorf("removing by the passkey: %v", err)
	}
	if d, err := phone.Devices(ctx); err != nil || d[1].Active() {
		t.Errorf("it is there: %+v, %v", d, err)
	}
	// What another wallet's passkey opens proves nothing here.
	other := newWays(t)
	other.passkeys = keys
	if bytes.Equal(file, other.blob("unlock-passkey")) {
		t.Fatal("one file")
	}
	phone.Wallet.Lock()
	if err := phone.ShowLink(ctx, "", false); !errors.Is(err, wallet.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
}

// TestDetailsReachTheSecondDevice: what is changed of a person on one device is changed
// on the other, and two that each change another detail at once have both.
func TestDetailsReachTheSecondDevice(t *testing.T) {
	phone, tablet, _ := devices(t)
	ctx := t.Context()
	tara, err := phone.AddPerson(ctx, wallet.Person{Name: "Tara Sample", Kin: wallet.KinChild, BirthDate: "2014"})
	if err != nil {
		t.Fatal(err)
	}
	exchange(4, phone, tablet)
	find := func(b *bench) wallet.Person {
		i := slices.IndexFunc(b.Snapshot().People, func(p wallet.Person) bool { return p.ID == tara.ID })
		if i < 0 {
			t.Fatalf("nobody: %+v", b.Snapshot().People)
		}
		return b.Snapshot().People[i]
	}
	if got := find(tablet); got.BirthDate != "2014" || got.Name != "Tara Sample" || got.Kin != wallet.KinChild {
		t.Fatalf("the tablet has %+v", got)
	}
	change := func(b *bench, f func(*wallet.Person)) {
		t.Helper()
		p := find(b)
		f(&p)
		if err := b.EditPerson(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	change(phone, func(p *wallet.Person) {
		p.Colour, p.Kin, p.Relation, p.Blood = 5, wallet.KinOther, "my niece", "A+"
		p.Numbers = []wallet.Number{{Name: "School", Value: "17"}}
	})
	if err := phone.SetPhoto(ctx, tara.ID, picture(t)); err != nil {
		t.Fatal(err)
	}
	change(tablet, func(p *wallet.Person) { p.BirthDate, p.Gender = "2014-05", "female" })
	exchange(6, phone, tablet)
	want := find(phone)
	if want.Colour != 5 || want.Kin != wallet.KinOther || want.Relation != "my niece" || want.Blood != "A+" || len(want.Numbers) != 1 ||
		want.BirthDate != "2014-05" || want.Gender != "female" || want.Photo == "" {
		t.Errorf("the phone has %+v", want)
	}
	if got := find(tablet); got.Photo != want.Photo || got.Colour != 5 || got.Kin != wallet.KinOther || got.Relation != "my niece" || got.Blood != "A+" ||
		len(got.Numbers) != 1 || got.BirthDate != "2014-05" || got.Gender != "female" {
		t.Errorf("the tablet has %+v", got)
	}
	photo, err := tablet.Photo(ctx, tara.ID)
	if err != nil || len(photo) == 0 {
		t.Errorf("no picture on the tablet: %v", err)
	}
	// A day of birth, which the history tells; what is taken away; and nothing more is said then.
	change(tablet, func(p *wallet.Person) { p.BirthDate, p.Relation, p.Numbers = "2014-05-01", "", nil })
	exchange(5, tablet, phone)
	if got := find(phone); got.BirthDate != "2014-05-01" || got.Relation != "" || len(got.Numbers) != 0 || got.Colour != 5 {
		t.Errorf("the phone has %+v", got)
	}
	change(phone, func(p *wallet.Person) { p.BirthDate = "2014" })
	exchange(5, phone, tablet)
	if got := find(tablet); got.BirthDate != "2014" {
		t.Errorf("the tablet has %+v", got)
	}
	// Each says of another person that it is them: both devices agree on one.
	change(phone, func(p *wallet.Person) { p.Kin = wallet.KinSelf })
	if err := tablet.SetSelf(ctx, tablet.Snapshot().People[0].ID); err != nil {
		t.Fatal(err)
	}
	exchange(6, phone, tablet)
	a, okA := phone.Snapshot().Self()
	b, okB := tablet.Snapshot().Self()
	if !okA || !okB || a.ID != b.ID {
		t.Errorf("the phone is of %q, the tablet of %q", a.Name, b.Name)
	}
}

// TestSplit: two devices shut each other out while neither hears of the other. Both say
// so; what was written on one comes to the other by a backup and the kit, and nothing of
// either is lost.
func TestSplit(t *testing.T) {
	phone, tablet, mail := devices(t)
	kit := phone.onPaper()
	exchange(4, phone, tablet)
	for _, b := range []*bench{phone, tablet} {
		b.clock.add(25 * time.Hour)
		b.Touch()
	}
	mail.off = true
	if err := phone.RemoveDevice(t.Context(), words, phone.idOf(1)); err != nil {
		t.Fatal(err)
	}
	if err := tablet.RemoveDevice(t.Context(), phoneWords, tablet.idOf(0)); err != nil {
		t.Fatal(err)
	}
	phone.importOne(file("phone.pdf", []byte("%PDF-1.4\n%of the phone\nstartxref\n0\n%%EOF\n")))
	tablet.importOne(file("tablet.pdf", []byte("%PDF-1.4\n%of the tablet\nstartxref\n0\n%%EOF\n")))
	mail.off = false
	for range 3 { // each rests for longer when it was cut off
		for _, b := range []*bench{phone, tablet} {
			b.clock.add(15 * time.Minute)
			b.Touch()
		}
		exchange(1, phone, tablet)
	}
	for name, b := range map[string]*bench{"phone": phone, "tablet": tablet} {
		if s := b.Snapshot(); s.Trouble != wallet.DeviceSplit || s.Records != 1 {
			t.Errorf("the %s: %q, %d records", name, s.Trouble, s.Records)
		}
	}
	put := mail.Bytes
	if exchange(5, phone, tablet); mail.Bytes != put {
		t.Errorf("they go on to write to each other: %d bytes", mail.Bytes-put)
	}
	if added, err := phone.Restore(t.Context(), tablet.backup(), []string{kit.Code()}, ""); err != nil || added != 1 {
		t.Fatalf("%d, %v", added, err)
	}
	if n := len(phone.Timeline(wallet.Query{}).Groups); n != 2 {
		t.Errorf("%d records after the backup", n)
	}
	if err := phone.ReadTrouble(t.Context()); err != nil {
		t.Fatal(err)
	}
	phone.Wallet.Lock()
	phone.restart()
	phone.unlock()
	exchange(1, phone)
	if s := phone.Snapshot(); s.Trouble != "" || s.Records != 2 {
		t.Errorf("afterwards: %q, %d records", s.Trouble, s.Records)
	}
}

// TestRestoredFromAnOldBackup: the phone is gone, and a wallet made of its old backup
// and the kit meets the tablet, which went on. They come together, with the records of
// both.
func TestRestoredFromAnOldBackup(t *testing.T) {
	phone, tablet, mail := devices(t)
	kit := phone.onPaper()
	exchange(3, phone, tablet)
	backup := phone.backup()
	phone.importOne(file("late.pdf", []byte("%PDF-1.4\n%after the backup\nstartxref\n0\n%%EOF\n")))
	exchange(3, phone, tablet)
	phone.StopSync()
	fresh := newBench(t)
	fresh.deps.Mail = mail
	fresh.clock.add(tablet.clock.now().Sub(fresh.clock.now()))
	fresh.restart()
	if _, err := fresh.Restore(t.Context(), backup, []string{kit.Code()}, otherWords); err != nil {
		t.Fatal(err)
	}
	fresh.importOne(file("new.pdf", []byte("%PDF-1.4\n%on the new phone\nstartxref\n0\n%%EOF\n")))
	// Whom the lost phone was to answer waits for it first: for patience, and then asks again.
	for range 40 {
		if exchange(1, fresh, tablet); fresh.Snapshot().Records == 2 && tablet.Snapshot().Records == 2 {
			break
		}
	}
	for name, b := range map[string]*bench{"new phone": fresh, "tablet": tablet} {
		if s := b.Snapshot(); s.Records != 2 || s.Trouble != "" {
			t.Errorf("the %s has %d records, %q, %+v", name, s.Records, s.Trouble, s.Sync)
		}
	}
	if list := tablet.Snapshot().Newcomers; len(list) != 1 {
		t.Errorf("the tablet asks about %+v", list)
	}
}
