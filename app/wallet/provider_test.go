//go:build !js

package wallet_test

import (
	"context"
	"errors"
	"testing"

	"potli/app/clinic"
	"potli/app/inbox"
	"potli/app/share"
	"potli/app/wallet"
	"potli/crypto/jose"
)

// directory is what providers publish, by origin.
type directory struct {
	sets  map[string][]byte
	asked []string
}

func (d *directory) Keys(_ context.Context, origin string) ([]byte, error) {
	d.asked = append(d.asked, origin)
	if set, ok := d.sets[origin]; ok {
		return set, nil
	}
	return nil, share.ErrGone
}

// TestCheckProvider: a key counts as an address's when it is published there, and as
// nobody's by name; whatever else is published there changes nothing.
func TestCheckProvider(t *testing.T) {
	b, h := patient(t)
	const origin = "https://city.example"
	d := &directory{}
	b.deps.Directory = d
	b.restart()
	b.unlocked()
	_, code := b.visit(wallet.DropOffer{})
	arrives := func(c *clinic.Clinic) wallet.ItemInfo {
		t.Helper()
		sent := b.give(c, code, "a note")
		it, _ := b.checked().Item(sent.Messages[0])
		return it
	}
	signed := hospital(t, h, true)
	signed.From.Origin = origin
	it := arrives(signed)
	theirs, other := signed.Key.Public(), hospital(t, h, true).Key.Public()
	private, err := clinic.NewKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		set  []byte
		want error
	}{
		"nothing":               {nil, share.ErrGone},
		"no JSON":               {[]byte("<html>"), wallet.ErrNoKeys},
		"no set":                {[]byte(`{"keys":{}}`), wallet.ErrNoKeys},
		"two sets":              {[]byte(`{"keys":[],"keys":[` + string(theirs.JWK()) + `]}`), wallet.ErrNoKeys},
		"none":                  {jose.JWKS(), wallet.ErrNotTheirs},
		"another's":             {jose.JWKS(other), wallet.ErrNotTheirs},
		"a private key as well": {[]byte(`{"keys":[` + string(theirs.JWK()) + `,` + string(private) + `]}`), wallet.ErrKeyLeaked},
		"for something else":    {[]byte(`{"keys":[{"use":"enc",` + string(theirs.JWK()[1:]) + `]}`), wallet.ErrNotTheirs},
	} {
		d.sets = map[string][]byte{}
		if c.set != nil {
			d.sets[origin] = c.set
		}
		if how, err := b.CheckProvider(t.Context(), it.ID); !errors.Is(err, c.want) || how != "" {
			t.Errorf("%s: %q, %v, want %v", name, how, err, c.want)
		}
		if len(b.Snapshot().Pins) != 0 {
			t.Fatalf("%s: pinned %+v", name, b.Snapshot().Pins)
		}
	}
	d.sets = map[string][]byte{origin: jose.JWKS(other, theirs)}
	if how, err := b.CheckProvider(t.Context(), it.ID); err != nil || how != inbox.HowDirectory {
		t.Fatalf("%q, %v", how, err)
	}
	if it, _ := b.Snapshot().Inbox.Item(it.ID); it.Trust != inbox.TrustKnown || it.How != inbox.HowDirectory || it.Known != "city.example" {
		t.Errorf("known as %q, %s, %s", it.Known, it.Trust, it.How)
	}
	asked := len(d.asked)
	if how, err := b.CheckProvider(t.Context(), it.ID); err != nil || how != inbox.HowDirectory || len(d.asked) != asked {
		t.Errorf("again: %q, %v, asked %q", how, err, d.asked)
	}
	nowhere := hospital(t, h, true)
	for want, id := range map[error]string{
		wallet.ErrNoItem: "no-such-item", wallet.ErrUnsigned: arrives(hospital(t, h, false)).ID, wallet.ErrNoOrigin: arrives(nowhere).ID,
	} {
		if _, err := b.CheckProvider(t.Context(), id); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	met := inbox.Pin{Thumbprint: nowhere.Key.Public().Thumbprint(), Name: "City Hospital", How: inbox.HowScanned}
	if err := b.PinProvider(t.Context(), met); err != nil {
		t.Fatal(err)
	}
	nowhere.From.Origin = origin
	if how, err := b.CheckProvider(t.Context(), arrives(nowhere).ID); err != nil || how != inbox.HowScanned {
		t.Errorf("met in person: %q, %v", how, err)
	}
	if len(d.asked) != asked {
		t.Errorf("asked of a key that was met: %q", d.asked[asked:])
	}
}
