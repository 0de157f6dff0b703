//go:build js

package browser_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"syscall/js"
	"testing"
	"time"

	"potli/crypto/passkey"
	"potli/crypto/quick"
	"potli/wasm/browser"
)

func passkeys() *browser.Passkeys { return browser.NewPasskeys(device()) }

// --- with an authenticator of Chromium's, which e2e/browser plugs in ---

// kept is what lies in the page's storage from one load of it to the next.
func kept(name string) []byte {
	v := js.Global().Get("localStorage").Call("getItem", "test."+name)
	if v.Type() != js.TypeString {
		return nil
	}
	b, _ := base64.RawURLEncoding.DecodeString(v.String())
	return b
}

func keep(name string, b []byte) {
	js.Global().Get("localStorage").Call("setItem", "test."+name, base64.RawURLEncoding.EncodeToString(b))
}

// given is bytes from the page's address, or else what was kept.
func given(name string) []byte {
	if s := param(name); s != "" {
		b, _ := base64.RawURLEncoding.DecodeString(s)
		return b
	}
	return kept(name)
}

// credential is the one that a scene before this one made.
func credential(t *testing.T) passkey.Credential {
	t.Helper()
	c, err := passkey.Parse(string(given("identity")))
	if err != nil {
		t.Fatalf("the identity that was kept: %v", err)
	}
	return c
}

const deviceKeys = "the keys of this device"

func TestPasskeyRegister(t *testing.T) {
	inScene(t, "passkey-register")
	if !passkeys().Available(t.Context()) {
		t.Error("not on offer, with an authenticator there")
	}
	c, err := passkeys().Register(t.Context(), "Test")
	if err != nil {
		t.Fatal(err)
	}
	if c.RPID != "localhost" || len(c.ID) < 16 || !slices.Equal(c.Transports, []string{"internal"}) {
		t.Errorf("credential: %+v", c)
	}
	file, err := passkey.Lock(t.Context(), passkeys(), c, []byte(deviceKeys))
	if err != nil {
		t.Fatal(err)
	}
	keep("identity", []byte(c.String()))
	keep("file", file)
	got, err := passkey.Unlock(t.Context(), passkeys(), c, file)
	if err != nil || string(got) != deviceKeys {
		t.Errorf("Unlock: %q, %v", got, err)
	}
	again, err := passkeys().Register(t.Context(), "Test")
	if err != nil || bytes.Equal(again.ID, c.ID) {
		t.Fatalf("a second passkey of the same name: %v", err)
	}
	if _, err := passkey.Unlock(t.Context(), passkeys(), again, file); !errors.Is(err, passkey.ErrWrongPasskey) {
		t.Errorf("Unlock with the second: %v, want ErrWrongPasskey", err)
	}
	if got, err := passkey.Unlock(t.Context(), passkeys(), c, file); err != nil || string(got) != deviceKeys {
		t.Errorf("the first was overwritten: %q, %v", got, err)
	}
}

func TestPasskeyOpen(t *testing.T) {
	inScene(t, "passkey-open")
	got, err := passkey.Unlock(t.Context(), passkeys(), credential(t), given("file"))
	if err != nil || string(got) != deviceKeys {
		t.Errorf("Unlock: %q, %v", got, err)
	}
}

// The authenticator says that it verified nobody, and Chromium lets it: its
// answer is under another secret.
func TestPasskeyUnverified(t *testing.T) {
	inScene(t, "passkey-unverified")
	if got, err := passkey.Unlock(t.Context(), passkeys(), credential(t), given("file")); !errors.Is(err, passkey.ErrNoPRF) || got != nil {
		t.Errorf("Unlock: %q, %v; want ErrNoPRF", got, err)
	}
}

// The passkey was deleted, the person was not verified, or the prompt closed.
func TestPasskeyRefused(t *testing.T) {
	inScene(t, "passkey-refused")
	got, err := passkey.Unlock(t.Context(), passkeys(), credential(t), given("file"))
	if !errors.Is(err, passkey.ErrCancelled) || got != nil {
		t.Errorf("Unlock: %q, %v; want ErrCancelled", got, err)
	}
}

