// Package site serves a folder of static files the way a wallet needs them
// served: with the whole browser policy on every answer, errors included, and
// nothing else. It writes no log, sets no cookie, and never sends
// Clear-Site-Data: a same-origin answer with it would erase the vault.
//
// It is not a file server. A Site reads its folder once, when it is made, and
// from then on answers from memory, so that a release on disk can be replaced
// while the old one is still being read, and no request mixes the two. Beside
// the files it knows two documents that depend on where it runs and not on what
// was built:
//
//	/config.json    where the other origins are
//	/release.json   the files of the release and their hashes, /config.json
//	                included, and the headers they travel with (app only)
//
//	/release.sig    signatures over the exact bytes of /release.json (app only)
//	/sw.js          the service worker, with the public keys before it (app only)
//
// Next to a file, name.br and name.gz are the same bytes compressed: they are
// sent to whoever accepts them and have no address of their own.
//
// # Releases
//
// A release is every file of the wallet by its hash, the origins and the policy
// among them; so it is signed where those are known, which is here, and not where
// the wallet is built. The service worker takes a release when enough of the keys
// that stand before it have signed, when its number has grown, and when every file
// has come whole. It learned the keys at the first visit: that one visit trusts
// the server.
//
//	built folder ──▶ New(Signing) ──▶ ServeHTTP           a server that holds a key
//	                       └────────▶ Export ──▶ Cosign   a folder, signed elsewhere
//	                                    └──────▶ New()    and served without any key
//
// A list of keys and a threshold, rather than one key: a single operator has one
// key and a threshold of one, three maintainers have three keys and a threshold of
// two, and a key is replaced by pinning old and new for a while. All three are the
// same few lines in the worker.
//
// The number is the second in which the release was first signed, or one more than
// the last one's, if that is greater. So it grows even when the file that remembers
// the last one is lost.
package site

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Kind says which of the two static origins a Site is.
type Kind int

const (
	// App is the wallet: wasm, a service worker, one relay to talk to. Unknown
	// pages are answered with its shell, because the wallet routes by itself.
	App Kind = iota
	// Viewer is the clinic's page: it stores nothing but, where somebody there asks
	// for it, its own files. It has wasm for reading codes alone, and reaches any
	// host by https, because a link may be stored anywhere.
	Viewer
)

// FramePath is the one page of the Viewer that the App may put into a frame.
const FramePath = "/frame.html"

// viewerPages are addresses of the Viewer that are answered with its index, which
// then does what they are for: a drop code, a request for consent, the desk.
var viewerPages = []string{"/drop", "/ask", "/clinic"}

// Origins are the public addresses, as a browser writes an origin:
// scheme://host or scheme://host:port, without a path.
type Origins struct {
	App, Relay, Viewer string
}

// Site is an http.Handler over one folder. It is safe for concurrent use.
type Site struct {
	kind    Kind
	files   map[string]*file // by request path; "/" is the index
	policy  policy
	version string
	missing int
}

// Signing says who signs the release of an App.
type Signing struct {
	Keys []*Key // sign now
	Pins []Pin  // may sign later, elsewhere
	Need int    // how many of all of them must; 0 is 1
	// Seq gives a version its number, which must be the same when it is asked for the
	// same version again, and greater for another. nil: always 1.
	Seq func(version string) (uint64, error)
	// Next is the hash of the service worker that will take the place of this one, as
	// release.json has it, or "". Pages then let it.
	Next string
}

// file is one address: the plain bytes and what is left of them compressed.
type file struct {
	mime  string
	tag   string // of the plain bytes, without quotes
	plain []byte
	br    []byte // nil when it was not built
	gzip  []byte
}

const (
	indexFile   = "index.html"
	configPath  = "/config.json"
	releasePath = "/release.json"
	sigPath     = "/release.sig"
	workerPath  = "/sw.js"
)

// New reads every file of fsys. It fails when there is no index.html, when an
// origin is not one, or when the App has no release.json or nobody signs it: a wallet
// without could never be updated. A folder that was exported is signed already: then
// sign is not asked, and New fails when it was signed for other origins or by too few.
// The Viewer is not signed.
func New(fsys fs.FS, kind Kind, o Origins, sign Signing) (*Site, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &Site{kind: kind, files: map[string]*file{}, policy: newPolicy(kind, o)}
	if err := s.load(fsys); err != nil {
		return nil, err
	}
	if s.files["/"+indexFile] == nil {
		return nil, errors.New("the folder has no " + indexFile)
	}
	s.files["/"] = s.files["/"+indexFile]
	s.add(configPath, config(kind, o))
	if kind == App {
		if s.files[sigPath] != nil {
			return s, s.signed()
		}
		return s, s.release(sign)
	}
	for _, page := range viewerPages {
		s.files[page] = s.files["/"]
	}
	return s, nil
}

// Version names the release of an App: a hash over its files and its policy.
// It is empty for the Viewer.
func (s *Site) Version() string { return s.version }

// Missing is how many more keys must sign the release before a wallet takes it.
func (s *Site) Missing() int { return s.missing }

// Manifest is release.json, whose SHA-256 names the release to people.
func (s *Site) Manifest() []byte { return s.files[releasePath].plain }

// Worker is the service worker as it is sent.
func (s *Site) Worker() []byte { return s.files[workerPath].plain }

func (o Origins) check() error {
	for name, v := range map[string]string{"app": o.App, "relay": o.Relay, "viewer": o.Viewer} {
		u, err := url.Parse(v)
		if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "http" && u.Scheme != "https") ||
			v != u.Scheme+"://"+u.Host || strings.ContainsAny(v, " ;,'\"*") {
			return fmt.Errorf("the %s origin %q must be written like https://potli.example, with nothing after the host", name, v)
		}
	}
	return nil
}

func (s *Site) load(fsys fs.FS) error {
	packed := map[string][]byte{}
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || p == HeadersFile {
			return err
		}
		b, err := fs.ReadFile(fsys, p)
		if err != nil {
			return err
		}
		if ext := path.Ext(p); ext == ".br" || ext == ".gz" {
			packed["/"+p] = b
		} else {
			s.add("/"+p, b)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the site's files: %w", err)
	}
	for p, f := range s.files {
		f.br, f.gzip = packed[p+".br"], packed[p+".gz"]
	}
	return nil
}

func (s *Site) add(p string, b []byte) {
	s.files[p] = &file{mime: mimeType(p), tag: hash(b)[:22], plain: b}
}

// config is all that a built release must still be told.
func config(kind Kind, o Origins) []byte {
	c := map[string]string{"app": o.App, "relay": o.Relay}
	if kind == App {
		c = map[string]string{"relay": o.Relay, "viewer": o.Viewer}
	}
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // a map of strings
	}
	return append(b, '\n')
}

func versionName(b []byte) string {
	sum := sha256.Sum256(b)
	return fmt.Sprintf("%x", sum[:8])
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return base64.StdEncoding.EncodeToString(sum[:])
}

var _ http.Handler = (*Site)(nil)
