package message_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"potli/app/message"
	"potli/app/message/messagetest"
	"potli/app/record"
	"potli/crypto/jose"
	"potli/crypto/jose/josetest"
	"potli/relay/shape"
	"potli/relay/wire"
)

var (
	generate = flag.Bool("generate", false, "make golden files that do not exist yet; existing ones are never written again")
	now      = time.Date(2026, 3, 4, 10, 30, 0, 0, time.UTC)
	patient  = []byte(`{"resourceType":"Patient","name":[{"text":"Synthetic"}]}`)
)

const mailbox = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

// clinic is the sender of these tests.
var clinic = message.Sender{
	Name: "Sample Clinic, Pune", Origin: "https://clinic.example",
	IDs: []message.Identifier{{System: "https://facility.abdm.gov.in", Value: "IN2710000000"}},
}

func sample(t testing.TB) *message.Message {
	t.Helper()
	m, err := message.New(message.Documents, mailbox, clinic, now, strings.NewReader("sixteen bytes id"))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []struct {
		name string
		body []byte
	}{{"report.pdf", messagetest.PDF}, {"रोगी <1>.json", patient}} {
		doc, err := message.Attach(d.name, d.body)
		if err != nil {
			t.Fatal(err)
		}
		m.Documents = append(m.Documents, doc)
	}
	m.Text = "Take after food.\nतीन दिन बाद फिर आइए।"
	return m
}

