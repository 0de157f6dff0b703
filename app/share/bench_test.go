package share_test

import (
	"os"
	"path/filepath"
	"testing"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
)

// A real life's record: 1,145 entries, 3.2 MB.
func largeRecord(b *testing.B) []share.Source {
	found, _ := filepath.Glob("../../../shared/data/synthea/Evelyn_*.json")
	if len(found) == 0 {
		b.Skip("the shared test documents are not beside this repository")
	}
	body, err := os.ReadFile(found[0])
	if err != nil {
		b.Fatal(err)
	}
	return []share.Source{{Meta: record.Meta{ID: "r", Format: record.FormatFHIR}, Body: body}}
}

func BenchmarkChoose(b *testing.B) {
	src := largeRecord(b)
	for b.Loop() {
		share.Choose(src, now)
	}
}

func BenchmarkCompose(b *testing.B) {
	src := largeRecord(b)
	items := share.Choose(src, now)
	for _, shape := range []share.Shape{share.ShapeKTC, share.ShapeIPS} {
		b.Run(string(shape), func(b *testing.B) {
			for b.Loop() {
				if _, err := share.Compose(shape, asha, src, items, func(m fhir.Message) string { return m.Key }, now, zero()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
