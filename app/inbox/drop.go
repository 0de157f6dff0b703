package inbox

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"potli/app/message"
	"potli/app/record"
)

var b64 = base64.RawURLEncoding.Strict()

// Terms are what a person allows under one code.
type Terms struct {
	Profile record.ProfileID // whose records it will be about
	Name    string           // of the person, as the sender is to see it
	Relay   string           // its origin
	Life    time.Duration    // MinLife..MaxLife
	Most    int              // documents, 1..MaxMost
	Bytes   int64            // of them together, 1..MaxBytes
	System  bool             // for a program that seals with age; otherwise for a browser
	Kinds   []message.Type   // what may come; nil: ForPerson
}

// Drop is one code and its mailbox. Token, Key and Identity are secrets: who has
// them reads and erases what waits there.
type Drop struct {
	ID       string           `json:"id"`    // of the mailbox; who knows it may put something in
	Token    string           `json:"token"` // of its owner
	Key      string           `json:"key,omitempty"`
	Identity string           `json:"identity,omitempty"` // AGE-SECRET-KEY-PQ-1…, in place of Key
	Relay    string           `json:"relay"`
	Profile  record.ProfileID `json:"profile"`
	Name     string           `json:"name"`
	Most     int              `json:"most"`
	Bytes    int64            `json:"bytes"`
	Kinds    []message.Type   `json:"kinds"`
	Life     time.Duration    `json:"life"`
	Made     time.Time        `json:"made"`
	Expires  time.Time        `json:"expires"` // by the relay's clock, once it was opened
	Skew     time.Duration    `json:"skew"`    // what the relay's clock is ahead of this device's
	Revoked  time.Time        `json:"revoked,omitzero"`
	// Begun tells one mailbox of this id from another, which counts from 1 again; 0:
	// the relay has none yet.
	Begun int64 `json:"begun,omitempty"`
	// Taken are the ids of messages that became items: no message comes twice.
	Taken []string `json:"taken,omitempty"`
	// Refused counts what was refused, and Since when the last was.
	Refused map[Reason]int `json:"refused,omitempty"`
	Since   time.Time      `json:"since,omitzero"`
	// Waits is how many letters stayed at the relay when it was last asked.
	Waits int64 `json:"waits,omitempty"`
	// Done are letters that were decided about and may still be at the relay.
	Done []int64 `json:"done,omitempty"`
}

var (
	// ErrTerms: outside the limits. A mistake of ours.
	ErrTerms = errors.New("no drop code can have these terms")
	// ErrUnopened: the relay has not been told of the code, which would lead nowhere.
	ErrUnopened = errors.New("the relay has no mailbox for this code yet")
)

// NewDrop makes a code that nobody has seen yet. random: nil is crypto/rand; the
// identity of a system's code comes from crypto/rand in any case.
func NewDrop(t Terms, now time.Time, random io.Reader) (*Drop, error) {
	if random == nil {
		random = rand.Reader
	}
	if t.Kinds == nil {
		t.Kinds = ForPerson
	}
	if t.Life < MinLife || t.Life > MaxLife || t.Most < 1 || t.Most > MaxMost || t.Bytes < 1 || t.Bytes > MaxBytes || !isRelay(t.Relay) {
		return nil, ErrTerms
	}
	d := &Drop{
		Relay: t.Relay, Profile: t.Profile, Name: line(t.Name, MaxName), Most: t.Most, Bytes: t.Bytes, Kinds: slices.Clone(t.Kinds),
		Life: t.Life, Made: now, Expires: now.Add(t.Life),
	}
	for _, to := range []*string{&d.ID, &d.Token, &d.Key} {
		b := make([]byte, 32)
		if _, err := io.ReadFull(random, b); err != nil {
			return nil, fmt.Errorf("no randomness for a drop code: %w", err)
		}
		*to = b64.EncodeToString(b)
	}
	if t.System {
		identity, err := age.GenerateHybridIdentity()
		if err != nil {
			return nil, fmt.Errorf("a one-time identity: %w", err)
		}
		d.Key, d.Identity = "", identity.String()
	}
	return d, nil
}

// Heard notes what the relay said when the mailbox was opened or asked for, at a
// moment of this device's clock. The code ends Life after the relay first had it.
func (d *Drop) Heard(s Standing, now time.Time) {
	d.Skew = s.Now.Sub(now).Round(time.Second)
	if d.Begun == 0 {
		d.Expires = s.Now.Add(d.Life)
	}
	if d.Begun != s.Created {
		d.Begun, d.Done = s.Created, nil // of other letters
	}
}

// Prolong lets the code live for so long from now; Open has to tell the relay.
// Error: ErrTerms.
func (d *Drop) Prolong(life time.Duration, now time.Time) error {
	if life < MinLife || life > MaxLife || !d.Revoked.IsZero() {
		return ErrTerms
	}
	if ends := d.True(now).Add(life); ends.After(d.Expires) {
		d.Expires = ends
	}
	return nil
}

// True is the relay's time at a moment of this device's clock.
func (d *Drop) True(now time.Time) time.Time { return now.Add(d.Skew) }

// latest is the later of two clocks of which either may be wrong: what comes now does
// not end because one of them lives in another year.
func (d *Drop) latest(now time.Time) time.Time { return now.Add(max(d.Skew, 0)) }

// State of a code, for the person to read; what decides is in Take.
func (d *Drop) State(now time.Time) DropState {
	switch {
	case !d.Revoked.IsZero():
		return DropRevoked
	case !d.True(now).Before(d.Expires):
		return DropEnded
	}
	return DropOpen
}

// DropState is how a code stands.
type DropState string

const (
	DropOpen    DropState = "open"
	DropEnded   DropState = "ended"
	DropRevoked DropState = "revoked"
)

// Revoke ends the code here and now: nothing that comes is taken, whether or not
// the relay can be told (Mail.Close).
func (d *Drop) Revoke(now time.Time) {
	if d.Revoked.IsZero() {
		d.Revoked = now
	}
}

// Box is the mailbox of the code.
func (d *Drop) Box() Box { return Box{ID: d.ID, Token: d.Token} }

// Note is what the relay tells senders: the one-time recipient, or "".
func (d *Drop) Note() string {
	identity, err := age.ParseHybridIdentity(d.Identity)
	if err != nil {
		return ""
	}
	return identity.Recipient().String()
}

// open opens a sealed message with the secret of the code.
func (d *Drop) open(sealed string) ([]byte, error) {
	if d.Identity != "" {
		identity, err := age.ParseHybridIdentity(d.Identity)
		if err != nil {
			return nil, message.ErrSealed
		}
		return message.OpenAge(sealed, identity)
	}
	key, err := b64.DecodeString(d.Key)
	if err != nil {
		return nil, message.ErrSealed
	}
	return message.OpenKey(sealed, key)
}

// line is one line of at most n characters.
func line(s string, n int) string {
	s = record.Tidy(s)
	for i := range s {
		if n--; n < 0 {
			return strings.TrimSpace(s[:i])
		}
	}
	return s
}
