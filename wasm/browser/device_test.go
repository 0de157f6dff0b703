//go:build js

package browser_test

import (
	"bytes"
	"sync"
	"syscall/js"
	"testing"
	"time"

	"potli/app/wallet"
	"potli/wasm/browser"
)

// one device a page, as in the program.
var device = sync.OnceValue(func() *browser.Device { return browser.NewDevice(framed()) })

func document() js.Value { return js.Global().Get("document") }

// add puts an element on the page for the length of a test.
func add(t *testing.T, tag, id string) js.Value {
	t.Helper()
	onPage(t)
	el := document().Call("createElement", tag)
	el.Set("id", id)
	document().Get("body").Call("append", el)
	t.Cleanup(func() { el.Call("remove") })
	return el
}

func TestPageWords(t *testing.T) {
	input := add(t, "input", "field")
	d := device()
	d.SetTitle("Potli")
	d.SetLanguage("ur", "rtl")
	t.Cleanup(func() { d.SetLanguage("en", "ltr") })
	root := document().Get("documentElement")
	if document().Get("title").String() != "Potli" || root.Get("lang").String() != "ur" || root.Get("dir").String() != "rtl" {
		t.Error("title, lang or dir were not set")
	}
	input.Set("value", "typed")
	d.SetValue("field", "")
	if got := input.Get("value").String(); got != "" {
		t.Errorf("SetValue: got %q", got)
	}
	d.Focus("field")
	eventually(t, "focus", func() bool { return document().Get("activeElement").Equal(input) })
	d.SetValue("no such element", "x")
	d.Focus("no such element")
	if d.Language() == "" {
		t.Error("no language")
	}
}

func TestRemember(t *testing.T) {
	onPage(t)
	d := device()
	d.Remember("language", "hi")
	if got := js.Global().Get("localStorage").Call("getItem", "potli.language").String(); got != "hi" || d.Recall("language") != "hi" {
		t.Errorf("got %q, %q", got, d.Recall("language"))
	}
	d.Remember("language", "")
	if got := d.Recall("language"); got != "" {
		t.Errorf("after forgetting: %q", got)
	}
	h := &browser.Host{}
	h.SetSentinel("kept")
	d.Remember("sentinel", "lost")
	if got := h.Sentinel(); got != "kept" {
		t.Errorf("a choice replaced the sentinel: %q", got)
	}
	h.SetSentinel("")
}

// transfer is a DataTransfer with files in it.
func transfer(files map[string]string) js.Value {
	dt := js.Global().Get("DataTransfer").New()
	for name, content := range files {
		dt.Get("items").Call("add", js.Global().Get("File").New([]any{content}, name, map[string]any{"type": "text/plain"}))
	}
	return dt
}

func readOne(t *testing.T, files []wallet.File) (name, how, content string) {
	t.Helper()
	if len(files) != 1 {
		t.Fatalf("%d files, want 1", len(files))
	}
	b, err := files[0].Read(t.Context())
	if err != nil || int64(len(b)) != files[0].Size {
		t.Fatalf("reading: %d bytes of %d, %v", len(b), files[0].Size, err)
	}
	return files[0].Name, files[0].How, string(b)
}

func TestPicked(t *testing.T) {
	input := add(t, "input", "pick")
	input.Set("type", "file")
	input.Set("files", transfer(map[string]string{"report.pdf": "%PDF-1.7"}).Get("files"))
	d := device()
	name, how, content := readOne(t, d.Picked("pick", "camera"))
	if name != "report.pdf" || how != "camera" || content != "%PDF-1.7" {
		t.Errorf("got %q %q %q", name, how, content)
	}
	if n := input.Get("files").Length(); n != 0 {
		t.Errorf("%d files left in the input", n)
	}
	if files := d.Picked("pick", "file"); len(files) != 0 {
		t.Errorf("the second time: %d files", len(files))
	}
	if files := d.Picked("no such input", "file"); len(files) != 0 {
		t.Errorf("without an input: %d files", len(files))
	}
}

