//go:build js

package browser

import "syscall/js"

// nearMargin is how far beyond the edges of the screen an element is near: what is
// there is drawn before it is scrolled to.
const nearMargin = "150% 0px"

// near watches elements come and go, all of them with one observer: the browser
// tells of many at once, after it has drawn, which costs a scrolling page less than
// to ask for places itself.
type near struct {
	observer js.Value
	anchored bool              // the browser itself keeps what is read in its place
	resize   js.Value          // where it does not
	of       map[string]*watch // by id
}

type watch struct {
	element js.Value
	f       func(near bool, height float64)
	height  float64
}

// Near calls f when an element comes near the screen or leaves it.
func (d *Device) Near(id string, f func(near bool, height float64)) (cancel func()) {
	n, el := &d.near, element(id)
	if !el.Truthy() || !n.begin() {
		f(true, 0) // a browser without observers draws everything
		return func() {}
	}
	w := &watch{element: el, f: f}
	n.of[id] = w
	call(n.observer, "observe", el)
	if !n.anchored {
		call(n.resize, "observe", el)
	}
	return func() {
		call(n.observer, "unobserve", el)
		if !n.anchored {
			call(n.resize, "unobserve", el)
		}
		if n.of[id] == w {
			delete(n.of, id)
		}
	}
}

// begin makes the observers when they are first needed. They and their functions
// live as long as the page.
func (n *near) begin() bool {
	if n.of != nil {
		return n.observer.Truthy()
	}
	n.of = make(map[string]*watch)
	anchored, err := call(global("CSS"), "supports", "overflow-anchor: auto")
	n.anchored = err == nil && yes(anchored)
	n.observer, err = construct("IntersectionObserver", each(n.heed), map[string]any{"rootMargin": nearMargin})
	if err == nil && !n.anchored {
		n.resize, err = construct("ResizeObserver", each(n.keepPlace))
	}
	if err != nil {
		n.observer = js.Undefined()
	}
	return err == nil
}

// each calls f with each entry that an observer tells of.
func each(f func(entry js.Value)) js.Func {
	return js.FuncOf(func(_ js.Value, args []js.Value) any {
		if len(args) > 0 {
			for i := range args[0].Length() {
				f(args[0].Index(i))
			}
		}
		return nil
	})
}

func (n *near) heed(entry js.Value) {
	w := n.of[text(get(entry, "target", "id"))]
	if w == nil || !w.element.Equal(get(entry, "target")) {
		return
	}
	height := get(entry, "boundingClientRect", "height")
	if height.Type() == js.TypeNumber {
		w.f(yes(get(entry, "isIntersecting")), height.Float())
	}
}

// keepPlace scrolls by as much as something above the screen has grown. Of elements
// inside one another the outermost that lies above does.
func (n *near) keepPlace(entry js.Value) {
	w := n.of[text(get(entry, "target", "id"))]
	if w == nil {
		return
	}
	bottom, height := box(w.element)
	grown := height - w.height
	first := w.height == 0
	w.height = height
	if first || bottom-grown > 0 {
		return
	}
	if outer := n.of[text(get(w.element, "parentElement", "id"))]; outer != nil {
		if bottom, _ := box(outer.element); bottom-grown <= 0 {
			return
		}
	}
	call(js.Global(), "scrollBy", 0, grown)
}

// box is where an element ends, from the top of the screen, and how high it is.
func box(el js.Value) (bottom, height float64) {
	b, err := call(el, "getBoundingClientRect")
	if err != nil {
		return 0, 0
	}
	return get(b, "bottom").Float(), get(b, "height").Float()
}

// Scrolled is where an element stands on the screen, and how far the page is scrolled.
func (d *Device) Scrolled(id string) (top, y float64) {
	if v := global("scrollY"); v.Type() == js.TypeNumber {
		y = v.Float()
	}
	if el := element(id); el.Truthy() {
		bottom, height := box(el)
		top = bottom - height
	}
	return top, y
}

// Return scrolls the page to where an element stands as it did, and moves the focus
// there.
func (d *Device) Return(id string, top, y float64, instead string) {
	el := element(id)
	if el.Truthy() {
		bottom, height := box(el)
		call(js.Global(), "scrollBy", map[string]any{"top": bottom - height - top, "behavior": "instant"})
	} else {
		call(js.Global(), "scrollTo", map[string]any{"top": y, "behavior": "instant"})
		el = element(instead)
	}
	if el.Truthy() {
		call(el, "focus", map[string]any{"preventScroll": true})
	}
}
