package consent_test

import (
	"errors"
	"fmt"
	"time"

	"potli/app/consent"
	"potli/crypto/jose/josetest"
)

// A clinic asks; a mother narrows and grants for her child, and gives a report; the
// clinic countersigns; she ends it.
func Example() {
	clinic, device, user := josetest.EdDSA("clinic"), josetest.EdDSA("device"), josetest.EdDSA("user")
	request := consent.Request{ID: "AAAAAAAAAAAAAAAAAAAAAA", From: consent.Party{Name: "Sample Clinic"}, About: "Asha",
		Purpose: consent.Purpose{Code: consent.Care, Text: "To treat a cough"}, Kinds: []consent.Kind{consent.Prescription, consent.Report},
		Until: now.Add(30 * 24 * time.Hour), Repeat: consent.Follow, After: consent.Keep, Issued: now, Expires: now.Add(time.Hour)}
	text, err := request.Marshal(clinic)
	if err != nil {
		fmt.Println(err)
		return
	}

	q, err := consent.Parse(text, now)
	if err != nil {
		fmt.Println(err)
		return
	}
	id, _ := consent.NewID(nil)
	grant, err := q.Allow(id, "asha", consent.Choice{Kinds: []consent.Kind{consent.Report}, After: consent.View}, "", now)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = grant.Narrow(consent.Choice{After: consent.Keep})
	fmt.Println(err, errors.Is(err, &consent.Fault{Code: consent.Wider}))

	history := []consent.Event{{Kind: consent.Granted, Consent: id, By: "meera", Terms: grant, At: now}}
	report := consent.Record{ID: "r1", Profile: "asha", Type: consent.Report}
	letter := consent.Record{ID: "r2", Profile: "asha", Type: consent.Discharge}
	for _, r := range []consent.Record{report, letter} {
		ok, why := consent.Yields(grant, history, r, consent.Occasion{Now: now.Add(time.Hour)})
		fmt.Printf("%v %q\n", ok, why)
	}

	certificate, err := consent.Certify(user, 1, "meera", "phone", device.Public(), now)
	if err != nil {
		fmt.Println(err)
		return
	}
	receipt := consent.Receipt{State: consent.Granted, Issued: now, Terms: *grant, Notice: q.Notice, Principal: "Asha",
		Actor:     consent.Actor{User: "meera", Device: "phone", Name: "Meera", Authority: "guardian"},
		Documents: []consent.Given{{SHA256: consent.Hash([]byte("%PDF-")), Bytes: 5, Type: "application/pdf"}}}
	jws, err := receipt.Sign(device, certificate)
	if err != nil {
		fmt.Println(err)
		return
	}
	counter, err := consent.Countersign(jws, q.From, now.Add(time.Minute), clinic)
	if err != nil {
		fmt.Println(err)
		return
	}

	// Years later, by anybody.
	c, err := consent.CheckCountersigned(jws, counter)
	fmt.Println(c.From.Name, err)

	history = append(history, consent.Event{Kind: consent.Revoked, Consent: id, By: "meera", At: now.Add(time.Hour)})
	fmt.Println(consent.Yields(grant, history, report, consent.Occasion{Now: now.Add(2 * time.Hour)}))

	// Output:
	// consent: after: wider true
	// true ""
	// false "of another kind"
	// Sample Clinic <nil>
	// false revoked
}
