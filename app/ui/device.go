package ui

import (
	"context"

	"potli/app/scan"
	"potli/app/wallet"
)

// Device is what pages ask of the browser beside the wallet. Methods never panic; where the browser lacks something they
// say so by their result. Implemented in wasm/browser; a fake serves the tests.
type Device interface {
	Veiler
	Releaser
	Outside
	Linguist
	Speech
	// Copy puts text on the clipboard. Call it first in a click handler, or the gesture is spent.
	Copy(text string) error
	// CanShare and ShareLink use the Web Share API.
	CanShare() bool
	ShareLink(title, url string) error
	// CanHand says whether the system's share sheet takes a text file; Hand opens it. Call it first in what a click
	// does. false without an error: the person chose nothing. A browser may refuse a large one.
	CanHand() bool
	Hand(ctx context.Context, name string, text []byte) (bool, error)
	// Download hands bytes to the browser as a file.
	Download(name, typ string, b []byte)
	// Picture decodes an image of an allowed type, draws it anew on a canvas and returns a blob: URL of the copy.
	// release frees it.
	Picture(ctx context.Context, b []byte) (url string, release func(), err error)
	// Portrait cuts the middle square out of a picture and draws it anew as a small JPEG. Any error: it is no picture
	// that this browser can draw.
	Portrait(ctx context.Context, b []byte) ([]byte, error)
	// Photo decodes a picture into pixels, no larger than wallet.MaxPixels at a side; JPEG writes pixels as a file. Any
	// error: it is no picture that this browser can draw.
	Photo(ctx context.Context, b []byte) (wallet.Pixels, error)
	JPEG(ctx context.Context, p wallet.Pixels) ([]byte, error)
	// Scan turns a camera on, shows it in the video element videoID and returns the text of the first QR code it sees. camera
	// is "" for the one that looks away from the person, or the Next of another. on is told once the picture is there. When
	// Scan returns the camera is off. Errors: those of package scan, and that of ctx.
	Scan(ctx context.Context, videoID, camera string, on func(scan.Camera)) (text string, err error)
	// Film is Scan for many codes: each hears of every one that is seen, until it says that it is enough.
	Film(ctx context.Context, videoID, camera string, on func(scan.Camera), each func(text string) (enough bool)) error
	// Print prints the page.
	Print()
	// KeepAwake asks for a screen wake lock until release; silent when refused, asked again when the page returns.
	KeepAwake() (release func())
	// Picked takes the files out of <input type=file id=inputID> and empties it.
	Picked(inputID, how string) []wallet.File
	// Incoming calls f for files dropped anywhere on the page or pasted, or for pasted text that is no form input.
	// dragging is told while something hangs over the page.
	Incoming(f func(files []wallet.File, text string), dragging func(bool)) (cancel func())
	// Show puts a PDF into the framed viewer page whose iframe element has frameID: another origin, no storage.
	Show(ctx context.Context, frameID, name, typ string, b []byte) error
	// PDF says whether the browser shows PDFs by itself.
	PDF() bool
	// Online says what the browser believes; OnOnline calls f on a change.
	Online() bool
	OnOnline(f func(bool)) (cancel func())
	// Focus moves keyboard focus to an element; SetTitle and SetLanguage set document.title, and lang and dir of <html>.
	Focus(id string)
	SetTitle(s string)
	SetLanguage(tag, dir string)
	// Near calls f when the element id comes near the screen or leaves it, with its height then in CSS pixels, until
	// cancel; once at first too. Who reads on keeps their place when elements above change their height.
	Near(id string, f func(near bool, height float64)) (cancel func())
	// Scrolled is where the element id stands below the upper edge of the screen, and how far the page is scrolled, both in
	// CSS pixels. Return scrolls the page so that it stands there again, or by as much where it has gone, and moves the focus
	// to it, or else to the element instead.
	Scrolled(id string) (top, y float64)
	Return(id string, top, y float64, instead string)
	// SetValue sets the live value of an input (go-app drops an empty Value).
	SetValue(id, value string)
	// Language is the browser's first language tag.
	Language() string
	// Catalogue fetches web/messages/<tag>.json.
	Catalogue(ctx context.Context, tag string) ([]byte, error)
	// Plain fetches web/plain/<name>.json.
	Plain(ctx context.Context, name string) ([]byte, error)
	// Remember keeps a non-personal choice (language, theme) outside the vault; Recall reads it.
	Remember(key, value string)
	Recall(key string) string
	// InstallFirst says whether this browser keeps what a page stores for a week only, until it is on the home screen.
	InstallFirst() bool
	// Update tells when a new release is ready to be used, and switches to it on demand by reloading.
	OnUpdate(f func()) (cancel func())
	Reload()
	Teacher
}
