package ui

import (
	"context"
	"math"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// cutting asks where the sheet lies on the picture.
func (p *pagePhotograph) cutting() app.UI {
	e, c := p.Env, p.Draft.cut
	said := "photograph.corners-find"
	if c.seen {
		said = "photograph.corners-seen"
	}
	return app.Div().Class("form").Body(
		kit.Text(e.T(said)),
		&cornerPicker{Env: e, URL: c.url, Width: c.pixels.Width, Height: c.pixels.Height, Corners: c.corners, Owner: p},
		kit.Small(e.T("photograph.corners-keys")),
		kit.If(!c.corners.Sheet(), func() app.UI { return kit.Notice(kit.Warn, e.T("error.corners")).ID("corners-wrong") }),
		kit.Check("photo-brighten", e.T("photograph.brighten"), e.T("photograph.brighten-hint"), c.brighten, p.onBrighten),
		kit.Row(
			kit.Button(kit.Main, "check", e.T("photograph.use"), p.onUse).ID("photo-use").Disabled(p.busy || !c.corners.Sheet()),
			kit.Button(kit.Plain, "turn", e.T("photograph.turn"), p.onTurn).ID("photo-turn").Disabled(p.busy),
			kit.Button(kit.Plain, "photo", e.T("photograph.whole"), p.onWhole).ID("photo-whole").Disabled(p.busy),
			kit.Button(kit.Quiet, "close", e.T("photograph.leave"), p.onLeave).ID("photo-leave").Disabled(p.busy),
		),
	)
}

func (p *pagePhotograph) onBrighten(ctx app.Context, ev app.Event) {
	p.Draft.cut.brighten = kit.Checked(ctx)
}

// onTurn turns the page by a quarter: the corners stay, another is the upper left.
func (p *pagePhotograph) onTurn(ctx app.Context, ev app.Event) {
	p.Draft.cut.corners = p.Draft.cut.corners.Turned()
	p.turned()
}

func (p *pagePhotograph) onWhole(ctx app.Context, ev app.Event) {
	p.Draft.cut.corners = wallet.WholePicture
	p.turned()
}

func (p *pagePhotograph) turned() { p.Draft.cut.seen, p.fault = false, nil }

func (p *pagePhotograph) onLeave(ctx app.Context, ev app.Event) {
	p.Draft.cut.release()
	p.Draft.cut, p.fault = nil, nil
	p.next()
	p.focus(p.Env, kit.TitleID)
}

// moved hears of corners from the picker.
func (p *pagePhotograph) moved(c wallet.Corners) { p.Draft.cut.corners = c }

// onUse straightens the picture and makes it a page.
func (p *pagePhotograph) onUse(ctx app.Context, ev app.Event) {
	c, e := p.Draft.cut, p.Env
	page := &photographed{file: c.file, corners: c.corners, brighten: c.brighten}
	p.busy, p.fault = true, nil
	run(p.ctx, func(ctx context.Context) error {
		flat, err := e.W.StraightenSheet(ctx, c.pixels, c.corners, c.brighten)
		if err != nil {
			return err
		}
		if page.jpeg, err = e.D.JPEG(ctx, flat); err != nil {
			return wallet.ErrSheet
		}
		if page.url, page.release, err = e.D.Picture(ctx, page.jpeg); err != nil {
			return wallet.ErrSheet
		}
		return nil
	}, func(ctx app.Context, err error) {
		if p.busy, p.fault = false, err; err == nil {
			p.Draft.put(page, c)
			p.next()
		}
		p.focus(e, kit.TitleID)
	})
}

// put makes a cut picture a page, in the place of the one it was.
func (d *photoDraft) put(page *photographed, c *cutting) {
	if d.cut != c {
		page.release() // given up meanwhile
		return
	}
	c.release()
	d.cut = nil
	d.made++
	page.id = d.made
	for i, old := range d.pages {
		if old == c.of {
			old.release()
			d.pages[i] = page
			return
		}
	}
	d.pages = append(d.pages, page)
}

// cornerPicker shows a picture with four corners that a finger, a mouse or the arrow keys move.
type cornerPicker struct {
	app.Compo
	Env           *Env
	URL           string
	Width, Height int
	Corners       wallet.Corners
	Owner         *pagePhotograph

	held int // 1 + the corner that is being moved; 0: none
}

const svgSpace = "http://www.w3.org/2000/svg"

func (c *cornerPicker) Render() app.UI {
	return app.Elem("svg").XMLNS(svgSpace).Attr("id", "corners").Attr("class", "corners").
		Attr("viewBox", "0 0 "+strconv.Itoa(c.Width)+" "+strconv.Itoa(c.Height)).
		Role("group").Aria("label", c.Env.T("photograph.picture")).
		On("pointerdown", c.onDown).On("pointermove", c.onMove).On("pointerup", c.onUp).On("pointercancel", c.onUp).
		Body(
			app.Elem("image").XMLNS(svgSpace).Attr("href", c.URL).Attr("width", c.Width).Attr("height", c.Height),
			app.Elem("path").XMLNS(svgSpace).Attr("class", "corners-sheet").Attr("d", c.outline()),
			app.Elem("path").XMLNS(svgSpace).Attr("class", "corners-top").Attr("d", c.top()),
			c.corner(0, "photograph.corner-0"), c.corner(1, "photograph.corner-1"), c.corner(2, "photograph.corner-2"), c.corner(3, "photograph.corner-3"),
		)
}

func (c *cornerPicker) outline() string {
	d := "M"
	for _, p := range c.Corners {
		d += c.at(p.X, c.Width) + " " + c.at(p.Y, c.Height) + " "
	}
	return d + "Z"
}

// top is the edge that will be the upper one.
func (c *cornerPicker) top() string {
	a, b := c.Corners[0], c.Corners[1]
	return "M" + c.at(a.X, c.Width) + " " + c.at(a.Y, c.Height) + " L" + c.at(b.X, c.Width) + " " + c.at(b.Y, c.Height)
}

func (c *cornerPicker) at(part float64, of int) string {
	return strconv.FormatFloat(part*float64(of), 'f', 1, 64)
}

// corner is a handle: a ring to see, and a larger disc to hit.
func (c *cornerPicker) corner(i int, key string) app.UI {
	p, e := c.Corners[i], c.Env
	side := float64(min(c.Width, c.Height))
	circle := func(class string, r float64) app.UI {
		return app.Elem("circle").XMLNS(svgSpace).Attr("class", class).
			Attr("cx", c.at(p.X, c.Width)).Attr("cy", c.at(p.Y, c.Height)).Attr("r", strconv.Itoa(int(r)))
	}
	x, y := int(math.Round(100*p.X)), int(math.Round(100*p.Y))
	return app.Elem("g").XMLNS(svgSpace).Attr("id", "corner-"+strconv.Itoa(i)).Attr("class", "corner").Attr("tabindex", "0").
		Role("slider").Aria("label", e.T(key)).Aria("valuemin", 0).Aria("valuemax", 100).Aria("valuenow", x).
		Aria("valuetext", e.T("photograph.corner-at", "x", e.L.Number(x), "y", e.L.Number(y))).
		On("keydown", c.onKey).
		Body(circle("corner-hit", side*.09), circle("corner-ring", side*.035))
}

// pointed is where a pointer is on the picture, each way from 0 to 1.
func pointed(ctx app.Context, ev app.Event) wallet.Point {
	box := ctx.JSSrc().Call("getBoundingClientRect")
	part := func(at, from, size string) float64 {
		d := box.Get(size).Float()
		if d <= 0 {
			return 0
		}
		return min(max((ev.Get(at).Float()-box.Get(from).Float())/d, 0), 1)
	}
	return wallet.Point{X: part("clientX", "left", "width"), Y: part("clientY", "top", "height")}
}

// onDown takes hold of the corner that is nearest: a finger hides what it touches.
func (c *cornerPicker) onDown(ctx app.Context, ev app.Event) {
	at := pointed(ctx, ev)
	near, best := 0, math.Inf(1)
	for i, p := range c.Corners {
		d := math.Hypot((p.X-at.X)*float64(c.Width), (p.Y-at.Y)*float64(c.Height))
		if d < best {
			near, best = i, d
		}
	}
	if best > float64(max(c.Width, c.Height))/4 {
		return
	}
	ev.PreventDefault()
	c.held = near + 1
	ctx.JSSrc().Call("setPointerCapture", ev.Get("pointerId"))
	c.Env.D.Focus("corner-" + strconv.Itoa(near))
}

func (c *cornerPicker) onMove(ctx app.Context, ev app.Event) {
	if c.held > 0 {
		c.Corners[c.held-1] = pointed(ctx, ev)
		c.Owner.moved(c.Corners)
	}
}

func (c *cornerPicker) onUp(ctx app.Context, ev app.Event) { c.held = 0 }

// onKey moves a corner by a hundredth, with Shift by a tenth of that.
func (c *cornerPicker) onKey(ctx app.Context, ev app.Event) {
	id := ctx.JSSrc().Get("id").String()
	i, err := strconv.Atoi(id[max(len(id)-1, 0):])
	if err != nil || i > 3 {
		return
	}
	step := 0.01
	if ev.Get("shiftKey").Bool() {
		step = 0.001
	}
	p := c.Corners[i]
	switch ev.Get("key").String() {
	case "ArrowLeft":
		p.X -= step
	case "ArrowRight":
		p.X += step
	case "ArrowUp":
		p.Y -= step
	case "ArrowDown":
		p.Y += step
	default:
		return
	}
	ev.PreventDefault()
	c.Corners[i] = wallet.Point{X: min(max(p.X, 0), 1), Y: min(max(p.Y, 0), 1)}
	c.Owner.moved(c.Corners)
}
