package relayclient_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/scrypt"

	"potli/app/relayclient"
	"potli/app/relayclient/direct"
	"potli/app/share"
	"potli/relay/wire"
)

var (
	ctx = context.Background()
	ref = share.Ref{ID: strings.Repeat("i", 43), Token: strings.Repeat("t", 43), Seq: 7}
	b64 = base64.RawURLEncoding
)

func status(s wire.Status) string {
	if s.Now == 0 {
		s.Now = 1_790_000_000
	}
	b, _ := json.Marshal(s)
	return string(b)
}

func client(s *recorder) *relayclient.Client {
	return relayclient.New(s.URL, direct.HTTP{}, rand.Reader)
}

// RL13: create under an id of our own, with If-None-Match; only hashes and a verifier leave.
func TestCreate(t *testing.T) {
	s := record(t, func(_ int, _ asked, w http.ResponseWriter) { answer(w, 201, status(wire.Status{Sequence: 0})) })
	up := share.Upload{Flag: "LP", Life: 90*time.Minute - time.Nanosecond, Uses: 9, Passcode: "acdef347",
		ReceiptKey: []byte("public"), JWE: "a..b.c.d", Type: "application/fhir+json"}
	if _, err := client(s).Create(ctx, ref, up); err != nil {
		t.Fatal(err)
	}
	q := s.asked[0]
	if q.method != "PUT" || q.path != "/v1/links/"+ref.ID || q.header.Get("If-None-Match") != "*" ||
		q.header.Get("Authorization") != "Bearer "+ref.Token || q.header.Get("Content-Type") != "application/json" {
		t.Errorf("asked %s %s %v", q.method, q.path, q.header)
	}
	var got wire.Create
	if err := json.Unmarshal([]byte(q.body), &got); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(ref.Token))
	if got.Token != b64.EncodeToString(sum[:]) || got.Flag != "LP" || got.Life != 5400 || got.Uses != 9 ||
		got.ReceiptKey != b64.EncodeToString([]byte("public")) || got.File != (wire.File{ContentType: up.Type, JWE: up.JWE}) {
		t.Errorf("sent %+v", got)
	}
	salt, _ := b64.DecodeString(got.Passcode.Salt)
	hash, err := scrypt.Key([]byte(up.Passcode), salt, wire.PasscodeScryptN, 8, 1, 32)
	if err != nil || len(salt) != 16 || got.Passcode.Hash != b64.EncodeToString(hash) || got.Passcode.Attempts != wire.MaxAttempts {
		t.Errorf("verifier %+v", got.Passcode)
	}
	if strings.Contains(q.body, up.Passcode) || strings.Contains(q.body, ref.Token) {
		t.Error("a secret left in clear")
	}
}

func TestStatuses(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   error
	}{
		{201, status(wire.Status{}), nil},
		{200, status(wire.Status{}), nil}, // the answer to a create that arrived twice
		{400, `{"message":"x"}`, share.ErrRefused},
		{401, `{"message":"x"}`, share.ErrRefused},
		{404, gone, share.ErrGone},
		{412, `{"message":"taken"}`, share.ErrRefused},
		{413, `{"message":"x"}`, share.ErrTooBig},
		{429, `{"message":"x"}`, share.ErrBusy},
		{500, `{"message":"x"}`, share.ErrBusy},
		{503, `{"message":"x"}`, share.ErrBusy},
		{200, `<html>Log in to the airport's network</html>`, share.ErrOffline},
		{404, `<html>not found</html>`, share.ErrOffline},
		{502, `Bad Gateway`, share.ErrOffline},
		{200, `null`, share.ErrOffline},
		{200, `{}`, share.ErrOffline},
		{200, `{"status":"ok","expires":0}`, share.ErrOffline}, // not that it was revoked
	} {
		s := record(t, func(_ int, _ asked, w http.ResponseWriter) { answer(w, c.status, c.body) })
		_, err := client(s).Create(ctx, ref, share.Upload{Life: time.Hour})
		if !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%d %s: got %v, want %v", c.status, c.body, err, c.want)
		}
	}
	s := record(t, func(_ int, _ asked, w http.ResponseWriter) {
		w.Header().Set("Retry-After", "12")
		answer(w, 429, `{"message":"x"}`)
	})
	var busy *share.BusyError
	if _, err := client(s).Status(ctx, ref); !errors.As(err, &busy) || busy.Wait != 12*time.Second {
		t.Errorf("got %v", err)
	}
}

func TestStatus(t *testing.T) {
	s := record(t, func(_ int, _ asked, w http.ResponseWriter) {
		answer(w, 200, status(wire.Status{Now: 1_780_000_000, Expires: 1_790_000_000, Paused: true, UsesLeft: 3, AttemptsLeft: -1, Receipts: 4, Sequence: 8}))
	})
	got, err := client(s).Status(ctx, ref)
	want := share.Status{Now: time.Unix(1_780_000_000, 0).UTC(), Expires: time.Unix(1_790_000_000, 0).UTC(), Paused: true, UsesLeft: 3, AttemptsLeft: -1, Receipts: 4, Seq: 8}
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	if q := s.asked[0]; q.method != "GET" || q.header.Get(wire.SequenceHeader) != "" || q.body != "" {
		t.Errorf("asked %+v", q)
	}
}

