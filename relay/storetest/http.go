package storetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"potli/relay"
	"potli/relay/wire"
)

// RunHTTP drives a whole relay from outside, by the rules of SMART Health Links
// and of package wire. c.Now may be the true clock: nothing here waits.
// The relay must not limit the rate.
func RunHTTP(t *testing.T, c Client) {
	tests := []struct {
		name string
		f    func(*testing.T, Client)
	}{
		{"SHLX-02_direct_file", httpDirect},
		{"SHL-22_manifest", httpManifest},
		{"SHL-25_SHL-27_location", httpLocation},
		{"SHL-32_embedded", httpEmbedded},
		{"SHL-31_replace", httpReplace},
		{"long_term_status", httpLongTerm},
		{"large_file", httpLarge},
		{"SHL-18_RL3_gone", httpGone},
		{"SHL-19_SHL-20_wrong_passcode", httpPasscode},
		{"SHLX-04_no_passcode_costs_nothing", httpProbe},
		{"SHL-21_T9_wrong_in_parallel", httpParallel},
		{"SHLX-05_RL5_two_posts_one_use", httpDebounce},
		{"RL3_head_and_options_are_free", httpFree},
		{"SHLX-01_cors", httpCORS},
		{"SHLX-03_errors_are_objects", httpErrors},
		{"405_allow", httpMethods},
		{"strict_recipient", httpStrict},
		{"KTC-03_RL16_receipts", httpReceipts},
		{"RL13_create_is_repeatable", httpCreate},
		{"RL9_T12_create_checks_everything", httpCreateBad},
		{"RL2_wrong_token_is_the_404", httpToken},
		{"RL13_sequence", httpSequence},
		{"pause_extend_more_uses", httpChange},
		{"revoke", httpRevoke},
		{"RL1_T35_cross_site", httpCrossSite},
		{"counts", httpCounts},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.f(t, c) })
	}
}

func want(t *testing.T, a Answer, status int) Answer {
	t.Helper()
	if a.Status != status {
		t.Errorf("got %d %.200s, want %d", a.Status, a.Body, status)
	}
	return a
}

func header(t *testing.T, a Answer, name, want string) {
	t.Helper()
	if got := a.Header.Get(name); got != want {
		t.Errorf("%s is %q, want %q", name, got, want)
	}
}

func problem(t *testing.T, a Answer, status int) wire.Problem {
	t.Helper()
	header(t, a, "Content-Type", "application/json")
	return Decode[wire.Problem](t, a, status)
}

func manifest(t *testing.T, a Answer) wire.ManifestFile {
	t.Helper()
	header(t, a, "Content-Type", "application/json")
	m := Decode[wire.Manifest](t, a, http.StatusOK)
	if len(m.Files) != 1 || (m.Files[0].Embedded == "") == (m.Files[0].Location == "") {
		t.Fatalf("want one file with either embedded or location: %.300s", a.Body)
	}
	return m.Files[0]
}

// follow fetches a manifest's location, with nothing but its address.
func (c Client) follow(t *testing.T, location string) Answer {
	t.Helper()
	path, ok := strings.CutPrefix(location, c.Base)
	if !ok {
		t.Fatalf("location is not at the relay's public URL")
	}
	return c.Do(t, "GET", path, nil, nil)
}

func httpDirect(t *testing.T, c Client) {
	for _, flag := range []string{"U", "LU"} {
		o := c.Create(t, flag, flag, nil)
		jwe := NewCreate("", flag, 0).File.JWE
		for _, recipient := range []string{"Dr+A", "", "%E0%A4%A1%E0%A5%89", "%ff%00", strings.Repeat("x", 2000)} {
			a := want(t, c.Get(t, o.ID, recipient), http.StatusOK)
			header(t, a, "Content-Type", wire.ContentTypeJOSE)
			if string(a.Body) != jwe || strings.Count(string(a.Body), ".") != 4 {
				t.Errorf("the body is not the file that was stored")
			}
		}
		want(t, c.Do(t, "GET", wire.LinkPath+o.ID, nil, nil), http.StatusOK) // no query at all
		f := manifest(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "x"}))
		if string(c.follow(t, f.Location).Body) != jwe {
			t.Error("the manifest of a link with U leads elsewhere")
		}
	}
}

func httpManifest(t *testing.T, c Client) {
	for _, typ := range []string{wire.ContentTypeFHIR, wire.ContentTypeCard, wire.ContentTypeAccess} {
		o := c.Create(t, typ, "", func(w *wire.Create) { w.File = wire.File{ContentType: typ, JWE: JWE(typ, 300)} })
		f := manifest(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "Dr A"}))
		if f.ContentType != typ {
			t.Errorf("contentType is %q, want %q", f.ContentType, typ)
		}
		if fhir := f.FHIRVersion != ""; fhir != (typ == wire.ContentTypeFHIR) {
			t.Errorf("fhirVersion is %q for %s", f.FHIRVersion, typ)
		}
		// SHL-13: unknown members, a missing recipient and another content type do no harm.
		for _, body := range []string{`{}`, `{"recipient":""}`, `{"recipient":"x","zz":{"a":[1]}}`, " \n{\"recipient\":null}\n"} {
			a := c.Do(t, "POST", wire.LinkPath+o.ID, body, Headers{"Content-Type", "text/plain", "X-Unknown", "1"})
			manifest(t, a)
		}
	}
}

