//go:build js

package browser

import (
	"context"
	"syscall/js"
)

// Browsers hand on but a few kinds of files, by name and by type; text is among them
// everywhere (Chromium: third_party/blink/renderer/modules/webshare/FILE_TYPES.md).
const handedType = "text/plain"

// CanHand says whether the share sheet takes files: of the kind, for there are none
// that can be asked about before they are made.
func (d *Device) CanHand() bool {
	navigator := global("navigator")
	if !d.CanShare() || get(navigator, "canShare").Type() != js.TypeFunction {
		return false
	}
	data, err := handing("potli.txt", []byte("potli"))
	if err != nil {
		return false
	}
	can, err := call(navigator, "canShare", data)
	return err == nil && yes(can)
}

// Hand opens the share sheet for a file. false without an error: the person closed
// it. On some systems true says only that another program was chosen.
func (d *Device) Hand(ctx context.Context, name string, text []byte) (bool, error) {
	if !d.CanHand() {
		return false, ErrUnsupported
	}
	data, err := handing(name, text)
	if err != nil {
		return false, err
	}
	defer d.asked.open()()
	_, err = promised(ctx, global("navigator"), "share", data)
	if named(err, "AbortError") {
		return false, nil
	}
	return err == nil, err
}

// handing is what share and canShare are given.
func handing(name string, text []byte) (js.Value, error) {
	bytes, err := toJS(text)
	if err != nil {
		return js.Undefined(), err
	}
	file, err := construct("File", []any{bytes}, name, map[string]any{"type": handedType})
	if err != nil {
		return js.Undefined(), err
	}
	return object("files", []any{file}), nil
}
