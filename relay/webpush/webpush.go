// Package webpush tells a browser that something arrived, and nothing else.
//
//	relay                        push service                     wallet
//	  │ POST endpoint              │  (of the browser's maker)       │
//	  │ TTL, Urgency, Topic        │                                 │
//	  │ Authorization: vapid t, k  │                                 │
//	  ├───────────────────────────▶│ wakes the service worker        │
//	  │◀── 201 | 404, 410 | other  ├────────────────────────────────▶│ fetches, decrypts,
//	  │                            │                                 │ says so in its words
//
// It is RFC 8030 with the sender's identification of RFC 8292 (VAPID). A message
// has no body: so there is nothing to encrypt (RFC 8291), nothing to measure,
// and the push service learns that this relay had something for this device at
// this time. A topic that is always the same makes a newer message take the
// place of one that waits for a device that is off.
//
// Chrome, Firefox and Safari hand a message without a body to the service worker
// (Push API: PushEvent.data is null). Of Windows' service it is documented for
// its raw notifications that empty ones are dropped, so Edge on Windows may
// stay silent: the wallet then sees what arrived when it is opened.
//
// An endpoint is a URL that a stranger gives, and it stands for one person's
// device. So it must lie at a push service that is known here (RL11), and no
// error of this package holds one, or anything that a push service answers.
package webpush

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// TTL is for how long a push service keeps a message for a device that is off.
// Whoever is away for longer sees what arrived when the wallet is opened.
const TTL = 3 * 24 * time.Hour

// Post sends one request and returns the status of the answer, whatever it is.
// It follows no redirect, and takes its time from ctx.
type Post func(ctx context.Context, url string, header map[string]string, body []byte) (status int, err error)

var (
	// ErrGone is of a subscription that no message will reach again.
	ErrGone = errors.New("the push subscription has ended")
	// ErrLater is of a message that was not taken this time.
	ErrLater = errors.New("the push service did not take the message")
)

// Sender sends messages under one key. It may be used by many goroutines.
type Sender struct {
	vapid *vapid
	post  Post
}

// New returns a sender, or an error that says what is wrong with the key, a P-256
// scalar (32 bytes in base64url), or with the subject: an address (mailto: or
// https:) at which the keepers of a push service reach whoever runs this relay.
func New(key, subject string, post Post) (*Sender, error) {
	v, err := newVAPID(key, subject)
	if err != nil {
		return nil, err
	}
	return &Sender{v, post}, nil
}

// Key is the public key that a browser subscribes under, its
// applicationServerKey: an uncompressed P-256 point in base64url.
func (s *Sender) Key() string { return s.vapid.public }

// Send tells the device at endpoint that something arrived. It returns nil when
// the push service took the message, ErrGone or ErrLater.
func (s *Sender) Send(ctx context.Context, endpoint string, now time.Time) error {
	host, err := hostOf(endpoint)
	if err != nil {
		return ErrGone // of a push service that a release before knew
	}
	authorization, err := s.vapid.authorization("https://"+host, now)
	if err != nil {
		return err
	}
	status, err := s.post(ctx, endpoint, map[string]string{
		"Authorization": authorization,
		"TTL":           strconv.Itoa(int(TTL / time.Second)),
		"Topic":         "arrived",
		"Urgency":       "normal",
	}, nil)
	switch {
	case err != nil:
		return ErrLater // err may hold the endpoint
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusNotFound || status == http.StatusGone: // RFC 8030, section 7.3
		return ErrGone
	}
	return fmt.Errorf("%w: status %d", ErrLater, status)
}
