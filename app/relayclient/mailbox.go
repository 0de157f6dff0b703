package relayclient

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"potli/app/share"
	"potli/app/traffic"
	"potli/relay/wire"
)

// Errors of mailboxes, beside those of package share that mean the same for links.
var (
	// ErrTaken: the id belongs to somebody else, or its mailbox has ended.
	ErrTaken = errors.New("this id is taken")
	// ErrFull: the mailbox has no room for the entry. Its owner must come first.
	ErrFull = errors.New("the mailbox is full")
	// ErrOther: another entry was deposited under this id.
	ErrOther = errors.New("another entry has this id")
	// ErrNoLive: the relay and this HTTP have no way in common to tell of arrivals.
	ErrNoLive = errors.New("nothing tells of arrivals")
)

// Terms are what an owner asks of a mailbox.
type Terms struct {
	Life    time.Duration
	Entries int64  // kept at one time
	Bytes   int64  // of their sealed text
	Note    string // a one-time hybrid age recipient, told to whoever knows the id; or ""
}

// Mailbox is a mailbox of this wallet: the id is for those who may put something in, the token for its owner. It keeps no
// state, and works the same whatever engine the relay runs on.
type Mailbox struct {
	c         *Client
	id, token string
}

// Mailbox returns the owner's side of a mailbox, which Open makes.
func (c *Client) Mailbox(id, token string) *Mailbox { return &Mailbox{c, id, token} }

// Open makes the mailbox, or gives it other terms; it then ends no earlier than it would have. Repeating it is harmless.
func (m *Mailbox) Open(ctx context.Context, t Terms) (wire.MailboxStatus, error) {
	ctx = traffic.Because(ctx, traffic.DropMake)
	sum := sha256.Sum256([]byte(m.token))
	body := wire.OpenMailbox{
		Token: b64.EncodeToString(sum[:]), Life: int64(t.Life / time.Second), Entries: t.Entries, Bytes: t.Bytes, Note: t.Note,
	}
	q := m.request("PUT", "")
	q.Header["If-None-Match"] = "*"
	return m.status(ctx, q, body)
}

// Status asks how the mailbox stands. A Created that is not the one of before means that it is another mailbox, which began
// again at number 1.
func (m *Mailbox) Status(ctx context.Context) (wire.MailboxStatus, error) {
	return m.status(traffic.Because(ctx, traffic.DropLook), m.request("GET", ""), nil)
}

func (m *Mailbox) status(ctx context.Context, q Request, body any) (s wire.MailboxStatus, err error) {
	err = m.c.ask(ctx, m.id, q, body, &s)
	if err == nil && (s.Now <= 0 || s.Created <= 0) {
		err = fmt.Errorf("%w: an answer that is none", share.ErrOffline)
	}
	return s, err
}

// List returns entries with a number above after, in order; more says that there are others. Large ones come without their
// sealed text, which Fetch has.
func (m *Mailbox) List(ctx context.Context, after int64) (list []wire.Entry, more bool, err error) {
	return m.list(ctx, after, 0)
}

// Wait is List which, when there is nothing, waits for something to arrive, for some 25 seconds at most.
func (m *Mailbox) Wait(ctx context.Context, after int64) (list []wire.Entry, more bool, err error) {
	return m.list(ctx, after, wire.MaxWait)
}

func (m *Mailbox) list(ctx context.Context, after int64, wait time.Duration) ([]wire.Entry, bool, error) {
	ctx = traffic.Because(ctx, traffic.DropLook)
	q := m.request("GET", fmt.Sprintf("/entries?after=%d&wait=%d", after, int64(wait/time.Second)))
	q.Limit = 2*wire.EntriesPage + 1<<20 // with JSON around it
	var got wire.Entries
	if err := m.c.ask(ctx, m.id, q, nil, &got); err != nil {
		return nil, false, err
	}
	// A number that does not grow would be read for ever.
	for i, e := range got.Entries {
		if e.Seq <= after || i > 0 && e.Seq <= got.Entries[i-1].Seq {
			return nil, false, fmt.Errorf("%w: numbers out of order", share.ErrOffline)
		}
	}
	if got.Entries == nil || got.More && len(got.Entries) == 0 {
		return nil, false, fmt.Errorf("%w: an answer that is none", share.ErrOffline)
	}
	return got.Entries, got.More, nil
}

