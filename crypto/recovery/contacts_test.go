package recovery_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"potli/crypto/recovery"
)

// circle is a kit and its contacts.
func circle(t testing.TB, n int) (kit *recovery.Kit, people []*recovery.Kit, c *recovery.Contacts) {
	t.Helper()
	kit = kitOf(t, "the wallet's")
	for i := range n {
		people = append(people, kitOf(t, fmt.Sprint("contact ", i)))
	}
	c, err := recovery.NewContacts(kit, people...)
	if err != nil {
		t.Fatal(err)
	}
	return kit, people, c
}

// sealTo makes an age file.
func sealTo(t testing.TB, plain string, to ...age.Recipient) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to...)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, plain)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(file []byte, id age.Identity) (string, error) {
	r, err := age.Decrypt(bytes.NewReader(file), id)
	if err != nil {
		return "", err
	}
	plain, err := io.ReadAll(r)
	return string(plain), err
}

// Any two open the kit, in either order; one alone, or with a stranger, nothing.
func TestJoin(t *testing.T) {
	stranger := kitOf(t, "stranger")
	for _, n := range []int{2, 3} {
		kit, people, c := circle(t, n)
		pairs := c.Pairs()
		for i, a := range people {
			for j, b := range people {
				got, err := pairs.Join(a, b)
				switch {
				case i == j && !errors.Is(err, recovery.ErrSameSheet):
					t.Errorf("%d of %d alone: %v", i, n, err)
				case i != j && (err != nil || !got.Is(kit.Recipient())):
					t.Errorf("%d and %d of %d: %v", i, j, n, err)
				}
			}
			if !pairs.Holds(a) {
				t.Errorf("%d of %d is not known by their sheet", i, n)
			}
			if c.Which(a) != i {
				t.Errorf("%d of %d is taken for %d", i, n, c.Which(a))
			}
			var wrong *recovery.SheetError
			if _, err := pairs.Join(a, stranger); !errors.As(err, &wrong) || wrong.Sheet != 2 || !errors.Is(err, recovery.ErrStranger) {
				t.Errorf("%d of %d with a stranger: %v", i, n, err)
			}
			if _, err := pairs.Join(stranger, a); !errors.As(err, &wrong) || wrong.Sheet != 1 {
				t.Errorf("a stranger with %d of %d: %v", i, n, err)
			}
		}
		var wrong *recovery.SheetError
		if _, err := pairs.Join(stranger, kitOf(t, "another")); !errors.As(err, &wrong) || wrong.Sheet != 0 {
			t.Errorf("two strangers: %v", err)
		}
		if pairs.Holds(stranger) || pairs.Holds(kit) || c.Which(stranger) != -1 {
			t.Error("a stranger is taken for a contact")
		}
	}
}

// What one contact's key takes off a pair is another age file that it does not
// open, whatever is tried: every layer is peeled that can be.
func TestOneContactOpensNothing(t *testing.T) {
	for _, n := range []int{2, 3} {
		kit, people, c := circle(t, n)
		for i, p := range people {
			waiting, peeled := slices.Clone([][]byte(c.Pairs())), 0
			for len(waiting) > 0 {
				plain, err := open(waiting[0], p.Identity())
				waiting = waiting[1:]
				if err != nil {
					continue
				}
				peeled++
				waiting = append(waiting, []byte(plain))
				if strings.Contains(plain, "SECRET") || strings.Contains(plain, kit.Code()[20:]) {
					t.Fatalf("%d of %d holds the kit", i, n)
				}
			}
			if peeled != 1 {
				t.Errorf("%d of %d takes off %d wrappings, want 1", i, n, peeled)
			}
		}
	}
}

