package share_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"potli/app/share"
	"potli/crypto/jose"
)

// host is a Fetcher that answers from memory and remembers what it was asked.
type host struct {
	asked []share.Request
	got   share.Fetched
	err   error
}

func (h *host) Fetch(_ context.Context, r share.Request) (share.Fetched, error) {
	h.asked = append(h.asked, r)
	return h.got, h.err
}

func sealed(t *testing.T, key []byte, cty, plain string) string {
	t.Helper()
	if cty == "" {
		return withoutType(t, key, plain)
	}
	jwe, err := jose.Encrypt(key, cty, []byte(plain), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return jwe
}

// withoutType makes the JWE of a sender that gives no cty, which we never are.
func withoutType(t *testing.T, key []byte, plain string) string {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	e := base64.RawURLEncoding
	head := e.EncodeToString([]byte(`{"enc":"A256GCM","alg":"dir","kid":"1"}`))
	iv := make([]byte, 12)
	rand.Read(iv)
	out := gcm.Seal(nil, iv, []byte(plain), []byte(head))
	n := len(out) - 16
	return head + ".." + e.EncodeToString(iv) + "." + e.EncodeToString(out[:n]) + "." + e.EncodeToString(out[n:])
}

func TestReceive(t *testing.T) {
	key := bytes.Repeat([]byte{9}, 32)
	l := share.Link{URL: "https://h.example/l", Key: key, Flag: "", Version: 1}
	const bundle, card = `{"resourceType":"Bundle"}`, `{"verifiableCredential":["a.b.c"]}`
	broken := sealed(t, key, "application/fhir+json", bundle)
	for _, c := range []struct {
		name     string
		file     share.EncryptedFile
		wantType string
		want     error
	}{
		{"FHIR", share.EncryptedFile{JWE: sealed(t, key, "application/fhir+json", bundle)}, share.TypeFHIR, nil},
		{"short cty", share.EncryptedFile{JWE: sealed(t, key, "fhir+json", bundle)}, share.TypeFHIR, nil},
		{"cty with charset", share.EncryptedFile{JWE: sealed(t, key, "application/FHIR+json; charset=utf-8", bundle)}, share.TypeFHIR, nil},
		{"no cty", share.EncryptedFile{JWE: sealed(t, key, "", bundle)}, share.TypeFHIR, nil},
		{"no cty, type from the manifest", share.EncryptedFile{ContentType: "application/smart-health-card", JWE: sealed(t, key, "", card)}, share.TypeCard, nil},
		{"wrong name", share.EncryptedFile{ContentType: "application/fhir+json", JWE: sealed(t, key, "application/fhir+json", card)}, share.TypeCard, nil},
		{"byte order mark", share.EncryptedFile{JWE: sealed(t, key, "", "\ufeff"+bundle)}, share.TypeFHIR, nil},
		{"not what it says", share.EncryptedFile{JWE: sealed(t, key, "application/fhir+json", "%PDF-1.7")}, share.TypeFHIR, share.ErrContent},
		{"unknown type", share.EncryptedFile{JWE: sealed(t, key, "application/pdf", "%PDF-1.7")}, "application/pdf", share.ErrUnknownType},
		{"access to a server", share.EncryptedFile{JWE: sealed(t, key, "application/smart-api-access", `{"access_token":"x","aud":"y"}`)}, share.TypeAccess, share.ErrUnknownType},
		{"another key", share.EncryptedFile{JWE: sealed(t, bytes.Repeat([]byte{8}, 32), "application/fhir+json", bundle)}, "", share.ErrUnreadable},
		{"a flipped bit", share.EncryptedFile{JWE: broken[:len(broken)-3] + "AAA"}, "", share.ErrUnreadable},
		{"not a JWE", share.EncryptedFile{ContentType: "application/fhir+json", JWE: "hello"}, share.TypeFHIR, share.ErrUnreadable},
		{"missing", share.EncryptedFile{ContentType: "application/fhir+json"}, share.TypeFHIR, share.ErrMissing},
	} {
		t.Run(c.name, func(t *testing.T) {
			good := share.EncryptedFile{JWE: sealed(t, key, "application/fhir+json", bundle)}
			h := &host{got: share.Fetched{Files: []share.EncryptedFile{c.file, good}, Status: "finalized"}}
			list, status, err := share.Receive(context.Background(), h, l, " Asha ", "")
			if err != nil || len(list) != 2 || status != "finalized" {
				t.Fatalf("%d files, %q, %v", len(list), status, err)
			}
			if got := list[0]; got.ContentType != c.wantType || !errors.Is(got.Err, c.want) || c.want == nil && got.Err != nil {
				t.Errorf("got %q, %v", got.ContentType, got.Err)
			}
			if list[1].Err != nil || string(list[1].Body) != bundle {
				t.Error("the good file went with the bad one")
			}
			if h.asked[0].Recipient != "Asha" {
				t.Errorf("recipient %q", h.asked[0].Recipient)
			}
		})
	}
}

// TV-3: the IPS of the IG, no cty, byte for byte.
func TestVectorTV3(t *testing.T) {
	dir := sharedData(t)
	jwe, err := os.ReadFile(filepath.Join(dir, "ips/IPS_IG-bundle-01-enc.txt"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join(dir, "ips/IPS_IG-bundle-01.json"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := share.Parse(encode(payload(`"flag":"LU"`)))
	if err != nil {
		t.Fatal(err)
	}
	h := &host{got: share.Fetched{Files: []share.EncryptedFile{{JWE: string(jwe)}}}}
	list, _, err := share.Receive(context.Background(), h, l, "x", "")
	if err != nil || len(list) != 1 || list[0].Err != nil || list[0].ContentType != share.TypeFHIR || !bytes.Equal(list[0].Body, want) {
		t.Errorf("got %d files, %v", len(list), err)
	}
}

// SHL-12, SHL-16, SHL-17: what must be known before anything is asked of a host.
func TestSHL16NothingSent(t *testing.T) {
	key := make([]byte, 32)
	good := share.Link{URL: "https://h.example/l", Key: key, Version: 1}
	with := func(do func(l *share.Link)) share.Link { l := good; do(&l); return l }
	for name, c := range map[string]struct {
		l         share.Link
		recipient string
		want      error
	}{
		"no recipient": {good, " \t", share.ErrRecipient},
		"newer":        {with(func(l *share.Link) { l.Version = 2 }), "x", share.ErrVersion},
		"no key":       {with(func(l *share.Link) { l.Key = nil }), "x", share.ErrBadLink},
		"U and P":      {with(func(l *share.Link) { l.Flag = "PU" }), "x", share.ErrBadLink},
		"http":         {with(func(l *share.Link) { l.URL = "http://h.example" }), "x", share.ErrBadLink},
	} {
		h := &host{}
		if _, _, err := share.Receive(context.Background(), h, c.l, c.recipient, "pass"); !errors.Is(err, c.want) || len(h.asked) != 0 {
			t.Errorf("%s: %v, %d requests", name, err, len(h.asked))
		}
	}
	h := &host{}
	var need *share.PasscodeError
	if _, _, err := share.Receive(context.Background(), h, with(func(l *share.Link) { l.Flag = "P" }), "x", ""); !errors.As(err, &need) || len(h.asked) != 0 {
		t.Errorf("without passcode: %v, %d requests", err, len(h.asked))
	}
	for flag, want := range map[string]string{"P": "pass", "LP": "pass", "": "", "U": "", "L": ""} {
		h := &host{}
		share.Receive(context.Background(), h, with(func(l *share.Link) { l.Flag = flag }), "x", "pass")
		if len(h.asked) != 1 || h.asked[0].Passcode != want {
			t.Errorf("flag %q: asked %+v", flag, h.asked)
		}
	}
}

func TestReceiveErrors(t *testing.T) {
	l := share.Link{URL: "https://h.example/l", Key: make([]byte, 32), Version: 1}
	for _, want := range []error{share.ErrGone, share.ErrOffline, share.ErrBusy, share.ErrRefused, share.ErrCancelled, &share.PasscodeError{Remaining: 2}} {
		if _, _, err := share.Receive(context.Background(), &host{err: want}, l, "x", ""); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	h := &host{got: share.Fetched{Files: make([]share.EncryptedFile, share.MaxFiles+1)}}
	if _, _, err := share.Receive(context.Background(), h, l, "x", ""); !errors.Is(err, share.ErrTooBig) {
		t.Errorf("a flood of files: %v", err)
	}
	if list, _, err := share.Receive(context.Background(), &host{}, l, "x", ""); err != nil || len(list) != 0 {
		t.Errorf("an empty manifest: %v, %v", list, err)
	}
}

// sharedData finds ../shared/data beside the repository.
func sharedData(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for range 6 {
		found := filepath.Join(dir, "..", "shared", "data")
		if _, err := os.Stat(found); err == nil {
			return found
		}
		dir = filepath.Dir(dir)
	}
	t.Skip("the shared test documents are not beside this repository")
	return ""
}
