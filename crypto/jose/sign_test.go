package jose_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	gojose "github.com/go-jose/go-jose/v4"

	"potli/crypto/jose"
)

// Appendix A of RFC 8037.
const (
	rfc8037d     = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
	rfc8037x     = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
	rfc8037thumb = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
	rfc8037jws   = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc." +
		"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)

func unb64(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func edSigner(t testing.TB) (*jose.Signer, ed25519.PrivateKey) {
	t.Helper()
	k := ed25519.NewKeyFromSeed(unb64(t, rfc8037d))
	s, err := jose.EdDSA(k)
	if err != nil {
		t.Fatal(err)
	}
	return s, k
}

func ecSigner(t testing.TB) (*jose.Signer, *ecdsa.PrivateKey) {
	t.Helper()
	k := signer(t)
	s, err := jose.ES256(k, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s, k
}

func TestExamplesOfRFC8037(t *testing.T) {
	s, _ := edSigner(t)
	key, err := jose.ParseJWK([]byte(`{"kty":"OKP","crv":"Ed25519","x":"` + rfc8037x + `"}`))
	if err != nil || key != s.Public() {
		t.Fatalf("%v, %v", key, err)
	}
	if got := key.Thumbprint(); got != rfc8037thumb {
		t.Errorf("thumbprint %s", got)
	}
	seg := strings.Split(rfc8037jws, ".")
	text := []byte(seg[0] + "." + seg[1])
	if got, err := s.Raw(text); err != nil || b64(got) != seg[2] {
		t.Errorf("signature %s, %v", b64(got), err)
	}
	if !key.VerifyRaw(text, unb64(t, seg[2])) {
		t.Error("the example is not verified")
	}
	// It names neither its key nor its kind, so for SignedBy it is nobody's.
	if j, err := jose.ParseJWS(rfc8037jws); err != nil || j.SignedBy(key, "") {
		t.Errorf("%+v, %v", j, err)
	}
}

// The key of RFC 7515, appendix A.3, through the same door.
func TestKeyOfRFC7515(t *testing.T) {
	key, err := jose.ParseJWK([]byte(`{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`))
	if err != nil {
		t.Fatal(err)
	}
	seg := strings.Split("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"+
		".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q", ".")
	if !key.VerifyRaw([]byte(seg[0]+"."+seg[1]), unb64(t, seg[2])) {
		t.Error("not verified")
	}
}

func TestSign(t *testing.T) {
	ed, _ := edSigner(t)
	ec, _ := ecSigner(t)
	for alg, s := range map[string]*jose.Signer{"EdDSA": ed, "ES256": ec} {
		compact, err := s.Sign("thing+jws", []byte("payload"))
		if err != nil {
			t.Fatal(err)
		}
		want := `{"alg":"` + alg + `","kid":"` + s.Public().Thumbprint() + `","typ":"thing+jws"}`
		if got := string(unb64(t, strings.Split(compact, ".")[0])); got != want {
			t.Errorf("header %s", got)
		}
		j, err := jose.ParseJWS(compact)
		if err != nil || string(j.Payload) != "payload" || j.Alg != alg || j.Typ != "thing+jws" {
			t.Fatalf("%+v, %v", j, err)
		}
		if !j.SignedBy(s.Public(), "thing+jws") {
			t.Errorf("%s: not verified", alg)
		}
		for name, bad := range map[string]bool{
			"another kind": j.SignedBy(s.Public(), "other+jws"),
			"no kind":      j.SignedBy(s.Public(), ""),
			"no key":       j.SignedBy(jose.Key{}, "thing+jws"),
			"another key":  j.SignedBy(map[string]jose.Key{"EdDSA": ec.Public(), "ES256": ed.Public()}[alg], "thing+jws"),
		} {
			if bad {
				t.Errorf("%s: verified with %s", alg, name)
			}
		}
	}
	if _, err := ed.Sign("", nil); !errors.Is(err, jose.ErrMalformed) {
		t.Errorf("without a kind: %v", err)
	}
}

// A secret beside a public half of another would leak with every signature.
func TestSignerMakesItsPublicHalf(t *testing.T) {
	_, k := edSigner(t)
	forged := slices.Clone(k)
	copy(forged[32:], make([]byte, 32))
	s, err := jose.EdDSA(forged)
	if err != nil {
		t.Fatal(err)
	}
	compact, err := s.Sign("t", []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	want, _ := edSigner(t)
	if again, _ := want.Sign("t", []byte("x")); again != compact {
		t.Error("signed with the public half it was given")
	}
	if _, err := jose.EdDSA(k[:32]); !errors.Is(err, jose.ErrUnusable) {
		t.Errorf("a seed alone: %v", err)
	}
	if _, err := jose.ES256(nil, nil); !errors.Is(err, jose.ErrUnusable) {
		t.Errorf("no key: %v", err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jose.ES256(other, nil); !errors.Is(err, jose.ErrUnusable) {
		t.Errorf("P-384: %v", err)
	}
}

// edSigned signs any header, as no writer of ours would.
func edSigned(k ed25519.PrivateKey, header, body string) string {
	first := b64([]byte(header)) + "." + b64([]byte(body))
	return first + "." + b64(ed25519.Sign(k, []byte(first)))
}

func TestSignedByRefuses(t *testing.T) {
	s, k := edSigner(t)
	ec, eck := ecSigner(t)
	key, kid, ecKid := s.Public(), s.Public().Thumbprint(), ec.Public().Thumbprint()
	if j, err := jose.ParseJWS(edSigned(k, `{"typ":"t","kid":"`+kid+`","alg":"Ed25519","jwk":{},"x":1}`, "x")); err != nil || !j.SignedBy(key, "t") {
		t.Fatalf("the name of RFC 9864 is not read: %v", err)
	}
	for name, c := range map[string]struct {
		jws string
		key jose.Key
	}{
		"alg none":              {edSigned(k, `{"alg":"none","kid":"`+kid+`","typ":"t"}`, "x"), key},
		"alg ES256":             {edSigned(k, `{"alg":"ES256","kid":"`+kid+`","typ":"t"}`, "x"), key},
		"alg HS256":             {edSigned(k, `{"alg":"HS256","kid":"`+kid+`","typ":"t"}`, "x"), key},
		"alg eddsa":             {edSigned(k, `{"alg":"eddsa","kid":"`+kid+`","typ":"t"}`, "x"), key},
		"alg Ed448":             {edSigned(k, `{"alg":"Ed448","kid":"`+kid+`","typ":"t"}`, "x"), key},
		"no alg":                {edSigned(k, `{"kid":"`+kid+`","typ":"t"}`, "x"), key},
		"ALG":                   {edSigned(k, `{"ALG":"EdDSA","kid":"`+kid+`","typ":"t"}`, "x"), key},
		"alg twice":             {edSigned(k, `{"alg":"none","alg":"EdDSA","kid":"`+kid+`","typ":"t"}`, "x"), key},
		"no kid":                {edSigned(k, `{"alg":"EdDSA","typ":"t"}`, "x"), key},
		"another kid":           {edSigned(k, `{"alg":"EdDSA","kid":"`+ecKid+`","typ":"t"}`, "x"), key},
		"no typ":                {edSigned(k, `{"alg":"EdDSA","kid":"`+kid+`"}`, "x"), key},
		"a typ that is a list":  {edSigned(k, `{"alg":"EdDSA","kid":"`+kid+`","typ":["t"]}`, "x"), key},
		"EdDSA with a P-256":    {signed(t, eck, `{"alg":"EdDSA","kid":"`+ecKid+`","typ":"t"}`, []byte("x")), ec.Public()},
		"Ed25519 with a P-256":  {signed(t, eck, `{"alg":"Ed25519","kid":"`+ecKid+`","typ":"t"}`, []byte("x")), ec.Public()},
		"deflated":              {signed(t, eck, `{"alg":"ES256","kid":"`+ecKid+`","typ":"t","zip":"DEF"}`, deflated(t, []byte("x"))), ec.Public()},
		"no signature":          {b64([]byte(`{"alg":"EdDSA","kid":"`+kid+`","typ":"t"}`)) + ".eA.", key},
		"another's signature":   {signed(t, signer(t), `{"alg":"ES256","kid":"`+ecKid+`","typ":"t"}`, []byte("x")), ec.Public()},
		"a signature of zeroes": {b64([]byte(`{"alg":"EdDSA","kid":"`+kid+`","typ":"t"}`)) + ".eA." + b64(make([]byte, 64)), key},
	} {
		j, err := jose.ParseJWS(c.jws)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if j.SignedBy(c.key, "t") {
			t.Errorf("%s was verified", name)
		}
	}
	good := edSigned(k, `{"alg":"EdDSA","kid":"`+kid+`","typ":"t"}`, "x")
	for name, jws := range map[string]string{"behind it": good + "A", "a line behind it": good + "\n.x", "padding": good + "==", "a fourth part": good + "."} {
		if j, err := jose.ParseJWS(jws); err == nil && j.SignedBy(key, "t") {
			t.Errorf("%s: verified", name)
		}
	}
	// The last character carries four bits that belong to no byte.
	for _, last := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
		other := good[:len(good)-1] + string(last)
		if j, err := jose.ParseJWS(other); other != good && err == nil && j.SignedBy(key, "t") {
			t.Errorf("a second spelling with %q was verified", last)
		}
	}
}

func TestParseJWK(t *testing.T) {
	ed, _ := edSigner(t)
	ec, _ := ecSigner(t)
	for name, want := range map[string]jose.Key{"Ed25519": ed.Public(), "P-256": ec.Public()} {
		if got, err := jose.ParseJWK(want.JWK()); err != nil || got != want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		set, err := jose.ParseJWKS(jose.JWKS(want))
		if err != nil || !slices.Equal(set, []jose.Key{want}) {
			t.Errorf("%s: %v, %v", name, set, err)
		}
	}
	x := `"crv":"Ed25519","kty":"OKP","x":"` + rfc8037x + `"`
	for _, beside := range []string{`"use":"sig"`, `"alg":"EdDSA"`, `"alg":"Ed25519"`, `"key_ops":["verify"]`, `"kid":"mine"`, `"name":"x"`} {
		if got, err := jose.ParseJWK([]byte(`{` + x + `,` + beside + `}`)); err != nil || got != ed.Public() {
			t.Errorf("with %s: %v", beside, err)
		}
	}
	for _, jwk := range []string{
		"", "null", "[]", "{}", `"x"`, `{` + x, `{` + x + `}{}`, `{` + x + `,"x":"` + rfc8037x + `"}`,
		`{` + x + `,"use":"enc"}`, `{` + x + `,"use":1}`, `{` + x + `,"alg":"ES256"}`, `{` + x + `,"key_ops":["sign"]}`, `{` + x + `,"key_ops":1}`,
		`{"crv":"X25519","kty":"OKP","x":"` + rfc8037x + `"}`, `{"crv":"Ed25519","kty":"EC","x":"` + rfc8037x + `"}`,
		`{"crv":"Ed25519","kty":"OKP","x":"` + rfc8037x + `="}`, `{"crv":"Ed25519","kty":"OKP","x":"` + rfc8037x[:42] + `"}`,
		`{"crv":"Ed25519","kty":"OKP","x":"` + rfc8037x[:42] + `p"}`, // the last two bits
		`{"crv":"Ed25519","KTY":"OKP","x":"` + rfc8037x + `"}`, `{"kty":"RSA","n":"AQAB","e":"AQAB"}`,
		`{` + x + `,"y":"` + strings.Repeat("A", 9<<10) + `"}`,
	} {
		if got, err := jose.ParseJWK([]byte(jwk)); !errors.Is(err, jose.ErrUnusable) || !got.IsZero() {
			t.Errorf("%.80s: %v, %v", jwk, got, err)
		}
	}
	for _, jwk := range []string{`{` + x + `,"d":"` + rfc8037d + `"}`, `{"kty":"oct","k":"AAAA"}`} {
		if _, err := jose.ParseJWK([]byte(jwk)); !errors.Is(err, jose.ErrPrivate) {
			t.Errorf("%s: %v", jwk, err)
		}
	}
}

func TestParseJWKS(t *testing.T) {
	ed, _ := edSigner(t)
	ec, _ := ecSigner(t)
	raw := func(k jose.Key) string { return string(k.JWK()) }
	set := `{"keys":[` + raw(ed.Public()) + `,{"kty":"RSA","n":"AQAB","e":"AQAB"},null,` + raw(ec.Public()) + `,` + raw(ed.Public()) + `],"more":1}`
	got, err := jose.ParseJWKS([]byte(set))
	if err != nil || !slices.Equal(got, []jose.Key{ed.Public(), ec.Public()}) {
		t.Errorf("%v, %v", got, err)
	}
	for in, want := range map[string]error{
		"": jose.ErrMalformed, "[]": jose.ErrMalformed, `{"keys":1}`: jose.ErrMalformed, `{"keys":null}`: jose.ErrMalformed,
		`{"keys":[],"keys":[]}`: jose.ErrMalformed, `{"KEYS":[]}`: jose.ErrMalformed,
		`{"keys":[` + strings.Repeat("{},", 32) + `{}]}`:                                       jose.ErrTooBig,
		`{"keys":[]` + strings.Repeat(" ", jose.MaxJWKS) + `}`:                                 jose.ErrTooBig,
		`{"keys":[` + strings.TrimSuffix(raw(ed.Public()), "}") + `,"d":"` + rfc8037d + `"}]}`: jose.ErrPrivate,
	} {
		if _, err := jose.ParseJWKS([]byte(in)); !errors.Is(err, want) {
			t.Errorf("%.60s: %v, want %v", in, err, want)
		}
	}
	if keys, err := jose.ParseJWKS([]byte(`{"keys":[]}`)); err != nil || len(keys) != 0 {
		t.Errorf("an empty set: %v, %v", keys, err)
	}
}

// Keys for which a signature can be made that fits any text, and second spellings of
// such: the list of "Taming the many EdDSAs" (Chalkias and others, 2020), table 1.
func TestWeakKeys(t *testing.T) {
	for _, h := range []string{
		"0100000000000000000000000000000000000000000000000000000000000000", // order 1
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // order 2
		"0000000000000000000000000000000000000000000000000000000000000080", // order 4
		"0000000000000000000000000000000000000000000000000000000000000000",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", // order 8
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
		"0100000000000000000000000000000000000000000000000000000000000080", // other spellings of them
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // y = 3 + p
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"0200000000000000000000000000000000000000000000000000000000000000", // on no point
	} {
		b, err := hex.DecodeString(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := jose.Ed25519Key(b); !errors.Is(err, jose.ErrUnusable) {
			t.Errorf("%s: %v", h, err)
		}
		if _, err := jose.ParseJWK([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + b64(b) + `"}`)); !errors.Is(err, jose.ErrUnusable) {
			t.Errorf("%s as a JWK: %v", h, err)
		}
	}
	for range 200 { // and no good one is taken for a weak one
		public, _, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := jose.Ed25519Key(public); err != nil {
			t.Errorf("%x: %v", public, err)
		}
	}
}

// go-jose is the second opinion, in both directions and for both algorithms.
func TestSignaturesOfAnother(t *testing.T) {
	ed, edKey := edSigner(t)
	ec, ecKey := ecSigner(t)
	for _, c := range []struct {
		alg     gojose.SignatureAlgorithm
		ours    *jose.Signer
		private any
		public  any
	}{{gojose.EdDSA, ed, edKey, edKey.Public()}, {gojose.ES256, ec, ecKey, &ecKey.PublicKey}} {
		jwk := gojose.JSONWebKey{Key: c.public}
		thumb, err := jwk.Thumbprint(crypto.SHA256)
		if err != nil || b64(thumb) != c.ours.Public().Thumbprint() {
			t.Errorf("%s: thumbprint %s, theirs %s, %v", c.alg, c.ours.Public().Thumbprint(), b64(thumb), err)
		}
		theirJWK, err := json.Marshal(jwk)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := jose.ParseJWK(theirJWK); err != nil || got != c.ours.Public() {
			t.Errorf("%s: their JWK: %v", c.alg, err)
		}
		var set gojose.JSONWebKeySet
		if err := json.Unmarshal(jose.JWKS(c.ours.Public()), &set); err != nil || len(set.Keys) != 1 || !set.Keys[0].Valid() {
			t.Errorf("%s: our JWKS: %v", c.alg, err)
		}
		signer, err := gojose.NewSigner(gojose.SigningKey{Algorithm: c.alg, Key: gojose.JSONWebKey{Key: c.private, KeyID: b64(thumb)}},
			(&gojose.SignerOptions{}).WithType("t"))
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := signer.Sign([]byte("payload"))
		if err != nil {
			t.Fatal(err)
		}
		compact, err := theirs.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		if j, err := jose.ParseJWS(compact); err != nil || !j.SignedBy(c.ours.Public(), "t") || string(j.Payload) != "payload" {
			t.Errorf("%s: theirs is not verified: %v", c.alg, err)
		}
		compact, err = c.ours.Sign("t", []byte("payload"))
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := gojose.ParseSigned(compact, []gojose.SignatureAlgorithm{c.alg})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := parsed.Verify(c.public); err != nil || !bytes.Equal(got, []byte("payload")) {
			t.Errorf("%s: ours is not verified: %v", c.alg, err)
		}
	}
}

func FuzzParseJWK(f *testing.F) {
	ed, _ := edSigner(f)
	ec, _ := ecSigner(f)
	f.Add([]byte(ed.Public().JWK()))
	f.Add([]byte(ec.Public().JWK()))
	f.Add(jose.JWKS(ed.Public(), ec.Public()))
	f.Add([]byte(`{"keys":[null,{"kty":"oct","k":"AA"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		key, err := jose.ParseJWK(b)
		if key.IsZero() == (err == nil) {
			t.Fatal(err)
		}
		if again, err2 := jose.ParseJWK(key.JWK()); err == nil && (err2 != nil || again != key) {
			t.Fatal("a key does not come through its own JWK")
		}
		keys, err := jose.ParseJWKS(b)
		if len(keys) > jose.MaxKeys || err != nil && keys != nil || slices.Contains(keys, jose.Key{}) {
			t.Fatal(keys, err)
		}
	})
}

func FuzzSignedBy(f *testing.F) {
	s, k := edSigner(f)
	good, err := s.Sign("t", []byte("x"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(edSigned(k, `{"alg":"Ed25519","kid":"`+s.Public().Thumbprint()+`","typ":"t"}`, "x"))
	f.Fuzz(func(t *testing.T, jws string) {
		j, err := jose.ParseJWS(jws)
		if err != nil || !j.SignedBy(s.Public(), "t") {
			return
		}
		// Whoever has no key can at most repeat what was signed.
		if string(j.Payload) != "x" {
			t.Fatal("forged")
		}
	})
}
