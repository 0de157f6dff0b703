package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/relayclient"
	"potli/app/share"
)

// netHTTP is relayclient.HTTP over the standard library.
type netHTTP struct{}

func (netHTTP) Do(ctx context.Context, r relayclient.Request) (relayclient.Response, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return relayclient.Response{}, err
	}
	for k, v := range r.Header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return relayclient.Response{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	out := relayclient.Response{Status: resp.StatusCode, Header: map[string]string{}, Body: body}
	for k := range resp.Header {
		out.Header[strings.ToLower(k)] = resp.Header.Get(k)
	}
	return out, err
}

// peer runs a script of peers/ to its end and returns the last line it printed.
func peer(t *testing.T, script string, args ...string) []byte {
	t.Helper()
	out, err := exec.Command("node", append([]string{filepath.Join("peers", script)}, args...)...).Output()
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return lines[len(lines)-1]
}

// summary is the document the peers exchange.
func summary(t *testing.T) (file string, body []byte) {
	t.Helper()
	file = filepath.Join("..", "app", "fhir", "testdata", "ips-synthetic.json")
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return file, body
}

// makeLink shares a whole document on a relay, as the wallet does.
func makeLink(t *testing.T, relay string, o share.Options) *share.Share {
	t.Helper()
	_, body := summary(t)
	sources := []share.Source{{Meta: record.Meta{ID: "r1", Format: record.FormatFHIR}, Body: body}}
	items := share.ChooseOnly(sources, time.Now())
	words := func(m fhir.Message) string { return m.Key }
	bundle, err := share.Compose(o.Shape, share.Person{Name: "A Sample"}, sources, items, words, time.Now(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	client := relayclient.New(relay, netHTTP{}, rand.Reader)
	s, up, err := share.New(o, "p", items, bundle, client, time.Now(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if s.Status, err = client.Create(t.Context(), s.Ref, up); err != nil {
		t.Fatal(err)
	}
	return s
}

type opened struct {
	OK        bool
	Error     string
	Message   string
	Resources []json.RawMessage
}

func peerOpens(t *testing.T, link, passcode, embedded string) opened {
	t.Helper()
	var got opened
	if err := json.Unmarshal(peer(t, "open.mjs", link, passcode, embedded), &got); err != nil {
		t.Fatal(err)
	}
	return got
}

// SHL-41: nothing beyond the core of the specification is needed to read a
// link of ours.
func TestPeerOpensOurLinks(t *testing.T) {
	t.Parallel()
	relay := startPotli(t, "").Relay
	counter, link := share.Counter(), share.SendLink()
	with := func(passcode, follow bool) share.Options {
		o := link
		o.Passcode, o.Follow = passcode, follow
		return o
	}
	ktcAsLink := link
	ktcAsLink.Shape = share.ShapeKTC
	for _, tt := range []struct {
		flag     string
		options  share.Options
		embedded string
	}{
		{"U", counter, ""},
		{"", link, ""},
		{"", ktcAsLink, "10000000"},
		{"L", with(false, true), ""},
		{"P", with(true, false), "10000000"},
		{"LP", with(true, true), ""},
	} {
		t.Run("flag "+tt.flag+" "+string(tt.options.Shape), func(t *testing.T) {
			s := makeLink(t, relay, tt.options)
			if s.Flag != tt.flag {
				t.Fatalf("flag = %q", s.Flag)
			}
			l := s.Link()
			got := peerOpens(t, l.Prefixed("https://viewer.example/"), s.Passcode, tt.embedded)
			if !got.OK || len(got.Resources) != 1 {
				t.Fatalf("the peer says %s: %s", got.Error, got.Message)
			}
			if !bytes.Contains(got.Resources[0], []byte("enicillin")) {
				t.Error("the peer does not see the allergy")
			}
			if s.Passcode != "" {
				if got := peerOpens(t, l.String(), "wrong", ""); got.OK || got.Error != "SHLInvalidPasscodeError" {
					t.Errorf("with a wrong passcode the peer says %+v", got)
				}
			}
			client := relayclient.New(relay, netHTTP{}, rand.Reader)
			list, dropped, err := client.Receipts(t.Context(), s.Ref, 0)
			if err != nil {
				t.Fatal(err)
			}
			if added := s.OpenReceipts(list, dropped); added == 0 || len(s.Unread) != 0 || s.Opens[0].Recipient != "Peer Clinic" {
				t.Errorf("receipts: %d new, %d unread, %+v", added, len(s.Unread), s.Opens)
			}
			s.Ref.Seq++
			if err := client.Revoke(t.Context(), s.Ref); err != nil {
				t.Fatal(err)
			}
			if got := peerOpens(t, l.String(), s.Passcode, ""); got.OK {
				t.Error("the peer opened a revoked link")
			}
		})
	}
}

// served is a link that a peer serves until the test ends.
type served struct{ Link, Passcode string }

func peerServes(t *testing.T, flag, file, zip string) served {
	t.Helper()
	cmd := exec.Command("node", filepath.Join("peers", "serve.mjs"), flag, file, zip)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	t.Cleanup(func() { once.Do(func() { stdin.Close(); cmd.Wait() }) })
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var s served
	if err := json.Unmarshal(line, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWeOpenAPeersLinks(t *testing.T) {
	file, want := summary(t)
	for _, flag := range []string{"", "L", "P", "LP", "U"} {
		for _, zip := range []string{"", "zip"} {
			t.Run(flag+" "+zip, func(t *testing.T) {
				s := peerServes(t, flag, file, zip)
				l, err := share.Parse("see " + s.Link + " please")
				if err != nil {
					t.Fatal(err)
				}
				fetcher := &relayclient.Fetcher{HTTP: netHTTP{}, Now: time.Now, Sleep: func(context.Context, time.Duration) error { return nil }}
				if s.Passcode != "" {
					_, _, err := share.Receive(t.Context(), fetcher, l, "Potli", "0000")
					if p := passcodeError(err); p == nil || p.Remaining != 4 {
						t.Errorf("with a wrong passcode: %v", err)
					}
				}
				files, _, err := share.Receive(t.Context(), fetcher, l, "Potli", s.Passcode)
				if err != nil || len(files) != 1 || files[0].Err != nil {
					t.Fatalf("receive: %v, %+v", err, files)
				}
				if !sameJSON(t, files[0].Body, want) {
					t.Error("what came is not what the peer sent")
				}
			})
		}
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal(a, &x); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &y); err != nil {
		t.Fatal(err)
	}
	p, _ := json.Marshal(x)
	q, _ := json.Marshal(y)
	return bytes.Equal(p, q)
}

func passcodeError(err error) *share.PasscodeError {
	var p *share.PasscodeError
	if errors.As(err, &p) {
		return p
	}
	return nil
}
