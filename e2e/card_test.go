package e2e_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"potli/app/card"
	"potli/app/card/cardtest"
	"potli/app/fhir"
)

// withPeer gives a script of peers/ one JSON object and reads what it answers.
func withPeer(t *testing.T, script string, in, out any) {
	t.Helper()
	cmd := exec.Command("node", filepath.Join("peers", script))
	cmd.Stdin = bytes.NewReader(cardtest.Encode(in))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	b, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, &stderr)
	}
	if err := json.Unmarshal(b, out); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, b)
	}
}

// A health card made by an independent implementation is verified by ours, by
// each of its carriers; one of our tests' is verified by theirs, with a
// directory that both read.
func TestHealthCardPeers(t *testing.T) {
	now := time.Now()
	i := cardtest.New("https://clinic.test/cards")
	vc := i.Payload(now, nil)["vc"].(cardtest.Object)
	bundle := vc["credentialSubject"].(cardtest.Object)["fhirBundle"]

	t.Run("theirs", func(t *testing.T) {
		var theirs struct {
			JWS, File    string
			Codes, Parts []string
			JWK          cardtest.Object
		}
		withPeer(t, "card.mjs", cardtest.Object{"issue": bundle, "iss": i.ISS}, &theirs)
		d, err := card.ParseDirectory(cardtest.Directory(i.Info(nil, theirs.JWK)))
		if err != nil {
			t.Fatal(err)
		}
		if len(theirs.Codes) != 1 || len(theirs.Parts) < 2 {
			t.Fatalf("%d codes, %d parts", len(theirs.Codes), len(theirs.Parts))
		}
		for name, text := range map[string]string{
			"file": theirs.File, "code": theirs.Codes[0], "parts": strings.Join(theirs.Parts, "\n"), "JWS in a file": string(cardtest.File(theirs.JWS)),
		} {
			cards, err := card.Read([]byte(text))
			if err != nil || len(cards) != 1 {
				t.Errorf("%s: %d cards, %v", name, len(cards), err)
				continue
			}
			if got := cards[0].Verify(d, now.Add(time.Minute)); got.State != card.Verified || got.Issuer != i.ISS {
				t.Errorf("%s: %+v", name, got)
			}
			if f, err := fhir.Parse(card.FHIR(cards)); err != nil || len(f.Entries) != 2 || f.Entries[1].Type != "Immunization" {
				t.Errorf("%s: %v, %s", name, err, card.FHIR(cards))
			}
		}
	})

	t.Run("ours", func(t *testing.T) {
		jws := i.Card(now, nil)
		var read struct {
			Bundles    []json.RawMessage
			Payload    struct{ Iss string }
			Thumbprint string
		}
		withPeer(t, "card.mjs", cardtest.Object{
			"read":      cardtest.Object{"file": string(cardtest.File(jws)), "codes": cardtest.Code(jws), "jws": jws},
			"directory": json.RawMessage(cardtest.Directory(i.Info(nil))), "jwk": i.JWK(nil),
		}, &read)
		if read.Thumbprint != i.Kid() || read.Payload.Iss != i.ISS || len(read.Bundles) != 3 {
			t.Errorf("they read %+v", read)
		}
		for _, b := range read.Bundles {
			if !bytes.Contains(b, []byte("LOT-4711")) {
				t.Errorf("they read %s", b)
			}
		}
	})
}

