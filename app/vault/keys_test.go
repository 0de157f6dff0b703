package vault_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"filippo.io/age"

	"potli/app/record"
	"potli/app/vault"
	"potli/app/vault/blobstest"
	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// rolled is a ring with a new epoch of the user, or of a profile.
func rolled(t testing.TB, r *keyring.Ring, profile string) *keyring.Ring {
	t.Helper()
	if profile != "" {
		next, _, err := r.Roll(profile, 0)
		if err != nil {
			t.Fatal(err)
		}
		return next
	}
	u, err := r.User().Roll(r.Keys(), clock()())
	if err != nil {
		t.Fatal(err)
	}
	next, err := r.WithUser(u, clock()())
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func setRing(t testing.TB, v *vault.Vault, r *keyring.Ring) {
	t.Helper()
	if err := v.SetRing(ctx, r); err != nil {
		t.Fatal(err)
	}
}

func TestUnlockFiles(t *testing.T) {
	b := vault.Memory()
	v := create(t, b)
	put := func(m vault.Method, file string) {
		t.Helper()
		if err := v.SetUnlockFile(ctx, m, []byte(file)); err != nil {
			t.Fatal(err)
		}
	}
	put(vault.Passkey, "by passkey")
	put(vault.Quick, "by the browser's key")
	put(vault.Words, "new words")
	want := map[vault.Method][]byte{vault.Words: []byte("new words"), vault.Passkey: []byte("by passkey"), vault.Quick: []byte("by the browser's key")}
	if got, err := vault.UnlockFiles(ctx, b); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("UnlockFiles = %q, %v", got, err)
	}
	put(vault.Passkey, "")
	put(vault.Quick, "")
	delete(want, vault.Passkey)
	delete(want, vault.Quick)
	if got, err := vault.UnlockFiles(ctx, b); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("UnlockFiles = %q, %v", got, err)
	}
	// T23: a wallet that only a passkey opens is not to be had.
	before := copyOf(t, b)
	for name, files := range map[string]map[vault.Method][]byte{
		"none":         {vault.Words: nil},
		"only passkey": {vault.Words: nil, vault.Passkey: []byte("x")},
		"empty":        {vault.Words: {}, vault.Quick: []byte("x")},
	} {
		if err := v.Apply(ctx, vault.Change{Unlock: files}); !errors.Is(err, vault.ErrOnlyWords) {
			t.Errorf("%s: %v, want ErrOnlyWords", name, err)
		}
	}
	if err := v.SetUnlockFile(ctx, "head", []byte("x")); err == nil {
		t.Error("another object was written as an unlock file")
	}
	sameStore(t, before, b)
	if _, err := vault.Create(ctx, options(vault.Memory()), ring(), nil); !errors.Is(err, vault.ErrOnlyWords) {
		t.Errorf("Create without words: %v", err)
	}
}

// What opens everything else lies there twice: a changed byte costs nothing.
func TestKeysLieThereTwice(t *testing.T) {
	b := vault.Memory()
	want := held(t, family(t, b))
	objects := []string{"user", "spare/user"}
	objects = append(objects, names(t, b, "ring/")...)
	objects = append(objects, names(t, b, "spare/ring/")...)
	if len(objects) != 2+2*len(people) {
		t.Fatalf("%q", objects)
	}
	for _, name := range objects {
		for harm, change := range map[string]func(b vault.Blobs){
			"flipped": func(b vault.Blobs) { set(t, b, map[string][]byte{name: flip(raw(t, b, name), -40)}) },
			"header":  func(b vault.Blobs) { set(t, b, map[string][]byte{name: flip(raw(t, b, name), 300)}) },
			"emptied": func(b vault.Blobs) { set(t, b, map[string][]byte{name: {}}) },
			"deleted": func(b vault.Blobs) { set(t, b, nil, name) },
		} {
			if (raced || runtime.GOOS == "js") && harm != "flipped" && harm != "deleted" {
				continue
			}
			b := copyOf(t, b)
			change(b)
			v := reopen(t, b)
			if !same(held(t, v), want) || len(v.Faults()) > 0 || v.Rebuilt() {
				t.Errorf("%.9s %s: faults %v, rebuilt %v", name, harm, v.Faults(), v.Rebuilt())
			}
			if !bytes.Equal(raw(t, b, "user"), raw(t, b, "spare/user")) || len(names(t, b, "ring/")) != len(people) || len(names(t, b, "spare/ring/")) != len(people) {
				t.Errorf("%.9s %s: not mended", name, harm)
			}
			w := watch(b)
			if v = reopen(t, w); len(w.writes) > 0 || !same(held(t, v), want) {
				t.Errorf("%.9s %s: mended again and again", name, harm)
			}
		}
	}
	// The unlock file too: where its copies differ, both are handed out.
	set(t, b, map[string][]byte{"unlock": flip(raw(t, b, "unlock"), 3)})
	if file, other, err := vault.UnlockFile(ctx, b); err != nil || string(other) != "the unlock file" || bytes.Equal(file, other) {
		t.Errorf("UnlockFile = %q, %q, %v", file, other, err)
	}
	set(t, b, nil, "unlock")
	if file, other, err := vault.UnlockFile(ctx, b); err != nil || string(file) != "the unlock file" || other != nil {
		t.Errorf("UnlockFile = %q, %q, %v", file, other, err)
	}
	if ok, err := vault.Exists(ctx, b); !ok || err != nil {
		t.Errorf("Exists = %v, %v: a vault that lost its unlock file is taken for none", ok, err)
	}
}

