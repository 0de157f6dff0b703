package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"potli/app/clinic"
	"potli/crypto/jose"
)

// maxSecret is more than any key, link or code has.
const maxSecret = 16 << 10

// fileError is a file that cannot be read or written. Its text names no file:
// names of files are often names of patients.
type fileError struct {
	doing string
	err   error
}

func (e *fileError) Error() string {
	err := e.err
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return e.doing + ": " + err.Error()
}

func (e *fileError) Unwrap() error { return e.err }

var (
	errOpen  = errors.New("others can read it; make it yours alone (chmod 600)")
	errLarge = errors.New("it is too large")
)

// read reads a file of at most most bytes; "-" is standard input.
func (p program) read(doing, path string, most int64) ([]byte, error) {
	from := p.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, &fileError{doing, err}
		}
		defer f.Close()
		from = f
	}
	b, err := io.ReadAll(io.LimitReader(from, most+1))
	switch {
	case err != nil:
		return nil, &fileError{doing, err}
	case int64(len(b)) > most:
		return nil, &fileError{doing, errLarge}
	}
	return b, nil
}

// readSecret reads a file that nobody else may read.
func (p program) readSecret(doing, path string) ([]byte, error) {
	if path != "-" && runtime.GOOS != "windows" {
		info, err := os.Stat(path)
		if err != nil {
			return nil, &fileError{doing, err}
		}
		if info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
			return nil, &fileError{doing, errOpen}
		}
	}
	return p.read(doing, path, maxSecret)
}

// writeNew writes a file that is not there yet and that nobody else can read.
func writeNew(doing, path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return &fileError{doing, err}
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(path)
		return &fileError{doing, err}
	}
	return nil
}

// word is a word of the command line that is a capability, as links and codes are:
// given as "-" it comes from standard input, where no other user of the machine
// sees it.
func (p program) word(doing, s string) (string, error) {
	if s != "-" {
		return s, nil
	}
	b, err := p.read(doing, "-", maxSecret)
	return strings.TrimSpace(string(b)), err
}

// keyPath is where the key is: as told, as the environment has it, or in the place
// where this system keeps settings.
func (p program) keyPath(flag string) (path string, told bool, err error) {
	if flag != "" {
		return flag, true, nil
	}
	if path := p.getenv("POTLI_CLINIC_KEY"); path != "" {
		return path, true, nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", false, &fileError{"looking for the key", errors.New("this system says no place for settings; use --key")}
	}
	return filepath.Join(dir, "potli-clinic", "key.json"), false, nil
}

// signer is the key to sign with; nil where there is none and none was asked for.
func (p program) signer(flag string, unsigned bool) (*jose.Signer, error) {
	if unsigned {
		return nil, nil
	}
	path, told, err := p.keyPath(flag)
	if err != nil && !told {
		return nil, nil
	}
	b, err := p.readSecret("reading the key", path)
	if errors.Is(err, fs.ErrNotExist) && !told {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return clinic.ParseKey(b)
}
