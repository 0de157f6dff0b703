package relay_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"potli/relay"
	"potli/relay/storetest"
	"potli/relay/wire"
)

// counting counts charges, of which each follows one scrypt check.
type counting struct {
	relay.Store
	charges atomic.Int64
	wait    chan struct{} // when not nil, Charge waits for it
}

func (c *counting) Charge(ctx context.Context, r relay.Reader, mac string) (relay.Charged, error) {
	c.charges.Add(1)
	if c.wait != nil {
		<-c.wait
	}
	return c.Store.Charge(ctx, r, mac)
}

func postDirect(h http.Handler, id, passcode string) int {
	body := fmt.Sprintf(`{"recipient":"x","passcode":%q}`, passcode)
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("POST", wire.LinkPath+id, strings.NewReader(body)))
	return rec.Code
}

// TestT9_RL4_TenThousandGuesses: 10,000 guesses at once are answered with five
// 401, and cost no more scrypt than the attempts and those already running.
func TestT9_RL4_TenThousandGuesses(t *testing.T) {
	store := &counting{}
	w := newWorld(t, func(o *relay.Options) {
		store.Store, o.Store = o.Store, store
		o.Limits.Checks, o.Limits.Waiting = 2, 20_000
	})
	o := w.Create(t, "", "P", guarded)
	var codes [600]atomic.Int64
	var wg sync.WaitGroup
	for range 10_000 {
		wg.Go(func() { codes[postDirect(w.handler, o.ID, "wrong")].Add(1) })
	}
	wg.Wait()
	if a, b := codes[401].Load(), codes[404].Load(); a != 5 || b != 9_995 {
		t.Errorf("%d × 401 and %d × 404, want 5 and 9995", a, b)
	}
	if n := store.charges.Load(); n > 5+2-1 {
		t.Errorf("%d passcodes were checked, want at most 6", n)
	}
	if code := postDirect(w.handler, o.ID, "secret"); code != 404 {
		t.Errorf("the right passcode: %d, want 404", code)
	}
}

// TestRL4_ChecksAreBounded: who finds the queue full is told to wait, and
// has spent nothing.
func TestRL4_ChecksAreBounded(t *testing.T) {
	store := &counting{wait: make(chan struct{})}
	w := newWorld(t, func(o *relay.Options) {
		store.Store, o.Store = o.Store, store
		o.Limits.Checks, o.Limits.Waiting = 1, 1
	})
	o := w.Create(t, "", "P", guarded)
	open := w.Create(t, "open", "", nil)
	// One is in the midst of its charge and one waits for it; all others are too many.
	var codes [600]atomic.Int64
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { codes[postDirect(w.handler, o.ID, "wrong")].Add(1) })
	}
	deadline := time.Now().Add(time.Minute)
	for codes[429].Load() < 48 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	close(store.wait)
	wg.Wait()
	refused, busy := codes[401].Load(), codes[429].Load()
	if busy != 48 || refused != 2 {
		t.Errorf("%d × 429 and %d × 401, want 48 and 2", busy, refused)
	}
	if got := o.Status(t).AttemptsLeft; got != 3 {
		t.Errorf("%d attempts left after 2 refusals", got)
	}
	status(t, w.Post(t, open.ID, wire.ManifestRequest{}), 200) // a link without passcode needs no check
}

// TestT13_UploadsAreBounded: uploads that are held open take their share of
// memory and no more.
func TestT13_UploadsAreBounded(t *testing.T) {
	w := newWorld(t, func(o *relay.Options) { o.Limits.Uploads = 2 * relay.MaxUpload })
	before := w.Create(t, "before", "U", nil)
	var held []*io.PipeWriter
	done := make(chan int, 2)
	for i := range 2 {
		r, in := io.Pipe()
		held = append(held, in)
		req, err := http.NewRequest("PUT", w.Base+wire.ControlPath+storetest.ID(fmt.Sprint("held", i)), r)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("If-None-Match", "*")
		go func() {
			res, err := w.HTTP.Do(req)
			if err != nil {
				done <- 0
				return
			}
			res.Body.Close()
			done <- res.StatusCode
		}()
		// More than the sockets hold: once it is written, the relay is reading it.
		if _, err := in.Write([]byte(`{"token":` + strings.Repeat(" ", 20<<20))); err != nil {
			t.Fatal(err)
		}
	}
	create := storetest.NewCreate(storetest.ID("t"), "U")
	a := status(t, w.Put(t, storetest.ID("third"), create), http.StatusServiceUnavailable)
	if a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	status(t, w.Get(t, before.ID, "x"), 200) // readers are not concerned
	for _, in := range held {
		in.Close()
		if code := <-done; code != http.StatusBadRequest {
			t.Errorf("a broken-off upload: %d, want 400", code)
		}
	}
	status(t, w.Put(t, storetest.ID("after"), create), http.StatusCreated)
}

// TestT13_SlowReaders: a reader who does not read holds neither the store nor
// anybody else up.
func TestT13_SlowReaders(t *testing.T) {
	w := newWorld(t, nil)
	big := w.Create(t, "big", "U", func(c *wire.Create) {
		c.Uses, c.File.JWE = wire.MaxUses, storetest.JWE(wire.ContentTypeFHIR, wire.MaxFile)
	})
	small := w.Create(t, "small", "U", func(c *wire.Create) { c.Uses = wire.MaxUses })
	for i := range 30 {
		res, err := w.HTTP.Get(w.Base + wire.LinkPath + big.ID + fmt.Sprint("?recipient=", i))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close() // not read
	}
	begin := time.Now()
	for i := range 20 {
		status(t, w.Get(t, small.ID, fmt.Sprint(i)), 200)
	}
	if took := time.Since(begin); took > time.Minute {
		t.Errorf("20 openings took %v", took)
	}
}

// TestRevokeWhileReading: a file that is erased under a reader ends in an error
// of the connection, never in a short file that looks whole.
func TestRevokeWhileReading(t *testing.T) {
	w := newWorld(t, nil)
	o := w.Create(t, "", "U", func(c *wire.Create) { c.File.JWE = storetest.JWE(wire.ContentTypeFHIR, wire.MaxFile) })
	res, err := w.HTTP.Get(w.Base + wire.LinkPath + o.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	status(t, o.Call(t, "DELETE", "", nil), http.StatusNoContent)
	if b, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("read %d bytes of %d without an error", len(b), res.ContentLength)
	}
}

func TestNew(t *testing.T) {
	good := relay.Options{Store: &counting{}, Key: [32]byte{1}, PublicURL: "https://relay.example", AppOrigin: "https://app.example:8443"}
	if _, err := relay.New(good); err != nil {
		t.Error(err)
	}
	for name, edit := range map[string]func(*relay.Options){
		"store":      func(o *relay.Options) { o.Store = nil },
		"key":        func(o *relay.Options) { o.Key = [32]byte{} },
		"public URL": func(o *relay.Options) { o.PublicURL = "" },
		"slash":      func(o *relay.Options) { o.PublicURL += "/" },
		"path":       func(o *relay.Options) { o.PublicURL += "/relay" },
		"scheme":     func(o *relay.Options) { o.AppOrigin = "app.example" },
		"any":        func(o *relay.Options) { o.AppOrigin = "*" },
		"query":      func(o *relay.Options) { o.AppOrigin += "?x" },
		"user":       func(o *relay.Options) { o.AppOrigin = "https://a@app.example" },
	} {
		o := good
		edit(&o)
		if _, err := relay.New(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
