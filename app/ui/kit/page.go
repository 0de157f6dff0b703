package kit

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// TitleID is the id of a page's h1: it gets the focus when the page opens.
const TitleID = "title"

// Page is a column with one h1.
func Page(title string, body ...app.UI) app.HTMLDiv {
	return app.Div().Class("page").Body(append([]app.UI{Title(title)}, body...)...)
}

// AboutID is the id of a line that says what every page is about; it is read
// aloud with the title of each.
const AboutID = "about"

// Title is the h1 of a page.
func Title(text string) app.UI {
	return app.H1().ID(TitleID).TabIndex(-1).Class("title").Aria("describedby", AboutID).Text(text)
}

// Text is a paragraph.
func Text(text string) app.UI { return app.P().Class("text").Text(text) }

// Small is a paragraph in the voice of a footnote.
func Small(text string) app.UI { return app.P().Class("small").Text(text) }

// Card is a sheet of paper with a heading; id names it for links, may be "". Cards do not stand within cards.
func Card(id, heading string, body ...app.UI) app.UI {
	return app.Section().ID(id).Class("card").
		Body(append([]app.UI{app.H2().Class("card-title").Text(heading)}, body...)...)
}

// Paper is a sheet without a heading.
func Paper(body ...app.UI) app.HTMLDiv { return app.Div().Class("card").Body(body...) }

// Empty says that there is nothing yet, and what to do.
func Empty(icon, heading, text string, actions ...app.UI) app.UI {
	return app.Div().Class("empty").Body(
		Icon(icon),
		app.H2().Class("empty-title").Text(heading),
		Text(text),
		Row(actions...),
	)
}

// Details opens and closes; the browser remembers which. Nothing that somebody must have read is folded away in it.
func Details(summary string, body ...app.UI) app.UI {
	return app.Details().Class("details").Body(
		app.Summary().Class("details-summary").Body(Icon("down"), app.Span().Text(summary)),
		app.Div().Class("details-body").Body(body...),
	)
}

// Fact is a name with what it is.
type Fact struct{ Name, Text string }

// Facts lists names and what they are; those without text are left out.
func Facts(facts ...Fact) app.UI {
	return app.Dl().Class("facts").Body(app.Range(facts).Slice(func(i int) app.UI {
		if facts[i].Text == "" {
			return nil
		}
		return app.Div().Class("fact").Body(app.Dt().Text(facts[i].Name), app.Dd().Text(facts[i].Text))
	}))
}

// Wait shows that something is on its way.
func Wait(text string) app.UI {
	return app.P().Class("wait").Role("status").Body(app.Span().Class("wait-dots").Aria("hidden", true), app.Span().Text(text))
}

// Progress is a bar; total 0 means that nobody knows how long.
func Progress(label string, done, total int) app.UI {
	bar := app.Progress().Class("progress").Aria("label", label)
	if total > 0 {
		bar = bar.Max(total).Value(done)
	}
	return bar
}

// Portrait is how somebody looks: their photo, else their initials, on their colour; a figure where it is not known who.
type Portrait struct {
	Photo    string // blob: URL; "" none
	Alt      string // of the photo
	Initials string
	Colour   int
}

// Avatar is a portrait told apart at a glance. It is not read aloud: the name stands beside it.
func Avatar(p Portrait) app.UI { return avatar(p, "avatar") }

// Face is a large Avatar.
func Face(p Portrait) app.UI { return avatar(p, "avatar", "avatar-large") }

func avatar(p Portrait, classes ...string) app.UI {
	return app.Span().Class(append(classes, Colour(p.Colour))...).Aria("hidden", true).Body(
		app.If(p.Photo != "", func() app.UI { return app.Img().Class("avatar-photo").Src(p.Photo).Alt(p.Alt) }).
			ElseIf(p.Initials != "", func() app.UI { return app.Text(p.Initials) }).
			Else(func() app.UI { return Icon("person") }),
	)
}

// Colour is the class of one of the eight colours of the style sheet.
func Colour(n int) string { return "colour-" + string(rune('0'+n&7)) }

// Chip is a word with an icon: a state, a warning, a count. It cannot be pressed: what can is an Option.
func Chip(tone, icon, text string) app.UI {
	return app.Span().Class("chip", "chip-"+tone).Body(Icon(icon), app.Span().Text(text))
}
