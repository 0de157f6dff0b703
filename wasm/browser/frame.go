//go:build js

package browser

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"syscall/js"
	"time"

	"potli/app/share"
	"potli/app/traffic"
)

// Frame talks to the viewer page in an iframe. That page is on an origin of its
// own and may reach any host; the wallet's policy pins it to its relay. So a
// stranger's link is fetched there, after a tap inside the frame, and only
// ciphertext comes back. Nothing from the frame is trusted: it is as hostile as
// the host of the link.
//
//	frame ──▶ {potli: "ready"}                                     once it listens
//	      ◀── {potli: "language", tag}
//	      ◀── {potli: "fetch", id, url, flag, recipient, passcode}
//	      ──▶ {potli: "fetched", id, files: [{contentType, jwe}], status}
//	      ◀── {potli: "keys", id, origin}
//	      ◀── {potli: "note", id, relay, mailbox}
//	      ◀── {potli: "deposit", id, relay, mailbox, entry, sealed}
//	      ──▶ {potli: "answered", id, text}
//	      ◀── {potli: "show", id, type, name, bytes}
//	      ──▶ {potli: "shown", id}
//	      ──▶ {potli: "failed", id, code, remaining, retryAfter}
//
// Only messages with the viewer's origin and from the window of the iframe
// asked are heard.
type Frame struct {
	origin string
	meter  *traffic.Meter // nil in tests alone

	mu    sync.Mutex // owns the fields below; never held while waiting
	ready []js.Value // windows that said ready, the last few
	next  int
	asked map[int]*question
}

// FrameID is the id of the iframe element that Fetch uses; the pages render it.
const FrameID = "viewer-frame"

var _ share.Fetcher = (*Frame)(nil)

// ErrFrame: the framed page did not come up, or broke off.
var ErrFrame = errors.New("the viewer page did not answer")

const (
	frameWait   = 20 * time.Second // for the iframe to be rendered and loaded
	frameLook   = 50 * time.Millisecond
	maxFiles    = 200
	maxFetched  = 96 << 20 // characters of all JWEs together
	keptWindows = 4
)

// question waits for its answer from one window.
type question struct {
	window js.Value
	answer chan js.Value
}

// NewFrame listens for the viewer page at the URL viewer, and notes with m what that
// page is asked to send. Make one a page: its listener stays.
func NewFrame(viewer string, m *traffic.Meter) *Frame {
	f := &Frame{origin: originOf(viewer), meter: m, asked: map[int]*question{}}
	listen(js.Global(), "message", f.hear) // lives as long as the page
	return f
}

// originOf returns scheme and host of a URL, or "" when it has none.
func originOf(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func (f *Frame) hear(e js.Value) {
	if f.origin == "" || text(get(e, "origin")) != f.origin {
		return
	}
	source, data := e.Get("source"), get(e, "data")
	f.mu.Lock()
	defer f.mu.Unlock()
	switch text(get(data, "potli")) {
	case "ready":
		if len(f.ready) == keptWindows {
			f.ready = f.ready[1:]
		}
		f.ready = append(f.ready, source)
	case "fetched", "answered", "shown", "failed":
		q := f.asked[integer(get(data, "id"), 0)]
		if q == nil || !q.window.Equal(source) {
			return
		}
		select {
		case q.answer <- data:
		default: // a second answer to one question
		}
	}
}

// Fetch performs a request of a SMART Health Link receiver in the frame. It
// waits for a person, so it has no limit but ctx; taking the iframe off the
// page is share.ErrCancelled.
func (f *Frame) Fetch(ctx context.Context, r share.Request) (share.Fetched, error) {
	out := len(r.URL) + len(r.Recipient) + len(r.Passcode)
	data, err := f.sends(traffic.Because(ctx, traffic.LinkOpen), r.URL, out, map[string]any{
		"potli": "fetch", "url": r.URL, "flag": r.Flag, "recipient": r.Recipient, "passcode": r.Passcode,
	}, func(data js.Value) (n int) {
		files := get(data, "files")
		for i := range min(max(integer(get(files, "length"), 0), 0), maxFiles) {
			n += size(get(files.Index(i), "jwe"))
		}
		return n
	})
	if err != nil {
		return share.Fetched{}, err
	}
	return fetched(data)
}

// sends is ask for what makes the framed page send something to a host; came says how
// many characters an answer has of it. The page waits for a tap before it sends, so it
// is noted when there is an answer: also a no, and also when the frame went away
// meanwhile, since the tap may have come. The person's own no sends nothing.
func (f *Frame) sends(ctx context.Context, url string, out int, message map[string]any, came func(js.Value) int) (js.Value, error) {
	if traffic.Why(ctx) == "" {
		return js.Undefined(), traffic.ErrNoReason
	}
	data, err := f.ask(ctx, FrameID, message)
	if errors.Is(err, errDeclined) || errors.Is(err, ErrFrame) {
		return data, err
	}
	noted, _ := f.meter.Begin(ctx, url, out)
	if err == nil {
		noted.Got(came(data))
	}
	if !answeredNo(err) {
		noted.End(err)
	}
	return data, err
}

// errDeclined: the person said no in the frame.
var errDeclined = fmt.Errorf("%w in the frame", share.ErrCancelled)

// answeredNo says whether an error is an answer that a host gave.
func answeredNo(err error) bool {
	var wrong *share.PasscodeError
	return errors.As(err, &wrong) || errors.Is(err, share.ErrGone) || errors.Is(err, share.ErrRefused) || errors.Is(err, share.ErrTooBig)
}

// Show gives a document to the frame in the element frameID to be shown.
func (f *Frame) Show(ctx context.Context, frameID, name, typ string, b []byte) error {
	bytes, err := toJS(b)
	if err != nil {
		return err
	}
	buffer := bytes.Get("buffer")
	_, err = f.ask(ctx, frameID, map[string]any{"potli": "show", "type": typ, "name": name, "bytes": buffer}, buffer)
	return err
}

// ask sends one message and waits for its answer.
func (f *Frame) ask(ctx context.Context, frameID string, message map[string]any, transfer ...any) (js.Value, error) {
	window, err := f.window(ctx, frameID)
	if err != nil {
		return js.Undefined(), err
	}
	f.mu.Lock()
	f.next++
	id, q := f.next, &question{window, make(chan js.Value, 1)}
	f.asked[id] = q
	f.mu.Unlock()
	defer func() { f.mu.Lock(); delete(f.asked, id); f.mu.Unlock() }()

	tag := text(global("document", "documentElement", "lang"))
	if _, err := call(window, "postMessage", map[string]any{"potli": "language", "tag": tag}, f.origin); err != nil {
		return js.Undefined(), errors.Join(ErrFrame, err)
	}
	message["id"] = id
	if _, err := call(window, "postMessage", message, f.origin, transfer); err != nil {
		return js.Undefined(), errors.Join(ErrFrame, err)
	}
	look := time.NewTicker(frameLook)
	defer look.Stop()
	for {
		select {
		case data := <-q.answer:
			if text(get(data, "potli")) == "failed" {
				return js.Undefined(), refused(data)
			}
			return data, nil
		case <-look.C:
			if !contentWindow(frameID).Equal(window) {
				return js.Undefined(), share.ErrCancelled
			}
		case <-ctx.Done():
			return js.Undefined(), ctx.Err()
		}
	}
}

// window waits until the iframe is on the page and its page has said ready.
func (f *Frame) window(ctx context.Context, frameID string) (js.Value, error) {
	wait, cancel := context.WithTimeout(ctx, frameWait)
	defer cancel()
	look := time.NewTicker(frameLook)
	defer look.Stop()
	for {
		if w := contentWindow(frameID); w.Truthy() && f.isReady(w) {
			return w, nil
		}
		select {
		case <-look.C:
		case <-wait.Done():
			if ctx.Err() != nil {
				return js.Undefined(), ctx.Err()
			}
			return js.Undefined(), errors.Join(share.ErrOffline, ErrFrame)
		}
	}
}

func (f *Frame) isReady(window js.Value) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, w := range f.ready {
		if w.Equal(window) {
			return true
		}
	}
	return false
}

