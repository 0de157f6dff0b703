package ui

import (
	"context"
	"time"

	"potli/app/consent"
	"potli/app/consent/ledger"
	"potli/app/diary"
	"potli/app/emergency"
	"potli/app/fhir"
	"potli/app/inbox"
	"potli/app/record"
	"potli/app/share"
	"potli/app/summary"
	"potli/app/trend"
	"potli/app/wallet"
)

// Door is what pages ask of the wallet; *wallet.Wallet is it. Each group is what one part of the house uses. Errors are
// those of the wallet's methods: errors.go has a sentence for each.
type Door interface {
	Starter
	Stiller
	Family
	Keeper
	Owner
	Recoverer
	Bringer
	Photographer
	Writer
	Reader
	Sharer
	Exporter
	Carder
	Exporter
	Charter
	Ledger
	Pairer
	Folder
	Consenter
	Receiver
	Readier
	Waiter
	Witness
	Storer
}

// Photographer makes documents of photographs of paper.
type Photographer interface {
	FindSheet(ctx context.Context, p wallet.Pixels) (wallet.Corners, bool, error)
	StraightenSheet(ctx context.Context, p wallet.Pixels, c wallet.Corners, brighten bool) (wallet.Pixels, error)
	KeepPhotographed(ctx context.Context, d wallet.Photographed) (*wallet.ImportReport, error)
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
	UnlockWithPasskey(ctx context.Context) error
	UnlockQuick(ctx context.Context) error
	Rescue(ctx context.Context, recovery, newPassphrase string) error
	Lock()
	Touch()
	LockIn() time.Duration
	Offline(offline bool)
	Wipe(ctx context.Context) error
}

// Keeper changes settings and keys, and takes everything out or in again.
type Keeper interface {
	SetSettings(ctx context.Context, s wallet.Settings) error
	ChangePassphrase(ctx context.Context, old, new string) error
	Offers(ctx context.Context) (passkeys, quickKeys bool)
	Prove(ctx context.Context, passphrase string) error
	AddPasskey(ctx context.Context, name string) error
	AddQuick(ctx context.Context) error
	RemoveMethod(ctx context.Context, m wallet.Method) error
	Export(ctx context.Context) (name string, b []byte, err error)
	Pack(ctx context.Context) (name string, b []byte, err error)
	HandedOver(ctx context.Context) error
	VerifyBackup(ctx context.Context, file []byte) (*wallet.BackupReport, error)
	Restore(ctx context.Context, file []byte, papers []string, passphrase string) (added int, err error)
}

// Owner keeps the devices that open the wallet.
type Owner interface {
	Devices(ctx context.Context) ([]wallet.Device, error)
	SetDeviceName(ctx context.Context, id, name string) error
	RemoveDevice(ctx context.Context, words, id string) error
	ConfirmDevice(ctx context.Context, id string) error
	ReadTrouble(ctx context.Context) error
}

// Recoverer makes the recovery kit and the sheets of trusted contacts, and tries them.
type Recoverer interface {
	KitAsks() bool
	MakeKit(ctx context.Context, passphrase string) (*wallet.Kit, error)
	KeepKit(ctx context.Context, k *wallet.Kit, answers []string) (wrong []int, err error)
	KeepKitText(ctx context.Context, k *wallet.Kit, text string) error
	CheckKit(ctx context.Context, text string, backup []byte) (*wallet.KitCheck, error)
	MakeContacts(ctx context.Context, kit string, names []string) (*wallet.Sheets, error)
	KeepContacts(ctx context.Context, s *wallet.Sheets) error
	DropContacts(ctx context.Context) error
	TryContacts(ctx context.Context, first, second string, backup []byte) (*wallet.KitCheck, error)
}

