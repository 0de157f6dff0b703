package pairing

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// party is what both machines are made of.
type party struct {
	me      side
	purpose Purpose
	keys    keys
	rand    io.Reader

	began time.Time
	until time.Time // by then the next thing must have happened
	limit time.Time // by then everything must
	next  step      // what the other side may say
	agree *session  // nil before there are digits
	over  bool      // it has come to a good end
	fate  error     // why it came to another; nil while it has not
}

// Box is where the two devices meet.
func (p *party) Box() Box { return p.keys.box }

// Until is when the attempt ends unless something happens.
func (p *party) Until() time.Time { return p.until }

// Digits are the six digits to compare, false before there are any.
func (p *party) Digits() (string, bool) {
	if p.agree == nil {
		return "", false
	}
	return p.agree.digits, true
}

// Check says whether there is anything left to wait or to try for: nil, or why
// not. When it is this call that ends the attempt, last is to be sent to the other
// side.
func (p *party) Check(now time.Time) (last string, err error) {
	err = p.alive(now)
	switch {
	case p.over && now.Before(p.until): // what was said last may still be on its way
		return "", nil
	case p.over:
		return "", ErrExpired
	case err != nil:
		return p.die(err)
	}
	return "", nil
}

// Decline ends the attempt because a person said so, or left. last is to be sent
// to the other side; it is empty when all is over already.
func (p *party) Decline() (last string) {
	last, _ = p.die(ErrDeclined)
	return last
}

// alive fails once the attempt is over or should be. A clock that was set to
// before the beginning would give it more time, and gives it none.
func (p *party) alive(now time.Time) error {
	switch {
	case p.fate != nil:
		return p.fate
	case p.over:
		return ErrUsed
	case now.Before(p.began), !now.Before(p.until):
		return ErrExpired
	}
	return nil
}

// die ends the attempt for good, once, unless it has ended well, and forgets
// its keys.
func (p *party) die(why error) (last string, err error) {
	switch {
	case p.fate != nil:
		return "", p.fate
	case p.over:
		return "", ErrUsed
	}
	last, _ = p.say(stepEnd, reasonText(why)) // without randomness nothing is said
	p.bury(why)
	return last, why
}

func (p *party) bury(why error) {
	p.fate, p.agree, p.next = why, nil, stepNone
	p.keys = keys{box: p.keys.box}
}

// succeed is the good end: from now on there is nothing to say or to hear.
func (p *party) succeed() {
	p.over, p.next = true, stepNone
	p.keys = keys{box: p.keys.box}
}

// ended is what the other side's end does.
type ended struct{ error }

// take opens the next message of the other side.
func (p *party) take(now time.Time, sealed string) (message, error) {
	if err := p.alive(now); err != nil {
		return message{}, err
	}
	m, err := open(p.inward(), sealed)
	switch {
	case err != nil:
		return message{}, err
	case m.from == p.me:
		return message{}, ErrTampered
	case m.step == stepEnd:
		return message{}, ended{m.reason()}
	}
	return m, nil
}

// failed ends the attempt for err. To an end nobody answers.
func (p *party) failed(err error) (last string, _ error) {
	var e ended
	if errors.As(err, &e) {
		p.bury(e.error)
		return "", e.error
	}
	return p.die(err)
}

func (p *party) inward() []byte {
	if p.me == shower {
		return p.keys.toShower
	}
	return p.keys.toScanner
}

func (p *party) outward() []byte {
	if p.me == shower {
		return p.keys.toScanner
	}
	return p.keys.toShower
}

func (p *party) say(s step, body []byte) (string, error) {
	return message{p.me, s, body}.seal(p.outward(), p.rand)
}

// Format keeps keys out of logs whatever the verb.
func (p party) Format(s fmt.State, _ rune) { io.WriteString(s, "pairing."+string(p.me)+"{…}") }
