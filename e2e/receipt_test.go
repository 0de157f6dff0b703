package e2e_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"potli/app/consent"
	"potli/crypto/jose"
	"potli/crypto/jose/josetest"
)

type otherVerdict struct {
	OK         bool
	Error      string
	Header     struct{ Alg, Kid, Typ string }
	Payload    string
	Thumbprint string
}

func verifiedByJose(t *testing.T, list []string) (verdicts []otherVerdict) {
	t.Helper()
	in, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", filepath.Join("peers", "receipt.mjs"))
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &verdicts); err != nil || len(verdicts) != len(list) {
		t.Fatalf("%s: %v", out, err)
	}
	return verdicts
}

// What is signed here (a receipt, its countersignature, a request; by Ed25519 and by
// ES256) is verified by the npm package jose, and changed texts are not.
func TestPeerVerifiesReceipts(t *testing.T) {
	golden := func(name string) string {
		b, err := os.ReadFile(filepath.Join("..", "app", "consent", "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(b))
	}
	list := []string{golden("receipt-1.jws"), golden("countersignature-1.jws"), golden("request-1.jws"), signedRequest(t, josetest.EdDSA("clinic")), signedRequest(t, josetest.ES256())}
	for i, v := range verifiedByJose(t, list) {
		if !v.OK || v.Header.Kid != v.Thumbprint || !strings.HasPrefix(v.Header.Typ, "potli-") {
			t.Errorf("%d: %+v", i, v)
		}
		if j, err := jose.ParseJWS(list[i]); err != nil || string(j.Payload) != v.Payload {
			t.Errorf("%d: the peer reads another payload: %v", i, err)
		}
	}
	var changed []string
	for _, jws := range list {
		dot := strings.LastIndexByte(jws, '.')
		for _, at := range []int{dot - 1, dot + 1, len(jws) - 2, 20} {
			b := []byte(jws)
			if b[at]++; b[at] == '[' || b[at] == '{' || b[at] == ':' || b[at] == '.' {
				b[at] = 'A'
			}
			changed = append(changed, string(b))
		}
	}
	for i, v := range verifiedByJose(t, changed) {
		if v.OK {
			t.Errorf("the peer accepts changed text %d", i)
		}
	}
}

// The receipt as FHIR is valid to an independent implementation (the npm package fhir),
// which refuses what is not.
func TestPeerAcceptsReceipts(t *testing.T) {
	jws, err := os.ReadFile(filepath.Join("..", "app", "consent", "testdata", "receipt-1.jws"))
	if err != nil {
		t.Fatal(err)
	}
	receipt := strings.TrimSpace(string(jws))
	v, err := consent.Verify(receipt)
	if err != nil {
		t.Fatal(err)
	}
	counter, err := os.ReadFile(filepath.Join("..", "app", "consent", "testdata", "countersignature-1.jws"))
	if err != nil {
		t.Fatal(err)
	}
	var events []consent.Event
	for _, k := range consent.EventKinds {
		events = append(events, consent.Event{Kind: k, Consent: v.Terms.ID, At: v.Issued, By: "somebody"})
	}
	whole, err := consent.Bundle(receipt, strings.TrimSpace(string(counter)), events)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := consent.Bundle(receipt, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	broken := bytes.Replace(alone, []byte(`"type":"permit"`), []byte(`"type":"perhaps"`), 1)
	in := filepath.Join(t.TempDir(), "receipts.json")
	if err := os.WriteFile(in, []byte("["+string(whole)+","+string(alone)+","+string(broken)+"]"), 0o600); err != nil {
		t.Fatal(err)
	}
	var found [][]string
	if err := json.Unmarshal(peer(t, "valid.mjs", in), &found); err != nil || len(found) != 3 {
		t.Fatalf("%v, %v", found, err)
	}
	if len(found[0]) > 0 || len(found[1]) > 0 {
		t.Errorf("%s\n%s", strings.Join(append(found[0], found[1]...), "\n"), whole)
	}
	if !strings.Contains(strings.Join(found[2], " "), "provision.type") {
		t.Errorf("the peer accepts what is not valid: %q", found[2])
	}
}

func signedRequest(t *testing.T, by *jose.Signer) string {
	t.Helper()
	id, err := consent.NewID(nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Second)
	q := consent.Request{ID: id, From: consent.Party{Name: "Sample Clinic"}, Purpose: consent.Purpose{Code: consent.Care}, Kinds: []consent.Kind{consent.Report},
		Until: now.Add(time.Hour), Repeat: consent.Once, After: consent.View, Issued: now, Expires: now.Add(time.Hour)}
	text, err := q.Marshal(by)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
