//go:build !js

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// tree is a folder: slash-separated names to bytes.
type tree map[string][]byte

func readTree(dir string) (tree, error) {
	t := tree{}
	fsys := os.DirFS(dir)
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		t[p], err = fs.ReadFile(fsys, p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", dir, err)
	}
	return t, nil
}

// write makes dir hold t and nothing else. Files that are right already are
// not touched.
func (t tree) write(dir string) error {
	old, err := readTree(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for name := range old {
		if t[name] == nil {
			if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
				return err
			}
		}
	}
	for name, body := range t {
		if was, ok := old[name]; ok && bytes.Equal(was, body) {
			continue
		}
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(p, body, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (t tree) names() []string {
	names := make([]string, 0, len(t))
	for name := range t {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// The words of the shell are in web/shell.html; these are used in its head too.
const (
	appName        = "Potli"
	appDescription = "Your family's health records, sealed on your own device, shown by a code at the clinic."
)

// shell prints index.html. html/template escapes by context; go-app's own page
// builder quotes attributes as Go strings and orders them at random.
func shell(text []byte, site tree) ([]byte, error) {
	t, err := template.New("shell.html").Option("missingkey=error").Parse(string(text))
	if err != nil {
		return nil, err
	}
	page, err := newShellPage(site)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, page); err != nil {
		return nil, fmt.Errorf("printing the shell: %w", err)
	}
	for _, needed := range []string{`id="shell"`, `id="app-wasm-loader-label"`, `id="shell-languages"`, `src="/boot.js"`, `src="/wasm_exec.js"`} {
		if !bytes.Contains(b.Bytes(), []byte(needed)) {
			return nil, fmt.Errorf("the shell has no %s", needed)
		}
	}
	return b.Bytes(), nil
}

// release lists the files with their hashes. The service worker is not in it:
// the browser itself looks after that one. The server that sends the site adds
// config.json and the policy, names the version anew, and signs (package site).
func release(site tree) []byte {
	files := map[string]string{}
	for name, body := range site {
		if name != "sw.js" {
			files["/"+name] = hash(body)
		}
	}
	b, err := json.Marshal(files) // keys of a map are sorted
	if err != nil {
		panic(err) // a map of strings
	}
	sum := sha256.Sum256(b)
	b, err = json.MarshalIndent(map[string]any{"version": fmt.Sprintf("%x", sum[:8]), "lazy": lazy(site), "files": files}, "", " ")
	if err != nil {
		panic(err)
	}
	return append(b, '\n')
}

// lazyFolders hold what not everybody needs: thirteen languages and their scripts,
// explanations, examples. A wallet fetches such a file when it first asks for it, checks
// it and keeps it then. English is what the others fall back to, so it is always there.
var lazyFolders = []string{"web/messages/", "web/plain/", "web/learn/", "web/fonts/", "web/sample/"}

func lazy(site tree) []string {
	list := []string{}
	for _, name := range site.names() {
		inside := slices.ContainsFunc(lazyFolders, func(folder string) bool { return strings.HasPrefix(name, folder) })
		always := path.Base(name) == "en.json" || name == "web/messages/languages.json"
		if inside && !always {
			list = append(list, "/"+name)
		}
	}
	return list
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return base64.StdEncoding.EncodeToString(sum[:])
}
