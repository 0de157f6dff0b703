package relay

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"golang.org/x/crypto/scrypt"

	"potli/relay/keys"
	"potli/relay/shape"
	"potli/relay/wire"
)

// opening is one reader's try at one link.
type opening struct {
	reader    Reader
	recipient string // cleaned; "" when not given
	passcode  string
}

func (h *Handler) newOpening(id, recipient, passcode string) (opening, bool) {
	hash, ok := keys.HashID(id)
	name := shape.Name(recipient)
	return opening{
		reader:    Reader{ID: hash, Now: h.now().Unix(), By: h.keys.ReaderMAC(hash, name)},
		recipient: name,
		passcode:  passcode,
	}, ok
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
			h.counts.exhausted.Add(1)
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
	// Without a passcode what is stored is right, whatever key it was made under,
	// and a repeat has nothing to write.
	mac := link.PassMAC
	if strings.Contains(link.Flag, "P") {
		if o.passcode == "" {
			answer(w, http.StatusUnauthorized, wire.Problem{Message: "Passcode required", RemainingAttempts: &link.AttemptsLeft})
			return Charged{}, false
		}
		if !h.checks.Enter(r.Context()) {
			h.limited(w, 2)
			return Charged{}, false
		}
		defer h.checks.Leave()
		// Many may have waited for the same link; those who come after its last
		// attempt must not cost a check.
		again, err := h.store.Live(r.Context(), o.reader)
		if err != nil {
			h.lost(w, err)
			return Charged{}, false
		}
		*link = again
		k, ok := h.keys.Of(link.Kid)
		if !ok { // nobody can tell right from wrong: no attempt is spent on that
			h.gone(w)
			return Charged{}, false
		}
		scrypted, err := scrypt.Key([]byte(o.passcode), link.Salt, wire.PasscodeScryptN, 8, 1, wire.MaxPasscodeHash)
		if err != nil {
			panic(err) // constant parameters
		}
		mac = k.PassMAC(link.ID, scrypted)
	} else if link.Again {
		return Charged{Open: true, AttemptsLeft: link.AttemptsLeft, UsesLeft: link.UsesLeft}, true
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
