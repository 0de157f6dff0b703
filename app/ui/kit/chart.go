package kit

import (
	"math"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Spot is a place in a picture: from 0 to 1, from the left and from above.
type Spot struct{ X, Y float64 }

// Sign is a place with a shape of its own. What a shape means is told by a word elsewhere; that it is another shape is told
// to who sees no colours.
type Sign struct {
	Spot
	Shape  string // of Shapes
	Row    int    // which curve it belongs to
	Hollow bool   // the value is on one side of the place, not there
}

// Label is a word at an axis.
type Label struct {
	At   float64
	Text string
}

// Zone is a band in the background.
type Zone struct{ Left, Right, Top, Bottom float64 }

// Chart is a picture of some curves. It is drawn in shares of whatever room there is, so that it needs to measure nothing,
// and its words keep the size the reader has chosen.
type Chart struct {
	ID      string
	Label   string // spoken
	HintID  string // of the text that says how to move
	Curves  [][]Spot
	Signs   []Sign
	Zones   []Zone
	Across  []Label // the horizontal axis, for wide screens
	Up      []Label // the vertical axis
	From    string  // both ends of the horizontal axis, for every screen
	To      string
	Here    []Sign // where the reader is
	OnKey   app.EventHandler
	OnTap   app.EventHandler
	OnPinch app.EventHandler // touchstart and touchmove
}

// Draw draws the chart. Its picture is hidden from screen readers: the place is spoken by who hears OnKey, and the numbers
// stand in a table.
func (c *Chart) Draw() app.UI {
	return app.Div().ID(c.ID).Class("chart").TabIndex(0).Role("application").Aria("label", c.Label).Aria("describedby", c.HintID).
		OnKeyDown(c.OnKey).Body(
		app.Div().Class("chart-sheet").Body(
			c.up(),
			app.Div().Class("chart-field").OnClick(c.OnTap).
				On("touchstart", c.OnPinch, app.PassiveEvent()).On("touchmove", c.OnPinch, app.PassiveEvent()).Body(c.plot()),
		),
		app.Div().Class("chart-ends").Aria("hidden", true).Body(app.Span().Text(c.From), app.Span().Text(c.To)),
	)
}

// up is the vertical axis.
func (c *Chart) up() app.UI {
	wide := "chart-up"
	for _, l := range c.Up {
		if len(l.Text) > 5 {
			wide = "chart-up chart-up-wide"
		}
	}
	return drawing(wide).Body(app.Range(c.Up).Slice(func(i int) app.UI {
		return svgElem("text").Attr("x", "100%").Attr("y", percent(c.Up[i].At)).Attr("dy", "0.35em").Attr("text-anchor", "end").Text(c.Up[i].Text)
	}))
}

func (c *Chart) plot() app.UI {
	return drawing("chart-plot").Body(
		app.Range(c.Zones).Slice(func(i int) app.UI {
			z := c.Zones[i]
			return svgElem("rect").Attr("class", "chart-zone").Attr("x", percent(z.Left)).Attr("y", percent(z.Top)).
				Attr("width", percent(z.Right-z.Left)).Attr("height", percent(z.Bottom-z.Top))
		}),
		app.Range(c.Up).Slice(func(i int) app.UI {
			return rule("chart-grid", "0", percent(c.Up[i].At), "100%", percent(c.Up[i].At))
		}),
		app.Range(c.Across).Slice(func(i int) app.UI {
			return rule("chart-grid", percent(c.Across[i].At), "0", percent(c.Across[i].At), "100%")
		}),
		app.Range(c.Across).Slice(func(i int) app.UI { return c.across(c.Across[i]) }),
		app.Range(c.Here).Slice(func(i int) app.UI {
			return rule("chart-here", percent(c.Here[i].X), "0", percent(c.Here[i].X), "100%")
		}),
		drawing("chart-curves").Attr("viewBox", "0 0 1000 1000").Attr("preserveAspectRatio", "none").
			Body(app.Range(c.Curves).Slice(func(i int) app.UI {
				return svgElem("path").Attr("class", "chart-curve chart-curve-"+strconv.Itoa(i%2)).Attr("d", curve(c.Curves[i]))
			})),
		app.Range(c.Signs).Slice(func(i int) app.UI { return sign(c.Signs[i], "chart-sign") }),
		app.Range(c.Here).Slice(func(i int) app.UI { return sign(c.Here[i], "chart-sign chart-sign-here") }),
	)
}

// across is a word at the horizontal axis, left out where it would touch the words at the ends.
func (c *Chart) across(l Label) app.UI {
	return svgElem("text").Attr("class", "chart-across").Attr("x", percent(l.At)).Attr("y", "100%").Attr("dy", "-0.4em").Attr("dx", "0.3em").Text(l.Text)
}

func drawing(class string) app.HTMLElem {
	return svgElem("svg").Attr("class", class).Aria("hidden", true).Attr("focusable", "false")
}

func svgElem(tag string) app.HTMLElem { return app.Elem(tag).XMLNS(svg) }

func rule(class, x1, y1, x2, y2 string) app.UI {
	return svgElem("line").Attr("class", class).Attr("x1", x1).Attr("y1", y1).Attr("x2", x2).Attr("y2", y2)
}

func percent(share float64) string { return strconv.FormatFloat(share*100, 'f', 2, 64) + "%" }

// curve is the path through some places, on a field of 1000 by 1000.
func curve(spots []Spot) string {
	var b strings.Builder
	for i, s := range spots {
		b.WriteByte("ML"[min(i, 1)])
		b.WriteString(strconv.FormatFloat(s.X*1000, 'f', 1, 64))
		b.WriteByte(' ')
		b.WriteString(strconv.FormatFloat(s.Y*1000, 'f', 1, 64))
	}
	return b.String()
}

// Shapes of signs, about their place, a dozen pixels wide.
var Shapes = map[string]string{
	"round":       "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z",
	"square":      "M-4-4h8v8h-8z",
	"up":          "M0-9l8 14h-16z",
	"down":        "M0 9l8-14h-16z",
	"diamond":     "M0-9l8 9-8 9-8-9z",
	"up-bar":      "M0-9l8 14h-16zM-8-13h16v2.500h-16z",
	"down-bar":    "M0 9l8-14h-16zM-8 10.500h16v2.500h-16z",
	"diamond-bar": "M0-9l8 9-8 9-8-9zM-8-14h16v2.500h-16z",
}

// sign is a shape at a place. An svg of its own is the one thing that can be put at a share of the room.
func sign(s Sign, class string) app.UI {
	return drawing(class).Attr("x", percent(s.X)).Attr("y", percent(s.Y)).Attr("overflow", "visible").Body(shape(s))
}

func shape(s Sign) app.UI {
	class := "chart-shape chart-shape-" + s.Shape
	if s.Row%2 == 1 {
		class += " chart-second"
	}
	if s.Hollow {
		class += " chart-hollow"
	}
	return svgElem("path").Attr("class", class).Attr("d", Shapes[s.Shape])
}

// Shape shows what a sign looks like, beside the word that says what it means.
func Shape(s Sign) app.UI {
	return drawing("chart-key").Attr("viewBox", "-14 -16 28 32").Body(shape(s))
}

// Spark is a small curve without words, for a list.
func Spark(values []float64, end string) app.UI {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	spots := make([]Spot, len(values))
	for i, v := range values {
		spots[i] = Spot{X: float64(i) / float64(max(len(values)-1, 1)), Y: 0.5}
		if high > low {
			spots[i].Y = (high - v) / (high - low)
		}
	}
	last := Sign{Shape: end}
	if n := len(spots); n > 0 {
		last.Spot = spots[n-1]
	}
	return drawing("spark").Body(
		drawing("chart-curves").Attr("viewBox", "0 0 1000 1000").Attr("preserveAspectRatio", "none").Attr("overflow", "visible").
			Body(svgElem("path").Attr("class", "chart-curve chart-curve-0").Attr("d", curve(spots))),
		sign(last, "chart-sign"),
	)
}

// Key is the name of the key that was pressed, "" with one of those held that belong to the browser.
func Key(e app.Event) string {
	for _, held := range []string{"ctrlKey", "altKey", "metaKey"} {
		if e.Get(held).Bool() {
			return ""
		}
	}
	return e.Get("key").String()
}

// Across is where in the element something happened, from 0 at its left to 1.
func Across(ctx app.Context, e app.Event) float64 { return across(ctx, e.Get("clientX").Float()) }

func across(ctx app.Context, x float64) float64 {
	box := ctx.JSSrc().Call("getBoundingClientRect")
	width := box.Get("width").Float()
	if width <= 0 {
		return 0.5
	}
	return min(max((x-box.Get("left").Float())/width, 0), 1)
}

// Pinch follows two fingers.
type Pinch struct{ apart float64 }

// Read says by how much two fingers went apart since the last time, and about which place. false: they have just come, or
// it is not two.
func (p *Pinch) Read(ctx app.Context, e app.Event) (by, at float64, ok bool) {
	touches := e.Get("touches")
	if touches.Length() != 2 {
		p.apart = 0
		return 1, 0, false
	}
	a, b := touches.Index(0), touches.Index(1)
	ax, bx := a.Get("clientX").Float(), b.Get("clientX").Float()
	now := math.Hypot(ax-bx, a.Get("clientY").Float()-b.Get("clientY").Float())
	before := p.apart
	p.apart = max(now, 1)
	if before == 0 || e.Get("type").String() != "touchmove" {
		return 1, 0, false
	}
	return now / before, across(ctx, (ax+bx)/2), true
}
