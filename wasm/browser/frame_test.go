//go:build js

package browser_test

import (
	"context"
	"errors"
	"sync"
	"syscall/js"
	"testing"
	"time"

	"potli/app/share"
	"potli/app/traffic"
	"potli/wasm/browser"
)

var framed = sync.OnceValue(func() *browser.Frame { return browser.NewFrame(param("viewer")+"/", framedMeter) })

// framedMeter notes what the frame was asked to send.
var framedMeter = traffic.NewMeter(time.Now)

// iframe puts a frame on the page whose script behaves as told (frame.js).
func iframe(t *testing.T, origin, behaviour string) (remove func()) {
	t.Helper()
	onPage(t)
	el := js.Global().Get("document").Call("createElement", "iframe")
	el.Set("id", browser.FrameID)
	el.Get("sandbox").Call("add", "allow-scripts", "allow-same-origin")
	el.Set("src", origin+"/frame.html#"+behaviour)
	js.Global().Get("document").Get("body").Call("append", el)
	remove = sync.OnceFunc(func() { el.Call("remove") })
	t.Cleanup(remove)
	return remove
}

var question = share.Request{URL: "https://host.example/l/1", Flag: "P", Recipient: "Meera Sample", Passcode: "k7m2"}

func TestFrameFetches(t *testing.T) {
	iframe(t, param("viewer"), "good")
	framedMeter.Take()
	got, err := framed().Fetch(t.Context(), question)
	rows := framedMeter.Take()
	if len(rows) != 1 || rows[0].Reason != traffic.LinkOpen || rows[0].Host != "host.example" || rows[0].N != 1 || rows[0].In == 0 {
		t.Errorf("in the account: %+v", rows)
	}
	if err != nil || len(got.Files) != 2 || got.Status != "finalized" {
		t.Fatalf("got %+v, %v", got, err)
	}
	// The frame echoes what it was asked, as the first file.
	want := `{"url":"https://host.example/l/1","flag":"P","recipient":"Meera Sample","passcode":"k7m2","language":"en"}`
	if got.Files[0].JWE != want || got.Files[0].ContentType != "application/fhir+json" {
		t.Errorf("the frame was asked %s", got.Files[0].JWE)
	}
}

func TestFrameRefusals(t *testing.T) {
	for code, want := range map[string]error{
		"gone": share.ErrGone, "offline": share.ErrOffline, "busy": share.ErrBusy, "refused": share.ErrRefused,
		"cancelled": share.ErrCancelled, "too-big": share.ErrTooBig, "strange": share.ErrRefused,
	} {
		t.Run(code, func(t *testing.T) {
			defer iframe(t, param("viewer"), "fail-"+code)()
			framedMeter.Take()
			if _, err := framed().Fetch(t.Context(), question); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
			if rows := framedMeter.Take(); (len(rows) == 0) != (code == "cancelled") {
				t.Errorf("in the account: %+v", rows)
			}
		})
	}
	t.Run("passcode", func(t *testing.T) {
		defer iframe(t, param("viewer"), "fail-passcode")()
		_, err := framed().Fetch(t.Context(), question)
		if p, ok := errors.AsType[*share.PasscodeError](err); !ok || p.Remaining != 3 {
			t.Errorf("got %v", err)
		}
	})
	t.Run("busy says how long", func(t *testing.T) {
		defer iframe(t, param("viewer"), "fail-busy")()
		_, err := framed().Fetch(t.Context(), question)
		if b, ok := errors.AsType[*share.BusyError](err); !ok || b.Wait != 9*time.Second {
			t.Errorf("got %v", err)
		}
	})
}

// What is not the viewer, or not its answer, is not heard.
func TestFrameHearsOnlyTheViewer(t *testing.T) {
	onPage(t)
	for _, behaviour := range []string{"wrong-id", "silent"} {
		t.Run(behaviour, func(t *testing.T) {
			defer iframe(t, param("viewer"), behaviour)()
			ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
			defer cancel()
			if got, err := framed().Fetch(ctx, question); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	t.Run("the page itself", func(t *testing.T) {
		defer iframe(t, param("viewer"), "silent")()
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		go func() {
			for range 20 {
				for id := range 60 {
					js.Global().Call("postMessage", map[string]any{
						"potli": "fetched", "id": id, "files": []any{map[string]any{"jwe": "forged"}},
					}, "*")
				}
				time.Sleep(50 * time.Millisecond)
			}
		}()
		if got, err := framed().Fetch(ctx, question); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a forged answer was heard: %+v, %v", got, err)
		}
	})
}

func TestFrameThatMisbehaves(t *testing.T) {
	for behaviour, want := range map[string]error{
		"many": share.ErrTooBig, "no-jwe": share.ErrRefused, "negative": share.ErrRefused,
	} {
		t.Run(behaviour, func(t *testing.T) {
			defer iframe(t, param("viewer"), behaviour)()
			got, err := framed().Fetch(t.Context(), question)
			if behaviour == "negative" {
				if err == nil && len(got.Files) != 0 {
					t.Errorf("got %d files", len(got.Files))
				}
				return
			}
			if !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
		})
	}
}

func TestFrameTakenAway(t *testing.T) {
	remove := iframe(t, param("viewer"), "silent")
	time.AfterFunc(500*time.Millisecond, remove)
	if _, err := framed().Fetch(t.Context(), question); !errors.Is(err, share.ErrCancelled) {
		t.Errorf("got %v, want ErrCancelled", err)
	}
}

func TestShow(t *testing.T) {
	iframe(t, param("viewer"), "good")
	d := browser.NewDevice(framed())
	if err := d.Show(t.Context(), browser.FrameID, "scan.pdf", "application/pdf", []byte("%PDF-1.7 synthetic")); err != nil {
		t.Error(err)
	}
	if err := d.Show(t.Context(), browser.FrameID, "x", "application/pdf", []byte("something else")); !errors.Is(err, share.ErrRefused) {
		t.Errorf("what the frame refuses: got %v", err)
	}
}