func TestPasskeyOfAnotherSite(t *testing.T) {
	inScene(t, "passkey-elsewhere")
	c := credential(t)
	for _, rp := range []string{"elsewhere.example", "host", "a.localhost"} {
		c.RPID = rp
		if _, err := passkey.Unlock(t.Context(), passkeys(), c, given("file")); !errors.Is(err, passkey.ErrElsewhere) {
			t.Errorf("Unlock with a passkey of %s: %v, want ErrElsewhere", rp, err)
		}
	}
}

func TestPasskeyWithoutPRF(t *testing.T) {
	inScene(t, "passkey-noprf")
	if _, err := passkeys().Register(t.Context(), "Test"); !errors.Is(err, passkey.ErrNoPRF) {
		t.Errorf("Register: %v, want ErrNoPRF", err)
	}
}

// The authenticator waits for a finger that never comes: the prompt goes away
// with the context of whoever asked.
func TestPasskeyPromptEnds(t *testing.T) {
	inScene(t, "passkey-waiting")
	proto := js.Global().Get("CredentialsContainer").Get("prototype")
	real := proto.Get("create")
	prompts := make(chan js.Value, 1)
	patch(t, proto, "create", function(t, func(this js.Value, args []js.Value) any {
		prompt := real.Call("call", this, args[0])
		prompts <- prompt
		return prompt
	}))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := passkeys().Register(ctx, "Test")
		ended <- err
	}()
	prompt := <-prompts
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Register: %v, want Canceled", err)
	}
	if _, failed := settle(t, prompt); failed != "AbortError" {
		t.Errorf("the prompt: %q, want AbortError", failed)
	}
	if _, err := passkeys().Register(ctx, "Test"); !errors.Is(err, context.Canceled) || len(prompts) != 0 {
		t.Errorf("Register when it is too late: %v, want Canceled and no prompt", err)
	}
}

// On a click WebAuthn is called while the gesture counts.
func TestPasskeyInGesture(t *testing.T) {
	inScene(t, "passkey-gesture")
	var active []bool
	fake(t, "create", func(js.Value) js.Value {
		active = append(active, js.Global().Get("navigator").Get("userActivation").Get("isActive").Bool())
		return rejected("NotAllowedError")
	})
	button := add(t, "button", "passkey")
	button.Set("textContent", "Add")
	done := make(chan error, 1)
	on(t, button, "click", func(js.Value) {
		go func() { _, err := passkeys().Register(t.Context(), "Test"); done <- err }()
	})
	if err := <-done; !errors.Is(err, passkey.ErrCancelled) || !slices.Equal(active, []bool{true}) {
		t.Errorf("Register: %v; in a gesture: %v", err, active)
	}
}

// --- with answers that no authenticator of Chromium's gives ---

// fake replaces navigator.credentials by one method, which gets the options and
// returns a promise.
func fake(t *testing.T, method string, f func(publicKey js.Value) js.Value) {
	t.Helper()
	onPage(t)
	called := function(t, func(_ js.Value, args []js.Value) any { return f(args[0].Get("publicKey")) })
	js.Global().Get("Object").Call("defineProperty", js.Global().Get("navigator"), "credentials",
		map[string]any{"value": map[string]any{method: called}, "configurable": true})
	t.Cleanup(func() { js.Global().Get("Reflect").Call("deleteProperty", js.Global().Get("navigator"), "credentials") })
}

func resolved(v any) js.Value { return js.Global().Get("Promise").Call("resolve", v) }

func rejected(name string) js.Value {
	return js.Global().Get("Promise").Call("reject", js.Global().Get("DOMException").New("as if", name))
}

func array(b []byte) js.Value {
	a := js.Global().Get("Uint8Array").New(len(b))
	js.CopyBytesToJS(a, b)
	return a
}

// answering is an assertion whose PRF extension said prf; uv is whether the
// person was verified.
func answering(t *testing.T, prf any, uv bool) js.Value {
	data := make([]byte, 37)
	if uv {
		data[32] = 1<<2 | 1
	}
	return resolved(map[string]any{
		"response":                  map[string]any{"authenticatorData": array(data).Get("buffer")},
		"getClientExtensionResults": function(t, func(js.Value, []js.Value) any { return map[string]any{"prf": prf} }),
	})
}

