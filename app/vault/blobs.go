// Package vault keeps sealed records. It knows nothing of where bytes lie
// (Blobs) nor of what they mean to a person (record): it seals, commits,
// indexes and opens them, and it is where "nothing is ever lost" is decided.
package vault

import (
	"context"
	"errors"
)

// Blobs is where sealed bytes lie. Names are short ASCII paths.
//
// All methods may be called from several goroutines. An error wraps
// ErrNotFound, ErrFull or ErrGone where those words fit; any other error may be
// tried again once.
type Blobs interface {
	// Get returns the bytes of name, or ErrNotFound.
	Get(ctx context.Context, name string) ([]byte, error)
	// Commit makes all of b or nothing of it durable, in one transaction.
	// When it returns nil, b survives a crash and a power cut.
	Commit(ctx context.Context, b Batch) error
	// List returns every name that starts with prefix, in no order.
	List(ctx context.Context, prefix string) ([]string, error)
	// Erase removes everything, durably.
	Erase(ctx context.Context) error
}

// Batch is one transaction. A name is in Put or in Delete, never in both.
type Batch struct {
	Put    map[string][]byte
	Delete []string
}

// Errors of Blobs.
var (
	ErrNotFound = errors.New("not found")
	ErrFull     = errors.New("no space left")
	ErrGone     = errors.New("the storage was closed by the browser")
)
