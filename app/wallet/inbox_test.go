package wallet_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"potli/app/clinic"
	"potli/app/inbox"
	"potli/app/message"
	"potli/app/relayclient"
	"potli/app/share"
	"potli/app/vault"
	"potli/app/vault/blobstest"
	"potli/app/wallet"
	"potli/crypto/jose"
)

// TestInjected: what is not as it should be is refused, counted by its reason, and never
// a document; what nobody signed is shown as by nobody known.
func TestInjected(t *testing.T) {
	b, h := patient(t)
	c := hospital(t, h, false)
	_, code := b.visit(wallet.DropOffer{})
	put := func(sealed string) {
		t.Helper()
		id := make([]byte, 16)
		rand.Read(id)
		if err := relayclient.New(relayOrigin, h, rand.Reader).Deposit(t.Context(), code.ID, base64.RawURLEncoding.EncodeToString(id), sealed); err != nil {
			t.Fatal(err)
		}
	}
	seal := func(mailbox string, key []byte, body []byte) string {
		t.Helper()
		m, err := message.New(message.Documents, mailbox, message.Sender{Name: "City Hospital"}, h.clock.now(), nil)
		if err != nil {
			t.Fatal(err)
		}
		m.Documents = []message.Document{{Name: "x.pdf", Type: "application/pdf", Body: body}}
		packed, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := message.SealKey(packed, key, nil)
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
	good := seal(code.ID, code.Key, pdf("good", 1))
	put(good)
	put(good)
	put(seal(code.ID, make([]byte, 32), pdf("under another key", 1)))
	put(seal(strings.Repeat("A", 43), code.Key, pdf("for another mailbox", 1)))
	junk, err := message.SealKey(bytes.Repeat([]byte(" "), 1024), code.Key, nil)
	if err != nil {
		t.Fatal(err)
	}
	put(junk)
	in := b.checked()
	if len(in.Items) != 1 || in.Items[0].Trust != inbox.TrustUnsigned || in.Refused != 4 {
		t.Fatalf("%+v", in)
	}
	want := map[inbox.Reason]int{inbox.Replayed: 1, inbox.Unreadable: 1, inbox.Astray: 1, inbox.Malformed: 1}
	if got := in.Drops[0].Refused; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
	if err := b.PinProvider(t.Context(), inbox.Pin{Thumbprint: strings.Repeat("A", 43), Name: "City  hospital.", How: inbox.HowScanned}); err != nil {
		t.Fatal(err)
	}
	if it := b.Snapshot().Inbox.Items[0]; it.Trust != inbox.TrustPosing || it.Known == "" {
		t.Errorf("%+v", it)
	}
	// Beyond what the person allows, and after the end.
	id, small := b.visit(wallet.DropOffer{Person: b.Snapshot().Current, Name: "Meera S", Life: time.Hour, Most: 1, Bytes: 100})
	code = small
	put(seal(code.ID, code.Key, pdf("too large", 200)))
	put(seal(code.ID, code.Key, pdf("one", 1)))
	h.clock.add(2 * time.Hour)
	b.clock.add(2 * time.Hour)
	put(seal(code.ID, code.Key, pdf("late", 1)))
	d, _ := b.checked().Drop(id)
	if d.Came != 1 || d.Refused[inbox.TooBig] != 1 || d.Refused[inbox.TooLate] != 1 || d.State != inbox.DropEnded {
		t.Errorf("%+v", d)
	}
	if _, err := c.Drop(t.Context(), code, []clinic.File{letter("a.pdf", pdf("a", 1))}, ""); err == nil {
		t.Error("the mailbox of a code that has ended is open")
	}
}

// TestFlood: a thousand letters in a minute are twenty to look at; none is lost.
func TestFlood(t *testing.T) {
	b, h := patient(t)
	c := hospital(t, h, false)
	id, code := b.visit(wallet.DropOffer{})
	const flood = 1000
	for i := range flood {
		b.give(c, code, fmt.Sprint("note ", i))
	}
	in := b.checked()
	d, _ := in.Drop(id)
	if len(in.Items) != inbox.MaxWaiting || d.Waits != flood-inbox.MaxWaiting || d.Refused != nil {
		t.Fatalf("%d items, %+v", len(in.Items), d)
	}
	for _, it := range in.Items {
		if err := b.DeclineItem(t.Context(), it.ID); err != nil {
			t.Fatal(err)
		}
	}
	in = b.checked()
	if d, _ := in.Drop(id); in.Unread != inbox.MaxWaiting || d.Waits != flood-2*inbox.MaxWaiting {
		t.Errorf("%d unread, %+v", in.Unread, d)
	}
}

// TestInboxCrash: wherever the machine stops, what was given is in the wallet once.
func TestInboxCrash(t *testing.T) {
	b, _ := patient(t)
	b.Wallet.Lock()
	made := b.deps.Blobs
	for _, fate := range []blobstest.Fate{blobstest.DieBefore, blobstest.DieAfter} {
		for n, whole := 1, false; !whole; n++ {
			o := newOffice()
			faulty := &blobstest.Faulty{Blobs: copied(t, made)}
			b.deps.Drops, b.deps.Blobs = o, faulty
			b.restart()
			b.unlock()
			faulty.At(n, fate)
			whole = b.story(o)
			b.Wallet.Lock()
			b.deps.Blobs = faulty.Blobs
			b.restart()
			b.unlock()
			b.told()
			b.Wallet.Lock()
			if t.Failed() {
				t.Fatalf("fate %d of commit %d", fate, n)
			}
		}
	}
}

// copied is another store with the same in it.
func copied(t testing.TB, from vault.Blobs) vault.Blobs {
	t.Helper()
	names, err := from.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, name := range names {
		if all[name], err = from.Get(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	to := vault.Memory()
	if err := to.Commit(t.Context(), vault.Batch{Put: all}); err != nil {
		t.Fatal(err)
	}
	return to
}

// story is a visit as far as it gets.
func (b *bench) story(h *office) (whole bool) {
	ctx := context.Background()
	id, err := b.MakeDrop(ctx, wallet.DropOffer{Person: b.Snapshot().Current, Name: "Meera", Life: time.Hour, Most: 5, Bytes: 1 << 20})
	if err != nil {
		return false
	}
	link, _ := b.DropLink(id)
	code, err := inbox.ParseCode(link)
	if err != nil {
		b.t.Error(err)
	}
	b.give(hospital(b.t, h, false), code, "", letter("lab.pdf", pdf("the only one", 1)))
	if b.CheckInbox(ctx) != nil {
		return false
	}
	_, err = b.AcceptItem(ctx, b.Snapshot().Inbox.Items[0].ID, b.Snapshot().Current, nil)
	return err == nil && len(b.Snapshot().Import.Files) == 1 && b.Snapshot().Import.Files[0].Err == nil
}

// told holds what is there after a crash against what was promised.
func (b *bench) told() {
	b.clock.add(3 * time.Minute)
	in := b.checked()
	if len(in.Drops) == 0 {
		return // nobody was shown a code
	}
	if d := in.Drops[0]; len(in.Items) == 0 { // nor was this: it leads somewhere, or is revoked
		if _, ok := b.DropLink(d.ID); d.Pending || d.Lost || ok != (d.State == inbox.DropOpen) {
			b.t.Errorf("%+v", d)
		}
		return
	}
	r, err := b.AcceptItem(b.t.Context(), in.Items[0].ID, b.Snapshot().Current, nil)
	if err != nil || len(in.Items) != 1 || b.Snapshot().Records != 1 || b.Snapshot().Inbox.Items[0].State != inbox.Accepted {
		b.t.Errorf("%+v, %v, %d records, %+v", r, err, b.Snapshot().Records, in.Items)
	}
	if d := in.Drops[0]; d.Waits != 0 || d.Refused != nil {
		b.t.Errorf("%+v", d)
	}
}

// TestDecline: what is declined comes back within a week, and is gone after it; what
// nobody decides about ends, all by the relay's clock.
func TestDecline(t *testing.T) {
	b, h := patient(t)
	c := hospital(t, h, false)
	_, code := b.visit(wallet.DropOffer{Person: b.Snapshot().Current, Name: "M", Life: 30 * 24 * time.Hour, Most: 5, Bytes: 1 << 20})
	b.give(c, code, "a note")
	id := b.checked().Items[0].ID
	state := func() inbox.State { it, _ := b.Snapshot().Inbox.Item(id); return it.State }
	pass := func(d time.Duration) { h.clock.add(d); b.clock.add(d); b.checked() }
	if err := b.DeclineItem(t.Context(), id); err != nil || state() != inbox.Declined {
		t.Fatal(state(), err)
	}
	pass(6 * 24 * time.Hour)
	if err := b.RestoreItem(t.Context(), id); err != nil || state() != inbox.Waiting {
		t.Fatal(state(), err)
	}
	if err := b.DeclineItem(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	b.clock.add(20 * 365 * 24 * time.Hour) // a phone that believes in another year erases nothing
	if b.checked(); state() != inbox.Declined {
		t.Error(state())
	}
	h.clock.add(40 * 365 * 24 * time.Hour) // nor has a relay that does anything erased
	b.clock.add(-20 * 365 * 24 * time.Hour)
	if _ = b.CheckInbox(t.Context()); state() != inbox.Declined {
		t.Error(state())
	}
	h.clock.add(-40 * 365 * 24 * time.Hour)
	if _, err := b.Letter(t.Context(), id); err != nil {
		t.Error(err)
	}
	b.Wallet.Lock()
	b.restart() // by then there is no code, and no other reason to ask the relay for the time
	b.unlocked()
	pass(8 * 24 * time.Hour)
	if _, err := b.Letter(t.Context(), id); !errors.Is(err, inbox.ErrOver) {
		t.Error(err)
	}
	if err := b.RestoreItem(t.Context(), id); !errors.Is(err, inbox.ErrOver) {
		t.Error(err)
	}
}

// TestInboxOfOthers: what is a hidden person's is not shown, and what is an erased one's
// is gone, with the mailbox.
func TestInboxOfOthers(t *testing.T) {
	b, h := patient(t)
	child, err := b.AddPerson(t.Context(), wallet.Person{Name: "Kabir"})
	if err != nil {
		t.Fatal(err)
	}
	_, code := b.visit(wallet.DropOffer{Person: child.ID, Name: "Kabir", Life: time.Hour, Most: 5, Bytes: 1 << 20})
	b.give(hospital(t, h, false), code, "about Kabir", letter("a.pdf", pdf("Kabir", 1)))
	id := b.checked().Items[0].ID
	if err := b.Hide(child.ID); err != nil {
		t.Fatal(err)
	}
	in := b.checked()
	if _, err := b.Letter(t.Context(), id); len(in.Items)+len(in.Drops)+in.Unread > 0 || !errors.Is(err, wallet.ErrNoItem) {
		t.Errorf("%+v, %v", in, err)
	}
	b.Wallet.Lock()
	b.restart()
	if in := b.unlocked(); len(in.Items) != 1 {
		t.Fatalf("%+v", in)
	}
	if err := b.SetAside(t.Context(), child.ID); err != nil {
		t.Fatal(err)
	}
	h.away(true)
	if err := b.EraseProfile(t.Context(), child.ID); err != nil {
		t.Fatal(err)
	}
	h.away(false)
	b.checked()
	if _, err := hospital(t, h, false).Drop(t.Context(), code, nil, "again"); !errors.Is(err, share.ErrGone) {
		t.Errorf("the mailbox of somebody who was erased: %v", err)
	}
	if docs := b.Snapshot().Inbox; len(docs.Drops)+len(docs.Items) > 0 {
		t.Errorf("%+v", docs)
	}
}

// TestLargeLetter: a letter beyond what a document of the vault holds lies in pieces,
// and is the same when it is put together.
func TestLargeLetter(t *testing.T) {
	if raced || runtime.GOOS == "js" {
		t.Skip("megabytes, on one thread")
	}
	b, o := patient(t)
	_, code := b.visit(wallet.DropOffer{System: true})
	large := pdf("scan", 7<<20)
	b.give(hospital(t, o, true), code, "", letter("scan.pdf", large))
	it := b.checked().Items[0]
	_, _, body, err := b.LetterFile(t.Context(), it.ID, 0)
	if err != nil || !bytes.Equal(body, large) {
		t.Errorf("%d bytes, %v", len(body), err)
	}
	b.Wallet.Lock()
	b.restart()
	b.unlocked()
	if r, err := b.AcceptItem(t.Context(), it.ID, b.Snapshot().Current, nil); err != nil || r.Files[0].Err != nil {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestAboutAnother: what says that it is about somebody else is asked about; until then
// the item waits, and whoever leaves without an answer finds it again.
func TestAboutAnother(t *testing.T) {
	b, o := patient(t)
	_, code := b.visit(wallet.DropOffer{})
	other := `{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","id":"p","name":[{"text":"Kabir Sample"}]}},{"resource":` + allergy + `}]}`
	b.give(hospital(t, o, false), code, "", letter("other.json", []byte(other)))
	it := b.checked().Items[0]
	if l, err := b.Letter(t.Context(), it.ID); err != nil || l.Documents[0].Subject == nil || l.Documents[0].Subject.Name != "Kabir Sample" {
		t.Errorf("%+v, %v", l, err)
	}
	state := func() inbox.State { it, _ := b.Snapshot().Inbox.Item(it.ID); return it.State }
	for range 2 {
		r, err := b.AcceptItem(t.Context(), it.ID, b.Snapshot().Current, nil)
		if err != nil || !r.Files[0].Waiting || state() != inbox.Waiting {
			t.Fatalf("%+v, %v, %s", r, err, state())
		}
		b.DismissImport()
	}
	kabir, err := b.AddPerson(t.Context(), wallet.Person{Name: "Kabir Sample"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.AcceptItem(t.Context(), it.ID, b.Snapshot().Current, nil); err != nil {
		t.Fatal(err)
	}
	if err := b.Settle(t.Context(), 0, kabir.ID); err != nil || state() != inbox.Accepted || b.CountRecords(kabir.ID) != 1 {
		t.Errorf("%v, %s, %d records", err, state(), b.CountRecords(kabir.ID))
	}
}

// TestReceiveHeld: what a link holds waits in the inbox, and is the same item when the
// link is opened again.
func TestReceiveHeld(t *testing.T) {
	b, _ := patient(t)
	key := bytes.Repeat([]byte{7}, share.KeySize)
	jwe, err := jose.Encrypt(key, share.TypeFHIR, []byte(allergy), nil)
	if err != nil {
		t.Fatal(err)
	}
	b.deps.Fetcher = handed{[]share.EncryptedFile{{ContentType: share.TypeFHIR, JWE: jwe}}}
	b.restart()
	b.unlocked()
	link := share.Link{URL: "https://host.test/x", Key: key, Flag: "U", Label: "From the lab"}
	id, err := b.ReceiveHeld(t.Context(), link, "Meera", "")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := b.ReceiveHeld(t.Context(), link, "Meera", ""); err != nil || again != id {
		t.Error(again, err)
	}
	in := b.Snapshot().Inbox
	if len(in.Items) != 1 || in.Items[0].How != inbox.HowLink || in.Items[0].Trust != inbox.TrustUnsigned || b.Snapshot().Records != 0 {
		t.Fatalf("%+v", in)
	}
	r, err := b.AcceptItem(t.Context(), id, b.Snapshot().Current, nil)
	if err != nil || r.Files[0].Err != nil {
		t.Fatalf("%+v, %v", r, err)
	}
	if m, _ := b.Record(r.Files[0].ID); m.Source.How != "link" || m.Source.Host != "host.test" || m.Source.Link != link.Hash() {
		t.Errorf("%+v", m.Source)
	}
}

// TestBackupHoldsTheInbox: codes, and what waits, are in a backup, and come back with it.
func TestBackupHoldsTheInbox(t *testing.T) {
	b, o := patient(t)
	before := copied(t, b.deps.Blobs)
	_, code := b.visit(wallet.DropOffer{})
	c := hospital(t, o, false)
	b.give(c, code, "before it was lost", letter("a.pdf", pdf("a", 1)))
	id := b.checked().Items[0].ID
	_, backup, err := b.Export(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b.Wallet.Lock()
	b.deps.Blobs = before
	b.host.sentinel = ""
	b.restart()
	if in := b.unlocked(); len(in.Items)+len(in.Drops) > 0 {
		t.Fatalf("%+v", in)
	}
	if _, err := b.Restore(t.Context(), backup, nil, words); err != nil {
		t.Fatal(err)
	}
	b.until(func(s *wallet.Snapshot) bool { return s.Inbox != nil && len(s.Inbox.Items) == 1 })
	if l, err := b.Letter(t.Context(), id); err != nil || l.Text != "before it was lost" {
		t.Errorf("%+v, %v", l, err)
	}
	b.give(c, code, "after it")
	if in := b.checked(); len(in.Items) != 2 {
		t.Errorf("%d items", len(in.Items))
	}
}

// TestPinsOnAllDevices: a provider whom the person knows on one device is known on all.
func TestPinsOnAllDevices(t *testing.T) {
	phone, tablet, _ := devices(t)
	pin := inbox.Pin{Thumbprint: strings.Repeat("A", 43), Name: "City Hospital", How: inbox.HowScanned}
	if err := phone.PinProvider(t.Context(), pin); err != nil {
		t.Fatal(err)
	}
	exchange(4, phone, tablet)
	if got := tablet.Snapshot().Pins; len(got) != 1 || got[0].Name != pin.Name {
		t.Fatalf("%+v", got)
	}
	if err := tablet.UnpinProvider(t.Context(), pin.Thumbprint); err != nil {
		t.Fatal(err)
	}
	exchange(4, tablet, phone)
	if got := phone.Snapshot().Pins; len(got) != 0 {
		t.Errorf("%+v", got)
	}
	for _, bad := range []inbox.Pin{{Thumbprint: "short", Name: "A"}, {Thumbprint: pin.Thumbprint}} {
		if err := phone.PinProvider(t.Context(), bad); !errors.Is(err, wallet.ErrNoPin) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}
