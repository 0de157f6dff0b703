package ui_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui"
	"potli/app/wallet"
)

// steps draws every step of the pages about recovery.
func steps(t *testing.T, tag string) map[string]*element {
	t.Helper()
	langs := ui.NewLanguages(&device{})
	if _, err := langs.Use(context.Background(), tag); err != nil {
		t.Fatal(err)
	}
	d := world(same)
	out := map[string]*element{}
	for name, page := range ui.RecoverySteps(d, &device{}, langs, now, d.snap, kitFor()) {
		engine := app.NewTestEngine()
		if err := engine.Load(page); err != nil {
			t.Fatal(err)
		}
		engine.ConsumeAll()
		out[name] = parse(t, app.HTMLString(page))
	}
	return out
}

// TestRecoverySteps holds each step against the rules that need no browser.
func TestRecoverySteps(t *testing.T) {
	for _, tag := range []string{"en", "hi"} {
		for name, page := range steps(t, tag) {
			t.Run(name+" "+tag, func(t *testing.T) {
				checkWords(t, page)
				checkControls(t, page)
				checkSafety(t, page)
				if h1 := page.all("h1"); len(h1) != 1 || h1[0].attrs["id"] != "title" {
					t.Errorf("%d h1", len(h1))
				}
			})
		}
	}
}

// TestSecretsOnPaperAlone: words and code stand on the sheet, and on no other step.
func TestSecretsOnPaperAlone(t *testing.T) {
	k := kitFor()
	for name, page := range steps(t, "en") {
		words := page.words()
		all := strings.Contains(words, k.Code()) && !slices.ContainsFunc(k.Words(), func(w string) bool { return !strings.Contains(words, w) })
		any := strings.Contains(words, k.Code()[20:])
		sheet := name == "kit show" || name == "contacts sheet" || name == "contacts last"
		if all != sheet || any != sheet {
			t.Errorf("%s: shows the secret: %v, want %v", name, any, sheet)
		}
		if got := page.id("sheet") != nil; got != sheet {
			t.Errorf("%s: a sheet: %v", name, got)
		}
	}
}

// TestSheet: 24 numbered words, a code that is named, and what to do with it.
func TestSheet(t *testing.T) {
	sheet := steps(t, "en")["kit show"].id("sheet")
	if n := len(sheet.id("sheet-words").all("li")); n != 24 {
		t.Errorf("%d words", n)
	}
	if sheet.id("sheet-words").attrs["translate"] != "no" || sheet.id("sheet-words").attrs["lang"] != "en" {
		t.Error("a translator may change the words")
	}
	if got := strings.TrimSpace(sheet.id("sheet-code").words()); got != kitFor().Code() {
		t.Errorf("code %q", got)
	}
	for _, svg := range sheet.all("svg") {
		if svg.attrs["role"] != "img" || svg.attrs["aria-label"] == "" {
			t.Error("the code has no name")
		}
	}
	for _, want := range []string{"Asha Devi", "12 June 2026", "age -d -i kit.txt"} {
		if !strings.Contains(sheet.words(), want) {
			t.Errorf("%q is not on the sheet", want)
		}
	}
}

// TestQuizAsksByNumber: three fields, each named by the place of the word.
func TestQuizAsksByNumber(t *testing.T) {
	page := steps(t, "en")["kit prove"]
	for _, place := range kitFor().Asked() {
		if page.id(fmt.Sprintf("kit-word-%d", place)) == nil {
			t.Errorf("no field for word %d", place)
		}
	}
	wrong := steps(t, "en")["kit prove wrong"].id("wrong")
	if wrong == nil || !strings.Contains(wrong.words(), "3, 17") {
		t.Error("it is not said which words are wrong")
	}
}

// TestHalvesAreToldApart: what is proved and what is not, each in its own line, and nothing is green for one half.
func TestHalvesAreToldApart(t *testing.T) {
	made, day := now.Add(-48*time.Hour), now.Add(-24*time.Hour)
	for _, tt := range []struct {
		name     string
		kit      wallet.KitState
		has, not []string
		remind   string
	}{
		{"none", wallet.KitState{Due: true}, []string{"nothing comes back"}, []string{"Both halves were tried"}, "everything is lost"},
		{"shown", wallet.KitState{Made: made}, []string{"Not proved yet", "Not tried on a backup"}, []string{"Both halves were tried"}, "nobody knows whether it is on paper"},
		{"typed", wallet.KitState{Made: made, Typed: day}, []string{"read back from paper on 11 June 2026", "Not tried on a backup"}, []string{"Both halves were tried"}, "never tried on a backup"},
		{"opened only", wallet.KitState{Made: made, Opened: day}, []string{"Not proved yet", "opened a backup on 11 June 2026"}, []string{"Both halves were tried"}, "nobody knows whether it is on paper"},
		{"used", wallet.KitState{Made: made, Typed: day, Opened: day, Due: true}, []string{"Make a new one"}, []string{"Both halves were tried"}, "Make a new one"},
		{"both", wallet.KitState{Made: made, Typed: day, Opened: day}, []string{"read back", "opened a backup", "Both halves were tried"}, []string{"Not proved", "Not tried"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := world(same)
			d.snap.Kit = tt.kit
			page, _ := draw(t, d, "en", "/settings/recovery")
			for _, want := range tt.has {
				if !strings.Contains(page.words(), want) {
					t.Errorf("%q is not there", want)
				}
			}
			for _, not := range tt.not {
				if strings.Contains(page.words(), not) {
					t.Errorf("%q is there", not)
				}
			}
			home, _ := draw(t, d, "en", "/")
			reminder := home.id("kit-reminder")
			if (reminder != nil) != (tt.remind != "") || reminder != nil && !strings.Contains(reminder.words(), tt.remind) {
				t.Errorf("the reminder is %v", reminder != nil)
			}
		})
	}
}

// TestNoReminderInTheDemo: a sample family has nothing to lose.
func TestNoReminderInTheDemo(t *testing.T) {
	d := world(same)
	d.snap.Demo, d.snap.Kit = true, wallet.KitState{}
	if page, _ := draw(t, d, "en", "/"); page.id("kit-reminder") != nil {
		t.Error("a reminder")
	}
}

// TestKitAsksForTheWords: the phone may be in another hand, but who has just typed them is not asked again.
func TestKitAsksForTheWords(t *testing.T) {
	d := world(same)
	if page, _ := draw(t, d, "en", "/settings/recovery/kit"); page.id("passphrase") == nil {
		t.Error("the words are not asked for")
	}
	d.fresh = true
	if page, _ := draw(t, d, "en", "/settings/recovery/kit"); page.id("passphrase") != nil || page.id("kit-make") == nil {
		t.Error("the words are asked for again right after they were made")
	}
}

func TestExplainKits(t *testing.T) {
	langs := ui.NewLanguages(&device{})
	if _, err := langs.Use(context.Background(), "en"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&wallet.KitWordError{Places: []int{3, 17}}, "Not words of a kit: 3, 17. Look at the paper again."},
		{fmt.Errorf("x: %w", wallet.ErrKitChecksum), "Each word is one of a kit, but together they are none. One is another, or two are swapped."},
		{&wallet.ContactSheetError{Sheet: 2}, "The second sheet does not belong to this backup. The first does. Look for another one for the second."},
		{&wallet.ContactSheetError{}, "Neither of these sheets belongs to this backup. Try another backup, or look for other sheets."},
		{errors.Join(wallet.ErrSecondSheet), "This is the sheet of a trusted contact, and it fits. Now the second one."},
	} {
		if got := ui.Explain(langs, tt.err); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
