package main

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"

	"potli/app/clinic"
	"potli/crypto/jose"
)

// keys makes the provider's key, or shows the public half of it.
func keys(_ context.Context, p program) error {
	f := flag.NewFlagSet("keys", flag.ContinueOnError)
	key := f.String("key", "", "")
	list, err := p.parse(f, 1, 1)
	if err != nil {
		return err
	}
	path, _, err := p.keyPath(*key)
	if err != nil {
		return err
	}
	switch list[0] {
	case "new":
		if err := newKey(path, *key == ""); err != nil {
			return err
		}
	case "show", "jwks":
	default:
		return usage("keys is followed by new, show or jwks")
	}
	b, err := p.readSecret("reading the key", path)
	if err != nil {
		return err
	}
	by, err := clinic.ParseKey(b)
	if err != nil {
		return err
	}
	if list[0] == "jwks" {
		return p.print(json.RawMessage(jose.JWKS(by.Public())))
	}
	return p.print(shownKey{by.Public().Thumbprint(), by.Public().JWK(), path})
}

// shownKey is the public half of a key.
type shownKey struct {
	Thumbprint string          `json:"thumbprint"` // RFC 7638: what persons and directories know the key by
	JWK        json.RawMessage `json:"jwk"`
	File       string          `json:"file"`
}

// newKey writes a fresh key where none is.
func newKey(path string, makeDir bool) error {
	b, err := clinic.NewKey(nil)
	if err != nil {
		return err
	}
	if makeDir {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return &fileError{"making a place for the key", err}
		}
	}
	return writeNew("writing the key", path, append(b, '\n'))
}
