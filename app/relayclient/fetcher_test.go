package relayclient_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"potli/app/relayclient"
	"potli/app/relayclient/direct"
	"potli/app/share"
	"potli/relay/wire"
)

// clock is a time that stands until somebody sleeps.
type clock struct {
	now   time.Time
	slept []time.Duration
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.now = c.now.Add(d)
	c.slept = append(c.slept, d)
	return ctx.Err()
}

func fetcher(c *clock) *relayclient.Fetcher {
	return &relayclient.Fetcher{HTTP: direct.HTTP{}, Now: func() time.Time { return c.now }, Sleep: c.sleep}
}

func fetch(s *recorder, flag, passcode string) (share.Fetched, error) {
	return fetcher(&clock{now: time.Unix(1e9, 0)}).Fetch(ctx, share.Request{URL: s.URL + "/l/x", Flag: flag, Recipient: "City Clinic", Passcode: passcode})
}

// files writes a manifest.
func files(members ...string) string {
	return `{"files":[` + strings.Join(members, ",") + `]}`
}

const fhirFile = `"contentType":"application/fhir+json"`

// SHL-36, SHL-37: U is one GET with recipient, whatever stands in it, and never a manifest request.
func TestSHL36Direct(t *testing.T) {
	s := record(t, func(_ int, _ asked, w http.ResponseWriter) { io.WriteString(w, " a..b.c.d\n") })
	for _, who := range []string{"City Clinic", "A&B=C? #1/2+3", "डॉ. राव", "100%"} {
		r := share.Request{URL: s.URL + "/l/x", Flag: "LU", Recipient: who, Passcode: "never sent"}
		got, err := fetcher(&clock{}).Fetch(ctx, r)
		if err != nil || len(got.Files) != 1 || got.Files[0].JWE != "a..b.c.d" {
			t.Fatalf("%+v, %v", got, err)
		}
		q := s.asked[len(s.asked)-1]
		values, err := http.NewRequest("GET", "http://x/?"+q.query, nil)
		if err != nil || values.URL.Query().Get("recipient") != who || strings.Contains(q.query, "+") || q.method != "GET" || q.body != "" {
			t.Errorf("%q went as %s %s", who, q.method, q.query)
		}
	}
	fetcher(&clock{}).Fetch(ctx, share.Request{URL: s.URL + "/l/x?a=b#frag", Flag: "U", Recipient: "x"})
	if q := s.asked[len(s.asked)-1]; q.query != "a=b&recipient=x" {
		t.Errorf("query %q", q.query)
	}
}

// SHL-15, SHL-16, SHL-17: without U a POST of JSON with recipient, and with P the passcode.
func TestSHL15Manifest(t *testing.T) {
	s := record(t, func(_ int, _ asked, w http.ResponseWriter) {
		answer(w, 200, files(`{`+fhirFile+`,"embedded":"a..b.c.d"}`))
	})
	for flag, want := range map[string]string{"": "", "L": "", "P": "acdef347", "LP": "acdef347"} {
		got, err := fetch(s, flag, "acdef347")
		if err != nil || len(got.Files) != 1 || got.Files[0] != (share.EncryptedFile{ContentType: "application/fhir+json", JWE: "a..b.c.d"}) {
			t.Fatalf("%+v, %v", got, err)
		}
		q := s.asked[len(s.asked)-1]
		var body wire.ManifestRequest
		if err := json.Unmarshal([]byte(q.body), &body); err != nil {
			t.Fatal(err)
		}
		if q.method != "POST" || q.header.Get("Content-Type") != "application/json" || q.query != "" ||
			body.Recipient != "City Clinic" || body.Passcode != want || body.EmbeddedLengthMax == nil {
			t.Errorf("flag %q: %s %q %s", flag, q.method, q.query, q.body)
		}
	}
	for _, r := range []share.Request{{URL: s.URL, Recipient: " "}, {URL: "http://elsewhere.example/", Recipient: "x"}, {URL: "ftp://x/", Recipient: "x"}} {
		n := len(s.asked)
		if _, err := fetcher(&clock{}).Fetch(ctx, r); err == nil || len(s.asked) != n {
			t.Errorf("%+v was asked", r)
		}
	}
}

