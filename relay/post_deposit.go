package relay

import (
	"errors"
	"net/http"

	"potli/relay/keys"
	"potli/relay/shape"
	"potli/relay/wire"
)

// postDeposit puts an entry into a mailbox. It is answered once that is durable.
func (h *Handler) postDeposit(w http.ResponseWriter, r *http.Request, id string) {
	hash, ok := keys.HashID(id)
	if !ok {
		h.gone(w)
		return
	}
	// Asked before megabytes are read. What decides is the statement in Deposit.
	if _, err := h.store.Mailbox(r.Context(), hash, h.now().Unix()); err != nil {
		h.lost(w, err)
		return
	}
	var d wire.Deposit
	giveBack, ok := h.upload(w, r, &d)
	if !ok {
		return
	}
	defer giveBack()
	if err := shape.CheckDeposit(d); err != nil {
		fail(w, refusal(err), err.Error())
		return
	}
	if !h.keeps(w, len(d.Sealed)) {
		return
	}
	seq, err := h.store.Deposit(r.Context(), hash, d.ID, []byte(d.Sealed), h.now().Unix())
	if err == nil && h.push != nil { // a sender who is not answered brings it again
		err = h.store.Arrived(r.Context(), hash, h.now().Unix())
	}
	if errors.Is(err, ErrOther) || errors.Is(err, ErrFull) { // or refusals alone would seem to fill the store
		h.counts.add(-int64(len(d.Sealed)))
	}
	switch {
	case errors.Is(err, ErrOther):
		fail(w, http.StatusConflict, "Another entry has this id")
	case errors.Is(err, ErrFull):
		fail(w, http.StatusInsufficientStorage, "The mailbox is full")
	case err != nil:
		h.lost(w, err)
	default:
		h.arrived(hash, seq)
		answer(w, http.StatusCreated, wire.Deposited{ID: d.ID})
	}
}
