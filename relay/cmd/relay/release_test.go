package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"potli/relay/site"
)

// The number of a release grows with each other version, whatever the clock says, and
// stays for the same.
func TestNumber(t *testing.T) {
	file := filepath.Join(t.TempDir(), "release.key.last")
	day := time.Unix(1_800_000_000, 0)
	for _, c := range []struct {
		version string
		now     time.Time
		want    uint64
	}{
		{"one", day, 1_800_000_000},
		{"one", day.Add(time.Hour), 1_800_000_000},
		{"two", day.Add(time.Hour), 1_800_003_600},
		{"three", day, 1_800_003_601},
		{"four", time.Unix(-5, 0), 1_800_003_602},
		{"one", day.Add(2 * time.Hour), 1_800_007_200},
	} {
		if got, err := number(file, c.version, c.now); err != nil || got != c.want {
			t.Errorf("%s: got %d, %v, want %d", c.version, got, err, c.want)
		}
	}
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := number(file, "five", day); err == nil || !strings.Contains(err.Error(), "delete it") {
		t.Errorf("a damaged file: %v", err)
	}
}

// Two people sign, a third machine serves without a key; and each step refuses to go
// on without the one before.
func TestSignedElsewhere(t *testing.T) {
	c := testConfig(t)
	dir := t.TempDir()
	var out bytes.Buffer
	call := func(args ...string) error {
		out.Reset()
		return dispatch(t.Context(), program{args, env(), &out, io.Discard})
	}
	var keys, pins []string
	for _, name := range []string{"one", "two"} {
		keys = append(keys, filepath.Join(dir, name))
		if err := call("release-key", "-out", keys[len(keys)-1]); err != nil {
			t.Fatal(err)
		}
		pins = append(pins, strings.TrimSpace(out.String()))
		if info, err := os.Stat(keys[len(keys)-1]); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the key is for others too: %v", err)
		}
	}
	if err := call("release-key", "-out", keys[0]); err == nil {
		t.Error("a key was written over")
	}
	origins := []string{"-app-url", "https://potli.example", "-relay-url", "https://relay.potli.example", "-viewer-url", "https://view.potli.example"}
	sites := filepath.Join(dir, "sites")
	args := append([]string{"sites", "-packed", "-app-dir", c.appDir, "-viewer-dir", c.viewerDir, "-out", sites, "-release-need", "2", "-release-pin", pins[1]}, origins...)
	if err := call(args...); err == nil || !strings.Contains(err.Error(), "cannot be asked") {
		t.Errorf("with one key of two: %v", err)
	}
	if err := call(append(args, "-release-key", keys[0])...); err != nil || !strings.Contains(out.String(), "1 more") {
		t.Fatalf("%v\n%s", err, &out)
	}
	for range 2 {
		err := call("sign", "-release-key", keys[0], "-dir", sites)
		if err == nil || !strings.Contains(err.Error(), "already") {
			t.Errorf("signed twice: %v", err)
		}
	}
	if err := call("sign", "-release-key", keys[1], "-dir", sites); err != nil || strings.Contains(out.String(), "more") {
		t.Fatalf("%v\n%s", err, &out)
	}
	served, err := site.New(os.DirFS(filepath.Join(sites, "app")), site.App,
		site.Origins{App: "https://potli.example", Relay: "https://relay.potli.example", Viewer: "https://view.potli.example"}, site.Signing{})
	if err == nil || !strings.Contains(err.Error(), "/index.html") {
		t.Errorf("the hash in this folder is wrong on purpose: %v, %v", served, err)
	}
	if err := call("sign", "-dir", sites); err == nil || !strings.Contains(err.Error(), "-release-key") {
		t.Errorf("without a key: %v", err)
	}
	if err := call("sign", "-release-key", filepath.Join(dir, "none"), "-dir", sites); err == nil || !strings.Contains(err.Error(), "release-key makes") {
		t.Errorf("with a key that is not there: %v", err)
	}
}

// The first start makes a key, and the next finds it: the worker that pins it stays
// the same, or every wallet would raise an alarm.
func TestOwnReleaseKey(t *testing.T) {
	c := testConfig(t)
	worker := func() string {
		urls, _, stop := start(t, c)
		defer stop()
		_, text := get(t, urls["The wallet"]+"/sw.js")
		return text
	}
	one := worker()
	if info, err := os.Stat(filepath.Join(c.data, "release.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the key: %v", err)
	}
	if two := worker(); two != one || !strings.HasPrefix(one, "self.potliTrust = ") {
		t.Errorf("the worker changed from\n%s\nto\n%s", one, two)
	}
}
