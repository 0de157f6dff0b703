//go:build js

package browser_test

import (
	"testing"
	"time"
)

// F7: the page is covered in the very event in which it goes to the background, and uncovered when whoever may have to lock
// it has been told that it is back, and has done so.
func TestVeil(t *testing.T) {
	onPage(t)
	d := device()
	covered := func() bool {
		return document().Get("documentElement").Get("classList").Call("contains", "veiled").Bool()
	}
	told, locked := make(chan bool, 8), make(chan struct{})
	defer d.Watch(func() {}, func(hidden bool) {
		told <- hidden
		if !hidden {
			<-locked
		}
	})()
	d.Veil(true)
	defer d.Veil(false)
	if covered() {
		t.Error("a page at the front is covered")
	}
	hide(t, true)
	if !covered() { // before anybody was told
		t.Error("a page in the background is not covered at once")
	}
	<-told
	hide(t, false)
	<-told
	time.Sleep(20 * time.Millisecond)
	if !covered() {
		t.Error("it is uncovered before the wallet could lock itself")
	}
	close(locked)
	for range 100 {
		if !covered() {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if covered() {
		t.Error("it stays covered")
	}
	d.Veil(false)
	hide(t, true)
	if covered() {
		t.Error("it is covered though the person does not want it")
	}
	<-told
	hide(t, false)
	<-told
}