// A copy that cannot be mended because the disk is full is mended with the next
// write, and nothing that is still good goes before that.
func TestMendingOnAFullDisk(t *testing.T) {
	for _, name := range []string{"user", "ring", "spare"} {
		disk := vault.Memory()
		want := held(t, family(t, disk))
		object := name
		switch name {
		case "ring":
			object = names(t, disk, "ring/")[0]
		case "spare":
			object = names(t, disk, "spare/ring/")[0]
		}
		set(t, disk, map[string][]byte{object: flip(raw(t, disk, object), -40)})
		f := &blobstest.Faulty{Blobs: disk}
		f.Limit(1)
		v := reopen(t, f)
		if !same(held(t, v), want) {
			t.Errorf("%s: something is missing", name)
		}
		if got := held(t, reopen(t, copyOf(t, disk))); !same(got, want) {
			t.Errorf("%s: something is missing in storage", name)
		}
		f.Limit(0)
		if err := v.PutDocs(ctx, map[string][]byte{"x": nil, "settings": []byte("{}")}); err != nil {
			t.Fatal(err)
		}
		w := watch(disk)
		v = reopen(t, w)
		if !same(held(t, v), want) || len(v.Faults()) > 0 || v.Rebuilt() || len(w.writes) > 0 {
			t.Errorf("%s: faults %v, rebuilt %v, %d writes", name, v.Faults(), v.Rebuilt(), len(w.writes))
		}
		if len(names(t, disk, "ring/")) != len(people) || len(names(t, disk, "spare/ring/")) != len(people) {
			t.Errorf("%s: %d rings", name, len(names(t, disk, "ring/")))
		}
	}
}

// Both copies of a ring gone: it is named, all else is there, and so is what it
// opens when it comes back.
func TestLostRing(t *testing.T) {
	b := vault.Memory()
	v := family(t, b)
	want := held(t, v)
	for _, name := range names(t, b, "ring/") {
		whole := copyOf(t, b)
		set(t, b, nil, "spare/"+name)
		set(t, b, map[string][]byte{name: flip(raw(t, b, name), -1)})
		v := reopen(t, b)
		if got := v.Faults(); len(got) != 1 || got[0] != (vault.Fault{Name: name, Reason: vault.ReasonDamaged}) {
			t.Errorf("Faults = %v", got)
		}
		if len(v.Metas()) != 13 {
			t.Errorf("%d records are listed", len(v.Metas()))
		}
		// Writing goes on, and does not take the rest of the ring away.
		if err := v.PutDocs(ctx, map[string][]byte{"x": nil, "settings": []byte("{}")}); err != nil {
			t.Fatal(err)
		}
		set(t, b, map[string][]byte{name: raw(t, whole, name)})
		if v = reopen(t, b); len(v.Faults()) > 0 || !same(held(t, v), want) {
			t.Errorf("after it came back: faults %v", v.Faults())
		}
		b = whole
	}
}

// T5: every older keyring that is put back is refused.
func TestKeysPutBack(t *testing.T) {
	b := vault.Memory()
	v := family(t, b)
	var days []vault.Blobs
	for i := range 4 {
		days = append(days, copyOf(t, b))
		r := rolled(t, v.Ring(), "asha")
		if i%2 == 0 {
			r = rolled(t, r, "")
		}
		setRing(t, v, r)
		add(t, v, "asha", fmt.Sprint("day ", i))
	}
	want := held(t, v)
	for i, day := range days {
		// The user file alone.
		b := copyOf(t, b)
		set(t, b, map[string][]byte{"user": raw(t, day, "user"), "spare/user": raw(t, day, "user")})
		r, err := vault.Ring(ctx, b, keys())
		if err != nil {
			t.Fatal(err)
		}
		before := copyOf(t, b)
		if r.User().Pin() == v.Ring().User().Pin() {
			continue // only a profile had a new epoch
		}
		if _, err := vault.Open(ctx, options(b), r, nil); !errors.Is(err, vault.ErrPutBack) {
			t.Errorf("day %d: %v, want ErrPutBack", i, err)
		}
		sameStore(t, before, b)
	}
	// One copy of it alone does not matter, nor do old rings beside the new.
	b2 := copyOf(t, b)
	set(t, b2, map[string][]byte{"user": raw(t, days[0], "user")})
	for _, day := range days {
		for _, name := range append(names(t, day, "ring/"), names(t, day, "spare/ring/")...) {
			if _, err := b2.Get(ctx, name); err != nil {
				set(t, b2, map[string][]byte{name: raw(t, day, name)})
			}
		}
	}
	v = reopen(t, b2)
	if !same(held(t, v), want) || len(v.Faults()) > 0 || len(names(t, b2, "ring/")) != len(people) {
		t.Errorf("faults %v, %d rings", v.Faults(), len(names(t, b2, "ring/")))
	}
	if n, _, _ := v.Ring().Newest("asha"); n != 5 {
		t.Errorf("epoch %d, want 5", n)
	}
}

