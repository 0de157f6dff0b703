package consent_test

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"potli/app/consent"
	"potli/crypto/jose/josetest"
)

// short is a request that fits a code.
func short() *consent.Request {
	q := asked()
	q.Notice, q.Reply = consent.Notice{Text: "You may withdraw."}, consent.Mailbox{Relay: "https://relay.example", ID: name43, Key: name43}
	return q
}

func TestAskLink(t *testing.T) {
	signed, bare := written(t, short(), josetest.EdDSA("clinic")), written(t, short(), nil)
	for name, text := range map[string]string{"signed": signed, "bare": bare} {
		link, err := consent.AskLink("https://viewer.example/", text)
		if err != nil || !strings.HasPrefix(link, "https://viewer.example/ask#") || len(link) > consent.MaxAsk {
			t.Fatalf("%s: %q, %v", name, link, err)
		}
		if name == "signed" && len(link) > 1000 {
			t.Errorf("a code of %d characters is hard to read for a poor camera", len(link))
		}
		for _, around := range []string{link, "Please open " + link + " today", "<" + link + ">", "\"" + link + "\".", link + "\n", "See: " + link + "."} {
			got, err := consent.ParseAsk(around)
			if err != nil || got != text {
				t.Errorf("%s, %.30q: %q, %v", name, around, got, err)
			}
		}
		q, err := consent.Parse(text, now)
		if err != nil || q.Reply.Key != name43 || q.Reply.To != "" {
			t.Errorf("%s: %+v, %v", name, q, err)
		}
	}
	long := asked()
	long.Notice.Text = "We read:"
	for i := 0; len(long.Notice.Text) < 2000; i++ {
		long.Notice.Text += " " + consent.Hash([]byte{byte(i)})
	}
	if _, err := consent.AskLink("https://viewer.example", written(t, long, nil)); !errors.Is(err, consent.ErrLongAsk) {
		t.Errorf("too long for a code: %v", err)
	}
	if _, err := consent.AskLink("viewer", bare); !errors.Is(err, consent.ErrBadAsk) {
		t.Errorf("a viewer that is none: %v", err)
	}
}

func TestParseAskRefuses(t *testing.T) {
	for text, want := range map[string]error{
		"":                              consent.ErrNoAsk,
		"https://viewer.example/drop#e": consent.ErrNoAsk,
		"/ask#e30":                      consent.ErrNoAsk,
		"ftp://viewer.example/ask#e30":  consent.ErrNoAsk,
		"https:///ask#e30":              consent.ErrNoAsk,
		"https://v.example/ask#":        consent.ErrBadAsk,
		"https://v.example/ask#!":       consent.ErrBadAsk,
		"https://v.example/ask#e3":      consent.ErrBadAsk, // not whole
		"https://v.example/ask#YWJj":    consent.ErrBadAsk, // no JSON
		"https://v.example/ask#a.b":     consent.ErrBadAsk,
		"https://v.example/ask#a.b.c.d": consent.ErrBadAsk,
		"https://v.example/ask#z.":      consent.ErrBadAsk,
		"https://v.example/ask#z.AAAA":  consent.ErrBadAsk,
		packed("{}", ".a"):              consent.ErrBadAsk, // one part, and a signature
		packed("{}\n{}", ".a.b"):        consent.ErrBadAsk,
		packed("[]", ""):                consent.ErrBadAsk,
		packed("{}", "") + "A":          consent.ErrBadAsk, // more behind its end
		packed("{"+strings.Repeat(" ", consent.MaxRequest), ""):              consent.ErrLongAsk,
		"https://v.example/ask#" + strings.Repeat("A", consent.MaxRequest+1): consent.ErrLongAsk,
	} {
		if got, err := consent.ParseAsk(text); !errors.Is(err, want) || got != "" {
			t.Errorf("%.60q: %q, %v, want %v", text, got, err, want)
		}
	}
	if got, err := consent.ParseAsk("https://v.example/ask#e30"); err != nil || got != "{}" {
		t.Errorf("an empty object is for Parse to refuse: %q, %v", got, err)
	}
}

// packed is a link with something deflated in it.
func packed(plain, more string) string {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	_, _ = io.WriteString(w, plain)
	_ = w.Close()
	return "https://v.example/ask#z." + base64.RawURLEncoding.EncodeToString(b.Bytes()) + more
}

// What stands on a code of any release is read for ever: as it was signed, and deflated.
func TestGoldenAsk(t *testing.T) {
	want := written(t, short(), josetest.EdDSA("potli golden clinic"))
	for _, path := range []string{"testdata/ask-1.txt", "testdata/ask-2.txt"} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := consent.ParseAsk(string(b))
		if err != nil || text != want {
			t.Fatalf("%s: %q, %v", path, text, err)
		}
		if q, err := consent.Parse(text, now); err != nil || !q.Signed() || q.From.Name != "Sample Clinic" || q.Reply.Key != name43 {
			t.Errorf("%s: %+v, %v", path, q, err)
		}
	}
}

func TestMailboxHasOneKey(t *testing.T) {
	for name, m := range map[string]consent.Mailbox{
		"neither":      {Relay: "https://r.example", ID: name43},
		"both":         {Relay: "https://r.example", ID: name43, To: name43, Key: name43},
		"a short key":  {Relay: "https://r.example", ID: name43, Key: "AAAA"},
		"and a half":   {Relay: "https://r.example", ID: name43, To: name43, Key: "AAAA"},
		"a half and a": {Relay: "https://r.example", ID: name43, To: "AAAA", Key: name43},
	} {
		q := asked()
		if q.Reply = m; !errors.Is(errOf(q), &consent.Fault{Code: consent.Damaged, Field: "reply"}) {
			t.Errorf("%s: %v", name, errOf(q))
		}
	}
}

func errOf(q *consent.Request) error {
	_, err := q.Marshal(nil)
	return err
}

func FuzzParseAsk(f *testing.F) {
	for _, s := range []string{"https://v.example/ask#e30", "x https://v.example/ask#a.b.c.", "https://v.example/ask#" + strings.Repeat("A", 100), packed("{}", ""), packed("{}\n{}", ".c")} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text, err := consent.ParseAsk(s)
		if err != nil {
			if text != "" {
				t.Errorf("an error beside %q", text)
			}
			return
		}
		if link, err := consent.AskLink("https://v.example", text); err == nil {
			if again, err := consent.ParseAsk(link); err != nil || again != text {
				t.Errorf("%q and back: %q, %v", text, again, err)
			}
		}
	})
}
