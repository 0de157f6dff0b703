package main

import (
	"context"
	_ "embed"
	"io"
)

//go:embed help.txt
var manual string

// help prints the manual.
func help(_ context.Context, p program) error {
	if _, err := io.WriteString(p.out, manual); err != nil {
		return &fileError{"writing the manual", err}
	}
	return nil
}
