package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// makeData makes the data folder, for this user alone.
func makeData(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	return nil
}

// readKey reads the relay's key, and makes one where there is none. Tickets and
// passcodes hang on it: with another key, links with a passcode stay locked.
func readKey(file string) (key [32]byte, err error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(file)
	}
	if err != nil {
		return key, fmt.Errorf("reading the relay's key: %w", err)
	}
	b, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(b) != len(key) {
		return key, fmt.Errorf("%s is not a relay key: it must hold 64 hexadecimal digits. "+
			"Restore it, or delete it to begin with a new one, which ends every link that has a passcode", file)
	}
	return [32]byte(b), nil
}

func makeKey(file string) (key [32]byte, err error) {
	rand.Read(key[:])
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return key, fmt.Errorf("making a relay key: %w", err)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return key, fmt.Errorf("making a relay key: %w", err)
	}
	_, err = fmt.Fprintf(f, "%x\n", key)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		os.Remove(file) // half a key would stop the next start
		return key, fmt.Errorf("writing a relay key: %w", err)
	}
	return key, nil
}
