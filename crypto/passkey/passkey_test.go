package passkey_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"flag"
	"io"
	"os"
	"strings"
	"testing"

	"filippo.io/age"

	"potli/crypto/passkey"
	"potli/crypto/passkey/passkeytest"
)

var generate = flag.Bool("generate", false, "make golden files that do not exist yet; existing ones are never written again")

const (
	site       = "wallet.example"
	stanzaType = "age-encryption.org/fido2prf"
)

// The known answers: typage's own functions accept them too (e2e/typage_test.go).
const (
	knownPRF1     = "cba45f6af91a5f3eee9693e312d7303dfbf3203575ec4f4711775fc35f52220a"
	knownPRF2     = "177bd67fba59ca7f53c88145a680111c97a141eb3296acea5414bcb57f2baa9a"
	knownKey      = "17b1bb602e5b8eabba7347b409060769bd1b2bb0688344a4dbb4f0342d42f6f7"
	knownNonce    = "AAECAwQFBgcICQoLDA0ODw"
	knownBody     = "qWXTPFmeaU8B79X3KlM31ok3Ifjbzi8o6+ya8R+7IJs"
	knownIdentity = "AGE-PLUGIN-FIDO2PRF-1Q9GQQQGZQVZQ2PS8PQYS5ZCVP58Q7MNHV9KXCET59EJHSCTDWPKXTQTGD9H8GETJDESKC5TD4JE"
)

// upFrom returns n bytes that count up.
func upFrom(first byte, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

// known is the authenticator of the known answers.
func known() *passkeytest.Authenticator {
	secret := sha256.Sum256([]byte("software authenticator secret"))
	return passkeytest.With(upFrom(0, 16), secret[:])
}

func key(t testing.TB, a *passkeytest.Authenticator) *passkey.Key {
	t.Helper()
	return passkey.New(t.Context(), a, a.Credential(site))
}

func TestKnownAnswers(t *testing.T) {
	a := known()
	nonce, fileKey := upFrom(0, 16), upFrom(16, 16)
	input := func(n byte) []byte { return append(append([]byte(stanzaType), n), nonce...) }
	answer1, answer2, err := a.Evaluate(t.Context(), a.Credential(site), input(1), input(2))
	if err != nil || hex.EncodeToString(answer1) != knownPRF1 || hex.EncodeToString(answer2) != knownPRF2 {
		t.Errorf("answers: %x, %x, %v", answer1, answer2, err)
	}
	k := key(t, a)
	if got, err := k.Derive(nonce); err != nil || hex.EncodeToString(got) != knownKey {
		t.Errorf("key: %x, %v", got, err)
	}
	s, err := k.WrapWith(nonce, fileKey)
	if err != nil || len(s) != 1 {
		t.Fatalf("%d stanzas, %v", len(s), err)
	}
	if s[0].Type != stanzaType || len(s[0].Args) != 1 || s[0].Args[0] != knownNonce {
		t.Errorf("stanza: %s %q", s[0].Type, s[0].Args)
	}
	if got := base64.RawStdEncoding.EncodeToString(s[0].Body); got != knownBody {
		t.Errorf("body: %s", got)
	}
	if got, err := k.Unwrap(s); err != nil || !bytes.Equal(got, fileKey) {
		t.Errorf("Unwrap: %x, %v", got, err)
	}
	if got := a.Credential(site).String(); got != knownIdentity {
		t.Errorf("identity: %s", got)
	}
}

// What the questions are: 44 bytes each, of one nonce, in one prompt.
func TestQuestions(t *testing.T) {
	var asked [][]byte
	k := passkey.New(t.Context(), evaluator(func(c passkey.Credential, input1, input2 []byte) ([]byte, []byte, error) {
		asked = append(asked, input1, input2)
		return bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32), nil
	}), known().Credential(site))
	for range 2 {
		if _, err := k.Wrap(make([]byte, 16)); err != nil {
			t.Fatal(err)
		}
	}
	for i, q := range asked {
		if len(q) != 44 || !bytes.HasPrefix(q, []byte(stanzaType)) || q[27] != byte(i%2+1) || !bytes.Equal(q[28:], asked[i/2*2][28:]) {
			t.Errorf("question %d: %x", i, q)
		}
	}
	if len(asked) != 4 || bytes.Equal(asked[0], asked[2]) {
		t.Errorf("%d questions, or two with one nonce", len(asked))
	}
}

