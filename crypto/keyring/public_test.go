package keyring_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/crypto/keyring"
)

func public(t testing.TB, u *keyring.User, by *keyring.Keys) *keyring.UserPublic {
	t.Helper()
	return must(u.Public(by, morning.Add(time.Hour)))(t)
}

func TestPublic(t *testing.T) {
	p := phones(t, 1, identity(t))
	u := must(p[0].user.RemoveDevice(p[0].d, p[1].d.Device, morning))(t)
	b := must(public(t, u, p[0].d).Marshal())(t)
	got := must(keyring.ParsePublic(b))(t)
	_, id, _ := ring(t, p[0].d, u).Newest("")
	if got.ID != u.ID() || got.Seq != u.Seq() || got.Epoch != 2 || got.By != p[0].d.Device || !got.At.Equal(morning.Add(time.Hour)) ||
		got.Recipient.String() != id.Recipient().String() {
		t.Errorf("%+v", got)
	}
	first, _ := got.Device(p[0].d.Device)
	second, _ := got.Device(p[1].d.Device)
	if len(got.Devices) != 2 || !first.Active() || second.Active() || !second.Verifier.Equal(p[1].d.Verifier()) {
		t.Errorf("devices %+v", got.Devices)
	}
	if bytes.Contains(b, []byte("SECRET")) || bytes.Contains(b, []byte("phone 2")) || bytes.Contains(b, []byte("first")) {
		t.Error("a secret, or the name of a device, is public")
	}
	if again := must(got.Marshal())(t); !bytes.Equal(again, b) {
		t.Error("it reads as another")
	}
	if _, err := u.Public(p[1].d, morning); !errors.Is(err, keyring.ErrRemoved) {
		t.Errorf("by a removed device: %v", err)
	}
}

func TestWords(t *testing.T) {
	p := phones(t, 1, nil)
	u := p[0].user
	mine := public(t, u, p[0].d)
	same := public(t, must(u.AddDevice(p[0].d, newcomer(t, u), morning))(t), p[1].d)
	rolled := public(t, must(u.Roll(p[0].d, morning))(t), p[0].d)
	list := wordList(t)
	if w := mine.Words(); len(w) != 6 || slices.ContainsFunc(w, func(s string) bool { return !list[s] }) {
		t.Errorf("words %q", w)
	}
	if d := mine.Digits(); !regexp.MustCompile(`^\d{4}( \d{4}){5}$`).MatchString(d) {
		t.Errorf("digits %q", d)
	}
	if !slices.Equal(mine.Words(), same.Words()) || mine.Digits() != same.Digits() {
		t.Error("the words are others though the key is the same")
	}
	if slices.Equal(mine.Words(), rolled.Words()) || mine.Digits() == rolled.Digits() {
		t.Error("the words are the same though the key is another")
	}
	seen := make(map[string]bool)
	for range 20 {
		d := fresh(t)
		w := public(t, must(keyring.NewUser(d, "x", nil, morning))(t), d)
		seen[strings.Join(w.Words(), " ")] = true
		seen[w.Digits()] = true
	}
	if len(seen) != 40 {
		t.Errorf("%d codes of 40", len(seen))
	}
}

