package viewer_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestShots takes pictures for people to look at: POTLI_SHOTS=folder go test -run TestShots ./e2e/viewer
func TestShots(t *testing.T) {
	dir := os.Getenv("POTLI_SHOTS")
	if dir == "" {
		t.Skip("POTLI_SHOTS names no folder")
	}
	for _, file := range []string{"ips/connectathon/full_ips.json", "nrces/OP_Consultation_fhir_bundle.json"} {
		body, err := os.ReadFile(filepath.Join(shared(t, "."), file))
		if err != nil {
			t.Fatal(err)
		}
		base := filepath.Base(file)
		base = base[:len(base)-5]
		for _, v := range []struct {
			name, lang, scheme string
			w, h               int64
			zoom               float64
		}{{"phone", "en", "light", 360, 740, 1}, {"desk", "en", "light", 1280, 900, 1}, {"hindi", "hi", "light", 360, 740, 1}, {"dark", "en", "dark", 1280, 900, 1}, {"big", "en", "light", 320, 740, 2}} {
			s := newStage(t, v.lang)
			call(s, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: v.w, Height: v.h, DeviceScaleFactor: 1, Mobile: v.w < 500})
			call(s, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: v.scheme}}})
			s.visit(s.Host.direct("/l/a", body).String())
			var b []byte
			shot := func(name string) {
				time.Sleep(300 * time.Millisecond)
				b = take(s, chromedp.CaptureScreenshot())
				os.WriteFile(filepath.Join(dir, base+"-"+v.name+name+".png"), b, 0o644)
			}
			if v.zoom != 1 {
				s.eval(`document.documentElement.setAttribute('data-zoom', ''), new Promise(ok => { const s = new CSSStyleSheet(); s.replaceSync(':root{font-size:200% !important}'); document.adoptedStyleSheets = [s]; ok('') })`)
			}
			shot("-ask")
			s.open()
			s.state("open")
			shot("")
			s.eval(`scrollTo({top: document.querySelector('.entries').getBoundingClientRect().top - 60, behavior: 'instant'}), ''`)
			shot("-down")
			if v.name == "desk" {
				b = take(s, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
				s.Host.handle("/print.pdf", func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Type", "application/pdf")
					w.Write(b)
				})
				for _, page := range []string{"1", "2"} {
					s.run(chromedp.Navigate("about:blank"), chromedp.Navigate(s.Host.URL+"/print.pdf#toolbar=0&navpanes=0&view=Fit&page="+page))
					time.Sleep(3 * time.Second)
					os.WriteFile(filepath.Join(dir, base+"-print"+page+".png"), take(s, chromedp.CaptureScreenshot()), 0o644)
				}
			}
		}
	}
}
