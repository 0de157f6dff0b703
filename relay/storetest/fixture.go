// Package storetest is the contract of a relay, as tests: Run for a store, and
// RunHTTP for a whole relay seen from outside. Every engine runs both.
package storetest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/scrypt"

	"potli/relay/wire"
)

var b64 = base64.RawURLEncoding

// ID returns the 43 characters that stand for a seed: an id, or a token.
func ID(seed string) string {
	sum := sha256.Sum256([]byte(seed))
	return b64.EncodeToString(sum[:])
}

// TokenHash is what a create says of an owner's token.
func TokenHash(token string) string { return ID(token) }

// JWE returns text in the shape of a compact JWE of about size characters. It
// opens under no key, and is the same each time: the relay must not care.
func JWE(contentType string, size int) string {
	head := b64.EncodeToString([]byte(`{"alg":"dir","enc":"A256GCM","cty":"` + contentType + `"}`))
	frame := head + ".." + strings.Repeat("A", 16) + "."
	tag := "." + strings.Repeat("B", 21) + "A"
	n := max(4, size-len(frame)-len(tag))
	if n%4 == 1 {
		n--
	}
	text := make([]byte, b64.DecodedLen(n))
	block, err := aes.NewCipher(make([]byte, 16))
	if err != nil {
		panic(err)
	}
	cipher.NewCTR(block, make([]byte, 16)).XORKeyStream(text, text)
	return frame + b64.EncodeToString(text) + tag
}

var (
	verifiersMu sync.Mutex // guards verifiers
	verifiers   = make(map[string]wire.Passcode)
)

// Verifier is what a wallet sends of a passcode. It is computed once: tests ask
// for the same one over and over.
func Verifier(passcode string, attempts int) *wire.Passcode {
	verifiersMu.Lock()
	defer verifiersMu.Unlock()
	p, ok := verifiers[passcode]
	if !ok {
		salt := sha256.Sum256([]byte("salt of " + passcode))
		hash, err := scrypt.Key([]byte(passcode), salt[:16], wire.PasscodeScryptN, 8, 1, wire.MaxPasscodeHash)
		if err != nil {
			panic(err)
		}
		p = wire.Passcode{Salt: b64.EncodeToString(salt[:16]), Hash: b64.EncodeToString(hash)}
		verifiers[passcode] = p
	}
	p.Attempts = attempts
	return &p
}

// ReceiptKey is the key pair that receipts of test links are sealed to.
var ReceiptKey = sync.OnceValue(func() hpke.PrivateKey {
	k, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		panic(err)
	}
	return k
})

// OpenReceipt opens a receipt of the link id and checks that its plaintext has
// the size of all others.
func OpenReceipt(t testing.TB, id string, r wire.SealedReceipt) wire.Receipt {
	t.Helper()
	sealed, err := b64.DecodeString(r.Sealed)
	if err != nil {
		t.Fatalf("receipt %d: %v", r.N, err)
	}
	if got, want := len(sealed), 1120+wire.ReceiptPlain+16; got != want {
		t.Errorf("receipt %d is %d bytes, want %d", r.N, got, want)
	}
	hash := sha256.Sum256([]byte(id))
	info := append([]byte(wire.ReceiptInfo), hash[:]...)
	plain, err := hpke.Open(ReceiptKey(), hpke.HKDFSHA256(), hpke.AES256GCM(), info, sealed)
	if err != nil {
		t.Fatalf("receipt %d does not open: %v", r.N, err)
	}
	var got wire.Receipt
	if err := json.Unmarshal(plain, &got); err != nil {
		t.Fatalf("receipt %d: %v", r.N, err)
	}
	return got
}

// NewCreate returns a good create for an owner's token that lives for an hour;
// change what a test is about.
func NewCreate(token, flag string) wire.Create {
	return wire.Create{
		Token: TokenHash(token), Flag: flag, Life: 3600, Uses: 10,
		ReceiptKey: b64.EncodeToString(ReceiptKey().PublicKey().Bytes()),
		File:       wire.File{ContentType: wire.ContentTypeFHIR, JWE: JWE(wire.ContentTypeFHIR, 500)},
	}
}
