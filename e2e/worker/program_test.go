package worker_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"potli/relay/storetest"
	"potli/relay/wire"
)

// many asks n times, from so many clients, and returns how often each status came.
func many(t *testing.T, clients, n int, ask func(i int) (storetest.Answer, error)) map[int]int {
	t.Helper()
	var (
		next     atomic.Int64
		mu       sync.Mutex
		all      sync.WaitGroup
		statuses = map[int]int{}
	)
	for range clients {
		all.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				a, err := ask(int(i))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				statuses[a.Status]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return statuses
}

// TestOneProgram: a thousand requests are answered by one Go program, and nothing
// of them stays behind in it. The library's own way keeps some functions of each,
// and starts a program for each.
func TestOneProgram(t *testing.T) {
	s := start(t, testProgram(t), "SHARDS=1")
	c := s.client()
	o := c.Create(t, "", "U", func(w *wire.Create) { w.Uses = wire.MaxUses })
	round := func() state {
		t.Helper()
		statuses := many(t, 8, 2000, func(i int) (storetest.Answer, error) {
			if i%2 == 0 {
				return c.Try("GET", wire.LinkPath+o.ID+"?recipient=a", nil, nil)
			}
			return c.Try("POST", wire.LinkPath+o.ID, wire.ManifestRequest{Recipient: "a"}, nil)
		})
		if statuses[http.StatusOK] != 2000 {
			t.Fatalf("got %v", statuses)
		}
		return s.state(0)
	}
	first, second := round(), round()
	if first.Programs != 1 || second.Programs != 1 {
		t.Errorf("%d programs, then %d, want 1", first.Programs, second.Programs)
	}
	if grown := second.Held - first.Held; grown > 200 {
		t.Errorf("2,000 requests left %d values of JavaScript behind", grown)
	}
	if grown := second.Memory - first.Memory; grown > 2<<20 {
		t.Errorf("memory grew by %d bytes over 2,000 requests", grown)
	}
	if second.Watching > 1 || second.Timers > 1 {
		t.Errorf("%d watch the program and %d timers run, with nobody there", second.Watching, second.Timers)
	}
}

// TestRecycle: a program that has answered enough is replaced under load, and
// nobody notices.
func TestRecycle(t *testing.T) {
	s := start(t, testProgram(t), "SHARDS=1")
	s.test(0, "limit&name=requests&value=100")
	c := s.client()
	o := c.Create(t, "", "U", func(w *wire.Create) { w.Uses = wire.MaxUses })
	statuses := many(t, 16, 1000, func(i int) (storetest.Answer, error) {
		return c.Try("GET", wire.LinkPath+o.ID+"?recipient=a", nil, nil)
	})
	if statuses[http.StatusOK] != 1000 {
		t.Errorf("got %v", statuses)
	}
	if got := s.state(0).Programs; got < 5 || got > 12 {
		t.Errorf("%d programs for 1,000 requests, 100 each", got)
	}
	if got := o.Status(t); got.UsesLeft != wire.MaxUses-1 {
		t.Errorf("one reader used up %d", wire.MaxUses-got.UsesLeft)
	}
}

// TestPanic: when the program dies, who waits for an answer hears at once, who is
// in the midst of one is cut off, and the next is served by a new program.
func TestPanic(t *testing.T) {
	s := start(t, testProgram(t), "SHARDS=1")
	c := s.client()
	m := c.OpenMailbox(t, "", nil)
	large := c.Create(t, "", "U", func(w *wire.Create) {
		w.Uses = wire.MaxUses
		w.File.JWE = storetest.JWE(w.File.ContentType, 8<<20)
	})
	ended := make(chan string, 15)
	var begun sync.WaitGroup
	for range 10 { // wait at a mailbox where nothing arrives
		begun.Add(1)
		go func() {
			begun.Done()
			a, err := c.Try("GET", wire.MailboxesPath+m.ID+"/entries?wait=25", nil, storetest.Headers{"Authorization", "Bearer " + m.Token})
			if err != nil || a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
				ended <- fmt.Sprintf("waiting: %d %v %v", a.Status, a.Header, err)
				return
			}
			ended <- ""
		}()
	}
	for i := range 5 { // read a file, and stop reading
		begun.Add(1)
		go func() {
			conn, err := net.Dial("tcp", strings.TrimPrefix(s.Base, "http://"))
			if err != nil {
				begun.Done()
				ended <- err.Error()
				return
			}
			defer conn.Close()
			fmt.Fprintf(conn, "GET %s%s?recipient=%d HTTP/1.1\r\nHost: relay\r\nCf-Connecting-Ip: 10.200.%d.1\r\n\r\n", wire.LinkPath, large.ID, i, i)
			first := make([]byte, 1000)
			_, err = io.ReadFull(conn, first)
			begun.Done()
			if err != nil || !bytes.HasPrefix(first, []byte("HTTP/1.1 200")) {
				ended <- fmt.Sprintf("reading: %.60q %v", first, err)
				return
			}
			time.Sleep(300 * time.Millisecond)
			n, err := io.Copy(io.Discard, conn)
			if n >= 8<<20 {
				ended <- fmt.Sprintf("a file came whole from a dead program: %d bytes, %v", n, err)
				return
			}
			ended <- ""
		}()
	}
	begun.Wait()
	eventually(t, "all wait", func() bool { return s.state(0).Watching >= 15 })
	before := s.state(0).Programs
	s.test(0, "crash")
	died := time.Now()
	for range 15 {
		select {
		case fault := <-ended:
			if fault != "" {
				t.Error(fault)
			}
		case <-time.After(20 * time.Second): // they would wait 25 or for ever
			t.Fatal("somebody still waits for a dead program")
		}
	}
	t.Logf("all knew after %v", time.Since(died))
	if got := o200(t, c, large); got != 8<<20 {
		t.Errorf("the next request gets %d bytes", got)
	}
	if got := s.state(0).Programs; got != before+1 {
		t.Errorf("%d programs, want one more than %d", got, before)
	}
}

