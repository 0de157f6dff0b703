package e2e_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/keyring"
	"potli/crypto/recovery"
)

// vaults measures the vault itself, natively: in a browser it takes two to four
// times as long.
func vaults(t *testing.T, f *figures) {
	ctx := context.Background()
	kit, err := recovery.New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := vault.Memory()
	v := newVault(t, b, kit)
	fillVault(t, v, 10_000, 2_000)
	ring := v.Ring()
	f.took("vault, native: opening 10,000 records", timed(t, func() error {
		r, err := vault.Ring(ctx, b, ring.Keys())
		if err == nil {
			_, err = vault.Open(ctx, vault.Options{Blobs: b}, r, nil)
		}
		return err
	}), "")
	one := make([]byte, 4000)
	f.took("vault, native: one more record of 4 KB among them", timed(t, func() error {
		_, err := v.Add(ctx, record.Meta{Profile: "p", Format: record.FormatPDF}, one)
		return err
	}), "")

	b = vault.Memory()
	v = newVault(t, b, kit)
	fillVault(t, v, 1000, 100_000)
	var file bytes.Buffer
	file.Grow(v.Size() + v.Size()/50) // as the wallet does
	peak, took := peaked(t, func() error { return v.Export(ctx, &file, nil) })
	f.add("vault, native: backup of 1,000 records, 100 MB", fmt.Sprintf("%v, %s, heap %s more", took, megabytes(file.Len()), megabytes(peak)), "")
	var text []byte
	peak, took = peaked(t, func() (err error) {
		text, err = vault.Armor(file.Bytes())
		return err
	})
	f.add("vault, native: the same as text, for another program", fmt.Sprintf("%v, %s, heap %s more", took, megabytes(len(text)), megabytes(peak)), "")
	text = nil
	var bk *vault.Backup
	peak, took = peaked(t, func() (err error) {
		bk, err = vault.OpenBackup(ctx, file.Bytes(), nil, kit.Identity())
		return err
	})
	f.add("vault, native: reading it back whole", fmt.Sprintf("%v, heap %s more", took, megabytes(peak)), "")
	peak, took = peaked(t, func() error {
		u, d, err := keyring.RecoverUser(bk.User(), kit.Identity(), keyring.Pin{}, "phone", time.Now())
		if err != nil {
			return err
		}
		r, err := keyring.NewRing(d, u)
		if err != nil {
			return err
		}
		if r, err = bk.Ring(r); err != nil {
			return err
		}
		_, n, err := vault.CreateFrom(ctx, vault.Options{Blobs: vault.Memory()}, r, []byte("u"), bk, nil)
		if n != 1000 {
			t.Errorf("%d records", n)
		}
		return err
	})
	f.add("vault, native: restoring it with the kit (the store in memory too)", fmt.Sprintf("%v, heap %s more", took, megabytes(peak)), "")
}

func newVault(t *testing.T, b vault.Blobs, kit *recovery.Kit) *vault.Vault {
	t.Helper()
	d, err := keyring.New()
	if err != nil {
		t.Fatal(err)
	}
	u, err := keyring.NewUser(d, "phone", kit.Identity(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	r, err := keyring.NewRing(d, u)
	if err != nil {
		t.Fatal(err)
	}
	if r, err = r.AddProfile("p"); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Create(context.Background(), vault.Options{Blobs: b}, r, []byte("unlock"))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// fillVault adds n records of so many bytes that do not shrink.
func fillVault(t *testing.T, v *vault.Vault, n, size int) {
	t.Helper()
	body := make([]byte, size)
	rand.Read(body)
	for i := range n {
		copy(body, fmt.Sprintf("%08d", i))
		o := fhir.Outline{Title: fmt.Sprintf("Report %d", i), Type: "Bundle", Date: "2026-05-01"}
		for j := range 8 {
			o.Lines = append(o.Lines, fhir.Line{
				Entry: j, Kind: fhir.KindResult, Type: "Observation", Title: "Haemoglobin in blood", Date: "2026-05-01",
				Detail: []fhir.Value{{Type: fhir.ValueQuantity, Text: "13.2", Unit: "g/dL"}},
			})
		}
		m := record.Meta{Profile: "p", Format: record.FormatPDF, Outline: o, Source: record.Source{How: "file", Name: fmt.Sprintf("report %d.pdf", i)}}
		if _, err := v.Add(context.Background(), m, body); err != nil {
			t.Fatal(err)
		}
	}
}

func timed(t *testing.T, do func() error) time.Duration {
	t.Helper()
	begun := time.Now()
	if err := do(); err != nil {
		t.Fatal(err)
	}
	return time.Since(begun)
}

// peaked is how much the heap grew while something was done, at its highest.
func peaked(t *testing.T, do func() error) (bytes int, took time.Duration) {
	t.Helper()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, highest := m.HeapInuse, m.HeapInuse
	done := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			highest = max(highest, m.HeapInuse)
		}
	})
	took = timed(t, do).Round(10 * time.Millisecond)
	close(done)
	watch.Wait()
	return int(highest - before), took
}