func httpLocation(t *testing.T, c Client) {
	o := c.Create(t, "", "P", func(w *wire.Create) { w.Passcode = Verifier("secret", 5); w.Uses = 1 })
	req := wire.ManifestRequest{Recipient: "Dr A", Passcode: "secret"}
	f := manifest(t, c.Post(t, o.ID, req))
	for range 2 { // browsers repeat
		a := want(t, c.follow(t, f.Location), http.StatusOK)
		header(t, a, "Content-Type", wire.ContentTypeJOSE)
		if !bytes.Equal(a.Body, []byte(NewCreate("", "", 0).File.JWE)) {
			t.Error("the location has another file")
		}
	}
	path := strings.TrimPrefix(f.Location, c.Base)
	for i := len(wire.FilePath); i < len(path); i += 7 {
		other := byte('A')
		if path[i] == 'A' {
			other = 'B'
		}
		want(t, c.Do(t, "GET", path[:i]+string(other)+path[i+1:], nil, nil), http.StatusNotFound)
	}
	want(t, c.Do(t, "GET", path[:len(path)-1], nil, nil), http.StatusNotFound)
	want(t, c.Do(t, "GET", path+"A", nil, nil), http.StatusNotFound)
	want(t, o.Call(t, "PATCH", "", `{"paused":true}`), http.StatusOK)
	want(t, c.follow(t, f.Location), http.StatusNotFound)
	want(t, o.Call(t, "PATCH", "", `{"paused":false}`), http.StatusOK)
	want(t, c.follow(t, f.Location), http.StatusOK)
	want(t, o.Call(t, "DELETE", "", nil), http.StatusNoContent)
	want(t, c.follow(t, f.Location), http.StatusNotFound)
}

func httpEmbedded(t *testing.T, c Client) {
	o := c.Create(t, "", "", nil)
	n := int64(len(NewCreate("", "", 0).File.JWE))
	for most, embedded := range map[int64]bool{n: true, n + 1: true, 1 << 40: true, n - 1: false, 0: false, -1: false} {
		f := manifest(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "x", EmbeddedLengthMax: &most}))
		if got := f.Embedded != ""; got != embedded {
			t.Errorf("embeddedLengthMax %d, file %d: embedded %v, want %v", most, n, got, embedded)
		}
		if embedded && f.Embedded != NewCreate("", "", 0).File.JWE {
			t.Error("the embedded file is another")
		}
	}
	if manifest(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "x"})).Embedded != "" {
		t.Error("embedded without having been asked for")
	}
}

func httpReplace(t *testing.T, c Client) {
	o := c.Create(t, "", "L", nil)
	old := manifest(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "x"}))
	next := wire.File{ContentType: wire.ContentTypeCard, JWE: JWE(wire.ContentTypeCard, 900)}
	want(t, o.Call(t, "PUT", "/file", next), http.StatusOK)
	most := int64(1 << 20)
	f := manifest(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "x", EmbeddedLengthMax: &most}))
	if f.Embedded != next.JWE || f.ContentType != next.ContentType {
		t.Error("the manifest does not have the new file")
	}
	want(t, c.follow(t, old.Location), http.StatusNotFound) // SHL-28, SHL-30: receivers ask again
	for name, bad := range map[string]wire.File{
		"no file": {}, "html": {ContentType: wire.ContentTypeFHIR, JWE: "<html>"},
		"other header": {ContentType: wire.ContentTypeFHIR, JWE: next.JWE},
	} {
		if a := o.Call(t, "PUT", "/file", bad); a.Status != http.StatusBadRequest {
			t.Errorf("%s: got %d, want 400", name, a.Status)
		}
	}
}

func httpLongTerm(t *testing.T, c Client) {
	for _, flag := range []string{"", "L", "U", "LU"} {
		o := c.Create(t, flag, flag, nil)
		a := c.Post(t, o.ID, wire.ManifestRequest{Recipient: "x"})
		f := manifest(t, a)
		if long := strings.Contains(flag, "L"); long != (f.Status == "can-change") || long != (f.LastUpdated != "") || long != (a.Header.Get("Retry-After") != "") {
			t.Errorf("flag %q: status %q, lastUpdated %q, Retry-After %q", flag, f.Status, f.LastUpdated, a.Header.Get("Retry-After"))
		}
		if f.LastUpdated != "" {
			if _, err := time.Parse(time.RFC3339, f.LastUpdated); err != nil {
				t.Error(err)
			}
		}
	}
}

func httpLarge(t *testing.T, c Client) {
	// Where the parts meet, and the largest there may be.
	for _, size := range []int{relay.PartSize - 1, relay.PartSize, 2*relay.PartSize + 1, wire.MaxFile} {
		jwe := JWE(wire.ContentTypeFHIR, size)
		o := c.Create(t, fmt.Sprint(size), "U", func(w *wire.Create) { w.File.JWE = jwe })
		if a := want(t, c.Get(t, o.ID, "x"), http.StatusOK); string(a.Body) != jwe {
			t.Errorf("size %d: the file differs", size)
		}
		most := int64(len(jwe))
		if f := manifest(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "x", EmbeddedLengthMax: &most})); f.Embedded != jwe {
			t.Errorf("size %d: the embedded file differs", size)
		}
		want(t, o.Call(t, "DELETE", "", nil), http.StatusNoContent)
	}
	create := NewCreate(ID("t"), "U", c.Now().Add(time.Hour).Unix())
	create.File.JWE = JWE(wire.ContentTypeFHIR, wire.MaxFile+8)
	want(t, c.Put(t, ID(t.Name()), create), http.StatusRequestEntityTooLarge)
	create.File.JWE = JWE(wire.ContentTypeFHIR, 2*wire.MaxFile)
	if a, err := c.Try("PUT", wire.ControlPath+ID(t.Name()), create, Headers{"If-None-Match", "*"}); err == nil {
		want(t, a, http.StatusRequestEntityTooLarge) // or cut off while sending
	}
}

