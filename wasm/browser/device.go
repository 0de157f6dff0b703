//go:build js

package browser

import (
	"context"
	"errors"
	"syscall/js"
	"time"
)

// Device is what the pages ask of the browser beside the wallet: ui.Device,
// satisfied by its shape alone. Copy, ShareLink and Print begin before they
// wait, since a browser allows them only while a gesture is fresh.
type Device struct {
	Scanner *Workers // the reader of codes, for a browser that has none; needed by Scan

	frame *Frame
	veil  bool   // is drawn when the page goes to the background
	asked asked  // dialogs of the system that we opened
	near  near   // elements that are watched
	hush  func() // ends what is read aloud
}

// NewDevice returns the device; frame shows documents.
func NewDevice(frame *Frame) *Device {
	d := &Device{frame: frame, hush: func() {}}
	d.asked.watch()
	return d
}

// ErrUnsupported: this browser cannot do it.
var ErrUnsupported = errors.New("this browser cannot do that")

// copyWait bounds a clipboard that never answers (a permission prompt left open).
const copyWait = 5 * time.Second

// Copy puts text on the clipboard.
func (d *Device) Copy(text string) error {
	clipboard := global("navigator", "clipboard")
	if !clipboard.Truthy() {
		return ErrUnsupported
	}
	ctx, cancel := context.WithTimeout(context.Background(), copyWait)
	defer cancel()
	_, err := promised(ctx, clipboard, "writeText", text)
	return err
}

// CanShare says whether the system offers its share sheet.
func (d *Device) CanShare() bool {
	return get(global("navigator"), "share").Type() == js.TypeFunction
}

// ShareLink opens the share sheet. The person closing it is no error.
func (d *Device) ShareLink(title, url string) error {
	if !d.CanShare() {
		return ErrUnsupported
	}
	defer d.asked.open()()
	_, err := promised(context.Background(), global("navigator"), "share", map[string]any{"title": title, "url": url})
	if named(err, "AbortError") {
		return nil
	}
	return err
}

// Download hands bytes to the browser as a file. The type is not passed on:
// a blob: URL of our origin must never be something a browser would run.
func (d *Device) Download(name, typ string, b []byte) {
	url, release, err := blobURL(inert(typ), b)
	if err != nil {
		return
	}
	time.AfterFunc(time.Minute, release) // Safari reads it late
	try(func() js.Value {
		a := js.Global().Get("document").Call("createElement", "a")
		a.Set("href", url)
		a.Set("download", name)
		body := js.Global().Get("document").Get("body")
		body.Call("append", a)
		a.Call("click")
		a.Call("remove")
		return js.Undefined()
	})
}

// inert lets types through that no browser executes.
func inert(typ string) string {
	switch typ {
	case "application/pdf", "image/png", "image/jpeg", "image/webp",
		"application/json", "application/fhir+json", "text/plain":
		return typ
	}
	return "application/octet-stream"
}

// blobURL makes a blob: URL; release frees it.
func blobURL(typ string, b []byte) (url string, release func(), err error) {
	bytes, err := toJS(b)
	if err != nil {
		return "", nil, err
	}
	blob, err := construct("Blob", []any{bytes}, map[string]any{"type": typ})
	if err != nil {
		return "", nil, err
	}
	return objectURL(blob)
}

func objectURL(blob js.Value) (url string, release func(), err error) {
	v, err := call(global("URL"), "createObjectURL", blob)
	if err != nil {
		return "", nil, err
	}
	url = text(v)
	return url, func() { call(global("URL"), "revokeObjectURL", url) }, nil
}

// InstallFirst: Safari on iOS and iPadOS alone has navigator.standalone, which is
// false in a tab.
func (d *Device) InstallFirst() bool {
	v := global("navigator", "standalone")
	return v.Type() == js.TypeBoolean && !v.Bool()
}