// o200 opens a link and returns about how many bytes came.
func o200(t *testing.T, c storetest.Client, o *storetest.Owned) int {
	t.Helper()
	a := c.Get(t, o.ID, "again")
	if a.Status != http.StatusOK {
		t.Fatalf("got %d %.200s", a.Status, a.Body)
	}
	return (len(a.Body) + 1<<10) &^ (1<<12 - 1)
}

// TestAlarm: an object is woken when there is something to purge, and no other.
func TestAlarm(t *testing.T) {
	s := start(t, testProgram(t), "SHARDS=4")
	c := s.client()
	s.test(0, "limit&name=purge&value=200")
	for range 20 {
		c.Get(t, storetest.ID("nobody"), "a") // some shard
		c.Do(t, "GET", "/l/x", nil, nil)      // shard 0
		c.Do(t, "POST", wire.LinkPath+storetest.ID("nobody"), `{}`, nil)
	}
	for i := range 4 {
		if got := s.state(i); got.Alarm != nil {
			t.Errorf("shard %d is empty and will be woken: %+v", i, got)
		}
	}
	o := c.Create(t, "", "U", nil)
	shard := int(sha(o.ID)[0]) % 4
	rows := func() (n int) {
		t.Helper()
		if err := json.Unmarshal(s.test(shard, "rows"), &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if s.state(shard).Alarm == nil || rows() < 2 {
		t.Fatalf("a link was made, with %d rows, and nobody will purge it", rows())
	}
	// What the purge needs from then on is that the object is woken: the alarm of
	// a link that lives for an hour is that far away.
	eventually(t, "the first alarm has looked", func() bool {
		a := s.state(shard).Alarm
		return a != nil && time.UnixMilli(*a).After(time.Now().Add(9*time.Minute))
	})
	if rows() < 2 {
		t.Error("a live link was purged")
	}
	for range 24*7 + 2 { // its receipts would be kept for a week
		s.test(shard, "hour")
	}
	s.test(shard, "wake")
	eventually(t, "nothing is left, and nobody will be woken", func() bool { return rows() == 0 && s.state(shard).Alarm == nil })
}

// TestPost: what the relay sends has a length, its headers as they were, follows no
// redirect, and fails in time.
func TestPost(t *testing.T) {
	var got atomic.Pointer[string]
	release := make(chan struct{})
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		text := fmt.Sprintf("%s %s %q %q %d %s", r.Method, r.URL.Path, r.Header.Get("TTL"), r.Header.Get("X-Comma"), r.ContentLength, b)
		got.Store(&text)
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		case "/hang":
			<-release
		default:
			w.WriteHeader(http.StatusCreated)
		}
	}))
	defer sink.Close()
	defer close(release)
	s := start(t, testProgram(t))
	for _, c := range []struct{ path, want, seen string }{
		{"/push", "201", `POST /push "60" "a, b" 4 body`},
		{"/redirect", "302", `POST /redirect "60" "a, b" 4 body`},
		{"/hang", `"context deadline exceeded"`, `POST /hang "60" "a, b" 4 body`},
	} {
		answer := s.test(0, "post&url="+sink.URL+c.path)
		if string(answer) != c.want || *got.Load() != c.seen {
			t.Errorf("%s: got %s after %s, want %s after %s", c.path, answer, *got.Load(), c.want, c.seen)
		}
	}
	if answer := s.test(0, "post&url=http://127.0.0.1:1/"); !strings.Contains(string(answer), "failed") {
		t.Errorf("nobody listens, and the answer is %s", answer)
	}
}

// TestPrivate: after a busy day no id, token, passcode, name or address lies in
// the store's files or in what the runtime printed, and no id is an object's name.
func TestPrivate(t *testing.T) {
	s := start(t, program(t))
	c := s.client()
	o := c.Create(t, "", "P", guarded)
	m := c.OpenMailbox(t, "", nil)
	deposit(t, m, "a")
	for _, passcode := range []string{"secret", "CANARY-PASSCODE", ""} {
		req := wire.ManifestRequest{Recipient: "CANARY-RECIPIENT", Passcode: passcode}
		if _, err := c.Try("POST", wire.LinkPath+o.ID, req, storetest.Headers{"User-Agent", "CANARY-AGENT", "Cookie", "CANARY-COOKIE"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.listen(m.ID, m.Token, appOrigin); err != nil {
		t.Fatal(err)
	}
	s.stop()
	all := map[string][]byte{"the output": []byte(s.out.String())}
	err := filepath.WalkDir(s.Data, func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all[d.Name()], err = os.ReadFile(p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	kept := false
	for name, b := range all {
		kept = kept || bytes.Contains(b, []byte(fmt.Sprintf("%x", sha(o.ID))))
		for what, text := range map[string]string{
			"an id": o.ID, "a token": o.Token, "a mailbox's id": m.ID, "its token": m.Token, "a canary": "CANARY", "an address": "10.0.",
		} {
			if bytes.Contains(b, []byte(text)) || strings.Contains(name, text) {
				t.Errorf("%s has %s", name, what)
			}
		}
	}
	if !kept {
		t.Error("the search does not even find the link's own hash")
	}
}
