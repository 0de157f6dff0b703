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
//	                and the browser policy included (app only)
//
// Next to a file, name.br and name.gz are the same bytes compressed: they are
// sent to whoever accepts them and have no address of their own.
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
)

// New reads every file of fsys. It fails when there is no index.html, when an
// origin is not one, or when the App has no release.json: a wallet without it
// could never be updated.
func New(fsys fs.FS, kind Kind, o Origins) (*Site, error) {
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
		return s, s.release()
	}
	for _, page := range viewerPages {
		s.files[page] = s.files["/"]
	}
	return s, nil
}

// Version names the release of an App: a hash over its files and its policy.
// It is empty for the Viewer.
func (s *Site) Version() string { return s.version }

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
		if err != nil || d.IsDir() {
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

// manifest is release.json. Files maps a request path to the base64 SHA-256 of
// its bytes.
type manifest struct {
	Version string            `json:"version"`
	Files   map[string]string `json:"files"`
	// Policy is the hash of the headers that every file travels with. The
	// service worker keeps headers with the files, so a changed policy must
	// be a changed release, or an old one would live for ever.
	Policy string `json:"policy"`
}

// release adds to the built manifest what only this server knows.
func (s *Site) release() error {
	built := s.files[releasePath]
	if built == nil {
		return errors.New("the folder has no release.json")
	}
	var m manifest
	if err := json.Unmarshal(built.plain, &m); err != nil {
		return fmt.Errorf("reading release.json: %w", err)
	}
	if len(m.Files) == 0 {
		return errors.New("release.json names no files")
	}
	m.Files[configPath] = hash(s.files[configPath].plain)
	m.Policy = hash([]byte(s.policy.text()))
	m.Version = ""
	b, err := json.Marshal(m) // keys of a map are sorted
	if err != nil {
		return err
	}
	m.Version = versionName(b)
	if b, err = json.MarshalIndent(m, "", " "); err != nil {
		return err
	}
	s.version = m.Version
	s.add(releasePath, append(b, '\n'))
	return nil
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
