package sync

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"filippo.io/age"

	"potli/crypto/chain"
)

// maxKept is more letters than a mailbox has room for.
const maxKept = 2000

// gulp is how much of a mailbox is put away in one step, about: one full frame. In a
// browser the page stands still for as long as its records are opened.
const gulp = 512 << 10

// reading is a mailbox while it is read.
type reading struct {
	Box
	*box
	identity *age.HybridIdentity
	newest   bool
}

func (p *line) reading(i int) reading {
	ep := p.v.Epochs[i]
	b := p.box(i)
	return reading{Box: b, box: p.n.box(b.short()), identity: ep.Identity, newest: i == len(p.v.Epochs)-1}
}

// receive reads mailboxes, oldest first, until no new epoch turns up in one.
func (p *line) receive(ctx context.Context) error {
	done := map[string]bool{}
	for {
		i := slices.IndexFunc(p.names, func(short string) bool { return !done[short] && p.reads(p.boxes[short]) })
		if i < 0 {
			return nil
		}
		r := p.reading(i)
		done[r.short()] = true
		err := p.drain(ctx, r)
		if errors.Is(err, errMoved) || errors.Is(err, ErrClosed) && !r.newest {
			continue // what others still have for us is asked for in the newest
		}
		if err != nil {
			return err
		}
	}
}

// reads says whether anything can still turn up in the mailbox of an epoch: it is
// the newest; or it comes after the last that was read here, as for a device that
// was away; or a device that is on its way to the newest may speak there.
func (p *line) reads(i int) bool {
	if i == len(p.v.Epochs)-1 {
		return true
	}
	walked := false
	for j := range p.v.Epochs {
		drained := p.n.box(p.names[j]).Drained > 0
		if j < i {
			walked = walked || drained
		} else if drained {
			walked = false
		}
	}
	return walked || slices.ContainsFunc(p.v.Readers, func(r Reader) bool { return r.Device != p.e.o.Device && p.behind(r) <= i })
}

// behind is the place of the newest epoch that a device is known to know. Who was
// never heard may know no more than the epoch at which they joined.
func (p *line) behind(r Reader) int {
	heard, known := p.n.Knows[r.Device]
	place := 0
	for i, ep := range p.v.Epochs {
		if known && ep.Announced == heard || !known && ep.Number <= r.Since {
			place = i
		}
	}
	return place
}

// knows notes which epochs a device has heard of.
func (p *line) knows(r *report) {
	for i, ep := range p.v.Epochs {
		if i >= p.behind(Reader{Device: r.Device}) && (ep.Announced.IsZero() || p.covers(r.Has, ep.Announced)) {
			p.n.Knows[r.Device] = ep.Announced
		}
	}
}

// covers says whether whoever sent s has an entry.
func (p *line) covers(s chain.Summary, h chain.Hash) bool {
	if p.log == nil {
		return false
	}
	e := p.log.Get(h)
	if e == nil {
		return false
	}
	key := b64.EncodeToString(e.Key)
	return slices.ContainsFunc(s, func(t chain.Tip) bool {
		return t.Hash == h || p.log.Before(h, t.Hash) || t.Key == key && t.N >= e.N && p.log.Get(t.Hash) == nil
	})
}

// errMoved: somebody has closed the mailbox, and the next one of the epoch has taken
// its place. In the next session the first is tried again: it may have been a lie.
var errMoved = errors.New("the mailbox has moved")

// open makes or prolongs a mailbox and looks whether it is the one it was.
func (p *line) open(ctx context.Context, r reading) error {
	now := p.now()
	if at, ok := p.opened[r.ID]; ok && p.e.within(at, presence) {
		return nil
	}
	st, err := p.mail().Open(ctx, r.Box, boxLife)
	if errors.Is(err, ErrClosed) && r.Expires > 0 && now >= r.Expires {
		return fmt.Errorf("%w: the mailbox has ended, and its id is not free again yet", ErrOffline)
	}
	if errors.Is(err, ErrClosed) {
		first := BoxOf(p.profile, r.identity).ID
		if p.moved[first] < mostBoxes-1 {
			p.moved[first]++
			p.name()
			return errMoved
		}
	}
	if err != nil {
		return err
	}
	p.opened[r.ID] = now
	lost := r.Created != 0 && st.Created != r.Created && st.Now < r.Expires
	if lost || st.Created == r.Created && st.Highest < r.Highest {
		r.Back, p.dirty = now, true
	}
	if st.Created != r.Created || st.Highest < r.Highest {
		// Its numbers begin again, or will come again with other letters.
		*r.box = box{Created: st.Created, Back: r.Back, Bad: r.Bad}
		p.dirty = true
	}
	r.Highest, r.Expires = max(r.Highest, st.Highest), st.Expires
	return nil
}

