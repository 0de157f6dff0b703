package main

import (
	"bytes"
	"crypto/hpke"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"potli/app/consent"
	"potli/app/inbox"
	"potli/app/message"
	"potli/app/message/messagetest"
	"potli/app/relayclient"
	"potli/app/relayclient/direct"
	"potli/app/share"
	"potli/crypto/jose"
	"potli/e2e/agecli"
)

// A clinic gives a report and a prescription, under both forms of a code; the
// person finds them whole, signed by the key they know; the relay has nothing of
// it. When the person has ended the code, the clinic is told.
func TestDrop(t *testing.T) {
	r := startRelay(t)
	w := newWallet(r)
	key := filepath.Join(t.TempDir(), "key.json")
	made := potliClinic(t, "", "keys", "new", "--key", key)
	var public shownKey
	if err := json.Unmarshal([]byte(made.out), &public); err != nil || made.code != 0 {
		t.Fatalf("%+v, %v", made, err)
	}
	secret, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	pdf, fhir := write(t, "zorbelgar-report.pdf", report), write(t, "rx.json", rx)
	for _, system := range []bool{false, true} {
		d, link := w.drop(t, r, func(t *inbox.Terms) { t.System = system })
		args := []string{"drop", "-", pdf, fhir, "--name", "Canary Clinic", "--note", "CANARYNOTE", "--origin", "https://clinic.example",
			"--id", "https://facility.abdm.gov.in=IN27", "--key", key}
		got := potliClinic(t, link, args...)
		if got.code != 0 || got.err != "" {
			t.Fatalf("system %t: %+v", system, got)
		}
		var sent dropped
		if err := json.Unmarshal([]byte(got.out), &sent); err != nil || sent.Documents != 2 || sent.Signer != public.Thumbprint || sent.For != "Asha Canary" {
			t.Errorf("%s, %v", got.out, err)
		}
		r.holds(t, append(canaries, d.ID, d.Token, link, string(bytes.TrimSpace(secret)))...)
		list := w.collect(t, d)
		if len(list) != 1 {
			t.Fatalf("%d messages", len(list))
		}
		m := list[0]
		if m.Signer != public.Thumbprint || m.From.Name != "Canary Clinic" || m.From.IDs[0].Value != "IN27" || m.Text != "CANARYNOTE" ||
			!bytes.Equal(m.Documents[0].Body, report) || !bytes.Equal(m.Documents[1].Body, rx) || m.Documents[1].Format != "application/fhir+json" {
			t.Errorf("%+v", m)
		}
		it := w.Item(m.ID)
		if trust, _ := it.Trust([]inbox.Pin{{Thumbprint: public.Thumbprint, Name: "Canary Clinic"}}); trust != inbox.TrustKnown {
			t.Errorf("trust: %s", trust)
		}
		if err := it.Accept(time.Now()); err != nil {
			t.Error(err)
		}
		d.Revoke(time.Now())
		if err := w.mail.Close(ctx, d.Box()); err != nil {
			t.Fatal(err)
		}
		if got := potliClinic(t, link, args...); got.code != exitNo || !strings.Contains(got.err, "no longer there") {
			t.Errorf("after it was ended: %+v", got)
		}
		r.holds(t, canaries...)
	}
}

