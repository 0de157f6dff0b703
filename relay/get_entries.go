package relay

import (
	"net/http"
	"time"

	"potli/relay/wire"
)

// getEntries lists what is after a number, and can wait until there is something.
func (h *Handler) getEntries(w http.ResponseWriter, r *http.Request, id string) {
	after, ok := count(w, r, "after", maxSequence)
	if !ok {
		return
	}
	wait, ok := count(w, r, "wait", int64(wire.MaxWait/time.Second))
	if !ok {
		return
	}
	m, ok := h.ownedMailbox(w, r, id)
	if !ok {
		return
	}
	var woken <-chan struct{}
	if wait > 0 && r.Method != http.MethodHead {
		var stop func()
		if woken, stop, ok = h.listen(w, r, m.ID); !ok {
			return
		}
		defer stop()
	}
	list, more, err := h.store.Entries(r.Context(), m.ID, after, h.now().Unix())
	if err == nil && len(list) == 0 && woken != nil {
		h.await(w, r, woken, time.Duration(wait)*time.Second)
		if m, ok = h.ownedMailbox(w, r, id); !ok {
			return // it ended meanwhile
		}
		list, more, err = h.store.Entries(r.Context(), m.ID, after, h.now().Unix())
	}
	if err != nil {
		h.lost(w, err)
		return
	}
	answer(w, http.StatusOK, listOf(list, more))
}

func listOf(list []Entry, more bool) wire.Entries {
	out := wire.Entries{Entries: []wire.Entry{}, More: more}
	for _, e := range list {
		out.Entries = append(out.Entries, wire.Entry{Seq: e.Seq, ID: e.ID, Size: e.Size, Time: e.Added, Sealed: string(e.Body)})
	}
	return out
}
