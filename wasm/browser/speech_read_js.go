//go:build js

package browser

import (
	"slices"
	"sync"
	"syscall/js"
)

// reading is one reading aloud, from its start to its end. It lives on the page's one
// thread and needs no lock.
type reading struct {
	list   []*utterance
	voices []js.Value
	touch  func()
	finish func(ok bool) // the first call ends it
	now    js.Value      // held, since a browser forgets what nobody holds, and never says that it ended
	heard  []func()      // listeners of now
}

// Read reads aloud what stands around the element id, with the voices of this phone, and
// with others only where away is true. touch is called at each breath, since who listens
// is there; done once, with false where the voice failed. It ends too when something else
// is read, and when the page goes to the background: a phone in a pocket does not tell of
// illnesses.
func (d *Device) Read(id string, away bool, touch func(), done func(ok bool)) (stop func()) {
	d.hush()
	r := &reading{voices: voices(), touch: touch}
	r.list = slices.DeleteFunc(utterances(id), func(u *utterance) bool {
		v, local := voiceFor(r.voices, u.tag)
		return !v.Truthy() || !local && !away
	})
	gone := listen(global("document"), "visibilitychange", func(js.Value) {
		if !visible() {
			r.finish(true)
		}
	})
	left := listen(js.Global(), "pagehide", func(js.Value) { r.finish(true) })
	var once sync.Once
	r.finish = func(ok bool) {
		once.Do(func() {
			gone()
			left()
			r.quiet()
			done(ok)
		})
	}
	d.hush = func() { r.finish(true) }
	r.next()
	return d.hush
}

// next speaks the next breath.
func (r *reading) next() {
	r.forget()
	if len(r.list) == 0 {
		r.finish(true)
		return
	}
	u := r.list[0]
	r.list = r.list[1:]
	speak, err := construct("SpeechSynthesisUtterance", u.text.String())
	if err != nil {
		r.finish(false)
		return
	}
	voice, _ := voiceFor(r.voices, u.tag)
	set(speak, "voice", voice)
	set(speak, "lang", get(voice, "lang"))
	r.now = speak
	r.heard = []func(){
		listen(speak, "end", func(js.Value) { r.next() }),
		listen(speak, "error", func(js.Value) { r.finish(false) }),
		listen(speak, "boundary", func(e js.Value) { u.markWord(e) }),
	}
	r.touch()
	u.mark()
	if _, err := call(global("speechSynthesis"), "speak", speak); err != nil {
		r.finish(false)
	}
}

// forget releases what listened to the last breath: its being stopped is no failure.
func (r *reading) forget() {
	for _, release := range r.heard {
		release()
	}
	r.heard, r.now = nil, js.Undefined()
}

// quiet stops the voice and takes the marks away.
func (r *reading) quiet() {
	r.forget()
	r.list = nil
	call(global("speechSynthesis"), "cancel")
	for _, name := range []string{markOfRun, markOfWord} {
		call(global("CSS", "highlights"), "delete", name)
	}
}

// mark shows where the voice is, and brings it into sight.
func (u *utterance) mark() {
	call(global("CSS", "highlights"), "delete", markOfWord)
	a, z := u.spots[0], u.spots[len(u.spots)-1]
	highlight(markOfRun, a.node, a.from, z.node, z.from+z.n)
	call(u.block, "scrollIntoView", map[string]any{"block": "nearest"})
}

// markWord shows the word that the voice is at, where the browser says which.
func (u *utterance) markWord(e js.Value) {
	at, n := integer(get(e, "charIndex"), -1), integer(get(e, "charLength"), 0)
	for _, s := range u.spots {
		if n > 0 && at >= s.at && at+n <= s.at+s.n {
			highlight(markOfWord, s.node, s.from+at-s.at, s.node, s.from+at-s.at+n)
			return
		}
	}
}

// highlight marks a range without touching the page, which is drawn by the program: by the
// CSS Custom Highlight API (https://www.w3.org/TR/css-highlight-api-1/). A browser without
// it reads all the same.
func highlight(name string, from js.Value, a int, to js.Value, z int) {
	marks := global("CSS", "highlights")
	if !marks.Truthy() {
		return
	}
	at, err := construct("Range")
	if err != nil {
		return
	}
	edge(at, "setStart", from, a)
	edge(at, "setEnd", to, z)
	if h, err := construct("Highlight", at); err == nil {
		call(marks, "set", name, h)
	}
}

// edge sets one end of a range: in a text by its letters, at a picture beside it.
func edge(at js.Value, end string, node js.Value, i int) {
	if integer(get(node, "nodeType"), 0) == 3 {
		call(at, end, node, i)
		return
	}
	side := map[string]string{"setStart": "setStartBefore", "setEnd": "setEndAfter"}[end]
	call(at, side, node)
}
