package party_test

import (
	"strings"
	"testing"

	"potli/app/party"
)

func TestIsOrigin(t *testing.T) {
	for s, want := range map[string]bool{
		"https://clinic.example": true, "https://clinic.example:8443": true, "http://localhost:8080": true, "http://127.0.0.1:8080": true,
		"": false, "http://clinic.example": false, "https://clinic.example/": false, "https://Clinic.example": false, "https://": false,
		"https://a@clinic.example": false, "https://clinic.example?x": false, "javascript:alert(1)": false, "https://" + strings.Repeat("a", 200): false,
	} {
		if got := party.IsOrigin(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestParagraphs(t *testing.T) {
	if got, want := party.Paragraphs(" a\r\nb\rc\u2028d\t\u202ee\x00\ufeff\n "), "a\nb\nc\nd\te"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
