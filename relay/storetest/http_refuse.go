package storetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"potli/relay/wire"
)

// httpGone: every cause of "no" is the same answer, byte for byte.
func httpGone(t *testing.T, c Client) {
	paused := c.Create(t, "paused", "U", nil)
	want(t, paused.Call(t, "PATCH", "", `{"paused":true}`), http.StatusOK)
	revoked := c.Create(t, "revoked", "U", nil)
	want(t, revoked.Call(t, "DELETE", "", nil), http.StatusNoContent)
	used := c.Create(t, "used", "U", func(w *wire.Create) { w.Uses = 1 })
	want(t, c.Get(t, used.ID, "first"), http.StatusOK)
	locked := c.Create(t, "locked", "P", func(w *wire.Create) { w.Passcode = Verifier("secret", 1) })
	want(t, c.Post(t, locked.ID, wire.ManifestRequest{Passcode: "no"}), http.StatusUnauthorized)

	var first Answer
	for name, id := range map[string]string{
		"unknown": ID("nobody"), "paused": paused.ID, "revoked": revoked.ID, "used up": used.ID, "locked": locked.ID,
		"no id": "x", "bad id": strings.Repeat("!", 43), "loose bits": ID("nobody")[:42] + "_",
	} {
		for _, a := range []Answer{
			c.Get(t, id, "second"),
			c.Post(t, id, wire.ManifestRequest{Recipient: "second", Passcode: "secret"}),
			c.Post(t, id, wire.ManifestRequest{Recipient: "second"}),
		} {
			problem(t, a, http.StatusNotFound)
			a.Header.Del("Date")
			if first.Body == nil {
				first = a
			}
			if !bytes.Equal(a.Body, first.Body) || !maps.EqualFunc(a.Header, first.Header, slices.Equal) {
				t.Errorf("%s: %s %v\n differs from %s %v", name, a.Body, a.Header, first.Body, first.Header)
			}
		}
	}
	for _, path := range []string{"/", "/l/", "/f/", "/f/x", "/l/a/b", "/favicon.ico", "/robots.txt", "//l//", "/l/" + ID("x") + "/", "/../etc", "/v2"} {
		a := c.Do(t, "GET", path, nil, nil)
		if a.Header.Del("Date"); !bytes.Equal(a.Body, first.Body) || a.Status != 404 || !maps.EqualFunc(a.Header, first.Header, slices.Equal) {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
}

func httpPasscode(t *testing.T, c Client) {
	o := c.Create(t, "", "P", func(w *wire.Create) { w.Passcode = Verifier("secret", 5) })
	left := func(passcode string, remaining int) {
		t.Helper()
		p := problem(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "x", Passcode: passcode}), http.StatusUnauthorized)
		if p.RemainingAttempts == nil || *p.RemainingAttempts != remaining {
			t.Errorf("remainingAttempts is %v, want %d", p.RemainingAttempts, remaining)
		}
	}
	right := wire.ManifestRequest{Recipient: "x", Passcode: "secret"}
	left("wrong", 4)
	manifest(t, c.Post(t, o.ID, right))
	left("Secret", 3) // never given back by a success
	left("secret ", 2)
	manifest(t, c.Post(t, o.ID, right))
	left(strings.Repeat("x", wire.MaxPasscode), 1)
	left("wrong", 0)
	problem(t, c.Post(t, o.ID, right), http.StatusNotFound)
	if got := o.Status(t); got.AttemptsLeft != 0 {
		t.Errorf("the owner sees %d attempts left", got.AttemptsLeft)
	}
	// A passcode sent to a link that has none is ignored.
	open := c.Create(t, "open", "", nil)
	manifest(t, c.Post(t, open.ID, right))
}

func httpProbe(t *testing.T, c Client) {
	o := c.Create(t, "", "P", func(w *wire.Create) { w.Passcode = Verifier("secret", 1) })
	for range 10 {
		for _, body := range []string{`{"recipient":"x"}`, `{"recipient":"x","passcode":""}`} {
			p := problem(t, c.Do(t, "POST", wire.LinkPath+o.ID, body, nil), http.StatusUnauthorized)
			if p.Message != "Passcode required" || p.RemainingAttempts == nil || *p.RemainingAttempts != 1 {
				t.Fatalf("got %+v", p)
			}
		}
	}
	manifest(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "x", Passcode: "secret"}))
	if got := o.Status(t); got.AttemptsLeft != 1 || got.UsesLeft != 9 || got.Receipts != 1 {
		t.Errorf("got %+v", got)
	}
}

