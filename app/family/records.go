package family

import (
	"potli/app/record"
	"potli/crypto/chain"
)

// Record is what the family knows of one record.
type Record struct {
	ID   record.ID
	Sum  chain.Hash // SHA-256 of the sealed record
	User string     // who brought it
	// Device is the one it was brought by, by its id.
	Device string     `json:"-"`
	Entry  chain.Hash // the operation that did
	Title  string     // the family's own; "" for the record's
	Date   string
	// Deleted, or moved to another person: it is shown here no more.
	Deleted bool
	Moved   *Move
}

// judgeRecord: records are named once, and what is said of one is said of one that
// the author knows.
func (f *fold) judgeRecord(o *op) error {
	switch a := o.act.(type) {
	case *Records:
		for _, n := range a.List {
			if f.filed(n.ID, o) {
				return ErrRecord
			}
		}
	case *Retitle:
		return f.knows(a.ID, o)
	case *Move:
		return f.knows(a.ID, o)
	case *Delete:
		for _, id := range a.IDs {
			if err := f.knows(id, o); err != nil {
				return err
			}
		}
	default:
		return ErrRoot // a second Found; judge has refused it
	}
	return nil
}

// filed says whether o knows of a record of that id.
func (f *fold) filed(id record.ID, o *op) bool {
	r := f.records[id]
	return r != nil && f.sees(o, r.op)
}

func (f *fold) knows(id record.ID, o *op) error {
	if !f.filed(id, o) {
		return ErrRecord
	}
	return nil
}

// file applies what is said of records. Of two that bring the same id at once the
// first in the line stays; of two titles the last; a record that is gone stays gone.
func (f *fold) file(o *op) {
	switch a := o.act.(type) {
	case *Records:
		for _, n := range a.List {
			if f.records[n.ID] == nil {
				f.records[n.ID] = &filed{Record{ID: n.ID, Sum: n.Sum, User: o.user, Device: o.device, Entry: o.hash}, o}
				f.order = append(f.order, n.ID)
			}
		}
	case *Retitle:
		r := f.records[a.ID]
		r.Title, r.Date = a.Title, a.Date
	case *Move:
		if r := f.records[a.ID]; r.Moved == nil {
			r.Moved = a
		}
	case *Delete:
		for _, id := range a.IDs {
			f.records[id].Deleted = true
		}
	}
}

// filed is a record with the operation that brought it.
type filed struct {
	Record
	op *op
}