// httpGone: every cause of "no" is the same answer, byte for byte.
func httpGone(t *testing.T, c Client) {
	paused := c.Create(t, "paused", "U", nil)
	want(t, paused.Call(t, "PATCH", "", `{"paused":true}`), http.StatusOK)
	revoked := c.Create(t, "revoked", "U", nil)
	want(t, revoked.Call(t, "DELETE", "", nil), http.StatusNoContent)
	used := c.Create(t, "used", "U", func(w *wire.Create) { w.Uses = 1 })
	want(t, c.Get(t, used.ID, "first"), http.StatusOK)
	locked := c.Create(t, "locked", "P", func(w *wire.Create) { w.Passcode = Verifier("secret", 1) })
	want(t, c.Post(t, locked.ID, wire.ManifestRequest{Passcode: "no"}), http.StatusUnauthorized)

	var first Answer
	for name, id := range map[string]string{
		"unknown": ID("nobody"), "paused": paused.ID, "revoked": revoked.ID, "used up": used.ID, "locked": locked.ID,
		"no id": "x", "bad id": strings.Repeat("!", 43), "loose bits": ID("nobody")[:42] + "_",
	} {
		for _, a := range []Answer{
			c.Get(t, id, "second"),
			c.Post(t, id, wire.ManifestRequest{Recipient: "second", Passcode: "secret"}),
			c.Post(t, id, wire.ManifestRequest{Recipient: "second"}),
		} {
			problem(t, a, http.StatusNotFound)
			a.Header.Del("Date")
			if first.Body == nil {
				first = a
			}
			if !bytes.Equal(a.Body, first.Body) || !maps.EqualFunc(a.Header, first.Header, slices.Equal) {
				t.Errorf("%s: %s %v\n differs from %s %v", name, a.Body, a.Header, first.Body, first.Header)
			}
		}
	}
	for _, path := range []string{"/", "/l/", "/f/", "/f/x", "/l/a/b", "/favicon.ico", "/robots.txt", "//l//", "/l/" + ID("x") + "/", "/../etc", "/v2"} {
		a := c.Do(t, "GET", path, nil, nil)
		if a.Header.Del("Date"); !bytes.Equal(a.Body, first.Body) || a.Status != 404 || !maps.EqualFunc(a.Header, first.Header, slices.Equal) {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
}

func httpPasscode(t *testing.T, c Client) {
	o := c.Create(t, "", "P", func(w *wire.Create) { w.Passcode = Verifier("secret", 5) })
	left := func(passcode string, remaining int) {
		t.Helper()
		p := problem(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "x", Passcode: passcode}), http.StatusUnauthorized)
		if p.RemainingAttempts == nil || *p.RemainingAttempts != remaining {
			t.Errorf("remainingAttempts is %v, want %d", p.RemainingAttempts, remaining)
		}
	}
	right := wire.ManifestRequest{Recipient: "x", Passcode: "secret"}
	left("wrong", 4)
	manifest(t, c.Post(t, o.ID, right))
	left("Secret", 3) // never given back by a success
	left("secret ", 2)
	manifest(t, c.Post(t, o.ID, right))
	left(strings.Repeat("x", wire.MaxPasscode), 1)
	left("wrong", 0)
	problem(t, c.Post(t, o.ID, right), http.StatusNotFound)
	if got := o.Status(t); got.AttemptsLeft != 0 {
		t.Errorf("the owner sees %d attempts left", got.AttemptsLeft)
	}
	// A passcode sent to a link that has none is ignored.
	open := c.Create(t, "open", "", nil)
	manifest(t, c.Post(t, open.ID, right))
}

func httpProbe(t *testing.T, c Client) {
	o := c.Create(t, "", "P", func(w *wire.Create) { w.Passcode = Verifier("secret", 1) })
	for range 10 {
		for _, body := range []string{`{"recipient":"x"}`, `{"recipient":"x","passcode":""}`} {
			p := problem(t, c.Do(t, "POST", wire.LinkPath+o.ID, body, nil), http.StatusUnauthorized)
			if p.Message != "Passcode required" || p.RemainingAttempts == nil || *p.RemainingAttempts != 1 {
				t.Fatalf("got %+v", p)
			}
		}
	}
	manifest(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "x", Passcode: "secret"}))
	if got := o.Status(t); got.AttemptsLeft != 1 || got.UsesLeft != 9 || got.Receipts != 1 {
		t.Errorf("got %+v", got)
	}
}

func httpParallel(t *testing.T, c Client) {
	o := c.Create(t, "", "P", func(w *wire.Create) { w.Passcode = Verifier("secret", 5); w.Uses = 1000 })
	var mu sync.Mutex
	left := map[int]int{}
	statuses := map[int]int{}
	parallel(200, func(i int) {
		a, err := c.Try("POST", wire.LinkPath+o.ID, wire.ManifestRequest{Recipient: fmt.Sprint(i), Passcode: "wrong"}, nil)
		if err != nil {
			t.Error(err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		statuses[a.Status]++
		var p wire.Problem
		if json.Unmarshal(a.Body, &p) == nil && p.RemainingAttempts != nil {
			left[*p.RemainingAttempts]++
		}
	})
	if want := map[int]int{401: 5, 404: 195}; !maps.Equal(statuses, want) {
		t.Errorf("200 wrong passcodes at once: %v, want %v", statuses, want)
	}
	if want := map[int]int{4: 1, 3: 1, 2: 1, 1: 1, 0: 1}; !maps.Equal(left, want) {
		t.Errorf("remainingAttempts: %v, want each once", left)
	}
	want(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "owner", Passcode: "secret"}), http.StatusNotFound)
	list, _ := o.Receipts(t)
	if len(list) != 5 {
		t.Errorf("%d receipts of refusals, want 5", len(list))
	}
}

