//go:build !js

package wallet_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"potli/app/clinic"
	"potli/app/consent"
	"potli/app/consent/ledger"
	"potli/app/inbox"
	"potli/app/message"
	"potli/app/record"
	"potli/app/relayclient"
	"potli/app/wallet"
)

const viewerOrigin = "https://viewer.test"

// desk is a clinic that asks, and what came to it.
type desk struct {
	*clinic.Clinic
	t    testing.TB
	h    *cable
	q    *consent.Request
	drop *inbox.Drop
	came []*message.Message
}

// cable is the way to the relay. It can be cut, and lose answers on their way back.
type cable struct {
	*house
	mu   sync.Mutex
	cut  bool
	lose func(relayclient.Request) bool
}

func newCable(t testing.TB) *cable { return &cable{house: newHouse(t)} }

func (c *cable) away(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = cut
}

func (c *cable) Do(ctx context.Context, r relayclient.Request) (relayclient.Response, error) {
	c.mu.Lock()
	cut, lose := c.cut, c.lose
	c.mu.Unlock()
	if cut {
		return relayclient.Response{}, errors.New("no network")
	}
	got, err := c.house.Do(ctx, r)
	if err == nil && lose != nil && lose(r) {
		return relayclient.Response{}, errors.New("the answer is lost")
	}
	return got, err
}

// counter is a wallet at a relay, which answers mailboxes.
func counter(t testing.TB) (*bench, *cable) {
	t.Helper()
	b, h := newBench(t).create(), newCable(t)
	b.lettered(h)
	b.unlock()
	return b, h
}

// lettered gives a wallet the way to strangers' mailboxes.
func (b *bench) lettered(h *cable) {
	c := relayclient.New(relayOrigin, h, rand.Reader)
	b.deps.Drops, b.deps.RelayOrigin, b.deps.Letters = relayclient.Drops(c), relayOrigin, relayclient.Letters(c, nil)
	b.Wallet.Lock()
	b.restart()
}

// asks is a request of a clinic, of which the answer comes to the desk.
func (h *cable) asks(t testing.TB, change func(*consent.Request)) *desk {
	t.Helper()
	d := &desk{Clinic: hospital(t, h.house, true), t: t, h: h}
	q := consent.Request{
		Purpose: consent.Purpose{Code: consent.Care, Text: "To treat an allergy"}, Kinds: []consent.Kind{"allergy", "condition", "document"},
		Until: h.clock.now().Add(30 * 24 * time.Hour), Repeat: consent.Follow, After: consent.Keep,
		Notice: consent.Notice{Text: "You may withdraw.", Language: "en"},
	}
	if change != nil {
		change(&q)
	}
	d.Now = h.clock.now
	var err error
	if d.q, d.drop, err = d.Ask(t.Context(), relayOrigin, q); err != nil {
		t.Fatal(err)
	}
	return d
}

// link is what the desk shows.
func (d *desk) link() string {
	d.t.Helper()
	link, err := consent.AskLink(viewerOrigin, d.q.Text)
	if err != nil {
		d.t.Fatal(err)
	}
	return link
}

// Keep implements inbox.Store.
func (d *desk) Keep(_ context.Context, drop *inbox.Drop, a *inbox.Arrival) error {
	if a != nil {
		m, err := message.Parse(a.Body)
		if err != nil {
			return err
		}
		d.came = append(d.came, m)
	}
	return nil
}

// receives returns what came since the last time.
func (d *desk) receives() (list []*message.Message) {
	d.t.Helper()
	d.came = nil
	mail := relayclient.Drops(relayclient.New(relayOrigin, d.h.house, rand.Reader))
	if _, err := (&inbox.Inbox{}).Collect(d.t.Context(), mail, d.drop, d, d.h.clock.now); err != nil {
		d.t.Fatal(err)
	}
	for _, m := range d.came {
		if m.Re != d.q.ID || m.Signer == "" {
			d.t.Errorf("a message to %q, signed by %q", m.Re, m.Signer)
		}
	}
	return d.came
}

func types(list []*message.Message) (t []message.Type) {
	for _, m := range list {
		t = append(t, m.Type)
	}
	return t
}

// receipt is that of a message, verified with nothing but itself.
func (d *desk) receipt(m *message.Message) *consent.Verified {
	d.t.Helper()
	v, err := consent.Verify(m.Receipt)
	if err != nil {
		d.t.Fatalf("%s: %v", m.Type, err)
	}
	if v.Signer.Thumbprint() != m.Signer {
		d.t.Error("the receipt is signed by another than the message")
	}
	return v
}

