package ui_test

import (
	"strings"
	"testing"

	"potli/app/record"
	"potli/app/wallet"
)

var others = []wallet.Carer{{User: "u2", Name: "Meera", Role: wallet.RoleReader}, {User: "u3", Role: wallet.RoleReader}}

// handing is a world in which the handover of p2 stands somewhere.
func handing(h wallet.Handover) *door {
	d := world(same)
	if h.Day == "" {
		h.Day, h.Opens, h.Alone = "2032-05-01", "2032-02-01", "2032-05-31"
	}
	d.snap.Handovers = map[record.ProfileID]wallet.Handover{"p2": h}
	return d
}

// handoverStages are every step on either side, with the words that have to be there and the control that goes on.
var handoverStages = []struct {
	h    wallet.Handover
	want string
	id   string
}{
	{wallet.Handover{}, "There is nothing to hand over here.", ""},
	{wallet.Handover{Stage: wallet.HandoverSoon}, "You can begin on 1 February 2032.", ""},
	{wallet.Handover{Stage: wallet.HandoverInvite, Can: true}, "Show this code to Ravi Kumar alone.", "pair-show"},
	{wallet.Handover{Stage: wallet.HandoverAsk, Can: true, Others: others}, "Which of these is Ravi Kumar?", "handover-offer"},
	{wallet.Handover{Stage: wallet.HandoverAsk, Others: others}, "One who decides for Ravi Kumar has to hand the records over.", ""},
	{wallet.Handover{Stage: wallet.HandoverOffered, Who: "Ravi"}, "Ravi has to say yes, on their own phone.", "handover-other"},
	{wallet.Handover{Stage: wallet.HandoverOffered, Mine: true, Can: true}, "nobody can take you out of them", "handover-accept"},
	{wallet.Handover{Stage: wallet.HandoverAccepted, Who: "Ravi"}, "On 1 May 2032 you hand the records over", ""},
	{wallet.Handover{Stage: wallet.HandoverAccepted, Mine: true}, "you can take them over alone from 31 May 2032 on", ""},
	{wallet.Handover{Stage: wallet.HandoverReady, Can: true, Who: "Ravi"}, "This cannot be taken back.", "handover-go"},
	{wallet.Handover{Stage: wallet.HandoverReady, Who: "Ravi"}, "One who decides for Ravi has to hand the records over.", ""},
	{wallet.Handover{Stage: wallet.HandoverReady, Mine: true}, "One of them hands the records over to you.", ""},
	{wallet.Handover{Stage: wallet.HandoverReady, Mine: true, Can: true}, "You are of age, and may take them over yourself.", "handover-go"},
	{wallet.Handover{Stage: wallet.HandoverChoose, Mine: true, Can: true, Others: others}, "Everybody else keeps what they have opened so far.", "handover-keep"},
	{wallet.Handover{Stage: wallet.HandoverDone, Who: "Ravi"}, "What you have opened stays on this phone.", "handover-done"},
	{wallet.Handover{Stage: wallet.HandoverDone, Mine: true}, "in your own wallet", "handover-done"},
}

// TestHandoverPages holds every step against the rules that all pages keep, and says what is true at it.
func TestHandoverPages(t *testing.T) {
	for _, tt := range handoverStages {
		for _, tag := range []string{"en", "hi"} {
			t.Run(string(tt.h.Stage)+tt.id+" "+tag, func(t *testing.T) {
				d := handing(tt.h)
				d.snap.Settings.Language = tag
				page, _ := draw(t, d, tag, "/handover/p2")
				checkWords(t, page)
				checkOutline(t, page)
				checkControls(t, page)
				checkSafety(t, page)
				if tag == "en" && !strings.Contains(page.words(), tt.want) {
					t.Errorf("%q is not said: %q", tt.want, page.words())
				}
				for _, id := range []string{"pair-show", "handover-offer", "handover-other", "handover-accept", "handover-go", "handover-keep", "handover-done"} {
					if there := page.id(id) != nil; there != (id == tt.id) {
						t.Errorf("%s: %v", id, there)
					}
				}
			})
		}
	}
}

// TestHandoverChoosesForNobody: who may go on reading is the person's to say, and nobody is chosen for them; nor who the
// person is.
func TestHandoverChoosesForNobody(t *testing.T) {
	for _, stage := range []wallet.HandoverStage{wallet.HandoverChoose, wallet.HandoverAsk} {
		page, _ := draw(t, handing(wallet.Handover{Stage: stage, Mine: stage == wallet.HandoverChoose, Can: true, Others: others}), "en", "/handover/p2")
		n := 0
		for _, input := range page.all("input") {
			n++
			if on, ok := input.attrs["checked"]; ok && on != "false" {
				t.Errorf("%s is chosen already", input.attrs["id"])
			}
		}
		if n < 2 || !strings.Contains(page.words(), "Meera") || !strings.Contains(page.words(), "Somebody whose name is not known here") {
			t.Errorf("%s: %d choices: %q", stage, n, page.words())
		}
	}
}

// TestHandoverToNobodySaysSo: with nobody chosen the button says that all the others are put out.
func TestHandoverToNobodySaysSo(t *testing.T) {
	page, _ := draw(t, handing(wallet.Handover{Stage: wallet.HandoverChoose, Mine: true, Can: true, Others: others}), "en", "/handover/p2")
	if keep := page.id("handover-keep"); keep == nil || !strings.Contains(keep.words(), "Only me. Nobody else reads on") || !classed(keep, "button-grave") {
		t.Errorf("the button says %+v", keep)
	}
}

// TestHandoverIsFound: what is somebody's own to answer stands on the timeline of whoever opens their wallet, and the rest
// on the page of the person.
func TestHandoverIsFound(t *testing.T) {
	for _, tt := range handoverStages {
		d := handing(tt.h)
		home, _ := draw(t, d, "en", "/")
		if there, want := home.id("handover-p2") != nil, tt.h.Mine && tt.h.Can; there != want {
			t.Errorf("%+v: on the timeline %v, want %v", tt.h, there, want)
		}
		own, _ := draw(t, d, "en", "/settings/people/p2")
		if there, want := own.id("handover") != nil, tt.h.Stage != "" && tt.h.Stage != wallet.HandoverSoon; there != want {
			t.Errorf("%+v: on the page of the person %v, want %v", tt.h, there, want)
		}
		d.snap.Hidden = map[record.ProfileID]bool{"p2": true}
		if home, _ = draw(t, d, "en", "/"); home.id("handover-p2") != nil {
			t.Error("it names somebody who is hidden")
		}
	}
}

// TestLawIsChosen: for somebody one cares for, and not for oneself.
func TestLawIsChosen(t *testing.T) {
	d := world(same)
	d.snap.People[1].Law = "NZ"
	page, _ := draw(t, d, "en", "/settings/people/p2")
	law := page.id("law")
	if law == nil || !strings.Contains(law.words(), "India (18 years)") {
		t.Fatalf("no law to choose: %+v", law)
	}
	for _, o := range law.all("option") {
		if on, ok := o.attrs["selected"]; (ok && on != "false") != (o.attrs["value"] == "NZ") {
			t.Errorf("%s: selected %v", o.attrs["value"], ok)
		}
	}
	if page, _ = draw(t, d, "en", "/settings/people/p1"); page.id("law") != nil {
		t.Error("for oneself too")
	}
}
