//go:build js

package browser_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"potli/app/relayclient"
	"potli/wasm/browser"
)

// TestStream: lines come while the answer goes on, whole however they were cut,
// until either side has enough.
func TestStream(t *testing.T) {
	at := relay(t)
	enough := errors.New("enough")
	stream := func(ctx context.Context, path string, line func(string) error) error {
		q := relayclient.Request{Method: "GET", URL: at + path, Header: map[string]string{"Authorization": "Bearer x"}}
		return browser.Network{}.Stream(why(ctx), q, line)
	}
	var got []string
	err := stream(t.Context(), "/events", func(line string) error {
		if got = append(got, line); len(got) == 5 {
			return enough // the other side goes on until we leave
		}
		return nil
	})
	if want := []string{"event: seq", "data: 1", "", ":", "event: se"}; err != enough || !slices.Equal(got, want) {
		t.Errorf("got %q, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = stream(ctx, "/events", func(string) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	got = nil
	if err := stream(t.Context(), "/bytes?n=0", func(line string) error { got = append(got, line); return nil }); err != nil || got != nil {
		t.Errorf("a stream that ends: %q, %v", got, err)
	}
	if err := stream(t.Context(), "/bytes?n=5000", func(string) error { return nil }); !errors.Is(err, browser.ErrTooLong) {
		t.Errorf("a line that does not end: %v", err)
	}
	if err := stream(t.Context(), "/empty", func(string) error { return nil }); err == nil || !strings.Contains(err.Error(), "204") {
		t.Errorf("another status: %v", err)
	}
}
