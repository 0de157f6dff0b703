// Package messagetest is what the tests of senders and of receivers have in common.
package messagetest

import (
	"testing"

	"potli/app/message"
	"potli/crypto/jose"
)

// PDF is as small as a document can be that is taken for one. Nobody may write to it.
var PDF = []byte("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n0\n%%EOF\n")

// Pack packs m, signed where by is a signer.
func Pack(t testing.TB, m *message.Message, by *jose.Signer) []byte {
	t.Helper()
	pack := m.Pack
	if by != nil {
		pack = func() ([]byte, error) { return m.PackSigned(by) }
	}
	b, err := pack()
	if err != nil {
		t.Fatal(err)
	}
	return b
}
