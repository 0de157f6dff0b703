package wallet

import (
	"context"

	"potli/app/fhir"
	"potli/app/record"
)

// LetterAttachment returns a file inside the nth document of an item, as Attachment does of records.
func (w *Wallet) LetterAttachment(ctx context.Context, id string, n int, a fhir.Attachment) (name, typ string, b []byte, err error) {
	_, _, body, err := w.LetterFile(ctx, id, n)
	if err != nil {
		return "", "", nil, err
	}
	format, err := record.Sniff(body)
	if err != nil {
		return "", "", nil, err
	}
	return attachmentOf(body, record.Meta{Format: format}, a)
}
