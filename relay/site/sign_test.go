package site_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"potli/relay/site"
)

func TestKeys(t *testing.T) {
	k := newKey()
	text, err := k.PEM()
	if err != nil {
		t.Fatal(err)
	}
	again, err := site.ParseKey(text)
	if err != nil || again.Public().String() != k.Public().String() {
		t.Fatalf("a key did not survive its file: %v", err)
	}
	pin, err := site.ParsePin(" " + k.Public().String() + "\n")
	if err != nil || pin.String() != k.Public().String() {
		t.Errorf("a public key did not survive its line: %v", err)
	}
	half, _, _ := bytes.Cut(text, []byte("-----END PRIVATE KEY-----\n"))
	for name, bad := range map[string]string{
		"empty": "", "text": "no key", "half": string(half) + "-----END PRIVATE KEY-----\n", "twice": string(text) + string(text),
		"with more": string(text) + "more", "public": strings.ReplaceAll(string(text), "PRIVATE", "PUBLIC"),
	} {
		if _, err := site.ParseKey([]byte(bad)); err == nil {
			t.Errorf("%s: read as a key", name)
		}
	}
	line := k.Public().String()
	for _, bad := range []string{"", line[:40], line + "AA", strings.Replace(line, "-1:", "-2:", 1), line[:60] + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		if _, err := site.ParsePin(bad); err == nil {
			t.Errorf("%.30s: read as a public key", bad)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	text, err := newKey().PEM()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		if k, err := site.ParseKey(text); err == nil {
			if _, err := site.ParsePin(k.Public().String()); err != nil {
				t.Error(err)
			}
		}
	})
}

// whole is an app of which every hash is right, as the generator makes it.
func whole() fstest.MapFS {
	files := appFiles()
	sums := map[string]string{}
	for name, f := range files {
		if name != "sw.js" && name != "release.json" && !strings.HasSuffix(name, ".br") && !strings.HasSuffix(name, ".gz") {
			sum := sha256.Sum256(f.Data)
			sums["/"+name] = base64.StdEncoding.EncodeToString(sum[:])
		}
	}
	b, err := json.Marshal(map[string]any{"version": "built", "files": sums, "lazy": []string{"/web/styles/kit.css"}})
	if err != nil {
		panic(err)
	}
	files["release.json"] = &fstest.MapFile{Data: b}
	return files
}

func exported(t *testing.T, s *site.Site) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	err := s.Export(true, func(name string, b []byte) error {
		files[name] = &fstest.MapFile{Data: bytes.Clone(b)}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// T20: the same key makes the same bytes, and another one changes the worker, the
// release that names it, and nothing else.
func TestT20_SignedAlike(t *testing.T) {
	sites := []fstest.MapFS{}
	for _, sign := range []site.Signing{signing, signing, {Keys: []*site.Key{newKey()}}} {
		s, err := site.New(whole(), site.App, world, sign)
		if err != nil {
			t.Fatal(err)
		}
		sites = append(sites, exported(t, s))
	}
	same := func(a, b *fstest.MapFile) bool { return bytes.Equal(a.Data, b.Data) }
	if !maps.EqualFunc(sites[0], sites[1], same) {
		t.Error("signed twice by one key, the files differ")
	}
	for name, f := range sites[0] {
		ours := strings.HasPrefix(name, "sw.js") || strings.HasPrefix(name, "release.")
		if ours == same(f, sites[2][name]) {
			t.Errorf("signed by another key, is %s changed? %t", name, !ours)
		}
	}
}

// Two of three: the first makes the release, which nobody serves until the second has
// signed too. No machine has both keys, and the one that serves has none.
func TestSeveralSign(t *testing.T) {
	keys := []*site.Key{newKey(), newKey(), newKey()}
	pins := []site.Pin{keys[0].Public(), keys[1].Public(), keys[2].Public()}
	s, err := site.New(whole(), site.App, world, site.Signing{Keys: keys[:1], Pins: pins, Need: 2, Seq: func(string) (uint64, error) { return 17, nil }})
	if err != nil || s.Missing() != 1 {
		t.Fatalf("%d are missing: %v", s.Missing(), err)
	}
	files := exported(t, s)
	if _, err := site.New(files, site.App, world, site.Signing{}); err == nil || !strings.Contains(err.Error(), "1 more") {
		t.Errorf("served with one signature of two: %v", err)
	}
	cosign := func(k *site.Key) (int, error) {
		text, missing, err := site.Cosign(files["sw.js"].Data, files["release.json"].Data, files["release.sig"].Data, k)
		if err == nil {
			files["release.sig"] = &fstest.MapFile{Data: text}
		}
		return missing, err
	}
	for name, k := range map[string]*site.Key{"a stranger": newKey(), "the first again": keys[0]} {
		if _, err := cosign(k); err == nil {
			t.Errorf("%s signed", name)
		}
	}
	if missing, err := cosign(keys[2]); err != nil || missing != 0 {
		t.Fatalf("%d are missing: %v", missing, err)
	}
	served, err := site.New(files, site.App, world, site.Signing{})
	if err != nil {
		t.Fatal(err)
	}
	if served.Version() != s.Version() || !bytes.Equal(served.Manifest(), s.Manifest()) || served.Missing() != 0 {
		t.Error("what is served is not what was signed")
	}
	if got := body(t, ask(served, "GET", "/web/app.wasm", "Accept-Encoding", "br")); got != "br" {
		t.Errorf("the compressed copies are gone: %q", got)
	}
	if r := ask(served, "GET", "/"+site.HeadersFile); r.StatusCode != 404 {
		t.Error("the file of headers has an address")
	}
	other := world
	other.Relay = "https://evil.example"
	if _, err := site.New(files, site.App, other, site.Signing{}); err == nil || !strings.Contains(err.Error(), "other origins") {
		t.Errorf("served for other origins: %v", err)
	}
	for name := range files {
		if name == site.HeadersFile || name == "config.json" || strings.HasSuffix(name, ".br") || strings.HasSuffix(name, ".gz") {
			continue // made anew, or copies
		}
		bad := maps.Clone(files)
		bad[name] = &fstest.MapFile{Data: append([]byte(" "), files[name].Data...)}
		if _, err := site.New(bad, site.App, world, site.Signing{}); err == nil && name != "release.sig" {
			t.Errorf("%s was changed after the signatures", name)
		}
	}
}

// T18: nobody makes a release that wallets would take without a signature.
func TestT18_NothingUnsigned(t *testing.T) {
	k := newKey()
	nine := []site.Pin{}
	for range site.MostKeys + 1 {
		nine = append(nine, newKey().Public())
	}
	for name, sign := range map[string]site.Signing{
		"no key": {}, "more than there are": {Keys: []*site.Key{k}, Need: 2}, "too many": {Pins: nine},
	} {
		if _, err := site.New(whole(), site.App, world, sign); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	s, err := site.New(whole(), site.App, world, site.Signing{Pins: nine[:1]})
	if err != nil || s.Missing() != 1 {
		t.Fatalf("a release to be signed elsewhere: %d are missing, %v", s.Missing(), err)
	}
	if _, err := site.New(exported(t, s), site.App, world, site.Signing{}); err == nil {
		t.Error("it was served unsigned")
	}
}
