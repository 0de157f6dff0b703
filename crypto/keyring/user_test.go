package keyring_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

const day = 24 * time.Hour

// phone is one device of a user in a test.
type phone struct {
	d    *keyring.Keys
	user *keyring.User
}

// family of devices: the first, and n that it added one after the other.
func phones(t testing.TB, n int, kit *age.HybridIdentity) []*phone {
	t.Helper()
	d := fresh(t)
	u := must(keyring.NewUser(d, "first", kit, morning))(t)
	list := []*phone{{d: d}}
	for i := range n {
		p := &phone{}
		var info keyring.Newcomer
		var err error
		if p.d, info, err = keyring.NewDevice(u.ID(), fmt.Sprint("phone ", i+2)); err != nil {
			t.Fatal(err)
		}
		u = must(u.AddDevice(d, info, morning.Add(time.Duration(i)*time.Minute)))(t)
		list = append(list, p)
	}
	for _, p := range list {
		p.user = u
	}
	return list
}

// pass hands a document over as a file, as it would travel.
func pass(t testing.TB, u *keyring.User, to *keyring.Keys) (*keyring.User, error) {
	t.Helper()
	return keyring.OpenUser(must(u.Seal())(t), to.Identity, keyring.Pin{})
}

func TestUser(t *testing.T) {
	kit := identity(t)
	p := phones(t, 2, kit)
	u := must(pass(t, p[0].user, p[2].d))(t)
	if u.ID() != p[0].d.Wallet || u.Seq() != 3 || u.Epoch() != 1 || u.NeedsRoll() || u.Pin() != p[0].user.Pin() {
		t.Errorf("id %s, seq %d, epoch %d, roll %v", u.ID(), u.Seq(), u.Epoch(), u.NeedsRoll())
	}
	if by, at := u.Made(); by != p[0].d.Device || !at.Equal(morning.Add(time.Minute)) {
		t.Errorf("made by %s at %s", by, at)
	}
	if to, since := u.Recovery(); to.String() != kit.Recipient().String() || !since.Equal(morning) {
		t.Errorf("recovery since %s", since)
	}
	for i, d := range u.Devices() {
		want := p[i].d
		if d.ID != want.Device || !d.Active() || !d.Verifier.Equal(want.Verifier()) || d.Recipient.String() != want.Identity.Recipient().String() ||
			d.By != p[0].d.Device || d.First() != (i == 0) || !d.Added.Equal(morning.Add(time.Duration(max(i-1, 0))*time.Minute)) {
			t.Errorf("device %d: %+v", i, d)
		}
	}
	// Each device and the kit open it, a stranger does not.
	file := must(u.Seal())(t)
	for i, id := range []*age.HybridIdentity{p[0].d.Identity, p[1].d.Identity, p[2].d.Identity, kit} {
		if _, err := keyring.OpenUser(file, id, u.Pin()); err != nil {
			t.Errorf("identity %d: %v", i, err)
		}
	}
	if _, err := keyring.OpenUser(file, identity(t), keyring.Pin{}); !errors.Is(err, keyring.ErrNotForUs) {
		t.Errorf("a stranger: %v", err)
	}
}

