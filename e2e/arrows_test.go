package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrow says what a package may import. Patterns are import paths; one that ends
// in "/..." covers what lies below it too.
type arrow struct {
	pkg  string
	ours []string // packages of this module
	libs []string // of other modules
	// never are packages of the standard library that it may not import itself.
	never []string
	// beneath may be nowhere under it, however many packages lie between.
	beneath []string
}

const (
	goApp = "github.com/maxence-charriere/go-app/v10/..."
	age   = "filippo.io/age/..."
	// The library that finds codes in pictures. It weighs as much as a third of the wallet.
	qrReader = "github.com/makiuchi-d/gozxing/..."
)

var (
	wires = []string{"net", "net/http", "net/http/...", "net/rpc/...", "net/smtp", "net/mail", "net/textproto", "syscall/js"}
	// What a program beneath the user interface has no use for.
	machine  = append([]string{"os", "os/...", "log", "log/...", "database/..."}, wires...)
	onlyUI   = []string{goApp, "net/http", "potli/app/ui/..."}
	noServer = []string{"potli/relay", "potli/relay/site", "potli/relay/sqlstore", "modernc.org/...", "github.com/jackc/...", "database/sql"}
	noDriver = []string{"modernc.org/...", "github.com/jackc/..."}
	// What holds or makes keys; jose, which record reads health cards with, holds none.
	keys     = []string{age, "potli/crypto/chain", "potli/crypto/envelope", "potli/crypto/keyring", "potli/crypto/pairing", "potli/crypto/passkey", "potli/crypto/quick", "potli/crypto/recovery"}
	noWallet = []string{"potli/app/...", "potli/crypto/...", "potli/wasm/...", age, goApp}
)

