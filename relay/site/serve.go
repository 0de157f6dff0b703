package site

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// ServeHTTP answers GET and HEAD. Every answer carries the policy. Nothing is
// cached without asking again: names do not hold hashes, and the service worker
// keeps whole releases by itself.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	maps.Copy(h, s.policy.of(r.URL.Path))
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		refuse(w, r, http.StatusMethodNotAllowed, "only GET and HEAD")
		return
	}
	f := s.find(r)
	if f == nil {
		refuse(w, r, http.StatusNotFound, "there is nothing at this address")
		return
	}
	f.send(w, r)
}

// find is the file at the address, or the wallet's shell for a page that the
// wallet knows and the server does not.
func (s *Site) find(r *http.Request) *file {
	if f := s.files[r.URL.Path]; f != nil {
		return f
	}
	if s.kind == App && strings.Contains(r.Header.Get("Accept"), "text/html") {
		return s.files["/"]
	}
	return nil
}

func refuse(w http.ResponseWriter, r *http.Request, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)+1))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		io.WriteString(w, text+"\n")
	}
}

func (f *file) send(w http.ResponseWriter, r *http.Request) {
	body, encoding := f.choose(r.Header.Get("Accept-Encoding"))
	h, tag := w.Header(), f.tag
	if f.br != nil || f.gzip != nil {
		h.Set("Vary", "Accept-Encoding")
	}
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
		tag += "-" + encoding // a strong tag names exact bytes, so each coding has its own
	}
	h.Set("ETag", `"`+tag+`"`)
	if matches(r.Header.Get("If-None-Match"), `"`+tag+`"`) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.mime)
	h.Set("Accept-Ranges", "bytes")
	status := http.StatusOK
	if first, end, ok := from(r.Header.Get("Range"), r.Header.Get("If-Range"), `"`+tag+`"`, len(body)); ok {
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, end-1, len(body)))
		status, body = http.StatusPartialContent, body[first:end]
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

// choose prefers brotli, then gzip, where both exist and are accepted.
func (f *file) choose(accept string) (body []byte, encoding string) {
	switch {
	case f.br != nil && accepts(accept, "br"):
		return f.br, "br"
	case f.gzip != nil && accepts(accept, "gzip"):
		return f.gzip, "gzip"
	}
	return f.plain, ""
}

// accepts reads an Accept-Encoding (RFC 9110, section 12.5.3). A coding's own
// entry decides over "*"; a weight of zero refuses.
func accepts(header, coding string) bool {
	star := false
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		q, given := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(params), " ", ""), "q=")
		weight, err := strconv.ParseFloat(q, 64)
		taken := !given || (err == nil && weight > 0)
		switch name = strings.ToLower(strings.TrimSpace(name)); name {
		case coding:
			return taken
		case "*":
			star = taken
		}
	}
	return star
}

// matches reads an If-None-Match. Weak comparison, as section 13.1.2 asks.
func matches(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == tag || part == "*" {
			return true
		}
	}
	return false
}

// mimeTypes is fixed, since the operating system's table differs by machine
// and wasm is only compiled while it arrives under its own type.
var mimeTypes = map[string]string{
	".css":         "text/css; charset=utf-8",
	".html":        "text/html; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".mjs":         "text/javascript; charset=utf-8",
	".json":        "application/json",
	".png":         "image/png",
	".sig":         "application/json",
	".svg":         "image/svg+xml",
	".txt":         "text/plain; charset=utf-8",
	".wasm":        "application/wasm",
	".webmanifest": "application/manifest+json",
	".woff2":       "font/woff2",
}

func mimeType(p string) string {
	if t, ok := mimeTypes[path.Ext(p)]; ok {
		return t
	}
	return "application/octet-stream"
}
