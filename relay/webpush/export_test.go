package webpush

import "time"

// SignVAPID makes a token that ends at a given time.
func SignVAPID(key, subject, origin string, expires time.Time) (string, error) {
	v, err := newVAPID(key, subject)
	if err != nil {
		return "", err
	}
	return v.sign(origin, expires)
}

// Tokens is how many are remembered.
func (s *Sender) Tokens() int {
	s.vapid.mu.Lock()
	defer s.vapid.mu.Unlock()
	return len(s.vapid.tokens)
}
