package sync

import (
	"slices"
	"time"

	"potli/crypto/chain"
)

// report says how things stand, as the report numbered by f.
func (p *line) report(f *flight) *report {
	r := &report{Profile: p.profile, Device: p.e.o.Device, N: f.N}
	if i := p.boxes[f.Box]; i < len(p.v.Epochs)-1 && p.log != nil {
		r.Only, r.Has = f.Box, p.upTo(i+1).Summary()
		r.Seen = map[string]int64{f.Box: p.n.box(f.Box).Read}
		return r
	}
	r.Seen, r.Heard, r.Lack = map[string]int64{}, map[string]uint64{}, p.lack()
	if p.log != nil {
		r.Has = p.log.Summary()
	}
	for _, name := range p.names {
		if b := p.n.Boxes[name]; b != nil && b.Read > 0 {
			r.Seen[name] = b.Read
		}
	}
	for device, peer := range p.n.Peers {
		r.Heard[device] = peer.r.N
	}
	r.Coming = p.pending(f)
	return r
}

// upTo is the history up to the announcement of an epoch.
func (p *line) upTo(epoch int) *chain.Log {
	last := p.v.Epochs[epoch].Announced
	log := chain.NewLog(p.profile, p.log.Root())
	for _, e := range p.log.Entries() {
		if h := e.Hash(); h == last || p.log.Before(h, last) {
			_, _ = log.Add(e) // it is part of p.log, in the same order
		}
	}
	return log
}

// lonely is the mailbox of an epoch that has ended in which it is time to speak, ""
// when there is none. Somebody who did not hear of the next epoch, and may have made
// another one, looks there; as time goes by less and less often.
func (p *line) lonely() string {
	for i, name := range p.names[:len(p.names)-1] {
		b := p.n.box(name)
		rest := max(presence, time.Duration(p.now()-b.Ended)*time.Second/2)
		waits := slices.ContainsFunc(p.v.Readers, func(r Reader) bool {
			_, heard := p.n.Knows[r.Device]
			return r.Device != p.e.o.Device && heard && p.behind(r) == i
		})
		if waits && !p.e.within(b.Spoke, rest) && !p.e.within(b.Ended, patience) {
			return name
		}
	}
	return ""
}

// pending is how many items are to be sent, but for those in a letter.
func (p *line) pending(f *flight) int {
	sent, going := p.n.Sent, map[string]bool{}
	if f != nil {
		sent = max(sent, f.Sent)
		for _, r := range f.Refs {
			going[r.Box+r.key()] = true
		}
	}
	n := 0
	for _, r := range p.n.Queue {
		if !going[r.Box+r.key()] {
			n++
		}
	}
	for _, e := range p.unsent(sent) {
		n += 1 + len(p.e.o.Store.Brings(e))
	}
	return n
}

// unknownEntries are those that others have and that are not here.
func (p *line) unknownEntries() (list []chain.Hash) {
	list = slices.Clone(p.v.Missing)
	for _, r := range p.v.Readers {
		if peer := p.n.Peers[r.Device]; peer != nil && p.log != nil {
			list = append(list, p.log.Unknown(peer.r.Has)...)
		}
	}
	slices.SortFunc(list, chain.Hash.Compare)
	return slices.Compact(list)
}

// complete says whether everything that is known of is here.
func (p *line) complete() bool {
	return p.log != nil && len(p.v.Lacking)+len(p.unknownEntries()) == 0
}

// back notes that a device that was away has everything again: somebody has told
// since, and there is nothing that is not here.
func (p *line) back() {
	for _, peer := range p.n.Peers {
		if p.n.Away > 0 && peer.Heard >= p.n.Away && p.complete() {
			p.n.Away, p.dirty = 0, true
		}
	}
}

// lack is what is to be asked for now: nil when nothing is missing, or when those
// who have it are sending yet.
func (p *line) lack() *lack {
	if p.busy(p.e.o.Device) {
		return nil
	}
	l := &lack{All: p.log == nil || p.strangers(), Entries: p.unknownEntries()}
	l.Entries = l.Entries[:min(len(l.Entries), maxUnknown)]
	for _, piece := range p.v.Lacking {
		if room := maxLack - weigh(l.Records); room > 0 {
			piece.Parts = piece.Parts[:min(len(piece.Parts), room)]
			l.Records = append(l.Records, piece)
		}
	}
	if !l.All && len(l.Entries)+len(l.Records) == 0 {
		return nil
	}
	return l
}

// strangers says whether a device that the chain does not name spoke in the newest
// mailbox, where only members can: what names it is missing.
func (p *line) strangers() bool {
	return slices.ContainsFunc(p.unknown, func(h heard) bool { return h.box == p.names[len(p.names)-1] })
}

// speaks says whether there is something to tell even if nothing is to be sent.
func (p *line) speaks() bool {
	lately := func(d time.Duration) bool { return p.e.within(p.n.SaidAt, d) }
	switch {
	case p.n.SaidAt == 0, p.n.Owes, p.n.box(p.names[len(p.names)-1]).Last == "", !lately(presence):
		return true
	case !lately(patience) && p.unheard():
		return true
	}
	l := p.lack()
	return l != nil && (!lately(askAgain) || l.beyond(p.n.SaidLack))
}

// unheard says whether the newest report was lost on the way to somebody: they have
// read past its letter, or the letter never turned up, and they do not know it.
func (p *line) unheard() bool {
	for name := range p.boxes {
		b := p.n.Boxes[name]
		if b == nil || b.Last == "" {
			continue
		}
		for _, r := range p.v.Readers {
			peer := p.n.Peers[r.Device]
			if peer == nil || r.Device == p.e.o.Device || peer.Box != name || peer.r.Heard[p.e.o.Device] >= p.n.Said {
				continue
			}
			if b.LastAt == 0 || peer.r.Seen[name] >= b.LastAt {
				return true
			}
		}
	}
	return false
}

// beyond says whether something is asked for that asked does not ask for.
func (l *lack) beyond(asked *lack) bool {
	if asked == nil {
		return true
	}
	if l.All && !asked.All {
		return true
	}
	had := map[string]bool{}
	for _, h := range asked.Entries {
		had[ref{Entry: &h}.key()] = true
	}
	for _, piece := range asked.Records {
		for _, r := range piece.refs() {
			had[r.key()] = true
		}
		had[ref{Record: piece.ID}.key()] = had[ref{Record: piece.ID}.key()] || len(piece.Parts) == 0
	}
	for _, h := range l.Entries {
		if !had[ref{Entry: &h}.key()] {
			return true
		}
	}
	for _, piece := range l.Records {
		for _, r := range piece.refs() {
			if !had[r.key()] && !had[ref{Record: piece.ID}.key()] {
				return true
			}
		}
	}
	return false
}

// refs are what a piece names.
func (p Piece) refs() (refs []ref) {
	if len(p.Parts) == 0 {
		return []ref{{Record: p.ID}}
	}
	for _, at := range p.Parts {
		refs = append(refs, ref{Record: p.ID, At: at, Part: true})
	}
	return refs
}
