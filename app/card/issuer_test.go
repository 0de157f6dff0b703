package card_test

import (
	"bytes"
	"compress/flate"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"potli/app/card"
	"potli/crypto/jose"
)

// now is when the tests look at cards; sample cards are a day old then.
var now = time.Date(2026, 6, 12, 9, 0, 0, 0, time.UTC)

// maker is an issuer of the tests' own, on the standard library alone.
type maker struct {
	t   testing.TB
	iss string
	key *ecdsa.PrivateKey
}

func newMaker(t testing.TB, iss string) *maker {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &maker{t, iss, k}
}

type m = map[string]any

func (i *maker) kid() string { return jose.Thumbprint(&i.key.PublicKey) }

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// payload is what a good card says. set changes it: "vc.rid" is a path, nil removes.
func (i *maker) payload(set m) m {
	p := m{"iss": i.iss, "nbf": float64(now.Add(-24*time.Hour).Unix()) + 0.677, "vc": m{
		"type": []string{"https://smarthealth.cards#health-card", "https://smarthealth.cards#immunization"},
		"rid":  "MKyCxh7p6uQ",
		"credentialSubject": m{"fhirVersion": "4.0.1", "fhirBundle": m{"resourceType": "Bundle", "type": "collection", "entry": []m{
			{"fullUrl": "resource:0", "resource": m{"resourceType": "Patient", "name": []m{{"family": "Sample", "given": []string{"Meera"}}}, "birthDate": "1991-03-02"}},
			{"fullUrl": "resource:1", "resource": m{"resourceType": "Immunization", "status": "completed", "patient": m{"reference": "resource:0"},
				"vaccineCode": m{"coding": []m{{"system": "http://hl7.org/fhir/sid/cvx", "code": "207"}}}, "occurrenceDateTime": "2026-05-01", "lotNumber": "7"}},
		}}},
	}}
	for path, v := range set {
		at, name := p, path
		for _, step := range []string{"vc.credentialSubject.", "vc."} {
			if len(path) > len(step) && path[:len(step)] == step {
				at, name = p["vc"].(m), path[len(step):]
				if step != "vc." {
					at = at["credentialSubject"].(m)
				}
				break
			}
		}
		if at[name] = v; v == nil {
			delete(at, name)
		}
	}
	return p
}

func deflated(b []byte) []byte {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		panic(err)
	}
	w.Write(b)
	w.Close()
	return out.Bytes()
}

// seal signs a body under a header as they are.
func (i *maker) seal(header, body []byte) string {
	first := b64(header) + "." + b64(body)
	sum := sha256.Sum256([]byte(first))
	r, s, err := ecdsa.Sign(rand.Reader, i.key, sum[:])
	if err != nil {
		i.t.Fatal(err)
	}
	return first + "." + b64(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

func (i *maker) header() []byte { return encode(m{"alg": "ES256", "zip": "DEF", "kid": i.kid()}) }

// card is a good card, but for what set changes.
func (i *maker) card(set m) string { return i.seal(i.header(), deflated(encode(i.payload(set)))) }

// jwk is the public key as it is published.
func (i *maker) jwk(set m) m {
	raw, err := i.key.PublicKey.Bytes()
	if err != nil {
		i.t.Fatal(err)
	}
	k := m{"kty": "EC", "use": "sig", "alg": "ES256", "crv": "P-256", "kid": i.kid(), "x": b64(raw[1:33]), "y": b64(raw[33:])}
	for name, v := range set {
		if k[name] = v; v == nil {
			delete(k, name)
		}
	}
	return k
}

// info is a line of a directory.
func (i *maker) info(set m, keys ...m) m {
	if keys == nil {
		keys = []m{i.jwk(nil)}
	}
	e := m{"issuer": m{"iss": i.iss, "name": "Sample Clinic"}, "keys": keys}
	for name, v := range set {
		e[name] = v
	}
	return e
}

func directory(t testing.TB, info ...m) *card.Directory {
	t.Helper()
	if info == nil {
		info = []m{}
	}
	d, err := card.ParseDirectory(encode(m{"directory": "test", "time": "2026-06-01T00:00:00Z", "issuerInfo": info}))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// file is a .smart-health-card file of some JWS.
func file(jws ...string) []byte { return encode(m{"verifiableCredential": jws}) }

// numerals is the text of a code.
func numerals(jws string) (s string) {
	for _, c := range []byte(jws) {
		s += fmt.Sprintf("%02d", c-'-')
	}
	return s
}

// one reads a carrier that holds one card.
func one(t testing.TB, b []byte) *card.Card {
	t.Helper()
	cards, err := card.Read(b)
	if err != nil || len(cards) != 1 {
		t.Fatalf("%d cards, %v", len(cards), err)
	}
	return cards[0]
}

// shared finds the project's folder of real documents.
func shared(t testing.TB, name string) []byte {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Skip("no file system here")
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		for _, data := range []string{"../shared/data", "shared/data"} {
			if b, err := os.ReadFile(filepath.Join(dir, data, name)); err == nil {
				return b
			}
		}
	}
	t.Skipf("the real document %s is not on this machine", name)
	return nil
}
