package consent_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	gojose "github.com/go-jose/go-jose/v4"

	"potli/app/consent"
	"potli/app/record"
	"potli/crypto/jose"
	"potli/crypto/jose/josetest"
)

// receipt is one with everything in it.
func receipt() *consent.Receipt {
	g := terms()
	g.ID, g.Request, g.Asked = grantID, "AAAAAAAAAAAAAAAAAAAAAA", consent.Hash([]byte("asked"))
	g.To = consent.Party{Name: "Sample Clinic", IDs: asked().From.IDs, Origin: "https://clinic.example", Key: key("clinic")}
	g.Purpose.Text = "To treat a cough <b>&\u2028"
	g.Records = []record.ID{"r1", "r2"}
	return &consent.Receipt{State: consent.Granted, Issued: now, Terms: g, Notice: consent.Notice{Text: "हम आपकी रिपोर्ट पढ़ते हैं।\nआप सहमति वापस ले सकते हैं।", Language: "hi"},
		Actor:     consent.Actor{User: "mother", Device: "phone", Name: "Meera Sample", Authority: "guardian", Proof: consent.Hash([]byte("proof"))},
		Principal: "Asha Sample", Place: "IN",
		Documents: []consent.Given{{SHA256: consent.Hash([]byte("one")), Bytes: 3, Type: "application/pdf"}, {SHA256: consent.Hash([]byte("two")), Bytes: 12345, Type: "application/fhir+json"}},
		Previous:  consent.Hash([]byte("before")), Link: consent.Hash([]byte("link"))}
}

