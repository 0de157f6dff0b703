package relay

// ListenersEach is how many may wait at one mailbox.
const ListenersEach = listenersEach

// Listening is at how many mailboxes somebody waits.
func (h *Handler) Listening() int {
	return h.live.Boxes()
}
