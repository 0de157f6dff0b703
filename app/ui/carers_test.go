package ui_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/record"
	"potli/app/ui"
	"potli/app/wallet"
)

// carerCards draws what can be done about one carer.
func carerCards(t *testing.T, tag string, c wallet.Carer) map[string]*element {
	t.Helper()
	langs := ui.NewLanguages(&device{})
	if _, err := langs.Use(context.Background(), tag); err != nil {
		t.Fatal(err)
	}
	d := world(same)
	out := map[string]*element{}
	for name, card := range ui.CarerCards(d, &device{}, langs, now, d.snap.People[1], c) {
		engine := app.NewTestEngine()
		if err := engine.Load(card); err != nil {
			t.Fatal(err)
		}
		engine.ConsumeAll()
		out[name] = parse(t, app.HTMLString(card))
	}
	return out
}

// TestCarerCards: what is offered is what may be done, and a removal names both people and promises no more than is true.
func TestCarerCards(t *testing.T) {
	he := wallet.Carer{User: "u2", Name: "Arjun", Role: wallet.RoleAdmin, Roles: []string{wallet.RoleReader, wallet.RoleOwner}}
	me := wallet.Carer{User: "u1", Me: true, Role: wallet.RoleOwner, Stays: wallet.ErrLastOwner}
	subject := wallet.Carer{User: "u3", Name: "Ravi", Role: wallet.RoleReader, Stays: wallet.ErrSubject}
	for _, tag := range []string{"en", "hi"} {
		for _, c := range []wallet.Carer{he, me, subject} {
			for name, card := range carerCards(t, tag, c) {
				t.Run(tag+" "+c.User+" "+name, func(t *testing.T) {
					checkWords(t, card)
					checkControls(t, card)
					checkSafety(t, card)
				})
			}
		}
	}
	his := carerCards(t, "en", he)
	for _, want := range []string{"Change what Arjun may do", "Take Arjun out"} {
		if !strings.Contains(his["rest"].words(), want) {
			t.Errorf("%q is not offered: %q", want, his["rest"].words())
		}
	}
	for _, want := range []string{"Take Arjun out of the care of Ravi Kumar?", "Arjun keeps what they have opened so far.", "They see nothing that is written from now on."} {
		if !strings.Contains(his["out"].words(), want) {
			t.Errorf("%q is not said: %q", want, his["out"].words())
		}
	}
	if beneath := ofClass(carerCards(t, "hi", he)["out"], "both-english"); len(beneath) != 1 || !strings.Contains(beneath[0].words(), "Take Arjun out of the care of Ravi Kumar?") {
		t.Error("in Hindi it is not said in English too")
	}
	if n := len(his["role"].all("input")); n != 3 {
		t.Errorf("%d roles", n)
	}
	mine, theirs := carerCards(t, "en", me)["rest"], carerCards(t, "en", subject)["rest"]
	if len(mine.all("button")) > 0 || !strings.Contains(mine.words(), "so you cannot leave") {
		t.Errorf("of the last who decides: %q", mine.words())
	}
	if len(theirs.all("button")) > 0 || !strings.Contains(theirs.words(), "These are their own records.") {
		t.Errorf("of the person themselves: %q", theirs.words())
	}
}

// TestSharedIsSaid: before somebody whom others care for too is erased, it says that they have to be told.
func TestSharedIsSaid(t *testing.T) {
	page, _ := draw(t, world(same), "en", "/settings/people/p3")
	if words := page.words(); !strings.Contains(words, "Before you can erase, leave, so that they know.") {
		t.Errorf("not said: %q", words)
	}
}

// syncOf is a wallet's sync of one person.
func syncOf(id record.ProfileID, s wallet.SyncState) map[record.ProfileID]wallet.SyncState {
	return map[record.ProfileID]wallet.SyncState{id: s}
}

