package share

import "time"

// Wants is a change of a link that the person has asked for and that the relay has not heard of: there was no network, or
// the answer was lost. It counts on this device at once where that takes something away, and where it adds something once
// the relay has said so. A device tells its own alone, or two of them would each make a life longer.
type Wants struct {
	Device string        `json:"device"`
	Paused *bool         `json:"paused,omitempty"`
	By     time.Duration `json:"by,omitempty"` // to live longer by
	// Until is the end that follows from By, by the relay's clock. It is written down before it is asked for, so that
	// asking again adds nothing.
	Until time.Time `json:"until,omitzero"`
}

// Want notes what is asked for at a moment of this device's clock, on top of what waits.
func (s *Share) Want(device string, now time.Time, paused *bool, by time.Duration) {
	w := Wants{Device: device}
	if s.Wants != nil {
		w = *s.Wants
	}
	if paused != nil {
		w.Paused = paused
	}
	if w.By += by; !w.Until.IsZero() {
		w.Until = w.Until.Add(by)
	}
	s.Wants = &w
	if s.Asked.IsZero() {
		s.Asked = now
	}
}

// Settled notes that nothing waits any more.
func (s *Share) Settled() { s.Wants, s.Asked = nil, time.Time{} }

// Waits says whether the relay is to be told something of the link.
func (s *Share) Waits() bool { return s.Pending == PendingRevoke || s.Wants != nil }

// paused says whether the link rests, by what the person has asked for last.
func (s *Share) paused() bool {
	if s.Wants != nil && s.Wants.Paused != nil {
		return s.Status.Paused || *s.Wants.Paused // one that is to go on rests until the relay knows
	}
	return s.Status.Paused
}

// Aim sets the end that a longer life leads to, from what the relay says of the link now; once.
func (w *Wants) Aim(st Status) {
	if w.By <= 0 || !w.Until.IsZero() {
		return
	}
	from := st.Expires
	if from.Before(st.Now) {
		from = st.Now
	}
	w.Until = from.Add(w.By)
	if last := st.Now.Add(MaxLife); w.Until.After(last) {
		w.Until = last
	}
}

// Change is what the relay is to be asked for, from what it says of the link now.
func (w *Wants) Change(st Status) Change {
	c := Change{Paused: w.Paused}
	if life := min(w.Until.Sub(st.Now), MaxLife); !w.Until.IsZero() && life > 0 && w.Until.After(st.Expires) {
		c.Life = &life
	}
	if w.Paused != nil && *w.Paused == st.Paused {
		c.Paused = nil
	}
	return c
}

// IsZero says whether nothing is asked for.
func (c Change) IsZero() bool { return c.Paused == nil && c.Life == nil && c.AddUses == nil }
