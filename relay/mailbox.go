package relay

import (
	"errors"
	"net/http"
	"strconv"

	"potli/relay/wire"
)

var errTerms = errors.New("a mailbox lives from 60 seconds to 90 days and holds 1 to 1000 entries of 1 to 104857600 bytes in all")

// ownedMailbox returns the mailbox of id when the request carries its token.
func (h *Handler) ownedMailbox(w http.ResponseWriter, r *http.Request, id string) (Mailbox, bool) {
	hash, token, ok := h.credentials(w, r, id)
	if !ok {
		return Mailbox{}, false
	}
	m, err := h.store.OwnedMailbox(r.Context(), hash, token, h.now().Unix())
	if err != nil {
		h.lost(w, err)
		return Mailbox{}, false
	}
	return m, true
}

// mailboxStatus is what the owner may know.
func mailboxStatus(m Mailbox, now int64) wire.MailboxStatus {
	return wire.MailboxStatus{Now: now, Created: m.Created, Expires: m.Expires, Entries: m.Entries, Bytes: m.Bytes, Highest: m.Highest}
}

// arrived tells whoever waits for it that an entry is durable.
func (h *Handler) arrived(mailbox string, seq int64) {
	h.counts.deposits.Add(1)
	h.live.Arrived(mailbox, seq)
	if h.publish != nil {
		h.publish(mailbox, seq)
	}
}

// count reads a whole number from 0 to most out of the query, 0 when missing, or
// answers that it is none.
func count(w http.ResponseWriter, r *http.Request, name string, most int64) (int64, bool) {
	s := r.URL.Query().Get(name)
	if s == "" {
		return 0, true
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > most {
		fail(w, http.StatusBadRequest, name+" must be a whole number from 0 to "+strconv.FormatInt(most, 10))
		return 0, false
	}
	return n, true
}
