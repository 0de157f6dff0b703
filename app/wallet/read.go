package wallet

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/vault"
)

func unmarshal(b []byte, v any) error { return json.Unmarshal(b, v) }

// Record returns what is known of a record without opening it.
func (w *Wallet) Record(id record.ID) (record.Meta, bool) {
	v, err := w.open()
	if err != nil || w.trashed(id) {
		return record.Meta{}, false
	}
	m, ok := v.Meta(id)
	if !ok || w.Snapshot().concealed(m.Profile) {
		return record.Meta{}, false
	}
	return m, true
}

// Document opens a FHIR record and makes it readable.
func (w *Wallet) Document(ctx context.Context, id record.ID) (*fhir.Document, error) {
	body, m, err := w.original(ctx, id)
	if err != nil {
		return nil, err
	}
	out, err := w.document(ctx, m.Format, body)
	if err != nil {
		return nil, err
	}
	return readDocument(out)
}

func (w *Wallet) document(ctx context.Context, f record.Format, body []byte) ([]byte, error) {
	if len(body) < away {
		return document(f, body)
	}
	in, err := pack(f, body)
	if err != nil {
		return nil, err
	}
	return w.d.Worker.Run(ctx, jobDocument, in, nil)
}

// Original returns the exact bytes, a file name and a media type.
func (w *Wallet) Original(ctx context.Context, id record.ID) (name, typ string, b []byte, err error) {
	b, m, err := w.original(ctx, id)
	if err != nil {
		return "", "", nil, err
	}
	return record.FileName(m), string(m.Format), b, nil
}

func (w *Wallet) original(ctx context.Context, id record.ID) ([]byte, record.Meta, error) {
	v, err := w.open()
	if err != nil {
		return nil, record.Meta{}, err
	}
	if _, ok := w.Record(id); !ok {
		return nil, record.Meta{}, ErrNoRecord
	}
	return v.Original(ctx, id)
}

// Attachment returns the bytes of a document inside a record.
func (w *Wallet) Attachment(ctx context.Context, id record.ID, a fhir.Attachment) (name, typ string, b []byte, err error) {
	body, m, err := w.original(ctx, id)
	if err != nil {
		return "", "", nil, err
	}
	return attachmentOf(body, m, a)
}

// attachmentOf takes a file out of a document.
func attachmentOf(body []byte, m record.Meta, a fhir.Attachment) (name, typ string, b []byte, err error) {
	if body, err = record.FHIR(m.Format, body); err != nil {
		return "", "", nil, err
	}
	f, err := fhir.Parse(body)
	if err != nil {
		return "", "", nil, err
	}
	typ, b, err = f.Attachment(a)
	if err != nil {
		return "", "", nil, err
	}
	// What it is is decided by its bytes; what it says it is is only kept for
	// kinds that are never shown inside the wallet.
	if format, err := record.Sniff(b); err == nil && record.Ext(format) != "" {
		typ = string(format)
	}
	inner := record.Meta{Title: a.Title, Format: record.Format(typ), Date: m.Outline.Date, Added: m.Added}
	if inner.Title == "" {
		inner.Title = m.Outline.Title
	}
	return record.FileName(inner), typ, b, nil
}

// Delete takes a record off the timeline now and out of storage after UndoFor,
// unless Undelete comes first. What is to be deleted is written down, so that
// closing the page does not bring it back.
func (w *Wallet) Delete(ctx context.Context, id record.ID) error {
	m, ok := w.Record(id)
	v, err := w.open()
	if err != nil {
		return err
	}
	if !ok {
		return ErrNoRecord
	}
	if err := w.mayWrite(ctx, m.Profile); err != nil {
		return err
	}
	// One undo at a time: the deletion before this one is now final.
	if err := w.dropTrash(ctx, v, true); err != nil {
		return err
	}
	until := w.d.Now().Add(UndoFor)
	w.mu.Lock()
	w.trash[id] = until
	w.mu.Unlock()
	if err := w.putTrash(ctx, v, []record.ID{id}, nil); err != nil {
		w.mu.Lock()
		delete(w.trash, id)
		w.mu.Unlock()
		return err
	}
	w.publish(func(s *Snapshot) { s.Undo = &Undo{ID: id, Title: titleOf(m), Until: until} })
	w.changed()
	return nil
}

// Undelete takes the last deletion back.
func (w *Wallet) Undelete() {
	v, err := w.open()
	if err != nil {
		return
	}
	w.mu.Lock()
	back := slices.Collect(maps.Keys(w.trash))
	w.trash = map[record.ID]time.Time{}
	w.mu.Unlock()
	// If this is not written, the next start deletes what the person took back:
	// so the record stays on the list of what is shown and is asked for again.
	if err := w.putTrash(context.Background(), v, nil, back); err != nil {
		return
	}
	w.publish(func(s *Snapshot) { s.Undo = nil })
	w.changed()
}

// UndoFor is how long a deletion can be taken back.
const UndoFor = 10 * time.Second

func (w *Wallet) trashed(id record.ID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, ours := w.trash[id]
	_, theirs := w.tabs.trash[id]
	return ours || theirs
}

// dropTrash removes for good what was deleted UndoFor ago, or all of it.
func (w *Wallet) dropTrash(ctx context.Context, v *vault.Vault, all bool) error {
	w.mu.Lock()
	var due []record.ID
	for id, until := range w.trash {
		if all || !w.d.Now().Before(until) {
			due = append(due, id)
		}
	}
	w.mu.Unlock()
	if len(due) == 0 {
		return nil
	}
	if err := w.removeRecords(ctx, v, due); err != nil {
		return err
	}
	if err := w.putTrash(ctx, v, nil, due); err != nil {
		return err
	}
	w.mu.Lock()
	for _, id := range due {
		delete(w.trash, id)
	}
	w.mu.Unlock()
	w.publish(func(s *Snapshot) {
		if s.Undo != nil && contains(due, s.Undo.ID) {
			s.Undo = nil
		}
	})
	w.mark(v)
	return nil
}

// emptyTrash finishes, at the start, deletions that the page did not live to
// finish.
func (w *Wallet) emptyTrash(ctx context.Context, v *vault.Vault) error {
	var ids []record.ID
	if err := getJSON(ctx, v, docTrash, &ids); err != nil {
		return err
	}
	ids = slices.DeleteFunc(ids, func(id record.ID) bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		_, ours := w.trash[id]
		return ours // and may still be taken back
	})
	if len(ids) == 0 {
		return nil
	}
	if err := w.removeRecords(ctx, v, ids); err != nil {
		return err
	}
	return w.putTrash(ctx, v, nil, ids)
}

func contains(ids []record.ID, id record.ID) bool {
	for _, x := range ids {
		if x == id {
			return true
		}
	}
	return false
}
