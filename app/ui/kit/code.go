package kit

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Code draws a QR: one black path on white, spoken as label.
func Code(path string, size int, label string) app.UI {
	n := strconv.Itoa(size)
	return app.Elem("svg").XMLNS(svg).
		Attr("viewBox", "0 0 "+n+" "+n).
		Attr("class", "code").
		Attr("shape-rendering", "crispEdges").
		Role("img").
		Aria("label", label).
		Body(
			app.Elem("rect").XMLNS(svg).Attr("class", "code-paper").Attr("width", n).Attr("height", n),
			app.Elem("path").XMLNS(svg).Attr("class", "code-ink").Attr("d", path),
		)
}
