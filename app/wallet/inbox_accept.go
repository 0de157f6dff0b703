package wallet

import (
	"context"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
)

// Letter opens an item to be looked at.
func (w *Wallet) Letter(ctx context.Context, id string) (*Letter, error) { return nil, ErrNoItem }

// LetterDocument makes the nth document of an item readable, as Document does records.
func (w *Wallet) LetterDocument(ctx context.Context, id string, n int) (*fhir.Document, error) {
	return nil, ErrNoItem
}

// LetterFile returns the bytes of the nth document of an item, as Original does of records.
func (w *Wallet) LetterFile(ctx context.Context, id string, n int) (name, typ string, b []byte, err error) {
	return "", "", nil, ErrNoItem
}

// AcceptItem makes records of documents of an item; nil: of all that are Keepable.
func (w *Wallet) AcceptItem(ctx context.Context, id string, to record.ProfileID, documents []int) (*ImportReport, error) {
	return nil, ErrNoItem
}

// DeclineItem puts an item away: what is in it is erased after inbox.Undo.
func (w *Wallet) DeclineItem(ctx context.Context, id string) error { return ErrNoItem }

// RestoreItem takes DeclineItem back.
func (w *Wallet) RestoreItem(ctx context.Context, id string) error { return ErrNoItem }

// ReceiveHeld opens a stranger's link and holds what it has in the inbox.
func (w *Wallet) ReceiveHeld(ctx context.Context, l share.Link, recipient, passcode string) (item string, err error) {
	return "", ErrNoInbox
}
