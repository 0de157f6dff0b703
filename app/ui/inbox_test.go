package ui_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/share"
	"potli/app/ui"
	"potli/app/wallet"
)

// TestDropIsMade: one tap makes what a visit needs, for whom it says; without network it says what works without.
func TestDropIsMade(t *testing.T) {
	s := play(t, world(same), ui.DropPage).says("Papers for Asha Devi", "1 day, up to 10 documents", "“Asha Devi”", "waits on this device alone")
	s.do("go").asked("make drop for p1 as Asha Devi, 24h0m0s, 10 documents")
	if s.went != "/drop/code#drop1" {
		t.Errorf("it leads to %q", s.went)
	}
	s = play(t, acting(same), ui.DropPage).says("Yes, this is Ravi Kumar").do("nameless", "go").says("The clinic sees no name.")
	s.asked("make drop for p2 as , 24h0m0s, 10 documents")
	play(t, world(same), ui.DropPage).do("other").asked("choose")

	d := world(same)
	d.fault = share.ErrOffline
	s = play(t, d, ui.DropPage).do("go").says("photograph them")
	if s.went != "" || s.tree().id("drop-photograph") == nil {
		t.Errorf("without network it leads to %q", s.went)
	}
}

func dropCode(t *testing.T, d *door, id string) *stage {
	t.Helper()
	return play(t, d, func(e *ui.Env) (app.Composer, map[string]func()) {
		page, press := ui.DropCodePage(e, id)
		t.Cleanup(press["leave"])
		return page, press
	})
}

// TestDropCode: the code says what came, hides by itself, lives longer when asked, and ends after a question.
func TestDropCode(t *testing.T) {
	s := dropCode(t, world(same), "d1").says("The clinic scans this code to send", "Nothing has come yet", "1 day more")
	if s.tree().all("svg") == nil || s.tree().id("copy-link") == nil {
		t.Error("no code, or no link beside it")
	}
	s.do("long ago", "tick").says("The code is hidden").do("again")
	if strings.Contains(s.tree().words(), "The code is hidden") {
		t.Error("it stays hidden")
	}
	s.do("copy").says("The link is copied")
	s.do("prolong").says("For 7 days from now")
	if strings.Contains(s.tree().words(), "For 1 hour from now") {
		t.Error("a shorter life is offered as a longer one")
	}
	s.do("day").asked("prolong drop d1 by 24h0m0s")
	if s.do("end"); slices.Contains(s.door.asked, "revoke drop d1") {
		t.Error("it ended without a question")
	}
	s.do("end-yes").asked("revoke drop d1")

	s = dropCode(t, world(same), "d2").says("It has come: 3 documents", "980 more wait outside", "deliveries were turned away", "You had ended the code.", "The relay does not know yet")
	if a := s.tree().id("drop-look"); a == nil || a.attrs["href"] != "/inbox" {
		t.Error("what came cannot be looked at")
	}
	for id, says := range map[string]string{"d3": "The time of this code is over", "d4": "You have ended this code. Nothing", "d5": "told as soon as there is network", "d6": "no longer knows this code"} {
		if s := dropCode(t, world(same), id).says(says); s.tree().id("copy-link") != nil || s.tree().id("drop-again") == nil {
			t.Errorf("%s can still be given away, or nothing leads on", id)
		}
	}
}

func item(t *testing.T, d *door, id string) *stage {
	t.Helper()
	return play(t, d, func(e *ui.Env) (app.Composer, map[string]func()) { return ui.ItemPage(e, id) })
}

// TestItemKept: what is there already and what cannot be kept stays out, the rest is the person's choice; the button says
// how much, and for whom.
func TestItemKept(t *testing.T) {
	s := item(t, acting(same), "ia").says("From City Clinic", "Take it after food.", "Keep 2 documents and the note for Ravi Kumar", "It says that it is about Sita, not about Ravi Kumar",
		"You have this document already", "The same document has come before", "Potli does not know this kind of file")
	s.do("keep").asked("accept ia for p2 [0 8 -1]")
	s = item(t, acting(same), "ia").do("untick", "tick", "no note").says("Keep 2 documents for Ravi Kumar").do("keep")
	s.asked("accept ia for p2 [1 8]")
	s.says("good.json")                        // what became of it
	item(t, world(same), "ia").asked("choose") // the banner says whose it is
	item(t, acting(same), "ia").do("other").asked("choose")

	d := acting(same)
	d.letters.letter.Documents, d.letters.letter.Text = d.letters.letter.Documents[2:3], ""
	s = item(t, d, "ia").says("nothing in it that can be kept")
	if s.tree().id("item-keep") != nil {
		t.Error("what cannot be kept is offered")
	}
}

// TestItemIsShown: a document that is no record is shown by what shows records, and its parts lead to no record.
func TestItemIsShown(t *testing.T) {
	s := item(t, acting(same), "ia").do("look").says("Haemoglobin", "Results")
	links := 0
	for _, a := range s.tree().all("a") {
		if strings.HasPrefix(a.attrs["href"], "/record/") {
			t.Errorf("leads to %s", a.attrs["href"])
		}
		if a.attrs["href"] == "/inbox/ia#e1" {
			links++
		}
	}
	if links == 0 {
		t.Error("what refers to another part of it leads nowhere")
	}
	if words := s.do("fold").tree().words(); strings.Contains(words, "Haemoglobin") {
		t.Error("it stays unfolded")
	}
	s = item(t, acting(same), "ih").says("You have kept it.")
	if a := s.tree().all("a"); !slices.ContainsFunc(a, func(e *element) bool { return e.attrs["href"] == "/record/r2" }) {
		t.Error("what was kept cannot be reached")
	}
}