func TestUserRefuses(t *testing.T) {
	p := phones(t, 1, nil)
	u, first, second := p[0].user, p[0].d, p[1].d
	stranger, info, err := keyring.NewDevice(u.ID(), "x")
	if err != nil {
		t.Fatal(err)
	}
	change := func(f func(n *keyring.Newcomer)) error {
		n := info
		f(&n)
		_, err := u.AddDevice(first, n, morning)
		return err
	}
	_, notListed := u.Roll(stranger, morning)
	_, twice := u.AddDevice(first, keyring.Newcomer{ID: second.Device, Name: "x", Recipient: second.Identity.Recipient(), Verifier: second.Verifier()}, morning)
	_, nobody := u.RemoveDevice(first, "nobody", morning)
	_, early := u.RemoveDevice(second, first.Device, morning.Add(day-time.Second))
	_, clockBack := u.RemoveDevice(second, first.Device, morning.Add(-day))
	alone := must(u.RemoveDevice(first, second.Device, morning))(t)
	_, last := alone.RemoveDevice(first, first.Device, morning.Add(10*day))
	_, gone := alone.Roll(second, morning)
	_, again := alone.RemoveDevice(first, second.Device, morning)
	_, back := alone.AddDevice(first, keyring.Newcomer{ID: second.Device, Name: "x", Recipient: second.Identity.Recipient(), Verifier: second.Verifier()}, morning)
	_, noName := keyring.NewUser(fresh(t), "", nil, morning)
	for _, tt := range []struct {
		name      string
		got, want error
	}{
		{"as it should be", change(func(*keyring.Newcomer) {}), nil},
		{"changed by a stranger", notListed, keyring.ErrRemoved},
		{"changed by a removed device", gone, keyring.ErrRemoved},
		{"added twice", twice, keyring.ErrDeviceExists},
		{"added after it was removed", back, keyring.ErrDeviceExists},
		{"nobody removed", nobody, keyring.ErrNoDevice},
		{"removed twice", again, keyring.ErrNoDevice},
		{"removed by a device a second short of a day old", early, keyring.ErrTooNew},
		{"removed with the clock put back", clockBack, keyring.ErrTooNew},
		{"the last one removed", last, keyring.ErrLastDevice},
		{"a wallet on a device without a name", noName, keyring.ErrName},
		{"a device without a name", change(func(n *keyring.Newcomer) { n.Name = "" }), keyring.ErrName},
		{"a name too long", change(func(n *keyring.Newcomer) { n.Name = strings.Repeat("x", 121) }), keyring.ErrName},
		{"a name of two lines", change(func(n *keyring.Newcomer) { n.Name = "a\nb" }), keyring.ErrName},
		{"a device without an id", change(func(n *keyring.Newcomer) { n.ID = "" }), keyring.ErrNoDevice},
		{"a device called recovery", change(func(n *keyring.Newcomer) { n.ID = "recovery" }), keyring.ErrNoDevice},
		{"a device without a recipient", change(func(n *keyring.Newcomer) { n.Recipient = nil }), keyring.ErrNoDevice},
		{"a device without a verifier", change(func(n *keyring.Newcomer) { n.Verifier = nil }), keyring.ErrNoDevice},
	} {
		if !errors.Is(tt.got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, tt.got, tt.want)
		}
	}
	if _, err := u.RemoveDevice(second, first.Device, morning.Add(day)); err != nil {
		t.Errorf("after a day: %v", err)
	}
	if _, err := u.RemoveDevice(second, second.Device, morning); err != nil {
		t.Errorf("taking itself off the list on the first day: %v", err)
	}
}

func TestUserLimits(t *testing.T) {
	d := fresh(t)
	u := must(keyring.NewUser(d, "first", nil, morning))(t)
	_, info, err := keyring.NewDevice(u.ID(), "x")
	if err != nil {
		t.Fatal(err)
	}
	add := func(u *keyring.User, i int) (*keyring.User, error) {
		n := info
		n.ID = fmt.Sprint("device ", i)
		return u.AddDevice(d, n, morning)
	}
	for i := range 31 {
		u = must(add(u, i))(t)
	}
	if _, err := add(u, 99); !errors.Is(err, keyring.ErrLimit) {
		t.Errorf("the 33rd device: %v", err)
	}
	if _, err := pass(t, u, d); err != nil {
		t.Errorf("32 devices do not open: %v", err)
	}
}

