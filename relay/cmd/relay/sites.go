package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"potli/relay/site"
)

// sites is the command of that name: it writes the wallet and the clinic's page
// as two folders for a host of static files, with their origins and headers, for
// where the relay runs elsewhere.
func sites(_ context.Context, p program) error {
	var c config
	var out string
	var packed bool
	f := newFlags(p, "sites")
	beside := besideProgram()
	f.StringVar(&c.appURL, "app-url", "", "public `origin` of the wallet, like https://potli.example")
	f.StringVar(&c.relayURL, "relay-url", "", "public `origin` of the relay")
	f.StringVar(&c.viewerURL, "viewer-url", "", "public `origin` of the clinic's page")
	f.StringVar(&c.appDir, "app-dir", filepath.Join(beside, "app"), "`folder` of the wallet's files")
	f.StringVar(&c.viewerDir, "viewer-dir", filepath.Join(beside, "viewer"), "`folder` of the clinic's page")
	f.StringVar(&out, "out", "", "`folder` that gets app and viewer, which must not be there yet")
	f.BoolVar(&packed, "packed", false, "write the compressed copies too, for potli serve -app-dir on a machine that has no key")
	c.release.flags(f, "")
	if err := f.done(); err != nil {
		return err
	}
	if out == "" {
		return errors.New("say with -out where the two folders go")
	}
	by, err := c.release.signing(time.Now())
	if err != nil {
		return err
	}
	o := origins{site.Origins{App: c.appURL, Relay: c.relayURL, Viewer: c.viewerURL}}
	sums := map[string][sha256.Size]byte{}
	for _, s := range []struct {
		name, dir string
		kind      site.Kind
	}{{"app", c.appDir, site.App}, {"viewer", c.viewerDir, site.Viewer}} {
		files, err := openSite(s.dir, s.name+"-dir", s.kind, o, by)
		if err != nil {
			return err
		}
		if err := export(files, packed, out, s.name, sums); err != nil {
			return fmt.Errorf("writing the files of %s: %w", s.name, err)
		}
		if s.kind == site.App {
			defer tellRelease(p.out, files.Manifest(), files.Worker(), files.Missing())
		}
	}
	if err := os.WriteFile(filepath.Join(out, "SHA256SUMS"), []byte(sumLines(sums)), 0o644); err != nil {
		return fmt.Errorf("writing the hashes: %w", err)
	}
	_, err = fmt.Fprintf(p.out, "%s holds app and viewer, and SHA256SUMS of what is in them\n", out)
	return err
}

// sumLines is what sha256sum -c reads.
func sumLines(sums map[string][sha256.Size]byte) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		fmt.Fprintf(&b, "%x  %s\n", sums[name], name)
	}
	return b.String()
}

// export writes a site to a folder of its own: what lay there before would be
// served too. It notes the hash of each file, but for the signatures: more may come.
func export(s *site.Site, packed bool, out, name string, sums map[string][sha256.Size]byte) error {
	dir := filepath.Join(out, name)
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already", dir)
	}
	return s.Export(packed, func(file string, b []byte) error {
		to := filepath.Join(dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if file != "release.sig" {
			sums[name+"/"+file] = sha256.Sum256(b)
		}
		return os.WriteFile(to, b, 0o644)
	})
}
