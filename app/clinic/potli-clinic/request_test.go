package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"potli/app/consent"
	"potli/app/inbox"
	"potli/app/message"
	"potli/app/message/messagetest"
	"potli/crypto/jose/josetest"
)

// reply puts a message into the mailbox that a request names, as a wallet does.
func reply(t *testing.T, r *relay, to consent.Mailbox, id string, m *message.Message) {
	t.Helper()
	packed := messagetest.Pack(t, m, nil)
	note, err := r.client().Note(ctx, to.ID)
	if err != nil || inbox.Fingerprint(note.Note) != to.To {
		t.Fatalf("the recipient is not that of the request: %v", err)
	}
	recipient, err := age.ParseHybridRecipient(note.Note)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := message.SealTo(packed, recipient)
	if err == nil {
		err = r.client().Deposit(ctx, to.ID, id, sealed)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// grant is the receipt that a person signs who says yes to a request.
func grant(t *testing.T, q *consent.Request) string {
	t.Helper()
	id, _ := consent.NewID(nil)
	g, err := q.Allow(id, "asha", consent.Choice{}, "", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	device := josetest.EdDSA("device")
	certificate, err := consent.Certify(josetest.EdDSA("user"), 1, "meera", "phone", device.Public(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	jws, err := (&consent.Receipt{
		State: consent.Granted, Issued: time.Now().UTC().Truncate(time.Second), Terms: *g, Notice: q.Notice, Principal: "Asha Canary",
		Actor: consent.Actor{User: "meera", Device: "phone", Name: "Meera", Authority: "guardian"},
	}).Sign(device, certificate)
	if err != nil {
		t.Fatal(err)
	}
	return jws
}

// A clinic asks, the person finds the request in the inbox and answers with a
// document and a receipt, the clinic has both, and the relay has nothing of either.
func TestRequest(t *testing.T) {
	r := startRelay(t)
	w := newWallet(r)
	d, link := w.drop(t, r, nil)
	dir := t.TempDir()
	key, state, out := filepath.Join(dir, "key.json"), filepath.Join(dir, "state.json"), filepath.Join(dir, "out")
	potliClinic(t, "", "keys", "new", "--key", key)
	args := []string{"request", "-", "--name", "Canary Clinic", "--state", state, "--key", key, "--purpose", "CAREMGT", "--why", "ZORBELGAR check",
		"--kinds", "Prescription,DiagnosticReport", "--first", "2025-01-01", "--until", time.Now().AddDate(0, 6, 0).Format(time.DateOnly), "--follow", "--viewer", "https://viewer.example"}
	got := potliClinic(t, link, args...)
	var asked askedFor
	if err := json.Unmarshal([]byte(got.out), &asked); err != nil || got.code != 0 || asked.For != "Asha Canary" {
		t.Fatalf("%+v, %v", got, err)
	}
	if text, err := consent.ParseAsk(asked.Link); err != nil || text != asked.Request || !strings.HasPrefix(asked.Link, "https://viewer.example/ask#") {
		t.Errorf("the link %q: %v", asked.Link, err)
	}
	if info, err := os.Stat(state); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("others can read the state: %v", err)
	}
	if again := potliClinic(t, link, args...); again.code != exitFailed || !strings.Contains(again.err, "exists") {
		t.Errorf("over another request's secrets: %+v", again)
	}

	list := w.collect(t, d)
	if len(list) != 1 || list[0].Type != message.Request {
		t.Fatalf("%d came, refused %v", len(list), d.Refused)
	}
	q, err := consent.Parse(list[0].Request, time.Now())
	if err != nil || !q.Signed() || q.From.Key != list[0].Signer || q.ID != asked.ID || q.Hash() != asked.Hash || q.Repeat != consent.Follow || q.After != consent.View ||
		!slices.Equal(q.Kinds, []consent.Kind{consent.Report, consent.Prescription}) || q.Purpose.Text != "ZORBELGAR check" {
		t.Fatalf("%+v, %v", q, err)
	}
	if early := potliClinic(t, "", "wait", "--state", state, "--out", out, "--for", "100ms"); early.code != exitLater || !strings.Contains(early.err, "nothing came") {
		t.Errorf("before the answer: %+v", early)
	}

	// The answer, something that does not belong there, and the answer once more.
	m, _ := message.New(message.Delivery, q.Reply.ID, message.Sender{Name: "Asha Canary"}, time.Now(), nil)
	doc, err := message.Attach("zorbelgar-report.pdf", report)
	if err != nil {
		t.Fatal(err)
	}
	m.Documents, m.Re, m.Text = []message.Document{doc}, list[0].ID, "CANARYNOTE"
	m.Receipt, m.Reply = grant(t, q), link
	spam, _ := message.New(message.Documents, q.Reply.ID, message.Sender{Name: "x"}, time.Now(), nil)
	spam.Text = "buy now"
	reply(t, r, q.Reply, "AAAAAAAAAAAAAAAAAAAAAA", m)
	reply(t, r, q.Reply, "AAAAAAAAAAAAAAAAAAAAAQ", spam)
	reply(t, r, q.Reply, "AAAAAAAAAAAAAAAAAAAAAg", m)
	r.holds(t, append(canaries, q.ID, asked.Request)...)
	came := potliClinic(t, "", "wait", "--state", state, "--out", out, "--for", "1m")
	var a answers
	if err := json.Unmarshal([]byte(came.out), &a); err != nil || came.code != 0 || len(a.Messages) != 1 {
		t.Fatalf("%+v, %v", came, err)
	}
	one := a.Messages[0]
	if one.Type != message.Delivery || one.Re != list[0].ID || one.Text != "CANARYNOTE" || a.Refused[inbox.Unwanted] != 1 || a.Refused[inbox.Replayed] != 1 {
		t.Errorf("%+v, refused %v", one, a.Refused)
	}
	if b, err := os.ReadFile(one.Documents[0].File); err != nil || !bytes.Equal(b, report) {
		t.Errorf("the document: %v", err)
	}
	if b, err := os.ReadFile(one.File); err != nil {
		t.Error(err)
	} else if back, err := message.Parse(b); err != nil || back.ID != m.ID {
		t.Errorf("the message: %v", err)
	}
	r.holds(t, canaries...)

	// The receipt is genuine, and the clinic says that it has it.
	receipt := write(t, "receipt.jws", []byte(one.Receipt+"\n"))
	accepted := potliClinic(t, one.Reply, "sign", receipt, "--name", "Canary Clinic", "--key", key, "--to", "-")
	var counter signed
	if err := json.Unmarshal([]byte(accepted.out), &counter); err != nil || accepted.code != 0 || counter.Sent == nil {
		t.Fatalf("%+v, %v", accepted, err)
	}
	if back := w.collect(t, d); len(back) != 1 || back[0].Type != message.Receipt || back[0].Receipt != counter.Countersignature {
		t.Errorf("the person got %d messages", len(back))
	}
	proof := potliClinic(t, counter.Countersignature, "verify", receipt, "-")
	var says verified
	if err := json.Unmarshal([]byte(proof.out), &says); err != nil || proof.code != 0 || says.Principal != "Asha Canary" || says.To.Key != counter.Signer ||
		says.Accepted == nil || says.Accepted.By.Key != counter.Signer {
		t.Errorf("%+v, %v", proof, err)
	}

	// What comes later comes, and what came does not come again.
	later, _ := message.New(message.Revoked, q.Reply.ID, message.Sender{Name: "Asha Canary"}, time.Now(), nil)
	later.Re = list[0].ID
	go func() {
		time.Sleep(300 * time.Millisecond) // it waits at the relay by then, or finds it there
		reply(t, r, q.Reply, "AAAAAAAAAAAAAAAAAAAAAw", later)
	}()
	came = potliClinic(t, "", "wait", "--state", state, "--out", out, "--for", "1m")
	if err := json.Unmarshal([]byte(came.out), &a); err != nil || came.code != 0 || len(a.Messages) != 1 || a.Messages[0].Type != message.Revoked {
		t.Errorf("%+v, %v", came, err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*"))
	for _, f := range append(files, state) {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("others can read a file: %v", err)
		}
	}
}

// What cannot be asked is said by the flag, and nothing is written or sent.
func TestRequestRefusals(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	until := time.Now().AddDate(0, 6, 0).Format(time.DateOnly)
	good := []string{"request", "--name", "x", "--state", state, "--relay", "http://localhost:1", "--unsigned"}
	for name, c := range map[string]struct {
		code int
		says string
		args []string
	}{
		"no state":        {exitUsage, "--state", []string{"request", "--name", "x"}},
		"no relay":        {exitUsage, "--relay", []string{"request", "--name", "x", "--state", state}},
		"no end":          {exitUsage, "--until", append(good, "--purpose", "CAREMGT", "--kinds", "Prescription")},
		"no purpose":      {exitUsage, "--purpose", append(good, "--until", until, "--kinds", "Prescription")},
		"no such kind":    {exitUsage, "--kinds", append(good, "--until", until, "--purpose", "CAREMGT", "--kinds", "ZORBELGAR")},
		"no day":          {exitUsage, "--first", append(good, "--until", until, "--purpose", "CAREMGT", "--kinds", "Prescription", "--first", "ZORBELGAR")},
		"past":            {exitUsage, "passed", append(good, "--until", "2001-01-01", "--purpose", "CAREMGT", "--kinds", "Prescription")},
		"a hundred years": {exitUsage, "longer than", append(good, "--until", "2199-01-01", "--purpose", "CAREMGT", "--kinds", "Prescription")},
		"a plain relay":   {exitUsage, "--relay", append(good, "--relay", "http://relay.example", "--until", until, "--purpose", "CAREMGT", "--kinds", "Prescription")},
		"a damaged code":  {exitNo, "drop code", append(good, "https://a/drop#ZORBELGAR")},
		"waiting nowhere": {exitUsage, "--out", []string{"wait", "--state", state}},
		"no state there":  {exitFailed, "no such file", []string{"wait", "--state", state, "--out", state}},
		"another file":    {exitFailed, "reading the state", []string{"wait", "--state", write(t, "a", []byte("{}")), "--out", state}},
	} {
		if got := potliClinic(t, "", c.args...); got.code != c.code || !strings.Contains(got.err, c.says) || got.out != "" {
			t.Errorf("%s: %+v, want %d and %q", name, got, c.code, c.says)
		}
	}
	if _, err := os.Stat(state); err == nil {
		t.Error("the state was written")
	}
}
