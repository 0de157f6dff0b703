// Package cardtest makes SMART Health Cards for tests: an issuer on the standard
// library alone, with a key of its own. No program of ours signs cards.
package cardtest

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
	"maps"
	"strings"
	"time"

	"potli/crypto/jose"
)

// Object is a JSON object.
type Object = map[string]any

// Issuer signs whatever it is given.
type Issuer struct {
	ISS string
	Key *ecdsa.PrivateKey
}

// New makes an issuer with a new key.
func New(iss string) *Issuer {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return &Issuer{iss, k}
}

// Kid is the name of the issuer's key.
func (i *Issuer) Kid() string { return jose.Thumbprint(&i.Key.PublicKey) }

// Payload is what a good card says: a vaccination of Meera Sample, from a day
// before now on. set changes it: "vc.rid" is a path, nil removes.
func (i *Issuer) Payload(now time.Time, set Object) Object {
	vc := Object{
		"type": []string{"https://smarthealth.cards#health-card", "https://smarthealth.cards#immunization"},
		"rid":  "MKyCxh7p6uQ",
	}
	subject := Object{"fhirVersion": "4.0.1", "fhirBundle": Object{"resourceType": "Bundle", "type": "collection", "entry": []Object{
		{"fullUrl": "resource:0", "resource": Object{"resourceType": "Patient",
			"name": []Object{{"family": "Sample", "given": []string{"Meera"}}}, "birthDate": "1991-03-02"}},
		{"fullUrl": "resource:1", "resource": Object{"resourceType": "Immunization", "status": "completed", "patient": Object{"reference": "resource:0"},
			"vaccineCode": Object{"coding": []Object{{"system": "http://hl7.org/fhir/sid/cvx", "code": "207"}}}, "occurrenceDateTime": "2026-05-01", "lotNumber": "LOT-4711"}},
	}}}
	p := Object{"iss": i.ISS, "nbf": float64(now.Add(-24*time.Hour).Unix()) + 0.677}
	for path, v := range set {
		at, name := p, path
		if rest, ok := strings.CutPrefix(path, "vc.credentialSubject."); ok {
			at, name = subject, rest
		} else if rest, ok := strings.CutPrefix(path, "vc."); ok {
			at, name = vc, rest
		}
		at[name] = v
	}
	for _, o := range []Object{p, vc, subject} {
		maps.DeleteFunc(o, func(_ string, v any) bool { return v == nil })
	}
	vc["credentialSubject"], p["vc"] = subject, vc
	return p
}

// Header is that of health cards.
func (i *Issuer) Header() []byte { return Encode(Object{"alg": "ES256", "zip": "DEF", "kid": i.Kid()}) }

// Card is a good card, but for what set changes.
func (i *Issuer) Card(now time.Time, set Object) string {
	return i.Seal(i.Header(), Deflate(Encode(i.Payload(now, set))))
}

// Seal signs a body under a header as they are.
func (i *Issuer) Seal(header, body []byte) string {
	first := b64(header) + "." + b64(body)
	sum := sha256.Sum256([]byte(first))
	r, s, err := ecdsa.Sign(rand.Reader, i.Key, sum[:])
	if err != nil {
		panic(err)
	}
	return first + "." + b64(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

// JWK is the public key as it is published, but for what set changes.
func (i *Issuer) JWK(set Object) Object {
	raw, err := i.Key.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	k := Object{"kty": "EC", "use": "sig", "alg": "ES256", "crv": "P-256", "kid": i.Kid(), "x": b64(raw[1:33]), "y": b64(raw[33:])}
	maps.Copy(k, set)
	maps.DeleteFunc(k, func(_ string, v any) bool { return v == nil })
	return k
}

// Info is the issuer's line of a directory, with its key where none is given.
func (i *Issuer) Info(set Object, keys ...Object) Object {
	if keys == nil {
		keys = []Object{i.JWK(nil)}
	}
	e := Object{"issuer": Object{"iss": i.ISS, "name": "Sample Clinic"}, "keys": keys}
	maps.Copy(e, set)
	return e
}

// Directory is a directory of some lines.
func Directory(info ...Object) []byte {
	return Encode(Object{"directory": "test", "time": "2026-06-01T00:00:00Z", "issuerInfo": append([]Object{}, info...)})
}

// File is a .smart-health-card file.
func File(jws ...string) []byte { return Encode(Object{"verifiableCredential": jws}) }

// Code is the text of a code.
func Code(jws string) string { return "shc:/" + Numerals(jws) }

// Numerals are two digits for each letter.
func Numerals(jws string) string {
	var b strings.Builder
	for _, c := range []byte(jws) {
		fmt.Fprintf(&b, "%02d", c-'-')
	}
	return b.String()
}

// Parts are the deprecated codes of a card in n parts.
func Parts(jws string, n int) (list []string) {
	size := (len(jws) + n - 1) / n
	for i := range n {
		list = append(list, fmt.Sprintf("shc:/%d/%d/%s", i+1, n, Numerals(jws[i*size:min((i+1)*size, len(jws))])))
	}
	return list
}

// Deflate is raw DEFLATE.
func Deflate(b []byte) []byte {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		panic(err)
	}
	w.Write(b)
	w.Close()
	return out.Bytes()
}

// Encode is JSON.
func Encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
