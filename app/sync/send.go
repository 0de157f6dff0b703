package sync

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"potli/crypto/chain"
)

// full is how many bytes of items a frame has, about: with padding and base64 it
// stays under 1 MiB. A slow network loses no more than that when it breaks off, and
// a thousand records need some twenty frames.
const full = 640 << 10

// send brings everything to the relay that is to go there. Every frame has a
// report, so that whoever reads it knows whether more is coming and what the
// sender has; when there is nothing to send but something to tell, a frame has a
// report alone.
func (p *line) send(ctx context.Context) error {
	defer func() { p.lastID, p.last = "", nil }() // it may be large
	return p.sendAll(ctx, p.plan)
}

// farewell sends what tells those who are no longer there that they are out, when
// nobody else is left: what this device wrote up to the newest epoch.
func (p *line) farewell(ctx context.Context) error {
	return p.sendAll(ctx, func(context.Context) (*flight, error) {
		newest := p.names[len(p.names)-1]
		f := &flight{Box: newest, Sent: p.n.Sent}
		if p.planOwn(f); len(f.Refs) == 0 || f.Box == newest || p.n.box(f.Box).Created == 0 {
			return nil, nil // or nobody ever was
		}
		return p.ready(f)
	})
}

// goodbye tells those who stay that this user has left, and what was written before.
func (p *line) goodbye(ctx context.Context) error {
	if !p.v.Left || len(p.v.Epochs) == 0 {
		return nil
	}
	return p.sendAll(ctx, func(ctx context.Context) (*flight, error) {
		f := &flight{Box: p.names[len(p.names)-1], Sent: p.n.Sent}
		if err := p.planQueue(ctx, f, p.planOwn(f)); err != nil || len(f.Refs) == 0 {
			return nil, err
		}
		return p.ready(f)
	})
}

func (p *line) sendAll(ctx context.Context, plan func(context.Context) (*flight, error)) error {
	for {
		if p.n.Flight == nil {
			f, err := plan(ctx)
			if err != nil || f == nil {
				return err
			}
			// Kept before it is sent, with the id and the number of the report:
			// after a crash the same letter is sent again, and known.
			p.n.Flight, p.dirty = f, true
			if err := p.save(ctx); err != nil {
				return err
			}
		}
		if err := p.fly(ctx, p.n.Flight); err != nil {
			return err
		}
	}
}

// plan decides what the next letter holds, nil when there is none to write.
func (p *line) plan(ctx context.Context) (*flight, error) {
	f := &flight{Box: p.names[len(p.names)-1], Sent: p.n.Sent}
	if err := p.planQueue(ctx, f, p.planOwn(f)); err != nil {
		return nil, err
	}
	if len(f.Refs) == 0 && !p.speaks() {
		if f.Box = p.lonely(); f.Box == "" {
			return nil, nil
		}
	}
	return p.ready(f)
}

// ready gives a letter its id and the number of its report.
func (p *line) ready(f *flight) (*flight, error) {
	var id [16]byte
	if _, err := io.ReadFull(p.e.o.Rand, id[:]); err != nil {
		return nil, fmt.Errorf("no randomness: %w", err)
	}
	p.n.Said++
	f.ID, f.N = b64.EncodeToString(id[:]), p.n.Said
	return f, nil
}

// planOwn adds this device's own entries that were not sent yet, those of one
// mailbox, and queues the records that they bring.
func (p *line) planOwn(f *flight) (size int) {
	first := true
	for _, e := range p.unsent(p.n.Sent) {
		home := p.home(e)
		if first {
			f.Box, first = home, false
		}
		if home != f.Box || size > 0 && size+len(e.Bytes()) > full || len(f.Refs) == maxItems/2 {
			break
		}
		h := e.Hash()
		f.Refs, f.Sent, size = append(f.Refs, ref{Entry: &h}), e.N, size+len(e.Bytes())
		for _, id := range p.e.o.Store.Brings(e) {
			p.queue(ref{Record: id}, nil)
		}
	}
	return size
}

// unsent are the own entries that come after the n-th, in their order.
func (p *line) unsent(n uint64) (list []*chain.Entry) {
	if p.log == nil || p.own() <= n {
		return nil
	}
	for _, e := range p.log.Entries() {
		if e.N > n && b64.EncodeToString(e.Key) == p.e.self {
			list = append(list, e)
		}
	}
	return list
}

// home is the mailbox where an entry belongs.
func (p *line) home(e *chain.Entry) string { return p.names[p.place(e)] }

// place is that of the newest epoch announced before an entry. So an announcement
// lies where those are who do not know it yet, and what was written after it does
// not; but for what gives them the epoch, where it can be read there.
func (p *line) place(e *chain.Entry) int {
	for i := len(p.v.Epochs) - 1; i > 0; i-- {
		if p.log.Before(p.v.Epochs[i].Announced, e.Hash()) && !p.hands(i, e) {
			return i
		}
	}
	return 0
}

// hands says whether an entry gives an epoch to somebody, and comes after nothing
// but its announcement that lies in its mailbox.
func (p *line) hands(i int, e *chain.Entry) bool {
	last := p.v.Epochs[i].Announced
	return slices.Contains(p.v.Epochs[i].Given, e.Hash()) && !slices.ContainsFunc(e.Prev, func(h chain.Hash) bool {
		prev := p.log.Get(h)
		return h != last && !p.log.Before(h, last) && (prev == nil || p.place(prev) >= i)
	})
}

