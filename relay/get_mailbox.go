package relay

import "net/http"

func (h *Handler) getMailbox(w http.ResponseWriter, r *http.Request, id string) {
	if m, ok := h.ownedMailbox(w, r, id); ok {
		answer(w, http.StatusOK, mailboxStatus(m, h.now().Unix()))
	}
}