// The head alone put back from before a new epoch: nothing is lost, and keys are
// not taken back with it.
func TestHeadPutBack(t *testing.T) {
	b := vault.Memory()
	v := family(t, b)
	old := raw(t, b, "head")
	setRing(t, v, rolled(t, rolled(t, v.Ring(), "asha"), ""))
	add(t, v, "asha", "after")
	want := held(t, v)
	set(t, b, map[string][]byte{"head": old})
	v = reopen(t, b)
	if got := held(t, v); !same(got, want) || len(v.Faults()) > 0 || !v.Rebuilt() {
		t.Errorf("%d records, faults %v", len(got.records), v.Faults())
	}
	if n, _, _ := v.Ring().Newest("asha"); n != 2 || v.Ring().User().Epoch() != 2 {
		t.Errorf("epochs %d and %d", n, v.Ring().User().Epoch())
	}
}

// Each thing is sealed to the newest epoch of whom it belongs to, and opens with
// that key alone.
func TestEpochs(t *testing.T) {
	b := vault.Memory()
	v := create(t, b)
	first := add(t, v, "asha", "first")
	setRing(t, v, rolled(t, v.Ring(), "asha"))
	second := add(t, v, "asha", "second")
	other := add(t, v, "ravi", "other")
	if err := v.Apply(ctx, vault.Change{Docs: map[string]vault.Doc{
		"share/a": {Profile: "asha", Body: []byte("ledger")}, "settings": {Body: []byte("{}")},
	}}); err != nil {
		t.Fatal(err)
	}
	open := func(name string, o *keyring.Opener) error {
		kind, id, _ := strings.Cut(name, "/")
		_, _, err := o.Open(raw(t, b, name), envelope.Expect{Kind: map[string]string{"rec": "record", "doc": "doc"}[kind], ID: id})
		return err
	}
	r := v.Ring()
	docs := map[string]int{}
	for _, name := range names(t, b, "doc/") {
		for profile, o := range map[string]*keyring.Opener{"asha": r.Opener("asha", 2), "ravi": r.Opener("ravi"), "": r.Opener("")} {
			if open(name, o) == nil {
				docs[profile]++
			}
		}
	}
	if !maps.Equal(docs, map[string]int{"asha": 1, "": 1}) {
		t.Errorf("documents open with %v", docs)
	}
	for _, tt := range []struct {
		id      record.ID
		profile string
		epoch   int
	}{{first.ID, "asha", 1}, {second.ID, "asha", 2}, {other.ID, "ravi", 1}} {
		name := "rec/" + string(tt.id)
		if err := open(name, r.Opener(tt.profile, tt.epoch)); err != nil {
			t.Errorf("%s %d: %v", tt.profile, tt.epoch, err)
		}
		if err := open(name, r.Opener("")); err == nil {
			t.Error("a record opens with the user's key")
		}
		if sealed, epoch, err := v.Sealed(ctx, tt.id); err != nil || epoch != tt.epoch || !bytes.Equal(sealed, raw(t, b, name)) {
			t.Errorf("Sealed = epoch %d, %v", epoch, err)
		}
	}
	// Whoever holds the first epoch alone opens the first record alone.
	late := newRing()
	late, err := late.Learn("asha", 1, r.Identity("asha", 1))
	if err != nil {
		t.Fatal(err)
	}
	if late, err = late.Trust(r.Device(), r.Keys().Verifier()); err != nil {
		t.Fatal(err)
	}
	if open("rec/"+string(first.ID), late.Opener("asha")) != nil || open("rec/"+string(second.ID), late.OpenerOfAll()) == nil {
		t.Error("the wrong records open with the first epoch")
	}
	for _, v := range []*vault.Vault{v, reopen(t, b)} {
		wantBody(t, v, first.ID, "first")
		wantBody(t, v, second.ID, "second")
		if doc, err := v.Doc(ctx, "share/a"); err != nil || string(doc) != "ledger" {
			t.Errorf("share/a = %q, %v", doc, err)
		}
	}
	if _, err := v.Add(ctx, meta("nobody", "x"), []byte("x")); !errors.Is(err, keyring.ErrNoProfile) {
		t.Errorf("a record of nobody's: %v, want ErrNoProfile", err)
	}
	// All of it is made again without an index.
	set(t, b, nil, append(names(t, b, "index/"), "head")...)
	again := reopen(t, b)
	if !same(held(t, again), held(t, v)) || len(again.Faults()) > 0 {
		t.Errorf("made again: faults %v", again.Faults())
	}
}

