package kit

import (
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Input is a control for words. What stands in the document is the truth about it: a page that is drawn anew a moment
// after a key was pressed still knows the words from before the key, and would write them over it. So a page's Value is
// written when the control appears, and later only where it has changed and is not what was last read here: somebody has
// chosen a suggestion, or taken something back.
//
// Many write Hindi with keyboards that compose, where a word is unfinished until it is chosen. Nothing is written into an
// unfinished word, it would be torn off; it waits until the word stands.
type Input struct {
	app.Compo
	ID    string
	Value string // what the page takes it to say
	Kind  string // as the type of an input; "" a line of text
	Rows  int    // more than 0: a longer text
	More  map[string]string
	Hear  app.EventHandler // of every key; Value reads what stands there

	drawn     string // what the page wrote last
	told      string // Value as it was last given
	read      string // what was last read from the document
	composing bool
	late      bool // Value waits for the end of a word
}

// Line is a one-line text control.
func Line(id, value string, h app.EventHandler) *Input { return &Input{ID: id, Value: value, Hear: h} }

// Lines is a control for a longer text.
func Lines(id string, rows int, h app.EventHandler) *Input {
	return &Input{ID: id, Rows: rows, Hear: h}
}

// Text is what stands in a control at first.
func (i *Input) Text(text string) *Input { i.Value = text; return i }

// Type makes it another kind of input: date, search.
func (i *Input) Type(kind string) *Input { i.Kind = kind; return i }

// MaxLength is how many letters it takes.
func (i *Input) MaxLength(n int) *Input { return i.Attr("maxlength", strconv.Itoa(n)) }

// Lang is the language of what is to be typed.
func (i *Input) Lang(tag string) *Input { return i.Attr("lang", tag) }

// List names the suggestions that it offers.
func (i *Input) List(id string) *Input { return i.Attr("list", id) }

// Wrong says whether what was typed is wrong, as the element of that id tells.
func (i *Input) Wrong(yes bool, by string) *Input {
	return i.Attr("aria-invalid", strconv.FormatBool(yes)).Attr("aria-errormessage", by)
}

// Attr sets any other attribute.
func (i *Input) Attr(name, value string) *Input {
	if i.More == nil {
		i.More = map[string]string{}
	}
	i.More[name] = value
	return i
}

// CompoID keeps each control its own: what was typed for one question never stands in the next.
func (i *Input) CompoID() string { return i.ID }

func (i *Input) OnInit() { i.drawn, i.told, i.read = i.Value, i.Value, i.Value }

func (i *Input) OnUpdate(ctx app.Context) {
	if i.Value == i.told {
		return
	}
	i.told = i.Value
	if i.late = !same(i.Value, i.read); i.late && !i.composing {
		i.write(ctx.JSSrc())
	}
}

// same says whether a page's words are those that were typed: a page may take them without the spaces around them, while
// the space at the end is the one before the next word.
func same(words, typed string) bool { return strings.TrimSpace(words) == strings.TrimSpace(typed) }

// write puts the page's Value into the document and leaves the caret where it is.
func (i *Input) write(control app.Value) {
	i.drawn, i.read, i.late = i.Value, i.Value, false
	if control.Get("value").String() == i.Value {
		return
	}
	caret, focused := control.Get("selectionStart"), control.Get("ownerDocument").Get("activeElement").Equal(control)
	control.Set("value", i.Value)
	if focused && caret.Truthy() {
		control.Call("setSelectionRange", caret.Int(), caret.Int())
	}
}

func (i *Input) Render() app.UI {
	if i.Rows > 0 {
		t := app.Textarea().ID(i.ID).Name(i.ID).Class("input", "input-lines").Rows(i.Rows).Attr("autocomplete", "off").
			Spellcheck(false).Text(i.drawn).OnInput(i.onInput).On("compositionstart", i.onWord).On("compositionend", i.onWordEnd)
		for name, value := range i.More {
			t = t.Attr(name, value)
		}
		return t
	}
	line := app.Input().ID(i.ID).Name(i.ID).Class("input").Type("text").AutoComplete(false).Spellcheck(false).Value(i.drawn).
		OnInput(i.onInput).On("compositionstart", i.onWord).On("compositionend", i.onWordEnd)
	if i.Kind != "" {
		line = line.Type(i.Kind)
	}
	for name, value := range i.More {
		line = line.Attr(name, value)
	}
	return line
}

func (i *Input) onInput(ctx app.Context, e app.Event) {
	i.read = Value(ctx)
	i.Hear(ctx, e)
}

func (i *Input) onWord(ctx app.Context, e app.Event) { i.composing = true }

func (i *Input) onWordEnd(ctx app.Context, e app.Event) {
	if i.composing = false; i.late {
		i.write(ctx.JSSrc())
	}
}