func TestReceipts(t *testing.T) {
	s := record(t, func(_ int, _ asked, w http.ResponseWriter) {
		answer(w, 200, `{"receipts":[{"n":3,"sealed":"aGVsbG8"},{"n":4,"sealed":"!!"}],"dropped":2}`)
	})
	list, dropped, err := client(s).Receipts(ctx, ref, 2)
	if err != nil || dropped != 2 || len(list) != 2 || string(list[0].Sealed) != "hello" || list[0].N != 3 || list[1].N != 4 {
		t.Errorf("got %+v, %d, %v", list, dropped, err)
	}
	if q := s.asked[0]; q.path != "/v1/links/"+ref.ID+"/receipts" || q.query != "after=2" {
		t.Errorf("asked %s?%s", q.path, q.query)
	}
}

func TestChange(t *testing.T) {
	s := record(t, func(_ int, _ asked, w http.ResponseWriter) {
		answer(w, 200, status(wire.Status{Paused: true, Sequence: 7}))
	})
	paused, life, uses := true, time.Hour+time.Nanosecond, 3
	got, err := client(s).Change(ctx, ref, share.Change{Paused: &paused, Life: &life, AddUses: &uses})
	if err != nil || !got.Paused || got.Seq != 7 {
		t.Errorf("got %+v, %v", got, err)
	}
	q := s.asked[0]
	if q.method != "PATCH" || q.header.Get(wire.SequenceHeader) != "7" || q.body != `{"paused":true,"life":3601,"addUses":3}` {
		t.Errorf("asked %s %v %s", q.method, q.header, q.body)
	}
	client(s).Change(ctx, ref, share.Change{Paused: &paused})
	if got := s.asked[1].body; got != `{"paused":true}` {
		t.Errorf("nil members left as %s", got)
	}
}

func TestReplace(t *testing.T) {
	s := record(t, func(_ int, _ asked, w http.ResponseWriter) { answer(w, 200, status(wire.Status{Sequence: 7})) })
	if _, err := client(s).Replace(ctx, ref, "application/fhir+json", "a..b.c.d"); err != nil {
		t.Fatal(err)
	}
	q := s.asked[0]
	if q.method != "PUT" || q.path != "/v1/links/"+ref.ID+"/file" || q.header.Get(wire.SequenceHeader) != "7" ||
		q.body != `{"contentType":"application/fhir+json","jwe":"a..b.c.d"}` {
		t.Errorf("asked %s %s %s", q.method, q.path, q.body)
	}
}

// fakeRelay is a relay in a few lines: a number must grow, and one that does not gets the answer of a link that is gone.
type fakeRelay struct {
	state   wire.Status
	gone    bool
	applied int
	lose    int // answers that get lost after the change was made
}

func (f *fakeRelay) answer(_ int, q asked, w http.ResponseWriter) {
	switch {
	case f.gone:
		answer(w, 404, gone)
		return
	case q.method == "GET":
		answer(w, 200, status(f.state))
		return
	}
	seq := json.Number(q.header.Get(wire.SequenceHeader))
	n, _ := seq.Int64()
	if n <= f.state.Sequence || f.state.Expires == 0 {
		answer(w, 404, gone)
		return
	}
	f.state.Sequence = n
	f.applied++
	var c wire.Change
	json.Unmarshal([]byte(q.body), &c)
	if c.Paused != nil {
		f.state.Paused = *c.Paused
	}
	if c.AddUses != nil {
		f.state.UsesLeft += *c.AddUses
	}
	if q.method == "DELETE" {
		f.state.Expires = 0
	}
	if f.lose > 0 {
		f.lose--
		answer(w, 502, "bad gateway")
		return
	}
	answer(w, 200, status(f.state))
}

