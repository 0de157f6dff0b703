//go:build !js

package wallet_test

import (
	"context"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"potli/app/consent"
	"potli/app/consent/ledger"
	"potli/app/inbox"
	"potli/app/message"
	"potli/app/record"
	"potli/app/relayclient"
	"potli/app/share"
	"potli/app/wallet"
)

func once(q *consent.Request) { q.Repeat = consent.Once }

// network is away, or back.
func (b *bench) network(h *cable, there bool) {
	h.away(!there)
	b.relay.offline = !there
	b.Offline(!there)
	b.works()
}

// TestConsentOffline: a yes without the network goes when it is back, an end before
// that lets nothing go, and what has run out meanwhile does not either.
func TestConsentOffline(t *testing.T) {
	b, h := counter(t)
	b.importOne(file("a.json", []byte(allergy)))
	desks := []*desk{h.asks(t, once), h.asks(t, once), h.asks(t, func(q *consent.Request) { q.Until = h.clock.now().Add(time.Hour) })}
	h.away(true)
	var ids []string
	for _, d := range desks {
		id, _ := b.grant(b.takeAsk(d), consent.Choice{})
		ids = append(ids, id)
	}
	if c := b.consent(ids[0]); c.Unsent != 1 || c.Trouble != wallet.TroubleOffline || c.Deliveries != 0 || c.State != consent.Live {
		t.Errorf("%+v", c)
	}
	if n := b.Snapshot().Consents; n.Live != 3 || n.Unsent != 3 {
		t.Errorf("%+v", n)
	}
	// What came after the yes was not shown, and is not meant by once.
	b.importOne(file("b.json", []byte(strings.Replace(allergy, "Peanut", "Almond", 1))))
	if err := b.RevokeConsent(t.Context(), ids[1]); err != nil {
		t.Fatal(err)
	}
	if c := b.consent(ids[1]); !c.Untold || c.State != consent.WasRevoked {
		t.Errorf("%+v", c)
	}
	for _, c := range []*clock{b.clock, h.clock} {
		c.add(2 * time.Hour)
	}
	b.Wallet.Lock()
	b.restart()
	b.unlock()
	b.network(h, true)
	if got := desks[0].receives(); !slices.Equal(types(got), []message.Type{message.Answer, message.Delivery}) || !slices.Equal(desks[0].documents(got[1]), []string{allergy}) {
		t.Errorf("the first got %v, %+v", types(got), b.consent(ids[0]))
	}
	if got := desks[1].receives(); !slices.Equal(types(got), []message.Type{message.Revoked}) {
		t.Errorf("taken back before it went: %v", types(got))
	}
	if got := desks[2].receives(); slices.Contains(types(got), message.Delivery) {
		t.Errorf("run out before it went: %v", types(got))
	}
	if n := b.Snapshot().Consents; n.Unsent != 0 || n.Untold != 0 {
		t.Errorf("%+v", n)
	}
}

// TestConsentCrash: the answer of the relay is lost, and the program ends before it
// could write down that the letter is there. It is sent again, and is there once.
func TestConsentCrash(t *testing.T) {
	b, h := counter(t)
	b.importOne(file("a.json", []byte(allergy)))
	d := h.asks(t, nil)
	h.lose = func(r relayclient.Request) bool { return r.Method == "POST" }
	id, _ := b.grant(b.takeAsk(d), consent.Choice{})
	if c := b.consent(id); c.Unsent == 0 || c.Trouble == "" {
		t.Fatalf("%+v", c)
	}
	b.Wallet.Lock()
	b.restart()
	b.unlock()
	h.lose = nil
	b.works()
	b.works()
	if got := d.receives(); !slices.Equal(types(got), []message.Type{message.Answer, message.Delivery}) {
		t.Errorf("came: %v", types(got))
	}
	if c := b.consent(id); c.Unsent != 0 || c.Deliveries != 1 || c.Trouble != "" {
		t.Errorf("%+v", c)
	}
	b.logged(t, id, []consent.EventKind{consent.Requested, consent.Granted, consent.Delivered})
}

