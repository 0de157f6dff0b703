package card_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"potli/app/card"
	"potli/app/card/cardtest"
)

const clinic = "https://clinic.test/cards"

type verdict struct {
	state  card.State
	reason card.Reason
}

func verdictOf(r card.Result) verdict { return verdict{r.State, r.Reason} }

func TestFourStates(t *testing.T) {
	i := newMaker(clinic)
	c := one(t, cardtest.File(i.card(nil)))
	for name, x := range map[string]struct {
		d    *card.Directory
		want verdict
	}{
		"on the list":      {directory(t, i.Info(nil)), verdict{card.Verified, ""}},
		"key known only":   {directory(t, i.Info(m{"unlisted": true})), verdict{card.UnknownIssuer, ""}},
		"another's key":    {directory(t, i.Info(nil, i.JWK(m{"kid": "x"}))), verdict{card.Unchecked, card.NoKey}},
		"nothing of it":    {directory(t), verdict{card.Unchecked, card.NoIssuer}},
		"no directory":     {nil, verdict{card.Unchecked, card.NoDirectory}},
		"no revocations":   {directory(t, i.Info(nil, i.JWK(m{"crlVersion": 1}))), verdict{card.Unchecked, card.NoRevocations}},
		"twice, once out":  {directory(t, i.Info(nil), i.Info(m{"unlisted": true})), verdict{card.UnknownIssuer, ""}},
		"twice, out first": {directory(t, i.Info(m{"unlisted": true}), i.Info(nil)), verdict{card.UnknownIssuer, ""}},
	} {
		got := c.Verify(x.d, now)
		if verdictOf(got) != x.want {
			t.Errorf("%s: %+v", name, got)
		}
		// Anybody can write a hospital's address into a card.
		if named := got.Name != ""; named != (got.State == card.Verified || got.State == card.UnknownIssuer) {
			t.Errorf("%s: the issuer is called %q", name, got.Name)
		}
	}
	got := c.Verify(directory(t, i.Info(nil)), now)
	want := card.Result{State: card.Verified, Issuer: clinic, Name: "Sample Clinic", From: now.Add(-24*time.Hour + 677*time.Millisecond),
		Listed: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)}
	if got.From = got.From.Round(time.Millisecond); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestNegative is everything that makes a card invalid or unchecked, with the
