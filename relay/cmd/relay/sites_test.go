package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSites: both folders are whole, know the origins, and are not written over
// what is there.
func TestSites(t *testing.T) {
	c := testConfig(t)
	out := filepath.Join(t.TempDir(), "sites")
	key := filepath.Join(t.TempDir(), "release.key")
	if _, err := makeReleaseKey(key); err != nil {
		t.Fatal(err)
	}
	args := []string{
		"sites", "-release-key", key, "-app-dir", c.appDir, "-viewer-dir", c.viewerDir, "-out", out,
		"-app-url", "https://potli.example", "-relay-url", "https://relay.potli.example", "-viewer-url", "https://view.potli.example",
	}
	call := func(args []string) error {
		return dispatch(t.Context(), program{args, env(), io.Discard, io.Discard})
	}
	if err := call(args); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"app/_headers": "connect-src 'self' https://relay.potli.example wss://relay.potli.example;", "app/config.json": "https://view.potli.example", "app/index.html": "",
		"viewer/_headers": "frame-ancestors https://potli.example", "viewer/config.json": "https://potli.example",
	} {
		b, err := os.ReadFile(filepath.Join(out, filepath.FromSlash(name)))
		if err != nil || !strings.Contains(string(b), want) {
			t.Errorf("%s lacks %q: %v", name, want, err)
		}
	}
	sums, err := os.ReadFile(filepath.Join(out, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for line := range strings.Lines(string(sums)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		b, err := os.ReadFile(filepath.Join(out, filepath.FromSlash(name)))
		if got := fmt.Sprintf("%x", sha256.Sum256(b)); err != nil || got != sum {
			t.Errorf("%s: %s, the list says %s: %v", name, got, sum, err)
		}
		count++
	}
	if count < 8 || !strings.Contains(string(sums), "app/release.json") || strings.Contains(string(sums), "release.sig") {
		t.Errorf("the list of hashes:\n%s", sums)
	}
	if err := call(args); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("written over: %v", err)
	}
	if err := call(args[:len(args)-2]); err == nil || !strings.Contains(err.Error(), "viewer origin") {
		t.Errorf("without the viewer's origin: %v", err)
	}
	if err := call([]string{"sites"}); err == nil || !strings.Contains(err.Error(), "-out") {
		t.Errorf("without a folder: %v", err)
	}
}
