package bech32_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"filippo.io/age"

	"potli/crypto/bech32"
)

const secretPrefix = "AGE-SECRET-KEY-PQ-"

// What BIP 173 calls valid, of those whose data are whole bytes.
func TestVectorsOfBIP173(t *testing.T) {
	for _, tt := range []struct{ text, prefix, data string }{
		{"A12UEL5L", "A", ""},
		{"a12uel5l", "a", ""},
		{"an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
			"an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio", ""},
		{"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdef", "00443214c74254b635cf84653a56d7c675be77df"},
		{"11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j", "1", strings.Repeat("00", 51)},
		{"split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w", "split", "c5f38b70305f519bf66d85fb6cf03058f3dde463ecd7918f2dc743918f2d"},
		{"?1ezyfcl", "?", ""},
	} {
		prefix, data, err := bech32.Decode(tt.text)
		if err != nil || prefix != tt.prefix || hex.EncodeToString(data) != tt.data {
			t.Errorf("Decode(%s) = %q, %x, %v", tt.text, prefix, data, err)
			continue
		}
		if got := bech32.Encode(prefix, data); got != tt.text {
			t.Errorf("Encode = %s, want %s", got, tt.text)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"empty":                    "",
		"space in the prefix":      " 1nwldj5",
		"DEL in the prefix":        "\x7f1axkwrx",
		"not ASCII":                "\u00801eym55h",
		"no separator":             "pzry9x0s0muk",
		"no prefix":                "1pzry9x0s0muk",
		"no data character":        "x1b4n0q5v",
		"checksum too short":       "li1dgmt3",
		"another character there":  "de1lg7wt\xff",
		"checksum of the capitals": "A1G7SGD8",
		"nothing before the 1":     "10a06t8",
		"only a separator":         "1qzzfhee",
		"mixed case":               "A12uEL5L",
		"mixed case in the data":   "a12UEL5L",
		"groups left over":         "a1qqsc6ex6", // a group of zeros too many
		"too long":                 "a1" + strings.Repeat("q", bech32.MaxText),
		"a space in the middle":    "abcdef1qpzry9x8gf2tvdw0s3jn54 khce6mua7lmqqqxw",
		"a new line at the end":    "a12uel5l\n",
	} {
		if _, _, err := bech32.Decode(text); !errors.Is(err, bech32.ErrMalformed) {
			t.Errorf("%s: %v, want ErrMalformed", name, err)
		}
	}
}

// The identity of a passkey plug-in, as FiloSottile/typage writes it: an odd
// number of bytes, a prefix of many parts.
func TestPluginIdentity(t *testing.T) {
	const text = "AGE-PLUGIN-FIDO2PRF-1Q9GQQQGZQVZQ2PS8PQYS5ZCVP58Q7MNHV9KXCET59EJHSCTDWPKXTQTGD9H8GETJDESKC5TD4JE"
	const data = "0150000102030405060708090a0b0c0d0e0f6e77616c6c65742e6578616d706c658168696e7465726e616c"
	prefix, got, err := bech32.Decode(text)
	if err != nil || prefix != "AGE-PLUGIN-FIDO2PRF-" || hex.EncodeToString(got) != data {
		t.Fatalf("%q, %x, %v", prefix, got, err)
	}
	if again := bech32.Encode(prefix, got); again != text {
		t.Errorf("Encode = %s", again)
	}
}

// age's own keys read and write the same: a hybrid identity is 32 bytes, and
// these are they.
func TestLikeAge(t *testing.T) {
	for range 50 {
		hybrid, err := age.GenerateHybridIdentity()
		if err != nil {
			t.Fatal(err)
		}
		old, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			text, prefix string
			length       int
		}{
			{hybrid.String(), secretPrefix, 32},
			{hybrid.Recipient().String(), "age1pq", 1216},
			{old.String(), "AGE-SECRET-KEY-", 32},
			{old.Recipient().String(), "age", 32},
		} {
			prefix, data, err := bech32.Decode(tt.text)
			if err != nil || prefix != tt.prefix || len(data) != tt.length {
				t.Fatalf("%q, %d bytes, %v", prefix, len(data), err)
			}
			if bech32.Encode(prefix, data) != tt.text {
				t.Fatalf("%q: written in another way", prefix)
			}
		}
		_, secret, _ := bech32.Decode(hybrid.String())
		if id, err := age.ParseHybridIdentity(bech32.Encode(secretPrefix, secret)); err != nil || id.String() != hybrid.String() {
			t.Fatalf("age does not read it: %v", err)
		}
	}
}

// One to four wrong characters are always found in a key's length.
func TestWrongCharacters(t *testing.T) {
	const charset = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"
	key := bech32.Encode(secretPrefix, bytes.Repeat([]byte{0xa5}, 32))
	first := len(secretPrefix) + 1
	for i := first; i < len(key); i++ {
		for _, c := range []byte(charset) {
			if c == key[i] {
				continue
			}
			wrong := []byte(key)
			for n := 0; n < 4 && i+5*n < len(key); n++ {
				wrong[i+5*n] = charset[(strings.IndexByte(charset, wrong[i+5*n])+strings.IndexByte(charset, c)+1)%32]
				if string(wrong) == key {
					continue
				}
				if _, _, err := bech32.Decode(string(wrong)); !errors.Is(err, bech32.ErrMalformed) {
					t.Fatalf("%d wrong characters from %d on were not found", n+1, i)
				}
			}
		}
	}
}

func TestEncodePanics(t *testing.T) {
	for _, prefix := range []string{"", "Age", "a b", "é"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("prefix %q was taken", prefix)
				}
			}()
			bech32.Encode(prefix, nil)
		}()
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("a12uel5l")
	f.Add("AGE-SECRET-KEY-PQ-1")
	f.Add(bech32.Encode(secretPrefix, make([]byte, 32)))
	f.Fuzz(func(t *testing.T, text string) {
		prefix, data, err := bech32.Decode(text)
		if err != nil {
			return
		}
		if bech32.Encode(prefix, data) != text && prefix != strings.ToLower(prefix) { // a prefix without letters has no case
			t.Error("two ways to write the same")
		}
		if p, d, err := bech32.Decode(bech32.Encode(prefix, data)); err != nil || p != prefix || !bytes.Equal(d, data) {
			t.Error("what was read does not read again")
		}
	})
}

func ExampleEncode() {
	fmt.Println(bech32.Encode("potli", []byte{1, 2, 3}))
	prefix, data, err := bech32.Decode(bech32.Encode("potli", []byte{1, 2, 3}))
	fmt.Println(prefix, data, err)
}
