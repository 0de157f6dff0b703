package wallet

import (
	"context"
	"errors"
	"slices"

	"potli/app/family"
	"potli/app/history"
	"potli/app/record"
)

// syncLedger tells all who care for a person of this device's log of consents: the
// lines that were not told, and the newest checkpoint. They then are witnesses, and one
// of them can end what another granted.
func (w *Wallet) syncLedger(ctx context.Context, s *syncing, id record.ProfileID) error {
	st, err := s.keeper.State(ctx, id)
	if errors.Is(err, history.ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	w.noteHistory(ctx, id, st)
	if st.RoleAt(s.v.WalletID(), w.d.Now()) < family.Reader {
		return nil
	}
	b, err := w.logBook(ctx, id)
	if err != nil {
		return err
	}
	for _, a := range b.untold(st, s.v.Ring().Device()) {
		// What is refused is not said again, and is no reason to stop.
		if err := s.keeper.Write(ctx, id, a); err != nil {
			if familyError(err) == err {
				return err
			}
			return nil
		}
	}
	return nil
}

// untold is what the others do not know of this device's log.
func (b *logBook) untold(st *family.State, device string) (acts []family.Act) {
	told, notes := map[int][]string{}, map[string]bool{}
	for _, l := range st.Logs {
		if l.Device != device {
			continue
		}
		for i, line := range l.Lines {
			told[l.From+i] = append(told[l.From+i], line)
		}
		notes[l.Checkpoint] = true
	}
	var a *family.Logged
	size := 0
	for i, line := range b.own.Lines(0) {
		if slices.Contains(told[i], line) || len(line) > family.MaxLogged {
			a = nil
			continue
		}
		if a == nil || size+len(line) > family.MaxLogged {
			a, size = &family.Logged{From: i}, 0
			acts = append(acts, a)
		}
		a.Lines, size = append(a.Lines, line), size+len(line)
	}
	if b.last == nil || notes[b.last.Note] {
		return acts
	}
	if a == nil || size+len(b.last.Note) > family.MaxLogged {
		a = &family.Logged{From: b.own.Size()}
		acts = append(acts, a)
	}
	a.Checkpoint = b.last.Note
	return acts
}

// noteHistory publishes what others told since the last time.
func (w *Wallet) noteHistory(ctx context.Context, id record.ProfileID, st *family.State) {
	c := &w.consents
	c.mu.Lock()
	if c.heard == nil {
		c.heard = map[record.ProfileID]int{}
	}
	before := c.heard[id]
	c.heard[id] = len(st.Logs)
	c.mu.Unlock()
	if before != len(st.Logs) {
		w.publishConsents(ctx)
	}
}