func httpDebounce(t *testing.T, c Client) {
	o := c.Create(t, "", "P", func(w *wire.Create) { w.Passcode = Verifier("secret", 5); w.Uses = 1 })
	// A deployed viewer: without passcode, then with, then with once more.
	want(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "viewer"}), http.StatusUnauthorized)
	for range 2 {
		f := manifest(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "viewer", Passcode: "secret"}))
		want(t, c.follow(t, f.Location), http.StatusOK)
	}
	want(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "another", Passcode: "secret"}), http.StatusNotFound)
	if list, _ := o.Receipts(t); len(list) != 1 {
		t.Errorf("%d receipts, want 1", len(list))
	}
}

func httpFree(t *testing.T, c Client) {
	o := c.Create(t, "", "U", func(w *wire.Create) { w.Uses = 1 })
	m := c.Create(t, "manifest", "", func(w *wire.Create) { w.Uses = 1 })
	for i := range 5 {
		a := want(t, c.Do(t, "HEAD", wire.LinkPath+o.ID+"?recipient=preview"+fmt.Sprint(i), nil, nil), http.StatusOK)
		if len(a.Body) != 0 {
			t.Error("HEAD has a body")
		}
		header(t, a, "Content-Type", wire.ContentTypeJOSE)
		header(t, a, "Content-Length", strconv.Itoa(len(NewCreate("", "U", 0).File.JWE)))
		want(t, c.Do(t, "OPTIONS", wire.LinkPath+o.ID, nil, nil), http.StatusNoContent)
		want(t, c.Do(t, "HEAD", wire.LinkPath+m.ID, nil, nil), http.StatusMethodNotAllowed)
		want(t, c.Do(t, "HEAD", wire.LinkPath+ID("nobody"), nil, nil), http.StatusNotFound)
	}
	for _, l := range []*Owned{o, m} {
		if got := l.Status(t); got.UsesLeft != 1 || got.Receipts != 0 {
			t.Errorf("got %+v", got)
		}
	}
	f := manifest(t, c.Post(t, m.ID, wire.ManifestRequest{Recipient: "x"}))
	a := want(t, c.Do(t, "HEAD", strings.TrimPrefix(f.Location, c.Base), nil, nil), http.StatusOK)
	header(t, a, "Content-Type", wire.ContentTypeJOSE)
}

// answers is one answer of each status that the data plane gives.
func answers(t *testing.T, c Client) map[string]Answer {
	u := c.Create(t, "u", "U", nil)
	m := c.Create(t, "m", "", nil)
	p := c.Create(t, "p", "P", func(w *wire.Create) { w.Passcode = Verifier("secret", 5) })
	f := manifest(t, c.Post(t, m.ID, wire.ManifestRequest{Recipient: "x"}))
	long, _ := json.Marshal(wire.ManifestRequest{Recipient: strings.Repeat("x", wire.MaxManifestBody)})
	return map[string]Answer{
		"200 file":     want(t, c.Get(t, u.ID, "x"), 200),
		"200 manifest": want(t, c.Post(t, m.ID, wire.ManifestRequest{Recipient: "x"}), 200),
		"200 ticket":   want(t, c.follow(t, f.Location), 200),
		"400":          want(t, c.Do(t, "POST", wire.LinkPath+m.ID, "not json", nil), 400),
		"401 asked":    want(t, c.Post(t, p.ID, wire.ManifestRequest{Recipient: "x"}), 401),
		"401 wrong":    want(t, c.Post(t, p.ID, wire.ManifestRequest{Recipient: "x", Passcode: "no"}), 401),
		"404":          want(t, c.Get(t, ID("nobody"), "x"), 404),
		"404 ticket":   want(t, c.Do(t, "GET", wire.FilePath+"x", nil, nil), 404),
		"405 GET":      want(t, c.Get(t, m.ID, "x"), 405),
		"405 PUT":      want(t, c.Do(t, "PUT", wire.LinkPath+m.ID, nil, nil), 405),
		"405 ticket":   want(t, c.Do(t, "POST", wire.FilePath+"x", nil, nil), 405),
		"413":          want(t, c.Do(t, "POST", wire.LinkPath+m.ID, long, nil), 413),
	}
}

func httpCORS(t *testing.T, c Client) {
	all := answers(t, c)
	o := c.Create(t, "preflight", "U", nil)
	for _, path := range []string{wire.LinkPath + o.ID, wire.LinkPath + ID("nobody"), wire.FilePath + "x"} {
		a := want(t, c.Do(t, "OPTIONS", path, nil, Headers{"Origin", "https://clinic.example",
			"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type"}), http.StatusNoContent)
		header(t, a, "Access-Control-Allow-Methods", "GET, POST, OPTIONS")
		header(t, a, "Access-Control-Allow-Headers", "content-type")
		header(t, a, "Access-Control-Max-Age", "86400")
		all["preflight "+path] = a
	}
	for name, a := range all {
		t.Run(strings.ReplaceAll(name, "/", ""), func(t *testing.T) {
			header(t, a, "Access-Control-Allow-Origin", "*")
			header(t, a, "Access-Control-Expose-Headers", "Retry-After")
			header(t, a, "Access-Control-Allow-Credentials", "")
			header(t, a, "Cache-Control", "no-store")
			header(t, a, "X-Content-Type-Options", "nosniff")
			header(t, a, "Content-Disposition", "attachment")
			if !strings.HasPrefix(a.Header.Get("Content-Security-Policy"), "sandbox") {
				t.Error("no CSP sandbox")
			}
			for _, never := range []string{"Set-Cookie", "Clear-Site-Data", "Accept-Ranges", "Location", "Server"} {
				header(t, a, never, "")
			}
		})
	}
}

