package keys_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"potli/relay/keys"
	"potli/relay/webpush"
)

var now = time.Unix(1_800_000_000, 0)

func ring(t testing.TB, secret byte, old ...[32]byte) keys.Ring {
	t.Helper()
	r, err := keys.New([32]byte{secret}, old, now)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestEndpoint: what is sealed opens for its mailbox and device alone, under its
// key, also once that is an old one; and its size says nothing.
func TestEndpoint(t *testing.T) {
	const endpoint = "https://push.example/device"
	r := ring(t, 1)
	sealed, device := r.SealEndpoint("m", endpoint), r.Device("m", endpoint)
	for name, tt := range map[string]struct {
		ring            keys.Ring
		mailbox, device string
		sealed          []byte
		want            bool
	}{
		"as it was":       {r, "m", device, sealed, true},
		"key is old":      {ring(t, 2, [32]byte{3}, [32]byte{1}), "m", device, sealed, true},
		"key is no more":  {ring(t, 2), "m", device, sealed, false},
		"another mailbox": {r, "n", device, sealed, false},
		"another device":  {r, "m", r.Device("n", endpoint), sealed, false},
		"cut":             {r, "m", device, sealed[:len(sealed)-1], false},
		"its number only": {r, "m", device, sealed[:1], false},
		"nothing":         {r, "m", device, nil, false},
	} {
		got, ok := tt.ring.OpenEndpoint(tt.mailbox, tt.device, tt.sealed)
		if ok != tt.want || ok && got != endpoint {
			t.Errorf("%s: %q, %v", name, got, ok)
		}
	}
	if bytes.Equal(sealed, r.SealEndpoint("m", endpoint)) {
		t.Error("the same endpoint is sealed into the same bytes")
	}
	if long := r.SealEndpoint("m", strings.Repeat("x", webpush.MaxEndpoint)); len(long) != len(sealed) {
		t.Errorf("%d bytes for a long one, %d for a short one", len(long), len(sealed))
	}
}

// FuzzTicket: only what was issued is accepted, in the one text it was issued in.
func FuzzTicket(f *testing.F) {
	r, other := ring(f, 1), ring(f, 2)
	link, file := strings.Repeat("ab", 32), strings.Repeat("cd", 32)
	good := r.Ticket(link, file, now.Add(time.Minute))
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add(good + "=")
	f.Add(strings.Repeat("A", len(good)))
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		l, x, ok := r.ReadTicket(s, now)
		if ok != (s == good) || ok && (l != link || x != file) {
			t.Fatalf("%q: %v %s %s", s, ok, l, x)
		}
		if _, _, ok := other.ReadTicket(s, now); ok {
			t.Fatal("accepted under another key")
		}
		if _, _, ok := r.ReadTicket(s, now.Add(time.Minute)); ok {
			t.Fatal("accepted when its time was over")
		}
	})
}
