package wallet

import (
	"context"

	"potli/app/consent"
	"potli/app/consent/ledger"
	"potli/app/inbox"
	"potli/app/record"
)

func (w *Wallet) TakeAsk(ctx context.Context, text string, how inbox.How) (item string, err error) {
	return "", ErrNoAsk
}

func (w *Wallet) Asked(ctx context.Context, item string) (*Asked, error) { return nil, ErrNoAsk }

func (w *Wallet) PrepareGrant(ctx context.Context, item string, who record.ProfileID, c consent.Choice) (*GrantPreview, error) {
	return nil, ErrNoAsk
}

func (w *Wallet) GrantAsk(ctx context.Context, p *GrantPreview) (consentID string, err error) {
	return "", ErrNoAsk
}

func (w *Wallet) RefuseAsk(ctx context.Context, item string) error { return ErrNoAsk }

func (w *Wallet) AgreeConsent(ctx context.Context, id string) error { return ErrNoConsent }

func (w *Wallet) NarrowConsent(ctx context.Context, id string, c consent.Choice) error {
	return ErrNoConsent
}

func (w *Wallet) RevokeConsent(ctx context.Context, id string) error { return ErrNoConsent }

func (w *Wallet) RevokeParty(ctx context.Context, party consent.Party) error { return ErrNoConsent }

func (w *Wallet) Consents(ctx context.Context, who record.ProfileID) (*ConsentBook, error) {
	return nil, ErrNoConsent
}

func (w *Wallet) Consent(ctx context.Context, id string) (*ConsentInfo, error) {
	return nil, ErrNoConsent
}

func (w *Wallet) ConsentLog(ctx context.Context, who record.ProfileID, q ledger.Query) ([]ledger.Entry, error) {
	return nil, ErrNoConsent
}

func (w *Wallet) Receipt(ctx context.Context, id string) (*ReceiptView, error) {
	return nil, ErrNoConsent
}

func (w *Wallet) ExportLog(ctx context.Context, who record.ProfileID) (name string, b []byte, err error) {
	return "", nil, ErrNoConsent
}
