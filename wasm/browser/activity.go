//go:build js

package browser

import (
	"sync"
	"syscall/js"
	"time"
)

// touchEvery is how often the person's doings are worth telling.
const touchEvery = time.Second

// Watch tells touch that the person does something, at most once a second, and
// hidden that the page went to the background or came back. A file picker, the
// camera, printing or a share sheet that we opened does not count as hidden:
// on a phone the page disappears behind them, and locking then would throw the
// photo away that was just taken.
func (d *Device) Watch(touch func(), hidden func(bool)) (cancel func()) {
	var last time.Time
	doing := func(js.Value) {
		if now := time.Now(); now.Sub(last) >= touchEvery {
			last = now
			go touch()
		}
	}
	tell := teller{f: hidden}
	look := func(js.Value) {
		if !visible() {
			d.cover()
		}
		switch {
		case visible():
			tell.say(false, d.uncover)
		case d.asked.busy():
			// Should the person never come back from the camera, it counts after all.
			time.AfterFunc(askedFor, func() {
				if !visible() {
					tell.say(true)
				}
			})
		default:
			tell.say(true)
		}
	}
	quiet := map[string]any{"passive": true, "capture": true}
	cancels := []func(){
		listen(global("document"), "visibilitychange", look),
		listen(js.Global(), "pagehide", func(js.Value) { d.cover(); tell.say(true) }),
		listen(js.Global(), "pageshow", look),
		listen(global("document"), "keydown", lockKey, true),
	}
	for _, event := range []string{"pointerdown", "pointermove", "keydown", "wheel", "touchstart"} {
		cancels = append(cancels, listen(global("document"), event, doing, quiet))
	}
	return func() {
		for _, f := range cancels {
			f()
		}
	}
}

// teller tells a yes or no when it changes, away from the event that brought
// it. However slowly f answers, the last thing it is told is the last that was
// said.
type teller struct {
	f    func(bool)
	want bool // written by event handlers; there is one thread

	mu   sync.Mutex // owns said, and lets f be called once at a time
	said bool
}

// then is called when f has been told all of it.
func (t *teller) say(v bool, then ...func()) {
	t.want = v
	go func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.want != t.said {
			t.said = t.want
			t.f(t.said)
		}
		for _, f := range then {
			f()
		}
	}()
}

// askedFor is how long a dialog of the system may take before the page behind
// it counts as left alone.
const askedFor = 5 * time.Minute

// asked knows whether a dialog of the system is open that we opened. Its fields
// are used by event handlers; there is one thread.
type asked struct {
	dialogs int
	picker  time.Time // when a file picker opened; zero: none
}

// open notes a dialog until the returned func.
func (a *asked) open() (closed func()) {
	a.dialogs++
	return sync.OnceFunc(func() { a.dialogs-- })
}

func (a *asked) busy() bool {
	return a.dialogs > 0 || (!a.picker.IsZero() && time.Since(a.picker) < askedFor)
}

// watch notices file pickers: they open at the click on a file input, and are
// over when it changes or is cancelled. The listeners live as long as the page.
func (a *asked) watch() {
	over := func(e js.Value) {
		if isPicker(get(e, "target")) {
			a.picker = time.Time{}
		}
	}
	document := global("document")
	listen(document, "click", func(e js.Value) {
		if isPicker(get(e, "target")) {
			a.picker = time.Now()
		}
	}, true)
	listen(document, "change", over, true)
	listen(document, "cancel", over, true)
}

func isPicker(el js.Value) bool {
	return text(get(el, "localName")) == "input" && text(get(el, "type")) == "file"
}
