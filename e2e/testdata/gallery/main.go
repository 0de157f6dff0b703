// Command gallery shows every piece of app/ui/kit in each of its states, on one
// page, in the real styles. It is built by a test, around which the real site is
// generated, and is no part of the wallet.
//
// What it shows is invented, and its words are few: ?lang=hi shows the same
// in Hindi, ?dir=rtl mirrors it.
package main

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
)

// gallery is the page. It hears what its pieces tell it, and does nothing.
type gallery struct {
	app.Compo
	hindi bool
}

func main() {
	app.RouteWithRegexp(".*", func() app.Composer { return &gallery{} })
	app.RunWhenOnBrowser()
}

func (g *gallery) OnMount(ctx app.Context) {
	query := ctx.Page().URL().Query()
	g.hindi = query.Get("lang") == "hi"
	root := app.Window().Get("document").Get("documentElement")
	if g.hindi {
		root.Set("lang", "hi")
	}
	if query.Get("dir") == "rtl" {
		root.Set("dir", "rtl")
	}
}

func (g *gallery) Pick(app.Context, string, string) {}
func (g *gallery) Tick(app.Context, int, bool)      {}

func idle(app.Context, app.Event) {}

// say is the English, or the Hindi.
func (g *gallery) say(english, hindi string) string {
	if g.hindi {
		return hindi
	}
	return english
}

func (g *gallery) Render() app.UI {
	return app.Div().ID("gallery").Class("potli").Body(
		app.Main().ID("main").Class("main").Body(
			kit.Page(g.say("The pieces", "टुकड़े"),
				g.part("words", g.words()),
				g.part("buttons", g.buttons()),
				g.part("notices", g.notices()),
				g.part("fields", g.fields()),
				g.part("choices", g.choices()),
				g.part("marks", g.marks()),
				g.part("waiting", g.waiting()),
				g.part("pictures", g.pictures()),
			),
		),
	)
}

// part is one group of pieces, with an id for what looks at it.
func (g *gallery) part(id string, pieces []app.UI) app.UI {
	return app.Section().ID("part-" + id).Class("section").
		Body(append([]app.UI{app.H2().Class("section-title").Text(id)}, pieces...)...)
}
