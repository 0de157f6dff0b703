package relayclient_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"potli/app/relayclient"
	"potli/app/relayclient/direct"
	"potli/app/share"
	"potli/relay/wire"
)

// recorder is a host that answers by a function and remembers what it was asked.
type recorder struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []asked
	answer func(n int, r asked, w http.ResponseWriter)
}

type asked struct {
	method, path, query, body string
	header                    http.Header
}

func record(t *testing.T, answer func(n int, r asked, w http.ResponseWriter)) *recorder {
	t.Helper()
	s := &recorder{answer: answer}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		a := asked{r.Method, r.URL.Path, r.URL.RawQuery, string(body), r.Header}
		s.mu.Lock()
		s.asked = append(s.asked, a)
		n := len(s.asked)
		s.mu.Unlock()
		s.answer(n, a, w)
	}))
	t.Cleanup(s.Close)
	return s
}

// requests returns "METHOD path" of all that was asked.
func (s *recorder) requests() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, a := range s.asked {
		all = append(all, a.method+" "+a.path)
	}
	return strings.Join(all, ", ")
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	io.WriteString(w, body)
}

const gone = `{"message":"no longer available"}`

// The limits of the two sides are the same.
func TestLimits(t *testing.T) {
	for _, c := range []struct {
		name      string
		ours, its int64
	}{
		{"life", int64(share.MaxLife), int64(wire.MaxLife)},
		{"shortest life", int64(share.MinLife), int64(wire.MinLife)},
		{"receipts", share.MaxReceipts, wire.MaxReceipts},
		{"uses", share.MaxUses, wire.MaxUses},
		{"attempts", share.MaxAttempts, wire.MaxAttempts},
		{"file", share.MaxJWE, wire.MaxFile},
	} {
		if c.ours != c.its {
			t.Errorf("%s: share %d, wire %d", c.name, c.ours, c.its)
		}
	}
	if share.ReceiptInfo != wire.ReceiptInfo {
		t.Error("ReceiptInfo differs")
	}
	if share.TypeFHIR != wire.ContentTypeFHIR || share.TypeCard != wire.ContentTypeCard || share.TypeAccess != wire.ContentTypeAccess {
		t.Error("content types differ")
	}
}

// SHL-02: the url of a link of ours is short, for any relay with a name of up to 75 characters.
func TestURL(t *testing.T) {
	c := relayclient.New("https://relay.example/", direct.HTTP{}, rand.Reader)
	if got, want := c.URL("abc"), "https://relay.example/l/abc"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// cut is an HTTP without network.
type cut struct{ err error }

func (c cut) Do(context.Context, relayclient.Request) (relayclient.Response, error) {
	return relayclient.Response{}, c.err
}

// No error says where something was to be had: the address of a link opens it.
func TestErrorsNameNothing(t *testing.T) {
	secret := "https://host.example/l/SECRET"
	h := cut{errors.New(`Get "` + secret + `": no such host`)}
	f := &relayclient.Fetcher{HTTP: h, Now: time.Now, Sleep: relayclient.Sleep}
	for _, flag := range []string{"U", "", "P"} {
		_, err := f.Fetch(context.Background(), share.Request{URL: secret, Flag: flag, Recipient: "x", Passcode: "hidden"})
		if !errors.Is(err, share.ErrOffline) || strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "host.example") {
			t.Errorf("flag %q: %v", flag, err)
		}
	}
	c := relayclient.New("https://host.example", h, rand.Reader)
	if _, err := c.Status(context.Background(), share.Ref{ID: "SECRET"}); !errors.Is(err, share.ErrOffline) || strings.Contains(err.Error(), "SECRET") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.Status(ctx, share.Ref{ID: "SECRET"}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