// A number that did not grow is not taken for a link that is gone.
func TestStaleSequence(t *testing.T) {
	yes, no, three := true, false, 3
	for _, c := range []struct {
		name    string
		relay   fakeRelay
		change  share.Change
		want    error
		applied int
	}{
		{"as usual", fakeRelay{state: wire.Status{Expires: 9e9, Sequence: 6}}, share.Change{Paused: &yes}, nil, 1},
		{"the ledger is behind", fakeRelay{state: wire.Status{Expires: 9e9, Sequence: 90}}, share.Change{Paused: &yes}, nil, 1},
		{"behind, and already so", fakeRelay{state: wire.Status{Expires: 9e9, Sequence: 90}}, share.Change{Paused: &no}, nil, 0},
		{"the same call again", fakeRelay{state: wire.Status{Expires: 9e9, Sequence: 7, Paused: true}}, share.Change{Paused: &yes}, nil, 0},
		{"uses added by the same call", fakeRelay{state: wire.Status{Expires: 9e9, Sequence: 7, UsesLeft: 5}}, share.Change{AddUses: &three}, nil, 0},
		{"revoked", fakeRelay{state: wire.Status{Sequence: 3}}, share.Change{Paused: &yes}, share.ErrGone, 0},
		{"purged", fakeRelay{gone: true}, share.Change{Paused: &yes}, share.ErrGone, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := c.relay
			got, err := client(record(t, f.answer)).Change(ctx, ref, c.change)
			if !errors.Is(err, c.want) || c.want == nil && err != nil || f.applied != c.applied {
				t.Errorf("%v, applied %d times", err, f.applied)
			}
			if err == nil && c.change.Paused != nil && got.Paused != *c.change.Paused {
				t.Errorf("status %+v", got)
			}
		})
	}
}

// A change whose answer was lost is made once, however often it is repeated.
func TestLostAnswer(t *testing.T) {
	three := 3
	f := fakeRelay{state: wire.Status{Expires: 9e9, Sequence: 6, UsesLeft: 1}, lose: 1}
	c := client(record(t, f.answer))
	if _, err := c.Change(ctx, ref, share.Change{AddUses: &three}); !errors.Is(err, share.ErrOffline) {
		t.Fatalf("first: %v", err)
	}
	got, err := c.Change(ctx, ref, share.Change{AddUses: &three})
	if err != nil || got.UsesLeft != 4 || f.applied != 1 {
		t.Errorf("second: %+v, %v, applied %d times", got, err, f.applied)
	}
}

// nil from Revoke means that no reader gets the link any more, never less.
func TestRevoke(t *testing.T) {
	for _, c := range []struct {
		name  string
		relay fakeRelay
		want  error
	}{
		{"live", fakeRelay{state: wire.Status{Expires: 9e9, Sequence: 6}}, nil},
		{"the ledger is behind", fakeRelay{state: wire.Status{Expires: 9e9, Sequence: 70}}, nil},
		{"revoked before", fakeRelay{state: wire.Status{Expires: 0, Sequence: 7}}, nil},
		{"purged", fakeRelay{gone: true}, nil},
		{"lost answer", fakeRelay{state: wire.Status{Expires: 9e9, Sequence: 6}, lose: 1}, share.ErrOffline},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := c.relay
			cl := client(record(t, f.answer))
			err := cl.Revoke(ctx, ref)
			if !errors.Is(err, c.want) || c.want == nil && err != nil {
				t.Fatalf("got %v", err)
			}
			if !f.gone && f.state.Expires != 0 {
				t.Error("still live")
			}
			if err := cl.Revoke(ctx, ref); err != nil {
				t.Errorf("again: %v", err)
			}
		})
	}
	t.Run("it refuses", func(t *testing.T) {
		s := record(t, func(_ int, q asked, w http.ResponseWriter) {
			if q.method == "GET" {
				answer(w, 200, status(wire.Status{Expires: 9e9, Sequence: 9}))
				return
			}
			answer(w, 404, gone)
		})
		if err := client(s).Revoke(ctx, ref); !errors.Is(err, share.ErrRefused) {
			t.Errorf("got %v: a live link must not pass for revoked", err)
		}
	})
	t.Run("a portal in between", func(t *testing.T) {
		s := record(t, func(_ int, _ asked, w http.ResponseWriter) { answer(w, 404, "<html>log in</html>") })
		if err := client(s).Revoke(ctx, ref); !errors.Is(err, share.ErrOffline) {
			t.Errorf("got %v", err)
		}
	})
}

// hang is a network that swallows whatever it is given.
type hang struct{}

func (hang) Do(ctx context.Context, _ relayclient.Request) (relayclient.Response, error) {
	<-ctx.Done()
	return relayclient.Response{}, ctx.Err()
}

// A request that is never answered ends as one without network, so that the
// person can try again; a large one is given the time it takes.
func TestNoAnswerForTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := relayclient.New("https://relay.example", hang{}, rand.Reader)
		begun := time.Now()
		if err := c.Revoke(ctx, ref); !errors.Is(err, share.ErrOffline) || time.Since(begun) > 2*time.Minute {
			t.Errorf("after %s: %v", time.Since(begun), err)
		}
		begun = time.Now()
		_, err := c.Replace(ctx, ref, "", strings.Repeat("x", 8<<20))
		if !errors.Is(err, share.ErrOffline) || time.Since(begun) < 15*time.Minute {
			t.Errorf("after %s: %v", time.Since(begun), err)
		}
		left, leave := context.WithTimeout(ctx, time.Second)
		defer leave()
		if err := c.Revoke(left, ref); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, share.ErrOffline) {
			t.Errorf("the caller's own patience: %v", err)
		}
	})
}