// issuer on the list and its key at hand.
func TestNegative(t *testing.T) {
	i, other := newMaker(clinic), newMaker(clinic)
	listed := directory(t, i.Info(nil))
	good := i.card(nil)
	seg := strings.Split(good, ".")
	body := cardtest.Deflate(cardtest.Encode(i.payload(nil)))
	with := func(header m) string { return i.Seal(cardtest.Encode(header), body) }
	asn1 := func() string {
		sum := sha256.Sum256([]byte(seg[0] + "." + seg[1]))
		der, err := ecdsa.SignASN1(rand.Reader, i.Key, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return seg[0] + "." + seg[1] + "." + b64(der)
	}
	changed := func() string {
		return seg[0] + "." + b64(cardtest.Deflate(cardtest.Encode(i.payload(m{"exp": float64(now.Unix()) + 1e6})))) + "." + seg[2]
	}
	second := float64(now.Unix())
	for name, c := range map[string]struct {
		jws  string
		want verdict
	}{
		// SHC-01: header
		"alg none":          {with(m{"alg": "none", "zip": "DEF", "kid": i.Kid()}), verdict{card.Invalid, card.Header}},
		"alg HS256":         {with(m{"alg": "HS256", "zip": "DEF", "kid": i.Kid()}), verdict{card.Invalid, card.Header}},
		"no alg":            {with(m{"zip": "DEF", "kid": i.Kid()}), verdict{card.Invalid, card.Header}},
		"ALG":               {with(m{"ALG": "ES256", "zip": "DEF", "kid": i.Kid()}), verdict{card.Invalid, card.Header}},
		"no kid":            {with(m{"alg": "ES256", "zip": "DEF"}), verdict{card.Invalid, card.Header}},
		"a kid of any kind": {with(m{"alg": "ES256", "zip": "DEF", "kid": "key-1"}), verdict{card.Invalid, card.Header}},
		"no zip":            {i.Seal(cardtest.Encode(m{"alg": "ES256", "kid": i.Kid()}), cardtest.Encode(i.payload(nil))), verdict{card.Invalid, card.Header}},
		// SHC-03: issuer
		"http":                  {i.card(m{"iss": "http://clinic.test/cards"}), verdict{card.Invalid, card.Claims}},
		"a slash at the end":    {i.card(m{"iss": clinic + "/"}), verdict{card.Invalid, card.Claims}},
		"no issuer":             {i.card(m{"iss": nil}), verdict{card.Invalid, card.Claims}},
		"an issuer that is 1":   {i.card(m{"iss": 1}), verdict{card.Invalid, card.Claims}},
		"an issuer in disguise": {i.card(m{"iss": clinic + "\u202e"}), verdict{card.Invalid, card.Claims}},
		"another issuer":        {i.card(m{"iss": "https://clinic.test"}), verdict{card.Unchecked, card.NoIssuer}},
		"capitals":              {i.card(m{"iss": "https://Clinic.test/cards"}), verdict{card.Unchecked, card.NoIssuer}},
		// SHC-04, SHC-06: key and signature
		"another key":       {other.card(nil), verdict{card.Unchecked, card.NoKey}},
		"another's kid":     {other.Seal(i.Header(), body), verdict{card.Invalid, card.Signature}},
		"ASN.1":             {asn1(), verdict{card.Invalid, card.Signature}},
		"another payload":   {changed(), verdict{card.Invalid, card.Signature}},
		"no signature":      {seg[0] + "." + seg[1] + ".", verdict{card.Invalid, card.Signature}},
		"zeros":             {seg[0] + "." + seg[1] + "." + b64(make([]byte, 64)), verdict{card.Invalid, card.Signature}},
		"a forged old card": {other.Seal(i.Header(), cardtest.Deflate(cardtest.Encode(i.payload(m{"exp": second - 1})))), verdict{card.Invalid, card.Signature}},
		// SHC-07, SHC-08: time
		"expired":                 {i.card(m{"exp": second - 1}), verdict{card.Invalid, card.Expired}},
		"expires now":             {i.card(m{"exp": second}), verdict{card.Invalid, card.Expired}},
		"expires later":           {i.card(m{"exp": second + 0.5}), verdict{card.Verified, ""}},
		"not yet":                 {i.card(m{"nbf": second + 0.5}), verdict{card.Invalid, card.NotYet}},
		"from now":                {i.card(m{"nbf": second}), verdict{card.Verified, ""}},
		"milliseconds":            {i.card(m{"nbf": second * 1000}), verdict{card.Invalid, card.Claims}},
		"no nbf":                  {i.card(m{"nbf": nil}), verdict{card.Invalid, card.Claims}},
		"an nbf in quotes":        {i.card(m{"nbf": "1715107763"}), verdict{card.Invalid, card.Claims}},
		"a negative nbf":          {i.card(m{"nbf": -1}), verdict{card.Invalid, card.Claims}},
		"an nbf beyond numbers":   {i.card(m{"nbf": json.RawMessage("1e999")}), verdict{card.Invalid, card.Claims}},
		"an exp in quotes":        {i.card(m{"exp": "1"}), verdict{card.Invalid, card.Claims}},
		"an exp that is null":     {i.card(m{"exp": json.RawMessage("null")}), verdict{card.Verified, ""}},
		"an nbf that is null":     {i.card(m{"nbf": json.RawMessage("null")}), verdict{card.Invalid, card.Claims}},
		"a stranger's, expired":   {newMaker("https://x.test").card(m{"exp": second - 1}), verdict{card.Invalid, card.Expired}},
		"a stranger's, not yet":   {newMaker("https://x.test").card(m{"nbf": second + 1}), verdict{card.Invalid, card.NotYet}},
		"a stranger's, in effect": {newMaker("https://x.test").card(nil), verdict{card.Unchecked, card.NoIssuer}},
		// SHC-09: type and content
		"other types alone":   {i.card(m{"vc.type": []string{"https://smarthealth.cards#immunization"}}), verdict{card.Invalid, card.Claims}},
		"unknown types too":   {i.card(m{"vc.type": []string{"x", "https://smarthealth.cards#health-card"}}), verdict{card.Verified, ""}},
		"no type":             {i.card(m{"vc.type": nil}), verdict{card.Invalid, card.Claims}},
		"a type that is text": {i.card(m{"vc.type": "https://smarthealth.cards#health-card"}), verdict{card.Invalid, card.Claims}},
		"no version":          {i.card(m{"vc.credentialSubject.fhirVersion": nil}), verdict{card.Invalid, card.Claims}},
		"no rid":              {i.card(m{"vc.rid": nil}), verdict{card.Verified, ""}},
		"a rid that is null":  {i.card(m{"vc.rid": json.RawMessage("null")}), verdict{card.Verified, ""}},
		"a rid too long":      {i.card(m{"vc.rid": strings.Repeat("r", 25)}), verdict{card.Invalid, card.Claims}},
		"a rid with a dot":    {i.card(m{"vc.rid": "a.1"}), verdict{card.Invalid, card.Claims}},
		"an empty rid":        {i.card(m{"vc.rid": ""}), verdict{card.Invalid, card.Claims}},
	} {
		t.Run(name, func(t *testing.T) {
			got := one(t, cardtest.File(c.jws)).Verify(listed, now)
			if verdictOf(got) != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
			if got.State == card.Verified != (c.want.state == card.Verified) {
				t.Error("verified by mistake")
			}
		})
	}
}

// Cards of which nothing can be read are invalid beside one that can.
func TestUnreadable(t *testing.T) {
	i := newMaker(clinic)
	good := i.card(nil)
	head := i.Header()
	for name, c := range map[string]struct {
		jws    string
		reason card.Reason
		alone  error
	}{
		"no JWS":               {"x", card.Malformed, card.ErrMalformed},
		"a segment less":       {good[:strings.LastIndexByte(good, '.')], card.Malformed, card.ErrMalformed},
		"padding":              {good + "=", card.Malformed, card.ErrMalformed},
		"a bomb":               {i.Seal(head, cardtest.Deflate(make([]byte, 2<<20))), card.TooBig, card.ErrTooBig},
		"no DEFLATE":           {i.Seal(head, cardtest.Encode(i.payload(nil))), card.Malformed, card.ErrMalformed},
		"no JSON":              {i.Seal(head, cardtest.Deflate([]byte("x"))), card.Claims, card.ErrMalformed},
		"a list":               {i.Seal(head, cardtest.Deflate([]byte("[]"))), card.Claims, card.ErrMalformed},
		"no vc":                {i.Seal(head, cardtest.Deflate(cardtest.Encode(m{"iss": clinic, "nbf": 1}))), card.Claims, card.ErrMalformed},
		"no bundle":            {i.card(m{"vc.credentialSubject.fhirBundle": nil}), card.Claims, card.ErrMalformed},
		"a patient for bundle": {i.card(m{"vc.credentialSubject.fhirBundle": m{"resourceType": "Patient"}}), card.Claims, card.ErrMalformed},
		"critical":             {i.Seal(cardtest.Encode(m{"alg": "ES256", "zip": "DEF", "kid": i.Kid(), "crit": []string{"x"}}), cardtest.Deflate(cardtest.Encode(i.payload(nil)))), card.Malformed, card.ErrMalformed},
	} {
		if cards, err := card.Read(cardtest.File(c.jws)); cards != nil || !is(err, c.alone) {
			t.Errorf("%s alone: %v, %v", name, cards, err)
		}
		cards, err := card.Read(cardtest.File(c.jws, good))
		if err != nil || len(cards) != 2 {
			t.Errorf("%s beside a good one: %v, %v", name, cards, err)
			continue
		}
		if got := verdictOf(cards[0].Verify(directory(t, i.Info(nil)), now)); got != (verdict{card.Invalid, c.reason}) {
			t.Errorf("%s: %+v", name, got)
		}
		if got := cards[1].Verify(directory(t, i.Info(nil)), now); got.State != card.Verified {
			t.Errorf("beside %s: %+v", name, got)
		}
		if !bytes.Equal(card.FHIR(cards), card.FHIR(cards[1:])) {
			t.Errorf("%s: something of it is read", name)
		}
	}
}

// SHC-05: a key that is none for health cards.
func TestUnusableKeys(t *testing.T) {
	i := newMaker(clinic)
	c := one(t, cardtest.File(i.card(nil)))
	for name, set := range map[string]m{
		"RSA": {"kty": "RSA"}, "for encryption": {"use": "enc"}, "ES384": {"alg": "ES384"}, "P-384": {"crv": "P-384"},
		"a private part": {"d": "AA"}, "no x": {"x": nil}, "off the curve": {"y": b64(make([]byte, 32))},
		"the certificate of another": {"x5c": []string{"AAAA"}}, "another point": {"x": newMaker(clinic).JWK(nil)["x"]},
	} {
		if got := verdictOf(c.Verify(directory(t, i.Info(nil, i.JWK(set))), now)); got != (verdict{card.Invalid, card.BadKey}) {
			t.Errorf("%s: %+v", name, got)
		}
		// One key may stand twice, with other certificates: any that is good will do.
		for _, keys := range [][]m{{i.JWK(set), i.JWK(nil)}, {i.JWK(nil), i.JWK(set)}} {
			if got := c.Verify(directory(t, i.Info(nil, keys...)), now); got.State != card.Verified {
				t.Errorf("%s beside a good one: %+v", name, got)
			}
		}
	}
}

// SHC-10, SHC-11: revocation.
func TestRevocation(t *testing.T) {
	i := newMaker(clinic)
	from := float64(now.Add(-time.Hour).Unix())
	c, free := one(t, cardtest.File(i.card(m{"vc.rid": "abc", "nbf": from + 0.5}))), one(t, cardtest.File(i.card(m{"vc.rid": nil})))
	list := func(ctr int, rids ...string) m {
		return m{"crls": []m{{"kid": i.Kid(), "method": "rid", "ctr": ctr, "rids": rids}}}
	}
	revoked, unknown, good := verdict{card.Invalid, card.Revoked}, verdict{card.Unchecked, card.NoRevocations}, verdict{card.Verified, ""}
	for name, x := range map[string]struct {
		version int
		info    m
		want    verdict
	}{
		"not on it":                {1, list(1, "abcd", "ab", "ABC", "x.1"), good},
		"an empty list":            {1, list(1), good},
		"a newer list":             {1, list(2, "x"), good},
		"an older list":            {2, list(1, "x"), unknown},
		"no list":                  {1, nil, unknown},
		"another method":           {1, m{"crls": []m{{"kid": i.Kid(), "method": "x", "ctr": 1, "rids": []string{"abc"}}}}, unknown},
		"of another key":           {1, m{"crls": []m{{"kid": "x", "method": "rid", "ctr": 1, "rids": []string{"abc"}}}}, unknown},
		"on it":                    {1, list(1, "x", "abc"), revoked},
		"on an older list":         {2, list(1, "abc"), revoked},
		"no version, but a list":   {0, list(1, "abc"), revoked},
		"no version and no list":   {0, nil, good},
		"before it was made":       {1, list(1, fmt.Sprintf("abc.%.0f", from)), good},
		"after it was made":        {1, list(1, fmt.Sprintf("abc.%.0f", from+1)), revoked},
		"both":                     {1, list(1, fmt.Sprintf("abc.%.0f", from), "abc"), revoked},
		"a time that is no number": {1, list(1, "abc.NaN"), revoked},
		"an empty time":            {1, list(1, "abc."), revoked},
	} {
		set := m{}
		if x.version > 0 {
			set["crlVersion"] = x.version
		}
		d := directory(t, i.Info(x.info, i.JWK(set)))
		if got := verdictOf(c.Verify(d, now)); got != x.want {
			t.Errorf("%s: %+v, want %+v", name, got, x.want)
		}
		if got := free.Verify(d, now); got.State != card.Verified {
			t.Errorf("%s, a card without rid: %+v", name, got)
		}
	}
}

// guide is the directory of HL7's examples, made of what their issuer publishes.
func guide(t *testing.T, set m) *card.Directory {
	t.Helper()
	var keys struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(shared(t, "shc/issuer/.well-known/jwks.json"), &keys); err != nil {
		t.Fatal(err)
	}
	crl := json.RawMessage(shared(t, "shc/issuer/.well-known/crl/3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s.json"))
	info := m{"issuer": m{"iss": "https://spec.smarthealth.cards/examples/issuer", "name": "Example"}, "keys": keys.Keys, "crls": []any{crl}}
	for name, v := range set {
		info[name] = v
	}
	return directory(t, info)
}

// TestExamples is TV-4: the four cards of the guide, by every carrier.
func TestExamples(t *testing.T) {
	d := guide(t, nil)
	withdrawn := guide(t, m{"crls": []m{{"kid": "3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s", "method": "rid", "ctr": 1, "rids": []string{"vwAjHdarZuc"}}}})
	summer := time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC)
	for n := range 4 {
		name := fmt.Sprintf("shc/example-%02d-", n)
		body := shared(t, name+"e-file.smart-health-card")
		var codes []byte
		for part := range map[bool]int{false: 1, true: 3}[n == 2] {
			codes = append(append(codes, shared(t, fmt.Sprintf("%sf-qr-code-numeric-value-%d.txt", name, part))...), '\n')
		}
		for _, carrier := range [][]byte{body, codes} {
			c := one(t, carrier)
			want := verdict{card.Verified, ""}
			if n == 3 { // "revoked", it says; it has expired since, and the list means those before it
				want = verdict{card.Invalid, card.Expired}
			}
			if got := verdictOf(c.Verify(d, now)); got != want {
				t.Errorf("%d: %+v", n, got)
			}
			if got := verdictOf(c.Verify(d, summer)); got != (verdict{card.Verified, ""}) {
				t.Errorf("%d in 2024: %+v", n, got)
			}
			if got := verdictOf(c.Verify(guide(t, m{"unlisted": true}), summer)); got != (verdict{card.UnknownIssuer, ""}) {
				t.Errorf("%d of an issuer that is not listed: %+v", n, got)
			}
			if got := verdictOf(c.Verify(directory(t), summer)); got != (verdict{card.Unchecked, card.NoIssuer}) {
				t.Errorf("%d without its key: %+v", n, got)
			}
			if got := verdictOf(c.Verify(d, time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC))); got != (verdict{card.Invalid, card.NotYet}) {
				t.Errorf("%d in 2021: %+v", n, got)
			}
			if got := verdictOf(c.Verify(withdrawn, summer)); (got == verdict{card.Invalid, card.Revoked}) != (n == 3) {
				t.Errorf("%d with the third withdrawn: %+v", n, got)
			}
			var payload struct {
				VC struct {
					CredentialSubject struct{ FhirBundle json.RawMessage }
				}
			}
			if err := json.Unmarshal(shared(t, name+"c-jws-payload-minified.json"), &payload); err != nil {
				t.Fatal(err)
			}
			if got := card.FHIR([]*card.Card{c}); !bytes.Equal(got, payload.VC.CredentialSubject.FhirBundle) {
				t.Errorf("%d: its bundle is %d bytes, want %d", n, len(got), len(payload.VC.CredentialSubject.FhirBundle))
			}
		}
	}
}

