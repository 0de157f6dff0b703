//go:build !js

package vault_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"potli/app/vault"
	"potli/e2e/agecli"
)

// The way out: `age -d -i recovery.txt backup.age > backup.zip`, then unzip.
func TestStockAgeOpensABackup(t *testing.T) {
	age := agecli.Path(t)
	b := vault.Memory()
	bodies := motley(t, b)
	v := reopen(t, b)
	dir := t.TempDir()
	write := func(name string, body []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	recovery := write("recovery.txt", []byte(kit().String()+"\n"))
	backup := write("backup.age", export(t, v))
	zipped := filepath.Join(dir, "backup.zip")
	if out, err := exec.Command(age, "-d", "-i", recovery, "-o", zipped, backup).CombinedOutput(); err != nil {
		t.Fatalf("age -d: %v: %s", err, out)
	}
	plain, err := os.ReadFile(zipped)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]bool)
	for name, body := range extract(t, zipped, plain) {
		if strings.HasPrefix(name, "records/") {
			found[body] = true
		}
	}
	for _, body := range bodies {
		if !found[body] {
			t.Errorf("the original %.12q did not come out", body)
		}
	}
	if len(found) != len(bodies) {
		t.Errorf("%d files for %d records", len(found), len(bodies))
	}

	// A single record opens with it as well, by way of the keys in the backup: the
	// kit opens the user file, that opens the rings, and they open the record. It
	// is two lines, then the document.
	open := func(keys, file string) string {
		var out bytes.Buffer
		cmd := exec.Command(age, "-d", "-i", keys, file)
		cmd.Stdout = &out
		if err := cmd.Run(); err != nil {
			t.Fatalf("age -d -i %s %s: %v", filepath.Base(keys), filepath.Base(file), err)
		}
		return out.String()
	}
	identities := func(name, text string) string {
		return write(name, []byte(strings.Join(regexp.MustCompile("AGE-SECRET-KEY-PQ-1[A-Z0-9]+").FindAllString(text, -1), "\n")))
	}
	var rings string
	files := unzip(t, plain)
	users := identities("user.txt", open(recovery, write("user.age", []byte(files["keys/user.age"]))))
	for name, body := range files {
		if strings.HasPrefix(name, "keys/ring-") {
			rings += open(users, write(filepath.Base(name), []byte(body)))
		}
	}
	m := v.Metas()[0]
	out := open(identities("rings.txt", rings), write("record.age", raw(t, b, "rec/"+string(m.ID))))
	if parts := strings.SplitN(out, "\n", 3); parts[0] != "potli-record/1" || !strings.HasPrefix(parts[2], bodies[m.ID]) {
		t.Errorf("a record on its own begins %.40q", parts[0])
	}
}

// extract unzips with the stock tool where there is one, else with Go's.
func extract(t *testing.T, path string, plain []byte) map[string]string {
	t.Helper()
	unzipTool, err := exec.LookPath("unzip")
	if err != nil {
		return unzip(t, plain)
	}
	dir := t.TempDir()
	if out, err := exec.Command(unzipTool, "-q", path, "-d", dir).CombinedOutput(); err != nil {
		t.Fatalf("unzip: %v: %s", err, out)
	}
	files := make(map[string]string)
	err = filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(body)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