// drain reads a mailbox to its end.
func (p *line) drain(ctx context.Context, r reading) error {
	if p.n.Reached != 0 && p.now()-p.n.Reached > int64(letterLife.Seconds()) {
		p.n.Away, p.dirty = p.now(), true
	}
	for more := true; more; {
		var letters []Letter
		err := p.there(ctx, r, func() (err error) {
			letters, more, err = p.mail().List(ctx, r.Box, r.Read)
			return err
		})
		if err != nil {
			return err
		}
		if len(letters) == 0 {
			break
		}
		if err := p.page(ctx, r, letters); err != nil {
			return err
		}
	}
	if r.Drained == 0 {
		r.Drained, p.dirty = p.now(), true
	}
	if !p.e.within(p.n.Reached, askAgain) {
		p.dirty = true // a round that brings nothing writes nothing, but for once an hour
	}
	p.n.Reached = p.now()
	return nil
}

// there does something in a mailbox that is open, and opens it again when it turns
// out to have ended.
func (p *line) there(ctx context.Context, r reading, do func() error) error {
	for again := false; ; again = true {
		if err := p.open(ctx, r); err != nil {
			return err
		}
		err := do()
		if !errors.Is(err, ErrGone) || again {
			return err
		}
		delete(p.opened, r.ID)
	}
}

// page takes in some letters of a mailbox. When one can not be had, those before it
// are kept all the same.
func (p *line) page(ctx context.Context, r reading, letters []Letter) (failed error) {
	var a Arrival
	size := 0
	for _, l := range letters {
		var body []item
		if l.Number <= r.Read {
			failed = fmt.Errorf("%w: numbers out of order", ErrOffline)
		} else {
			body, failed = p.letter(ctx, r, l)
		}
		if failed != nil {
			break
		}
		size += p.sort(body, r, &a)
		r.Read, r.Highest, p.dirty = l.Number, max(r.Highest, l.Number), true
		if r.Kept = append(r.Kept, l.Number); len(r.Kept) > maxKept {
			r.Kept = r.Kept[1:]
		}
		if size >= gulp {
			if err := p.take(ctx, a); err != nil {
				return err
			}
			a, size = Arrival{}, 0
		}
	}
	if err := p.take(ctx, a); err != nil {
		return err
	}
	return failed
}

// letter returns what is in a letter: nothing in one's own, nor in one that is no
// frame of this epoch, or that the relay no longer has.
func (p *line) letter(ctx context.Context, r reading, l Letter) ([]item, error) {
	if r.own(l) {
		p.listed(l)
		return nil, nil
	}
	text := l.Sealed
	if text == "" {
		var err error
		if text, err = p.mail().Fetch(ctx, r.Box, l); errors.Is(err, ErrGone) {
			return nil, nil // acknowledged or expired since it was listed
		} else if err != nil {
			return nil, err
		}
	}
	items, err := p.e.open(text, r.identity)
	switch {
	case errors.Is(err, errLater):
		r.Later++
	case err != nil:
		r.Bad++
	}
	return items, nil
}

// own says whether a letter is one that this device has sent and sees for the
// first time. Those of a second device under the same keys are not: it is by its
// letters that it is noticed.
func (b *box) own(l Letter) bool {
	alone, ok := b.Out[l.ID]
	if !ok {
		return false
	}
	delete(b.Out, l.ID)
	if alone {
		b.Alone = append(b.Alone, l.Number)
	}
	if b.Last == l.ID {
		b.LastAt = l.Number
	}
	return true
}

