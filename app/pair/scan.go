package pair

import (
	"context"

	"potli/crypto/pairing"
)

// Scan is the side that reads the code.
type Scan struct {
	*line
	s *pairing.Scanner
}

// NewScan answers a code. offer is what the other side is told (see
// pairing.NewScanner). Errors: ErrGone for a code that is too old,
// pairing.ErrTooLong.
func NewScan(ctx context.Context, d Deps, c pairing.Code, offer []byte) (*Scan, error) {
	s, commit, err := pairing.NewScanner(c, nil, offer, d.Now(), d.Rand)
	if err != nil {
		return nil, err
	}
	n := &Scan{newLine(d, s), s}
	if err := n.say(ctx, commit); err != nil {
		return nil, err
	}
	return n, nil
}

// Meet waits for the other device and returns the digits to compare.
func (s *Scan) Meet(ctx context.Context) (digits string, err error) {
	err = s.hear(ctx, func() bool { _, ok := s.s.Digits(); return ok })
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	digits, _ = s.s.Digits()
	return digits, nil
}

// Accept says that the person at this device saw the same digits on both.
func (s *Scan) Accept(ctx context.Context) error {
	s.mu.Lock()
	yes, err := s.s.Accept(s.Now())
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.say(ctx, yes)
}

// Answer waits for what the other device gives. It may be called before Accept, so
// that a refusal on the other side is heard while this person still thinks.
func (s *Scan) Answer(ctx context.Context) (payload []byte, err error) {
	err = s.hear(ctx, func() bool { _, ok := s.s.Payload(); return ok })
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	payload, _ = s.s.Payload()
	return payload, nil
}

// Finish says that the answer is stored. When it fails, the other side does not
// know that it is; what is stored is good all the same.
func (s *Scan) Finish(ctx context.Context) error {
	s.mu.Lock()
	done, err := s.s.Finish(s.Now())
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.sayLast(ctx, done)
}
