package kit

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Tone is what a notice wants.
type Tone string

// Tones of notices. Each has its own icon and edge, never only a colour.
const (
	Good   Tone = "good"
	Note   Tone = "note"
	Warn   Tone = "warn"
	Danger Tone = "danger"
)

var toneIcons = map[Tone]string{Good: "check", Note: "info", Warn: "warn", Danger: "danger"}

// Notice says something about what just happened, aloud too. What is always so is a Text, what waits for an answer an Ask.
func Notice(t Tone, text string, body ...app.UI) app.HTMLDiv {
	role := "status"
	if t == Danger {
		role = "alert"
	}
	return app.Div().Class("notice", "notice-"+string(t)).Role(role).Body(
		Icon(toneIcons[t]),
		app.Div().Class("notice-body").Body(append([]app.UI{app.P().Text(text)}, body...)...),
	)
}

// FaultID is the id of the notice of a page that says what went wrong.
const FaultID = "fault"

// Fault says what went wrong. It can be given the focus, so that it comes into sight where it stands far above the button.
func Fault(text string) app.HTMLDiv { return Notice(Danger, text).ID(FaultID).TabIndex(-1) }

// Ask is a question in place, before something that matters. It is given the focus by its id.
func Ask(id, question, text string, answers ...app.UI) app.UI {
	return app.Section().ID(id).TabIndex(-1).Class("ask").Role("group").Aria("labelledby", id+"-q").Body(
		app.H2().ID(id+"-q").Class("ask-title").Text(question),
		Text(text),
		Row(answers...),
	)
}
