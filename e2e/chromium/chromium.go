// Package chromium holds how the tests start the browser.
package chromium

import "github.com/chromedp/chromedp"

// Off are the features, for --disable-features, of a window that nobody looks at: the address bar's pop-ups, which are
// pages with a process of their own, and a process kept ready for the next site. They took a fifth of the processor.
const Off = "Translate,WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,SpareRendererForSitePerProcess"

// Options are those of every browser: no picture chip, no sandbox (in a container there is none), and nothing asked of
// the network on the browser's own account. What more says of the same flag counts.
func Options(more ...chromedp.ExecAllocatorOption) []chromedp.ExecAllocatorOption {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-features", Off),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	return append(options, more...)
}
