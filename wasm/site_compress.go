//go:build !js

package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

// compress adds name.br and name.gz to t where they are worth sending.
func (b build) compress(t tree) error {
	type job struct {
		name   string
		coding coding
		packed []byte
		err    error
	}
	var jobs []*job
	for _, name := range t.names() {
		if shrinks(name) {
			for _, c := range b.codings() {
				jobs = append(jobs, &job{name: name, coding: c})
			}
		}
	}
	var wait sync.WaitGroup
	for _, j := range jobs {
		wait.Go(func() { j.packed, j.err = b.remembered(j.coding, t[j.name]) })
	}
	wait.Wait()
	for _, j := range jobs {
		if j.err != nil {
			return fmt.Errorf("compressing %s: %w", j.name, j.err)
		}
		if len(j.packed) < len(t[j.name]) {
			t[j.name+j.coding.ext] = j.packed
		}
	}
	return nil
}

// shrinks leaves out formats that are compressed already, and release.json,
// which the server writes anew.
func shrinks(name string) bool {
	switch path.Ext(name) {
	case ".css", ".html", ".js", ".json", ".svg", ".wasm", ".webmanifest":
		return name != "release.json"
	}
	return false
}

// coding is one way to compress.
type coding struct {
	ext  string
	name string // of what is remembered: the way and its level
	pack func(io.Writer) io.WriteCloser
}

func (b build) codings() []coding {
	return []coding{
		{".br", "br24-" + strconv.Itoa(b.quality), func(w io.Writer) io.WriteCloser {
			return brotli.NewWriterOptions(w, brotli.WriterOptions{Quality: b.quality, LGWin: 24})
		}},
		{".gz", "gz9", func(w io.Writer) io.WriteCloser {
			z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
			if err != nil {
				panic(err) // the level is a constant
			}
			return z
		}},
	}
}

// remembered compresses body, or finds it done in the cache folder. The wallet
// takes half a minute at the highest level, and most builds do not change it.
func (b build) remembered(c coding, body []byte) ([]byte, error) {
	name := strings.NewReplacer("/", "_", "+", "-", "=", "").Replace(hash(body)) + "." + c.name
	file := filepath.Join(b.cache, name)
	if packed, err := os.ReadFile(file); err == nil {
		return packed, nil
	}
	var buf bytes.Buffer
	w := c.pack(&buf)
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(b.cache, 0o755); err != nil {
		return nil, err
	}
	return buf.Bytes(), b.remember(name, buf.Bytes())
}

// remember puts packed into the cache folder. It is renamed into place, so that an
// interrupted build leaves no half of one, and under a name of its own until then:
// another file with the same bytes may be on its way at the same time.
func (b build) remember(name string, packed []byte) error {
	part, err := os.CreateTemp(b.cache, name+".part-*")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name()) // where it was not renamed
	if _, err := part.Write(packed); err != nil {
		part.Close()
		return err
	}
	if err := part.Close(); err != nil {
		return err
	}
	return os.Rename(part.Name(), filepath.Join(b.cache, name))
}
