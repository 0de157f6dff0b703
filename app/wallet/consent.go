package wallet

import (
	"errors"
	"time"

	"potli/app/consent"
	"potli/app/consent/ledger"
	"potli/app/fhir"
	"potli/app/inbox"
	"potli/app/record"
)

// Errors of consents.
var (
	// ErrNoAsk: there is no such request, or it is none.
	ErrNoAsk = errors.New("no such request")
	// ErrAnswered: it was answered before.
	ErrAnswered = errors.New("the request has been answered")
	// ErrNoConsent: there is no such consent.
	ErrNoConsent = errors.New("no such consent")
	// ErrConsentOver: it has ended, and nothing of it can be changed.
	ErrConsentOver = errors.New("the consent has ended")
	// ErrAgreed: this user has said yes already, or one yes is enough.
	ErrAgreed = errors.New("agreed already")
	// ErrHeavy: a record is too large for one message.
	ErrHeavy = errors.New("too large for one message")
	// ErrChanged: what would go is not what was shown.
	ErrChanged = errors.New("it has changed since it was shown")
)

// Asked is a provider's request for records, and what is known of who asks.
type Asked struct {
	Item    string
	Request *consent.Request
	Trust   inbox.Trust
	How     inbox.How
	// People are those whose records could be meant and for whom this user may answer,
	// the likeliest first.
	People []record.ProfileID
	Late   bool // it can no longer be answered
	// Consents are what was made of it, Refused that it was refused.
	Consents []string
	Refused  bool
}

// Row is a record as a list shows it.
type Row struct {
	ID        record.ID
	Title     string // "": use Kind's name
	Kind      fhir.Kind
	Date      string // FHIR date
	Bytes     int64
	Sensitive []string // the groups of share that it belongs to
}

// Staying is a record that does not go, and why.
type Staying struct {
	Row
	Why consent.Reason
}

// GrantPreview is exactly what would be given now, and under which terms. It is not
// changed by what is written meanwhile: GrantAsk refuses with ErrChanged instead.
type GrantPreview struct {
	Item    string
	Person  record.ProfileID
	Request *consent.Request
	Terms   *consent.Grant // narrowed by the choice
	Going   []Row
	Staying []Staying
	// Two says that what is sensitive goes only after the person themselves and somebody
	// who cares for them said yes, each in a wallet of their own.
	Two bool
	// Alone says that Two cannot come to pass yet: the person has no wallet of their own
	// that cares for these records.
	Alone bool
	// ByLink says that the receiver gave no mailbox: a link is made, to be handed over.
	ByLink bool
	Bytes  int64

	choice consent.Choice
}

// ConsentBook is what there is to say of one person's consents.
type ConsentBook struct {
	Person   record.ProfileID
	Holdings []ledger.Holding // who has what today
	All      []ConsentInfo    // every consent there was, the newest first
	Missed   []MissedAsk      // requests that nobody answered in time, or that were refused
	Findings []DeviceFinding  // logs that are not what was seen of them
}

// ConsentInfo is how one consent stands.
type ConsentInfo struct {
	ID     string
	Person record.ProfileID
	Terms  *consent.Grant // the newest
	Notice consent.Notice
	State  consent.State
	Since  time.Time
	Ended  time.Time // when it was taken back
	// Over says that its time has passed.
	Over bool
	// Waits is for whose yes it waits: "person", "another"; "" for nobody's.
	Waits string
	// Alone: nobody could give the yes that it waits for; see GrantPreview.Alone.
	Alone bool
	// Mine says that this user may still say the yes it waits for.
	Mine       bool
	Deliveries int
	Delivered  time.Time
	// Unsent counts what is written down and not at the relay yet: an answer, documents.
	Unsent int
	// Trouble says why: "offline", "gone" (the receiver's mailbox is no more), "full",
	// "heavy" (a record is too large), "".
	Trouble string
	// Untold says that the receiver does not know yet that it was taken back or narrowed.
	Untold bool
	// Countersigned is when the receiver confirmed, zero when it has not.
	Countersigned time.Time
	Receipts      []ReceiptInfo // the oldest first
	Link          string        // id of the share that carries it, for who has no mailbox
	// Relay is the origin of the relay that carries it, where that is not ours: then what
	// goes waits for a tap in the framed page, which alone may reach it.
	Relay     string
	Elsewhere bool // made on somebody else's device: what is kept of it here is the log alone
}

// ReceiptInfo names a receipt: Receipt shows it.
type ReceiptInfo struct {
	ID            string // its hash
	State         consent.EventKind
	At            time.Time
	Documents     int
	Countersigned bool
}

// MissedAsk is a request that came to nothing.
type MissedAsk struct {
	Party  consent.Party
	Asked  string // its hash
	At     time.Time
	Lapsed bool // nobody answered; else it was refused
}

// DeviceFinding is what this device, a witness, can say of the log of another, or of
// its own.
type DeviceFinding struct {
	ledger.Verdict
	User   string // whose device it is
	Name   string // what the device or its owner is called here, "" where it is not known
	Mine   bool   // it is one of this user's
	Itself bool   // it is this one
}

// ReceiptView is a receipt, verified, in every form in which it leaves the wallet.
type ReceiptView struct {
	*consent.Verified
	ID      string // its hash
	Counter string // compact JWS of the countersignature, ""
	Signed  *consent.Countersigned
	FHIR    []byte // a Bundle
	// QR is what fits a code: the JWS where it is short enough, else "sha256:" and the
	// hash, by which the file can be compared.
	QR   string
	Full bool // QR is the JWS
}

// ConsentCounts are small figures for a badge. Hidden people's are not counted.
type ConsentCounts struct {
	Asking  int // requests that wait for an answer
	Waiting int // consents that wait for a second yes of this user
	Live    int
	Unsent  int // answers and documents that are not at the relay yet
	Untold  int // taken back, and the receiver does not know
	Trouble int // logs that are not what was seen
	Seq     int // grows with every change of a consent or a log: a page that shows them asks again
}
