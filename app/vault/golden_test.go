package vault_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// writeGolden makes the files under testdata. Keys and records are synthetic.
func writeGolden(t *testing.T, dir string) {
	t.Helper()
	b := vault.Memory()
	v := create(t, b)
	for _, body := range []string{`{"resourceType":"Patient","id":"1"}`, `{"resourceType":"Patient","id":"2"}`} {
		add(t, v, "asha", body)
		setRing(t, v, rolled(t, rolled(t, v.Ring(), "asha"), ""))
	}
	father := newRing()
	told, err := v.Ring().Trust(father.Device(), father.Keys().Verifier())
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Apply(ctx, vault.Change{Ring: told, Docs: map[string]vault.Doc{"share/a": {Profile: "asha", Body: []byte("ledger")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Add(ctx, record.Meta{Profile: "asha", Format: record.FormatPDF, Source: record.Source{How: "file", Name: "रिपोर्ट.pdf"}}, []byte("%PDF-1.4 synthetic")); err != nil {
		t.Fatal(err)
	}
	if err := v.PutDocs(ctx, map[string][]byte{"settings": []byte(`{"language":"hi"}`)}); err != nil {
		t.Fatal(err)
	}
	k, err := keys().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	var backup bytes.Buffer
	if err := v.Export(ctx, &backup, nil); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"keys.json": k, "backup.age": backup.Bytes(), "recovery.txt": []byte(kit().String() + "\n")}
	for name, body := range dump(t, b) {
		files[filepath.Join("blobs", strings.ReplaceAll(name, "/", "@"))] = []byte(body)
	}
	for name, body := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func readGolden(t testing.TB, dir string) (vault.Blobs, *keyring.Keys) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	k, err := keyring.Unmarshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadDir(filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	put := make(map[string][]byte)
	for _, e := range list {
		body, err := os.ReadFile(filepath.Join(dir, "blobs", e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		put[strings.ReplaceAll(e.Name(), "@", "/")] = body
	}
	b := vault.Memory()
	set(t, b, put)
	return b, k
}
