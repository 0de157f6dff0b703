package card_test

import (
	"bytes"
	"errors"
	"net/url"
	"strings"
	"testing"

	"potli/app/card"
	"potli/app/card/cardtest"
)

func is(err, want error) bool { return errors.Is(err, want) }

func TestCarriers(t *testing.T) {
	i := newMaker(clinic)
	d := directory(t, i.Info(nil))
	jws := i.card(nil)
	link := func(s string) string { return "https://viewer.test/SMARTHealthCard/#" + s }
	for name, b := range map[string]string{
		"file":                     string(cardtest.File(jws)),
		"file with a mark":         "\ufeff \n" + string(cardtest.File(jws)),
		"file with more members":   `{"x":[1],"verifiableCredential":["` + jws + `"]}`,
		"code":                     cardtest.Code(jws),
		"code among words":         "My card: shc:/" + cardtest.Numerals(jws) + ". Greetings",
		"code, shouted":            "SHC:/" + cardtest.Numerals(jws),
		"deep link":                link(url.PathEscape(string(cardtest.File(jws)))),
		"deep link, plain":         link(string(cardtest.File(jws))),
		"deep link among words":    "see " + link(url.PathEscape(string(cardtest.File(jws)))) + "\nand be well",
		"parts":                    strings.Join(cardtest.Parts(jws, 3), "\n"),
		"parts in disorder, twice": strings.Join([]string{cardtest.Parts(jws, 3)[2], cardtest.Parts(jws, 3)[0], cardtest.Parts(jws, 3)[2], cardtest.Parts(jws, 3)[1]}, " "),
		"one part":                 cardtest.Parts(jws, 1)[0],
	} {
		if got := one(t, []byte(b)).Verify(d, now); got.State != card.Verified {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// SHC-15: the parts come in any order.
func TestPartsInAnyOrder(t *testing.T) {
	i := newMaker(clinic)
	jws := i.card(nil)
	p := cardtest.Parts(jws, 3)
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		text := p[order[0]] + "\n" + p[order[1]] + "\n" + p[order[2]]
		if got := one(t, []byte(text)).Verify(directory(t, i.Info(nil)), now); got.State != card.Verified {
			t.Errorf("%v: %+v", order, got)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	i := newMaker(clinic)
	jws, other := i.card(nil), i.card(m{"vc.rid": "x"})
	p, q := cardtest.Parts(jws, 3), cardtest.Parts(other, 3)
	digits := cardtest.Numerals(jws)
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"nothing":                  {"", card.ErrNotCard},
		"words":                    {"hello", card.ErrNotCard},
		"another file":             {`{"resourceType":"Patient"}`, card.ErrNotCard},
		"half a file":              {`{"verifiableCredential":["`, card.ErrNotCard},
		"a bare JWS":               {jws, card.ErrNotCard},
		"a health link":            {"shlink:/eyJ", card.ErrNotCard},
		"no list":                  {`{"verifiableCredential":"` + jws + `"}`, card.ErrMalformed},
		"an empty list":            {`{"verifiableCredential":[]}`, card.ErrMalformed},
		"a list of numbers":        {`{"verifiableCredential":[1]}`, card.ErrMalformed},
		"a broken deep link":       {"https://x.test/SMARTHealthCard/#%zz", card.ErrMalformed},
		"an empty deep link":       {"https://x.test/SMARTHealthCard/#", card.ErrNotCard},
		"no digits":                {"shc:/", card.ErrMalformed},
		"an odd number of digits":  {"shc:/" + digits[1:], card.ErrMalformed},
		"digits of no letter":      {"shc:/" + digits + "78", card.ErrMalformed},
		"a slash too many":         {"shc:/1/2/3/" + digits, card.ErrMalformed},
		"a number alone":           {"shc:/1/" + digits, card.ErrMalformed},
		"part nought":              {"shc:/0/3/" + digits, card.ErrMalformed},
		"part four of three":       {"shc:/4/3/" + digits, card.ErrMalformed},
		"part of nought":           {"shc:/1/0/" + digits, card.ErrMalformed},
		"part without a number":    {"shc://3/" + digits, card.ErrMalformed},
		"a number with a nought":   {"shc:/01/03/" + digits, card.ErrMalformed},
		"a number without end":     {"shc:/1/99999999999999999999/" + digits, card.ErrMalformed},
		"an empty part":            {"shc:/1/1/", card.ErrMalformed},
		"too many parts":           {"shc:/1/65/" + digits, card.ErrTooBig},
		"a part alone":             {p[1], card.ErrPart},
		"a part missing":           {p[0] + p[2], card.ErrPart},
		"parts of two cards":       {p[0] + "\n" + q[2] + "\n" + p[1] + "\n" + p[2], card.ErrMalformed},
		"parts of other numbers":   {p[0] + "\n" + cardtest.Parts(jws, 2)[1], card.ErrMalformed},
		"a whole card and a part":  {p[1] + " shc:/" + digits, card.ErrPart},
		"too many cards":           {strings.Repeat("shc:/"+digits+"\n", card.MaxCards+1), card.ErrTooBig},
		"too long":                 {strings.Repeat(" ", card.MaxBytes+1), card.ErrTooBig},
		"letters among the digits": {"shc:/" + digits[:9] + "x" + digits[9:], card.ErrMalformed},
	} {
		if cards, err := card.Read([]byte(c.text)); cards != nil || !is(err, c.want) {
			t.Errorf("%s: %v, %v; want %v", name, cards, err, c.want)
		}
	}
}

func TestFHIR(t *testing.T) {
	i := newMaker(clinic)
	bundle := cardtest.Encode(i.payload(nil)["vc"].(m)["credentialSubject"].(m)["fhirBundle"])
	cards, err := card.Read(cardtest.File(i.card(nil)))
	if err != nil || !bytes.Equal(card.FHIR(cards), bundle) {
		t.Errorf("one card: %s, %v", card.FHIR(cards), err)
	}
	if cards, err = card.Read([]byte(cardtest.Code(i.card(nil)) + "\nshc:/" + cardtest.Numerals(i.card(nil)))); err != nil || len(cards) != 2 {
		t.Fatalf("%d cards, %v", len(cards), err)
	}
	second := bytes.ReplaceAll(bundle, []byte(`"resource:`), []byte(`"resource:1x`))
	want := `{"resourceType":"Bundle","type":"collection","entry":[{"resource":` + string(bundle) + `},{"resource":` + string(second) + `}]}`
	if got := string(card.FHIR(cards)); got != want {
		t.Errorf("two cards: %s", got)
	}
	if got := card.FHIR(nil); got != nil {
		t.Errorf("no card: %s", got)
	}
}

func FuzzRead(f *testing.F) {
	i := newMaker(clinic)
	d := directory(f, i.Info(nil))
	jws := i.card(nil)
	f.Add(cardtest.File(jws))
	f.Add([]byte(cardtest.Code(jws)))
	f.Add([]byte(strings.Join(cardtest.Parts(jws, 3), "\n")))
	f.Add([]byte("https://x.test/SMARTHealthCard/#" + url.PathEscape(string(cardtest.File(jws)))))
	f.Fuzz(func(t *testing.T, b []byte) {
		cards, err := card.Read(b)
		if (err == nil) != (len(cards) > 0) || err == nil && card.FHIR(cards) == nil {
			t.Fatalf("%d cards, %v", len(cards), err)
		}
		for _, c := range cards {
			r := c.Verify(d, now)
			if r.State == card.Verified && !bytes.Contains(card.FHIR(cards), []byte(`"Meera"`)) {
				t.Fatal("what nobody signed is verified")
			}
			if (r.Reason == "") != (r.State == card.Verified || r.State == card.UnknownIssuer) {
				t.Fatalf("%+v", r)
			}
		}
	})
}

// FuzzPayload puts bytes where only an issuer could.
func FuzzPayload(f *testing.F) {
	i := newMaker(clinic)
	d := directory(f, i.Info(nil))
	f.Add(cardtest.Encode(i.payload(nil)))
	f.Add([]byte(`{"iss":"https://clinic.test/cards","nbf":1e308,"exp":-1,"vc":{"rid":"."}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		cards, err := card.Read(cardtest.File(i.Seal(i.Header(), cardtest.Deflate(b))))
		if err != nil {
			return
		}
		r := cards[0].Verify(d, now)
		if r.State == card.Verified && (r.Issuer != clinic || r.From.After(now) || !r.Until.IsZero() && !r.Until.After(now)) {
			t.Fatalf("%+v", r)
		}
	})
}

func FuzzParseDirectory(f *testing.F) {
	i := newMaker(clinic)
	f.Add(cardtest.Encode(m{"time": "2026-06-01T00:00:00Z", "issuerInfo": []m{i.Info(m{"crls": []m{{"kid": i.Kid(), "method": "rid", "ctr": 1, "rids": []string{"a.1"}}}})}}))
	c := one(f, cardtest.File(newMaker(clinic).card(nil)))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := card.ParseDirectory(b)
		if (d == nil) == (err == nil) {
			t.Fatal(err)
		}
		if got := c.Verify(d, now); got.State == card.Verified || got.State == card.UnknownIssuer {
			t.Fatalf("a key that was made here: %+v", got)
		}
	})
}
