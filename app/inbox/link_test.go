package inbox_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"potli/app/inbox"
	"potli/app/message"
	"potli/app/share"
)

// A link that the person was given lands in the inbox like everything else.
func TestFromLink(t *testing.T) {
	bundle := []byte(`{"resourceType":"Bundle","type":"collection","entry":[]}`)
	l := share.Link{URL: "https://host.example/a", Key: make([]byte, 32), Label: "City\nClinic", Version: 1}
	files := []share.Received{{ContentType: share.TypeFHIR, Body: bundle}, {ContentType: share.TypeFHIR, Err: share.ErrMissing}}
	a, err := inbox.FromLink(l, files, "asha", t0)
	if err != nil {
		t.Fatal(err)
	}
	it := a.Item
	if it.From.Name != "City Clinic" || it.From.Origin != "https://host.example" || it.Profile != "asha" || it.Link != l.Hash() || it.Drop != "" || it.State(t0) != inbox.Waiting {
		t.Errorf("%+v", it)
	}
	if trust, _ := it.Trust(nil); trust != inbox.TrustUnsigned {
		t.Errorf("trust: %s", trust)
	}
	if d := it.Documents; len(d) != 2 || !d[0].Keepable() || d[0].Format != share.TypeFHIR || d[1].Fault != inbox.FaultDamaged {
		t.Errorf("%+v", d)
	}
	if m, err := message.Parse(a.Body); err != nil || !bytes.Equal(m.Documents[0].Body, bundle) {
		t.Errorf("the body: %v", err)
	}
	again, _ := inbox.FromLink(l, files, "asha", t0.AddDate(0, 0, 1))
	files[0].Body = append(bundle, ' ')
	other, _ := inbox.FromLink(l, files, "asha", t0)
	if again.Item.ID != it.ID || other.Item.ID == it.ID {
		t.Errorf("ids %s, %s, %s", it.ID, again.Item.ID, other.Item.ID)
	}
	if _, err := inbox.FromLink(l, nil, "asha", t0); !errors.Is(err, message.ErrEmpty) {
		t.Errorf("nothing in it: %v", err)
	}
	files[0].Body = make([]byte, message.MaxBytes+1)
	if _, err := inbox.FromLink(l, files, "asha", t0); !errors.Is(err, message.ErrTooBig) {
		t.Errorf("too large: %v", err)
	}
	// A host that is none of https is not named as an origin; the link is opened nevertheless.
	l.URL = "http://localhost:8081/a"
	files[0].Body = bundle
	if a, err := inbox.FromLink(l, files, "asha", t0); err != nil || a.Item.From.Origin != "" {
		t.Errorf("%v", err)
	}
	for _, odd := range []string{"https://HOST.example/a", "https://host.example:443/b", "https://" + fmt.Sprintf("%0200d", 1) + ".example/a"} {
		l.URL = odd
		if _, err := inbox.FromLink(l, files, "asha", t0); err != nil {
			t.Errorf("%s: %v", odd, err)
		}
	}
}
