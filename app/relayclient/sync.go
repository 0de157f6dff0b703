package relayclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"potli/app/share"
	"potli/app/sync"
	"potli/app/traffic"
	"potli/relay/wire"
)

// Mail is the relay's mailboxes as package sync asks for them.
func (c *Client) Mail() sync.Mail { return mail{c} }

type mail struct{ c *Client }

var _ sync.Live = mail{}

// because says what every request of this adapter is for.
func because(ctx context.Context) context.Context { return traffic.Because(ctx, traffic.Sync) }

func (m mail) box(b sync.Box) *Mailbox { return m.c.Mailbox(b.ID, b.Token) }

// Open makes or prolongs a mailbox with all the room that one may have.
func (m mail) Open(ctx context.Context, b sync.Box, life time.Duration) (sync.Standing, error) {
	st, err := m.box(b).Open(because(ctx), Terms{Life: life, Entries: wire.MaxMailboxEntries, Bytes: wire.MaxMailboxBytes})
	if err != nil {
		return sync.Standing{}, mailError(err)
	}
	return sync.Standing{Now: st.Now, Created: st.Created, Expires: st.Expires, Highest: st.Highest}, nil
}

func (m mail) List(ctx context.Context, b sync.Box, after int64) ([]sync.Letter, bool, error) {
	list, more, err := m.box(b).List(because(ctx), after)
	if err != nil {
		return nil, false, mailError(err)
	}
	letters := make([]sync.Letter, len(list))
	for i, e := range list {
		letters[i] = sync.Letter{Number: e.Seq, ID: e.ID, Size: e.Size, Sealed: e.Sealed}
	}
	return letters, more, nil
}

func (m mail) Fetch(ctx context.Context, b sync.Box, l sync.Letter) (string, error) {
	text, err := m.box(b).Fetch(because(ctx), wire.Entry{Seq: l.Number, ID: l.ID, Size: l.Size, Sealed: l.Sealed})
	return text, mailError(err)
}

func (m mail) Deposit(ctx context.Context, b sync.Box, id, sealed string) error {
	return mailError(m.c.Deposit(because(ctx), b.ID, id, sealed))
}

func (m mail) Ack(ctx context.Context, b sync.Box, numbers []int64) error {
	return mailError(m.box(b).Ack(because(ctx), numbers...))
}

// Hear implements sync.Live.
func (m mail) Hear(ctx context.Context, b sync.Box, arrived func(highest int64)) error {
	err := m.box(b).Hear(ctx, func(seq int64) error { arrived(seq); return nil })
	if errors.Is(err, ErrNoLive) {
		return sync.ErrNoLive
	}
	return mailError(err)
}

// mailError names an error as package sync does, and keeps what it was: a busy
// relay says how long to wait.
func mailError(err error) error {
	for _, c := range []struct{ was, is error }{
		{share.ErrGone, sync.ErrGone}, {ErrTaken, sync.ErrClosed}, {ErrFull, sync.ErrFull}, {ErrOther, sync.ErrKnown},
		{share.ErrRefused, sync.ErrRefused}, {share.ErrTooBig, sync.ErrRefused}, {context.Canceled, context.Canceled},
	} {
		if errors.Is(err, c.was) {
			return c.is
		}
	}
	if err != nil {
		return fmt.Errorf("%w: %w", sync.ErrOffline, err)
	}
	return nil
}
