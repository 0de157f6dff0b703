package keyring_test

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// Golden files of the documents of keys: what a release wrote must open for
// ever. The keys protect nothing.
//
//	kit.txt       the recovery key
//	device.json   the keys D of a device that is still on the list
//	user.age      the user file: two devices, one of them removed, one from before, two epochs
//	public.txt    the public part of the same user
//	ring.age      the user's copy of a profile's keys, sealed to the user's epoch 2
//	record.age    a record of that profile, epoch 2
//	legacy.age    a record from before there were epochs
const goldens = "testdata/hierarchy/"

func TestGoldenHierarchy(t *testing.T) {
	if _, err := os.Stat(goldens); *generate && os.IsNotExist(err) {
		generateHierarchy(t)
	}
	file := func(name string) []byte { return must(os.ReadFile(goldens + name))(t) }
	kit := must(age.ParseHybridIdentity(lastLine(string(file("kit.txt")))))(t)
	d := must(keyring.Unmarshal(file("device.json")))(t)
	for name, id := range map[string]*age.HybridIdentity{"device": d.Identity, "kit": kit} {
		if _, err := keyring.OpenUser(file("user.age"), id, keyring.Pin{}); err != nil {
			t.Errorf("user.age by %s: %v", name, err)
		}
	}
	u := must(keyring.OpenUser(file("user.age"), d.Identity, keyring.Pin{Seq: 3, Hash: goldenPin}))(t)
	devices := u.Devices()
	if u.Seq() != 3 || u.Epoch() != 2 || len(devices) != 3 || devices[0].Active() || !devices[1].Active() || devices[2].Active() || devices[1].Name != "आशा का फ़ोन" {
		t.Errorf("seq %d, epoch %d, devices %+v", u.Seq(), u.Epoch(), devices)
	}
	p := must(keyring.ParsePublic(file("public.txt")))(t)
	if p.ID != u.ID() || p.Epoch != 2 || len(p.Devices) != 3 {
		t.Errorf("public part of %s, epoch %d", p.ID, p.Epoch)
	}
	if got := strings.Join(p.Words(), " "); got != goldenWords {
		t.Errorf("words %q, want %q", got, goldenWords)
	}
	if got := p.Digits(); got != goldenDigits {
		t.Errorf("digits %q, want %q", got, goldenDigits)
	}
	r := ring(t, d, u)
	_, copied, err := r.Opener("").Open(file("ring.age"), envelope.Expect{Kind: "ring", ID: "golden"})
	if err != nil {
		t.Fatal(err)
	}
	r = must(r.WithCopy(copied))(t)
	if !slices.Equal(r.Epochs("asha"), []int{1, 2}) || r.Seq("asha") != 2 {
		t.Errorf("epochs %v, seq %d", r.Epochs("asha"), r.Seq("asha"))
	}
	if again := must(r.Copy("asha"))(t); !bytes.Equal(again, copied) {
		t.Error("a copy is written in another way now")
	}
	for name, id := range map[string]string{"record.age": "new", "legacy.age": "old"} {
		if _, body, err := r.Opener("asha").Open(file(name), expect(id)); err != nil || string(body) != id {
			t.Errorf("%s: %q, %v", name, body, err)
		}
	}
	if next, _, err := keyring.RecoverUser(file("user.age"), kit, u.Pin(), "new", morning.Add(400*day)); err != nil || u.Accept(next, morning.Add(400*day)) != nil {
		t.Errorf("recovery: %v", err)
	}
	if _, err := keyring.OpenUser(file("user.age"), d.Identity, keyring.Pin{Seq: 4, Hash: goldenPin}); !errors.Is(err, keyring.ErrOlder) {
		t.Errorf("after a later one: %v", err)
	}
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}

func generateHierarchy(t *testing.T) {
	old := must(keyring.Unlock(must(os.ReadFile(goldenUnlock))(t), goldenPhrase))(t)
	write := func(name string, b []byte) {
		if err := os.WriteFile(goldens+name, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(goldens, 0o755); err != nil {
		t.Fatal(err)
	}
	h := envelope.Header{Kind: "record", Profile: "asha", ID: "old", Device: old.Device, Created: morning.Format(time.RFC3339)}
	write("legacy.age", must(envelope.Seal(h, []byte("old"), old.Identity.Recipient(), old.Signer))(t))
	write("kit.txt", []byte(old.RecoveryText()))

	r := must(keyring.FromLegacy(old, []string{"asha"}, "आशा का फ़ोन", morning))(t)
	d := r.Keys()
	write("device.json", must(d.Marshal())(t))
	_, info, err := keyring.NewDevice(r.Wallet(), "lost")
	if err != nil {
		t.Fatal(err)
	}
	u := must(r.User().AddDevice(d, info, morning.Add(day)))(t)
	u = must(u.RemoveDevice(d, info.ID, morning.Add(2*day)))(t)
	r = must(r.WithUser(u, morning.Add(2*day)))(t)
	r = roll(t, r, "asha")
	write("user.age", must(u.Seal())(t))
	write("public.txt", must(must(u.Public(d, morning.Add(2*day)))(t).Marshal())(t))
	created := morning.Add(2 * day).Format(time.RFC3339)
	s := must(r.Sealer(""))(t)
	write("ring.age", must(s.Seal(envelope.Header{Kind: "ring", ID: "golden", Created: created}, must(r.Copy("asha"))(t)))(t))
	s = must(r.Sealer("asha"))(t)
	write("record.age", must(s.Seal(envelope.Header{Kind: "record", ID: "new", Created: created}, []byte("new")))(t))
	p := public(t, u, d)
	t.Logf("pin %q, words %q, digits %q", u.Pin().Hash, strings.Join(p.Words(), " "), p.Digits())
}

const (
	goldenPin    = "89slxdgkJwSR03B8GMFwjwtmez7BVTjxIouBXe__Qy8"
	goldenWords  = "pyromania dictator capacity museum prison traffic"
	goldenDigits = "6372 8649 3750 9139 3103 2744"
)
