package loadtest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestWait: what is put in is told, and a relay that tells nobody, or refuses, is not measured.
func TestWait(t *testing.T) {
	for name, refused := range map[string]string{"told": "", "no mailbox": "PUT", "no stream": "GET", "no deposit": "POST"} {
		var mu sync.Mutex
		arrived := map[string]chan bool{} // by id
		of := func(path string) chan bool {
			mu.Lock()
			defer mu.Unlock()
			id := strings.Split(path, "/")[len(strings.Split(path, "/"))-1]
			if arrived[id] == nil {
				arrived[id] = make(chan bool, 1)
			}
			return arrived[id]
		}
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch path, live := strings.CutSuffix(r.URL.Path, "/live"); {
			case r.Method == refused:
				http.Error(w, "no", http.StatusTooManyRequests)
			case live:
				fmt.Fprint(w, "event: entry\ndata: 0\n\n")
				w.(http.Flusher).Flush()
				select {
				case <-of(path):
					fmt.Fprint(w, ":\n\nevent: entry\ndata: 1\n\n")
				case <-r.Context().Done():
				}
			default:
				w.WriteHeader(http.StatusCreated)
				if r.Method == "POST" {
					of(path) <- true
				}
			}
		}))
		got, err := Target{Base: srv.URL, Processes: []int{os.Getpid()}, Self: os.Getpid(), Now: time.Now, Clients: 3, Each: time.Millisecond}.Wait(20, 10)
		if (err != nil) != (refused != "") {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && (got.P50 <= 0 || got.P99 < got.P50 || got.Streamed < 1<<20) {
			t.Errorf("%s: %+v", name, got)
		}
		srv.CloseClientConnections()
		srv.Close()
	}
}