// documents are the bytes of what a message gives, held against its receipt.
func (d *desk) documents(m *message.Message) (bodies []string) {
	d.t.Helper()
	v := d.receipt(m)
	for _, doc := range m.Documents {
		sum := consent.Hash(doc.Body)
		if !slices.ContainsFunc(v.Documents, func(g consent.Given) bool { return g.SHA256 == sum && g.Bytes == len(doc.Body) }) {
			d.t.Error("a document that its receipt does not name")
		}
		bodies = append(bodies, string(doc.Body))
	}
	return bodies
}

// grant says yes to a request, narrowed by a choice, for the current person.
func (b *bench) grant(item string, c consent.Choice) (string, *wallet.GrantPreview) {
	b.t.Helper()
	p, err := b.PrepareGrant(b.t.Context(), item, b.Snapshot().Current, c)
	if err != nil {
		b.t.Fatal(err)
	}
	id, err := b.GrantAsk(b.t.Context(), p)
	if err != nil {
		b.t.Fatal(err)
	}
	return id, p
}

func (b *bench) takeAsk(d *desk) string {
	b.t.Helper()
	item, err := b.TakeAsk(b.t.Context(), "Please open "+d.link(), inbox.HowScanned)
	if err != nil {
		b.t.Fatal(err)
	}
	return item
}

