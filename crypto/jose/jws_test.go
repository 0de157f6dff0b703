package jose_test

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	gojose "github.com/go-jose/go-jose/v4"

	"potli/crypto/jose"
)

// signer makes what a wallet never does: signatures.
func signer(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func deflated(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(b)
	w.Close()
	return out.Bytes()
}

// signed is a compact JWS with a header and a body of the test's own.
func signed(t testing.TB, k *ecdsa.PrivateKey, header string, body []byte) string {
	t.Helper()
	first := b64([]byte(header)) + "." + b64(body)
	sum := sha256.Sum256([]byte(first))
	r, s, err := ecdsa.Sign(rand.Reader, k, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return first + "." + b64(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

const es256 = `{"alg":"ES256","kid":"k"}`

func TestVerify(t *testing.T) {
	k := signer(t)
	j, err := jose.ParseJWS(" " + signed(t, k, `{"zip":"DEF","x":1,"alg":"ES256","kid":"k"}`, deflated(t, []byte("health"))) + "\n")
	if err != nil || j.Alg != "ES256" || j.Kid != "k" || j.Zip != "DEF" || string(j.Payload) != "health" || !j.Verify(&k.PublicKey) {
		t.Errorf("%+v, %v", j, err)
	}
	if j.Verify(&signer(t).PublicKey) {
		t.Error("another key verified it")
	}
	if j, err := jose.ParseJWS(signed(t, k, es256, []byte("plain"))); err != nil || string(j.Payload) != "plain" || !j.Verify(&k.PublicKey) {
		t.Errorf("without zip: %+v, %v", j, err)
	}
}

// Appendix A.3 of RFC 7515.
func TestExampleOfRFC7515(t *testing.T) {
	const jws = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ" +
		".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
	x, _ := base64.RawURLEncoding.DecodeString("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")
	y, _ := base64.RawURLEncoding.DecodeString("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
	if err != nil {
		t.Fatal(err)
	}
	j, err := jose.ParseJWS(jws)
	if err != nil || !j.Verify(key) || !strings.Contains(string(j.Payload), `"joe"`) {
		t.Errorf("%+v, %v", j, err)
	}
}

func TestParseJWSRefuses(t *testing.T) {
	k := signer(t)
	good := signed(t, k, es256, []byte("x"))
	seg := strings.Split(good, ".")
	wrapped := func(b []byte) []byte {
		var out bytes.Buffer
		w := zlib.NewWriter(&out)
		w.Write(b)
		w.Close()
		return out.Bytes()
	}
	zip := `{"alg":"ES256","zip":"DEF","kid":"k"}`
	for name, c := range map[string]struct {
		jws  string
		want error
	}{
		"empty":                   {"", jose.ErrMalformed},
		"two segments":            {seg[0] + "." + seg[1], jose.ErrMalformed},
		"four segments":           {good + ".", jose.ErrMalformed},
		"a JWE":                   {tv2(t), jose.ErrMalformed},
		"padding":                 {good + "=", jose.ErrMalformed},
		"base64 of files":         {seg[0] + "." + seg[1] + ".+/", jose.ErrMalformed},
		"a line break inside":     {seg[0] + ".\n" + seg[1] + "." + seg[2], jose.ErrMalformed},
		"another spelling":        {seg[0] + "." + b64([]byte("x"))[:1] + "B." + seg[2], jose.ErrMalformed},
		"a header of no JSON":     {b64([]byte("x")) + ".eA.eA", jose.ErrMalformed},
		"a header that is null":   {b64([]byte("null")) + ".eA.eA", jose.ErrMalformed},
		"a header that is a list": {b64([]byte("[]")) + ".eA.eA", jose.ErrMalformed},
		"an alg that is a number": {b64([]byte(`{"alg":1}`)) + ".eA.eA", jose.ErrMalformed},
		"a header without end":    {b64(bytes.Repeat([]byte(" "), 9<<10)) + ".eA.eA", jose.ErrMalformed},
		"critical":                {signed(t, k, `{"alg":"ES256","crit":["b64"],"b64":false}`, nil), jose.ErrUnsupported},
		"another zip":             {signed(t, k, `{"alg":"ES256","zip":"GZ"}`, nil), jose.ErrUnsupported},
		"zip of zlib":             {signed(t, k, zip, wrapped([]byte("health"))), jose.ErrMalformed},
		"zip of nothing":          {signed(t, k, zip, []byte("health")), jose.ErrMalformed},
		"data behind the zip":     {signed(t, k, zip, append(deflated(t, []byte("health")), 0)), jose.ErrMalformed},
		"a bomb":                  {signed(t, k, zip, deflated(t, make([]byte, 2<<20))), jose.ErrTooBig},
	} {
		if j, err := jose.ParseJWS(c.jws); !errors.Is(err, c.want) || j != nil {
			t.Errorf("%s: %+v, %v; want %v", name, j, err, c.want)
		}
	}
}

func TestVerifyRefuses(t *testing.T) {
	k := signer(t)
	good := signed(t, k, es256, []byte("body"))
	seg := strings.Split(good, ".")
	sum := sha256.Sum256([]byte(seg[0] + "." + seg[1]))
	der, err := ecdsa.SignASN1(rand.Reader, k, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := base64.RawURLEncoding.DecodeString(seg[2])
	swapped := append(bytes.Clone(raw[32:]), raw[:32]...)
	order := elliptic.P256().Params().N.Bytes()
	for name, jws := range map[string]string{
		"no signature":         seg[0] + "." + seg[1] + ".",
		"a signature as ASN.1": seg[0] + "." + seg[1] + "." + b64(der),
		"s before r":           seg[0] + "." + seg[1] + "." + b64(swapped),
		"zeros":                seg[0] + "." + seg[1] + "." + b64(make([]byte, 64)),
		"the order":            seg[0] + "." + seg[1] + "." + b64(append(bytes.Clone(order), order...)),
		"a byte less":          seg[0] + "." + seg[1] + "." + b64(raw[:63]),
		"a byte more":          seg[0] + "." + seg[1] + "." + b64(append(bytes.Clone(raw), 0)),
		"another body":         seg[0] + "." + b64([]byte("bodi")) + "." + seg[2],
		"another header":       b64([]byte(`{"alg":"ES256","kid":"K"}`)) + "." + seg[1] + "." + seg[2],
		"alg none":             signed(t, k, `{"alg":"none"}`, []byte("body")),
		"no alg":               signed(t, k, `{"kid":"k"}`, []byte("body")),
		"ALG":                  signed(t, k, `{"ALG":"ES256"}`, []byte("body")),
		"alg HS256":            signed(t, k, `{"alg":"HS256"}`, []byte("body")),
		"alg ES384":            signed(t, k, `{"alg":"ES384"}`, []byte("body")),
	} {
		j, err := jose.ParseJWS(jws)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if j.Verify(&k.PublicKey) {
			t.Errorf("%s was verified", name)
		}
	}
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if j, err := jose.ParseJWS(good); err != nil || j.Verify(&other.PublicKey) {
		t.Errorf("verified with a key of P-384, %v", err)
	}
}

// jwkOf is a key as its issuer publishes it, with members changed ("" removes).
func jwkOf(k *ecdsa.PublicKey, change map[string]any) []byte {
	raw, _ := k.Bytes()
	m := map[string]any{"kty": "EC", "use": "sig", "alg": "ES256", "crv": "P-256", "kid": jose.Thumbprint(k),
		"x": b64(raw[1:33]), "y": b64(raw[33:]), "crlVersion": 1, "unknown": true}
	for name, v := range change {
		if m[name] = v; v == "" {
			delete(m, name)
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return b
}

func certificate(t testing.TB, k *ecdsa.PrivateKey) string {
	t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "Sample Issuer"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<31, 0)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func TestParseKey(t *testing.T) {
	k, other := signer(t), signer(t)
	for name, jwk := range map[string][]byte{
		"plain":              jwkOf(&k.PublicKey, nil),
		"with a certificate": jwkOf(&k.PublicKey, map[string]any{"x5c": []string{certificate(t, k)}}),
		"with a chain":       jwkOf(&k.PublicKey, map[string]any{"x5c": []string{certificate(t, k), certificate(t, other)}}),
	} {
		if got, err := jose.ParseKey(jwk); err != nil || !got.Equal(&k.PublicKey) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	raw, _ := k.PublicKey.Bytes()
	for name, change := range map[string]map[string]any{
		"RSA":                        {"kty": "RSA"},
		"no kty":                     {"kty": ""},
		"for encryption":             {"use": "enc"},
		"no use":                     {"use": ""},
		"ES384":                      {"alg": "ES384"},
		"no alg":                     {"alg": ""},
		"P-384":                      {"crv": "P-384"},
		"a private part":             {"d": b64(make([]byte, 32))},
		"no kid":                     {"kid": ""},
		"another kid":                {"kid": jose.Thumbprint(&other.PublicKey)},
		"no x":                       {"x": ""},
		"x of 31 bytes":              {"x": b64(raw[1:32])},
		"y with padding":             {"y": b64(raw[33:]) + "="},
		"off the curve":              {"y": b64(raw[1:33])},
		"a number for x":             {"x": 1},
		"a certificate of another":   {"x5c": []string{certificate(t, other), certificate(t, k)}},
		"no certificate in x5c":      {"x5c": []string{}},
		"x5c that is no list":        {"x5c": "x"},
		"x5c that is no base64":      {"x5c": []string{"%"}},
		"x5c that is no certificate": {"x5c": []string{"AAAA"}},
		"x5c that is null":           {"x5c": nil},
	} {
		if _, err := jose.ParseKey(jwkOf(&k.PublicKey, change)); !errors.Is(err, jose.ErrUnusable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, jwk := range []string{"", "null", "[]", "{", `"x"`} {
		if _, err := jose.ParseKey([]byte(jwk)); !errors.Is(err, jose.ErrUnusable) {
			t.Errorf("%q: %v", jwk, err)
		}
	}
}

// The keys of the issuer of HL7's examples, the second with certificates.
func TestKeysOfTheGuide(t *testing.T) {
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(shared(t, "shc/issuer/.well-known/jwks.json"), &set); err != nil {
		t.Fatal(err)
	}
	if len(set.Keys) != 2 {
		t.Fatalf("%d keys", len(set.Keys))
	}
	for _, k := range set.Keys {
		if _, err := jose.ParseKey(k); err != nil {
			t.Error(err)
		}
	}
}

// go-jose is the second opinion, in both directions.
func TestJWSOfAnother(t *testing.T) {
	k := signer(t)
	s, err := gojose.NewSigner(gojose.SigningKey{Algorithm: gojose.ES256, Key: gojose.JSONWebKey{Key: k, KeyID: "k"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := s.Sign([]byte("payload"))
	if err != nil {
		t.Fatal(err)
	}
	compact, err := theirs.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	if j, err := jose.ParseJWS(compact); err != nil || j.Kid != "k" || string(j.Payload) != "payload" || !j.Verify(&k.PublicKey) {
		t.Errorf("%+v, %v", j, err)
	}
	ours, err := gojose.ParseSigned(signed(t, k, es256, []byte("payload")), []gojose.SignatureAlgorithm{gojose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ours.Verify(&k.PublicKey); err != nil || string(got) != "payload" {
		t.Errorf("%q, %v", got, err)
	}
	want, err := (&gojose.JSONWebKey{Key: &k.PublicKey}).Thumbprint(5) // crypto.SHA256
	if err != nil || jose.Thumbprint(&k.PublicKey) != b64(want) {
		t.Errorf("thumbprint %s, theirs %s, %v", jose.Thumbprint(&k.PublicKey), b64(want), err)
	}
}

func FuzzParseJWS(f *testing.F) {
	k := signer(f)
	f.Add(signed(f, k, es256, []byte("x")))
	f.Add(signed(f, k, `{"alg":"ES256","zip":"DEF","kid":"k"}`, deflated(f, []byte(`{"iss":"https://a.test"}`))))
	f.Add("..")
	f.Fuzz(func(t *testing.T, s string) {
		j, err := jose.ParseJWS(s)
		if (j == nil) == (err == nil) {
			t.Fatal(fmt.Sprintf("%v, %v", j, err))
		}
		if err == nil && len(j.Payload) > jose.MaxInflated {
			t.Fatal("too much was inflated")
		}
		if err == nil && j.Verify(&signer(t).PublicKey) {
			t.Fatal("a new key verified it")
		}
	})
}

func FuzzParseKey(f *testing.F) {
	k := signer(f)
	f.Add(jwkOf(&k.PublicKey, nil))
	f.Add(jwkOf(&k.PublicKey, map[string]any{"x5c": []string{certificate(f, k)}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		key, err := jose.ParseKey(b)
		if (key == nil) == (err == nil) {
			t.Fatal(err)
		}
		if err == nil && len(jose.Thumbprint(key)) != 43 {
			t.Fatal("a thumbprint of another length")
		}
	})
}
