package webpush

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	// A token may live for 24 hours (RFC 8292, section 2). Half of that leaves
	// room for clocks that differ; half of the half is for how long one is used.
	tokenLife = 12 * time.Hour
	tokenUse  = 6 * time.Hour
	// maxTokens bounds what is remembered: two of the services have many hosts.
	maxTokens = 64
)

// b64 is base64url without padding, strict: one text for one value.
var b64 = base64.RawURLEncoding.Strict()

// vapid identifies the sender to push services (RFC 8292).
type vapid struct {
	key     *ecdsa.PrivateKey
	public  string
	subject string

	mu     sync.Mutex // guards tokens
	tokens map[string]token
}

// token is a signed JWT. Signing costs more than all else of a message, and push
// services ask for tokens to be used again (RFC 8292, section 4.1).
type token struct {
	text string
	made time.Time
}

func newVAPID(key, subject string) (*vapid, error) {
	scalar, _ := b64.DecodeString(key)
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	if err != nil {
		return nil, errors.New("the push key must be a P-256 scalar: 32 bytes in base64url without padding")
	}
	point, err := k.PublicKey.Bytes()
	if err != nil {
		return nil, fmt.Errorf("reading the push key: %w", err)
	}
	return &vapid{key: k, public: b64.EncodeToString(point), subject: subject, tokens: make(map[string]token)}, checkSubject(subject)
}

// checkSubject: the RFC lets a subject be missing, but two large services refuse
// such messages, and Apple's those that name localhost.
func checkSubject(s string) error {
	mail, isMail := strings.CutPrefix(s, "mailto:")
	_, host, hasAt := strings.Cut(mail, "@")
	if !isMail {
		u, err := url.Parse(s)
		if err != nil || u.Scheme != "https" {
			return errors.New("the push subject must be a mailto: or https: address of whoever runs this relay")
		}
		host, hasAt = u.Hostname(), true
	}
	if !hasAt || !strings.Contains(strings.Trim(host, "."), ".") {
		return errors.New("the push subject must be an address that is reachable from elsewhere, or push services refuse it")
	}
	return nil
}

// authorization is the header of a message to a push service's origin (RFC 8292,
// section 3).
func (v *vapid) authorization(origin string, now time.Time) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	t, ok := v.tokens[origin]
	if age := now.Sub(t.made); !ok || age < 0 || age >= tokenUse {
		text, err := v.sign(origin, now.Add(tokenLife))
		if err != nil {
			return "", err
		}
		if len(v.tokens) >= maxTokens {
			clear(v.tokens)
		}
		t = token{text, now}
		v.tokens[origin] = t
	}
	return "vapid t=" + t.text + ", k=" + v.public, nil
}

// sign makes a JWT with ES256: the signature is r and s, 32 bytes each (RFC 7518,
// section 3.4).
func (v *vapid) sign(origin string, expires time.Time) (string, error) {
	claims, err := json.Marshal(struct {
		Audience string `json:"aud"`
		Expires  int64  `json:"exp"`
		Subject  string `json:"sub"`
	}{origin, expires.Unix(), v.subject})
	if err != nil {
		panic(err) // our own type, which marshals
	}
	text := b64.EncodeToString([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + b64.EncodeToString(claims)
	digest := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, v.key, digest[:])
	if err != nil {
		return "", fmt.Errorf("identifying to a push service: %w", err)
	}
	var signature [64]byte
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return text + "." + b64.EncodeToString(signature[:]), nil
}
