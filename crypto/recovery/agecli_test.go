//go:build !js

package recovery_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"filippo.io/age"

	"potli/crypto/recovery"
	"potli/e2e/agecli"
)

// The way out: kit.txt opens the backup, although pairs stand in its header; and
// two sheets open a pair, one wrapping each.
func TestStockAge(t *testing.T) {
	tool := agecli.Path(t)
	kit, people, c := circle(t, 3)
	dir := t.TempDir()
	write := func(name string, body []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	decrypt := func(key string, file []byte) []byte {
		var out, fault bytes.Buffer
		cmd := exec.Command(tool, "-d", "-i", key)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(file), &out, &fault
		if err := cmd.Run(); err != nil {
			t.Fatalf("age -d: %v: %s", err, &fault)
		}
		return out.Bytes()
	}
	wallet, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	backup := sealTo(t, "records", append(c.Recipients(), wallet.Recipient())...)
	if got := decrypt(write("kit.txt", []byte(kit.Text())), backup); string(got) != "records" {
		t.Errorf("with the kit: %q", got)
	}
	pairs, err := recovery.Find(bytes.NewReader(backup))
	if err != nil {
		t.Fatal(err)
	}
	for i, pair := range pairs {
		outer := write("outer.txt", []byte(people[i].Text("Asha")))
		inner := write("inner.txt", []byte(people[(i+1)%3].Text("Ravi")))
		key := write("key.txt", decrypt(inner, decrypt(outer, pair)))
		if got := decrypt(key, backup); string(got) != "records" {
			t.Errorf("with the sheets of pair %d: %q", i, got)
		}
	}
}
