package receipt_test

import (
	"bytes"
	"crypto/hpke"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"potli/crypto/receipt"
	"potli/relay/wire"
)

var generate = flag.Bool("generate", false, "make golden files that do not exist yet; existing ones are never written again")

// seal does what a relay does, with the standard library alone.
func seal(t testing.TB, public, info []byte, plain string) []byte {
	t.Helper()
	pk, err := hpke.MLKEM768X25519().NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	padded := plain + strings.Repeat(" ", wire.ReceiptPlain-len(plain))
	sealed, err := hpke.Seal(pk, hpke.HKDFSHA256(), hpke.AES256GCM(), info, []byte(padded))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func info(id string) []byte {
	h := sha256.Sum256([]byte(id))
	return append([]byte(wire.ReceiptInfo), h[:]...)
}

const plain = `{"n":1,"recipient":"City Clinic","time":1777626000,"outcome":"opened"}`

func TestRoundTrip(t *testing.T) {
	secret, public, err := receipt.Generate()
	if err != nil {
		t.Fatal(err)
	}
	if len(secret) != receipt.SecretSize || len(public) != wire.MaxReceiptKey {
		t.Errorf("a key of %d and %d bytes", len(secret), len(public))
	}
	sealed := seal(t, public, info("a"), plain)
	got, err := receipt.Open(secret, info("a"), sealed)
	if err != nil || string(got) != plain {
		t.Errorf("Open = %q, %v", got, err)
	}
	flipped := bytes.Clone(sealed)
	flipped[len(flipped)-1] ^= 1
	otherSecret, _, err := receipt.Generate()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name                 string
		secret, info, sealed []byte
		want                 error
	}{
		{"another link", secret, info("b"), sealed, receipt.ErrDamaged},
		{"another key", otherSecret, info("a"), sealed, receipt.ErrDamaged},
		{"flipped", secret, info("a"), flipped, receipt.ErrDamaged},
		{"cut short", secret, info("a"), sealed[:len(sealed)-1], receipt.ErrDamaged},
		{"enc cut short", secret, info("a"), sealed[:100], receipt.ErrDamaged},
		{"empty", secret, info("a"), nil, receipt.ErrDamaged},
		{"short key", secret[:31], info("a"), sealed, receipt.ErrKey},
		{"no key", nil, info("a"), sealed, receipt.ErrKey},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := receipt.Open(tt.secret, tt.info, tt.sealed); !errors.Is(err, tt.want) || got != nil {
				t.Errorf("Open = %q, %v; want %v", got, err, tt.want)
			}
		})
	}
}

// What a relay sealed once must open for ever.
func TestGolden(t *testing.T) {
	secret := sha256.Sum256([]byte("potli golden receipt")) // protects nothing
	const path = "testdata/receipt.hpke"
	if _, err := os.Stat(path); *generate && os.IsNotExist(err) {
		k, err := hpke.MLKEM768X25519().NewPrivateKey(secret[:])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, seal(t, k.PublicKey().Bytes(), info("golden"), plain), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sealed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := receipt.Open(secret[:], info("golden"), sealed); err != nil || string(got) != plain {
		t.Errorf("Open = %q, %v", got, err)
	}
}

func FuzzOpen(f *testing.F) {
	secret, public, err := receipt.Generate()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seal(f, public, info("a"), plain))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		got, err := receipt.Open(secret, info("a"), sealed)
		if err == nil && string(got) != plain {
			t.Errorf("%q opened", got)
		}
	})
}

func ExampleOpen() {
	secret, public, _ := receipt.Generate()
	pk, _ := hpke.MLKEM768X25519().NewPublicKey(public)
	sealed, _ := hpke.Seal(pk, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte("info"), []byte(`{"n":1}     `))
	plain, err := receipt.Open(secret, []byte("info"), sealed)
	fmt.Println(string(plain), err)
	// Output: {"n":1} <nil>
}
