package sync

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"strconv"

	"potli/crypto/chain"
)

// want is what another device asked for, as far as nobody was seen to send it.
type want struct {
	n    uint64 // of the report that asks
	due  int64  // when it is this device's turn to answer
	refs []ref
	left map[string]bool // of refs, by key
}

// key tells refs apart.
func (r ref) key() string {
	switch {
	case r.Entry != nil:
		return "e" + r.Entry.String()
	case r.Part:
		return "p" + r.Record + "/" + strconv.Itoa(r.At)
	}
	return "r" + r.Record
}

// passed notes that somebody else has sent something.
func (p *line) passed(r ref) {
	for _, w := range p.wants {
		delete(w.left, r.key())
	}
}

// answer queues what others lack. Any member can answer; so that not all of them
// do, each waits for its turn, and while somebody else is sending.
func (p *line) answer() {
	for _, d := range p.v.Readers {
		peer := p.n.Peers[d.Device]
		if peer == nil || peer.r.N <= peer.Answered {
			continue
		}
		w := p.wants[d.Device]
		if w == nil || w.n != peer.r.N {
			w = p.wantOf(d, peer)
			p.wants[d.Device] = w
		}
		if len(w.left) > 0 && (w.due > p.now() || p.busy(d.Device)) {
			continue
		}
		for _, r := range w.refs {
			if w.left[r.key()] {
				p.queue(r)
			}
		}
		peer.Answered, p.dirty = peer.r.N, true
		delete(p.wants, d.Device)
	}
}

// busy says whether a device other than the one that asks has said a moment ago
// that more is coming from it.
func (p *line) busy(asks string) bool {
	for device, peer := range p.n.Peers {
		if device != asks && peer.r.Coming > 0 && p.now()-peer.Heard < int64(patience.Seconds()) {
			return true
		}
	}
	return false
}

// queue adds to what is to be sent, unless it was sent a moment ago, or will be.
func (p *line) queue(r ref) {
	key := r.key()
	if r.Entry != nil {
		if e := p.log.Get(*r.Entry); e == nil || e.N > p.n.Sent && b64.EncodeToString(e.Key) == p.e.self {
			return
		}
	}
	if at, ok := p.recent[key]; ok && p.now()-at < int64(patience.Seconds()) {
		return
	}
	if p.queued == nil {
		p.queued = map[string]bool{}
		for _, q := range p.n.Queue {
			p.queued[q.Box+q.key()] = true
		}
	}
	if !p.queued[r.Box+key] {
		p.n.Queue, p.dirty, p.queued[r.Box+key] = append(p.n.Queue, r), true, true
	}
}

// wantOf reads a report: what its device asks for; or, when it spoke in the mailbox
// of an epoch that has ended, what leads to the next one, and no more, since others
// may read there who are no longer to know anything.
func (p *line) wantOf(d Reader, peer *peer) *want {
	w := &want{n: peer.r.N, due: peer.Heard + int64(p.turnOf(d.Device, peer.r.N))*int64(turn.Seconds()), left: map[string]bool{}}
	i, known := p.boxes[peer.Box]
	switch {
	case p.log == nil || !known:
	case i < len(p.v.Epochs)-1 && peer.r.Seen[peer.Box] < p.n.box(peer.Box).Told:
		// It had not read the announcement when it said so.
	case i < len(p.v.Epochs)-1:
		w.refs = p.towards(peer, i+1)
	case peer.r.Lack != nil:
		w.refs = p.lacked(peer.r)
	}
	for _, r := range w.refs {
		w.left[r.key()] = true
	}
	return w
}

// towards is what leads to the announcement of an epoch.
func (p *line) towards(peer *peer, epoch int) (refs []ref) {
	last := p.v.Epochs[epoch].Announced
	for _, e := range p.log.Since(peer.r.Has) {
		if h := e.Hash(); h == last || p.log.Before(h, last) {
			refs = append(refs, ref{Entry: &h, Box: peer.Box})
		}
	}
	return refs
}

// lacked is what is here of what a device lacks.
func (p *line) lacked(r *report) (refs []ref) {
	asked := map[chain.Hash]bool{}
	for _, h := range r.Lack.Entries {
		if p.log.Get(h) != nil {
			asked[h] = true
		}
	}
	if r.Lack.All || len(asked) > 0 {
		for _, e := range p.log.Since(r.Has) {
			asked[e.Hash()] = true
		}
	}
	for _, e := range p.log.Entries() {
		if h := e.Hash(); asked[h] {
			refs = append(refs, ref{Entry: &h})
		}
	}
	for _, piece := range r.Lack.Records {
		if len(piece.Parts) == 0 {
			refs = append(refs, ref{Record: piece.ID})
		}
		for _, at := range piece.Parts {
			refs = append(refs, ref{Record: piece.ID, At: at, Part: true})
		}
	}
	return refs
}

// turnOf is the place of this device among those who are about and could answer:
// in an order that all of them know and that is another for each question.
func (p *line) turnOf(asks string, n uint64) (turn int) {
	rank := func(device string) []byte {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(asks+"\x00"+device+"\x00"), n))
		return sum[:]
	}
	own := rank(p.e.o.Device)
	for _, r := range p.v.Readers {
		peer := p.n.Peers[r.Device]
		about := r.Device != p.e.o.Device && r.Device != asks && peer != nil && p.now()-peer.Heard < int64(presence.Seconds())
		if about && bytes.Compare(rank(r.Device), own) < 0 {
			turn++
		}
	}
	return turn
}
