package relay_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"potli/relay"
	"potli/relay/storetest"
	"potli/relay/webpush"
	"potli/relay/wire"
)

const (
	pushKey     = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"
	canary      = "CANARYendpoint"
	phone       = "https://fcm.googleapis.com/fcm/send/" + canary
	tablet      = "https://web.push.apple.com/" + canary
	entrySealed = 1366 // characters of 1,024 bytes
)

// pushService is where push messages go.
type pushService struct {
	mu     sync.Mutex // guards what follows
	answer int        // status; 201 when 0
	err    error
	got    []string // endpoints
	header map[string]string
	bodies int
}

func (s *pushService) post(_ context.Context, url string, header map[string]string, body []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got, s.header, s.bodies = append(s.got, url), header, s.bodies+len(body)
	if s.answer == 0 {
		return http.StatusCreated, s.err
	}
	return s.answer, s.err
}

// seen returns the endpoints that were posted to since it was last asked.
func (s *pushService) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	got := s.got
	s.got = nil
	slices.Sort(got)
	return got
}

func (s *pushService) answers(status int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer, s.err = status, err
}

// pushWorld is a relay that sends push messages to a service of the test, with
// one mailbox.
type pushWorld struct {
	*world
	t       *testing.T
	service *pushService
	id      string
	headers storetest.Headers
}

func newPushWorld(t *testing.T, edit func(*relay.Options)) *pushWorld {
	t.Helper()
	w := &pushWorld{t: t, service: new(pushService), id: storetest.ID("box"),
		headers: storetest.Headers{"Authorization", "Bearer " + storetest.ID("token")}}
	w.world = newWorld(t, func(o *relay.Options) {
		o.Push = newPush(t, w.service)
		if edit != nil {
			edit(o)
		}
	})
	w.open(w.id)
	return w
}

