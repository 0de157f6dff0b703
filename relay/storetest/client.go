package storetest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"testing"
	"time"

	"potli/relay/wire"
)

// Client calls a relay the way a test wants it called, right or wrong.
type Client struct {
	Base string // as relay.Options.PublicURL
	App  string // as relay.Options.AppOrigin
	HTTP *http.Client
	// Now is the relay's clock.
	Now func() time.Time
}

// Answer is a response, read whole.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Headers of a request, name and value in turn.
type Headers []string

// Do sends one request. A body that is not nil, []byte or string goes as JSON.
func (c Client) Do(t testing.TB, method, path string, body any, headers Headers) Answer {
	t.Helper()
	a, err := c.Try(method, path, body, headers)
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return a
}

// Try is Do for where a failing connection is part of the test.
func (c Client) Try(method, path string, body any, headers Headers) (Answer, error) {
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = bytes.NewReader([]byte(b))
	case []byte:
		in = bytes.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			return Answer{}, err
		}
		in = bytes.NewReader(text)
	}
	req, err := http.NewRequest(method, c.Base+path, in)
	if err != nil {
		return Answer{}, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.HTTP.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	return Answer{res.StatusCode, res.Header, out}, err
}

// Owned is one link and its owner.
type Owned struct {
	Client
	ID, Token string
	seq       int64
}

// Create makes a link that is named by seed and expects 201.
func (c Client) Create(t testing.TB, seed, flag string, edit func(*wire.Create)) *Owned {
	t.Helper()
	o := &Owned{Client: c, ID: ID(t.Name() + seed), Token: ID("token of " + t.Name() + seed)}
	create := NewCreate(o.Token, flag)
	if edit != nil {
		edit(&create)
	}
	if a := c.Put(t, o.ID, create); a.Status != http.StatusCreated {
		t.Fatalf("create: %d %s", a.Status, a.Body)
	}
	return o
}

// Put creates a link and expects nothing.
func (c Client) Put(t testing.TB, id string, create wire.Create) Answer {
	t.Helper()
	return c.Do(t, "PUT", wire.ControlPath+id, create, Headers{"If-None-Match", "*"})
}

// Get opens a link with flag U.
func (c Client) Get(t testing.TB, id, recipient string) Answer {
	t.Helper()
	return c.Do(t, "GET", wire.LinkPath+id+"?recipient="+recipient, nil, nil)
}

// Post asks for a manifest.
func (c Client) Post(t testing.TB, id string, req wire.ManifestRequest) Answer {
	t.Helper()
	return c.Do(t, "POST", wire.LinkPath+id, req, nil)
}

// Call is a call of the owner; a change carries the next sequence.
func (o *Owned) Call(t testing.TB, method, suffix string, body any) Answer {
	t.Helper()
	h := Headers{"Authorization", "Bearer " + o.Token}
	if method != "GET" {
		o.seq++
		h = append(h, wire.SequenceHeader, strconv.FormatInt(o.seq, 10))
	}
	return o.Do(t, method, wire.ControlPath+o.ID+suffix, body, h)
}

// Status asks for the link's status and expects 200.
func (o *Owned) Status(t testing.TB) wire.Status {
	t.Helper()
	return Decode[wire.Status](t, o.Call(t, "GET", "", nil), http.StatusOK)
}

// Receipts fetches and opens the link's receipts.
func (o *Owned) Receipts(t testing.TB) (list []wire.Receipt, dropped int) {
	t.Helper()
	rs := Decode[wire.Receipts](t, o.Call(t, "GET", "/receipts", nil), http.StatusOK)
	for _, r := range rs.Receipts {
		list = append(list, OpenReceipt(t, o.ID, r))
	}
	return list, rs.Dropped
}

// Decode checks the status and returns the body as V.
func Decode[V any](t testing.TB, a Answer, status int) V {
	t.Helper()
	var v V
	if a.Status != status {
		t.Fatalf("got %d %.200s, want %d", a.Status, a.Body, status)
	}
	d := json.NewDecoder(bytes.NewReader(a.Body))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("body %.200q: %v", a.Body, err)
	}
	return v
}
