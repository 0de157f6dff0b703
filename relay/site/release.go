package site

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// manifest is release.json.
type manifest struct {
	Format  int    `json:"format"`
	Seq     uint64 `json:"seq"`
	Version string `json:"version"` // a hash over all below
	// Worker is the hash of /sw.js as it is sent, which the browser itself looks
	// after; Next that of one which is about to replace it.
	Worker string `json:"worker"`
	Next   string `json:"next,omitempty"`
	// Headers are the policy and Types the media types by the end of a name, both as
	// they are sent. The service worker gives its pages these, and nothing that the
	// server said: else a server could send what was signed without the policy.
	Headers map[string]string `json:"headers"`
	Types   map[string]string `json:"types"`
	// Lazy are those of Files that a wallet fetches when it first needs them.
	Lazy []string `json:"lazy"`
	// Files maps a request path to the base64 SHA-256 of its bytes.
	Files map[string]string `json:"files"`
}

const manifestFormat = 1

func (s *Site) manifest() (m manifest, err error) {
	f := s.files[releasePath]
	if f == nil {
		return m, errors.New("the folder has no release.json")
	}
	if err := json.Unmarshal(f.plain, &m); err != nil {
		return m, fmt.Errorf("reading release.json: %w", err)
	}
	if len(m.Files) == 0 {
		return m, errors.New("release.json names no files")
	}
	if s.files[workerPath] == nil {
		return m, errors.New("the folder has no sw.js")
	}
	return m, nil
}

// release adds to the built manifest what only this server knows, and signs it.
func (s *Site) release(sign Signing) error {
	m, err := s.manifest()
	if err != nil {
		return err
	}
	trust := sign.trust()
	if err := trust.check(); err != nil {
		return err
	}
	s.add(workerPath, trust.before(s.files[workerPath].plain))
	m.Files[configPath] = hash(s.files[configPath].plain)
	m.Format, m.Worker, m.Next = manifestFormat, hash(s.files[workerPath].plain), sign.Next
	m.Headers, m.Types = s.policy.signed(), mimeTypes
	m.Version, m.Seq, m.Lazy = "", 0, append([]string{}, m.Lazy...) // never null
	b, err := json.Marshal(m)                                       // keys of a map are sorted
	if err != nil {
		return err
	}
	if m.Version, m.Seq = versionName(b), 1; sign.Seq != nil {
		if m.Seq, err = sign.Seq(m.Version); err != nil {
			return err
		}
	}
	if b, err = json.MarshalIndent(m, "", " "); err != nil {
		return err
	}
	b = append(b, '\n')
	var all signatures
	for _, k := range sign.Keys {
		one, err := k.sign(b)
		if err != nil {
			return err
		}
		all.Signatures = append(all.Signatures, one)
	}
	s.add(releasePath, b)
	s.add(sigPath, all.text())
	s.zip(workerPath)
	s.zip(releasePath)
	s.version, s.missing = m.Version, trust.missing(b, all)
	return nil
}

// trust is the same whichever of the keys sign now, and in whatever order.
func (s Signing) trust() Trust {
	t := Trust{Need: max(s.Need, 1), Keys: slices.Clone(s.Pins)}
	for _, k := range s.Keys {
		if pin := k.Public(); !slices.ContainsFunc(t.Keys, pin.equal) {
			t.Keys = append(t.Keys, pin)
		}
	}
	slices.SortFunc(t.Keys, func(a, b Pin) int { return strings.Compare(a.String(), b.String()) })
	return t
}

// zip compresses what is made here and not by the generator.
func (s *Site) zip(path string) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(s.files[path].plain) // to memory: neither this nor Close can fail
	w.Close()
	if b.Len() < len(s.files[path].plain) {
		s.files[path].gzip = b.Bytes()
	}
}

// signed accepts a folder that Export wrote.
func (s *Site) signed() error {
	m, err := s.manifest()
	if err != nil {
		return err
	}
	if m.Files[configPath] != hash(s.files[configPath].plain) || !maps.Equal(m.Headers, s.policy.signed()) {
		return errors.New("the release was signed for other origins")
	}
	for path, sum := range m.Files {
		if f := s.files[path]; f == nil || hash(f.plain) != sum {
			return fmt.Errorf("%s is not what was signed", path)
		}
	}
	trust, err := trustOf(s.files[workerPath].plain)
	if err != nil {
		return err
	}
	var all signatures
	if err := json.Unmarshal(s.files[sigPath].plain, &all); err != nil {
		return fmt.Errorf("reading release.sig: %w", err)
	}
	if missing := trust.missing(s.files[releasePath].plain, all); missing > 0 {
		return fmt.Errorf("%d more of the release keys must sign", missing)
	}
	s.version = m.Version
	return nil
}
