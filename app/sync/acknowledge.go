package sync

import (
	"context"
	"errors"
	"math"
	"slices"
)

// acknowledge lets the relay erase what nobody needs any more. In the mailboxes of
// epochs that have ended the last letters stay until they expire: they tell who
// comes late what has happened, also who was removed.
func (p *line) acknowledge(ctx context.Context) error {
	_, err := p.ack(ctx, p.reading(len(p.v.Epochs)-1), math.MinInt64)
	return err
}

// makeRoom does so for a mailbox that is full, without waiting for devices that
// were silent for long: what they miss they will ask for.
func (p *line) makeRoom(ctx context.Context, r reading) (bool, error) {
	return p.ack(ctx, r, p.now()-int64(stale.Seconds()))
}

// ack erases what all devices have read that were heard since then, and own letters
// that held a report and nothing else, for which there is a newer one.
func (p *line) ack(ctx context.Context, r reading, since int64) (bool, error) {
	upTo := p.seenByAll(r, since)
	done := func(n int64) bool { return n <= upTo || n != r.LastAt && slices.Contains(r.Alone, n) }
	var numbers []int64
	for _, n := range r.Kept {
		if done(n) {
			numbers = append(numbers, n)
		}
	}
	if len(numbers) == 0 {
		return false, nil
	}
	err := p.mail().Ack(ctx, r.Box, numbers)
	if errors.Is(err, ErrGone) {
		delete(p.opened, r.ID)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	r.Kept, r.Alone, p.dirty = slices.DeleteFunc(r.Kept, done), slices.DeleteFunc(r.Alone, done), true
	return true, nil
}

// seenByAll is the number up to which every device has a mailbox.
func (p *line) seenByAll(r reading, since int64) int64 {
	least := r.Read
	for _, d := range p.v.Readers {
		if d.Device == p.e.o.Device {
			continue
		}
		peer := p.n.Peers[d.Device]
		switch {
		case peer == nil && since > math.MinInt64, peer != nil && peer.Heard < since:
		case peer == nil:
			return 0
		default:
			least = min(least, peer.r.Seen[r.short()])
		}
	}
	return least
}