// What a removed device knows opens nothing that is written later.
func TestRemoveDevice(t *testing.T) {
	p := phones(t, 2, nil)
	lost := p[1]
	next := must(p[0].user.RemoveDevice(p[0].d, lost.d.Device, morning.Add(time.Hour)))(t)
	if next.Epoch() != 2 || next.NeedsRoll() {
		t.Errorf("epoch %d, roll %v", next.Epoch(), next.NeedsRoll())
	}
	d, _ := next.Device(lost.d.Device)
	if d.Active() || d.EndedBy != p[0].d.Device || !d.Ended.Equal(morning.Add(time.Hour)) || d.Recipient != nil || !d.Verifier.Equal(lost.d.Verifier()) {
		t.Errorf("the lost device: %+v", d)
	}
	if _, err := pass(t, next, lost.d); !errors.Is(err, keyring.ErrNotForUs) {
		t.Errorf("the lost device opens the next file: %v", err)
	}
	r := ring(t, p[0].d, next)
	sealed := sealTo(t, r, "", "later")
	old := ring(t, lost.d, lost.user)
	if _, _, err := old.OpenerOfAll().Open(sealed, envelope.Expect{Kind: "record", ID: "later"}); !errors.Is(err, envelope.ErrNotForUs) {
		t.Errorf("the lost device opens what is written later: %v", err)
	}
	// What it wrote before stays genuine, for those who stay.
	before := sealTo(t, old, "", "before")
	if _, _, err := r.Opener("").Open(before, envelope.Expect{Kind: "record", ID: "before"}); err != nil {
		t.Errorf("what the lost device wrote: %v", err)
	}
	if _, err := ring(t, p[2].d, p[2].user).WithUser(must(pass(t, next, p[2].d))(t), morning.Add(time.Hour)); err != nil {
		t.Errorf("the third device: %v", err)
	}
}

// T26: the device that leaves made the newest epoch.
func TestRemovedDeviceMadeTheNewestEpoch(t *testing.T) {
	p := phones(t, 1, nil)
	left := must(p[1].user.RemoveDevice(p[1].d, p[1].d.Device, morning.Add(time.Minute)))(t)
	got := must(pass(t, left, p[0].d))(t)
	if err := p[0].user.Accept(got, morning.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if !got.NeedsRoll() || got.Epoch() != 2 {
		t.Errorf("roll %v, epoch %d", got.NeedsRoll(), got.Epoch())
	}
	if err := p[1].user.Accept(left, morning.Add(time.Minute)); err != nil {
		t.Error(err)
	}
	if _, err := ring(t, p[1].d, p[1].user).WithUser(left, morning.Add(time.Minute)); !errors.Is(err, keyring.ErrRemoved) {
		t.Errorf("a ring of a device that left: %v", err)
	}
	rolled := must(got.Roll(p[0].d, morning.Add(time.Hour)))(t)
	if rolled.NeedsRoll() || rolled.Epoch() != 3 {
		t.Errorf("after the roll: %v, epoch %d", rolled.NeedsRoll(), rolled.Epoch())
	}
}

func TestSetRecovery(t *testing.T) {
	p := phones(t, 1, nil)
	kit, other := identity(t), identity(t)
	if _, err := p[0].user.SetRecovery(p[1].d, kit, morning.Add(day-time.Minute)); !errors.Is(err, keyring.ErrTooNew) {
		t.Errorf("a first kit by a new device: %v", err)
	}
	u := must(p[0].user.SetRecovery(p[0].d, kit, morning))(t)
	if u.Epoch() != 1 {
		t.Error("a first kit began an epoch")
	}
	if _, err := keyring.OpenUser(must(u.Seal())(t), kit, keyring.Pin{}); err != nil {
		t.Errorf("the kit: %v", err)
	}
	if _, err := u.SetRecovery(p[1].d, other, morning.Add(time.Hour)); !errors.Is(err, keyring.ErrTooNew) {
		t.Errorf("replaced by a new device: %v", err)
	}
	next := must(u.SetRecovery(p[0].d, other, morning.Add(time.Hour)))(t)
	if next.Epoch() != 2 {
		t.Error("the old kit opens what is written later")
	}
	file := must(next.Seal())(t)
	if _, err := keyring.OpenUser(file, kit, keyring.Pin{}); !errors.Is(err, keyring.ErrNotForUs) {
		t.Errorf("the old kit: %v", err)
	}
	if _, err := keyring.OpenUser(file, other, keyring.Pin{}); err != nil {
		t.Errorf("the new kit: %v", err)
	}
	none := must(next.SetRecovery(p[0].d, nil, morning.Add(time.Hour)))(t)
	if to, _ := none.Recovery(); to != nil || none.Epoch() != 3 {
		t.Errorf("given up: %v, epoch %d", to, none.Epoch())
	}
	if got := must(pass(t, none, p[1].d))(t); got.Pin() != none.Pin() {
		t.Error("a document without a kit reads as another")
	}
	if err := p[1].user.Accept(none, morning.Add(2*time.Hour)); err != nil {
		t.Errorf("the other device: %v", err)
	}
}

func TestPin(t *testing.T) {
	p := phones(t, 1, nil)
	one := p[0].user
	two := must(one.Roll(p[0].d, morning))(t)
	three := must(two.Roll(p[0].d, morning))(t)
	fork := must(one.Roll(p[1].d, morning))(t)
	longer := must(must(fork.Roll(p[1].d, morning))(t).Roll(p[1].d, morning))(t)
	open := func(u *keyring.User, pin keyring.Pin) error {
		_, err := keyring.OpenUser(must(u.Seal())(t), p[0].d.Identity, pin)
		return err
	}
	for _, tt := range []struct {
		name string
		u    *keyring.User
		pin  keyring.Pin
		want error
	}{
		{"nothing seen", two, keyring.Pin{}, nil},
		{"the same", two, two.Pin(), nil},
		{"the next", two, one.Pin(), nil},
		{"two later", three, one.Pin(), nil},
		{"one before", one, two.Pin(), keyring.ErrOlder},
		{"two before", one, three.Pin(), keyring.ErrOlder},
		{"the other of two", fork, two.Pin(), keyring.ErrForked},
		{"later on the other side", longer, two.Pin(), keyring.ErrForked},
		{"same number as what is later here", longer, three.Pin(), keyring.ErrForked},
		{"another hash", two, keyring.Pin{Seq: two.Seq(), Hash: "x"}, keyring.ErrForked},
		{"no hash", two, keyring.Pin{Seq: one.Seq()}, keyring.ErrForked},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := open(tt.u, tt.pin); !errors.Is(err, tt.want) {
				t.Errorf("OpenUser = %v, want %v", err, tt.want)
			}
		})
	}
}

