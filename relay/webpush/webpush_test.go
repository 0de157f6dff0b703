package webpush_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"potli/relay/webpush"
)

const (
	// The private key of RFC 8292 is not published; this scalar is 1 to 32.
	key     = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"
	subject = "mailto:push@example.com"
	device  = "https://fcm.googleapis.com/fcm/send/abc:APA91b-_"
	// RFC 8292, section 2.4.
	rfcToken = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0." +
		"i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA"
	rfcKey = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs"
)

var (
	ctx = context.Background()
	t0  = time.Unix(1_800_000_000, 0)
	b64 = base64.RawURLEncoding
)

// sink is a push service.
type sink struct {
	mu     sync.Mutex // guards what follows
	status int
	err    error
	seen   []request
}

type request struct {
	url    string
	header map[string]string
	body   []byte
}

func (s *sink) post(_ context.Context, url string, header map[string]string, body []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, request{url, maps.Clone(header), body})
	return s.status, s.err
}

func newSender(t *testing.T, s *sink) *webpush.Sender {
	t.Helper()
	sender, err := webpush.New(key, subject, s.post)
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

// credentials takes an Authorization header apart.
func credentials(t *testing.T, header string) (token, key string) {
	t.Helper()
	rest, ok := strings.CutPrefix(header, "vapid t=")
	token, key, ok2 := strings.Cut(rest, ", k=")
	if !ok || !ok2 {
		t.Fatalf("Authorization is %q", header)
	}
	return token, key
}

type claims struct {
	Aud string `json:"aud"`
	Exp int64  `json:"exp"`
	Sub string `json:"sub"`
}

// verify is go-jose's opinion of a token.
func verify(token, key string) (c claims, err error) {
	point, err := b64.DecodeString(key)
	if err != nil {
		return c, err
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return c, err
	}
	jws, err := jose.ParseSigned(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return c, err
	}
	payload, err := jws.Verify(public)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(payload, &c)
}

func TestMessage(t *testing.T) {
	s := &sink{status: 201}
	if err := newSender(t, s).Send(ctx, device, t0); err != nil {
		t.Fatal(err)
	}
	if len(s.seen) != 1 {
		t.Fatalf("%d requests", len(s.seen))
	}
	r := s.seen[0]
	authorization := r.header["Authorization"]
	delete(r.header, "Authorization")
	want := map[string]string{"TTL": "259200", "Topic": "arrived", "Urgency": "normal"}
	if r.url != device || r.body != nil || !maps.Equal(r.header, want) {
		t.Errorf("got %q %v, body of %d bytes, want %v and none", r.url, r.header, len(r.body), want)
	}
	token, public := credentials(t, authorization)
	got, err := verify(token, public)
	if want := (claims{"https://fcm.googleapis.com", t0.Add(12 * time.Hour).Unix(), subject}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

// TestRFC8292 holds our token against the one of the RFC, and our verifiers too.
func TestRFC8292(t *testing.T) {
	if _, err := verify(rfcToken, rfcKey); err != nil {
		t.Fatalf("the verifier refuses the RFC's token: %v", err)
	}
	if _, err := verify(rfcToken, newSender(t, new(sink)).Key()); err == nil {
		t.Fatal("the verifier takes another's key")
	}
	ours, err := webpush.SignVAPID(key, subject, "https://push.example.net", time.Unix(1453523768, 0))
	if err != nil {
		t.Fatal(err)
	}
	signed := func(s string) string { return s[:strings.LastIndexByte(s, '.')] }
	if got, want := signed(ours), signed(rfcToken); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestSignatureIsPadded: r and s that begin with a zero, as one in 256 does, are
// where encoders go wrong.
func TestSignatureIsPadded(t *testing.T) {
	public := newSender(t, new(sink)).Key()
	var r, s bool
	for i := int64(0); !r || !s; i++ {
		if i == 20_000 {
			t.Fatal("no signature has such an r and such an s")
		}
		token, err := webpush.SignVAPID(key, subject, "https://push.example.net", time.Unix(i, 0))
		if err != nil {
			t.Fatal(err)
		}
		signature, err := b64.DecodeString(token[strings.LastIndexByte(token, '.')+1:])
		if err != nil || len(signature) != 64 {
			t.Fatalf("a signature of %d bytes, %v", len(signature), err)
		}
		if signature[0] != 0 && signature[32] != 0 {
			continue
		}
		r, s = r || signature[0] == 0, s || signature[32] == 0
		if _, err := verify(token, public); err != nil {
			t.Errorf("%x: %v", signature, err)
		}
	}
}

// node is a JavaScript engine that reads keys and URLs as browsers do.
func node(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil && (os.Getenv("CI") != "" || os.Getenv("POTLI_ALL") == "1") {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip("no node on this machine: nobody else has read what we write")
	}
	return path
}

// TestWebCrypto lets another implementation read key and signature.
func TestWebCrypto(t *testing.T) {
	node := node(t)
	s := &sink{status: 201}
	sender := newSender(t, s)
	for range 20 {
		if err := sender.Send(ctx, device, t0.Add(time.Duration(len(s.seen))*12*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	var lines strings.Builder
	fmt.Fprintln(&lines, rfcKey, rfcToken)
	for _, r := range s.seen {
		token, public := credentials(t, r.header["Authorization"])
		fmt.Fprintln(&lines, public, token)
	}
	fmt.Fprintln(&lines, sender.Key(), rfcToken)
	cmd := exec.Command(node, "--input-type=module", "-e", verifier)
	cmd.Stdin = strings.NewReader(lines.String())
	out, err := cmd.CombinedOutput()
	if want := strings.Repeat("true\n", 21) + "false\n"; err != nil || string(out) != want {
		t.Errorf("got %q, %v, want 21 good and the last one bad", out, err)
	}
}

const verifier = `
import { readFileSync } from "node:fs";
const b64 = (s) => Buffer.from(s, "base64url");
for (const line of readFileSync(0, "utf8").trim().split("\n")) {
	const [key, token] = line.split(" ");
	const [head, body, signature] = token.split(".");
	const k = await crypto.subtle.importKey("raw", b64(key), { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
	console.log(await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, k, b64(signature), Buffer.from(head + "." + body)));
}`

func TestTokenIsUsedAgain(t *testing.T) {
	s := &sink{status: 201}
	sender := newSender(t, s)
	const apple = "https://web.push.apple.com/QX"
	var tokens []string
	for _, step := range []struct {
		after    time.Duration
		endpoint string
	}{
		{0, device}, {6*time.Hour - time.Second, device + "d"}, {6 * time.Hour, device},
		{6 * time.Hour, apple}, {0, device}, // the clock went back
	} {
		if err := sender.Send(ctx, step.endpoint, t0.Add(step.after)); err != nil {
			t.Fatal(err)
		}
		r := s.seen[len(s.seen)-1]
		token, public := credentials(t, r.header["Authorization"])
		c, err := verify(token, public)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(step.endpoint, c.Aud+"/") {
			t.Errorf("a token for %s went to %s", c.Aud, step.endpoint)
		}
		if left := c.Exp - t0.Add(step.after).Unix(); left < 6*3600 || left > 12*3600 {
			t.Errorf("the token lives for %d seconds more", left)
		}
		tokens = append(tokens, token)
	}
	if tokens[0] != tokens[1] {
		t.Error("the token was not used again")
	}
	for i, a := range tokens[1:] {
		for _, b := range tokens[i+2:] {
			if a == b {
				t.Error("a token was used where a new one was due")
			}
		}
	}
}

// TestManyHosts: what is remembered does not grow with the hosts.
func TestManyHosts(t *testing.T) {
	s := &sink{status: 201}
	sender := newSender(t, s)
	for i := range 300 {
		if err := sender.Send(ctx, fmt.Sprintf("https://wns2-%d.notify.windows.com/w/?token=a", i), t0); err != nil {
			t.Fatal(err)
		}
		if n := sender.Tokens(); n > 64 {
			t.Fatalf("%d tokens are kept", n)
		}
	}
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		status int
		err    error
		want   error
	}{
		{200, nil, nil}, {201, nil, nil}, {202, nil, nil},
		{404, nil, webpush.ErrGone}, {410, nil, webpush.ErrGone},
		{400, nil, webpush.ErrLater}, {401, nil, webpush.ErrLater}, {403, nil, webpush.ErrLater}, {413, nil, webpush.ErrLater},
		{429, nil, webpush.ErrLater}, {500, nil, webpush.ErrLater}, {503, nil, webpush.ErrLater},
		{301, nil, webpush.ErrLater}, {302, nil, webpush.ErrLater}, {307, nil, webpush.ErrLater}, {0, nil, webpush.ErrLater},
		{0, errors.New("Post " + device + ": refused"), webpush.ErrLater},
	} {
		err := newSender(t, &sink{status: c.status, err: c.err}).Send(ctx, device, t0)
		if !errors.Is(err, c.want) {
			t.Errorf("%d, %v: got %v, want %v", c.status, c.err, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "APA91b") {
			t.Errorf("%d: the error holds the endpoint: %v", c.status, err)
		}
	}
	s := new(sink)
	if err := newSender(t, s).Send(ctx, "https://127.0.0.1/", t0); !errors.Is(err, webpush.ErrGone) || len(s.seen) != 0 {
		t.Errorf("a host that is not known: %v, %d requests", err, len(s.seen))
	}
}

func TestNew(t *testing.T) {
	for name, c := range map[string]struct {
		key, subject string
		good         bool
	}{
		"mailto":                {key, subject, true},
		"https":                 {key, "https://potli.example/contact", true},
		"empty key":             {"", subject, false},
		"padded":                {key + "=", subject, false},
		"31 bytes":              {b64.EncodeToString(bytes.Repeat([]byte{1}, 31)), subject, false},
		"33 bytes":              {b64.EncodeToString(bytes.Repeat([]byte{1}, 33)), subject, false},
		"zero":                  {b64.EncodeToString(make([]byte, 32)), subject, false},
		"beyond the order":      {b64.EncodeToString(bytes.Repeat([]byte{255}, 32)), subject, false},
		"the public key":        {rfcKey, subject, false},
		"no subject":            {key, "", false},
		"http":                  {key, "http://potli.example", false},
		"a bare address":        {key, "push@example.com", false},
		"mailto without domain": {key, "mailto:push", false},
		"localhost":             {key, "mailto:push@localhost", false},
		"https localhost":       {key, "https://localhost:8080", false},
		"no host":               {key, "https:///x", false},
	} {
		s, err := webpush.New(c.key, c.subject, nil)
		if (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && len(c.key) > 40 && strings.Contains(err.Error(), c.key) {
			t.Errorf("%s: the error holds the key", name)
		}
		if err != nil {
			continue
		}
		point, err := b64.DecodeString(s.Key())
		if err != nil || len(point) != 65 || point[0] != 4 {
			t.Errorf("%s: applicationServerKey is %q", name, s.Key())
		}
	}
}
