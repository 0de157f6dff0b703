//go:build js

package browser

import (
	"errors"
	"strconv"
	"syscall/js"

	"potli/app/wallet"
)

// errPen: the browser could not draw a page.
var errPen = errors.New("the page cannot be drawn")

// pen draws text on a canvas that is on no page, so that a worker can: the browser shapes it with the fonts of the
// device, and with the one of ours that is in use for what they lack. It belongs to one goroutine at a time.
type pen struct {
	measured js.Value // context of a canvas that is only measured on
}

// NewPen returns nil where the browser has no such canvas (Safari before 16.4).
func NewPen() wallet.Pen {
	g, err := board(1, 1)
	if err != nil {
		return nil
	}
	return &pen{measured: g}
}

// board is a new canvas of so many pixels, by its context. It can be transparent, for on one that cannot some browsers smooth
// letters in colours.
func board(width, height int) (js.Value, error) {
	return try(func() js.Value {
		canvas := js.Global().Get("OffscreenCanvas").New(width, height)
		return canvas.Call("getContext", "2d", map[string]any{"willReadFrequently": true})
	})
}

// measuredAt is the size in pixels that widths are measured at: large, for small letters are set on whole pixels.
const measuredAt = 64

// Width is how wide a text is, in points; -1 where the browser does not say.
func (p *pen) Width(text string, size float64, bold bool) float64 {
	v, err := try(func() js.Value {
		p.measured.Set("font", fontOf(measuredAt, bold))
		return p.measured.Call("measureText", text).Get("width")
	})
	if err != nil || v.Type() != js.TypeNumber {
		return -1
	}
	return v.Float() / measuredAt * size
}

func fontOf(pixels float64, bold bool) string {
	weight := ""
	if bold {
		weight = "bold "
	}
	return weight + strconv.FormatFloat(pixels, 'f', 2, 64) + `px sans-serif, "` + lettersFamily + `"`
}

// Draw writes runs in black on a white page and returns a byte a pixel. A run that comes out wider than it was measured is
// pressed together, so that nothing is written over the next.
func (p *pen) Draw(width, height int, scale float64, runs []wallet.Run) ([]byte, error) {
	g, err := board(width, height)
	if err != nil {
		return nil, errPen
	}
	data, err := try(func() js.Value {
		g.Set("fillStyle", "#ffffff")
		g.Call("fillRect", 0, 0, width, height)
		g.Set("fillStyle", "#000000")
		for _, r := range runs {
			g.Set("font", fontOf(r.Size*scale, r.Bold))
			g.Call("fillText", r.Text, r.X*scale, r.Y*scale, r.Width*scale)
		}
		image := g.Call("getImageData", 0, 0, width, height)
		g.Get("canvas").Set("width", 0)
		return js.Global().Get("Uint8Array").New(image.Get("data").Get("buffer"))
	})
	if err != nil {
		return nil, errPen
	}
	rgba := make([]byte, 4*width*height)
	if js.CopyBytesToGo(rgba, data) != len(rgba) {
		return nil, errPen
	}
	grey := rgba[:width*height] // in place: what was drawn has no colour
	for i := range grey {
		grey[i] = rgba[4*i]
	}
	return grey, nil
}
