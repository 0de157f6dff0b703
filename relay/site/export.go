package site

import (
	"net/http"
	"slices"
	"strings"
)

// HeadersFile is where Cloudflare's static assets, and hosts that do as they do,
// look for the headers of a folder.
// (developers.cloudflare.com/workers/static-assets/headers)
const HeadersFile = "_headers"

// Export calls write for every file of the site, by its path without the first
// slash, so that a host of folders can serve it: what was built, what depends on
// the origins, and HeadersFile with the policy. Such a host compresses by itself.
// It must answer every other path with index.html, and none with a redirect.
// packed: the compressed copies too, for New on a machine that has no key.
func (s *Site) Export(packed bool, write func(name string, b []byte) error) error {
	for p, f := range s.files {
		if p == "/" || s.kind == Viewer && slices.Contains(viewerPages, p) {
			continue
		}
		copies := map[string][]byte{"": f.plain}
		if packed {
			copies[".br"], copies[".gz"] = f.br, f.gzip
		}
		for ext, b := range copies {
			if b == nil {
				continue
			}
			if err := write(strings.TrimPrefix(p, "/")+ext, b); err != nil {
				return err
			}
		}
	}
	return write(HeadersFile, []byte(s.policy.file()))
}

// file is the policy in the form of HeadersFile. A header that two rules set is
// sent twice, unless the second rule takes it away before.
func (p policy) file() string {
	var b strings.Builder
	rule(&b, "/*", p.all, false)
	if p.frame != nil {
		rule(&b, FramePath, p.frame, true)
	}
	return b.String()
}

func rule(b *strings.Builder, path string, h http.Header, again bool) {
	b.WriteString(path + "\n")
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if again {
			b.WriteString("  ! " + name + "\n")
		}
		b.WriteString("  " + name + ": " + h.Get(name) + "\n")
	}
}
