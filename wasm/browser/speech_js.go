//go:build js

package browser

import (
	"context"
	"slices"
	"strings"
	"syscall/js"
	"time"
	"unicode"

	"potli/app/locale"
)

// What is read aloud is what stands on the page: the same words in the same order, so
// that nobody hears other facts than they see. Read are the words around the control
// that was pressed: of the help, the explanation or the page that it stands in.
const (
	readIn = ".help, .learn-card, .emergency-preview, .page"
	// Controls are for the hands; codes of terminologies are for machines.
	unread  = `button, input, select, textarea, nav, .button, .back, .code-note, .aloud, .print-only, [aria-hidden="true"], [role="img"], iframe, option`
	aBreath = "p, h1, h2, h3, h4, h5, dt, dd, li, td, th, caption, summary, figcaption, blockquote, label, pre, div, section, article, header"
)

// Names of the highlights (web/styles/aloud.css): the sentence that is read, and in it
// the word, where the voice says which.
const (
	markOfRun  = "aloud"
	markOfWord = "aloud-word"
)

// utterance is what is spoken in one breath: in one language, out of one paragraph.
type utterance struct {
	tag   string
	text  strings.Builder
	block js.Value
	n     int // length in the units of UTF-16
	spots []spot
}

// spot is where a part of an utterance stands on the page: at is where it begins in the
// utterance, from where in the node, a text or a picture.
type spot struct {
	node        js.Value
	at, from, n int
}

// voicesWait bounds the waiting for voices, which many browsers load when they are first
// asked for.
const voicesWait = 2 * time.Second

// AwaitVoices waits until the browser knows its voices, if it has any.
func (d *Device) AwaitVoices(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, voicesWait)
	defer cancel()
	speech := global("speechSynthesis")
	for len(voices()) == 0 && speech.Truthy() && ctx.Err() == nil {
		first(ctx, speech, "voiceschanged")
	}
}

// Voices are the languages of what stands around the element id, by the voice there is:
// one on this phone; one that sends the words to somebody's computer; none.
func (d *Device) Voices(id string) (here, away, none []string) {
	all := voices()
	for _, u := range utterances(id) {
		list := &none
		if v, local := voiceFor(all, u.tag); v.Truthy() {
			if list = &away; local {
				list = &here
			}
		}
		if !slices.Contains(*list, u.tag) {
			*list = append(*list, u.tag)
		}
	}
	return here, away, none
}

func voices() (list []js.Value) {
	all, err := call(global("speechSynthesis"), "getVoices")
	if err != nil || all.Type() != js.TypeObject {
		return nil
	}
	for i := range integer(get(all, "length"), 0) {
		list = append(list, all.Index(i))
	}
	return list
}

// voiceFor is the voice for a language: one on this phone before any other, one of India
// before those of elsewhere.
func voiceFor(all []js.Value, tag string) (voice js.Value, local bool) {
	best := 0
	for _, v := range all {
		lang := text(get(v, "lang"))
		if locale.Primary(lang) != locale.Primary(tag) {
			continue
		}
		rank := 1
		if yes(get(v, "localService")) {
			rank += 2
		}
		if strings.HasSuffix(strings.ToUpper(lang), "IN") {
			rank++
		}
		if rank > best {
			best, voice, local = rank, v, yes(get(v, "localService"))
		}
	}
	return voice, local
}

// utterances are what would be read, in order.
func utterances(id string) (list []*utterance) {
	root, err := call(element(id), "closest", readIn)
	if err != nil || !root.Truthy() {
		return nil
	}
	walker, err := call(global("document"), "createTreeWalker", root, 5) // elements and texts
	if err != nil {
		return nil
	}
	for node := next(walker); node.Truthy(); node = next(walker) {
		if words, at, ok := wordsOf(node); ok {
			list = added(list, words, at, node)
		}
	}
	return slices.DeleteFunc(list, func(u *utterance) bool { return !u.said() })
}

func next(walker js.Value) js.Value {
	n, _ := call(walker, "nextNode")
	return n
}

// wordsOf are the words of a text that can be seen, or the name of a picture; at is the
// element that they stand in.
func wordsOf(node js.Value) (words string, at js.Value, ok bool) {
	if integer(get(node, "nodeType"), 0) == 3 {
		at = get(node, "parentElement")
		words = text(get(node, "data"))
		if strings.TrimSpace(words) == "" || within(at, unread) {
			return "", at, false
		}
	} else {
		if named, _ := call(node, "matches", `[role="img"][aria-label]`); !yes(named) || within(get(node, "parentElement"), unread) {
			return "", at, false
		}
		name, _ := call(node, "getAttribute", "aria-label")
		words, at = text(name), node
	}
	if get(at, "checkVisibility").Type() == js.TypeFunction {
		seen, _ := call(at, "checkVisibility")
		return words, at, yes(seen)
	}
	return words, at, true
}

// within says whether an element is, or stands in, one of what css names.
func within(el js.Value, css string) bool {
	found, err := call(el, "closest", css)
	return err == nil && found.Truthy()
}

// added sets words behind what is there: in the same breath, as long as the paragraph and
// the language are the same and the breath lasts.
func added(list []*utterance, words string, at, node js.Value) []*utterance {
	block, _ := call(at, "closest", aBreath)
	marked, _ := call(at, "closest", "[lang]")
	lang, _ := call(marked, "getAttribute", "lang")
	for _, run := range locale.Runs(words, text(lang)) {
		u := last(list)
		if u == nil || u.tag != run.Tag || !u.block.Equal(block) || u.n > 180 {
			u = &utterance{tag: run.Tag, block: block}
			list = append(list, u)
		}
		u.add(run, node)
	}
	return list
}

func last(list []*utterance) *utterance {
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}

func (u *utterance) add(run locale.Run, node js.Value) {
	if n := len(u.spots); n > 0 && !u.spots[n-1].node.Equal(node) {
		u.text.WriteString(", ") // words that stand apart are read apart
		u.n += 2
	}
	n := locale.Units(run.Text)
	u.spots = append(u.spots, spot{node, u.n, run.At, n})
	u.text.WriteString(run.Text)
	u.n += n
}

// said says whether there is anything to speak: a comma alone is none.
func (u *utterance) said() bool {
	return strings.ContainsFunc(u.text.String(), func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
}
