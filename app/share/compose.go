package share

import (
	"io"
	"time"
)

// Compose builds the Bundle. Sources hold every record that chosen names.
func Compose(shape Shape, who Person, sources []Source, chosen []Item, words Words, now time.Time, rand io.Reader) ([]byte, error) {
	panic("stub")
}

// Choose lists what the sources hold for a share, duplicates merged, in the order of fhir's kinds.
func Choose(sources []Source, now time.Time) []Item { panic("stub") }
