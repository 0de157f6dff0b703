package main

import "net/http"

// lastAnswer tells clients that their connection ends with this answer, while the
// service drains, since a request on it later would meet a closed door; and when
// they ask too much: a flood would go on as fast as one connection carries it, and
// each refusal costs about as much as an answer.
func (s *service) lastAnswer(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(&last{w, s.draining}, r)
	})
}

type last struct {
	http.ResponseWriter
	draining chan struct{}
}

func (l *last) WriteHeader(status int) {
	select {
	case <-l.draining:
		l.Header().Set("Connection", "close")
	default:
		if status == http.StatusTooManyRequests {
			l.Header().Set("Connection", "close")
		}
	}
	l.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (l *last) Unwrap() http.ResponseWriter { return l.ResponseWriter }
