package vault_test

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"filippo.io/age"

	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/keyring"
)

func Example() {
	ctx := context.Background()
	now := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
	d, _ := keyring.New()
	user, _ := keyring.NewUser(d, "phone", nil, now)
	ring, _ := keyring.NewRing(d, user)
	ring, _ = ring.AddProfile("asha")
	unlock, _ := keyring.Lock(d, "six words from the generator, not these", keyring.WorkFactor)
	blobs := vault.Memory()
	v, _ := vault.Create(ctx, vault.Options{Blobs: blobs}, ring, unlock)
	m, _ := v.Add(ctx, record.Meta{Profile: "asha", Format: record.FormatFHIR}, []byte(`{"resourceType":"Patient"}`))

	// Another day: the unlock file and the phrase give the device's keys, and they
	// open the user file.
	file, _, _ := vault.UnlockFile(ctx, blobs)
	d, _ = keyring.Unlock(file, "six words from the generator, not these")
	ring, _ = vault.Ring(ctx, blobs, d)
	v, _ = vault.Open(ctx, vault.Options{Blobs: blobs}, ring, nil)
	body, _, err := v.Original(ctx, m.ID)
	fmt.Println(string(body), err)
	// Output: {"resourceType":"Patient"} <nil>
}

func ExampleCreateFrom() {
	ctx := context.Background()
	now := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
	kit, _ := age.GenerateHybridIdentity()
	d, _ := keyring.New()
	user, _ := keyring.NewUser(d, "phone", kit, now)
	ring, _ := keyring.NewRing(d, user)
	ring, _ = ring.AddProfile("asha")
	v, _ := vault.Create(ctx, vault.Options{Blobs: vault.Memory()}, ring, []byte("an unlock file"))
	_, _ = v.Add(ctx, record.Meta{Profile: "asha", Format: record.FormatPDF}, []byte("%PDF-1.4"))
	var file bytes.Buffer
	_ = v.Export(ctx, &file, nil)

	// The phone is lost. Another one, the kit and the backup give all of it.
	b, err := vault.OpenBackup(ctx, file.Bytes(), nil, kit)
	fmt.Println(len(b.Metas()), err)
	user, d, _ = keyring.RecoverUser(b.User(), kit, keyring.Pin{}, "new phone", now)
	ring, _ = keyring.NewRing(d, user)
	ring, _ = b.Ring(ring)
	_, added, err := vault.CreateFrom(ctx, vault.Options{Blobs: vault.Memory()}, ring, []byte("a new unlock file"), b, nil)
	fmt.Println(added, err)
	// Output:
	// 1 <nil>
	// 1 <nil>
}