func httpErrors(t *testing.T, c Client) {
	for name, a := range answers(t, c) {
		if a.Status < 400 {
			continue
		}
		if p := problem(t, a, a.Status); p.Message == "" {
			t.Errorf("%s has no message", name)
		}
	}
	o := c.Create(t, "bodies", "", nil)
	for _, body := range []string{"", "null", "[]", `"x"`, "1", "{", `{"recipient":1}`, `{} {}`, `{}x`, `{"embeddedLengthMax":"1"}`,
		`{"passcode":"` + strings.Repeat("x", wire.MaxPasscode+1) + `"}`, strings.Repeat(`{"a":`, 2000) + "1" + strings.Repeat("}", 1999)} {
		if a := c.Do(t, "POST", wire.LinkPath+o.ID, body, nil); a.Status != 400 {
			t.Errorf("%.40q: got %d, want 400", body, a.Status)
		}
	}
	if got := o.Status(t); got.UsesLeft != 10 {
		t.Errorf("bad requests used the link: %+v", got)
	}
}

func httpMethods(t *testing.T, c Client) {
	o := c.Create(t, "", "", nil)
	for _, tt := range []struct{ method, path, allow string }{
		{"GET", wire.LinkPath + o.ID, "OPTIONS, POST"},
		{"PUT", wire.LinkPath + o.ID, "GET, HEAD, OPTIONS, POST"},
		{"DELETE", wire.LinkPath + ID("nobody"), "GET, HEAD, OPTIONS, POST"},
		{"POST", wire.FilePath + "x", "GET, HEAD, OPTIONS"},
		{"POST", wire.ControlPath + o.ID, "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"},
		{"GET", wire.ControlPath + o.ID + "/file", "OPTIONS, PUT"},
		{"POST", wire.HealthPath, "GET, HEAD"},
	} {
		a := c.Do(t, tt.method, tt.path, nil, nil)
		problem(t, a, http.StatusMethodNotAllowed)
		header(t, a, "Allow", tt.allow)
	}
}

func httpStrict(t *testing.T, c Client) {
	o := c.Create(t, "", "U", func(w *wire.Create) { w.StrictRecipient = true })
	for _, recipient := range []string{"", "%20", "%0a%00"} {
		problem(t, c.Get(t, o.ID, recipient), http.StatusBadRequest)
	}
	problem(t, c.Post(t, o.ID, wire.ManifestRequest{}), http.StatusBadRequest)
	want(t, c.Get(t, o.ID, "Dr"), http.StatusOK)
	want(t, c.Get(t, ID("nobody"), ""), http.StatusNotFound)
}

func httpReceipts(t *testing.T, c Client) {
	o := c.Create(t, "", "P", func(w *wire.Create) { w.Passcode = Verifier("secret", 5) })
	for _, step := range []struct{ recipient, passcode string }{
		{"  Dr\u202e \x00 A\n<b>ली\u200dला</b>  ", "secret"}, {"", "wrong"}, {strings.Repeat("ड", 500), "secret"},
	} {
		c.Post(t, o.ID, wire.ManifestRequest{Recipient: step.recipient, Passcode: step.passcode})
	}
	got, dropped := o.Receipts(t)
	at := c.Now().Unix()
	wants := []wire.Receipt{
		{N: 1, Recipient: "Dr A <b>ली\u200dला</b>", Outcome: wire.OutcomeOpened},
		{N: 2, Recipient: "", Outcome: wire.OutcomeRefused},
		{N: 3, Recipient: strings.Repeat("ड", 62), Outcome: wire.OutcomeOpened},
	}
	if len(got) != len(wants) || dropped != 0 {
		t.Fatalf("got %d receipts, %d dropped", len(got), dropped)
	}
	for i, w := range wants {
		if r := got[i]; r.Time%300 != 0 || at-r.Time > 310 || r.Time > at {
			t.Errorf("receipt %d: time %d, now %d", r.N, r.Time, at)
		}
		got[i].Time = 0
		if i == 2 && strings.HasPrefix(got[i].Recipient, strings.Repeat("ड", 55)) {
			w.Recipient = got[i].Recipient // as much as 256 bytes hold
		}
		if got[i] != w {
			t.Errorf("got %+v, want %+v", got[i], w)
		}
	}
	rs := Decode[wire.Receipts](t, o.Call(t, "GET", "/receipts?after=2", nil), 200)
	if len(rs.Receipts) != 1 || rs.Receipts[0].N != 3 {
		t.Errorf("after=2: %d receipts", len(rs.Receipts))
	}
	for _, bad := range []string{"x", "-1", "1.5"} {
		problem(t, o.Call(t, "GET", "/receipts?after="+bad, nil), http.StatusBadRequest)
	}

	many := c.Create(t, "many", "U", func(w *wire.Create) { w.Uses = wire.MaxUses })
	for i := range wire.MaxReceipts + 6 {
		want(t, c.Get(t, many.ID, fmt.Sprint("reader", i)), http.StatusOK)
	}
	list, dropped := many.Receipts(t)
	if len(list) != wire.MaxReceipts || dropped != 6 || many.Status(t).Receipts != wire.MaxReceipts {
		t.Errorf("%d receipts, %d dropped", len(list), dropped)
	}
}

