package clinic_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/clinic"
	"potli/app/inbox"
	"potli/app/message"
	"potli/app/message/messagetest"
	"potli/app/record"
	"potli/app/relayclient"
	"potli/app/share"
	"potli/relay/wire"
)

var (
	ctx = context.Background()
	now = time.Date(2026, 3, 4, 10, 30, 0, 0, time.UTC)
)

// mailbox is a relay with one mailbox, which loses answers.
type mailbox struct {
	note    string
	entries map[string]string // by id
	ids     []string
	lose    int // so many answers, after what was asked is done
	status  int // of every answer, where it is not 0
	asked   int
}

func (m *mailbox) Do(_ context.Context, r relayclient.Request) (relayclient.Response, error) {
	m.asked++
	if m.status != 0 {
		return relayclient.Response{Status: m.status, Header: map[string]string{"retry-after": "9"}, Body: []byte("{}")}, nil
	}
	body, _ := json.Marshal(wire.MailboxNote{Note: m.note})
	if r.Method == "POST" {
		var d wire.Deposit
		json.Unmarshal(r.Body, &d)
		if m.entries[d.ID] == "" {
			m.ids = append(m.ids, d.ID)
			m.entries[d.ID] = d.Sealed
		}
		body, _ = json.Marshal(wire.Deposited{ID: d.ID})
	}
	if m.lose--; m.lose >= 0 {
		return relayclient.Response{}, errors.New("the network ate it")
	}
	return relayclient.Response{Status: 201, Header: map[string]string{}, Body: body}, nil
}

