package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"potli/relay/storetest"
	"potli/relay/wire"
)

// TestDrain stops the program while uploads are half way, a large file is being
// read, somebody waits for news and many others ask as long as /readyz says yes.
// None of them may see an error.
func TestDrain(t *testing.T) {
	const app = "http://localhost:1" // pages play no part
	p := launch(t, testConfig(t), "-rate", "0/0", "-drain", "2s", "-app-url", app)
	c := p.client(app)
	large := c.Create(t, "large", "U", func(c *wire.Create) { c.File.JWE = storetest.JWE(c.File.ContentType, 20<<20) })

	var finish []func() // what was begun, and must end well
	for i := range 10 {
		finish = append(finish, halfCreate(t, p, fmt.Sprint("half", i)))
	}
	finish = append(finish, halfRead(t, p, large.ID))
	waits, wait := waiting(t, p)

	var asked, refused atomic.Int64
	var asking sync.WaitGroup
	for i := range 8 {
		asking.Go(func() {
			mine := p.client(app)
			mine.HTTP.Transport = &http.Transport{}
			for n := 0; ; n++ {
				ready, err := mine.Try("GET", wire.ReadyPath, nil, nil)
				if err != nil || ready.Status != http.StatusOK && ready.Status != http.StatusServiceUnavailable {
					t.Errorf("asking whether it is ready: %d %v", ready.Status, err)
				}
				if err != nil || ready.Status != http.StatusOK {
					refused.Add(1)
					return // as a balancer does
				}
				id, token := storetest.ID(fmt.Sprint(i, "/", n)), storetest.ID(fmt.Sprint("token", i))
				a, err := mine.Try("PUT", wire.ControlPath+id, storetest.NewCreate(token, "U"), storetest.Headers{"If-None-Match", "*"})
				if err != nil || a.Status != http.StatusCreated {
					t.Errorf("a create that was begun before the end: %d %v", a.Status, err)
				}
				asked.Add(1)
			}
		})
	}
	until(t, "some were served", func() bool { return asked.Load() > 50 })
	p.cmd.Process.Signal(syscall.SIGTERM)
	asking.Wait()
	if refused.Load() != 8 {
		t.Errorf("%d of 8 were told to go elsewhere", refused.Load())
	}
	until(t, "the doors are closed", func() bool {
		conn, err := net.Dial("tcp", p.on["relay"])
		if err == nil {
			conn.Close()
		}
		return err != nil
	})
	<-wait
	if err := waits(); err != nil {
		t.Errorf("who waited for news: %v", err)
	}
	for _, f := range finish {
		f()
	}
	p.await(t)
	if strings.Contains(p.log.String(), "WARN") {
		t.Errorf("not a calm end:\n%s", p.log)
	}
	// The write-ahead log has gone into the database.
	if info, err := os.Stat(filepath.Join(p.data, "relay.db-wal")); err == nil && info.Size() > 0 {
		t.Errorf("%d bytes of the log are left", info.Size())
	}
}

// halfCreate sends a create up to the middle of its body, and returns what sends
// the rest and expects 201.
func halfCreate(t *testing.T, p *process, seed string) func() {
	t.Helper()
	body, err := json.Marshal(storetest.NewCreate(storetest.ID("token of "+seed), "U"))
	if err != nil {
		t.Fatal(err)
	}
	conn := dial(t, p.on["relay"])
	fmt.Fprintf(conn, "PUT %s%s HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\nContent-Length: %d\r\n\r\n", wire.ControlPath, storetest.ID(seed), len(body))
	conn.Write(body[:len(body)/2])
	return func() {
		conn.Write(body[len(body)/2:])
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || res.StatusCode != http.StatusCreated {
			t.Errorf("a create that was half sent: %v %v", res, err)
		}
	}
}

// halfRead reads the beginning of a large file, and returns what reads the rest.
func halfRead(t *testing.T, p *process, id string) func() {
	t.Helper()
	conn := dial(t, p.on["relay"])
	fmt.Fprintf(conn, "GET %s%s?recipient=x HTTP/1.1\r\nHost: x\r\n\r\n", wire.LinkPath, id)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("reading: %v %v", res, err)
	}
	return func() {
		n, err := io.Copy(io.Discard, res.Body)
		if err != nil || n != res.ContentLength {
			t.Errorf("a file that was half read: %d of %d bytes, %v", n, res.ContentLength, err)
		}
	}
}

// waiting opens a mailbox and waits at it in both ways. done is closed when both
// have been answered; ended then says whether well.
func waiting(t *testing.T, p *process) (ended func() error, done chan struct{}) {
	t.Helper()
	c := p.client("http://localhost:1")
	token := storetest.ID("token of the mailbox")
	path := wire.MailboxesPath + storetest.ID("mailbox")
	box := wire.OpenMailbox{Token: storetest.TokenHash(token), Life: 3600, Entries: 10, Bytes: 1 << 20}
	if a := c.Do(t, "PUT", path, box, storetest.Headers{"If-None-Match", "*"}); a.Status != http.StatusCreated {
		t.Fatalf("opening a mailbox: %d %s", a.Status, a.Body)
	}
	owner := storetest.Headers{"Authorization", "Bearer " + token}
	var poll, stream error
	var both sync.WaitGroup
	streaming := make(chan struct{})
	both.Go(func() {
		a, err := c.Try("GET", path+"/entries?after=0&wait=25", nil, owner)
		if poll = err; err == nil && (a.Status != http.StatusOK || !bytes.Contains(a.Body, []byte(`"entries":[]`))) {
			poll = fmt.Errorf("got %d %s", a.Status, a.Body)
		}
	})
	both.Go(func() {
		stream = follow(p, path+"/live", token, streaming)
	})
	<-streaming
	done = make(chan struct{})
	go func() { both.Wait(); close(done) }()
	return func() error {
		if poll != nil {
			return poll
		}
		return stream
	}, done
}

// follow reads a stream of events to its end, which must be a clean one.
func follow(p *process, path, token string, begun chan struct{}) error {
	req, err := http.NewRequest("GET", "http://"+p.on["relay"]+path, nil)
	if err != nil {
		close(begun)
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
	close(begun)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the stream: %d", res.StatusCode)
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(2 * time.Minute))
	return conn
}
