//go:build !js

package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/andybalholm/brotli"
)

// program is a module of wasm with nothing in it but a custom section of zeros:
// n bytes, of which there must be more than 140 and less than 16,000.
func program(n int) []byte {
	room := n - len(wasmHeader) - 3
	return append([]byte(wasmHeader), append([]byte{0, byte(room&0x7f | 0x80), byte(room >> 7)}, make([]byte, room)...)...)
}

// generate runs the generator over the real web folder and a wasm of a few bytes.
func generate(t *testing.T, cache string) (app, viewer tree) {
	t.Helper()
	dir := t.TempDir()
	wasm := filepath.Join(dir, "app.wasm")
	if err := os.WriteFile(wasm, program(400), 0o644); err != nil {
		t.Fatal(err)
	}
	scanner := filepath.Join(dir, "scanner.wasm")
	if err := os.WriteFile(scanner, program(300), 0o644); err != nil {
		t.Fatal(err)
	}
	b := build{web: "../web", wasm: wasm, scanner: scanner, app: filepath.Join(dir, "app"), viewer: filepath.Join(dir, "viewer"), cache: cache, quality: 4, piece: pieceSize, fonts: installed(t)}
	if err := b.run(); err != nil {
		t.Fatal(err)
	}
	app, err := readTree(b.app)
	if err != nil {
		t.Fatal(err)
	}
	if viewer, err = readTree(b.viewer); err != nil {
		t.Fatal(err)
	}
	return app, viewer
}

var one struct {
	sync.Once
	app, viewer tree
}

// generated is what one run made, for every test that only looks at it.
func generated(t *testing.T) (app, viewer tree) {
	t.Helper()
	one.Do(func() { one.app, one.viewer = generate(t, t.TempDir()) })
	if one.app == nil {
		t.Fatal("the sites could not be made")
	}
	return one.app, one.viewer
}

// T20: two folders, two caches, the same bytes.
func TestReproducible(t *testing.T) {
	first, view1 := generated(t)
	second, view2 := generate(t, t.TempDir())
	if !maps.EqualFunc(first, second, bytes.Equal) || !maps.EqualFunc(view1, view2, bytes.Equal) {
		t.Error("two builds of the same files differ")
	}
}

func TestReleaseNamesEveryFile(t *testing.T) {
	app, _ := generated(t)
	var m struct {
		Version string            `json:"version"`
		Files   map[string]string `json:"files"`
	}
	if err := json.Unmarshal(app["release.json"], &m); err != nil {
		t.Fatal(err)
	}
	for name, body := range app {
		inside := !slices.Contains([]string{"sw.js", "release.json"}, name) && filepath.Ext(name) != ".br" && filepath.Ext(name) != ".gz"
		if got := m.Files["/"+name]; inside && got != hash(body) {
			t.Errorf("%s: the release says %q", name, got)
		} else if !inside && got != "" {
			t.Errorf("%s has no place in the release", name)
		}
		delete(m.Files, "/"+name)
	}
	for name := range m.Files {
		t.Errorf("the release names %s, which is not there", name)
	}
}

func TestCompressedCopiesHoldTheSame(t *testing.T) {
	app, viewer := generated(t)
	for _, site := range []tree{app, viewer} {
		for name, packed := range site {
			var r io.Reader
			switch filepath.Ext(name) {
			case ".br":
				r = brotli.NewReader(bytes.NewReader(packed))
			case ".gz":
				z, err := gzip.NewReader(bytes.NewReader(packed))
				if err != nil {
					t.Fatal(err)
				}
				r = z
			default:
				continue
			}
			plain, err := io.ReadAll(r)
			if want := site[strings.TrimSuffix(name, filepath.Ext(name))]; err != nil || !bytes.Equal(plain, want) {
				t.Errorf("%s: %v, %d bytes, want %d", name, err, len(plain), len(want))
			}
			if len(packed) >= len(plain) {
				t.Errorf("%s is no smaller", name)
			}
		}
	}
	if app["web/scanner.wasm.br"] == nil || app["boot.js.gz"] == nil {
		t.Error("nothing was compressed")
	}
}

