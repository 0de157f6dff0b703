package keyring_test

import (
	"bytes"
	"errors"
	"testing"

	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// What goes to a worker with an object is the one key that fits it.
func TestNarrow(t *testing.T) {
	r := roll(t, must(must(wallet(t).AddProfile("asha"))(t).AddProfile("bina"))(t), "asha")
	want := envelope.Expect{Kind: "record", ID: "x"}
	for epoch := 1; epoch <= 2; epoch++ {
		h := envelope.Header{Kind: "record", ID: "x", Profile: "asha", Epoch: epoch, Device: r.Device()}
		sealed := must(envelope.Seal(h, []byte("body"), r.Identity("asha", epoch).Recipient(), r.Signer()))(t)
		carried := must(r.OpenerOfAll().Narrow(sealed).Marshal())(t)
		if n := bytes.Count(carried, []byte("AGE-SECRET")); n != 1 {
			t.Errorf("epoch %d: %d identities are carried", epoch, n)
		}
		if _, body, err := must(keyring.UnmarshalOpener(carried))(t).Open(sealed, want); err != nil || string(body) != "body" {
			t.Errorf("epoch %d: %q, %v", epoch, body, err)
		}
	}
	sealed := sealTo(t, r, "asha", "x")
	for name, o := range map[string]*keyring.Opener{
		"another profile": r.Opener("bina").Narrow(sealed), "no key": r.Opener("nobody").Narrow(sealed), "not age": r.OpenerOfAll().Narrow([]byte("x")),
	} {
		if _, _, err := o.Open(sealed, want); !errors.Is(err, envelope.ErrNotForUs) {
			t.Errorf("%s: %v, want ErrNotForUs", name, err)
		}
		if bytes.Contains(must(o.Marshal())(t), []byte("AGE-SECRET")) {
			t.Errorf("%s: a key that does not fit is carried", name)
		}
	}
}

func TestIdentities(t *testing.T) {
	r := roll(t, must(wallet(t).AddProfile("asha"))(t), "asha")
	ids := r.Identities("asha")
	if len(ids) != 2 || ids[0] != r.Identity("asha", 2) || ids[1] != r.Identity("asha", 1) {
		t.Errorf("%d identities", len(ids))
	}
	if ids := r.Identities("nobody"); len(ids) != 0 {
		t.Errorf("%d identities of nobody", len(ids))
	}
	old := fresh(t)
	migrated := must(keyring.FromLegacy(old, []string{"asha"}, "phone", morning))(t)
	for _, profile := range []string{"", "asha"} {
		ids = migrated.Identities(profile)
		if len(ids) != 2 || ids[0] != migrated.Identity(profile, 1) || ids[1] != migrated.Identity(profile, 0) {
			t.Errorf("%q: %d identities of a migrated wallet", profile, len(ids))
		}
	}
}

func TestFollows(t *testing.T) {
	r := wallet(t)
	first := r.User()
	second := must(first.Roll(r.Keys(), morning))(t)
	other := must(first.Roll(r.Keys(), morning))(t)
	for name, tt := range map[string]struct {
		u    *keyring.User
		pin  keyring.Pin
		want error
	}{
		"nothing seen": {first, keyring.Pin{}, nil},
		"the same":     {second, second.Pin(), nil},
		"the next":     {second, first.Pin(), nil},
		"an older one": {first, second.Pin(), keyring.ErrOlder},
		"a fork":       {second, other.Pin(), keyring.ErrForked},
	} {
		if err := tt.u.Follows(tt.pin); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}
