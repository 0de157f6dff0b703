package fhir_test

import (
	"os"
	"path/filepath"
	"testing"

	"potli/app/fhir"
)

// The largest document at hand: 3.2 MB, 1,145 entries.
func large(b *testing.B) []byte {
	raw, err := os.ReadFile(filepath.Join(sharedData(b), "synthea/Evelyn_McCullough_b3e8d121-f742-438c-92e3-02135e4543d5.json"))
	if err != nil {
		b.Skip(err)
	}
	return raw
}

func BenchmarkParse(b *testing.B) {
	raw := large(b)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := fhir.Parse(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseAndOutline(b *testing.B) {
	raw := large(b)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		f, err := fhir.Parse(raw)
		if err != nil {
			b.Fatal(err)
		}
		if len(f.Outline().Lines) < 900 {
			b.Fatal("lines are missing")
		}
	}
}

func BenchmarkDocument(b *testing.B) {
	f, err := fhir.Parse(large(b))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		f.Document()
	}
}
