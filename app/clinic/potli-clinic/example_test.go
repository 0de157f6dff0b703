package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"potli/app/consent"
	"potli/app/message"
	"potli/e2e/agecli"
)

// The example that asks does as it says: the person finds a request behind its link and
// answers, small and large, and it has both, while the relay has nothing of either.
func TestExampleAsks(t *testing.T) {
	for _, tool := range []string{"curl", "openssl", "sh"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	age := agecli.Path(t)
	r, folder := startRelay(t), t.TempDir()
	cmd := exec.Command("sh", "../example-ask.sh", "https://view.example", r.url, "Canary Clinic", folder, "2")
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(age)+":"+os.Getenv("PATH"))
	var errs bytes.Buffer
	cmd.Stderr = &errs
	pipe, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	out := bufio.NewScanner(pipe)
	if !out.Scan() {
		t.Fatalf("said nothing: %s", errs.String())
	}
	text, err := consent.ParseAsk(out.Text())
	if err != nil {
		t.Fatalf("%q: %v", out.Text(), err)
	}
	q, err := consent.Parse(text, time.Now())
	if err != nil || q.Signed() || q.From.Name != "Canary Clinic" || q.Reply.Relay != r.url || q.Repeat != consent.Once || q.After != consent.View {
		t.Fatalf("%+v, %v", q, err)
	}
	answer, _ := message.New(message.Answer, q.Reply.ID, message.Sender{Name: "Asha Canary"}, time.Now(), nil)
	answer.Re = "AAAAAAAAAAAAAAAAAAAAAA"
	delivery, _ := message.New(message.Delivery, q.Reply.ID, message.Sender{Name: "Asha Canary"}, time.Now(), nil)
	big := append(bytes.Clone(report[:len(report)-18]), append(bytes.Repeat([]byte("x"), 400_000), "startxref\n0\n%%EOF\n"...)...)
	doc, err := message.Attach("zorbelgar-report.pdf", big)
	if err != nil {
		t.Fatal(err)
	}
	delivery.Documents, delivery.Text = []message.Document{doc}, "CANARYNOTE"
	reply(t, r, q.Reply, "AAAAAAAAAAAAAAAAAAAAAA", answer)
	reply(t, r, q.Reply, "AAAAAAAAAAAAAAAAAAAAAQ", delivery)
	var said []string
	for out.Scan() {
		var line struct{ Type, File string }
		if err := json.Unmarshal(out.Bytes(), &line); err != nil {
			t.Fatalf("%q: %v", out.Text(), err)
		}
		b, err := os.ReadFile(line.File)
		m, bad := message.Parse(b)
		if err != nil || bad != nil || string(m.Type) != line.Type {
			t.Fatalf("%s: %v, %v", line.File, err, bad)
		}
		if said = append(said, line.Type); line.Type == "delivery" && (m.Text != "CANARYNOTE" || !bytes.Equal(m.Documents[0].Body, big)) {
			t.Error("another delivery")
		}
	}
	if err := cmd.Wait(); err != nil || strings.Join(said, " ") != "answer delivery" || errs.Len() != 0 {
		t.Errorf("%v: %q, %s", err, said, errs.String())
	}
	if _, err := r.client().Note(ctx, q.Reply.ID); err == nil {
		t.Error("the mailbox is still there")
	}
	r.holds(t, append(canaries, q.ID)...)
}
