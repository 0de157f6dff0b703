//go:build !js

package wallet_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/consent"
	"potli/app/message"
	"potli/app/record"
	"potli/app/relayclient"
	"potli/app/wallet"
)

// TestFarewell: whoever was let see something of a person is told that it has ended, when the person is erased; without network
// it waits, through a new start and a lost answer, and is said once. Nothing of the person's log comes back for it. Who was
// told before, and whose consent has run out, is told nothing.
func TestFarewell(t *testing.T) {
	b, h := counter(t)
	b.importOne(file("a.json", []byte(allergy)))
	who := b.Snapshot().Current
	desks := []*desk{h.asks(t, nil), h.asks(t, nil), h.asks(t, func(q *consent.Request) { q.Until = h.clock.now().Add(time.Hour) })}
	var ids []string
	for _, d := range desks {
		id, _ := b.grant(b.takeAsk(d), consent.Choice{})
		ids = append(ids, id)
	}
	b.works()
	if err := b.RevokeConsent(t.Context(), ids[1]); err != nil {
		t.Fatal(err)
	}
	b.works()
	for _, c := range []*clock{b.clock, h.clock} {
		c.add(2 * time.Hour)
	}
	for _, d := range desks {
		d.receives()
	}
	if _, err := b.AddPerson(t.Context(), wallet.Person{Name: "Arjun Sample"}); err != nil {
		t.Fatal(err)
	}
	h.away(true)
	b.must(b.SetAside(t.Context(), who))
	b.must(b.EraseProfile(t.Context(), who))
	if got := b.waits(); !slices.Equal(got, []string{"ended"}) {
		t.Errorf("%q waits", got)
	}
	b.Wallet.Lock()
	b.restart()
	b.unlock()
	h.away(false)
	h.lose = func(r relayclient.Request) bool { return r.Method == "POST" }
	b.works()
	if got := b.waits(); !slices.Equal(got, []string{"ended"}) {
		t.Errorf("after a lost answer %q waits", got)
	}
	h.lose = nil
	b.Offline(false)
	b.works()
	if got := b.waits(); len(got) != 0 {
		t.Errorf("%q still waits", got)
	}
	got := desks[0].receives()
	if !slices.Equal(types(got), []message.Type{message.Revoked}) {
		t.Fatalf("the receiver was told %v", types(got))
	}
	r, err := consent.Verify(strings.TrimSpace(got[0].Receipt))
	if err != nil || r.State != consent.Revoked || r.Terms.ID != ids[0] {
		t.Errorf("the receipt: %+v, %v", r, err)
	}
	for i, d := range desks[1:] {
		if got := d.receives(); len(got) != 0 {
			t.Errorf("receiver %d was told %v", i+1, types(got))
		}
	}
	erasedLog(t, b, who)
}

// erasedLog: nothing is left, or has come back, of what was agreed for a person.
func erasedLog(t *testing.T, b *bench, who record.ProfileID) {
	t.Helper()
	for _, name := range b.Docs(t, "") {
		for _, of := range []string{string(who), "ledger/", "consent/", "receipt/", "counter/", "mailing/", "farewell/"} {
			if strings.Contains(name, of) {
				t.Errorf("%s is still there", name)
			}
		}
	}
}

// TestQueueAnswers: a no, a yes and an end for providers wait like links do, by the providers' names, and go in their order.
func TestQueueAnswers(t *testing.T) {
	b, h := counter(t)
	b.importOne(file("a.json", []byte(allergy)))
	running, asks, other := h.asks(t, nil), h.asks(t, nil), h.asks(t, nil)
	id, _ := b.grant(b.takeAsk(running), consent.Choice{})
	b.works()
	running.receives()
	no, yes := b.takeAsk(asks), b.takeAsk(other)
	h.away(true)
	b.relay.offline = true
	b.Offline(true)
	b.later(
		func() error { return b.RefuseAsk(t.Context(), no) },
		func() error { return b.RevokeConsent(t.Context(), id) },
		func() error { b.grant(yes, consent.Choice{}); return nil },
	)
	check := func(when string) {
		t.Helper()
		if got := b.waits(); !slices.Equal(got, []string{"refused", "ended", "granted"}) {
			t.Errorf("%s %q waits", when, got)
		}
	}
	check("at once")
	if list, err := b.Waiting(t.Context()); err != nil || len(list) == 0 || list[0].Name == "" {
		t.Errorf("nobody is named: %+v, %v", list, err)
	}
	b.Lock()
	b.restart()
	b.unlock()
	check("after a new start")
	b.network(h, true)
	if got := b.waits(); len(got) != 0 {
		t.Errorf("%q still waits", got)
	}
	for d, want := range map[*desk]message.Type{asks: message.Answer, running: message.Revoked, other: message.Answer} {
		if got := types(d.receives()); !slices.Contains(got, want) {
			t.Errorf("a desk was told %v, want %v", got, want)
		}
	}
}
