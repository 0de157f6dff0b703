//go:build js

package browser

import (
	"context"
	"syscall/js"
)

// A portrait is a square of portraitSide pixels: sharp in a banner on every
// screen, and some 20 kB.
const (
	portraitSide    = 320
	portraitQuality = 0.85
)

// Portrait cuts the middle square out of a picture and draws it anew, small, as
// a JPEG: what is kept was made by us, whatever the file carried besides.
func (d *Device) Portrait(ctx context.Context, b []byte) ([]byte, error) {
	typ, width, height := imageSize(b)
	if typ == "" || width <= 0 || height <= 0 || width > maxPixels/height {
		return nil, ErrPicture
	}
	bitmap, err := decode(ctx, typ, b, width, height)
	if err != nil {
		return nil, err
	}
	defer call(bitmap, "close")
	canvas, err := square(bitmap)
	if err != nil {
		return nil, ErrPicture
	}
	blob, err := encode(ctx, canvas, "image/jpeg", portraitQuality)
	if err != nil {
		return nil, err
	}
	buffer, err := promised(ctx, blob, "arrayBuffer")
	if err != nil {
		return nil, ErrPicture
	}
	return fromJS(buffer)
}

// square draws the middle of bitmap. White lies beneath: JPEG knows nothing
// transparent, and would make it black.
func square(bitmap js.Value) (js.Value, error) {
	return try(func() js.Value {
		c := js.Global().Get("document").Call("createElement", "canvas")
		c.Set("width", portraitSide)
		c.Set("height", portraitSide)
		g := c.Call("getContext", "2d")
		g.Set("fillStyle", "#ffffff")
		g.Call("fillRect", 0, 0, portraitSide, portraitSide)
		g.Set("imageSmoothingQuality", "high")
		w, h := bitmap.Get("width").Float(), bitmap.Get("height").Float()
		side := min(w, h)
		g.Call("drawImage", bitmap, (w-side)/2, (h-side)/2, side, side, 0, 0, portraitSide, portraitSide)
		return c
	})
}
