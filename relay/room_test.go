package relay_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"potli/relay"
	"potli/relay/storetest"
	"potli/relay/wire"
)

// from lets a test speak for several networks.
func from(o *relay.Options) {
	o.RemoteAddr = func(r *http.Request) string {
		if from := r.Header.Get("X-From"); from != "" {
			return from
		}
		return "192.0.2.1"
	}
}

// stall sends the head of a request and no more, and keeps the connection.
func stall(t *testing.T, w *world, head string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", w.Base[len("http://"):])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.(*net.TCPConn).SetReadBuffer(4 << 10)
	if _, err := fmt.Fprintf(c, "%s HTTP/1.1\r\nHost: x\r\nX-From: 198.51.100.7\r\n", head); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(c, "If-None-Match: *\r\nContent-Length: 26000000\r\n\r\n{")
	return c
}

// Ten connections that announced 25 MiB and sent nothing took all the room for
// uploads there was, so that nobody could make a link.
func TestT13_OneNetworkCannotTakeTheUploadsOfAll(t *testing.T) {
	w := newWorld(t, from)
	for i := range 12 {
		stall(t, w, "PUT "+wire.ControlPath+storetest.ID(fmt.Sprint(i)))
	}
	put := func(id, from string) int {
		create := storetest.NewCreate(storetest.ID("t"), "U")
		return w.Do(t, "PUT", wire.ControlPath+storetest.ID(id), create, storetest.Headers{"If-None-Match", "*", "X-From", from}).Status
	}
	big := func() int {
		create := storetest.NewCreate(storetest.ID("t"), "U")
		create.File.JWE = storetest.JWE(wire.ContentTypeFHIR, wire.MaxFile)
		return w.Do(t, "PUT", wire.ControlPath+storetest.ID("big"), create, storetest.Headers{"If-None-Match", "*", "X-From", "198.51.100.9"}).Status
	}
	deadline := time.Now().Add(time.Minute)
	for big() != http.StatusServiceUnavailable {
		if time.Now().After(deadline) {
			t.Fatal("the network that stalls still gets room")
		}
	}
	if got := put("another", "203.0.113.5"); got != http.StatusCreated {
		t.Errorf("another network: %d", got)
	}
}

// Readers who do not read held a megabyte each, as many as came.
func TestT13_StalledReadersAreBounded(t *testing.T) {
	w := newWorld(t, func(o *relay.Options) {
		from(o)
		o.Limits.Sends = 8 * relay.PartSize
	})
	o := w.Create(t, "", "U", func(c *wire.Create) { c.File.JWE = storetest.JWE(wire.ContentTypeFHIR, wire.MaxFile) })
	for range 2 {
		c := stall(t, w, "GET "+wire.LinkPath+o.ID+"?recipient=a")
		if line, err := bufio.NewReaderSize(c, 16).Peek(12); err != nil || string(line) != "HTTP/1.1 200" {
			t.Fatalf("%q, %v", line, err)
		}
	}
	get := func(from string) storetest.Answer {
		return w.Do(t, "GET", wire.LinkPath+o.ID+"?recipient=b", nil, storetest.Headers{"X-From", from})
	}
	if got := get("198.51.100.8").Status; got != http.StatusServiceUnavailable {
		t.Errorf("the network that stalls: %d", got)
	}
	if got := get("203.0.113.5"); got.Status != 200 || len(got.Body) != wire.MaxFile {
		t.Errorf("another network: %d, %d bytes", got.Status, len(got.Body))
	}
}

// On a full disk no attempt could be counted and no link revoked.
func TestT12_FullStoreTakesNoMoreFiles(t *testing.T) {
	w := newWorld(t, func(o *relay.Options) { o.Limits.Stored = 3000 })
	file := func(c *wire.Create) { c.File.JWE = storetest.JWE(wire.ContentTypeFHIR, 1200) }
	first := w.Create(t, "1", "U", file)
	w.Create(t, "2", "U", file)
	create := storetest.NewCreate(storetest.ID("t"), "U")
	file(&create)
	for _, purged := range []bool{false, true} {
		if purged {
			purge(t, w)
		}
		a := status(t, w.Put(t, storetest.ID("3"), create), http.StatusServiceUnavailable)
		if a.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	}
	status(t, w.Get(t, first.ID, "x"), 200)
	status(t, first.Call(t, "DELETE", "", nil), http.StatusNoContent)
	purge(t, w)
	status(t, w.Put(t, storetest.ID("3"), create), http.StatusCreated)
}

// A relay that had lost its key answered "wrong passcode" for links that have
// none, and erased them.
func TestAnotherKeyLeavesLinksWithoutPasscode(t *testing.T) {
	var opts relay.Options
	w := newWorld(t, func(o *relay.Options) { opts = *o })
	open, locked := w.Create(t, "open", "U", nil), w.Create(t, "guarded", "P", guarded)
	opts.Key = [32]byte{2}
	h, err := relay.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", wire.LinkPath+open.ID+"?recipient=x", nil))
	if rec.Code != http.StatusOK {
		t.Errorf("without passcode: %d %s", rec.Code, rec.Body)
	}
	if code := postDirect(h, locked.ID, "secret"); code != http.StatusNotFound {
		t.Errorf("with passcode: %d", code)
	}
	if code := postDirect(h, locked.ID, ""); code != http.StatusUnauthorized {
		t.Errorf("asked for the passcode: %d", code)
	}
	if got := locked.Status(t).AttemptsLeft; got != 5 {
		t.Errorf("%d attempts left: some were spent on what nobody can check", got)
	}
}

func purge(t *testing.T, w *world) {
	t.Helper()
	if err := w.handler.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
}