// Family knows the people, and whose records are shown.
type Family interface {
	Choose(id record.ProfileID)
	AddPerson(ctx context.Context, p wallet.Person) (wallet.Person, error)
	AddSubject(ctx context.Context, subject fhir.Person) (wallet.Person, error)
	EditPerson(ctx context.Context, p wallet.Person) error
	SetSelf(ctx context.Context, id record.ProfileID) error
	Hide(id record.ProfileID) error
	SetAside(ctx context.Context, id record.ProfileID) error
	BringBack(ctx context.Context, id record.ProfileID) error
	EraseProfile(ctx context.Context, id record.ProfileID) error
	CountRecords(id record.ProfileID) int
	Photo(ctx context.Context, id record.ProfileID) ([]byte, error)
	SetPhoto(ctx context.Context, id record.ProfileID, jpeg []byte) error
	SetGuardian(ctx context.Context, id record.ProfileID, g *wallet.Guardianship) error
	Papers(id record.ProfileID) []record.Meta
	ReadNotice(ctx context.Context, id record.ProfileID) error
	OfferRecords(ctx context.Context, id record.ProfileID, user string) error
	AcceptRecords(ctx context.Context, id record.ProfileID) error
	HandOver(ctx context.Context, id record.ProfileID) error
	KeepReaders(ctx context.Context, id record.ProfileID, users []string) error
	NameHolder(ctx context.Context, id record.ProfileID, user string, days int) error
	ClaimRecords(ctx context.Context, id record.ProfileID) error
	VetoClaim(ctx context.Context, id record.ProfileID) error
	RecoverRecords(ctx context.Context, id record.ProfileID) error
	Carers(ctx context.Context, id record.ProfileID) ([]wallet.Carer, error)
	SetCarerRole(ctx context.Context, id record.ProfileID, user, role string) error
	RemoveCarer(ctx context.Context, id record.ProfileID, user string) error
}

// Bringer brings documents in.
type Bringer interface {
	Import(ctx context.Context, files []wallet.File) *wallet.ImportReport
	Settle(ctx context.Context, index int, who record.ProfileID) error
	Cancel()
	DismissImport()
	TakeHealth(ctx context.Context, c wallet.HealthChoice) *wallet.ImportReport
	DropHealth()
	Link(text string) (share.Link, error)
}

// Writer keeps what is written by hand.
type Writer interface {
	MayWrite(ctx context.Context, who record.ProfileID) error
	Write(ctx context.Context, who record.ProfileID, n diary.Note) (record.ID, error)
	Written(ctx context.Context, id record.ID) (diary.Note, error)
	Correct(ctx context.Context, id record.ID, n diary.Note) (record.ID, error)
	Draft(ctx context.Context, like wallet.Draft) (wallet.Draft, bool, error)
	KeepDraft(ctx context.Context, d wallet.Draft) error
}

// Reader reads documents, deletes them and files them elsewhere.
type Reader interface {
	Timeline(q wallet.Query) wallet.Timeline
	Summary(ctx context.Context) (*summary.Summary, error)
	Record(id record.ID) (record.Meta, bool)
	BroughtBy(ctx context.Context, id record.ID) (*wallet.Bringer, error)
	Document(ctx context.Context, id record.ID) (*fhir.Document, error)
	CheckCards(ctx context.Context, id record.ID) ([]wallet.CardResult, error)
	Original(ctx context.Context, id record.ID) (name, typ string, b []byte, err error)
	Attachment(ctx context.Context, id record.ID, a fhir.Attachment) (name, typ string, b []byte, err error)
	Delete(ctx context.Context, id record.ID) error
	Move(ctx context.Context, id record.ID, to record.ProfileID) (record.ID, error)
	Holding(id record.ID) []share.Share
	Undo(ctx context.Context) error
}

// Charter makes charts of what was measured.
type Charter interface {
	Trends(ctx context.Context) ([]trend.Summary, error)
	Trend(ctx context.Context, key string) (*trend.Chart, error)
	SetUnit(ctx context.Context, key, unit string) error
}

// Sharer makes links.
type Sharer interface {
	PrepareCounter(ctx context.Context, only ...record.ID) (*wallet.Preview, error)
	PrepareLink(ctx context.Context, only ...record.ID) (*wallet.Preview, error)
	Share(ctx context.Context, p *wallet.Preview) (string, error)
	ShareLink(id string) (string, bool)
	PrepareHand(ctx context.Context, only ...record.ID) (*wallet.Preview, error)
	ShowHand(ctx context.Context, p *wallet.Preview) (*wallet.Hand, error)
	TakeHand(ctx context.Context, p *wallet.Parcel) (*wallet.ImportReport, error)
}

