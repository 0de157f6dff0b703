package ui

import (
	"context"
	"time"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
	"potli/app/wallet"
)

// Door is what pages ask of the wallet; *wallet.Wallet is it. Each group is what one part of the house uses. Errors are
// those of the wallet's methods: errors.go has a sentence for each.
type Door interface {
	Starter
	Keeper
	Bringer
	Reader
	Sharer
	Ledger
}

// Starter opens and closes the wallet.
type Starter interface {
	Snapshot() *wallet.Snapshot
	Subscribe(f func(*wallet.Snapshot)) (cancel func())
	Suggest() string
	Strength(passphrase string) (bits float64, enough bool)
	Create(ctx context.Context, passphrase string, first wallet.Person) error
	TryDemo(ctx context.Context) error
	Unlock(ctx context.Context, passphrase string) error
	Rescue(ctx context.Context, recovery, newPassphrase string) error
	Lock()
	Touch()
	LockIn() time.Duration
	Offline(offline bool)
	Wipe(ctx context.Context) error
}

// Keeper changes people, settings and keys, and takes everything out or in again.
type Keeper interface {
	Choose(id record.ProfileID)
	AddPerson(ctx context.Context, p wallet.Person) (wallet.Person, error)
	EditPerson(ctx context.Context, p wallet.Person) error
	SetSettings(ctx context.Context, s wallet.Settings) error
	ChangePassphrase(ctx context.Context, old, new string) error
	RecoveryText(ctx context.Context, passphrase string) (string, error)
	Export(ctx context.Context) (name string, b []byte, err error)
	Restore(ctx context.Context, file []byte, recovery, passphrase string) (added int, err error)
}

// Bringer brings documents in.
type Bringer interface {
	Import(ctx context.Context, files []wallet.File) *wallet.ImportReport
	Settle(ctx context.Context, index int, who record.ProfileID) error
	Cancel()
	DismissImport()
	Link(text string) (share.Link, error)
	Receive(ctx context.Context, l share.Link, recipient, passcode string) (*wallet.ImportReport, error)
}

// Reader reads and deletes documents.
type Reader interface {
	Timeline(q wallet.Query) wallet.Timeline
	Record(id record.ID) (record.Meta, bool)
	Document(ctx context.Context, id record.ID) (*fhir.Document, error)
	Original(ctx context.Context, id record.ID) (name, typ string, b []byte, err error)
	Attachment(ctx context.Context, id record.ID, a fhir.Attachment) (name, typ string, b []byte, err error)
	Delete(ctx context.Context, id record.ID) error
	Undelete()
}

// Sharer makes links.
type Sharer interface {
	PrepareCounter(ctx context.Context, only ...record.ID) (*wallet.Preview, error)
	PrepareLink(ctx context.Context, only ...record.ID) (*wallet.Preview, error)
	Share(ctx context.Context, p *wallet.Preview) (string, error)
	ShareLink(id string) (string, bool)
}

// Ledger changes links that were made.
type Ledger interface {
	Pause(ctx context.Context, id string, paused bool) error
	Extend(ctx context.Context, id string, by time.Duration) error
	Revoke(ctx context.Context, id string) error
	RevokeAll(ctx context.Context) error
	Renew(ctx context.Context, id string) (string, error)
	Refresh(ctx context.Context, ids ...string) error
	Forget(ctx context.Context, id string) error
}

var _ Door = (*wallet.Wallet)(nil)