// arrows is the table of the house. A package that matches no row fails, and the
// first row that matches decides.
var arrows = []arrow{
	{pkg: "potli/crypto/...", ours: []string{"potli/crypto/..."}, libs: []string{age, "golang.org/x/crypto/..."},
		never: machine, beneath: slices.Concat([]string{"potli/app/...", "potli/relay/..."}, onlyUI)},
	{pkg: "potli/app/fhir", never: machine, beneath: onlyUI},
	{pkg: "potli/app/sheet", never: append([]string{"image/..."}, machine...), beneath: onlyUI},
	{pkg: "potli/app/fhir/tree", never: machine, beneath: onlyUI},
	{pkg: "potli/app/fhir/fhirtest", ours: []string{"potli/app/fhir"}, never: machine},
	{pkg: "potli/app/card/cardtest", ours: []string{"potli/crypto/jose"}, never: machine},
	{pkg: "potli/app/card", ours: []string{"potli/crypto/jose"}, never: machine, beneath: slices.Concat([]string{"potli/relay/..."}, onlyUI)},
	{pkg: "potli/app/xml", never: machine, beneath: onlyUI},
	{pkg: "potli/app/charset", never: machine, beneath: onlyUI},
	{pkg: "potli/app/ccda", ours: []string{"potli/app/fhir", "potli/app/xml", "potli/app/charset"}, never: machine, beneath: onlyUI},
	{pkg: "potli/app/note", ours: []string{"potli/app/charset", "potli/app/fhir"}, never: machine, beneath: onlyUI},
	{pkg: "potli/app/applehealth/healthtest", never: machine},
	{pkg: "potli/app/applehealth", ours: []string{"potli/app/xml"}, never: machine, beneath: onlyUI},
	// What is read as FHIR is told in one place, a card's signature around it among it.
	{pkg: "potli/app/record", ours: []string{"potli/app/fhir", "potli/app/card", "potli/app/ccda", "potli/app/charset", "potli/app/note"}, never: machine, beneath: onlyUI},
	{pkg: "potli/app/summary", ours: []string{"potli/app/fhir", "potli/app/record"}, never: machine, beneath: onlyUI},
	{pkg: "potli/app/plain", never: machine, beneath: onlyUI},
	{pkg: "potli/app/diary", ours: []string{"potli/app/fhir", "potli/app/fhir/tree"}, never: machine, beneath: onlyUI},
	{pkg: "potli/app/family", ours: []string{"potli/app/fhir", "potli/app/record", "potli/crypto/..."},
		never: machine, beneath: slices.Concat([]string{"potli/relay/..."}, onlyUI)},
	{pkg: "potli/app/strict", never: machine, beneath: onlyUI},
	{pkg: "potli/app/party", never: machine, beneath: onlyUI},
	// Pure decisions and signed texts; a key comes in and is held by none of them.
	{pkg: "potli/app/consent/ledger", ours: []string{"potli/app/consent", "potli/app/record", "potli/crypto/jose"}, never: machine, beneath: slices.Concat([]string{"potli/relay/..."}, keys, onlyUI)},
	{pkg: "potli/app/consent", ours: []string{"potli/app/fhir", "potli/app/party", "potli/app/record", "potli/app/strict", "potli/crypto/jose"}, never: machine, beneath: slices.Concat([]string{"potli/relay/..."}, keys, onlyUI)},
	{pkg: "potli/app/find", never: machine, beneath: onlyUI},
	{pkg: "potli/app/locale", ours: []string{"potli/app/fhir"}, never: machine, beneath: onlyUI},
	{pkg: "potli/app/ucum", never: machine, beneath: onlyUI},
	{pkg: "potli/app/trend", ours: []string{"potli/app/fhir", "potli/app/ucum"}, never: machine, beneath: onlyUI},
	{pkg: "potli/app/scan/decode", libs: []string{qrReader}, never: machine, beneath: []string{goApp, "net/http", "potli/crypto/..."}},
	{pkg: "potli/app/scan/scantest", ours: []string{"potli/app/qr"}, never: machine},
	{pkg: "potli/app/scan", never: machine, beneath: append([]string{qrReader}, onlyUI...)},
	{pkg: "potli/app/fountain", never: machine, beneath: append([]string{"potli/crypto/..."}, onlyUI...)},
	{pkg: "potli/app/emergency", ours: []string{"potli/app/record"}, never: machine, beneath: slices.Concat(keys, onlyUI)},
	{pkg: "potli/app/qr", libs: []string{"github.com/skip2/go-qrcode/..."}, never: machine, beneath: []string{goApp, "net/http"}},
	{pkg: "potli/app/vault", ours: []string{"potli/app/record", "potli/app/fhir", "potli/crypto/envelope", "potli/crypto/keyring"}, libs: []string{age},
		never: machine, beneath: slices.Concat([]string{"potli/relay/..."}, onlyUI)},
	{pkg: "potli/app/vault/blobstest", ours: []string{"potli/app/vault"}, never: machine},
	{pkg: "potli/app/conform", ours: []string{"potli/app/fhir", "potli/app/fhir/tree"}, never: machine, beneath: onlyUI},
	{pkg: "potli/app/share", ours: []string{"potli/app/card", "potli/app/conform", "potli/app/record", "potli/app/fhir", "potli/app/fhir/tree", "potli/app/sheet", "potli/crypto/..."},
		never: machine, beneath: slices.Concat([]string{"potli/relay/..."}, onlyUI)},
	{pkg: "potli/app/message", ours: []string{"potli/app/party", "potli/app/record", "potli/app/strict", "potli/crypto/envelope", "potli/crypto/jose"}, libs: []string{age},
		never: machine, beneath: slices.Concat([]string{"potli/relay/..."}, onlyUI)},
	{pkg: "potli/app/message/messagetest", ours: []string{"potli/app/message", "potli/crypto/jose"}, never: machine},
	{pkg: "potli/app/inbox", ours: []string{"potli/app/message", "potli/app/record", "potli/app/share"}, libs: []string{age},
		never: machine, beneath: slices.Concat([]string{"potli/relay/..."}, onlyUI)},
	// For systems of providers, not for the wallet: the command alone reaches the network and files.
	{pkg: "potli/app/clinic/potli-clinic", ours: []string{"potli/app/clinic", "potli/app/consent", "potli/app/inbox", "potli/app/message", "potli/app/record", "potli/app/relayclient", "potli/app/relayclient/direct", "potli/app/share", "potli/crypto/jose"},
		never: []string{"syscall/js", "log", "log/...", "database/..."}, beneath: slices.Concat([]string{goApp, "potli/app/ui/...", "potli/app/wallet", "potli/app/vault"}, noServer)},
	{pkg: "potli/app/clinic", ours: []string{"potli/app/consent", "potli/app/inbox", "potli/app/message", "potli/app/relayclient", "potli/app/share", "potli/crypto/jose", "potli/relay/wire"}, libs: []string{age},
		never: machine, beneath: slices.Concat(noServer, onlyUI)},
	{pkg: "potli/app/pair", ours: []string{"potli/crypto/pairing"},
		never: machine, beneath: slices.Concat([]string{"potli/relay/..."}, onlyUI)},
	{pkg: "potli/app/sync/synctest", ours: []string{"potli/app/sync"}, never: machine},
	{pkg: "potli/app/sync", ours: []string{"potli/crypto/chain", "potli/crypto/envelope"}, libs: []string{age},
		never: machine, beneath: slices.Concat([]string{"potli/relay/..."}, onlyUI)},
	{pkg: "potli/app/history", ours: []string{"potli/app/family", "potli/app/record", "potli/app/sync", "potli/app/vault", "potli/crypto/chain", "potli/crypto/keyring"}, libs: []string{age},
		never: machine, beneath: slices.Concat([]string{"potli/relay/..."}, onlyUI)},
	// Why something leaves, and how much: it knows nothing of what.
	{pkg: "potli/app/traffic", never: machine, beneath: slices.Concat(keys, onlyUI)},
	{pkg: "potli/app/relayclient", ours: []string{"potli/app/traffic", "potli/app/inbox", "potli/app/sync", "potli/relay/wire", "potli/app/share", "potli/app/pair"}, libs: []string{"golang.org/x/crypto/scrypt"},
		never: append([]string{"net/http"}, machine[:len(machine)-len(wires)]...), beneath: slices.Concat(noServer, onlyUI)},
	{pkg: "potli/app/relayclient/direct", ours: []string{"potli/app/relayclient"}, never: []string{"os", "log", "syscall/js"}, beneath: noServer}, // for commands and tests
	// It names recipients of age, and seals nothing itself.
	{pkg: "potli/app/wallet", ours: []string{"potli/app/traffic", "potli/app/consent", "potli/app/consent/ledger", "potli/app/inbox", "potli/app/message", "potli/app/party", "potli/app/find", "potli/app/diary", "potli/app/sheet", "potli/app/fountain", "potli/app/emergency", "potli/app/applehealth", "potli/app/card", "potli/app/history", "potli/app/sync", "potli/app/summary", "potli/app/fhir", "potli/app/record", "potli/app/vault", "potli/app/family", "potli/app/share", "potli/app/pair", "potli/app/locale", "potli/app/trend", "potli/crypto/..."},
		never: machine, beneath: slices.Concat([]string{"potli/relay/..."}, onlyUI)},
	{pkg: "potli/app/ui/kit", libs: []string{goApp}, never: machine, beneath: []string{age, "potli/app/fhir"}},
	{pkg: "potli/app/ui", ours: []string{"potli/app/traffic", "potli/app/consent", "potli/app/consent/ledger", "potli/app/inbox", "potli/app/diary", "potli/app/emergency", "potli/app/ui/...", "potli/app/find", "potli/app/summary", "potli/app/plain", "potli/app/wallet", "potli/app/record", "potli/app/fhir", "potli/app/share", "potli/app/locale", "potli/app/qr", "potli/app/scan", "potli/app/trend"},
		libs: []string{goApp}, never: append([]string{"crypto/..."}, machine...), beneath: slices.Concat([]string{"potli/relay/..."}, noServer)},
	{pkg: "potli/wasm/browser", ours: []string{"potli/app/locale", "potli/app/traffic", "potli/app/wallet", "potli/app/vault", "potli/app/share", "potli/app/record", "potli/app/relayclient", "potli/app/scan", "potli/crypto/passkey", "potli/crypto/quick"},
		beneath: slices.Concat([]string{goApp, "net/http", "potli/app/ui/..."}, noServer)},
	// A program of its own in a worker of its own, which sees pictures and texts of codes, and no key. The wallet does not carry it.
	{pkg: "potli/wasm/scanner", ours: []string{"potli/app/qr", "potli/app/scan/decode"},
		beneath: slices.Concat([]string{goApp, "net/http", age, "potli/crypto/...", "potli/app/wallet", "potli/app/vault", "potli/wasm/browser"}, noServer)},
	// The wallet when built for the browser, the site's generator natively.
	{pkg: "potli/wasm", ours: []string{"potli/app/...", "potli/wasm/browser"}, libs: []string{"github.com/andybalholm/brotli"},
		never: []string{"net/http", "syscall/js"}, beneath: append([]string{qrReader}, noServer...)},

	{pkg: "potli/relay/wire", never: machine, beneath: []string{"net/http"}},
	{pkg: "potli/relay/webpush", never: []string{"syscall/js", "log", "log/...", "database/...", "os", "os/...", "net", "regexp"},
		beneath: slices.Concat(noWallet, []string{"potli/relay"})},
	{pkg: "potli/relay/site", never: []string{"syscall/js", "log"}, beneath: slices.Concat(noWallet, []string{"potli/relay"})},
	{pkg: "potli/relay/sqlstore", ours: []string{"potli/relay", "potli/relay/wire"}, never: []string{"syscall/js", "log", "os"}, beneath: slices.Concat(noWallet, []string{"modernc.org/...", "github.com/jackc/..."})},
	{pkg: "potli/relay/storetest/postgres", never: []string{"syscall/js", "log"}, beneath: slices.Concat(noWallet, []string{"potli/relay", "github.com/jackc/..."})},
	{pkg: "potli/relay/storetest", ours: []string{"potli/relay", "potli/relay/wire"}, libs: []string{"golang.org/x/crypto/scrypt"}, beneath: noWallet},
	{pkg: "potli/relay/loadtest", ours: []string{"potli/relay/storetest", "potli/relay/wire"}, never: []string{"syscall/js", "log"}, beneath: noWallet},
	{pkg: "potli/relay/cmd/relay", ours: []string{"potli/relay", "potli/relay/wire", "potli/relay/webpush", "potli/relay/site", "potli/relay/sqlstore"}, libs: []string{"modernc.org/sqlite", "github.com/jackc/pgx/v5/...", "golang.org/x/crypto/acme/..."},
		beneath: slices.Concat(noWallet, []string{"github.com/andybalholm/..."})},
	// For wasm alone; the library has no build tags and would break every native build.
	{pkg: "potli/relay/cf", libs: []string{"github.com/syumai/workers/..."}, never: []string{"log", "log/..."}, beneath: slices.Concat(noWallet, noDriver)},
	{pkg: "potli/relay/cmd/worker", ours: []string{"potli/relay", "potli/relay/webpush", "potli/relay/sqlstore", "potli/relay/cf"},
		never: []string{"syscall/js", "log", "log/..."}, beneath: slices.Concat(noWallet, noDriver, []string{"regexp"})},
	{pkg: "potli/relay/live", never: machine, beneath: []string{"net/http"}},
	{pkg: "potli/relay/limit", never: machine, beneath: []string{"net/http"}},
	{pkg: "potli/relay/metrics", never: machine, beneath: []string{"net/http"}},
	{pkg: "potli/relay/shape", ours: []string{"potli/relay/agefile", "potli/relay/wire"}, never: machine, beneath: []string{"net/http", age}},
	{pkg: "potli/relay/keys", ours: []string{"potli/relay/shape", "potli/relay/wire", "potli/relay/webpush"}, never: []string{"syscall/js", "os", "os/...", "log", "log/...", "database/...", "net", "net/http", "regexp"}, beneath: noWallet},
	{pkg: "potli/relay/agefile", never: machine, beneath: []string{"net/http", age}},
	{pkg: "potli/relay", ours: []string{"potli/relay/wire", "potli/relay/live", "potli/relay/limit", "potli/relay/metrics", "potli/relay/shape", "potli/relay/keys", "potli/relay/webpush"}, libs: []string{"golang.org/x/crypto/scrypt"},
		never: []string{"syscall/js", "os", "log", "log/...", "database/...", "regexp"}, beneath: noWallet},

	{pkg: "potli/e2e/chromium", libs: []string{"github.com/chromedp/chromedp"}},
	{pkg: "potli/e2e/..."}, // tests only; they may reach anything, and nothing reaches them
}

