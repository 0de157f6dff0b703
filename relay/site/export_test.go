package site_test

import (
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"potli/relay/site"
)

// applied is what a host makes of a headers file for one path, by the rules of
// Cloudflare's: every rule that matches, in order; "!" takes away, and what is set
// a second time is added.
func applied(file, path string) http.Header {
	h := http.Header{}
	matches := false
	for line := range strings.Lines(file) {
		line = strings.TrimSuffix(line, "\n")
		text, inside := strings.CutPrefix(line, "  ")
		switch gone, away := strings.CutPrefix(text, "! "); {
		case !inside:
			matches = line == path || line == "/*"
		case !matches:
		case away:
			h.Del(gone)
		default:
			name, value, _ := strings.Cut(text, ": ")
			h.Add(name, value)
		}
	}
	return h
}

// TestExport: a host of folders sends the same bytes with the same policy.
func TestExport(t *testing.T) {
	for _, kind := range []site.Kind{site.App, site.Viewer} {
		s := open(t, kind, world)
		files := map[string]string{}
		if err := s.Export(false, func(name string, b []byte) error {
			files[name] = string(b)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		headers := files[site.HeadersFile]
		delete(files, site.HeadersFile)
		for line := range strings.Lines(headers) {
			if len(line) > 2000 {
				t.Errorf("a line has %d characters, of which the host takes 2,000", len(line))
			}
		}
		if len(files) < 4 || files["config.json"] == "" {
			t.Errorf("exported %d files", len(files))
		}
		for name, plain := range files {
			if strings.HasSuffix(name, ".br") || strings.HasSuffix(name, ".gz") {
				t.Errorf("%s is for a server of ours", name)
			}
			res := ask(s, "GET", "/"+name)
			if got := body(t, res); got != plain {
				t.Errorf("%s: the bytes differ", name)
			}
			got := applied(headers, "/"+name)
			for name := range res.Header {
				switch textproto.CanonicalMIMEHeaderKey(name) {
				case "Content-Type", "Content-Length", "Etag", "Vary", "Accept-Ranges":
					continue // the host's own
				}
				if len(got[name]) != 1 || got.Get(name) != res.Header.Get(name) {
					t.Errorf("/%s: %s is %q, want %q", name, name, got[name], res.Header.Get(name))
				}
			}
		}
	}
}