// Fetch returns the sealed text of an entry.
func (m *Mailbox) Fetch(ctx context.Context, e wire.Entry) (string, error) {
	if e.Sealed != "" {
		return e.Sealed, nil
	}
	ctx = traffic.Because(ctx, traffic.DropLook)
	q := m.request("GET", "/entry?seq="+strconv.FormatInt(e.Seq, 10))
	q.Limit = wire.MaxEntry
	resp, err := do(ctx, m.c.http, q)
	switch {
	case err != nil:
		return "", err
	case resp.Status != 200:
		return "", failure(resp)
	case int64(len(resp.Body)) != e.Size:
		return "", fmt.Errorf("%w: an answer that is none", share.ErrOffline)
	}
	return string(resp.Body), nil
}

// Ack lets the relay erase entries: call it when they are safe elsewhere. Repeating it is harmless.
func (m *Mailbox) Ack(ctx context.Context, seqs ...int64) error {
	ctx = traffic.Because(ctx, traffic.DropLook)
	for some := range slices.Chunk(seqs, wire.MaxMailboxEntries) {
		if err := m.c.ask(ctx, m.id, m.request("POST", "/ack"), wire.Acknowledge{Seqs: some}, nil); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the mailbox for good. nil means that nobody gets or puts anything any more.
func (m *Mailbox) Close(ctx context.Context) error {
	err := m.c.ask(traffic.Because(ctx, traffic.DropMake), m.id, m.request("DELETE", ""), nil, nil)
	if errors.Is(err, share.ErrGone) {
		return nil // the relay knows no such mailbox
	}
	return err
}

// About asks what the relay offers.
func (c *Client) About(ctx context.Context) (a wire.About, err error) {
	q := Request{Method: "GET", URL: c.base + wire.AboutPath, Header: map[string]string{}, Limit: maxAnswer}
	return a, c.ask(traffic.Because(ctx, traffic.Live), "", q, nil, &a)
}

// Note asks what a sender must know of a mailbox.
func (c *Client) Note(ctx context.Context, id string) (n wire.MailboxNote, err error) {
	q := Request{Method: "GET", URL: c.base + wire.MailboxPath + id, Header: map[string]string{}, Limit: maxAnswer}
	return n, c.ask(traffic.Because(ctx, traffic.Letter), id, q, nil, &n)
}

// Deposit puts a sealed entry into somebody's mailbox, under an id of 16 random bytes in base64url. nil means that it is
// durable. After any error but ErrFull, ErrOther and share.ErrGone, the same call may be repeated: the entry is stored once.
func (c *Client) Deposit(ctx context.Context, mailbox, id, sealed string) error {
	q := Request{Method: "POST", URL: c.base + wire.MailboxPath + mailbox, Header: map[string]string{}, Limit: maxAnswer}
	var got wire.Deposited
	err := c.ask(traffic.Because(ctx, traffic.Letter), mailbox, q, wire.Deposit{ID: id, Sealed: sealed}, &got)
	if err == nil && got.ID != id {
		err = fmt.Errorf("%w: an answer that is none", share.ErrOffline)
	}
	return err
}

func (m *Mailbox) request(method, path string) Request {
	return Request{
		Method: method, URL: m.c.base + wire.MailboxesPath + m.id + path,
		Header: map[string]string{"Authorization": "Bearer " + m.token}, Limit: maxAnswer,
	}
}

// ask performs a request with a body, if there is one, and reads the answer into v, if that is wanted.
func (c *Client) ask(ctx context.Context, id string, q Request, body, v any) error {
	if body != nil {
		var err error
		if q.Body, err = json.Marshal(body); err != nil {
			return err
		}
		q.Header["Content-Type"] = "application/json"
	}
	resp, err := c.exchange(ctx, id, q)
	switch {
	case resp.Status == 409:
		return ErrOther
	case resp.Status == 412:
		return ErrTaken
	case resp.Status == 507:
		return ErrFull
	}
	if err == nil && v != nil && (resp.Status == 204 || json.Unmarshal(resp.Body, v) != nil) {
		err = fmt.Errorf("%w: an answer that is none", share.ErrOffline)
	}
	return err
}
