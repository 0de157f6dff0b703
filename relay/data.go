package relay

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/scrypt"

	"potli/relay/wire"
)

// serveData answers readers: any origin, no credentials, errors as JSON, since
// deployed viewers parse a body before they look at the status.
func (h *Handler) serveData(w http.ResponseWriter, r *http.Request, rt route, arg string) {
	common(w)
	openCORS(w)
	if r.Method == http.MethodOptions {
		openPreflight(w)
		return
	}
	if wait, ok := h.data.take(h.addr(r), h.now()); !ok {
		h.limited(w, wait)
		return
	}
	if rt.plane == planeNone {
		h.gone(w)
		return
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet // which then spends nothing
	}
	serve, ok := rt.methods[method]
	if !ok {
		wrongMethod(w, allow(rt.methods))
		return
	}
	serve(h, w, r, arg)
}

// opening is one reader's try at one link.
type opening struct {
	reader    Reader
	recipient string // cleaned; "" when not given
	passcode  string
}

func (h *Handler) newOpening(id, recipient, passcode string) (opening, bool) {
	hash, ok := hashID(id)
	name := cleanRecipient(recipient)
	return opening{
		reader:    Reader{ID: hash, Now: h.now().Unix(), By: h.keys.readerMAC(hash, name)},
		recipient: name,
		passcode:  passcode,
	}, ok
}

// getLink serves a direct file (flag U) to GET, and to HEAD without a charge.
func (h *Handler) getLink(w http.ResponseWriter, r *http.Request, id string) {
	o, ok := h.newOpening(id, r.URL.Query().Get("recipient"), "")
	if !ok {
		h.gone(w)
		return
	}
	link, err := h.store.Live(r.Context(), o.reader)
	switch {
	case err != nil:
		h.lost(w, err)
	case !strings.Contains(link.Flag, "U"):
		wrongMethod(w, "OPTIONS, POST")
	case link.Strict && o.recipient == "":
		fail(w, http.StatusBadRequest, "Say who is asking: recipient is missing")
	case r.Method == http.MethodHead:
		fileHeaders(w, link)
	default:
		h.answering(w, r, link, func() {
			if h.open(w, r, o, &link) {
				h.sendFile(w, r, link)
			}
		})
	}
}

// answering takes memory for the part of a file that is held while it is sent,
// before anything is charged.
func (h *Handler) answering(w http.ResponseWriter, r *http.Request, link Link, do func()) {
	giveBack, ok := h.room(w, r, h.sends, min(link.Size, PartSize))
	if !ok {
		return
	}
	defer giveBack()
	do()
}

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

// getFile serves a manifest's location. The opening was charged when the ticket
// was made, so that a repeat within its life costs nothing.
func (h *Handler) getFile(w http.ResponseWriter, r *http.Request, ticket string) {
	now := h.now()
	id, file, ok := h.keys.readTicket(ticket, now)
	if !ok {
		h.gone(w)
		return
	}
	link, err := h.store.Live(r.Context(), Reader{ID: id, Now: now.Unix(), Ticket: true})
	if err == nil && link.File != file {
		err = ErrGone // replaced since: the reader asks for a fresh manifest (SHL: Manifest Response)
	}
	switch {
	case err != nil:
		h.lost(w, err)
	case r.Method == http.MethodHead:
		fileHeaders(w, link)
	default:
		h.answering(w, r, link, func() { h.sendFile(w, r, link) })
	}
}

// open charges an opening and writes its receipt, in this order and both
// durably, before anything is answered. It returns false after answering why
// not. link becomes what it is after the charge.
func (h *Handler) open(w http.ResponseWriter, r *http.Request, o opening, link *Link) bool {
	c, ok := h.charge(w, r, o, link)
	if !ok {
		return false
	}
	ctx := context.WithoutCancel(r.Context()) // who hangs up now has been charged, and leaves a receipt
	outcome := wire.OutcomeOpened
	if !c.Open {
		outcome = wire.OutcomeRefused
		if c.AttemptsLeft == 0 {
			if err := h.store.Erase(ctx, *link); err != nil {
				h.counts.failed.Add(1) // the purge erases it within the minute
			}
		}
	}
	if c.Receipt > 0 {
		if err := h.writeReceipt(ctx, *link, c.Receipt, o.recipient, outcome, o.reader.Now); err != nil {
			h.broken(w)
			return false
		}
	}
	if !c.Open {
		h.counts.refused.Add(1)
		answer(w, http.StatusUnauthorized, wire.Problem{Message: "Wrong passcode", RemainingAttempts: &c.AttemptsLeft})
		return false
	}
	if c.Receipt > 0 {
		h.counts.opened.Add(1)
	}
	return true
}

// charge spends an attempt or a use. Asking without a passcode is free: viewers
// probe. A check is held from before the scrypt until after the charge, so that
// guesses in flight cost no more scrypt than the attempts that are left and
// those that run already.
func (h *Handler) charge(w http.ResponseWriter, r *http.Request, o opening, link *Link) (Charged, bool) {
	// Without a passcode what is stored is right, whatever key it was made under.
	mac := link.PassMAC
	if strings.Contains(link.Flag, "P") {
		if o.passcode == "" {
			answer(w, http.StatusUnauthorized, wire.Problem{Message: "Passcode required", RemainingAttempts: &link.AttemptsLeft})
			return Charged{}, false
		}
		if !h.checks.enter(r.Context()) {
			h.limited(w, 2)
			return Charged{}, false
		}
		defer h.checks.leave()
		// Many may have waited for the same link; those who come after its last
		// attempt must not cost a check.
		again, err := h.store.Live(r.Context(), o.reader)
		if err != nil {
			h.lost(w, err)
			return Charged{}, false
		}
		*link = again
		scrypted, err := scrypt.Key([]byte(o.passcode), link.Salt, wire.PasscodeScryptN, 8, 1, wire.MaxPasscodeHash)
		if err != nil {
			panic(err) // constant parameters
		}
		mac = h.keys.passMAC(link.ID, scrypted)
	}
	c, err := h.store.Charge(r.Context(), o.reader, mac)
	if err != nil {
		h.lost(w, err)
		return Charged{}, false
	}
	return c, true
}

// lost answers an error of the store.
func (h *Handler) lost(w http.ResponseWriter, err error) {
	if errors.Is(err, ErrGone) {
		h.gone(w)
		return
	}
	h.broken(w)
}

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
// part. When a later one is missing the connection is dropped: the length has
// been announced, so that the reader cannot take the piece for the whole.
func (h *Handler) sendParts(w http.ResponseWriter, r *http.Request, link Link, part []byte) {
	for n := 1; ; n++ {
		hasten(w)
		if _, err := w.Write(part); err != nil {
			return // the reader has gone
		}
		if int64(n)*PartSize >= link.Size {
			return
		}
		var err error
		if part, err = h.store.Part(r.Context(), link.File, n); err != nil {
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
		f.Location = h.public + wire.FilePath + h.keys.ticketFor(link.ID, link.File, h.now().Add(wire.TicketLife))
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