// SHL-13, SHL-33 and the tolerances of §5.6.
func TestSHL13Tolerant(t *testing.T) {
	s := record(t, func(_ int, q asked, w http.ResponseWriter) {
		if q.method == "GET" {
			io.WriteString(w, "from..location.x.y")
			return
		}
		w.Header().Set("X-Unknown", "1")
		answer(w, 200, `{"zz":1,"status":"can-change","list":{"resourceType":"List","extension":[{"url":"x"}]},"files":[
			{`+fhirFile+`,"embedded":"a..b.c.d","location":"/f/1","status":"finalized","extension":[1]},
			{"location":"/f/2"},
			{"contentType":"application/pdf","embedded":"p..d.f.x"},
			{"contentType":5,"embedded":["x"]},
			"text", null]}`)
	})
	got, err := fetch(s, "", "")
	if err != nil {
		t.Fatal(err)
	}
	want := []share.EncryptedFile{{ContentType: "application/fhir+json", JWE: "a..b.c.d"}, {JWE: "from..location.x.y"},
		{ContentType: "application/pdf", JWE: "p..d.f.x"}, {}, {}, {}}
	if fmt.Sprint(got.Files) != fmt.Sprint(want) || got.Status != "can-change" {
		t.Errorf("got %+v", got)
	}
	if r := s.requests(); r != "POST /l/x, GET /f/2" {
		t.Errorf("asked %s: embedded is taken before location", r)
	}
}

// SHL-28, SHL-30: a location that is spent sends us back for a fresh one, once.
func TestSHL30FreshLocation(t *testing.T) {
	s := record(t, func(n int, q asked, w http.ResponseWriter) {
		switch {
		case q.method == "POST":
			answer(w, 200, files(fmt.Sprintf(`{%s,"location":"/f/%d"}`, fhirFile, n)))
		case q.path == "/f/1":
			answer(w, 404, gone)
		default:
			io.WriteString(w, "a..b.c.d")
		}
	})
	got, err := fetch(s, "", "")
	if err != nil || len(got.Files) != 1 || got.Files[0].JWE != "a..b.c.d" {
		t.Errorf("%+v, %v", got, err)
	}
	if r := s.requests(); r != "POST /l/x, GET /f/1, POST /l/x, GET /f/3" {
		t.Errorf("asked %s", r)
	}

	dead := record(t, func(_ int, q asked, w http.ResponseWriter) {
		if q.method == "POST" {
			answer(w, 200, files(`{`+fhirFile+`,"location":"/f/x"}`))
			return
		}
		answer(w, 404, gone)
	})
	if _, err := fetch(dead, "", ""); !errors.Is(err, share.ErrGone) || len(dead.asked) != 4 {
		t.Errorf("%v after %s", err, dead.requests())
	}
}

