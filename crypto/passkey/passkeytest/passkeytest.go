// Package passkeytest is an authenticator in memory, for tests that need a
// passkey and no browser.
package passkeytest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"sync"

	"potli/crypto/passkey"
)

// Authenticator holds passkeys, and computes what a real one does. It is also
// what a browser would be before it asks: it refuses another site's passkey, and
// makes new ones.
type Authenticator struct {
	Site string // host name of the page; "" for that of each credential

	mu      sync.Mutex // owns what follows
	name    string
	first   string
	secrets map[string][]byte // by ID
	made    int
	err     error
	half    bool
	asked   int
}

// New returns an authenticator with one passkey, whose ID and secret follow from
// a name, so that two tests never share them by accident.
func New(name string) *Authenticator {
	id, secret := sha256.Sum256([]byte("id of "+name)), sha256.Sum256([]byte("secret of "+name))
	a := With(id[:16], secret[:])
	a.name = name
	return a
}

// With returns an authenticator that holds a passkey of that ID and secret.
func With(id, secret []byte) *Authenticator {
	return &Authenticator{first: string(id), secrets: map[string][]byte{string(id): secret}}
}

// Credential names the first passkey, as made on a site.
func (a *Authenticator) Credential(site string) passkey.Credential {
	return passkey.Credential{ID: []byte(a.first), RPID: site, Transports: []string{"internal"}}
}

// Evaluate answers as CTAP's hmac-secret does under WebAuthn's prf.
func (a *Authenticator) Evaluate(ctx context.Context, c passkey.Credential, input1, input2 []byte) (answer1, answer2 []byte, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked++
	secret, ok := a.secrets[string(c.ID)]
	switch {
	case ctx.Err() != nil:
		return nil, nil, ctx.Err()
	case a.err != nil:
		return nil, nil, a.err
	case a.Site != "" && a.Site != c.RPID:
		return nil, nil, passkey.ErrElsewhere
	case !ok:
		return nil, nil, passkey.ErrCancelled // as when it was deleted
	case a.half:
		return answer(secret, input1), nil, nil
	}
	return answer(secret, input1), answer(secret, input2), nil
}

func answer(secret, input []byte) []byte {
	salt := sha256.Sum256(append([]byte("WebAuthn PRF\x00"), input...))
	h := hmac.New(sha256.New, secret)
	h.Write(salt[:])
	return h.Sum(nil)
}

// Available is that of a browser with an authenticator.
func (a *Authenticator) Available(context.Context) bool { return true }

// Register makes another passkey for Site.
func (a *Authenticator) Register(ctx context.Context, _ string) (passkey.Credential, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked++
	if err := ctx.Err(); err != nil {
		return passkey.Credential{}, err
	}
	if a.err != nil {
		return passkey.Credential{}, a.err
	}
	a.made++
	id := sha256.Sum256(fmt.Appendf(nil, "id %d of %s", a.made, a.name))
	secret := sha256.Sum256(fmt.Appendf(nil, "secret %d of %s", a.made, a.name))
	a.secrets[string(id[:16])] = secret[:]
	return passkey.Credential{ID: bytes.Clone(id[:16]), RPID: a.Site, Transports: []string{"internal"}}, nil
}

// Forget deletes a passkey.
func (a *Authenticator) Forget(_ context.Context, c passkey.Credential) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.secrets, string(c.ID))
}

// Holds counts its passkeys.
func (a *Authenticator) Holds() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.secrets)
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
	a.half = true
}

// Asked says how often it prompted.
func (a *Authenticator) Asked() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asked
}
