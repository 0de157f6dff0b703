package wallet

import (
	"errors"
	"time"

	"potli/app/fhir"
	"potli/app/inbox"
	"potli/app/record"
)

// Errors of the inbox.
var (
	// ErrNoInbox: this wallet has no relay at which anything could arrive.
	ErrNoInbox = errors.New("nothing can be received here")
	// ErrNoDrop: there is no such code.
	ErrNoDrop = errors.New("no such code")
	// ErrDropOver: the code has ended.
	ErrDropOver = errors.New("the code has ended")
	// ErrManyDrops: as many codes are open as may be.
	ErrManyDrops = errors.New("too many codes are open")
	// ErrNoItem: there is nothing of this name in the inbox.
	ErrNoItem = errors.New("no such item in the inbox")
	// ErrNoPin: no such key is known.
	ErrNoPin = errors.New("no such key")
	// ErrManyPins: as many keys are known as may be.
	ErrManyPins = errors.New("too many keys are known")
	// ErrNoPush: the browser, or the relay, tells of nothing while the page is closed.
	ErrNoPush = errors.New("nothing tells of arrivals while the page is closed")
	// ErrPushDenied: the person, or the browser, does not allow it.
	ErrPushDenied = errors.New("the browser does not allow notices")
)

// InboxState is what there is to show of codes and of what came. It is never changed
// after it was published. What belongs to hidden people is not in it.
type InboxState struct {
	Drops []DropInfo // the newest first; those that ended stay as long as anything came of them
	Items []ItemInfo // the newest first
	// Unread counts the items that wait for a decision, requests among them.
	Unread  int
	Refused int // letters, of all codes shown
	// Notify says whether this device is told while the page is closed.
	Notify Notify
}

// Drop returns a code, or false.
func (s *InboxState) Drop(id string) (DropInfo, bool) {
	if s != nil {
		for _, d := range s.Drops {
			if d.ID == id {
				return d, true
			}
		}
	}
	return DropInfo{}, false
}

// Item returns an item, or false.
func (s *InboxState) Item(id string) (ItemInfo, bool) {
	if s != nil {
		for _, it := range s.Items {
			if it.ID == id {
				return it, true
			}
		}
	}
	return ItemInfo{}, false
}

// Notify is how it stands with notices while the page is closed.
type Notify string

const (
	NotifyNone   Notify = "none" // the browser or the relay has no such thing
	NotifyOff    Notify = "off"
	NotifyOn     Notify = "on"
	NotifyDenied Notify = "denied" // by the person, in the browser's own settings
)

// DropOffer is what a person allows under a code.
type DropOffer struct {
	Person record.ProfileID
	Name   string        // as the sender is to see it
	Life   time.Duration // inbox.MinLife..MaxLife
	Most   int           // documents, 1..inbox.MaxMost
	Bytes  int64         // of them together, 1..inbox.MaxBytes
	System bool          // for a program; otherwise for a page in a browser
}

// DropInfo is a code as the person sees it.
type DropInfo struct {
	ID      string
	Person  record.ProfileID
	Name    string
	State   inbox.DropState
	Made    time.Time
	Expires time.Time // by this device's clock
	Most    int
	Bytes   int64
	System  bool
	Came    int // items that came, decided or not
	Files   int // documents in them
	Waiting int // of the items: those that want a decision
	// Waits are letters that stay at the relay until there is room: "and 980 more".
	Waits   int64
	Refused map[inbox.Reason]int // letters; not to be changed
	Since   time.Time            // when the last was refused
	// Pending says that the relay does not know yet that the code has ended, or lives longer.
	Pending bool
	// Lost says that the relay has lost the mailbox: the code leads nowhere.
	Lost bool
	// Checked is when the relay was last asked; zero: never.
	Checked time.Time
}

// ItemInfo is one thing that came, without its bodies.
type ItemInfo struct {
	inbox.Item
	State inbox.State
	Trust inbox.Trust
	// How the key of Trust became known; "" for TrustNew and TrustUnsigned.
	How inbox.How
	// Known is the name of the provider whose key signed it, or whose name it bears.
	Known string
	Ends  time.Time    // when what is in it is erased; zero: it is not
	Same  []inbox.Same // of each document that wants a decision: where its bytes are already
	Asks  bool         // for records: see Asked
	// Into are the records with the bytes of each document, once it is accepted; "" where
	// there is none.
	Into []record.ID
}

// Letter is what is in an item, opened to be looked at. Nothing of it is a record.
type Letter struct {
	Item      ItemInfo
	Text      string // a note
	Documents []LetterDocument
}

// LetterDocument is one document of a letter: what a list shows of it.
type LetterDocument struct {
	inbox.Facts
	Title string // "": use Name, or Kind
	Kind  fhir.Kind
	Date  string // FHIR date, "" unknown
	// Subject is whom it says it is about, where that is surely not the person of the code.
	Subject *fhir.Person
	Read    bool // LetterDocument opens it; otherwise LetterFile has what can be shown
}
