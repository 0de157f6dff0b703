package ui_test

import (
	"strings"
	"testing"
	"time"

	"potli/app/ui"
	"potli/app/wallet"
)

// pairingAt is a world in which a pairing stands somewhere.
func pairingAt(p wallet.Pairing) *door {
	d := world(same)
	p.Until = now.Add(45 * time.Second)
	d.snap.Pairing = &p
	return d
}

var (
	showsCode = wallet.Pairing{Purpose: wallet.PairLink, Shows: true, Stage: wallet.PairCode, Code: "POTLI-PAIR-1:" + strings.Repeat("ABCD", 14), Typed: strings.Repeat("ABCD ", 14)}
	compares  = wallet.Pairing{Purpose: wallet.PairLink, Shows: true, Stage: wallet.PairCompare, Digits: "042917", Other: "blue phone"}
)

// pairScenes are the stages of a pairing on each side.
func pairScenes() map[string]func() (*door, string) {
	out := map[string]func() (*door, string){}
	for name, p := range map[string]wallet.Pairing{
		"code":    showsCode,
		"compare": compares,
		"theirs":  {Stage: wallet.PairCompare, Digits: "000000", Theirs: true},
		"mine":    {Stage: wallet.PairCompare, Digits: "999999", Mine: true},
		"meeting": {Stage: wallet.PairMeeting},
		"working": {Stage: wallet.PairWorking},
		"done":    {Stage: wallet.PairDone, Other: "blue phone"},
		"failed":  {Stage: wallet.PairFailed, Err: wallet.ErrPairTampered},
		"late":    {Stage: wallet.PairFailed, Err: wallet.ErrPairGone, Given: true},
	} {
		p.Purpose = wallet.PairLink
		shows, reads := p, p
		shows.Shows = true
		out[name+"/settings/link"] = func() (*door, string) { return pairingAt(shows), "/settings/link" }
		invites, joins := shows, reads
		invites.Purpose, joins.Purpose = wallet.PairInvite, wallet.PairInvite
		joins.Invite = wallet.Invite{Profile: "p2", Name: "Ravi Kumar", Role: wallet.RoleAdmin, History: true}
		out[name+"/invite"] = func() (*door, string) { return pairingAt(invites), "/invite/p2" }
		out[name+"/join"] = func() (*door, string) { return pairingAt(joins), "/join" }
		out[name+"/device"] = func() (*door, string) {
			d := pairingAt(reads)
			d.snap = &wallet.Snapshot{Phase: wallet.PhaseNew, Pairing: d.snap.Pairing}
			return d, "/device"
		}
	}
	return out
}

// TestPairPages holds every stage against the rules that all pages keep.
func TestPairPages(t *testing.T) {
	for name, scene := range pairScenes() {
		for _, tag := range []string{"en", "hi"} {
			t.Run(name+" "+tag, func(t *testing.T) {
				d, path := scene()
				d.snap.Settings.Language = tag
				page, _ := draw(t, d, tag, path)
				checkWords(t, page)
				checkOutline(t, page)
				checkControls(t, page)
				checkSafety(t, page)
			})
		}
	}
}

// The code stands there as a picture, with how long it works; to be typed only where that was asked for.
func TestPairCode(t *testing.T) {
	page, _ := draw(t, pairingAt(showsCode), "en", "/settings/link")
	var code *element
	for _, svg := range page.all("svg") {
		if svg.attrs["class"] == "code" {
			code = svg
		}
	}
	if code == nil || !strings.Contains(code.attrs["aria-label"], "valid 1 minute") {
		t.Errorf("no code, or not spoken: %+v", code)
	}
	if words := page.id("countdown").words(); !strings.Contains(words, "45 seconds") {
		t.Errorf("countdown %q", words)
	}
	if page.id("pair-typed") != nil || strings.Contains(page.words(), "ABCD") {
		t.Error("the code stands there to be read out")
	}
	long := showsCode
	long.Long = true
	page, _ = draw(t, pairingAt(long), "en", "/settings/link")
	if typed := page.id("pair-typed"); typed == nil || !strings.Contains(typed.words(), "ABCD ABCD") {
		t.Error("the code is not there to be typed")
	}
}

