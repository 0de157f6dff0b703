//go:build js

package browser

import (
	"context"
	"errors"
	"sync"
	"syscall/js"
)

// ErrPicture: not an image of an allowed type, or one too large to draw.
var ErrPicture = errors.New("the picture cannot be shown")

// A picture is decoded only under maxPixels, since a few kilobytes of PNG can
// unfold into gigabytes, and is drawn no larger than maxSide.
const (
	maxPixels = 128 << 20 // the largest phone cameras make 108 million
	maxSide   = 3000
)

// Picture decodes b, draws it anew on a canvas and returns a blob: URL of that
// copy. What is shown is then made by us: no metadata, nothing hidden after the
// image, one decoder for all. release frees the copy.
func (d *Device) Picture(ctx context.Context, b []byte) (url string, release func(), err error) {
	typ, width, height := imageSize(b)
	if typ == "" || width <= 0 || height <= 0 || width > maxPixels/height {
		return "", func() {}, ErrPicture
	}
	bitmap, err := decode(ctx, typ, b, width, height)
	if err != nil {
		return "", func() {}, err
	}
	defer call(bitmap, "close")
	blob, err := draw(ctx, bitmap, typ)
	if err != nil {
		return "", func() {}, err
	}
	url, release, err = objectURL(blob)
	if err != nil {
		return "", func() {}, ErrPicture
	}
	return url, sync.OnceFunc(release), nil
}

func decode(ctx context.Context, typ string, b []byte, width, height int) (js.Value, error) {
	bytes, err := toJS(b)
	if err != nil {
		return js.Undefined(), ErrPicture
	}
	blob, err := construct("Blob", []any{bytes}, map[string]any{"type": typ})
	if err != nil {
		return js.Undefined(), ErrPicture
	}
	options := map[string]any{"imageOrientation": "from-image"}
	switch {
	case width >= height && width > maxSide:
		options["resizeWidth"] = maxSide
		options["resizeQuality"] = "high"
	case height > width && height > maxSide:
		options["resizeHeight"] = maxSide
		options["resizeQuality"] = "high"
	}
	bitmap, err := promised(ctx, js.Global(), "createImageBitmap", blob, options)
	if err != nil {
		if ctx.Err() != nil {
			return js.Undefined(), ctx.Err()
		}
		return js.Undefined(), ErrPicture
	}
	return bitmap, nil
}

// draw copies bitmap through a canvas into a Blob. Photos stay JPEG; what may be
// transparent or a scan becomes PNG.
func draw(ctx context.Context, bitmap js.Value, typ string) (js.Value, error) {
	out := "image/png"
	if typ == "image/jpeg" {
		out = typ
	}
	canvas, err := try(func() js.Value {
		c := js.Global().Get("document").Call("createElement", "canvas")
		c.Set("width", bitmap.Get("width"))
		c.Set("height", bitmap.Get("height"))
		c.Call("getContext", "2d").Call("drawImage", bitmap, 0, 0)
		return c
	})
	if err != nil {
		return js.Undefined(), ErrPicture
	}
	return encode(ctx, canvas, out, 0.92)
}

// encode makes a Blob of what was drawn, and empties the canvas.
func encode(ctx context.Context, canvas js.Value, typ string, quality float64) (js.Value, error) {
	made := make(chan js.Value, 1)
	var fn js.Func
	fn = js.FuncOf(func(_ js.Value, args []js.Value) any {
		fn.Release()
		blob := js.Null()
		if len(args) > 0 {
			blob = args[0]
		}
		made <- blob
		return nil
	})
	if _, err := call(canvas, "toBlob", fn, typ, quality); err != nil {
		fn.Release()
		return js.Undefined(), ErrPicture
	}
	select {
	case blob := <-made:
		// Empty the canvas: iOS counts its memory against the page for a while.
		set(canvas, "width", 0)
		if !blob.Truthy() {
			return js.Undefined(), ErrPicture
		}
		return blob, nil
	case <-ctx.Done():
		return js.Undefined(), ctx.Err()
	}
}