func goldenIdentity(t testing.TB) *age.HybridIdentity {
	t.Helper()
	b, err := os.ReadFile("testdata/identity.txt")
	if err != nil {
		t.Fatal(err)
	}
	id, err := age.ParseHybridIdentity(strings.TrimSpace(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// same compares a message with what it was made of.
func same(t testing.TB, got, want *message.Message, by *jose.Signer) {
	t.Helper()
	w := *want
	if by != nil {
		w.Signer, w.From.JWK = by.Public().Thumbprint(), by.Public().JWK()
	}
	got.From.JWK = bytes.Clone(got.From.JWK)
	if !reflect.DeepEqual(*got, w) {
		t.Errorf("got %+v\nwant %+v", *got, w)
	}
}

// What is sealed is taken by the relay, and opens as it was.
func TestRoundTrip(t *testing.T) {
	key, identity := bytes.Repeat([]byte{7}, 32), goldenIdentity(t)
	for name, by := range map[string]*jose.Signer{"unsigned": nil, "EdDSA": josetest.EdDSA("a"), "ES256": josetest.ES256()} {
		m := sample(t)
		packed := messagetest.Pack(t, m, by)
		if n := len(packed); n != wire.SizeClass(n) {
			t.Errorf("%s: %d bytes", name, n)
		}
		asJWE, err := message.SealKey(packed, key, nil)
		if err != nil {
			t.Fatal(err)
		}
		asAge, err := message.SealTo(packed, identity.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		for _, sealed := range []string{asJWE, asAge} {
			if err := shape.CheckDeposit(wire.Deposit{ID: m.ID, Sealed: sealed}); err != nil {
				t.Errorf("%s: the relay refuses it: %v", name, err)
			}
		}
		one, err1 := message.OpenKey(asJWE, key)
		two, err2 := message.OpenAge(asAge, identity)
		if err1 != nil || err2 != nil || !bytes.Equal(one, packed) || !bytes.Equal(two, packed) {
			t.Fatalf("%s: %v, %v", name, err1, err2)
		}
		got, err := message.Parse(one)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		same(t, got, m, by)
		if _, err := message.OpenKey(asJWE, bytes.Repeat([]byte{8}, 32)); !errors.Is(err, message.ErrSealed) {
			t.Errorf("another key: %v", err)
		}
		other, _ := age.GenerateHybridIdentity()
		if _, err := message.OpenAge(asAge, other); !errors.Is(err, message.ErrSealed) {
			t.Errorf("another identity: %v", err)
		}
	}
}

// What a release sealed must open for ever.
func TestGolden(t *testing.T) {
	key := sha256.Sum256([]byte("potli golden drop key"))
	identity := goldenIdentity(t)
	seed := sha256.Sum256([]byte("potli golden clinic"))
	golden := josetest.EdDSA(string(seed[:]))
	for _, g := range []struct {
		file string
		by   *jose.Signer
	}{{"unsigned.jwe", nil}, {"signed.jwe", golden}, {"unsigned.age", nil}, {"signed.age", golden}} {
		path := filepath.Join("testdata", g.file)
		if _, err := os.Stat(path); *generate && os.IsNotExist(err) {
			packed := messagetest.Pack(t, sample(t), g.by)
			sealed, err := message.SealKey(packed, key[:], nil)
			if strings.HasSuffix(g.file, ".age") {
				sealed, err = message.SealTo(packed, identity.Recipient())
			}
			if err == nil {
				err = os.WriteFile(path, []byte(sealed), 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		sealed, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := message.OpenKey(string(sealed), key[:])
		if strings.HasSuffix(g.file, ".age") {
			plain, err = message.OpenAge(string(sealed), identity)
		}
		if err != nil {
			t.Errorf("%s: %v", g.file, err)
			continue
		}
		m, err := message.Parse(plain)
		if err != nil {
			t.Errorf("%s: %v", g.file, err)
			continue
		}
		same(t, m, sample(t), g.by)
	}
}

// Every character of a signed message, changed once: no other message comes of it.
func TestEveryByteOfASignedMessage(t *testing.T) {
	m, by := sample(t), josetest.EdDSA("a")
	m.Documents = nil
	text := message.Trim(messagetest.Pack(t, m, by))
	for i := range text {
		b := bytes.Clone(text)
		if b[i]++; b[i] == '~'+1 {
			b[i] = '!'
		}
		if got, err := message.Parse(b); err == nil {
			t.Fatalf("byte %d: %+v", i, got)
		}
	}
}

// A signature says who wrote: with another's key beside it, or under another kind
// of thing, it says nothing.
func TestForged(t *testing.T) {
	m := sample(t)
	good := string(message.Trim(messagetest.Pack(t, m, josetest.EdDSA("a"))))
	payload := strings.Split(good, ".")[1]
	raw, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(by *jose.Signer, typ string, payload []byte) string {
		s, err := by.Sign(typ, payload)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	unsigned := message.Trim(messagetest.Pack(t, m, nil))
	for name, c := range map[string]string{
		"signed by another than the key in it": sign(josetest.EdDSA("b"), message.SignedType, raw),
		"a receipt's signature":                sign(josetest.EdDSA("a"), "potli-receipt+jws", raw),
		"without the key":                      sign(josetest.EdDSA("a"), message.SignedType, unsigned),
		"without a signature":                  good[:strings.LastIndexByte(good, '.')+1],
		"with another's signature":             good[:strings.LastIndexByte(good, '.')] + sign(josetest.EdDSA("a"), message.SignedType, unsigned)[len(sign(josetest.EdDSA("a"), message.SignedType, unsigned))-87:],
	} {
		if _, err := message.Parse([]byte(c)); !errors.Is(err, message.ErrForged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Of a message that is not signed, a key beside it is no sign of anything.
	claimed := strings.Replace(string(unsigned), `"origin"`, `"jwk":`+string(josetest.EdDSA("a").Public().JWK())+`,"origin"`, 1)
	got, err := message.Parse([]byte(claimed))
	if err != nil || got.Signer != "" || got.From.JWK != nil {
		t.Errorf("claimed: %+v, %v", got, err)
	}
}

// The largest message, signed and in either form, goes through the relay; one more
// byte is refused before it is sent.
func TestLargest(t *testing.T) {
	if raced || runtime.GOOS == "js" {
		t.Skip("megabytes, several times over: natively and without the race detector")
	}
	m := sample(t)
	m.Documents = []message.Document{{Name: "a", Type: "application/pdf", Body: pad(messagetest.PDF, message.MaxBytes)}}
	m.Text, m.Request, m.Receipt = strings.Repeat("\"", message.MaxText), strings.Repeat("<", 8<<10), strings.Repeat("x", message.MaxText)
	packed := messagetest.Pack(t, m, josetest.EdDSA("a"))
	sealed, err := message.SealTo(packed, goldenIdentity(t).Recipient())
	if err != nil || len(packed) > message.MaxPlain || len(sealed) > wire.MaxEntry {
		t.Fatalf("%d bytes, sealed %d: %v", len(packed), len(sealed), err)
	}
	if n := base64.RawURLEncoding.EncodedLen(message.MaxPlain) + 200; n > wire.MaxEntry {
		t.Errorf("a JWE of the largest plaintext has %d characters", n)
	}
	if wire.SizeClass(message.MaxPlain) != message.MaxPlain {
		t.Error("MaxPlain is no Padmé size")
	}
	plain, err := message.OpenAge(sealed, goldenIdentity(t))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := message.Parse(plain); err != nil || !bytes.Equal(got.Documents[0].Body, m.Documents[0].Body) {
		t.Errorf("the largest: %v", err)
	}
	m.Documents[0].Body = append(m.Documents[0].Body, ' ')
	if _, err := m.Pack(); !errors.Is(err, message.ErrTooBig) {
		t.Errorf("one byte more: %v", err)
	}
}

// pad makes a PDF of n bytes.
func pad(b []byte, n int) []byte {
	tail := []byte("startxref\n0\n%%EOF\n")
	return append(append(bytes.Clone(b), bytes.Repeat([]byte{' '}, n-len(b)-len(tail))...), tail...)
}

// A document is what its bytes are, whatever it says.
func TestDocuments(t *testing.T) {
	png, err := os.ReadFile("../record/testdata/card.png")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, typ string
		body      []byte
		label     string
		format    record.Format
		fault     error
	}{
		{"report.pdf", "application/pdf", messagetest.PDF, "report.pdf", record.FormatPDF, nil},
		{"report.pdf", "application/PDF; version=1.4", messagetest.PDF, "report.pdf", record.FormatPDF, nil},
		{"report.pdf", "application/octet-stream", messagetest.PDF, "report.pdf", record.FormatPDF, nil},
		{"scan.png", "", png, "scan.png", record.FormatPNG, nil},
		{"p.json", "application/json", patient, "p.json", record.FormatFHIR, nil},
		{"report.pdf", "application/pdf", png, "report.pdf", record.FormatPNG, message.ErrMismatch},
		{"x.png", "image/png", messagetest.PDF, "x.png", record.FormatPDF, message.ErrMismatch},
		{"x.pdf", "application/pdf", messagetest.PDF[:20], "x.pdf", record.FormatPDF, record.ErrDamaged},
		{"x.exe", "application/pdf", []byte("MZ\x90\x00 program"), "x.exe", "", record.ErrUnknown},
		{"x.json", "application/json", []byte(`{"a":1}`), "x.json", "", record.ErrNotFHIR},
		{"empty.pdf", "application/pdf", nil, "empty.pdf", "", record.ErrEmpty},
		{"backup.age", "", []byte("age-encryption.org/v1\n-> x"), "backup.age", record.FormatBackup, message.ErrKind},
		{"link.txt", "text/plain", []byte("shlink:/eyJhIjoxfQ"), "link.txt", record.FormatLink, message.ErrKind},
		{`..\..\C:\Windows/evil‮fdp.exe`, "", messagetest.PDF, "evilfdp.exe", record.FormatPDF, nil},
		{strings.Repeat("अ", 300), "", messagetest.PDF, strings.Repeat("अ", message.MaxName), record.FormatPDF, nil},
		{"a\r\nb\x00", "", messagetest.PDF, "a b", record.FormatPDF, nil},
	} {
		m := sample(t)
		m.Documents = []message.Document{{Name: c.name, Type: c.typ, Body: c.body}}
		got, err := message.Parse(messagetest.Pack(t, m, nil))
		if err != nil {
			t.Errorf("%s as %s: %v", c.name, c.typ, err)
			continue
		}
		d := got.Documents[0]
		if d.Name != c.label || d.Format != c.format || !errors.Is(d.Fault, c.fault) || c.fault == nil && d.Fault != nil || !bytes.Equal(d.Body, c.body) {
			t.Errorf("%s as %s: %q, %s, %v", c.name, c.typ, d.Name, d.Format, d.Fault)
		}
		_, err = message.Attach(c.name, c.body)
		if sends := c.fault == nil || c.fault == message.ErrMismatch; sends != (err == nil) { // what it is called is ours to say
			t.Errorf("attaching %s: %v", c.name, err)
		}
	}
}

// Each rule, broken alone.
func TestStrict(t *testing.T) {
	good := string(message.Trim(messagetest.Pack(t, sample(t), nil)))
	if !strings.HasPrefix(good, `{"v":"potli-message/1","type":"documents","id":"c2l4dGVlbiBieXRlcyBpZA","to":"`) {
		t.Fatal(good[:200])
	}
	change := func(old, to string) string {
		t.Helper()
		if !strings.Contains(good, old) {
			t.Fatalf("%s is not there", old)
		}
		return strings.Replace(good, old, to, 1)
	}
	many := func(n int, s string) string { return strings.TrimSuffix(strings.Repeat(s+",", n), ",") }
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"as it was":                  {good, nil},
		"a member of tomorrow":       {change(`"type"`, `"mood":{"a":[1,{"b":null}]},"type"`), nil},
		"spaces":                     {change(`"type":`, "\n\t\"type\" : "), nil},
		"nothing":                    {"", message.ErrMalformed},
		"a text":                     {`"a"`, message.ErrMalformed},
		"words":                      {"hello", message.ErrMalformed},
		"cut short":                  {good[:len(good)-1], message.ErrMalformed},
		"something behind":           {good + "{}", message.ErrMalformed},
		"a later version":            {change("potli-message/1", "potli-message/2"), message.ErrVersion},
		"another thing":              {change("potli-message/1", "potli-record/1"), message.ErrMalformed},
		"a later type":               {change(`"documents","id"`, `"dance","id"`), message.ErrVersion},
		"no id":                      {change(`"id":"c2l4dGVlbiBieXRlcyBpZA",`, ""), message.ErrMalformed},
		"a short id":                 {change("c2l4dGVlbiBieXRlcyBpZA", "c2l4"), message.ErrMalformed},
		"a second spelling of an id": {change("c2l4dGVlbiBieXRlcyBpZA", "c2l4dGVlbiBieXRlcyBpZB"), message.ErrMalformed},
		"an id with an escape":       {change("c2l4dGVlbiBieXRlcyBpZA", `\u0063l4dGVlbiBieXRlcyBp`), message.ErrMalformed},
		"no address":                 {change(`"to":"`, `"too":"`), message.ErrMalformed},
		"in capitals":                {change(`"to":"`, `"TO":"`), message.ErrMalformed},
		"twice":                      {change(`"type"`, `"type":"request","type"`), message.ErrMalformed},
		"twice, by an escape":        {change(`"type"`, `"\u0074ype":"request","type"`), message.ErrMalformed},
		"null":                       {change(`"text":`, `"re":null,"text":`), message.ErrMalformed},
		"a number for a text":        {change(`"text":`, `"request":7,"text":`), message.ErrMalformed},
		"a time of a fraction":       {change(`"at":1772620200`, `"at":1772620200.5`), message.ErrMalformed},
		"a time before all":          {change(`"at":1772620200`, `"at":-5`), message.ErrMalformed},
		"a time after all":           {change(`"at":1772620200`, `"at":253402300800`), message.ErrMalformed},
		"a time in quotes":           {change(`"at":1772620200`, `"at":"1772620200"`), message.ErrMalformed},
		"no sender":                  {change(`"from":{`, `"form":{`), message.ErrMalformed},
		"http":                       {change("https://clinic.example", "http://clinic.example"), message.ErrMalformed},
		"an origin with a path":      {change("https://clinic.example", "https://clinic.example/x"), message.ErrMalformed},
		"an origin with a name":      {change("https://clinic.example", "https://a@clinic.example"), message.ErrMalformed},
		"no system":                  {change(`"system":"https://facility.abdm.gov.in"`, `"system":""`), message.ErrMalformed},
		"nine numbers":               {change(`"ids":[`, `"ids":[`+many(8, `{"system":"a","value":"b"}`)+","), message.ErrMalformed},
		"21 documents":               {change(`"documents":[`, `"documents":[`+many(19, `{"type":"","body":"AA"}`)+","), message.ErrTooBig},
		"20 documents":               {change(`"documents":[`, `"documents":[`+many(18, `{"type":"","body":"AA"}`)+","), nil},
		"a document without a body":  {change(`"documents":[`, `"documents":[{"type":"a"},`), message.ErrMalformed},
		"padding":                    {change(`"documents":[`, `"documents":[{"type":"a","body":"AA=="},`), message.ErrMalformed},
		"base64 of another alphabet": {change(`"documents":[`, `"documents":[{"type":"a","body":"+/AA"},`), message.ErrMalformed},
		"loose bits":                 {change(`"documents":[`, `"documents":[{"type":"a","body":"AB"},`), message.ErrMalformed},
		"documents in an object":     {change(`"documents":[`, `"documents":{},"docs":[`), message.ErrMalformed},
		"nested":                     {change(`"type"`, `"x":`+strings.Repeat("[", 40)+strings.Repeat("]", 40)+`,"type"`), message.ErrMalformed},
		"70 members":                 {change(`"type"`, members(70)+`"type"`), message.ErrMalformed},
		"a long note":                {change(`"text":"`, `"text":"`+strings.Repeat("x", message.MaxText)), message.ErrTooBig},
		"not UTF-8":                  {change("Take", "\xff\xfe"), message.ErrMalformed},
		"a request of documents":     {change(`"documents","id"`, `"request","id"`), message.ErrEmpty},
		"an answer to nothing":       {change(`"documents","id"`, `"answer","id"`), message.ErrEmpty},
		"a receipt of none":          {change(`"documents","id"`, `"receipt","id"`), message.ErrEmpty},
	} {
		if _, err := message.Parse([]byte(c.text)); !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func members(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`"x` + strings.Repeat("y", i/2) + string(rune('a'+i%2)) + `":1,`)
	}
	return b.String()
}

// What a stranger calls himself does not run out of its line, nor backwards.
func TestWordsOfStrangers(t *testing.T) {
	m := sample(t)
	m.From.Name = "City\nClinic ‮evil" + strings.Repeat(" x", 500)
	m.Text = "a\r\nb‮c\x00d"
	got, err := message.Parse(messagetest.Pack(t, m, nil))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(got.From.Name, "City Clinic evil x") || len(got.From.Name) > message.MaxName || got.Text != "a\nbcd" {
		t.Errorf("%q, %q", got.From.Name, got.Text)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(string(messagetest.Pack(f, sample(f), nil)))
	f.Add(string(message.Trim(messagetest.Pack(f, sample(f), josetest.EdDSA("a")))))
	f.Add(`{"v":"potli-message/1","type":"answer","from":{"name":"\u0000\ud800"},"at":1}`)
	f.Add(`{"a":[{"b":"c\\\""},[],{},1e5,true,null],"a":1}`)
	f.Fuzz(func(t *testing.T, s string) {
		m, err := message.Parse([]byte(s))
		if err != nil {
			if m != nil {
				t.Error("a message beside an error")
			}
			return
		}
		for _, line := range []string{m.From.Name, m.ID, m.To, m.Re} {
			if strings.ContainsAny(line, "\n\r\x00‮") {
				t.Errorf("%q", line)
			}
		}
		if len(m.Documents) > message.MaxDocuments || m.Signer == "" && m.From.JWK != nil {
			t.Errorf("%+v", m)
		}
		if m.Signer != "" {
			return
		}
		// What is written of it is read as the same, except for what cannot be sent on.
		again, err := m.Pack()
		if errors.Is(err, message.ErrTooBig) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if back, err := message.Parse(again); err != nil || back.ID != m.ID || back.Text != m.Text || back.From.Name != m.From.Name {
			t.Errorf("%+v, %v", back, err)
		}
	})
}

func FuzzOpen(f *testing.F) {
	key, identity := bytes.Repeat([]byte{7}, 32), goldenIdentity(f)
	packed := messagetest.Pack(f, sample(f), nil)
	jwe, _ := message.SealKey(packed, key, nil)
	file, _ := message.SealTo(packed, identity.Recipient())
	for _, s := range []string{jwe, file, jwe[:len(jwe)-9], file[:len(file)-9], "", "....", "YWdl"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err1 := message.OpenKey(s, key)
		b, err2 := message.OpenAge(s, identity)
		if err1 == nil && !bytes.Equal(a, packed) || err2 == nil && !bytes.Equal(b, packed) {
			t.Error("something else opened")
		}
	})
}
