package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestFiguresLighthouse prints what Lighthouse says of the first visit to the wallet and to the clinic's page, with applied
// throttling: slow 4G and CPU / 4, as everywhere in these figures. A page that sends its program as WebAssembly is asked to
// count what came until the program stands, not until the words can be read.
func TestFiguresLighthouse(t *testing.T) {
	if os.Getenv("POTLI_BENCH") == "" {
		t.Skip("measured by make bench")
	}
	var f figures
	t.Cleanup(func() { f.print() })
	tool := lighthouse(t)
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	p := startPotli(t, "")
	for _, page := range []struct{ name, url string }{{"wallet", p.App}, {"clinic's page", p.Viewer}} {
		said := filepath.Join(t.TempDir(), "said.json")
		command(t, []string{"CHROME_PATH=" + browser}, "node", tool, page.url, "--quiet", "--output=json", "--output-path="+said,
			"--throttling-method=devtools", "--throttling.cpuSlowdownMultiplier=4", "--throttling.requestLatencyMs=150",
			"--throttling.downloadThroughputKbps=1600", "--throttling.uploadThroughputKbps=750", "--max-wait-for-load=90000",
			"--only-categories=performance,accessibility,best-practices", "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking")
		var got struct {
			Categories map[string]struct{ Score *float64 }
			Audits     map[string]struct{ DisplayValue string }
		}
		b, err := os.ReadFile(said)
		if err == nil {
			err = json.Unmarshal(b, &got)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []string{"performance", "accessibility", "best-practices"} {
			score := "none"
			if s := got.Categories[c].Score; s != nil {
				score = fmt.Sprintf("%.0f", *s*100)
			}
			f.add("Lighthouse, "+page.name+", "+c+" of 100"+slow, score, "")
		}
		for _, a := range []string{"first-contentful-paint", "largest-contentful-paint", "interactive", "total-blocking-time", "cumulative-layout-shift"} {
			f.add("Lighthouse, "+page.name+", "+a+slow, got.Audits[a].DisplayValue, "")
		}
	}
}

// lighthouse installs it from its lock file, once, and is where it lies. It is a large peer that only these figures ask.
func lighthouse(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(root(t), ".build", "lighthouse")
	tool := filepath.Join(dir, "node_modules", "lighthouse", "cli", "index.js")
	if _, err := os.Stat(tool); err == nil {
		return tool
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"package.json", "package-lock.json"} {
		b, err := os.ReadFile(filepath.Join("testdata", "lighthouse", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), b, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	npm := exec.Command("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	return tool
}