// evaluator is an Evaluator that a test makes up.
type evaluator func(c passkey.Credential, input1, input2 []byte) ([]byte, []byte, error)

func (f evaluator) Evaluate(_ context.Context, c passkey.Credential, input1, input2 []byte) ([]byte, []byte, error) {
	return f(c, input1, input2)
}

// Answers that are none: half of one, none, short, long, or the same twice.
func TestNeverOfHalf(t *testing.T) {
	one, two := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	for name, tt := range map[string]struct {
		answer1, answer2 []byte
		want             error
	}{
		"two":          {one, two, nil},
		"none":         {nil, nil, passkey.ErrNoPRF},
		"no second":    {one, nil, passkey.ErrNoPRF},
		"empty second": {one, []byte{}, passkey.ErrNoPRF},
		"no first":     {nil, two, passkey.ErrNoPRF},
		"short":        {one, two[:31], passkey.ErrNoPRF},
		"long":         {append(bytes.Clone(one), 1), two, passkey.ErrNoPRF},
		"all in first": {append(bytes.Clone(one), two...), nil, passkey.ErrNoPRF},
		"one twice":    {one, bytes.Clone(one), passkey.ErrNoPRF},
	} {
		t.Run(name, func(t *testing.T) {
			ask := evaluator(func(passkey.Credential, []byte, []byte) ([]byte, []byte, error) {
				return bytes.Clone(tt.answer1), bytes.Clone(tt.answer2), nil
			})
			c := known().Credential(site)
			if _, err := passkey.New(t.Context(), ask, c).Wrap(make([]byte, 16)); !errors.Is(err, tt.want) {
				t.Errorf("Wrap: %v, want %v", err, tt.want)
			}
			file, err := passkey.Lock(t.Context(), ask, c, []byte("keys"))
			if !errors.Is(err, tt.want) || (err != nil) != (file == nil) {
				t.Errorf("Lock: %d bytes, %v; want %v", len(file), err, tt.want)
			}
		})
	}
}

// A stanza is read in one way only, and nobody is asked about another.
func TestUnwrapIsStrict(t *testing.T) {
	a := known()
	k := key(t, a)
	good, err := k.Wrap(make([]byte, 16))
	if err != nil {
		t.Fatal(err)
	}
	s := good[0]
	with := func(args []string, body []byte) []*age.Stanza {
		return []*age.Stanza{{Type: stanzaType, Args: args, Body: body}}
	}
	x25519 := &age.Stanza{Type: "X25519", Args: []string{"x"}, Body: make([]byte, 32)}
	for name, tt := range map[string]struct {
		stanzas []*age.Stanza
		want    error
		prompts int
	}{
		"as written":               {good, nil, 1},
		"beside another kind":      {[]*age.Stanza{x25519, s}, nil, 1},
		"none":                     {nil, age.ErrIncorrectIdentity, 0},
		"another kind":             {[]*age.Stanza{x25519}, age.ErrIncorrectIdentity, 0},
		"no argument":              {with(nil, s.Body), passkey.ErrDamaged, 0},
		"two arguments":            {with([]string{s.Args[0], s.Args[0]}, s.Body), passkey.ErrDamaged, 0},
		"the type as an argument":  {with([]string{stanzaType, s.Args[0]}, s.Body), passkey.ErrDamaged, 0},
		"padding":                  {with([]string{s.Args[0] + "=="}, s.Body), passkey.ErrDamaged, 0},
		"a line break in base64":   {with([]string{s.Args[0][:4] + "\n" + s.Args[0][4:]}, s.Body), passkey.ErrDamaged, 0},
		"loose bits at the end":    {with([]string{loose(s.Args[0])}, s.Body), passkey.ErrDamaged, 0},
		"base64url":                {with([]string{strings.Repeat("-", 22)}, s.Body), passkey.ErrDamaged, 0},
		"nonce of 15 bytes":        {with([]string{base64.RawStdEncoding.EncodeToString(make([]byte, 15))}, s.Body), passkey.ErrDamaged, 0},
		"nonce of 17 bytes":        {with([]string{base64.RawStdEncoding.EncodeToString(make([]byte, 17))}, s.Body), passkey.ErrDamaged, 0},
		"empty nonce":              {with([]string{""}, s.Body), passkey.ErrDamaged, 0},
		"body of 31 bytes":         {with(s.Args, s.Body[:31]), passkey.ErrDamaged, 0},
		"body of 33 bytes":         {with(s.Args, append(bytes.Clone(s.Body), 0)), passkey.ErrDamaged, 0},
		"empty body":               {with(s.Args, nil), passkey.ErrDamaged, 0},
		"two: each would prompt":   {[]*age.Stanza{s, s}, passkey.ErrDamaged, 0},
		"another nonce":            {with([]string{knownNonce}, s.Body), age.ErrIncorrectIdentity, 1},
		"another file key's bytes": {with(s.Args, make([]byte, 32)), age.ErrIncorrectIdentity, 1},
	} {
		t.Run(name, func(t *testing.T) {
			before := a.Asked()
			fileKey, err := k.Unwrap(tt.stanzas)
			if !errors.Is(err, tt.want) || (err == nil) != (len(fileKey) == 16) {
				t.Errorf("Unwrap: %d bytes, %v; want %v", len(fileKey), err, tt.want)
			}
			if got := a.Asked() - before; got != tt.prompts {
				t.Errorf("%d prompts, want %d", got, tt.prompts)
			}
		})
	}
}

