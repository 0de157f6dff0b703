package wallet_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"potli/app/clinic"
	"potli/app/inbox"
	"potli/app/message"
	"potli/app/relayclient"
	"potli/app/share"
	"potli/app/wallet"
)

const relayOrigin = "https://relay.example"

// office is a relay's mailboxes in memory, for owners and for who puts letters in.
type office struct {
	clock *clock // the relay's own

	mu      sync.Mutex
	offline bool
	boxes   map[string]*pigeonhole
	pushed  map[string]string // mailbox -> endpoint
}

type pigeonhole struct {
	token, note   string
	ends, highest int64
	closed        bool
	letters       []inbox.Letter
	ids           map[string]bool
}

func newOffice() *office {
	return &office{clock: newClock(), boxes: map[string]*pigeonhole{}, pushed: map[string]string{}}
}

func (o *office) away(offline bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.offline = offline
}

// box begins a request of an owner; the caller unlocks o.
func (o *office) box(b inbox.Box) (*pigeonhole, error) {
	o.mu.Lock()
	box := o.boxes[b.ID]
	switch {
	case o.offline:
		return nil, share.ErrOffline
	case box == nil || box.closed || box.token != b.Token:
		return nil, share.ErrGone
	}
	return box, nil
}

func (o *office) standing(p *pigeonhole) inbox.Standing {
	return inbox.Standing{Now: o.clock.now(), Created: 1, Entries: int64(len(p.letters))}
}

func (o *office) Open(_ context.Context, b inbox.Box, life time.Duration, note string) (inbox.Standing, error) {
	p, err := o.box(b)
	defer o.mu.Unlock()
	if err != nil && (errors.Is(err, share.ErrOffline) || o.boxes[b.ID] != nil) {
		return inbox.Standing{}, err
	}
	if p == nil {
		p = &pigeonhole{token: b.Token, note: note, ids: map[string]bool{}}
		o.boxes[b.ID] = p
	}
	p.ends = o.clock.now().Add(life).Unix()
	return o.standing(p), nil
}

func (o *office) Status(_ context.Context, b inbox.Box) (inbox.Standing, error) {
	p, err := o.box(b)
	defer o.mu.Unlock()
	if err != nil {
		return inbox.Standing{}, err
	}
	return o.standing(p), nil
}

func (o *office) List(_ context.Context, b inbox.Box, after int64) (list []inbox.Letter, more bool, err error) {
	p, err := o.box(b)
	defer o.mu.Unlock()
	if err != nil {
		return nil, false, err
	}
	for _, l := range p.letters {
		if l.Number <= after {
			continue
		}
		if len(list) == 200 {
			return list, true, nil
		}
		if l.Size > 64<<10 {
			l.Sealed = ""
		}
		list = append(list, l)
	}
	return list, false, nil
}

func (o *office) Fetch(_ context.Context, b inbox.Box, l inbox.Letter) (string, error) {
	p, err := o.box(b)
	defer o.mu.Unlock()
	if err != nil {
		return "", err
	}
	for _, kept := range p.letters {
		if kept.Number == l.Number {
			return kept.Sealed, nil
		}
	}
	return "", share.ErrGone
}

func (o *office) Ack(_ context.Context, b inbox.Box, numbers []int64) error {
	p, err := o.box(b)
	defer o.mu.Unlock()
	if err == nil {
		p.letters = slices.DeleteFunc(p.letters, func(l inbox.Letter) bool { return slices.Contains(numbers, l.Number) })
	}
	return err
}

func (o *office) Close(_ context.Context, b inbox.Box) error {
	p, err := o.box(b)
	defer o.mu.Unlock()
	if err == nil {
		p.closed = true
	}
	return err
}

func (o *office) PushKey(context.Context) (string, error) { return "key", nil }

func (o *office) SetPush(_ context.Context, b inbox.Box, endpoint, _, _ string) error {
	_, err := o.box(b)
	defer o.mu.Unlock()
	if err == nil {
		o.pushed[b.ID] = endpoint
	}
	return err
}

