package record_test

import (
	"testing"

	"potli/app/record"
)

func TestDropSource(t *testing.T) {
	for _, signer := range []string{"", "thumbprint"} {
		s := record.FromDrop("a.pdf", "City Hospital", "id", signer)
		sender, message, by, ok := s.Drop()
		if s.Name != "a.pdf" || sender != "City Hospital" || message != "id" || by != signer || !ok {
			t.Errorf("%+v: %q %q %q %v", s, sender, message, by, ok)
		}
	}
	if _, _, _, ok := (record.Source{How: "link", Link: "a.b"}).Drop(); ok {
		t.Error("a link is no drop")
	}
}
