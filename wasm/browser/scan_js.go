//go:build js

package browser

import (
	"context"
	"sync"
	"syscall/js"
	"time"

	"potli/app/scan"
)

const (
	// frameEvery makes 12 pictures a second at the most: more cost a phone its
	// battery and read no code sooner (ux.md Q8).
	frameEvery = 80 * time.Millisecond
	// frameSide is what a picture is drawn down to. A code of version 13 that
	// takes half of it has four pixels a module.
	frameSide = 640
	// maxFailed is how often in a row a reader may fail before it is given up.
	maxFailed = 3
)

// Scan turns a camera on, shows it in the <video> with the id video, and returns
// the text of the first QR code it sees. on is told once, when the picture is
// there. The camera is off when Scan returns, whatever it returns: scan.ErrRefused,
// ErrNoCamera, ErrBusy, ErrHidden when the page was hidden, ErrNoReader, or the
// error of ctx.
func (d *Device) Scan(ctx context.Context, video, id string, on func(scan.Camera)) (found string, err error) {
	err = d.watch(ctx, video, id, on, func(text string) bool {
		found = text
		return true
	})
	return found, err
}

// Film is Scan for many codes: each hears of every one that is seen, the same one
// often, until it says that it is enough.
func (d *Device) Film(ctx context.Context, video, id string, on func(scan.Camera), each func(text string) (enough bool)) error {
	return d.watch(ctx, video, id, on, each)
}

func (d *Device) watch(ctx context.Context, video, id string, on func(scan.Camera), each func(string) bool) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	defer listen(global("document"), "visibilitychange", func(js.Value) {
		if !visible() {
			end(scan.ErrHidden)
		}
	})()
	if !visible() {
		return scan.ErrHidden
	}
	c, err := openCamera(ctx, id)
	if err != nil {
		return err
	}
	defer c.stop()
	defer listen(c.track, "ended", func(js.Value) { end(scan.ErrBusy) })()
	if err := c.show(ctx, video); err != nil {
		return err
	}
	on(c.abilities(ctx))
	defer d.Scanner.Stop() // it may have seen a kit
	return c.look(ctx, d.readers(ctx), each)
}

// reader finds the text in a picture, "" where there is none.
type reader func(ctx context.Context, s *still) (string, error)

// readers are the ways to read, the best first: the browser's own, which costs
// least and reads most, and our worker, which is loaded when it is first needed.
func (d *Device) readers(ctx context.Context) []reader {
	ours := func(ctx context.Context, s *still) (string, error) {
		text, err := d.Scanner.give(ctx, "square", s.pixels, nil)
		return string(text), err
	}
	if detector, ok := detector(ctx); ok {
		return []reader{detector, ours}
	}
	return []reader{ours}
}

// detector is the browser's BarcodeDetector, where it has one that reads QR
// codes. Chromium has the class everywhere, and on some systems no reader in it.
func detector(ctx context.Context) (reader, bool) {
	formats, err := promised(ctx, global("BarcodeDetector"), "getSupportedFormats")
	if err != nil || get(formats, "includes").Type() != js.TypeFunction {
		return nil, false
	}
	if has, err := call(formats, "includes", "qr_code"); err != nil || !yes(has) {
		return nil, false
	}
	own, err := construct("BarcodeDetector", map[string]any{"formats": []any{"qr_code"}})
	if err != nil {
		return nil, false
	}
	return func(ctx context.Context, s *still) (string, error) {
		found, err := promised(ctx, own, "detect", s.canvas)
		if err != nil || integer(get(found, "length"), 0) == 0 {
			return "", err
		}
		return text(get(found.Index(0), "rawValue")), nil
	}, true
}

// look reads one picture after the other until each has heard enough. The next is
// taken when the last has been read: a slow phone takes fewer.
func (c *camera) look(ctx context.Context, readers []reader, each func(string) bool) error {
	s := &still{video: c.video}
	defer s.drop()
	for failed := 0; ; {
		begun := time.Now()
		if s.draw() == nil {
			text, err := readers[0](ctx, s)
			switch {
			case ctx.Err() != nil:
				return context.Cause(ctx)
			case err == nil && text != "" && each(text):
				return nil
			case err == nil:
				failed = 0
			case failed+1 < maxFailed:
				failed++
			case len(readers) > 1:
				readers, failed = readers[1:], 0
			default:
				return scan.ErrNoReader
			}
		}
		select {
		case <-time.After(max(time.Millisecond, frameEvery-time.Since(begun))):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// still is the middle of a video, drawn down: what the person sees on the page.
type still struct {
	video  js.Value
	canvas js.Value
	paper  js.Value // its context
	side   int
	once   sync.Once
}

// draw takes a picture. Error: there is none yet.
func (s *still) draw() error {
	width, height := integer(get(s.video, "videoWidth"), 0), integer(get(s.video, "videoHeight"), 0)
	from := min(width, height)
	if from == 0 {
		return &Error{"InvalidStateError"}
	}
	_, err := try(func() js.Value {
		s.once.Do(func() {
			s.canvas = js.Global().Get("document").Call("createElement", "canvas")
			s.paper = s.canvas.Call("getContext", "2d", map[string]any{"willReadFrequently": true, "alpha": false})
		})
		if side := min(from, frameSide); side != s.side {
			s.side = side
			s.canvas.Set("width", side)
			s.canvas.Set("height", side)
		}
		return s.paper.Call("drawImage", s.video, (width-from)/2, (height-from)/2, from, from, 0, 0, s.side, s.side)
	})
	return err
}

// pixels are the picture as RGBA in a buffer of its own, which can be handed over.
func (s *still) pixels() (js.Value, error) {
	return try(func() js.Value {
		image := s.paper.Call("getImageData", 0, 0, s.side, s.side)
		return js.Global().Get("Uint8Array").New(image.Get("data").Get("buffer"))
	})
}

// drop forgets the last picture.
func (s *still) drop() {
	if s.canvas.Truthy() {
		set(s.canvas, "width", 0)
	}
}
