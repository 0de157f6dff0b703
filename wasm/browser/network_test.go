//go:build js

package browser_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"potli/app/relayclient"
	"potli/app/traffic"
	"potli/wasm/browser"
)

// why gives a reason for tests in which any will do.
func why(ctx context.Context) context.Context { return traffic.Because(ctx, traffic.LinkLook) }

// O6: what has no reason does not leave, and what has one is in the account.
func TestNothingLeavesWithoutAReason(t *testing.T) {
	at := relay(t)
	m := traffic.NewMeter(time.Now)
	n := browser.Network{Meter: m}
	q := relayclient.Request{Method: "PUT", URL: at + "/echo", Body: []byte("ciphertext"), Limit: 1 << 16}
	line := func(string) error { return nil }
	for what, err := range map[string]error{
		"a request": func() error { _, err := n.Do(t.Context(), q); return err }(),
		"a stream":  n.Stream(t.Context(), q, line),
		"a socket":  n.Socket(t.Context(), "ws"+strings.TrimPrefix(at, "http")+"/socket", []string{"a"}, line),
	} {
		if !errors.Is(err, traffic.ErrNoReason) {
			t.Errorf("%s without a reason: %v", what, err)
		}
	}
	if rows := m.Take(); len(rows) != 0 {
		t.Errorf("in the account without having been sent: %+v", rows)
	}
	a, err := n.Do(why(t.Context()), q)
	if err != nil {
		t.Fatal(err)
	}
	q.URL = at + "/hang-up"
	if _, err := n.Do(traffic.Because(t.Context(), traffic.Sync), q); err == nil {
		t.Fatal("no answer is none")
	}
	rows := m.Take()
	if len(rows) != 2 {
		t.Fatalf("the account of two requests: %+v", rows)
	}
	r := rows[0]
	if r.Reason != traffic.LinkLook || r.Host != traffic.Host(at) || r.N != 1 || r.In != int64(len(a.Body)) || r.Out < int64(len(q.Body)) || r.Failed != 0 {
		t.Errorf("a request that was answered: %+v", r)
	}
	if r = rows[1]; r.Failed != 1 || r.N != 1 || r.In != 0 || r.Reason != traffic.Sync {
		t.Errorf("a request without an answer: %+v", r)
	}
	if strings.Contains(r.Host, "hang-up") {
		t.Error("a path is in the account")
	}
}
