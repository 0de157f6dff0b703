package passkey_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"potli/crypto/bech32"
	"potli/crypto/passkey"
)

func TestCredential(t *testing.T) {
	many := []string{"usb", "nfc", "ble", "smart-card", "hybrid", "internal", "cable", "other"}
	for name, c := range map[string]passkey.Credential{
		"of the known answers": known().Credential(site),
		"no transports":        {ID: []byte{0}, RPID: "a"},
		"one byte of length":   {ID: upFrom(0, 64), RPID: "localhost", Transports: many},
		"two bytes of length":  {ID: upFrom(0, 1023), RPID: strings.Repeat("a.", 126) + "b", Transports: many},
		"lengths at the edge":  {ID: upFrom(0, 23), RPID: strings.Repeat("a", 24), Transports: []string{"usb"}},
		"lengths at the other": {ID: upFrom(0, 255), RPID: strings.Repeat("a", 23), Transports: []string{"usb"}},
		"just over a byte":     {ID: upFrom(0, 256), RPID: "xn--p1b6ci4b4b3a.xn--h2brj9c"},
	} {
		t.Run(name, func(t *testing.T) {
			s := c.String()
			got, err := passkey.Parse(s)
			if err != nil || !reflect.DeepEqual(got, c) {
				t.Errorf("Parse(%s) = %+v, %v", s, got, err)
			}
			if !strings.HasPrefix(s, "AGE-PLUGIN-FIDO2PRF-1") || s != strings.ToUpper(s) {
				t.Errorf("String: %s", s)
			}
		})
	}
}

func TestCredentialRefused(t *testing.T) {
	for name, c := range map[string]passkey.Credential{
		"empty":               {},
		"no ID":               {RPID: site},
		"long ID":             {ID: make([]byte, 1024), RPID: site},
		"no site":             {ID: []byte{1}},
		"long site":           {ID: []byte{1}, RPID: strings.Repeat("a", 254)},
		"a site with a port":  {ID: []byte{1}, RPID: "localhost:8080"},
		"a site not in ASCII": {ID: []byte{1}, RPID: "पोटली.भारत"},
		"many transports":     {ID: []byte{1}, RPID: site, Transports: make([]string, 9)},
		"an empty transport":  {ID: []byte{1}, RPID: site, Transports: []string{""}},
		"a long transport":    {ID: []byte{1}, RPID: site, Transports: []string{strings.Repeat("x", 33)}},
		"a spaced transport":  {ID: []byte{1}, RPID: site, Transports: []string{"usb nfc"}},
	} {
		if s := c.String(); s != "" {
			t.Errorf("%s: %s", name, s)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	item := func(s string) string { return bech32.Encode("AGE-PLUGIN-FIDO2PRF-", []byte(s)) }
	const good = "\x01\x41i\x61a\x80"
	if _, err := passkey.Parse(item(good)); err != nil {
		t.Fatalf("the shortest of all: %v", err)
	}
	for name, s := range map[string]string{
		"empty":                  "",
		"not Bech32":             "hello",
		"one character wrong":    strings.Replace(knownIdentity, "Q9G", "Q8G", 1),
		"one character short":    knownIdentity[:len(knownIdentity)-1],
		"small letters":          strings.ToLower(knownIdentity),
		"a space before":         " " + knownIdentity,
		"another plugin":         bech32.Encode("AGE-PLUGIN-YUBIKEY-", []byte(good)),
		"a secret key":           bech32.Encode("AGE-SECRET-KEY-", make([]byte, 32)),
		"nothing inside":         item(""),
		"version 0":              item("\x00" + good[1:]),
		"version 2":              item("\x02" + good[1:]),
		"version at length":      item("\x18\x01" + good[1:]),
		"version as text":        item("\x61\x01" + good[1:]),
		"in an array":            item("\x84" + good),
		"ID as text":             item("\x01\x61i\x61a\x80"),
		"ID cut short":           item("\x01\x42i"),
		"ID at length":           item("\x01\x58\x01i\x61a\x80"),
		"ID of four bytes' size": item("\x01\x5a\x00\x00\x00\x01i\x61a\x80"),
		"ID without an end":      item("\x01\x5fi\x61a\x80"),
		"ID too long":            item("\x01\x59\x04\x00" + strings.Repeat("i", 1024) + "\x61a\x80"),
		"ID empty":               item("\x01\x40\x61a\x80"),
		"site as bytes":          item("\x01\x41i\x41a\x80"),
		"site empty":             item("\x01\x41i\x60\x80"),
		"site not UTF-8":         item("\x01\x41i\x61\xff\x80"),
		"no array":               item("\x01\x41i\x61a"),
		"array of two, one here": item("\x01\x41i\x61a\x82\x63usb"),
		"array of bytes":         item("\x01\x41i\x61a\x81\x43usb"),
		"array of millions":      item("\x01\x41i\x61a\x99\xff\xff"),
		"more after it":          item(good + "\x00"),
		"huge":                   item("\x01\x41i\x61a\x80" + strings.Repeat("\x00", 1<<20)),
	} {
		t.Run(name, func(t *testing.T) {
			c, err := passkey.Parse(s)
			if !errors.Is(err, passkey.ErrDamaged) || c.ID != nil {
				t.Errorf("Parse: %+v, %v", c, err)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(knownIdentity)
	f.Add(strings.ToLower(knownIdentity))
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := passkey.Parse(s); err == nil && c.String() != s {
			t.Errorf("%q reads as %+v, which is written %q", s, c, c.String())
		}
	})
}

// The fuzzer can not make a checksum, so what is under one is fuzzed apart.
func FuzzParseInside(f *testing.F) {
	_, inside, err := bech32.Decode(knownIdentity)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(inside)
	f.Add([]byte{1, 0x41, 'i', 0x61, 'a', 0x80})
	f.Fuzz(func(t *testing.T, inside []byte) {
		c, err := passkey.Parse(bech32.Encode("AGE-PLUGIN-FIDO2PRF-", inside))
		if err != nil {
			return
		}
		if _, again, err := bech32.Decode(c.String()); err != nil || !bytes.Equal(again, inside) {
			t.Errorf("%x reads as %+v, which is written %x", inside, c, again)
		}
	})
}

func ExampleCredential_String() {
	c := passkey.Credential{ID: []byte{1, 2, 3}, RPID: "localhost", Transports: []string{"internal"}}
	fmt.Println(c)
	again, err := passkey.Parse(c.String())
	fmt.Println(again.RPID, again.Transports, err)
	// Output:
	// AGE-PLUGIN-FIDO2PRF-1Q9PSZQSRD9KX7CMPD35X7UM5S95XJMN5V4EXUCTVL84EP7
	// localhost [internal] <nil>
}
