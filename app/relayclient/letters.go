package relayclient

import (
	"context"
	"errors"

	"potli/app/share"
)

// Letters is how sealed text gets into strangers' mailboxes: at our own relay straight,
// and at any other by another way, since the page's policy lets it reach no host but
// ours. elsewhere may be nil: then other relays are refused.
func Letters(c *Client, elsewhere Elsewhere) *Posting { return &Posting{c, elsewhere} }

// Elsewhere reaches relays that are not ours. Errors are those of Posting.
type Elsewhere interface {
	Note(ctx context.Context, relay, id string) (string, error)
	Deposit(ctx context.Context, relay, id, entry, sealed string) error
}

// Posting deposits letters.
type Posting struct {
	c         *Client
	elsewhere Elsewhere
}

// Note is what the relay at an origin tells senders of a mailbox: a one-time recipient,
// or "". Errors: share.ErrOffline, share.ErrGone, share.ErrBusy, share.ErrRefused.
func (p *Posting) Note(ctx context.Context, relay, id string) (string, error) {
	if relay != p.c.base {
		if p.elsewhere == nil {
			return "", share.ErrRefused
		}
		return p.elsewhere.Note(ctx, relay, id)
	}
	n, err := p.c.Note(ctx, id)
	return n.Note, err
}

// Deposit puts sealed text into a mailbox under an id of its own. nil: it is durable.
// Repeating it stores it once, also where the same letter was sealed again, which makes
// another text of it: who names entries by what is in them sends no other under the
// name. Errors as of Note: a full mailbox is share.ErrBusy, since its owner may make
// room.
func (p *Posting) Deposit(ctx context.Context, relay, id, entry, sealed string) error {
	if relay != p.c.base {
		if p.elsewhere == nil {
			return share.ErrRefused
		}
		return p.elsewhere.Deposit(ctx, relay, id, entry, sealed)
	}
	err := p.c.Deposit(ctx, id, entry, sealed)
	switch {
	case errors.Is(err, ErrOther):
		return nil
	case errors.Is(err, ErrFull):
		return share.ErrBusy
	}
	return err
}
