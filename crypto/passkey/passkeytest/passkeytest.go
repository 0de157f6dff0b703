// Package passkeytest is an authenticator in memory, for tests that need a
// passkey and no browser.
package passkeytest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"sync"

	"potli/crypto/passkey"
)

// Authenticator holds one passkey, and computes what a real one does. It is
// also what a browser would do before it asks: refuse another site's passkey.
type Authenticator struct {
	Site string // host name of the page; "" for that of each credential

	mu     sync.Mutex // owns what follows
	id     []byte
	secret []byte
	err    error
	halves int
	asked  int
}

var _ passkey.Evaluator = (*Authenticator)(nil)

// New returns an authenticator with one passkey, whose ID and secret are chosen
// so that two tests never share them by accident.
func New(name string) *Authenticator {
	id, secret := sha256.Sum256([]byte("id of "+name)), sha256.Sum256([]byte("secret of "+name))
	return With(id[:16], secret[:])
}

// With returns an authenticator that holds a passkey of that ID and secret.
func With(id, secret []byte) *Authenticator {
	return &Authenticator{id: id, secret: secret, halves: 2}
}

// Credential names its passkey, as made on a site.
func (a *Authenticator) Credential(site string) passkey.Credential {
	return passkey.Credential{ID: bytes.Clone(a.id), RPID: site, Transports: []string{"internal"}}
}

// Evaluate answers as CTAP's hmac-secret does under WebAuthn's prf.
func (a *Authenticator) Evaluate(ctx context.Context, c passkey.Credential, input1, input2 []byte) (answer1, answer2 []byte, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked++
	switch {
	case ctx.Err() != nil:
		return nil, nil, ctx.Err()
	case a.err != nil:
		return nil, nil, a.err
	case a.Site != "" && a.Site != c.RPID:
		return nil, nil, passkey.ErrElsewhere
	case !bytes.Equal(a.id, c.ID):
		return nil, nil, passkey.ErrCancelled // as when it was deleted
	}
	answer1, answer2 = a.answer(input1), a.answer(input2)
	return answer1, answer2[:len(answer2)*(a.halves-1)], nil
}

func (a *Authenticator) answer(input []byte) []byte {
	salt := sha256.Sum256(append([]byte("WebAuthn PRF\x00"), input...))
	h := hmac.New(sha256.New, a.secret)
	h.Write(salt[:])
	return h.Sum(nil)
}

// Fail makes every prompt end with err; nil makes it work again.
func (a *Authenticator) Fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.err = err
}

// Half makes it forget the second answer, as some do.
func (a *Authenticator) Half() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.halves = 1
}

// Asked says how often it prompted.
func (a *Authenticator) Asked() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asked
}
