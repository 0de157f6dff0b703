package viewer_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"potli/app/consent"
	"potli/app/message"
)

// TestDeskShots takes pictures of the desk for people to look at: POTLI_SHOTS=folder POTLI_VIEWER=built go test -run TestDeskShots ./e2e/viewer
func TestDeskShots(t *testing.T) {
	dir := os.Getenv("POTLI_SHOTS")
	if dir == "" {
		t.Skip("POTLI_SHOTS names no folder")
	}
	for _, v := range []struct {
		name, lang, scheme string
		w, h               int64
		zoom               string
	}{{"desk", "en", "light", 1280, 900, ""}, {"phone", "hi", "light", 360, 740, ""}, {"dark", "en", "dark", 360, 740, ""}, {"big", "en", "light", 320, 740, "200%"}} {
		c := newCounter(t, v.lang)
		call(c.stage, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: v.w, Height: v.h, DeviceScaleFactor: 1, Mobile: v.w < 500})
		call(c.stage, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: v.scheme}}})
		zoom := func() {
			if v.zoom != "" {
				c.eval(`new Promise(ok => { const s = new CSSStyleSheet(); s.replaceSync(':root{font-size:` + v.zoom + ` !important}'); document.adoptedStyleSheets = [s]; ok('') })`)
			}
		}
		shot := func(name string) {
			time.Sleep(400 * time.Millisecond)
			if over := c.eval(`String(document.documentElement.scrollWidth > innerWidth)`); over == "true" {
				t.Errorf("%s-%s scrolls sideways: %s", v.name, name, c.eval(`[...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.tagName + '.' + e.className + '#' + e.id).join(' ')`))
			}
			small := c.eval(`[...document.querySelectorAll('button, a.button, input:not([type=radio]):not([type=checkbox]), select, summary, .tick')].filter((e) => e.offsetParent && e.getBoundingClientRect().height < 47.5).map((e) => e.tagName + '#' + e.id + ' ' + e.getBoundingClientRect().height).join(' ')`)
			if small != "" {
				t.Errorf("%s-%s: smaller than a finger: %s", v.name, name, small)
			}
			os.WriteFile(filepath.Join(dir, v.name+"-"+name+".png"), take(c.stage, chromedp.FullScreenshot(100)), 0o644)
		}
		c.to(c.Viewer+"/clinic", "desk-setup")
		zoom()
		shot("1-setup")
		c.run(chromedp.SendKeys(chromedp.CSS("#clinic-name"), "City Clinic, Dr Rao"), chromedp.SendKeys(chromedp.CSS("#clinic-hfr"), "IN2710000000"), chromedp.Click(chromedp.CSS("#desk-save")))
		c.state("desk-list")
		c.run(chromedp.Click(chromedp.CSS("#desk-new")))
		c.state("desk-new")
		shot("2-new")
		c.eval(`document.querySelector('#desk-more').open = true, ''`)
		shot("3-more")
		c.run(chromedp.SendKeys(chromedp.CSS("#about"), "Token 12"), chromedp.Click(chromedp.CSS("#desk-ask")))
		c.state("desk-one")
		time.Sleep(3 * time.Second)
		shot("4-code")
		p := c.asked(c.eval(`document.querySelector('#ask-link').value`))
		p.allow(consent.Choice{Kinds: []consent.Kind{consent.Report}})
		granted := p.receipt(consent.Granted)
		p.sends(message.Answer, func(m *message.Message) { m.Receipt = granted })
		d, _ := message.Attach("blood.json", []byte(report))
		delivered := p.receipt(consent.Delivered, consent.Given{SHA256: consent.Hash(d.Body), Bytes: len(d.Body), Type: d.Type})
		p.sends(message.Delivery, func(m *message.Message) { m.Receipt, m.Documents = delivered, []message.Document{d} })
		c.is(`[data-papers="1"]`)
		c.eval(`document.querySelector('#desk-agreed').open = true, ''`)
		shot("5-given")
		c.run(chromedp.Click(chromedp.CSS("#desk-back")))
		c.state("desk-list")
		shot("6-list")
		c.run(chromedp.Click(chromedp.CSS("#desk-check")))
		c.state("desk-check")
		c.eval(`document.querySelector('#receipt').value = ` + "`" + granted + "`" + `, ''`)
		c.run(chromedp.Click(chromedp.CSS("#verify-go")), chromedp.WaitVisible(chromedp.CSS(".verified")))
		shot("7-check")
		c.run(chromedp.Click(chromedp.CSS("#desk-back")))
		c.state("desk-list")
		c.run(chromedp.Click(chromedp.CSS("#desk-key")))
		c.state("desk-key")
		shot("8-key")
	}
}