// The good files are kept when one cannot be had.
func TestGoodFilesKept(t *testing.T) {
	s := record(t, func(_ int, q asked, w http.ResponseWriter) {
		if q.method == "POST" {
			answer(w, 200, files(`{`+fhirFile+`,"location":"/f/bad"}`, `{`+fhirFile+`,"embedded":"a..b.c.d"}`, `{`+fhirFile+`,"location":"javascript:alert(1)"}`))
			return
		}
		answer(w, 500, gone)
	})
	got, err := fetch(s, "", "")
	if err != nil || len(got.Files) != 3 || got.Files[0].JWE != "" || got.Files[1].JWE == "" || got.Files[2].JWE != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

// SHL-29: no location is used an hour after its manifest.
func TestSHL29OldLocation(t *testing.T) {
	c := &clock{now: time.Unix(1e9, 0)}
	s := record(t, func(_ int, q asked, w http.ResponseWriter) {
		if q.method == "POST" {
			answer(w, 200, files(`{`+fhirFile+`,"location":"/f/slow"}`, `{`+fhirFile+`,"location":"/f/late"}`))
			return
		}
		c.now = c.now.Add(time.Hour)
		io.WriteString(w, "a..b.c.d")
	})
	got, err := fetcher(c).Fetch(ctx, share.Request{URL: s.URL + "/l/x", Recipient: "x"})
	if strings.Contains(s.requests(), "late") {
		t.Errorf("asked %s", s.requests())
	}
	if err != nil || got.Files[0].JWE == "" || got.Files[1].JWE != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

// SHL-34: after a 429 the wait is kept, or told when it is long. SHL-35: of a 200 it is passed on.
func TestSHL34RetryAfter(t *testing.T) {
	busy := func(seconds string, times int) func(int, asked, http.ResponseWriter) {
		return func(n int, _ asked, w http.ResponseWriter) {
			w.Header().Set("Retry-After", seconds)
			if n <= times {
				answer(w, 429, `{"message":"slow"}`)
				return
			}
			io.WriteString(w, "a..b.c.d")
		}
	}
	c := &clock{now: time.Unix(1e9, 0)}
	s := record(t, busy("7", 1))
	got, err := fetcher(c).Fetch(ctx, share.Request{URL: s.URL, Flag: "U", Recipient: "x"})
	if err != nil || fmt.Sprint(c.slept) != "[7s]" || got.Wait != 7 {
		t.Errorf("%+v, %v, slept %v", got, err, c.slept)
	}
	for seconds, wait := range map[string]time.Duration{"3600": time.Hour, "": 0, "soon": 0, "-5": 0} {
		c, s := &clock{}, record(t, busy(seconds, 9))
		var e *share.BusyError
		if _, err := fetcher(c).Fetch(ctx, share.Request{URL: s.URL, Flag: "U", Recipient: "x"}); !errors.As(err, &e) || e.Wait != wait || len(c.slept) != 0 || len(s.asked) != 1 {
			t.Errorf("%q: %v, slept %v, %d requests", seconds, err, c.slept, len(s.asked))
		}
	}
	c, s = &clock{}, record(t, busy("3", 9))
	if _, err := fetcher(c).Fetch(ctx, share.Request{URL: s.URL, Flag: "U", Recipient: "x"}); !errors.Is(err, share.ErrBusy) || len(s.asked) != 2 {
		t.Errorf("%v after %d requests: never a third", err, len(s.asked))
	}
}

func TestFetchStatuses(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   error
	}{
		{404, gone, share.ErrGone}, {404, "not JSON", share.ErrGone}, {410, gone, share.ErrGone},
		{400, `{}`, share.ErrRefused}, {403, `{}`, share.ErrRefused}, {405, `{}`, share.ErrRefused}, {500, ``, share.ErrBusy},
		{200, `not a manifest`, share.ErrRefused}, {200, `null`, share.ErrRefused}, {200, `{"files":5}`, share.ErrRefused},
		{200, `{"files":[` + strings.Repeat(`{},`, share.MaxFiles) + `{}]}`, share.ErrTooBig},
	} {
		s := record(t, func(_ int, _ asked, w http.ResponseWriter) { answer(w, c.status, c.body) })
		if _, err := fetch(s, "", ""); !errors.Is(err, c.want) {
			t.Errorf("%d %.40s: got %v, want %v", c.status, c.body, err, c.want)
		}
	}
	for body, want := range map[string]int{`{"remainingAttempts":4}`: 4, `{"remainingAttempts":0}`: 0, `{}`: -1, `no`: -1, `{"remainingAttempts":"3"}`: -1} {
		s := record(t, func(_ int, _ asked, w http.ResponseWriter) { answer(w, 401, body) })
		var e *share.PasscodeError
		if _, err := fetch(s, "P", "wrong"); !errors.As(err, &e) || e.Remaining != want || len(s.asked) != 1 {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

// A host cannot fill the memory.
func TestFetchTooLarge(t *testing.T) {
	s := record(t, func(_ int, _ asked, w http.ResponseWriter) {
		chunk := []byte(strings.Repeat("a", 1<<20))
		for range 30 {
			w.Write(chunk)
		}
	})
	if got, err := fetch(s, "U", ""); err == nil {
		t.Errorf("took %d files", len(got.Files))
	}
}

// What a stranger answers never makes the receiver fail other than in words.
func FuzzManifest(f *testing.F) {
	f.Add(files(`{`+fhirFile+`,"embedded":"a..b.c.d"}`), 200)
	f.Add(files(`{`+fhirFile+`,"location":"/f/1"}`), 200)
	f.Add(`{"remainingAttempts":3}`, 401)
	f.Add(`{"files":[null,{"embedded":{}},[]],"status":7}`, 200)
	f.Fuzz(func(t *testing.T, body string, status int) {
		h := canned{status: status, body: []byte(body)}
		fe := &relayclient.Fetcher{HTTP: h, Now: time.Now, Sleep: func(context.Context, time.Duration) error { return nil }}
		got, err := fe.Fetch(context.Background(), share.Request{URL: "https://h.example/l", Recipient: "x", Flag: "P", Passcode: "p"})
		if err == nil && status != 200 {
			t.Fatalf("status %d was taken for an answer", status)
		}
		if len(got.Files) > share.MaxFiles {
			t.Fatal("too many files")
		}
	})
}

type canned struct {
	status int
	body   []byte
}

func (c canned) Do(_ context.Context, r relayclient.Request) (relayclient.Response, error) {
	if r.Method == "GET" {
		return relayclient.Response{Status: 404}, nil
	}
	return relayclient.Response{Status: c.status, Body: c.body, Header: map[string]string{"retry-after": "1"}}, nil
}
