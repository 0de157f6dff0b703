package browser

import (
	"context"
	"errors"
	"syscall/js"
	"time"
	"unicode"
)

// lettersFamily is what web/styles calls the font of ours that is in use.
const lettersFamily = "Potli Letters"

// unassigned is a character that no font has: what is drawn for it is drawn for every letter that is missing.
const unassigned = "\u0378"

// CanDraw says whether the device has letters for text. What a browser draws for a letter it lacks is as wide for one as for
// another, and no script has letters that are all so. A canvas that does not say leaves the device its good name.
func (d *Device) CanDraw(text string) bool {
	canvas, err := call(global("document"), "createElement", "canvas")
	if err != nil {
		return true
	}
	pen, err := call(canvas, "getContext", "2d")
	if err != nil || !pen.Truthy() {
		return true
	}
	set(pen, "font", `100px system-ui, "Noto Sans", sans-serif`)
	none := widthOf(pen, unassigned)
	for _, r := range text {
		if unicode.IsLetter(r) && widthOf(pen, string(r)) != none {
			return true
		}
	}
	return none == 0
}

// widthOf is 0 where the canvas does not say.
func widthOf(pen js.Value, letter string) float64 {
	m, err := call(pen, "measureText", letter)
	if err != nil {
		return 0
	}
	if w := get(m, "width"); w.Type() == js.TypeNumber {
		return w.Float()
	}
	return 0
}

// lettersWait bounds the fetching of a font, 50 KB, over a network that hangs.
const lettersWait = 30 * time.Second

// Letters fetches a font of the release and draws with it what the device has no letters for.
func (d *Device) Letters(ctx context.Context, font string) error {
	if !plainName(font) {
		return errors.New("not a name of a font")
	}
	ctx, cancel := context.WithTimeout(ctx, lettersWait)
	defer cancel()
	face, err := construct("FontFace", lettersFamily, "url(/web/fonts/"+font+".woff2)")
	if err != nil {
		return err
	}
	if _, err := promised(ctx, face, "load"); err != nil {
		return err
	}
	_, err = call(global("document", "fonts"), "add", face)
	return err
}

// KeepOffline has the service worker fetch files that wait until somebody asks for them.
func (d *Device) KeepOffline(ctx context.Context, paths []string) error {
	list := make([]any, len(paths))
	for i, path := range paths {
		list[i] = path
	}
	v, err := askWorker(ctx, "keep", list...)
	if err == nil && text(get(v, "type")) != "kept" {
		err = ErrUnkept
	}
	return err
}

// ErrUnkept: the service worker has not all that it was asked to keep.
var ErrUnkept = errors.New("not everything could be kept")