// Exporter takes a selection out as a file or on paper.
type Exporter interface {
	PrepareExport(ctx context.Context, whole bool, only ...record.ID) (*wallet.Preview, error)
	TakeOut(ctx context.Context, p *wallet.Preview, o wallet.Order) (wallet.Taken, error)
	Facts(ctx context.Context, p *wallet.Preview) ([]share.Fact, error)
	Printed(ctx context.Context, p *wallet.Preview, title string) error
	Given(ctx context.Context) ([]wallet.Given, error)
}

// Carder keeps emergency cards.
type Carder interface {
	CardFacts(ctx context.Context) (map[emergency.FieldID][]string, error)
	SetCard(ctx context.Context, c emergency.Card) error
	DropCard(ctx context.Context, id record.ProfileID) error
	MayShowCard(ctx context.Context, who record.ProfileID) error
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

// Folder keeps backups in a folder.
type Folder interface {
	PickFolder(ctx context.Context) error
	AllowFolder(ctx context.Context) error
	BackUp(ctx context.Context) error
	ForgetFolder(ctx context.Context) error
}

// Pairer pairs this device with another. How that goes stands in Snapshot.Pairing.
type Pairer interface {
	ShowLink(ctx context.Context, words string, long bool) error
	ReadLink(ctx context.Context, code, device, words string) error
	ShowInvite(ctx context.Context, words string, i wallet.Invite, long bool) error
	ReadInvite(ctx context.Context, code, name string) error
	AcceptPairing(ctx context.Context) error
	DeclinePairing(ctx context.Context) error
	DropPairing()
}

// Receiver takes in what providers send.
type Receiver interface {
	MakeDrop(ctx context.Context, o wallet.DropOffer) (id string, err error)
	DropLink(id string) (string, bool)
	ProlongDrop(ctx context.Context, id string, by time.Duration) error
	RevokeDrop(ctx context.Context, id string) error
	CheckInbox(ctx context.Context) error
	Letter(ctx context.Context, id string) (*wallet.Letter, error)
	LetterDocument(ctx context.Context, id string, n int) (*fhir.Document, error)
	LetterAttachment(ctx context.Context, id string, n int, a fhir.Attachment) (name, typ string, b []byte, err error)
	LetterFile(ctx context.Context, id string, n int) (name, typ string, b []byte, err error)
	AcceptItem(ctx context.Context, id string, to record.ProfileID, documents []int) (*wallet.ImportReport, error)
	DeclineItem(ctx context.Context, id string) error
	RestoreItem(ctx context.Context, id string) error
	ReceiveHeld(ctx context.Context, l share.Link, recipient, passcode string) (item string, err error)
	PinProvider(ctx context.Context, p inbox.Pin) error
	UnpinProvider(ctx context.Context, thumbprint string) error
	CheckProvider(ctx context.Context, item string) (inbox.How, error)
	Notify(ctx context.Context, on bool) error
}

// Consenter answers providers who ask for records, and keeps what was agreed.
type Consenter interface {
	TakeAsk(ctx context.Context, text string, how inbox.How) (item string, err error)
	Asked(ctx context.Context, item string) (*wallet.Asked, error)
	PrepareGrant(ctx context.Context, item string, who record.ProfileID, c consent.Choice) (*wallet.GrantPreview, error)
	GrantAsk(ctx context.Context, p *wallet.GrantPreview) (consentID string, err error)
	RefuseAsk(ctx context.Context, item string) error
	AgreeConsent(ctx context.Context, id string) error
	NarrowConsent(ctx context.Context, id string, c consent.Choice) error
	RevokeConsent(ctx context.Context, id string) error
	RevokeParty(ctx context.Context, party consent.Party) error
	Consents(ctx context.Context, who record.ProfileID) (*wallet.ConsentBook, error)
	Consent(ctx context.Context, id string) (*wallet.ConsentInfo, error)
	ConsentLog(ctx context.Context, who record.ProfileID, q ledger.Query) ([]ledger.Entry, error)
	Receipt(ctx context.Context, id string) (*wallet.ReceiptView, error)
	ExportLog(ctx context.Context, who record.ProfileID) (name string, b []byte, err error)
}

var _ Door = (*wallet.Wallet)(nil)
