package sync

import (
	"context"
	"errors"
	"slices"
)

// acknowledge lets the relay erase what nobody needs any more. In the mailboxes of
// epochs that have ended the last letters stay until they expire: they tell who
// comes late what has happened, also who was removed. Whom something is missing, as
// right after they were let in, may not know yet for whom else letters are: they erase
// none.
func (p *line) acknowledge(ctx context.Context) error {
	if len(p.unknownEntries()) > 0 {
		return nil
	}
	_, err := p.ack(ctx, p.reading(len(p.v.Epochs)-1), false)
	return err
}

// makeRoom does so for a mailbox that is full, without waiting for devices that
// were silent for long: what they miss they will ask for.
func (p *line) makeRoom(ctx context.Context, r reading) (bool, error) {
	return p.ack(ctx, r, true)
}

// ack erases what all devices have read, or all that are about, and own letters that
// held a report and nothing else, for which there is a newer one.
func (p *line) ack(ctx context.Context, r reading, about bool) (bool, error) {
	if p.log == nil {
		return false, nil // whoever else reads here is not known
	}
	upTo := p.seenByAll(r, about)
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
func (p *line) seenByAll(r reading, about bool) int64 {
	least := r.Read
	for _, d := range p.v.Readers {
		if d.Device == p.e.o.Device {
			continue
		}
		peer := p.n.Peers[d.Device]
		switch {
		case about && (peer == nil || !p.e.within(peer.Heard, stale)):
		case peer == nil:
			return 0
		default:
			least = min(least, peer.r.Seen[r.short()])
		}
	}
	return least
}
