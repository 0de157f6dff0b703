package keyring_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

var morning = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// wallet is a fresh wallet on one device.
func wallet(t testing.TB) *keyring.Ring {
	t.Helper()
	d := fresh(t)
	return ring(t, d, must(keyring.NewUser(d, "Asha's phone", nil, morning))(t))
}

func ring(t testing.TB, d *keyring.Keys, u *keyring.User) *keyring.Ring {
	t.Helper()
	return must(keyring.NewRing(d, u))(t)
}

// must(f())(t) is the value of f, or the end of the test.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func identity(t testing.TB) *age.HybridIdentity {
	t.Helper()
	return must(age.GenerateHybridIdentity())(t)
}

func roll(t testing.TB, r *keyring.Ring, profile string) *keyring.Ring {
	t.Helper()
	r, _, err := r.Roll(profile, 0)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRing(t *testing.T) {
	r0 := wallet(t)
	r1 := must(r0.AddProfile("asha"))(t)
	r2, n, err := r1.Roll("asha", 0)
	if err != nil || n != 2 {
		t.Fatalf("Roll = %d, %v", n, err)
	}
	if e, id, ok := r2.Newest("asha"); e != 2 || !ok || id != r2.Identity("asha", 2) {
		t.Errorf("Newest = %d, %v", e, ok)
	}
	if e, id, ok := r2.Newest(""); e != 1 || !ok || id != r2.Identity("", 1) {
		t.Errorf("Newest of the user = %d, %v", e, ok)
	}
	if r2.Identity("asha", 1) != r1.Identity("asha", 1) {
		t.Error("rolling changed the first epoch")
	}
	// What a ring was, it remains.
	if _, _, ok := r0.Newest("asha"); ok || len(r0.Profiles()) != 0 {
		t.Error("adding a profile changed the ring it was added to")
	}
	if e, _, _ := r1.Newest("asha"); e != 1 || r1.Identity("asha", 2) != nil {
		t.Error("rolling changed the ring that was rolled")
	}
	for name, id := range map[string]*age.HybridIdentity{
		"no such profile":          r2.Identity("bina", 1),
		"no such epoch":            r2.Identity("asha", 3),
		"negative":                 r2.Identity("asha", -1),
		"no legacy here":           r2.Identity("asha", 0),
		"no legacy for the wallet": r2.Identity("", 0),
	} {
		if id != nil {
			t.Errorf("%s: an identity", name)
		}
	}
	if _, err := r2.AddProfile("asha"); !errors.Is(err, keyring.ErrProfileExists) {
		t.Errorf("AddProfile again: %v", err)
	}
	if _, _, err := r2.Roll("bina", 0); !errors.Is(err, keyring.ErrNoProfile) {
		t.Errorf("Roll of nobody: %v", err)
	}
	for _, p := range []string{"", strings.Repeat("x", 129), "a\nb", "\xff"} {
		if _, err := r2.AddProfile(p); !errors.Is(err, keyring.ErrNoProfile) {
			t.Errorf("AddProfile(%q): %v", p, err)
		}
	}
	if got := must(r2.AddProfile("aarav"))(t).Profiles(); !slices.Equal(got, []string{"aarav", "asha"}) {
		t.Errorf("Profiles = %q", got)
	}
	if r2.Wallet() != r2.User().ID() || r2.Device() != r2.Keys().Device || !r2.Signer().Equal(r2.Keys().Signer) {
		t.Error("wallet, device or signer are others")
	}
}

func TestNewRingIsForListedDevices(t *testing.T) {
	r := wallet(t)
	if _, err := keyring.NewRing(fresh(t), r.User()); !errors.Is(err, keyring.ErrRemoved) {
		t.Errorf("a stranger's keys: %v", err)
	}
	// The device's id with other keys behind it.
	impostor := *fresh(t)
	impostor.Device, impostor.Wallet = r.Device(), r.Wallet()
	if _, err := keyring.NewRing(&impostor, r.User()); !errors.Is(err, keyring.ErrRemoved) {
		t.Errorf("an impostor's keys: %v", err)
	}
}

func TestLearn(t *testing.T) {
	mother, father := wallet(t), wallet(t)
	mother = roll(t, roll(t, must(mother.AddProfile("aarav"))(t), "aarav"), "aarav")
	give := func(r *keyring.Ring, n int) *keyring.Ring {
		t.Helper()
		return must(r.Learn("aarav", n, mother.Identity("aarav", n)))(t)
	}
	// From now on: one epoch, the third.
	late := give(father, 3)
	if got := late.Epochs("aarav"); !slices.Equal(got, []int{3}) {
		t.Errorf("epochs %v, want only the third", got)
	}
	if e, _, ok := late.Newest("aarav"); e != 3 || !ok {
		t.Errorf("Newest = %d, %v", e, ok)
	}
	// With history, in any order.
	all := give(give(late, 1), 2)
	if got := all.Epochs("aarav"); !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("epochs %v", got)
	}
	if again := give(all, 2); again != all {
		t.Error("learning what is known made another ring")
	}
	if _, err := all.Learn("aarav", 2, identity(t)); !errors.Is(err, keyring.ErrEpoch) {
		t.Errorf("another secret for epoch 2: %v", err)
	}
	for _, n := range []int{-1, 0, 1<<20 + 1, 1 << 40} {
		if _, err := all.Learn("aarav", n, identity(t)); !errors.Is(err, keyring.ErrEpoch) {
			t.Errorf("epoch %d: %v", n, err)
		}
	}
	if _, err := all.Learn("aarav", 9, nil); !errors.Is(err, keyring.ErrEpoch) {
		t.Errorf("no identity: %v", err)
	}
	if _, err := all.Learn("", 2, identity(t)); !errors.Is(err, keyring.ErrNoProfile) {
		t.Errorf("an epoch for the user from outside: %v", err)
	}
	if _, n, err := all.Roll("aarav", 1<<20+1); !errors.Is(err, keyring.ErrLimit) {
		t.Errorf("Roll after the highest number = %d, %v", n, err)
	}
}

