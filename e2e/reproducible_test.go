package e2e_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// T20: the wallet is built once more, whole and from nothing, in another folder, by
// another user as far as a build can see one, at another time, and signed by the same
// key. Every file is the same to the bit, signatures included. Only what go.sum and the
// fonts' package-lock.json pin is shared, and the toolchain. Compressed copies are left out: they are made
// at whatever level the first build was asked for, and package wasm tests them.
func TestT20_BuiltTwice(t *testing.T) {
	t.Parallel()
	first := built(t)
	dir := filepath.Join(t.TempDir(), "another place", "src")
	for _, name := range []string{"app", "crypto", "relay", "wasm", "web"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(root(t), name))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum", "Makefile"} {
		b, err := os.ReadFile(filepath.Join(root(t), name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(dir, ".build", "fonts"), os.DirFS(filepath.Join(first, "fonts"))); err != nil {
		t.Fatal(err)
	}
	modules, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	make := exec.Command("make", "--no-print-directory", "site", "QUALITY=0")
	make.Dir = dir
	make.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "MAKE") }),
		"HOME="+home, "GOCACHE="+filepath.Join(home, "cache"), "GOMODCACHE="+strings.TrimSpace(string(modules)),
		"TMPDIR="+t.TempDir(), "USER=somebody", "LOGNAME=somebody", "TZ=Asia/Kolkata", "LANG=hi_IN.UTF-8")
	if out, err := make.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	key := filepath.Join(t.TempDir(), "release.key")
	command(t, nil, filepath.Join(first, "potli"), "release-key", "-out", key)
	one, two := signedSites(t, first, first, key), signedSites(t, first, filepath.Join(dir, ".build"), key)
	for _, name := range slices.Sorted(maps.Keys(one)) {
		if !bytes.Equal(one[name], two[name]) {
			t.Errorf("%s differs: %x and %x. If .build is older than the sources, build it again", name, sha256.Sum256(one[name]), sha256.Sum256(two[name]))
		}
	}
	if len(one) != len(two) || one["app/release.sig"] == nil || one["app/web/scanner.wasm"] == nil || len(one) < 100 {
		t.Errorf("%d and %d files", len(one), len(two))
	}
	t.Logf("%d files alike; release.json %x", len(one), sha256.Sum256(one["app/release.json"]))
}

// signedSites are the files that potli sites writes from a build.
func signedSites(t *testing.T, program, build, key string) map[string][]byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "sites")
	command(t, nil, filepath.Join(program, "potli"), "sites", "-release-key", key, "-release-seq", "1763860000", "-out", out,
		"-app-dir", filepath.Join(build, "app"), "-viewer-dir", filepath.Join(build, "viewer"),
		"-app-url", "https://potli.example", "-relay-url", "https://relay.potli.example", "-viewer-url", "https://view.potli.example")
	files := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(out), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[p], err = os.ReadFile(filepath.Join(out, p))
		return err
	})
	if err != nil {
		t.Fatal(fmt.Errorf("reading the sites: %w", err))
	}
	return files
}
