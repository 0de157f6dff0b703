package loadtest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestBound: a relay on one thread is bound by it, however many processors idle.
func TestBound(t *testing.T) {
	for want, r := range map[string]Row{
		"its one thread": {Relay: 0.97, Threads: 1},
		"its threads":    {Relay: 1.95, Threads: 2},
		"waiting":        {Relay: 0.5, Threads: 1},
		"the processors": {Relay: float64(runtime.NumCPU())},
		"other programs": {Relay: 0.1, Others: float64(runtime.NumCPU()) - 0.1},
	} {
		if got := r.Bound(); !strings.HasPrefix(got, want) {
			t.Errorf("%+v is bound by %s, want %s", r, got, want)
		}
	}
}

// TestClient: the raw client understands what servers say, and says what it means.
func TestClient(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("X-Forwarded-For") != "10.1.2.1" || (r.Method == "PUT") != (r.Header.Get("If-None-Match") == "*") {
			t.Errorf("headers %v", r.Header)
		}
		switch r.URL.Path {
		case "/echo":
			if string(body) != "hello" {
				t.Errorf("body %q", body)
			}
		case "/long":
			w.Header().Set("Content-Length", "300000")
			io.WriteString(w, strings.Repeat("x", 300_000))
		case "/chunks":
			for range 5 {
				io.WriteString(w, strings.Repeat("y", 70_000))
				w.(http.Flusher).Flush()
			}
		case "/none":
			w.WriteHeader(http.StatusNoContent)
		default:
			http.Error(w, "no", http.StatusNotFound)
		}
	}))
	defer srv.Close()
	c, err := newClient(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer c.conn.Close()
	for range 2 { // nothing of one answer is left for the next
		for _, tt := range []struct {
			request
			want int
		}{
			{request{"PUT", "/echo", []byte("hello")}, 200},
			{request{"GET", "/long", nil}, 200},
			{request{"GET", "/chunks", nil}, 200},
			{request{"GET", "/none", nil}, 204},
			{request{"POST", "/else", []byte("x")}, 404},
		} {
			if got, err := c.ask(1<<8+2, tt.request); err != nil || got != tt.want {
				t.Errorf("%s: got %d, %v, want %d", tt.path, got, err, tt.want)
			}
		}
	}
}

// TestWrongAnswerEndsTheRow: a rate of refusals is no figure.
func TestWrongAnswerEndsTheRow(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/7") {
			http.Error(w, "no", http.StatusTooManyRequests)
		}
	}))
	defer srv.Close()
	for most, wrong := range map[int]bool{7: false, 8: true} {
		c, err := newClient(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		m := &measuring{Target: Target{Processes: []int{os.Getpid()}, Self: os.Getpid(), Now: time.Now}, clients: []*client{c}}
		err = m.row("x", most, 0, 200, func(i int) request { return request{"GET", fmt.Sprint("/", i), nil} })
		if (err != nil) != wrong {
			t.Errorf("%d requests: %v", most, err)
		}
		if !wrong && (len(m.report.Rows) != 1 || m.report.Rows[0].Requests != most || m.report.Rows[0].P99 <= 0) {
			t.Errorf("got %+v", m.report.Rows)
		}
		m.close()
	}
}

// TestProcesses: a process's time is its own and that of its descendants.
func TestProcesses(t *testing.T) {
	p, err := processes()
	if err != nil {
		t.Skip(err)
	}
	if p.of(os.Getppid()) < p.of(os.Getpid()) {
		t.Error("a parent has less than its child")
	}
	for _, line := range []string{"VmRSS", "VmHWM"} {
		if n, err := memory(os.Getpid(), line); err != nil || n < 1<<20 {
			t.Errorf("%s: %d, %v", line, n, err)
		}
	}
	if _, err := memory(os.Getpid(), "VmNothing"); err == nil {
		t.Error("found a line that is not there")
	}
	if all, err := busy(); err != nil || all < p.own[os.Getpid()] {
		t.Errorf("everything took %v, %v", all, err)
	}
}