// The policy has no room for anything inline or from elsewhere.
func TestShellIsPlain(t *testing.T) {
	app, _ := generated(t)
	html := string(app["index.html"])
	for _, bad := range []string{`style=`, `<style`, ` on[a-z]+=`, `https?:`, `<script>`, `javascript:`, `src="[^/]`, `href="[^/]`, `\{\{`} {
		if m := regexp.MustCompile(bad).FindString(html); m != "" {
			t.Errorf("the shell holds %q", m)
		}
	}
	for _, path := range regexp.MustCompile(`(?:src|href)="/([^"]*)"`).FindAllStringSubmatch(html, -1) {
		if app[path[1]] == nil {
			t.Errorf("the shell asks for /%s, which is not there", path[1])
		}
	}
	for _, needed := range []string{`<html lang="en">`, `<title>Potli</title>`, `<main `, `<h1>`, `<noscript>`, `name="description"`, `data-wasm-bytes="400"`, `data-wasm="/web/app-01-`} {
		if !strings.Contains(html, needed) {
			t.Errorf("the shell lacks %s", needed)
		}
	}
	for name := range app {
		linked := strings.Contains(html, `href="/`+name+`"`) || regexp.MustCompile(`data-styles="[^"]*/`+regexp.QuoteMeta(name)+`[ "]`).MatchString(html)
		if filepath.Ext(name) == ".css" && strings.HasPrefix(name, "web/") && !linked {
			t.Errorf("%s is not linked", name)
		}
	}
}

func TestManifestIconsExist(t *testing.T) {
	app, _ := generated(t)
	var m struct {
		Icons []struct{ Src, Purpose string } `json:"icons"`
	}
	if err := json.Unmarshal(app["manifest.webmanifest"], &m); err != nil {
		t.Fatal(err)
	}
	for _, icon := range m.Icons {
		if app[strings.TrimPrefix(icon.Src, "/")] == nil {
			t.Errorf("%s is missing", icon.Src)
		}
	}
	if len(m.Icons) != 4 {
		t.Errorf("%d icons, want svg, 192, 512 and maskable", len(m.Icons))
	}
}

func TestWorkerHoldsItsGlue(t *testing.T) {
	app, _ := generated(t)
	if !bytes.HasPrefix(app["worker.js"], app["wasm_exec.js"]) {
		t.Error("worker.js must begin with wasm_exec.js: the policy refuses importScripts")
	}
}

// The reader of codes is a file of the release like any other, and so offline.
func TestScannerIsOfTheRelease(t *testing.T) {
	app, _ := generated(t)
	if app["web/scanner.wasm"] == nil || !bytes.Contains(app["release.json"], []byte(`"/web/scanner.wasm": "`+hash(app["web/scanner.wasm"])+`"`)) {
		t.Error("the release has no scanner")
	}
	if bytes.Contains(app["index.html"], []byte("scanner.wasm")) || bytes.Contains(app["boot.js"], []byte("scanner.wasm")) {
		t.Error("it is asked for before anybody scans")
	}
}