func httpCreate(t *testing.T, c Client) {
	id, token := ID(t.Name()), ID("token of "+t.Name())
	create := NewCreate(token, "", c.Now().Add(time.Hour).Unix())
	st := Decode[wire.Status](t, c.Put(t, id, create), http.StatusCreated)
	if st.Expires != create.Expires || st.UsesLeft != 10 || st.AttemptsLeft != -1 || st.Flag != "" || st.Sequence != 0 {
		t.Errorf("got %+v", st)
	}
	again := Decode[wire.Status](t, c.Put(t, id, create), http.StatusOK) // the answer had been lost
	if again != st {
		t.Errorf("got %+v, want %+v", again, st)
	}
	other := create
	other.Token = TokenHash(ID("somebody else"))
	problem(t, c.Put(t, id, other), http.StatusPreconditionFailed)
	problem(t, c.Do(t, "PUT", wire.ControlPath+id, create, nil), http.StatusPreconditionRequired)
	problem(t, c.Do(t, "PUT", wire.ControlPath+id, create, Headers{"If-None-Match", `"x"`}), http.StatusPreconditionRequired)
}

func httpCreateBad(t *testing.T, c Client) {
	now := c.Now()
	for name, edit := range map[string]func(*wire.Create){
		"token short":           func(w *wire.Create) { w.Token = w.Token[:42] },
		"token padded":          func(w *wire.Create) { w.Token += "=" },
		"token loose bits":      func(w *wire.Create) { w.Token = w.Token[:42] + "_" },
		"token empty":           func(w *wire.Create) { w.Token = "" },
		"flag UP":               func(w *wire.Create) { w.Flag = "UP"; w.Passcode = Verifier("x", 1) },
		"flag PU":               func(w *wire.Create) { w.Flag = "PU"; w.Passcode = Verifier("x", 1) },
		"flag LPU":              func(w *wire.Create) { w.Flag = "LPU"; w.Passcode = Verifier("x", 1) },
		"flag UL":               func(w *wire.Create) { w.Flag = "UL" },
		"flag X":                func(w *wire.Create) { w.Flag = "X" },
		"U with passcode":       func(w *wire.Create) { w.Flag = "U"; w.Passcode = Verifier("x", 1) },
		"passcode without P":    func(w *wire.Create) { w.Passcode = Verifier("x", 1) },
		"P without passcode":    func(w *wire.Create) { w.Flag = "P" },
		"LP without passcode":   func(w *wire.Create) { w.Flag = "LP" },
		"attempts 0":            func(w *wire.Create) { w.Flag = "P"; w.Passcode = Verifier("x", 0) },
		"attempts 6":            func(w *wire.Create) { w.Flag = "P"; w.Passcode = Verifier("x", 6) },
		"salt short":            func(w *wire.Create) { w.Flag = "P"; w.Passcode = Verifier("x", 1); w.Passcode.Salt = "AAAA" },
		"hash empty":            func(w *wire.Create) { w.Flag = "P"; w.Passcode = Verifier("x", 1); w.Passcode.Hash = "" },
		"expired":               func(w *wire.Create) { w.Expires = now.Unix() - 1 },
		"expires never":         func(w *wire.Create) { w.Expires = 0 },
		"expires in ms":         func(w *wire.Create) { w.Expires *= 1000 },
		"expires after 31 days": func(w *wire.Create) { w.Expires = now.Add(31 * 24 * time.Hour).Unix() },
		"uses 0":                func(w *wire.Create) { w.Uses = 0 },
		"uses -1":               func(w *wire.Create) { w.Uses = -1 },
		"uses 1001":             func(w *wire.Create) { w.Uses = wire.MaxUses + 1 },
		"receipt key empty":     func(w *wire.Create) { w.ReceiptKey = "" },
		"receipt key short":     func(w *wire.Create) { w.ReceiptKey = w.ReceiptKey[:1600] },
		"receipt key not a key": func(w *wire.Create) { w.ReceiptKey = strings.Repeat("_", len(w.ReceiptKey)-1) + "A" },
		"file empty":            func(w *wire.Create) { w.File = wire.File{} },
		"contentType html":      func(w *wire.Create) { w.File = wire.File{ContentType: "text/html", JWE: JWE("text/html", 300)} },
		"contentType missing":   func(w *wire.Create) { w.File.ContentType = "" },
		"contentType other":     func(w *wire.Create) { w.File.ContentType = wire.ContentTypeCard },
		"4 segments":            func(w *wire.Create) { w.File.JWE = w.File.JWE[:strings.LastIndex(w.File.JWE, ".")] },
		"6 segments":            func(w *wire.Create) { w.File.JWE += ".AAAA" },
		"a wrapped key":         func(w *wire.Create) { w.File.JWE = strings.Replace(w.File.JWE, "..", ".AAAA.", 1) },
		"zip": func(w *wire.Create) {
			w.File.JWE = reheader(w.File, `{"alg":"dir","enc":"A256GCM","zip":"DEF","cty":"`+w.File.ContentType+`"}`)
		},
		"kid": func(w *wire.Create) {
			w.File.JWE = reheader(w.File, `{"alg":"dir","enc":"A256GCM","kid":"x","cty":"`+w.File.ContentType+`"}`)
		},
		"other enc": func(w *wire.Create) {
			w.File.JWE = reheader(w.File, `{"alg":"dir","enc":"A128GCM","cty":"`+w.File.ContentType+`"}`)
		},
		"no cty":          func(w *wire.Create) { w.File.JWE = reheader(w.File, `{"alg":"dir","enc":"A256GCM"}`) },
		"a line break":    func(w *wire.Create) { w.File.JWE = w.File.JWE[:200] + "\n" + w.File.JWE[200:] },
		"standard base64": func(w *wire.Create) { w.File.JWE = strings.ReplaceAll(w.File.JWE, "-", "+") },
		"padding":         func(w *wire.Create) { w.File.JWE += "=" },
		"IV of 11 bytes":  func(w *wire.Create) { w.File.JWE = strings.Replace(w.File.JWE, "..A", "..", 1) },
		"tag of 15 bytes": func(w *wire.Create) { w.File.JWE = w.File.JWE[:len(w.File.JWE)-2] },
		"plain text":      func(w *wire.Create) { w.File.JWE = "hello" },
		"a program":       func(w *wire.Create) { w.File.JWE = "MZ\x90\x00" + w.File.JWE },
		"html before":     func(w *wire.Create) { w.File.JWE = "<script>" + w.File.JWE },
	} {
		create := NewCreate(ID("token"), "", now.Add(time.Hour).Unix())
		edit(&create)
		if a := c.Put(t, ID(t.Name()+name), create); a.Status != http.StatusBadRequest {
			t.Errorf("%s: got %d %s, want 400", name, a.Status, a.Body)
		} else {
			problem(t, a, 400)
		}
		if a := c.Post(t, ID(t.Name()+name), wire.ManifestRequest{Recipient: "x"}); a.Status != 404 {
			t.Errorf("%s: the link exists all the same", name)
		}
	}
	good := NewCreate(ID("token"), "", now.Add(time.Hour).Unix())
	text, _ := json.Marshal(good)
	for name, body := range map[string]string{
		"empty": "", "null": "null", "array": "[]", "two": string(text) + string(text), "cut off": string(text[:len(text)-1]),
		"unknown member":  strings.Replace(string(text), `{"token"`, `{"maxOpens":1,"token"`, 1),
		"text for number": strings.Replace(string(text), `"uses":10`, `"uses":"10"`, 1),
	} {
		if a := c.Do(t, "PUT", wire.ControlPath+ID("x"+name), body, Headers{"If-None-Match", "*"}); a.Status != 400 {
			t.Errorf("%s: got %d, want 400", name, a.Status)
		}
	}
	for _, id := range []string{"x", ID("x")[:42], ID("x") + "A", ID("x")[:42] + "_"} {
		problem(t, c.Put(t, id, good), http.StatusBadRequest)
	}
	// 30 days by a clock that is a little ahead is taken for 30 days.
	good.Expires = now.Add(wire.MaxLife + time.Minute).Unix()
	st := Decode[wire.Status](t, c.Put(t, ID(t.Name()+"30 days"), good), http.StatusCreated)
	if late := st.Expires - now.Add(wire.MaxLife).Unix(); late < 0 || late > 30 {
		t.Errorf("expires %d s after 30 days", late)
	}
	for _, flag := range []string{"", "L", "P", "U", "LP", "LU"} { // SHL-08
		c.Create(t, "flag "+flag, flag, func(w *wire.Create) {
			if strings.Contains(flag, "P") {
				w.Passcode = Verifier("x", 5)
			}
		})
	}
}

