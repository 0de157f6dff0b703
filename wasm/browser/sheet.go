//go:build js

package browser

import (
	"context"
	"syscall/js"

	"potli/app/wallet"
)

// sheetQuality keeps small print sharp at a third of a megabyte a page.
const sheetQuality = 0.82

// Photo decodes a picture into pixels, no larger than wallet.MaxPixels at a side.
func (d *Device) Photo(ctx context.Context, b []byte) (wallet.Pixels, error) {
	typ, width, height := imageSize(b)
	if typ == "" || width <= 0 || height <= 0 || width > maxPixels/height {
		return wallet.Pixels{}, ErrPicture
	}
	bitmap, err := decode(ctx, typ, b, width, height)
	if err != nil {
		return wallet.Pixels{}, err
	}
	defer call(bitmap, "close")
	var p wallet.Pixels
	data, err := try(func() js.Value {
		w, h := bitmap.Get("width").Float(), bitmap.Get("height").Float()
		scale := min(1, float64(wallet.MaxPixels)/max(w, h))
		p.Width, p.Height = max(int(w*scale), 1), max(int(h*scale), 1)
		c := js.Global().Get("document").Call("createElement", "canvas")
		c.Set("width", p.Width)
		c.Set("height", p.Height)
		g := c.Call("getContext", "2d", map[string]any{"willReadFrequently": true})
		g.Set("fillStyle", "#ffffff") // beneath what is transparent
		g.Call("fillRect", 0, 0, p.Width, p.Height)
		g.Set("imageSmoothingQuality", "high")
		g.Call("drawImage", bitmap, 0, 0, p.Width, p.Height)
		image := g.Call("getImageData", 0, 0, p.Width, p.Height)
		c.Set("width", 0)
		return js.Global().Get("Uint8Array").New(image.Get("data").Get("buffer"))
	})
	if err != nil {
		return wallet.Pixels{}, ErrPicture
	}
	p.RGBA = make([]byte, 4*p.Width*p.Height)
	if js.CopyBytesToGo(p.RGBA, data) != len(p.RGBA) {
		return wallet.Pixels{}, ErrPicture
	}
	return p, nil
}

// JPEG writes pixels as a JPEG.
func (d *Device) JPEG(ctx context.Context, p wallet.Pixels) ([]byte, error) {
	if !p.Sane() {
		return nil, ErrPicture
	}
	bytes, err := toJS(p.RGBA)
	if err != nil {
		return nil, ErrPicture
	}
	canvas, err := try(func() js.Value {
		c := js.Global().Get("document").Call("createElement", "canvas")
		c.Set("width", p.Width)
		c.Set("height", p.Height)
		pixels := js.Global().Get("Uint8ClampedArray").New(bytes.Get("buffer"))
		image := js.Global().Get("ImageData").New(pixels, p.Width, p.Height)
		c.Call("getContext", "2d").Call("putImageData", image, 0, 0)
		return c
	})
	if err != nil {
		return nil, ErrPicture
	}
	blob, err := encode(ctx, canvas, "image/jpeg", sheetQuality)
	if err != nil {
		return nil, err
	}
	buffer, err := promised(ctx, blob, "arrayBuffer")
	if err != nil {
		return nil, ErrPicture
	}
	return fromJS(buffer)
}
