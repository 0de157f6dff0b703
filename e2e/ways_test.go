package e2e_test

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// authenticator gives the tab a phone's: it verifies its person at once, and has PRF.
func (p *page) authenticator() webauthn.AuthenticatorID {
	p.t.Helper()
	var id webauthn.AuthenticatorID
	p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		added, err := cdp.Call(ctx, target, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, HasPrf: true, AutomaticPresenceSimulation: true, IsUserVerified: true,
		}})
		id = added.AuthenticatorID
		return err
	}))
	return id
}

// deletePasskeys is somebody tidying up the list of passkeys in the browser.
func (p *page) deletePasskeys(id webauthn.AuthenticatorID) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, webauthn.ClearCredentials, webauthn.ClearCredentialsParams{AuthenticatorID: id})
		return err
	}))
}

// relock leaves the wallet locked, in a page that has just begun.
func (p *page) relock() {
	p.t.Helper()
	p.anew(func() { p.click("#lock") }, `document.querySelector("#passphrase")`)
}

// TestWaysIn: a passkey and quick unlock are set up, open the wallet after a reload, and are removed; the words open it
// whatever becomes of them (T23, A6).
func TestWaysIn(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	citizen := newBrowser(t)
	w := citizen.open(t, p.App)
	id := w.authenticator()
	words := w.createWallet("Meera Sample")
	l := looks[0]
	w.wear(l)

	// Nothing is added before the words are given again.
	w.to("/settings/ways")
	w.there("#prove")
	w.there("#add-passkey[disabled]")
	w.accessible(l, "ways")
	w.write("#prove-words", "these-are-not-the-words-of-it")
	w.click("#prove")
	w.there("#fault")
	w.there("#add-passkey[disabled]")
	w.empty("#prove-words")
	w.write("#prove-words", words)
	w.click("#prove")
	w.gone("#prove")

	w.click("#add-passkey")
	w.there("#said")
	w.click("#add-quick")
	w.there("#remove-quick")
	w.there("#remove-passkey")
	w.accessible(l, "ways-added")

	w.relock()
	w.there("#unlock-quick.button-main")
	w.accessible(l, "unlock-ways")
	w.click("#unlock-passkey")
	w.there("#lock")

	w.relock()
	w.click("#unlock-quick")
	w.there("#lock")

	// The list of passkeys is tidied up: a plain sentence, and the words.
	w.relock()
	w.deletePasskeys(id)
	w.click("#unlock-passkey")
	w.there("#fault")
	if said := js[string](w, `document.querySelector("#fault").textContent`); !strings.Contains(said, "Your words still open the wallet") {
		t.Errorf("a deleted passkey is told with %q", said)
	}
	unlock(w, words)

	// Removed, both are gone for good.
	w.to("/settings/ways")
	w.click("#remove-passkey")
	w.accessible(l, "ways-remove")
	w.click("#remove-no")
	for _, way := range []string{"quick", "passkey"} {
		w.click("#remove-" + way)
		w.click("#remove-yes")
		w.there("#add-" + way)
		w.there("#said")
	}
	if left := js[[]string](w, `indexedDB.databases().then(all => all.map(d => d.name))`); strings.Join(left, " ") != "potli" {
		t.Errorf("databases that are left: %q", left)
	}
	w.relock()
	w.gone("#unlock-passkey")
	w.gone("#unlock-quick")
	unlock(w, words)
	w.quiet()
	for _, address := range citizen.requested(t) {
		if !strings.HasPrefix(address, p.App) {
			t.Errorf("the wallet asked %s", address)
		}
	}
}

// addQuick lets the wallet be unlocked without words.
func (p *page) addQuick(passphrase string) {
	p.t.Helper()
	p.to("/settings/ways")
	p.write("#prove-words", passphrase)
	p.click("#prove")
	p.gone("#prove")
	p.click("#add-quick")
	p.there("#remove-quick")
}