func reheader(f wire.File, header string) string {
	_, rest, _ := strings.Cut(f.JWE, ".")
	return b64.EncodeToString([]byte(header)) + "." + rest
}

func httpToken(t *testing.T, c Client) {
	o := c.Create(t, "", "U", nil)
	unknown := c.Do(t, "GET", wire.ControlPath+ID("nobody"), nil, Headers{"Authorization", "Bearer " + o.Token})
	for _, auth := range []string{"", "Bearer", "Bearer ", "Bearer " + ID("thief"), "Bearer " + TokenHash(o.Token), "Basic " + o.Token, o.Token, "Bearer " + o.Token + "="} {
		for _, call := range []struct {
			method, suffix string
			body           any
		}{
			{"GET", "", nil}, {"GET", "/receipts", nil}, {"PATCH", "", `{"paused":true}`}, {"DELETE", "", nil},
			{"PUT", "/file", NewCreate("", "", 0).File},
		} {
			h := Headers{wire.SequenceHeader, "99", "Authorization", auth}
			if auth == "" {
				h = h[:2]
			}
			a := c.Do(t, call.method, wire.ControlPath+o.ID+call.suffix, call.body, h)
			if problem(t, a, http.StatusNotFound); !bytes.Equal(a.Body, unknown.Body) {
				t.Errorf("%s with %q is not the 404 of no link", call.method, auth)
			}
		}
	}
	if got := o.Status(t); got.Paused || got.Sequence != 0 {
		t.Errorf("got %+v", got)
	}
	want(t, c.Get(t, o.ID, "x"), http.StatusOK)
}

func httpSequence(t *testing.T, c Client) {
	o := c.Create(t, "", "", nil)
	patch := func(seq string) Answer {
		h := Headers{"Authorization", "Bearer " + o.Token, wire.SequenceHeader, seq}
		return c.Do(t, "PATCH", wire.ControlPath+o.ID, `{"addUses":1}`, h)
	}
	for _, bad := range []string{"", "0", "-1", "x", "1.5", "9007199254740992", "99999999999999999999"} {
		problem(t, patch(bad), http.StatusBadRequest)
	}
	for _, call := range []struct{ method, suffix string }{{"DELETE", ""}, {"PUT", "/file"}} {
		h := Headers{"Authorization", "Bearer " + o.Token}
		problem(t, c.Do(t, call.method, wire.ControlPath+o.ID+call.suffix, nil, h), http.StatusBadRequest)
	}
	want(t, patch("5"), http.StatusOK)
	problem(t, patch("5"), http.StatusNotFound)
	problem(t, patch("4"), http.StatusNotFound)
	want(t, patch("9007199254740991"), http.StatusOK)
	if got := o.Status(t); got.UsesLeft != 12 || got.Sequence != 9007199254740991 {
		t.Errorf("got %+v", got)
	}
}

