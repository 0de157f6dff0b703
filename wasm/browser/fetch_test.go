//go:build js

package browser_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"potli/app/relayclient"
	"potli/app/share"
	"potli/wasm/browser"
)

// relay is the origin where e2e/browser answers as a relay might.
func relay(t *testing.T) string {
	t.Helper()
	onPage(t)
	return param("relay")
}

func TestRequestSaysNothingOfUs(t *testing.T) {
	at := relay(t)
	r, err := browser.Network{}.Do(why(t.Context()), relayclient.Request{
		Method: "PUT", URL: at + "/echo", Body: []byte("ciphertext"), Limit: 1 << 16,
		Header: map[string]string{"Content-Type": "application/json", "Authorization": "Bearer x", "If-None-Match": "*"},
	})
	if err != nil || r.Status != 201 {
		t.Fatalf("got %d, %v", r.Status, err)
	}
	said := string(r.Body)
	for _, want := range []string{"PUT", "ciphertext", "Authorization: Bearer x", "If-None-Match: *"} {
		if !strings.Contains(said, want) {
			t.Errorf("the request lacks %q", want)
		}
	}
	for _, never := range []string{"Cookie:", "Referer:"} {
		if strings.Contains(said, never) {
			t.Errorf("the request holds %q", never)
		}
	}
	if got := r.Header["retry-after"]; got != "7" {
		t.Errorf("an exposed header: got %q, want 7", got)
	}
}

func TestAnswers(t *testing.T) {
	at := relay(t)
	for name, c := range map[string]struct {
		path  string
		limit int
		want  error
	}{
		"as long as allowed":   {"/bytes?n=1000", 1000, nil},
		"one byte longer":      {"/bytes?n=1001", 1000, browser.ErrTooLong},
		"longer than it says":  {"/stream?n=5000", 1000, browser.ErrTooLong},
		"redirect":             {"/redirect", 1000, errors.New("any")},
		"no answer":            {"/hang-up", 1000, errors.New("any")},
		"empty":                {"/empty", 1000, nil},
		"an error is answered": {"/missing", 1000, nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := browser.Network{}.Do(why(t.Context()), relayclient.Request{Method: "GET", URL: at + c.path, Limit: c.limit})
			if (err == nil) != (c.want == nil) || (c.want == browser.ErrTooLong && !errors.Is(err, c.want)) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), c.path) {
				t.Errorf("the error quotes the address: %v", err)
			}
		})
	}
}

func TestCancelledRequest(t *testing.T) {
	at := relay(t)
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
	defer cancel()
	begin := time.Now()
	_, err := browser.Network{}.Do(why(ctx), relayclient.Request{Method: "GET", URL: at + "/slow", Limit: 10})
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > 2*time.Second {
		t.Errorf("got %v after %v", err, time.Since(begin))
	}
}

// The policy of the page lets the wallet reach its relay and nobody else.
func TestOtherHostsAreOutOfReach(t *testing.T) {
	onPage(t)
	at := param("elsewhere")
	if _, err := (browser.Network{}).Do(why(t.Context()), relayclient.Request{Method: "GET", URL: at + "/echo", Limit: 1 << 16}); err == nil {
		t.Error("a third origin was reached")
	}
}

func TestAsset(t *testing.T) {
	for _, path := range []string{"https://example.org/x", "//example.org/x", "config.json", ""} {
		if _, err := browser.Asset(t.Context(), path, 1000); err == nil {
			t.Errorf("Asset(%q): got nil", path)
		}
	}
	onPage(t)
	if b, err := browser.Asset(t.Context(), "/config.json", 1000); err != nil || !strings.Contains(string(b), "viewer") {
		t.Errorf("config.json: got %q, %v", b, err)
	}
	if _, err := browser.Asset(t.Context(), "/web/none.json", 1000); err == nil {
		t.Error("a missing file: got nil")
	}
	if _, err := browser.Asset(t.Context(), "/config.json", 5); !errors.Is(err, browser.ErrTooLong) {
		t.Errorf("a longer file: got %v", err)
	}
	d := browser.NewDevice(nil)
	if _, err := d.Catalogue(t.Context(), "../config"); err == nil {
		t.Error("a language that is a path: got nil")
	}
}

// fetcher remembers what it was asked.
type fetcher struct{ urls []string }

func (f *fetcher) Fetch(_ context.Context, r share.Request) (share.Fetched, error) {
	f.urls = append(f.urls, r.URL)
	return share.Fetched{}, nil
}

func TestLinksGoTheirWay(t *testing.T) {
	for url, direct := range map[string]bool{
		"https://relay.example/l/abc":         true,
		"https://RELAY.example/l/abc":         true,
		"https://relay.example:8443/l/abc":    false,
		"http://relay.example/l/abc":          false,
		"https://relay.example.evil.org/l":    false,
		"https://evil@relay.example/l/abc":    true,
		"https://relay.example@evil.org/l/":   false,
		"https://other.example/relay.example": false,
		"javascript:alert(1)":                 false,
		"":                                    false,
		"://":                                 false,
	} {
		var d, f fetcher
		both := browser.Fetchers{Relay: "https://relay.example", Direct: &d, Frame: &f}
		if _, err := both.Fetch(t.Context(), share.Request{URL: url}); err != nil {
			t.Fatal(err)
		}
		if got := len(d.urls) == 1; got != direct || len(d.urls)+len(f.urls) != 1 {
			t.Errorf("%q: direct %v, want %v", url, got, direct)
		}
	}
}
