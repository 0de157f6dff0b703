package vault

import (
	"bytes"
	"context"
	"strings"
	"sync"
)

// Memory returns Blobs that last as long as the program: for the sample family,
// and for tests.
func Memory() Blobs { return &memory{m: make(map[string][]byte)} }

type memory struct {
	mu sync.Mutex
	m  map[string][]byte
}

func (s *memory) Get(ctx context.Context, name string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.m[name]
	if !ok {
		return nil, ErrNotFound
	}
	return bytes.Clone(b), nil
}

func (s *memory) Commit(ctx context.Context, b Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, body := range b.Put {
		s.m[name] = append([]byte{}, body...)
	}
	for _, name := range b.Delete {
		delete(s.m, name)
	}
	return nil
}

func (s *memory) List(ctx context.Context, prefix string) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for name := range s.m {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	return names, nil
}

func (s *memory) Erase(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.m)
	return nil
}