// loose sets a bit after the last that base64 needs.
func loose(s string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := strings.IndexByte(alphabet, s[len(s)-1])
	return s[:len(s)-1] + string(alphabet[last|1])
}

// age lets the stanza stand beside a hybrid recipient, not beside a weaker one.
func TestMixing(t *testing.T) {
	k := key(t, known())
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	w, err := age.Encrypt(&file, hybrid.Recipient(), k)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "both")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, id := range map[string]age.Identity{"passkey": k, "hybrid": hybrid} {
		r, err := age.Decrypt(bytes.NewReader(file.Bytes()), id)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != "both" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	x25519, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := age.Encrypt(io.Discard, k, x25519.Recipient()); err == nil {
		t.Error("age mixed it with a recipient that quantum computers break")
	}
}

func TestLockUnlock(t *testing.T) {
	a := passkeytest.New("mine")
	c := a.Credential(site)
	keys := []byte(`{"version":"potli-device/1"}`)
	file, err := passkey.Lock(t.Context(), a, c, keys)
	if err != nil || a.Asked() != 1 {
		t.Fatalf("Lock: %v after %d prompts", err, a.Asked())
	}
	got, err := passkey.Unlock(t.Context(), a, c, file)
	if err != nil || !bytes.Equal(got, keys) || a.Asked() != 2 {
		t.Errorf("Unlock: %q, %v after %d prompts", got, err, a.Asked())
	}
	header, _, _ := bytes.Cut(file, []byte("\n---"))
	if n := bytes.Count(header, []byte("\n-> ")); n != 1 {
		t.Errorf("%d stanzas", n)
	}
	if bytes.Contains(file, []byte(site)) || bytes.Contains(file, c.ID) {
		t.Error("the file names the passkey")
	}
	again, err := passkey.Lock(t.Context(), a, c, keys)
	if err != nil || bytes.Equal(file, again) {
		t.Errorf("the same file twice: %v", err)
	}
}