func world(t *testing.T, edit func(*inbox.Terms)) (*clinic.Clinic, *mailbox, *inbox.Drop, *[]time.Duration) {
	t.Helper()
	terms := inbox.Terms{Name: "Asha", Relay: "https://relay.example", Life: time.Hour, Most: 50, Bytes: 40 << 20}
	if edit != nil {
		edit(&terms)
	}
	d, err := inbox.NewDrop(terms, now, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, slept := &mailbox{note: d.Note(), entries: map[string]string{}}, &[]time.Duration{}
	return &clinic.Clinic{
		HTTP: m, Now: func() time.Time { return now }, From: message.Sender{Name: "Clinic"},
		Sleep: func(_ context.Context, d time.Duration) error { *slept = append(*slept, d); return nil },
	}, m, d, slept
}

// An answer that is lost is asked for again, and stored once; a relay that stays
// silent, or asks for patience, is not asked for ever.
func TestAgain(t *testing.T) {
	files := []clinic.File{{Name: "a.pdf", Body: messagetest.PDF}}
	c, m, d, slept := world(t, func(t *inbox.Terms) { t.System = true })
	m.lose = 3
	if sent, err := c.Drop(ctx, d.Code(), files, ""); err != nil || sent.Documents != 1 || len(m.ids) != 1 || len(*slept) != 3 {
		t.Errorf("%+v, %v, %d entries, slept %v", sent, err, len(m.ids), *slept)
	}
	c, m, d, slept = world(t, nil)
	m.lose = 3
	if _, err := c.Drop(ctx, d.Code(), files, ""); err != nil || len(m.ids) != 1 {
		t.Errorf("%v, %d entries", err, len(m.ids))
	}
	for _, r := range []struct {
		status, asked int
		want          error
	}{{404, 1, share.ErrGone}, {507, 1, relayclient.ErrFull}, {429, 4, share.ErrBusy}, {503, 4, share.ErrBusy}, {400, 1, share.ErrRefused}} {
		c, m, d, slept = world(t, nil)
		m.status = r.status
		if sent, err := c.Drop(ctx, d.Code(), files, ""); !errors.Is(err, r.want) || m.asked != r.asked || sent.Documents != 0 {
			t.Errorf("%d: %v after %d, slept %v", r.status, err, m.asked, *slept)
		}
		if r.asked > 1 && !slices.Equal(*slept, []time.Duration{9 * time.Second, 9 * time.Second, 9 * time.Second}) {
			t.Errorf("%d: slept %v", r.status, *slept)
		}
	}
	c, m, d, _ = world(t, nil)
	m.lose = 100
	if _, err := c.Drop(ctx, d.Code(), files, ""); !errors.Is(err, share.ErrOffline) || m.asked != 4 {
		t.Errorf("%v after %d", err, m.asked)
	}
	if strings.Contains(fmt.Sprint(share.ErrOffline), d.ID) {
		t.Error("an error holds the mailbox")
	}
}

// Many documents, and large ones, go in as many messages as they need, in order,
// and the note goes with the first.
func TestMessages(t *testing.T) {
	large := append(append(bytes.Clone(messagetest.PDF[:len(messagetest.PDF)-18]), bytes.Repeat([]byte(" "), 6<<20)...), "startxref\n0\n%%EOF\n"...)
	for _, c := range []struct {
		small, large int
		note         string
		want         []int
	}{{0, 0, "a note", []int{0}}, {1, 0, "", []int{1}}, {20, 0, "n", []int{20}}, {41, 0, "n", []int{20, 20, 1}}, {1, 2, "n", []int{2, 1}}} {
		if raced && c.large > 0 {
			continue
		}
		cl, m, d, _ := world(t, nil)
		var files []clinic.File
		for i := range c.small {
			files = append(files, clinic.File{Name: fmt.Sprintf("%d.pdf", i), Body: append(bytes.Clone(messagetest.PDF), fmt.Sprint(i)...)})
		}
		for range c.large {
			files = append(files, clinic.File{Name: "large.pdf", Body: large})
		}
		sent, err := cl.Drop(ctx, d.Code(), files, c.note)
		if err != nil || sent.Documents != len(files) {
			t.Fatalf("%+v: %+v, %v", c, sent, err)
		}
		var sizes []int
		b := &inbox.Inbox{}
		at := 0
		for i, id := range m.ids {
			d.Expires = now.Add(time.Hour)
			a, err := b.Take(d, inbox.Letter{Number: int64(i), Time: now, Size: int64(len(m.entries[id])), Sealed: m.entries[id]}, now)
			if err != nil {
				t.Fatalf("%+v: %v", c, err)
			}
			got, _ := message.Parse(a.Body)
			for _, doc := range got.Documents {
				if doc.Name != files[at].Name || !bytes.Equal(doc.Body, files[at].Body) {
					t.Errorf("%+v: document %d is another", c, at)
				}
				at++
			}
			if sizes = append(sizes, len(got.Documents)); (got.Text == c.note) != (i == 0 || c.note == "") || got.ID != sent.Messages[i] {
				t.Errorf("%+v: note %q in message %d", c, got.Text, i)
			}
		}
		if !slices.Equal(sizes, c.want) {
			t.Errorf("%+v: %v", c, sizes)
		}
	}
}

// Everything is looked at before anything is sent.
func TestNothingSent(t *testing.T) {
	good := clinic.File{Name: "a.pdf", Body: messagetest.PDF}
	for name, c := range map[string]struct {
		edit  func(*inbox.Terms)
		files []clinic.File
		want  error
	}{
		"none":         {nil, nil, clinic.ErrNothing},
		"many":         {func(t *inbox.Terms) { t.Most = 1 }, []clinic.File{good, good}, clinic.ErrTooMany},
		"large":        {func(t *inbox.Terms) { t.Bytes = 100 }, []clinic.File{good, good}, clinic.ErrTooBig},
		"a bad second": {nil, []clinic.File{good, {Name: "b", Body: []byte("MZ\x00")}}, record.ErrUnknown},
		"a backup":     {nil, []clinic.File{good, {Name: "b", Body: []byte("age-encryption.org/v1\n-> X")}}, message.ErrKind},
	} {
		cl, m, d, _ := world(t, c.edit)
		_, err := cl.Drop(ctx, d.Code(), c.files, "")
		var file *clinic.FileError
		if !errors.Is(err, c.want) || m.asked != 0 || errors.As(err, &file) && file.N != 2 {
			t.Errorf("%s: %v, asked %d times", name, err, m.asked)
		}
	}
	cl, m, d, _ := world(t, func(t *inbox.Terms) { t.System = true })
	m.note = strings.Replace(m.note, "q", "p", 1)
	if _, err := cl.Drop(ctx, d.Code(), []clinic.File{good}, ""); !errors.Is(err, clinic.ErrRecipient) || len(m.ids) != 0 {
		t.Errorf("another recipient: %v", err)
	}
	cl.Now = func() time.Time { return d.Expires }
	if _, err := cl.Drop(ctx, d.Code(), []clinic.File{good}, ""); !errors.Is(err, inbox.ErrExpired) {
		t.Errorf("expired: %v", err)
	}
}

func TestKey(t *testing.T) {
	b, err := clinic.NewKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := clinic.ParseKey(b); err != nil {
		t.Error(err)
	}
	other, _ := clinic.NewKey(nil)
	var one, two map[string]string
	json.Unmarshal(b, &one)
	json.Unmarshal(other, &two)
	one["x"] = two["x"] // two signatures under it would give the secret away
	mixed, _ := json.Marshal(one)
	for _, bad := range []string{"", "{}", string(mixed), strings.Replace(string(b), `"d":"`, `"d":"A`, 1), strings.Replace(string(b), "Ed25519", "X25519", 1)} {
		if _, err := clinic.ParseKey([]byte(bad)); !errors.Is(err, clinic.ErrKey) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
