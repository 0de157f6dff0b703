package e2e_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"

	"potli/app/applehealth/healthtest"
)

// giveBytes puts one file of any bytes into an input.
func (p *page) giveBytes(css, name string, body []byte) {
	p.t.Helper()
	p.there(css)
	js[bool](p, `(() => {
		const all = new DataTransfer(), input = document.querySelector(`+quote(css)+`);
		all.items.add(new File([Uint8Array.from(atob(`+quote(base64.StdEncoding.EncodeToString(body))+`), c => c.charCodeAt(0))], `+quote(name)+`));
		input.files = all.files;
		return input.dispatchEvent(new Event("change", {bubbles: true}));
	})()`)
}

// Clinical documents in XML, text and web pages are read like any other record,
// and nothing in them runs. An Apple Health export asks what to take, and is
// taken once.
func TestOtherFormats(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.createWallet("Vikram Example")
	discharge, err := os.ReadFile(filepath.Join(root(t), "app", "ccda", "testdata", "discharge.xml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, body string
		sees       []string
	}{
		{"discharge.xml", string(discharge), []string{"Discharge Summary", "Hospital Course", "Operated the same day", "Acute appendicitis", "Paracetamol"}},
		{"note.txt", "Visit of 3 May\n\nPulse 72 <script>window.__xss=1</script>", []string{"Visit of 3 May", "Pulse 72 <script>"}},
		{"page.html", `<html><title>Letter to you</title><body onload="window.__xss=1"><h2>Dear Vikram</h2><img src=x onerror="window.__xss=1"><script>window.__xss=1</script></body></html>`, []string{"Letter to you", "Dear Vikram"}},
	} {
		w.to("/add")
		w.give("#files", named{c.name, "", c.body})
		if w.brought() != 1 {
			t.Fatalf("%s did not come in: %s", c.name, w.visible())
		}
		w.to(js[string](w, `document.querySelector("#report .report-in").getAttribute("href")`))
		for _, s := range c.sees {
			w.sees(s)
		}
	}
	if js[bool](w, `!!window.__xss`) {
		t.Error("something in a document ran")
	}

	health := healthtest.Zip(map[string]string{
		"apple_health_export/export.xml":                        healthtest.XML("", healthtest.Lines()...),
		"apple_health_export/clinical-records/Condition-1.json": `{"resourceType":"Condition","code":{"text":"Hay fever"},"subject":{"display":"Vikram Example"}}`,
	})
	for _, again := range []bool{false, true} {
		w.to("/add")
		w.giveBytes("#files", "export.zip", health)
		w.there("#health-take")
		w.sees("2023–2024: 2 values")
		if !again {
			for _, l := range append(looks[:len(looks):len(looks)], large...) {
				w.wear(l)
				w.to("/settings")
				w.speak(l.lang)
				w.to("/add")
				w.there("#health-take")
				w.accessible(l, "health")
			}
			w.wear(looks[0])
			w.to("/settings")
			w.speak("en")
			w.to("/add")
		}
		w.click("#health-take")
		w.gone("#health")
		w.sees(map[bool]string{false: "20 records are in.", true: "20 were here already."}[again])
	}
	w.to("/")
	w.sees("Blood pressure 2024")
	w.sees("Hay fever")
}
