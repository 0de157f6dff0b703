package message

import (
	"errors"

	"potli/app/strict"
)

// The reader of a stranger's JSON, with the errors of this package.

func members(b []byte) (map[string][]byte, error) {
	m, err := strict.Members(b)
	return m, read(err)
}

func elements(b []byte, n int) ([][]byte, error) {
	list, err := strict.Elements(b, n)
	return list, read(err)
}

func text(b []byte, n int) (string, error) {
	s, err := strict.Text(b, n)
	return s, read(err)
}

func read(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, strict.ErrTooBig):
		return ErrTooBig
	}
	return malformed(err.Error())
}