func (o *office) ClearPush(_ context.Context, b inbox.Box, endpoint, _, _ string) error {
	_, err := o.box(b)
	defer o.mu.Unlock()
	if err == nil && o.pushed[b.ID] == endpoint {
		delete(o.pushed, b.ID)
	}
	return err
}

// Do is the side of those who put letters in.
func (o *office) Do(_ context.Context, r relayclient.Request) (relayclient.Response, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	answer := func(status int, v any) (relayclient.Response, error) {
		body, err := json.Marshal(v)
		return relayclient.Response{Status: status, Body: body, Header: map[string]string{}}, err
	}
	id, ok := strings.CutPrefix(r.URL, relayOrigin+"/m/")
	p := o.boxes[id]
	switch {
	case o.offline:
		return relayclient.Response{}, errors.New("no network")
	case !ok || p == nil || p.closed:
		return answer(404, struct{}{})
	case r.Method == "GET":
		return answer(200, map[string]string{"note": p.note})
	}
	var d struct{ ID, Sealed string }
	if err := json.Unmarshal(r.Body, &d); err != nil {
		return answer(400, struct{}{})
	}
	if !p.ids[d.ID] {
		p.ids[d.ID] = true
		p.highest++
		p.letters = append(p.letters, inbox.Letter{Number: p.highest, Time: o.clock.now(), Size: int64(len(d.Sealed)), Sealed: d.Sealed})
	}
	return answer(201, map[string]string{"id": d.ID})
}

// patient is a wallet at such a relay.
func patient(t testing.TB) (*bench, *office) {
	t.Helper()
	o, b := newOffice(), newBench(t)
	b.deps.Drops, b.deps.RelayOrigin = o, relayOrigin
	b.restart()
	return b.create(), o
}

func hospital(t testing.TB, h relayclient.HTTP, signed bool) *clinic.Clinic {
	t.Helper()
	c := &clinic.Clinic{HTTP: h, Now: newClock().now, From: message.Sender{Name: "City Hospital"}, Sleep: func(context.Context, time.Duration) error { return nil }}
	if signed {
		jwk, err := clinic.NewKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.Key, err = clinic.ParseKey(jwk); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// visit makes a code, and returns what the clinic reads from it.
func (b *bench) visit(o wallet.DropOffer) (string, inbox.Code) {
	b.t.Helper()
	if o.Life == 0 {
		o = wallet.DropOffer{Person: b.Snapshot().Current, Name: "Meera S", Life: time.Hour, Most: 50, Bytes: 60 << 20, System: o.System}
	}
	id, err := b.MakeDrop(b.t.Context(), o)
	if err != nil {
		b.t.Fatal(err)
	}
	link, ok := b.DropLink(id)
	code, err := inbox.ParseCode(link)
	if !ok || err != nil || code.ID != id || code.Name != o.Name || code.Check(b.clock.now()) != nil {
		b.t.Fatalf("link %q: %+v, %v", link, code, err)
	}
	return id, code
}

func (b *bench) give(c *clinic.Clinic, code inbox.Code, note string, files ...clinic.File) clinic.Sent {
	b.t.Helper()
	sent, err := c.Drop(b.t.Context(), code, files, note)
	if err != nil {
		b.t.Fatal(err)
	}
	return sent
}

func (b *bench) checked() *wallet.InboxState {
	b.t.Helper()
	if err := b.CheckInbox(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	return b.Snapshot().Inbox
}

// unlocked opens the wallet and waits for its inbox.
func (b *bench) unlocked() *wallet.InboxState {
	b.t.Helper()
	b.unlock()
	b.until(func(s *wallet.Snapshot) bool { return s.Inbox != nil })
	return b.Snapshot().Inbox
}

func pdf(text string, size int) []byte {
	return []byte("%PDF-1.4\n%" + text + strings.Repeat(" ", size) + "\nstartxref\n0\n%%EOF\n")
}

func letter(name string, body []byte) clinic.File { return clinic.File{Name: name, Body: body} }
