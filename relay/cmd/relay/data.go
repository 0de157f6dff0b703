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

// readKeys reads the relay's keys, one a line, the current one first, and makes
// one where there is none. Tickets and passcodes hang on them.
//
// To replace a key: put a line before it, as `openssl rand -hex 32` prints it, and
// start the relay again. Of several relays over one store all learn the new line
// as the second first, and then change the order. The old line goes when every
// link made under it has ended, 30 days later; one that its owner prolonged
// beyond that can then no longer be opened, if it has a passcode.
func readKeys(file string) ([][32]byte, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		key, err := makeKey(file)
		return [][32]byte{key}, err
	}
	if err != nil {
		return nil, fmt.Errorf("reading the relay's key: %w", err)
	}
	var keys [][32]byte
	for _, line := range strings.Fields(string(text)) {
		b, err := hex.DecodeString(line)
		if err != nil || len(b) != 32 {
			return nil, notKeys(file)
		}
		keys = append(keys, [32]byte(b))
	}
	if len(keys) == 0 {
		return nil, notKeys(file)
	}
	return keys, nil
}

func notKeys(file string) error {
	return fmt.Errorf("%s is not a relay key: it must hold 64 hexadecimal digits, and those of older keys in lines below. "+
		"Restore it, or delete it to begin with a new one, which ends every link that has a passcode", file)
}

func makeKey(file string) (key [32]byte, err error) {
	rand.Read(key[:])
	return key, writeSecret(file, "relay key", fmt.Sprintf("%x", key))
}

// writeSecret makes a file for this user alone, where there is none yet.
func writeSecret(file, what, text string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("making a %s: %w", what, err)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("making a %s: %w", what, err)
	}
	_, err = fmt.Fprintln(f, text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		os.Remove(file) // half a key would stop the next start
		return fmt.Errorf("writing a %s: %w", what, err)
	}
	return nil
}
