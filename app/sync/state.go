package sync

import (
	"errors"
	"slices"
	"time"

	"potli/crypto/chain"
)

// State is how the sync of a profile stands, for people.
type State struct {
	Profile string
	// UpToDate: everything that is known of is here, and everything from here is at
	// the relay.
	UpToDate bool
	Sending  int // items that are to go to the relay
	// Receiving are records and entries that are known of and not here, from whom
	// they can come.
	Receiving int
	Missing   []string // devices that have what is not here
	Unread    []string // devices that have not read what this one has sent
	// Forked are devices that said two things at once: two programs write as one.
	Forked []string
	// Twin: that is so of this device; it must be removed and made anew.
	Twin bool
	// RolledBack is when the relay was last seen to have put a mailbox back to an
	// older day; what was lost by it is asked for.
	RolledBack time.Time
	// Offline is since when the relay was not reached; zero while it is.
	Offline time.Time
	Full    bool // the mailbox is full until others have read it
	Closed  bool // somebody who holds the epoch has closed the mailbox: a new epoch is needed
	Removed bool // this device no longer reads the profile
	// New: nothing of the profile has come yet, as right after it was shared. Another
	// device has to be there and send it.
	New bool
	// NeedsFullResend: what is missing is in no mailbox any more; another device
	// has to be there and send it again.
	NeedsFullResend bool
	// Due is when a Round has something to do even if nothing comes: it is then this
	// device's turn to answer another one. Zero: nothing.
	Due     time.Time
	Damaged int  // letters that were none, or not as they were sent
	Later   bool // somebody uses a later release; this one cannot read all of it
}

// state says how things stand now.
func (p *line) state() State {
	s := State{
		Profile: p.profile, Removed: p.v.Removed, Twin: p.n.Twin,
		Sending: p.pending(nil), Receiving: len(p.unknownEntries()) + len(p.v.Lacking),
		Full: errors.Is(p.failed, ErrFull), Closed: errors.Is(p.failed, ErrClosed),
	}
	if p.failed != nil && !s.Full && !s.Closed {
		s.Offline = time.Unix(p.n.Reached, 0).UTC()
	}
	for _, b := range p.n.Boxes {
		s.Damaged += b.Bad
		s.Later = s.Later || b.Later > 0
		if at := time.Unix(b.Back, 0).UTC(); b.Back != 0 && at.After(s.RolledBack) {
			s.RolledBack = at
		}
	}
	p.others(&s)
	s.New = p.failed == nil && p.log == nil
	s.NeedsFullResend = p.failed == nil && s.Receiving > 0 && p.n.Away > 0
	s.Due = p.due
	s.UpToDate = s.Sending == 0 && s.Receiving == 0 && p.failed == nil && p.log != nil && !p.v.Removed
	return s
}

// others says how the other devices stand.
func (p *line) others(s *State) {
	if p.log == nil {
		return
	}
	forks := p.log.Forks()
	last := p.own()
	for _, r := range p.v.Readers {
		if slices.ContainsFunc(forks, func(f chain.Fork) bool { return f.Key.Equal(r.Verifier) }) {
			s.Forked = append(s.Forked, r.Device)
			s.Twin = s.Twin || r.Device == p.e.o.Device
		}
		peer := p.n.Peers[r.Device]
		switch {
		case r.Device == p.e.o.Device:
		case peer == nil:
			s.Unread = append(s.Unread, r.Device)
		default:
			if len(p.log.Unknown(peer.r.Has)) > 0 {
				s.Missing = append(s.Missing, r.Device)
			}
			if last > 0 && !slices.ContainsFunc(peer.r.Has, func(t chain.Tip) bool { return t.Key == p.e.self && t.N >= last }) {
				s.Unread = append(s.Unread, r.Device)
			}
		}
	}
}