// planQueue adds what was queued for the mailbox of f, or, when f is empty yet,
// for any.
func (p *line) planQueue(ctx context.Context, f *flight, size int) error {
	newest := p.names[len(p.names)-1]
	for i := 0; i < len(p.n.Queue) && len(f.Refs) < maxItems-1; i++ {
		r := p.n.Queue[i]
		to := newest
		if _, known := p.boxes[r.Box]; known {
			to = r.Box
		}
		if len(f.Refs) == 0 {
			f.Box = to
		}
		if to != f.Box {
			continue
		}
		n, err := p.weight(ctx, r)
		switch {
		case errors.Is(err, ErrNone): // deleted since it was asked for
			p.unqueue(i)
			i--
			continue
		case err != nil:
			return err
		case r.Record != "" && !r.Part && n > PartSize:
			p.divide(i, n)
			i--
			continue
		case size > 0 && size+n > full:
			return nil
		}
		f.Refs, size = append(f.Refs, r), size+n
	}
	return nil
}

// weight is how many bytes an item has.
func (p *line) weight(ctx context.Context, r ref) (int, error) {
	body, err := p.body(ctx, r)
	return len(body), err
}

// divide replaces a large record in the queue by its parts.
func (p *line) divide(i, size int) {
	whole := p.n.Queue[i]
	p.unqueue(i)
	var parts []ref
	for at := 0; at < size; at += PartSize {
		part := whole
		part.At, part.Part = at, true
		parts = append(parts, part)
	}
	p.n.Queue, p.queued = slices.Insert(p.n.Queue, i, parts...), nil
}

func (p *line) unqueue(i int) {
	p.n.Queue, p.dirty, p.queued = slices.Delete(p.n.Queue, i, i+1), true, nil
}

// body reads an item: ErrNone when there is no such thing, or no longer.
func (p *line) body(ctx context.Context, r ref) ([]byte, error) {
	if r.Entry != nil {
		if e := p.log.Get(*r.Entry); e != nil {
			return e.Bytes(), nil
		}
		return nil, ErrNone
	}
	if p.lastID != r.Record { // the parts of a record come one after the other
		body, err := p.e.o.Store.Record(ctx, p.profile, r.Record)
		if err != nil {
			return nil, err
		}
		p.lastID, p.last = r.Record, body
	}
	if !r.Part {
		return p.last, nil
	}
	if r.At < 0 || r.At >= len(p.last) || len(p.last) <= PartSize {
		return nil, ErrNone
	}
	return p.last[r.At:min(r.At+PartSize, len(p.last))], nil
}

// fly sends a letter, and notes that it is there.
func (p *line) fly(ctx context.Context, f *flight) error {
	i, known := p.boxes[f.Box]
	if !known { // its epoch is no longer held: what is in it goes another way
		p.n.Flight, p.dirty = nil, true
		return nil
	}
	r := p.reading(i)
	items, said, err := p.load(ctx, f, r)
	if err != nil {
		return err
	}
	text, err := p.e.seal(items, r.identity.Recipient())
	if err != nil {
		return err
	}
	if err := p.deposit(ctx, r, f.ID, text); errors.Is(err, errMoved) {
		p.n.Flight, p.dirty = nil, true // it is written anew, for where the mailbox is now
		return nil
	} else if err != nil {
		return err
	}
	return p.landed(ctx, f, r, said)
}

// load reads what a letter is to hold.
func (p *line) load(ctx context.Context, f *flight, r reading) (items []item, said *report, err error) {
	for _, ref := range f.Refs {
		body, err := p.body(ctx, ref)
		if errors.Is(err, ErrNone) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		it := item{Kind: kindEntry, Body: body}
		if ref.Record != "" {
			it.Kind, it.ID = kindRecord, ref.Record
		}
		if ref.Part {
			it.Kind, it.At, it.Of = kindPart, ref.At, len(p.last)
		}
		items = append(items, it)
	}
	said = p.report(f)
	body, err := said.sign(p.e.o.Signer)
	if err != nil {
		return nil, nil, err
	}
	return append(items, item{Kind: kindReport, Body: body}), said, nil
}

// deposit puts a letter into a mailbox. A full one is tried again when there was
// something that could be erased.
func (p *line) deposit(ctx context.Context, r reading, id, text string) error {
	put := func() error { return p.mail().Deposit(ctx, r.Box, id, text) }
	err := p.there(ctx, r, put)
	if errors.Is(err, ErrFull) {
		var room bool
		if room, err = p.makeRoom(ctx, r); err == nil {
			if err = ErrFull; room {
				err = p.there(ctx, r, put)
			}
		}
	}
	switch {
	case errors.Is(err, ErrKnown): // it went there before the program ended
		return nil
	case errors.Is(err, ErrRefused):
		// The letter, as it is, goes nowhere: another one is written next time.
		p.n.Flight, p.dirty = nil, true
	}
	return err
}

// landed notes that a letter is at the relay.
func (p *line) landed(ctx context.Context, f *flight, r reading, said *report) error {
	gone := map[string]bool{}
	for _, ref := range f.Refs {
		gone[ref.key()] = true
		p.recent[f.Box+ref.key()] = sent{at: p.now(), letter: f.ID}
	}
	to := func(box string) bool { return box == f.Box || box == "" && r.newest }
	p.n.Queue = slices.DeleteFunc(p.n.Queue, func(q ref) bool { return gone[q.key()] && to(q.Box) })
	p.queued = nil
	p.n.Sent, p.n.Flight = max(p.n.Sent, f.Sent), nil
	if r.Out == nil {
		r.Out = map[string]bool{}
	}
	r.Out[f.ID] = len(f.Refs) == 0
	p.dirty = true
	if said.Only != "" {
		r.Spoke = p.now()
	} else {
		p.n.SaidAt, p.n.SaidLack, p.n.Owes, r.Last, r.LastAt = p.now(), said.Lack, false, f.ID, 0
	}
	return p.save(ctx)
}