func httpParallel(t *testing.T, c Client) {
	o := c.Create(t, "", "P", func(w *wire.Create) { w.Passcode = Verifier("secret", 5); w.Uses = 1000 })
	var mu sync.Mutex
	left := map[int]int{}
	statuses := map[int]int{}
	parallel(200, func(i int) {
		a, err := c.Try("POST", wire.LinkPath+o.ID, wire.ManifestRequest{Recipient: fmt.Sprint(i), Passcode: "wrong"}, nil)
		if err != nil {
			t.Error(err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		statuses[a.Status]++
		var p wire.Problem
		if json.Unmarshal(a.Body, &p) == nil && p.RemainingAttempts != nil {
			left[*p.RemainingAttempts]++
		}
	})
	if want := map[int]int{401: 5, 404: 195}; !maps.Equal(statuses, want) {
		t.Errorf("200 wrong passcodes at once: %v, want %v", statuses, want)
	}
	if want := map[int]int{4: 1, 3: 1, 2: 1, 1: 1, 0: 1}; !maps.Equal(left, want) {
		t.Errorf("remainingAttempts: %v, want each once", left)
	}
	want(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "owner", Passcode: "secret"}), http.StatusNotFound)
	list, _ := o.Receipts(t)
	if len(list) != 5 {
		t.Errorf("%d receipts of refusals, want 5", len(list))
	}
}

func httpDebounce(t *testing.T, c Client) {
	o := c.Create(t, "", "P", func(w *wire.Create) { w.Passcode = Verifier("secret", 5); w.Uses = 1 })
	// A deployed viewer: without passcode, then with, then with once more.
	want(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "viewer"}), http.StatusUnauthorized)
	for range 2 {
		f := manifest(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "viewer", Passcode: "secret"}))
		want(t, c.follow(t, f.Location), http.StatusOK)
	}
	want(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "another", Passcode: "secret"}), http.StatusNotFound)
	if list, _ := o.Receipts(t); len(list) != 1 {
		t.Errorf("%d receipts, want 1", len(list))
	}
}

func httpFree(t *testing.T, c Client) {
	o := c.Create(t, "", "U", func(w *wire.Create) { w.Uses = 1 })
	m := c.Create(t, "manifest", "", func(w *wire.Create) { w.Uses = 1 })
	for i := range 5 {
		a := want(t, c.Do(t, "HEAD", wire.LinkPath+o.ID+"?recipient=preview"+fmt.Sprint(i), nil, nil), http.StatusOK)
		if len(a.Body) != 0 {
			t.Error("HEAD has a body")
		}
		header(t, a, "Content-Type", wire.ContentTypeJOSE)
		header(t, a, "Content-Length", strconv.Itoa(len(NewCreate("", "U").File.JWE)))
		want(t, c.Do(t, "OPTIONS", wire.LinkPath+o.ID, nil, nil), http.StatusNoContent)
		want(t, c.Do(t, "HEAD", wire.LinkPath+m.ID, nil, nil), http.StatusMethodNotAllowed)
		want(t, c.Do(t, "HEAD", wire.LinkPath+ID("nobody"), nil, nil), http.StatusNotFound)
	}
	for _, l := range []*Owned{o, m} {
		if got := l.Status(t); got.UsesLeft != 1 || got.Receipts != 0 {
			t.Errorf("got %+v", got)
		}
	}
	f := manifest(t, c.Post(t, m.ID, wire.ManifestRequest{Recipient: "x"}))
	a := want(t, c.Do(t, "HEAD", strings.TrimPrefix(f.Location, c.Base), nil, nil), http.StatusOK)
	header(t, a, "Content-Type", wire.ContentTypeJOSE)
}

func httpStrict(t *testing.T, c Client) {
	o := c.Create(t, "", "U", func(w *wire.Create) { w.StrictRecipient = true })
	for _, recipient := range []string{"", "%20", "%0a%00"} {
		problem(t, c.Get(t, o.ID, recipient), http.StatusBadRequest)
	}
	problem(t, c.Post(t, o.ID, wire.ManifestRequest{}), http.StatusBadRequest)
	want(t, c.Get(t, o.ID, "Dr"), http.StatusOK)
	want(t, c.Get(t, ID("nobody"), ""), http.StatusNotFound)
}