// A thousand letters under one code through the real relay: the last is the one
// that matters.
func TestFloodOverTheRelay(t *testing.T) {
	r := startRelay(t)
	w := newWallet(r)
	d, link := w.drop(t, r, nil)
	code, err := inbox.ParseCode(link)
	if err != nil {
		t.Fatal(err)
	}
	m, _ := message.New(message.Documents, d.ID, message.Sender{Name: "x"}, time.Now(), nil)
	m.Text = "buy now"
	packed := messagetest.Pack(t, m, nil)
	sealed, _ := message.SealKey(packed, code.Key, nil)
	relay := r.client()
	var all sync.WaitGroup
	for part := range 8 {
		all.Go(func() {
			for i := range 999 {
				if i%8 == part { // the same message again and again, as a machine sends it
					if err := relay.Deposit(ctx, code.ID, fmt.Sprintf("AAAAAAAAAAAAAAAAAA%03dA", i), sealed); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	if got := potliClinic(t, link, "drop", "-", write(t, "a.pdf", report), "--name", "Clinic", "--unsigned"); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	if got := potliClinic(t, link, "drop", "-", write(t, "a.pdf", report), "--name", "Clinic", "--unsigned"); got.code != exitLater || !strings.Contains(got.err, "full") {
		t.Errorf("beyond the mailbox: %+v", got)
	}
	list := w.collect(t, d)
	if len(list) != 2 || len(w.Waiting(time.Now())) != 2 || d.Refused[inbox.Replayed] != 998 || d.Waits != 0 {
		t.Errorf("%d came, refused %v, %d wait", len(list), d.Refused, d.Waits)
	}
}

// What cannot be done is said in words with a code of its own, and nothing is sent.
func TestRefusals(t *testing.T) {
	r := startRelay(t)
	w := newWallet(r)
	d, link := w.drop(t, r, nil)
	w.drop(t, r, func(t *inbox.Terms) { t.System = true })
	small, smallLink := w.drop(t, r, func(t *inbox.Terms) { t.Bytes = 10 })
	expired := *d
	expired.Expires = time.Now().Add(-time.Hour)
	old, _ := expired.Link("https://view.example")
	// Whoever stands before the relay names himself.
	other, err := inbox.NewDrop(inbox.Terms{Name: "x", Relay: r.url, Life: time.Hour, Most: 1, Bytes: 1, System: true}, time.Now(), nil)
	if err != nil {
		t.Fatal(err)
	}
	posing := *w.Drops[1]
	posing.Identity, posing.Begun = other.Identity, 1
	swapped, _ := posing.Link("https://view.example")
	pdf, exe, none := write(t, "zorbelgar-report.pdf", report), write(t, "a.pdf", []byte("MZ\x90\x00ZORBELGAR")), write(t, "a.pdf", nil)
	openKey := write(t, "key.json", []byte("{}"))
	if err := os.Chmod(openKey, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		code int
		says string
		in   string
		args []string
	}{
		"nothing":             {exitUsage, "say what to do", "", nil},
		"another word":        {exitUsage, "no such command", "", []string{"ZORBELGAR"}},
		"an unknown flag":     {exitUsage, "a flag", "", []string{"drop", "-", pdf, "--ZORBELGAR"}},
		"no name":             {exitUsage, "--name", link, []string{"drop", "-", pdf}},
		"no code":             {exitNo, "no drop code", "ZORBELGAR", []string{"drop", "-", pdf, "--name", "x"}},
		"half a code":         {exitNo, "damaged", link[:100], []string{"drop", "-", pdf, "--name", "x"}},
		"expired":             {exitNo, "expired", old, []string{"drop", "-", pdf, "--name", "x"}},
		"no file there":       {exitFailed, "file 2: no such file", link, []string{"drop", "-", pdf, pdf + "ZORBELGAR", "--name", "x"}},
		"nothing to send":     {exitUsage, "nothing to send", link, []string{"drop", "-", "--name", "x"}},
		"a program":           {exitNo, "file 2: it is of a kind", link, []string{"drop", "-", pdf, exe, "--name", "x"}},
		"an empty file":       {exitNo, "file 1: it is empty", link, []string{"drop", "-", none, "--name", "x"}},
		"six of five":         {exitNo, "more documents", link, []string{"drop", "-", pdf, pdf, pdf, pdf, pdf, pdf, "--name", "x"}},
		"large":               {exitNo, "larger", smallLink, []string{"drop", "-", pdf, "--name", "x"}},
		"another recipient":   {exitUnproven, "another recipient", swapped, []string{"drop", "-", pdf, "--name", "x"}},
		"an origin of none":   {exitUsage, "origin", link, []string{"drop", "-", pdf, "--name", "x", "--origin", "clinic"}},
		"an id of no system":  {exitUsage, "a flag", link, []string{"drop", "-", pdf, "--name", "x", "--id", "IN27"}},
		"a key for all":       {exitFailed, "chmod 600", link, []string{"drop", "-", pdf, "--name", "x", "--key", openKey}},
		"no key where told":   {exitFailed, "no such file", link, []string{"drop", "-", pdf, "--name", "x", "--key", pdf + "ZORBELGAR"}},
		"a key of none":       {exitFailed, "not one that", link, []string{"drop", "-", pdf, "--name", "x", "--key", pdf}},
		"no link":             {exitNo, "no health link", "hello", []string{"open", "-", "--name", "x"}},
		"a damaged link":      {exitNo, "damaged", "shlink:/e30", []string{"open", "-", "--name", "x"}},
		"a link by nobody":    {exitUsage, "--name", "", []string{"open", "-"}},
		"no receipt":          {exitUnproven, "no receipt", "hello", []string{"verify", "-"}},
		"keys of what":        {exitUsage, "new, show or jwks", "", []string{"keys", "ZORBELGAR", "--key", openKey}},
		"keys, and more keys": {exitUsage, "too few words, or too many", "", []string{"keys", "new", "show"}},
	} {
		if got := potliClinic(t, c.in, c.args...); got.code != c.code || !strings.Contains(got.err, c.says) || got.out != "" {
			t.Errorf("%s: %+v, want %d and %q", name, got, c.code, c.says)
		}
	}
	for _, d := range []*inbox.Drop{d, w.Drops[1], small} {
		if list := w.collect(t, d); len(list) > 0 {
			t.Errorf("something was sent: %+v", list[0])
		}
	}
}

func TestKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key.json")
	first := potliClinic(t, "", "keys", "new", "--key", path)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
	before, _ := os.ReadFile(path)
	if again := potliClinic(t, "", "keys", "--key", path, "new"); again.code != exitFailed || !strings.Contains(again.err, "exists") {
		t.Errorf("over another: %+v", again)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the key was changed")
	}
	if show := potliClinic(t, "", "keys", "show", "--key", path); show.out != first.out || show.code != 0 {
		t.Errorf("%+v", show)
	}
	set := potliClinic(t, "", "keys", "jwks", "--key="+path)
	list, err := jose.ParseJWKS([]byte(set.out))
	if err != nil || len(list) != 1 || !strings.Contains(first.out, list[0].Thumbprint()) {
		t.Errorf("%s, %v", set.out, err)
	}
	var key struct{ D string }
	if json.Unmarshal(before, &key) != nil || key.D == "" || strings.Contains(first.out+set.out, key.D) {
		t.Error("the secret is shown")
	}
	os.Chmod(path, 0o640)
	if show := potliClinic(t, "", "keys", "show", "--key", path); show.code != exitFailed {
		t.Errorf("a key for others to read: %+v", show)
	}
	if made := potliClinic(t, "", "keys", "new"); made.code != 0 { // in the place for settings
		t.Errorf("%+v", made)
	}
}

// A link is opened as any conformant viewer does: directly, and with a passcode.
func TestOpen(t *testing.T) {
	r := startRelay(t)
	bundle := []byte(`{"resourceType":"Bundle","type":"collection","entry":[]}`)
	key := bytes.Repeat([]byte{5}, 32)
	jwe, err := jose.Encrypt(key, share.TypeFHIR, bundle, nil)
	if err != nil {
		t.Fatal(err)
	}
	receipts, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	link := func(flag, passcode string) string {
		ref := share.Ref{ID: inbox.Fingerprint(flag), Token: inbox.Fingerprint("token" + flag), Seq: 1}
		c := relayclient.New(r.url, direct.HTTP{}, strings.NewReader(strings.Repeat("salt", 100)))
		up := share.Upload{Flag: flag, Life: time.Hour, Uses: 10, Passcode: passcode, ReceiptKey: receipts.PublicKey().Bytes(), JWE: jwe, Type: share.TypeFHIR}
		if _, err := c.Create(ctx, ref, up); err != nil {
			t.Fatal(err)
		}
		return share.Link{URL: c.URL(ref.ID), Key: key, Flag: flag, Version: 1}.String()
	}
	direct := link("U", "")
	got := potliClinic(t, "see "+direct, "open", "-", "--name", "Dr Rao")
	var answer openedLink
	if err := json.Unmarshal([]byte(got.out), &answer); err != nil || got.code != 0 || len(answer.Files) != 1 || answer.Files[0].Size != len(bundle) {
		t.Fatalf("%+v, %v", got, err)
	}
	dir := filepath.Join(t.TempDir(), "visit")
	got = potliClinic(t, "", "open", direct, "--name", "Dr Rao", "--out", dir)
	if b, err := os.ReadFile(filepath.Join(dir, "01.json")); err != nil || !bytes.Equal(b, bundle) || got.code != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if info, err := os.Stat(filepath.Join(dir, "01.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read it: %v", err)
	}
	locked := link("P", "482913")
	for _, c := range []struct {
		passcode string
		code     int
		says     string
	}{{"", exitPasscode, "--passcode-file"}, {"000000", exitPasscode, "tries left"}, {"482913", 0, ""}} {
		args := []string{"open", locked, "--name", "Dr Rao"}
		if c.passcode != "" {
			args = append(args, "--passcode-file", write(t, "passcode", []byte(c.passcode+"\n")))
		}
		if got := potliClinic(t, "", args...); got.code != c.code || !strings.Contains(got.err, c.says) {
			t.Errorf("%q: %+v", c.passcode, got)
		}
	}
}

func TestVerify(t *testing.T) {
	const golden = "../../consent/testdata/receipt-1.jws"
	good := potliClinic(t, "", "verify", golden)
	var says verified
	if err := json.Unmarshal([]byte(good.out), &says); err != nil || good.code != 0 || says.Root == "" || says.To.Name == "" {
		t.Fatalf("%+v, %v", good, err)
	}
	b, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	v, err := consent.Verify(strings.TrimSpace(string(b)))
	if err != nil || says.Receipt != v.Hash() || says.Principal != v.Principal {
		t.Errorf("%+v, %v", says, err)
	}
	const counter = "../../consent/testdata/countersignature-1.jws"
	if got := potliClinic(t, "", "verify", golden, counter); json.Unmarshal([]byte(got.out), &says) != nil || got.code != 0 || says.Accepted == nil || says.Accepted.By.Name == "" {
		t.Errorf("countersigned: %+v", got)
	}
	if got := potliClinic(t, "", "verify", golden, golden); got.code != exitUnproven || !strings.Contains(got.err, "countersignature") {
		t.Errorf("countersigned by itself: %+v", got)
	}
	// The receipt is for another key than ours.
	key := filepath.Join(t.TempDir(), "key.json")
	potliClinic(t, "", "keys", "new", "--key", key)
	if got := potliClinic(t, "", "sign", golden, "--name", "x", "--key", key); got.code != exitUnproven || !strings.Contains(got.err, "another key") {
		t.Errorf("signed by another: %+v", got)
	}
	if got := potliClinic(t, "", "sign", golden, "--name", "x"); got.code != exitUsage || !strings.Contains(got.err, "keys new") {
		t.Errorf("signed without a key: %+v", got)
	}
	b[len(b)/2] ^= 1
	if got := potliClinic(t, string(b), "verify", "-"); got.code != exitUnproven || got.out != "" {
		t.Errorf("changed: %+v", got)
	}
}

// The example for systems without this program does as it says.
func TestExample(t *testing.T) {
	for _, tool := range []string{"curl", "openssl", "sh"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	age := agecli.Path(t)
	r := startRelay(t)
	w := newWallet(r)
	d, link := w.drop(t, r, func(t *inbox.Terms) { t.System = true })
	example := func(link string, args ...string) ran {
		cmd := exec.Command("sh", append([]string{"../example.sh"}, args...)...)
		cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(age)+":"+os.Getenv("PATH"))
		var out, errs bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(link+"\n"), &out, &errs
		cmd.Run()
		return ran{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
	}
	big := append(bytes.Clone(report[:len(report)-18]), append(bytes.Repeat([]byte("x"), 150_000), "startxref\n0\n%%EOF\n"...)...)
	for _, body := range [][]byte{report, big} {
		if got := example("Code: "+link, write(t, "zorbelgar-report.pdf", body), "Canary Clinic"); got.code != 0 || got.err != "" {
			t.Fatalf("%+v", got)
		}
		r.holds(t, canaries...)
		list := w.collect(t, d)
		if len(list) != 1 || list[0].From.Name != "Canary Clinic" || list[0].Signer != "" || !bytes.Equal(list[0].Documents[0].Body, body) || list[0].Documents[0].Fault != nil {
			t.Errorf("%+v, refused %v", list, d.Refused)
		}
	}
	_, browser := w.drop(t, r, nil)
	other, _ := inbox.NewDrop(inbox.Terms{Name: "x", Relay: r.url, Life: time.Hour, Most: 1, Bytes: 1, System: true}, time.Now(), nil)
	posing := *d
	posing.Identity = other.Identity
	swapped, _ := posing.Link("https://view.example")
	ended := *other
	ended.Begun = 1
	gone, _ := ended.Link("https://view.example")
	pdf := write(t, "a.pdf", report)
	for _, c := range []struct {
		link string
		code int
		says string
	}{{"hello", 3, "no drop code"}, {browser, 3, "for browsers"}, {swapped, 6, "another recipient"}, {gone, 3, "no longer there"}} {
		if got := example(c.link, pdf, "x"); got.code != c.code || !strings.Contains(got.err, c.says) {
			t.Errorf("%s: %+v", c.says, got)
		}
	}
}

// The manual names every command, every flag and every exit code.
func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"--help"}, {"drop", "-h"}} {
		got := potliClinic(t, "", args...)
		if got.code != 0 || got.out != manual || got.err != "" {
			t.Errorf("%v: %+v", args, got.code)
		}
	}
	for _, c := range commands() {
		if !strings.Contains(manual, "potli-clinic "+c.name+" ") && !strings.Contains(manual, "potli-clinic "+c.name+"\n") {
			t.Errorf("%s is not in the manual", c.name)
		}
	}
	for code := exitDone; code <= exitUnproven; code++ {
		if !strings.Contains(manual, fmt.Sprintf("\n    %d   ", code)) {
			t.Errorf("exit code %d is not in the manual", code)
		}
	}
	for _, line := range strings.Split(manual, "\n") {
		if len(line) > 80 {
			t.Errorf("too wide: %s", line)
		}
	}
}
