package relay

import (
	"io"
	"net/http"
	"time"
)

// Deadlines of connections, and how long an answer took, are by the system's own
// clock, whatever time it is for the links: this file reads it, and no other.

// The slowest that a body may come and a file may go: whoever is slower holds
// memory that others need. A phone at the edge of its network is faster.
const (
	slowest = 16 << 10         // bytes a second
	pause   = 20 * time.Second // that a network may take besides
)

// steady is a body that has to keep coming: the time it may take grows with what
// has come.
type steady struct {
	io.ReadCloser
	c     *http.ResponseController
	since time.Time
	read  int64
}

func newSteady(w http.ResponseWriter, body io.ReadCloser) *steady {
	return &steady{ReadCloser: body, c: http.NewResponseController(w), since: time.Now()}
}

func (s *steady) Read(p []byte) (int, error) {
	// Where there is no connection, as in tests, there is nothing to hold either.
	deadline := s.since.Add(pause + time.Duration(s.read/slowest)*time.Second)
	s.c.SetReadDeadline(deadline)
	s.c.SetWriteDeadline(deadline.Add(pause)) // and then it is answered
	n, err := s.ReadCloser.Read(p)
	s.read += int64(n)
	return n, err
}

// stopwatch returns what tells the time since.
func stopwatch() func() time.Duration {
	begun := time.Now()
	return func() time.Duration { return time.Since(begun) }
}

// hasten gives a reader the time that one part of a file may take, from the
// beginning and with each part: whoever asks and does not read is cut.
func hasten(w http.ResponseWriter) {
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(pause + PartSize/slowest*time.Second))
}