func httpChange(t *testing.T, c Client) {
	o := c.Create(t, "", "U", func(w *wire.Create) { w.Uses = 1 })
	want(t, c.Get(t, o.ID, "a"), http.StatusOK)
	want(t, c.Get(t, o.ID, "b"), http.StatusNotFound)
	later := c.Now().Add(5 * 24 * time.Hour).Unix()
	st := Decode[wire.Status](t, o.Call(t, "PATCH", "", fmt.Sprintf(`{"addUses":2,"paused":true,"expires":%d}`, later)), 200)
	if !st.Paused || st.UsesLeft != 2 || st.Expires != later {
		t.Errorf("got %+v", st)
	}
	want(t, c.Get(t, o.ID, "b"), http.StatusNotFound)
	want(t, o.Call(t, "PATCH", "", `{"paused":false}`), http.StatusOK)
	want(t, c.Get(t, o.ID, "b"), http.StatusOK)
	for _, bad := range []string{`{}`, `null`, ``, `{"addUses":0}`, `{"addUses":-1}`, `{"addUses":1001}`, `{"expires":0}`, `{"expires":1}`,
		fmt.Sprintf(`{"expires":%d}`, c.Now().Add(31*24*time.Hour).Unix()), `{"paused":"yes"}`, `{"flag":"U"}`, `{"uses":5}`} {
		if a := o.Call(t, "PATCH", "", bad); a.Status != 400 {
			t.Errorf("%s: got %d, want 400", bad, a.Status)
		}
	}
}

func httpRevoke(t *testing.T, c Client) {
	o := c.Create(t, "", "U", nil)
	want(t, c.Get(t, o.ID, "Dr+A"), http.StatusOK)
	a := want(t, o.Call(t, "DELETE", "", nil), http.StatusNoContent)
	if len(a.Body) != 0 {
		t.Errorf("body %q", a.Body)
	}
	want(t, c.Get(t, o.ID, "Dr+A"), http.StatusNotFound) // the very next request, and the reader of a moment ago
	if list, _ := o.Receipts(t); len(list) != 1 || list[0].Recipient != "Dr A" {
		t.Errorf("receipts after revoking: %+v", list)
	}
	if st := o.Status(t); st.Expires != 0 {
		t.Errorf("got %+v", st)
	}
	want(t, o.Call(t, "DELETE", "", nil), http.StatusNoContent)
	problem(t, o.Call(t, "PATCH", "", `{"addUses":1}`), http.StatusNotFound)
	problem(t, o.Call(t, "PUT", "/file", NewCreate("", "", 0).File), http.StatusNotFound)
}

// httpCrossSite is every pair of Origin and Sec-Fetch-Site: other people's pages
// cannot use the control plane, even knowing a token.
func httpCrossSite(t *testing.T, c Client) {
	o := c.Create(t, "", "U", nil)
	origins := map[string]bool{"": true, c.App: true, "null": false, "https://evil.example": false, c.App + ".evil.example": false,
		strings.ToUpper(c.App): false, c.App + "/": false, c.Base: false}
	for origin, good := range origins {
		for _, site := range []string{"", "none", "same-origin", "same-site", "cross-site", "x"} {
			allowed := good && (origin != "" || site == "" || site == "none")
			for _, method := range []string{"GET", "PATCH", "OPTIONS"} {
				o.seq++
				h := Headers{"Authorization", "Bearer " + o.Token, wire.SequenceHeader, strconv.FormatInt(o.seq, 10)}
				if origin != "" {
					h = append(h, "Origin", origin)
				}
				if site != "" {
					h = append(h, "Sec-Fetch-Site", site)
				}
				var body any
				if method == "PATCH" {
					body = `{"addUses":1}`
				}
				a := c.Do(t, method, wire.ControlPath+o.ID, body, h)
				if got := a.Status != http.StatusForbidden; got != allowed {
					t.Errorf("%s, Origin %q, Sec-Fetch-Site %q: %d", method, origin, site, a.Status)
				}
				header(t, a, "Vary", "Origin")
				grant := ""
				if origin == c.App {
					grant = c.App
				}
				header(t, a, "Access-Control-Allow-Origin", grant)
				header(t, a, "Access-Control-Allow-Credentials", "")
				if method == "OPTIONS" && allowed {
					want(t, a, http.StatusNoContent)
					header(t, a, "Access-Control-Allow-Methods", "GET, PUT, PATCH, DELETE, OPTIONS")
					header(t, a, "Access-Control-Allow-Headers", "authorization, content-type, if-none-match, potli-sequence")
				}
			}
		}
	}
	// Errors too can be read by the wallet.
	a := want(t, c.Do(t, "GET", wire.ControlPath+ID("nobody"), nil, Headers{"Origin", c.App}), http.StatusNotFound)
	header(t, a, "Access-Control-Allow-Origin", c.App)
	// The data plane takes no notice of where a page comes from.
	for _, site := range []string{"cross-site", "same-site", "none"} {
		want(t, c.Do(t, "GET", wire.LinkPath+o.ID, nil, Headers{"Origin", "https://clinic.example", "Sec-Fetch-Site", site}), http.StatusOK)
	}
}

func httpCounts(t *testing.T, c Client) {
	a := want(t, c.Do(t, "GET", wire.HealthPath, nil, nil), http.StatusOK)
	if got := Decode[relay.Health](t, a, 200); got.Status != "ok" {
		t.Errorf("got %+v", got)
	}
	a = want(t, c.Do(t, "GET", wire.MetricsPath, nil, nil), http.StatusOK)
	Decode[relay.Metrics](t, a, 200)
	header(t, a, "Access-Control-Allow-Origin", "")
	header(t, a, "Cache-Control", "no-store")
}