// The directory that ships is one, and vouches for nobody whose key is public.
func TestShippedDirectory(t *testing.T) {
	b, err := os.ReadFile("../../web/cards/issuers.json")
	if err != nil {
		t.Fatal(err)
	}
	d, err := card.ParseDirectory(b)
	if err != nil || d.Made.IsZero() {
		t.Fatalf("%+v, %v", d, err)
	}
	c := one(t, shared(t, "shc/example-00-e-file.smart-health-card"))
	if got := c.Verify(d, now); got.State != card.UnknownIssuer || got.Name == "" {
		t.Errorf("%+v", got)
	}
}

func TestParseDirectory(t *testing.T) {
	for _, b := range []string{"", "null", "[]", "{}", `{"issuerInfo":null}`, `{"issuerInfo":{}}`, `{"time":1,"issuerInfo":[]}`, strings.Repeat(" ", card.MaxDirectory+1)} {
		if d, err := card.ParseDirectory([]byte(b)); d != nil || !is(err, card.ErrDirectory) {
			t.Errorf("%.30q: %v, %v", b, d, err)
		}
	}
	// A broken line is its issuer's own misfortune.
	i := newMaker(clinic)
	d, err := card.ParseDirectory(cardtest.Encode(m{"issuerInfo": []any{nil, 1, "x", m{"issuer": 1}, m{"issuer": m{"iss": "http://x.test"}}, m{"keys": 1}, i.Info(nil, m{"kid": 1}, i.JWK(nil))}}))
	if err != nil || !d.Made.IsZero() {
		t.Fatalf("%+v, %v", d, err)
	}
	if got := one(t, cardtest.File(i.card(nil))).Verify(d, now); got.State != card.Verified || !got.Listed.IsZero() {
		t.Errorf("%+v", got)
	}
}
