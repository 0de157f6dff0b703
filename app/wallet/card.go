package wallet

import (
	"context"
	"encoding/json"

	"potli/app/card"
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
		return nil, err
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
