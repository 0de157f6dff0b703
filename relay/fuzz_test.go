package relay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"potli/relay"
	"potli/relay/shape"
	"potli/relay/storetest"
	"potli/relay/wire"
)

var now = time.Unix(1_800_000_000, 0)

// recorder is a store for fuzzing: it takes every create and says what it saw,
// and has one live link.
type recorder struct {
	relay.Store
	created *relay.Link
	charged int
	flag    string
}

func (s *recorder) Create(_ context.Context, l relay.Link, _ []byte, _ int64) (bool, error) {
	s.created = &l
	return true, nil
}

func (s *recorder) Live(_ context.Context, r relay.Reader) (relay.Link, error) {
	return relay.Link{ID: r.ID, Flag: s.flag, AttemptsLeft: 5, Size: 4, ContentType: wire.ContentTypeFHIR, File: strings.Repeat("0", 64), Salt: []byte("x")}, nil
}

func (s *recorder) Charge(context.Context, relay.Reader, string) (relay.Charged, error) {
	s.charged++
	return relay.Charged{Open: true, AttemptsLeft: 5}, nil
}

func (s *recorder) Part(context.Context, string, int) ([]byte, error) { return []byte("AAAA"), nil }

func fuzzHandler(f *testing.F, s relay.Store) *relay.Handler {
	h, err := relay.New(relay.Options{Store: s, Now: func() time.Time { return now }, Key: [32]byte{1},
		PublicURL: "https://relay.example", AppOrigin: appOrigin,
		Limits: relay.Limits{Data: relay.Rate{PerMinute: -1}, Control: relay.Rate{PerMinute: -1}}})
	if err != nil {
		f.Fatal(err)
	}
	return h
}

// FuzzCreate: whatever is stored keeps the limits of package wire.
func FuzzCreate(f *testing.F) {
	good := storetest.NewCreate(storetest.ID("t"), "")
	for _, flag := range []string{"", "L", "U", "P", "LP", "LU", "UP"} {
		c := good
		c.Flag = flag
		if strings.Contains(flag, "P") {
			c.Passcode = storetest.Verifier("x", 5)
		}
		text, _ := json.Marshal(c)
		f.Add(text)
	}
	f.Add([]byte(`{"life":1e99}`))
	f.Add([]byte(`{"token":null,"passcode":{}}`))
	s := &recorder{}
	h := fuzzHandler(f, s)
	f.Fuzz(func(t *testing.T, body []byte) {
		s.created = nil
		r := httptest.NewRequest("PUT", wire.ControlPath+storetest.ID("x"), bytes.NewReader(body))
		r.Header.Set("If-None-Match", "*")
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		if !slices.Contains([]int{201, 400, 413}, rec.Code) {
			t.Fatalf("status %d", rec.Code)
		}
		if (s.created != nil) != (rec.Code == 201) || !json.Valid(rec.Body.Bytes()) {
			t.Fatalf("status %d, stored %v", rec.Code, s.created)
		}
		if l := s.created; l != nil {
			life := l.Expires - now.Unix()
			guarded := strings.Contains(l.Flag, "P")
			if life < int64(wire.MinLife/time.Second) || life > int64(wire.MaxLife/time.Second) || l.UsesLeft < 1 || l.UsesLeft > wire.MaxUses ||
				l.AttemptsLeft < 1 || l.AttemptsLeft > wire.MaxAttempts || guarded != (len(l.Salt) == 16) || l.PassMAC == "" ||
				len(l.ReceiptKey) != wire.MaxReceiptKey || !slices.Contains([]string{"", "L", "P", "U", "LP", "LU"}, l.Flag) {
				t.Fatalf("stored %+v", *l)
			}
		}
	})
}

// FuzzManifestRequest: any body gets an answer that is a JSON object, and
// nothing is charged unless it was good.
func FuzzManifestRequest(f *testing.F) {
	for _, s := range []string{`{}`, `{"recipient":"x","embeddedLengthMax":100}`, `{"passcode":"x"}`, `null`, `{"recipient":1}`, `{"a":{"b":[`, "\xff",
		`{"embeddedLengthMax":-1}`, `{"embeddedLengthMax":1e400}`} {
		f.Add([]byte(s))
	}
	s := &recorder{}
	h := fuzzHandler(f, s)
	f.Fuzz(func(t *testing.T, body []byte) {
		s.charged = 0
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest("POST", wire.LinkPath+storetest.ID("x"), bytes.NewReader(body)))
		if (rec.Code == http.StatusOK) != (s.charged == 1) || !slices.Contains([]int{200, 400, 413}, rec.Code) {
			t.Fatalf("status %d after %d charges", rec.Code, s.charged)
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal(rec.Body.Bytes(), &object); err != nil {
			t.Fatalf("%s: %v", rec.Body, err)
		}
	})
}

// FuzzRecipient: a cleaned name is short, valid, printable and stays so, and
// fits a receipt.
func FuzzRecipient(f *testing.F) {
	for _, s := range []string{"", "Dr. Asha Rao", "डॉ. आशा", "a\x00b\r\nc", "\u202eevil", strings.Repeat("x ", 200), strings.Repeat("👩‍⚕️", 90),
		"\xff\xfe", `"\\"`, strings.Repeat(`"`, 200), "\u2028\u2029", "<script>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := shape.Name(s)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > wire.MaxRecipient {
			t.Fatalf("%q", got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r != ' ' && unicode.IsSpace(r) {
				t.Fatalf("%q holds %U", got, r)
			}
		}
		if again := shape.Name(got); again != got || strings.TrimSpace(got) != got || strings.Contains(got, "  ") {
			t.Fatalf("%q becomes %q", got, again)
		}
		plain := relay.PadReceipt(wire.Receipt{N: wire.MaxReceipts, Recipient: got, Time: now.Unix(), Outcome: wire.OutcomeRefused})
		var r wire.Receipt
		if err := json.Unmarshal(plain, &r); err != nil || len(plain) != wire.ReceiptPlain || !strings.HasPrefix(got, r.Recipient) {
			t.Fatalf("%d bytes, %v, %q", len(plain), err, r.Recipient)
		}
	})
}
