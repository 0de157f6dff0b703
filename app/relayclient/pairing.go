package relayclient

import (
	"context"
	"errors"
	"time"

	"potli/app/pair"
	"potli/app/share"
	"potli/app/traffic"
)

// Pairing is the relay's mailboxes as two devices use them that pair: both have the token, both deposit, both read.
type Pairing struct{ c *Client }

var _ pair.Mail = Pairing{}

// Pairing returns them.
func (c *Client) Pairing() Pairing { return Pairing{c} }

// An attempt has six messages and two farewells; the largest is the answer.
const (
	pairEntries = 16
	pairBytes   = 4 << 20
)

// Open makes the mailbox.
func (p Pairing) Open(ctx context.Context, b pair.Box, life time.Duration) error {
	_, err := p.c.Mailbox(b.ID, b.Token).Open(traffic.Because(ctx, traffic.Pair), Terms{Life: life, Entries: pairEntries, Bytes: pairBytes})
	return pairError(err)
}

// Deposit puts a message in.
func (p Pairing) Deposit(ctx context.Context, b pair.Box, id, sealed string) error {
	return pairError(p.c.Deposit(traffic.Because(ctx, traffic.Pair), b.ID, id, sealed))
}

// Wait returns what is new. What is larger than a message can be is not fetched, and comes empty: it is somebody else's.
func (p Pairing) Wait(ctx context.Context, b pair.Box, after int64) ([]pair.Entry, error) {
	ctx = traffic.Because(ctx, traffic.Pair)
	m := p.c.Mailbox(b.ID, b.Token)
	list, _, err := m.Wait(ctx, after)
	if err != nil {
		return nil, pairError(err)
	}
	out := make([]pair.Entry, len(list))
	for i, e := range list {
		out[i] = pair.Entry{Seq: e.Seq, ID: e.ID}
		if e.Size > pair.MaxMessage {
			continue
		}
		if out[i].Sealed, err = m.Fetch(ctx, e); err != nil {
			return nil, pairError(err)
		}
	}
	return out, nil
}

// Close ends the mailbox.
func (p Pairing) Close(ctx context.Context, b pair.Box) error {
	return pairError(p.c.Mailbox(b.ID, b.Token).Close(traffic.Because(ctx, traffic.Pair)))
}

// pairError says in the words of pair what share's errors mean here.
func pairError(err error) error {
	switch {
	case errors.Is(err, share.ErrGone):
		return pair.ErrGone
	case errors.Is(err, share.ErrOffline), errors.Is(err, share.ErrBusy):
		return pair.ErrOffline
	}
	return err
}
