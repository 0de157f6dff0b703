//go:build js

package browser

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"syscall/js"

	"potli/app/wallet"
	"potli/crypto/passkey"
)

// Passkeys asks the browser for passkeys that can unlock: WebAuthn with its PRF
// extension. It is wallet.Passkeys.
//
// A browser opens the prompt only while a gesture is fresh, so Register and
// Evaluate call WebAuthn before they wait for anything. Call them first in what
// a click does, from a goroutine and never inside a js.Func.
//
// A passkey belongs to the host name of the page for ever. Were the app moved to
// another, every passkey would be lost and only words would open a wallet.
type Passkeys struct{ asked *asked }

var _ wallet.Passkeys = (*Passkeys)(nil)

// NewPasskeys returns the browser's passkeys. Their prompts count as dialogs
// that the device opened: the page may be hidden behind them without locking.
func NewPasskeys(d *Device) *Passkeys { return &Passkeys{&d.asked} }

// Limits of what the browser is believed: WebAuthn's for an ID, and twice the
// size of an answer, whose own size package passkey knows.
const (
	maxCredentialID = 1023
	maxAnswer       = 64
)

// Available says whether a passkey is worth offering. Only a prompt tells for
// certain: capabilities are the browser's, and the authenticator may lack PRF.
func (p *Passkeys) Available(ctx context.Context) bool {
	kind := global("PublicKeyCredential")
	if kind.Type() != js.TypeFunction || numeric(hostname()) {
		return false
	}
	if get(kind, "getClientCapabilities").Type() != js.TypeFunction {
		return true
	}
	can, err := promised(ctx, kind, "getClientCapabilities")
	prf := get(can, "extension:prf")
	return err != nil || prf.Type() != js.TypeBoolean || prf.Bool()
}

func hostname() string { return text(global("location", "hostname")) }

// numeric says whether a host is a bare address, which cannot have passkeys.
func numeric(host string) bool {
	return strings.HasPrefix(host, "[") || strings.Trim(host, "0123456789.") == ""
}

// Register makes a passkey under a name that the person will recognise in the
// browser's list. Nothing is sealed to it yet: whether it can unlock is known
// only when it has answered once (passkey.Lock). Errors: ErrNoPRF, where the
// browser or the authenticator cannot; ErrCancelled; those of ctx.
//
// There is no second try without PRF: all it could give is one more prompt, and
// a passkey in the person's list that opens nothing.
func (p *Passkeys) Register(ctx context.Context, name string) (passkey.Credential, error) {
	made, err := p.prompt(ctx, "create", creation(name))
	if err != nil {
		return passkey.Credential{}, refusal(ctx, err, passkey.ErrNoPRF)
	}
	id, err := octets(get(made, "rawId"), maxCredentialID)
	if err != nil {
		return passkey.Credential{}, passkey.ErrNoPRF
	}
	c := passkey.Credential{ID: id, RPID: hostname(), Transports: transports(made)}
	prf := prfOf(made)
	if c.String() == "" || !yes(get(prf, "enabled")) && !get(prf, "results", "first").Truthy() {
		p.Forget(ctx, c)
		return passkey.Credential{}, passkey.ErrNoPRF
	}
	return c, nil
}

// creation are the options of a new passkey.
//
// Two salts are given although their answers are not used: Windows Hello fails
// on the empty "prf: {}" with UnknownError (mozilla/fxa 20786), and there are
// authenticators that answer otherwise while they make a passkey than ever after.
// The user's id is random, since an authenticator keeps one passkey for an id and
// would overwrite the one before.
func creation(name string) js.Value {
	// Ed25519, ES256, RS256: what any authenticator has. Its signatures mean
	// nothing to us, and nor does the challenge, which is for a server.
	algorithms := []any{}
	for _, alg := range []int{-8, -7, -257} {
		algorithms = append(algorithms, object("type", "public-key", "alg", alg))
	}
	return object(
		"rp", object("id", hostname(), "name", "Potli"),
		"user", object("id", random(16), "name", name, "displayName", name),
		"challenge", random(32),
		"pubKeyCredParams", algorithms,
		"authenticatorSelection", object("residentKey", "preferred", "userVerification", "required"),
		"extensions", prfEval(random(32), random(32)),
	)
}

// Evaluate asks a passkey about two inputs at one prompt. Verification of the
// person is required and checked: without it an authenticator answers under
// another secret, and what was sealed under that would not open again.
func (p *Passkeys) Evaluate(ctx context.Context, c passkey.Credential, input1, input2 []byte) (answer1, answer2 []byte, err error) {
	assertion, err := p.prompt(ctx, "get", evaluation(c, input1, input2))
	if err != nil {
		return nil, nil, refusal(ctx, err, passkey.ErrElsewhere)
	}
	if !verified(assertion) {
		return nil, nil, passkey.ErrNoPRF
	}
	results := get(prfOf(assertion), "results")
	answer1, err1 := octets(get(results, "first"), maxAnswer)
	answer2, err2 := octets(get(results, "second"), maxAnswer)
	if err1 != nil || err2 != nil {
		return nil, nil, passkey.ErrNoPRF
	}
	return answer1, answer2, nil
}

