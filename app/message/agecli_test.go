//go:build !js

package message_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"potli/app/message"
	"potli/app/message/messagetest"
	"potli/crypto/jose/josetest"
	"potli/e2e/agecli"
)

// The stock tool opens what is sealed to a recipient, and what it seals is opened
// here: a sender needs no program of ours.
func TestStockAge(t *testing.T) {
	tool, identity := agecli.Path(t), goldenIdentity(t)
	packed := messagetest.Pack(t, sample(t), josetest.EdDSA("a"))
	sealed, err := message.SealTo(packed, identity.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	file, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "message.age")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, "-d", "-i", "testdata/identity.txt", path).Output()
	if err != nil || !bytes.Equal(out, packed) {
		t.Fatalf("the tool does not open it: %v", err)
	}
	seal := exec.Command(tool, "-r", identity.Recipient().String())
	seal.Stdin = bytes.NewReader(packed)
	theirs, err := seal.Output()
	if err != nil {
		t.Fatal(err)
	}
	plain, err := message.OpenAge(base64.RawURLEncoding.EncodeToString(theirs), identity)
	if err != nil || !bytes.Equal(plain, packed) {
		t.Errorf("what the tool sealed does not open: %v", err)
	}
}