// issuing is the built wallet of a release with another directory of issuers.
func issuing(t *testing.T, directory []byte) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "app")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(built(t), "app"))); err != nil {
		t.Fatal(err)
	}
	var m struct {
		Version string            `json:"version"`
		Files   map[string]string `json:"files"`
	}
	list := filepath.Join(dir, "release.json")
	b, err := os.ReadFile(list)
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	if err != nil || m.Files["/web/cards/issuers.json"] == "" {
		t.Fatalf("the release has no directory of issuers: %v", err)
	}
	sum := sha256.Sum256(directory)
	m.Files["/web/cards/issuers.json"] = base64.StdEncoding.EncodeToString(sum[:])
	for _, old := range []string{"web/cards/issuers.json.br", "web/cards/issuers.json.gz", "release.json.br", "release.json.gz"} {
		os.Remove(filepath.Join(dir, old))
	}
	for name, body := range map[string][]byte{list: cardtest.Encode(m), filepath.Join(dir, "web", "cards", "issuers.json"): directory} {
		if err := os.WriteFile(name, body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Health cards come in by every road, say what they are worth in words that
// differ, and are checked with the network gone.
func TestHealthCards(t *testing.T) {
	t.Parallel()
	now := time.Now()
	clinic, known, lists, stranger := cardtest.New("https://clinic.test/cards"), cardtest.New("https://known.test"), cardtest.New("https://lists.test"), cardtest.New("https://stranger.test")
	withdrawn := cardtest.Object{"crls": []cardtest.Object{{"kid": clinic.Kid(), "method": "rid", "ctr": 1, "rids": []string{"withdrawn"}}}}
	p := startPotli(t, "", "-app-dir", issuing(t, cardtest.Directory(
		clinic.Info(withdrawn), known.Info(cardtest.Object{"unlisted": true}), lists.Info(nil, lists.JWK(cardtest.Object{"crlVersion": 1})))))
	good := clinic.Card(now, nil)
	seg := strings.Split(clinic.Card(now, cardtest.Object{"vc.rid": "other"}), ".")
	forged := strings.Split(good, ".")[0] + "." + seg[1] + "." + strings.Split(good, ".")[2]

	w := newBrowser(t).open(t, p.App)
	w.createWallet("Meera Sample")
	var verified string
	for _, c := range []struct{ name, body, tone, state, why string }{
		{"good.smart-health-card", string(cardtest.File(good)), "good", "card.verified", ""},
		{"code.txt", cardtest.Code(clinic.Card(now, nil)), "good", "card.verified", ""},
		{"parts.txt", strings.Join(cardtest.Parts(clinic.Card(now, nil), 2), "\n"), "good", "card.verified", ""},
		{"known.smart-health-card", string(cardtest.File(known.Card(now, nil))), "note", "card.unknown-issuer", ""},
		{"stranger.smart-health-card", string(cardtest.File(stranger.Card(now, nil))), "warn", "card.unchecked", "card.why.issuer"},
		{"lists.smart-health-card", string(cardtest.File(lists.Card(now, nil))), "warn", "card.unchecked", "card.why.revocations"},
		{"forged.smart-health-card", string(cardtest.File(forged)), "danger", "card.invalid", "card.why.signature"},
		{"old.smart-health-card", string(cardtest.File(clinic.Card(now, cardtest.Object{"exp": now.Unix() - 60}))), "danger", "card.invalid", "card.why.expired"},
		{"early.smart-health-card", string(cardtest.File(clinic.Card(now, cardtest.Object{"nbf": now.Unix() + 3600}))), "danger", "card.invalid", "card.why.not-yet"},
		{"withdrawn.smart-health-card", string(cardtest.File(clinic.Card(now, cardtest.Object{"vc.rid": "withdrawn"}))), "danger", "card.invalid", "card.why.revoked"},
	} {
		w.to("/add")
		w.give("#files", named{c.name, "", c.body})
		if w.brought() != 1 {
			t.Fatalf("%s did not come in: %s", c.name, w.visible())
		}
		w.to(js[string](w, `document.querySelector("#report .report-in").getAttribute("href")`))
		w.there("#card-check .notice-" + c.tone)
		if n := js[int](w, `document.querySelectorAll("#card-check .notice").length`); n != 1 {
			t.Errorf("%s: %d answers", c.name, n)
		}
		w.sees(sentence(t, c.state))
		if c.why != "" {
			w.sees(sentence(t, c.why))
		}
		w.sees("LOT-4711") // what it says is shown in each case
		if verified == "" {
			verified = js[string](w, `location.pathname`)
		}
	}
	w.to("/add")
	w.click("#report-close")
	w.gone("#report")
	w.write("#paste", cardtest.Parts(good, 2)[0])
	w.click("#paste-go")
	w.sees(sentence(t, "error.card-part"))

	// A code on the page that scans, read or typed.
	w.to("/add")
	if js[bool](w, `!!document.querySelector("#report-close")`) {
		w.click("#report-close")
		w.gone("#report")
	}
	w.to("/scan")
	w.write("#scan-text", cardtest.Code(clinic.Card(now, cardtest.Object{"vc.rid": "read"})))
	w.click("#scan-go")
	if w.brought() != 1 {
		t.Errorf("a card that was read did not come in: %s", w.visible())
	}

	w.keeps()
	p.kill()
	w.to(verified)
	w.there("#card-check .notice-good")
	w.sees(sentence(t, "card.verified"))

	for _, l := range append(looks[:len(looks):len(looks)], large...) {
		w.wear(l)
		w.to("/settings")
		w.speak(l.lang)
		w.to(verified)
		w.there("#card-check .notice-good")
		w.accessible(l, "card")
	}
}
