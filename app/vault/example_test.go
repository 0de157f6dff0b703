package vault_test

import (
	"bytes"
	"context"
	"fmt"

	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/keyring"
)

func Example() {
	ctx := context.Background()
	k, _ := keyring.New()
	unlock, _ := keyring.Lock(k, "six words from the generator, not these", keyring.WorkFactor)
	blobs := vault.Memory()
	v, _ := vault.Create(ctx, vault.Options{Blobs: blobs}, k, unlock)
	m, _ := v.Add(ctx, record.Meta{Profile: "asha", Format: record.FormatFHIR}, []byte(`{"resourceType":"Patient"}`))

	// Another day: the unlock file and the phrase give the keys.
	file, _ := vault.UnlockFile(ctx, blobs)
	k, _ = keyring.Unlock(file, "six words from the generator, not these")
	v, _ = vault.Open(ctx, vault.Options{Blobs: blobs}, k, nil)
	body, _, err := v.Original(ctx, m.ID)
	fmt.Println(string(body), err)
	// Output: {"resourceType":"Patient"} <nil>
}

func ExampleOpenBackup() {
	ctx := context.Background()
	k, _ := keyring.New()
	v, _ := vault.Create(ctx, vault.Options{Blobs: vault.Memory()}, k, []byte("an unlock file"))
	_, _ = v.Add(ctx, record.Meta{Profile: "asha", Format: record.FormatPDF}, []byte("%PDF-1.4"))
	var file bytes.Buffer
	_ = v.Export(ctx, &file, nil)

	// Another device: the recovery text gives the identity.
	k, _ = keyring.FromRecovery(k.RecoveryText())
	v, _ = vault.Create(ctx, vault.Options{Blobs: vault.Memory()}, k, []byte("a new unlock file"))
	b, err := vault.OpenBackup(ctx, file.Bytes(), k, nil)
	fmt.Println(len(b.Metas()), err)
	added, err := v.Restore(ctx, b, nil)
	fmt.Println(added, err)
	// Output:
	// 1 <nil>
	// 1 <nil>
}
