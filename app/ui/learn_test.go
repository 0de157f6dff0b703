package ui_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"potli/app/ui"
	"potli/app/wallet"
)

// taught are the texts of help of every language that has any.
func taught(t *testing.T) map[string]map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../web/learn/*.json")
	if err != nil || len(files) < 2 {
		t.Fatalf("%d languages: %v", len(files), err)
	}
	out := map[string]map[string]string{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		words := map[string]string{}
		if err := json.Unmarshal(b, &words); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		out[strings.TrimSuffix(filepath.Base(f), ".json")] = words
	}
	return out
}

// phases are all states of a wallet that a person can stand before; while it opens there is nothing to help with.
var phases = []wallet.Phase{wallet.PhaseNew, wallet.PhaseLocked, wallet.PhaseOpen, wallet.PhaseElsewhere, wallet.PhaseCleared, wallet.PhaseBroken}

// TestEveryRouteHasHelp: in every phase, in every language.
func TestEveryRouteHasHelp(t *testing.T) {
	texts := taught(t)
	for _, phase := range phases {
		for _, path := range ui.Everywhere() {
			topic := ui.TopicOf(phase, path)
			if topic == "" {
				t.Errorf("%s %s has no help: name a topic in help.go", phase, path)
				continue
			}
			for tag, words := range texts {
				for _, part := range []string{"for", "do", "wrong", "who"} {
					if words["help."+topic+"."+part] == "" {
						t.Errorf("%s %s: no help.%s.%s in %s", phase, path, topic, part, tag)
					}
				}
			}
		}
	}
}

// TestLessons: the same in every language, help and cards of at most 120 words, sentences of at most 20, no text that
// nobody sees.
func TestLessons(t *testing.T) {
	const most, sentence = 120, 20
	texts := taught(t)
	shown := map[string]bool{"install": true} // by the browser, not by the route
	for _, phase := range phases {
		for _, path := range ui.Everywhere() {
			shown[ui.TopicOf(phase, path)] = true
		}
	}
	for tag, words := range texts {
		count := map[string]int{}
		for _, key := range slices.Sorted(maps.Keys(words)) {
			text, parts := words[key], strings.Split(key, ".")
			if strings.TrimSpace(text) != text || text == "" {
				t.Errorf("%s %s: %q", tag, key, text)
			}
			count[parts[0]+"."+parts[1]] += len(strings.Fields(text))
			for _, s := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(".?!।۔؟;:", r) }) {
				if n := len(strings.Fields(s)); n > sentence {
					t.Errorf("%s %s: %d words in %q", tag, key, n, s)
				}
			}
			if texts["en"][key] == "" {
				t.Errorf("%s: %s is not in English", tag, key)
			}
			if holes(text) != holes(texts["en"][key]) {
				t.Errorf("%s %s takes {%s}", tag, key, holes(text))
			}
			if parts[0] == "help" && !shown[parts[1]] {
				t.Errorf("%s: nobody sees %s", tag, key)
			}
		}
		for topic, n := range count {
			if n > most {
				t.Errorf("%s: %s has %d words", tag, topic, n)
			}
		}
		for key := range texts["en"] {
			if words[key] == "" {
				t.Errorf("%s: no %s", tag, key)
			}
		}
	}
}

// TestExplanations: every card is a question with an answer, on the page and in every language; nothing else is.
func TestExplanations(t *testing.T) {
	names := ui.Explanations()
	for tag, words := range taught(t) {
		for _, name := range names {
			if words["what."+name] == "" || words["what."+name+".3"] == "" {
				t.Errorf("%s: the card %s lacks its question or its answer", tag, name)
			}
		}
		for key := range words {
			if parts := strings.Split(key, "."); parts[0] == "what" && !slices.Contains(names, parts[1]) {
				t.Errorf("%s: nobody sees %s", tag, key)
			}
		}
	}
	for _, phase := range phases {
		page, _ := draw(t, &door{snap: &wallet.Snapshot{Phase: phase}}, "hi", "/learn")
		for _, name := range names {
			card := page.id("learn-" + name)
			if card == nil || card.attrs["lang"] != "hi" || !strings.Contains(card.words(), taught(t)["hi"]["what."+name+".1"]) {
				t.Errorf("%s: the card %s is not on the page", phase, name)
			}
		}
		if offered := page.id("tour-start") != nil; offered != (phase == wallet.PhaseNew || phase == wallet.PhaseOpen) {
			t.Errorf("%s: the tour is offered: %v", phase, offered)
		}
	}
}

// TestTourPointsAtWhatIsThere: each stop names a thing that is on its page, carries the words it quotes, and is marked.
func TestTourPointsAtWhatIsThere(t *testing.T) {
	stops := ui.Stops()
	if len(stops) < 5 || len(stops) > 7 {
		t.Errorf("%d stops", len(stops))
	}
	css, texts, words := styles(t), taught(t), read(t, "en")
	for n, s := range stops {
		d := world(same)
		d.snap.Demo = true
		page, _ := draw(t, d, "en", s.Page)
		thing := page.id(s.At)
		if thing == nil {
			t.Errorf("stop %d: no #%s on %s", n+1, s.At, s.Page)
			continue
		}
		if says := words[s.Called][0]; !strings.Contains(thing.words(), says) {
			t.Errorf("stop %d: #%s does not say %q but %q", n+1, s.At, says, thing.words())
		}
		if mark := ".tour-at-" + s.Name + " #" + s.At; !strings.Contains(css, mark) {
			t.Errorf("stop %d: no style for %s", n+1, mark)
		}
		for tag := range texts {
			if texts[tag]["tour."+s.Name] == "" {
				t.Errorf("stop %d has no sentence in %s", n+1, tag)
			}
		}
	}
	if n, want := len(stops), "Seven"; n != 7 || !strings.Contains(words["tour.text"][0], want) {
		t.Errorf("%s stops are promised, there are %s", want, strconv.Itoa(n))
	}
}

// TestHelpIsOpenByTheAddress: and says what the page is called.
func TestHelpIsOpenByTheAddress(t *testing.T) {
	for _, path := range []string{"/add", "/record/r1", "/settings/people"} {
		closed, _ := draw(t, world(same), "en", path)
		if closed.id("help") != nil || closed.id("help-open") == nil {
			t.Errorf("%s: the help is open, or cannot be opened", path)
		}
		page, _ := draw(t, world(same), "en", path+"?help")
		help := page.id("help")
		if help == nil || page.id("title") == nil {
			t.Errorf("%s: no help over the page", path)
			continue
		}
		for _, part := range []string{"for", "do", "wrong", "who"} {
			if want := taught(t)["en"]["help."+ui.TopicOf(wallet.PhaseOpen, path)+"."+part]; !strings.Contains(help.words(), want) {
				t.Errorf("%s does not say %q", path, want)
			}
		}
	}
}
