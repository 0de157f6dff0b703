package browser_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// typage serves the npm package age-encryption, at the app's host name on a port
// of its own: passkeys are of a host name whatever the port.
func typage(t *testing.T) (page string) {
	t.Helper()
	const modules = "../node_modules"
	if _, err := os.Stat(modules + "/age-encryption"); err != nil {
		t.Fatal("the npm peers are not installed: make deps")
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "testdata/typage.html") })
	mux.Handle("/modules/", http.StripPrefix("/modules/", http.FileServer(http.Dir(modules))))
	return strings.Replace(serve(t, mux).URL, "127.0.0.1", "localhost", 1) + "/"
}

// ask calls one of typage's functions and waits for what it promised.
func (p *tab) ask(t *testing.T, function string, args ...string) string {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !value[bool](t, p, "!!globalThis.typage"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("typage did not load")
		}
	}
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	call := fmt.Sprintf("typage.%s(...%s)", function, list(args))
	v, err := chromedp.Run(ctx, chromedp.Evaluate[string](call, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("typage.%s: %v", function, err)
	}
	return v
}

// list is an array of JavaScript; the texts need no escaping.
func list(args []string) string { return `["` + strings.Join(args, `","`) + `"]` }

// With one passkey of one browser: typage opens what we sealed, and we open what
// it sealed, to a passkey of ours and to one that it made itself.
func TestTypage(t *testing.T) {
	page := typage(t)
	tab := atLocalhost(t).tab(t)
	tab.plug(t, phone())
	tab.run(t, "^TestPasskeyRegister$", "passkey-register")
	identity, file := string(tab.stored(t, "identity")), tab.stored(t, "file")
	const keys = "the keys of this device" // as in wasm/browser

	tab.do(t, chromedp.Navigate(page))
	text := base64.RawURLEncoding.EncodeToString
	if got := tab.ask(t, "open", identity, text(file)); got != text([]byte(keys)) {
		t.Errorf("typage opened our file to %s", got)
	}
	theirs := tab.ask(t, "seal", identity, text([]byte(keys)))
	made := tab.ask(t, "make")
	toMade := tab.ask(t, "seal", made, text([]byte(keys)))

	tab.runWith(t, "^TestPasskeyOpen$", "passkey-open", url.Values{"file": {theirs}})
	tab.runWith(t, "^TestPasskeyOpen$", "passkey-open", url.Values{"file": {toMade}, "identity": {text([]byte(made))}})
}