// Print prints the page.
func (d *Device) Print() {
	defer d.asked.open()()
	call(js.Global(), "print")
}

// Show puts a document into the framed viewer page.
func (d *Device) Show(ctx context.Context, frameID, name, typ string, b []byte) error {
	return d.frame.Show(ctx, frameID, name, typ, b)
}

// PDF says whether the browser shows PDFs by itself.
func (d *Device) PDF() bool { return yes(global("navigator", "pdfViewerEnabled")) }

// Online says what the browser believes.
func (d *Device) Online() bool {
	v := global("navigator", "onLine")
	return v.Type() != js.TypeBoolean || v.Bool()
}

// OnOnline calls f when that changes.
func (d *Device) OnOnline(f func(bool)) (cancel func()) {
	tell := teller{f: f, said: d.Online()}
	on := listen(js.Global(), "online", func(js.Value) { tell.say(true) })
	off := listen(js.Global(), "offline", func(js.Value) { tell.say(false) })
	return func() { on(); off() }
}

// element is document.getElementById, or null.
func element(id string) js.Value {
	v, err := call(global("document"), "getElementById", id)
	if err != nil {
		return js.Null()
	}
	return v
}

// Focus moves keyboard focus to an element. It waits for the next frame, when
// what was just decided has been drawn.
func (d *Device) Focus(id string) {
	nextFrame(func() {
		if el := element(id); el.Truthy() {
			call(el, "focus")
		}
	})
}

// nextFrame calls f once the page has been drawn again.
func nextFrame(f func()) {
	var fn js.Func
	fn = js.FuncOf(func(js.Value, []js.Value) any {
		fn.Release()
		f()
		return nil
	})
	if _, err := call(js.Global(), "requestAnimationFrame", fn); err != nil {
		fn.Release()
	}
}

// SetTitle sets the title of the page.
func (d *Device) SetTitle(s string) { set(global("document"), "title", s) }

// SetLanguage sets lang and dir of the page.
func (d *Device) SetLanguage(tag, dir string) {
	root := global("document", "documentElement")
	set(root, "lang", tag)
	set(root, "dir", dir)
}

// SetValue sets the live value of an input.
func (d *Device) SetValue(id, value string) { set(element(id), "value", value) }

func set(v js.Value, key string, value any) {
	if v.Type() == js.TypeObject {
		try(func() js.Value { v.Set(key, value); return js.Undefined() })
	}
}

// Language is the browser's first language tag.
func (d *Device) Language() string { return text(global("navigator", "language")) }

// maxCatalogue bounds a catalogue of messages.
const maxCatalogue = 1 << 20

// Catalogue fetches the messages of a language.
func (d *Device) Catalogue(ctx context.Context, tag string) ([]byte, error) {
	if !plainName(tag) {
		return nil, errors.New("not a language tag")
	}
	return Asset(ctx, "/web/messages/"+tag+".json", maxCatalogue)
}

// plainName says whether a name is of letters, digits and hyphens alone, so that it
// leads to no other folder.
func plainName(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// maxPlain bounds a file of explanations.
const maxPlain = 512 << 10

// Plain fetches a file of explanations.
func (d *Device) Plain(ctx context.Context, name string) ([]byte, error) {
	if !plainName(name) {
		return nil, errors.New("not a name of explanations")
	}
	return Asset(ctx, "/web/plain/"+name+".json", maxPlain)
}

// choicePrefix is where web/boot.js looks too, for the language. Only what says
// nothing about a person may be kept so: it is readable to all.
const choicePrefix = "potli."

// Remember keeps a choice outside the vault; Recall reads it.
func (d *Device) Remember(key, value string) {
	if choicePrefix+key != sentinelKey {
		remember(choicePrefix+key, value)
	}
}

func (d *Device) Recall(key string) string { return recall(choicePrefix + key) }

// Reload starts the page anew, on the newest release.
func (d *Device) Reload() { call(global("location"), "reload") }
