package consent_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/consent"
	"potli/crypto/jose"
	"potli/crypto/jose/josetest"
)

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

var name43 = strings.Repeat("A", 43)

// asked is a request as a clinic writes it.
func asked() *consent.Request {
	return &consent.Request{
		ID:      "AAAAAAAAAAAAAAAAAAAAAA",
		From:    consent.Party{Name: "Sample Clinic", IDs: []consent.Identifier{{System: "https://facility.abdm.gov.in", Value: "IN0000000001"}}, Origin: "https://clinic.example"},
		About:   "Asha",
		Purpose: consent.Purpose{Code: consent.Care, Text: "To treat a cough"},
		Kinds:   []consent.Kind{consent.Prescription, consent.Report},
		Dates:   consent.Dates{From: "2025-01-01", To: "2026-12-31"},
		Until:   now.Add(30 * 24 * time.Hour), Repeat: consent.Follow, After: consent.Keep,
		Notice: consent.Notice{Text: "We read your reports.\nYou may withdraw.", Language: "en"},
		Reply:  consent.Mailbox{Relay: "https://relay.example", ID: name43, To: name43},
		Issued: now, Expires: now.Add(time.Hour),
	}
}

func written(t testing.TB, q *consent.Request, by *jose.Signer) string {
	t.Helper()
	text, err := q.Marshal(by)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestRequest(t *testing.T) {
	clinic := josetest.EdDSA("clinic")
	for name, by := range map[string]*jose.Signer{"signed": clinic, "bare": nil} {
		text := written(t, asked(), by)
		got, err := consent.Parse(text, now)
		if err != nil {
			t.Fatal(err)
		}
		want := asked()
		want.Text, want.Kinds = text, []consent.Kind{consent.Report, consent.Prescription} // in order
		if by != nil {
			want.Key, want.From.Key = by.Public(), by.Public().Thumbprint()
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%+v, want\n%+v", name, got, want)
		}
		if got.Signed() != (by != nil) || got.Hash() != consent.Hash([]byte(text)) {
			t.Errorf("%s: signed %v", name, got.Signed())
		}
	}
}

// changed is the JSON of a request with members changed; nil removes one.
func changed(t testing.TB, change map[string]any) string {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(written(t, asked(), nil)), &m); err != nil {
		t.Fatal(err)
	}
	for k, v := range change {
		if m[k] = v; v == nil {
			delete(m, k)
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

type members = map[string]any

func TestParseRefuses(t *testing.T) {
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	day := 24 * time.Hour
	many := func(n int) (kinds []string) {
		for range n {
			kinds = append(kinds, "Prescription")
		}
		return kinds
	}
	for name, c := range map[string]struct {
		change members
		code   consent.Code
		field  string
	}{
		"nothing":               {members{"v": nil}, consent.Damaged, ""},
		"a later version":       {members{"v": "potli-consent-request/2"}, consent.Newer, ""},
		"another document":      {members{"v": "potli-message/1"}, consent.Damaged, ""},
		"no id":                 {members{"id": nil}, consent.Damaged, "id"},
		"a short id":            {members{"id": "AAAA"}, consent.Damaged, "id"},
		"an id spelled oddly":   {members{"id": "AAAAAAAAAAAAAAAAAAAAAB"}, consent.Damaged, "id"},
		"from nobody":           {members{"from": members{"name": " \u202e"}}, consent.Damaged, "from"},
		"a name without end":    {members{"from": members{"name": strings.Repeat("x", 121)}}, consent.Damaged, "from"},
		"an origin with a path": {members{"from": members{"name": "x", "origin": "https://a.example/b"}}, consent.Damaged, "from"},
		"an origin of http":     {members{"from": members{"name": "x", "origin": "http://a.example"}}, consent.Damaged, "from"},
		"a number of nothing":   {members{"from": members{"name": "x", "ids": []any{members{"system": "s"}}}}, consent.Damaged, "from"},
		"numbers without end":   {members{"from": members{"name": "x", "ids": slices.Repeat([]any{members{"system": "s", "value": "v"}}, 9)}}, consent.Damaged, "from"},
		"ends as it is asked":   {members{"until": at(0)}, consent.Damaged, "times"},
		"another purpose":       {members{"purpose": members{"code": "TREAT"}}, consent.Unknown, "purpose"},
		"no purpose":            {members{"purpose": nil}, consent.Unknown, "purpose"},
		"a purpose of pages":    {members{"purpose": members{"code": "CAREMGT", "text": strings.Repeat("x", 501)}}, consent.TooBig, "purpose"},
		"no kinds":              {members{"kinds": []any{}}, consent.Damaged, "kinds"},
		"another kind":          {members{"kinds": []any{"everything"}}, consent.Unknown, "kinds"},
		"kinds without end":     {members{"kinds": many(33)}, consent.TooBig, "kinds"},
		"no day":                {members{"dates": members{"from": "2026-02-30"}}, consent.Damaged, "dates"},
		"dates back to front":   {members{"dates": members{"from": "2026-02-02", "to": "2026-02-01"}}, consent.Damaged, "dates"},
		"hourly":                {members{"repeat": "hourly"}, consent.Unknown, "repeat"},
		"sell":                  {members{"after": "sell"}, consent.Unknown, "after"},
		"an odd language":       {members{"notice": members{"text": "x", "language": "en us"}}, consent.Damaged, "notice"},
		"a notice of a book":    {members{"notice": members{"text": strings.Repeat("x", 4001)}}, consent.TooBig, "notice"},
		"a mailbox nowhere":     {members{"reply": members{"relay": "https://r.example", "id": "AAAA", "to": name43}}, consent.Damaged, "reply"},
		"a relay by ftp":        {members{"reply": members{"relay": "ftp://r.example", "id": name43, "to": name43}}, consent.Damaged, "reply"},
		"no times":              {members{"until": nil}, consent.Damaged, "times"},
		"negative":              {members{"issued": -1}, consent.Damaged, "times"},
		"far beyond":            {members{"until": int64(1) << 62}, consent.Damaged, "times"},
		"over before it began":  {members{"expires": at(0)}, consent.Damaged, "times"},
		"for eleven years":      {members{"until": at(11 * 366 * day)}, consent.TooLong, "until"},
		"waits for two years":   {members{"expires": at(2 * 366 * day)}, consent.TooLong, "expires"},
		"from the future":       {members{"issued": at(3 * day), "expires": at(4 * day)}, consent.Early, "issued"},
		"a fraction":            {members{"issued": 1.5}, consent.Damaged, ""},
	} {
		q, err := consent.Parse(changed(t, c.change), now)
		if !errors.Is(err, &consent.Fault{Code: c.code, Field: c.field}) {
			t.Errorf("%s: %v, want %s %s", name, err, c.field, c.code)
		}
		if q != nil && c.code != consent.Early {
			t.Errorf("%s: a request came out of it", name)
		}
	}
}

func TestParseIsStrict(t *testing.T) {
	good := written(t, asked(), nil)
	if _, err := consent.Parse(changed(t, members{"more": members{"a": []any{1, "x"}}}), now); err != nil {
		t.Errorf("a member that is not known: %v", err)
	}
	for name, c := range map[string]struct {
		text string
		code consent.Code
	}{
		"empty":               {"", consent.Damaged},
		"a list":              {"[]", consent.Damaged},
		"cut short":           {good[:len(good)-1], consent.Damaged},
		"something behind it": {good + "{}", consent.Damaged},
		"a member twice":      {strings.Replace(good, `"repeat":`, `"repeat":"once","repeat":`, 1), consent.Damaged},
		"twice, escaped":      {strings.Replace(good, `"repeat":`, `"r\u0065peat":"once","repeat":`, 1), consent.Damaged},
		"another case":        {strings.Replace(good, `"until":`, `"Until":`, 1), consent.Damaged},
		"a long s":            {strings.Replace(good, `"kinds":`, "\"kind\u017f\":[],\"kinds\":", 1), consent.Damaged},
		"twice further in":    {strings.Replace(good, `"code":`, `"code":"BTG","code":`, 1), consent.Damaged},
		"not UTF-8":           {strings.Replace(good, "Asha", "\xff", 1), consent.Damaged},
		"nested":              {strings.Replace(good, `"after":`, `"x":`+strings.Repeat("[", 20)+strings.Repeat("]", 20)+`,"after":`, 1), consent.TooBig},
		"values without end":  {strings.Replace(good, `"after":`, `"x":[`+strings.Repeat("0,", 5000)+`0],"after":`, 1), consent.TooBig},
		"large":               {strings.Replace(good, "{", "{"+strings.Repeat(" ", consent.MaxRequest), 1), consent.TooBig},
		"a word":              {"hello", consent.Damaged},
	} {
		if q, err := consent.Parse(c.text, now); !errors.Is(err, &consent.Fault{Code: c.code}) || q != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseForged(t *testing.T) {
	clinic, other := josetest.EdDSA("clinic"), josetest.EdDSA("other")
	bare := written(t, asked(), nil)
	signed := written(t, asked(), clinic)
	payload := func(s string) []byte {
		j, err := jose.ParseJWS(s)
		if err != nil {
			t.Fatal(err)
		}
		return j.Payload
	}
	sign := func(by *jose.Signer, typ string, b []byte) string {
		s, err := by.Sign(typ, b)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	last := strings.LastIndexByte(signed, '.')
	for name, text := range map[string]string{
		"signed by another than it names": sign(other, consent.RequestType, payload(signed)),
		"signed and naming nobody":        sign(clinic, consent.RequestType, []byte(bare)),
		"of another kind":                 sign(clinic, "potli-message+jws", payload(signed)),
		"the signature of another":        signed[:last] + sign(clinic, consent.RequestType, []byte(bare))[strings.LastIndexByte(sign(clinic, consent.RequestType, []byte(bare)), '.'):],
	} {
		if q, err := consent.Parse(text, now); !errors.Is(err, &consent.Fault{Code: consent.Forged}) || q != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A key in a request that is not signed signed nothing.
	with := changed(t, members{"from": members{"name": "x", "jwk": json.RawMessage(clinic.Public().JWK())}})
	if q, err := consent.Parse(with, now); err != nil || q.Signed() || q.From.Key != "" {
		t.Errorf("an unsigned request with a key: %+v, %v", q, err)
	}
}

// What can no longer be answered is still shown as missed.
func TestParseLapsed(t *testing.T) {
	text := written(t, asked(), josetest.EdDSA("clinic"))
	q, err := consent.Parse(text, now.Add(time.Hour))
	if !errors.Is(err, &consent.Fault{Code: consent.Lapsed}) || q == nil || !q.Signed() {
		t.Errorf("%v, %v", q, err)
	}
	if _, err := q.Allow("AAAAAAAAAAAAAAAAAAAAAA", "p", consent.Choice{}, "", now.Add(time.Hour)); !errors.Is(err, &consent.Fault{Code: consent.Lapsed}) {
		t.Errorf("answered too late: %v", err)
	}
	brief := asked()
	brief.Until = now.Add(time.Minute)
	if _, err := consent.Parse(written(t, brief, nil), now.Add(time.Minute)); !errors.Is(err, &consent.Fault{Code: consent.Lapsed, Field: "until"}) {
		t.Errorf("when it would be over already: %v", err)
	}
	if _, err := consent.Parse(text, now.Add(time.Hour-time.Second)); err != nil {
		t.Errorf("a second before: %v", err)
	}
}

// What is shown turns no direction of writing and hides nothing.
func TestParseTidies(t *testing.T) {
	text := changed(t, members{"about": "A\u202esha\n x", "notice": members{"text": "one\r\ntwo\u2028three\u200e\u0000", "language": "hi"},
		"purpose": members{"code": "CAREMGT", "text": "a\tb"}, "from": members{"name": "Clinic\u2066 X"}})
	q, err := consent.Parse(text, now)
	if err != nil {
		t.Fatal(err)
	}
	if q.About != "Asha x" || q.Notice.Text != "one\ntwo\nthree" || q.Purpose.Text != "a b" || q.From.Name != "Clinic X" {
		t.Errorf("%q %q %q %q", q.About, q.Notice.Text, q.Purpose.Text, q.From.Name)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(written(f, asked(), nil))
	f.Add(written(f, asked(), josetest.EdDSA("clinic")))
	f.Add(`{"v":"potli-consent-request/1"}`)
	f.Fuzz(func(t *testing.T, text string) {
		q, err := consent.Parse(text, now)
		late := errors.Is(err, &consent.Fault{Code: consent.Lapsed}) || errors.Is(err, &consent.Fault{Code: consent.Early})
		if (q == nil) != (err != nil && !late) {
			t.Fatal(q, err)
		}
		if err != nil {
			return
		}
		g, err := q.Allow("AAAAAAAAAAAAAAAAAAAAAA", "p", consent.Choice{}, "", now)
		if err != nil {
			t.Fatalf("a request that was read cannot be granted as it is: %v", err)
		}
		if len(g.Hash()) != 43 {
			t.Fatal("no hash")
		}
	})
}