// deep is a user file taken apart, so that each rule can be broken alone.
type deep struct {
	doc  map[string]any
	sigs map[string]string
}

func takeApart(t testing.TB, file []byte, id *age.HybridIdentity) deep {
	t.Helper()
	parts := bytes.SplitN(opened(t, file, id), []byte("\n"), 3)
	var d deep
	dec := json.NewDecoder(bytes.NewReader(parts[0]))
	dec.UseNumber()
	if err := errors.Join(dec.Decode(&d.doc), json.Unmarshal(parts[1], &d.sigs)); err != nil {
		t.Fatal(err)
	}
	return d
}

func opened(t testing.TB, file []byte, id age.Identity) []byte {
	t.Helper()
	return must(io.ReadAll(must(age.Decrypt(bytes.NewReader(file), id))(t)))(t)
}

func sealedTo(t testing.TB, plain []byte, to ...age.Recipient) []byte {
	t.Helper()
	var b bytes.Buffer
	w := must(age.Encrypt(&b, to...))(t)
	w.Write(plain)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (d deep) list(name string, i int) map[string]any {
	return d.doc[name].([]any)[i].(map[string]any)
}

// signed puts the parts together again, honestly signed by the newest U inside
// and the given device.
func (d deep) signed(t testing.TB, by *keyring.Keys) []byte {
	t.Helper()
	body := must(json.Marshal(d.doc))(t)
	epochs := d.doc["epochs"].([]any)
	seed := must(base64.RawURLEncoding.DecodeString(epochs[len(epochs)-1].(map[string]any)["signer"].(string)))(t)
	sum := sha256.Sum256(body)
	m := append([]byte("potli-user/1\x00"), sum[:]...)
	return d.lines(t, body, ed25519.Sign(ed25519.NewKeyFromSeed(seed), m), ed25519.Sign(by.Signer, m))
}

func (d deep) lines(t testing.TB, body, user, device []byte) []byte {
	t.Helper()
	last := must(json.Marshal(map[string][]byte{"user": user, "device": device}))(t)
	plain := slices.Concat(body, []byte("\n"), last, []byte("\n"))
	return append(plain, bytes.Repeat([]byte("\n"), envelope.Size(len(plain))-len(plain))...)
}

var encoding = base64.RawURLEncoding

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return encoding.EncodeToString(sum[:])
}

