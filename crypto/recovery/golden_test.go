package recovery_test

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"strings"
	"testing"

	"potli/crypto/recovery"
)

var generate = flag.Bool("generate", false, "make golden files that do not exist yet; existing ones are never written again")

// Golden files: what a release wrote must be read for ever. These keys protect nothing.
const (
	goldenKit      = "testdata/kit.txt"
	goldenWords    = "testdata/words.txt"
	goldenSealed   = "testdata/sealed.age"    // to the kit
	goldenContacts = "testdata/contacts.json" // of the kit, for three
	goldenBackup   = "testdata/backup.age"    // to the kit and its contacts
	goldenPlain    = "what a release sealed opens for ever\n"
)

var goldenSheets = [3]string{"testdata/sheet-1.txt", "testdata/sheet-2.txt", "testdata/sheet-3.txt"}

func makeGolden(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(goldenKit); !errors.Is(err, fs.ErrNotExist) {
		return
	}
	kit, people, c := circle(t, 3)
	doc, err := c.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string][]byte{
		goldenKit:       []byte(kit.Text()),
		goldenWords:     []byte(strings.Join(kit.Words(), " ") + "\n"),
		goldenSealed:    sealTo(t, goldenPlain, kit.Recipient()),
		goldenContacts:  doc,
		goldenBackup:    sealTo(t, goldenPlain, c.Recipients()...),
		goldenSheets[0]: []byte(people[0].Text("Asha", "with Ravi and Sen")),
		goldenSheets[1]: []byte(people[1].Text("Ravi", "with Asha and Sen")),
		goldenSheets[2]: []byte(people[2].Text("Sen", "with Asha and Ravi")),
	} {
		if err := os.WriteFile(name, body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func parse(t *testing.T, text []byte) *recovery.Kit {
	t.Helper()
	k, err := recovery.Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestGoldenKit(t *testing.T) {
	if *generate {
		makeGolden(t)
	}
	text, words := read(t, goldenKit), read(t, goldenWords)
	k := parse(t, text)
	if w := parse(t, words); !w.Is(k.Recipient()) {
		t.Error("text and words are two kits")
	}
	if k.Text() != string(text) || strings.Join(k.Words(), " ")+"\n" != string(words) {
		t.Error("a kit is written in another way now")
	}
	if plain, err := open(read(t, goldenSealed), k.Identity()); err != nil || plain != goldenPlain {
		t.Errorf("%q, %v", plain, err)
	}
}

func TestGoldenContacts(t *testing.T) {
	kit := parse(t, read(t, goldenKit))
	doc := read(t, goldenContacts)
	c, err := recovery.UnmarshalContacts(doc)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.Marshal(); err != nil || !bytes.Equal(again, doc) {
		t.Errorf("contacts are written in another way now: %v", err)
	}
	backup := read(t, goldenBackup)
	pairs, err := recovery.Find(bytes.NewReader(backup))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range goldenSheets {
		a, b := parse(t, read(t, name)), parse(t, read(t, goldenSheets[(i+1)%3]))
		if c.Which(a) != i {
			t.Errorf("sheet %d is that of %d", i, c.Which(a))
		}
		for _, p := range []recovery.Pairs{pairs, c.Pairs()} {
			k, err := p.Join(a, b)
			if err != nil || !k.Is(kit.Recipient()) {
				t.Fatalf("sheets %d and the next: %v", i, err)
			}
		}
	}
	if plain, err := open(backup, kit.Identity()); err != nil || plain != goldenPlain {
		t.Errorf("%q, %v", plain, err)
	}
}
