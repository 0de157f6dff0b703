//go:build js

package browser

import "syscall/js"

// The veil covers all of the page while another program or tab is in front: phones show a
// picture of each program in their list of programs, and take it about when it goes to the
// background. What the veil looks like is in web/styles/trust.css. A browser may take that
// picture earlier, which no page can forbid.

// veiled is the class of the root element while the veil is drawn.
const veiled = "veiled"

// lockID is the id of the button that locks; the pages render it on each page of an open
// wallet.
const lockID = "lock"

// lockKey presses the button that locks, from wherever the keys go, when Alt and L are
// pressed: by the place of the key, since on a keyboard for Hindi it bears another letter.
func lockKey(e js.Value) {
	if !yes(get(e, "altKey")) || yes(get(e, "ctrlKey")) || yes(get(e, "metaKey")) || text(get(e, "code")) != "KeyL" {
		return
	}
	if button := element(lockID); button.Truthy() {
		call(e, "preventDefault")
		call(button, "click")
	}
}

// Veil says whether the page is to be covered when it goes to the background.
func (d *Device) Veil(on bool) {
	if d.veil = on; on && !visible() {
		drawVeil(true)
	}
}

// cover draws the veil, in the very event that says that the page goes away: what comes
// later is not drawn any more.
func (d *Device) cover() {
	if d.veil {
		drawVeil(true)
	}
}

// uncover takes it away. It is called when the wallet has been told that the page is back,
// and has locked itself if it was away for too long.
func (d *Device) uncover() {
	if visible() {
		drawVeil(false)
	}
}

func drawVeil(on bool) {
	try(func() js.Value {
		return js.Global().Get("document").Get("documentElement").Get("classList").Call("toggle", veiled, on)
	})
}
