package relayclient_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"potli/app/relayclient"
	"potli/app/share"
	"potli/relay/wire"
)

func TestRL8_Solve(t *testing.T) {
	id := strings.Repeat("i", 43)
	for bits := 0; bits <= 14; bits += 2 {
		tried := 0
		counter, err := relayclient.Solve(wire.Work{Challenge: "challenge", Bits: bits}, id, func(n int) error { tried = n; return nil })
		if err != nil || !wire.WorkDone("challenge", id, counter, bits) {
			t.Errorf("%d bits: %q, %v", bits, counter, err)
		}
		if wire.WorkDone("challenge", id, counter, 60) || wire.WorkDone("other", id, counter, max(bits, 8)) && bits > 8 {
			t.Errorf("%d bits: %q is an answer to all", bits, counter)
		}
		if tried > 64<<bits {
			t.Errorf("%d tries for %d bits", tried, bits)
		}
	}
	stop := errors.New("stop")
	steps := 0
	_, err := relayclient.Solve(wire.Work{Challenge: "c", Bits: wire.MaxWorkBits}, "no answer within three steps", func(int) error {
		if steps++; steps == 3 {
			return stop
		}
		return nil
	})
	if err != stop || steps != 3 {
		t.Errorf("%v after %d steps", err, steps)
	}
	// A server that wants a battery emptied.
	if _, err := relayclient.Solve(wire.Work{Bits: wire.MaxWorkBits + 1}, id, nil); !errors.Is(err, share.ErrRefused) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkRL8_Solve(b *testing.B) {
	tried := 0
	for i := range b.N {
		relayclient.Solve(wire.Work{Challenge: strings.Repeat("c", 58), Bits: wire.MaxWorkBits}, fmt.Sprint(i), func(int) error { tried += 4096; return nil })
	}
	b.ReportMetric(float64(tried)/b.Elapsed().Seconds(), "tries/s")
}

func upload(size int) share.Upload {
	return share.Upload{Flag: "U", Life: time.Hour, Uses: 1, Type: wire.ContentTypeFHIR,
		ReceiptKey: []byte("public"), JWE: strings.Repeat("x", size)}
}

// A challenge that ran out while it was worked on is replaced; one who is never satisfied is left.
func TestRL8_WorkThatIsLate(t *testing.T) {
	n := 0
	s := record(t, func(_ int, r asked, w http.ResponseWriter) {
		if n++; n <= 2 {
			answer(w, 428, fmt.Sprintf(`{"message":"","work":{"challenge":"c%d","bits":4}}`, n))
			return
		}
		if challenge, counter, _ := strings.Cut(r.header.Get(wire.WorkHeader), "."); challenge != "c2" || !wire.WorkDone("c2", ref.ID, counter, 4) {
			t.Errorf("the third time %q", r.header.Get(wire.WorkHeader))
		}
		answer(w, 201, status(wire.Status{}))
	})
	if _, err := client(s).Create(ctx, ref, upload(500)); err != nil || n != 3 {
		t.Errorf("%v after %d requests", err, n)
	}
	s = record(t, func(_ int, _ asked, w http.ResponseWriter) {
		answer(w, 428, `{"message":"","work":{"challenge":"c","bits":0}}`)
	})
	if _, err := client(s).Create(ctx, ref, upload(500)); !errors.Is(err, share.ErrBusy) || len(s.asked) > 5 {
		t.Errorf("%v after %d requests", err, len(s.asked))
	}
	// The other 428, and a page of a hotel.
	for body, want := range map[string]error{`{"message":"A link is created with If-None-Match: *"}`: share.ErrRefused, "<html>": share.ErrOffline,
		`{"message":"","work":{"challenge":"c","bits":60}}`: share.ErrRefused} {
		s = record(t, func(_ int, _ asked, w http.ResponseWriter) { answer(w, 428, body) })
		if _, err := client(s).Create(ctx, ref, upload(500)); !errors.Is(err, want) || len(s.asked) != 1 {
			t.Errorf("%s: %v after %d requests", body, err, len(s.asked))
		}
	}
}

// Who gives up in the middle of the work is let go at once.
func TestRL8_WorkIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(ctx)
	s := record(t, func(_ int, _ asked, w http.ResponseWriter) {
		defer cancel()
		answer(w, 428, `{"message":"","work":{"challenge":"c","bits":17}}`)
	})
	if _, err := client(s).Create(ctx, ref, upload(500)); !errors.Is(err, context.Canceled) || len(s.asked) != 1 {
		t.Errorf("%v after %d requests", err, len(s.asked))
	}
}

// The body of a create is the same whether it was asked for work or not.
func TestRL8_TheBodyIsWhole(t *testing.T) {
	var bodies [][]byte
	s := record(t, func(n int, r asked, w http.ResponseWriter) {
		bodies = append(bodies, []byte(r.body))
		if n == 1 {
			answer(w, 428, `{"message":"","work":{"challenge":"c","bits":1}}`)
			return
		}
		answer(w, 201, status(wire.Status{}))
	})
	if _, err := client(s).Create(ctx, ref, upload(1000)); err != nil {
		t.Fatal(err)
	}
	if len(bodies) != 2 || len(bodies[0]) < 1000 || !bytes.Equal(bodies[0], bodies[1]) {
		t.Errorf("%d bodies", len(bodies))
	}
}