// forms are the ways in which 32 bytes arrive.
func forms(b []byte) map[string]js.Value {
	wide := array(append(append([]byte{9, 9, 9}, b...), 9, 9)).Get("buffer")
	numbers := []any{}
	for _, x := range b {
		numbers = append(numbers, int(x))
	}
	return map[string]js.Value{
		"ArrayBuffer":      array(b).Get("buffer"),
		"Uint8Array":       array(b),
		"part of a buffer": js.Global().Get("Uint8Array").New(wide, 3, len(b)),
		"DataView":         js.Global().Get("DataView").New(wide, 3, len(b)),
		"numbers":          js.ValueOf(numbers),
	}
}

func TestPasskeyAnswersInAnyForm(t *testing.T) {
	onPage(t)
	one, two := bytes.Repeat([]byte{1, 255}, 16), bytes.Repeat([]byte{2, 0}, 16)
	second := forms(two)
	for name, first := range forms(one) {
		t.Run(name, func(t *testing.T) {
			fake(t, "get", func(js.Value) js.Value {
				return answering(t, map[string]any{"results": map[string]any{"first": first, "second": second[name]}}, true)
			})
			got1, got2, err := passkeys().Evaluate(t.Context(), testCredential, []byte("1"), []byte("2"))
			if err != nil || !bytes.Equal(got1, one) || !bytes.Equal(got2, two) {
				t.Errorf("Evaluate: %x, %x, %v", got1, got2, err)
			}
		})
	}
}

var testCredential = passkey.Credential{ID: []byte{1, 2, 3}, RPID: "localhost", Transports: []string{"usb"}}

func TestPasskeyAnswersThatAreNone(t *testing.T) {
	onPage(t)
	good := array(bytes.Repeat([]byte{1}, 32))
	other := array(bytes.Repeat([]byte{2}, 32))
	object := map[string]any{"0": 1, "length": 32}
	half := func(second any) map[string]any {
		return map[string]any{"results": map[string]any{"first": good, "second": second}}
	}
	for name, prf := range map[string]any{
		"nothing":             js.Undefined(),
		"enabled, no results": map[string]any{"enabled": true},
		"null results":        map[string]any{"results": nil},
		"first alone":         map[string]any{"results": map[string]any{"first": good}},
		"second null":         half(nil),
		"second empty":        half(array(nil)),
		"second text":         half("AAAA"),
		"second an object":    half(object),
		"second short":        half(array(make([]byte, 31))),
		"second huge":         half(array(make([]byte, 1<<20))),
		"numbers too large":   half([]any{256}),
		"numbers below zero":  half([]any{-1}),
		"numbers of parts":    half([]any{0.5}),
		"numbers that are no": half([]any{"1"}),
		"many numbers":        half(js.Global().Get("Array").New(1 << 20)),
		"one answer twice":    half(good),
	} {
		t.Run(name, func(t *testing.T) {
			fake(t, "get", func(js.Value) js.Value { return answering(t, prf, true) })
			if file, err := passkey.Lock(t.Context(), passkeys(), testCredential, []byte("keys")); !errors.Is(err, passkey.ErrNoPRF) || file != nil {
				t.Errorf("Lock: %d bytes, %v; want ErrNoPRF", len(file), err)
			}
		})
	}
	t.Run("not verified", func(t *testing.T) {
		fake(t, "get", func(js.Value) js.Value { return answering(t, half(other), false) })
		if _, err := passkey.Lock(t.Context(), passkeys(), testCredential, []byte("keys")); !errors.Is(err, passkey.ErrNoPRF) {
			t.Errorf("Lock: %v, want ErrNoPRF", err)
		}
	})
	t.Run("all is well", func(t *testing.T) { // or the above would prove nothing
		fake(t, "get", func(js.Value) js.Value { return answering(t, half(other), true) })
		if _, err := passkey.Lock(t.Context(), passkeys(), testCredential, []byte("keys")); err != nil {
			t.Errorf("Lock: %v", err)
		}
	})
}