// No byte of a pair can be changed and the pair still be opened.
func TestFlippedByte(t *testing.T) {
	_, people, c := circle(t, 2)
	pair := c.Pairs()[0] // of the first and the second
	every := 1
	if short {
		every = 17
	}
	for at := 0; at < len(pair); at += every {
		changed := bytes.Clone(pair)
		changed[at] ^= 1 << (at % 8)
		if _, err := (recovery.Pairs{changed}).Join(people[0], people[1]); !errors.Is(err, recovery.ErrDamaged) && !errors.Is(err, recovery.ErrStranger) {
			t.Fatalf("byte %d of %d: %v", at, len(pair), err)
		}
	}
	if _, err := (recovery.Pairs{pair}).Join(people[1], people[0]); err != nil {
		t.Errorf("unchanged: %v", err)
	}
	for _, cut := range []int{0, 1, 100, len(pair) - 1} {
		if _, err := (recovery.Pairs{pair[:cut]}).Join(people[0], people[1]); !errors.Is(err, recovery.ErrDamaged) {
			t.Errorf("cut to %d: %v", cut, err)
		}
	}
}

// What two contacts open must be a kit.
func TestJoinOfSomethingElse(t *testing.T) {
	_, people, _ := circle(t, 2)
	a, b := people[0], people[1]
	for _, plain := range []string{"", "hello", "AGE-SECRET-KEY-PQ-1", strings.Repeat("x", 1<<20)} {
		pair := sealTo(t, string(sealTo(t, plain, b.Recipient())), a.Recipient())
		if _, err := (recovery.Pairs{pair}).Join(a, b); !errors.Is(err, recovery.ErrDamaged) {
			t.Errorf("%.10q inside: %v", plain, err)
		}
	}
	if _, err := (recovery.Pairs(nil)).Join(a, b); !errors.Is(err, recovery.ErrStranger) {
		t.Errorf("no pairs: %v", err)
	}
}