// T4: what is put there by somebody who had been let in once, or by a device
// that nobody told us of, is named and not shown.
func TestQuarantine(t *testing.T) {
	b := vault.Memory()
	v := create(t, b)
	add(t, v, "asha", "ours")
	father := newRing()
	closed, open := v.Ring().Identity("asha", 1), func() *age.HybridIdentity {
		setRing(t, v, rolled(t, v.Ring(), "asha"))
		return v.Ring().Identity("asha", 2)
	}()
	forge := func(to *age.HybridIdentity, epoch int, r *keyring.Ring, n string) (string, []byte) {
		id := strings.Repeat(n, 43)
		h := envelope.Header{
			Kind: "record", Profile: "asha", Epoch: epoch, ID: id, Seq: 99, Device: r.Device(), Created: "2026-05-01T09:30:00Z", Type: "application/pdf",
			Meta: `{"sha256":"` + sha(n) + `","source":{"how":"file"}}`,
		}
		sealed, err := envelope.Seal(h, []byte(n), to.Recipient(), r.Signer())
		if err != nil {
			t.Fatal(err)
		}
		return "rec/" + id, sealed
	}
	put := map[string][]byte{}
	want := map[string]string{}
	for n, tt := range map[string]struct {
		to     *age.HybridIdentity
		epoch  int
		by     *keyring.Ring
		reason string
	}{
		"A": {closed, 1, v.Ring(), vault.ReasonClosed},
		"B": {open, 2, father, vault.ReasonDevice},
		"C": {closed, 1, father, vault.ReasonDevice},
		"D": {open, 1, v.Ring(), vault.ReasonDamaged}, // says another epoch than its key's
		"E": {father.Identity("", 1), 1, father, vault.ReasonForeign},
	} {
		name, sealed := forge(tt.to, tt.epoch, tt.by, n)
		put[name], want[name] = sealed, tt.reason
	}
	set(t, b, put)
	for range 2 { // it stays so
		v = reopen(t, b)
		got := map[string]string{}
		for _, f := range v.Faults() {
			got[f.Name] = f.Reason
		}
		if !maps.Equal(got, want) || len(v.Metas()) != 1 {
			t.Errorf("faults %v, want %v; %d records", got, want, len(v.Metas()))
		}
	}
	// Told of the device, its record of the open epoch comes in.
	r, err := v.Ring().Trust(father.Device(), father.Keys().Verifier())
	if err != nil {
		t.Fatal(err)
	}
	setRing(t, v, r)
	for _, v := range []*vault.Vault{v, reopen(t, b)} {
		wantBody(t, v, record.ID(strings.Repeat("B", 43)), "B")
		if v.Ring().Verifier(father.Device()) == nil {
			t.Error("the device is forgotten")
		}
	}
}

