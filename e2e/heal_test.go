package e2e_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// A release that could not start could not ask for the one that mends it, and
// the worker, whose bytes never change, kept serving it for good. The only way
// out was to clear the site's data, and the vault with it.
func TestAReleaseThatCannotStartIsReplaced(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"boot.js": "boot.js", "the program": program(hello(t))[0]} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, withMark(t, "one"))
			p := installed(t, newBrowser(t), h)
			p.reload()
			bad := with(t, withMark(t, "two"), path, "broken (")
			h.release(bad)
			update(p, "ready")
			p.do(chromedp.Reload())
			if got := mark(p); got != "two" {
				t.Fatalf("the broken release is not running: %q", got)
			}
			h.release(withMark(t, "three"))
			eventually(t, "the mended release runs", func() bool {
				p.do(chromedp.Reload())
				return mark(p) == "three"
			})
			p.sees("hello from wasm")
		})
	}
}
