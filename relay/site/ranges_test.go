package site_test

import (
	"fmt"
	"net/http"
	"testing"

	"potli/relay/site"
)

// A download that was cut goes on where it stopped, in the coding in which it began.
func TestRanges(t *testing.T) {
	s := open(t, site.App, local)
	tag := func(accept string) string {
		return ask(s, "GET", "/web/app.wasm", "Accept-Encoding", accept).Header.Get("ETag")
	}
	plain, br := tag("identity"), tag("br")
	for _, tt := range []struct {
		name, accept, ranges, ifRange string
		status                        int
		want                          string
	}{
		{"the rest", "identity", "bytes=6-", plain, 206, "wasm"},
		{"the rest, any version", "identity", "bytes=6-", "", 206, "wasm"},
		{"a part", "identity", "bytes=2-4", plain, 206, "ain"},
		{"past the end", "identity", "bytes=6-99", plain, 206, "wasm"},
		{"compressed", "br", "bytes=1-", br, 206, "r"},
		{"compressed, begun as another coding", "br", "bytes=1-", plain, 200, "br"},
		{"begun in another release", "identity", "bytes=6-", `"old"`, 200, "plain wasm"},
		{"after the end", "identity", "bytes=10-", plain, 200, "plain wasm"},
		{"the last bytes", "identity", "bytes=-4", plain, 200, "plain wasm"},
		{"several", "identity", "bytes=0-1,4-5", plain, 200, "plain wasm"},
		{"backwards", "identity", "bytes=4-2", plain, 200, "plain wasm"},
		{"nonsense", "identity", "lines=1-", plain, 200, "plain wasm"},
		{"negative", "identity", "bytes=--2", plain, 200, "plain wasm"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := ask(s, "GET", "/web/app.wasm", "Accept-Encoding", tt.accept, "Range", tt.ranges, "If-Range", tt.ifRange)
			if got := body(t, r); r.StatusCode != tt.status || got != tt.want {
				t.Errorf("%d %q, want %d %q", r.StatusCode, got, tt.status, tt.want)
			}
			if got, want := r.Header.Get("Content-Length"), fmt.Sprint(len(tt.want)); got != want {
				t.Errorf("length %s, want %s", got, want)
			}
			if part := r.Header.Get("Content-Range"); (part != "") != (tt.status == http.StatusPartialContent) {
				t.Errorf("the range is said to be %q", part)
			}
			if r.Header.Get("Accept-Ranges") != "bytes" {
				t.Error("nobody would ask for a range")
			}
		})
	}
}