func (b *bench) consent(id string) *wallet.ConsentInfo {
	b.t.Helper()
	c, err := b.Consent(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// works lets the wallet send what is due.
func (b *bench) works() {
	b.clock.add(15 * time.Second)
	b.Retry(b.t.Context())
}

// TestConsent is a consent from the code at the desk to its end, with the relay as it
// is: exactly what was granted arrives, what comes later follows, and nothing after the
// end.
func TestConsent(t *testing.T) {
	b, h := counter(t)
	b.importOne(file("a.json", []byte(allergy)))
	b.importOne(file("h.json", []byte(hiv)))
	d := h.asks(t, nil)
	item := b.takeAsk(d)
	if again := b.takeAsk(d); again != item {
		t.Errorf("scanned twice: %s and %s", again, item)
	}
	asked, err := b.Asked(t.Context(), item)
	if err != nil || asked.Request.From.Name != "City Hospital" || asked.Trust != inbox.TrustNew || asked.Late || !slices.Equal(asked.People, []record.ProfileID{b.Snapshot().Current}) {
		t.Fatalf("%+v, %v", asked, err)
	}
	if n := b.Snapshot().Consents.Asking; n != 1 {
		t.Errorf("%d requests wait", n)
	}
	id, p := b.grant(item, consent.Choice{Kinds: []consent.Kind{"allergy"}})
	if len(p.Going) != 1 || len(p.Staying) != 1 || p.Staying[0].Why != consent.OtherKind || !slices.Equal(p.Staying[0].Sensitive, []string{"hiv"}) || p.Two {
		t.Errorf("%+v", p)
	}
	got := d.receives()
	if !slices.Equal(types(got), []message.Type{message.Answer, message.Delivery}) {
		t.Fatalf("came: %v, %+v", types(got), b.consent(id))
	}
	if v := d.receipt(got[0]); v.State != consent.Granted || !slices.Equal(v.Terms.Kinds, []consent.Kind{"allergy"}) || v.Terms.Asked != d.q.Hash() || v.Notice.Text != "You may withdraw." {
		t.Errorf("%+v", v.Receipt)
	}
	if docs := d.documents(got[1]); !slices.Equal(docs, []string{allergy}) {
		t.Errorf("given: %q", docs)
	}
	if _, err := b.PrepareGrant(t.Context(), item, b.Snapshot().Current, consent.Choice{}); !errors.Is(err, wallet.ErrAnswered) {
		t.Errorf("answered twice: %v", err)
	}

	// The receiver confirms, by the way back that the answer names.
	code, err := inbox.ParseCode(got[0].Reply)
	if err != nil {
		t.Fatal(err)
	}
	// Another's signature, and one under another receipt, count for nothing.
	stranger := h.asks(t, nil)
	stranger.q.Text = d.q.Text
	sum, err := consent.Countersign(got[1].Receipt, consent.Party{Name: "City Hospital"}, h.clock.now(), d.Key)
	if err != nil {
		t.Fatal(err)
	}
	for _, forged := range []string{strings.Replace(sum, ".", ".e", 1), got[0].Receipt, "x"} {
		if _, err := stranger.Confirm(t.Context(), code, forged); err != nil {
			t.Fatal(err)
		}
	}
	b.checked()
	if c := b.consent(id); !c.Countersigned.IsZero() {
		t.Errorf("countersigned by a stranger: %+v", c)
	}
	for _, m := range got {
		if err := d.countersign(code, m); err != nil {
			t.Fatal(err)
		}
	}
	b.checked()
	c := b.consent(id)
	if c.Countersigned.IsZero() || len(c.Receipts) != 2 || !c.Receipts[0].Countersigned || c.Deliveries != 1 || c.Unsent != 0 {
		t.Errorf("%+v", c)
	}
	// A second signature under the same receipt says nothing new.
	if err := d.countersign(code, got[1]); err != nil {
		t.Fatal(err)
	}
	b.checked()
	b.logged(t, id, []consent.EventKind{consent.Requested, consent.Granted, consent.Delivered, consent.Opened})
	if s := b.Snapshot().Inbox; len(s.Drops) != 0 || len(s.Items) != 1 {
		t.Errorf("the way back is shown: %+v", s)
	}
	r, err := b.Receipt(t.Context(), c.Receipts[0].ID)
	if err != nil || r.Signed == nil || r.Signed.From.Name != "City Hospital" || r.Counter == "" || !bytes.Contains(r.FHIR, []byte(`"Consent"`)) || r.QR == "" {
		t.Errorf("%+v, %v", r, err)
	}

	// What is added follows, what is not covered does not.
	second := strings.Replace(allergy, "Peanut", "Almond", 1)
	b.importOne(file("b.json", []byte(second)))
	b.importOne(file("v.json", []byte(strings.Replace(hiv, "Human", "Another", 1))))
	b.works()
	if got = d.receives(); len(got) != 1 || !slices.Equal(d.documents(got[0]), []string{second}) {
		t.Errorf("followed: %v", types(got))
	}
	b.works()
	if got = d.receives(); len(got) != 0 {
		t.Errorf("again: %v", types(got))
	}

	if err := b.RevokeConsent(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if got = d.receives(); !slices.Equal(types(got), []message.Type{message.Revoked}) || d.receipt(got[0]).State != consent.Revoked {
		t.Errorf("the end: %v", types(got))
	}
	if c = b.consent(id); c.State != consent.WasRevoked || c.Untold {
		t.Errorf("%+v", c)
	}
	b.importOne(file("c.json", []byte(strings.Replace(allergy, "Peanut", "Walnut", 1))))
	b.works()
	if got = d.receives(); len(got) != 0 {
		t.Errorf("after the end: %v", types(got))
	}
	if err := b.RevokeConsent(t.Context(), id); !errors.Is(err, wallet.ErrConsentOver) {
		t.Errorf("twice: %v", err)
	}
	b.logged(t, id, []consent.EventKind{consent.Requested, consent.Granted, consent.Delivered, consent.Opened, consent.Delivered, consent.Revoked, consent.Told})
	for _, word := range []string{"Peanut", "Meera", "City Hospital", "allergy", id, d.q.ID} {
		for form, text := range map[string][]byte{"as it is": []byte(word), "in base64": []byte(base64.StdEncoding.EncodeToString([]byte(word))[:len(word)/3*4])} {
			if bytes.Contains(h.kept(t), text) {
				t.Errorf("the relay has %q %s", word, form)
			}
		}
	}
}

// countersign puts what the desk signs under a receipt into the way back.
func (d *desk) countersign(code inbox.Code, m *message.Message) error {
	counter, err := consent.Countersign(m.Receipt, consent.Party{Name: "City Hospital"}, d.h.clock.now(), d.Key)
	if err != nil {
		return err
	}
	_, err = d.Confirm(d.t.Context(), code, counter)
	return err
}

// logged fails unless that is what the log says of a consent.
func (b *bench) logged(t testing.TB, id string, want []consent.EventKind) {
	t.Helper()
	list, err := b.ConsentLog(t.Context(), b.Snapshot().Current, ledger.Query{})
	if err != nil {
		t.Fatal(err)
	}
	var got []consent.EventKind
	for _, e := range slices.Backward(list) {
		if e.Consent == id || e.Consent == "" {
			got = append(got, e.Kind)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the log says %v, want %v", got, want)
	}
}