// TestItemComesLate: after the words the inbox comes a moment later than the page, which does not say meanwhile that it is
// gone.
func TestItemComesLate(t *testing.T) {
	d := acting(same)
	whole := *d.snap
	d.snap.Inbox = nil
	s := item(t, d, "ia").says("Opening it")
	d.snap = &whole
	s.do("news").says("From City Clinic", "Take it after food.")
}

// TestItemDeclined: it is said until when it can be fetched back, and it can.
func TestItemDeclined(t *testing.T) {
	item(t, acting(same), "ia").do("decline").asked("decline ia")
	item(t, acting(same), "ii").says("You did not keep it. Until 19 June 2026").do("restore").asked("restore ii")
	for id, says := range map[string]string{"ij": "what was in it is erased", "ik": "Nobody decided in time"} {
		if s := item(t, acting(same), id).says(says); s.tree().id("item-restore") != nil || s.tree().id("item-keep") != nil {
			t.Errorf("%s: what is gone is offered", id)
		}
	}
}

// TestTrust: each thing that can be known of a sender is said in words of its own, and a new signature is known only after
// a question.
func TestTrust(t *testing.T) {
	said := map[string]bool{}
	for _, id := range []string{"ia", "ib", "ic", "id", "ie", "if", "ig"} {
		words := item(t, acting(same), id).tree().id("trust").words()
		if said[words] || words == "" {
			t.Errorf("%s says %q, like another", id, words)
		}
		said[words] = true
	}
	s := item(t, acting(same), "ie")
	if s.tree().id("trust").attrs["role"] != "alert" || s.tree().id("item-pin") != nil {
		t.Error("who poses as somebody can be made known in a tap, or it is not said aloud")
	}
	s = item(t, acting(same), "ia").do("pin").says("Have you met City Clinic?", "NzbL sXh8 uDCc d-6M")
	if slices.Contains(s.door.asked, "pin City Clinic") {
		t.Error("the signature is known without a question")
	}
	s.do("pin-yes").asked("pin City Clinic")
	item(t, acting(same), "ib").do("unpin").asked("unpin " + thumb)
}

// TestInboxSays: what waits comes first, what was turned away is counted and not shown.
func TestInboxSays(t *testing.T) {
	page, _ := draw(t, world(same), "en", "/inbox")
	words := page.words()
	first, then := strings.Index(words, "Waiting for your decision"), strings.Index(words, "Earlier")
	if first < 0 || then < first || strings.Index(words, "Kept") < then || !strings.Contains(words, "980 more wait outside") || !strings.Contains(words, "55 deliveries were turned away") {
		t.Errorf("it says %q", words)
	}
	if b := page.id("badge"); b == nil || !strings.Contains(b.words(), "7") {
		t.Error("the places do not say how many wait")
	}
	ask := slices.ContainsFunc(page.all("a"), func(e *element) bool { return e.attrs["href"] == "/ask/il" })
	if !ask {
		t.Error("a question leads to no page of its own")
	}
	d := world(same)
	d.snap.Inbox = &wallet.InboxState{}
	page, _ = draw(t, d, "en", "/inbox")
	if page.id("inbox-drop") == nil || page.id("badge") != nil {
		t.Error("nothing leads on from an empty inbox, or it counts")
	}
	if page, _ = draw(t, world(same), "en", "/"); page.id("arrived-go") == nil || page.id("receive-drop") == nil {
		t.Error("the first page says nothing of it")
	}
	d.snap.Inbox.Drops = received(same).Drops[:1]
	if page, _ = draw(t, d, "en", "/"); page.id("open-code") == nil {
		t.Error("nothing leads back to the code that is open")
	}
}

// TestTake: what the phone's own camera has opened leads where the same text leads when it is scanned.
func TestTake(t *testing.T) {
	for text, want := range map[string]string{
		scannable["link"]: "/receive", "viewer#" + scannable["link"]: "/receive", "eyJhbGciOiJFZERTQSJ9.e30.AA": "/ask/ask1", scannable["ask"]: "/ask/ask1",
		scannable["drop"]: "", "": "",
	} {
		var carried func() string
		s := play(t, world(same), func(e *ui.Env) (app.Composer, map[string]func()) {
			var page app.Composer
			page, carried = ui.TakePage(e, text)
			return page, nil
		})
		if want == "/ask/ask1" && !slices.ContainsFunc(s.door.asked, func(a string) bool {
			return strings.HasPrefix(a, "take ask ") && strings.Contains(a, "/ask#") || a == "take ask ask#"+text+" link"
		}) {
			t.Errorf("%q: asked %q", text, s.door.asked)
		}
		if s.went != want {
			t.Errorf("%q leads to %q, want %q", text, s.went, want)
		}
		if (carried() != "") != (want == "/receive") {
			t.Errorf("%q: %q is carried on", text, carried())
		}
		if id := map[string]string{"": "take-none", scannable["drop"]: "take-drop"}[text]; id != "" && s.tree().id(id) == nil {
			t.Errorf("%q: it does not say what it is", text)
		}
	}
}

// TestReceivedIsHeld: what a link brings waits where all arrives.
func TestReceivedIsHeld(t *testing.T) {
	s := play(t, world(same), func(e *ui.Env) (app.Composer, map[string]func()) { return ui.ReceivePage(e, scannable["link"]) })
	s.do("read", "open").asked("receive held as Meera ")
	if s.went != "/inbox/item1" {
		t.Errorf("it leads to %q", s.went)
	}
}
