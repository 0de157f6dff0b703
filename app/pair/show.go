package pair

import (
	"context"
	"time"

	"potli/crypto/pairing"
)

// mailboxSlack is for how long a mailbox outlives what can be said in it, so that a
// farewell is still read.
const mailboxSlack = 2 * time.Minute

// Show is the side that shows the code.
type Show struct {
	*line
	s *pairing.Shower
}

// NewShow makes a code and the mailbox for it. life is pairing.Life, or
// pairing.TypedLife where somebody has to type the code. Errors: ErrOffline.
func NewShow(ctx context.Context, d Deps, p pairing.Purpose, life time.Duration) (*Show, error) {
	s, err := pairing.NewShower(p, life, d.Now(), d.Rand)
	if err != nil {
		return nil, err
	}
	if err := d.Mail.Open(ctx, s.Box(), life+pairing.Limit+mailboxSlack); err != nil {
		return nil, err
	}
	return &Show{newLine(d, s), s}, nil
}

// Code is what to show, until Until.
func (s *Show) Code() pairing.Code { return s.s.Code() }

// Meet waits for a device that read the code. The digits are to be compared; the
// offer is what it says of itself, and nobody's word until both people said yes.
func (s *Show) Meet(ctx context.Context) (digits string, offer []byte, err error) {
	err = s.hear(ctx, func() bool { _, ok := s.s.Digits(); return ok })
	if err != nil {
		return "", nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	digits, _ = s.s.Digits()
	offer, _ = s.s.Offer()
	return digits, offer, nil
}

// Accept says that the person at this device saw the same digits on both.
func (s *Show) Accept() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.s.Accept(s.Now())
}

// Theirs waits until the person at the other device has said so too. It may wait
// while this one still thinks.
func (s *Show) Theirs(ctx context.Context) error { return s.hear(ctx, s.s.Heard) }

// Answer gives payload to the other device, once both people said yes, and
// returns when it is stored there. When it returns an error that is not
// pairing.ErrNotYet or pairing.ErrTooLong, the other device may have it or not.
func (s *Show) Answer(ctx context.Context, payload []byte) error {
	s.mu.Lock()
	sealed, err := s.s.Answer(s.Now(), payload)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	if err := s.say(ctx, sealed); err != nil {
		return err
	}
	if err := s.hear(ctx, s.s.Done); err != nil {
		return err
	}
	_ = s.close(ctx) // it ends by itself
	return nil
}