// evaluation are the options of a question to one passkey.
func evaluation(c passkey.Credential, input1, input2 []byte) js.Value {
	hints := []any{}
	for _, t := range c.Transports {
		hints = append(hints, t)
	}
	return object(
		"rpId", c.RPID,
		"challenge", random(32),
		"allowCredentials", []any{object("type", "public-key", "id", bytesJS(c.ID), "transports", hints)},
		"userVerification", "required",
		"extensions", prfEval(bytesJS(input1), bytesJS(input2)),
	)
}

func prfEval(first, second js.Value) js.Value {
	return object("prf", object("eval", object("first", first, "second", second)))
}

// Forget tells the browser that a passkey is of no use any more, so that it
// leaves the person's list. Few browsers can be told; the others keep it.
func (p *Passkeys) Forget(ctx context.Context, c passkey.Credential) {
	kind := global("PublicKeyCredential")
	if get(kind, "signalUnknownCredential").Type() != js.TypeFunction {
		return
	}
	promised(ctx, kind, "signalUnknownCredential",
		object("rpId", c.RPID, "credentialId", base64.RawURLEncoding.EncodeToString(c.ID)))
}

// prompt begins a ceremony ("create" or "get") and waits for its end. When ctx
// ends, so does the prompt.
func (p *Passkeys) prompt(ctx context.Context, method string, options js.Value) (js.Value, error) {
	credentials := global("navigator", "credentials")
	if global("PublicKeyCredential").Type() != js.TypeFunction || get(credentials, method).Type() != js.TypeFunction {
		return js.Undefined(), passkey.ErrNoPRF
	}
	if err := ctx.Err(); err != nil {
		return js.Undefined(), err
	}
	stop, err := construct("AbortController")
	if err != nil {
		return js.Undefined(), err
	}
	defer context.AfterFunc(ctx, func() { call(stop, "abort") })()
	defer p.asked.open()()
	return promised(ctx, credentials, method, object("publicKey", options, "signal", get(stop, "signal")))
}

// refusal says what an exception means. SecurityError, which is about the host
// name, means another thing for a new passkey than for one that there is. A
// passkey that is gone is NotAllowedError, as is a closed prompt.
func refusal(ctx context.Context, err, security error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case named(err, "NotAllowedError", "AbortError"):
		return passkey.ErrCancelled
	case named(err, "SecurityError"):
		return security
	}
	return fmt.Errorf("%w: %w", passkey.ErrNoPRF, err)
}

// prfOf is what the PRF extension said of a ceremony.
func prfOf(credential js.Value) js.Value {
	extensions, err := call(credential, "getClientExtensionResults")
	if err != nil {
		return js.Undefined()
	}
	return get(extensions, "prf")
}

// verified reads the flag UV of the authenticator data (WebAuthn, section 6.1).
func verified(assertion js.Value) bool {
	const flags, uv, most = 32, 1 << 2, 64 << 10
	data, err := octets(get(assertion, "response", "authenticatorData"), most)
	return err == nil && len(data) > flags && data[flags]&uv != 0
}

// transports are the hints that came with a new passkey, without what an
// identity string could not hold.
func transports(made js.Value) (list []string) {
	v, err := call(get(made, "response"), "getTransports")
	if err != nil || !isArray(v) {
		return nil
	}
	for i := range min(v.Length(), 8) {
		t := text(v.Index(i))
		if c := (passkey.Credential{ID: []byte{0}, RPID: "a", Transports: []string{t}}); c.String() != "" {
			list = append(list, t)
		}
	}
	return list
}

// octets copies bytes in any form that a browser, or an extension in its place,
// hands them over: an ArrayBuffer, a view of one, or an array of numbers (which
// no standard allows and some password managers do; typage 50). More than most is
// an error.
func octets(v js.Value, most int) ([]byte, error) {
	switch {
	case isArray(v):
		return numbers(v, most)
	case v.Type() != js.TypeObject:
		return nil, &Error{"TypeError"}
	case v.InstanceOf(js.Global().Get("ArrayBuffer")):
		v = js.Global().Get("Uint8Array").New(v)
	case js.Global().Get("ArrayBuffer").Call("isView", v).Bool():
		v = js.Global().Get("Uint8Array").New(v.Get("buffer"), v.Get("byteOffset"), v.Get("byteLength"))
	}
	if n := integer(get(v, "length"), 0); n > most {
		return nil, &Error{"RangeError"}
	}
	return fromJS(v)
}

func isArray(v js.Value) bool { return js.Global().Get("Array").Call("isArray", v).Bool() }

// numbers reads an array of numbers that are bytes.
func numbers(v js.Value, most int) ([]byte, error) {
	if v.Length() > most {
		return nil, &Error{"RangeError"}
	}
	b := make([]byte, v.Length())
	for i := range b {
		n := v.Index(i)
		if n.Type() != js.TypeNumber || n.Float() != float64(byte(integer(n, 0))) {
			return nil, &Error{"TypeError"}
		}
		b[i] = byte(n.Int())
	}
	return b, nil
}

// object is an object of JavaScript, of names and values in turn.
func object(pairs ...any) js.Value {
	o := js.Global().Get("Object").New()
	for i := 0; i < len(pairs); i += 2 {
		o.Set(pairs[i].(string), pairs[i+1])
	}
	return o
}

// bytesJS is toJS for what is too small to fail.
func bytesJS(b []byte) js.Value {
	v, _ := toJS(b)
	return v
}

// random is n random bytes for the browser.
func random(n int) js.Value {
	b := make([]byte, n)
	rand.Read(b)
	return bytesJS(b)
}
