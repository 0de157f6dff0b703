package quick_test

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"strings"
	"testing"

	"filippo.io/age"

	"potli/crypto/quick"
)

var generate = flag.Bool("generate", false, "make golden files that do not exist yet; existing ones are never written again")

func lock(t testing.TB, keys string) (file, secret []byte) {
	t.Helper()
	file, secret, err := quick.Lock([]byte(keys))
	if err != nil {
		t.Fatal(err)
	}
	return file, secret
}

func TestLockUnlock(t *testing.T) {
	file, secret := lock(t, "keys")
	got, err := quick.Unlock(file, secret)
	if err != nil || string(got) != "keys" {
		t.Errorf("Unlock: %q, %v", got, err)
	}
	if len(secret) >= 100 {
		t.Errorf("a secret of %d bytes", len(secret))
	}
	// The stock library opens it with the secret as an identity.
	ids, err := age.ParseIdentities(bytes.NewReader(secret))
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(bytes.NewReader(file), ids...)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(r); err != nil || string(plain) != "keys" {
		t.Errorf("age: %q, %v", plain, err)
	}
	again, other := lock(t, "keys")
	if bytes.Equal(again, file) || bytes.Equal(other, secret) {
		t.Error("two files of one secret")
	}
}

func TestLockRefuses(t *testing.T) {
	if _, _, err := quick.Lock(make([]byte, 1<<20)); err == nil {
		t.Error("a file was made that Unlock would not read")
	}
}

func seal(t *testing.T, to ...age.Recipient) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to...)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "keys")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestUnlockRefuses(t *testing.T) {
	file, secret := lock(t, "keys")
	_, other := lock(t, "keys")
	mine, err := age.ParseHybridIdentity(string(secret))
	if err != nil {
		t.Fatal(err)
	}
	x25519, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(file)
	flipped[len(flipped)-1] ^= 1
	for _, tt := range []struct {
		name         string
		file, secret []byte
		want         error
	}{
		{"its own", file, secret, nil},
		{"another secret", file, other, quick.ErrWrongKey},
		{"no secret", file, nil, quick.ErrWrongKey},
		{"not a secret", file, []byte("AGE-SECRET-KEY-PQ-1"), quick.ErrWrongKey},
		{"an older kind of secret", file, []byte(x25519.String()), quick.ErrWrongKey},
		{"empty", nil, secret, quick.ErrDamaged},
		{"not age", []byte("hello"), secret, quick.ErrDamaged},
		{"huge", make([]byte, 1<<20), secret, quick.ErrDamaged},
		{"cut short", file[:len(file)-1], secret, quick.ErrDamaged},
		{"longer", append(bytes.Clone(file), 0), secret, quick.ErrDamaged},
		{"flipped", flipped, secret, quick.ErrDamaged},
		{"of another kind", seal(t, x25519.Recipient()), secret, quick.ErrDamaged},
		{"of two keys", seal(t, mine.Recipient(), mine.Recipient()), secret, quick.ErrDamaged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := quick.Unlock(tt.file, tt.secret)
			if !errors.Is(err, tt.want) || (err == nil) != (string(got) == "keys") {
				t.Errorf("Unlock: %q, %v; want %v", got, err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "SECRET") {
				t.Error("the error shows the secret")
			}
		})
	}
}

// golden files: what a release sealed must open for ever. This secret protects nothing.
const (
	goldenFile   = "testdata/unlock-quick.age"
	goldenSecret = "testdata/secret.txt"
	goldenKeys   = "the keys of a device"
)

func TestGolden(t *testing.T) {
	if _, err := os.Stat(goldenFile); *generate && os.IsNotExist(err) {
		file, secret := lock(t, goldenKeys)
		os.MkdirAll("testdata", 0o755)
		os.WriteFile(goldenFile, file, 0o644)
		os.WriteFile(goldenSecret, append(secret, '\n'), 0o644)
	}
	file, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := os.ReadFile(goldenSecret)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := quick.Unlock(file, bytes.TrimSpace(secret))
	if err != nil || string(keys) != goldenKeys {
		t.Errorf("Unlock: %q, %v", keys, err)
	}
}

func FuzzUnlock(f *testing.F) {
	file, secret := lock(f, "keys")
	f.Add(file, secret)
	f.Add(file[:len(file)/2], secret)
	f.Add([]byte("age-encryption.org/v1\n-> mlkem768x25519\n\n--- \n"), secret)
	f.Fuzz(func(t *testing.T, file, secret []byte) {
		if keys, err := quick.Unlock(file, secret); err != nil && keys != nil {
			t.Error("keys with an error")
		}
	})
}