// TestTroubles: what is wrong is named, with whose device it is and what helps; what passes by itself is not.
func TestTroubles(t *testing.T) {
	week := now.Add(-3 * 24 * time.Hour)
	for name, tt := range map[string]struct {
		sync  wallet.SyncState
		own   wallet.DeviceTrouble
		wants []string // none: nothing is said
	}{
		"removed":    {sync: wallet.SyncState{Kind: wallet.SyncRemoved, From: []string{"Meera"}}, wants: []string{"Meera has taken you out.", "What was here stays here"}},
		"by nobody":  {sync: wallet.SyncState{Kind: wallet.SyncRemoved}, wants: []string{"You were taken out."}},
		"left":       {sync: wallet.SyncState{Kind: wallet.SyncLeft}, wants: []string{"You have left the care of Asha Devi."}},
		"twin":       {sync: wallet.SyncState{Kind: wallet.SyncTwin}, wants: []string{"This device exists twice.", "link it anew"}},
		"forked":     {sync: wallet.SyncState{Kind: wallet.SyncForked, From: []string{"Arjun"}}, wants: []string{"Arjun says two different things", "remove it"}},
		"later":      {sync: wallet.SyncState{Kind: wallet.SyncLater}, wants: []string{"newer Potli"}},
		"closed":     {sync: wallet.SyncState{Kind: wallet.SyncClosed}, wants: []string{"shut the mailbox"}},
		"resend":     {sync: wallet.SyncState{Kind: wallet.SyncResend, From: []string{"blue phone"}}, wants: []string{"Open Potli on: blue phone.", "sends everything again"}},
		"first":      {sync: wallet.SyncState{Kind: wallet.SyncFirst}, wants: []string{"are on their way here", "Keep Potli open"}},
		"resend any": {sync: wallet.SyncState{Kind: wallet.SyncResend}, wants: []string{"Open Potli on another phone"}},
		"full":       {sync: wallet.SyncState{Kind: wallet.SyncFull}, wants: []string{"mailbox of Asha Devi is full"}},
		"full from":  {sync: wallet.SyncState{Kind: wallet.SyncFull, From: []string{"Arjun"}}, wants: []string{"when Arjun opens"}},
		"rolled":     {sync: wallet.SyncState{Kind: wallet.SyncCurrent, Warning: week}, wants: []string{"older state than before", "can read nothing"}},
		"shut out":   {own: wallet.DeviceShutOut, wants: []string{"This device was removed", "gets nothing new"}},
		"refused":    {own: wallet.DeviceRefused, wants: []string{"this device did not follow"}},
		"sending":    {sync: wallet.SyncState{Kind: wallet.SyncSending, Sending: 3}},
		"offline":    {sync: wallet.SyncState{Kind: wallet.SyncOffline}},
	} {
		for _, tag := range []string{"en", "hi"} {
			for _, path := range []string{"/", "/settings/people/p1"} {
				t.Run(name+" "+tag+path, func(t *testing.T) {
					d := world(same)
					d.snap.Settings.Language, d.snap.Trouble = tag, tt.own
					d.snap.Sync = syncOf("p1", tt.sync)
					page, _ := draw(t, d, tag, path)
					checkWords(t, page)
					checkOutline(t, page)
					checkControls(t, page)
					checkSafety(t, page)
					said := page.id("sync-trouble") != nil || page.id("device-trouble") != nil || page.id("rolled-back") != nil
					if want := len(tt.wants) > 0 && (tt.own == "" || path == "/"); said != want {
						t.Errorf("said: %v, want %v", said, want)
					}
					for _, want := range tt.wants {
						if tag == "en" && said && !strings.Contains(page.words(), want) {
							t.Errorf("%q is not in %q", want, page.words())
						}
					}
				})
			}
		}
	}
}

// TestOldRollback: what is over and made good leaves the timeline after a week; on the person's page it stays.
func TestOldRollback(t *testing.T) {
	d := world(same)
	d.snap.Sync = syncOf("p1", wallet.SyncState{Kind: wallet.SyncCurrent, Warning: now.Add(-8 * 24 * time.Hour)})
	if page, _ := draw(t, d, "en", "/"); page.id("rolled-back") != nil {
		t.Error("on the timeline")
	}
	if page, _ := draw(t, d, "en", "/settings/people/p1"); page.id("rolled-back") == nil {
		t.Error("not on the page of the person")
	}
}
