// Package output holds what a program prints while a test waits for a word of it.
package output

import (
	"bytes"
	"sync"
)

// Lines is a writer that can be read while it grows. Its zero value is empty.
type Lines struct {
	mu sync.Mutex
	b  bytes.Buffer // owned by mu
}

// Write never fails.
func (l *Lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String is all that was written so far.
func (l *Lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
