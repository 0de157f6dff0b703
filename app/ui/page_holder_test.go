package ui_test

import (
	"strings"
	"testing"

	"potli/app/record"
	"potli/app/wallet"
)

// trusting is a world in which somebody may take over for p2.
func trusting(h wallet.Holder) *door {
	d := world(same)
	d.snap.Holders = map[record.ProfileID]wallet.Holder{"p2": h}
	return d
}

var (
	namedHer = []wallet.Trusted{{User: "u2", Name: "Usha", Days: 30}}
	namedMe  = []wallet.Trusted{{User: "u1", Me: true, Days: 7}}
)

func claimAt(stage wallet.ClaimStage, mine, veto bool) *wallet.Claim {
	return &wallet.Claim{Stage: stage, Mine: mine, Veto: veto, Who: "Usha", Until: "2026-07-12"}
}

// holderScenes are what each of those concerned sees, and the controls that are theirs.
var holderScenes = []struct {
	name string
	h    wallet.Holder
	want string
	ids  string
	home bool // it stands on the timeline too
}{
	{"alone", wallet.Holder{Owner: true}, "Let somebody in first", "", false},
	{"nobody is named, a reader", wallet.Holder{Others: others}, "Nobody is named.", "", false},
	{"an owner", wallet.Holder{Owner: true, Others: others}, "They are given every key for Ravi Kumar now", "holder-save", false},
	{"an owner who named", wallet.Holder{Owner: true, Others: others, Named: namedHer}, "Usha may take over. Others have 30 days to say no.", "holder-save drop-u2", false},
	{"another", wallet.Holder{Others: others, Named: namedHer}, "Others have 30 days", "", false},
	{"who was named", wallet.Holder{Others: others, Named: namedMe}, "You may take over. Others have 7 days to say no.", "holder-claim", false},
	{"who claimed", wallet.Holder{Others: others, Named: namedMe, Claim: claimAt(wallet.ClaimWaiting, true, false)}, "The others have until 12 July 2026", "", true},
	{"who waited", wallet.Holder{Others: others, Named: namedMe, Claim: claimAt(wallet.ClaimReady, true, false)}, "The waiting is over", "recover-p2", true},
	{"who recovered", wallet.Holder{Owner: true, Others: others, Named: namedMe, Claim: claimAt(wallet.ClaimRecovered, true, false)}, "You have taken over for Ravi Kumar", "holder-save drop-u1", false},
	{"an owner who is there", wallet.Holder{Owner: true, Others: others, Named: namedHer, Claim: claimAt(wallet.ClaimWaiting, false, true)}, "If that is not so, say no.", "holder-save drop-u2 veto-p2", true},
	{"an owner who was there after all", wallet.Holder{Owner: true, Others: others, Claim: claimAt(wallet.ClaimRecovered, false, true)}, "It is undone at once.", "holder-save veto-p2", true},
	{"another, while it is waited", wallet.Holder{Others: others, Named: namedHer, Claim: claimAt(wallet.ClaimWaiting, false, false)}, "This phone waits until 12 July 2026.", "", true},
	{"after no", wallet.Holder{Others: others, Claim: claimAt(wallet.ClaimVetoed, false, false)}, "Nothing has changed.", "", false},
}

// TestHolderPages holds each against the rules that all pages keep; a no is one tap, on the timeline as on the page.
func TestHolderPages(t *testing.T) {
	for _, tt := range holderScenes {
		for _, tag := range []string{"en", "hi"} {
			t.Run(tt.name+" "+tag, func(t *testing.T) {
				d := trusting(tt.h)
				d.snap.Settings.Language = tag
				page, _ := draw(t, d, tag, "/holder/p2")
				checkWords(t, page)
				checkOutline(t, page)
				checkControls(t, page)
				checkSafety(t, page)
				if tag == "en" && !strings.Contains(page.words(), tt.want) {
					t.Errorf("%q is not said: %q", tt.want, page.words())
				}
				for _, id := range []string{"holder-save", "drop-u1", "drop-u2", "holder-claim", "holder-claim-yes", "veto-p2", "recover-p2"} {
					if there := page.id(id) != nil; there != strings.Contains(" "+tt.ids+" ", " "+id+" ") {
						t.Errorf("%s: %v", id, there)
					}
				}
				home, _ := draw(t, d, tag, "/")
				checkOutline(t, home)
				card := home.id("claim-p2")
				if (card != nil) != tt.home || tt.home && (card.id("veto-p2") != nil) != strings.Contains(tt.ids, "veto-p2") {
					t.Errorf("on the timeline: %v", card != nil)
				}
			})
		}
	}
}

// TestHolderIsFound: where others have the records too.
func TestHolderIsFound(t *testing.T) {
	for _, tt := range holderScenes {
		page, _ := draw(t, trusting(tt.h), "en", "/settings/people/p2")
		if there := page.id("holder") != nil; there != (tt.name != "alone") {
			t.Errorf("%s: %v", tt.name, there)
		}
	}
}
