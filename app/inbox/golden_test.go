package inbox_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"potli/app/inbox"
	"potli/app/message"
)

var generate = flag.Bool("generate", false, "make golden files that do not exist yet; existing ones are never written again")

// What a release kept of an inbox is read for ever.
func TestGolden(t *testing.T) {
	at := func(h int) time.Time { return t0.Add(time.Duration(h) * time.Hour) }
	want := inbox.Inbox{
		Drops: []*inbox.Drop{{
			ID: key, Token: key, Key: key, Relay: "https://relay.example", Profile: "asha", Name: "आशा", Most: 5, Bytes: 1 << 20, Kinds: inbox.ForPerson,
			Life: time.Hour, Made: at(0), Expires: at(1), Skew: -3 * time.Second, Revoked: at(2), Begun: 7, Taken: []string{"a"},
			Refused: map[inbox.Reason]int{inbox.Forged: 2}, Since: at(1), Waits: 980, Done: []int64{4},
		}},
		Items: []*inbox.Item{{
			ID: "a", Drop: key, Profile: "asha", Type: message.Documents, Signer: key, Written: at(0), Arrived: at(1), Came: at(2), Note: true,
			From: message.Sender{Name: "Clinic", IDs: []message.Identifier{{System: "https://facility.abdm.gov.in", Value: "IN27"}}, Origin: "https://clinic.example",
				JWK: []byte(`{"kty":"OKP"}`)},
			Documents: []inbox.Facts{{Name: "a.pdf", Format: "application/pdf", Size: 9, SHA256: strings.Repeat("0a", 32), Fault: inbox.FaultMismatch}},
			Verdict:   inbox.Declined, Decided: at(3),
		}},
	}
	path := filepath.Join("testdata", "inbox-1.json")
	if _, err := os.Stat(path); *generate && os.IsNotExist(err) {
		b, _ := json.MarshalIndent(want, "", " ")
		if err := os.WriteFile(path, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var got inbox.Inbox
	if err := d.Decode(&got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\ngot %+v %+v\nwant %+v %+v", err, got.Drops[0], got.Items[0], want.Drops[0], want.Items[0])
	}
}
