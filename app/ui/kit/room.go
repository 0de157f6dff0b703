package kit

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Room takes up so many CSS pixels and shows nothing. It is a picture because that has its height as an attribute: the
// policy of the page allows no style attributes.
func Room(height float64) app.UI {
	return app.Elem("svg").XMLNS(svg).Attr("class", "room").Aria("hidden", true).Attr("focusable", "false").
		Attr("width", "1").Attr("height", strconv.FormatFloat(height, 'f', 2, 64))
}
