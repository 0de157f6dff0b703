// Package card reads SMART Health Cards and says what their signatures are
// worth (HL7 SMART Health Cards and Links 1.0.0, "SMART Health Cards
// Specification").
//
// A card is a compact JWS around a FHIR Bundle. It travels as a file, as the
// text of a code (shc:/…), in the fragment of a deep link, or as a file of a
// SMART Health Link; Read takes all of them. What a card says can be read
// without knowing who signed it: FHIR returns it. What it is worth is one of
// four states, which Verify tells apart and a screen must keep apart:
//
//	verified        the signature is good, and the issuer is on the list
//	unknown-issuer  the signature is good; who made it is not on the list
//	invalid         it cannot be relied on, and Reason says why
//	unchecked       it cannot be checked with what is here now
//
// Keys, revocations and trust come from one Directory, a file of the release.
// Nothing is fetched: the wallet's policy lets it reach no issuer, and an issuer
// that is asked for its keys learns when its card is looked at. So a key that
// the Directory lacks makes a card unchecked, never invalid, even one that its
// issuer has withdrawn; unknown-issuer is said only of issuers whose keys the
// Directory carries without vouching for them; and a revocation counts from the
// release that brings it. Listed says how old that knowledge is.
//
// The package signs nothing: a person's wallet does not attest clinical facts.
package card

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"potli/crypto/jose"
)

// Errors of Read.
var (
	// ErrNotCard: the text holds no health card.
	ErrNotCard = errors.New("no health card")
	// ErrMalformed: no card in it can be read.
	ErrMalformed = errors.New("a health card that cannot be read")
	// ErrPart: some of the codes of a card that was split are missing.
	ErrPart = errors.New("only a part of a health card")
	// ErrTooBig: more cards or codes, or more in them, than any real one has.
	ErrTooBig = errors.New("a health card beyond the limit")
)

// Limits of Read, beside those of jose.ParseJWS.
const (
	MaxBytes = 25 << 20 // of text
	MaxCards = 64       // in one file
	MaxParts = 64       // codes of one card
)

// Card is one health card taken apart. Until Verify has spoken it is what some
// stranger wrote.
type Card struct {
	jws    *jose.JWS
	bundle json.RawMessage // nil: none that can be read
	issuer string
	rid    string
	from   float64 // seconds since 1970, with fractions: as issuers write it
	until  float64 // 0: for ever
	fault  Reason  // found while reading; "": none
}

// healthCard is the type that makes a credential a health card. Others beside
// it narrow it down and may be unknown.
const healthCard = "https://smarthealth.cards#health-card"

// parse reads one JWS. A card with faults is a card all the same: what can be
// read of it is shown, with the fault.
func parse(text string) (*Card, error) {
	j, err := jose.ParseJWS(text)
	if errors.Is(err, jose.ErrTooBig) {
		return &Card{fault: TooBig}, ErrTooBig
	}
	if err != nil {
		return &Card{fault: Malformed}, ErrMalformed
	}
	c := &Card{jws: j}
	if j.Alg != "ES256" || j.Zip != "DEF" || !isThumbprint(j.Kid) {
		c.fault = Header
	}
	if !c.claims(j.Payload) && c.fault == "" {
		c.fault = Claims
	}
	if c.bundle == nil {
		return c, ErrMalformed
	}
	return c, nil
}

// isThumbprint says whether s has the form of every key's name: SHA-256 in base64url.
func isThumbprint(s string) bool { return len(s) == 43 && isBase64URL(s) }

func isBase64URL(s string) bool {
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// object is a JSON object by the exact names of its members. The decoder of the
// standard library would take "ISS" for "iss" when it fills a struct, and other
// verifiers would not.
type object map[string]json.RawMessage

func objectOf(b []byte) object {
	var o object
	if json.Unmarshal(b, &o) != nil {
		return nil
	}
	return o
}

// claims reads the payload as far as it goes, and says whether it is whole. What
// is out of range is not kept: a screen shows only what could be true.
func (c *Card) claims(payload []byte) bool {
	o := objectOf(payload)
	vc := objectOf(o["vc"])
	subject := objectOf(vc["credentialSubject"])
	var kind, version string
	var types []string
	if bundle := objectOf(subject["fhirBundle"]); into(bundle["resourceType"], &kind) && kind == "Bundle" {
		c.bundle = subject["fhirBundle"]
	}
	issuer := into(o["iss"], &c.issuer) && isIssuer(c.issuer)
	from := into(o["nbf"], &c.from) && plausible(c.from)
	until := absent(o["exp"]) || into(o["exp"], &c.until) && plausible(c.until)
	if !issuer {
		c.issuer = ""
	}
	if !from {
		c.from = 0
	}
	if !until {
		c.until = 0
	}
	return c.bundle != nil && issuer && from && until &&
		(absent(vc["rid"]) || into(vc["rid"], &c.rid) && len(c.rid) <= 24 && c.rid != "" && isBase64URL(c.rid)) &&
		into(vc["type"], &types) && slices.Contains(types, healthCard) &&
		into(subject["fhirVersion"], &version) && version != ""
}

// absent says whether there is no such member. Issuers are met that write null
// for what they do not give.
func absent(b json.RawMessage) bool { return b == nil || bytes.Equal(b, []byte("null")) }

// into reads a member that must be there.
func into(b json.RawMessage, v any) bool { return !absent(b) && json.Unmarshal(b, v) == nil }

// isIssuer: https, no slash at its end, and nothing that could make two names
// of one or show another than it is.
func isIssuer(s string) bool {
	host, ok := strings.CutPrefix(s, "https://")
	odd := func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`?#"<>\`, r) }
	return ok && len(s) <= 512 && host != "" && host[0] != '/' && !strings.HasSuffix(s, "/") && !strings.ContainsFunc(s, odd)
}

// plausible keeps to the years from 1970 that a time.Time can be told of.
func plausible(seconds float64) bool { return seconds > 0 && seconds < 253402300800 }

// moment is the time of a number of seconds with fractions.
func moment(seconds float64) time.Time {
	whole, part := math.Modf(seconds)
	return time.Unix(int64(whole), int64(part*1e9)).UTC()
}

// FHIR returns what the cards say, one Bundle to be read by app/fhir: the very
// bytes of a single card, else a collection of those of all. nil: no card has one.
func FHIR(cards []*Card) []byte {
	var bundles [][]byte
	for _, c := range cards {
		if c.bundle != nil {
			bundles = append(bundles, c.bundle)
		}
	}
	if len(bundles) < 2 {
		return slices.Concat(bundles...)
	}
	var b bytes.Buffer
	b.WriteString(`{"resourceType":"Bundle","type":"collection","entry":[`)
	for i, body := range bundles {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"resource":`)
		b.Write(apart(body, i))
		b.WriteByte('}')
	}
	b.WriteString("]}")
	return b.Bytes()
}

// apart renames the short names that cards give their entries, "resource:0":
// each card begins anew, and one card's patient is not the other's.
func apart(bundle []byte, n int) []byte {
	if n == 0 {
		return bundle
	}
	return bytes.ReplaceAll(bundle, []byte(`"resource:`), fmt.Appendf(nil, `"resource:%dx`, n))
}
