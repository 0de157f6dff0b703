package relay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/relay"
	"potli/relay/storetest"
	"potli/relay/wire"
)

// ask calls a handler without a network, so that thousands of calls cost
// nothing. A stream is left after a moment.
func ask(h http.Handler, method, path string, body []byte, header http.Header) *httptest.ResponseRecorder {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if strings.HasSuffix(path, "/live") {
		time.AfterFunc(10*time.Millisecond, cancel)
	}
	r := httptest.NewRequestWithContext(ctx, method, path, bytes.NewReader(body))
	maps.Copy(r.Header, header)
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}

// verbs are those the relay knows, and some it does not.
var verbs = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"}

// fill puts arg in the place that a pattern leaves open.
func fill(pattern, arg string) string {
	before, after, _ := strings.Cut(pattern, "{")
	_, after, _ = strings.Cut(after, "}")
	if before == pattern {
		return pattern
	}
	return before + arg + after
}

// common are the headers of every answer there is (RL1, RL9).
var common = map[string]string{
	"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Disposition": "attachment", "Referrer-Policy": "no-referrer",
	"Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'", "Access-Control-Allow-Credentials": "",
	"Set-Cookie": "", "Clear-Site-Data": "", "Location": "", "Refresh": "", "Link": "", "Server": "", "Accept-Ranges": "", "Content-Range": "",
	"ETag": "", "Last-Modified": "", "WWW-Authenticate": "", "SourceMap": "", "Service-Worker-Allowed": "",
}

func checkCommon(t *testing.T, what string, header http.Header) {
	t.Helper()
	for name, want := range common {
		if got := strings.Join(header.Values(name), "|"); got != want {
			t.Errorf("%s: %s is %q, want %q", what, name, got, want)
		}
	}
}

// TestT35_RL1_Matrix asks for every route by every verb from every kind of page.
// Readers may be anywhere; owners are the wallet's own pages, for mailboxes the
// clinic's desk too, or programs; and counts are for no page.
func TestT35_RL1_Matrix(t *testing.T) {
	const viewerOrigin = "https://view.example"
	w := newWorld(t, func(o *relay.Options) { o.ViewerOrigin = viewerOrigin })
	origins := map[string][]string{
		"the desk": {viewerOrigin}, "like the desk": {viewerOrigin + ".evil.example"}, "the desk and another": {viewerOrigin, "https://evil.example"},
		"a program": nil, "the wallet": {appOrigin}, "null": {"null"}, "another": {"https://evil.example"}, "the relay": {w.Base},
		"a subdomain": {"https://x.app.example"}, "a longer name": {appOrigin + ".evil.example"}, "plain http": {"http://app.example"},
		"a port": {appOrigin + ":8443"}, "upper case": {strings.ToUpper(appOrigin)}, "a slash": {appOrigin + "/"}, "empty": {""},
		"two": {appOrigin, "https://evil.example"}, "two the same": {appOrigin, appOrigin}, "two in one": {appOrigin + " https://evil.example"},
	}
	sites := []string{"", "none", "same-origin", "same-site", "cross-site", "cross-site, none", "x"}
	arg := storetest.ID("nobody")
	asked := 0
	for pattern, plane := range relay.Planes() {
		for _, verb := range verbs {
			for name, origin := range origins {
				for _, site := range sites {
					asked++
					header := http.Header{"Authorization": {"Bearer " + storetest.ID("t")}, wire.SequenceHeader: {"1"}, "If-None-Match": {"*"}}
					if origin != nil {
						header["Origin"] = origin
					}
					if site != "" {
						header.Set("Sec-Fetch-Site", site)
					}
					rec := ask(w.handler, verb, fill(pattern, arg), nil, header)
					what := fmt.Sprintf("%s %s from %s, Sec-Fetch-Site %q: %d", verb, pattern, name, site, rec.Code)
					checkCommon(t, what, rec.Header())
					forbidden, grant, vary := false, "", ""
					switch plane {
					case "data":
						grant = "*"
					case "control":
						vary = "Origin"
						desk := strings.HasPrefix(pattern, wire.MailboxesPath) && pattern != wire.MailboxesPath+"{id}/push"
						forbidden = name != "the wallet" && (name != "the desk" || !desk) && (name != "a program" || site != "" && site != "none")
						if o := header.Get("Origin"); o == appOrigin || o == viewerOrigin && desk {
							grant = o // "two": who can send that reads the answer anyway, and it is the 403
						}
					case "counts":
					default:
						t.Fatalf("%s is on the plane %q, of which this test knows nothing", pattern, plane)
					}
					if (rec.Code == http.StatusForbidden) != forbidden {
						t.Errorf("%s, want forbidden: %v", what, forbidden)
					}
					if got := rec.Header().Get("Access-Control-Allow-Origin"); got != grant {
						t.Errorf("%s: Access-Control-Allow-Origin is %q, want %q", what, got, grant)
					}
					if got := rec.Header().Get("Vary"); got != vary {
						t.Errorf("%s: Vary is %q, want %q", what, got, vary)
					}
					preflight := rec.Header().Get("Access-Control-Allow-Methods") != ""
					if want := verb == "OPTIONS" && plane != "counts" && !forbidden; preflight != want {
						t.Errorf("%s: it answers a preflight: %v, want %v", what, preflight, want)
					}
				}
			}
		}
	}
	if routes := len(relay.Planes()); routes < 8 || asked != routes*len(verbs)*len(origins)*len(sites) {
		t.Errorf("%d requests for %d routes", asked, routes)
	}
}