// sort puts items where they belong and returns how many bytes they have.
func (p *line) sort(items []item, r reading, a *Arrival) (size int) {
	for _, it := range items {
		switch it.Kind {
		case kindEntry:
			e := p.entry(it.Body, r)
			if e == nil {
				continue
			}
			a.Entries = append(a.Entries, e)
		case kindRecord:
			p.passed(ref{Record: it.ID})
			a.Records = append(a.Records, Sealed{ID: it.ID, Body: it.Body})
		case kindPart:
			if it.At < 0 || it.At%PartSize != 0 || it.Of <= PartSize || it.Of > maxRecord || len(it.Body) != min(PartSize, it.Of-it.At) {
				r.Bad++
				continue
			}
			p.passed(ref{Record: it.ID, At: it.At, Part: true})
			a.Parts = append(a.Parts, Part{ID: it.ID, At: it.At, Of: it.Of, Body: it.Body})
		case kindReport:
			p.hear(heard{it.Body, r.short()})
			continue
		default:
			continue
		}
		size += len(it.Body)
		p.n.Owes = true
	}
	return size
}

// entry reads one: nil when it is none, or not of this profile.
func (p *line) entry(b []byte, r reading) *chain.Entry {
	e, err := chain.Verify(b)
	switch {
	case errors.Is(err, chain.ErrVersion):
		r.Later++
		return nil
	case err != nil || e.Profile != p.profile:
		r.Bad++
		return nil
	}
	h := e.Hash()
	p.passed(ref{Entry: &h})
	if b64.EncodeToString(e.Key) == p.e.self {
		p.n.Sent = max(p.n.Sent, e.N) // by an older copy of this device
	}
	return e
}

// maxRecord is the largest sealed record: 25 MiB, its padding and what age adds.
const maxRecord = 28 << 20

// take keeps what arrived and looks at what has come of it.
func (p *line) take(ctx context.Context, a Arrival) error {
	if len(a.Entries)+len(a.Records)+len(a.Parts) == 0 {
		return p.save(ctx)
	}
	if err := p.keep(ctx, a); err != nil {
		return err
	}
	return p.look(ctx)
}

// heard is a report as it came.
type heard struct {
	body []byte
	box  string
}

// hear takes in a report if it is newer than what is known of its device. Of
// devices that the chain does not name some are kept until it does.
func (p *line) hear(h heard) {
	r, err := readReport(h.body)
	if err != nil || r.Profile != p.profile || r.Only != "" && r.Only != h.box {
		return
	}
	i := slices.IndexFunc(p.v.Readers, func(d Reader) bool { return d.Device == r.Device })
	switch {
	case i < 0:
		if p.unknown = append(p.unknown, h); len(p.unknown) > maxUnknown {
			p.unknown = p.unknown[1:]
		}
	case !signedBy(h.body, p.v.Readers[i].Verifier):
	case r.Device == p.e.o.Device:
		// Nobody else signs as this device, unless there are two of it.
		if r.N > p.n.Said {
			p.n.Twin, p.n.Said, p.dirty = true, r.N, true
		}
	default:
		p.told(r, h)
	}
}

// told takes in a genuine report of another device.
func (p *line) told(r *report, h heard) {
	p.knows(r)
	old := p.n.Peers[r.Device]
	switch {
	case r.Only != "":
		if b := p.n.box(r.Only); b.Greeted[r.Device] < r.N {
			if b.Greeted == nil {
				b.Greeted = map[string]uint64{}
			}
			b.Greeted[r.Device], p.dirty = r.N, true
			p.wantsOf(r, h.box, p.now())
		}
		return
	case old != nil && old.r.N >= r.N:
		return
	}
	next := &peer{Report: h.body, Box: h.box, Heard: p.now(), r: r}
	if old != nil {
		next.Answered = old.Answered
	}
	p.n.Peers[r.Device], p.dirty = next, true
	p.wantsOf(r, h.box, next.Heard)
}

// hearAgain takes in the reports whose devices have become known.
func (p *line) hearAgain() {
	list := p.unknown
	p.unknown = nil
	for _, h := range list {
		p.hear(h)
	}
}
