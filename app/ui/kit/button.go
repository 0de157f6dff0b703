package kit

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Weight is how loudly something is offered. A page has at most one Main.
type Weight string

// Weights of buttons.
const (
	Main  Weight = "main"
	Plain Weight = "plain"
	Quiet Weight = "quiet"
	Grave Weight = "grave" // cannot be taken back
)

// Button does something here. icon may be "". What leads to another page is a Link: it can be opened in a tab and is
// announced as one. Main is for the one thing the page is for, Quiet for what is seldom wanted, Grave only where Undo ends.
func Button(w Weight, icon, label string, h app.EventHandler) app.HTMLButton {
	return app.Button().Type("button").Class("button", "button-"+string(w)).OnClick(h).Body(face(icon, label)...)
}

// Submit sends the form it stands in.
func Submit(w Weight, icon, label string) app.HTMLButton {
	return app.Button().Type("submit").Class("button", "button-"+string(w)).Body(face(icon, label)...)
}

// Link leads to another page and looks like a button.
func Link(w Weight, icon, label, href string) app.HTMLA {
	return app.A().Class("button", "button-"+string(w)).Href(href).Body(face(icon, label)...)
}

// IconButton shows only an icon to the eye; its name is read aloud and shown as a tip. It is for what everybody knows by
// its sign, as closing and stepping; what is done once in a life has its word beside it: Button.
func IconButton(icon, label string, h app.EventHandler) app.HTMLButton {
	return app.Button().Type("button").Class("button-icon").Title(label).Aria("label", label).OnClick(h).Body(Icon(icon))
}

// Back leads one page up.
func Back(label, href string) app.UI {
	return app.A().Class("back").Href(href).Body(Icon("back"), app.Span().Text(label))
}

// Row sets buttons side by side, or below one another where there is no room.
func Row(buttons ...app.UI) app.UI {
	return app.Div().Class("row").Body(buttons...)
}

// Tiles sets links of one rank side by side, two to a row on a phone and all in one row at a desk. What there is one of, or
// what is more important than the rest, stands alone and not here.
func Tiles(links ...app.UI) app.UI {
	return app.Div().Class("tiles").Body(links...)
}

func face(icon, label string) []app.UI {
	if icon == "" {
		return []app.UI{app.Span().Text(label)}
	}
	return []app.UI{Icon(icon), app.Span().Text(label)}
}