func TestPasskeyExceptions(t *testing.T) {
	onPage(t)
	for name, want := range map[string][2]error{ // of Register, of Evaluate
		"NotAllowedError":   {passkey.ErrCancelled, passkey.ErrCancelled},
		"AbortError":        {passkey.ErrCancelled, passkey.ErrCancelled},
		"SecurityError":     {passkey.ErrNoPRF, passkey.ErrElsewhere},
		"UnknownError":      {passkey.ErrNoPRF, passkey.ErrNoPRF}, // Windows Hello without PRF
		"NotSupportedError": {passkey.ErrNoPRF, passkey.ErrNoPRF},
		"ConstraintError":   {passkey.ErrNoPRF, passkey.ErrNoPRF},
	} {
		t.Run(name, func(t *testing.T) {
			prompts := 0
			fail := func(js.Value) js.Value { prompts++; return rejected(name) }
			fake(t, "create", fail)
			if _, err := passkeys().Register(t.Context(), "Test"); !errors.Is(err, want[0]) {
				t.Errorf("Register: %v, want %v", err, want[0])
			}
			fake(t, "get", fail)
			if _, _, err := passkeys().Evaluate(t.Context(), testCredential, nil, nil); !errors.Is(err, want[1]) {
				t.Errorf("Evaluate: %v, want %v", err, want[1])
			}
			if prompts != 2 {
				t.Errorf("%d prompts for two calls", prompts)
			}
		})
	}
}

// What is asked of the browser for a new passkey.
func TestPasskeyCreation(t *testing.T) {
	onPage(t)
	var ids, salts []string
	fake(t, "create", func(o js.Value) js.Value {
		user, eval := o.Get("user"), o.Get("extensions").Get("prf").Get("eval")
		ids = append(ids, jsText(user.Get("id")))
		salts = append(salts, jsText(eval.Get("first")), jsText(eval.Get("second")))
		for what, got := range map[string]string{
			"localhost or the like": o.Get("rp").Get("id").String(),
			"Meera's phone":         user.Get("name").String(),
			"preferred":             o.Get("authenticatorSelection").Get("residentKey").String(),
			"required":              o.Get("authenticatorSelection").Get("userVerification").String(),
		} {
			if what == "localhost or the like" {
				what = js.Global().Get("location").Get("hostname").String()
			}
			if got != what {
				t.Errorf("got %q, want %q", got, what)
			}
		}
		if o.Get("excludeCredentials").Truthy() || user.Get("id").Length() != 16 || eval.Get("first").Length() != 32 {
			t.Error("not as it should be")
		}
		return rejected("NotAllowedError")
	})
	for range 2 {
		if _, err := passkeys().Register(t.Context(), "Meera's phone"); !errors.Is(err, passkey.ErrCancelled) {
			t.Fatal(err)
		}
	}
	slices.Sort(ids)
	slices.Sort(salts)
	if len(slices.Compact(ids)) != 2 || len(slices.Compact(salts)) != 4 {
		t.Error("an id of a user or a salt came twice")
	}
}

func jsText(v js.Value) string { return v.Call("join", ",").String() }

// What is asked for an answer.
func TestPasskeyQuestion(t *testing.T) {
	onPage(t)
	fake(t, "get", func(o js.Value) js.Value {
		allowed := o.Get("allowCredentials")
		eval := o.Get("extensions").Get("prf").Get("eval")
		got := []string{
			o.Get("rpId").String(), o.Get("userVerification").String(), jsText(allowed.Index(0).Get("id")),
			jsText(allowed.Index(0).Get("transports")), jsText(eval.Get("first")), jsText(eval.Get("second")),
		}
		if want := []string{"localhost", "required", "1,2,3", "usb", "1,1", "2,2"}; !slices.Equal(got, want) || allowed.Length() != 1 {
			t.Errorf("got %q, want %q", got, want)
		}
		return rejected("NotAllowedError")
	})
	passkeys().Evaluate(t.Context(), testCredential, []byte{1, 1}, []byte{2, 2})
}

// made is a new passkey whose PRF extension said prf.
func made(t *testing.T, prf any, hints ...any) js.Value {
	return resolved(map[string]any{
		"rawId":                     array([]byte{7, 7, 7}).Get("buffer"),
		"response":                  map[string]any{"getTransports": function(t, func(js.Value, []js.Value) any { return hints })},
		"getClientExtensionResults": function(t, func(js.Value, []js.Value) any { return map[string]any{"prf": prf} }),
	})
}

