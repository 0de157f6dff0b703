package browser_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// --- an authenticator of Chromium's own ---

// authenticator is one that Chromium simulates for a tab.
type authenticator struct {
	tab *tab
	id  webauthn.AuthenticatorID
}

// phone is what a phone of today has. No finger is needed.
func phone() *webauthn.VirtualAuthenticatorOptions {
	return &webauthn.VirtualAuthenticatorOptions{
		Protocol:                    webauthn.AuthenticatorProtocolCtap2,
		Ctap2version:                webauthn.Ctap2versionCtap21,
		Transport:                   webauthn.AuthenticatorTransportInternal,
		HasResidentKey:              true,
		HasUserVerification:         true,
		HasPrf:                      true,
		AutomaticPresenceSimulation: true,
		IsUserVerified:              true,
	}
}

// plug gives a tab an authenticator. It stays when the tab goes elsewhere.
func (p *tab) plug(t *testing.T, o *webauthn.VirtualAuthenticatorOptions) authenticator {
	t.Helper()
	command(t, p, webauthn.Enable, webauthn.EnableParams{})
	added := command(t, p, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: o})
	return authenticator{p, added.AuthenticatorID}
}

func command[P, R any](t *testing.T, p *tab, c cdp.Command[P, R], params P) (result R) {
	t.Helper()
	p.do(t, chromedp.Func(func(ctx context.Context, page *chromedp.Target) (err error) {
		result, err = cdp.Call(ctx, page, c, params)
		return err
	}))
	return result
}

func (a authenticator) passkeys(t *testing.T) []*webauthn.Credential {
	t.Helper()
	return command(t, a.tab, webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: a.id}).Credentials
}

func (a authenticator) delete(t *testing.T) {
	t.Helper()
	command(t, a.tab, webauthn.ClearCredentials, webauthn.ClearCredentialsParams{AuthenticatorID: a.id})
}

// --- the tests ---

// A bare address cannot have passkeys, so these pages are at localhost.
func atLocalhost(t *testing.T) *house {
	t.Helper()
	return startAt(t, "localhost")
}

// Register, seal, start over, open.
func TestPasskey(t *testing.T) {
	tab := atLocalhost(t).tab(t)
	a := tab.plug(t, phone())
	tab.run(t, "^TestPasskeyRegister$", "passkey-register")
	if n := len(a.passkeys(t)); n != 2 {
		t.Errorf("%d passkeys were made, want 2", n)
	}
	for _, c := range a.passkeys(t) {
		if !c.IsResidentCredential || len(c.UserHandle) != 16 || c.UserName != "Test" {
			t.Errorf("a passkey: %+v", c)
		}
	}
	tab.run(t, "^TestPasskeyOpen$", "passkey-open")
	tab.run(t, "^TestPasskeyOfAnotherSite$", "passkey-elsewhere")

	a.delete(t)
	tab.run(t, "^TestPasskeyRefused$", "passkey-refused")
}

// Neither an answer of which the authenticator says that nobody was verified nor
// one for a person whose finger it does not know.
func TestPasskeyUnverified(t *testing.T) {
	tab := atLocalhost(t).tab(t)
	a := tab.plug(t, phone())
	tab.run(t, "^TestPasskeyRegister$", "passkey-register")
	bad := true
	command(t, tab, webauthn.SetResponseOverrideBits, webauthn.SetResponseOverrideBitsParams{AuthenticatorID: a.id, IsBadUV: &bad})
	tab.run(t, "^TestPasskeyUnverified$", "passkey-unverified")
	command(t, tab, webauthn.SetResponseOverrideBits, webauthn.SetResponseOverrideBitsParams{AuthenticatorID: a.id})
	tab.run(t, "^TestPasskeyOpen$", "passkey-open") // it was not the passkey's fault
	command(t, tab, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: a.id, IsUserVerified: false})
	tab.run(t, "^TestPasskeyRefused$", "passkey-refused")
}

// An authenticator without PRF is no way in, and keeps nothing of ours.
func TestPasskeyWithoutPRF(t *testing.T) {
	tab := atLocalhost(t).tab(t)
	o := phone()
	o.HasPrf = false
	a := tab.plug(t, o)
	tab.run(t, "^TestPasskeyWithoutPRF$", "passkey-noprf")
	if n := len(a.passkeys(t)); n != 0 {
		t.Errorf("%d useless passkeys stay behind", n)
	}
}

// A prompt ends with the context of whoever asked.
func TestPasskeyPromptEnds(t *testing.T) {
	tab := atLocalhost(t).tab(t)
	o := phone()
	o.AutomaticPresenceSimulation = false
	a := tab.plug(t, o)
	tab.run(t, "^TestPasskeyPromptEnds$", "passkey-waiting")
	command(t, tab, webauthn.SetAutomaticPresenceSimulation, webauthn.SetAutomaticPresenceSimulationParams{AuthenticatorID: a.id, Enabled: true})
	tab.run(t, "^TestPasskeyRegister$", "passkey-register")
}

func TestPasskeyInGesture(t *testing.T) {
	tab := atLocalhost(t).tab(t)
	tab.load(t, "^TestPasskeyInGesture$", "passkey-gesture")
	tab.do(t, chromedp.Click(chromedp.ID("passkey")))
	tab.wait(t)
}

// The key for quick unlock outlives the page, and nothing outlives Forget.
func TestQuickUnlock(t *testing.T) {
	tab := start(t).tab(t)
	tab.run(t, "^TestQuickLock$", "quick-lock")
	tab.run(t, "^TestQuickOpen$", "quick-open")
	tab.run(t, "^TestQuickForgotten$", "quick-forgotten")
}

// The ways in that take no words, with an authenticator that answers at once.
func TestFiguresUnlock(t *testing.T) {
	if os.Getenv("POTLI_BENCH") == "" {
		t.Skip("measured by make bench")
	}
	tab := atLocalhost(t).tab(t)
	tab.plug(t, phone())
	for line := range strings.SplitSeq(tab.run(t, "^TestUnlockFigures$", "figures"), "\n") {
		if _, figure, ok := strings.Cut(line, "FIGURE "); ok {
			fmt.Println(figure)
		}
	}
}

// stored is what a scene kept in the page's storage.
func (p *tab) stored(t *testing.T, name string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(value[string](t, p, `localStorage.getItem("test.`+name+`")`))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// runWith is run with more in the page's address.
func (p *tab) runWith(t *testing.T, tests, scene string, more url.Values) string {
	t.Helper()
	p.loadWith(t, tests, scene, more)
	return p.wait(t)
}