// Records that another device sealed are kept as they are.
func TestTake(t *testing.T) {
	mother := vault.Memory()
	v := create(t, mother)
	r := newRing()
	r, err := r.Learn("asha", 1, v.Ring().Identity("asha", 1))
	if err != nil {
		t.Fatal(err)
	}
	if r, err = r.Trust(keys().Device, keys().Verifier()); err != nil {
		t.Fatal(err)
	}
	father := vault.Memory()
	f, err := vault.Create(ctx, options(father), r, []byte("u"))
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := f.Add(ctx, meta("asha", "from father"), []byte("father's"))
	if err != nil {
		t.Fatal(err)
	}
	sealed, _, err := f.Sealed(ctx, theirs.ID)
	if err != nil {
		t.Fatal(err)
	}
	bad := record.ID(strings.Repeat("A", 43))
	arrive := func() {
		t.Helper()
		if err := v.Apply(ctx, vault.Change{
			Records: map[record.ID][]byte{theirs.ID: sealed, bad: sealed},
			Docs:    map[string]vault.Doc{"chain/1": {Profile: "asha", Body: []byte("entry")}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	// Before anybody told of the device it waits.
	arrive()
	if _, ok := v.Meta(theirs.ID); ok || len(v.Faults()) != 2 {
		t.Errorf("shown %v, faults %v", ok, v.Faults())
	}
	v = reopen(t, mother)
	if got := v.Faults(); len(got) != 2 || got[0].Reason != vault.ReasonDevice || got[1].Reason != vault.ReasonDevice {
		t.Errorf("after opening again: faults %v", got)
	}
	told, err := v.Ring().Trust(r.Device(), r.Keys().Verifier())
	if err != nil {
		t.Fatal(err)
	}
	setRing(t, v, told)
	arrive() // what is here already changes nothing
	for range 2 {
		m, ok := v.Meta(theirs.ID)
		m.Outline, theirs.Outline = theirs.Outline, m.Outline
		if !ok || !reflect.DeepEqual(m, theirs) {
			t.Errorf("Meta = %+v, want %+v", m, theirs)
		}
		wantBody(t, v, theirs.ID, "father's")
		if got, _, err := v.Sealed(ctx, theirs.ID); err != nil || !bytes.Equal(got, sealed) {
			t.Errorf("it was not kept as it is: %v", err)
		}
		set(t, mother, nil, append(names(t, mother, "index/"), "head")...)
		v = reopen(t, mother) // made again without an index, the device is still known
		if got := v.Faults(); len(got) != 1 || got[0] != (vault.Fault{Name: "rec/" + string(bad), Reason: vault.ReasonDamaged}) || len(v.Metas()) != 1 {
			t.Errorf("%d records, faults %v", len(v.Metas()), v.Faults())
		}
	}
	if err := v.Apply(ctx, vault.Change{Records: map[record.ID][]byte{"../head": sealed}}); err == nil {
		t.Error("a record of an impossible name was taken")
	}
}

// The same document that two people brought in stays two records: each is named
// in what they told each other.
func TestTwinsOfTwoPeople(t *testing.T) {
	b := vault.Memory()
	v := create(t, b)
	mine := add(t, v, "asha", "the same report")
	r := newRing()
	r, err := r.Learn("asha", 1, v.Ring().Identity("asha", 1))
	if err != nil {
		t.Fatal(err)
	}
	f, err := vault.Create(ctx, options(vault.Memory()), r, []byte("u"))
	if err != nil {
		t.Fatal(err)
	}
	theirs := add(t, f, "asha", "the same report")
	sealed, _, err := f.Sealed(ctx, theirs.ID)
	if err != nil {
		t.Fatal(err)
	}
	told, err := v.Ring().Trust(r.Device(), r.Keys().Verifier())
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Apply(ctx, vault.Change{Ring: told, Records: map[record.ID][]byte{theirs.ID: sealed}}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		wantBody(t, v, mine.ID, "the same report")
		wantBody(t, v, theirs.ID, "the same report")
		set(t, b, nil, append(names(t, b, "index/"), "head")...)
		v = reopen(t, b)
	}
}

// Two that change the keys at once both have their way.
func TestUpdateIsOneAtATime(t *testing.T) {
	b := vault.Memory()
	v := create(t, b)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if err := v.Update(ctx, func(r *keyring.Ring) (vault.Change, error) {
				next, err := r.AddProfile(fmt.Sprint("profile ", i))
				return vault.Change{Ring: next}, err
			}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := len(reopen(t, b).Ring().Profiles()); n != len(people)+8 {
		t.Errorf("%d profiles", n)
	}
	if err := v.SetRing(ctx, newRing()); !errors.Is(err, vault.ErrWrongKey) {
		t.Errorf("the ring of another wallet: %v", err)
	}
	// What was thought out before somebody else's change is not written over it.
	old := v.Ring()
	setRing(t, v, rolled(t, old, "asha"))
	if err := v.SetRing(ctx, rolled(t, old, "ravi")); !errors.Is(err, vault.ErrPutBack) {
		t.Errorf("a ring from before another's new epoch: %v, want ErrPutBack", err)
	}
	old = v.Ring()
	setRing(t, v, rolled(t, old, ""))
	if err := v.SetRing(ctx, rolled(t, old, "")); !errors.Is(err, vault.ErrPutBack) {
		t.Errorf("a user document from before another: %v, want ErrPutBack", err)
	}
	if n, _, _ := reopen(t, b).Ring().Newest("asha"); n != 2 {
		t.Errorf("epoch %d", n)
	}
}

// Whoever lost the words opens the vault with the kit. Nothing is written before
// there are new words.
func TestRecover(t *testing.T) {
	b := vault.Memory()
	v := family(t, b)
	setRing(t, v, rolled(t, v.Ring(), "asha"))
	want := held(t, v)
	before := copyOf(t, b)
	other, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Recover(ctx, options(b), other, "phone", nil); !errors.Is(err, vault.ErrWrongKey) {
		t.Errorf("another kit: %v, want ErrWrongKey", err)
	}
	if _, err := vault.Recover(ctx, options(b), keys().Identity, "phone", nil); !errors.Is(err, vault.ErrWrongKey) {
		t.Errorf("a device's key as a kit: %v, want ErrWrongKey", err)
	}
	if _, err := vault.Recover(ctx, options(vault.Memory()), kit(), "phone", nil); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("without a vault: %v, want ErrNotFound", err)
	}
	v, err = vault.Recover(ctx, options(b), kit(), "phone", nil)
	if err != nil {
		t.Fatal(err)
	}
	if want.user++; !same(held(t, v), want) {
		t.Errorf("%d records", len(v.Metas()))
	}
	if _, err := v.Add(ctx, meta("asha", "x"), []byte("x")); !errors.Is(err, vault.ErrOlder) {
		t.Errorf("Add before there are words: %v", err)
	}
	sameStore(t, before, b)
	if err := v.Apply(ctx, vault.Change{Ring: v.Ring(), Unlock: map[vault.Method][]byte{vault.Words: []byte("new words")}}); err != nil {
		t.Fatal(err)
	}
	m := add(t, v, "asha", "newer")
	r, err := vault.Ring(ctx, b, v.Ring().Keys())
	if err != nil {
		t.Fatal(err)
	}
	w := watch(b)
	if v, err = vault.Open(ctx, options(w), r, nil); err != nil || v.Rebuilt() || len(v.Faults()) > 0 || len(w.writes) > 0 {
		t.Fatalf("%v, rebuilt %v, faults %v", err, v.Rebuilt(), v.Faults())
	}
	wantBody(t, v, m.ID, "newer")
	if v.Ring().User().Epoch() != 2 {
		t.Errorf("the user's epoch is %d: what comes now opens for whoever had the device", v.Ring().User().Epoch())
	}
}

// A recovery that is stopped anywhere leaves the vault as it was, or recovered.
func TestRecoverIsAllOrNothing(t *testing.T) {
	for _, fate := range []blobstest.Fate{blobstest.DieBefore, blobstest.DieAfter} {
		disk := vault.Memory()
		want := held(t, family(t, disk))
		f := &blobstest.Faulty{Blobs: disk}
		v, err := vault.Recover(ctx, options(f), kit(), "phone", nil)
		if err != nil {
			t.Fatal(err)
		}
		f.At(1, fate)
		f.At(2, fate)
		if err := v.Apply(ctx, vault.Change{Ring: v.Ring(), Unlock: map[vault.Method][]byte{vault.Words: []byte("new")}}); err == nil {
			t.Fatal("it was not told of the failure")
		}
		if fate == blobstest.DieAfter {
			want.user++
		}
		if got := held(t, reopen(t, copyOf(t, disk))); !same(got, want) { // by the device there was
			t.Errorf("%v: the old words open another vault", fate)
		}
		_, err = vault.Ring(ctx, disk, v.Ring().Keys())
		if arrived := fate == blobstest.DieAfter; arrived != (err == nil) {
			t.Errorf("%v: by the new device: %v", fate, err)
		}
	}
}

// Reseal leaves nothing under an older epoch, and all that is known as it was.
func TestReseal(t *testing.T) {
	b := vault.Memory()
	v := family(t, b)
	big := bytes.Repeat([]byte("large "), 300<<10)
	for i := range 6 {
		if _, err := v.Add(ctx, meta("asha", fmt.Sprint("big ", i)), append(big, byte(i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.Apply(ctx, vault.Change{Docs: map[string]vault.Doc{"share/b": {Profile: "asha", Body: []byte("B")}}}); err != nil {
		t.Fatal(err)
	}
	want, metas := held(t, v), v.Metas()
	if v.Stale("asha") != 0 || v.Stale("") != 0 || v.Stale("nobody") != 0 {
		t.Error("there is something to do in a new vault")
	}
	setRing(t, v, rolled(t, rolled(t, v.Ring(), "asha"), ""))
	if v.Stale("asha") != 19 || v.Stale("ravi") != 0 || v.Stale("") < 3 {
		t.Errorf("%d, %d and %d to do", v.Stale("asha"), v.Stale("ravi"), v.Stale(""))
	}
	want.user = 2
	var told []int
	for _, profile := range []record.ProfileID{"asha", "", "ravi"} {
		if err := v.Reseal(ctx, profile, func(done, total int) { told = append(told, done, total) }); err != nil {
			t.Fatal(err)
		}
	}
	if v.Stale("asha") != 0 || v.Stale("") != 0 || len(told) < 6 {
		t.Errorf("%d and %d left, told %v", v.Stale("asha"), v.Stale(""), told)
	}
	for range 2 {
		if !same(held(t, v), want) || !reflect.DeepEqual(v.Metas(), metas) || len(v.Faults()) > 0 || v.Rebuilt() {
			t.Errorf("faults %v, rebuilt %v", v.Faults(), v.Rebuilt())
		}
		v = reopen(t, b)
	}
	r := v.Ring()
	for _, prefix := range []string{"rec/", "side/", "doc/", "index/", "ring/"} {
		for _, name := range names(t, b, prefix) {
			_, id, _ := strings.Cut(name, "/")
			kind := map[string]string{"rec/": "record", "side/": "record", "doc/": "doc", "index/": "index", "ring/": "ring"}[prefix]
			for _, o := range []*keyring.Opener{r.Opener("asha", 1), r.Opener("", 1)} {
				if _, _, err := o.Open(raw(t, b, name), envelope.Expect{Kind: kind, ID: id}); err == nil {
					t.Errorf("%s opens with an epoch that has ended", prefix)
				}
			}
		}
	}
	if n := len(names(t, b, "rec/")) + len(names(t, b, "side/")); n != 19 {
		t.Errorf("%d objects for 19 records", n)
	}
	// Once more, back to the first name.
	setRing(t, v, rolled(t, v.Ring(), "asha"))
	if err := v.Reseal(ctx, "asha", nil); err != nil {
		t.Fatal(err)
	}
	if v = reopen(t, b); !same(held(t, v), want) || !reflect.DeepEqual(v.Metas(), metas) {
		t.Error("sealed anew a second time, something is missing")
	}
}

// T29: a Reseal that is stopped anywhere has done a part of it, and goes on.
func TestResealStopsAnywhere(t *testing.T) {
	source := vault.Memory()
	v := family(t, source)
	name := "rec/" + string(v.Metas()[4].ID)
	setRing(t, v, rolled(t, rolled(t, v.Ring(), "asha"), ""))
	for _, harmed := range []bool{false, true} {
		if harmed {
			set(t, source, map[string][]byte{name: flip(raw(t, source, name), -3)})
		}
		want := len(reopen(t, source).Metas())
		for n := 1; ; n++ {
			disk := copyOf(t, source)
			f := &blobstest.Faulty{Blobs: disk}
			v := reopen(t, f)
			fate := []blobstest.Fate{blobstest.DieBefore, blobstest.DieAfter, blobstest.Full, blobstest.Forget}[n%4]
			f.At(n, fate)
			f.At(n+1, fate)
			var err error
			for left := 1; left > 0 && err == nil; {
				left, err = v.ResealSome(ctx, "asha", 3)
			}
			v = reopen(t, disk)
			if len(v.Faults()) > 0 || v.Rebuilt() || len(v.Metas()) != want {
				t.Fatalf("step %d: %d records, faults %v, rebuilt %v", n, len(v.Metas()), v.Faults(), v.Rebuilt())
			}
			if e := v.Reseal(ctx, "asha", nil); e != nil {
				t.Fatal(e)
			}
			lost := 0
			for _, m := range v.Metas() {
				if _, _, e := v.Original(ctx, m.ID); e != nil {
					lost++
				}
			}
			if lost > 0 != harmed || lost > 1 || len(v.Faults()) != lost || v.Stale("asha") != 0 {
				t.Errorf("step %d: %d lost, faults %v, %d left", n, lost, v.Faults(), v.Stale("asha"))
			}
			if err == nil {
				break
			}
		}
	}
}

// Wherever a first restore is stopped, there is no vault or the whole of it, and
// it can be begun again.
func TestCreateFromIsAllOrNothing(t *testing.T) {
	vault.SideBatch(t, 10_000)
	source := create(t, vault.Memory())
	for i := range 5 {
		add(t, source, "p", strings.Repeat(fmt.Sprint(i), 4<<10))
	}
	if err := source.PutDocs(ctx, map[string][]byte{"settings": []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	want := held(t, source)
	bk, err := vault.OpenBackup(ctx, export(t, source), nil, kit())
	if err != nil {
		t.Fatal(err)
	}
	r := recovered(t, bk)
	want.user = 2 // after a recovery
	again := func(disk vault.Blobs) {
		t.Helper()
		v, added, err := vault.CreateFrom(ctx, options(disk), r, []byte("u"), bk, nil)
		if err != nil || added != 5 || !same(held(t, v), want) {
			t.Fatalf("begun again: %d, %v", added, err)
		}
		if n := len(names(t, disk, "side/")); n != 5 || len(names(t, disk, "staged")) > 0 {
			t.Errorf("%d objects for 5 records", n)
		}
	}
	for _, fate := range []blobstest.Fate{blobstest.DieBefore, blobstest.DieAfter, blobstest.Full, blobstest.Forget} {
		for n := 1; ; n++ {
			disk := vault.Memory()
			f := &blobstest.Faulty{Blobs: disk}
			f.At(n, fate)
			f.At(n+1, fate)
			_, added, err := vault.CreateFrom(ctx, options(f), r, []byte("u"), bk, nil)
			exists, _ := vault.Exists(ctx, disk)
			if !exists {
				if err == nil {
					t.Fatalf("%v %d: it says there is a vault", fate, n)
				}
				again(disk)
				continue
			}
			ring, e := vault.Ring(ctx, disk, r.Keys())
			if e != nil {
				t.Fatal(e)
			}
			v, e := vault.Open(ctx, options(disk), ring, nil)
			if e != nil || !same(held(t, v), want) || v.Rebuilt() || len(v.Faults()) > 0 {
				t.Fatalf("%v %d: half a vault: %v", fate, n, e)
			}
			if _, _, e := vault.CreateFrom(ctx, options(disk), r, []byte("u"), bk, nil); !errors.Is(e, vault.ErrExists) {
				t.Errorf("a second time: %v, want ErrExists", e)
			}
			if err == nil {
				if added != 5 || n < 4 {
					t.Errorf("%v: %d commits, %d added", fate, n-1, added)
				}
				break
			}
		}
	}
	// Records of somebody's are never taken for what a restore has left.
	orphan := vault.Memory()
	set(t, orphan, map[string][]byte{"side/x": []byte("sealed")})
	if _, _, err := vault.CreateFrom(ctx, options(orphan), r, []byte("u"), bk, nil); !errors.Is(err, vault.ErrExists) {
		t.Errorf("upon records: %v, want ErrExists", err)
	}
}

// Keys in a backup are as they are sealed: nothing in it opens without kit or
// device, and what it says of people is what the rings are called: nothing.
func TestBackupCarriesKeys(t *testing.T) {
	b := vault.Memory()
	v := family(t, b)
	setRing(t, v, rolled(t, v.Ring(), "asha"))
	files := unzip(t, unseal(t, export(t, v)))
	var got []string
	for name, body := range files {
		if strings.HasPrefix(name, "keys/") {
			got = append(got, name)
			if strings.Contains(body, "AGE-SECRET") {
				t.Errorf("%s is not sealed", name)
			}
		}
	}
	if !slices.Contains(got, "keys/user.age") || len(got) != 1+len(people) {
		t.Errorf("%q", got)
	}
	bk := openBackup(t, export(t, v))
	r := recovered(t, bk)
	if !slices.Equal(r.Profiles(), v.Ring().Profiles()) || !slices.Equal(r.Epochs("asha"), []int{1, 2}) {
		t.Errorf("profiles %q, epochs %v", r.Profiles(), r.Epochs("asha"))
	}
	// Whom else a vault trusts comes with no backup: anybody can write one.
	father := newRing()
	told, err := v.Ring().Trust(father.Device(), father.Keys().Verifier())
	if err != nil {
		t.Fatal(err)
	}
	setRing(t, v, told)
	w, _, err := vault.CreateFrom(ctx, options(vault.Memory()), r, []byte("u"), openBackup(t, export(t, v)), nil)
	if err != nil || len(w.Ring().Trusted()) != 0 {
		t.Errorf("%d devices are trusted, %v", len(w.Ring().Trusted()), err)
	}
	if docs, err := w.Docs(ctx, ""); err != nil || len(docs) != 2 {
		t.Errorf("documents %q, %v", slices.Collect(maps.Keys(docs)), err)
	}
	if err := v.PutDocs(ctx, map[string][]byte{"vault/devices": []byte("{}")}); err == nil {
		t.Error("the vault's own document was written over")
	}
	if got := bk.Profiles(); !slices.Equal(got, []record.ProfileID{"asha", "ravi"}) {
		t.Errorf("Profiles = %q", got)
	}
}

// A vault with epochs as this release leaves it opens for ever: with its keys,
// with its kit, and its backup with the kit.
func TestGoldenEpochs(t *testing.T) {
	const dir = "testdata/vault3"
	text, err := os.ReadFile(dir + "/recovery.txt")
	if err != nil {
		t.Fatal(err)
	}
	golden, err := age.ParseHybridIdentity(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	b, k := readGolden(t, dir)
	r, err := vault.Ring(ctx, b, k)
	if err != nil {
		t.Fatal(err)
	}
	check := func(v *vault.Vault, epoch int) {
		t.Helper()
		wantGolden(t, v, false)
		if doc, err := v.Doc(ctx, "share/a"); err != nil || string(doc) != "ledger" {
			t.Errorf("share/a = %q, %v", doc, err)
		}
		if !slices.Equal(v.Ring().Epochs("asha"), []int{1, 2, 3}) || v.Ring().User().Epoch() != epoch || len(v.Ring().Trusted()) != 1 {
			t.Errorf("epochs %v and %d", v.Ring().Epochs("asha"), v.Ring().User().Epoch())
		}
	}
	v, err := vault.Open(ctx, vault.Options{Blobs: b}, r, nil)
	if err != nil {
		t.Fatal(err)
	}
	check(v, 3)
	if v, err = vault.Recover(ctx, options(b), golden, "phone", nil); err != nil {
		t.Fatal(err)
	}
	check(v, 4)
	file, err := os.ReadFile(dir + "/backup.age")
	if err != nil {
		t.Fatal(err)
	}
	bk, err := vault.OpenBackup(ctx, file, nil, golden)
	if err != nil {
		t.Fatal(err)
	}
	u, d, err := keyring.RecoverUser(bk.User(), golden, keyring.Pin{}, "phone", clock()())
	if err != nil {
		t.Fatal(err)
	}
	if r, err = keyring.NewRing(d, u); err != nil {
		t.Fatal(err)
	}
	if r, err = bk.Ring(r); err != nil {
		t.Fatal(err)
	}
	v, added, err := vault.CreateFrom(ctx, options(vault.Memory()), r, []byte("u"), bk, nil)
	if err != nil || added != 3 {
		t.Fatalf("CreateFrom = %d, %v", added, err)
	}
	wantGolden(t, v, false)
}