func TestUnlockRefuses(t *testing.T) {
	mine, other := passkeytest.New("mine"), passkeytest.New("other")
	c := mine.Credential(site)
	file, err := passkey.Lock(t.Context(), mine, c, []byte("keys"))
	if err != nil {
		t.Fatal(err)
	}
	// As if the passkey had been made anew under the same ID.
	renewed := passkeytest.With(c.ID, []byte("another secret"))
	half := passkeytest.New("mine")
	half.Half()
	closed := passkeytest.New("mine")
	closed.Fail(passkey.ErrCancelled)
	moved := passkeytest.New("mine")
	moved.Site = "elsewhere.example"
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	// at changes a letter to another, so that base64 stays base64.
	at := func(i int) []byte {
		b := bytes.Clone(file)
		b[i] = map[bool]byte{true: 'B', false: 'A'}[b[i] == 'A']
		return b
	}
	body := bytes.Index(file, []byte("\n---")) - 10
	for _, tt := range []struct {
		name string
		ctx  context.Context
		ask  *passkeytest.Authenticator
		file []byte
		want error
	}{
		{"its own", t.Context(), mine, file, nil},
		{"made anew", t.Context(), renewed, file, passkey.ErrWrongPasskey},
		{"another, which has no such passkey", t.Context(), other, file, passkey.ErrCancelled},
		{"half an answer", t.Context(), half, file, passkey.ErrNoPRF},
		{"prompt closed", t.Context(), closed, file, passkey.ErrCancelled},
		{"site moved", t.Context(), moved, file, passkey.ErrElsewhere},
		{"caller gone", gone, mine, file, context.Canceled},
		{"empty", t.Context(), mine, nil, passkey.ErrDamaged},
		{"not age", t.Context(), mine, []byte("hello"), passkey.ErrDamaged},
		{"huge", t.Context(), mine, make([]byte, 1<<20), passkey.ErrDamaged},
		{"cut short", t.Context(), mine, file[:len(file)-1], passkey.ErrDamaged},
		{"longer", t.Context(), mine, append(bytes.Clone(file), 0), passkey.ErrDamaged},
		{"flipped in the stanza", t.Context(), mine, at(body), passkey.ErrWrongPasskey},
		{"flipped in the MAC", t.Context(), mine, at(bytes.Index(file, []byte("---")) + 10), passkey.ErrDamaged},
		{"flipped in the keys", t.Context(), mine, append(bytes.Clone(file[:len(file)-1]), file[len(file)-1]^1), passkey.ErrDamaged},
		{"of another kind", t.Context(), mine, seal(t, "keys", hybrid.Recipient()), passkey.ErrDamaged},
		{"that something else opens too", t.Context(), mine, seal(t, "keys", key(t, mine), hybrid.Recipient()), passkey.ErrDamaged},
		{"of two passkeys", t.Context(), mine, seal(t, "keys", key(t, mine), key(t, mine)), passkey.ErrDamaged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := passkey.Unlock(tt.ctx, tt.ask, c, tt.file)
			if !errors.Is(err, tt.want) || (err == nil) != (string(got) == "keys") {
				t.Errorf("Unlock: %q, %v; want %v", got, err, tt.want)
			}
		})
	}
}

func seal(t *testing.T, plain string, to ...age.Recipient) []byte {
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

func TestLockRefuses(t *testing.T) {
	for _, want := range []error{passkey.ErrCancelled, passkey.ErrNoPRF, passkey.ErrElsewhere} {
		a := passkeytest.New("mine")
		a.Fail(want)
		if file, err := passkey.Lock(t.Context(), a, a.Credential(site), []byte("keys")); !errors.Is(err, want) || file != nil {
			t.Errorf("Lock: %d bytes, %v; want %v", len(file), err, want)
		}
	}
	a := passkeytest.New("mine")
	if _, err := passkey.Lock(t.Context(), a, a.Credential(site), make([]byte, 1<<20)); err == nil {
		t.Error("a file was made that Unlock would not read")
	}
}

// golden files: what a release sealed must open for ever. This passkey protects nothing.
const (
	goldenFile     = "testdata/unlock-passkey.age"
	goldenIdentity = "testdata/identity.txt"
	goldenKeys     = "the keys of a device"
)

func TestGolden(t *testing.T) {
	a := passkeytest.New("golden")
	if _, err := os.Stat(goldenFile); *generate && os.IsNotExist(err) {
		file, err := passkey.Lock(t.Context(), a, a.Credential(site), []byte(goldenKeys))
		if err != nil {
			t.Fatal(err)
		}
		os.MkdirAll("testdata", 0o755)
		os.WriteFile(goldenFile, file, 0o644)
		os.WriteFile(goldenIdentity, []byte(a.Credential(site).String()+"\n"), 0o644)
	}
	file, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	identity, err := os.ReadFile(goldenIdentity)
	if err != nil {
		t.Fatal(err)
	}
	c, err := passkey.Parse(strings.TrimSpace(string(identity)))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := passkey.Unlock(t.Context(), a, c, file)
	if err != nil || string(keys) != goldenKeys {
		t.Errorf("Unlock: %q, %v", keys, err)
	}
}

// Nothing that a stranger puts into a file panics, prompts twice or opens.
func FuzzUnlock(f *testing.F) {
	a := known()
	c := a.Credential(site)
	file, err := passkey.Lock(f.Context(), a, c, []byte("keys"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add(file[:len(file)/2])
	f.Add([]byte("age-encryption.org/v1\n-> " + stanzaType + " " + knownNonce + "\n" + knownBody + "\n--- " + knownBody + "\n"))
	f.Add([]byte("age-encryption.org/v1\n-> " + stanzaType + "\n\n--- \n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		before := a.Asked()
		keys, err := passkey.Unlock(t.Context(), a, c, file)
		if err == nil && string(keys) != "keys" {
			t.Errorf("opened to %q", keys)
		}
		if a.Asked()-before > 1 {
			t.Errorf("%d prompts for one file", a.Asked()-before)
		}
	})
}
