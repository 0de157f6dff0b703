package storetest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"potli/relay"
	"potli/relay/wire"
)

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

// httpCrossSite is every pair of Origin and Sec-Fetch-Site: other people's pages
// cannot use the control plane, even knowing a token.
func httpCrossSite(t *testing.T, c Client) {
	o := c.Create(t, "", "U", nil)
	origins := map[string]bool{"": true, c.App: true, "null": false, "https://evil.example": false, c.App + ".evil.example": false,
		strings.ToUpper(c.App): false, c.App + "/": false, c.Base: false}
	for origin, good := range origins {
		for _, site := range []string{"", "none", "same-origin", "same-site", "cross-site", "x"} {
			allowed := good && (origin != "" || site == "" || site == "none")
			for _, method := range []string{"GET", "POST", "PUT", "PATCH", "OPTIONS"} {
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
					header(t, a, "Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS")
					header(t, a, "Access-Control-Allow-Headers", "authorization, content-type, if-none-match, potli-sequence, potli-work")
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
	for _, path := range []string{wire.HealthPath, wire.ReadyPath} {
		a := want(t, c.Do(t, "GET", path, nil, nil), http.StatusOK)
		if got := Decode[relay.Health](t, a, 200); got.Status != "ok" {
			t.Errorf("%s: got %+v", path, got)
		}
		header(t, a, "Access-Control-Allow-Origin", "")
		header(t, a, "Cache-Control", "no-store")
	}
	want(t, c.Do(t, "GET", "/metrics", nil, nil), http.StatusNotFound) // for operators alone
}