func TestIncoming(t *testing.T) {
	onPage(t)
	type came struct {
		files []wallet.File
		text  string
	}
	got, over := make(chan came, 8), make(chan bool, 8)
	cancel := device().Incoming(func(files []wallet.File, text string) { got <- came{files, text} }, func(b bool) { over <- b })
	defer cancel()
	drag := func(event string, dt js.Value) bool {
		e := js.Global().Get("DragEvent").New(event, map[string]any{"dataTransfer": dt, "bubbles": true, "cancelable": true})
		document().Get("body").Call("dispatchEvent", e)
		return e.Get("defaultPrevented").Bool()
	}
	dt := transfer(map[string]string{"a.json": "{}"})
	drag("dragenter", dt)
	if !<-over {
		t.Error("dragging was not told")
	}
	if !drag("dragover", dt) || !drag("drop", dt) {
		t.Error("the browser would have opened the file")
	}
	if name, how, content := readOne(t, (<-got).files); name != "a.json" || how != "file" || content != "{}" {
		t.Errorf("got %q %q %q", name, how, content)
	}
	if <-over {
		t.Error("dragging was not taken back")
	}

	paste := func(target js.Value, dt js.Value) {
		target.Call("dispatchEvent", js.Global().Get("ClipboardEvent").New("paste",
			map[string]any{"clipboardData": dt, "bubbles": true, "cancelable": true}))
	}
	words := js.Global().Get("DataTransfer").New()
	words.Call("setData", "text/plain", "shlink:/abc")
	paste(document().Get("body"), words)
	if c := <-got; c.text != "shlink:/abc" {
		t.Errorf("pasted: got %+v", c)
	}
	paste(add(t, "input", "own"), words)
	paste(document().Get("body"), transfer(map[string]string{"p.png": "x"}))
	if _, how, _ := readOne(t, (<-got).files); how != "paste" {
		t.Errorf("text pasted into an input was taken, or how is %q", how)
	}
	cancel()
	paste(document().Get("body"), words)
	select {
	case c := <-got:
		t.Errorf("after cancel: %+v", c)
	case <-time.After(100 * time.Millisecond):
	}
}

func TestOnline(t *testing.T) {
	onPage(t)
	d := device()
	if !d.Online() {
		t.Error("Chromium says it is offline")
	}
	said := make(chan bool, 2)
	cancel := d.OnOnline(func(b bool) { said <- b })
	for _, event := range []string{"offline", "online"} {
		js.Global().Call("dispatchEvent", js.Global().Get("Event").New(event))
		if got := <-said; got != (event == "online") {
			t.Errorf("%s: told %v", event, got)
		}
	}
	cancel()
	cancel()
}

func TestDownload(t *testing.T) {
	onPage(t)
	var href, name string
	patch(t, js.Global().Get("HTMLAnchorElement").Get("prototype"), "click",
		function(t, func(this js.Value, _ []js.Value) any {
			href, name = this.Get("href").String(), this.Get("download").String()
			return nil
		}))
	d := device()
	for typ, want := range map[string]string{
		"application/pdf": "application/pdf", "text/html": "application/octet-stream", "image/svg+xml": "application/octet-stream",
	} {
		d.Download("original.bin", typ, []byte("exact bytes"))
		got, b := blob(t, href)
		if name != "original.bin" || got != want || !bytes.Equal(b, []byte("exact bytes")) {
			t.Errorf("%s: got name %q type %q %q", typ, name, got, b)
		}
	}
}

// set a property of the document as the browser would.
func hide(t *testing.T, hidden bool) {
	t.Helper()
	state := "visible"
	if hidden {
		state = "hidden"
	}
	js.Global().Get("Object").Call("defineProperty", document(), "visibilityState", map[string]any{"value": state, "configurable": true})
	t.Cleanup(func() { document().Delete("visibilityState") })
	document().Call("dispatchEvent", js.Global().Get("Event").New("visibilitychange"))
}