func TestPasskeyRegistered(t *testing.T) {
	onPage(t)
	if js.Global().Get("location").Get("hostname").String() == "" {
		t.Fatal("no host name")
	}
	first := map[string]any{"first": array(make([]byte, 32))}
	for name, tt := range map[string]struct {
		prf   any
		hints []any
		want  error
		kept  string
	}{
		"enabled":               {map[string]any{"enabled": true}, []any{"internal", "hybrid"}, nil, "internal hybrid"},
		"answers without a say": {map[string]any{"results": first}, nil, nil, ""},
		"odd hints":             {map[string]any{"enabled": true}, []any{"", 7, "usb", strings.Repeat("x", 99), "a b"}, nil, "usb"},
		"not enabled":           {map[string]any{"enabled": false}, nil, passkey.ErrNoPRF, ""},
		"enabled as text":       {map[string]any{"enabled": "true"}, nil, passkey.ErrNoPRF, ""},
		"nothing said":          {js.Undefined(), nil, passkey.ErrNoPRF, ""},
		"null":                  {nil, nil, passkey.ErrNoPRF, ""},
	} {
		t.Run(name, func(t *testing.T) {
			forgotten := 0
			patch(t, js.Global().Get("PublicKeyCredential"), "signalUnknownCredential", function(t, func(js.Value, []js.Value) any {
				forgotten++
				return resolved(nil)
			}))
			fake(t, "create", func(js.Value) js.Value { return made(t, tt.prf, tt.hints...) })
			c, err := passkeys().Register(t.Context(), "Test")
			if !errors.Is(err, tt.want) || strings.Join(c.Transports, " ") != tt.kept {
				t.Errorf("Register: %+v, %v; want %v", c, err, tt.want)
			}
			if (err == nil) != (string(c.ID) == "\a\a\a") || (err == nil) != (forgotten == 0) {
				t.Errorf("ID %x; forgotten %d times", c.ID, forgotten)
			}
		})
	}
}

func TestPasskeyNotThere(t *testing.T) {
	onPage(t)
	patch(t, js.Global(), "PublicKeyCredential", js.Undefined())
	if passkeys().Available(t.Context()) {
		t.Error("on offer, without WebAuthn")
	}
	if _, err := passkeys().Register(t.Context(), "Test"); !errors.Is(err, passkey.ErrNoPRF) {
		t.Errorf("Register: %v, want ErrNoPRF", err)
	}
	if _, _, err := passkeys().Evaluate(t.Context(), testCredential, nil, nil); !errors.Is(err, passkey.ErrNoPRF) {
		t.Errorf("Evaluate: %v, want ErrNoPRF", err)
	}
	passkeys().Forget(t.Context(), testCredential)
}

// What the ways in cost beside the person's own time, as the median of many.
func TestUnlockFigures(t *testing.T) {
	inScene(t, "figures")
	c, err := passkeys().Register(t.Context(), "Test")
	if err != nil {
		t.Fatal(err)
	}
	figure(t, "seal with a passkey", func() error {
		_, err := passkey.Lock(t.Context(), passkeys(), c, []byte(deviceKeys))
		return err
	})
	file, err := passkey.Lock(t.Context(), passkeys(), c, []byte(deviceKeys))
	if err != nil {
		t.Fatal(err)
	}
	figure(t, "unlock by passkey", func() error {
		_, err := passkey.Unlock(t.Context(), passkeys(), c, file)
		return err
	})
	file, secret, err := quick.Lock([]byte(deviceKeys))
	if err != nil {
		t.Fatal(err)
	}
	q, _ := quickKeys(t)
	figure(t, "make quick unlock", func() error { return q.Create(t.Context(), secret) })
	figure(t, "quick unlock", func() error {
		secret, err := q.Open(t.Context())
		if err != nil {
			return err
		}
		_, err = quick.Unlock(file, secret)
		return err
	})
}

func figure(t *testing.T, what string, do func() error) {
	t.Helper()
	took := make([]time.Duration, 15)
	for i := range took {
		begin := time.Now()
		if err := do(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		took[i] = time.Since(begin)
	}
	slices.Sort(took)
	t.Logf("FIGURE %s: %.1f ms", what, float64(took[len(took)/2].Microseconds())/1000)
}
