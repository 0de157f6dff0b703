package e2e_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// claims are the sentences of the page that says who can see what, each with the tests that fail where it is not true. A
// sentence that takes something back, a limit, needs none: its tests are "".
var claims = map[string]string{
	"privacy.where-1":  "TestO6_WhatLeftThisPhone TestJourney",
	"privacy.where-2":  "TestJourney TestStorageSaysNothing",
	"privacy.where-3":  "TestT1_T36_NothingReadableOnDiskOrInLogs TestO6_WhatLeftThisPhone",
	"privacy.where-4":  "", // a limit
	"privacy.relay-1":  "TestT1_T36_NothingReadableOnDiskOrInLogs TestArrows",
	"privacy.relay-2":  "TestT36_RL6_NothingPersonalIsWritten TestT36_RL11_NoEndpointIsWritten",
	"privacy.relay-3":  "TestJourney TestT1_T36_NothingReadableOnDiskOrInLogs",
	"privacy.relay-4":  "TestT40_RL12_NothingLingers TestRL4_LockedIsErased",
	"privacy.nobody-1": "TestO6_WhatLeftThisPhone TestJourney",
	"privacy.nobody-2": "TestFrameHearsOnlyTheWallet TestNothingLeavesWithoutAReason",
	"privacy.nobody-3": "TestO6_WhatLeftThisPhone",
	"privacy.nobody-4": "TestFieldsAreNotSentNorRemembered",
	"privacy.shared-1": "TestActingForSomebody TestO6_WhatLeftThisPhone",
	"privacy.shared-2": "TestActingForSomebody",
	"privacy.shared-3": "TestO6_WhatLeftThisPhone TestVeil",

	"privacy.shared-not": "", "privacy.cannot-1": "", "privacy.cannot-2": "", "privacy.cannot-3": "", "privacy.cannot-4": "", // limits
}

// notClaims are headings and links of the page.
var notClaims = []string{"title", "hint", "text", "where", "relay", "nobody", "shared", "cannot", "look"}

// TestEveryClaimHasATest: the page says that each of its sentences is tested; so each is.
func TestEveryClaimHasATest(t *testing.T) {
	tests := testNames(t)
	said := map[string]bool{}
	for key := range catalogue(t) {
		name, ours := strings.CutPrefix(key, "privacy.")
		if !ours || slices.Contains(notClaims, name) {
			continue
		}
		said[key] = true
		if _, known := claims[key]; !known {
			t.Errorf("%s: no test is named for what it promises", key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(claims)) {
		if !said[key] {
			t.Errorf("%s is not said any more", key)
		}
		for _, name := range strings.Fields(claims[key]) {
			if !tests[name] {
				t.Errorf("%s: there is no test %s", key, name)
			}
		}
	}
}

// testNames are the tests of the whole project, by what their files say.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	all := map[string]bool{}
	err := filepath.WalkDir(root(t), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && path != root(t)) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		b, err := os.ReadFile(path)
		for _, m := range declared.FindAllSubmatch(b, -1) {
			all[string(m[1])] = true
		}
		return err
	})
	if err != nil || len(all) < 100 {
		t.Fatalf("%d tests were found: %v", len(all), err)
	}
	return all
}

// TestEveryNetworkIsMetered: the program makes its one Network with a meter; one without would send what nobody lists.
func TestEveryNetworkIsMetered(t *testing.T) {
	made := 0
	for _, file := range []string{"wasm/main_js.go"} {
		b, err := os.ReadFile(filepath.Join(root(t), file))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`browser\.Network\{[^}]*\}`).FindAllString(string(b), -1) {
			made++
			if m != "browser.Network{Meter: meter}" {
				t.Errorf("%s: %s has no meter", file, m)
			}
		}
		if !regexp.MustCompile(`browser\.NewFrame\([^)]*, meter\)`).Match(b) || !strings.Contains(string(b), "Traffic:     meter,") {
			t.Errorf("%s: the frame, or the wallet, has another meter or none", file)
		}
	}
	if made != 1 {
		t.Errorf("%d networks are made, want one", made)
	}
	// And nothing else of ours reaches the network: every fetch, socket and beacon is in two files, beside them.
	reach := regexp.MustCompile(`js.Global\(\), "fetch"|Get\("fetch"\)|"WebSocket"|"XMLHttpRequest"|"sendBeacon"|"EventSource"|"RTCPeerConnection"|"WebTransport"`)
	allowed := map[string]bool{"fetch.go": true, "socket_js.go": true, "worker.go": true} // the last has the program itself loaded once more
	list, err := filepath.Glob(filepath.Join(root(t), "wasm", "browser", "*.go"))
	if err != nil || len(list) < 30 {
		t.Fatalf("%d files, %v", len(list), err)
	}
	for _, path := range list {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if name := filepath.Base(path); !strings.HasSuffix(name, "_test.go") && reach.Match(b) && !allowed[name] {
			t.Errorf("%s reaches the network by itself: %s", name, reach.Find(b))
		}
	}
}
