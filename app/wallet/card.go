package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"potli/app/card"
	"potli/app/fhir"
	"potli/app/record"
)

// What a health card is worth, in the words of package card, which pages do not
// know.
type (
	CardResult = card.Result
	CardState  = card.State
	CardReason = card.Reason
)

// The states and reasons that a page tells apart.
const (
	CardVerified      = card.Verified
	CardUnknownIssuer = card.UnknownIssuer
	CardInvalid       = card.Invalid
	CardUnchecked     = card.Unchecked

	CardSignature     = card.Signature
	CardNotYet        = card.NotYet
	CardExpired       = card.Expired
	CardRevoked       = card.Revoked
	CardNoRevocations = card.NoRevocations
)

// ErrCardPart: some of the codes of a card that was split are missing.
var ErrCardPart = card.ErrPart

// CheckCards says what the cards of a record are worth, in their order. It is
// asked each time a record is shown: time passes, and a release brings other
// issuers and revocations. Without a directory every card that could be good is
// unchecked.
func (w *Wallet) CheckCards(ctx context.Context, id record.ID) ([]CardResult, error) {
	body, m, err := w.original(ctx, id)
	if err != nil {
		return nil, err
	}
	if !m.Format.Card() {
		return nil, nil
	}
	in, err := pack(nil, body, w.issuers(ctx))
	if err != nil {
		return nil, err
	}
	out, err := w.d.Worker.Run(ctx, jobCheck, in, nil)
	if err != nil {
		return nil, err
	}
	var list []CardResult
	return list, unmarshal(out, &list)
}

// issuers is the directory, empty where it is not to be had.
func (w *Wallet) issuers(ctx context.Context) []byte {
	if w.d.Issuers == nil {
		return nil
	}
	b, err := w.d.Issuers(ctx)
	if err != nil {
		return nil
	}
	return b
}

func (j Jobs) check(in []byte) ([]byte, error) {
	var none any
	blobs, err := unpackN(in, &none, 2)
	if err != nil {
		return nil, err
	}
	cards, err := card.Read(blobs[0])
	if err != nil {
		return nil, cardError(err)
	}
	d, err := card.ParseDirectory(blobs[1])
	if err != nil {
		d = nil // a damaged directory proves nothing about a card
	}
	list := make([]CardResult, len(cards))
	for i, c := range cards {
		list[i] = c.Verify(d, j.Now())
	}
	return json.Marshal(list)
}

func (j Jobs) card(in []byte) ([]byte, error) {
	body, err := plain(record.FormatCard, in)
	if err != nil {
		return nil, err
	}
	return j.document(body)
}

// plain returns the FHIR that a record holds.
func plain(f record.Format, body []byte) ([]byte, error) {
	if !f.Card() {
		return body, nil
	}
	out, err := card.Open(body)
	return out, cardError(err)
}

// outline is what the index keeps of a record.
func outline(f record.Format, name string, body []byte) (fhir.Outline, error) {
	body, err := plain(f, body)
	if err != nil {
		return fhir.Outline{}, err
	}
	if f.Card() {
		f = record.FormatFHIR
	}
	return record.Summarise(f, name, body)
}

// cardError says for which of the reasons to refuse a file a card cannot be read.
func cardError(err error) error {
	switch {
	case errors.Is(err, card.ErrTooBig):
		return fmt.Errorf("%w: %w", record.ErrTooBig, err)
	case errors.Is(err, card.ErrMalformed), errors.Is(err, card.ErrNotCard):
		return fmt.Errorf("%w: %w", record.ErrDamaged, err)
	}
	return err
}
