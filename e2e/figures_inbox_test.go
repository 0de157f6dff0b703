package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"potli/relay/loadtest"
)

// TestFiguresInbox measures the way from a clinic into a wallet, what waiting for it
// costs a relay, and what is kept of consents.
func TestFiguresInbox(t *testing.T) {
	if os.Getenv("POTLI_BENCH") == "" {
		t.Skip("measured by make bench")
	}
	var f figures
	t.Cleanup(func() { f.print() })
	t.Run("drop", func(t *testing.T) { dropped(t, &f) })
	t.Run("waiting", func(t *testing.T) { waiting(t, &f) })
	t.Run("consents", func(t *testing.T) { consents(t, &f) })
}

// dropped gives a wallet 1 MB by the clinic's page.
func dropped(t *testing.T, f *figures) {
	const size = 1_000_000
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.createWallet("Meera Sample")
	w.to("/")
	w.click("#receive-drop")
	w.there("#drop-go")
	w.click("#drop-go")
	w.there("svg.code")
	c := newBrowser(t).open(t, decodeQR(t, w))
	c.choose("#drop-files", pdfOf(t, size))
	c.write("#drop-from", "City Clinic")
	c.until("it can be sent", `!document.querySelector("#drop-send").disabled`)
	eventually(t, "the wallet listens", func() bool { return w.askedFor(streams) > 0 })
	// By the pages' own clocks, which are one: a test that clicks and looks takes longer than what it measures.
	c.until("the click is timed", `(addEventListener("click", () => { window.began = performance.timeOrigin + performance.now() }, true), true)`)
	c.notes("arrived", `document.querySelector("#drop-arrived")`)
	w.notes("came", `document.body.innerText.includes("It has come: 1 document")`)
	c.click("#drop-send")
	w.sees("It has come: 1 document")
	c.there("#drop-arrived")
	begun, told, came := js[float64](c, "window.began"), js[float64](c, "window.arrived"), js[float64](w, "window.came")
	f.took("drop of "+megabytes(size)+", from the clinic's click to the wallet's word of it", milliseconds(came-begun), "")
	f.took("  until the clinic is told that it arrived", milliseconds(told-begun), "")
}

// notes has the page write down when a condition first holds, in milliseconds since 1970.
func (p *page) notes(name, condition string) {
	p.t.Helper()
	p.until(name+" is looked out for", `(new MutationObserver(() => { if (`+condition+`) window.`+name+` ??= performance.timeOrigin + performance.now() })
		.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true }), true)`)
}

// waiting measures the real relay with so many wallets that wait.
func waiting(t *testing.T, f *figures) {
	p := startPotli(t, "", "-proxy", "-rate", "300/0")
	w, err := loadtest.Target{
		Name: "SQLite", Base: p.Relay, Processes: []int{p.cmd.Process.Pid}, Self: os.Getpid(), Now: time.Now, Clients: 32, Each: 30 * time.Second,
	}.Wait(10_000, 1000)
	if err != nil {
		t.Error(err)
	}
	f.add("relay, SQLite, while wallets wait", w.String(), "")
}

// consents measures receipts and logs, natively and as the browser's program in Node.
func consents(t *testing.T, f *figures) {
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	node := filepath.Join(strings.TrimSpace(string(goroot)), "lib", "wasm", "go_js_wasm_exec")
	for _, on := range []struct {
		name      string
		env, args []string
	}{{"native", nil, nil}, {"wasm in Node", []string{"GOOS=js", "GOARCH=wasm"}, []string{"-exec", node}}} {
		cmd := exec.Command("go", append(append([]string{"test", "-count", "1", "-v", "-run", "^TestFigures$"}, on.args...), "./app/consent/...")...)
		cmd.Dir, cmd.Env = root(t), append(os.Environ(), on.env...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		for line := range strings.Lines(string(out)) {
			if _, text, ok := strings.Cut(line, "FIGURE "); ok {
				what, took, _ := strings.Cut(strings.TrimSpace(text), ": ")
				f.add(fmt.Sprintf("consents, %s: %s", on.name, what), took, "")
			}
		}
	}
}
