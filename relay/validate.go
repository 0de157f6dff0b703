package relay

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"potli/relay/shape"
	"potli/relay/wire"
)

const (
	minLife     = int64(wire.MinLife / time.Second)
	maxLife     = int64(wire.MaxLife / time.Second)
	keepSeconds = int64(wire.ReceiptKeep / time.Second)
	maxSequence = 1<<53 - 1 // beyond, JavaScript would round it
)

var (
	errToken    = errors.New("token must be the SHA-256 of the owner's token in base64url")
	errFlag     = errors.New("flag must be one of \"\", L, P, U, LP, LU")
	errLife     = errors.New("life must be from 60 seconds to 30 days")
	errUses     = errors.New("uses must be from 1 to 1000")
	errPasscode = errors.New("a passcode is set exactly when the flag has P: salt of 16 bytes, hash of 32, 1 to 5 attempts")
	errReceipt  = errors.New("receiptKey must be an MLKEM768-X25519 public key in base64url")
	errNothing  = errors.New("nothing to change")
	errSequence = errors.New("the header " + wire.SequenceHeader + " must be a whole number from 1 to 2^53-1")
)

// refusal is the status that goes with an error of this file or of package shape.
func refusal(err error) int {
	if errors.Is(err, shape.ErrTooBig) {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}

// newLink checks every member of c.
func (h *Handler) newLink(hash string, c wire.Create, now int64) (Link, error) {
	if !shape.IsBase64(c.Token, 32) {
		return Link{}, errToken
	}
	if !isLife(c.Life) {
		return Link{}, errLife
	}
	if c.Uses < 1 || c.Uses > wire.MaxUses {
		return Link{}, errUses
	}
	key, ok := shape.Bytes(c.ReceiptKey, wire.MaxReceiptKey)
	if !ok {
		return Link{}, errReceipt
	}
	if _, err := parseReceiptKey(key); err != nil {
		return Link{}, errReceipt
	}
	if err := shape.CheckFile(c.File); err != nil {
		return Link{}, err
	}
	expires := now + c.Life
	link := Link{
		ID: hash, Flag: c.Flag, Strict: c.StrictRecipient, Expires: expires, Keep: expires + keepSeconds,
		UsesLeft: c.Uses, Token: c.Token, ReceiptKey: key, ContentType: c.File.ContentType, Kid: h.keys.Kid(),
	}
	return link, h.setPasscode(&link, c)
}

// setPasscode checks flag and passcode together: P with a verifier, anything
// else without, U and P never together (SHL: flag).
func (h *Handler) setPasscode(link *Link, c wire.Create) error {
	switch c.Flag {
	case "", "L", "U", "LU":
		if c.Passcode != nil {
			return errPasscode
		}
		link.AttemptsLeft = 1
		link.PassMAC = h.keys.PassMAC(link.ID, nil)
		return nil
	case "P", "LP":
		p := c.Passcode
		if p == nil || p.Attempts < 1 || p.Attempts > wire.MaxAttempts {
			return errPasscode
		}
		hash, ok := shape.Bytes(p.Hash, wire.MaxPasscodeHash)
		if !ok {
			return errPasscode
		}
		if link.Salt, ok = shape.Bytes(p.Salt, 16); !ok {
			return errPasscode
		}
		link.AttemptsLeft = p.Attempts
		link.PassMAC = h.keys.PassMAC(link.ID, hash)
		return nil
	}
	return errFlag
}

func isLife(seconds int64) bool { return seconds >= minLife && seconds <= maxLife }

func newTerms(c wire.Change, now int64) (Terms, error) {
	if c.Paused == nil && c.Life == nil && c.AddUses == nil {
		return Terms{}, errNothing
	}
	t := Terms{Paused: c.Paused}
	if c.Life != nil {
		if !isLife(*c.Life) {
			return Terms{}, errLife
		}
		expires := now + *c.Life
		t.Expires = &expires
	}
	if c.AddUses != nil {
		if *c.AddUses < 1 || *c.AddUses > wire.MaxUses {
			return Terms{}, errUses
		}
		t.AddUses = *c.AddUses
	}
	return t, nil
}

// sequence reads the number of a change.
func sequence(r *http.Request, optional bool) (int64, error) {
	s := r.Header.Get(wire.SequenceHeader)
	if s == "" && optional {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 || n > maxSequence {
		return 0, errSequence
	}
	return n, nil
}