func TestNewContactsRefuses(t *testing.T) {
	k, a, b, c, d := kitOf(t, "k"), kitOf(t, "a"), kitOf(t, "b"), kitOf(t, "c"), kitOf(t, "d")
	for name, people := range map[string][]*recovery.Kit{
		"none": nil, "one": {a}, "four": {a, b, c, d}, "the same twice": {a, b, a}, "the kit itself": {a, k},
	} {
		if _, err := recovery.NewContacts(k, people...); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// A new kit for the same people: the sheets they have open it, and the old pairs
// still the old one.
func TestRenew(t *testing.T) {
	old, people, c := circle(t, 3)
	fresh := kitOf(t, "renewed")
	renewed, err := c.Renew(fresh)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := renewed.Pairs().Join(people[2], people[0]); err != nil || !got.Is(fresh.Recipient()) {
		t.Errorf("the new kit: %v", err)
	}
	if got, err := c.Pairs().Join(people[2], people[0]); err != nil || !got.Is(old.Recipient()) {
		t.Errorf("the old kit: %v", err)
	}
	if !renewed.For(fresh.Recipient()) || renewed.For(old.Recipient()) || renewed.For(nil) || renewed.Count() != 3 {
		t.Error("it is not known which kit they open")
	}
}

// A file to the contacts opens with the kit as any other, without a word of ours,
// and carries what two contacts need.
func TestRecipients(t *testing.T) {
	for _, n := range []int{2, 3} {
		kit, people, c := circle(t, n)
		wallet, err := age.GenerateHybridIdentity()
		if err != nil {
			t.Fatal(err)
		}
		file := sealTo(t, "records", append(c.Recipients(), wallet.Recipient())...)
		for _, id := range []age.Identity{wallet, kit.Identity()} {
			if plain, err := open(file, id); err != nil || plain != "records" {
				t.Errorf("%q, %v", plain, err)
			}
		}
		if _, err := open(file, people[0].Identity()); err == nil {
			t.Error("a contact alone opens the file")
		}
		pairs, err := recovery.Find(bytes.NewReader(file))
		if err != nil || len(pairs) != n {
			t.Fatalf("%d pairs, %v", len(pairs), err)
		}
		joined, err := pairs.Join(people[n-1], people[0])
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := open(file, joined.Identity()); err != nil || plain != "records" {
			t.Errorf("with two sheets: %q, %v", plain, err)
		}
		alone := sealTo(t, "records", wallet.Recipient(), kit.Recipient())
		size := 0
		for _, p := range pairs {
			size += len(p)
		}
		t.Logf("2 of %d: %d bytes in pairs, %d more in the file", n, size, len(file)-len(alone))
		if size > n*3500 {
			t.Errorf("%d bytes", size)
		}
		// A pair that was changed is found out when the file is opened: the MAC covers the header.
		at := bytes.Index(file, []byte("-> potli-contacts 1\n")) + 200
		file[at] ^= 3 // another letter of base64, or none
		if _, err := open(file, kit.Identity()); err == nil {
			t.Error("a changed pair was not found")
		}
	}
}

// No contacts add nothing to a file.
func TestNoRecipients(t *testing.T) {
	var none *recovery.Contacts
	if got := none.Recipients(); len(got) != 0 {
		t.Errorf("%d recipients of nobody", len(got))
	}
}

// The label keeps a weaker recipient out.
func TestRecipientsAreNotMixed(t *testing.T) {
	_, _, c := circle(t, 2)
	weak, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := age.Encrypt(io.Discard, append(c.Recipients(), weak.Recipient())...); err == nil {
		t.Error("the file can be opened by a quantum computer")
	}
}

// stanza is a recipient that writes whatever stanza a stranger would.
type stanza age.Stanza

func (s *stanza) Wrap([]byte) ([]*age.Stanza, error) { return []*age.Stanza{(*age.Stanza)(s)}, nil }

func TestFindRefuses(t *testing.T) {
	carry := func(n int, s stanza) []byte {
		to := make([]age.Recipient, n)
		for i := range to {
			to[i] = &s
		}
		return sealTo(t, "x", to...)
	}
	sound := stanza{Type: "potli-contacts", Args: []string{"1"}, Body: []byte("a pair")}
	for _, tt := range []struct {
		name string
		file []byte
		want error
	}{
		{"empty", nil, recovery.ErrDamaged},
		{"not age", []byte("hello"), recovery.ErrDamaged},
		{"a header cut off", carry(2, sound)[:60], recovery.ErrDamaged},
		{"no contacts", sealTo(t, "x", kitOf(t, "k").Recipient()), recovery.ErrNoContacts},
		{"another type", carry(2, stanza{Type: "potli-contact", Args: []string{"1"}}), recovery.ErrNoContacts},
		{"a later version", carry(2, stanza{Type: "potli-contacts", Args: []string{"2"}, Body: []byte("x")}), recovery.ErrVersion},
		{"another argument", carry(2, stanza{Type: "potli-contacts", Args: []string{"1", "2"}}), recovery.ErrVersion},
		{"one pair", carry(1, sound), recovery.ErrDamaged},
		{"four pairs", carry(4, sound), recovery.ErrDamaged},
		{"many pairs", carry(1000, sound), recovery.ErrDamaged},
		{"an empty pair", carry(2, stanza{Type: "potli-contacts", Args: []string{"1"}}), recovery.ErrDamaged},
		{"a huge pair", carry(2, stanza{Type: "potli-contacts", Args: []string{"1"}, Body: make([]byte, 9<<10)}), recovery.ErrDamaged},
		{"sound", carry(3, sound), nil},
	} {
		if _, err := recovery.Find(bytes.NewReader(tt.file)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestMarshalContacts(t *testing.T) {
	kit, people, c := circle(t, 3)
	b, err := c.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b, []byte("SECRET")) {
		t.Error("a secret is written down")
	}
	got, err := recovery.UnmarshalContacts(b)
	if err != nil || !got.For(kit.Recipient()) || got.Count() != 3 || got.Which(people[2]) != 2 {
		t.Fatalf("UnmarshalContacts: %v", err)
	}
	if again, err := got.Marshal(); err != nil || !bytes.Equal(again, b) {
		t.Errorf("another document: %v", err)
	}
	t.Logf("%d bytes", len(b))
	recipient := people[0].Recipient().String()
	for name, tt := range map[string]struct {
		doc  string
		want error
	}{
		"empty":           {"", recovery.ErrDamaged},
		"not JSON":        {"hello", recovery.ErrDamaged},
		"null":            {"null", recovery.ErrDamaged},
		"later version":   {`{"version":"potli-contacts/2"}`, recovery.ErrVersion},
		"another version": {`{"version":"potli-user/1"}`, recovery.ErrDamaged},
		"huge":            {string(b) + strings.Repeat(" ", 1<<16), recovery.ErrDamaged},
		"no kit":          {strings.Replace(string(b), `"kit"`, `"kid"`, 1), recovery.ErrDamaged},
		"one too few":     {strings.Replace(string(b), `,"`+people[2].Recipient().String()+`"`, "", 1), recovery.ErrDamaged},
		"the same twice":  {strings.Replace(string(b), people[1].Recipient().String(), recipient, 1), recovery.ErrDamaged},
		"a wrong letter":  {strings.Replace(string(b), recipient, recipient[:100]+"b"+recipient[101:], 1), recovery.ErrDamaged},
		"no pairs":        {strings.Replace(string(b), `"pairs"`, `"pears"`, 1), recovery.ErrDamaged},
	} {
		if _, err := recovery.UnmarshalContacts([]byte(tt.doc)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

func FuzzFind(f *testing.F) {
	_, people, c := circle(f, 2)
	f.Add(sealTo(f, "records", c.Recipients()...))
	f.Add([]byte("age-encryption.org/v1\n-> potli-contacts 1\n\n---"))
	f.Fuzz(func(t *testing.T, file []byte) {
		pairs, err := recovery.Find(bytes.NewReader(file))
		if err != nil {
			return
		}
		if len(pairs) < 2 || len(pairs) > 3 {
			t.Errorf("%d pairs", len(pairs))
		}
		pairs.Join(people[0], people[1])
	})
}

func FuzzUnmarshalContacts(f *testing.F) {
	kit, people, c := circle(f, 2)
	b, err := c.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"version":"potli-contacts/1","pairs":["",""]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := recovery.UnmarshalContacts(b)
		if err != nil {
			return
		}
		if _, err := c.Marshal(); err != nil {
			t.Error(err)
		}
		if got, err := c.Pairs().Join(people[0], people[1]); err == nil && c.For(kit.Recipient()) && !got.Is(kit.Recipient()) {
			t.Log("pairs of another kit: the file they lie in decides")
		}
	})
}

// Two of three neighbours keep a sheet each. The phone is lost; two sheets and the
// backup are there.
func Example_contacts() {
	rand := strings.NewReader(strings.Repeat("not random, for the example only", 1) + strings.Repeat("asha", 8) + strings.Repeat("ravi", 8) + strings.Repeat("sena", 8))
	kit, _ := recovery.New(rand)
	asha, _ := recovery.New(rand)
	ravi, _ := recovery.New(rand)
	sen, _ := recovery.New(rand)
	contacts, err := recovery.NewContacts(kit, asha, ravi, sen)
	if err != nil {
		fmt.Println(err)
		return
	}
	var backup bytes.Buffer
	w, _ := age.Encrypt(&backup, contacts.Recipients()...)
	io.WriteString(w, "everything")
	w.Close()

	pairs, _ := recovery.Find(bytes.NewReader(backup.Bytes()))
	found, err := pairs.Join(sen, asha)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, _ := age.Decrypt(&backup, found.Identity())
	plain, _ := io.ReadAll(r)
	fmt.Printf("%s\n", plain)
	// Output: everything
}
