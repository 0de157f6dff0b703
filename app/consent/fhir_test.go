package consent_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"potli/app/consent"
	"potli/app/fhir"
	"potli/app/record"
	"potli/crypto/jose/josetest"
)

func exported(t *testing.T) (bundle []byte, receipts []string) {
	t.Helper()
	jws := sealed(t, receipt())
	counter, err := consent.Countersign(jws, consent.Party{Name: "Sample Clinic"}, now, josetest.EdDSA("clinic"))
	if err != nil {
		t.Fatal(err)
	}
	var events []consent.Event
	for _, k := range consent.EventKinds {
		events = append(events, consent.Event{Kind: k, Consent: grantID, At: now, By: "mother", Records: []record.ID{"r1"}},
			consent.Event{Kind: k, Consent: "another", At: now})
	}
	b, err := consent.Bundle(jws, counter, events)
	if err != nil {
		t.Fatal(err)
	}
	return b, []string{jws, counter}
}

// What FHIR we write is read by our own reader, and the proof comes out again.
func TestBundle(t *testing.T) {
	b, receipts := exported(t)
	if again, _ := exported(t); string(again) != string(b) {
		t.Error("written otherwise the second time")
	}
	f, err := fhir.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, e := range f.Entries {
		types = append(types, e.Type)
	}
	want := []string{"Consent", "Provenance", "AuditEvent", "AuditEvent", "AuditEvent", "AuditEvent", "AuditEvent"}
	if !slices.Equal(types, want) {
		t.Errorf("%v, want %v", types, want)
	}
	var bundle struct {
		Entry []struct {
			Resource struct {
				Signature []struct{ Data string }
				Provision struct {
					Data []struct {
						Reference struct{ Identifier struct{ Value string } }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(b, &bundle); err != nil {
		t.Fatal(err)
	}
	for i, s := range bundle.Entry[1].Resource.Signature {
		if jws, err := base64.StdEncoding.DecodeString(s.Data); err != nil || string(jws) != receipts[i] {
			t.Errorf("signature %d is another", i)
		}
	}
	if d := bundle.Entry[0].Resource.Provision.Data; len(d) != 2 || d[0].Reference.Identifier.Value != "sha256:"+consent.Hash([]byte("one")) {
		t.Errorf("%+v", d)
	}
}

func TestBundleOfAnEnd(t *testing.T) {
	r := receipt()
	r.State, r.Documents, r.Terms.Dates, r.Notice = consent.Revoked, nil, consent.Dates{}, consent.Notice{}
	b, err := consent.Bundle(sealed(t, r), "", nil)
	if err != nil || !strings.Contains(string(b), `"status":"inactive"`) || strings.Contains(string(b), "null") {
		t.Errorf("%s, %v", b, err)
	}
	if _, err := consent.Bundle("x", "", nil); !errors.Is(err, &consent.Fault{Code: consent.Damaged}) {
		t.Errorf("of no receipt: %v", err)
	}
	if _, err := consent.Bundle(sealed(t, r), "x", nil); err == nil {
		t.Error("with a countersignature that is none")
	}
}
