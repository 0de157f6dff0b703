//go:build js

package browser_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/wasm/browser"
)

// TestSocket: texts come as long as either side wants, and a socket that has died
// does not keep its listener.
func TestSocket(t *testing.T) {
	at := "ws" + strings.TrimPrefix(relay(t), "http") + "/socket"
	protocols := []string{"first", "second"}
	enough := errors.New("enough")
	var got []string
	err := browser.Network{}.Socket(why(t.Context()), at, protocols, func(s string) error {
		if got = append(got, s); len(got) == 3 {
			return enough
		}
		return nil
	})
	if err != enough || !slices.Equal(got, []string{"", "first,second", "2"}) {
		t.Errorf("got %q, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = browser.Network{}.Socket(why(ctx), at, protocols, func(string) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	ignore := func(string) error { return nil }
	if err := (browser.Network{}).Socket(why(t.Context()), at+"?close", protocols, ignore); err != nil {
		t.Errorf("closed by the other side: %v", err)
	}
	if err := (browser.Network{}).Socket(why(t.Context()), strings.TrimSuffix(at, "/socket")+"/empty", protocols, ignore); err == nil {
		t.Error("what is no socket was opened")
	}
	if err := (browser.Network{}).Socket(why(t.Context()), at, []string{"twice", "twice"}, ignore); err == nil {
		t.Error("the browser takes no protocol twice")
	}
	if err := browser.Hear(t.Context(), at+"?mute", protocols, 50*time.Millisecond, ignore); err == nil || !strings.Contains(err.Error(), "silent") {
		t.Errorf("on a dead socket: %v", err)
	}
	// One that answers pings lives on, and pings are nobody's news.
	pings, stop := context.WithTimeout(t.Context(), 3*time.Second)
	defer stop()
	got = nil
	err = browser.Hear(pings, at, protocols, time.Second, func(s string) error { got = append(got, s); return nil })
	if !errors.Is(err, context.DeadlineExceeded) || slices.Contains(got, "pong") || len(got) != 3 {
		t.Errorf("a quiet socket: %q, %v", got, err)
	}
}
