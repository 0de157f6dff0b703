package kit

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Place holds what may come and go, or grow, in front of what a person can touch. go-app compares children by their
// position: without a place, everything behind a notice that comes or goes is thrown away and made anew, with the words
// that were typed there, the caret, the focus and the press that was under way. The place itself is always there and
// takes no room: what it holds stands on the page as if there were no place.
func Place(held ...app.UI) app.UI { return app.Div().Class("held").Body(held...) }

// If is app.If in a place of its own.
func If(yes bool, elem func() app.UI) app.UI { return Place(app.If(yes, elem)) }