func newPush(t *testing.T, s *pushService) *webpush.Sender {
	t.Helper()
	p, err := webpush.New(pushKey, "mailto:push@example.com", s.post)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (w *pushWorld) open(id string) {
	w.t.Helper()
	o := wire.OpenMailbox{Token: storetest.TokenHash(storetest.ID("token")), Life: 86400, Entries: 500, Bytes: 10 << 20}
	if a := w.Do(w.t, "PUT", wire.MailboxesPath+id, o, storetest.Headers{"If-None-Match", "*"}); a.Status != http.StatusCreated {
		w.t.Fatalf("mailbox: %d %s", a.Status, a.Body)
	}
}

// call is a PUT or DELETE of one device of the owner's.
func (w *pushWorld) call(method, id, endpoint string, want int) storetest.Answer {
	w.t.Helper()
	a := w.Do(w.t, method, wire.MailboxesPath+id+"/push", wire.Push{Endpoint: endpoint}, w.headers)
	if a.Status != want {
		w.t.Errorf("%s: got %d %s, want %d", method, a.Status, a.Body, want)
	}
	if strings.Contains(string(a.Body), canary) {
		w.t.Errorf("the answer holds the endpoint: %s", a.Body)
	}
	return a
}

func (w *pushWorld) deposit(id, seed string) int {
	w.t.Helper()
	frame := len(storetest.JWE(wire.ContentTypeEntry, 0)) - 4
	d := wire.Deposit{ID: storetest.ID(seed)[:21] + "A", Sealed: storetest.JWE(wire.ContentTypeEntry, frame+entrySealed)}
	a, err := w.Try("POST", wire.MailboxPath+id, d, nil)
	if err != nil {
		w.t.Error(err)
	}
	return a.Status
}

// arrive deposits and expects 201.
func (w *pushWorld) arrive(id, seed string) {
	w.t.Helper()
	if status := w.deposit(id, seed); status != http.StatusCreated {
		w.t.Fatalf("deposit: %d", status)
	}
}

// push sends what is due and expects messages to these endpoints, in order. It
// returns in how long there will be more to do, 0 for never.
func (w *pushWorld) push(want ...string) time.Duration {
	w.t.Helper()
	if err := w.handler.Push(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	list, next, err := w.store.TakePushes(context.Background(), w.clock.now().Unix())
	if len(list) > 0 || err != nil {
		w.t.Fatalf("%d are left, %v", len(list), err)
	}
	if got := w.service.seen(); !slices.Equal(got, want) {
		w.t.Errorf("messages to %q, want %q", got, want)
	}
	if next == 0 {
		return 0
	}
	return time.Unix(next, 0).Sub(w.clock.now())
}

func TestPush(t *testing.T) {
	w := newPushWorld(t, nil)
	about := storetest.Decode[wire.About](t, w.Do(t, "GET", wire.AboutPath, nil, nil), http.StatusOK)
	if len(about.Push) != 87 { // 65 bytes
		t.Errorf("the push key is %q", about.Push)
	}
	w.arrive(w.id, "before anybody asked")
	w.call("PUT", w.id, phone, http.StatusNoContent)
	w.push()
	for i := range 10 {
		w.arrive(w.id, fmt.Sprint("flood", i))
	}
	w.push(phone)
	if w.service.bodies != 0 {
		t.Errorf("messages have bodies of %d bytes", w.service.bodies)
	}
	w.push() // has been told
	w.arrive(w.id, "soon after")
	if next := w.push(); next != relay.PushQuiet {
		t.Errorf("the next is in %v, want %v", next, relay.PushQuiet)
	}
	w.clock.move(relay.PushQuiet)
	w.push(phone)
	// Two devices, one of which is told no longer.
	w.clock.move(time.Hour)
	w.call("PUT", w.id, tablet, http.StatusNoContent)
	w.call("PUT", w.id, phone, http.StatusNoContent) // again, as every start of a wallet does
	w.arrive(w.id, "hour later")
	w.push(phone, tablet)
	w.call("DELETE", w.id, phone, http.StatusNoContent)
	w.call("DELETE", w.id, phone, http.StatusNoContent)
	w.clock.move(time.Hour)
	w.arrive(w.id, "two hours later")
	w.push(tablet)
}

func TestPushRefuses(t *testing.T) {
	w := newPushWorld(t, nil)
	w.call("PUT", storetest.ID("nobody"), phone, http.StatusNotFound)
	w.call("PUT", "short", phone, http.StatusNotFound)
	for _, e := range []string{
		"", "http://fcm.googleapis.com/" + canary, "https://127.1/" + canary, "https://[::ffff:127.0.0.1]/" + canary,
		"https://169.254.169.254/latest/" + canary, "https://evil.example/" + canary, "https://fcm.googleapis.com:8443/" + canary,
	} {
		w.call("PUT", w.id, e, http.StatusBadRequest)
		w.call("DELETE", w.id, e, http.StatusBadRequest)
	}
	for name, body := range map[string]any{
		"keys": wire.Push{Endpoint: phone, P256dh: "AA", Auth: "AA"}, "unknown member": `{"endpoint":"` + phone + `","x":1}`, "array": `[]`,
	} {
		if a := w.Do(t, "PUT", wire.MailboxesPath+w.id+"/push", body, w.headers); a.Status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
	own := w.headers
	w.headers = storetest.Headers{"Authorization", "Bearer " + storetest.ID("thief")}
	a := w.call("PUT", w.id, phone, http.StatusNotFound)
	b := w.call("DELETE", w.id, phone, http.StatusNotFound)
	if gone := w.Do(t, "GET", "/l/"+storetest.ID("nobody"), nil, nil); string(a.Body) != string(gone.Body) || string(b.Body) != string(gone.Body) {
		t.Errorf("not the one 404: %s, %s, want %s", a.Body, b.Body, gone.Body)
	}
	w.headers = own
	for i := range wire.MaxPushes {
		w.call("PUT", w.id, fmt.Sprint(phone, i), http.StatusNoContent)
	}
	w.call("PUT", w.id, phone, http.StatusConflict)
	w.call("PUT", w.id, phone+"3", http.StatusNoContent)
	w.call("DELETE", w.id, phone+"0", http.StatusNoContent)
	w.call("PUT", w.id, phone, http.StatusNoContent)

	none := newPushWorld(t, func(o *relay.Options) { o.Push = nil })
	none.call("PUT", none.id, phone, http.StatusNotImplemented)
	none.arrive(none.id, "a")
	none.push()
	about := storetest.Decode[wire.About](t, none.Do(t, "GET", wire.AboutPath, nil, nil), http.StatusOK)
	if about.Push != "" {
		t.Errorf("no push, but a key %q", about.Push)
	}
}

// TestPushAnswers: what a push service answers decides whether a device stays.
func TestPushAnswers(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		err    error
		again  bool // it is tried again
	}{
		{"taken", 201, nil, false},
		{"gone", 410, nil, false},
		{"not found", 404, nil, false},
		{"busy", 429, nil, true},
		{"refused", 403, nil, true},
		{"redirect", 307, nil, true},
		{"broken", 500, nil, true},
		{"unreachable", 0, errors.New("dial " + phone), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newPushWorld(t, nil)
			w.t = t
			w.call("PUT", w.id, phone, http.StatusNoContent)
			w.arrive(w.id, "a")
			w.service.answers(c.status, c.err)
			next := w.push(phone)
			if want := relay.PushRetry; c.again != (next == want) {
				t.Errorf("the next is in %v", next)
			}
			w.clock.move(relay.PushRetry)
			if c.again {
				if next := w.push(phone); next != 4*relay.PushRetry {
					t.Errorf("the one after is in %v", next)
				}
				w.service.answers(201, nil)
				w.clock.move(4 * relay.PushRetry)
				w.push(phone)
			}
			w.push()
			w.service.answers(201, nil)
			w.clock.move(time.Hour)
			w.arrive(w.id, "b")
			if gone := c.status == 404 || c.status == 410; gone {
				w.push()
			} else {
				w.push(phone)
			}
		})
	}
}

// TestPushSurvives: what was due before a crash is sent after it.
func TestPushSurvives(t *testing.T) {
	w := newPushWorld(t, nil)
	w.call("PUT", w.id, phone, http.StatusNoContent)
	w.arrive(w.id, "a")
	service := new(pushService)
	h, err := relay.New(relay.Options{Store: openStore(t, w.path), Now: w.clock.now, Key: [32]byte{1},
		PublicURL: w.Base, AppOrigin: appOrigin, Push: newPush(t, service)})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Push(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := service.seen(); !slices.Equal(got, []string{phone}) {
		t.Errorf("messages to %q", got)
	}
	w.push() // the first process sees that it was done
}

// TestPushFlood: deposits and senders in parallel; one message for all, and one
// more for what came while it was on its way.
func TestPushFlood(t *testing.T) {
	w := newPushWorld(t, nil)
	w.call("PUT", w.id, phone, http.StatusNoContent)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			if status := w.deposit(w.id, fmt.Sprint(i)); status != http.StatusCreated {
				t.Errorf("deposit: %d", status)
			}
			if err := w.handler.Push(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := w.service.seen(); len(got) != 1 {
		t.Errorf("%d messages in one quiet time", len(got))
	}
	w.clock.move(relay.PushQuiet)
	if err := w.handler.Push(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := w.service.seen(); len(got) > 1 {
		t.Errorf("%d messages in the next", len(got))
	}
	w.clock.move(relay.PushQuiet)
	w.push()
}

// TestT36_PushIsSealed: whoever reads the disk learns of no endpoint, not even how
// long it is or that two mailboxes have the same device.
func TestT36_PushIsSealed(t *testing.T) {
	w := newPushWorld(t, nil)
	w.open(storetest.ID("other"))
	w.call("PUT", w.id, phone, http.StatusNoContent)
	w.call("PUT", w.id, tablet+strings.Repeat("x", 500), http.StatusNoContent)
	w.call("PUT", storetest.ID("other"), phone, http.StatusNoContent)
	w.arrive(w.id, "a")
	w.arrive(storetest.ID("other"), "b")
	files, err := filepath.Glob(w.path + "*")
	if err != nil || len(files) == 0 {
		t.Fatal("no database")
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{canary, "googleapis", "apple.com"} {
			if strings.Contains(string(b), text) {
				t.Errorf("%q is on disk", text)
			}
		}
	}
	list, _, err := w.store.TakePushes(context.Background(), w.clock.now().Unix())
	if err != nil || len(list) != 3 {
		t.Fatalf("%d rows, %v", len(list), err)
	}
	for i, p := range list {
		for _, q := range list[:i] {
			if len(p.Sealed) != len(q.Sealed) || p.Device == q.Device {
				t.Errorf("rows of %d and %d bytes, devices %s and %s", len(p.Sealed), len(q.Sealed), p.Device, q.Device)
			}
		}
	}
}

// TestPushMoved: a row that was put into another mailbox, or changed, does not
// open, and goes.
func TestPushMoved(t *testing.T) {
	for name, spoil := range map[string]func(*relay.Push){
		"another mailbox": func(*relay.Push) {},
		"another device":  func(p *relay.Push) { p.Device = strings.Repeat("0", 64) },
		"a flipped bit":   func(p *relay.Push) { p.Sealed[40] ^= 1 },
		"cut off":         func(p *relay.Push) { p.Sealed = p.Sealed[:5] },
		"empty":           func(p *relay.Push) { p.Sealed = []byte{} },
	} {
		w := newPushWorld(t, nil)
		w.open(storetest.ID("other"))
		w.call("PUT", w.id, phone, http.StatusNoContent)
		w.call("PUT", storetest.ID("other"), tablet, http.StatusNoContent)
		w.arrive(w.id, "a")
		list, _, err := w.store.TakePushes(context.Background(), w.clock.now().Unix())
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		w.arrive(storetest.ID("other"), "b")
		others, _, err := w.store.TakePushes(context.Background(), w.clock.now().Unix())
		if err != nil || len(others) != 1 {
			t.Fatal(others, err)
		}
		p := list[0]
		if name == "another mailbox" {
			p.Mailbox = others[0].Mailbox
		}
		spoil(&p)
		if err := w.store.DeletePush(context.Background(), list[0].Mailbox, list[0].Device); err != nil {
			t.Fatal(err)
		}
		if ok, err := w.store.PutPush(context.Background(), p, w.clock.now().Unix()); !ok || err != nil {
			t.Fatal(ok, err)
		}
		w.clock.move(time.Hour)
		w.arrive(w.id, "c")
		w.arrive(storetest.ID("other"), "d")
		if next := w.push(tablet); next != 0 {
			t.Errorf("%s: it is tried again in %v", name, next)
		}
	}
}

// TestPushKeys: a device stays known under a key that is replaced, and is not told
// twice; without that key it is gone.
func TestPushKeys(t *testing.T) {
	w := newPushWorld(t, nil)
	w.call("PUT", w.id, phone, http.StatusNoContent)
	at := func(key byte, old ...[32]byte) *pushWorld {
		t.Helper()
		next := *w
		next.world = newWorld(t, func(o *relay.Options) {
			o.Store, o.Key, o.OldKeys, o.Now, o.Push = w.store, [32]byte{key}, old, w.clock.now, newPush(t, w.service)
		})
		next.clock = w.clock
		return &next
	}
	second := at(2, [32]byte{1})
	second.arrive(w.id, "a")
	second.push(phone)
	w.clock.move(time.Hour)
	second.call("PUT", w.id, phone, http.StatusNoContent)
	second.arrive(w.id, "b")
	second.push(phone)
	w.clock.move(time.Hour)
	third := at(3, [32]byte{1})
	third.arrive(w.id, "c")
	third.push()
	w.clock.move(time.Hour)
	second.arrive(w.id, "d")
	second.push() // third has forgotten it
}

// TestPushFails: when the store fails, a deposit is not answered as done, and no
// error names anybody.
func TestPushFails(t *testing.T) {
	failing := new(failingPushes)
	w := newPushWorld(t, func(o *relay.Options) {
		failing.Store = o.Store
		o.Store = failing
	})
	w.call("PUT", w.id, phone, http.StatusNoContent)
	failing.on = true
	if status := w.deposit(w.id, "a"); status != http.StatusServiceUnavailable {
		t.Errorf("deposit: %d", status)
	}
	w.call("PUT", w.id, phone, http.StatusServiceUnavailable)
	w.call("DELETE", w.id, phone, http.StatusServiceUnavailable)
	if err := w.handler.Push(context.Background()); err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("push: %v", err)
	}
	failing.on = false
	w.arrive(w.id, "a") // again: the same entry
	w.push(phone)
}

// failingPushes is a store that fails where push messages are concerned.
type failingPushes struct {
	relay.Store
	on bool
}

var errStore = errors.New("no disk")

func (f *failingPushes) Arrived(ctx context.Context, mailbox string, now int64) error {
	if f.on {
		return errStore
	}
	return f.Store.Arrived(ctx, mailbox, now)
}

func (f *failingPushes) PutPush(ctx context.Context, p relay.Push, now int64) (bool, error) {
	if f.on {
		return false, errStore
	}
	return f.Store.PutPush(ctx, p, now)
}

func (f *failingPushes) DeletePush(ctx context.Context, mailbox, device string) error {
	if f.on {
		return errStore
	}
	return f.Store.DeletePush(ctx, mailbox, device)
}

func (f *failingPushes) TakePushes(ctx context.Context, now int64) ([]relay.Push, int64, error) {
	if f.on {
		return nil, 0, errStore
	}
	return f.Store.TakePushes(ctx, now)
}

// everyPushAnswer has a relay say all that openapi.json allows, troubles of any
// request apart; none sends no push messages.
func everyPushAnswer(t *testing.T, some, none *world) {
	token := storetest.ID("token")
	path := wire.MailboxesPath + storetest.ID("push box")
	o := wire.OpenMailbox{Token: storetest.TokenHash(token), Life: 86400, Entries: 1, Bytes: 1 << 20}
	some.Do(t, "PUT", path, o, storetest.Headers{"If-None-Match", "*"})
	path += "/push"
	owner := storetest.Headers{"Authorization", "Bearer " + token}
	for i := range wire.MaxPushes + 1 {
		some.Do(t, "PUT", path, wire.Push{Endpoint: fmt.Sprint(phone, i)}, owner)
	}
	some.Do(t, "DELETE", path, wire.Push{Endpoint: phone}, owner)
	for _, method := range []string{"PUT", "DELETE", "OPTIONS"} {
		some.Do(t, method, path, `{}`, owner)
		some.Do(t, method, path, strings.Repeat(" ", 1<<20), owner)
		some.Do(t, method, path, `{}`, nil)
		some.Do(t, method, path, `{}`, storetest.Headers{"Origin", "https://evil.example"})
		none.Do(t, method, path, `{}`, owner)
	}
}