func TestOldFilesGo(t *testing.T) {
	dir := t.TempDir()
	if err := (tree{"a/b": []byte("x"), "c": []byte("y")}).write(dir); err != nil {
		t.Fatal(err)
	}
	if err := (tree{"c": []byte("z")}).write(dir); err != nil {
		t.Fatal(err)
	}
	got, err := readTree(dir)
	if err != nil || len(got) != 1 || string(got["c"]) != "z" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestBrokenShellIsRefused(t *testing.T) {
	for _, text := range []string{"", "{{.Nothing}}", "{{", `<div id="shell">`} {
		if _, err := shell([]byte(text), tree{}); err == nil {
			t.Errorf("%q passed", text)
		}
	}
}

// What not everybody needs waits until it is asked for; what all need does not.
func TestLazy(t *testing.T) {
	app, _ := generated(t)
	var m struct{ Lazy []string }
	if err := json.Unmarshal(app["release.json"], &m); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(m.Lazy, "/web/messages/hi.json") || !slices.Contains(m.Lazy, "/web/sample/index.json") {
		t.Errorf("waits: %q", m.Lazy)
	}
	for _, path := range m.Lazy {
		if app[path[1:]] == nil {
			t.Errorf("%s waits and is not there", path)
		}
		if filepath.Base(path) == "en.json" || !strings.HasPrefix(path, "/web/") || strings.HasPrefix(path, "/web/styles/") || filepath.Ext(path) == ".wasm" {
			t.Errorf("everybody needs %s", path)
		}
	}
}

// boot.js stands in for go-app's app.js. Whatever the library's wasm side calls
// on its own must be there; an upgrade that calls more fails here.
func TestBootGivesWhatGoAppCalls(t *testing.T) {
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/maxence-charriere/go-app/v10/pkg/app").Output()
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "*.go"))
	if err != nil || len(sources) == 0 {
		t.Fatalf("no sources of go-app: %v", err)
	}
	boot, err := os.ReadFile("../web/boot.js")
	if err != nil {
		t.Fatal(err)
	}
	// Of features that Potli does not use, and that its pages may not call.
	unused := []string{"goappKeepBodyClean", "goappNewNotification", "goappSubscribePushNotifications"}
	called := regexp.MustCompile(`"(goapp[A-Z]\w*)"`)
	found := 0
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range called.FindAllSubmatch(text, -1) {
			name := string(m[1])
			found++
			if !slices.Contains(unused, name) && !bytes.Contains(boot, []byte(name+":")) {
				t.Errorf("go-app calls %s, which boot.js does not give", name)
			}
		}
	}
	if found < 8 {
		t.Errorf("found %d calls only: the search no longer fits the library", found)
	}
}

// Files with the same bytes are compressed at the same time, and all come out.
func TestSameBytesAtOnce(t *testing.T) {
	body := bytes.Repeat([]byte("the same "), 1000)
	for range 20 {
		files := tree{}
		for _, name := range []string{"a.js", "b.js", "c.js", "d.js", "e.js", "f.js"} {
			files[name] = body
		}
		cache := t.TempDir()
		if err := (build{cache: cache, quality: 4, fonts: installed(t)}).compress(files); err != nil {
			t.Fatal(err)
		}
		if left, _ := filepath.Glob(filepath.Join(cache, "*.part*")); len(files) != 18 || len(left) > 0 {
			t.Fatalf("%d files, left over %q", len(files), left)
		}
	}
}

// The pieces are the program, and another program's have other names.
func TestPieces(t *testing.T) {
	const size = 1000
	program := bytes.Repeat([]byte("01234567"), size/4)
	program = append(program, "the end"...)
	cut := pieces(firstPrefix, program, size)
	var joined []byte
	for _, name := range cut.names() {
		if len(cut[name]) > size {
			t.Errorf("%s has %d bytes", name, len(cut[name]))
		}
		joined = append(joined, cut[name]...)
	}
	if len(cut) != 3 || !bytes.Equal(joined, program) {
		t.Errorf("%d pieces hold %d bytes, want 3 and %d", len(cut), len(joined), len(program))
	}
	addresses, sizes := piecesOf(cut, firstPrefix)
	if want := fmt.Sprint(size, " ", size, " 7"); sizes != want || addresses != "/"+strings.Join(cut.names(), " /") {
		t.Errorf("the page is told %q of %q bytes", addresses, sizes)
	}
	program[0]++
	other := pieces(firstPrefix, program, size)
	if first := cut.names()[0]; other[first] != nil || other[cut.names()[1]] == nil {
		t.Errorf("names go by content: %q and %q", cut.names(), other.names())
	}
}
