package sync_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"potli/app/sync"
	"potli/crypto/chain"
	"potli/crypto/envelope"
)

var generate = flag.Bool("generate", false, "make golden files that do not exist yet; existing ones are never written again")

// goldenKeys protect nothing.
func goldenKeys(t testing.TB) (*age.HybridIdentity, ed25519.PrivateKey) {
	t.Helper()
	b, err := os.ReadFile("testdata/epoch.txt")
	if os.IsNotExist(err) && *generate {
		b = []byte(must(age.GenerateHybridIdentity()).String() + "\n")
		err = os.WriteFile("testdata/epoch.txt", b, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	id, err := age.ParseHybridIdentity(strings.TrimSpace(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	seed := sha256.Sum256([]byte("potli golden signer"))
	return id, ed25519.NewKeyFromSeed(seed[:])
}

// goldenItems are what the golden frame holds.
func goldenItems(t testing.TB) []sync.Item {
	_, signer := goldenKeys(t)
	report := &sync.Report{
		Profile: "asha", Device: "golden", N: 7, Has: chain.Summary{{Key: "k", N: 3, Hash: chain.Hash{1}}},
		Seen: map[string]int64{"abcdefgh": 12}, Heard: map[string]uint64{"other": 9}, Coming: 2,
		Lack: &sync.Lack{Entries: []chain.Hash{{2}}, Records: []sync.Piece{{ID: "whole"}, {ID: "parts", Parts: []int{0, 524288}}}},
	}
	signed, err := sync.Sign(report, signer)
	if err != nil {
		t.Fatal(err)
	}
	return []sync.Item{
		{Kind: "entry", Body: []byte("an entry, as it was signed")},
		{Kind: "record", ID: "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE", Body: []byte("a record, as it was sealed")},
		{Kind: "part", ID: "large", At: 524288, Of: 600000, Body: []byte("the end of a large one")},
		{Kind: "report", Body: signed},
	}
}

// What a release has put into a mailbox opens for ever, and mailboxes are found.
func TestGolden(t *testing.T) {
	epoch, signer := goldenKeys(t)
	path := filepath.Join("testdata", "frame.txt")
	if _, err := os.Stat(path); *generate && os.IsNotExist(err) {
		text := must(sync.Seal(goldenItems(t), epoch.Recipient()))
		if err := os.WriteFile(path, []byte(text+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	items, err := sync.OpenLetter(strings.TrimSpace(string(text)), epoch)
	if err != nil {
		t.Fatal(err)
	}
	want := goldenItems(t)
	if len(items) != len(want) {
		t.Fatalf("%d items", len(items))
	}
	for i, it := range items {
		w := want[i]
		if it.Kind != w.Kind || it.ID != w.ID || it.At != w.At || it.Of != w.Of || !bytes.Equal(it.Body, w.Body) {
			t.Errorf("item %d: %+v, want %+v", i, it, w)
		}
	}
	if r, err := sync.ReadReport(items[3].Body); err != nil || r.N != 7 || r.Lack == nil || !sync.SignedBy(items[3].Body, signer.Public().(ed25519.PublicKey)) {
		t.Errorf("the report: %+v, %v", r, err)
	}
	// The mailbox of this epoch.
	box := sync.BoxOf("asha", epoch)
	path = filepath.Join("testdata", "box.txt")
	if _, err := os.Stat(path); *generate && os.IsNotExist(err) {
		if err := os.WriteFile(path, []byte(box.ID+" "+box.Token+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != box.ID+" "+box.Token+"\n" {
		t.Errorf("another mailbox: %v", err)
	}
}

// TestRL15_Boxes: a mailbox says nothing of the next, and is not printed.
func TestRL15_Boxes(t *testing.T) {
	one, other := must(age.GenerateHybridIdentity()), must(age.GenerateHybridIdentity())
	seen := map[string]bool{}
	for _, b := range []sync.Box{sync.BoxOf("a", one), sync.BoxOf("b", one), sync.BoxOf("a", other)} {
		for _, s := range []string{b.ID, b.Token} {
			if raw, err := base64.RawURLEncoding.DecodeString(s); err != nil || len(raw) != 32 || seen[s] {
				t.Errorf("not 32 bytes of its own: %v", err)
			}
			seen[s] = true
			if strings.Contains(fmt.Sprintf("%v %+v %#v %s %q %x", b, b, b, b, b, b), s) {
				t.Error("it is printed")
			}
		}
	}
	if sync.BoxOf("a", one) != sync.BoxOf("a", one) {
		t.Error("not the same twice")
	}
}

// TestT7_Sizes: whatever is in a frame, its size is one of few, and it has one stanza.
func TestT7_Sizes(t *testing.T) {
	id := must(age.GenerateHybridIdentity())
	sizes := map[int]bool{}
	for n := 70_000; n < 74_000; n += 400 {
		file := must(base64.RawURLEncoding.DecodeString(must(sync.Seal([]sync.Item{{Kind: "record", ID: "x", Body: make([]byte, n)}}, id.Recipient()))))
		r := must(age.Decrypt(bytes.NewReader(file), id))
		plain := must(io.ReadAll(r))
		if envelope.Size(len(plain)) != len(plain) {
			t.Fatalf("%d bytes", len(plain))
		}
		if bytes.Count(file[:300], []byte("\n-> ")) != 1 {
			t.Fatal("not one stanza")
		}
		sizes[len(file)] = true
	}
	if len(sizes) > 4 {
		t.Errorf("%d sizes", len(sizes))
	}
}

// TestFrameIsStrict: everything that is not a frame as we write it is none.
func TestFrameIsStrict(t *testing.T) {
	id, other := must(age.GenerateHybridIdentity()), must(age.GenerateHybridIdentity())
	items := []sync.Item{{Kind: "record", ID: "x", Body: []byte("hello")}}
	good := must(sync.Seal(items, id.Recipient()))
	sealPlain := func(plain string, to ...age.Recipient) string {
		var b bytes.Buffer
		w := must(age.Encrypt(&b, to...))
		must(w.Write([]byte(plain)))
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b.Bytes())
	}
	pad := func(s string) string { return s + strings.Repeat("\x00", envelope.Size(len(s))-len(s)) }
	list := `[{"kind":"record","id":"x","len":5}]`
	for name, text := range map[string]string{
		"another epoch":    must(sync.Seal(items, other.Recipient())),
		"two stanzas":      sealPlain(pad("potli-frame/1\n"+list+"\nhello"), id.Recipient(), other.Recipient()),
		"no base64":        good[:100] + "*" + good[101:],
		"cut":              good[:len(good)-10],
		"longer":           good + "AAAA",
		"empty":            "",
		"no magic":         sealPlain(pad("hello"), id.Recipient()),
		"no list":          sealPlain(pad("potli-frame/1\n"), id.Recipient()),
		"not a list":       sealPlain(pad("potli-frame/1\n{}\nhello"), id.Recipient()),
		"len too large":    sealPlain(pad("potli-frame/1\n"+strings.Replace(list, "5", "5000", 1)+"\nhello"), id.Recipient()),
		"len negative":     sealPlain(pad("potli-frame/1\n"+strings.Replace(list, "5", "-5", 1)+"\nhello"), id.Recipient()),
		"len overflowing":  sealPlain(pad("potli-frame/1\n"+strings.Replace(list, "5", "9223372036854775807", 1)+"\nhello"), id.Recipient()),
		"something behind": sealPlain(pad("potli-frame/1\n"+list+"\nhello, world"), id.Recipient()),
		"not padded":       sealPlain("potli-frame/1\n"+list+"\nhello", id.Recipient()),
		"too many":         sealPlain(pad("potli-frame/1\n["+strings.Repeat(`{},`, 3000)+"{}]\n"), id.Recipient()),
	} {
		if got, err := sync.OpenLetter(text, id); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, err := sync.OpenLetter(sealPlain(pad("potli-frame/2\n"+list+"\nhello"), id.Recipient()), id); !errors.Is(err, sync.ErrLater) {
		t.Errorf("a later release: %v", err)
	}
	got, err := sync.OpenLetter(good, id)
	if err != nil || len(got) != 1 || string(got[0].Body) != "hello" {
		t.Errorf("as it should be: %+v, %v", got, err)
	}
}

func FuzzParseFrame(f *testing.F) {
	f.Add([]byte("potli-frame/1\n[{\"kind\":\"record\",\"id\":\"x\",\"len\":5}]\nhello"))
	f.Add([]byte("potli-frame/1\n[]\n"))
	f.Add([]byte("potli-frame/9\n"))
	f.Fuzz(func(t *testing.T, plain []byte) {
		plain = append(plain, make([]byte, envelope.Size(len(plain))-len(plain))...)
		items, err := sync.ParseFrame(plain)
		total := 0
		for _, it := range items {
			total += len(it.Body)
		}
		if err == nil && total > len(plain) {
			t.Error("more came out than went in")
		}
	})
}

func FuzzReadReport(f *testing.F) {
	_, signer := goldenKeys(f)
	f.Add(must(sync.Sign(&sync.Report{Profile: "p", Device: "d", N: 1}, signer)))
	f.Add(goldenItems(f)[3].Body)
	f.Add(append([]byte("{}\n"), make([]byte, 64)...))
	_, stranger, _ := ed25519.GenerateKey(rand.Reader)
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := sync.ReadReport(b); err == nil && (r.Device == "" || r.N == 0 || len(b) < 65) {
			t.Errorf("%+v is a report", r)
		}
		if sync.SignedBy(b, stranger.Public().(ed25519.PublicKey)) {
			t.Error("signed by whom it is not")
		}
	})
}
