package relayclient

import (
	"context"
	"time"

	"potli/app/inbox"
	"potli/relay/wire"
)

// Drops is the relay's mailboxes as package inbox asks for them.
func Drops(c *Client) inbox.Mail { return drops{c} }

type drops struct{ c *Client }

func (m drops) box(b inbox.Box) *Mailbox { return m.c.Mailbox(b.ID, b.Token) }

// Open makes or prolongs a mailbox with all the room that one may have: what is
// too much is for the owner to say, and a sender who finds no room is told so.
func (m drops) Open(ctx context.Context, b inbox.Box, life time.Duration, note string) (inbox.Standing, error) {
	return standing(m.box(b).Open(ctx, Terms{Life: life, Entries: wire.MaxMailboxEntries, Bytes: wire.MaxMailboxBytes, Note: note}))
}

func (m drops) Status(ctx context.Context, b inbox.Box) (inbox.Standing, error) {
	return standing(m.box(b).Status(ctx))
}

func standing(s wire.MailboxStatus, err error) (inbox.Standing, error) {
	if err != nil {
		return inbox.Standing{}, err
	}
	return inbox.Standing{Now: time.Unix(s.Now, 0).UTC(), Created: s.Created, Entries: s.Entries}, nil
}

func (m drops) List(ctx context.Context, b inbox.Box, after int64) ([]inbox.Letter, bool, error) {
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

func (m drops) Fetch(ctx context.Context, b inbox.Box, l inbox.Letter) (string, error) {
	return m.box(b).Fetch(ctx, wire.Entry{Seq: l.Number, Size: l.Size, Sealed: l.Sealed})
}

func (m drops) Ack(ctx context.Context, b inbox.Box, numbers []int64) error {
	return m.box(b).Ack(ctx, numbers...)
}

func (m drops) Close(ctx context.Context, b inbox.Box) error { return m.box(b).Close(ctx) }
