package relay

import (
	"net/http"

	"potli/relay/wire"
)

// postManifest serves the manifest of any link, flag U included: deployed
// viewers ignore that flag.
func (h *Handler) postManifest(w http.ResponseWriter, r *http.Request, id string) {
	req, ok := readManifestRequest(w, r)
	if !ok {
		return
	}
	o, ok := h.newOpening(id, req.Recipient, req.Passcode)
	if !ok {
		h.gone(w)
		return
	}
	link, err := h.store.Live(r.Context(), o.reader)
	switch {
	case err != nil:
		h.lost(w, err)
	case link.Strict && o.recipient == "":
		fail(w, http.StatusBadRequest, "Say who is asking: recipient is missing")
	default:
		h.answering(w, r, link, func() {
			if h.open(w, r, o, &link) {
				h.sendManifest(w, r, link, req.EmbeddedLengthMax)
			}
		})
	}
}

func readManifestRequest(w http.ResponseWriter, r *http.Request) (wire.ManifestRequest, bool) {
	var req wire.ManifestRequest
	if status, err := readJSON(w, r, wire.MaxManifestBody, false, &req); err != nil {
		fail(w, status, "The request must be a JSON object: recipient, passcode, embeddedLengthMax")
		return req, false
	}
	if len(req.Passcode) > wire.MaxPasscode {
		fail(w, http.StatusBadRequest, "The passcode is longer than any that exists")
		return req, false
	}
	return req, true
}
