package inbox

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"potli/app/message"
	"potli/app/record"
)

// Item is one message that came, without its bodies: what a list shows. It is
// JSON-able. The message itself is in Arrival.Body, for the caller to keep sealed.
type Item struct {
	ID        string           `json:"id"`             // of the message
	Drop      string           `json:"drop,omitempty"` // the code; "" for a link
	Link      string           `json:"link,omitempty"` // of a link: its hash, as in record.Source
	Profile   record.ProfileID `json:"profile"`
	Type      message.Type     `json:"type"`
	From      message.Sender   `json:"from"`
	Signer    string           `json:"signer,omitempty"` // thumbprint of the key that signed, "" for none
	Written   time.Time        `json:"written"`          // by the sender's clock
	Arrived   time.Time        `json:"arrived"`          // at the relay, by its clock
	Came      time.Time        `json:"came"`             // here, by the later of this device's clock and the relay's
	Note      bool             `json:"note,omitempty"`   // there is a note to read
	Documents []Facts          `json:"documents,omitempty"`
	Verdict   State            `json:"verdict,omitempty"` // Accepted, Declined or ""
	Decided   time.Time        `json:"decided,omitzero"`
}

// Facts are what is known of a document without its bytes.
type Facts struct {
	Name   string        `json:"name,omitempty"`
	Format record.Format `json:"format,omitempty"` // what the bytes are
	Size   int64         `json:"size"`
	SHA256 string        `json:"sha256"`          // hex, as in record.Meta
	Fault  Fault         `json:"fault,omitempty"` // why it cannot be kept as it stands
}

// Fault is why one document cannot be kept, or not without a word. A page has a
// sentence for each.
type Fault string

const (
	FaultEmpty    Fault = "empty"
	FaultTooBig   Fault = "too-big"
	FaultDamaged  Fault = "damaged"
	FaultUnknown  Fault = "unknown"  // of a kind that is not kept here
	FaultKind     Fault = "kind"     // a backup, or a link
	FaultMismatch Fault = "mismatch" // of another kind than the sender says; may be kept as what it is
)

// Keepable says whether the document may become a record.
func (f Facts) Keepable() bool { return f.Fault == "" || f.Fault == FaultMismatch }

func faultOf(err error) Fault {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, record.ErrEmpty):
		return FaultEmpty
	case errors.Is(err, record.ErrTooBig):
		return FaultTooBig
	case errors.Is(err, record.ErrDamaged), errors.Is(err, record.ErrTooDeep):
		return FaultDamaged
	case errors.Is(err, message.ErrKind):
		return FaultKind
	case errors.Is(err, message.ErrMismatch):
		return FaultMismatch
	}
	return FaultUnknown
}

// State of an item.
type State string

const (
	Waiting  State = "waiting"
	Accepted State = "accepted"
	Declined State = "declined"
	Expired  State = "expired" // nobody decided in time
)

// State says how an item stands.
func (it *Item) State(now time.Time) State {
	switch {
	case it.Verdict != "":
		return it.Verdict
	case !now.Before(it.Came.Add(Undecided)):
		return Expired
	}
	return Waiting
}

// Ends is when the body of the item is erased; zero: it is not, as the documents
// of an accepted one are records, and its signature proves where from.
func (it *Item) Ends() time.Time {
	switch it.Verdict {
	case Accepted:
		return time.Time{}
	case Declined:
		return it.Decided.Add(Undo)
	}
	return it.Came.Add(Undecided)
}

// Size is that of all documents.
func (it *Item) Size() (n int64) {
	for _, d := range it.Documents {
		n += d.Size
	}
	return n
}

// weight is what a message counts against the documents of a code: a note alone
// counts as one.
func (it *Item) weight() int { return max(1, len(it.Documents)) }

var (
	// ErrDecided: the person has said yes to it, and the documents are records.
	ErrDecided = errors.New("decided already")
	// ErrOver: what was in it is gone.
	ErrOver = errors.New("no longer there")
)

// Accept notes that the person took the item in; the caller has made records of
// what is Keepable before. Errors: ErrDecided, ErrOver.
func (it *Item) Accept(now time.Time) error { return it.decide(Accepted, now) }

// Decline notes that the person does not want it. Its body stays for Undo, and
// Accept takes it back until then. Errors: ErrDecided, ErrOver.
func (it *Item) Decline(now time.Time) error { return it.decide(Declined, now) }

// Restore takes Decline back. A new decision has at least Undo of time. Errors:
// ErrDecided (it was not declined), ErrOver.
func (it *Item) Restore(now time.Time) error {
	switch {
	case it.Verdict != Declined:
		return ErrDecided
	case !now.Before(it.Ends()):
		return ErrOver
	}
	it.Verdict, it.Decided = "", time.Time{}
	if least := now.Add(Undo - Undecided); it.Came.Before(least) {
		it.Came = least
	}
	return nil
}

func (it *Item) decide(s State, now time.Time) error {
	if it.Verdict == Accepted || it.Verdict == s {
		return ErrDecided
	}
	if !now.Before(it.Ends()) {
		return ErrOver
	}
	it.Verdict, it.Decided = s, now
	return nil
}

// itemOf is the item of a message.
func itemOf(d *Drop, l Letter, m *message.Message, now time.Time) *Item {
	it := &Item{
		ID: m.ID, Drop: d.ID, Profile: d.Profile, Type: m.Type, From: m.From, Signer: m.Signer,
		Written: m.At, Arrived: l.Time, Came: now, Note: m.Text != "",
	}
	for _, doc := range m.Documents {
		sum := sha256.Sum256(doc.Body)
		it.Documents = append(it.Documents, Facts{
			Name: doc.Name, Format: doc.Format, Size: int64(len(doc.Body)), SHA256: hex.EncodeToString(sum[:]), Fault: faultOf(doc.Fault),
		})
	}
	return it
}