// The digits are large, in two groups, and said one by one.
func TestPairDigits(t *testing.T) {
	page, _ := draw(t, pairingAt(compares), "en", "/settings/link")
	digits := page.id("pair-digits")
	if digits == nil || !strings.Contains(digits.words(), "042 917") || !strings.Contains(digits.attrs["aria-label"], "zero, four, two, nine, one, seven") {
		t.Fatalf("digits: %+v", digits)
	}
	if page.id("pair-match") == nil || page.id("pair-differ") == nil {
		t.Error("nothing to answer with")
	}
	said := compares
	said.Mine = true
	if page, _ := draw(t, pairingAt(said), "en", "/settings/link"); page.id("pair-match") != nil {
		t.Error("asked again after the answer")
	}
}

// What it leaves behind is said truly: before keys were handed over nothing, afterwards perhaps something.
func TestPairFailed(t *testing.T) {
	for _, given := range []bool{false, true} {
		page, _ := draw(t, pairingAt(wallet.Pairing{Purpose: wallet.PairLink, Shows: true, Stage: wallet.PairFailed, Err: wallet.ErrPairExpired, Given: given}), "en", "/settings/link")
		failed := page.id("pair-failed")
		if failed == nil || strings.Contains(failed.words(), "Nothing was handed over") == given {
			t.Errorf("given %v: %q", given, failed.words())
		}
		if page.id("pair-again") == nil {
			t.Error("no way to begin again")
		}
	}
}

// T24: no address of the app begins a pairing, whatever stands in it: there is no path that takes a code, and the pages ask
// for the person's words, or for the code itself.
func TestT24_NoAddressBeginsAPairing(t *testing.T) {
	code := "POTLI-PAIR-1:" + strings.Repeat("ABCD", 14)
	for _, path := range []string{
		"/settings/link", "/settings/link/" + code, "/settings/link?code=" + code, "/settings/link#" + code,
		"/join", "/join/" + code, "/join?" + code, "/join#" + code, "/invite/p2", "/invite/p2#" + code, "/invite/" + code,
		"/device", "/device?" + code, "/device#" + code, "/device/" + code, "/" + code, "/#" + code, "/receive#" + code,
	} {
		for _, d := range []*door{world(same), {snap: &wallet.Snapshot{Phase: wallet.PhaseNew}}, {snap: &wallet.Snapshot{Phase: wallet.PhaseCleared}}} {
			page, _ := draw(t, d, "en", path)
			for _, asked := range d.asked {
				if strings.Contains(asked, "show") || strings.Contains(asked, "read") || strings.Contains(asked, "match") {
					t.Errorf("%s did %q", path, asked)
				}
			}
			for _, input := range append(page.all("input"), page.all("textarea")...) {
				if strings.Contains(input.attrs["value"]+input.words(), "POTLI-PAIR") {
					t.Errorf("%s filled in a code", path)
				}
			}
		}
	}
	for _, path := range []string{"/settings/link/" + code, "/device/" + code, "/join/" + code} {
		if page, id := ui.PlaceOf(path); strings.Contains(id, "PAIR") || page != "/" {
			t.Errorf("%s leads to %s with %q", path, page, id)
		}
	}
}

// What somebody may do and from when on is asked, and nothing is chosen for them; what they were given is said to them.
func TestInvitePages(t *testing.T) {
	page, _ := draw(t, world(same), "en", "/invite/p2")
	for _, input := range page.all("input") {
		if on, ok := input.attrs["checked"]; ok && on != "false" && input.attrs["type"] == "radio" {
			t.Errorf("%s is chosen already", input.attrs["id"])
		}
	}
	if words := page.words(); !strings.Contains(words, "Sees the records of Ravi Kumar, and changes nothing.") || !strings.Contains(words, "Older records stay closed to them.") {
		t.Errorf("it does not say what is given: %q", words)
	}
	if by := page.id("invite-by"); by == nil || by.attrs["value"] != "Asha Devi" {
		t.Errorf("whose invitation: %+v", by)
	}
	for _, tt := range []struct {
		i    wallet.Invite
		want []string
	}{
		{wallet.Invite{Profile: "p2", Name: "Ravi", Role: wallet.RoleReader}, []string{"You may look, and change nothing.", "You see what is written from now on."}},
		{wallet.Invite{Profile: "p2", Name: "Ravi", Role: wallet.RoleAdmin, History: true}, []string{"You may add records and change details.", "You see everything so far, too."}},
	} {
		page, _ := draw(t, pairingAt(wallet.Pairing{Purpose: wallet.PairInvite, Stage: wallet.PairDone, Invite: tt.i}), "en", "/join")
		for _, want := range tt.want {
			if words := page.id("pair-done").words(); !strings.Contains(words, want) {
				t.Errorf("%q is not said: %q", want, words)
			}
		}
	}
}
