package relay

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"potli/relay/wire"
)

func fileHeaders(w http.ResponseWriter, link Link) {
	w.Header().Set("Content-Type", wire.ContentTypeJOSE)
	w.Header().Set("Content-Length", strconv.FormatInt(link.Size, 10))
	w.WriteHeader(http.StatusOK)
}

// sendFile streams a file part by part: a slow reader holds one part in memory
// and no place in the store.
func (h *Handler) sendFile(w http.ResponseWriter, r *http.Request, link Link) {
	first, err := h.firstPart(r.Context(), &link)
	if err != nil {
		h.lost(w, err)
		return
	}
	fileHeaders(w, link)
	h.sendParts(w, r, link, first)
}

// firstPart fetches the beginning of link's file, or of the file that replaced
// it a moment ago.
func (h *Handler) firstPart(ctx context.Context, link *Link) ([]byte, error) {
	part, err := h.store.Part(ctx, link.File, 0)
	if !errors.Is(err, ErrGone) {
		return part, err
	}
	again, err := h.store.Live(ctx, Reader{ID: link.ID, Now: h.now().Unix(), Ticket: true})
	if err != nil {
		return nil, err
	}
	*link = again
	return h.store.Part(ctx, link.File, 0)
}

// sendParts writes the whole file, of which the caller has fetched the first
// part.
func (h *Handler) sendParts(w http.ResponseWriter, r *http.Request, link Link, part []byte) {
	sendAll(w, part, link.Size, func(n int) ([]byte, error) { return h.store.Part(r.Context(), link.File, n) })
}

// sendAll writes size bytes, of which part are the first and next has the n-th
// part. When one is missing the connection is dropped: the length has been
// announced, so that the reader cannot take the piece for the whole.
func sendAll(w http.ResponseWriter, part []byte, size int64, next func(n int) ([]byte, error)) {
	for n := 1; ; n++ {
		hasten(w)
		if _, err := w.Write(part); err != nil {
			return // the reader has gone
		}
		if int64(n)*PartSize >= size {
			return
		}
		var err error
		if part, err = next(n); err != nil {
			panic(http.ErrAbortHandler)
		}
	}
}

// sendManifest answers with the link's one file: inside the manifest when the
// reader says how much it takes and the file fits, else as a location.
func (h *Handler) sendManifest(w http.ResponseWriter, r *http.Request, link Link, most *int64) {
	f := wire.ManifestFile{ContentType: link.ContentType}
	if link.ContentType == wire.ContentTypeFHIR {
		f.FHIRVersion = "4.0.1" // the only one that wallets send
	}
	if strings.Contains(link.Flag, "L") {
		f.Status = "can-change"
		f.LastUpdated = time.Unix(link.Updated, 0).UTC().Format(time.RFC3339)
		w.Header().Set("Retry-After", "60") // the least time between polls
	}
	if most == nil || link.Size > *most {
		f.Location = h.public + wire.FilePath + h.keys.Ticket(link.ID, link.File, h.now().Add(wire.TicketLife))
		answer(w, http.StatusOK, wire.Manifest{Files: []wire.ManifestFile{f}})
		return
	}
	h.sendEmbedded(w, r, link, f)
}

// sendEmbedded streams the manifest around the file, whose characters need no
// escaping in JSON.
func (h *Handler) sendEmbedded(w http.ResponseWriter, r *http.Request, link Link, f wire.ManifestFile) {
	first, err := h.firstPart(r.Context(), &link)
	if err != nil {
		h.lost(w, err)
		return
	}
	const mark = "."
	f.Embedded = mark
	body, err := json.Marshal(wire.Manifest{Files: []wire.ManifestFile{f}})
	if err != nil {
		panic(err) // our own types, which marshal
	}
	before, after, _ := strings.Cut(string(body), `"embedded":"`+mark+`"`)
	before, after = before+`"embedded":"`, `"`+after
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.FormatInt(int64(len(before)+len(after))+link.Size, 10))
	w.WriteHeader(http.StatusOK)
	w.Write([]byte(before))
	h.sendParts(w, r, link, first)
	w.Write([]byte(after))
}