// pack is one package as `go list` describes it.
type pack struct {
	ImportPath string
	Imports    []string
	Deps       []string
	Standard   bool
}

func (p pack) ours() bool { return strings.HasPrefix(p.ImportPath, "potli/") }

func matches(pattern, path string) bool {
	if base, deep := strings.CutSuffix(pattern, "/..."); deep {
		return path == base || strings.HasPrefix(path, base+"/")
	}
	return path == pattern
}

func anyMatch(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, path) })
}

// broken lists every arrow that points the wrong way.
func broken(table []arrow, packs []pack) (faults []string) {
	standard := map[string]bool{}
	for _, p := range packs {
		standard[p.ImportPath] = p.Standard
	}
	for _, p := range packs {
		if !p.ours() {
			continue
		}
		i := slices.IndexFunc(table, func(a arrow) bool { return matches(a.pkg, p.ImportPath) })
		if i < 0 {
			faults = append(faults, p.ImportPath+" is not in the table")
			continue
		}
		for _, to := range p.Imports {
			if why := table[i].forbids(to, standard[to]); why != "" {
				faults = append(faults, p.ImportPath+" imports "+to+": "+why)
			}
		}
		for _, to := range p.Deps {
			if anyMatch(table[i].beneath, to) {
				faults = append(faults, p.ImportPath+" reaches "+to+" through what it imports")
			}
		}
	}
	return faults
}

