package keyring_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"filippo.io/age"

	"potli/crypto/keyring"
)

var generate = flag.Bool("generate", false, "make golden files that do not exist yet; existing ones are never written again")

// cheap is the lowest work factor that Lock writes.
const cheap = 16

func fresh(t testing.TB) *keyring.Keys {
	t.Helper()
	k, err := keyring.New()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func same(a, b *keyring.Keys) bool {
	return a.Identity.String() == b.Identity.String() && bytes.Equal(a.Signer, b.Signer) && a.Device == b.Device && a.Wallet == b.Wallet
}

// golden files: what a release wrote must open for ever. These keys protect nothing.
const (
	goldenPhrase   = "zodiac-abacus-unfair-copious-tiling-yo-yo"
	goldenUnlock   = "testdata/unlock.age"
	goldenRecovery = "testdata/recovery.txt"
)

func TestGolden(t *testing.T) {
	if _, err := os.Stat(goldenUnlock); *generate && os.IsNotExist(err) {
		k := fresh(t)
		file, err := keyring.Lock(k, goldenPhrase, keyring.WorkFactor)
		if err != nil {
			t.Fatal(err)
		}
		os.WriteFile(goldenUnlock, file, 0o644)
		os.WriteFile(goldenRecovery, []byte(k.RecoveryText()), 0o644)
	}
	file, err := os.ReadFile(goldenUnlock)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(goldenRecovery)
	if err != nil {
		t.Fatal(err)
	}
	k, err := keyring.Unlock(file, "Zodiac abacus unfair copious tiling yo-yo ")
	if err != nil {
		t.Fatal(err)
	}
	r, err := keyring.FromRecovery(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if r.Identity.String() != k.Identity.String() || r.Wallet != k.Wallet {
		t.Error("unlock file and recovery text are of two wallets")
	}
	if r.Device == k.Device || bytes.Equal(r.Signer, k.Signer) {
		t.Error("a recovery text made no new device keys")
	}
	if k.RecoveryText() != string(text) {
		t.Error("the recovery text is written in another way now")
	}
}

func TestLockUnlock(t *testing.T) {
	k := fresh(t)
	file, err := keyring.Lock(k, "my own phrase, quite long", cheap)
	if err != nil {
		t.Fatal(err)
	}
	got, err := keyring.Unlock(file, " my own phrase, quite long\n")
	if err != nil || !same(got, k) {
		t.Errorf("Unlock: %v", err)
	}
	// The stock library, told nothing of us, opens it.
	id, err := age.NewScryptIdentity("my own phrase, quite long")
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(bytes.NewReader(file), id)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil || !strings.Contains(string(plain), `"identity":"AGE-SECRET-KEY-PQ-1`) || !strings.Contains(string(plain), "potli-device/1") {
		t.Errorf("inside: %v", err)
	}
	wrong := []string{"", " ", "my own phrase, quite lonG", "another"}
	for _, p := range wrong {
		if _, err := keyring.Unlock(file, p); !errors.Is(err, keyring.ErrWrongPassphrase) {
			t.Errorf("Unlock with %q: %v, want ErrWrongPassphrase", p, err)
		}
	}
}

func TestLockRefuses(t *testing.T) {
	k := fresh(t)
	for _, logN := range []int{-1, 0, 1, 15, 19, 22, 30, 64} {
		if _, err := keyring.Lock(k, "phrase", logN); !errors.Is(err, keyring.ErrWork) {
			t.Errorf("Lock with logN %d: %v, want ErrWork", logN, err)
		}
	}
	if _, err := keyring.Lock(k, "  ", cheap); err == nil {
		t.Error("an empty passphrase was taken")
	}
	if _, err := keyring.Lock(&keyring.Keys{}, "phrase", cheap); err == nil {
		t.Error("empty keys were locked")
	}
}

// scryptFile makes the header of an unlock file that asks for any work.
func scryptFile(work string) []byte {
	return []byte("age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA " + work + "\n" +
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" +
		strings.Repeat("x", 64))
}

// scryptSealed seals under exactly these characters, for little work.
func scryptSealed(t testing.TB, plain []byte, passphrase string) []byte {
	t.Helper()
	r, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	r.SetWorkFactor(10)
	return sealedTo(t, plain, r)
}

// T6: what asks for too much is refused before anything is allocated for it.
func TestUnlockRefusesCost(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, work := range []string{"19", "20", "22", "23", "30", "31", "63", "64", "99999999999999999999999"} {
		if _, err := keyring.Unlock(scryptFile(work), "phrase"); !errors.Is(err, keyring.ErrTooCostly) {
			t.Errorf("logN %s: %v, want ErrTooCostly", work, err)
		}
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
		t.Errorf("%d KiB were allocated", grown>>10)
	}
}

func TestUnlockDamaged(t *testing.T) {
	k := fresh(t)
	file, err := keyring.Lock(k, "phrase", cheap)
	if err != nil {
		t.Fatal(err)
	}
	seal := func(plain string, to age.Recipient) []byte {
		var b bytes.Buffer
		w, err := age.Encrypt(&b, to)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, plain)
		w.Close()
		return b.Bytes()
	}
	scrypt := func(plain string) []byte { return scryptSealed(t, []byte(plain), "phrase") }
	good, err := k.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		file []byte
		want error
	}{
		{"empty", nil, keyring.ErrDamaged},
		{"not age", []byte("hello"), keyring.ErrDamaged},
		{"cut short", file[:len(file)-1], keyring.ErrDamaged},
		{"one byte more", append(bytes.Clone(file), 0), keyring.ErrDamaged},
		{"huge", make([]byte, 1<<20), keyring.ErrDamaged},
		{"no passphrase file", seal(string(good), k.Identity.Recipient()), keyring.ErrDamaged},
		{"work no number", scryptFile("x"), keyring.ErrDamaged},
		{"work zero", scryptFile("0"), keyring.ErrDamaged},
		{"work negative", scryptFile("-5"), keyring.ErrDamaged},
		{"work with a plus", scryptFile("+9"), keyring.ErrDamaged},
		{"not JSON inside", scrypt("hello"), keyring.ErrDamaged},
		{"later version", scrypt(`{"version":"potli-device/2"}`), keyring.ErrVersion},
		{"no identity", scrypt(`{"version":"potli-device/1","wallet":"w","device":"d","signer":"AAAA"}`), keyring.ErrDamaged},
		{"no signer", scrypt(strings.Replace(string(good), `"signer":"`, `"signer":"!`, 1)), keyring.ErrDamaged},
		{"no device", scrypt(strings.Replace(string(good), `"device"`, `"devise"`, 1)), keyring.ErrDamaged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := keyring.Unlock(tt.file, "phrase"); !errors.Is(err, tt.want) {
				t.Errorf("Unlock = %v, want %v", err, tt.want)
			}
		})
	}
	if got, err := keyring.Unlock(scrypt(string(good)), "phrase"); err != nil || !same(got, k) {
		t.Errorf("a file of the same shape: %v", err)
	}
}

