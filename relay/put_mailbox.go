package relay

import (
	"errors"
	"net/http"
	"time"

	"potli/relay/shape"
	"potli/relay/wire"
)

// putMailbox makes a mailbox, or prolongs one's own.
func (h *Handler) putMailbox(w http.ResponseWriter, r *http.Request, id string) {
	hash, ok := h.creating(w, r, id, "A mailbox is made")
	if !ok {
		return
	}
	var o wire.OpenMailbox
	if !reads(w, r, wire.MaxManifestBody, &o) {
		return
	}
	now := h.now()
	m, err := newMailbox(hash, o, now.Unix())
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	made, err := h.store.OpenMailbox(r.Context(), m, now.Unix())
	if errors.Is(err, ErrTaken) {
		fail(w, http.StatusPreconditionFailed, "This id is taken")
		return
	}
	status := http.StatusOK
	if made {
		status = http.StatusCreated
		h.load.Count(now)
		h.counts.created.Add(1)
	}
	if err == nil {
		m, err = h.store.OwnedMailbox(r.Context(), hash, o.Token, now.Unix())
	}
	if err != nil {
		h.lost(w, err)
		return
	}
	answer(w, status, mailboxStatus(m, now.Unix()))
}

// newMailbox checks every member of o.
func newMailbox(hash string, o wire.OpenMailbox, now int64) (Mailbox, error) {
	if !shape.IsBase64(o.Token, 32) {
		return Mailbox{}, errToken
	}
	if o.Life < minLife || o.Life > int64(wire.MaxMailboxLife/time.Second) ||
		o.Entries < 1 || o.Entries > wire.MaxMailboxEntries || o.Bytes < 1 || o.Bytes > wire.MaxMailboxBytes {
		return Mailbox{}, errTerms
	}
	if err := shape.CheckNote(o.Note); err != nil {
		return Mailbox{}, err
	}
	return Mailbox{ID: hash, Token: o.Token, Expires: now + o.Life, MostEntries: o.Entries, MostBytes: o.Bytes, Note: o.Note}, nil
}
