package kill_test

import (
	"bytes"
	crypto "crypto/rand"
	"fmt"
	"testing"
	"time"

	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/keyring"
	"potli/crypto/recovery"
)

// onPaper gives a life nothing but a kit and a backup: the vault is made of them
// where there is none, and erased, again and again.
func (l *life) onPaper() {
	kit, err := recovery.New(crypto.Reader)
	if err != nil {
		l.t.Fatal(err)
	}
	v := newVault(l.t, kit)
	l.saved = empty()
	for n := range 24 {
		body := paper(l.rand, n)
		m, err := v.Add(l.t.Context(), pdf, []byte(body))
		if err != nil {
			l.t.Fatal(err)
		}
		l.saved.records[sumOf(body)] = m.ID
	}
	docs := map[string][]byte{}
	for n := range 4 {
		name := fmt.Sprint("doc", n)
		docs[name], l.saved.docs[name] = []byte(name), name
	}
	if err := v.PutDocs(l.t.Context(), docs); err != nil {
		l.t.Fatal(err)
	}
	var file bytes.Buffer
	if err := v.Export(l.t.Context(), &file, nil); err != nil {
		l.t.Fatal(err)
	}
	l.backup, l.kit, l.sure = file.Bytes(), kit.Code(), model{none: true}
}

var pdf = record.Meta{Profile: "p", Format: record.FormatPDF, Source: record.Source{How: "file"}}

// newVault is one outside the browser.
func newVault(t *testing.T, kit *recovery.Kit) *vault.Vault {
	t.Helper()
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	keys, err := keyring.New()
	do(err)
	u, err := keyring.NewUser(keys, "peer", kit.Identity(), time.Now())
	do(err)
	r, err := keyring.NewRing(keys, u)
	do(err)
	r, err = r.AddProfile("p")
	do(err)
	unlock, err := keys.Marshal()
	do(err)
	v, err := vault.Create(t.Context(), vault.Options{Blobs: vault.Memory()}, r, unlock)
	do(err)
	return v
}
