package sync

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"strconv"
	"time"

	"potli/crypto/chain"
)

// want is a report that may ask for something, until that was sent.
type want struct {
	r      *report
	box    string // in which it was
	heard  int64
	passed map[string]bool // what others were seen to send since, by ref.key
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
		w.passed[r.key()] = true
	}
}

// wantsOf notes a report that came.
func (p *line) wantsOf(r *report, box string, heard int64) {
	p.wants[r.Device+"/"+r.Only] = &want{r: r, box: box, heard: heard, passed: map[string]bool{}}
}

// answer queues what others lack. Any member can answer; so that not all of them
// do, each waits for its turn, and while somebody else is sending.
func (p *line) answer() {
	for _, peer := range p.n.Peers { // of before the program was started
		if w := p.wants[peer.r.Device+"/"]; peer.r.N > peer.Answered && w == nil {
			p.wantsOf(peer.r, peer.Box, peer.Heard)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(p.wants)) {
		w := p.wants[key]
		refs := p.lacks(w)
		if turn := p.turnOf(w.r); len(refs) > 0 && p.e.within(w.heard, turn) {
			if at := time.Unix(w.heard, 0).Add(turn); p.due.IsZero() || at.Before(p.due) {
				p.due = at
			}
			continue
		}
		if len(refs) > 0 && p.busy(w.r.Device) {
			continue
		}
		for _, r := range refs {
			p.queue(r, w.r)
		}
		delete(p.wants, key)
		if peer := p.n.Peers[w.r.Device]; peer != nil && w.r.Only == "" && peer.Answered < w.r.N {
			peer.Answered, p.dirty = w.r.N, true
		}
	}
}

// busy says whether a device other than the one that asks has said a moment ago
// that more is coming from it.
func (p *line) busy(asks string) bool {
	for device, peer := range p.n.Peers {
		if device != asks && peer.r.Coming > 0 && p.e.within(peer.Heard, patience) {
			return true
		}
	}
	return false
}

// sent is what became of something that was sent lately.
type sent struct {
	at     int64
	letter string // id of its letter
	number int64  // of that one, 0 until it was listed
}

// lately says whether something went to a mailbox a moment ago and whoever asks for it
// can come to it there yet. They can not when they have read that far, or when its
// letter is erased, as when all who were there had read it: who was let in after that
// never had it. When somebody is answered the mailbox has just been read to its end.
func (p *line) lately(r ref, to string, asks *report) bool {
	s, ok := p.recent[to+r.key()]
	if !ok || !p.e.within(s.at, patience) {
		return false
	}
	return asks == nil || s.number > asks.Seen[to] && slices.Contains(p.n.box(to).Kept, s.number)
}

// listed notes the number of an own letter with what it brought.
func (p *line) listed(l Letter) {
	for key, s := range p.recent {
		if s.letter == l.ID {
			s.number = l.Number
			p.recent[key] = s
		}
	}
}

// queue adds to what is to be sent, unless it went to the same mailbox lately, or will.
// In another one it is out of reach of who asks: somebody who was let in from now on has
// no older mailbox. asks is nil for what nobody asks for.
func (p *line) queue(r ref, asks *report) {
	key, to := r.key(), r.Box
	if to == "" {
		to = p.names[len(p.names)-1]
	}
	if r.Entry != nil {
		e := p.log.Get(*r.Entry)
		if e == nil || e.N > p.n.Sent && b64.EncodeToString(e.Key) == p.e.self && p.home(e) == to {
			return
		}
	}
	if p.lately(r, to, asks) {
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

// lacks is what a report asks for and nobody has sent since; or, when it was made in
// the mailbox of an epoch that has ended, what leads to the next one, and no more:
// others may read there who are no longer to know anything.
func (p *line) lacks(w *want) (refs []ref) {
	i, known := p.boxes[w.box]
	switch {
	case p.log == nil || !known:
	case i < len(p.v.Epochs)-1:
		if w.r.Seen[w.box] >= p.n.box(w.box).Told { // or it had not come to the announcement when it said so
			refs = p.towards(w, i+1)
		}
	case w.r.Lack != nil:
		refs = p.lacked(w.r)
	}
	return slices.DeleteFunc(refs, func(r ref) bool { return w.passed[r.key()] })
}

// towards is what leads to the announcement of an epoch, and to what gives it.
func (p *line) towards(w *want, epoch int) (refs []ref) {
	ends := []chain.Hash{p.v.Epochs[epoch].Announced}
	for _, h := range p.v.Epochs[epoch].Given {
		if e := p.log.Get(h); e != nil && p.hands(epoch, e) {
			ends = append(ends, h)
		}
	}
	for _, e := range p.log.Since(w.r.Has) {
		h := e.Hash()
		if slices.ContainsFunc(ends, func(end chain.Hash) bool { return h == end || p.log.Before(h, end) }) {
			refs = append(refs, ref{Entry: &h, Box: w.box})
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

// turnOf is how long this device waits before it answers a report: by its place among
// those who are about and could, in an order that all of them know and that is
// another for each question.
func (p *line) turnOf(r *report) (wait time.Duration) {
	rank := func(device string) []byte {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(r.Device+"\x00"+device+"\x00"), r.N))
		return sum[:]
	}
	own := rank(p.e.o.Device)
	for device, peer := range p.n.Peers {
		about := device != r.Device && p.e.within(peer.Heard, presence)
		if about && bytes.Compare(rank(device), own) < 0 {
			wait += turn
		}
	}
	return wait
}