// TestFarEpoch: nobody brings the numbers to their end, so that no key could be made
// any more when a device is lost.
func TestFarEpoch(t *testing.T) {
	fresh := wallet(t)
	for _, n := range []int{1<<16 + 1, 1 << 20} {
		if _, err := fresh.Learn("aarav", n, identity(t)); !errors.Is(err, keyring.ErrEpoch) {
			t.Errorf("the first one is %d: %v", n, err)
		}
	}
	r := must(fresh.Learn("aarav", 1<<16, identity(t)))(t)
	for _, add := range []func(int) (*keyring.Ring, error){
		func(n int) (*keyring.Ring, error) { return r.Learn("aarav", n, identity(t)) },
		func(n int) (*keyring.Ring, error) { return r.Displace("aarav", n, identity(t)) },
	} {
		if _, err := add(1<<16 + 1025); !errors.Is(err, keyring.ErrEpoch) {
			t.Errorf("one that is far off: %v", err)
		}
		next := must(add(1<<16 + 1024))(t)
		if _, n, err := next.Roll("aarav", 0); err != nil || n != 1<<16+1025 {
			t.Errorf("Roll after it = %d, %v", n, err)
		}
	}
}

// Two admins make epoch 2 at once; one of them stands, both open.
func TestSettle(t *testing.T) {
	mother := must(wallet(t).AddProfile("aarav"))(t)
	father := must(wallet(t).Learn("aarav", 1, mother.Identity("aarav", 1)))(t)
	mother = must(mother.Trust(father.Device(), father.Keys().Verifier()))(t)
	father = must(father.Trust(mother.Device(), mother.Keys().Verifier()))(t)
	mother, father = roll(t, mother, "aarav"), roll(t, father, "aarav")
	his, hers := father.Identity("aarav", 2), mother.Identity("aarav", 2)
	byHim := sealTo(t, father, "aarav", "2-father")
	byHer := sealTo(t, mother, "aarav", "2-mother")

	// Hers stands. He learns that, and both learn of the other.
	father = must(father.Settle("aarav", 2, hers))(t)
	mother = must(mother.Displace("aarav", 2, his))(t)
	for name, r := range map[string]*keyring.Ring{"mother": mother, "father": father} {
		if got := r.Identity("aarav", 2); got.String() != hers.String() {
			t.Errorf("%s seals epoch 2 to another", name)
		}
		if got := r.Epochs("aarav"); !slices.Equal(got, []int{1, 2}) {
			t.Errorf("%s: epochs %v", name, got)
		}
		for id, sealed := range map[string][]byte{"2-father": byHim, "2-mother": byHer} {
			for _, o := range []*keyring.Opener{r.Opener("aarav", 2), r.Opener("aarav"), r.OpenerOfAll()} {
				if _, body, err := o.Open(sealed, envelope.Expect{Kind: "record", ID: id}); err != nil || string(body) != id {
					t.Errorf("%s opens %s: %v", name, id, err)
				}
			}
		}
		if got := roll(t, r, "aarav").Epochs("aarav"); !slices.Equal(got, []int{1, 2, 3}) {
			t.Errorf("%s after a roll: %v", name, got)
		}
	}
	if _, err := father.Learn("aarav", 2, his); !errors.Is(err, keyring.ErrEpoch) {
		t.Errorf("the displaced one stands again by Learn: %v", err)
	}
	if _, err := father.Displace("aarav", 2, hers); !errors.Is(err, keyring.ErrEpoch) {
		t.Errorf("the standing one is displaced by nothing: %v", err)
	}
	if again := must(father.Displace("aarav", 2, his))(t); again != father {
		t.Error("displacing the displaced made another ring")
	}
	back := must(father.Settle("aarav", 2, his))(t)
	if back.Identity("aarav", 2).String() != his.String() {
		t.Error("Settle did not settle")
	}
}

