package relayclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"potli/app/inbox"
	"potli/app/share"
	"potli/app/traffic"
	"potli/relay/wire"
)

// Drops is the relay's mailboxes as package inbox asks for them.
func Drops(c *Client) *Postbox { return &Postbox{c} }

// Postbox is the relay as the owner of drop codes sees it: an inbox.Mail, and who is
// told of what arrives while nobody asks.
type Postbox struct{ c *Client }

var _ inbox.Mail = (*Postbox)(nil)

func (m *Postbox) box(b inbox.Box) *Mailbox { return m.c.Mailbox(b.ID, b.Token) }

// Open makes or prolongs a mailbox with all the room that one may have: what is
// too much is for the owner to say, and a sender who finds no room is told so.
func (m *Postbox) Open(ctx context.Context, b inbox.Box, life time.Duration, note string) (inbox.Standing, error) {
	s, err := standing(m.box(b).Open(ctx, Terms{Life: life, Entries: wire.MaxMailboxEntries, Bytes: wire.MaxMailboxBytes, Note: note}))
	if errors.Is(err, ErrTaken) { // it has ended, and its id is not free again
		err = fmt.Errorf("%w: %w", share.ErrGone, err)
	}
	return s, err
}

func (m *Postbox) Status(ctx context.Context, b inbox.Box) (inbox.Standing, error) {
	return standing(m.box(b).Status(ctx))
}

func standing(s wire.MailboxStatus, err error) (inbox.Standing, error) {
	if err != nil {
		return inbox.Standing{}, err
	}
	return inbox.Standing{Now: time.Unix(s.Now, 0).UTC(), Created: s.Created, Entries: s.Entries}, nil
}

func (m *Postbox) List(ctx context.Context, b inbox.Box, after int64) ([]inbox.Letter, bool, error) {
	list, more, err := m.box(b).List(ctx, after)
	if err != nil {
		return nil, false, err
	}
	letters := make([]inbox.Letter, len(list))
	for i, e := range list {
		letters[i] = inbox.Letter{Number: e.Seq, Time: time.Unix(e.Time, 0).UTC(), Size: e.Size, Sealed: e.Sealed}
	}
	return letters, more, nil
}

func (m *Postbox) Fetch(ctx context.Context, b inbox.Box, l inbox.Letter) (string, error) {
	return m.box(b).Fetch(ctx, wire.Entry{Seq: l.Number, Size: l.Size, Sealed: l.Sealed})
}

func (m *Postbox) Ack(ctx context.Context, b inbox.Box, numbers []int64) error {
	return m.box(b).Ack(ctx, numbers...)
}

func (m *Postbox) Close(ctx context.Context, b inbox.Box) error { return m.box(b).Close(ctx) }

// PushKey is the key that a browser subscribes under to be told of arrivals, "" where
// the relay tells nobody.
func (m *Postbox) PushKey(ctx context.Context) (string, error) {
	about, err := m.c.About(traffic.Because(ctx, traffic.Notify))
	return about.Push, err
}

// SetPush has a subscription of a browser told of what arrives in a mailbox, ClearPush
// no longer. Both may be repeated.
func (m *Postbox) SetPush(ctx context.Context, b inbox.Box, endpoint, p256dh, auth string) error {
	return m.push(ctx, "PUT", b, wire.Push{Endpoint: endpoint, P256dh: p256dh, Auth: auth})
}

// ClearPush undoes SetPush.
func (m *Postbox) ClearPush(ctx context.Context, b inbox.Box, endpoint, p256dh, auth string) error {
	return m.push(ctx, "DELETE", b, wire.Push{Endpoint: endpoint, P256dh: p256dh, Auth: auth})
}

func (m *Postbox) push(ctx context.Context, method string, b inbox.Box, p wire.Push) error {
	return m.c.ask(traffic.Because(ctx, traffic.Notify), b.ID, m.box(b).request(method, "/push"), p, nil)
}