// TestConsentKey: a page in a browser gives a key instead of a recipient, and opens the
// answer with it.
func TestConsentKey(t *testing.T) {
	b, h := counter(t)
	b.importOne(file("a.json", []byte(allergy)))
	d := h.asks(t, nil)
	drop, err := inbox.NewDrop(inbox.Terms{Name: "Desk", Relay: relayOrigin, Life: time.Hour, Most: 10, Bytes: 1 << 20, Kinds: inbox.ForProvider}, h.clock.now(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := drop.Open(t.Context(), relayclient.Drops(relayclient.New(relayOrigin, h, rand.Reader)), h.clock.now); err != nil {
		t.Fatal(err)
	}
	d.drop, d.q.Reply = drop, consent.Mailbox{Relay: relayOrigin, ID: drop.ID, Key: drop.Key}
	if d.q.Text, err = d.q.Marshal(d.Key); err != nil {
		t.Fatal(err)
	}
	b.grant(b.takeAsk(d), consent.Choice{})
	if got := d.receives(); !slices.Equal(types(got), []message.Type{message.Answer, message.Delivery}) || !slices.Equal(d.documents(got[1]), []string{allergy}) {
		t.Errorf("came: %v", types(got))
	}
}

// TestConsentChanges: less is less from the next record on; an emergency is looked at;
// no is said; and what nobody answered is shown as missed.
func TestConsentChanges(t *testing.T) {
	b, h := counter(t)
	b.importOne(file("a.json", []byte(allergy)))
	ctx := t.Context()
	d := h.asks(t, nil)
	id, _ := b.grant(b.takeAsk(d), consent.Choice{Kinds: []consent.Kind{"allergy", "condition"}})
	d.receives()
	if err := b.NarrowConsent(ctx, id, consent.Choice{Kinds: []consent.Kind{"condition", "document"}}); !errors.Is(err, &consent.Fault{Code: consent.Wider}) {
		t.Errorf("more than was granted: %v", err)
	}
	if err := b.NarrowConsent(ctx, id, consent.Choice{Kinds: []consent.Kind{"condition"}}); err != nil {
		t.Fatal(err)
	}
	b.importOne(file("b.json", []byte(strings.Replace(allergy, "Peanut", "Almond", 1))))
	b.importOne(file("h.json", []byte(hiv)))
	b.works()
	got := d.receives()
	if !slices.Equal(types(got), []message.Type{message.Receipt, message.Delivery}) || d.receipt(got[0]).State != consent.Narrowed || !slices.Equal(d.documents(got[1]), []string{hiv}) {
		t.Errorf("narrowed: %v", types(got))
	}

	// Nobody is there when the network is: an emergency waits for a person.
	btg := h.asks(t, func(q *consent.Request) { q.Purpose.Code = consent.BreakGlass })
	h.away(true)
	glass, _ := b.grant(b.takeAsk(btg), consent.Choice{Kinds: []consent.Kind{"condition"}})
	b.network(h, true)
	b.works()
	if got := btg.receives(); !slices.Equal(types(got), []message.Type{message.Answer}) {
		t.Errorf("by itself: %v", types(got))
	}
	if c := b.consent(glass); c.Waits != wallet.WaitsHand || !c.Mine {
		t.Errorf("%+v", c)
	}
	if err := b.AgreeConsent(ctx, glass); err != nil {
		t.Fatal(err)
	}
	if got := btg.receives(); len(got) != 1 || !slices.Equal(btg.documents(got[0]), []string{hiv}) {
		t.Errorf("by hand: %v", types(got))
	}

	no := h.asks(t, nil)
	item := b.takeAsk(no)
	if err := b.RefuseAsk(ctx, item); err != nil {
		t.Fatal(err)
	}
	b.works()
	// Whoever is told no is not told by whom.
	if got := no.receives(); len(got) != 1 || got[0].Type != message.Answer || got[0].Receipt != "" || got[0].From.Name != "" {
		t.Errorf("refused: %v %+v", types(got), got[0].From)
	}

	late := h.asks(t, func(q *consent.Request) { q.Expires = h.clock.now().Add(time.Hour) })
	item = b.takeAsk(late)
	b.clock.add(2 * time.Hour)
	b.works()
	b.works()
	if a, err := b.Asked(ctx, item); err != nil || !a.Late {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := b.PrepareGrant(ctx, item, b.Snapshot().Current, consent.Choice{}); !errors.Is(err, &consent.Fault{Code: consent.Lapsed}) {
		t.Errorf("answered late: %v", err)
	}
	book, err := b.Consents(ctx, b.Snapshot().Current)
	if err != nil || len(book.Missed) != 2 || !book.Missed[0].Lapsed || book.Missed[1].Lapsed || len(book.All) != 2 || len(book.Holdings) != 2 {
		t.Errorf("%+v, %v", book, err)
	}
	if err := b.RevokeParty(ctx, d.party()); err != nil {
		t.Fatal(err)
	}
	if c, e := b.consent(id), b.consent(glass); c.State != consent.WasRevoked || e.State != consent.Live {
		t.Errorf("%s and %s", c.State, e.State)
	}
	if err := b.RevokeParty(ctx, d.party()); !errors.Is(err, wallet.ErrNoConsent) {
		t.Errorf("again: %v", err)
	}
}

func (d *desk) party() consent.Party {
	return consent.Party{Name: "City Hospital", Key: d.Key.Public().Thumbprint()}
}

// reads has the relay tell that somebody opened a link, or tried.
func (b *bench) reads(link, outcome string) {
	b.t.Helper()
	s := b.ledger(link)
	public, err := hpke.MLKEM768X25519().NewPublicKey(b.relay.links[s.Ref.ID].ReceiptKey)
	if err != nil {
		b.t.Fatal(err)
	}
	list, sum := b.relay.sealed[s.Ref.ID], sha256.Sum256([]byte(s.Ref.ID))
	plain := fmt.Sprintf(`{"n":%d,"recipient":"Dr Rao","time":%d,"outcome":%q}`, len(list)+1, b.clock.now().Unix(), outcome)
	sealed, err := hpke.Seal(public, hpke.HKDFSHA256(), hpke.AES256GCM(), append([]byte("potli-receipt/1\x00"), sum[:]...), fmt.Appendf(nil, "%-256s", plain))
	if err != nil {
		b.t.Fatal(err)
	}
	b.relay.sealed[s.Ref.ID] = append(list, share.SealedReceipt{N: len(list) + 1, Sealed: sealed})
}

// TestConsentByLink: who gave no mailbox is given a link, which ends with the consent.
func TestConsentByLink(t *testing.T) {
	b, h := counter(t)
	b.importOne(file("a.json", []byte(allergy)))
	d := h.asks(t, nil)
	d.q.Reply = consent.Mailbox{}
	var err error
	if d.q.Text, err = d.q.Marshal(d.Key); err != nil {
		t.Fatal(err)
	}
	id, p := b.grant(b.takeAsk(d), consent.Choice{})
	c := b.consent(id)
	if !p.ByLink || c.Link == "" || c.Deliveries != 1 {
		t.Fatalf("%+v, trouble %q", c, c.Trouble)
	}
	if got := b.uploaded(b.ledger(c.Link)); !strings.Contains(got, "Peanut") {
		t.Errorf("the link has %s", got)
	}
	if r, err := b.Receipt(t.Context(), c.Receipts[1].ID); err != nil || r.Link != consent.Hash([]byte(c.Link)) {
		t.Errorf("%+v, %v", r, err)
	}
	// Who opened it stands in the log, each time once.
	want := []consent.EventKind{consent.Requested, consent.Granted, consent.Delivered}
	for _, outcome := range []string{"opened", "passcode", "opened"} {
		b.reads(c.Link, outcome)
		if want = append(want, consent.Opened); outcome != "opened" {
			want = want[:len(want)-1] // somebody tried
		}
		for range 2 {
			if err := b.Refresh(t.Context(), c.Link); err != nil {
				t.Fatal(err)
			}
			b.works()
			b.logged(t, id, want)
		}
	}
	if err := b.RevokeConsent(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if s := b.ledger(c.Link); s.State(b.clock.now()) != share.StateRevoked || b.consent(id).Untold {
		t.Errorf("the link is %s", s.State(b.clock.now()))
	}
}

// TestConsentExport: what is exported verifies with nothing but itself.
func TestConsentExport(t *testing.T) {
	b, h := counter(t)
	b.importOne(file("a.json", []byte(allergy)))
	b.grant(b.takeAsk(h.asks(t, once)), consent.Choice{})
	name, body, err := b.ExportLog(t.Context(), b.Snapshot().Current)
	if err != nil || !strings.HasPrefix(name, "potli-consents-") {
		t.Fatal(name, err)
	}
	var logs, receipts int
	for _, part := range strings.Split("\n"+string(body), "\n=== ")[1:] {
		title, text, _ := strings.Cut(part, "\n")
		switch kind, _, _ := strings.Cut(title, " "); kind {
		case "log":
			l, err := ledger.Open([]byte(strings.TrimSuffix(text, "\n") + "\n"))
			if err != nil || l.Size() != 3 {
				t.Errorf("%v", err)
			}
			logs++
		case "receipt":
			if _, err := consent.Verify(strings.TrimSpace(text)); err != nil {
				t.Error(err)
			}
			receipts++
		}
	}
	if logs != 1 || receipts != 2 {
		t.Errorf("%d logs, %d receipts in\n%s", logs, receipts, body)
	}
	if _, err := b.Receipt(t.Context(), strings.Repeat("A", 43)); !errors.Is(err, wallet.ErrNoConsent) {
		t.Error(err)
	}
	if _, err := b.Consents(t.Context(), record.ProfileID("nobody")); !errors.Is(err, wallet.ErrNoPerson) {
		t.Error(err)
	}
}

// TestConsentEndsAtOnce: whoever ends a consent does not wait for a network that hangs,
// and what is on its way behind the letter that hangs does not go.
func TestConsentEndsAtOnce(t *testing.T) {
	b, h := counter(t)
	b.importOne(file("a.json", []byte(allergy)))
	d := h.asks(t, nil)
	p, err := b.PrepareGrant(t.Context(), b.takeAsk(d), b.Snapshot().Current, consent.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	hangs, goOn := make(chan struct{}), make(chan struct{})
	var first sync.Once
	h.lose = func(r relayclient.Request) bool {
		if r.Method == "POST" {
			first.Do(func() { close(hangs); <-goOn })
		}
		return false
	}
	done := make(chan error)
	go func() { _, err := b.GrantAsk(context.Background(), p); done <- err }()
	<-hangs
	if err := b.RevokeConsent(t.Context(), p.Terms.ID); err != nil {
		t.Error(err)
	}
	close(goOn)
	if err := <-done; err != nil {
		t.Error(err)
	}
	b.works()
	if got := d.receives(); !slices.Equal(types(got), []message.Type{message.Answer, message.Revoked}) {
		t.Errorf("came: %v", types(got))
	}
}

// posing is a relay that names itself where the recipient should be.
type posing struct {
	wallet.Letters
	note string
}

func (p posing) Note(context.Context, string, string) (string, error) { return p.note, nil }

// TestConsentForeign: nothing goes to a recipient that the request does not name.
func TestConsentForeign(t *testing.T) {
	b, h := counter(t)
	b.importOne(file("a.json", []byte(allergy)))
	other := h.asks(t, nil)
	b.deps.Letters = posing{b.deps.Letters, other.drop.Note()}
	b.Wallet.Lock()
	b.restart()
	b.unlock()
	d := h.asks(t, nil)
	id, _ := b.grant(b.takeAsk(d), consent.Choice{})
	b.works()
	if c := b.consent(id); c.Trouble != wallet.TroubleForeign || c.Unsent == 0 {
		t.Errorf("%+v", c)
	}
	if got := append(d.receives(), other.receives()...); len(got) != 0 {
		t.Errorf("went: %v", types(got))
	}
}
