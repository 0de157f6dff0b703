// Package party is who is on the other side of a message, a request, a receipt: a
// provider, as it calls itself.
//
// Nothing here says whose name that is. A key shows that two texts are from one
// party; what is known of the key is for the caller to say.
package party

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// Party is a provider, or a person of one.
type Party struct {
	Name   string       `json:"name"`
	IDs    []Identifier `json:"ids,omitempty"`
	Origin string       `json:"origin,omitempty"` // "https://clinic.example"
	Key    string       `json:"key,omitempty"`    // RFC 7638 thumbprint; "" where it has none
}

// Identifier is a number in a registry, such as that of a health facility (HFR) or
// of a professional (HPR).
type Identifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

// Document is a party as it stands in a text that it wrote: with its public key,
// where it signed the text, and none otherwise.
type Document struct {
	Name   string          `json:"name"`
	IDs    []Identifier    `json:"ids,omitempty"`
	Origin string          `json:"origin,omitempty"`
	JWK    json.RawMessage `json:"jwk,omitempty"`
}

// Same says whether two parties are one: by their keys, or, where neither has one,
// by name, numbers and origin, all of them. One with a key and one without are two.
func (p Party) Same(q Party) bool {
	if p.Key != "" || q.Key != "" {
		return p.Key == q.Key
	}
	return p.Name == q.Name && p.Origin == q.Origin && slices.Equal(p.IDs, q.IDs)
}

// MaxOrigin is the longest origin, in bytes, and the longest name of a registry.
const MaxOrigin = 200

// IsOrigin says whether s is an origin as browsers write it, of https or of this
// machine.
func IsOrigin(s string) bool {
	u, err := url.Parse(s)
	if err != nil || len(s) > MaxOrigin || u.Scheme+"://"+u.Host != s || strings.ToLower(s) != s || u.Hostname() == "" {
		return false
	}
	local := u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1"
	return u.Scheme == "https" || u.Scheme == "http" && local
}

// Paragraphs drops from a text what is not to be seen, and leaves its lines.
func Paragraphs(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r == '\r', r == '\u2028', r == '\u2029':
			return '\n'
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\ufeff', r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s))
}