func (a arrow) forbids(path string, standard bool) string {
	switch {
	case strings.HasPrefix(path, "potli/"):
		if !anyMatch(a.ours, path) {
			return "not among the packages it may use"
		}
	case standard || path == "unsafe" || path == "C":
		if path == "C" || anyMatch(a.never, path) {
			return "forbidden here"
		}
	case !anyMatch(a.libs, path):
		return "not among the libraries it may use"
	}
	return ""
}

// list asks go for packages and everything beneath them.
func list(t *testing.T, goos, goarch string, patterns ...string) (packs []pack) {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-deps", "-json=ImportPath,Imports,Deps,Standard"}, patterns...)...)
	cmd.Dir = root(t)
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list for %s/%s: %v\n%s", goos, goarch, err, &stderr)
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pack
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packs
		} else if err != nil {
			t.Fatal(err)
		}
		packs = append(packs, p)
	}
}

func TestArrows(t *testing.T) {
	for _, c := range []struct {
		goos, goarch string
		patterns     []string
		needs        []string // so that an empty list cannot pass
	}{
		{"linux", "amd64", []string{"./..."}, []string{"potli/relay", "potli/relay/cmd/relay", "potli/app/wallet", "potli/wasm"}},
		{"js", "wasm", []string{"./app/...", "./crypto/...", "./wasm/...", "./relay/wire", "./relay/cf", "./relay/cmd/worker"}, []string{"potli/app/ui", "potli/relay/cf", "potli/relay/cmd/worker", "potli/wasm", "potli/wasm/browser", "potli/wasm/scanner", "potli/crypto/envelope"}},
	} {
		t.Run(c.goos+"/"+c.goarch, func(t *testing.T) {
			packs := list(t, c.goos, c.goarch, c.patterns...)
			for _, f := range broken(arrows, packs) {
				t.Error(f)
			}
			for _, need := range c.needs {
				if !slices.ContainsFunc(packs, func(p pack) bool { return p.ImportPath == need }) {
					t.Errorf("%s was not looked at", need)
				}
			}
			if c.goos != "js" && slices.ContainsFunc(packs, func(p pack) bool { return p.ImportPath == "syscall/js" }) {
				t.Error("a native program needs syscall/js")
			}
		})
	}
}

