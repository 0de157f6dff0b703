package shape_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"potli/relay/shape"
	"potli/relay/storetest"
	"potli/relay/wire"
)

// FuzzCheckFile: what passes is a compact JWE with our header, by another
// reading of it.
func FuzzCheckFile(f *testing.F) {
	for _, typ := range []string{wire.ContentTypeFHIR, wire.ContentTypeCard, wire.ContentTypeAccess} {
		f.Add(typ, storetest.JWE(typ, 300))
		f.Add(typ, storetest.JWE(typ, 301)+".AAAA")
	}
	f.Add("text/html", storetest.JWE("text/html", 300))
	f.Add(wire.ContentTypeFHIR, "....")
	f.Add(wire.ContentTypeFHIR, "<html>.<b>.c.d.e")
	f.Fuzz(func(t *testing.T, typ, jwe string) {
		if shape.CheckFile(wire.File{ContentType: typ, JWE: jwe}) != nil {
			return
		}
		parts := strings.Split(jwe, ".")
		if len(parts) != 5 || parts[1] != "" {
			t.Fatalf("%d segments", len(parts))
		}
		var size []int
		for _, p := range parts {
			b, err := base64.RawURLEncoding.Strict().DecodeString(p)
			if err != nil || base64.RawURLEncoding.EncodeToString(b) != p {
				t.Fatalf("segment %q is not base64url", p)
			}
			size = append(size, len(b))
		}
		if size[2] != 12 || size[3] == 0 || size[4] != 16 {
			t.Fatalf("segments of %v bytes", size)
		}
		var head map[string]string
		raw, _ := base64.RawURLEncoding.DecodeString(parts[0])
		if err := json.Unmarshal(raw, &head); err != nil || len(head) != 3 || head["alg"] != "dir" || head["enc"] != "A256GCM" || head["cty"] != typ {
			t.Fatalf("header %s", raw)
		}
	})
}

func FuzzDeposit(f *testing.F) {
	for _, sealed := range []string{
		storetest.Sealed("a", 1024), string(storetest.AgeFile(storetest.AgeHeader("a"), "a", 1024)),
		"age-encryption.org/v1\n-> a b\n\n--- " + string(make([]byte, 43)) + "\n", "", "..",
	} {
		f.Add([]byte(sealed), false)
		f.Add([]byte(sealed), true)
	}
	id := strings.Repeat("A", 22) // 16 bytes
	f.Fuzz(func(t *testing.T, b []byte, age bool) {
		s := string(b)
		if age {
			s = base64.RawURLEncoding.EncodeToString(b)
		}
		if shape.CheckDeposit(wire.Deposit{ID: id, Sealed: s}) != nil {
			return
		}
		// What passes is of one of the two shapes, and has no byte of another kind.
		n, ok := shape.PlainOfJWE(s, wire.ContentTypeEntry)
		if !ok {
			n, ok = shape.PlainOfAge(s)
		}
		if !ok || n < wire.MinEntryPlain || n > len(s) || n != wire.SizeClass(n) {
			t.Errorf("%d bytes passed", n)
		}
		for _, c := range []byte(s) {
			if c != '.' && c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
				t.Fatalf("character %q passed", c)
			}
		}
	})
}
