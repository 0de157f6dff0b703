//go:build js

package browser_test

import (
	"syscall/js"
	"testing"
)

// No browser without a screen has a share sheet, so navigator's two functions are
// replaced; the File that they are given is the browser's own.
func TestHand(t *testing.T) {
	onPage(t)
	d := device()
	navigator := js.Global().Get("navigator")
	patch(t, navigator, "share", js.Undefined())
	patch(t, navigator, "canShare", js.Undefined())
	if ok, err := d.Hand(t.Context(), "a.txt", nil); d.CanHand() || ok || err == nil {
		t.Errorf("where there is no sheet: %v, %v", ok, err)
	}
	var got js.Value
	answer := "resolve"
	share := function(t, func(_ js.Value, args []js.Value) any {
		got = args[0]
		if answer == "resolve" {
			return js.Global().Get("Promise").Call("resolve")
		}
		return js.Global().Get("Promise").Call("reject", js.Global().Get("DOMException").New("", answer))
	})
	can := true
	patch(t, navigator, "share", share)
	patch(t, navigator, "canShare", function(t, func(_ js.Value, args []js.Value) any {
		return can && args[0].Get("files").Length() == 1
	}))
	text := "-----BEGIN AGE ENCRYPTED FILE-----\n"
	if ok, err := d.Hand(t.Context(), "potli-2026-06-11.age.txt", []byte(text)); !d.CanHand() || !ok || err != nil {
		t.Fatalf("got %v, %v", ok, err)
	}
	file := got.Get("files").Index(0)
	if file.Get("name").String() != "potli-2026-06-11.age.txt" || file.Get("type").String() != "text/plain" || file.Get("size").Int() != len(text) || !file.InstanceOf(js.Global().Get("File")) {
		t.Errorf("it was given %q of type %q", file.Get("name"), file.Get("type"))
	}
	answer = "AbortError"
	if ok, err := d.Hand(t.Context(), "a.txt", nil); ok || err != nil {
		t.Errorf("closed again: %v, %v", ok, err)
	}
	answer = "NotAllowedError"
	if ok, err := d.Hand(t.Context(), "a.txt", nil); ok || err == nil {
		t.Errorf("refused: %v, %v", ok, err)
	}
	if can = false; d.CanHand() {
		t.Error("a sheet that takes links alone is offered files")
	}
}
