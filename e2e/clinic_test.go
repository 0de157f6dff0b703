package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"potli/app/inbox"
	"potli/app/message"
	"potli/app/relayclient"
	"potli/app/relayclient/direct"
)

// tray is a wallet's inbox outside a browser.
type tray struct {
	inbox.Inbox
	bodies [][]byte
}

func (w *tray) Keep(_ context.Context, _ *inbox.Drop, a *inbox.Arrival) error {
	if a != nil {
		w.bodies = append(w.bodies, a.Body)
	}
	return nil
}

// TestClinicCommand: the command of providers gives a document of a megabyte to a
// person's inbox, under both forms of a code and over the real relay, on Workers
// too. Nothing of it is in the relay's store or log; a code that was ended takes
// nothing.
func TestClinicCommand(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	ctx, dir := context.Background(), t.TempDir()
	tool := filepath.Join(dir, "potli-clinic")
	command(t, nil, "go", "build", "-o", tool, "./app/clinic/potli-clinic")
	report := []byte("%PDF-1.4\n% ZORBELGAR\n" + strings.Repeat("haemoglobin 13.2\n", 60_000) + "startxref\n0\n%%EOF\n")
	path := filepath.Join(dir, "report.pdf")
	if err := os.WriteFile(path, report, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(link string, args ...string) (out, errs string, code int) {
		cmd := exec.Command(tool, args...)
		var o, e bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(link), &o, &e
		cmd.Run()
		return o.String(), e.String(), cmd.ProcessState.ExitCode()
	}
	key := filepath.Join(dir, "key.json")
	if _, errs, code := run("", "keys", "new", "--key", key); code != 0 {
		t.Fatal(errs)
	}
	mail := relayclient.Drops(relayclient.New(p.Relay, direct.HTTP{}, nil))
	for _, system := range []bool{false, true} {
		w := &tray{}
		d, err := inbox.NewDrop(inbox.Terms{Name: "Asha", Relay: p.Relay, Life: time.Hour, Most: 3, Bytes: 5 << 20, System: system}, time.Now(), nil)
		if err == nil {
			err = d.Open(ctx, mail, time.Now)
		}
		if err != nil {
			t.Fatal(err)
		}
		link, err := d.Link(p.Viewer)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		out, errs, code := run(link, "drop", "-", path, "--name", "Canary Clinic", "--note", "CANARYNOTE", "--key", key)
		var sent struct{ Documents int }
		if json.Unmarshal([]byte(out), &sent) != nil || code != 0 || sent.Documents != 1 {
			t.Fatalf("%d: %s%s", code, out, errs)
		}
		r, err := w.Collect(ctx, mail, d, w, time.Now)
		if err != nil || len(r.Arrived) != 1 || r.Waits != 0 {
			t.Fatalf("%+v, %v, refused %v", r, err, d.Refused)
		}
		t.Logf("system %t: 1 MB in the inbox %d ms after the command began", system, time.Since(began).Milliseconds())
		m, err := message.Parse(w.bodies[0])
		if err != nil || m.Signer == "" || m.Text != "CANARYNOTE" || !bytes.Equal(m.Documents[0].Body, report) {
			t.Errorf("%+v, %v", m, err)
		}
		if err := mail.Close(ctx, d.Box()); err != nil {
			t.Fatal(err)
		}
		if _, errs, code := run(link, "drop", "-", path, "--name", "Canary Clinic"); code != 3 || strings.Contains(errs, d.ID) {
			t.Errorf("after it was ended: %d, %s", code, errs)
		}
		for _, secret := range []string{"ZORBELGAR", "Canary Clinic", "CANARYNOTE", "report.pdf", d.ID, d.Token} {
			if strings.Contains(p.out.String(), secret) {
				t.Errorf("the log holds %q", secret)
			}
			noFileHolds(t, p.Data, secret)
		}
	}
}

// noFileHolds fails for each file below dir that holds a secret readably.
func noFileHolds(t testing.TB, dir, secret string) {
	t.Helper()
	seen := 0
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if seen++; bytes.Contains(b, []byte(secret)) {
			t.Errorf("%s holds %q", filepath.Base(path), secret)
		}
		return err
	})
	if err != nil || seen == 0 {
		t.Errorf("looked at %d files: %v", seen, err)
	}
}