// sealTo seals a record whose body is its id.
func sealTo(t testing.TB, r *keyring.Ring, profile, id string) []byte {
	t.Helper()
	s := must(r.Sealer(profile))(t)
	return must(s.Seal(envelope.Header{Kind: "record", ID: id}, []byte(id)))(t)
}

func TestTrust(t *testing.T) {
	r := wallet(t)
	other := fresh(t)
	if r.Verifier(other.Device) != nil {
		t.Fatal("a stranger is known")
	}
	known := must(r.Trust(other.Device, other.Verifier()))(t)
	if !known.Verifier(other.Device).Equal(other.Verifier()) || r.Verifier(other.Device) != nil {
		t.Error("Trust is not in the new ring alone")
	}
	if again := must(known.Trust(other.Device, other.Verifier()))(t); again != known {
		t.Error("trusting twice made another ring")
	}
	for name, c := range map[string]struct {
		device   string
		verifier ed25519.PublicKey
	}{
		"another key for a known device": {other.Device, fresh(t).Verifier()},
		"another key for this device":    {r.Device(), other.Verifier()},
		"no id":                          {"", other.Verifier()},
		"a long id":                      {strings.Repeat("d", 65), other.Verifier()},
		"a short key":                    {"d", other.Verifier()[:31]},
		"no key":                         {"d", nil},
	} {
		if _, err := known.Trust(c.device, c.verifier); !errors.Is(err, keyring.ErrDevice) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSealerOpener(t *testing.T) {
	r := roll(t, must(must(wallet(t).AddProfile("asha"))(t).AddProfile("bina"))(t), "asha")
	sealed := sealTo(t, r, "asha", "x")
	want := envelope.Expect{Kind: "record", ID: "x"}
	check := func(name string, o *keyring.Opener, wantErr error) {
		t.Helper()
		h, body, err := o.Open(sealed, want)
		if !errors.Is(err, wantErr) || wantErr == nil && (string(body) != "x" || h.Profile != "asha" || h.Epoch != 2 || h.Device != r.Device()) {
			t.Errorf("%s: %+v %q %v, want %v", name, h, body, err, wantErr)
		}
	}
	check("the epoch", r.Opener("asha", 2), nil)
	check("several", r.Opener("asha", 1, 2), nil)
	check("all of the profile", r.Opener("asha"), nil)
	check("all", r.OpenerOfAll(), nil)
	check("another epoch", r.Opener("asha", 1), envelope.ErrNotForUs)
	check("another profile", r.Opener("bina"), envelope.ErrNotForUs)
	check("no profile", r.Opener(""), envelope.ErrNotForUs)
	check("nothing", r.Opener("nobody"), envelope.ErrNotForUs)
	if _, _, err := r.Opener("asha").Open(sealed, envelope.Expect{Kind: "doc", ID: "x"}); !errors.Is(err, envelope.ErrMismatch) {
		t.Errorf("another kind: %v", err)
	}
	if _, err := r.Sealer("nobody"); !errors.Is(err, keyring.ErrNoProfile) {
		t.Errorf("Sealer of nobody: %v", err)
	}

	s := must(r.Sealer("asha"))(t)
	b := must(s.Marshal())(t)
	if bytes.Contains(b, []byte("AGE-SECRET")) {
		t.Error("a sealer carries an identity")
	}
	s = must(keyring.UnmarshalSealer(b))(t)
	sealed = must(s.Seal(envelope.Header{Kind: "record", ID: "x", Profile: "bina", Epoch: 9, Device: "z"}, []byte("x")))(t)
	check("sealed elsewhere", r.Opener("asha", 2), nil)
	o := must(keyring.UnmarshalOpener(must(r.Opener("asha", 2).Marshal())(t)))(t)
	check("opened elsewhere", o, nil)
	if s.Epoch() != 2 {
		t.Errorf("epoch %d", s.Epoch())
	}
}

// Who holds two keys can not file a record under the wrong one.
func TestHeaderNamesItsKey(t *testing.T) {
	r := must(must(wallet(t).AddProfile("asha"))(t).AddProfile("bina"))(t)
	_, id, _ := r.Newest("asha")
	for name, h := range map[string]envelope.Header{
		"another profile": {Kind: "record", ID: "x", Profile: "bina", Epoch: 1, Device: r.Device()},
		"no profile":      {Kind: "record", ID: "x", Epoch: 1, Device: r.Device()},
		"another epoch":   {Kind: "record", ID: "x", Profile: "asha", Epoch: 2, Device: r.Device()},
		"no epoch":        {Kind: "record", ID: "x", Profile: "asha", Device: r.Device()},
	} {
		sealed := must(envelope.Seal(h, []byte("x"), id.Recipient(), r.Signer()))(t)
		for _, o := range []*keyring.Opener{r.Opener("asha"), r.OpenerOfAll()} {
			if _, body, err := o.Open(sealed, envelope.Expect{Kind: "record", ID: "x"}); !errors.Is(err, envelope.ErrMismatch) || body != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// A caregiver knows the user's recipient, and their device is trusted. What they
// write to the user's own epoch is not taken for the user's.
func TestOthersWriteOnlyToProfiles(t *testing.T) {
	mother := must(wallet(t).AddProfile("aarav"))(t)
	father := must(wallet(t).Learn("aarav", 1, mother.Identity("aarav", 1)))(t)
	mother = must(mother.Trust(father.Device(), father.Keys().Verifier()))(t)
	want := envelope.Expect{Kind: "doc", ID: "settings"}

	h := envelope.Header{Kind: "doc", ID: "settings", Epoch: 1, Device: father.Device()}
	forged := must(envelope.Seal(h, []byte("mine now"), mother.Identity("", 1).Recipient(), father.Signer()))(t)
	remote := must(keyring.UnmarshalOpener(must(mother.OpenerOfAll().Marshal())(t)))(t)
	for name, o := range map[string]*keyring.Opener{"the user's": mother.Opener(""), "all": mother.OpenerOfAll(), "in a worker": remote} {
		if _, _, err := o.Open(forged, want); !errors.Is(err, envelope.ErrForged) {
			t.Errorf("%s: %v, want ErrForged", name, err)
		}
	}
	h.Profile = "aarav"
	shared := must(envelope.Seal(h, []byte("ours"), mother.Identity("aarav", 1).Recipient(), father.Signer()))(t)
	for name, o := range map[string]*keyring.Opener{"the profile's": mother.Opener("aarav"), "all": mother.OpenerOfAll(), "in a worker": remote} {
		if _, body, err := o.Open(shared, want); err != nil || string(body) != "ours" {
			t.Errorf("%s: %v", name, err)
		}
	}
	stranger := wallet(t)
	h.Device = stranger.Device()
	unknown := must(envelope.Seal(h, []byte("x"), mother.Identity("aarav", 1).Recipient(), stranger.Signer()))(t)
	if _, _, err := mother.Opener("aarav").Open(unknown, want); !errors.Is(err, envelope.ErrUnknownDevice) {
		t.Errorf("a stranger's record: %v", err)
	}
}

func TestCopy(t *testing.T) {
	r := roll(t, roll(t, must(wallet(t).AddProfile("asha"))(t), "asha"), "asha")
	b := must(r.Copy("asha"))(t)
	other := wallet(t)
	got := must(other.WithCopy(b))(t)
	if !slices.Equal(got.Epochs("asha"), []int{1, 2, 3}) || got.Seq("asha") != r.Seq("asha") || r.Seq("asha") != 3 {
		t.Errorf("epochs %v, seq %d", got.Epochs("asha"), got.Seq("asha"))
	}
	for n := range 4 {
		a, b := r.Identity("asha", n), got.Identity("asha", n)
		if (a == nil) != (b == nil) || a != nil && a.String() != b.String() {
			t.Errorf("epoch %d is another", n)
		}
	}
	if again := must(got.Copy("asha"))(t); !bytes.Equal(again, b) {
		t.Error("a copy of a copy is another")
	}
	if _, err := r.Copy("nobody"); !errors.Is(err, keyring.ErrNoProfile) {
		t.Errorf("Copy of nobody: %v", err)
	}
	// Two devices of one user that each know more than the other.
	left, right := roll(t, r, "asha"), must(r.Learn("asha", 9, identity(t)))(t)
	joined := must(left.WithCopy(must(right.Copy("asha"))(t)))(t)
	if !slices.Equal(joined.Epochs("asha"), []int{1, 2, 3, 4, 9}) {
		t.Errorf("joined: %v", joined.Epochs("asha"))
	}
	// Two different secrets under one number: nobody decided yet.
	clash := roll(t, r, "asha")
	if _, err := left.WithCopy(must(clash.Copy("asha"))(t)); !errors.Is(err, keyring.ErrEpoch) {
		t.Errorf("a clash: %v", err)
	}
	// Once one side knows which stands, both agree, from either side.
	settled := must(clash.Settle("asha", 4, left.Identity("asha", 4)))(t)
	for _, j := range []*keyring.Ring{
		must(left.WithCopy(must(settled.Copy("asha"))(t)))(t), must(clash.WithCopy(must(settled.Copy("asha"))(t)))(t),
		must(settled.WithCopy(must(clash.Copy("asha"))(t)))(t), must(settled.WithCopy(must(left.Copy("asha"))(t)))(t),
	} {
		if j.Identity("asha", 4).String() != left.Identity("asha", 4).String() {
			t.Error("the one that stands is another")
		}
	}
}

func TestCopyIsStrict(t *testing.T) {
	r := wallet(t)
	id := identity(t).String()
	epoch := func(n int, extra string) string { return fmt.Sprintf(`{"n":%d,"identity":%q%s}`, n, id, extra) }
	doc := func(profile string, epochs ...string) string {
		return fmt.Sprintf(`{"version":"potli-profile-ring/1","profile":%q,"seq":1,"epochs":[%s]}`, profile, strings.Join(epochs, ","))
	}
	other := fmt.Sprintf(`{"n":1,"identity":%q}`, identity(t))
	for _, tt := range []struct {
		name, doc string
		want      error
	}{
		{"as it should be", doc("asha", epoch(1, "")), nil},
		{"later version", strings.Replace(doc("asha", epoch(1, "")), "ring/1", "ring/2", 1), keyring.ErrVersion},
		{"unknown member", strings.Replace(doc("asha", epoch(1, "")), "{", `{"new":1,`, 1), keyring.ErrBadCopy},
		{"unknown member of an epoch", doc("asha", epoch(1, `,"new":1`)), keyring.ErrBadCopy},
		{"two values", doc("asha", epoch(1, "")) + "{}", keyring.ErrBadCopy},
		{"no epochs", doc("asha"), keyring.ErrBadCopy},
		{"no profile", doc("", epoch(1, "")), keyring.ErrBadCopy},
		{"epoch 0", doc("asha", epoch(0, "")), keyring.ErrBadCopy},
		{"epoch too high", doc("asha", epoch(1<<20+1, "")), keyring.ErrBadCopy},
		{"not ascending", doc("asha", epoch(2, ""), epoch(1, "")), keyring.ErrBadCopy},
		{"two that stand", doc("asha", epoch(1, ""), other), keyring.ErrBadCopy},
		{"displaced first", doc("asha", epoch(1, `,"displaced":true`), other), keyring.ErrBadCopy},
		{"not an identity", strings.Replace(doc("asha", epoch(1, "")), "PQ-1", "PQ-2", 1), keyring.ErrBadCopy},
		{"empty", "", keyring.ErrBadCopy},
		{"no object", "[]", keyring.ErrBadCopy},
		{"too long", doc("asha", epoch(1, "")) + strings.Repeat(" ", 1<<20), keyring.ErrBadCopy},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := r.WithCopy([]byte(tt.doc))
			if !errors.Is(err, tt.want) {
				t.Errorf("WithCopy = %v, want %v", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "SECRET") {
				t.Error("the error shows a key")
			}
		})
	}
}

func TestNothingIsShown(t *testing.T) {
	r := must(wallet(t).AddProfile("asha"))(t)
	s := must(r.Sealer("asha"))(t)
	o := r.OpenerOfAll()
	for _, v := range []any{r, *r, r.User(), *r.User(), s, *s, o, *o, []*keyring.Ring{r}, map[string]any{"": r.User()}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
			if out := fmt.Sprintf(verb, v); strings.Contains(out, "SECRET") || strings.Contains(out, r.Device()) || len(out) > 120 {
				t.Errorf("%s of %T shows keys", verb, v)
			}
		}
	}
}

func FuzzWithCopy(f *testing.F) {
	r := must(wallet(f).AddProfile("asha"))(f)
	f.Add(must(roll(f, r, "asha").Copy("asha"))(f))
	f.Add([]byte(`{"version":"potli-profile-ring/1","profile":"p","epochs":[{"n":1}]}`))
	f.Add([]byte(`{"version":"potli-profile-ring/9"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := r.WithCopy(b)
		if err != nil {
			return
		}
		for _, p := range got.Profiles() {
			if again, err := r.WithCopy(must(got.Copy(p))(t)); err != nil || !slices.Equal(again.Epochs(p), got.Epochs(p)) {
				t.Errorf("what was read does not read again: %v", err)
			}
		}
	})
}

func FuzzWorker(f *testing.F) {
	r := must(wallet(f).AddProfile("asha"))(f)
	f.Add(must(must(r.Sealer("asha"))(f).Marshal())(f))
	f.Add(must(r.OpenerOfAll().Marshal())(f))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := keyring.UnmarshalSealer(b); err == nil {
			must(s.Seal(envelope.Header{ID: "x"}, nil))(t)
		}
		if o, err := keyring.UnmarshalOpener(b); err == nil {
			if _, _, err := o.Open([]byte("x"), envelope.Expect{}); err == nil {
				t.Error("something opened")
			}
		}
	})
}

// TestRollUnderAGivenNumber: others may have made epochs that this ring does not hold.
func TestRollUnderAGivenNumber(t *testing.T) {
	r := must(wallet(t).AddProfile("asha"))(t)
	for _, tt := range []struct{ next, want int }{{0, 2}, {7, 7}, {3, 8}, {1 << 20, 1 << 20}} {
		next, n, err := r.Roll("asha", tt.next)
		if e, _, _ := next.Newest("asha"); err != nil || n != tt.want || e != n {
			t.Fatalf("Roll(%d) = %d, %v", tt.next, n, err)
		}
		r = next
	}
	if _, _, err := must(wallet(t).AddProfile("asha"))(t).Roll("asha", 1<<20+1); !errors.Is(err, keyring.ErrLimit) {
		t.Errorf("beyond the last: %v", err)
	}
}

// TestRetire: what is retired opens, is not sealed to, and stays so in copies.
func TestRetire(t *testing.T) {
	one := must(wallet(t).AddProfile("asha"))(t)
	two := roll(t, one, "asha")
	secret := two.Identity("asha", 2)
	r := must(two.Retire("asha", 2))(t)
	if e, _, ok := r.Newest("asha"); e != 1 || !ok || r.Identity("asha", 2) != nil || !slices.Contains(r.Identities("asha"), secret) {
		t.Errorf("the newest is %d", e)
	}
	if again := must(two.WithCopy(must(r.Copy("asha"))(t)))(t); again.Identity("asha", 2) != nil || r.Seq("asha") <= two.Seq("asha") {
		t.Error("another device goes on with it")
	}
	for name, got := range map[string]error{"twice": errOf(r.Retire("asha", 2)), "the last": errOf(one.Retire("asha", 1)), "none": errOf(two.Retire("asha", 9))} {
		if !errors.Is(got, keyring.ErrEpoch) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if _, err := r.Retire("bina", 1); !errors.Is(err, keyring.ErrNoProfile) {
		t.Errorf("of nobody: %v", err)
	}
}

func errOf(_ *keyring.Ring, err error) error { return err }
