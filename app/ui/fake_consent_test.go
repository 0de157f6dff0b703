package ui_test

import (
	"context"

	"potli/app/consent"
	"potli/app/consent/ledger"
	"potli/app/inbox"
	"potli/app/record"
	"potli/app/wallet"
)

// book is what the fake knows of consents.
type book struct {
	ask     *wallet.Asked
	grant   *wallet.GrantPreview
	book    *wallet.ConsentBook
	one     *wallet.ConsentInfo
	log     []ledger.Entry
	receipt *wallet.ReceiptView
}

func (d *door) TakeAsk(_ context.Context, text string, how inbox.How) (string, error) {
	return "ask1", d.note("take ask " + text + " " + string(how))
}

func (d *door) Asked(context.Context, string) (*wallet.Asked, error) {
	if d.consents.ask == nil {
		return nil, wallet.ErrNoAsk
	}
	return d.consents.ask, d.fault
}

func (d *door) PrepareGrant(_ context.Context, item string, who record.ProfileID, _ consent.Choice) (*wallet.GrantPreview, error) {
	return d.consents.grant, d.note("prepare " + item + " for " + string(who))
}

func (d *door) GrantAsk(_ context.Context, p *wallet.GrantPreview) (string, error) {
	return "consent1", d.note("grant " + p.Item)
}

func (d *door) RefuseAsk(_ context.Context, item string) error { return d.note("refuse " + item) }

func (d *door) AgreeConsent(_ context.Context, id string) error { return d.note("agree " + id) }

func (d *door) NarrowConsent(_ context.Context, id string, _ consent.Choice) error {
	return d.note("narrow " + id)
}

func (d *door) RevokeConsent(_ context.Context, id string) error {
	return d.note("revoke consent " + id)
}

func (d *door) RevokeParty(_ context.Context, p consent.Party) error {
	return d.note("revoke all at " + p.Name)
}

func (d *door) Consents(context.Context, record.ProfileID) (*wallet.ConsentBook, error) {
	if d.consents.book == nil {
		return &wallet.ConsentBook{}, d.fault
	}
	return d.consents.book, d.fault
}

func (d *door) Consent(context.Context, string) (*wallet.ConsentInfo, error) {
	if d.consents.one == nil {
		return nil, wallet.ErrNoConsent
	}
	return d.consents.one, d.fault
}

func (d *door) ConsentLog(context.Context, record.ProfileID, ledger.Query) ([]ledger.Entry, error) {
	return d.consents.log, d.fault
}

func (d *door) Receipt(context.Context, string) (*wallet.ReceiptView, error) {
	if d.consents.receipt == nil {
		return nil, wallet.ErrNoConsent
	}
	return d.consents.receipt, d.fault
}

func (d *door) ExportLog(context.Context, record.ProfileID) (string, []byte, error) {
	return "log.txt", []byte("potli-log/1\n"), d.note("export log")
}
