package vault_test

import (
	"bytes"
	"errors"
	"testing"

	"filippo.io/age"

	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// recovered is what a recovery text gives: the identity with other device keys.
func recovered(t testing.TB, k *keyring.Keys) *keyring.Keys {
	t.Helper()
	r, err := keyring.FromRecovery(k.RecoveryText())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Whoever lost the words opens the vault with the recovery text.
func TestDeviceKeys(t *testing.T) {
	b := vault.Memory()
	m := add(t, create(t, b), "asha", "body")
	r := recovered(t, keys())
	if _, err := vault.Open(ctx, options(b), r, nil); !errors.Is(err, vault.ErrWrongKey) {
		t.Fatalf("without the device's keys: %v, want ErrWrongKey", err)
	}
	k, err := vault.DeviceKeys(ctx, b, r)
	if err != nil {
		t.Fatal(err)
	}
	if k.Device != keys().Device || k.Wallet != keys().Wallet || !k.Signer.Equal(keys().Signer) {
		t.Error("other keys")
	}
	v, err := vault.Open(ctx, options(b), k, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantBody(t, v, m.ID, "body")
}

func TestDeviceKeysRefuses(t *testing.T) {
	other, err := keyring.New()
	if err != nil {
		t.Fatal(err)
	}
	seal := func(plain []byte, to *keyring.Keys) []byte {
		var out bytes.Buffer
		w, err := age.Encrypt(&out, to.Identity.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(plain); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	theirs, err := other.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	b := vault.Memory()
	create(t, b)
	good := raw(t, b, "device")
	for _, tt := range []struct {
		name   string
		device []byte
		by     *keyring.Keys
		want   error
	}{
		{"as written", good, keys(), nil},
		{"another wallet's text", good, other, vault.ErrWrongKey},
		{"another wallet's keys, sealed to us", seal(theirs, keys()), keys(), vault.ErrWrongKey},
		{"another wallet's keys", seal(theirs, other), keys(), vault.ErrWrongKey},
		{"cut short", good[:len(good)-1], keys(), record.ErrDamaged},
		{"empty", nil, keys(), record.ErrDamaged},
		{"not age", []byte("hello"), keys(), record.ErrDamaged},
		{"huge", make([]byte, 1<<20), keys(), record.ErrDamaged},
		{"no keys inside", seal([]byte("{"), keys()), keys(), record.ErrDamaged},
		{"a later release", seal([]byte(`{"version":"potli-device/9"}`), keys()), keys(), keyring.ErrVersion},
	} {
		t.Run(tt.name, func(t *testing.T) {
			set(t, b, map[string][]byte{"device": tt.device})
			k, err := vault.DeviceKeys(ctx, b, recovered(t, tt.by))
			if !errors.Is(err, tt.want) || (k == nil) != (tt.want != nil) {
				t.Errorf("DeviceKeys = %v, want %v", err, tt.want)
			}
			// What is not right is written anew by the next Open, and only then.
			w := watch(b)
			reopen(t, w)
			if n := len(w.writes); n > 1 || n == 1 && tt.device != nil && bytes.Equal(tt.device, good) {
				t.Errorf("%d writes", n)
			}
			if k, err := vault.DeviceKeys(ctx, b, recovered(t, keys())); err != nil || !k.Signer.Equal(keys().Signer) {
				t.Errorf("after Open: %v", err)
			}
		})
	}
	set(t, b, nil, "device")
	if _, err := vault.DeviceKeys(ctx, b, keys()); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("without the object: %v, want ErrNotFound", err)
	}
	if _, err := vault.DeviceKeys(ctx, vault.Memory(), keys()); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("without a vault: %v, want ErrNotFound", err)
	}
}

// A vault of the first release gets its device keys when it is opened.
func TestDeviceKeysOfAnOlderVault(t *testing.T) {
	b, k := readGolden(t, "testdata/vault")
	if _, err := vault.DeviceKeys(ctx, b, recovered(t, k)); !errors.Is(err, vault.ErrNotFound) {
		t.Fatalf("before: %v, want ErrNotFound", err)
	}
	if _, err := vault.Open(ctx, options(b), k, nil); err != nil {
		t.Fatal(err)
	}
	got, err := vault.DeviceKeys(ctx, b, recovered(t, k))
	if err != nil || !got.Signer.Equal(k.Signer) {
		t.Errorf("after: %v", err)
	}
}

// What a release sealed for the day the words are lost opens for ever.
func TestGoldenDeviceKeys(t *testing.T) {
	b, k := readGolden(t, "testdata/vault2")
	got, err := vault.DeviceKeys(ctx, b, recovered(t, k))
	if err != nil || !got.Signer.Equal(k.Signer) || got.Device != k.Device {
		t.Errorf("DeviceKeys: %v", err)
	}
}
