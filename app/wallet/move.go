package wallet

import (
	"context"
	"errors"
	"slices"

	"potli/app/record"
	"potli/app/share"
)

// Move files a record under another person: its bytes stay, it is sealed anew to
// that person's key, gets a new id and goes from where it was, in one commit. It
// can be taken back for UndoMoveFor: see Undo. Links that hold it go on
// showing it: ask Holding first.
// Errors: ErrNoRecord, ErrNoPerson, record.ErrDuplicate when the other has the
// same document already; then nothing was moved, and the id is that one's.
func (w *Wallet) Move(ctx context.Context, id record.ID, to record.ProfileID) (record.ID, error) {
	m, ok := w.Record(id)
	switch {
	case !ok:
		return "", ErrNoRecord
	case w.Snapshot().concealed(to):
		return "", ErrNoPerson
	case m.Profile == to:
		return id, nil
	}
	moved, err := w.move(ctx, id, to)
	if err != nil {
		return moved, err
	}
	who, _ := w.Snapshot().person(to)
	w.offerUndo(&Undo{What: UndoMove, ID: moved, Title: titleOf(m), Person: m.Profile, To: who.Name})
	return moved, nil
}

func (w *Wallet) move(ctx context.Context, id record.ID, to record.ProfileID) (record.ID, error) {
	v, err := w.open()
	if err != nil {
		return "", err
	}
	was, _ := v.Meta(id)
	for _, who := range []record.ProfileID{was.Profile, to} {
		if err := w.mayWrite(ctx, who); err != nil {
			return "", err
		}
	}
	m, err := v.Move(ctx, id, to)
	if err != nil {
		return m.ID, err
	}
	w.mark(v)
	if k, err := w.histories(); err == nil {
		if err := k.Moved(ctx, was.Profile, id, to, m.ID); err != nil {
			return m.ID, err
		}
	}
	err = w.refile(ctx, id, m.ID)
	w.publish(func(s *Snapshot) { s.Import = s.Import.renamed(id, m.ID) })
	w.changed()
	return m.ID, err
}

// Holding lists the links that hold a record and could still be opened: what
// was shown by mistake, and to whom.
func (w *Wallet) Holding(id record.ID) []share.Share {
	return slices.DeleteFunc(slices.Clone(w.Snapshot().Shares), func(s share.Share) bool {
		return !w.mayOpen(s) || !slices.ContainsFunc(s.Items, func(it share.Item) bool { return it.Record == id })
	})
}

// renamed returns a copy in which a record has its new id.
func (r *ImportReport) renamed(old, new record.ID) *ImportReport {
	if r == nil {
		return nil
	}
	c := &ImportReport{Files: slices.Clone(r.Files)}
	for i := range c.Files {
		if c.Files[i].ID == old {
			c.Files[i].ID = new
		}
	}
	return c
}

func titleOf(m record.Meta) string {
	if m.Title != "" {
		return m.Title
	}
	return m.Outline.Title
}

// Undo takes back what Snapshot.Undo offers. Errors: ErrNoRecord or ErrNoPerson
// when it has gone meanwhile; it stays offered on any other.
func (w *Wallet) Undo(ctx context.Context) error {
	u := w.Snapshot().Undo
	if u == nil {
		return nil
	}
	var err error
	switch u.What {
	case UndoMove:
		_, err = w.move(ctx, u.ID, u.Person)
	case UndoAside:
		err = w.BringBack(ctx, u.Person)
	default:
		w.Undelete()
		return nil
	}
	if err == nil || errors.Is(err, ErrNoPerson) || errors.Is(err, ErrNoRecord) {
		w.clearUndo(u)
	}
	return err
}

// offerUndo shows for a while that something can be taken back. A deletion that
// was offered before becomes final, as what would take it back is gone.
func (w *Wallet) offerUndo(u *Undo) {
	u.Until = w.d.Now().Add(UndoMoveFor)
	w.publish(func(s *Snapshot) { s.Undo = u })
}

func (w *Wallet) clearUndo(u *Undo) {
	w.publish(func(s *Snapshot) {
		if s.Undo == u {
			s.Undo = nil
		}
	})
}

// lapseUndo takes an offer off the screen whose time is over. A deletion goes by
// itself, with what it deletes: see dropTrash.
func (w *Wallet) lapseUndo() {
	if u := w.Snapshot().Undo; u != nil && u.What != UndoDelete && !w.d.Now().Before(u.Until) {
		w.clearUndo(u)
	}
}
