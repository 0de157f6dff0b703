package storetest

import (
	"bufio"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"potli/relay/wire"
)

// EntryID returns the 22 characters of an entry's id.
func EntryID(seed string) string {
	sum := sha256.Sum256([]byte(seed))
	return b64.EncodeToString(sum[:wire.EntryIDBytes])
}

// random is n bytes that look like ciphertext, the same for the same seed.
func random(seed string, n int) []byte {
	key := sha256.Sum256([]byte(seed))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err)
	}
	b := make([]byte, n)
	cipher.NewCTR(block, make([]byte, 16)).XORKeyStream(b, b)
	return b
}

// SealedJWE has the shape of a compact JWE around plain bytes.
func SealedJWE(contentType, seed string, plain int) string {
	head := b64.EncodeToString([]byte(`{"alg":"dir","enc":"A256GCM","cty":"` + contentType + `"}`))
	return head + ".." + b64.EncodeToString(random("iv"+seed, 12)) + "." + b64.EncodeToString(random(seed, plain)) +
		"." + b64.EncodeToString(random("tag"+seed, 16))
}

// Sealed is an entry that is a JWE.
func Sealed(seed string, plain int) string { return SealedJWE(wire.ContentTypeEntry, seed, plain) }

var std = base64.RawStdEncoding

// AgeHeader is that of an age file for one hybrid recipient.
func AgeHeader(seed string) string {
	return "age-encryption.org/v1\n-> mlkem768x25519 " + std.EncodeToString(random("kem"+seed, 1120)) + "\n" +
		std.EncodeToString(random("key"+seed, 32)) + "\n--- " + std.EncodeToString(random("mac"+seed, 32)) + "\n"
}

// AgeFile has the shape of an age file around plain bytes, not in base64.
func AgeFile(header, seed string, plain int) []byte {
	chunks := (plain + 64<<10 - 1) / (64 << 10)
	return append([]byte(header), random(seed, 16+plain+16*chunks)...)
}

// Mailbox is one mailbox and its owner.
type Mailbox struct {
	Client
	ID, Token string
}

// NewOpenMailbox returns good terms for an owner's token.
func NewOpenMailbox(token string) wire.OpenMailbox {
	return wire.OpenMailbox{Token: TokenHash(token), Life: 3600, Entries: 1000, Bytes: wire.MaxMailboxBytes}
}

// OpenMailbox makes a mailbox that is named by seed and expects 201.
func (c Client) OpenMailbox(t testing.TB, seed string, edit func(*wire.OpenMailbox)) *Mailbox {
	t.Helper()
	m := &Mailbox{c, ID("box " + t.Name() + seed), ID("token of box " + t.Name() + seed)}
	open := NewOpenMailbox(m.Token)
	if edit != nil {
		edit(&open)
	}
	if a := m.Put(t, open); a.Status != http.StatusCreated {
		t.Fatalf("mailbox: %d %s", a.Status, a.Body)
	}
	return m
}

// Put makes or prolongs m and expects nothing.
func (m *Mailbox) Put(t testing.TB, open wire.OpenMailbox) Answer {
	t.Helper()
	return m.Do(t, "PUT", wire.MailboxesPath+m.ID, open, Headers{"If-None-Match", "*"})
}

// Call is a call of the owner.
func (m *Mailbox) Call(t testing.TB, method, suffix string, body any) Answer {
	t.Helper()
	return m.Do(t, method, wire.MailboxesPath+m.ID+suffix, body, Headers{"Authorization", "Bearer " + m.Token})
}

// Deposit is a call of somebody who knows the id.
func (m *Mailbox) Deposit(t testing.TB, seed, sealed string) Answer {
	t.Helper()
	return m.Do(t, "POST", wire.MailboxPath+m.ID, wire.Deposit{ID: EntryID(seed), Sealed: sealed}, nil)
}

// Entries lists by a query and expects 200.
func (m *Mailbox) Entries(t testing.TB, query string) wire.Entries {
	t.Helper()
	return Decode[wire.Entries](t, m.Call(t, "GET", "/entries"+query, nil), http.StatusOK)
}

// Status expects 200.
func (m *Mailbox) Status(t testing.TB) wire.MailboxStatus {
	t.Helper()
	return Decode[wire.MailboxStatus](t, m.Call(t, "GET", "", nil), http.StatusOK)
}

// Numbers are those of a list.
func Numbers(l wire.Entries) (all []int64) {
	for _, e := range l.Entries {
		all = append(all, e.Seq)
	}
	return all
}

// Live opens the stream of a mailbox. Every line that is not empty is received;
// the channel is closed with the stream.
func (m *Mailbox) Live(t testing.TB) (lines <-chan string, hangUp func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", m.Base+wire.MailboxesPath+m.ID+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+m.Token)
	req.Header.Set("Accept", wire.ContentTypeEvents)
	res, err := m.HTTP.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != wire.ContentTypeEvents {
		t.Fatalf("live: %d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	out := make(chan string, 64)
	go func() {
		defer close(out)
		defer res.Body.Close()
		for s := bufio.NewScanner(res.Body); s.Scan(); {
			if s.Text() != "" {
				out <- s.Text()
			}
		}
	}()
	return out, cancel
}

// Event are the lines of an arrival.
func Event(seq int64) string { return fmt.Sprintf("event: %s data: %d", wire.LiveEvent, seq) }

// NextEvent reads one event, past comments; "" at the end of the stream.
func NextEvent(lines <-chan string) string {
	var event []string
	for line := range lines {
		if !strings.HasPrefix(line, ":") {
			event = append(event, line)
		}
		if len(event) == 2 {
			break
		}
	}
	return strings.Join(event, " ")
}