func certified(t testing.TB, device *jose.Signer) string {
	t.Helper()
	c, err := consent.Certify(josetest.EdDSA("user"), 3, "mother", "phone", device.Public(), now.Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func sealed(t testing.TB, r *consent.Receipt) string {
	t.Helper()
	device := josetest.EdDSA("device")
	jws, err := r.Sign(device, certified(t, device))
	if err != nil {
		t.Fatal(err)
	}
	return jws
}

func payload(t testing.TB, jws string) []byte {
	t.Helper()
	j, err := jose.ParseJWS(jws)
	if err != nil {
		t.Fatal(err)
	}
	return j.Payload
}

func TestReceipt(t *testing.T) {
	for name, change := range map[string]func(*consent.Receipt){
		"whole": func(*consent.Receipt) {},
		"bare": func(r *consent.Receipt) {
			*r = consent.Receipt{State: r.State, Issued: now, Terms: terms(), Actor: r.Actor}
		},
		"revoked":       func(r *consent.Receipt) { r.State, r.Documents = consent.Revoked, nil },
		"after its end": func(r *consent.Receipt) { r.Issued = now.Add(100 * 24 * time.Hour) },
	} {
		r := receipt()
		change(r)
		jws := sealed(t, r)
		v, err := consent.Verify(jws)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(&v.Receipt, r) {
			t.Errorf("%s:\n%+v, want\n%+v", name, v.Receipt, *r)
		}
		if v.Signer != josetest.EdDSA("device").Public() || v.Root != josetest.EdDSA("user").Public() || v.Epoch != 3 || v.Hash() != consent.Hash([]byte(jws)) {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// The names of ISO/IEC TS 27560, and nothing outside of RFC 8785.
func TestReceiptIsCanonical(t *testing.T) {
	b := payload(t, sealed(t, receipt()))
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"schema_version", "record_id", "pii_principal_id", "privacy_notice", "language", "purposes", "party_identification", "event", "potli"} {
		if m[name] == nil {
			t.Errorf("no %s", name)
		}
	}
	if len(m) != 9 {
		t.Errorf("%d members", len(m))
	}
	if s := string(b); !strings.HasPrefix(s, `{"event":[{"entity_id":"mother","event_state":"granted"`) || !strings.Contains(s, "<b>&\u2028") || strings.Contains(s, `\u`) {
		t.Errorf("%s", s)
	}
}

// Every byte of a receipt, changed once: it verifies no more.
func TestEveryByteCounts(t *testing.T) {
	jws := sealed(t, receipt())
	step := 1
	if few {
		step = 17
	}
	for i := 0; i < len(jws); i += step {
		b := []byte(jws)
		b[i] ^= []byte{1, 0x20, 0x80}[i%3]
		if _, err := consent.Verify(string(b)); err == nil {
			t.Fatalf("byte %d of %d as %q instead of %q", i, len(jws), b[i], jws[i])
		}
		// Another letter, which is base64 as well.
		b[i] = 'A' + (jws[i]+7)%26
		if _, err := consent.Verify(string(b)); err == nil && b[i] != jws[i] {
			t.Fatalf("byte %d of %d as %q instead of %q", i, len(jws), b[i], jws[i])
		}
	}
	for name, other := range map[string]string{"cut": jws[:len(jws)-1], "longer": jws + "A", "a line": jws + "\n", "a space": " " + jws, "padded": jws + "=", "empty": "", "dots": ".."} {
		if _, err := consent.Verify(other); err == nil {
			t.Errorf("%s: verified", name)
		}
	}
}

// Signed again by its own device, and still refused: what contradicts itself, what
// stands in it twice, what nobody vouched for.
func TestVerifyRefuses(t *testing.T) {
	device, stranger := josetest.EdDSA("device"), josetest.EdDSA("stranger")
	good := string(payload(t, sealed(t, receipt())))
	certificate := certified(t, device)
	sign := func(by *jose.Signer, typ, b string) string {
		s, err := by.Sign(typ, []byte(b))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if _, err := consent.Verify(sign(device, consent.ReceiptType, good)); err != nil {
		t.Fatal(err)
	}
	swap := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %s in it", old)
		}
		return sign(device, consent.ReceiptType, strings.Replace(good, old, new, 1))
	}
	certify := func(user, dev string, key jose.Key, epoch int) string {
		c, _ := consent.Certify(josetest.EdDSA("user"), epoch, user, dev, key, now)
		return c
	}
	long := receipt()
	long.Documents = slices.Repeat(long.Documents, 101)
	if _, err := long.Sign(device, certificate); !errors.Is(err, &consent.Fault{Code: consent.TooBig}) {
		t.Errorf("202 documents: %v", err)
	}
	for name, c := range map[string]struct {
		jws  string
		code consent.Code
	}{
		"another name in the standard's part":   {swap(`"party_name":"Sample Clinic"`, `"party_name":"Other Clinic"`), consent.Damaged},
		"another kind there":                    {swap(`"pii_type":"Prescription"`, `"pii_type":"Invoice"`), consent.Damaged},
		"another end there":                     {swap(`"PT86400S"`, `"PT186400S"`), consent.Damaged},
		"another state there":                   {swap(`"event_state":"granted"`, `"event_state":"revoked"`), consent.Damaged},
		"another language":                      {swap(`"notice_hash":"`, `"notice_hash":"A`), consent.Damaged},
		"a member more":                         {swap(`"language":`, `"extra":1,"language":`), consent.Damaged},
		"a member twice":                        {swap(`"language":`, `"language":"en","language":`), consent.Damaged},
		"a member in capitals":                  {swap(`"language":`, `"Language":`), consent.Damaged},
		"a space":                               {swap(`"language":`, `"language": `), consent.Damaged},
		"another order":                         {sign(device, consent.ReceiptType, `{"schema_version":"potli-receipt/1",`+strings.Replace(good[1:], `,"schema_version":"potli-receipt/1"`, "", 1)), consent.Damaged},
		"another way to write":                  {swap(`"language":"hi"`, `"language":"\u0068i"`), consent.Damaged},
		"a number with a fraction":              {swap(`"bytes":3`, `"bytes":3.0`), consent.Damaged},
		"not UTF-8":                             {swap(`Meera`, "Meer\xff"), consent.Damaged},
		"a state that is none":                  {sign(device, consent.ReceiptType, strings.ReplaceAll(good, `"granted"`, `"opened"`)), consent.Damaged},
		"a later version":                       {swap(`potli-receipt/1`, `potli-receipt/2`), consent.Newer},
		"another document":                      {swap(`potli-receipt/1`, `potli-request/1`), consent.Damaged},
		"no JSON":                               {sign(device, consent.ReceiptType, "x"), consent.Damaged},
		"of another kind":                       {sign(device, "potli-message+jws", good), consent.Forged},
		"signed by another":                     {sign(stranger, consent.ReceiptType, good), consent.Forged},
		"the key of another":                    {sign(stranger, consent.ReceiptType, strings.Replace(good, string(device.Public().JWK()), string(stranger.Public().JWK()), 1)), consent.Uncertified},
		"no certificate":                        {swap(certificate, ""), consent.Uncertified},
		"a certificate of another key":          {swap(certificate, certify("mother", "phone", stranger.Public(), 3)), consent.Uncertified},
		"a certificate of another device":       {swap(certificate, certify("mother", "tablet", device.Public(), 3)), consent.Uncertified},
		"a certificate of another user":         {swap(certificate, certify("father", "phone", device.Public(), 3)), consent.Uncertified},
		"a certificate that another signed":     {swap(certificate, sign(stranger, consent.CertificateType, string(payload(t, certificate)))), consent.Uncertified},
		"a certificate of another kind":         {swap(certificate, sign(josetest.EdDSA("user"), consent.ReceiptType, string(payload(t, certificate)))), consent.Uncertified},
		"a certificate of no epoch":             {swap(certificate, sign(josetest.EdDSA("user"), consent.CertificateType, strings.Replace(string(payload(t, certificate)), `"epoch":3`, `"epoch":0`, 1))), consent.Uncertified},
		"a certificate of a later version":      {swap(certificate, sign(josetest.EdDSA("user"), consent.CertificateType, strings.Replace(string(payload(t, certificate)), `device/1`, `device/2`, 1))), consent.Uncertified},
		"a certificate that is cut":             {swap(certificate, certificate[:len(certificate)-4]), consent.Uncertified},
		"a receipt in place of the certificate": {swap(certificate, sign(josetest.EdDSA("user"), "x", "{}")), consent.Uncertified},
		"too long":                              {strings.Repeat("A", consent.MaxReceipt+1), consent.TooBig},
	} {
		if v, err := consent.Verify(c.jws); !errors.Is(err, &consent.Fault{Code: c.code}) || v != nil {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

func TestSame(t *testing.T) {
	number := []consent.Identifier{{System: "s", Value: "v"}}
	p := consent.Party{Name: "Clinic", IDs: number, Origin: "https://a.example"}
	keyed := p
	keyed.Key = "k"
	moved := consent.Party{Name: "Clinic, moved", Key: "k"}
	for name, c := range map[string]struct {
		a, b consent.Party
		want bool
	}{
		"itself":             {p, p, true},
		"of one key":         {keyed, moved, true},
		"with and without":   {p, keyed, false},
		"of two keys":        {keyed, consent.Party{Name: "Clinic", Key: "l"}, false},
		"another name":       {p, consent.Party{Name: "x", IDs: number, Origin: p.Origin}, false},
		"another number":     {p, consent.Party{Name: p.Name, Origin: p.Origin}, false},
		"at another address": {p, consent.Party{Name: p.Name, IDs: number}, false},
	} {
		if c.a.Same(c.b) != c.want || c.b.Same(c.a) != c.want {
			t.Errorf("%s: not %v", name, c.want)
		}
	}
}

func TestSignRefuses(t *testing.T) {
	device := josetest.EdDSA("device")
	for name, change := range map[string]func(*consent.Receipt){
		"nobody acted":       func(r *consent.Receipt) { r.Actor.User = "" },
		"on no authority":    func(r *consent.Receipt) { r.Actor.Authority = "" },
		"another device":     func(r *consent.Receipt) { r.Actor.Device = "tablet" },
		"no state":           func(r *consent.Receipt) { r.State = "" },
		"a half second":      func(r *consent.Receipt) { r.Issued = now.Add(time.Second / 2) },
		"a hash that is cut": func(r *consent.Receipt) { r.Documents[0].SHA256 = "AAAA" },
		"no profile":         func(r *consent.Receipt) { r.Terms.Profile = "" },
	} {
		r := receipt()
		change(r)
		var f *consent.Fault
		if jws, err := r.Sign(device, certified(t, device)); !errors.As(err, &f) || jws != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCountersign(t *testing.T) {
	clinic, from := josetest.EdDSA("clinic"), consent.Party{Name: "Sample Clinic", Origin: "https://clinic.example"}
	jws := sealed(t, receipt())
	counter, err := consent.Countersign(jws, from, now.Add(time.Minute), clinic)
	if err != nil {
		t.Fatal(err)
	}
	c, err := consent.CheckCountersigned(jws, counter)
	if err != nil || c.From.Key != key("clinic") || c.From.Name != from.Name || !c.At.Equal(now.Add(time.Minute)) || c.Receipt != consent.Hash([]byte(jws)) {
		t.Errorf("%+v, %v", c, err)
	}
	for i := 0; i < len(counter); i += 11 {
		b := []byte(counter)
		b[i] ^= 1
		if _, err := consent.CheckCountersigned(jws, string(b)); err == nil {
			t.Fatalf("byte %d of the countersignature does not count", i)
		}
	}
	other := receipt()
	other.State = consent.Narrowed
	if _, err := consent.CheckCountersigned(sealed(t, other), counter); !errors.Is(err, &consent.Fault{Code: consent.OtherReceipt}) {
		t.Errorf("of another receipt: %v", err)
	}
	if _, err := consent.Countersign(jws, from, now, josetest.EdDSA("stranger")); !errors.Is(err, &consent.Fault{Code: consent.OtherParty}) {
		t.Errorf("by a stranger: %v", err)
	}
	if _, err := consent.Countersign(jws+"A", from, now, clinic); err == nil {
		t.Error("a receipt that does not verify was countersigned")
	}
	// A receiver without a key in the receipt shows one by countersigning, of either kind.
	open := receipt()
	open.Terms.To.Key = ""
	jws = sealed(t, open)
	if counter, err = consent.Countersign(jws, from, now, josetest.ES256()); err != nil {
		t.Fatal(err)
	}
	if c, err := consent.CheckCountersigned(jws, counter); err != nil || c.Key.Alg() != "ES256" {
		t.Errorf("%+v, %v", c, err)
	}
}

// go-jose verifies a receipt with nothing but the key that stands in it.
func TestReceiptByAnother(t *testing.T) {
	jws := sealed(t, receipt())
	verifyByAnother(t, jws, gojose.EdDSA)
	counter, err := consent.Countersign(jws, consent.Party{Name: "Sample Clinic"}, now, josetest.EdDSA("clinic"))
	if err != nil {
		t.Fatal(err)
	}
	verifyByAnother(t, counter, gojose.EdDSA)
	verifyByAnother(t, written(t, asked(), josetest.EdDSA("clinic")), gojose.EdDSA)
	verifyByAnother(t, written(t, asked(), josetest.ES256()), gojose.ES256)
}

func verifyByAnother(t *testing.T, jws string, alg gojose.SignatureAlgorithm) {
	t.Helper()
	var body struct {
		Potli, From struct{ JWK json.RawMessage }
	}
	if err := json.Unmarshal(payload(t, jws), &body); err != nil {
		t.Fatal(err)
	}
	raw := body.Potli.JWK
	if raw == nil {
		raw = body.From.JWK
	}
	var jwk gojose.JSONWebKey
	if err := json.Unmarshal(raw, &jwk); err != nil {
		t.Fatal(err)
	}
	parsed, err := gojose.ParseSigned(jws, []gojose.SignatureAlgorithm{alg})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := parsed.Verify(jwk); err != nil || string(got) != string(payload(t, jws)) {
		t.Errorf("another does not verify it: %v", err)
	}
	if k, ok := jwk.Key.(ed25519.PublicKey); ok {
		other := slices.Clone(k)
		other[0] ^= 1
		if _, err := parsed.Verify(other); err == nil {
			t.Error("another verifies it with any key")
		}
	}
}

// What a release signed verifies for ever. These files are never made anew; a later
// version gets files of its own.
func TestGolden(t *testing.T) {
	read := func(name string) string {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSuffix(string(b), "\n")
	}
	jws := read("receipt-1.jws")
	v, err := consent.Verify(jws)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(&v.Receipt, receipt()) || v.Root != josetest.EdDSA("user").Public() {
		t.Errorf("%+v", v.Receipt)
	}
	if c, err := consent.CheckCountersigned(jws, read("countersignature-1.jws")); err != nil || c.From.Name != "Sample Clinic" {
		t.Errorf("%+v, %v", c, err)
	}
	q, err := consent.Parse(read("request-1.jws"), now)
	if err != nil || !q.Signed() || q.Purpose.Text != "To treat a cough" {
		t.Errorf("%+v, %v", q, err)
	}
	if sealed(t, receipt()) != jws {
		t.Error("a receipt is written otherwise than before: it needs another version")
	}
}

func FuzzVerify(f *testing.F) {
	jws := sealed(f, receipt())
	counter, err := consent.Countersign(jws, consent.Party{Name: "Sample Clinic"}, now, josetest.EdDSA("clinic"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(jws, counter)
	f.Add(counter, jws)
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"EdDSA"}`))+".e30.AAAA", "")
	f.Fuzz(func(t *testing.T, a, b string) {
		if v, err := consent.Verify(a); (v == nil) == (err == nil) || err == nil && a != jws {
			t.Fatal("a receipt that nobody signed")
		}
		if c, err := consent.CheckCountersigned(jws, b); (c == nil) == (err == nil) || err == nil && b != counter {
			t.Fatal("a countersignature that nobody signed")
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	jws := sealed(b, receipt())
	for b.Loop() {
		if _, err := consent.Verify(jws); err != nil {
			b.Fatal(err)
		}
	}
}
