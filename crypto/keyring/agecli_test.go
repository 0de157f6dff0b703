//go:build !js

package keyring_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"potli/e2e/agecli"
)

// The way out, with nothing of ours: from the kit to the user file, from the keys
// in it to the copies of the profiles' keys, and from those to the records.
//
//	age -d -i kit.txt user.age | grep -o 'AGE-SECRET-KEY-PQ-1[A-Z0-9]*' > keys.txt
//	age -d -i keys.txt ring.age | grep -o 'AGE-SECRET-KEY-PQ-1[A-Z0-9]*' >> keys.txt
//	age -d -i keys.txt record.age
func TestStockAgeWalksDown(t *testing.T) {
	age := agecli.Path(t)
	keys := filepath.Join(t.TempDir(), "keys.txt")
	decrypt := func(with, name string) []byte {
		t.Helper()
		var out, errs bytes.Buffer
		cmd := exec.Command(age, "-d", "-i", with, goldens+name)
		cmd.Stdout, cmd.Stderr = &out, &errs
		if err := cmd.Run(); err != nil {
			t.Fatalf("age -d %s: %v: %s", name, err, &errs)
		}
		return out.Bytes()
	}
	var found [][]byte
	grep := func(plain []byte) {
		t.Helper()
		more := regexp.MustCompile("AGE-SECRET-KEY-PQ-1[A-Z0-9]*").FindAll(plain, -1)
		if len(more) == 0 {
			t.Fatal("no keys in it")
		}
		found = append(found, more...)
		if err := os.WriteFile(keys, append(bytes.Join(found, []byte("\n")), '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	grep(decrypt(goldens+"kit.txt", "user.age"))
	grep(decrypt(keys, "ring.age"))
	for name, body := range map[string]string{"record.age": "new", "legacy.age": "old"} {
		if parts := bytes.SplitN(decrypt(keys, name), []byte("\n"), 3); string(parts[0]) != "potli-record/1" || !bytes.HasPrefix(parts[2], []byte(body)) {
			t.Errorf("%s begins %.40q", name, parts[0])
		}
	}
}
