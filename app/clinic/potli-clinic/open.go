package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"potli/app/record"
	"potli/app/share"
)

// open opens a SMART Health Link of anybody's.
func open(ctx context.Context, p program) error {
	f := flag.NewFlagSet("open", flag.ContinueOnError)
	name, passcode, dir := f.String("name", "", ""), f.String("passcode-file", "", ""), f.String("out", "", "")
	list, err := p.parse(f, 1, 1)
	if err != nil {
		return err
	}
	if *name == "" {
		return usage("--name is missing: the person is told who opened the link")
	}
	if list[0] == "-" && *passcode == "-" {
		return usage("the link and the passcode cannot both come from standard input")
	}
	link, err := p.word("reading the link", list[0])
	if err != nil {
		return err
	}
	secret := ""
	if *passcode != "" {
		b, err := p.readSecret("reading the passcode", *passcode)
		if err != nil {
			return err
		}
		secret = strings.TrimSpace(string(b))
	}
	files, status, err := p.clinic(noSender).Open(ctx, link, *name, secret)
	if err != nil {
		return err
	}
	got, err := opened(files, *dir)
	if err != nil {
		return err
	}
	return p.print(openedLink{status, got})
}

// openedLink is what a link holds.
type openedLink struct {
	Status string       `json:"status,omitempty"`
	Files  []openedFile `json:"files"`
}

// openedFile is one file of it: in a folder with --out, here without.
type openedFile struct {
	Type   string          `json:"type"`
	Size   int             `json:"size"`
	SHA256 string          `json:"sha256,omitempty"`
	File   string          `json:"file,omitempty"`
	JSON   json.RawMessage `json:"json,omitempty"`
	Error  string          `json:"error,omitempty"` // this file cannot be read; the others can
}

var errAll = errors.New("none of the files of the link can be read")

func opened(files []share.Received, dir string) (list []openedFile, err error) {
	good := 0
	for i, r := range files {
		o := openedFile{Type: r.ContentType, Size: len(r.Body)}
		if r.Err != nil {
			o.Error, _ = words(r.Err)
			list = append(list, o)
			continue
		}
		good++
		sum := sha256.Sum256(r.Body)
		o.SHA256 = hex.EncodeToString(sum[:])
		if dir == "" {
			o.JSON = bytes.TrimPrefix(r.Body, []byte("\ufeff")) // what Receive knows is JSON
		} else if o.File, err = keep(dir, i, r); err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	if good == 0 {
		return nil, errAll
	}
	return list, nil
}

// keep writes a file of a link under a name of ours.
func keep(dir string, i int, r share.Received) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", &fileError{"making the folder", err}
	}
	path := filepath.Join(dir, fmt.Sprintf("%02d%s", i+1, record.Ext(record.Format(r.ContentType))))
	return path, writeNew("writing a file of the link (is there one already?)", path, r.Body)
}
