package vault

import (
	"context"
	"errors"
)

// Blobs is where sealed bytes lie. Names are short ASCII paths.
//
// All methods may be called from several goroutines. An error wraps
// ErrNotFound, ErrFull or ErrGone where those words fit; any other error may be
// tried again once. blobstest holds the contract as tests.
type Blobs interface {
	// Get returns the bytes of name, or ErrNotFound. They are the caller's.
	Get(ctx context.Context, name string) ([]byte, error)
	// Commit makes all of b or nothing of it durable, in one transaction.
	// When it returns nil, b survives a crash and a power cut. Deleting what is
	// not there is no error. The bytes of b are not changed nor kept by it.
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

// again says whether an error of Blobs is worth a second try.
func again(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() == nil &&
		!errors.Is(err, ErrNotFound) && !errors.Is(err, ErrFull) && !errors.Is(err, ErrGone)
}

func get(ctx context.Context, b Blobs, name string) ([]byte, error) {
	got, err := b.Get(ctx, name)
	if again(ctx, err) {
		got, err = b.Get(ctx, name)
	}
	return got, err
}

func list(ctx context.Context, b Blobs, prefix string) ([]string, error) {
	names, err := b.List(ctx, prefix)
	if again(ctx, err) {
		names, err = b.List(ctx, prefix)
	}
	return names, err
}
