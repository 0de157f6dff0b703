package keyring_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"potli/crypto/keyring"
)

const goldenNewcomer = "testdata/newcomer.json"

// What a device of any release says of itself is understood by every other.
func TestNewcomerGolden(t *testing.T) {
	if _, err := os.Stat(goldenNewcomer); *generate && os.IsNotExist(err) {
		_, n, err := keyring.NewDevice("w", "नीला फ़ोन")
		if err != nil {
			t.Fatal(err)
		}
		b, err := n.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		os.WriteFile(goldenNewcomer, b, 0o644)
	}
	b, err := os.ReadFile(goldenNewcomer)
	if err != nil {
		t.Fatal(err)
	}
	n, err := keyring.ParseNewcomer(b)
	if err != nil || n.Name != "नीला फ़ोन" {
		t.Fatalf("%q, %v", n.Name, err)
	}
	if again, err := n.Marshal(); err != nil || !bytes.Equal(again, b) {
		t.Errorf("written in another way now: %v", err)
	}
}

// A device that is linked opens what the user has, by what it said of itself.
func TestNewcomer(t *testing.T) {
	old := fresh(t)
	u, err := keyring.NewUser(old, "old", nil, morning)
	if err != nil {
		t.Fatal(err)
	}
	d, said, err := keyring.NewDevice("", "new")
	if err != nil {
		t.Fatal(err)
	}
	b, err := said.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	n, err := keyring.ParseNewcomer(b)
	if err != nil {
		t.Fatal(err)
	}
	if u, err = u.AddDevice(old, n, morning.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	file, err := u.Seal()
	if err != nil {
		t.Fatal(err)
	}
	got, err := keyring.OpenUser(file, d.Identity, keyring.Pin{})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := keyring.NewRing(d.For(got.ID()), got); err != nil || r.Wallet() != old.Wallet {
		t.Errorf("the new device's ring: %v", err)
	}
}

func TestNewcomerRefuses(t *testing.T) {
	_, n, err := keyring.NewDevice("", "phone")
	if err != nil {
		t.Fatal(err)
	}
	good, err := n.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	change := func(old, new string) []byte { return []byte(strings.Replace(string(good), old, new, 1)) }
	for name, tt := range map[string]struct {
		b    []byte
		want error
	}{
		"as it should be":        {good, nil},
		"nothing":                {nil, keyring.ErrBadNewcomer},
		"not JSON":               {[]byte("hello"), keyring.ErrBadNewcomer},
		"two":                    {append(bytes.Clone(good), good...), keyring.ErrBadNewcomer},
		"an unknown member":      {change("{", `{"admin":true,`), keyring.ErrBadNewcomer},
		"a later version":        {change("newcomer/1", "newcomer/2"), keyring.ErrVersion},
		"no name":                {change(`"phone"`, `""`), keyring.ErrBadNewcomer},
		"a long name":            {change(`"phone"`, `"`+strings.Repeat("x", 121)+`"`), keyring.ErrBadNewcomer},
		"a name of two lines":    {change(`"phone"`, `"a\nb"`), keyring.ErrBadNewcomer},
		"no id":                  {change(`"`+n.ID+`"`, `""`), keyring.ErrBadNewcomer},
		"no recipient":           {change("age1pq1", "age1"), keyring.ErrBadNewcomer},
		"a secret for recipient": {change("age1pq1", "AGE-SECRET-KEY-PQ-1"), keyring.ErrBadNewcomer},
		"no verifier":            {change(`"verifier":"`, `"verifier":"!`), keyring.ErrBadNewcomer},
		"huge":                   {change(`"phone"`, `"`+strings.Repeat("x", 10_000)+`"`), keyring.ErrBadNewcomer},
	} {
		if _, err := keyring.ParseNewcomer(tt.b); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
	for _, name := range []string{"", "a\x00b", strings.Repeat("x", 121)} {
		n.Name = name
		if _, err := n.Marshal(); !errors.Is(err, keyring.ErrName) {
			t.Errorf("%d bytes of name: %v", len(name), err)
		}
	}
}

func FuzzParseNewcomer(f *testing.F) {
	b, err := os.ReadFile(goldenNewcomer)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"version":"potli-newcomer/1"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := keyring.ParseNewcomer(b)
		if err != nil {
			return
		}
		again, err := n.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if m, err := keyring.ParseNewcomer(again); err != nil || m.ID != n.ID || m.Name != n.Name || m.Recipient.String() != n.Recipient.String() {
			t.Errorf("what was read does not read again: %v", err)
		}
	})
}
