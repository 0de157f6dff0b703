package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"
)

// TestFiguresAccess counts what axe-core has to say of the sample family's pages in every language, light and dark in turns,
// on 320 pixels; and the languages.
func TestFiguresAccess(t *testing.T) {
	if os.Getenv("POTLI_BENCH") == "" {
		t.Skip("measured by make bench")
	}
	var f figures
	t.Cleanup(func() { f.print() })
	b, err := os.ReadFile("../web/messages/languages.json")
	if err != nil {
		t.Fatal(err)
	}
	var languages []struct {
		Tag      string
		Complete bool
	}
	if err := json.Unmarshal(b, &languages); err != nil {
		t.Fatal(err)
	}
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.wear(looks[0])
	w.there("#try")
	w.click("#try")
	w.there("#timeline .group")
	complete, pages, found := 0, 0, 0
	for _, l := range languages {
		if !l.Complete {
			continue
		}
		w.wear(look{name: "figures", lang: l.Tag, theme: []string{"light", "dark"}[complete%2], width: 320, text: 16})
		complete++
		w.to("/settings")
		w.speak(l.Tag)
		for _, place := range []string{"/", "/counter", "/add", "/shared", "/emergency", "/trends", "/inbox", "/consents", "/settings", "/settings/left", "/privacy", "/install", "/about"} {
			w.to(place)
			w.axe()
			pages++
			for _, v := range js[[]string](w, barriers) {
				found++
				t.Errorf("%s %s: %s", l.Tag, place, v)
			}
		}
	}
	f.add("languages complete", fmt.Sprintf("%d of %d", complete, len(languages)), "13 of 13")
	f.add(fmt.Sprintf("axe violations on %d pages", pages), fmt.Sprint(found), "0")
}
