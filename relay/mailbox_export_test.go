package relay

// ListenersEach is how many may wait at one mailbox.
const ListenersEach = listenersEach

// HashID is how an id is named in the tables.
func HashID(id string) string {
	hash, _ := hashID(id)
	return hash
}

// Listening is at how many mailboxes somebody waits.
func (h *Handler) Listening() int {
	return h.live.Boxes()
}