func TestMarshal(t *testing.T) {
	k := fresh(t)
	b, err := k.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := keyring.Unmarshal(b); err != nil || !same(got, k) {
		t.Errorf("Unmarshal: %v", err)
	}
	for _, v := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		for _, out := range []string{fmt.Sprintf(v, k), fmt.Sprintf(v, *k), fmt.Sprintf(v, []*keyring.Keys{k})} {
			if strings.Contains(out, "SECRET") || strings.Contains(out, k.Device) || len(out) > 100 {
				t.Errorf("%s shows keys", v)
			}
		}
	}
}

func TestFromRecovery(t *testing.T) {
	k := fresh(t)
	key := k.Identity.String()
	text := k.RecoveryText()
	flipped := []byte(key)
	flipped[40] = map[bool]byte{true: 'P', false: 'Q'}[flipped[40] == 'Q']
	x25519, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, text string
		want       error
	}{
		{"as written", text, nil},
		{"the key alone", key, nil},
		{"lower case", strings.ToLower(key), nil},
		{"Windows line ends", strings.ReplaceAll(text, "\n", "\r\n"), nil},
		{"byte order mark", "\ufeff" + text, nil},
		{"spaces and breaks inside", " " + key[:30] + "  " + key[30:50] + "\n\t" + key[50:] + "\n\n", nil},
		{"empty", "", keyring.ErrBadRecovery},
		{"comments only", "# hello\n", keyring.ErrBadRecovery},
		{"one character wrong", string(flipped), keyring.ErrBadRecovery},
		{"one character short", key[:len(key)-1], keyring.ErrBadRecovery},
		{"two keys", key + "\n" + key, keyring.ErrBadRecovery},
		{"an older kind of key", x25519.String(), keyring.ErrBadRecovery},
		{"a recipient", k.Identity.Recipient().String(), keyring.ErrBadRecovery},
		{"something else", "correct horse battery staple", keyring.ErrBadRecovery},
		{"huge", key + strings.Repeat("\n#", 1<<20), keyring.ErrBadRecovery},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := keyring.FromRecovery(tt.text)
			if !errors.Is(err, tt.want) {
				t.Fatalf("FromRecovery = %v, want %v", err, tt.want)
			}
			if err == nil && got.Identity.String() != key {
				t.Error("another identity")
			}
			if err != nil && strings.Contains(err.Error(), "SECRET") {
				t.Error("the error shows the key")
			}
		})
	}
}

// age's own parser reads a recovery text.
func TestRecoveryTextIsAnIdentityFile(t *testing.T) {
	k := fresh(t)
	ids, err := age.ParseIdentities(strings.NewReader(k.RecoveryText()))
	if err != nil || len(ids) != 1 {
		t.Fatalf("%d identities, %v", len(ids), err)
	}
}

func FuzzFromRecovery(f *testing.F) {
	k := fresh(f)
	f.Add(k.RecoveryText())
	f.Add("age-secret-key-pq-1")
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := keyring.FromRecovery(s); err == nil {
			if again, err := keyring.FromRecovery(got.RecoveryText()); err != nil || again.Identity.String() != got.Identity.String() {
				t.Error("what was read does not read again")
			}
		}
	})
}

func BenchmarkUnlock(b *testing.B) {
	file, err := keyring.Lock(fresh(b), "phrase", keyring.WorkFactor)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := keyring.Unlock(file, "phrase"); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleGeneratePassphrase() {
	words := strings.NewReader("\x00\x00\x12\x34\xff\xff\x1e\x5f\x00\x01\x00\x02\x00\x03")
	phrase, err := keyring.GeneratePassphrase(words, 6)
	fmt.Println(phrase, err)
	// Output: abacus-player-zoom-abdomen-abdominal-abide <nil>
}