func hkdfOf(secret, info string) ([]byte, error) {
	return hkdf.Key(sha256.New, []byte(secret), nil, info, ed25519.SeedSize)
}

func expect(id string) envelope.Expect { return envelope.Expect{Kind: "record", ID: id} }

// says is what an entry's signature covers.
func says(context string, fields ...string) []byte {
	m := []byte(context + "\x00")
	for _, f := range fields {
		sum := sha256.Sum256([]byte(f))
		m = append(m, sum[:]...)
	}
	return m
}

func TestOpenUserIsStrict(t *testing.T) {
	kit := identity(t)
	p := phones(t, 2, kit)
	by := p[0].d
	u := must(p[0].user.RemoveDevice(by, p[1].d.Device, morning.Add(time.Hour)))(t)
	file := must(u.Seal())(t)
	to := by.Identity.Recipient()
	open := func(plain []byte) error {
		_, err := keyring.OpenUser(sealedTo(t, plain, to), by.Identity, keyring.Pin{})
		return err
	}
	change := func(f func(d deep)) []byte {
		d := takeApart(t, file, by.Identity)
		f(d)
		return d.signed(t, by)
	}
	plain := opened(t, file, by.Identity)
	stranger := fresh(t)
	someHash := p[0].user.Pin().Hash
	for _, tt := range []struct {
		name  string
		plain []byte
		want  error
	}{
		{"as it should be", plain, nil},
		{"taken apart and put together", change(func(deep) {}), nil},
		{"empty", nil, keyring.ErrBadUser},
		{"one line", plain[:bytes.IndexByte(plain, '\n')], keyring.ErrBadUser},
		{"not padded", bytes.TrimRight(plain, "\n"), keyring.ErrBadUser},
		{"padded too far", append(bytes.Clone(plain), '\n'), keyring.ErrBadUser},
		{"something in the padding", append(bytes.Clone(plain[:len(plain)-1]), 'x'), keyring.ErrBadUser},
		{"huge", bytes.Repeat([]byte("\n"), 3<<20), keyring.ErrBadUser},
		{"later version", change(func(d deep) { d.doc["version"] = "potli-user/2" }), keyring.ErrVersion},
		{"later version with more in it", change(func(d deep) { d.doc["version"], d.doc["new"] = "potli-user/2", 1 }), keyring.ErrVersion},
		{"unknown member", change(func(d deep) { d.doc["new"] = 1 }), keyring.ErrBadUser},
		{"unknown member of a device", change(func(d deep) { d.list("devices", 0)["new"] = 1 }), keyring.ErrBadUser},
		{"no user", change(func(d deep) { d.doc["user"] = "" }), keyring.ErrBadUser},
		{"another user", change(func(d deep) { d.doc["user"] = "somebody" }), keyring.ErrForged},
		{"seq 0", change(func(d deep) { d.doc["seq"] = 0 }), keyring.ErrBadUser},
		{"seq beyond the history", change(func(d deep) { d.doc["seq"] = 9 }), keyring.ErrBadUser},
		{"a hash too short", change(func(d deep) { d.doc["previous"].([]any)[0] = "x" }), keyring.ErrBadUser},
		{"a hash twice", change(func(d deep) { d.doc["previous"].([]any)[0] = d.doc["previous"].([]any)[1] }), keyring.ErrBadUser},
		{"a history of the first", change(func(d deep) { d.doc["seq"], d.doc["previous"] = 1, []string{someHash} }), keyring.ErrBadUser},
		{"epochs out of order", change(func(d deep) { d.list("epochs", 0)["n"] = 3 }), keyring.ErrBadUser},
		{"epochs from 2", change(func(d deep) { d.list("epochs", 0)["n"], d.list("epochs", 1)["n"] = 2, 3 }), keyring.ErrBadUser},
		{"the newest epoch displaced", change(func(d deep) { d.list("epochs", 1)["displaced"] = true }), keyring.ErrBadUser},
		{"a broken identity", change(func(d deep) { d.list("epochs", 0)["identity"] = kit.Recipient().String() }), keyring.ErrBadUser},
		{"a broken signer", change(func(d deep) { d.list("epochs", 0)["signer"] = "AAAA" }), keyring.ErrBadUser},
		{"an epoch by nobody", change(func(d deep) { d.list("epochs", 0)["by"] = "" }), keyring.ErrBadUser},
		{"a broken legacy", change(func(d deep) { d.doc["legacy"] = "x" }), keyring.ErrBadUser},
		{"a device twice", change(func(d deep) { d.doc["devices"] = append(d.doc["devices"].([]any), d.list("devices", 0)) }), keyring.ErrBadUser},
		{"a device with another name", change(func(d deep) { d.list("devices", 2)["name"] = "x" }), keyring.ErrForged},
		{"a device from another day", change(func(d deep) { d.list("devices", 2)["added"] = morning.Add(-day) }), keyring.ErrForged},
		{"a device without a recipient", change(func(d deep) { delete(d.list("devices", 2), "recipient") }), keyring.ErrBadUser},
		{"a device with another recipient", change(func(d deep) {
			d.list("devices", 2)["recipient"] = stranger.Identity.Recipient().String()
		}), keyring.ErrBadUser},
		{"a device with another recipient and its hash", change(func(d deep) {
			r := stranger.Identity.Recipient().String()
			sum := sha256.Sum256([]byte(r))
			d.list("devices", 2)["recipient"], d.list("devices", 2)["key"] = r, base64.RawURLEncoding.EncodeToString(sum[:])
		}), keyring.ErrForged},
		{"a device with another verifier", change(func(d deep) {
			d.list("devices", 2)["verifier"] = base64.RawURLEncoding.EncodeToString(stranger.Verifier())
		}), keyring.ErrForged},
		{"a device by nobody", change(func(d deep) { d.list("devices", 2)["by"] = "nobody" }), keyring.ErrForged},
		{"a device that says it was the first", change(func(d deep) { d.list("devices", 2)["by"] = p[2].d.Device }), keyring.ErrForged},
		{"a device that says it came by the kit", change(func(d deep) { d.list("devices", 2)["by"] = "recovery" }), keyring.ErrForged},
		{"a device that is removed with a recipient", change(func(d deep) { d.list("devices", 1)["recipient"] = to.String() }), keyring.ErrBadUser},
		{"a removed device back", change(func(d deep) {
			delete(d.list("devices", 1), "ended")
			delete(d.list("devices", 1), "endedBy")
			delete(d.list("devices", 1), "endSig")
			d.list("devices", 1)["recipient"] = p[1].d.Identity.Recipient().String()
		}), nil}, // Accept refuses it: TestAcceptRefuses
		{"a removal on another day", change(func(d deep) { d.list("devices", 1)["ended"] = morning.Add(2 * time.Hour) }), keyring.ErrForged},
		{"a removal in another's name", change(func(d deep) { d.list("devices", 1)["endedBy"] = p[2].d.Device }), keyring.ErrForged},
		{"a removal by nobody", change(func(d deep) { delete(d.list("devices", 1), "endedBy") }), keyring.ErrBadUser},
		{"an active device that was removed by somebody", change(func(d deep) { d.list("devices", 0)["endedBy"] = "x" }), keyring.ErrBadUser},
		{"an active device with the signature of a removal", change(func(d deep) { d.list("devices", 0)["endSig"] = "AAAA" }), keyring.ErrBadUser},
		{"a kit from another day", change(func(d deep) { d.list("recovery", 0)["at"] = morning.Add(-time.Second) }), keyring.ErrForged},
		{"a kit in another's name", change(func(d deep) { d.list("recovery", 0)["by"] = p[2].d.Device }), keyring.ErrForged},
		{"another kit", change(func(d deep) { d.list("recovery", 0)["recipient"] = to.String() }), keyring.ErrBadUser},
		{"a kit without a recipient", change(func(d deep) { d.list("recovery", 0)["recipient"] = "" }), keyring.ErrBadUser},
		{"a kit given up by nobody", change(func(d deep) {
			d.list("recovery", 0)["recipient"], d.list("recovery", 0)["key"], d.list("recovery", 0)["verifier"] = "", "", ""
		}), keyring.ErrForged},
		{"made by nobody", change(func(d deep) { d.doc["by"] = "nobody" }), keyring.ErrForged},
		{"made by a removed device", takeApart(t, file, by.Identity).set("by", p[1].d.Device).signed(t, p[1].d), keyring.ErrForged},
		{"made in another's name", takeApart(t, file, by.Identity).set("by", p[2].d.Device).signed(t, by), keyring.ErrForged},
		{"made by another device", takeApart(t, file, by.Identity).set("by", p[2].d.Device).signed(t, p[2].d), nil},
		{"signed by a stranger", takeApart(t, file, by.Identity).signed(t, stranger), keyring.ErrForged},
		{"no signatures", takeApart(t, file, by.Identity).lines(t, plain[:bytes.IndexByte(plain, '\n')], nil, nil), keyring.ErrForged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := open(tt.plain); !errors.Is(err, tt.want) {
				t.Errorf("OpenUser = %v, want %v", err, tt.want)
			}
		})
	}
	d := takeApart(t, file, by.Identity)
	epochs := d.doc["epochs"]
	d.doc["epochs"] = []any{}
	if err := open(d.lines(t, must(json.Marshal(d.doc))(t), nil, nil)); !errors.Is(err, keyring.ErrBadUser) {
		t.Errorf("no epochs: %v", err)
	}
	d.doc["epochs"], d.doc["devices"] = epochs, []any{}
	if err := open(d.signed(t, by)); !errors.Is(err, keyring.ErrBadUser) {
		t.Errorf("no devices: %v", err)
	}
	for name, file := range map[string][]byte{"empty": nil, "not age": []byte("hello"), "cut short": file[:len(file)-1], "one byte more": append(bytes.Clone(file), 0), "huge": make([]byte, 3<<20)} {
		if _, err := keyring.OpenUser(file, by.Identity, keyring.Pin{}); !errors.Is(err, keyring.ErrBadUser) {
			t.Errorf("%s: %v, want ErrBadUser", name, err)
		}
	}
}

