package fhir_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"potli/app/fhir/fhirtest"
)

// sharedData finds the folder of real documents beside the project.
func sharedData(t testing.TB) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Skip("no working folder: the real documents cannot be looked for")
	}
	for range 8 {
		if at := filepath.Join(dir, "shared", "data"); isDir(at) {
			return at
		}
		dir = filepath.Dir(dir)
	}
	t.Skip("the folder shared/data with real documents is not beside the project")
	return ""
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// ours are the synthetic documents of the project.
func ours(t testing.TB) map[string][]byte {
	out := map[string][]byte{}
	for _, pattern := range []string{"testdata/*.json", "testdata/abdm/*.json", "../../web/sample/*.json"} {
		names, _ := filepath.Glob(pattern)
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if b[0] == '{' && bytes.Contains(b, []byte(`"resourceType"`)) {
				out[filepath.Base(name)] = b
			}
		}
	}
	if len(out) < 8 {
		t.Fatalf("only %d documents of our own", len(out))
	}
	return out
}

// documents are all FHIR files there, and our own.
func documents(t testing.TB) map[string][]byte {
	out := ours(t)
	collect := func(root string) {
		filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
				return nil
			}
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(b, []byte(`"resourceType"`)) && !bytes.Contains(b, []byte(`"verifiableCredential"`)) && !bytes.Contains(b, []byte(`"vc"`)) {
				out[strings.TrimPrefix(path, root+"/")] = b
			}
			return nil
		})
	}
	collect(sharedData(t))
	return out
}

// TestLosslessOurs needs no files from outside.
func TestLosslessOurs(t *testing.T) {
	for name, b := range ours(t) {
		t.Run(name, func(t *testing.T) {
			fhirtest.Lossless(t, b)
			wholeAttachments(t, b)
		})
	}
}

// wholeAttachments: every document inside a real one can be opened.
func wholeAttachments(t *testing.T, b []byte) {
	f := mustParse(t, string(b))
	for i := range f.Entries {
		for _, a := range f.View(i).Attachments {
			if _, _, err := f.Attachment(a); err != nil && a.URL == "" {
				t.Errorf("entry %d, %s: %v", i, a.Path, err)
			}
		}
	}
}

// TestLossless: every string and number of every resource can be read in its
// view, but for what noise lists.
func TestLossless(t *testing.T) {
	docs := documents(t)
	if len(docs) < 40 {
		t.Fatalf("only %d documents", len(docs))
	}
	for name, b := range docs {
		t.Run(name, func(t *testing.T) {
			fhirtest.Lossless(t, b)
			wholeAttachments(t, b)
		})
	}
}