func newcomer(t testing.TB, u *keyring.User) keyring.Newcomer {
	t.Helper()
	_, info, err := keyring.NewDevice(u.ID(), "another")
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// wordList is the EFF list, read from what the generator draws.
func wordList(t testing.TB) map[string]bool {
	t.Helper()
	list := make(map[string]bool)
	for i := range 7776 {
		list[must(keyring.GeneratePassphrase(bytes.NewReader([]byte{byte(i >> 8), byte(i)}), 1))(t)] = true
	}
	return list
}

func TestPublicFollows(t *testing.T) {
	p := phones(t, 2, nil)
	a, b, c := p[0], p[1], p[2]
	u := a.user
	held := public(t, u, a.d)
	rolls := u
	for range 63 {
		rolls = must(rolls.Roll(a.d, morning))(t)
	}
	removed := must(u.RemoveDevice(a.d, b.d.Device, morning))(t)
	fork := must(u.Roll(b.d, morning))(t)
	merged := must(keyring.Merge(c.d, removed, fork, morning))(t)
	renewed := must(must(u.AddDevice(a.d, newcomer(t, u), morning))(t).Roll(a.d, morning))(t)
	other := phones(t, 0, nil)[0]
	for _, tt := range []struct {
		name      string
		next, old *keyring.UserPublic
		want      error
	}{
		{"itself", held, held, nil},
		{"the same by another device", public(t, u, b.d), held, nil},
		{"a removal later", public(t, removed, a.d), held, nil},
		{"by a device that is new", public(t, must(renewed.Roll(c.d, morning))(t), c.d), held, nil},
		{"63 epochs later", public(t, rolls, a.d), held, nil},
		{"64 epochs later", public(t, must(rolls.Roll(a.d, morning))(t), a.d), held, keyring.ErrUnlinked},
		{"after a merge, for who saw one side", public(t, merged, c.d), public(t, removed, a.d), nil},
		{"after a merge, for who saw the other", public(t, merged, c.d), public(t, fork, b.d), nil},
		{"older", held, public(t, removed, a.d), keyring.ErrUnlinked},
		{"older in the same epoch", held, public(t, must(u.AddDevice(a.d, newcomer(t, u), morning))(t), a.d), keyring.ErrOlder},
		{"another of the same number", public(t, fork, b.d), public(t, removed, a.d), keyring.ErrUnlinked},
		{"another of the same number and epoch", public(t, must(u.AddDevice(a.d, newcomer(t, u), morning))(t), a.d),
			public(t, must(u.AddDevice(b.d, newcomer(t, u), morning))(t), b.d), keyring.ErrForked},
		{"another user", public(t, other.user, other.d), held, keyring.ErrUnlinked},
	} {
		t.Run(tt.name, func(t *testing.T) {
			next := must(keyring.ParsePublic(must(tt.next.Marshal())(t)))(t)
			if err := next.Follows(tt.old); !errors.Is(err, tt.want) {
				t.Errorf("Follows = %v, want %v", err, tt.want)
			}
		})
	}
}

// rewritten changes a public part and signs it as a device that holds all keys of u can.
func rewritten(t testing.TB, u *keyring.User, by *keyring.Keys, f func(doc map[string]any)) []byte {
	t.Helper()
	parts := bytes.Split(must(public(t, u, by).Marshal())(t), []byte("\n"))
	var doc map[string]any
	d := json.NewDecoder(bytes.NewReader(parts[0]))
	d.UseNumber()
	if err := d.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	f(doc)
	body := must(json.Marshal(doc))(t)
	sum := sha256.Sum256(body)
	m := append([]byte("potli-user-public/1\x00"), sum[:]...)
	deep := takeApart(t, must(u.Seal())(t), by.Identity)
	type sig struct {
		N   int    `json:"n"`
		Sig []byte `json:"sig"`
	}
	var sigs []sig
	for i := range deep.doc["epochs"].([]any) {
		seed := must(encoding.DecodeString(deep.list("epochs", i)["signer"].(string)))(t)
		sigs = append(sigs, sig{i + 1, ed25519.Sign(ed25519.NewKeyFromSeed(seed), m)})
	}
	last := must(json.Marshal(map[string]any{"device": ed25519.Sign(by.Signer, m), "epochs": sigs}))(t)
	return slices.Concat(body, []byte("\n"), last, []byte("\n"))
}

func TestParsePublicIsStrict(t *testing.T) {
	p := phones(t, 1, nil)
	u, by := must(p[0].user.Roll(p[0].d, morning))(t), p[0].d
	good := must(public(t, u, by).Marshal())(t)
	change := func(f func(doc map[string]any)) []byte { return rewritten(t, u, by, f) }
	device := func(doc map[string]any, i int) map[string]any {
		return doc["devices"].([]any)[i].(map[string]any)
	}
	for _, tt := range []struct {
		name string
		text []byte
		want error
	}{
		{"as it should be", good, nil},
		{"taken apart and put together", change(func(map[string]any) {}), nil},
		{"empty", nil, keyring.ErrBadPublic},
		{"one line", good[:bytes.IndexByte(good, '\n')], keyring.ErrBadPublic},
		{"a third line", append(bytes.Clone(good), '\n'), keyring.ErrBadPublic},
		{"cut short", good[:len(good)-1], keyring.ErrBadPublic},
		{"too long", append(bytes.Clone(good), make([]byte, 1<<20)...), keyring.ErrBadPublic},
		{"later version", change(func(d map[string]any) { d["version"] = "potli-user-public/2" }), keyring.ErrVersion},
		{"unknown member", change(func(d map[string]any) { d["new"] = 1 }), keyring.ErrBadPublic},
		{"no user", change(func(d map[string]any) { d["user"] = "" }), keyring.ErrBadPublic},
		{"epoch 0", change(func(d map[string]any) { d["epoch"] = 0 }), keyring.ErrBadPublic},
		{"epoch too high", change(func(d map[string]any) { d["epoch"] = 1<<20 + 1 }), keyring.ErrBadPublic},
		{"seq 0", change(func(d map[string]any) { d["seq"] = 0 }), keyring.ErrBadPublic},
		{"no recipient", change(func(d map[string]any) { d["recipient"] = "" }), keyring.ErrBadPublic},
		{"no verifier", change(func(d map[string]any) { d["verifier"] = "" }), keyring.ErrBadPublic},
		{"no devices", change(func(d map[string]any) { d["devices"] = []any{} }), keyring.ErrBadPublic},
		{"a device twice", change(func(d map[string]any) { d["devices"] = append(d["devices"].([]any), device(d, 0)) }), keyring.ErrBadPublic},
		{"a device without a key", change(func(d map[string]any) { device(d, 1)["verifier"] = "" }), keyring.ErrBadPublic},
		{"a device without an id", change(func(d map[string]any) { device(d, 1)["id"] = "" }), keyring.ErrBadPublic},
		{"by nobody", change(func(d map[string]any) { d["by"] = "nobody" }), keyring.ErrForged},
		{"in another's name", change(func(d map[string]any) { d["by"] = p[1].d.Device }), keyring.ErrForged},
		{"by a device that ended", change(func(d map[string]any) { device(d, 0)["ended"] = morning }), keyring.ErrForged},
		{"an older epoch as the newest", change(func(d map[string]any) { d["epoch"] = 1 }), keyring.ErrForged},
		{"another verifier", change(func(d map[string]any) { d["verifier"] = b64(by.Verifier()) }), keyring.ErrForged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := keyring.ParsePublic(tt.text)
			if !errors.Is(err, tt.want) || (err == nil) != (got != nil) {
				t.Errorf("ParsePublic = %v, want %v", err, tt.want)
			}
		})
	}
	held := public(t, u, by)
	for name, c := range map[string]struct {
		f    func(d map[string]any)
		want error
	}{
		"a device gone":             {func(d map[string]any) { d["devices"] = d["devices"].([]any)[:1] }, keyring.ErrRewritten},
		"a device with another key": {func(d map[string]any) { device(d, 1)["verifier"] = b64(fresh(t).Verifier()) }, keyring.ErrRewritten},
		"from a document beside it": {func(d map[string]any) { d["source"] = hash("x") }, keyring.ErrForked},
		"nothing changed":           {func(map[string]any) {}, nil},
	} {
		next := must(keyring.ParsePublic(change(c.f)))(t)
		if err := next.Follows(held); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	removed := must(u.RemoveDevice(by, p[1].d.Device, morning))(t)
	back := rewritten(t, must(removed.Roll(by, morning))(t), by, func(d map[string]any) { delete(device(d, 1), "ended") })
	if err := must(keyring.ParsePublic(back))(t).Follows(public(t, removed, by)); !errors.Is(err, keyring.ErrRewritten) {
		t.Errorf("a removed device back: %v", err)
	}
}

func TestEveryByteOfAPublicPart(t *testing.T) {
	p := phones(t, 1, nil)
	b := must(public(t, p[0].user, p[0].d).Marshal())(t)
	step := 1
	if testing.Short() || runtime.GOOS == "js" || raced {
		step = 7
	}
	for i := 0; i < len(b); i += step {
		c := bytes.Clone(b)
		c[i] ^= 0x01
		if _, err := keyring.ParsePublic(c); err == nil {
			t.Fatalf("byte %d changed and it was taken", i)
		}
	}
}

func FuzzParsePublic(f *testing.F) {
	p := phones(f, 1, nil)
	f.Add(must(public(f, p[0].user, p[0].d).Marshal())(f))
	f.Add([]byte("{\"version\":\"potli-user-public/1\"}\n{}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := keyring.ParsePublic(b)
		if err != nil {
			return
		}
		if again, err := keyring.ParsePublic(must(got.Marshal())(t)); err != nil || again.Seq != got.Seq || !slices.Equal(again.Words(), got.Words()) {
			t.Errorf("what was read does not read again: %v", err)
		}
		got.Follows(got)
	})
}