func (d deep) set(name string, v any) deep {
	d.doc[name] = v
	return d
}

// Every byte counts, of the file and of what is inside it.
func TestEveryByteOfAUserFile(t *testing.T) {
	d := fresh(t)
	u := must(keyring.NewUser(d, "first", nil, morning))(t)
	file := must(u.Seal())(t)
	plain := opened(t, file, d.Identity)
	step := 1
	if testing.Short() || runtime.GOOS == "js" || raced {
		step = 29
	}
	for i := 0; i < len(file); i += step {
		b := bytes.Clone(file)
		b[i] ^= 0x20
		if _, err := keyring.OpenUser(b, d.Identity, keyring.Pin{}); err == nil {
			t.Fatalf("byte %d of the file changed and it opened", i)
		}
	}
	for i := 0; i < len(plain); i += step {
		b := bytes.Clone(plain)
		b[i] ^= 0x01
		if _, err := keyring.OpenUser(sealedTo(t, b, d.Identity.Recipient()), d.Identity, keyring.Pin{}); err == nil {
			t.Fatalf("byte %d inside changed and it opened", i)
		}
	}
}

func FuzzOpenUser(f *testing.F) {
	// Fixed keys: the fuzzer works in several processes.
	d := must(keyring.Unmarshal(must(os.ReadFile(goldens + "device.json"))(f)))(f)
	f.Add(opened(f, must(os.ReadFile(goldens+"user.age"))(f), d.Identity))
	f.Add([]byte("{\"version\":\"potli-user/1\"}\n{}\n"))
	f.Add([]byte("{\"version\":\"potli-user/9\"}\n{}\n"))
	f.Fuzz(func(t *testing.T, plain []byte) {
		got, err := keyring.OpenUser(sealedTo(t, plain, d.Identity.Recipient()), d.Identity, keyring.Pin{})
		if err != nil {
			return
		}
		// Only who holds the keys can write one that opens; it opens again.
		if again, err := pass(t, got, d); err != nil || again.Pin() != got.Pin() {
			t.Errorf("what was read does not read again: %v", err)
		}
		if got.Pin().Hash != goldenPin {
			t.Error("something opened that was not signed")
		}
	})
}
