package vault_test

import (
	"bytes"
	"io"
	"testing"

	"potli/app/vault"
)

func BenchmarkOpen10000(b *testing.B) {
	store := vault.Memory()
	fat(b, store, 10_000)
	size := 0
	for _, name := range names(b, store, "index/") {
		size += len(raw(b, store, name))
	}
	b.ReportMetric(float64(len(names(b, store, "index/"))), "pages")
	b.ReportMetric(float64(size)/1e6, "MB-index")
	b.ReportAllocs()
	for b.Loop() {
		if v := reopen(b, store); len(v.Entries()) != 10_000 {
			b.Fatal("records are missing")
		}
	}
}

// BenchmarkMetas10000 reads all outlines.
func BenchmarkMetas10000(b *testing.B) {
	v := fat(b, vault.Memory(), 10_000)
	b.ReportAllocs()
	for b.Loop() {
		if len(v.Metas()) != 10_000 {
			b.Fatal("records are missing")
		}
	}
}

// BenchmarkAdd is one write to a vault of a thousand records, or ten.
func BenchmarkAdd(b *testing.B) {
	for _, size := range []struct {
		name    string
		n, rows int
	}{{"4KB", 4000, 1000}, {"4KB-in-10000", 4000, 10_000}, {"2MB", 2_000_000, 1000}} {
		b.Run(size.name, func(b *testing.B) {
			v := fat(b, vault.Memory(), size.rows)
			body := bytes.Repeat([]byte("0123456789"), size.n/10)
			b.SetBytes(int64(size.n))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				body[i%len(body)]++
				if _, err := v.Add(ctx, meta("p", "x"), body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRebuild1000(b *testing.B) {
	store := vault.Memory()
	fat(b, store, 1000)
	for b.Loop() {
		b.StopTimer()
		set(b, store, nil, names(b, store, "index/")...)
		b.StartTimer()
		reopen(b, store)
	}
}

func BenchmarkExport1000(b *testing.B) {
	v := fat(b, vault.Memory(), 1000)
	for b.Loop() {
		if err := v.Export(ctx, io.Discard, nil); err != nil {
			b.Fatal(err)
		}
	}
}