func contentWindow(frameID string) js.Value {
	el := element(frameID)
	if !el.Truthy() {
		return js.Null()
	}
	w, err := try(func() js.Value { return el.Get("contentWindow") })
	if err != nil {
		return js.Null()
	}
	return w
}

// refused turns a code of the frame into an error of share.
func refused(data js.Value) error {
	switch text(get(data, "code")) {
	case "passcode":
		return &share.PasscodeError{Remaining: integer(get(data, "remaining"), -1)}
	case "gone":
		return share.ErrGone
	case "offline":
		return share.ErrOffline
	case "full":
		return &share.BusyError{}
	case "busy":
		return &share.BusyError{Wait: time.Duration(min(max(integer(get(data, "retryAfter"), 0), 0), 24*60*60)) * time.Second}
	case "cancelled":
		return errDeclined
	case "too-big":
		return share.ErrTooBig
	}
	return share.ErrRefused
}

// fetched reads the ciphertexts, within limits, before they are copied.
func fetched(data js.Value) (share.Fetched, error) {
	list := get(data, "files")
	n := integer(get(list, "length"), 0)
	if n < 0 || n > maxFiles {
		return share.Fetched{}, share.ErrTooBig
	}
	out := share.Fetched{Status: short(get(data, "status"))}
	total := 0
	for i := range n {
		file := list.Index(i)
		jwe := get(file, "jwe")
		if jwe.Type() != js.TypeString {
			return share.Fetched{}, share.ErrRefused
		}
		if total += size(jwe); total > maxFetched {
			return share.Fetched{}, share.ErrTooBig
		}
		out.Files = append(out.Files, share.EncryptedFile{ContentType: short(get(file, "contentType")), JWE: jwe.String()})
	}
	return out, nil
}

// size is the length of a string in UTF-16 units, without copying it.
func size(s js.Value) int {
	v, err := try(func() js.Value { return js.Global().Get("Object").Invoke(s).Get("length") })
	if err != nil {
		return maxFetched + 1
	}
	return integer(v, maxFetched+1)
}

// short is a string that ought to be a word; anything longer is none.
func short(v js.Value) string {
	if v.Type() != js.TypeString || size(v) > 200 {
		return ""
	}
	return v.String()
}

// Fetchers sends a request for a link on our own relay straight there, and any
// other through the frame.
type Fetchers struct {
	Relay  string // origin of our relay
	Direct share.Fetcher
	Frame  share.Fetcher
}

var _ share.Fetcher = Fetchers{}

// Fetch chooses by origin.
func (f Fetchers) Fetch(ctx context.Context, r share.Request) (share.Fetched, error) {
	if o := originOf(f.Relay); o != "" && strings.EqualFold(o, originOf(r.URL)) {
		return f.Direct.Fetch(ctx, r)
	}
	return f.Frame.Fetch(ctx, r)
}