// A check that cannot fail checks nothing.
func TestArrowsCanBreak(t *testing.T) {
	std := func(path string) pack { return pack{ImportPath: path, Standard: true} }
	for name, c := range map[string]struct {
		p    pack
		want string // "" for none
	}{
		"relay opens records":      {pack{ImportPath: "potli/relay", Imports: []string{"potli/crypto/envelope"}}, "not among the packages"},
		"relay knows the wallet":   {pack{ImportPath: "potli/relay/cmd/relay", Imports: []string{"potli/app/wallet"}}, "not among the packages"},
		"worker has a driver":      {pack{ImportPath: "potli/relay/cmd/worker", Deps: []string{"modernc.org/sqlite"}}, "reaches"},
		"worker matches patterns":  {pack{ImportPath: "potli/relay/cmd/worker", Deps: []string{"regexp"}}, "reaches"},
		"workers outside of cf":    {pack{ImportPath: "potli/relay/cmd/worker", Imports: []string{"github.com/syumai/workers"}}, "not among the libraries"},
		"relay uses age":           {pack{ImportPath: "potli/relay", Imports: []string{"filippo.io/age"}}, "not among the libraries"},
		"relay reaches age":        {pack{ImportPath: "potli/relay/site", Deps: []string{"filippo.io/age/internal/stream"}}, "reaches"},
		"relay logs":               {pack{ImportPath: "potli/relay", Imports: []string{"log/slog"}}, "forbidden"},
		"ui does cryptography":     {pack{ImportPath: "potli/app/ui", Imports: []string{"crypto/rand"}}, "forbidden"},
		"ui knows the vault":       {pack{ImportPath: "potli/app/ui", Imports: []string{"potli/app/vault"}}, "not among the packages"},
		"ui calls the browser":     {pack{ImportPath: "potli/app/ui", Imports: []string{"syscall/js"}}, "forbidden"},
		"wallet talks to the net":  {pack{ImportPath: "potli/app/wallet", Imports: []string{"net/http"}}, "forbidden"},
		"wallet reaches the net":   {pack{ImportPath: "potli/app/wallet", Deps: []string{"net/http"}}, "reaches"},
		"wallet knows the relay":   {pack{ImportPath: "potli/app/wallet", Imports: []string{"potli/relay/wire"}}, "not among the packages"},
		"record seals":             {pack{ImportPath: "potli/app/record", Imports: []string{"potli/crypto/envelope"}}, "not among the packages"},
		"fhir knows records":       {pack{ImportPath: "potli/app/fhir", Imports: []string{"potli/app/record"}}, "not among the packages"},
		"browser knows pages":      {pack{ImportPath: "potli/wasm/browser", Imports: []string{"potli/app/ui"}}, "not among the packages"},
		"a tests' library ships":   {pack{ImportPath: "potli/crypto/jose", Imports: []string{"github.com/go-jose/go-jose/v4"}}, "not among the libraries"},
		"cgo":                      {pack{ImportPath: "potli/relay/wire", Imports: []string{"C"}}, "forbidden"},
		"a package nobody placed":  {pack{ImportPath: "potli/app/helpers"}, "not in the table"},
		"wallet carries scanner":   {pack{ImportPath: "potli/wasm", Deps: []string{"github.com/makiuchi-d/gozxing/qrcode/decoder"}}, "reaches"},
		"scanner knows the wallet": {pack{ImportPath: "potli/wasm/scanner", Imports: []string{"potli/app/wallet"}}, "not among the packages"},
		"a right arrow":            {pack{ImportPath: "potli/app/wallet", Imports: []string{"potli/app/vault", "strings"}}, ""},
		"a right arrow to library": {pack{ImportPath: "potli/crypto/keyring", Imports: []string{"filippo.io/age"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			packs := []pack{c.p, std("crypto/rand"), std("net/http"), std("syscall/js"), std("strings"), std("log/slog")}
			got := strings.Join(broken(arrows, packs), "\n")
			if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want it to say %q", got, c.want)
			}
		})
	}
}