// A preflight allows what the routes of its path need, and not another's header.
func TestRL1_PreflightsAreEnough(t *testing.T) {
	w := newWorld(t, nil)
	for pattern, methods := range relay.Routes() {
		rec := ask(w.handler, "OPTIONS", fill(pattern, storetest.ID("x")), nil, http.Header{"Origin": {appOrigin}})
		if relay.Planes()[pattern] == "counts" {
			continue
		}
		allowed := strings.Split(rec.Header().Get("Access-Control-Allow-Methods"), ", ")
		for _, m := range methods {
			if !slices.Contains(allowed, m) {
				t.Errorf("%s: a page may not send %s, only %v", pattern, m, allowed)
			}
		}
		headers := rec.Header().Get("Access-Control-Allow-Headers")
		if owner := strings.Contains(headers, "authorization"); owner != (relay.Planes()[pattern] == "control") {
			t.Errorf("%s: a page may send %q", pattern, headers)
		}
	}
}

// harmless are the types that no browser renders or runs, whoever leads it there.
// The metrics' plain text is of a handler of its own, on an address of operators.
var harmless = []string{"", "application/json", wire.ContentTypeJOSE, "application/octet-stream", wire.ContentTypeEvents}

// TestRL9_NothingIsRenderedOrRun walks every route, verb and cause there is.
func TestRL9_NothingIsRenderedOrRun(t *testing.T) {
	w := newWorld(t, nil)
	same := func(limits func(*relay.Limits), store relay.Store) http.Handler {
		return newWorld(t, func(o *relay.Options) {
			o.Store, o.Now = store, w.clock.now
			if limits != nil {
				limits(&o.Limits)
			}
		}).handler
	}
	closed := openStore(t, t.TempDir()+"/relay.db")
	closed.Close()
	handlers := map[string]http.Handler{
		"well": w.handler,
		"limited": same(func(l *relay.Limits) {
			l.Data, l.Control = relay.Rate{PerMinute: 1, Burst: 1}, relay.Rate{PerMinute: 1, Burst: 1}
		}, w.store),
		"full":   same(func(l *relay.Limits) { l.Stored = 1 }, w.store),
		"busy":   same(func(l *relay.Limits) { l.Stored, l.Creates = 1000, 1 }, w.store),
		"broken": same(nil, closed),
		"panics": same(nil, struct{ relay.Store }{}),
	}
	token := storetest.ID("token of " + t.Name() + "U")
	args := map[string]string{"unknown": storetest.ID("nobody"), "no id": "x", "markup": "%3Cscript%3Ealert(1)%3C%2Fscript%3E", "a page": "index.html"}
	for _, flag := range []string{"U", "", "P"} {
		args["flag "+flag] = w.Create(t, flag, flag, func(c *wire.Create) {
			c.Token, c.Uses = storetest.TokenHash(token), wire.MaxUses
			if flag == "P" {
				c.Passcode = storetest.Verifier("<b>", 5)
			}
		}).ID
	}
	args["a ticket"] = strings.TrimPrefix(location(t, w, w.Post(t, args["flag "], wire.ManifestRequest{Recipient: "x"})), wire.FilePath)
	create, _ := json.Marshal(storetest.NewCreate(token, "U"))
	another, _ := json.Marshal(storetest.NewCreate(storetest.ID("somebody else"), "U"))
	bodies := map[string][]byte{
		"none": nil, "empty": []byte("{}"), "create": create, "another's": another, "markup": []byte("<html><script>alert(1)</script>"), "change": []byte(`{"addUses":1}`),
		"guess": []byte(`{"recipient":"<script>alert(1)</script>","passcode":"<img src=x>"}`), "long": []byte(`{"recipient":"` + strings.Repeat("x", wire.MaxManifestBody) + `"}`),
		"mailbox": []byte(`{"token":"` + storetest.TokenHash(token) + `","life":3600}`),
	}
	seen, seq := map[int]int{}, 0
	for state, h := range handlers {
		for pattern := range relay.Routes() {
			for argName, arg := range args {
				for _, verb := range verbs {
					for bodyName, body := range bodies {
						for _, who := range []string{"owner", "thief", "another page"} {
							if verb == "DELETE" && who == "owner" && argName != "unknown" || verb == "POST" && bodyName == "guess" && argName == "flag P" && state != "well" {
								continue // it would end what the others ask for
							}
							seq++
							header := http.Header{"Accept": {"text/html"}, "Range": {"bytes=0-9"}, "If-None-Match": {"*"}, "Cookie": {"a=b"},
								"Authorization": {"Bearer " + token}, wire.SequenceHeader: {fmt.Sprint(seq)}}
							switch who {
							case "thief":
								header.Set("Authorization", "Basic YTpi")
								header.Del("If-None-Match")
							case "another page":
								header.Set("Origin", "https://evil.example")
							}
							rec := ask(h, verb, fill(pattern, arg)+"?recipient=<script>&after=<b>", body, header)
							seen[rec.Code]++
							what := fmt.Sprintf("%s: %s %s of %s with %s by %s: %d", state, verb, pattern, argName, bodyName, who, rec.Code)
							checkCommon(t, what, rec.Header())
							typ := rec.Header().Get("Content-Type")
							if !slices.Contains(harmless, typ) || typ == "" && rec.Body.Len() > 0 {
								t.Errorf("%s: %d bytes of type %q", what, rec.Body.Len(), typ)
							}
							if bytes.Contains(rec.Body.Bytes(), []byte("<")) || bytes.Contains(rec.Body.Bytes(), []byte("alert(1)")) {
								t.Errorf("%s: it repeats what it was told: %.200s", what, rec.Body)
							}
						}
					}
				}
			}
		}
	}
	for _, status := range []int{200, 201, 204, 400, 401, 403, 404, 405, 412, 413, 428, 429, 500, 503} {
		if seen[status] == 0 {
			t.Errorf("no answer was a %d: %v", status, seen)
		}
	}
	if seen[http.StatusPartialContent]+seen[http.StatusNotModified]+seen[http.StatusMovedPermanently]+seen[http.StatusTemporaryRedirect] > 0 {
		t.Errorf("%v", seen)
	}
}