func TestWatch(t *testing.T) {
	input := add(t, "input", "photo")
	input.Set("type", "file")
	on(t, input, "click", func(e js.Value) { e.Call("preventDefault") })
	hidden, touched := make(chan bool, 8), make(chan bool, 8)
	cancel := device().Watch(func() { touched <- true }, func(b bool) { hidden <- b })
	defer cancel()
	press := func() {
		document().Get("body").Call("dispatchEvent", js.Global().Get("PointerEvent").New("pointerdown", map[string]any{"bubbles": true}))
	}
	for range 20 {
		press()
	}
	time.Sleep(50 * time.Millisecond)
	if n := len(touched); n != 1 {
		t.Errorf("20 taps within a second: told %d times, want 1", n)
	}
	hide(t, true)
	if !<-hidden {
		t.Error("hiding was not told")
	}
	hide(t, false)
	if <-hidden {
		t.Error("coming back was not told")
	}
	// Our own picker hides the page on a phone.
	input.Call("click")
	hide(t, true)
	hide(t, false)
	input.Call("dispatchEvent", js.Global().Get("Event").New("change", map[string]any{"bubbles": true}))
	select {
	case h := <-hidden:
		t.Errorf("behind our own picker: told %v", h)
	case <-time.After(100 * time.Millisecond):
	}
	hide(t, true)
	if !<-hidden {
		t.Error("after the picker is done, hiding counts again")
	}
	hide(t, false)
	<-hidden
}

func TestUpdate(t *testing.T) {
	onPage(t)
	said := make(chan bool, 4)
	cancel := device().OnUpdate(func() { said <- true })
	defer cancel()
	js.Global().Set("potliUpdate", "")
	js.Global().Call("dispatchEvent", js.Global().Get("Event").New("potli-update"))
	select {
	case <-said:
		t.Error("told of nothing")
	case <-time.After(50 * time.Millisecond):
	}
	js.Global().Set("potliUpdate", "0123456789abcdef")
	for range 2 {
		js.Global().Call("dispatchEvent", js.Global().Get("Event").New("potli-update"))
	}
	<-said
	select {
	case <-said:
		t.Error("told twice")
	case <-time.After(50 * time.Millisecond):
	}
	js.Global().Set("potliUpdate", "")
}

func TestAwake(t *testing.T) {
	onPage(t)
	var asked, released int
	lock := map[string]any{"release": function(t, func(js.Value, []js.Value) any { released++; return nil })}
	fake := map[string]any{"request": function(t, func(js.Value, []js.Value) any {
		asked++
		return js.Global().Get("Promise").Call("resolve", lock)
	})}
	js.Global().Get("Object").Call("defineProperty", js.Global().Get("navigator"), "wakeLock", map[string]any{"value": fake, "configurable": true})
	t.Cleanup(func() { js.Global().Get("navigator").Delete("wakeLock") })
	release := device().KeepAwake()
	eventually(t, "asking", func() bool { return asked == 1 })
	hide(t, true)
	hide(t, false)
	eventually(t, "asking again when the page returns", func() bool { return asked == 2 })
	release()
	release()
	eventually(t, "giving it back", func() bool { return released >= 1 })
	n := asked
	hide(t, true)
	hide(t, false)
	time.Sleep(50 * time.Millisecond)
	if asked != n {
		t.Error("asked after release")
	}
}

// The clipboard answers only to a gesture: e2e/browser clicks the button.
// R11: only where the browser says of itself that it is no app yet.
func TestInstallFirst(t *testing.T) {
	onPage(t)
	d := browser.NewDevice(nil)
	nav := js.Global().Get("navigator")
	if d.InstallFirst() {
		t.Error("this browser is no tab of Safari on iOS")
	}
	for value, want := range map[bool]bool{false: true, true: false} {
		js.Global().Get("Object").Call("defineProperty", nav, "standalone", map[string]any{"value": value, "configurable": true})
		if got := d.InstallFirst(); got != want {
			t.Errorf("standalone %v: %v", value, got)
		}
	}
	js.Global().Get("Reflect").Call("deleteProperty", nav, "standalone")
}

func TestCopy(t *testing.T) {
	inScene(t, "gesture")
	button := add(t, "button", "copy")
	button.Set("textContent", "Copy")
	copied := make(chan error, 1)
	on(t, button, "click", func(js.Value) { go func() { copied <- device().Copy("namaste") }() })
	if err := <-copied; err != nil {
		t.Error(err)
	}
}
