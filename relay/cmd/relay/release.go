package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"potli/relay/site"
)

// releaseConfig is what the flags say of signing the wallet's releases.
type releaseConfig struct {
	keys, pins list
	need       int
	seq        uint64
	next       string
}

func (c *releaseConfig) flags(f flags, otherwise string) {
	f.Var(&c.keys, "release-key", "`file` of a key that signs the wallet's releases, made by potli release-key; may be given more than once"+otherwise)
	f.Var(&c.pins, "release-pin", "`line` of a public key that may sign too, elsewhere; may be given more than once")
	f.IntVar(&c.need, "release-need", 1, "`number` of these keys that must sign before a wallet takes a release")
	f.Uint64Var(&c.seq, "release-seq", 0, "`number` of the release, to make a published one again (default: the time, or one more than the last)")
	f.StringVar(&c.next, "next-worker", "", "`hash` of a service worker that will replace this one, as its release.json has it: pages then let it")
}

// list is a flag that may be given more than once; in the environment commas part
// its values.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(s string) error {
	*l = append(*l, strings.Split(s, ",")...)
	return nil
}

// signing reads the keys.
func (c releaseConfig) signing(now time.Time) (s site.Signing, err error) {
	s = site.Signing{Need: c.need, Next: c.next}
	for _, file := range c.keys {
		k, err := readReleaseKey(file)
		if err != nil {
			return s, err
		}
		s.Keys = append(s.Keys, k)
	}
	for _, line := range c.pins {
		pin, err := site.ParsePin(line)
		if err != nil {
			return s, fmt.Errorf("-release-pin: %w", err)
		}
		s.Pins = append(s.Pins, pin)
	}
	s.Seq = func(version string) (uint64, error) {
		switch {
		case c.seq > 0:
			return c.seq, nil
		case len(c.keys) == 0:
			return uint64(now.Unix()), nil
		}
		return number(c.keys[0]+".last", version, now)
	}
	return s, nil
}

func readReleaseKey(file string) (*site.Key, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading a release key, which potli release-key makes: %w", err)
	}
	k, err := site.ParseKey(text)
	if err != nil {
		return nil, fmt.Errorf("%s %w", file, err)
	}
	return k, nil
}

// number is that of the release: the same as before for the same version, and else
// greater than the last. Beside the key, file remembers it.
func number(file, version string, now time.Time) (uint64, error) {
	var last struct {
		Seq     uint64 `json:"seq"`
		Version string `json:"version"`
	}
	text, err := os.ReadFile(file)
	if err == nil {
		if err = json.Unmarshal(text, &last); err != nil {
			return 0, fmt.Errorf("%s remembers the number of the last release and cannot be read; delete it: %w", file, err)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("reading the number of the last release: %w", err)
	}
	if last.Version == version {
		return last.Seq, nil
	}
	last.Seq, last.Version = max(last.Seq+1, uint64(max(now.Unix(), 0))), version
	if text, err = json.Marshal(last); err != nil {
		return 0, err
	}
	if err := replaceFile(file, append(text, '\n')); err != nil {
		return 0, fmt.Errorf("remembering the number of this release: %w", err)
	}
	return last.Seq, nil
}

func replaceFile(file string, b []byte) error {
	if err := os.WriteFile(file+".new", b, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// ownKey makes a key in the data folder at the first start, for who gave none: the
// wallets of this machine then take releases of this machine. A folder that was signed
// elsewhere needs none.
func (c *config) ownKey() error {
	if _, err := os.Stat(filepath.Join(c.appDir, "release.sig")); err == nil || len(c.release.keys)+len(c.release.pins) > 0 {
		return nil
	}
	file := filepath.Join(c.data, "release.key")
	c.release.keys = list{file}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_, err := makeReleaseKey(file)
	return err
}

func makeReleaseKey(file string) (*site.Key, error) {
	k, err := site.NewKey()
	if err != nil {
		return nil, fmt.Errorf("making a release key: %w", err)
	}
	text, err := k.PEM()
	if err != nil {
		return nil, fmt.Errorf("making a release key: %w", err)
	}
	return k, writeSecret(file, "release key", strings.TrimSuffix(string(text), "\n"))
}

// releaseKey is the command of that name.
func releaseKey(_ context.Context, p program) error {
	f := newFlags(p, "release-key")
	out := f.String("out", "", "`file` for the key, which must not be there yet")
	if err := f.done(); err != nil {
		return err
	}
	if *out == "" {
		return errors.New("say with -out where the key goes")
	}
	k, err := makeReleaseKey(*out)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.errs, "%s holds the key. Wallets take new releases by it alone: keep a copy where this machine cannot lose it.\nIts public half, for -release-pin:\n", *out)
	_, err = fmt.Fprintln(p.out, k.Public())
	return err
}

// sign is the command of that name: one of several people signs the folder that
// another made.
func sign(_ context.Context, p program) error {
	f := newFlags(p, "sign")
	key := f.String("release-key", "", "`file` of the key")
	dir := f.String("dir", "", "`folder` that potli sites wrote, with app in it")
	if err := f.done(); err != nil {
		return err
	}
	if *key == "" || *dir == "" {
		return errors.New("name the key with -release-key and the folder with -dir")
	}
	k, err := readReleaseKey(*key)
	if err != nil {
		return err
	}
	app := filepath.Join(*dir, "app")
	var files [3][]byte
	for i, name := range []string{"sw.js", "release.json", "release.sig"} {
		if files[i], err = os.ReadFile(filepath.Join(app, name)); err != nil {
			return err
		}
	}
	text, missing, err := site.Cosign(files[0], files[1], files[2], k)
	if err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(app, "release.sig"), text); err != nil {
		return err
	}
	if err := os.Chmod(filepath.Join(app, "release.sig"), 0o644); err != nil {
		return err
	}
	tellRelease(p.out, files[1], files[0], missing)
	return nil
}

// tellRelease prints what people compare.
func tellRelease(out io.Writer, manifest, worker []byte, missing int) {
	fmt.Fprintf(out, "release.json  %x\nsw.js         %x\n", sha256.Sum256(manifest), sha256.Sum256(worker))
	if missing > 0 {
		fmt.Fprintf(out, "%d more of the keys must sign before a wallet takes it: potli sign\n", missing)
	}
}
