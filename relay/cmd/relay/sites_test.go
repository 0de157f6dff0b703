package main

import (
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
	args := []string{
		"sites", "-app-dir", c.appDir, "-viewer-dir", c.viewerDir, "-out", out,
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
