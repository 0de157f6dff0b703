//go:build !js

package wallet_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/consent"
	"potli/app/consent/ledger"
	"potli/app/message"
	"potli/app/record"
	"potli/app/wallet"
)

// atRelay brings wallets to a relay for letters.
func atRelay(t *testing.T, unlock map[*bench]string) *cable {
	t.Helper()
	h := newCable(t)
	for b, phrase := range unlock {
		h.clock.set(b.clock.now())
		b.lettered(h)
		if err := b.Unlock(t.Context(), phrase); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func (b *bench) findings(who record.ProfileID) []wallet.DeviceFinding {
	b.t.Helper()
	book, err := b.Consents(b.t.Context(), who)
	if err != nil {
		b.t.Fatal(err)
	}
	return book.Findings
}

// changeLog changes the lines of this device's log in storage, as nobody should.
func (b *bench) changeLog(who record.ProfileID, change func(lines [][]byte) [][]byte) {
	b.t.Helper()
	v := b.vault()
	docs, err := v.Docs(b.t.Context(), "ledger/"+string(who)+"/")
	if err != nil || len(docs) != 1 {
		b.t.Fatalf("%d logs, %v", len(docs), err)
	}
	for name, body := range docs {
		lines := bytes.Split(bytes.TrimSuffix(body, []byte("\n")), []byte("\n"))
		lines = append(slices.Clone(lines[:2]), change(lines[2:])...)
		if err := v.PutDocs(b.t.Context(), map[string][]byte{name: append(bytes.Join(lines, []byte("\n")), '\n')}); err != nil {
			b.t.Fatal(err)
		}
	}
	b.Wallet.Lock()
	b.restart()
	b.unlock()
	b.Choose(who)
}

// TestConsentWitness: what the mother granted the father sees, and ends; her telephone
// then lets nothing go and tells. Whoever rewrites the log is named, by both.
func TestConsentWitness(t *testing.T) {
	mother, father, _, child := caregivers(t)
	h := atRelay(t, map[*bench]string{mother: words})
	mother.Choose(child)
	d := h.asks(t, nil)
	id, _ := mother.grant(mother.takeAsk(d), consent.Choice{})
	if got := d.receives(); !slices.Equal(types(got), []message.Type{message.Answer, message.Delivery}) || d.receipt(got[0]).Actor.Authority != "caregiver" {
		t.Fatalf("came: %v", types(got))
	}
	exchange(2, mother, father)
	father.Choose(child)
	c := father.consent(id)
	if !c.Elsewhere || c.State != consent.Live || c.Deliveries != 1 || c.Terms.To.Name != "City Hospital" {
		t.Fatalf("the father sees %+v", c)
	}
	book, err := father.Consents(t.Context(), child)
	if err != nil || len(book.Holdings) != 1 || len(book.Holdings[0].Has) != 1 || len(book.Findings) != 0 {
		t.Errorf("%+v, %v", book, err)
	}
	if err := father.RevokeConsent(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if c = father.consent(id); !c.Untold || c.State != consent.WasRevoked {
		t.Errorf("%+v", c)
	}
	exchange(2, father, mother)
	mother.importOne(file("b.json", []byte(strings.Replace(allergy, "Peanut", "Almond", 1))))
	mother.works()
	if got := d.receives(); !slices.Equal(types(got), []message.Type{message.Revoked}) {
		t.Errorf("after he ended it: %v", types(got))
	}
	exchange(2, mother, father)
	if c = father.consent(id); c.Untold {
		t.Errorf("he does not know that it was told: %+v", c)
	}

	// A telephone that was set back knows it, and goes on from where it was.
	mother.changeLog(child, func(lines [][]byte) [][]byte { return lines[:2] })
	if f := mother.findings(child); len(f) != 1 || f[0].Finding != ledger.Truncated || !f[0].Itself || !f[0].Mine {
		t.Errorf("cut short: %+v", f)
	}
	mother.grant(mother.takeAsk(h.asks(t, once)), consent.Choice{})
	exchange(2, mother, father)
	if f := slices.Concat(mother.findings(child), father.findings(child)); len(f) != 0 {
		t.Errorf("it went on: %+v", f)
	}

	// One that was rewritten is named.
	mother.changeLog(child, func(lines [][]byte) [][]byte {
		lines[1] = bytes.Replace(lines[1], []byte("City Hospital"), []byte("Good Hospital"), 1)
		return lines
	})
	if f := mother.findings(child); len(f) != 1 || f[0].Finding != ledger.Forked || !f[0].Itself {
		t.Errorf("rewritten, she: %+v", f)
	}
	mother.grant(mother.takeAsk(h.asks(t, once)), consent.Choice{})
	exchange(2, mother, father)
	if f := father.findings(child); len(f) != 1 || f[0].Finding != ledger.Forked || f[0].Itself || f[0].Mine || f[0].Name == "" {
		t.Errorf("rewritten, he: %+v", f)
	}
	if n := father.Snapshot().Consents.Trouble; n != 1 {
		t.Errorf("%d in the snapshot", n)
	}
	if c = father.consent(id); c.State != consent.WasRevoked {
		t.Errorf("what was ended came back: %s", c.State)
	}
}

// TestConsentOnTwoDevices: what the telephone granted the tablet can end, and the
// receiver is told once.
func TestConsentOnTwoDevices(t *testing.T) {
	phone, tablet, _ := devices(t)
	h := atRelay(t, map[*bench]string{phone: words, tablet: phoneWords})
	phone.importOne(file("a.json", []byte(allergy)))
	d := h.asks(t, nil)
	id, _ := phone.grant(phone.takeAsk(d), consent.Choice{})
	d.receives()
	exchange(2, phone, tablet)
	c := tablet.consent(id)
	if c.Elsewhere || len(c.Receipts) != 2 {
		t.Fatalf("%+v", c)
	}
	if r, err := tablet.Receipt(t.Context(), c.Receipts[0].ID); err != nil || r.State != consent.Granted {
		t.Errorf("%+v, %v", r, err)
	}
	// Both bring the same record at once.
	phone.importOne(file("b.json", []byte(strings.Replace(allergy, "Peanut", "Almond", 1))))
	exchange(2, phone, tablet)
	phone.works()
	tablet.works()
	if got := d.receives(); len(got) != 1 {
		t.Errorf("one record in %d messages", len(got))
	}
	exchange(2, phone, tablet)
	if err := tablet.RevokeConsent(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	exchange(2, phone, tablet)
	phone.works()
	if got := d.receives(); !slices.Equal(types(got), []message.Type{message.Revoked}) {
		t.Errorf("told: %v", types(got))
	}
	if c = phone.consent(id); c.State != consent.WasRevoked || c.Untold {
		t.Errorf("%+v", c)
	}
}

// TestConsentNeedsTwo: of a young person nothing sensitive goes before they said yes
// themselves, on a device of their own; two taps on one telephone are one yes.
func TestConsentNeedsTwo(t *testing.T) {
	home := newHome(t, ist(2034, time.June, 1, 10, 0))
	h := atRelay(t, map[*bench]string{home.mother: words})
	mother := home.mother
	mother.Choose(home.child)
	mother.importOne(file("h.json", []byte(hiv)))
	ask := func() *desk {
		h.clock.set(mother.clock.now())
		return h.asks(t, once)
	}
	alone := ask()
	p, err := mother.PrepareGrant(t.Context(), mother.takeAsk(alone), home.child, consent.Choice{})
	if err != nil || !p.Two || !p.Alone || len(p.Going) != 1 || len(p.Staying) != 1 || p.Staying[0].Why != consent.NeedsTwo {
		t.Fatalf("%+v, %v", p, err)
	}
	id, err := mother.GrantAsk(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if err := mother.AgreeConsent(t.Context(), id); err != wallet.ErrAgreed {
		t.Errorf("twice by one: %v", err)
	}
	if c := mother.consent(id); c.Waits != wallet.WaitsPerson || !c.Alone || c.Mine {
		t.Errorf("%+v", c)
	}
	if got := alone.receives(); !slices.Equal(types(got), []message.Type{message.Answer}) {
		t.Errorf("by one yes: %v", types(got))
	}

	home.letIn(t)
	both := ask()
	id, p = mother.grant(mother.takeAsk(both), consent.Choice{})
	if !p.Two || p.Alone {
		t.Errorf("%+v", p)
	}
	home.settle(t)
	if c := home.aarav.consent(id); !c.Mine || c.Waits != wallet.WaitsPerson {
		t.Fatalf("he sees %+v", c)
	}
	// That her telephone writes that he agreed does not make him agree.
	mother.changeLog(home.child, func(lines [][]byte) [][]byte {
		for _, line := range slices.Backward(lines) {
			var e ledger.Entry
			if err := json.Unmarshal(line, &e); err == nil && e.Kind == consent.Granted && e.Consent == id {
				e.By = p.Terms.Person
				forged, err := json.Marshal(e)
				if err != nil {
					t.Fatal(err)
				}
				return append(lines, forged)
			}
		}
		t.Fatal("nothing was granted")
		return nil
	})
	home.settle(t)
	mother.works()
	if c := home.aarav.consent(id); !c.Mine || c.Waits != wallet.WaitsPerson {
		t.Errorf("he is taken for having agreed: %+v", c)
	}
	if got := both.receives(); !slices.Equal(types(got), []message.Type{message.Answer}) {
		t.Errorf("by a yes that was written for him: %v", types(got))
	}
	if err := home.aarav.AgreeConsent(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	home.settle(t)
	mother.works()
	if got := both.receives(); !slices.Equal(types(got), []message.Type{message.Delivery}) || len(both.documents(got[0])) != 2 {
		t.Errorf("by both: %v, %+v", types(got), mother.consent(id))
	}
}
