package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"potli/relay/site"
)

// sites is the command of that name: it writes the wallet and the clinic's page
// as two folders for a host of static files, with their origins and headers, for
// where the relay runs elsewhere.
func sites(_ context.Context, p program) error {
	var c config
	var out string
	f := newFlags(p, "sites")
	beside := besideProgram()
	f.StringVar(&c.appURL, "app-url", "", "public `origin` of the wallet, like https://potli.example")
	f.StringVar(&c.relayURL, "relay-url", "", "public `origin` of the relay")
	f.StringVar(&c.viewerURL, "viewer-url", "", "public `origin` of the clinic's page")
	f.StringVar(&c.appDir, "app-dir", filepath.Join(beside, "app"), "`folder` of the wallet's files")
	f.StringVar(&c.viewerDir, "viewer-dir", filepath.Join(beside, "viewer"), "`folder` of the clinic's page")
	f.StringVar(&out, "out", "", "`folder` that gets app and viewer, which must not be there yet")
	if err := f.done(); err != nil {
		return err
	}
	if out == "" {
		return errors.New("say with -out where the two folders go")
	}
	o := origins{site.Origins{App: c.appURL, Relay: c.relayURL, Viewer: c.viewerURL}}
	for _, s := range []struct {
		name, dir string
		kind      site.Kind
	}{{"app", c.appDir, site.App}, {"viewer", c.viewerDir, site.Viewer}} {
		files, err := openSite(s.dir, s.name+"-dir", s.kind, o)
		if err != nil {
			return err
		}
		if err := export(files, filepath.Join(out, s.name)); err != nil {
			return fmt.Errorf("writing the files of %s: %w", s.name, err)
		}
	}
	_, err := fmt.Fprintf(p.out, "%s holds app and viewer\n", out)
	return err
}

// export writes a site to a folder of its own: what lay there before would be
// served too.
func export(s *site.Site, dir string) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already", dir)
	}
	return s.Export(func(name string, b []byte) error {
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return os.WriteFile(to, b, 0o644)
	})
}
