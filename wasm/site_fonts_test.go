//go:build !js

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// installed is a folder with a font and a licence for each language, as npm would have left them.
func installed(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, script := range []string{"devanagari", "bengali", "telugu", "tamil", "gujarati", "kannada", "malayalam", "gurmukhi", "oriya", "arabic"} {
		font := "noto-sans-" + script
		leave(t, filepath.Join(dir, font, "files", font+"-"+script+"-400-normal.woff2"), "wOF2"+script)
		leave(t, filepath.Join(dir, font, "LICENSE"), "Copyright\n\nSIL OPEN FONT LICENSE Version 1.1")
	}
	return dir
}

func leave(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestLetters: every language of the list that has letters of its own has a font in the site, with its licence; what only
// the build needs is not there.
func TestLetters(t *testing.T) {
	app, _ := generated(t)
	for _, font := range []string{"devanagari", "bengali", "telugu", "tamil", "gujarati", "kannada", "malayalam", "gurmukhi", "oriya", "arabic"} {
		for _, end := range []string{".woff2", ".OFL.txt"} {
			if app["web/fonts/noto-sans-"+font+end] == nil {
				t.Errorf("%s%s is not in the site", font, end)
			}
		}
	}
	for name := range app {
		if strings.Contains(name, "package") {
			t.Errorf("%s is in the site", name)
		}
	}
}

// TestLettersRefused: a font that is not there, is none, or may not be passed on stops the build.
func TestLettersRefused(t *testing.T) {
	list := []byte(`[{"tag": "ta", "font": "noto-sans-tamil"}]`)
	font, licence := "noto-sans-tamil/files/noto-sans-tamil-tamil-400-normal.woff2", "noto-sans-tamil/LICENSE"
	for name, spoil := range map[string]func(dir string) error{
		"no font":         func(dir string) error { return os.Remove(filepath.Join(dir, font)) },
		"no licence":      func(dir string) error { return os.Remove(filepath.Join(dir, licence)) },
		"a page":          func(dir string) error { return os.WriteFile(filepath.Join(dir, font), []byte("<html>"), 0o644) },
		"another licence": func(dir string) error { return os.WriteFile(filepath.Join(dir, licence), []byte("All rights"), 0o644) },
	} {
		dir := installed(t)
		if _, err := letters(list, dir); err != nil {
			t.Fatal(err)
		}
		if err := spoil(dir); err != nil {
			t.Fatal(err)
		}
		if _, err := letters(list, dir); err == nil {
			t.Errorf("%s: the site was built", name)
		}
	}
}
