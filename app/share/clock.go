package share

import "time"

// The clocks of phones are wrong: by hours where somebody set the time and not the zone, by years where a battery was
// empty. So the relay's clock alone decides how long a link lives. A request says for how long, never until when; an
// answer says until when and what time it is there, and the difference to this device's clock is kept with the share.
// What this device believes of the end of a link is good for showing and for nothing else: until the relay has said that
// a link has ended, it is treated as one that somebody may still open.

const (
	// inTune is by how much two clocks may differ that count as the same: answers take time, and come in whole seconds.
	inTune = 5 * time.Second
	// receiptStep is how coarse the relay's time in a receipt is.
	receiptStep = 5 * time.Minute
)

// Heard notes what the relay said of the share, at a moment of this device's clock.
func (s *Share) Heard(st Status, now time.Time) {
	revoked := st.Expires.Unix() <= 0
	if revoked {
		st.Expires = s.Status.Expires // when it would have ended: for the person to read
		s.Pending = ""
		s.Settled()
		if s.Revoked.IsZero() {
			s.Revoked = now
		}
	}
	s.Ended = revoked || !st.Now.Before(st.Expires)
	s.Skew = 0
	if d := st.Now.Sub(now).Round(time.Second); d.Abs() >= inTune {
		s.Skew = d
	}
	s.Status, s.Checked = st, now
	// A ledger that was restored from a backup is behind: the relay takes no number twice.
	s.Ref.Seq = max(s.Ref.Seq, st.Seq)
}

// Lost notes that the relay does not know the share any more, at a moment of this device's clock. Of a link that has ended
// without having been opened it forgets everything within minutes.
func (s *Share) Lost(now time.Time) {
	if s.Pending == PendingRevoke && s.Revoked.IsZero() {
		s.Revoked = now
	}
	s.Ended, s.Pending, s.Checked = true, "", now
	s.Settled()
}

// MayOpen says whether somebody might still open the link. Only the relay's word ends that.
func (s *Share) MayOpen() bool { return s.Revoked.IsZero() && !s.Ended }

// Remaining is for how much longer the link lives, as far as is known at a moment of this device's clock.
func (s *Share) Remaining(now time.Time) time.Duration {
	if !s.MayOpen() {
		return 0
	}
	return max(0, s.Status.Expires.Sub(now.Add(s.Skew)))
}

// Ends is when the link ends by this device's clock, so that it agrees with what the person reads at the top of the
// screen. Link has the true time, for others.
func (s *Share) Ends() time.Time { return s.Status.Expires.Add(-s.Skew) }

// When is the time of an opening by this device's clock. The relay tells it to five minutes, and so does this.
func (s *Share) When(o Open) time.Time { return o.Time.Add(-s.Skew.Round(receiptStep)) }
